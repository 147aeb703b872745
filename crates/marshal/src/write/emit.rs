//! Writes the table of objects out: which object is flagged, which occurrence is a reference, which
//! type code an object gets.
//!
//! An object that recurs is written once from marshal version 3 on, so the output is linear in the
//! table; before, it is bounded by `max_bytes`. Nothing recurses: sets are put in order parts first.

use alloc::vec::Vec;

use crate::typecode as tc;
use crate::write::float_text::float_text;
use crate::write::{Graph, Object, Style, WriteOptions};
use crate::{CodeLayout, Error, ErrorKind, Int, Locals, RawCode, Version};

/// Bytes that may be spent on putting sets in order, for each object, and in any case.
const SORT_BYTES_PER_OBJECT: u64 = 1024;
const SORT_BYTES: u64 = 1 << 20;

/// The longest str with a one-byte size, and the largest tuple with a one-byte count, plus one.
const SHORT: usize = 256;

pub(super) struct Writer<'v> {
    graph: Graph<'v>,
    options: WriteOptions,
    out: Vec<u8>,
    /// For each object in which run it was last given an index, and which.
    indices: Vec<(u32, u32)>,
    run: u32,
    next_index: u32,
    open: Vec<Open>,
    is_sorting: bool,
}

/// An object whose parts are being written.
struct Open {
    id: u32,
    next: usize,
}

impl<'v> Writer<'v> {
    pub(super) fn new(graph: Graph<'v>, options: &WriteOptions) -> Self {
        let indices = alloc::vec![(0, 0); graph.entries.len()];
        let (out, open) = (Vec::new(), Vec::new());
        Self {
            graph,
            options: *options,
            out,
            indices,
            run: 0,
            next_index: 0,
            open,
            is_sorting: false,
        }
    }

    pub(super) fn write(mut self) -> Result<Vec<u8>, Error> {
        if self.options.style == Style::Canonical || self.options.python >= Version::V3_11 {
            self.is_sorting = true;
            self.sort_sets()?;
            self.is_sorting = false;
        }
        self.write_one(self.graph.root())?;
        Ok(self.out)
    }

    /// Puts the items of each set in the order of their own marshalled bytes, as 3.11 does. Parts
    /// come first in the table, so the sets inside an item are in order when it is written.
    fn sort_sets(&mut self) -> Result<(), Error> {
        let mut left = SORT_BYTES + SORT_BYTES_PER_OBJECT * self.graph.entries.len() as u64;
        for id in 0..self.graph.entries.len() as u32 {
            if !matches!(
                self.graph.entry(id).object,
                Object::Set(_) | Object::FrozenSet(_)
            ) {
                continue;
            }
            let items = self.graph.parts(id).to_vec();
            if items.len() < 2 {
                continue;
            }
            let mut keyed = Vec::with_capacity(items.len());
            for item in items {
                self.write_one(item)?;
                let key = core::mem::take(&mut self.out);
                left = left
                    .checked_sub(key.len() as u64)
                    .ok_or(Error::new(ErrorKind::TooMuchMemory(SORT_BYTES), 0))?;
                keyed.push((key, item));
            }
            keyed.sort();
            for (place, (_, item)) in self.graph.parts_mut(id).iter_mut().zip(keyed) {
                *place = item;
            }
        }
        Ok(())
    }

    /// Writes one object with all its parts and a reference table of its own.
    fn write_one(&mut self, root: u32) -> Result<(), Error> {
        self.run += 1;
        self.next_index = 0;
        self.object(root)?;
        while let Some(open) = self.open.last_mut() {
            let (id, next) = (open.id, open.next);
            open.next += 1;
            match self.graph.parts(id).get(next) {
                Some(&part) => {
                    self.firstlineno(id, next);
                    self.object(part)?;
                }
                None => {
                    self.open.pop();
                    if let Object::Dict(_) | Object::FrozenDict(_) = self.graph.entry(id).object {
                        self.out.push(tc::NULL);
                    }
                }
            }
        }
        Ok(())
    }

    /// Writes `co_firstlineno` where it stands among the parts of a code object.
    fn firstlineno(&mut self, id: u32, next: usize) {
        if let Object::Code(code) = self.graph.entry(id).object
            && next == 8
        {
            self.out.extend(code.firstlineno.to_le_bytes());
        }
    }

    /// Writes a reference, a leaf, or the head of an object with parts, which it opens.
    fn object(&mut self, id: u32) -> Result<(), Error> {
        if self.out.len() as u64 > self.options.max_bytes {
            return Err(self.error(ErrorKind::TooMuchMemory(self.options.max_bytes)));
        }
        if let (run, index) = self.indices[id as usize]
            && run == self.run
        {
            self.out.push(tc::REF);
            self.out.extend(index.to_le_bytes());
            return Ok(());
        }
        let mut flag = 0;
        if self.is_flagged(id) {
            flag = tc::FLAG_REF;
            self.indices[id as usize] = (self.run, self.next_index);
            self.next_index += 1;
        }
        match self.graph.entry(id).object {
            Object::None => self.out.push(tc::NONE),
            Object::StopIteration => self.out.push(tc::STOP_ITERATION),
            Object::Ellipsis => self.out.push(tc::ELLIPSIS),
            Object::Bool(truth) => self.out.push(if truth { tc::TRUE } else { tc::FALSE }),
            Object::Int(number) => self.int(number, flag)?,
            Object::Float(number) if self.options.marshal_version > 1 => {
                self.out.push(tc::BINARY_FLOAT | flag);
                self.out.extend(number.to_le_bytes());
            }
            Object::Float(number) => {
                self.out.push(tc::FLOAT | flag);
                self.float_text(number);
            }
            Object::Complex(real, imag) if self.options.marshal_version > 1 => {
                self.out.push(tc::BINARY_COMPLEX | flag);
                self.out.extend(real.to_le_bytes());
                self.out.extend(imag.to_le_bytes());
            }
            Object::Complex(real, imag) => {
                self.out.push(tc::COMPLEX | flag);
                self.float_text(real);
                self.float_text(imag);
            }
            Object::Bytes(bytes) | Object::Bytecode(bytes) => {
                self.sized(tc::STRING | flag, bytes, "bytes")?
            }
            Object::Str(_) => self.str(id, flag)?,
            _ => self.container(id, flag)?,
        }
        Ok(())
    }

    /// Does the object get an entry in the reference table?
    fn is_flagged(&self, id: u32) -> bool {
        let entry = self.graph.entry(id);
        if self.options.marshal_version < 3 || entry.object.is_singleton() {
            return false;
        }
        if entry.uses > 1 || self.options.style == Style::Canonical {
            return entry.uses > 1;
        }
        let python = self.options.python;
        // While CPython writes a set, its sorted list of the items owns them too; from 3.13 on
        // the loop that sorts them as well.
        let is_listed = entry.is_in_set
            && (python >= Version::V3_13 || (python >= Version::V3_11 && !self.is_sorting));
        is_listed || has_other_owners(entry.object, entry.is_interned, python)
    }

    fn int(&mut self, number: &Int, flag: u8) -> Result<(), Error> {
        if let Some(number) = number
            .as_i64()
            .and_then(|number| i32::try_from(number).ok())
        {
            self.out.push(tc::INT | flag);
            self.out.extend(number.to_le_bytes());
            return Ok(());
        }
        let digits = number.digits();
        let count = self.length(digits.len(), "long")? as i32;
        self.out.push(tc::LONG | flag);
        self.out
            .extend((if number.is_negative() { -count } else { count }).to_le_bytes());
        self.out.extend(digits.flat_map(u16::to_le_bytes));
        Ok(())
    }

    fn float_text(&mut self, number: f64) {
        let text = float_text(number);
        // At most 24 characters.
        self.out.push(text.len() as u8);
        self.out.extend(text.bytes());
    }

    fn str(&mut self, id: u32, flag: u8) -> Result<(), Error> {
        let entry = self.graph.entry(id);
        let Object::Str(text) = entry.object else {
            return Ok(());
        };
        let bytes = text.as_bytes();
        // Whether CPython happens to have interned the characters that it keeps ready depends on
        // what else it ran.
        let is_interned = entry.is_interned
            || (self.options.style == Style::Canonical
                && (bytes.is_empty() || is_latin1_character(bytes)));
        let version = self.options.marshal_version;
        if version < 4 || !bytes.is_ascii() {
            let code = if version >= 3 && is_interned {
                tc::INTERNED
            } else {
                tc::UNICODE
            };
            return self.sized(code | flag, bytes, "str");
        }
        if bytes.len() < SHORT {
            let code = if is_interned {
                tc::SHORT_ASCII_INTERNED
            } else {
                tc::SHORT_ASCII
            };
            self.out.extend([code | flag, bytes.len() as u8]);
            self.out.extend_from_slice(bytes);
            return Ok(());
        }
        let code = if is_interned {
            tc::ASCII_INTERNED
        } else {
            tc::ASCII
        };
        self.sized(code | flag, bytes, "str")
    }

    fn sized(&mut self, byte: u8, bytes: &[u8], what: &'static str) -> Result<(), Error> {
        let len = self.length(bytes.len(), what)?;
        self.out.push(byte);
        self.out.extend(len.to_le_bytes());
        self.out.extend_from_slice(bytes);
        Ok(())
    }

    /// Writes the head of an object that may have parts, and opens it.
    fn container(&mut self, id: u32, flag: u8) -> Result<(), Error> {
        if self.open.len() as u64 >= u64::from(self.options.max_depth) {
            return Err(self.error(ErrorKind::TooDeep(self.options.max_depth)));
        }
        let version = self.options.marshal_version;
        let (code, count) = match self.graph.entry(id).object {
            Object::Tuple(items) if version >= 4 && items.len() < SHORT => {
                self.out.extend([tc::SMALL_TUPLE | flag, items.len() as u8]);
                self.open.push(Open { id, next: 0 });
                return Ok(());
            }
            Object::Tuple(items) => (tc::TUPLE, Some(items.len())),
            Object::List(items) => (tc::LIST, Some(items.len())),
            Object::Set(items) => (tc::SET, Some(items.len())),
            Object::FrozenSet(items) => (tc::FROZENSET, Some(items.len())),
            Object::Dict(_) => (tc::DICT, None),
            Object::FrozenDict(_) if version >= 6 => (tc::FROZENDICT, None),
            Object::Slice(_) if version >= 5 => (tc::SLICE, None),
            Object::Code(code) => {
                self.out.push(tc::CODE | flag);
                self.code_ints(code)?;
                self.open.push(Open { id, next: 0 });
                return Ok(());
            }
            Object::Slice(_) => return Err(self.unmarshallable("slice")),
            _ => return Err(self.unmarshallable("frozendict")),
        };
        self.out.push(code | flag);
        if let Some(count) = count {
            let count = self.length(count, "container")?;
            self.out.extend(count.to_le_bytes());
        }
        self.open.push(Open { id, next: 0 });
        Ok(())
    }

    fn code_ints(&mut self, code: &RawCode) -> Result<(), Error> {
        let python = self.options.python;
        let mismatch = self.error(ErrorKind::CodeLayoutMismatch(python));
        let mut ints = Vec::with_capacity(6);
        ints.push(code.argcount);
        match (python.code_layout(), &code.locals) {
            (Some(CodeLayout::LocalsPlus), Locals::Plus { .. }) => {
                ints.extend([code.posonlyargcount, code.kwonlyargcount]);
            }
            (Some(CodeLayout::PositionalOnly), Locals::Separate { nlocals, .. }) => {
                ints.extend([code.posonlyargcount, code.kwonlyargcount, *nlocals]);
            }
            (Some(CodeLayout::KeywordOnly), Locals::Separate { nlocals, .. })
                if code.posonlyargcount == 0 =>
            {
                ints.extend([code.kwonlyargcount, *nlocals]);
            }
            _ => return Err(mismatch),
        }
        ints.extend([code.stacksize, code.flags]);
        self.out.extend(ints.into_iter().flat_map(i32::to_le_bytes));
        Ok(())
    }

    fn length(&self, len: usize, what: &'static str) -> Result<u32, Error> {
        match i32::try_from(len) {
            Ok(len) => Ok(len as u32),
            Err(_) => Err(self.error(ErrorKind::TooLong {
                what,
                found: len as u64,
            })),
        }
    }

    fn unmarshallable(&self, what: &'static str) -> Error {
        let version = self.options.marshal_version;
        self.error(ErrorKind::Unmarshallable { what, version })
    }

    fn error(&self, kind: ErrorKind) -> Error {
        Error::new(kind, self.out.len())
    }
}

/// Has CPython itself references to such an object, besides those in the value?
fn has_other_owners(object: Object<'_>, is_interned: bool, python: Version) -> bool {
    match object {
        Object::Str(text) => {
            (is_interned && python >= Version::V3_11)
                || text.as_bytes().is_empty()
                || is_latin1_character(text.as_bytes())
        }
        Object::Bytes(bytes) => bytes.len() < if python >= Version::V3_14 { 2 } else { 1 },
        Object::Bytecode(_) => python >= Version::V3_11,
        Object::Tuple(items) => items.is_empty(),
        Object::Int(number) => {
            let largest = if python >= Version::V3_15 { 1024 } else { 256 };
            number
                .as_i64()
                .is_some_and(|number| (-5..=largest).contains(&number))
        }
        _ => false,
    }
}

/// Is it the one character of a str that CPython keeps ready?
fn is_latin1_character(bytes: &[u8]) -> bool {
    matches!(bytes, [_] | [0xc2 | 0xc3, _])
}
