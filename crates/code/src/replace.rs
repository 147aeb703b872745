//! [`Replace`]: a code object like another, but for some fields.
//!
//! Invariant: what `build` returns has passed the same check as what is read from a file.

use alloc::sync::Arc;
use alloc::vec::Vec;

use pyco_marshal::{Bytes, Str};

use crate::code_object::{CodeObject, Fields};
use crate::constant::Constant;
use crate::error::{Error, ErrorKind, Place};
use crate::flags::CodeFlags;
use crate::localsplus::LocalKind;
use crate::version::Version;

/// Replaces fields of a code object: CPython's `code.replace()`.
///
/// Differences to CPython: the names and kinds of the localsplus are given as they are
/// ([`Replace::localsplus`]), and kept where they are not given; CPython takes the lists of names apart and computes the
/// kinds anew, and in doing so loses which of them are arguments (3.14 on).
///
/// ```
/// use pyco_code::{CodeObject, Version};
/// # let marshalled = b"c\0\0\0\0\0\0\0\0\0\0\0\0\x01\0\0\0\0\0\0\0\xf3\x04\0\0\0\x95\0g\0)\x01N\
/// #     \xa9\0r\x01\0\0\0\xf3\0\0\0\0\xda\x08empty.py\xda\x08<module>r\x04\0\0\0\x01\0\0\0\
/// #     s\x05\0\0\0\xf1\x03\x01\x01\x01r\x02\0\0\0";
/// let code = CodeObject::from_marshal(Version::V3_13, marshalled, 0)?;
/// let moved = code.replace().filename("other.py").build()?;
/// assert_eq!(*moved.filename(), "other.py");
/// // The file name does not count for equality.
/// assert_eq!(moved, code);
///
/// let error = code.replace().argcount(1).build().unwrap_err();
/// assert_eq!(error.to_string(), "co_varnames is refused: expected a name for each argument");
/// # Ok::<(), pyco_code::Error>(())
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct Replace {
    fields: Fields,
}

impl CodeObject {
    /// Begins a code object that is like this one.
    pub fn replace(&self) -> Replace {
        let mut fields = self.fields().clone();
        fields.origin = None;
        fields.file_offset = None;
        Replace { fields }
    }

    /// The tree of code objects with `change` applied to each, from the leaves up: it is given a code object whose
    /// children are changed already. Shares what does not change.
    ///
    /// # Errors
    /// Those of `change`.
    pub fn transform<E>(
        &self,
        mut change: impl FnMut(CodeObject) -> Result<CodeObject, E>,
    ) -> Result<Self, E> {
        let mut open = Vec::new();
        let mut top = Open::new(self);
        loop {
            if let Some(child) = top.next_child() {
                let parent = core::mem::replace(&mut top, Open::new(&child));
                open.push(parent);
                continue;
            }
            let done = change(top.rebuilt())?;
            let Some(parent) = open.pop() else {
                return Ok(done);
            };
            top = parent;
            top.put(done);
        }
    }
}

/// A code object whose children are being changed.
struct Open {
    code: CodeObject,
    /// Its constants, those before `at` changed.
    consts: Vec<Constant>,
    at: usize,
}

impl Open {
    fn new(code: &CodeObject) -> Self {
        Open {
            code: code.clone(),
            consts: code.consts().to_vec(),
            at: 0,
        }
    }

    /// The next child, which `put` is to replace.
    fn next_child(&mut self) -> Option<CodeObject> {
        let left = self.consts.get(self.at..)?;
        let found = left
            .iter()
            .position(|constant| constant.as_code().is_some())?;
        self.at += found;
        self.consts[self.at].as_code().cloned()
    }

    fn put(&mut self, child: CodeObject) {
        self.consts[self.at] = Constant::Code(child);
        self.at += 1;
    }

    /// The code object with its changed children; itself if none has changed.
    fn rebuilt(self) -> CodeObject {
        let new = self.consts.iter().filter_map(Constant::as_code);
        let is_same = self.code.children().zip(new).all(|(old, new)| old.is(new));
        if is_same {
            return self.code;
        }
        let mut fields = self.code.replace().fields;
        fields.consts = self.consts.into();
        CodeObject::from_fields(fields)
    }
}

impl Replace {
    /// Begins a code object that has nothing yet: no bytecode, no names, counts of 0.
    pub fn empty(version: Version) -> Self {
        let none = Bytes::default();
        Replace {
            fields: Fields {
                version,
                argcount: 0,
                posonlyargcount: 0,
                kwonlyargcount: 0,
                nlocals: 0,
                stacksize: 0,
                flags: CodeFlags::empty(),
                code: none.clone(),
                consts: Arc::from([]),
                names: Arc::from([]),
                localsplusnames: Arc::from([]),
                localspluskinds: none.clone(),
                filename: Str::from(""),
                name: Str::from(""),
                qualname: Str::from(""),
                firstlineno: 1,
                linetable: none.clone(),
                exceptiontable: none,
                file_offset: None,
                origin: None,
            },
        }
    }

    /// What the code object is so far, before `build` checks it.
    #[must_use]
    pub fn so_far(&self) -> CodeObject {
        CodeObject::from_fields(self.fields.clone())
    }

    /// `co_argcount`.
    pub fn argcount(mut self, count: u32) -> Self {
        self.fields.argcount = count;
        self
    }

    /// `co_posonlyargcount`.
    pub fn posonlyargcount(mut self, count: u32) -> Self {
        self.fields.posonlyargcount = count;
        self
    }

    /// `co_kwonlyargcount`.
    pub fn kwonlyargcount(mut self, count: u32) -> Self {
        self.fields.kwonlyargcount = count;
        self
    }

    /// `co_stacksize`; 0 becomes 1 from 3.13 on, as in CPython.
    pub fn stacksize(mut self, size: u32) -> Self {
        let least = u32::from(self.fields.version >= Version::V3_13);
        self.fields.stacksize = size.max(least);
        self
    }

    /// `co_flags`.
    pub fn flags(mut self, flags: CodeFlags) -> Self {
        self.fields.flags = flags;
        self
    }

    /// `co_code`.
    pub fn code(mut self, code: impl Into<Bytes>) -> Self {
        self.fields.code = code.into();
        self
    }

    /// `co_consts`.
    pub fn consts(mut self, consts: impl Into<Arc<[Constant]>>) -> Self {
        self.fields.consts = consts.into();
        self
    }

    /// `co_names`.
    pub fn names(mut self, names: impl IntoIterator<Item = impl Into<Str>>) -> Self {
        self.fields.names = names.into_iter().map(Into::into).collect();
        self
    }

    /// The names of locals, cells and free variables, each with its kind: see
    /// [`CodeObject::localsplusnames`].
    pub fn localsplus(mut self, slots: impl IntoIterator<Item = (Str, LocalKind)>) -> Self {
        let (names, kinds): (Vec<_>, Vec<_>) = slots.into_iter().unzip();
        let locals = kinds.iter().filter(|kind| kind.contains(LocalKind::LOCAL));
        self.fields.nlocals = locals.count() as u32;
        self.fields.localsplusnames = names.into();
        self.fields.localspluskinds = kinds.iter().map(|kind| kind.bits()).collect();
        self
    }

    /// `co_filename`.
    pub fn filename(mut self, name: impl Into<Str>) -> Self {
        self.fields.filename = name.into();
        self
    }

    /// `co_name`.
    pub fn name(mut self, name: impl Into<Str>) -> Self {
        self.fields.name = name.into();
        if !self.fields.version.has_localsplus() {
            self.fields.qualname = self.fields.name.clone();
        }
        self
    }

    /// `co_qualname` (3.11 on).
    pub fn qualname(mut self, name: impl Into<Str>) -> Self {
        self.fields.qualname = name.into();
        self
    }

    /// `co_firstlineno`.
    pub fn firstlineno(mut self, line: i32) -> Self {
        self.fields.firstlineno = line;
        self
    }

    /// `co_linetable`; up to 3.9 `co_lnotab`.
    pub fn linetable(mut self, table: impl Into<Bytes>) -> Self {
        self.fields.linetable = table.into();
        self
    }

    /// `co_exceptiontable` (3.11 on).
    pub fn exceptiontable(mut self, table: impl Into<Bytes>) -> Self {
        self.fields.exceptiontable = table.into();
        self
    }

    /// The new code object.
    ///
    /// # Errors
    /// [`ErrorKind::FieldValue`], which names the field, where the version's CPython would refuse: an argument without a
    /// name, half a code unit, a count, line or flag that is negative as CPython's C int, a field that the version does
    /// not have.
    pub fn build(self) -> Result<CodeObject, Error> {
        let Replace { fields } = self;
        let refuse = |field, expected: &str| {
            Err(Error::new(
                ErrorKind::FieldValue(field, expected.into()),
                Place::Unknown,
            ))
        };
        if fields.firstlineno < 0 {
            return refuse("co_firstlineno", "expected 0 or more");
        }
        let counts = [
            ("co_argcount", fields.argcount),
            ("co_posonlyargcount", fields.posonlyargcount),
            ("co_kwonlyargcount", fields.kwonlyargcount),
            ("co_stacksize", fields.stacksize),
            ("co_flags", fields.flags.bits()),
        ];
        if let Some((field, _)) = counts.iter().find(|(_, count)| *count > i32::MAX as u32) {
            return refuse(field, "expected at most 2147483647");
        }
        if !fields.version.has_localsplus() {
            if !fields.exceptiontable.is_empty() {
                return refuse("co_exceptiontable", "expected none in this version");
            }
            if fields.qualname != fields.name {
                return refuse("co_qualname", "expected none in this version");
            }
        }
        fields.check()?;
        Ok(CodeObject::from_fields(fields))
    }
}
