//! Why bytes are not a varint, and where.

use core::fmt;

/// A varint that cannot be read: what is wrong and at which byte of the input.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Error {
    kind: ErrorKind,
    offset: usize,
}

/// What is wrong with a varint.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The input ends where another byte of the value was announced or expected.
    Truncated,
    /// The value has a leading group of zeros, so a shorter encoding exists.
    Overlong,
    /// The value needs more than 32 bits.
    Overflow,
    /// Bit 7 is set on a byte inside a value or on a value that is not an entry's start.
    UnexpectedMark,
    /// Bit 7 is clear on the first byte of an exception table entry's `start`.
    MissingMark,
}

impl Error {
    pub(crate) const fn new(kind: ErrorKind, offset: usize) -> Self {
        Self { kind, offset }
    }

    /// What is wrong.
    #[must_use]
    pub const fn kind(&self) -> ErrorKind {
        self.kind
    }

    /// The offset of the offending byte (for truncated input, of the byte that is missing), in bytes from the
    /// start of the slice that was read.
    #[must_use]
    pub const fn offset(&self) -> usize {
        self.offset
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = match self.kind {
            ErrorKind::Truncated => "input ends inside a varint, expected another byte",
            ErrorKind::Overlong => {
                "varint has a leading group of zeros, expected the shortest form"
            }
            ErrorKind::Overflow => "varint needs more than 32 bits",
            ErrorKind::UnexpectedMark => "varint byte has bit 7 set, expected it clear",
            ErrorKind::MissingMark => "entry start has bit 7 clear, expected it set",
        };
        write!(f, "{what} at offset {:#x}", self.offset)
    }
}

impl core::error::Error for Error {}
