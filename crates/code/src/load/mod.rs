//! From marshal's values to code objects: `CodeObject::from_marshal` and `from_raw`.
//!
//! There are two ways: `direct`, for what CPython's compiler writes from 3.11 on, and, for everything else, over
//! marshal's `Value`, which is also what finds the words for an error.
//!
//! Invariants: nothing recurses; what the file shares, the code objects share; every code object that comes
//! out of here has passed `check`.

mod direct;

use alloc::collections::BTreeMap;
use alloc::sync::Arc;
use alloc::vec::Vec;

use pyco_marshal::{Items, Locals, Pairs, Pyc, RawCode, ReadOptions, Str, Value};

use crate::code_object::{CodeObject, Fields};
use crate::constant::Constant;
use crate::error::{Error, ErrorKind, Place};
use crate::flags::CodeFlags;
use crate::localsplus::LocalKind;
use crate::version::Version;
use pyco_marshal::Bytes;

impl CodeObject {
    /// Reads the code object of a `.pyc`, whoever wrote it.
    ///
    /// # Errors
    /// Where the header or the marshalled bytes are refused; where a Python wrote it whose bytecode is not known; and
    /// those of [`CodeObject::from_marshal`].
    pub fn from_pyc(file: &[u8]) -> Result<Self, Error> {
        let pyc = Pyc::read(file).map_err(Error::marshal)?;
        let magic = pyc.header().magic();
        let version = Version::from_magic(magic.number())
            .ok_or_else(|| Error::new(ErrorKind::UnknownMagic(magic.number()), Place::File(0)))?;
        CodeObject::from_marshal(version, pyc.marshalled(), magic.header_size())
    }

    /// Reads a marshalled code object: what follows the header of a `.pyc`. `file_offset` is where `bytes` starts
    /// in the file, for errors.
    ///
    /// # Errors
    /// Where marshal refuses the bytes, where they hold something else than a code object, and where a code
    /// object's fields do not fit together.
    pub fn from_marshal(version: Version, bytes: &[u8], file_offset: usize) -> Result<Self, Error> {
        let options = ReadOptions::new(version.into()).with_base_offset(file_offset);
        if version.has_localsplus()
            && let Some(code) = direct::load(version, bytes, file_offset)
        {
            return Ok(code);
        }
        let bytes = Bytes::from(bytes);
        match Value::from_shared(&bytes, &options).map_err(Error::marshal)? {
            Value::Code(raw) => Builder::new(version).build(&raw, Some(bytes)),
            other => {
                let kind = ErrorKind::NotCode(other.type_name());
                Err(Error::new(kind, Place::File(file_offset as u64)))
            }
        }
    }

    /// The code object of marshal's fields, and all code objects below it.
    ///
    /// # Errors
    /// Where a code object's fields do not fit together, or are not those of that version.
    pub fn from_raw(version: Version, raw: &Arc<RawCode>) -> Result<Self, Error> {
        Builder::new(version).build(raw, None)
    }
}

/// A variant of `Constant` that holds a list.
type WrapItems = fn(Arc<[Constant]>) -> Constant;
/// A variant of `Constant` that holds pairs.
type WrapPairs = fn(Arc<[(Constant, Constant)]>) -> Constant;

/// What is to be done next; a `Build` comes after its parts.
enum Task<'a> {
    Visit(&'a Value),
    BuildItems(&'a Items, WrapItems),
    BuildPairs(&'a Pairs, WrapPairs),
    BuildSlice(&'a Items),
    BuildCode(&'a Arc<RawCode>),
}

struct Builder<'a> {
    version: Version,
    tasks: Vec<Task<'a>>,
    /// Constants that wait for what they are part of.
    made: Vec<Constant>,
    /// What was made of a shared object, by the object's address.
    memo: BTreeMap<usize, Constant>,
}

impl<'a> Builder<'a> {
    fn new(version: Version) -> Self {
        Builder {
            version,
            tasks: Vec::new(),
            made: Vec::new(),
            memo: BTreeMap::new(),
        }
    }

    /// The code object of `raw`, which was read from `origin`, if that is known.
    fn build(mut self, raw: &'a Arc<RawCode>, origin: Option<Bytes>) -> Result<CodeObject, Error> {
        self.tasks.extend(raw.consts.iter().rev().map(Task::Visit));
        self.run()?;
        let consts = self.take(raw.consts.len());
        let fields = fields(self.version, raw, consts)?;
        Ok(CodeObject::from_fields(Fields { origin, ..fields }))
    }

    fn run(&mut self) -> Result<(), Error> {
        while let Some(task) = self.tasks.pop() {
            match task {
                Task::Visit(value) => self.visit(value),
                Task::BuildItems(items, wrap) => {
                    let constant = wrap(self.take(items.len()));
                    self.finish(address(items), constant);
                }
                Task::BuildPairs(pairs, wrap) => {
                    let parts = self.take(2 * pairs.len());
                    let pair = |two: &[Constant]| (two[0].clone(), two[1].clone());
                    let constant = wrap(parts.chunks_exact(2).map(pair).collect());
                    self.finish(address(pairs), constant);
                }
                Task::BuildSlice(parts) => {
                    let made = self.take(3);
                    let [start, stop, step] = [0, 1, 2].map(|at| made[at].clone());
                    self.finish(
                        address(parts),
                        Constant::Slice(Arc::new([start, stop, step])),
                    );
                }
                Task::BuildCode(raw) => {
                    let consts = self.take(raw.consts.len());
                    let code = CodeObject::from_fields(fields(self.version, raw, consts)?);
                    self.finish(Arc::as_ptr(raw) as usize, Constant::Code(code));
                }
            }
        }
        Ok(())
    }

    /// The last `count` constants made, in order.
    fn take(&mut self, count: usize) -> Arc<[Constant]> {
        let start = self.made.len().saturating_sub(count);
        self.made.drain(start..).collect()
    }

    fn finish(&mut self, address: usize, constant: Constant) {
        self.memo.insert(address, constant.clone());
        self.made.push(constant);
    }

    fn visit(&mut self, value: &'a Value) {
        let leaf = match value {
            Value::None => Constant::None,
            Value::StopIteration => Constant::StopIteration,
            Value::Ellipsis => Constant::Ellipsis,
            Value::Bool(truth) => Constant::Bool(*truth),
            Value::Int(number) => Constant::Int(number.clone()),
            Value::Float(number) => Constant::Float(*number),
            Value::Complex(real, imaginary) => Constant::Complex(*real, *imaginary),
            Value::Bytes(bytes) => Constant::Bytes(bytes.clone()),
            Value::Str(text) => Constant::Str(text.clone()),
            Value::Tuple(items) => return self.visit_items(items, Constant::Tuple),
            Value::List(items) => return self.visit_items(items, Constant::List),
            Value::Set(items) => return self.visit_items(items, Constant::Set),
            Value::FrozenSet(items) => return self.visit_items(items, Constant::FrozenSet),
            Value::Dict(pairs) => return self.visit_pairs(pairs, Constant::Dict),
            Value::FrozenDict(pairs) => return self.visit_pairs(pairs, Constant::FrozenDict),
            Value::Slice(slice) => return self.visit_slice(slice.parts()),
            Value::Code(raw) => return self.visit_code(raw),
            // Marshal may learn of types that no code object has as a constant.
            _ => Constant::None,
        };
        self.made.push(leaf);
    }

    /// Whether the object was made before; if so, it is made again by sharing it.
    fn known(&mut self, address: usize) -> bool {
        match self.memo.get(&address) {
            Some(constant) => {
                self.made.push(constant.clone());
                true
            }
            None => false,
        }
    }

    fn visit_items(&mut self, items: &'a Items, wrap: WrapItems) {
        // Empty containers of all types may lie in one place.
        if items.is_empty() {
            self.made.push(wrap(Arc::default()));
        } else if !self.known(address(items)) {
            self.tasks.push(Task::BuildItems(items, wrap));
            self.tasks.extend(items.iter().rev().map(Task::Visit));
        }
    }

    fn visit_pairs(&mut self, pairs: &'a Pairs, wrap: WrapPairs) {
        if pairs.is_empty() {
            self.made.push(wrap(Arc::default()));
        } else if !self.known(address(pairs)) {
            self.tasks.push(Task::BuildPairs(pairs, wrap));
            let parts = pairs.iter().rev();
            self.tasks
                .extend(parts.flat_map(|(key, value)| [Task::Visit(value), Task::Visit(key)]));
        }
    }

    fn visit_slice(&mut self, parts: &'a Items) {
        if !self.known(address(parts)) {
            self.tasks.push(Task::BuildSlice(parts));
            self.tasks.extend(parts.iter().rev().map(Task::Visit));
        }
    }

    fn visit_code(&mut self, raw: &'a Arc<RawCode>) {
        if !self.known(Arc::as_ptr(raw) as usize) {
            self.tasks.push(Task::BuildCode(raw));
            self.tasks.extend(raw.consts.iter().rev().map(Task::Visit));
        }
    }
}

/// The address of a container's first part, which no other container has.
fn address<T>(parts: &[T]) -> usize {
    parts.as_ptr() as usize
}

/// The fields of a code object, from marshal's fields and its constants.
fn fields(version: Version, raw: &RawCode, consts: Arc<[Constant]>) -> Result<Fields, Error> {
    let refuse = |field, expected: &str| Err(refused(field, expected, raw.offsets.object));
    let (localsplusnames, localspluskinds, nlocals) = match &raw.locals {
        Locals::Plus { names, kinds } if version.has_localsplus() => {
            let nlocals = kinds
                .iter()
                .filter(|k| LocalKind::from_bits_retain(**k).contains(LocalKind::LOCAL));
            (strs(names), kinds.clone(), nlocals.count() as u32)
        }
        Locals::Separate {
            nlocals,
            varnames,
            freevars,
            cellvars,
        } if !version.has_localsplus() => {
            let lists = [
                (varnames, LocalKind::LOCAL),
                (cellvars, LocalKind::CELL),
                (freevars, LocalKind::FREE),
            ];
            let names = lists
                .iter()
                .flat_map(|(names, _)| names.iter())
                .filter_map(as_str);
            let kinds = lists
                .iter()
                .flat_map(|(names, kind)| names.iter().map(|_| kind.bits()));
            (names.cloned().collect(), kinds.collect(), *nlocals as u32)
        }
        _ => {
            return refuse(
                "co_localsplusnames",
                "a layout of another version was expected",
            );
        }
    };
    let fields = Fields {
        version,
        argcount: raw.argcount as u32,
        posonlyargcount: raw.posonlyargcount as u32,
        kwonlyargcount: raw.kwonlyargcount as u32,
        nlocals,
        stacksize: raw.stacksize as u32,
        flags: CodeFlags::from_bits_retain(raw.flags as u32),
        code: raw.code.clone(),
        consts,
        names: strs(&raw.names),
        localsplusnames,
        localspluskinds,
        filename: raw.filename.clone(),
        name: raw.name.clone(),
        qualname: raw.qualname.clone().unwrap_or_else(|| raw.name.clone()),
        firstlineno: raw.firstlineno,
        linetable: raw.linetable.clone(),
        exceptiontable: raw.exceptiontable.clone(),
        file_offset: Some(raw.offsets.object),
        origin: None,
    };
    fields.check()?;
    Ok(fields)
}

fn as_str(value: &Value) -> Option<&Str> {
    match value {
        Value::Str(text) => Some(text),
        _ => None,
    }
}

/// A tuple of names; marshal has checked that it holds nothing else.
fn strs(names: &Items) -> Arc<[Str]> {
    names.iter().filter_map(as_str).cloned().collect()
}

fn refused(field: &'static str, expected: &str, offset: u64) -> Error {
    Error::new(
        ErrorKind::FieldValue(field, expected.into()),
        Place::File(offset),
    )
}

impl Fields {
    /// Refuses what CPython's own constructor refuses (`_PyCode_Validate`, and the same for older versions).
    pub(crate) fn check(&self) -> Result<(), Error> {
        let refuse = |field, expected: &str| {
            let place = self.file_offset.map_or(Place::Unknown, Place::File);
            Err(Error::new(
                ErrorKind::FieldValue(field, expected.into()),
                place,
            ))
        };
        if self.posonlyargcount > self.argcount {
            return refuse("co_posonlyargcount", "expected no more than co_argcount");
        }
        if self.localsplusnames.len() != self.localspluskinds.len() {
            return refuse("co_localspluskinds", "expected a byte for each name");
        }
        if self.version.has_units() && !self.code.len().is_multiple_of(2) {
            return refuse("co_code", "expected a whole number of code units");
        }
        if self.code.len() > i32::MAX as usize {
            return refuse("co_code", "expected at most 2147483647 bytes");
        }
        let stars = [CodeFlags::VARARGS, CodeFlags::VARKEYWORDS];
        let stars = stars
            .iter()
            .filter(|star| self.flags.contains(**star))
            .count() as u64;
        let args = u64::from(self.argcount) + u64::from(self.kwonlyargcount) + stars;
        if args > u64::from(self.nlocals) {
            return refuse("co_varnames", "expected a name for each argument");
        }
        if !self.version.has_localsplus() {
            let is_local = |kind: &&u8| **kind == LocalKind::LOCAL.bits();
            if self.localspluskinds.iter().filter(is_local).count() < self.nlocals as usize {
                return refuse("co_nlocals", "expected no more than names in co_varnames");
            }
        }
        Ok(())
    }
}
