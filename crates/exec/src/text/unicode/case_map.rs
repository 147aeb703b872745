//! Full case mappings of a code point.
//!
//! Invariants: a mapping whose target a version does not have yet does not exist in that version; a mapping gives one to three
//! code points; what has no mapping maps to itself.

use super::UnicodeVersion::{self, V14};
use super::case_maps::{FOLD, LOWER, TITLE, UPPER};

/// Every `stride`-th code point from `first` to `last` maps to itself plus `delta`, or to `text` if that is not empty.
#[derive(Clone, Copy)]
pub(super) struct CaseRange {
    first: u32,
    last: u32,
    stride: u32,
    delta: i32,
    since: UnicodeVersion,
    text: &'static str,
}

pub(super) const fn range(
    first: u32,
    last: u32,
    stride: u32,
    delta: i32,
    since: UnicodeVersion,
) -> CaseRange {
    CaseRange {
        first,
        last,
        stride,
        delta,
        since,
        text: "",
    }
}

pub(super) const fn special(c: u32, text: &'static str) -> CaseRange {
    CaseRange {
        first: c,
        last: c,
        stride: 1,
        delta: 0,
        since: V14,
        text,
    }
}

const PAGE_BITS: u32 = 6;
/// No code point from here on has case.
const END: u32 = 0x1_EA00;
const PAGE_COUNT: usize = (END >> PAGE_BITS) as usize;

/// For each page of 64 code points the number of ranges that start before it, and of all ranges at the end.
type Pages = [u16; PAGE_COUNT + 1];

const fn pages(ranges: &[CaseRange]) -> Pages {
    let mut pages = [ranges.len() as u16; PAGE_COUNT + 1];
    let (mut page, mut range) = (0, 0);
    while page < PAGE_COUNT {
        while range < ranges.len() && ranges[range].first < (page as u32) << PAGE_BITS {
            range += 1;
        }
        pages[page] = range as u16;
        page += 1;
    }
    assert!(ranges[ranges.len() - 1].last < END);
    pages
}

static UPPER_PAGES: Pages = pages(&UPPER);
static LOWER_PAGES: Pages = pages(&LOWER);
static TITLE_PAGES: Pages = pages(&TITLE);
static FOLD_PAGES: Pages = pages(&FOLD);

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

/// Set in what [`look_up`] returns if that is the index of a range with a text.
const SEVERAL: u32 = 1 << 31;
/// Returned by [`look_up`] for what has no mapping.
const SAME: u32 = u32::MAX;

/// The code point that this one maps to, or one of the two constants above.
///
/// A plain number, for a [`Mapped`] would go through memory, which more than doubles the time of `str.upper`.
fn look_up(c: u32, version: UnicodeVersion, ranges: &[CaseRange], pages: &Pages) -> u32 {
    if c >= END {
        return SAME;
    }
    let page = (c >> PAGE_BITS) as usize;
    let (before, behind) = (usize::from(pages[page]), usize::from(pages[page + 1]));
    // The last range that starts at or before `c` starts in this page or is the last before it.
    let next = before + ranges[before..behind].partition_point(|range| range.first <= c);
    let Some(index) = next.checked_sub(1) else {
        return SAME;
    };
    let range = &ranges[index];
    if c > range.last || range.stride == 2 && (c - range.first) % 2 == 1 || version < range.since {
        return SAME;
    }
    if range.text.is_empty() {
        c.wrapping_add_signed(range.delta)
    } else {
        SEVERAL | index as u32
    }
}

#[inline(always)]
fn mapped(found: u32, ranges: &[CaseRange]) -> Mapped {
    if found & SEVERAL == 0 {
        Mapped::One(found)
    } else {
        Mapped::Several(ranges[(found & !SEVERAL) as usize].text)
    }
}

/// `str.upper` of one code point.
#[inline(always)]
pub fn to_upper(c: u32, version: UnicodeVersion) -> Mapped {
    if c < 0x80 {
        return Mapped::One(u32::from((c as u8).to_ascii_uppercase()));
    }
    match look_up(c, version, &UPPER, &UPPER_PAGES) {
        SAME => Mapped::One(c),
        found => mapped(found, &UPPER),
    }
}

/// `str.lower` of one code point, the final sigma rule aside.
#[inline(always)]
pub fn to_lower(c: u32, version: UnicodeVersion) -> Mapped {
    if c < 0x80 {
        return Mapped::One(u32::from((c as u8).to_ascii_lowercase()));
    }
    match look_up(c, version, &LOWER, &LOWER_PAGES) {
        SAME => Mapped::One(c),
        found => mapped(found, &LOWER),
    }
}

/// `str.title` of one code point at the start of a word.
#[inline(always)]
pub fn to_title(c: u32, version: UnicodeVersion) -> Mapped {
    if c < 0x80 {
        return Mapped::One(u32::from((c as u8).to_ascii_uppercase()));
    }
    match look_up(c, version, &TITLE, &TITLE_PAGES) {
        SAME => to_upper(c, version),
        found => mapped(found, &TITLE),
    }
}

/// `str.casefold` of one code point.
#[inline(always)]
pub fn to_fold(c: u32, version: UnicodeVersion) -> Mapped {
    if c < 0x80 {
        return Mapped::One(u32::from((c as u8).to_ascii_lowercase()));
    }
    match look_up(c, version, &FOLD, &FOLD_PAGES) {
        SAME => to_lower(c, version),
        found => mapped(found, &FOLD),
    }
}
