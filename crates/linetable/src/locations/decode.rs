//! Decoding a location table: entries, lines, positions, and looking one offset up.
//!
//! Invariants: nothing allocates; each step consumes at least one byte of the table or ends the iteration; an
//! iterator yields nothing after an error.

use super::entry::{self, Decoded, Entry};
use super::run::{self, MAX_RUN};
use super::skip;
use crate::{Error, ErrorKind, Location, UnitOffset};

/// One more than the last code unit that CPython's code can have: its size in bytes is a C int.
pub(super) const MAX_UNITS: u32 = i32::MAX as u32 / 2;

/// Where in a table an iteration is, apart from the bytes: what [`Entries`] and [`Reader`](crate::Reader) share.
#[derive(Debug, Clone)]
pub(crate) struct RawEntries {
    /// The next entry's first byte, from the start of the table.
    pub(crate) offset: usize,
    pub(super) line: i32,
    pub(super) unit: u32,
}

impl RawEntries {
    pub(crate) const fn new(first_line: i32) -> Self {
        Self {
            offset: 0,
            line: first_line,
            unit: 0,
        }
    }

    /// Reads the next entry, which is at `at` in `bytes`: all of the table, or a piece of it that holds the whole
    /// entry. After an error the state is as before, and the error's offset counts from the start of the table.
    #[inline(always)]
    pub(crate) fn read(&mut self, bytes: &[u8], at: usize) -> Result<Entry, Error> {
        if let Some(decoded) = entry::decode_common(bytes, at, self.line)
            && let Some(entry) = self.accept(decoded, at)
        {
            return Ok(entry);
        }
        // Only `decode_any` is a call, and it gets no reference to `self`: so the state stays in registers.
        match entry::decode_any(bytes, at, self.line) {
            Ok(decoded) => self
                .accept(decoded.in_registers(), at)
                .ok_or(Error::new(ErrorKind::CodeTooLong, self.offset)),
            Err(error) => Err(Error::new(
                error.kind(),
                self.offset + (error.offset() - at),
            )),
        }
    }

    /// Goes past entries that stay on the line, as far as that goes quickly and no code unit from `end` on is passed.
    #[inline(always)]
    fn skip_same_line(&mut self, bytes: &[u8], end: u32) {
        while let Some(word) = bytes.get(self.offset..).and_then(|rest| rest.first_chunk()) {
            let Some(skipped) = skip::same_line(u64::from_le_bytes(*word)) else {
                return;
            };
            let unit = self.unit + skipped.unit_count;
            if unit > end {
                return;
            }
            self.unit = unit;
            self.offset += skipped.byte_count;
            if skipped.is_at_change {
                return;
            }
        }
    }

    /// Goes on past a decoded entry, which is the next; `None` where the code gets too long.
    #[inline(always)]
    fn accept(&mut self, decoded: Decoded, at: usize) -> Option<Entry> {
        let Decoded {
            unit_count,
            form,
            location,
            line,
            next,
        } = decoded;
        let start = self.unit;
        let end = start + u32::from(unit_count);
        if end > MAX_UNITS {
            return None;
        }
        self.unit = end;
        self.line = line;
        self.offset += next - at;
        Some(Entry {
            start: UnitOffset(start),
            unit_count,
            form,
            location,
        })
    }
}

/// The entries of a location table, in order.
///
/// # Errors
/// An item is an error, and the last one, where the table ends inside an entry, a byte has bit 7 set or clear
/// against the format, a varint is overlong or too large, a line would leave 0 to 2³¹ − 1, or the code would
/// be longer than 2³¹ − 1 bytes. CPython reads on in such cases, through whatever memory follows.
#[derive(Debug, Clone)]
pub struct Entries<'a> {
    pub(super) bytes: &'a [u8],
    pub(super) state: RawEntries,
}

impl<'a> Entries<'a> {
    pub(super) const fn new(bytes: &'a [u8], first_line: i32) -> Self {
        Self {
            bytes,
            state: RawEntries::new(first_line),
        }
    }

    /// The offset of the next entry's first byte from the start of the table, in bytes.
    #[inline]
    #[must_use]
    pub const fn offset(&self) -> usize {
        self.state.offset
    }

    /// The location at `unit`: reads up to it and no further.
    pub(super) fn find(mut self, unit: UnitOffset) -> Result<Location, Error> {
        let end = unit.0.min(MAX_UNITS);
        loop {
            // Where the first line is negative, entries on it are faults, which are not to be skipped.
            if self.state.line >= 0 {
                self.state.skip_same_line(self.bytes, end);
            }
            match self.next() {
                Some(Ok(entry)) if entry.end() > unit => return Ok(entry.location),
                Some(Ok(_)) => {}
                Some(Err(error)) => return Err(error),
                None => return Ok(Location::NONE),
            }
        }
    }
}

impl Iterator for Entries<'_> {
    type Item = Result<Entry, Error>;

    #[inline(always)]
    fn next(&mut self) -> Option<Self::Item> {
        if self.state.offset >= self.bytes.len() {
            return None;
        }
        let read = self.state.read(self.bytes, self.state.offset);
        if read.is_err() {
            self.state.offset = self.bytes.len();
        }
        Some(read)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let left = self.bytes.len() - self.state.offset;
        (usize::from(left > 0), Some(left))
    }
}

impl core::iter::FusedIterator for Entries<'_> {}

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

    /// Writes the next locations to `buffer` until it is full or the table ends; returns how many it wrote. The
    /// fastest way to all of them, with a buffer of some hundred.
    ///
    /// ```
    /// use pyco_linetable::{Location, LocationTable};
    ///
    /// let mut positions = LocationTable::new(b"\x80\x00\x90\x11\x92\x15", 1).positions();
    /// let mut buffer = [Location::NONE; 4];
    /// assert_eq!(positions.fill(&mut buffer)?, 4);
    /// assert_eq!(buffer[3], buffer[2]);
    /// assert_eq!(positions.fill(&mut buffer)?, 1);
    /// assert_eq!(positions.fill(&mut buffer)?, 0);
    /// # Ok::<(), pyco_linetable::Error>(())
    /// ```
    ///
    /// # Errors
    /// Those of [`Entries`], once all locations before the error have been written.
    #[inline]
    pub fn fill(&mut self, buffer: &mut [Location]) -> Result<usize, Error> {
        let limit = buffer
            .len()
            .min((MAX_UNITS - self.entries.state.unit) as usize / 2);
        let filled = self.fill_common(&mut buffer[..limit]);
        let is_at_end = self.left == 0 && self.entries.state.offset == self.entries.bytes.len();
        if is_at_end || filled == buffer.len() {
            return Ok(filled);
        }
        self.fill_tail(buffer, filled)
    }

    /// Fills as far as entries are common and there is room for the longest run.
    #[inline(always)]
    fn fill_common(&mut self, buffer: &mut [Location]) -> usize {
        // Copies, written back once, so that the state stays in registers.
        let bytes = self.entries.bytes;
        let RawEntries {
            mut offset,
            mut line,
            unit,
        } = self.entries.state;
        let (mut location, mut unit_count) = (self.location, self.left);
        let mut filled = 0;
        // Always write a whole run and let the next overwrite what is too much: the number of units of an entry
        // would be a branch that no processor predicts.
        while let Some(room) = buffer[filled..].first_chunk_mut::<MAX_RUN>() {
            run::write(room, location);
            filled += usize::from(unit_count);
            unit_count = 0;
            let decoded = match entry::decode_common(bytes, offset, line) {
                Some(decoded) => decoded,
                None if offset >= bytes.len() => break,
                None => match entry::decode_any(bytes, offset, line) {
                    Ok(decoded) => decoded.in_registers(),
                    Err(_) => break,
                },
            };
            (location, unit_count) = (decoded.location, decoded.unit_count);
            (line, offset) = (decoded.line, decoded.next);
        }
        self.entries.state = RawEntries {
            offset,
            line,
            unit: unit + filled as u32 + u32::from(unit_count) - u32::from(self.left),
        };
        (self.location, self.left) = (location, unit_count);
        filled
    }

    /// The location of the next code unit, and goes past so many, such as those of one instruction, which share it;
    /// `None` where the table has ended.
    ///
    /// ```
    /// use pyco_linetable::{Location, LocationTable};
    ///
    /// let mut positions = LocationTable::new(b"\x80\x00\x90\x11\x92\x15", 1).positions();
    /// assert_eq!(positions.next_run(2)?, Some(Location::new(Some(1), Some(1), Some(0), Some(0))));
    /// assert_eq!(positions.next_run(3)?.map(|at| at.to_string()), Some("1:17-1:22".into()));
    /// assert_eq!(positions.next_run(1)?, None);
    /// # Ok::<(), pyco_linetable::Error>(())
    /// ```
    ///
    /// # Errors
    /// Those of [`Entries`], of all entries that it goes past.
    #[inline]
    pub fn next_run(&mut self, unit_count: u32) -> Result<Option<Location>, Error> {
        let mut first = None;
        let mut to_skip = unit_count;
        while to_skip > 0 {
            if self.left == 0 {
                match self.entries.next() {
                    Some(Ok(entry)) => {
                        self.location = entry.location;
                        self.left = entry.unit_count;
                    }
                    Some(Err(error)) => return Err(error),
                    None => break,
                }
            }
            first.get_or_insert(self.location);
            let skipped = to_skip.min(u32::from(self.left));
            self.left -= skipped as u8;
            to_skip -= skipped;
        }
        Ok(first)
    }

    /// [`fill`](Self::fill) where there is no room for a whole run after the first `filled`.
    fn fill_tail(&mut self, buffer: &mut [Location], mut filled: usize) -> Result<usize, Error> {
        while filled < buffer.len() {
            let before = self.entries.clone();
            match self.next() {
                Some(Ok(location)) => buffer[filled] = location,
                None => break,
                Some(Err(error)) if filled == 0 => return Err(error),
                Some(Err(_)) => {
                    self.entries = before;
                    break;
                }
            }
            filled += 1;
        }
        Ok(filled)
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

    /// Entry by entry, so that `for_each`, `sum` and their like need no count of what is left.
    #[inline]
    fn fold<B, F: FnMut(B, Self::Item) -> B>(self, init: B, mut f: F) -> B {
        let mut folded = init;
        for _ in 0..self.left {
            folded = f(folded, Ok(self.location));
        }
        for entry in self.entries {
            match entry {
                Ok(entry) => {
                    for _ in 0..entry.unit_count {
                        folded = f(folded, Ok(entry.location));
                    }
                }
                Err(error) => return f(folded, Err(error)),
            }
        }
        folded
    }
}

impl core::iter::FusedIterator for Positions<'_> {}
