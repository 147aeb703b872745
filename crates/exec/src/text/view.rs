//! A borrowed Python str: code points in the narrowest of CPython's kinds, lone surrogates allowed.
//!
//! Invariant: a view is of the narrowest kind that holds its largest code point, so strings of different kinds
//! are never equal, and code points never exceed 0x10FFFF. An empty string is [`StrView::Ascii`].

use std::cmp::Ordering;
use std::fmt;
use std::ops::Range;

use super::buf::{StrBuf, StrCow};
use super::unit::{Unit, convert, with_units};

/// CPython's storage kinds, ASCII apart from the rest of Latin-1, in ascending order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Kind {
    /// One byte a code point, all below 0x80.
    Ascii,
    /// One byte a code point, at least one of 0x80 to 0xFF.
    Latin1,
    /// Two bytes a code point, at least one of 0x100 to 0xFFFF.
    Ucs2,
    /// Four bytes a code point, at least one of 0x10000 to 0x10FFFF.
    Ucs4,
}

impl Kind {
    /// Bytes a code point: 1, 2 or 4.
    pub const fn unit_size(self) -> usize {
        match self {
            Kind::Ascii | Kind::Latin1 => 1,
            Kind::Ucs2 => 2,
            Kind::Ucs4 => 4,
        }
    }

    /// The narrowest kind that holds this code point.
    pub const fn of(code_point: u32) -> Kind {
        match code_point {
            0..0x80 => Kind::Ascii,
            0x80..0x100 => Kind::Latin1,
            0x100..0x1_0000 => Kind::Ucs2,
            _ => Kind::Ucs4,
        }
    }
}

/// A borrowed Python str. Lengths and indices count code points.
///
/// ```
/// use pyco_exec::text::{Kind, StrBuf};
/// let text = StrBuf::from("naïve");
/// assert_eq!(text.view().kind(), Kind::Latin1);
/// assert_eq!(text.view().get(2), Some(0xEF));
/// ```
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum StrView<'a> {
    /// All below 0x80.
    Ascii(&'a [u8]),
    /// The largest is in 0x80 to 0xFF.
    Latin1(&'a [u8]),
    /// The largest is in 0x100 to 0xFFFF.
    Ucs2(&'a [u16]),
    /// The largest is in 0x10000 to 0x10FFFF.
    Ucs4(&'a [u32]),
}

impl<'a> StrView<'a> {
    /// The empty string.
    pub const EMPTY: StrView<'static> = StrView::Ascii(&[]);

    /// The string of these Latin-1 code points, marked ASCII if it is so.
    pub fn from_latin1(units: &'a [u8]) -> StrView<'a> {
        if units.is_ascii() {
            StrView::Ascii(units)
        } else {
            StrView::Latin1(units)
        }
    }

    /// The string of ASCII text.
    ///
    /// # Panics
    /// In debug builds, if the text is not ASCII: for literals of this program.
    pub const fn ascii(text: &'a str) -> StrView<'a> {
        debug_assert!(text.is_ascii());
        StrView::Ascii(text.as_bytes())
    }

    /// The storage kind.
    pub const fn kind(self) -> Kind {
        match self {
            StrView::Ascii(_) => Kind::Ascii,
            StrView::Latin1(_) => Kind::Latin1,
            StrView::Ucs2(_) => Kind::Ucs2,
            StrView::Ucs4(_) => Kind::Ucs4,
        }
    }

    /// Number of code points.
    pub const fn len(self) -> usize {
        match self {
            StrView::Ascii(units) | StrView::Latin1(units) => units.len(),
            StrView::Ucs2(units) => units.len(),
            StrView::Ucs4(units) => units.len(),
        }
    }

    /// Whether there is no code point.
    pub const fn is_empty(self) -> bool {
        self.len() == 0
    }

    /// `str.isascii`.
    pub const fn is_ascii(self) -> bool {
        matches!(self, StrView::Ascii(_))
    }

    /// The text as a Rust string slice, if it is ASCII.
    pub fn as_ascii(self) -> Option<&'a str> {
        match self {
            StrView::Ascii(units) => std::str::from_utf8(units).ok(),
            _ => None,
        }
    }

    /// The code point at an index.
    pub fn get(self, index: usize) -> Option<u32> {
        with_units!(self, units => units.get(index).map(|unit| unit.code_point()))
    }

    /// The code points in order.
    pub fn chars(self) -> Chars<'a> {
        Chars {
            view: self,
            range: 0..self.len(),
        }
    }

    /// The units as they lie in memory, in the machine's byte order.
    pub fn unit_bytes(self) -> &'a [u8] {
        with_units!(self, units => Unit::bytes(units))
    }

    /// The code points of a range, borrowed unless they fit a narrower kind than the whole.
    ///
    /// # Panics
    /// If the range does not lie within the string.
    pub fn substr(self, range: Range<usize>) -> StrCow<'a> {
        match self {
            // A part of ASCII text is ASCII; only the other kinds are looked at again.
            StrView::Ascii(units) => StrCow::Borrowed(StrView::Ascii(&units[range])),
            StrView::Latin1(units) => Unit::as_str(&units[range]),
            StrView::Ucs2(units) => Unit::as_str(&units[range]),
            StrView::Ucs4(units) => Unit::as_str(&units[range]),
        }
    }

    /// An owned copy.
    pub fn to_buf(self) -> StrBuf {
        match self {
            StrView::Ascii(units) => StrBuf::Ascii(units.to_vec()),
            StrView::Latin1(units) => StrBuf::Latin1(units.to_vec()),
            StrView::Ucs2(units) => StrBuf::Ucs2(units.to_vec()),
            StrView::Ucs4(units) => StrBuf::Ucs4(units.to_vec()),
        }
    }

    /// The code points as `u32`.
    pub fn to_ucs4(self) -> Vec<u32> {
        with_units!(self, units => convert(units))
    }

    /// Whether the string equals this Rust string.
    pub fn eq_str(self, text: &str) -> bool {
        match self {
            StrView::Ascii(units) => units == text.as_bytes(),
            _ => self.chars().eq(text.chars().map(u32::from)),
        }
    }
}

impl Default for StrView<'_> {
    fn default() -> Self {
        StrView::EMPTY
    }
}

impl PartialOrd for StrView<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// By code point, as `str.__lt__` has it, whatever the kinds.
impl Ord for StrView<'_> {
    fn cmp(&self, other: &Self) -> Ordering {
        match (*self, *other) {
            (StrView::Ascii(a) | StrView::Latin1(a), StrView::Ascii(b) | StrView::Latin1(b)) => {
                a.cmp(b)
            }
            (StrView::Ucs2(a), StrView::Ucs2(b)) => a.cmp(b),
            (StrView::Ucs4(a), StrView::Ucs4(b)) => a.cmp(b),
            (a, b) => with_units!(a, a => with_units!(b, b => {
                let a = a.iter().map(|unit| unit.code_point());
                a.cmp(b.iter().map(|unit| unit.code_point()))
            })),
        }
    }
}

/// Shown as Rust shows a string; lone surrogates as replacement characters.
impl fmt::Debug for StrView<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text: String = self
            .chars()
            .map(|c| char::from_u32(c).unwrap_or(char::REPLACEMENT_CHARACTER))
            .collect();
        fmt::Debug::fmt(&text, f)
    }
}

/// The code points of a string, from either end.
#[derive(Clone, Debug)]
pub struct Chars<'a> {
    view: StrView<'a>,
    range: Range<usize>,
}

impl Iterator for Chars<'_> {
    type Item = u32;

    fn next(&mut self) -> Option<u32> {
        let index = self.range.next()?;
        self.view.get(index)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.range.size_hint()
    }
}

impl DoubleEndedIterator for Chars<'_> {
    fn next_back(&mut self) -> Option<u32> {
        let index = self.range.next_back()?;
        self.view.get(index)
    }
}

impl ExactSizeIterator for Chars<'_> {}
