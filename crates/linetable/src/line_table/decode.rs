//! Decoding the line table of 3.10.
//!
//! Invariants: nothing allocates; each step consumes two bytes or ends the iteration; an iterator yields
//! nothing after an error.

use super::NO_LINE;
use crate::line_range::{advance, line_number};
use crate::{ByteOffset, Error, ErrorKind, LineRange};

/// One pair of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Entry {
    /// The first byte of code that the pair covers.
    pub start: ByteOffset,
    /// How many bytes it covers; 0 where it only carries a line delta too large for one pair.
    pub byte_count: u8,
    /// What it adds to the running line; `None` (stored as −128) where the code has no line.
    pub line_delta: Option<i8>,
}

/// The pairs of a 3.10 line table, in order.
///
/// # Errors
/// The last item is an error where the table has an odd length or covers more than 2³¹ − 1 bytes of code.
#[derive(Debug, Clone)]
pub struct Entries<'a> {
    bytes: &'a [u8],
    offset: usize,
    start: ByteOffset,
}

impl<'a> Entries<'a> {
    pub(super) const fn new(bytes: &'a [u8]) -> Self {
        Self {
            bytes,
            offset: 0,
            start: ByteOffset(0),
        }
    }

    /// The offset of the next pair from the start of the table, in bytes.
    #[inline]
    #[must_use]
    pub const fn offset(&self) -> usize {
        self.offset
    }

    fn fail<T>(&mut self, kind: ErrorKind, offset: usize) -> Option<Result<T, Error>> {
        self.offset = self.bytes.len();
        Some(Err(Error::new(kind, offset)))
    }
}

impl Iterator for Entries<'_> {
    type Item = Result<Entry, Error>;

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        let offset = self.offset;
        let &[byte_count, line_delta, ..] = self.bytes.get(offset..)? else {
            return if offset == self.bytes.len() {
                None
            } else {
                self.fail(ErrorKind::OddLength, offset)
            };
        };
        let start = self.start;
        match advance(start, byte_count) {
            Some(end) => self.start = end,
            None => return self.fail(ErrorKind::CodeTooLong, offset),
        }
        self.offset += 2;
        let line_delta = if line_delta as i8 == NO_LINE {
            None
        } else {
            Some(line_delta as i8)
        };
        Some(Ok(Entry {
            start,
            byte_count,
            line_delta,
        }))
    }
}

impl core::iter::FusedIterator for Entries<'_> {}

/// The line ranges of a 3.10 line table: `co_lines()`.
///
/// # Errors
/// Those of [`Entries`], and where a range's line would be below 0 or above 2³¹ − 1.
#[derive(Debug, Clone)]
pub struct Lines<'a> {
    entries: Entries<'a>,
    line: i32,
}

impl<'a> Lines<'a> {
    pub(super) const fn new(entries: Entries<'a>, first_line: i32) -> Self {
        Self {
            entries,
            line: first_line,
        }
    }
}

impl Iterator for Lines<'_> {
    type Item = Result<LineRange, Error>;

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let offset = self.entries.offset;
            let entry = match self.entries.next()? {
                Ok(entry) => entry,
                Err(error) => return Some(Err(error)),
            };
            let Some(line) = self
                .line
                .checked_add(i32::from(entry.line_delta.unwrap_or(0)))
            else {
                return self.entries.fail(ErrorKind::LineOutOfRange, offset);
            };
            self.line = line;
            if entry.byte_count == 0 {
                continue;
            }
            let line = match entry.line_delta.map(|_| line_number(line)) {
                None => None,
                Some(Some(line)) => Some(line),
                Some(None) => return self.entries.fail(ErrorKind::LineOutOfRange, offset),
            };
            return Some(Ok(LineRange::new(entry.start, self.entries.start, line)));
        }
    }
}

impl core::iter::FusedIterator for Lines<'_> {}
