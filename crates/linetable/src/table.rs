//! One view for all formats: what a caller with code of any version uses.
//!
//! Invariant: every method does what that version's CPython does, and where it has no such thing, what the method
//! says.

use crate::lnotab::ComputedLnotab;
use crate::{
    ByteOffset, Error, LineDeltas, LineRange, LineTable, LinesRule, Lnotab, Location,
    LocationTable, line_table, lnotab, locations,
};

/// Which table a code object has, and which rules go with it; named after the first version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Format {
    /// 2.7: `co_lnotab` with unsigned line deltas.
    Lnotab27,
    /// 3.6 and 3.7: `co_lnotab` with signed line deltas.
    Lnotab36,
    /// 3.8 and 3.9: the same, and line starts end where the code does.
    Lnotab38,
    /// 3.10: `co_linetable` of lines.
    LineTable310,
    /// 3.11: `co_linetable` of locations; `co_lines()` has one range for each entry.
    Locations311,
    /// 3.12: the same; `co_lines()` merges neighbours of one line.
    Locations312,
    /// 3.13 and later: the same, and line starts include those of code without a line.
    Locations313,
}

impl Format {
    /// The format of a CPython release; `None` for those before 2.7, 3.0 to 3.5, and anything not known.
    ///
    /// ```
    /// use pyco_linetable::Format;
    ///
    /// assert_eq!(Format::of_release(3, 14), Some(Format::Locations313));
    /// assert_eq!(Format::of_release(3, 5), None);
    /// ```
    #[must_use]
    pub const fn of_release(major: u8, minor: u8) -> Option<Self> {
        Some(match (major, minor) {
            (2, 7) => Self::Lnotab27,
            (3, 6 | 7) => Self::Lnotab36,
            (3, 8 | 9) => Self::Lnotab38,
            (3, 10) => Self::LineTable310,
            (3, 11) => Self::Locations311,
            (3, 12) => Self::Locations312,
            (3, 13..=15) => Self::Locations313,
            _ => return None,
        })
    }

    /// The rule of `co_lines()`, and of the compiler, from 3.11 on; what is before has none to choose.
    #[must_use]
    pub const fn lines_rule(self) -> LinesRule {
        match self {
            Self::Locations312 | Self::Locations313 => LinesRule::Merged,
            _ => LinesRule::EachEntry,
        }
    }
}

/// The location table of a code object of any version, borrowed.
///
/// ```
/// use pyco_linetable::{ByteOffset, Format, Table};
///
/// let table = Table::new(Format::Locations313, b"\x80\x00\x90\x11", 1, ByteOffset(4));
/// assert_eq!(table.lines().count(), 1);
/// assert_eq!(table.location(ByteOffset(2))?.to_string(), "1:17-1:18");
/// # Ok::<(), pyco_linetable::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Table<'a> {
    format: Format,
    view: View<'a>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum View<'a> {
    Lnotab(Lnotab<'a>),
    LineTable(LineTable<'a>),
    Locations(LocationTable<'a>),
}

impl<'a> Table<'a> {
    /// A view of `bytes`: the `co_linetable`, or up to 3.9 the `co_lnotab`, of a code object with this
    /// `co_firstlineno` and this length of `co_code` (which only the formats up to 3.9 need).
    #[must_use]
    pub const fn new(
        format: Format,
        bytes: &'a [u8],
        first_line: i32,
        code_len: ByteOffset,
    ) -> Self {
        let view = match format {
            Format::Lnotab27 => View::Lnotab(Lnotab::new(
                bytes,
                first_line,
                code_len,
                LineDeltas::Unsigned,
            )),
            Format::Lnotab36 | Format::Lnotab38 => {
                View::Lnotab(Lnotab::new(bytes, first_line, code_len, LineDeltas::Signed))
            }
            Format::LineTable310 => View::LineTable(LineTable::new(bytes, first_line)),
            Format::Locations311 | Format::Locations312 | Format::Locations313 => {
                View::Locations(LocationTable::new(bytes, first_line))
            }
        };
        Self { format, view }
    }

    /// The format.
    #[must_use]
    pub const fn format(&self) -> Format {
        self.format
    }

    /// What `co_lines()` yields; up to 3.9, which have none, what [`Lnotab::lines`] does.
    #[must_use]
    pub const fn lines(&self) -> Lines<'a> {
        Lines(match &self.view {
            View::Lnotab(table) => Either::Lnotab(table.lines()),
            View::LineTable(table) => Either::LineTable(table.lines()),
            View::Locations(table) => Either::Locations(table.lines(self.format.lines_rule())),
        })
    }

    /// What `dis.findlinestarts` yields: each offset where another line starts, and that line. From 3.13 on
    /// `None` is a line of its own; before, code without a line starts none.
    #[must_use]
    pub const fn line_starts(&self) -> LineStarts<'a> {
        let lines = match (&self.view, self.format) {
            (View::Lnotab(table), Format::Lnotab27 | Format::Lnotab36) => {
                Lines(Either::Lnotab(table.lines_beyond_code()))
            }
            _ => self.lines(),
        };
        LineStarts {
            lines,
            last: None,
            with_none: matches!(self.format, Format::Locations313),
        }
    }

    /// What `co_positions()` yields: one location for each code unit; nothing up to 3.10, which have none.
    #[must_use]
    pub const fn positions(&self) -> locations::Positions<'a> {
        match &self.view {
            View::Locations(table) => table.positions(),
            _ => LocationTable::new(&[], 0).positions(),
        }
    }

    /// The location of the instruction at `offset` (`PyCode_Addr2Location`); up to 3.10, which know lines only,
    /// one without columns; [`Location::NONE`] where there is none.
    ///
    /// # Errors
    /// Those of the format's `lines`.
    pub fn location(&self, offset: impl Into<ByteOffset>) -> Result<Location, Error> {
        match &self.view {
            View::Locations(table) => table.location(offset),
            _ => Ok(self
                .addr2line(offset)?
                .map_or(Location::NONE, Location::from_line)),
        }
    }

    /// The line of the instruction at `offset` (`PyCode_Addr2Line`); `None` where CPython says −1.
    ///
    /// # Errors
    /// Those of the format's `lines`.
    pub fn addr2line(&self, offset: impl Into<ByteOffset>) -> Result<Option<u32>, Error> {
        match &self.view {
            View::Lnotab(table) => table.addr2line(offset).map(Some),
            View::LineTable(table) => table.addr2line(offset),
            View::Locations(table) => table.addr2line(offset),
        }
    }

    /// An index of the table, for many look-ups.
    ///
    /// # Errors
    /// Those of the format's `lines`.
    #[cfg(feature = "alloc")]
    pub fn index(&self) -> Result<crate::LocationIndex, Error> {
        let run = |range: LineRange| {
            (
                range.end(),
                range.line().map_or(Location::NONE, Location::from_line),
            )
        };
        match &self.view {
            View::Locations(table) => table.index(),
            View::LineTable(table) => {
                crate::LocationIndex::from_runs(table.lines().map(|range| range.map(run)))
            }
            View::Lnotab(table) => {
                // The last line goes on beyond the end of the code.
                let mut lines = table.lines_beyond_code().peekable();
                crate::LocationIndex::from_runs(core::iter::from_fn(|| {
                    let mut range = lines.next()?;
                    if let (Ok(range), None) = (&mut range, lines.peek()) {
                        *range = range.until(ByteOffset(u32::MAX));
                    }
                    Some(range.map(run))
                }))
            }
        }
    }

    /// The pairs of the `co_lnotab` that 3.10 to 3.14 compute; for 3.15, which has none, what 3.14 would; up to
    /// 3.9, where the table is it, an equivalent one.
    #[must_use]
    pub fn co_lnotab(&self) -> ComputedLnotab<Lines<'a>> {
        let first_line = match &self.view {
            View::Lnotab(table) => table.first_line(),
            View::LineTable(table) => table.first_line(),
            View::Locations(table) => table.first_line(),
        };
        ComputedLnotab::new(self.lines(), first_line)
    }
}

/// The line ranges of a [`Table`].
///
/// # Errors
/// Those of the format's own `lines`.
#[derive(Debug, Clone)]
pub struct Lines<'a>(Either<'a>);

#[derive(Debug, Clone)]
enum Either<'a> {
    Lnotab(lnotab::Lines<'a>),
    LineTable(line_table::Lines<'a>),
    Locations(locations::Lines<'a>),
}

impl Lines<'_> {
    /// Writes the next ranges to `buffer` until it is full or the table ends; returns how many it wrote. For 3.11 and
    /// later the fastest way to all of them; see [`locations::Lines::fill`].
    ///
    /// # Errors
    /// Those of the iterator, once all ranges before the error have been written.
    #[inline]
    pub fn fill(&mut self, buffer: &mut [LineRange]) -> Result<usize, Error> {
        match &mut self.0 {
            Either::Lnotab(lines) => fill(lines, buffer),
            Either::LineTable(lines) => fill(lines, buffer),
            Either::Locations(lines) => lines.fill(buffer),
        }
    }
}

/// [`Lines::fill`], one range after another.
fn fill<I>(lines: &mut I, buffer: &mut [LineRange]) -> Result<usize, Error>
where
    I: Iterator<Item = Result<LineRange, Error>> + Clone,
{
    for (filled, place) in buffer.iter_mut().enumerate() {
        let before = lines.clone();
        match lines.next() {
            Some(Ok(range)) => *place = range,
            Some(Err(error)) if filled == 0 => return Err(error),
            Some(Err(_)) => {
                *lines = before;
                return Ok(filled);
            }
            None => return Ok(filled),
        }
    }
    Ok(buffer.len())
}

impl Iterator for Lines<'_> {
    type Item = Result<LineRange, Error>;

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        match &mut self.0 {
            Either::Lnotab(lines) => lines.next(),
            Either::LineTable(lines) => lines.next(),
            Either::Locations(lines) => lines.next(),
        }
    }

    #[inline]
    fn fold<B, F: FnMut(B, Self::Item) -> B>(self, init: B, f: F) -> B {
        match self.0 {
            Either::Lnotab(lines) => lines.fold(init, f),
            Either::LineTable(lines) => lines.fold(init, f),
            Either::Locations(lines) => lines.fold(init, f),
        }
    }
}

impl core::iter::FusedIterator for Lines<'_> {}

/// The offsets where another line starts, each with that line: `dis.findlinestarts`.
///
/// # Errors
/// Those of [`Lines`].
#[derive(Debug, Clone)]
pub struct LineStarts<'a> {
    lines: Lines<'a>,
    /// The line yielded last; `None` at first.
    last: Option<Option<u32>>,
    with_none: bool,
}

impl Iterator for LineStarts<'_> {
    type Item = Result<(ByteOffset, Option<u32>), Error>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let range = match self.lines.next()? {
                Ok(range) => range,
                Err(error) => return Some(Err(error)),
            };
            let counts = self.with_none || range.line().is_some();
            if counts && self.last != Some(range.line()) {
                self.last = Some(range.line());
                return Some(Ok((range.start(), range.line())));
            }
        }
    }
}

impl core::iter::FusedIterator for LineStarts<'_> {}
