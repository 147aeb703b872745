//! From marshalled bytes to code objects in one pass, for what CPython writes from 3.11 on.
//!
//! Invariants: gives up (`None`) on anything unusual, which the way over marshal's `Value` then refuses or reads;
//! what it reads is what that way reads. What the file shares is shared; bytecode and tables lie in the one copy of
//! the file. A code object's parts never wait on a stack: each goes straight to its field.

use alloc::sync::Arc;
use alloc::vec::Vec;

use pyco_marshal::{
    CodeInts, Container, Error, Head, Int, Leaf, ReadOptions, Str, StrEncoding, Visitor, walk,
};

use crate::code_object::{CodeObject, Fields};
use crate::constant::Constant;
use crate::flags::CodeFlags;
use crate::localsplus::LocalKind;
use crate::version::Version;
use pyco_marshal::Bytes;

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
        constants: Vec::new(),
        strs: Vec::new(),
        // About one object in a hundred bytes of what CPython writes is flagged.
        refs: Vec::with_capacity(bytes.len() / 64),
        root: None,
        is_unusual: false,
    };
    walk(bytes, &options, &mut loader).ok()?;
    loader.root.filter(|_| !loader.is_unusual)
}

/// An object that is complete.
#[derive(Clone)]
enum Object {
    Constant(Constant),
    Bytes(Bytes),
    Names(Arc<[Str]>),
    /// Being read.
    Open,
}

/// What the next object is part of.
enum Open {
    /// The code object on top of `codes`.
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
struct Partial {
    ints: CodeInts,
    position: u32,
    /// Which field is next.
    field: u8,
    firstlineno: i32,
    consts: Arc<[Constant]>,
    names: [Arc<[Str]>; 2],
    bytes: [Bytes; 4],
    strs: [Option<Str>; 3],
}

struct Loader<'a> {
    version: Version,
    base_offset: u64,
    input: &'a [u8],
    origin: Bytes,
    open: Vec<Open>,
    codes: Vec<Partial>,
    constants: Vec<Constant>,
    strs: Vec<Str>,
    refs: Vec<Object>,
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
                let text = match encoding {
                    StrEncoding::Latin1 => Str::from_latin1(bytes),
                    // The walk has checked the bytes.
                    StrEncoding::Utf8 => Str::from_surrogatepass(bytes).unwrap_or_default(),
                };
                let text = text.with_interned(is_interned);
                if head.is_flagged() {
                    let known = Constant::Str(text.clone());
                    self.refs.push(Object::Constant(known));
                }
                self.put_str(text);
                return Ok(());
            }
            Leaf::Bytes(bytes) => {
                let object = self.bytes(bytes);
                if head.is_flagged() {
                    self.refs.push(object.clone());
                }
                self.put(object);
                return Ok(());
            }
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
            self.refs.push(Object::Constant(constant.clone()));
        }
        self.constant(constant)
    }

    fn start(&mut self, head: Head, container: Container) -> Result<(), Error> {
        let slot = head.is_flagged().then_some(self.refs.len());
        if slot.is_some() {
            self.refs.push(Object::Open);
        }
        let open = match container {
            Container::Code(_, ints) => {
                self.codes.push(Partial::new(ints, head.position));
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
        if let Some(code) = self.codes.last_mut() {
            code.firstlineno = line;
        }
        Ok(())
    }

    fn end(&mut self, _: u32) -> Result<(), Error> {
        let (slot, object) = match self.open.pop() {
            Some(Open::Code { slot }) => match self.finish() {
                Some(code) => (slot, Object::Constant(Constant::Code(code))),
                None => return self.unusual(),
            },
            Some(Open::Names { slot, below }) => {
                let below = below.min(self.strs.len());
                (slot, Object::Names(self.strs.drain(below..).collect()))
            }
            Some(Open::Items {
                container,
                slot,
                below,
            }) => match self.container(container, below) {
                Some(constant) => (slot, Object::Constant(constant)),
                None => return self.unusual(),
            },
            None => return self.unusual(),
        };
        if let Some(known) = slot.and_then(|slot| self.refs.get_mut(slot)) {
            *known = object.clone();
        }
        self.put(object);
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
            Some(Open::Items { .. }) => self.constants.push(constant),
            _ => self.put(Object::Constant(constant)),
        }
        Ok(())
    }

    /// Whether a tuple that starts now is one of names.
    fn is_before_names(&self) -> bool {
        matches!(self.open.last(), Some(Open::Code { .. }))
            && self.codes.last().is_some_and(|code| {
                matches!(FIELDS.get(usize::from(code.field)), Some(Field::Names(_)))
            })
    }

    /// Bytes in the input: a part of the one copy for a field, an object of their own for a constant.
    #[inline]
    fn bytes(&self, bytes: &[u8]) -> Object {
        if matches!(self.open.last(), Some(Open::Code { .. })) {
            // The walk hands out parts of the input.
            let start = bytes
                .as_ptr()
                .addr()
                .wrapping_sub(self.input.as_ptr().addr());
            let end = start.wrapping_add(bytes.len());
            Object::Bytes(self.origin.slice(start..end))
        } else {
            Object::Constant(Constant::Bytes(bytes.into()))
        }
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
        let is_field = matches!(self.open.last(), Some(Open::Code { .. }));
        let object = match object {
            Object::Bytes(_) | Object::Names(_) if !is_field => {
                let object = Object::Constant(constant_of(object));
                // From now on it is shared as a constant.
                self.refs[index] = object.clone();
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
            Some(Open::Names { .. }) => self.strs.push(text),
            Some(Open::Items { .. }) => self.constants.push(Constant::Str(text)),
            _ => self.put(Object::Constant(Constant::Str(text))),
        }
    }

    /// Hands an object to what it is part of.
    fn put(&mut self, object: Object) {
        match (self.open.last(), object) {
            (Some(Open::Items { .. }), Object::Constant(constant)) => self.constants.push(constant),
            (Some(Open::Items { .. }), other) => self.constants.push(constant_of(other)),
            (Some(Open::Names { .. }), Object::Constant(Constant::Str(name))) => {
                self.strs.push(name);
            }
            (Some(Open::Code { .. }), object) => {
                let is_usual = self.codes.last_mut().is_some_and(|code| code.put(object));
                self.is_unusual |= !is_usual;
            }
            (None, Object::Constant(Constant::Code(code))) => self.root = Some(code),
            _ => self.is_unusual = true,
        }
    }

    /// A container of the constants from `below` on.
    fn container(&mut self, container: Container, below: usize) -> Option<Constant> {
        let below = below.min(self.constants.len());
        let mut parts = self.constants.drain(below..);
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

    /// The code object on top, whose fields are all there.
    fn finish(&mut self) -> Option<CodeObject> {
        let code = self.codes.pop()?;
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
        let [filename, name, qualname] = code.strs;
        let [names, localsplusnames] = code.names;
        let [bytecode, localspluskinds, linetable, exceptiontable] = code.bytes;
        let is_local = |kind: &&u8| **kind & LocalKind::LOCAL.bits() != 0;
        let is_outermost = self.codes.is_empty();
        let fields = Fields {
            version: self.version,
            argcount: ints.argcount as u32,
            posonlyargcount: ints.posonlyargcount as u32,
            kwonlyargcount: ints.kwonlyargcount as u32,
            nlocals: localspluskinds.iter().filter(is_local).count() as u32,
            stacksize: ints.stacksize as u32,
            flags: CodeFlags::from_bits_retain(ints.flags as u32),
            code: bytecode,
            consts: code.consts,
            names,
            localsplusnames,
            localspluskinds,
            filename: filename?,
            name: name?,
            qualname: qualname?,
            firstlineno: code.firstlineno,
            linetable,
            exceptiontable,
            file_offset: Some(self.base_offset + u64::from(code.position)),
            origin: is_outermost.then(|| self.origin.clone()),
        };
        fields.check().ok()?;
        Some(CodeObject::from_fields(fields))
    }
}

impl Partial {
    fn new(ints: CodeInts, position: u32) -> Self {
        Partial {
            ints,
            position,
            field: 0,
            firstlineno: 0,
            consts: Arc::default(),
            names: Default::default(),
            bytes: Default::default(),
            strs: [None, None, None],
        }
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
            (Field::Consts, Object::Constant(Constant::Tuple(items))) => self.consts = items,
            (Field::Consts, names @ Object::Names(_)) => match constant_of(names) {
                Constant::Tuple(items) => self.consts = items,
                _ => return false,
            },
            (Field::Names(at), Object::Names(names)) => self.names[*at] = names,
            (Field::Names(at), Object::Constant(Constant::Tuple(items))) => {
                match names_of(&items) {
                    Some(names) => self.names[*at] = names,
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
