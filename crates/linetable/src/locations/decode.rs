//! Decoding a location table: entries, lines, positions, and looking one offset up.
//!
//! Invariants: nothing allocates; each step consumes at least one byte of the table or ends the iteration; an
//! iterator yields nothing after an error.

use super::LinesRule;
use super::entry::{self, Entry};
use crate::{ByteOffset, Error, ErrorKind, LineRange, Location, UnitOffset};

/// One more than the last code unit that CPython's code can have: its size in bytes is a C int.
const MAX_UNITS: u32 = i32::MAX as u32 / 2;

/// The entries of a location table, in order.
///
/// # Errors
/// An item is an error, and the last one, where the table ends inside an entry, a byte has bit 7 set or clear
/// against the format, a varint is overlong or too large, a line would leave 0 to 2³¹ − 1, or the code would
/// be longer than 2³¹ − 1 bytes. CPython reads on in such cases, through whatever memory follows.
#[derive(Debug, Clone)]
pub struct Entries<'a> {
    bytes: &'a [u8],
    offset: usize,
    line: i32,
    unit: u32,
}

impl<'a> Entries<'a> {
    pub(super) const fn new(bytes: &'a [u8], first_line: i32) -> Self {
        Self {
            bytes,
            offset: 0,
            line: first_line,
            unit: 0,
        }
    }

    /// The offset of the next entry's first byte from the start of the table, in bytes.
    #[inline]
    #[must_use]
    pub const fn offset(&self) -> usize {
        self.offset
    }

    #[inline(always)]
    fn read(&mut self) -> Result<Entry, Error> {
        let decoded = entry::decode(self.bytes, self.offset, self.line)?;
        let start = self.unit;
        self.unit += u32::from(decoded.unit_count);
        if self.unit > MAX_UNITS {
            return Err(Error::new(ErrorKind::CodeTooLong, self.offset));
        }
        if !decoded.location.is_none() {
            self.line = decoded.location.line as i32;
        }
        self.offset = decoded.next;
        Ok(Entry {
            start: UnitOffset(start),
            unit_count: decoded.unit_count,
            form: decoded.form,
            location: decoded.location,
        })
    }

    /// The location at `unit`: reads up to it and no further.
    pub(super) fn find(self, unit: UnitOffset) -> Result<Location, Error> {
        for entry in self {
            let entry = entry?;
            if entry.end() > unit {
                return Ok(entry.location);
            }
        }
        Ok(Location::NONE)
    }
}

impl Iterator for Entries<'_> {
    type Item = Result<Entry, Error>;

    #[inline(always)]
    fn next(&mut self) -> Option<Self::Item> {
        if self.offset >= self.bytes.len() {
            return None;
        }
        let read = self.read();
        if read.is_err() {
            self.offset = self.bytes.len();
        }
        Some(read)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let left = self.bytes.len() - self.offset;
        (left.div_ceil(entry::MAX_ENTRY_LEN).min(1), Some(left))
    }
}

impl core::iter::FusedIterator for Entries<'_> {}

/// The line ranges of a location table: `co_lines()`.
///
/// # Errors
/// Those of [`Entries`].
#[derive(Debug, Clone)]
pub struct Lines<'a> {
    entries: Entries<'a>,
    rule: LinesRule,
    /// The entry, or the error, that was read but does not belong to the range yielded last.
    pending: Option<Result<LineRange, Error>>,
}

impl<'a> Lines<'a> {
    pub(super) const fn new(entries: Entries<'a>, rule: LinesRule) -> Self {
        Self {
            entries,
            rule,
            pending: None,
        }
    }

    #[inline(always)]
    fn read(&mut self) -> Option<Result<LineRange, Error>> {
        let entry = match self.entries.next()? {
            Ok(entry) => entry,
            Err(error) => return Some(Err(error)),
        };
        Some(Ok(LineRange {
            start: ByteOffset(entry.start.0 * 2),
            end: ByteOffset(entry.end().0 * 2),
            line: entry.location.line(),
        }))
    }
}

impl Iterator for Lines<'_> {
    type Item = Result<LineRange, Error>;

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        let mut range = match self.pending.take().or_else(|| self.read())? {
            Ok(range) => range,
            Err(error) => return Some(Err(error)),
        };
        if self.rule == LinesRule::Merged {
            loop {
                match self.read() {
                    Some(Ok(next)) if next.line == range.line => range.end = next.end,
                    other => {
                        self.pending = other;
                        break;
                    }
                }
            }
        }
        Some(Ok(range))
    }
}

impl core::iter::FusedIterator for Lines<'_> {}

/// The locations of a table's code units, one each: `co_positions()`.
///
/// # Errors
/// Those of [`Entries`].
#[derive(Debug, Clone)]
pub struct Positions<'a> {
    entries: Entries<'a>,
    location: Location,
    left: u8,
}

impl<'a> Positions<'a> {
    pub(super) const fn new(entries: Entries<'a>) -> Self {
        Self {
            entries,
            location: Location::NONE,
            left: 0,
        }
    }
}

impl Iterator for Positions<'_> {
    type Item = Result<Location, Error>;

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        if self.left == 0 {
            match self.entries.next()? {
                Ok(entry) => {
                    self.location = entry.location;
                    self.left = entry.unit_count;
                }
                Err(error) => return Some(Err(error)),
            }
        }
        self.left -= 1;
        Some(Ok(self.location))
    }

    /// Runs through whole entries at a time, which is what makes `for_each`, `sum`, `collect` and their like
    /// faster than a loop over [`next`](Self::next).
    #[inline]
    fn fold<B, F: FnMut(B, Self::Item) -> B>(self, init: B, mut f: F) -> B {
        let mut folded = init;
        for _ in 0..self.left {
            folded = f(folded, Ok(self.location));
        }
        self.entries.fold(folded, |mut folded, entry| {
            match entry {
                Ok(entry) => {
                    for _ in 0..entry.unit_count {
                        folded = f(folded, Ok(entry.location));
                    }
                }
                Err(error) => folded = f(folded, Err(error)),
            }
            folded
        })
    }
}

impl core::iter::FusedIterator for Positions<'_> {}
