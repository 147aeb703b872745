//! From marshalled bytes to an owned `Value`, in one pass.
//!
//! Values that wait for their container lie on one stack, each with the offset of the object that
//! it came from; a container takes its parts off the top when it ends. Memory is at most 128 bytes
//! for each object in the input plus twice the input, and what was built so far is dropped on error.

use alloc::sync::Arc;
use alloc::vec::Vec;
use core::{iter, mem};

use hashbrown::HashMap;

use crate::address::Address;
use crate::stack::Stack;
use crate::visitor::{CodeInts, Container, Head, Leaf, Visitor};
use crate::{
    Bytes, CodeLayout, CodeOffsets, Error, ErrorKind, Int, Items, Locals, Pairs, RawCode,
    ReadOptions, Slice, Str, Value, walk,
};

impl Value {
    /// Reads one object as the newest known Python writes it. Bytes after it are ignored, as
    /// CPython does.
    ///
    /// # Errors
    /// See [`Value::from_marshal_with`].
    pub fn from_marshal(input: &[u8]) -> Result<Self, Error> {
        Self::from_marshal_with(input, &ReadOptions::default())
    }

    /// Reads one object.
    ///
    /// # Errors
    /// Bytes that CPython refuses; limits exceeded; an object that contains itself, which only a
    /// [`Document`](crate::Document) can hold; fields of a code object that are not of the type that CPython demands.
    pub fn from_marshal_with(input: &[u8], options: &ReadOptions) -> Result<Self, Error> {
        Self::read(input, None, options)
    }

    /// As [`Value::from_marshal_with`], without a copy: the value shares `input`.
    ///
    /// # Errors
    /// See [`Value::from_marshal_with`].
    pub fn from_shared(input: &Bytes, options: &ReadOptions) -> Result<Self, Error> {
        let owner = Owner {
            bytes: input.clone(),
            start: 0,
        };
        Self::read(input, Some(owner), options)
    }

    fn read(input: &[u8], owner: Option<Owner>, options: &ReadOptions) -> Result<Self, Error> {
        let mut builder = Builder {
            input,
            owner,
            base_offset: options.base_offset as u64,
            values: Stack::with_capacity(input.len().min(64)),
            open: Vec::new(),
            // About one object in a hundred bytes of what CPython writes is flagged.
            refs: Stack::with_capacity((input.len() / 128).min(4096)),
            firstlineno: 0,
            is_python2: options.layout == Some(CodeLayout::Python2),
            names: Names::default(),
        };
        walk(input, options, &mut builder)?;
        // A walk that ends well reports exactly one object that is in no other.
        let root = builder.values.pop_to(0).first_mut();
        root.map(|placed| mem::take(&mut placed.value))
            .ok_or(Error::new(ErrorKind::ExpectedObject, options.base_offset))
    }
}

/// An open container.
struct Open {
    container: Container,
    position: u32,
    /// Values on the stack below its parts.
    below: usize,
    /// Its entry in the reference table.
    ref_slot: Option<usize>,
    /// Of the code object around it, while this one is read.
    firstlineno: i32,
}

/// A value that waits for its container, and the position of the object that it is.
#[derive(Default)]
struct Placed {
    value: Value,
    position: u32,
}

/// An entry of the reference table; no value while the object is being built.
#[derive(Default)]
struct Known {
    value: Option<Value>,
    position: u32,
}

/// A shared copy of a part of the input.
struct Owner {
    bytes: Bytes,
    /// Where in the input it begins.
    start: usize,
}

/// The least that is copied at once; after that, twice what was read so far. So what follows the
/// object, which may be much more, costs nothing.
const COPIED_AT_ONCE: usize = 1 << 14;

struct Builder<'a> {
    input: &'a [u8],
    owner: Option<Owner>,
    base_offset: u64,
    values: Stack<Placed>,
    open: Vec<Open>,
    refs: Stack<Known>,
    firstlineno: i32,
    is_python2: bool,
    /// Names that were looked through before, and what they became in Python 2. They may be long
    /// and recur in every code object, yet reading must stay linear.
    names: Names,
}

#[derive(Default)]
struct Names {
    tuples: HashMap<Address, Items>,
    /// With what keeps the address its own.
    strs: HashMap<Address, (Bytes, Str)>,
}

impl<'a> Visitor<'a> for Builder<'a> {
    const BYTES_PER_NODE: u64 = 128;

    // The walk calls it with one kind of leaf at each place, of which only that kind's part remains.
    #[inline(always)]
    fn leaf(&mut self, head: Head, leaf: Leaf<'a>) -> Result<(), Error> {
        match leaf {
            Leaf::Null | Leaf::Ref { .. } => {}
            Leaf::None => self.push(head.position, || Value::None),
            Leaf::Str {
                bytes,
                is_interned: true,
                ..
            } if let Some(text) = Str::from_window(self.window(bytes), bytes.len(), true) => {
                if self.has_entry(head) {
                    self.remember(head.position, || Some(Value::Str(text.clone())));
                }
                self.push(head.position, || Value::Str(text));
            }
            Leaf::Int(number) => {
                let number = i64::from(number);
                if self.has_entry(head) {
                    self.remember(head.position, || Some(Value::from(number)));
                }
                self.push(head.position, || Value::from(number));
            }
            Leaf::Bytes(bytes) => {
                let bytes = self.part(bytes);
                if self.has_entry(head) {
                    self.remember(head.position, || Some(Value::Bytes(bytes.clone())));
                }
                self.push(head.position, || Value::Bytes(bytes));
            }
            _ => self.other_leaf(head, leaf),
        }
        if let Leaf::Ref { index, .. } = leaf {
            return self.reference(head, index);
        }
        Ok(())
    }

    fn start(&mut self, head: Head, container: Container) -> Result<(), Error> {
        let ref_slot = head.is_flagged().then_some(self.refs.len());
        if ref_slot.is_some() {
            self.remember(head.position, || None);
        }
        let below = self.values.len();
        let firstlineno = self.firstlineno;
        self.open.push(Open {
            container,
            position: head.position,
            below,
            ref_slot,
            firstlineno,
        });
        Ok(())
    }

    fn firstlineno(&mut self, _: Head, line: i32) -> Result<(), Error> {
        self.firstlineno = line;
        Ok(())
    }

    fn end(&mut self, _: u32) -> Result<(), Error> {
        let Some(open) = self.open.pop() else {
            return Ok(());
        };
        // Closed in each arm, so that what is put away is known there.
        match open.container {
            Container::Tuple(_) => {
                let items = self.parts(open.below).collect();
                self.close(&open, Value::Tuple(items));
            }
            Container::Code(layout, ints) => {
                let code = self.code(layout, ints, &open)?;
                self.close(&open, Value::Code(code));
            }
            _ => {
                let value = self.other_container(&open);
                self.close(&open, value);
            }
        }
        Ok(())
    }
}

impl Builder<'_> {
    /// Has a leaf an entry in the reference table?
    #[inline]
    fn has_entry(&self, head: Head) -> bool {
        head.is_flagged() || self.is_python2 && head.byte == crate::typecode::INTERNED
    }

    /// The leaves that are not often met.
    #[inline(never)]
    fn other_leaf(&mut self, head: Head, leaf: Leaf<'_>) {
        let value = match leaf {
            // Not a value: a dict looks at the parity of its parts.
            Leaf::Null | Leaf::Ref { .. } => return,
            // These have no entry in the reference table.
            Leaf::None => return self.push(head.position, || Value::None),
            Leaf::Bool(truth) => return self.push(head.position, || Value::Bool(truth)),
            Leaf::StopIteration => return self.push(head.position, || Value::StopIteration),
            Leaf::Ellipsis => return self.push(head.position, || Value::Ellipsis),
            Leaf::Int(number) => Value::Int(Int::from(i64::from(number))),
            Leaf::Int64(number) => Value::Int(Int::from(number)),
            Leaf::Long(long) => Value::Int(Int::from_digits(long.is_negative, long.digits())),
            Leaf::Float(number) => Value::Float(number),
            Leaf::Complex(real, imag) => Value::Complex(real, imag),
            Leaf::Bytes(bytes) => Value::Bytes(self.part(bytes)),
            Leaf::Str {
                bytes,
                encoding,
                is_interned,
            } => Value::Str(Str::read(bytes, encoding, is_interned, || self.part(bytes))),
        };
        if self.has_entry(head) {
            self.remember(head.position, || Some(value.clone()));
        }
        self.push(head.position, || value);
    }

    /// Sixteen bytes of the input from where `bytes`, a part of it, begins, if there are so many.
    #[inline]
    fn window(&self, bytes: &[u8]) -> Option<&[u8; 16]> {
        let start = bytes.as_ptr().addr() - self.input.as_ptr().addr();
        self.input.get(start..)?.first_chunk()
    }

    /// The same bytes, of the input, as a part of a shared copy of it.
    #[inline]
    fn part(&mut self, bytes: &[u8]) -> Bytes {
        let start = bytes.as_ptr().addr() - self.input.as_ptr().addr();
        let end = start + bytes.len();
        let owner = match &self.owner {
            Some(owner) if end <= owner.start + owner.bytes.len() => owner,
            _ => self.copy(start, end),
        };
        owner.bytes.slice(start - owner.start..end - owner.start)
    }

    /// Copies the input from `start` on, to `end` at least.
    #[cold]
    fn copy(&mut self, start: usize, end: usize) -> &Owner {
        let end = end.max(start + COPIED_AT_ONCE.max(2 * start));
        let part = &self.input[start..end.min(self.input.len())];
        self.owner.insert(Owner {
            bytes: Bytes::from(part),
            start,
        })
    }

    #[inline(always)]
    fn push(&mut self, position: u32, make: impl FnOnce() -> Value) {
        self.values.push_with(|| Placed {
            value: make(),
            position,
        });
    }

    /// Puts a value, or one that is being built, into the reference table.
    #[inline(always)]
    fn remember(&mut self, position: u32, make: impl FnOnce() -> Option<Value>) {
        self.refs.push_with(|| Known {
            value: make(),
            position,
        });
    }

    #[inline]
    fn reference(&mut self, head: Head, index: u32) -> Result<(), Error> {
        // The walk has checked the index.
        let Some(Known {
            value: Some(value),
            position,
        }) = self.refs.get(index as usize)
        else {
            let kind = ErrorKind::RecursiveObject {
                index: index as i32,
            };
            return Err(Error::new(kind, head.position as usize));
        };
        let position = *position;
        // The most frequent for itself, so that it is copied in registers.
        if let Value::Str(text) = value {
            self.values.push_with(|| Placed {
                value: Value::Str(text.clone()),
                position,
            });
        } else {
            self.values.push_with(|| Placed {
                value: value.clone(),
                position,
            });
        }
        Ok(())
    }

    /// Puts a container that is complete on the stack, and into the reference table if it has its place there.
    #[inline(always)]
    fn close(&mut self, open: &Open, value: Value) {
        self.firstlineno = open.firstlineno;
        if let Some(known) = open.ref_slot.and_then(|slot| self.refs.get_mut(slot)) {
            known.value = Some(value.clone());
        }
        self.push(open.position, || value);
    }

    /// The containers that are not often met.
    #[inline(never)]
    fn other_container(&mut self, open: &Open) -> Value {
        let below = open.below;
        match open.container {
            Container::List(_) => Value::List(self.parts(below).collect()),
            Container::Set(_) => Value::Set(self.parts(below).collect()),
            Container::FrozenSet(_) => Value::FrozenSet(self.parts(below).collect()),
            Container::Dict => Value::Dict(self.pairs(below)),
            Container::FrozenDict => Value::FrozenDict(self.pairs(below)),
            Container::Slice => self.slice(below),
            // These are closed by `end` itself.
            Container::Tuple(_) | Container::Code(..) => Value::None,
        }
    }

    fn parts(&mut self, below: usize) -> impl ExactSizeIterator<Item = Value> + '_ {
        let parts = self.values.pop_to(below).iter_mut();
        parts.map(|placed| mem::take(&mut placed.value))
    }

    fn pairs(&mut self, below: usize) -> Pairs {
        let mut parts = self.parts(below);
        // A key whose value is NULL ends the dict and is dropped, as in CPython.
        iter::from_fn(|| Some((parts.next()?, parts.next()?))).collect()
    }

    fn slice(&mut self, below: usize) -> Value {
        let mut parts = self.parts(below);
        let [start, stop, step] = [(); 3].map(|()| parts.next().unwrap_or_default());
        Value::Slice(Slice::new(start, stop, step))
    }

    /// Takes the parts of a code object off the stack.
    fn code(
        &mut self,
        layout: CodeLayout,
        ints: CodeInts,
        open: &Open,
    ) -> Result<Arc<RawCode>, Error> {
        let counts = [
            ("co_argcount", ints.argcount),
            ("co_posonlyargcount", ints.posonlyargcount),
            ("co_kwonlyargcount", ints.kwonlyargcount),
            ("co_nlocals", ints.nlocals),
            ("co_stacksize", ints.stacksize),
            ("co_flags", ints.flags),
        ];
        for (field, found) in counts {
            if found < 0 {
                let kind = ErrorKind::NegativeField { field, found };
                return Err(Error::new(kind, open.position as usize));
            }
        }
        let base_offset = self.base_offset;
        let object = base_offset + u64::from(open.position);
        let mut offsets = CodeOffsets {
            object,
            ..CodeOffsets::default()
        };
        let mut fields = Fields {
            is_python2: self.is_python2,
            base_offset,
            names: &mut self.names,
            parts: self.values.pop_to(open.below).iter_mut(),
        };
        let code = fields.bytes("co_code", &mut offsets.code)?;
        let consts = fields.tuple("co_consts", &mut offsets.consts)?;
        let names = fields.names("co_names", &mut offsets.names)?;
        let locals = if layout == CodeLayout::LocalsPlus {
            let names = fields.names("co_localsplusnames", &mut offsets.localsplusnames)?;
            let kinds = fields.bytes("co_localspluskinds", &mut offsets.localspluskinds)?;
            Locals::Plus { names, kinds }
        } else {
            let varnames = fields.names("co_varnames", &mut offsets.localsplusnames)?;
            let freevars = fields.names("co_freevars", &mut 0)?;
            let cellvars = fields.names("co_cellvars", &mut 0)?;
            Locals::Separate {
                nlocals: ints.nlocals,
                varnames,
                freevars,
                cellvars,
            }
        };
        let filename = fields.str("co_filename")?;
        let name = fields.str("co_name")?;
        let (qualname, linetable, exceptiontable);
        if layout == CodeLayout::LocalsPlus {
            qualname = Some(fields.str("co_qualname")?);
            linetable = fields.bytes("co_linetable", &mut offsets.linetable)?;
            exceptiontable = fields.bytes("co_exceptiontable", &mut offsets.exceptiontable)?;
        } else {
            qualname = None;
            linetable = fields.bytes("co_lnotab", &mut offsets.linetable)?;
            exceptiontable = Bytes::default();
        }
        Ok(Arc::new(RawCode {
            argcount: ints.argcount,
            posonlyargcount: ints.posonlyargcount,
            kwonlyargcount: ints.kwonlyargcount,
            stacksize: ints.stacksize,
            flags: ints.flags,
            code,
            consts,
            names,
            locals,
            filename,
            name,
            qualname,
            firstlineno: self.firstlineno,
            linetable,
            exceptiontable,
            offsets,
        }))
    }
}

/// The objects of one code object, in the order of the file; each is taken once.
struct Fields<'b> {
    is_python2: bool,
    base_offset: u64,
    names: &'b mut Names,
    parts: core::slice::IterMut<'b, Placed>,
}

impl Fields<'_> {
    #[inline]
    fn next(&mut self) -> (Value, u32) {
        // A code object never ends before all its parts are read.
        let part = self.parts.next().map(mem::take).unwrap_or_default();
        (part.value, part.position)
    }

    fn wrong<T>(
        field: &'static str,
        found: &Value,
        expected: &'static str,
        at: u32,
    ) -> Result<T, Error> {
        let kind = ErrorKind::FieldType {
            field,
            found: found.type_name(),
            expected,
        };
        Err(Error::new(kind, at as usize))
    }

    fn bytes(&mut self, field: &'static str, offset: &mut u64) -> Result<Bytes, Error> {
        let (value, at) = self.next();
        *offset = self.base_offset + u64::from(at);
        match value {
            Value::Bytes(bytes) => Ok(bytes),
            other => Self::wrong(field, &other, "bytes", at),
        }
    }

    fn tuple(&mut self, field: &'static str, offset: &mut u64) -> Result<Items, Error> {
        let (value, at) = self.next();
        *offset = self.base_offset + u64::from(at);
        match value {
            Value::Tuple(items) => Ok(items),
            other => Self::wrong(field, &other, "tuple", at),
        }
    }

    fn names(&mut self, field: &'static str, offset: &mut u64) -> Result<Items, Error> {
        let (value, at) = self.next();
        *offset = self.base_offset + u64::from(at);
        let Value::Tuple(items) = value else {
            return Self::wrong(field, &value, "tuple of str", at);
        };
        // Short ones are looked through faster than looked up.
        if items.len() > 16
            && let Some(known) = self.names.tuples.get(&items.address())
        {
            return Ok(known.clone());
        }
        let names = match items.iter().find(|name| !matches!(name, Value::Str(_))) {
            None if items.len() <= 16 || self.is_python2 => return Ok(items),
            None => items.clone(),
            Some(Value::Bytes(_)) if self.is_python2 => {
                let names = items
                    .iter()
                    .map(|name| self.text(field, name, at).map(Value::Str));
                names.collect::<Result<Vec<_>, _>>().map(Items::from)?
            }
            Some(other) => return Self::wrong(field, other, "str", at),
        };
        // Python 2 has no references to tuples.
        if items.len() > 16 && !self.is_python2 {
            self.names.tuples.insert(items.address(), names.clone());
        }
        Ok(names)
    }

    fn str(&mut self, field: &'static str) -> Result<Str, Error> {
        match self.next() {
            (Value::Str(text), _) => Ok(text),
            (value, at) => self.text(field, &value, at),
        }
    }

    /// A str, or in Python 2 the bytes that it has instead.
    fn text(&mut self, field: &'static str, value: &Value, at: u32) -> Result<Str, Error> {
        match value {
            Value::Str(text) => Ok(text.clone()),
            Value::Bytes(bytes) if self.is_python2 => {
                let new =
                    || Str::from_surrogatepass(bytes).unwrap_or_else(|_| Str::from_latin1(bytes));
                if bytes.is_empty() {
                    return Ok(new());
                }
                let known = self.names.strs.entry(bytes.address());
                Ok(known.or_insert_with(|| (bytes.clone(), new())).1.clone())
            }
            other => Self::wrong(field, other, "str", at),
        }
    }
}
