//! Decoding `co_lnotab`.
//!
//! Invariants: nothing allocates; each step consumes two bytes or ends the iteration; an iterator yields
//! nothing after an error.

use super::LineDeltas;
use crate::line_range::{advance, line_number};
use crate::{ByteOffset, Error, ErrorKind, LineRange};

/// One pair of the table: first the address moves, then the line changes there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Entry {
    /// How many bytes of code to go on.
    pub address_delta: u8,
    /// What to add to the line at the new address.
    pub line_delta: i16,
}

/// The pairs of a `co_lnotab`, in order.
///
/// # Errors
/// The last item is an error where the table has an odd length.
#[derive(Debug, Clone)]
pub struct Entries<'a> {
    bytes: &'a [u8],
    offset: usize,
    deltas: LineDeltas,
}

impl<'a> Entries<'a> {
    pub(super) const fn new(bytes: &'a [u8], deltas: LineDeltas) -> Self {
        Self {
            bytes,
            offset: 0,
            deltas,
        }
    }

    /// The offset of the next pair from the start of the table, in bytes.
    #[inline]
    #[must_use]
    pub const fn offset(&self) -> usize {
        self.offset
    }

    fn end(&mut self) {
        self.offset = self.bytes.len();
    }
}

impl Iterator for Entries<'_> {
    type Item = Result<Entry, Error>;

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        let offset = self.offset;
        let &[address_delta, line_delta, ..] = self.bytes.get(offset..)? else {
            if offset == self.bytes.len() {
                return None;
            }
            self.end();
            return Some(Err(Error::new(ErrorKind::OddLength, offset)));
        };
        self.offset += 2;
        let line_delta = match self.deltas {
            LineDeltas::Signed => i16::from(line_delta as i8),
            LineDeltas::Unsigned => i16::from(line_delta),
        };
        Some(Ok(Entry {
            address_delta,
            line_delta,
        }))
    }
}

impl core::iter::FusedIterator for Entries<'_> {}

/// The running address and line, and how a pair changes them.
#[derive(Debug, Clone, Copy)]
struct State {
    address: ByteOffset,
    line: i32,
}

impl State {
    fn apply(&mut self, entry: Entry, offset: usize) -> Result<(), Error> {
        let address = advance(self.address, entry.address_delta);
        self.address = address.ok_or(Error::new(ErrorKind::CodeTooLong, offset))?;
        let line = self.line.checked_add(i32::from(entry.line_delta));
        self.line = line.ok_or(Error::new(ErrorKind::LineOutOfRange, offset))?;
        Ok(())
    }

    fn line_number(&self, offset: usize) -> Result<u32, Error> {
        line_number(self.line).ok_or(Error::new(ErrorKind::LineOutOfRange, offset))
    }
}

/// The line ranges of a `co_lnotab`.
///
/// # Errors
/// Those of [`Entries`], and where a range's line would be below 0 or above 2³¹ − 1, or its address above 2³¹ − 1.
#[derive(Debug, Clone)]
pub struct Lines<'a> {
    entries: Entries<'a>,
    state: State,
    /// Where the range to be yielded next starts, and its line; `None` at the end.
    open: Option<(ByteOffset, u32)>,
    code_len: ByteOffset,
    stop_at_code: bool,
    started: bool,
}

impl<'a> Lines<'a> {
    pub(super) const fn new(entries: Entries<'a>, first_line: i32, code_len: ByteOffset) -> Self {
        let state = State {
            address: ByteOffset(0),
            line: first_line,
        };
        Self {
            entries,
            state,
            open: None,
            code_len,
            stop_at_code: true,
            started: false,
        }
    }

    pub(super) const fn unbounded(
        entries: Entries<'a>,
        first_line: i32,
        code_len: ByteOffset,
    ) -> Self {
        let mut lines = Self::new(entries, first_line, code_len);
        lines.stop_at_code = false;
        lines
    }

    /// Reads on to the next address that has a line of its own: that address and line, or `None` at the end.
    ///
    /// All pairs at one address count before its line does, so that large deltas can take several.
    fn next_start(&mut self, line_before: Option<u32>) -> Result<Option<(ByteOffset, u32)>, Error> {
        loop {
            let offset = self.entries.offset;
            let here = self.state;
            let entry = self.entries.next().transpose()?;
            if let Some(entry) = entry {
                self.state.apply(entry, offset)?;
            }
            if entry.is_none_or(|entry| entry.address_delta != 0) {
                let line = here.line_number(offset)?;
                if Some(line) != line_before {
                    return Ok(Some((here.address, line)));
                }
            }
            if entry.is_none() {
                return Ok(None);
            }
        }
    }

    fn read(&mut self) -> Result<Option<LineRange>, Error> {
        if !self.started {
            self.started = true;
            if self.stop_at_code && self.code_len == ByteOffset(0) {
                self.entries.end();
                return Ok(None);
            }
            self.open = self.next_start(None)?;
        }
        let Some((start, line)) = self.open.take() else {
            return Ok(None);
        };
        if self.stop_at_code && start >= self.code_len {
            self.entries.end();
            return Ok(None);
        }
        self.open = self.next_start(Some(line))?;
        let end = match self.open {
            Some((next, _)) if self.stop_at_code => next.min(self.code_len),
            Some((next, _)) => next,
            None => self.code_len.max(start),
        };
        Ok(Some(LineRange::new(start, end, Some(line))))
    }
}

impl Iterator for Lines<'_> {
    type Item = Result<LineRange, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        let read = self.read();
        if read.is_err() {
            self.entries.end();
            self.open = None;
        }
        read.transpose()
    }
}

impl core::iter::FusedIterator for Lines<'_> {}

/// The line at `address`.
pub(super) fn find(
    mut entries: Entries<'_>,
    first_line: i32,
    address: ByteOffset,
) -> Result<u32, Error> {
    let mut state = State {
        address: ByteOffset(0),
        line: first_line,
    };
    loop {
        let offset = entries.offset;
        let mut next = state;
        if let Some(entry) = entries.next().transpose()? {
            next.apply(entry, offset)?;
            if next.address <= address {
                state = next;
                continue;
            }
        }
        return state.line_number(offset);
    }
}
