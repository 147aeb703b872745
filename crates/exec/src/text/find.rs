//! find, rfind, count, contains, startswith, endswith, removeprefix and removesuffix.
//!
//! `start` and `end` are as a program gives them: negative counts from the end, what lies outside is clamped; a missing
//! start is 0, a missing end `isize::MAX`.

use std::borrow::Cow;
use std::ops::Range;

use super::search::{Needle, find, find_unit};
use super::unit::{Unit, widened, with_units};
use super::view::StrView;

/// The range that `start` and `end` select of `len` items, or `None` if they cross: then not even the empty
/// string is found there.
pub fn adjust_range(start: isize, end: isize, len: usize) -> Option<Range<usize>> {
    let resolve = |index: isize| {
        if index < 0 {
            len.saturating_sub(index.unsigned_abs())
        } else {
            index as usize
        }
    };
    let (start, end) = (resolve(start), resolve(end).min(len));
    (start <= end).then_some(start..end)
}

pub(super) fn find_units<U: Unit>(hay: &[U], sub: &[U], start: isize, end: isize) -> Option<usize> {
    let range = adjust_range(start, end, hay.len())?;
    Some(range.start + find(&hay[range], sub)?)
}

pub(super) fn rfind_units<U: Unit>(
    hay: &[U],
    sub: &[U],
    start: isize,
    end: isize,
) -> Option<usize> {
    let range = adjust_range(start, end, hay.len())?;
    let needle = Needle::new(Cow::Borrowed(sub), range.len());
    Some(range.start + needle.rfind(&hay[range])?)
}

pub(super) fn count_units<U: Unit>(hay: &[U], sub: &[U], start: isize, end: isize) -> usize {
    adjust_range(start, end, hay.len()).map_or(0, |range| {
        Needle::new(Cow::Borrowed(sub), range.len()).count(&hay[range], usize::MAX)
    })
}

impl StrView<'_> {
    /// `str.find`: the index of the first occurrence within `start` and `end`.
    pub fn find(self, sub: StrView<'_>, start: isize, end: isize) -> Option<usize> {
        with_units!(self, units => find_units(units, &Unit::units_of(sub)?, start, end))
    }

    /// `str.rfind`: the index of the last occurrence within `start` and `end`.
    pub fn rfind(self, sub: StrView<'_>, start: isize, end: isize) -> Option<usize> {
        with_units!(self, units => rfind_units(units, &Unit::units_of(sub)?, start, end))
    }

    /// `str.count`: how often `sub` occurs within `start` and `end`, without overlap.
    pub fn count(self, sub: StrView<'_>, start: isize, end: isize) -> usize {
        with_units!(self, units => Unit::units_of(sub).map_or(0, |sub| count_units(units, &sub, start, end)))
    }

    /// `sub in s`.
    pub fn contains(self, sub: StrView<'_>) -> bool {
        if sub.kind() > self.kind() {
            return false;
        }
        match (self, sub.len()) {
            (_, 0) => true,
            (_, 1) => sub.get(0).is_some_and(|c| self.contains_char(c)),
            _ => self.find(sub, 0, isize::MAX).is_some(),
        }
    }

    /// Whether this code point occurs.
    pub fn contains_char(self, c: u32) -> bool {
        fn has<U: Unit>(units: &[U], c: u32) -> bool {
            c <= U::MAX && find_unit(units, U::low_bits(c)).is_some()
        }
        with_units!(self, units => has(units, c))
    }

    /// `str.startswith` for one prefix.
    #[inline]
    pub fn starts_with(self, prefix: StrView<'_>, start: isize, end: isize) -> bool {
        adjust_range(start, end, self.len())
            .is_some_and(|range| prefix.len() <= range.len() && self.has_at(prefix, range.start))
    }

    /// `str.endswith` for one suffix.
    #[inline]
    pub fn ends_with(self, suffix: StrView<'_>, start: isize, end: isize) -> bool {
        adjust_range(start, end, self.len()).is_some_and(|range| {
            suffix.len() <= range.len() && self.has_at(suffix, range.end - suffix.len())
        })
    }

    /// `str.removeprefix`: the range that is left.
    pub fn remove_prefix(self, prefix: StrView<'_>) -> Range<usize> {
        if self.starts_with(prefix, 0, isize::MAX) {
            prefix.len()..self.len()
        } else {
            0..self.len()
        }
    }

    /// `str.removesuffix`: the range that is left.
    pub fn remove_suffix(self, suffix: StrView<'_>) -> Range<usize> {
        if self.ends_with(suffix, 0, isize::MAX) {
            0..self.len() - suffix.len()
        } else {
            0..self.len()
        }
    }

    /// Whether `part` stands at `start`; the caller knows that it fits.
    fn has_at(self, part: StrView<'_>, start: usize) -> bool {
        if part.kind() > self.kind() {
            return false;
        }
        let range = start..start + part.len();
        match (self, part) {
            (StrView::Ascii(a) | StrView::Latin1(a), StrView::Ascii(b) | StrView::Latin1(b)) => {
                a[range] == *b
            }
            _ => with_units!(self, units => units[range] == *widened(part)),
        }
    }
}
