//! The location table of 3.11 and later (PEP 657): `co_linetable` as entries of lines and columns.
//!
//! Invariant: nothing here allocates but what the `alloc` feature adds for writing.

#[cfg(target_arch = "x86_64")]
#[allow(unsafe_code, reason = "vector instructions")]
mod avx512;
#[allow(unsafe_code, reason = "vector instructions")]
mod block;
mod decode;
#[cfg(feature = "alloc")]
mod encode;
mod entry;
mod line_delta;
mod lines;
#[allow(unsafe_code, reason = "vector instructions")]
mod run;
mod skip;
mod window;

pub(crate) use decode::RawEntries;
pub use decode::{Entries, Positions};
#[cfg(feature = "alloc")]
pub use encode::{LocationTableBuilder, encode_entries};
pub(crate) use entry::MAX_ENTRY_LEN;
pub use entry::{Entry, Form};
pub use lines::Lines;

use crate::lnotab::ComputedLnotab;
use crate::{ByteOffset, Error, Location};

/// A `co_linetable` of CPython 3.11 or later, borrowed.
///
/// ```
/// use pyco_linetable::{Location, LocationTable, UnitOffset};
///
/// // `def f(x): return x + 1`, compiled by CPython 3.13; the code object starts on line 1.
/// let table = LocationTable::new(b"\x80\x00\x90\x11\x90Q\x91\x15\x88,", 1);
/// assert_eq!(table.addr2line(UnitOffset(2))?, Some(1));
/// assert_eq!(table.location(UnitOffset(3))?, Location::new(Some(1), Some(1), Some(17), Some(22)));
/// assert_eq!(table.positions().count(), 6);
/// # Ok::<(), pyco_linetable::Error>(())
/// ```
///
/// Checked against CPython 3.11 to 3.15, in which the format is one and the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LocationTable<'a> {
    bytes: &'a [u8],
    first_line: i32,
}

/// How `co_lines()` cuts its ranges: the table is the same, the rule is not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum LinesRule {
    /// 3.11: one range for each entry of the table.
    EachEntry,
    /// 3.12 and later: neighbours on one line, or both on none, are one range.
    Merged,
}

impl<'a> LocationTable<'a> {
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

    /// The entries as they stand in the table, in order.
    #[inline]
    #[must_use]
    pub const fn entries(&self) -> Entries<'a> {
        Entries::new(self.bytes, self.first_line)
    }

    /// What `co_lines()` yields.
    #[inline]
    #[must_use]
    pub const fn lines(&self, rule: LinesRule) -> Lines<'a> {
        Lines::new(self.bytes, self.first_line, rule)
    }

    /// What `co_positions()` yields: one location for each code unit, caches included.
    #[inline]
    #[must_use]
    pub const fn positions(&self) -> Positions<'a> {
        Positions::new(self.entries())
    }

    /// The location of the code unit at `offset` (`PyCode_Addr2Location`); [`Location::NONE`] where the table
    /// says so, and beyond its end.
    ///
    /// Reads the table up to that unit and no further; see the index for many look-ups in one table.
    ///
    /// # Errors
    /// Those of [`Entries`].
    #[inline]
    pub fn location(&self, offset: impl Into<ByteOffset>) -> Result<Location, Error> {
        self.entries().find(offset.into().to_units())
    }

    /// The line of the code unit at `offset` (`PyCode_Addr2Line`); `None` where CPython says −1: the table has
    /// no line there, or ends before.
    ///
    /// # Errors
    /// Those of [`Entries`].
    #[inline]
    pub fn addr2line(&self, offset: impl Into<ByteOffset>) -> Result<Option<u32>, Error> {
        Ok(self.location(offset)?.line())
    }

    /// The pairs of the `co_lnotab` that 3.11 to 3.14 compute from the table (3.15 has none).
    #[must_use]
    pub const fn co_lnotab(&self) -> ComputedLnotab<Lines<'a>> {
        ComputedLnotab::new(self.lines(LinesRule::EachEntry), self.first_line)
    }

    /// An index of the table, for many look-ups.
    ///
    /// # Errors
    /// Those of [`Entries`].
    #[cfg(feature = "alloc")]
    pub fn index(&self) -> Result<crate::LocationIndex, Error> {
        crate::LocationIndex::from_runs(self.entries().map(|entry| {
            let entry = entry?;
            Ok((entry.end().to_bytes(), entry.location))
        }))
    }
}
