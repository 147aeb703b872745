//! The one error type: what was wrong, and the absolute byte offset in the file where.
//!
//! Messages are lower case, name what was found and what was expected, and end with the offset.

use crate::Version;

/// Why some bytes were refused or some value cannot be written, and where.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{kind} at offset {offset:#x}")]
pub struct Error {
    kind: ErrorKind,
    offset: u64,
}

impl Error {
    pub(crate) const fn new(kind: ErrorKind, offset: usize) -> Self {
        Self {
            kind,
            offset: offset as u64,
        }
    }

    /// What was wrong.
    #[must_use]
    pub const fn kind(&self) -> ErrorKind {
        self.kind
    }

    /// Where: bytes from the start of the file when reading a `.pyc` or when a base offset was
    /// given, from the start of the input otherwise. When writing: bytes already written.
    #[must_use]
    pub const fn offset(&self) -> u64 {
        self.offset
    }

    /// The same error `base` bytes further into the file.
    pub(crate) const fn moved(self, base: usize) -> Self {
        Self {
            kind: self.kind,
            offset: self.offset + base as u64,
        }
    }
}

/// What was wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The input ends where a type byte should stand.
    #[error("input ends, expected an object")]
    ExpectedObject,
    /// The input ends inside the payload of an object.
    #[error("input ends, expected {expected} more bytes and found {found}")]
    Truncated {
        /// Bytes that the payload still needs.
        expected: u32,
        /// Bytes that are left.
        found: u32,
    },
    /// A type byte that this format does not have.
    #[error("unknown type code {0:#04x}")]
    UnknownTypeCode(u8),
    /// A count below zero.
    #[error("negative {what} {found}")]
    NegativeSize {
        /// What is counted.
        what: &'static str,
        /// The number found.
        found: i32,
    },
    /// A count larger than what the rest of the input can hold.
    #[error("{what} {found} is more than the {left} bytes left can hold")]
    SizeTooLarge {
        /// What is counted.
        what: &'static str,
        /// The number found.
        found: u32,
        /// Bytes left in the input.
        left: u32,
    },
    /// NULL where an object must stand; it is legal in a dict only, as its end.
    #[error("NULL found, expected an object")]
    UnexpectedNull,
    /// A back reference outside the table of objects flagged so far.
    #[error("reference to object {index}, but only {known} are known")]
    InvalidReference {
        /// The index found.
        index: i32,
        /// Entries in the reference table so far.
        known: u32,
    },
    /// A reference to an object that is still being read and that cannot contain itself.
    #[error("reference {index} to an object that is not complete yet")]
    UnfinishedReference {
        /// The index found.
        index: i32,
    },
    /// A digit of a long above 0x7fff.
    #[error("long digit {0:#x} is above 0x7fff")]
    DigitOutOfRange(u16),
    /// A long whose most significant digit is zero.
    #[error("long has a zero as its most significant digit")]
    UnnormalizedLong,
    /// A long with 2^31 digits.
    #[error("long size {0} is out of range")]
    LongSizeOutOfRange(i32),
    /// Text of a float that is none.
    #[error("text is not a float")]
    InvalidFloatText,
    /// A str that is not UTF-8, even with surrogates allowed.
    #[error("str is not valid UTF-8")]
    InvalidUtf8,
    /// Containers nested deeper than [`Limits::max_depth`](crate::Limits).
    #[error("containers are nested deeper than {0}")]
    TooDeep(u32),
    /// More objects than [`Limits::max_nodes`](crate::Limits).
    #[error("more than {0} objects")]
    TooManyNodes(u32),
    /// More memory needed than [`Limits::max_bytes`](crate::Limits).
    #[error("more than {0} bytes of memory would be needed")]
    TooMuchMemory(u64),
    /// Input of 4 GiB or more.
    #[error("input of 4 GiB or more")]
    InputTooLarge,
    /// A code object in a version whose layout of code objects is not known.
    #[error("code object of a version whose layout is not known")]
    UnknownCodeLayout,
    /// A field of a code object is not of the type that CPython requires.
    #[error("{field} is a {found}, expected {expected}")]
    FieldType {
        /// Name of the field, CPython's spelling.
        field: &'static str,
        /// Type that was found.
        found: &'static str,
        /// Type that was expected.
        expected: &'static str,
    },
    /// A number in a code object that CPython refuses.
    #[error("{field} is {found}, expected 0 or more")]
    NegativeField {
        /// Name of the field, CPython's spelling.
        field: &'static str,
        /// The number found.
        found: i32,
    },
    /// An object that contains itself: a [`Document`](crate::Document) holds it, an owned
    /// [`Value`](crate::Value) cannot.
    #[error("object {index} contains itself, which a value cannot hold")]
    RecursiveObject {
        /// Index in the reference table.
        index: i32,
    },
    /// Fewer bytes than a `.pyc` header.
    #[error("file ends, expected a .pyc header of {expected} bytes and found {found}")]
    ShortHeader {
        /// Size of the header.
        expected: u32,
        /// Size of the file.
        found: u32,
    },
    /// First four bytes that no CPython from 2.7 on has written.
    #[error("magic number {0} is none of CPython's from 2.7 on")]
    UnknownMagic(u32),
    /// The magic number of a pre-release whose code objects are laid out as in no release.
    #[error("magic number {0} is of a pre-release whose code objects cannot be read")]
    UnsupportedMagic(u16),
    /// Header flags outside PEP 552.
    #[error("invalid .pyc flags {0:#x}, expected 0, 1 or 3")]
    InvalidFlags(u32),
    /// An object that the chosen marshal version has no type code for.
    #[error("{what} cannot be written in marshal version {version}")]
    Unmarshallable {
        /// Kind of object.
        what: &'static str,
        /// The marshal version asked for.
        version: u8,
    },
    /// Code objects of one Python asked to be written for another.
    #[error("code object lacks fields that Python {0} needs")]
    CodeLayoutMismatch(Version),
    /// Code objects of this Python are read, but not written.
    #[error("code objects of Python {0} are read but not written")]
    NotWritten(Version),
    /// A length that does not fit the 31 bits of the format.
    #[error("{what} of {found} items does not fit in 31 bits")]
    TooLong {
        /// What is counted.
        what: &'static str,
        /// Its size.
        found: u64,
    },
}
