//! Why a table cannot be read or written, and where.

use core::fmt;

/// A table that cannot be read or written: what is wrong and at which byte of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Error {
    kind: ErrorKind,
    offset: usize,
}

/// What is wrong with a table, or with what should become one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The table ends inside an entry.
    Truncated,
    /// An entry should start here, but this byte has bit 7 clear.
    MissingEntryMark,
    /// A byte inside an entry has bit 7 set, which only the first byte may.
    UnexpectedEntryMark,
    /// A varint has a leading group of zeros; the shortest form was expected.
    OverlongVarint,
    /// A varint needs more than 32 bits.
    VarintOverflow,
    /// The entry leads to a line below 0 or above 2³¹ − 1.
    LineOutOfRange,
    /// The entry leads to a bytecode offset above 2³¹ − 1, more than CPython's code can have.
    CodeTooLong,
    /// A table of byte pairs (3.10 and before) has an odd length.
    OddLength,
    /// To be encoded: a location ends on a line before its first.
    EndBeforeStart,
    /// To be encoded: a line starts at an address before the one given last.
    AddressGoesBack,
    /// To be encoded: an entry's form cannot hold its location or its number of code units.
    FormTooSmall,
}

impl Error {
    #[cold]
    pub(crate) const fn new(kind: ErrorKind, offset: usize) -> Self {
        Self { kind, offset }
    }

    /// What is wrong.
    #[must_use]
    pub const fn kind(&self) -> ErrorKind {
        self.kind
    }

    /// The offset of the offending byte from the start of the table, in bytes; for a truncated table its
    /// length; when encoding, the length of the table so far.
    #[must_use]
    pub const fn offset(&self) -> usize {
        self.offset
    }
}

impl From<pyco_varint::Error> for Error {
    #[cold]
    fn from(error: pyco_varint::Error) -> Self {
        let kind = match error.kind() {
            pyco_varint::ErrorKind::Truncated => ErrorKind::Truncated,
            pyco_varint::ErrorKind::Overlong => ErrorKind::OverlongVarint,
            pyco_varint::ErrorKind::Overflow => ErrorKind::VarintOverflow,
            _ => ErrorKind::UnexpectedEntryMark,
        };
        Self::new(kind, error.offset())
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = match self.kind {
            ErrorKind::Truncated => "location table ends inside an entry, expected more bytes",
            ErrorKind::MissingEntryMark => {
                "byte has bit 7 clear, expected an entry start with it set"
            }
            ErrorKind::UnexpectedEntryMark => {
                "byte inside an entry has bit 7 set, expected it clear"
            }
            ErrorKind::OverlongVarint => {
                "varint has a leading group of zeros, expected the shortest form"
            }
            ErrorKind::VarintOverflow => "varint needs more than 32 bits",
            ErrorKind::LineOutOfRange => "line is out of range, expected 0 to 2147483647",
            ErrorKind::CodeTooLong => "table covers more bytecode than 2147483647 bytes",
            ErrorKind::OddLength => "table of byte pairs has an odd length, expected an even one",
            ErrorKind::EndBeforeStart => {
                "location ends before it starts, expected an end line from its line on"
            }
            ErrorKind::AddressGoesBack => {
                "address is before the last one, expected ascending addresses"
            }
            ErrorKind::FormTooSmall => "entry form cannot hold its location or unit count",
        };
        write!(f, "{what} at offset {:#x}", self.offset)
    }
}

impl core::error::Error for Error {}
