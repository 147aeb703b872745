//! `RawCode`: the fields of a marshalled code object, of any version, typed but not interpreted.

use crate::{Bytes, CodeLayout, Items, Str};

/// A code object as marshal has it. Fields have CPython's names without `co_`.
///
/// Guaranteed for what was read from a file: the three counts of arguments and `stacksize` and
/// `flags` are not below 0, and the tuples of names hold nothing but [`Value::Str`](crate::Value).
/// Nothing is guaranteed about how the fields fit one another.
///
/// Equality compares everything but [`RawCode::offsets`].
#[derive(Clone)]
pub struct RawCode {
    /// `co_argcount`: positional arguments, positional-only ones included.
    pub argcount: i32,
    /// `co_posonlyargcount`; 0 before 3.8.
    pub posonlyargcount: i32,
    /// `co_kwonlyargcount`; 0 in Python 2.
    pub kwonlyargcount: i32,
    /// `co_stacksize`, in values.
    pub stacksize: i32,
    /// `co_flags`.
    pub flags: i32,
    /// `co_code`: the bytecode, caches included.
    pub code: Bytes,
    /// `co_consts`.
    pub consts: Items,
    /// `co_names`.
    pub names: Items,
    /// Names and kinds of local variables.
    pub locals: Locals,
    /// `co_filename`.
    pub filename: Str,
    /// `co_name`.
    pub name: Str,
    /// `co_qualname`; `None` before 3.11.
    pub qualname: Option<Str>,
    /// `co_firstlineno`.
    pub firstlineno: i32,
    /// `co_linetable`, which up to 3.9 is `co_lnotab`.
    pub linetable: Bytes,
    /// `co_exceptiontable`; empty before 3.11.
    pub exceptiontable: Bytes,
    /// Where the object and its parts stand in the file.
    pub offsets: CodeOffsets,
}

/// The local variables of a code object, as its version keeps them.
#[derive(Clone, Debug, PartialEq)]
pub enum Locals {
    /// 3.11 and later: locals, cells and free variables in one sequence.
    Plus {
        /// `co_localsplusnames`.
        names: Items,
        /// `co_localspluskinds`: a byte of `CO_FAST_*` bits for each name.
        kinds: Bytes,
    },
    /// Up to 3.10.
    Separate {
        /// `co_nlocals`.
        nlocals: i32,
        /// `co_varnames`.
        varnames: Items,
        /// `co_freevars`.
        freevars: Items,
        /// `co_cellvars`.
        cellvars: Items,
    },
}

impl Locals {
    pub(crate) fn each_names_mut(&mut self, mut visit: impl FnMut(&mut Items)) {
        match self {
            Self::Plus { names, .. } => visit(names),
            Self::Separate {
                varnames,
                freevars,
                cellvars,
                ..
            } => {
                visit(varnames);
                visit(freevars);
                visit(cellvars);
            }
        }
    }
}

/// Absolute byte offsets in the file of a code object's type byte and of those of its parts. For
/// a part that is a back reference, of the object that it refers to. Zeros for what was not read.
///
/// The payload of a bytes object begins 5 bytes after its type byte.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct CodeOffsets {
    /// The code object.
    pub object: u64,
    /// `co_code`.
    pub code: u64,
    /// `co_consts`.
    pub consts: u64,
    /// `co_names`.
    pub names: u64,
    /// `co_localsplusnames`, or `co_varnames`.
    pub localsplusnames: u64,
    /// `co_localspluskinds`; 0 up to 3.10.
    pub localspluskinds: u64,
    /// `co_linetable`, or `co_lnotab`.
    pub linetable: u64,
    /// `co_exceptiontable`; 0 up to 3.10.
    pub exceptiontable: u64,
}

impl RawCode {
    /// Which layout holds these fields without loss. What has `qualname` is `LocalsPlus`; of the
    /// older three, the first that has room.
    #[must_use]
    pub fn layout(&self) -> CodeLayout {
        match self.locals {
            Locals::Plus { .. } => CodeLayout::LocalsPlus,
            Locals::Separate { .. } if self.posonlyargcount != 0 => CodeLayout::PositionalOnly,
            Locals::Separate { .. } if self.kwonlyargcount != 0 => CodeLayout::KeywordOnly,
            Locals::Separate { .. } => CodeLayout::Python2,
        }
    }
}
