//! The line ranges of a location table.
//!
//! Invariants: nothing allocates; each step consumes a part of the table or ends the iteration; an iterator yields
//! nothing after an error.

use super::LinesRule;
use super::decode::MAX_UNITS;
use super::line_delta::LineDelta;
use super::window::{self, Window};
use crate::location::NONE;
use crate::{ByteOffset, Error, ErrorKind, LineRange};
use pyco_varint::ENTRY_MARK;

/// Stands for the line where there is no range yet, or none any more; as [`NONE`], no line is as high.
pub(super) const NO_RANGE: u32 = NONE - 1;

/// The line ranges of a location table: `co_lines()`.
///
/// As CPython's, this reads of each entry only its first byte, which bit 7 tells from the others, and the line delta:
/// so whether the rest of it is well-formed [`Entries`](super::Entries) and [`Positions`](super::Positions) say.
///
/// # Errors
/// An item is an error, and the last one, where the table does not start with an entry, a line delta is cut off,
/// overlong or too large, no entry follows directly on one without a location, a line would leave 0 to 2³¹ − 1, or
/// the code would be longer than 2³¹ − 1 bytes.
#[derive(Debug, Clone)]
pub struct Lines<'a> {
    rule: LinesRule,
    cursor: Cursor<'a>,
    window: Window,
}

/// All but the window, apart from which it can be kept in registers.
#[derive(Debug, Clone)]
pub(super) struct Cursor<'a> {
    pub(super) bytes: &'a [u8],
    /// The first code unit of the range to be yielded next, and its line; [`NONE`] is none.
    pub(super) start: u32,
    pub(super) line: u32,
    /// The line from which the next entry counts.
    pub(super) counted_line: i32,
    pub(super) window_start: usize,
    /// A bit for each byte of the window that starts an entry to be looked at.
    pub(super) entries: u64,
    /// The end of the window in bytes of the table and in code units.
    pub(super) end: usize,
    pub(super) unit: u32,
    /// The error to be yielded after the last range.
    pub(super) error: Option<Error>,
}

impl<'a> Lines<'a> {
    pub(super) const fn new(bytes: &'a [u8], first_line: i32, rule: LinesRule) -> Self {
        Self {
            rule,
            cursor: Cursor {
                bytes,
                start: 0,
                line: NO_RANGE,
                counted_line: first_line,
                window_start: 0,
                entries: 0,
                end: 0,
                unit: 0,
                error: None,
            },
            window: Window::EMPTY,
        }
    }
}

impl Lines<'_> {
    /// Writes the next ranges to `buffer` until it is full or the table ends; returns how many it wrote. The fastest
    /// way to all of them, with a buffer of some hundred, where the processor has AVX-512 (with VBMI2: Ice Lake, Zen 4).
    /// What the buffer holds after those is lost.
    ///
    /// ```
    /// use pyco_linetable::{ByteOffset, LineRange, LinesRule, LocationTable};
    ///
    /// let mut lines = LocationTable::new(b"\x80\x00\xd9\x11\x15\xf9", 1).lines(LinesRule::Merged);
    /// let mut buffer = [LineRange::default(); 2];
    /// assert_eq!(lines.fill(&mut buffer)?, 2);
    /// assert_eq!(buffer[1], LineRange::new(ByteOffset(2), ByteOffset(6), Some(2)));
    /// assert_eq!(lines.fill(&mut buffer)?, 1);
    /// assert_eq!(buffer[0].line(), None);
    /// assert_eq!(lines.fill(&mut buffer)?, 0);
    /// # Ok::<(), pyco_linetable::Error>(())
    /// ```
    ///
    /// # Errors
    /// Those of the iterator, once all ranges before the error have been written.
    #[inline]
    pub fn fill(&mut self, buffer: &mut [LineRange]) -> Result<usize, Error> {
        let filled = self.fill_quickly(buffer);
        if self.cursor.is_done() {
            return Ok(filled);
        }
        // By value, so that before there is no need for it to be in memory.
        let (lines, filled) = self.clone().fill_rest(buffer, filled);
        *self = lines;
        filled
    }

    /// As many of the next ranges as there is a quick way to.
    #[cfg(target_arch = "x86_64")]
    #[inline(always)]
    fn fill_quickly(&mut self, buffer: &mut [LineRange]) -> usize {
        super::avx512::fill(&mut self.cursor, self.rule, buffer)
    }

    #[cfg(not(target_arch = "x86_64"))]
    fn fill_quickly(&mut self, _: &mut [LineRange]) -> usize {
        0
    }

    /// [`fill`](Self::fill) after the first `filled`.
    #[inline(never)]
    fn fill_rest(
        mut self,
        buffer: &mut [LineRange],
        mut filled: usize,
    ) -> (Self, Result<usize, Error>) {
        while filled < buffer.len() {
            match self.next() {
                Some(Ok(range)) => buffer[filled] = range,
                None => break,
                Some(Err(error)) if filled == 0 => return (self, Err(error)),
                Some(Err(error)) => {
                    self.cursor.error = Some(error);
                    break;
                }
            }
            filled += 1;
            filled += self.fill_quickly(&mut buffer[filled..]);
        }
        (self, Ok(filled))
    }
}

impl Cursor<'_> {
    /// Takes the next of `entries`, of which there must be one: the range that it ends, if it does.
    #[inline(always)]
    fn next_range(&mut self, rule: LinesRule, window: &Window) -> Option<LineRange> {
        let (start, line) = self.take_entry(window)?;
        if line == self.line && rule == LinesRule::Merged {
            return None;
        }
        let range = line_range(self.start, start, self.line);
        (self.start, self.line) = (start, line);
        Some(range)
    }

    /// Takes the next of `entries`, of which there must be one: its first code unit and its line.
    #[inline(always)]
    fn take_entry(&mut self, window: &Window) -> Option<(u32, u32)> {
        let at = self.entries.trailing_zeros();
        self.entries &= self.entries - 1;
        let start = window.units_before(at);
        let told = LineDelta::of(window.two_bytes(at));
        let Some(LineDelta { delta, none }) = told else {
            return self.take_rare(at, start);
        };
        let line = self.counted_line.wrapping_add(delta);
        if line < 0 {
            return self.take_rare(at, start);
        }
        self.counted_line = line;
        Some((start, (line | none) as u32))
    }

    #[inline(always)]
    fn take_rare(&mut self, at: u32, start: u32) -> Option<(u32, u32)> {
        match LineDelta::line_after(
            self.bytes,
            self.window_start + at as usize,
            self.counted_line,
        ) {
            Ok((counted, line)) => {
                self.counted_line = counted;
                Some((start, line))
            }
            Err(error) => {
                self.fail(error, start);
                None
            }
        }
    }

    /// Ends the table before the entry that starts at `unit`.
    #[inline(always)]
    fn fail(&mut self, error: Error, unit: u32) {
        self.error = Some(error);
        self.unit = unit;
        self.entries = 0;
        self.end = self.bytes.len();
    }

    #[inline(always)]
    pub(super) fn is_at_end(&self) -> bool {
        self.end >= self.bytes.len()
    }

    /// Whether there is nothing left to be yielded.
    #[inline(always)]
    fn is_done(&self) -> bool {
        self.is_at_end() && self.entries == 0 && self.line == NO_RANGE && self.error.is_none()
    }

    /// Moves the window on, for which there must be something left.
    #[inline(always)]
    fn move_window(&mut self, rule: LinesRule, window: &mut Window) {
        self.window_start = self.end;
        let found = window.read(self.bytes, self.end, self.unit);
        self.entries = match rule {
            LinesRule::EachEntry => found.first | found.changes,
            LinesRule::Merged => found.changes,
        };
        // At the start of the table, and after no location, any entry has another line.
        self.entries |= u64::from(self.line >= NO_RANGE);
        self.end = self.bytes.len().min(self.end + window::LEN);
        if found.unit > MAX_UNITS {
            let (offset, unit) = too_long(self.bytes, self.window_start, self.unit);
            let entries = self.entries & ((1 << (offset - self.window_start)) - 1);
            self.fail(Error::new(ErrorKind::CodeTooLong, offset), unit);
            self.entries = entries;
        } else {
            self.unit = found.unit;
        }
        if self.line == NO_RANGE
            && self.entries != 0
            && let Some((start, line)) = self.take_entry(window)
        {
            (self.start, self.line) = (start, line);
        }
    }

    /// The last range, and the error after it.
    #[inline(always)]
    fn last(&mut self) -> Option<Result<LineRange, Error>> {
        if self.line == NO_RANGE {
            return self.error.take().map(Err);
        }
        let range = line_range(self.start, self.unit, self.line);
        self.line = NO_RANGE;
        Some(Ok(range))
    }
}

/// The offset of the entry, from byte `start` of a table on, that makes the code too long, and its first code unit.
#[cold]
#[inline(never)]
fn too_long(bytes: &[u8], start: usize, unit: u32) -> (usize, u32) {
    let mut unit = unit;
    for (offset, byte) in bytes.iter().enumerate().skip(start) {
        if byte & ENTRY_MARK != 0 {
            let end = unit + u32::from(byte & 7) + 1;
            if end > MAX_UNITS {
                return (offset, unit);
            }
            unit = end;
        }
    }
    (bytes.len(), unit)
}

#[inline(always)]
fn line_range(start: u32, end: u32, line: u32) -> LineRange {
    // No more than `MAX_UNITS`.
    LineRange::from_parts(ByteOffset(2 * start), ByteOffset(2 * end), line)
}

impl Iterator for Lines<'_> {
    type Item = Result<LineRange, Error>;

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        let Self {
            rule,
            cursor,
            window,
        } = self;
        loop {
            while cursor.entries != 0 {
                if let Some(range) = cursor.next_range(*rule, window) {
                    return Some(Ok(range));
                }
            }
            if cursor.is_at_end() {
                return cursor.last();
            }
            cursor.move_window(*rule, window);
        }
    }

    /// As `next`, with all but the window in registers.
    #[inline]
    fn fold<B, F: FnMut(B, Self::Item) -> B>(self, init: B, mut f: F) -> B {
        let Self {
            rule,
            mut cursor,
            mut window,
        } = self;
        let mut folded = init;
        loop {
            while cursor.entries != 0 {
                if let Some(range) = cursor.next_range(rule, &window) {
                    folded = f(folded, Ok(range));
                }
            }
            if cursor.is_at_end() {
                break;
            }
            cursor.move_window(rule, &mut window);
        }
        while let Some(last) = cursor.last() {
            folded = f(folded, last);
        }
        folded
    }
}

impl core::iter::FusedIterator for Lines<'_> {}

#[cfg(test)]
mod tests {
    use super::{Lines, MAX_UNITS};
    use crate::{ByteOffset, Error, ErrorKind, LinesRule};
    use alloc::vec::Vec;

    #[test]
    fn code_may_be_as_long_as_a_c_int_counts_and_no_longer() {
        // Entries of eight code units, each on a line of its own.
        let table = [0xdf, 0, 0].repeat(40);
        for left in [8 * 40, 8 * 40 - 1, 8 * 22, 8 * 21 + 7, 8, 7, 0] {
            for rule in [LinesRule::Merged, LinesRule::EachEntry] {
                let mut lines = Lines::new(&table, 1, rule);
                lines.cursor.unit = MAX_UNITS - left;
                let count = left as usize / 8;
                let folded = lines.clone().fold(0, |count, _| count + 1);
                let ranges: Vec<_> = lines.by_ref().take_while(Result::is_ok).collect();
                assert_eq!(ranges.len(), count);
                if let Some(last) = ranges.last() {
                    let end = 2 * (MAX_UNITS - left % 8);
                    assert_eq!(last.map(|range| range.end()), Ok(ByteOffset(end)));
                }
                if count == 40 {
                    assert_eq!(folded, 40);
                    continue;
                }
                assert_eq!(folded, count + 1);
                let mut lines = Lines::new(&table, 1, rule);
                lines.cursor.unit = MAX_UNITS - left;
                let error = Error::new(ErrorKind::CodeTooLong, 3 * count);
                assert_eq!(lines.last(), Some(Err(error)));
            }
        }
    }
}
