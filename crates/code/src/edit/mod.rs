//! [`Assembly`]: the body of a code object in a form that can be edited, and back (3.11 to 3.15).
//!
//! Invariants: what jumps and exception regions refer to are labels, so that statements can be inserted, removed and
//! replaced anywhere and all tables stay true; `assemble` of what `Assembly::of` made of the compiler's
//! output is that output, byte for byte.

mod assemble;
mod disassemble;
mod stack;

use alloc::vec::Vec;

use pyco_linetable::Location;

use crate::code_object::CodeObject;
use crate::error::{Error, ErrorKind, Place};
use crate::op::Op;
use crate::table::OpInfo;
use crate::version::Version;

pub use stack::StackDepth;
pub(crate) use stack::ends;

/// A place in an [`Assembly`], to which jumps and exception regions refer.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Label(pub u32);

/// The argument of a statement.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Argument {
    /// A number: an index, a count, flags; 0 for an instruction that has none.
    Number(u32),
    /// Where a jump leads.
    Target(Label),
}

/// An instruction in editable form: no prefixes, no caches, no offsets.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Statement {
    /// The opcode, one that the compiler writes.
    pub op: Op,
    /// Its argument.
    pub argument: Argument,
    /// Where in the source it comes from.
    pub location: Location,
    /// At least so many `EXTENDED_ARG` stand before it, whether or not its argument needs them: 0 to 3.
    pub min_prefixes: u8,
    /// How many `EXTENDED_ARG` a jump had where it was read. There can be several layouts of which each needs the
    /// prefixes that it has; this finds the same one again.
    pub prefix_hint: u8,
}

impl Statement {
    /// A statement with a number as its argument.
    #[must_use]
    pub const fn new(op: Op, oparg: u32, location: Location) -> Self {
        Statement {
            op,
            argument: Argument::Number(oparg),
            location,
            min_prefixes: 0,
            prefix_hint: 0,
        }
    }

    /// A statement that jumps.
    #[must_use]
    pub const fn jump(op: Op, target: Label, location: Location) -> Self {
        Statement {
            op,
            argument: Argument::Target(target),
            location,
            min_prefixes: 0,
            prefix_hint: 0,
        }
    }
}

/// What an [`Assembly`] consists of.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Element {
    /// The statement after it, and any other label between, is this place.
    Label(Label),
    /// An instruction.
    Statement(Statement),
}

/// An entry of the exception table.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Region {
    /// The first statement covered is the one after this label.
    pub start: Label,
    /// The first statement no more covered is the one after this label.
    pub end: Label,
    /// The handler.
    pub target: Label,
    /// The stack depth to which the handler unwinds.
    pub depth: u32,
    /// Whether the offset of the raising instruction is pushed before the exception.
    pub lasti: bool,
}

/// The body of a code object in editable form.
///
/// ```
/// use pyco_code::edit::{Assembly, Element, Statement};
/// use pyco_code::{CodeObject, Location, Op, Version};
/// # let marshalled = b"c\0\0\0\0\0\0\0\0\0\0\0\0\x01\0\0\0\0\0\0\0\xf3\x04\0\0\0\x95\0g\0)\x01N\
/// #     \xa9\0r\x01\0\0\0\xf3\0\0\0\0\xda\x08empty.py\xda\x08<module>r\x04\0\0\0\x01\0\0\0\
/// #     s\x05\0\0\0\xf1\x03\x01\x01\x01r\x02\0\0\0";
/// // An empty module: RESUME, RETURN_CONST.
/// let code = CodeObject::from_marshal(Version::V3_13, marshalled, 0)?;
/// let mut assembly = Assembly::of(&code)?;
/// assert_eq!(assembly.assemble(&code)?, code);
///
/// let nop = Statement::new(Op::Nop, 0, Location::from_line(1));
/// assembly.elements.insert(1, Element::Statement(nop));
/// let longer = assembly.assemble(&code)?;
/// assert_eq!(longer.code().len(), code.code().len() + 2);
/// # Ok::<(), pyco_code::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Assembly {
    version: Version,
    /// Statements and labels, in the order of the bytecode.
    pub elements: Vec<Element>,
    /// The exception regions, in the order of the table: an instruction that several cover is the first one's.
    pub regions: Vec<Region>,
    next_label: u32,
}

impl Assembly {
    /// A body without statements.
    ///
    /// # Errors
    /// [`ErrorKind::NotEditable`] for versions before 3.11.
    pub fn new(version: Version) -> Result<Self, Error> {
        if !version.has_localsplus() {
            return Err(Error::new(ErrorKind::NotEditable(version), Place::Unknown));
        }
        Ok(Assembly {
            version,
            elements: Vec::new(),
            regions: Vec::new(),
            next_label: 0,
        })
    }

    /// The version whose instructions these are.
    #[must_use]
    pub const fn version(&self) -> Version {
        self.version
    }

    /// A label that is not yet anywhere.
    pub fn new_label(&mut self) -> Label {
        let label = Label(self.next_label);
        self.next_label += 1;
        label
    }

    /// The statements, in order.
    pub fn statements(&self) -> impl DoubleEndedIterator<Item = &Statement> {
        self.elements.iter().filter_map(|element| match element {
            Element::Statement(statement) => Some(statement),
            Element::Label(_) => None,
        })
    }

    /// `base` with this body: its bytecode, location and exception table, and its stack size if the body needs
    /// more.
    ///
    /// # Errors
    /// Where a label is nowhere or at two places, a jump leads into the wrong direction or too far, the version
    /// has no such instruction, or a table cannot hold what it should.
    pub fn assemble(&self, base: &CodeObject) -> Result<CodeObject, Error> {
        if base.version() != self.version {
            let expected = alloc::format!("expected that of CPython {}", base.version());
            return Err(Error::new(
                ErrorKind::FieldValue("body", expected),
                Place::Unknown,
            ));
        }
        let parts = self.tables(base.firstlineno())?;
        let is_same = parts.code == base.code();
        let mut new = base.replace();
        if !is_same {
            let needed = StackDepth::of(self)?.needed();
            new = new.stacksize(base.stacksize().max(needed));
        }
        new.code(parts.code)
            .linetable(parts.linetable)
            .exceptiontable(parts.exceptiontable)
            .build()
    }

    /// The bytecode and tables of this body.
    pub(crate) fn tables(&self, firstlineno: i32) -> Result<assemble::Parts, Error> {
        assemble::assemble(self, firstlineno)
    }

    /// What is known of a statement's opcode, if the compiler may write it.
    fn info(&self, op: Op, index: usize) -> Result<&'static OpInfo, Error> {
        self.version
            .table()
            .info_of(op)
            .filter(|info| info.kind == crate::table::Kind::Base)
            .ok_or_else(|| fail(ErrorKind::NoSuchInstruction(self.version, op), index))
    }
}

/// An error about the element at `index`.
#[cold]
fn fail(kind: ErrorKind, index: usize) -> Error {
    Error::new(kind, Place::Element(index as u32))
}
