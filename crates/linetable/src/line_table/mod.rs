//! The line table of 3.10 (PEP 626): `co_linetable` as pairs of a width in bytes and a line delta.
//!
//! Invariant: reading allocates nothing.

mod decode;
#[cfg(feature = "alloc")]
mod encode;

pub use decode::{Entries, Entry, Lines};
#[cfg(feature = "alloc")]
pub use encode::LineTableBuilder;

use crate::lnotab::ComputedLnotab;
use crate::{ByteOffset, Error};

/// The line delta that means "no line here" and leaves the running line as it was.
pub(crate) const NO_LINE: i8 = -128;

/// A `co_linetable` of CPython 3.10, borrowed.
///
/// ```
/// use pyco_linetable::{ByteOffset, LineTable};
///
/// // `def f(x):` on line 1, `return x + 1` on line 2: eight bytes of code, all on line 2.
/// let table = LineTable::new(b"\x08\x01", 1);
/// assert_eq!(table.addr2line(ByteOffset(4))?, Some(2));
/// assert_eq!(table.addr2line(ByteOffset(8))?, None);
/// # Ok::<(), pyco_linetable::Error>(())
/// ```
///
/// Checked against CPython 3.10.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LineTable<'a> {
    bytes: &'a [u8],
    first_line: i32,
}

impl<'a> LineTable<'a> {
    /// A view of `bytes`, the `co_linetable` of a code object whose `co_firstlineno` is `first_line`.
    #[inline]
    #[must_use]
    pub const fn new(bytes: &'a [u8], first_line: i32) -> Self {
        Self { bytes, first_line }
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

    /// The pairs as they stand in the table, those of width zero included.
    #[inline]
    #[must_use]
    pub const fn entries(&self) -> Entries<'a> {
        Entries::new(self.bytes)
    }

    /// What `co_lines()` yields: one range for each pair that has a width.
    #[inline]
    #[must_use]
    pub const fn lines(&self) -> Lines<'a> {
        Lines::new(self.entries(), self.first_line)
    }

    /// The line at `offset` (`PyCode_Addr2Line`); `None` where CPython says −1: the table has no line there, or
    /// ends before.
    ///
    /// # Errors
    /// Those of [`Lines`].
    #[inline]
    pub fn addr2line(&self, offset: impl Into<ByteOffset>) -> Result<Option<u32>, Error> {
        crate::line_range::find(self.lines(), offset.into())
    }

    /// The pairs of the `co_lnotab` that 3.10 computes from the table.
    #[must_use]
    pub const fn co_lnotab(&self) -> ComputedLnotab<Lines<'a>> {
        ComputedLnotab::new(self.lines(), self.first_line)
    }
}
