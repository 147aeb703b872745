//! strip, lstrip and rstrip, as ranges.

use std::ops::Range;

use super::split::is_space;
use super::unit::{Unit, widened, with_units, with_width};
use super::view::StrView;

/// Which ends are stripped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// `strip`.
    Both,
    /// `lstrip`.
    Left,
    /// `rstrip`.
    Right,
}

/// The range left when what `goes` tells is taken from the ends.
fn strip_by<U: Unit>(units: &[U], side: Side, goes: impl Fn(U) -> bool) -> Range<usize> {
    let stays = |unit: &U| !goes(*unit);
    let mut range = 0..units.len();
    if side != Side::Right {
        range.start = units.iter().position(stays).unwrap_or(units.len());
    }
    if side != Side::Left {
        range.end = units[range.start..]
            .iter()
            .rposition(stays)
            .map_or(range.start, |last| range.start + last + 1);
    }
    range
}

pub(super) fn strip_space<U: Unit, const TEXT: bool>(units: &[U], side: Side) -> Range<usize> {
    strip_by(units, side, is_space::<U, TEXT>)
}

pub(super) fn strip_units<U: Unit>(units: &[U], chars: &[U], side: Side) -> Range<usize> {
    if let &[only] = chars {
        return strip_by(units, side, |unit| unit == only);
    }
    // A set of the low six bits settles most units that are not among the characters.
    let bit = |unit: U| 1u64 << (unit.into() & 63);
    let seen = chars.iter().fold(0, |seen, &unit| seen | bit(unit));
    if chars.len() <= 16 {
        return strip_by(units, side, |unit| {
            seen & bit(unit) != 0 && chars.contains(&unit)
        });
    }
    let mut sorted = chars.to_vec();
    sorted.sort_unstable();
    strip_by(units, side, |unit| {
        seen & bit(unit) != 0 && sorted.binary_search(&unit).is_ok()
    })
}

impl StrView<'_> {
    /// `str.strip`, `lstrip` and `rstrip` of these characters, or of whitespace: the range that is left.
    pub fn strip(self, chars: Option<StrView<'_>>, side: Side) -> Range<usize> {
        let Some(chars) = chars else {
            return with_units!(self, units => strip_space::<_, true>(units, side));
        };
        if chars.kind() <= self.kind() {
            return with_units!(self, units => strip_units(units, &widened(chars), side));
        }
        with_width!(chars.kind(), U => strip_units::<U>(&widened(self), &widened(chars), side))
    }
}
