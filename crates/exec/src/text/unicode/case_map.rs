//! Full case mappings of a code point.
//!
//! Invariants: a mapping whose target a version does not have yet does not exist in that version; a mapping gives one to three
//! code points; what has no mapping maps to itself.

use super::case_maps::{
    FOLD, FOLD_SPECIAL, LOWER, LOWER_SPECIAL, TITLE, TITLE_SPECIAL, UPPER, UPPER_SPECIAL,
};
use super::{UnicodeVersion, is_assigned};

/// Every `stride`-th code point from `first` to `last` maps to itself plus `delta`.
#[derive(Clone, Copy)]
pub(super) struct CaseRange {
    first: u32,
    last: u32,
    stride: u32,
    delta: i32,
}

pub(super) const fn range(first: u32, last: u32, stride: u32, delta: i32) -> CaseRange {
    CaseRange {
        first,
        last,
        stride,
        delta,
    }
}

/// The code points that one maps to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mapped {
    /// One, perhaps itself.
    One(u32),
    /// Two or three.
    Several(&'static str),
}

impl Mapped {
    /// Calls a function with each code point.
    #[inline]
    pub fn each(self, mut f: impl FnMut(u32)) {
        match self {
            Mapped::One(c) => f(c),
            Mapped::Several(text) => text.chars().for_each(|c| f(u32::from(c))),
        }
    }
}

fn look_up(
    c: u32,
    version: UnicodeVersion,
    ranges: &[CaseRange],
    special: &[(u32, &'static str)],
) -> Option<Mapped> {
    let next = ranges.partition_point(|range| range.first <= c);
    if let Some(range) = next.checked_sub(1).map(|index| ranges[index])
        && c <= range.last
        && (c - range.first).is_multiple_of(range.stride)
    {
        let target = c.wrapping_add_signed(range.delta);
        let exists = version == UnicodeVersion::V17
            || is_assigned(c, version) && is_assigned(target, version);
        return exists.then_some(Mapped::One(target));
    }
    // All these are older than the oldest version here.
    let index = special.binary_search_by_key(&c, |&(from, _)| from).ok()?;
    Some(Mapped::Several(special[index].1))
}

/// `str.upper` of one code point.
#[inline]
pub fn to_upper(c: u32, version: UnicodeVersion) -> Mapped {
    if c < 0x80 {
        return Mapped::One(u32::from((c as u8).to_ascii_uppercase()));
    }
    look_up(c, version, &UPPER, &UPPER_SPECIAL).unwrap_or(Mapped::One(c))
}

/// `str.lower` of one code point, the final sigma rule aside.
#[inline]
pub fn to_lower(c: u32, version: UnicodeVersion) -> Mapped {
    if c < 0x80 {
        return Mapped::One(u32::from((c as u8).to_ascii_lowercase()));
    }
    look_up(c, version, &LOWER, &LOWER_SPECIAL).unwrap_or(Mapped::One(c))
}

/// `str.title` of one code point at the start of a word.
#[inline]
pub fn to_title(c: u32, version: UnicodeVersion) -> Mapped {
    if c < 0x80 {
        return Mapped::One(u32::from((c as u8).to_ascii_uppercase()));
    }
    look_up(c, version, &TITLE, &TITLE_SPECIAL).unwrap_or_else(|| to_upper(c, version))
}

/// `str.casefold` of one code point.
#[inline]
pub fn to_fold(c: u32, version: UnicodeVersion) -> Mapped {
    if c < 0x80 {
        return Mapped::One(u32::from((c as u8).to_ascii_lowercase()));
    }
    look_up(c, version, &FOLD, &FOLD_SPECIAL).unwrap_or_else(|| to_lower(c, version))
}
