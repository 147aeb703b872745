//! The line number table up to 3.9: `co_lnotab` as pairs of an address delta and a line delta.
//!
//! Invariant: reading allocates nothing.

mod computed;
mod decode;
#[cfg(feature = "alloc")]
mod encode;

pub use computed::ComputedLnotab;
pub use decode::{Entries, Entry, Lines};
#[cfg(feature = "alloc")]
pub use encode::LnotabBuilder;

use crate::{ByteOffset, Error};

/// Whether the line deltas of a `co_lnotab` have a sign.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum LineDeltas {
    /// Up to 3.5, 2.7 among them: 0 to 255; a line never goes back.
    Unsigned,
    /// 3.6 and later: −128 to 127.
    Signed,
}

/// A `co_lnotab` of CPython 2.7 or 3.6 to 3.9, borrowed.
///
/// Unlike the later tables it says only where lines start, so the last range ends where the code does.
///
/// ```
/// use pyco_linetable::{ByteOffset, LineDeltas, Lnotab};
///
/// // Two lines of four bytes each, the first one line below `def`.
/// let table = Lnotab::new(b"\x00\x01\x04\x01", 1, ByteOffset(8), LineDeltas::Signed);
/// let lines: Vec<_> = table.lines().map(|range| range.unwrap().line()).collect();
/// assert_eq!(lines, [Some(2), Some(3)]);
/// assert_eq!(table.addr2line(ByteOffset(4))?, 3);
/// # Ok::<(), pyco_linetable::Error>(())
/// ```
///
/// Checked against CPython 2.7 and 3.6 to 3.9.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lnotab<'a> {
    bytes: &'a [u8],
    first_line: i32,
    code_len: ByteOffset,
    deltas: LineDeltas,
}

impl<'a> Lnotab<'a> {
    /// A view of `bytes`, the `co_lnotab` of a code object whose `co_firstlineno` is `first_line` and whose
    /// `co_code` is `code_len` bytes long.
    #[inline]
    #[must_use]
    pub const fn new(
        bytes: &'a [u8],
        first_line: i32,
        code_len: ByteOffset,
        deltas: LineDeltas,
    ) -> Self {
        Self {
            bytes,
            first_line,
            code_len,
            deltas,
        }
    }

    /// The table's bytes.
    #[inline]
    #[must_use]
    pub const fn as_bytes(&self) -> &'a [u8] {
        self.bytes
    }

    /// The line from which the first entry counts: `co_firstlineno`.
    #[inline]
    #[must_use]
    pub const fn first_line(&self) -> i32 {
        self.first_line
    }

    /// Whether its line deltas have a sign.
    #[inline]
    #[must_use]
    pub const fn deltas(&self) -> LineDeltas {
        self.deltas
    }

    /// The pairs as they stand in the table.
    #[inline]
    #[must_use]
    pub const fn entries(&self) -> Entries<'a> {
        Entries::new(self.bytes, self.deltas)
    }

    /// The ranges of code with their lines, without gaps from 0 to the end of the code, neighbours of one line
    /// merged. Their starts are what `dis.findlinestarts` of 3.8 and 3.9 yields.
    ///
    /// CPython had no `co_lines()` then; this is what it would have said.
    #[inline]
    #[must_use]
    pub const fn lines(&self) -> Lines<'a> {
        Lines::new(self.entries(), self.first_line, self.code_len)
    }

    /// As [`lines`](Self::lines), but with the ranges, if any, that start at or after the end of the code, the
    /// last of them empty: their starts are what `dis.findlinestarts` of 2.7, 3.6 and 3.7 yields.
    #[inline]
    #[must_use]
    pub const fn lines_beyond_code(&self) -> Lines<'a> {
        Lines::unbounded(self.entries(), self.first_line, self.code_len)
    }

    /// The line at `offset` (`PyCode_Addr2Line`); beyond the end of the code too, that of the last entry.
    ///
    /// # Errors
    /// Those of [`Lines`].
    #[inline]
    pub fn addr2line(&self, offset: impl Into<ByteOffset>) -> Result<u32, Error> {
        decode::find(self.entries(), self.first_line, offset.into())
    }
}
