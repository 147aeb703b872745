//! upper, lower, casefold, capitalize, title and swapcase with full Unicode case mapping.
//!
//! Invariant: the result has at most three times as many code points as the input.

use super::buf::StrBuf;
use super::builder::StrBuilder;
use super::unicode::{Mapped, UnicodeVersion, properties, to_fold, to_lower, to_title, to_upper};
use super::unit::{Unit, with_units};
use super::view::StrView;

const SIGMA: u32 = 0x3A3;
const SMALL_SIGMA: u32 = 0x3C3;
const FINAL_SIGMA: u32 = 0x3C2;

/// The lower case of the code point at an index: a sigma that ends a word has a form of its own.
fn lower_at(text: StrView<'_>, index: usize, c: u32, version: UnicodeVersion) -> Mapped {
    if c == SIGMA {
        let form = if is_final_sigma(text, index, version) {
            FINAL_SIGMA
        } else {
            SMALL_SIGMA
        };
        return Mapped::One(form);
    }
    to_lower(c, version)
}

/// Whether a cased letter stands before and none behind, case-ignorable characters not counted.
fn is_final_sigma(text: StrView<'_>, index: usize, version: UnicodeVersion) -> bool {
    let is_cased = |c: Option<u32>| c.is_some_and(|c| properties(c, version).is_cased());
    let counts = |index: &usize| {
        text.get(*index)
            .is_some_and(|c| !properties(c, version).is_case_ignorable())
    };
    let before = (0..index)
        .rev()
        .find(counts)
        .and_then(|index| text.get(index));
    let behind = (index + 1..text.len())
        .find(counts)
        .and_then(|index| text.get(index));
    is_cased(before) && !is_cased(behind)
}

/// Maps each code point by a function of its index and value.
fn map(text: StrView<'_>, f: impl FnMut(usize, u32) -> Mapped) -> StrBuf {
    with_units!(text, units => map_units(units, f))
}

/// Maps into the width of the input as long as the results fit.
fn map_units<U: Unit>(units: &[U], mut f: impl FnMut(usize, u32) -> Mapped) -> StrBuf {
    let mut out = Vec::with_capacity(units.len());
    for (index, &unit) in units.iter().enumerate() {
        match f(index, unit.into()) {
            Mapped::One(c) if c <= U::MAX => out.push(U::low_bits(c)),
            mapped => {
                let mut builder = StrBuilder::from(U::into_str(out));
                mapped.each(|c| builder.push(c));
                return map_rest(units, index + 1, builder, f);
            }
        }
    }
    U::into_str(out)
}

#[cold]
fn map_rest<U: Unit>(
    units: &[U],
    start: usize,
    mut out: StrBuilder,
    mut f: impl FnMut(usize, u32) -> Mapped,
) -> StrBuf {
    for (index, &unit) in units.iter().enumerate().skip(start) {
        f(index, unit.into()).each(|c| out.push(c));
    }
    out.finish()
}

impl StrView<'_> {
    /// `str.upper`.
    pub fn upper(self, version: UnicodeVersion) -> StrBuf {
        match self {
            StrView::Ascii(units) => StrBuf::Ascii(units.to_ascii_uppercase()),
            _ => map(self, |_, c| to_upper(c, version)),
        }
    }

    /// `str.lower`.
    pub fn lower(self, version: UnicodeVersion) -> StrBuf {
        match self {
            StrView::Ascii(units) => StrBuf::Ascii(units.to_ascii_lowercase()),
            _ => map(self, |index, c| lower_at(self, index, c, version)),
        }
    }

    /// `str.casefold`.
    pub fn casefold(self, version: UnicodeVersion) -> StrBuf {
        match self {
            StrView::Ascii(units) => StrBuf::Ascii(units.to_ascii_lowercase()),
            _ => map(self, |_, c| to_fold(c, version)),
        }
    }

    /// `str.capitalize`.
    pub fn capitalize(self, version: UnicodeVersion) -> StrBuf {
        map(self, |index, c| {
            if index == 0 {
                to_title(c, version)
            } else {
                lower_at(self, index, c, version)
            }
        })
    }

    /// `str.title`.
    pub fn title(self, version: UnicodeVersion) -> StrBuf {
        let mut in_word = false;
        map(self, |index, c| {
            let mapped = if in_word {
                lower_at(self, index, c, version)
            } else {
                to_title(c, version)
            };
            in_word = properties(c, version).is_cased();
            mapped
        })
    }

    /// `str.swapcase`.
    pub fn swapcase(self, version: UnicodeVersion) -> StrBuf {
        map(self, |index, c| {
            let properties = properties(c, version);
            if properties.is_upper() {
                lower_at(self, index, c, version)
            } else if properties.is_lower() {
                to_upper(c, version)
            } else {
                Mapped::One(c)
            }
        })
    }
}
