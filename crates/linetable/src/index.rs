//! An index of one table, for many look-ups: built once, then each is a binary search.
//!
//! Invariants: `starts` and `locations` are of one length; `starts` ascends and its first is 0; neighbours have
//! different locations.

use crate::{ByteOffset, Error, Location};
use alloc::vec::Vec;

/// The locations of one code object, indexed by offset: for a profiler that asks about the same function again
/// and again.
///
/// It owns what it needs (20 bytes for each location that differs from the one before) and answers as the table
/// it was built from does.
///
/// ```
/// use pyco_linetable::{LocationTable, UnitOffset};
///
/// let index = LocationTable::new(b"\x80\x00\x90\x11\x92\x15", 1).index()?;
/// assert_eq!(index.location(UnitOffset(1)).to_string(), "1:17-1:18");
/// assert_eq!(index.addr2line(UnitOffset(4)), Some(1));
/// assert_eq!(index.addr2line(UnitOffset(5)), None);
/// # Ok::<(), pyco_linetable::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LocationIndex {
    starts: Vec<u32>,
    locations: Vec<Location>,
}

impl LocationIndex {
    /// Builds the index from runs of bytes, each starting where the one before ends; beyond the last, nothing.
    pub(crate) fn from_runs(
        runs: impl Iterator<Item = Result<(ByteOffset, Location), Error>>,
    ) -> Result<Self, Error> {
        let mut index = Self {
            starts: Vec::new(),
            locations: Vec::new(),
        };
        let mut start = ByteOffset(0);
        for run in runs {
            let (end, location) = run?;
            index.push(start, location);
            start = end;
        }
        if start < ByteOffset(u32::MAX) {
            index.push(start, Location::NONE);
        }
        Ok(index)
    }

    fn push(&mut self, start: ByteOffset, location: Location) {
        if self.locations.last() != Some(&location) {
            self.starts.push(start.0);
            self.locations.push(location);
        }
    }

    /// The location of the instruction at `offset`; [`Location::NONE`] where there is none.
    #[inline]
    #[must_use]
    pub fn location(&self, offset: impl Into<ByteOffset>) -> Location {
        let offset = offset.into().0;
        let after = self.starts.partition_point(|start| *start <= offset);
        after
            .checked_sub(1)
            .map_or(Location::NONE, |at| self.locations[at])
    }

    /// The line of the instruction at `offset`; `None` where there is none.
    #[inline]
    #[must_use]
    pub fn addr2line(&self, offset: impl Into<ByteOffset>) -> Option<u32> {
        self.location(offset).line()
    }

    /// How many runs of one location the index holds.
    #[must_use]
    pub fn run_count(&self) -> usize {
        self.starts.len()
    }
}
