//! Text to numbers: `int(text)`, `float(text)`, `complex(text)`.
//!
//! Each works in two steps, as in CPython: [`to_ascii`] makes ASCII of a str (an ASCII str and bytes
//! can do without), then the parser proper reads bytes. What cannot be read is reported without the
//! user's text; the caller adds its `repr` to make CPython's message.

mod complex;
mod digits;
mod float;
mod int;

pub use complex::{ComplexError, parse as complex};
pub use digits::{decimal_value, is_space};
pub use float::{invalid as invalid_float, parse as float};
pub use int::{IntError, parse as int};

use crate::numeric::Release;

/// A str as ASCII: Unicode decimal digits become `0` to `9`, Unicode spaces become a space, anything
/// else outside ASCII becomes `?`, which no parser accepts.
///
/// ```
/// use pyco_exec::numeric::{Release, parse};
/// let text = parse::to_ascii("\u{a0}٣٤".chars().map(u32::from), Release::V3_13);
/// assert_eq!(text, b" 34");
/// ```
pub fn to_ascii(code_points: impl IntoIterator<Item = u32>, release: Release) -> Vec<u8> {
    let fold = |point: u32| match u8::try_from(point) {
        Ok(byte) if byte.is_ascii() => byte,
        _ if is_space(point) => b' ',
        _ => decimal_value(point, release).map_or(b'?', |digit| b'0' + digit),
    };
    code_points.into_iter().map(fold).collect()
}

/// `text` without C's whitespace at its ends (U+001C to U+001F, spaces to `str.isspace`, stay).
pub(super) fn trim(text: &[u8]) -> &[u8] {
    let is_text = |byte: &u8| !matches!(byte, b'\t'..=b'\r' | b' ');
    let start = text.iter().position(is_text).unwrap_or(text.len());
    let end = text
        .iter()
        .rposition(is_text)
        .map_or(start, |last| last + 1);
    &text[start..end]
}

/// `text` without its underscores, if each stands between two digits.
fn without_underscores(text: &[u8]) -> Option<Vec<u8>> {
    let digit_at = |index: usize| text.get(index).is_some_and(u8::is_ascii_digit);
    let misplaced = |(index, &byte): (usize, &u8)| {
        byte == b'_' && !(index > 0 && digit_at(index - 1) && digit_at(index + 1))
    };
    if text.iter().enumerate().any(misplaced) {
        return None;
    }
    Some(text.iter().copied().filter(|&byte| byte != b'_').collect())
}
