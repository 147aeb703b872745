//! [`Error`]: why bytes are not the code object, instruction or table that they claim to be, and where.
//!
//! Invariant: an error names the place of what it complains about, as precisely as is known: an offset in
//! the file for what marshal read, an offset in the bytecode or in a table for what lies within one.

use alloc::string::String;
use core::fmt;

use crate::op::Op;
use crate::version::Version;

/// What is wrong and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Error {
    kind: ErrorKind,
    place: Place,
}

/// Where something is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Place {
    /// Nowhere in particular, or not known: a value that did not come from a file.
    Unknown,
    /// A byte of the file (or of whatever marshal read).
    File(u64),
    /// A byte of a code object's bytecode.
    Bytecode(u32),
    /// A byte of a code object's exception table.
    ExceptionTable(u32),
    /// A byte of a code object's table of locations.
    LocationTable(u32),
    /// An element of an assembly, by index.
    Element(u32),
}

/// What is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum ErrorKind {
    /// This version has no opcode of that number.
    UnknownOpcode(Version, u8),
    /// The bytecode ends inside an instruction.
    TruncatedInstruction,
    /// The bytecode ends inside the inline cache of this instruction.
    TruncatedCache(Op),
    /// The bytecode ends after an `EXTENDED_ARG`, or one stands before an instruction without argument
    /// where CPython would drop it.
    DanglingExtendedArg,
    /// More than three `EXTENDED_ARG` (one in 2.7) stand before an instruction.
    TooManyExtendedArgs,
    /// A jump leads outside of the bytecode.
    JumpOutOfRange(Op),
    /// A jump or an exception table entry leads into the middle of an instruction, or behind the bytecode.
    NotAnInstruction,
    /// The table of locations is malformed; the error has its own offset.
    LocationTable(pyco_linetable::Error),
    /// Code objects before 3.11 can be read only.
    NotEditable(Version),
    /// The compiler of this version writes no such instruction.
    NoSuchInstruction(Version, Op),
    /// A label, by number, is at no place, or at more than one.
    LabelPlaces(u32, usize),
    /// A jump has no label as its target, or an instruction that does not jump has one.
    ArgumentKind(Op),
    /// A jump leads backward where the instruction jumps forward, or the other way round.
    JumpDirection(Op),
    /// An instruction takes more from the stack than there is, or execution comes to a place with different depths.
    StackDepth(Op),
    /// An exception table entry is cut off or wrongly encoded; the text says how.
    ExceptionEntry(pyco_varint::ErrorKind),
    /// An exception table entry covers more than 2³² units.
    ExceptionRange,
    /// Marshal refuses the bytes; the error has its own offset.
    Marshal(pyco_marshal::Error),
    /// A Python with this magic number wrote the file, whose bytecode pyco does not know: a pre-release, or a version
    /// before 3.6 or after 3.15.
    UnknownMagic(u16),
    /// A marshalled object of this type stands where a code object should.
    NotCode(&'static str),
    /// A text would be longer than so many bytes.
    TooLarge(usize),
    /// A field of a code object has a value that CPython refuses; the text says what was expected.
    FieldValue(&'static str, String),
}

impl Error {
    #[cold]
    pub(crate) const fn new(kind: ErrorKind, place: Place) -> Self {
        Error { kind, place }
    }

    #[cold]
    pub(crate) const fn marshal(error: pyco_marshal::Error) -> Self {
        Error::new(ErrorKind::Marshal(error), Place::File(error.offset()))
    }

    #[cold]
    pub(crate) const fn bytecode(kind: ErrorKind, offset: u32) -> Self {
        Error::new(kind, Place::Bytecode(offset))
    }

    /// The same error about nowhere in particular, for those who say the place in their own words.
    pub(crate) fn without_place(self) -> Self {
        Error::new(self.kind, Place::Unknown)
    }

    /// What is wrong.
    #[must_use]
    pub const fn kind(&self) -> &ErrorKind {
        &self.kind
    }

    /// Where.
    #[must_use]
    pub const fn place(&self) -> Place {
        self.place
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.kind {
            ErrorKind::UnknownOpcode(version, raw) => {
                write!(
                    f,
                    "found opcode {raw}, which CPython {version} does not have"
                )?;
            }
            ErrorKind::TruncatedInstruction => {
                f.write_str("bytecode ends inside an instruction")?;
            }
            ErrorKind::TruncatedCache(op) => {
                write!(f, "bytecode ends inside the inline cache of {op}")?;
            }
            ErrorKind::DanglingExtendedArg => {
                f.write_str(
                    "found EXTENDED_ARG, expected an instruction with an argument after it",
                )?;
            }
            ErrorKind::TooManyExtendedArgs => {
                f.write_str("found more EXTENDED_ARG than an argument has room for")?;
            }
            ErrorKind::JumpOutOfRange(op) => {
                write!(f, "{op} jumps outside of the bytecode")?;
            }
            ErrorKind::NotAnInstruction => {
                f.write_str("a jump or exception handler leads to where no instruction starts")?;
            }
            ErrorKind::LocationTable(error) => return write!(f, "{error} of the location table"),
            ErrorKind::NotEditable(version) => {
                write!(
                    f,
                    "found code of CPython {version}, expected that of 3.11 or later to edit"
                )?;
            }
            ErrorKind::NoSuchInstruction(version, op) => {
                write!(
                    f,
                    "found {op}, which the compiler of CPython {version} does not write"
                )?;
            }
            ErrorKind::LabelPlaces(label, count) => {
                write!(f, "label L{label} is at {count} places, expected one")?;
            }
            ErrorKind::ArgumentKind(op) => {
                write!(
                    f,
                    "{op} has the wrong kind of argument: jumps need a label, and nothing else does"
                )?;
            }
            ErrorKind::JumpDirection(op) => {
                write!(f, "{op} leads into the direction in which it cannot jump")?;
            }
            ErrorKind::StackDepth(op) => {
                write!(
                    f,
                    "{op} finds too few items on the stack, or another number than before"
                )?;
            }
            ErrorKind::ExceptionEntry(why) => {
                let why = match why {
                    pyco_varint::ErrorKind::Truncated => "it ends early",
                    pyco_varint::ErrorKind::MissingMark => "its first byte has bit 7 clear",
                    pyco_varint::ErrorKind::UnexpectedMark => "an inner byte has bit 7 set",
                    pyco_varint::ErrorKind::Overlong => "a number is longer than need be",
                    pyco_varint::ErrorKind::Overflow => "a number has more than 32 bits",
                    _ => "a number is malformed",
                };
                write!(f, "found a malformed exception table entry: {why}")?;
            }
            ErrorKind::ExceptionRange => {
                f.write_str("found an exception table entry that ends beyond all bytecode")?;
            }
            // Its own text ends with the offset.
            ErrorKind::Marshal(error) => return write!(f, "{error}"),
            ErrorKind::UnknownMagic(number) => {
                write!(f, "found magic number {number}")?;
                if let Some(magic) = pyco_marshal::Magic::from_number(*number) {
                    write!(f, " of CPython {}", magic.first_release())?;
                }
                f.write_str(", expected that of a release of CPython 2.7, or 3.6 to 3.15")?;
            }
            ErrorKind::NotCode(found) => write!(f, "found {found}, expected a code object")?,
            ErrorKind::TooLarge(most) => write!(f, "the text would be longer than {most} bytes")?,
            ErrorKind::FieldValue(field, expected) => {
                write!(f, "{field} is refused: {expected}")?;
            }
        }
        match self.place {
            Place::Unknown => Ok(()),
            Place::File(offset) => write!(f, " at offset {offset:#x}"),
            Place::Bytecode(offset) => write!(f, " at bytecode offset {offset}"),
            Place::LocationTable(offset) => write!(f, " at location table offset {offset:#x}"),
            Place::Element(index) => write!(f, " at element {index} of the assembly"),
            Place::ExceptionTable(offset) => write!(f, " at exception table offset {offset:#x}"),
        }
    }
}

impl core::error::Error for Error {}
