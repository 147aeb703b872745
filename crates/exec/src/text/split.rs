//! split, rsplit, splitlines, partition and rpartition, as iterators of ranges.
//!
//! Invariant: the ranges lie within the input, in ascending order (descending from `rsplit`), and together with what separates
//! them cover it.

use std::borrow::Cow;
use std::ops::Range;

use super::search::Needle;
use super::unicode;
use super::unit::Unit;
use super::view::StrView;

/// Whether a unit is whitespace: of a str, or of bytes where ASCII's six are.
#[inline]
pub(super) fn is_space<U: Unit, const TEXT: bool>(unit: U) -> bool {
    let c = unit.into();
    if TEXT {
        unicode::is_space(c)
    } else {
        matches!(c, 0x09..=0x0D | 0x20)
    }
}

#[inline]
fn is_line_break<U: Unit, const TEXT: bool>(unit: U) -> bool {
    // Written without branches for the sake of whole blocks.
    let c = unit.into();
    if TEXT {
        (c.wrapping_sub(0x0A) < 4) | (c.wrapping_sub(0x1C) < 3) | (c == 0x85) | (c & !1 == 0x2028)
    } else {
        (c == 0x0A) | (c == 0x0D)
    }
}

/// Units up to the first line break.
fn line_len<U: Unit, const TEXT: bool>(units: &[U]) -> usize {
    // Blocks are looked at without branches, which the compiler turns into vector instructions.
    let mut len = 0;
    for block in units.chunks_exact(16) {
        if block
            .iter()
            .fold(false, |any, &unit| any | is_line_break::<U, TEXT>(unit))
        {
            break;
        }
        len += 16;
    }
    let rest = &units[len..];
    len + rest
        .iter()
        .position(|&unit| is_line_break::<U, TEXT>(unit))
        .unwrap_or(rest.len())
}

/// What separates the pieces.
enum Separator<'s, U: Unit> {
    Whitespace,
    Units(Needle<'s, U>),
    /// Nothing: there is one piece, the whole.
    Absent,
}

/// The pieces of units of one width; `TEXT` tells str from bytes.
pub struct UnitPieces<'a, U: Unit, const TEXT: bool> {
    units: &'a [U],
    separator: Separator<'a, U>,
    /// What is still to be split.
    rest: Option<Range<usize>>,
    splits_left: usize,
    backwards: bool,
}

impl<'a, U: Unit, const TEXT: bool> UnitPieces<'a, U, TEXT> {
    fn new(units: &'a [U], separator: Separator<'a, U>, max_split: usize, backwards: bool) -> Self {
        UnitPieces {
            units,
            separator,
            rest: Some(0..units.len()),
            splits_left: max_split,
            backwards,
        }
    }

    pub(super) fn by_whitespace(units: &'a [U], max_split: usize, backwards: bool) -> Self {
        Self::new(units, Separator::Whitespace, max_split, backwards)
    }

    pub(super) fn by_units(
        units: &'a [U],
        separator: Option<Cow<'a, [U]>>,
        max_split: usize,
        backwards: bool,
    ) -> Self {
        let separator = separator.map_or(Separator::Absent, |separator| {
            Separator::Units(Needle::new(separator, units.len()))
        });
        Self::new(units, separator, max_split, backwards)
    }

    /// The next word. The piece that is left when no split is left keeps its whitespace at the far end.
    fn next_word(&mut self) -> Option<Range<usize>> {
        let range = self.rest.take()?;
        let words = &self.units[range.clone()];
        let is_space = |unit: &U| is_space::<U, TEXT>(*unit);
        if self.backwards {
            let end = range.start + words.iter().rposition(|unit| !is_space(unit))? + 1;
            if self.splits_left == 0 {
                return Some(range.start..end);
            }
            let space = self.units[range.start..end].iter().rposition(is_space);
            let start = space.map_or(range.start, |index| range.start + index + 1);
            self.rest = Some(range.start..start);
            self.splits_left -= 1;
            return Some(start..end);
        }
        let start = range.start + words.iter().position(|unit| !is_space(unit))?;
        if self.splits_left == 0 {
            return Some(start..range.end);
        }
        let space = self.units[start..range.end].iter().position(is_space);
        let end = space.map_or(range.end, |index| start + index);
        self.rest = Some(end..range.end);
        self.splits_left -= 1;
        Some(start..end)
    }

    fn next_field(&mut self) -> Option<Range<usize>> {
        let range = self.rest.take()?;
        let Separator::Units(needle) = &self.separator else {
            return Some(range);
        };
        if self.splits_left == 0 {
            return Some(range);
        }
        let fields = &self.units[range.clone()];
        let found = if self.backwards {
            needle.rfind(fields)
        } else {
            needle.find(fields)
        };
        let Some(index) = found.map(|index| range.start + index) else {
            return Some(range);
        };
        self.splits_left -= 1;
        if self.backwards {
            self.rest = Some(range.start..index);
            Some(index + needle.len()..range.end)
        } else {
            self.rest = Some(index + needle.len()..range.end);
            Some(range.start..index)
        }
    }
}

impl<U: Unit, const TEXT: bool> Iterator for UnitPieces<'_, U, TEXT> {
    type Item = Range<usize>;

    fn next(&mut self) -> Option<Range<usize>> {
        match self.separator {
            Separator::Whitespace => self.next_word(),
            _ => self.next_field(),
        }
    }
}

/// The lines of units of one width; `TEXT` tells str from bytes.
#[derive(Clone)]
pub struct UnitLines<'a, U: Unit, const TEXT: bool> {
    units: &'a [U],
    start: usize,
    keep_ends: bool,
}

impl<'a, U: Unit, const TEXT: bool> UnitLines<'a, U, TEXT> {
    pub(super) fn new(units: &'a [U], keep_ends: bool) -> Self {
        UnitLines {
            units,
            start: 0,
            keep_ends,
        }
    }
}

impl<U: Unit, const TEXT: bool> Iterator for UnitLines<'_, U, TEXT> {
    type Item = Range<usize>;

    fn next(&mut self) -> Option<Range<usize>> {
        let start = self.start;
        let rest = &self.units[start..];
        if rest.is_empty() {
            return None;
        }
        let len = line_len::<U, TEXT>(rest);
        let is = |index: usize, c: u32| rest.get(index).is_some_and(|&unit| unit.into() == c);
        let end_len = if is(len, 0x0D) && is(len + 1, 0x0A) {
            2
        } else {
            usize::from(len < rest.len())
        };
        self.start = start + len + end_len;
        Some(
            start..if self.keep_ends {
                self.start
            } else {
                start + len
            },
        )
    }
}

/// The pieces of a str, as ranges of it.
pub enum Pieces<'a> {
    /// Of ASCII and Latin-1 text.
    OneByte(UnitPieces<'a, u8, true>),
    /// Of UCS-2 text.
    TwoByte(UnitPieces<'a, u16, true>),
    /// Of UCS-4 text.
    FourByte(UnitPieces<'a, u32, true>),
}

impl Iterator for Pieces<'_> {
    type Item = Range<usize>;

    fn next(&mut self) -> Option<Range<usize>> {
        match self {
            Pieces::OneByte(pieces) => pieces.next(),
            Pieces::TwoByte(pieces) => pieces.next(),
            Pieces::FourByte(pieces) => pieces.next(),
        }
    }
}

/// The lines of a str, as ranges of it.
#[derive(Clone)]
pub enum Lines<'a> {
    /// Of ASCII and Latin-1 text.
    OneByte(UnitLines<'a, u8, true>),
    /// Of UCS-2 text.
    TwoByte(UnitLines<'a, u16, true>),
    /// Of UCS-4 text.
    FourByte(UnitLines<'a, u32, true>),
}

impl Iterator for Lines<'_> {
    type Item = Range<usize>;

    fn next(&mut self) -> Option<Range<usize>> {
        match self {
            Lines::OneByte(lines) => lines.next(),
            Lines::TwoByte(lines) => lines.next(),
            Lines::FourByte(lines) => lines.next(),
        }
    }
}

/// Why a separator is refused: `ValueError: empty separator`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("empty separator")]
pub struct EmptySeparator;

/// How often to split at most; negative means without limit.
pub(super) fn split_limit(max_split: isize) -> usize {
    usize::try_from(max_split).unwrap_or(usize::MAX)
}

impl<'a> StrView<'a> {
    /// `str.split`; without a separator at whitespace. A negative `max_split` means without limit.
    ///
    /// # Errors
    /// The separator is empty.
    pub fn split(
        self,
        separator: Option<StrView<'a>>,
        max_split: isize,
    ) -> Result<Pieces<'a>, EmptySeparator> {
        self.pieces(separator, max_split, false)
    }

    /// `str.rsplit`, whose list holds the pieces in reverse order: the first range is the last piece.
    ///
    /// # Errors
    /// The separator is empty.
    pub fn rsplit(
        self,
        separator: Option<StrView<'a>>,
        max_split: isize,
    ) -> Result<Pieces<'a>, EmptySeparator> {
        self.pieces(separator, max_split, true)
    }

    fn pieces(
        self,
        separator: Option<StrView<'a>>,
        max_split: isize,
        backwards: bool,
    ) -> Result<Pieces<'a>, EmptySeparator> {
        fn make<'a, U: Unit>(
            units: &'a [U],
            separator: Option<StrView<'a>>,
            max_split: usize,
            backwards: bool,
        ) -> UnitPieces<'a, U, true> {
            match separator {
                None => UnitPieces::by_whitespace(units, max_split, backwards),
                // A wider separator cannot occur.
                Some(separator) => {
                    UnitPieces::by_units(units, U::units_of(separator), max_split, backwards)
                }
            }
        }
        if separator.is_some_and(StrView::is_empty) {
            return Err(EmptySeparator);
        }
        let limit = split_limit(max_split);
        Ok(match self {
            StrView::Ascii(units) | StrView::Latin1(units) => {
                Pieces::OneByte(make(units, separator, limit, backwards))
            }
            StrView::Ucs2(units) => Pieces::TwoByte(make(units, separator, limit, backwards)),
            StrView::Ucs4(units) => Pieces::FourByte(make(units, separator, limit, backwards)),
        })
    }

    /// `str.splitlines`.
    pub fn split_lines(self, keep_ends: bool) -> Lines<'a> {
        match self {
            StrView::Ascii(units) | StrView::Latin1(units) => {
                Lines::OneByte(UnitLines::new(units, keep_ends))
            }
            StrView::Ucs2(units) => Lines::TwoByte(UnitLines::new(units, keep_ends)),
            StrView::Ucs4(units) => Lines::FourByte(UnitLines::new(units, keep_ends)),
        }
    }

    /// `str.partition`: the range of the first occurrence of the separator, `None` where there is none.
    ///
    /// # Errors
    /// The separator is empty.
    pub fn partition(self, separator: StrView<'_>) -> Result<Option<Range<usize>>, EmptySeparator> {
        if separator.is_empty() {
            return Err(EmptySeparator);
        }
        let start = self.find(separator, 0, isize::MAX);
        Ok(start.map(|start| start..start + separator.len()))
    }

    /// `str.rpartition`: the range of the last occurrence of the separator, `None` where there is none.
    ///
    /// # Errors
    /// The separator is empty.
    pub fn rpartition(
        self,
        separator: StrView<'_>,
    ) -> Result<Option<Range<usize>>, EmptySeparator> {
        if separator.is_empty() {
            return Err(EmptySeparator);
        }
        let start = self.rfind(separator, 0, isize::MAX);
        Ok(start.map(|start| start..start + separator.len()))
    }
}
