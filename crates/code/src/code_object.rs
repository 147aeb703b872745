//! [`CodeObject`]: an immutable code object of any version, with every `co_*` attribute.
//!
//! Invariants: nothing of a code object ever changes; clones share it; it is `Send + Sync`. There is one localsplus
//! kind for each localsplus name, and no more arguments than local variables; nothing else is promised of
//! the bytecode and the tables, which is what the verifier is for.

use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;
use core::hash::{Hash, Hasher};

use bytemuck::{Pod, Zeroable};
use pyco_linetable::{ByteOffset, Format, LineStarts, Lines, Location, Table, locations};
use pyco_marshal::{Bytes, Str};

use crate::constant::{Comparison, Constant};
use crate::exception_table::ExceptionTable;
use crate::flags::CodeFlags;
use crate::instruction::Instructions;
use crate::localsplus::{LocalKind, LocalNames};
use crate::version::Version;

/// A code unit: an opcode and its argument, or a unit of an inline cache.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Pod, Zeroable)]
#[repr(C)]
pub struct CodeUnit {
    /// The opcode's number in the version of the code.
    pub opcode: u8,
    /// The low byte of the argument.
    pub oparg: u8,
}

/// A code object: bytecode, constants, names and tables of a module, class body, function or generator.
///
/// Cheap to clone; the methods bear CPython's names without `co_`. Equality and hash are CPython's, see
/// [`CodeObject::eq`].
#[derive(Clone)]
pub struct CodeObject(Arc<Fields>);

/// Everything that a code object holds, by CPython's names.
#[derive(Clone, Debug)]
pub(crate) struct Fields {
    pub(crate) version: Version,
    pub(crate) argcount: u32,
    pub(crate) posonlyargcount: u32,
    pub(crate) kwonlyargcount: u32,
    /// Up to 3.10 as stored; from 3.11 on the number of slots of kind `LOCAL`.
    pub(crate) nlocals: u32,
    pub(crate) stacksize: u32,
    pub(crate) flags: CodeFlags,
    pub(crate) code: Bytes,
    pub(crate) consts: Arc<[Constant]>,
    pub(crate) names: Arc<[Str]>,
    pub(crate) localsplusnames: Arc<[Str]>,
    pub(crate) localspluskinds: Bytes,
    pub(crate) filename: Str,
    pub(crate) name: Str,
    pub(crate) qualname: Str,
    pub(crate) firstlineno: i32,
    pub(crate) linetable: Bytes,
    pub(crate) exceptiontable: Bytes,
    /// Where its marshalled form starts in the file that it was read from.
    pub(crate) file_offset: Option<u64>,
    /// The marshalled bytes of a code object that was read as a whole.
    pub(crate) origin: Option<Bytes>,
}

impl CodeObject {
    pub(crate) fn from_fields(fields: Fields) -> Self {
        CodeObject(Arc::new(fields))
    }

    pub(crate) fn fields(&self) -> &Fields {
        &self.0
    }

    /// The version whose bytecode this is.
    #[must_use]
    pub fn version(&self) -> Version {
        self.0.version
    }

    /// The number of positional arguments, positional-only ones included, `*args` excluded.
    #[must_use]
    pub fn argcount(&self) -> u32 {
        self.0.argcount
    }

    /// The number of positional-only arguments; 0 up to 3.7.
    #[must_use]
    pub fn posonlyargcount(&self) -> u32 {
        self.0.posonlyargcount
    }

    /// The number of keyword-only arguments, `**kwargs` excluded; 0 in 2.7.
    #[must_use]
    pub fn kwonlyargcount(&self) -> u32 {
        self.0.kwonlyargcount
    }

    /// The number of arguments of every kind: of the localsplus slots that a call fills.
    #[must_use]
    pub fn total_args(&self) -> u32 {
        let flags = self.flags();
        let stars = u32::from(flags.contains(CodeFlags::VARARGS))
            + u32::from(flags.contains(CodeFlags::VARKEYWORDS));
        self.0
            .argcount
            .saturating_add(self.0.kwonlyargcount)
            .saturating_add(stars)
    }

    /// The number of local variables, arguments included; from 3.11 on cells that are no arguments excluded.
    #[must_use]
    pub fn nlocals(&self) -> u32 {
        self.0.nlocals
    }

    /// The number of items that the value stack needs room for.
    #[must_use]
    pub fn stacksize(&self) -> u32 {
        self.0.stacksize
    }

    /// The flags.
    #[must_use]
    pub fn flags(&self) -> CodeFlags {
        self.0.flags
    }

    /// The bytecode (`co_code`): never specialised, inline caches zero, in what CPython's compiler writes.
    #[must_use]
    pub fn code(&self) -> &[u8] {
        &self.0.code
    }

    /// The bytecode as code units; `None` in 2.7, which has none, and where a half unit is left over.
    #[must_use]
    pub fn units(&self) -> Option<&[CodeUnit]> {
        if !self.0.version.has_units() {
            return None;
        }
        bytemuck::try_cast_slice(&self.0.code).ok()
    }

    /// The constants.
    #[must_use]
    pub fn consts(&self) -> &[Constant] {
        &self.0.consts
    }

    /// The names of globals, attributes and imports.
    #[must_use]
    pub fn names(&self) -> &[Str] {
        &self.0.names
    }

    /// The names of local variables, cells and free variables, by index of their slot.
    ///
    /// Up to 3.10, which keep three lists, these one after another: see [`LocalKind`].
    #[must_use]
    pub fn localsplusnames(&self) -> &[Str] {
        &self.0.localsplusnames
    }

    /// The kind of each slot of [`CodeObject::localsplusnames`]: a [`LocalKind`] each.
    #[must_use]
    pub fn localspluskinds(&self) -> &[u8] {
        &self.0.localspluskinds
    }

    /// The kind of one slot; empty beyond the last.
    #[must_use]
    pub fn local_kind(&self, slot: usize) -> LocalKind {
        let bits = self.0.localspluskinds.get(slot).copied().unwrap_or(0);
        LocalKind::from_bits_retain(bits)
    }

    /// The names of the local variables, arguments first.
    #[must_use]
    pub fn varnames(&self) -> LocalNames<'_> {
        self.local_names(LocalKind::LOCAL)
    }

    /// The names of the local variables that inner functions refer to.
    #[must_use]
    pub fn cellvars(&self) -> LocalNames<'_> {
        self.local_names(LocalKind::CELL)
    }

    /// The names of the outer functions' variables that this one refers to.
    #[must_use]
    pub fn freevars(&self) -> LocalNames<'_> {
        self.local_names(LocalKind::FREE)
    }

    fn local_names(&self, kind: LocalKind) -> LocalNames<'_> {
        LocalNames::new(&self.0.localsplusnames, &self.0.localspluskinds, kind)
    }

    /// The file that the code was compiled from.
    #[must_use]
    pub fn filename(&self) -> &Str {
        &self.0.filename
    }

    /// The name.
    #[must_use]
    pub fn name(&self) -> &Str {
        &self.0.name
    }

    /// The qualified name; up to 3.10, where functions have one but code objects do not, the name.
    #[must_use]
    pub fn qualname(&self) -> &Str {
        &self.0.qualname
    }

    /// The first line, 1-based.
    #[must_use]
    pub fn firstlineno(&self) -> i32 {
        self.0.firstlineno
    }

    /// The bytes of the table of locations: `co_linetable`, up to 3.9 `co_lnotab`.
    #[must_use]
    pub fn linetable(&self) -> &[u8] {
        &self.0.linetable
    }

    /// The table of locations.
    #[must_use]
    pub fn locations(&self) -> Table<'_> {
        let format = match self.0.version {
            Version::V2_7 => Format::Lnotab27,
            Version::V3_6 | Version::V3_7 => Format::Lnotab36,
            Version::V3_8 | Version::V3_9 => Format::Lnotab38,
            Version::V3_10 => Format::LineTable310,
            Version::V3_11 => Format::Locations311,
            Version::V3_12 => Format::Locations312,
            Version::V3_13 | Version::V3_14 | Version::V3_15 => Format::Locations313,
        };
        let code_len = ByteOffset(self.0.code.len() as u32);
        Table::new(format, &self.0.linetable, self.0.firstlineno, code_len)
    }

    /// What `co_lines()` yields.
    #[must_use]
    pub fn lines(&self) -> Lines<'_> {
        self.locations().lines()
    }

    /// The pairs of `co_lnotab`, an address delta and a line delta each: those stored up to 3.9, those that 3.10 to 3.14
    /// compute; `None` from 3.15 on, which has none.
    ///
    /// An iterator, as a table of a few bytes can stand for megabytes of them.
    ///
    /// # Errors
    /// The last item is an error where the table of locations is malformed.
    #[must_use]
    pub fn lnotab(
        &self,
    ) -> Option<impl Iterator<Item = Result<[u8; 2], pyco_linetable::Error>> + '_> {
        let version = self.0.version;
        let is_stored = version <= Version::V3_9;
        let stored: &[u8] = if is_stored { &self.0.linetable } else { &[] };
        let computed = (!is_stored).then(|| self.locations().co_lnotab());
        let stored = stored.as_chunks().0.iter().copied().map(Ok);
        (version <= Version::V3_14).then(|| stored.chain(computed.into_iter().flatten()))
    }

    /// What `dis.findlinestarts` yields.
    #[must_use]
    pub fn line_starts(&self) -> LineStarts<'_> {
        self.locations().line_starts()
    }

    /// What `co_positions()` yields: a location for each code unit; nothing up to 3.10.
    #[must_use]
    pub fn positions(&self) -> locations::Positions<'_> {
        self.locations().positions()
    }

    /// The location of the instruction at a bytecode offset: what a traceback shows.
    ///
    /// # Errors
    /// Where the table of locations is malformed.
    pub fn location(
        &self,
        offset: impl Into<ByteOffset>,
    ) -> Result<Location, pyco_linetable::Error> {
        self.locations().location(offset)
    }

    /// The exception table; empty up to 3.10.
    #[must_use]
    pub fn exceptiontable(&self) -> ExceptionTable<'_> {
        ExceptionTable::new(&self.0.exceptiontable)
    }

    /// The instructions.
    #[must_use]
    pub fn instructions(&self) -> Instructions<'_> {
        Instructions::new(self.0.version, &self.0.code)
    }

    /// Where the code object's marshalled form starts in the file that it was read from.
    #[must_use]
    pub fn file_offset(&self) -> Option<u64> {
        self.0.file_offset
    }

    /// The docstring of a function, by the version's rule: the first constant, from 3.14 on if a flag says so.
    #[must_use]
    pub fn docstring(&self) -> Option<&Str> {
        let flagged = self.flags().contains(CodeFlags::HAS_DOCSTRING);
        if self.0.version >= Version::V3_14 && !flagged {
            return None;
        }
        match self.0.consts.first() {
            Some(Constant::Str(text)) => Some(text),
            _ => None,
        }
    }

    /// The code objects among the constants.
    pub fn children(&self) -> impl DoubleEndedIterator<Item = &CodeObject> {
        self.0.consts.iter().filter_map(Constant::as_code)
    }

    /// This code object and all below it, depth first, in the order of the constants.
    ///
    /// A hostile file can refer to one code object from many places, so that there are far more steps
    /// than code objects; take no more than you can use.
    #[must_use]
    pub fn walk(&self) -> Walk<'_> {
        Walk {
            pending: alloc::vec![self],
        }
    }

    /// The first code object of [`CodeObject::walk`] with that qualified name.
    #[must_use]
    pub fn find(&self, qualname: &str) -> Option<&CodeObject> {
        self.walk().find(|code| *code.qualname() == *qualname)
    }

    /// Whether both are one and the same object: Python's `is`.
    #[must_use]
    pub fn is(&self, other: &CodeObject) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }

    /// An address that differs between code objects alive at the same time: Python's `id`.
    #[must_use]
    pub fn id(&self) -> usize {
        Arc::as_ptr(&self.0) as usize
    }
}

/// A code object and all below it, depth first: see [`CodeObject::walk`].
#[derive(Clone, Debug)]
pub struct Walk<'a> {
    pending: Vec<&'a CodeObject>,
}

impl<'a> Iterator for Walk<'a> {
    type Item = &'a CodeObject;

    fn next(&mut self) -> Option<&'a CodeObject> {
        let code = self.pending.pop()?;
        self.pending.extend(code.children().rev());
        Some(code)
    }
}

impl CodeObject {
    /// Compares all but the constants, which it adds to `comparison`.
    pub(crate) fn compare<'a>(&'a self, other: &'a Self, comparison: &mut Comparison<'a>) -> bool {
        let (a, b) = (self.fields(), other.fields());
        a.version == b.version
            && a.name == b.name
            && a.argcount == b.argcount
            && a.posonlyargcount == b.posonlyargcount
            && a.kwonlyargcount == b.kwonlyargcount
            && a.flags == b.flags
            && a.firstlineno == b.firstlineno
            && a.code == b.code
            && a.names == b.names
            && a.localsplusnames == b.localsplusnames
            && if a.version.has_localsplus() {
                a.linetable == b.linetable && a.exceptiontable == b.exceptiontable
            } else {
                // Here the kinds only say where one list of names ends and the next begins.
                a.localspluskinds == b.localspluskinds
            }
            && comparison.add_all(&a.consts, &b.consts)
    }
}

impl PartialEq for CodeObject {
    /// CPython's equality (checked from 3.8 to 3.15): the file name, the qualified name, the stack size and the kinds
    /// of the localsplus are ignored; the line table counts from 3.11 on. Constants compare with their
    /// types, so that a code object with a NaN among them equals only itself.
    fn eq(&self, other: &Self) -> bool {
        let mut comparison = Comparison::default();
        self.is(other) || (self.compare(other, &mut comparison) && comparison.run())
    }
}

impl Eq for CodeObject {}

impl fmt::Debug for CodeObject {
    /// As Python's `repr()`, without what is inside.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        crate::repr::write_code(self, f)
    }
}

impl Hash for CodeObject {
    fn hash<H: Hasher>(&self, state: &mut H) {
        let fields = self.fields();
        fields.name.hash(state);
        (
            fields.argcount,
            fields.posonlyargcount,
            fields.kwonlyargcount,
        )
            .hash(state);
        (fields.flags, fields.firstlineno).hash(state);
        fields.code.hash(state);
        fields.names.hash(state);
        fields.localsplusnames.hash(state);
        fields.consts.hash(state);
    }
}
