//! From marshalled bytes to code objects in one pass, for what CPython writes from 3.11 on.
//!
//! Invariants: gives up (`None`) on anything unusual, which the way over marshal's `Value` then refuses or reads;
//! what it reads is what that way reads. What the file shares is shared; bytecode and tables lie in the one copy of
//! the file. A code object's parts never wait on a stack: each goes straight to its field.

use alloc::sync::Arc;
use alloc::vec::Vec;
use core::mem;

use pyco_marshal::stack::Stack;
use pyco_marshal::{
    Bytes, CodeInts, Container, Error, Head, Int, Leaf, ReadOptions, Str, StrEncoding, Visitor,
    walk,
};

use crate::code_object::{CodeObject, Fields};
use crate::constant::Constant;
use crate::flags::CodeFlags;
use crate::localsplus::LocalKind;
use crate::version::Version;

/// The code object of `bytes`, which start at `file_offset` of their file.
pub(super) fn load(version: Version, bytes: &[u8], file_offset: usize) -> Option<CodeObject> {
    let options = ReadOptions::new(version.into()).with_base_offset(file_offset);
    let mut loader = Loader {
        version,
        base_offset: file_offset as u64,
        input: bytes,
        origin: bytes.into(),
        open: Vec::new(),
        codes: Vec::new(),
        code_count: 0,
        constants: Stack::with_capacity(16),
        strs: Stack::with_capacity(16),
        // About one object in a hundred bytes of what CPython writes is flagged.
        refs: Stack::with_capacity((bytes.len() / 128).min(4096)),
        root: None,
        is_unusual: false,
    };
    walk(bytes, &options, &mut loader).ok()?;
    loader.root.filter(|_| !loader.is_unusual)
}

/// An object that is complete.
#[derive(Clone, Default)]
enum Object {
    Constant(Constant),
    Bytes(Bytes),
    Names(Arc<[Str]>),
    /// Being read.
    #[default]
    Open,
}

/// What the next object is part of.
enum Open {
    /// The innermost code object.
    Code { slot: Option<usize> },
    /// A tuple of names: those in `strs` from `below` on.
    Names { slot: Option<usize>, below: usize },
    /// A constant with parts: those in `constants` from `below` on.
    Items {
        container: Container,
        slot: Option<usize>,
        below: usize,
    },
}

/// A code object that is being read.
#[derive(Default)]
struct Partial {
    ints: CodeInts,
    position: u32,
    /// Which field is next.
    field: u8,
    firstlineno: i32,
    consts: Option<Arc<[Constant]>>,
    names: [Option<Arc<[Str]>>; 2],
    bytes: [Bytes; 4],
    strs: [Option<Str>; 3],
}

struct Loader<'a> {
    version: Version,
    base_offset: u64,
    input: &'a [u8],
    origin: Bytes,
    open: Vec<Open>,
    /// Code objects that are being read, and after them those that were, to be used again.
    codes: Vec<Partial>,
    code_count: usize,
    constants: Stack<Constant>,
    strs: Stack<Str>,
    refs: Stack<Object>,
    root: Option<CodeObject>,
    is_unusual: bool,
}

/// Where a field of a code object goes, by its place in the file.
enum Field {
    Bytes(usize),
    Consts,
    Names(usize),
    Str(usize),
}

const FIELDS: [Field; 10] = [
    Field::Bytes(0),
    Field::Consts,
    Field::Names(0),
    Field::Names(1),
    Field::Bytes(1),
    Field::Str(0),
    Field::Str(1),
    Field::Str(2),
    Field::Bytes(2),
    Field::Bytes(3),
];

impl<'a> Visitor<'a> for Loader<'a> {
    const BYTES_PER_NODE: u64 = 128;

    // Inlined into each arm of the walk, which then needs no second look at what was read.
    #[inline(always)]
    fn leaf(&mut self, head: Head, leaf: Leaf<'a>) -> Result<(), Error> {
        let constant = match leaf {
            // A dict looks at the parity of its parts.
            Leaf::Null => return Ok(()),
            Leaf::Ref { index, .. } => {
                self.reference(index as usize);
                return Ok(());
            }
            Leaf::Str {
                bytes,
                encoding,
                is_interned,
            } => {
                let window = self.window(bytes);
                let text = match Str::from_window(window, bytes.len(), is_interned) {
                    Some(text) => text,
                    None => self.text(bytes, encoding, is_interned),
                };
                if head.is_flagged() {
                    self.refs
                        .push_with(|| Object::Constant(Constant::Str(text.clone())));
                }
                self.put_str(text);
                return Ok(());
            }
            Leaf::Bytes(bytes) if self.is_in_code() => {
                let bytes = self.part(bytes);
                if head.is_flagged() {
                    self.refs.push_with(|| Object::Bytes(bytes.clone()));
                }
                self.put_bytes(bytes);
                return Ok(());
            }
            // A constant is an object of its own, not a part of the file.
            Leaf::Bytes(bytes) => Constant::Bytes(bytes.into()),
            Leaf::None => return self.constant(Constant::None),
            Leaf::Bool(truth) => return self.constant(Constant::Bool(truth)),
            Leaf::StopIteration => return self.constant(Constant::StopIteration),
            Leaf::Ellipsis => return self.constant(Constant::Ellipsis),
            Leaf::Int(number) => Constant::Int(i64::from(number).into()),
            Leaf::Int64(number) => Constant::Int(number.into()),
            Leaf::Long(long) => Constant::Int(Int::from_digits(long.is_negative, long.digits())),
            Leaf::Float(number) => Constant::Float(number),
            Leaf::Complex(real, imaginary) => Constant::Complex(real, imaginary),
            _ => return self.unusual(),
        };
        if head.is_flagged() {
            self.refs.push_with(|| Object::Constant(constant.clone()));
        }
        self.constant(constant)
    }

    fn start(&mut self, head: Head, container: Container) -> Result<(), Error> {
        let slot = head.is_flagged().then_some(self.refs.len());
        if slot.is_some() {
            self.refs.push_with(|| Object::Open);
        }
        let open = match container {
            Container::Code(_, ints) => {
                self.begin(ints, head.position);
                Open::Code { slot }
            }
            Container::Tuple(_) if self.is_before_names() => Open::Names {
                slot,
                below: self.strs.len(),
            },
            container => Open::Items {
                container,
                slot,
                below: self.constants.len(),
            },
        };
        self.open.push(open);
        Ok(())
    }

    fn firstlineno(&mut self, _: Head, line: i32) -> Result<(), Error> {
        if let Some(code) = self.code() {
            code.firstlineno = line;
        }
        Ok(())
    }

    fn end(&mut self, _: u32) -> Result<(), Error> {
        // Closed in each arm, so that what is put away is known there.
        match self.open.pop() {
            Some(Open::Code { slot }) => match self.finish() {
                Some(code) => {
                    if let Some(known) = self.known(slot) {
                        *known = Object::Constant(Constant::Code(code.clone()));
                    }
                    return self.constant(Constant::Code(code));
                }
                None => return self.unusual(),
            },
            Some(Open::Names { slot, below }) => {
                let names: Arc<[Str]> = self.strs.pop_to(below).iter_mut().map(mem::take).collect();
                if let Some(known) = self.known(slot) {
                    *known = Object::Names(names.clone());
                }
                // Names are read nowhere else.
                let is_usual = self.code().is_some_and(|code| code.put_names(names));
                self.is_unusual |= !is_usual;
            }
            Some(Open::Items {
                container: Container::Tuple(_),
                slot,
                below,
            }) => {
                let items: Arc<[Constant]> = self.parts(below).collect();
                if let Some(known) = self.known(slot) {
                    *known = Object::Constant(Constant::Tuple(items.clone()));
                }
                match self.open.last() {
                    Some(Open::Items { .. }) => {
                        self.constants.push_with(|| Constant::Tuple(items));
                    }
                    _ => self.put_tuple(items),
                }
            }
            Some(Open::Items {
                container,
                slot,
                below,
            }) => match self.other_container(container, below) {
                Some(constant) => {
                    if let Some(known) = self.known(slot) {
                        *known = Object::Constant(constant.clone());
                    }
                    return self.constant(constant);
                }
                None => return self.unusual(),
            },
            None => return self.unusual(),
        }
        Ok(())
    }
}

impl Loader<'_> {
    #[cold]
    fn unusual(&mut self) -> Result<(), Error> {
        self.is_unusual = true;
        Ok(())
    }

    /// Hands a constant to what it is part of.
    #[inline]
    fn constant(&mut self, constant: Constant) -> Result<(), Error> {
        match self.open.last() {
            Some(Open::Items { .. }) => self.constants.push_with(|| constant),
            _ => self.put(Object::Constant(constant)),
        }
        Ok(())
    }

    /// The place in the reference table of a container that is complete, if it has one.
    #[inline(always)]
    fn known(&mut self, slot: Option<usize>) -> Option<&mut Object> {
        slot.and_then(|slot| self.refs.get_mut(slot))
    }

    /// Hands a tuple to the innermost code object, whose constants most are.
    #[inline]
    fn put_tuple(&mut self, items: Arc<[Constant]>) {
        if self.is_in_code()
            && let Some(code) = self.code()
            && matches!(FIELDS.get(usize::from(code.field)), Some(Field::Consts))
        {
            code.field += 1;
            code.consts = Some(items);
            return;
        }
        self.put(Object::Constant(Constant::Tuple(items)));
    }

    #[inline]
    fn is_in_code(&self) -> bool {
        matches!(self.open.last(), Some(Open::Code { .. }))
    }

    /// The innermost code object.
    #[inline]
    fn code(&mut self) -> Option<&mut Partial> {
        self.codes.get_mut(self.code_count.wrapping_sub(1))
    }

    fn begin(&mut self, ints: CodeInts, position: u32) {
        if self.codes.len() == self.code_count {
            self.codes.push(Partial::default());
        }
        self.code_count += 1;
        if let Some(code) = self.code() {
            code.ints = ints;
            code.position = position;
            code.field = 0;
        }
    }

    /// Whether a tuple that starts now is one of names.
    fn is_before_names(&mut self) -> bool {
        self.is_in_code()
            && self.code().is_some_and(|code| {
                matches!(FIELDS.get(usize::from(code.field)), Some(Field::Names(_)))
            })
    }

    /// A part of the input as a part of the one copy of it.
    #[inline]
    fn part(&self, bytes: &[u8]) -> Bytes {
        // The walk hands out parts of the input.
        let start = bytes
            .as_ptr()
            .addr()
            .wrapping_sub(self.input.as_ptr().addr());
        self.origin.slice(start..start.wrapping_add(bytes.len()))
    }

    /// Sixteen bytes of the input from where `bytes`, a part of it, begins, if there are so many.
    #[inline]
    fn window(&self, bytes: &[u8]) -> Option<&[u8; 16]> {
        let start = bytes.as_ptr().addr() - self.input.as_ptr().addr();
        self.input.get(start..)?.first_chunk()
    }

    /// A text of any length and encoding.
    #[inline(never)]
    fn text(&self, bytes: &[u8], encoding: StrEncoding, is_interned: bool) -> Str {
        let text = match encoding {
            StrEncoding::Latin1 if bytes.len() < 16 => Str::from_latin1(bytes),
            // The walk has checked the bytes.
            _ => Str::from_shared(self.part(bytes), encoding).unwrap_or_default(),
        };
        text.with_interned(is_interned)
    }

    #[inline(always)]
    fn reference(&mut self, index: usize) {
        match self.refs.get(index) {
            // By far the most are names.
            Some(Object::Constant(Constant::Str(text))) => {
                let text = text.clone();
                self.put_str(text);
            }
            Some(Object::Open) | None => self.is_unusual = true,
            Some(object) => {
                let object = object.clone();
                self.refer(index, object);
            }
        }
    }

    /// Puts what the reference table holds at `index`.
    fn refer(&mut self, index: usize, object: Object) {
        let object = match object {
            Object::Bytes(_) | Object::Names(_) if !self.is_in_code() => {
                let object = Object::Constant(constant_of(object));
                // From now on it is shared as a constant.
                if let Some(known) = self.refs.get_mut(index) {
                    *known = object.clone();
                }
                object
            }
            object => object,
        };
        self.put(object);
    }

    /// Hands a str to what it is part of.
    #[inline(always)]
    fn put_str(&mut self, text: Str) {
        match self.open.last() {
            Some(Open::Names { .. }) => self.strs.push_with(|| text),
            Some(Open::Items { .. }) => self.constants.push_with(|| Constant::Str(text)),
            Some(Open::Code { .. }) => {
                let is_usual = self.code().is_some_and(|code| code.put_str(text));
                self.is_unusual |= !is_usual;
            }
            None => self.is_unusual = true,
        }
    }

    /// Hands bytes to the innermost code object.
    #[inline(always)]
    fn put_bytes(&mut self, bytes: Bytes) {
        let is_usual = self.code().is_some_and(|code| code.put_bytes(bytes));
        self.is_unusual |= !is_usual;
    }

    /// Hands an object to what it is part of.
    #[inline]
    fn put(&mut self, object: Object) {
        match (self.open.last(), object) {
            (Some(Open::Items { .. }), Object::Constant(constant)) => {
                self.constants.push_with(|| constant);
            }
            (Some(Open::Items { .. }), other) => self.constants.push_with(|| constant_of(other)),
            (Some(Open::Names { .. }), Object::Constant(Constant::Str(name))) => {
                self.strs.push_with(|| name);
            }
            (Some(Open::Code { .. }), object) => {
                let is_usual = self.code().is_some_and(|code| code.put(object));
                self.is_unusual |= !is_usual;
            }
            (None, Object::Constant(Constant::Code(code))) => self.root = Some(code),
            _ => self.is_unusual = true,
        }
    }

    fn parts(&mut self, below: usize) -> impl ExactSizeIterator<Item = Constant> + '_ {
        self.constants.pop_to(below).iter_mut().map(mem::take)
    }

    /// A container other than a tuple of the constants from `below` on.
    #[inline(never)]
    fn other_container(&mut self, container: Container, below: usize) -> Option<Constant> {
        let mut parts = self.parts(below);
        Some(match container {
            Container::Tuple(_) => Constant::Tuple(parts.collect()),
            Container::List(_) => Constant::List(parts.collect()),
            Container::Set(_) => Constant::Set(parts.collect()),
            Container::FrozenSet(_) => Constant::FrozenSet(parts.collect()),
            Container::Slice => {
                Constant::Slice(Arc::new([parts.next()?, parts.next()?, parts.next()?]))
            }
            // Dicts are left to the other way: no compiler writes them.
            _ => return None,
        })
    }

    /// The innermost code object, whose fields are all there.
    fn finish(&mut self) -> Option<CodeObject> {
        let is_outermost = self.code_count == 1;
        let (version, base_offset) = (self.version, self.base_offset);
        let origin = is_outermost.then(|| self.origin.clone());
        let code = self.code()?;
        let ints = code.ints;
        let counts = [
            ints.argcount,
            ints.posonlyargcount,
            ints.kwonlyargcount,
            ints.stacksize,
            ints.flags,
        ];
        if counts.iter().any(|count| *count < 0) || usize::from(code.field) != FIELDS.len() {
            return None;
        }
        let [filename, name, qualname] = &mut code.strs;
        let [names, localsplusnames] = &mut code.names;
        let [bytecode, localspluskinds, linetable, exceptiontable] = &mut code.bytes;
        let is_local = |kind: &&u8| **kind & LocalKind::LOCAL.bits() != 0;
        let fields = Fields {
            version,
            argcount: ints.argcount as u32,
            posonlyargcount: ints.posonlyargcount as u32,
            kwonlyargcount: ints.kwonlyargcount as u32,
            nlocals: localspluskinds.iter().filter(is_local).count() as u32,
            stacksize: ints.stacksize as u32,
            flags: CodeFlags::from_bits_retain(ints.flags as u32),
            code: mem::take(bytecode),
            consts: code.consts.take()?,
            names: names.take()?,
            localsplusnames: localsplusnames.take()?,
            localspluskinds: mem::take(localspluskinds),
            filename: filename.take()?,
            name: name.take()?,
            qualname: qualname.take()?,
            firstlineno: code.firstlineno,
            linetable: mem::take(linetable),
            exceptiontable: mem::take(exceptiontable),
            file_offset: Some(base_offset + u64::from(code.position)),
            origin,
        };
        self.code_count -= 1;
        fields.check().ok()?;
        Some(CodeObject::from_fields(fields))
    }
}

impl Partial {
    /// The next field is `bytes`; false if it has another type.
    #[inline]
    fn put_bytes(&mut self, bytes: Bytes) -> bool {
        let Some(Field::Bytes(at)) = FIELDS.get(usize::from(self.field)) else {
            return false;
        };
        self.field += 1;
        self.bytes[*at] = bytes;
        true
    }

    /// The next field is `text`; false if it has another type.
    #[inline]
    fn put_str(&mut self, text: Str) -> bool {
        let Some(Field::Str(at)) = FIELDS.get(usize::from(self.field)) else {
            return false;
        };
        self.field += 1;
        self.strs[*at] = Some(text);
        true
    }

    /// The next field is `names`; false if it has another type.
    #[inline]
    fn put_names(&mut self, names: Arc<[Str]>) -> bool {
        let Some(Field::Names(at)) = FIELDS.get(usize::from(self.field)) else {
            return false;
        };
        self.field += 1;
        self.names[*at] = Some(names);
        true
    }

    /// The next field is `object`; false if it has the wrong type.
    #[inline]
    fn put(&mut self, object: Object) -> bool {
        let Some(field) = FIELDS.get(usize::from(self.field)) else {
            return false;
        };
        self.field += 1;
        match (field, object) {
            (Field::Bytes(at), Object::Bytes(bytes)) => self.bytes[*at] = bytes,
            (Field::Bytes(at), Object::Constant(Constant::Bytes(bytes))) => {
                self.bytes[*at] = bytes;
            }
            (Field::Consts, Object::Constant(Constant::Tuple(items))) => self.consts = Some(items),
            (Field::Consts, names @ Object::Names(_)) => match constant_of(names) {
                Constant::Tuple(items) => self.consts = Some(items),
                _ => return false,
            },
            (Field::Names(at), Object::Names(names)) => self.names[*at] = Some(names),
            (Field::Names(at), Object::Constant(Constant::Tuple(items))) => {
                match names_of(&items) {
                    Some(names) => self.names[*at] = Some(names),
                    None => return false,
                }
            }
            (Field::Str(at), Object::Constant(Constant::Str(text))) => self.strs[*at] = Some(text),
            _ => return false,
        }
        true
    }
}

/// A field's value as a constant.
#[cold]
fn constant_of(object: Object) -> Constant {
    match object {
        Object::Constant(constant) => constant,
        Object::Bytes(bytes) => Constant::Bytes(bytes),
        Object::Names(names) => Constant::Tuple(names.iter().cloned().map(Constant::Str).collect()),
        Object::Open => Constant::None,
    }
}

/// A constant as a tuple of names.
#[cold]
fn names_of(items: &[Constant]) -> Option<Arc<[Str]>> {
    let name = |item: &Constant| match item {
        Constant::Str(name) => Some(name.clone()),
        _ => None,
    };
    items.iter().map(name).collect()
}
