//! `repr` and `ascii` of str, `repr` of bytes.
//!
//! Invariant: the result's length is at most ten times the input's plus the quotes (`\U0010ffff`).

use super::buf::StrBuf;
use super::builder::StrBuilder;
use super::unicode::{UnicodeVersion, properties};
use super::view::StrView;

const HEX: &[u8; 16] = b"0123456789abcdef";

/// `repr(s)`: what is not printable in this Unicode version is escaped.
///
/// ```
/// use pyco_exec::text::{repr, StrView, UnicodeVersion};
/// let text = repr(StrView::ascii("it's\n"), UnicodeVersion::V15_1);
/// assert!(text.view().eq_str("\"it's\\n\""));
/// ```
pub fn repr(text: StrView<'_>, version: UnicodeVersion) -> StrBuf {
    let mut out = StrBuilder::with_capacity(text.len() + 2);
    push_repr(&mut out, text, version);
    out.finish()
}

/// Appends `repr(s)`, for the repr of containers.
pub fn push_repr(out: &mut StrBuilder, text: StrView<'_>, version: UnicodeVersion) {
    let quote = quote_for(|c| contains(text, c));
    out.push(quote.into());
    if let Some(plain) = text.as_ascii()
        && plain
            .bytes()
            .all(|b| matches!(b, 0x20..=0x7E) && b != quote && b != b'\\')
    {
        out.push_str(plain);
    } else {
        for c in text.chars() {
            match c {
                0x20..=0x7E if c != u32::from(quote) && c != u32::from(b'\\') => out.push(c),
                0x80.. if properties(c, version).is_printable() => out.push(c),
                _ => push_escape(out, c),
            }
        }
    }
    out.push(quote.into());
}

/// `ascii(s)`: `repr(s)` with everything beyond ASCII escaped.
pub fn ascii(text: StrView<'_>) -> StrBuf {
    let quote = quote_for(|c| contains(text, c));
    let mut out = StrBuilder::with_capacity(text.len() + 2);
    out.push(quote.into());
    for c in text.chars() {
        match c {
            0x20..=0x7E if c != u32::from(quote) && c != u32::from(b'\\') => out.push(c),
            _ => push_escape(&mut out, c),
        }
    }
    out.push(quote.into());
    out.finish()
}

/// `repr(b)` of bytes.
pub fn bytes_repr(bytes: &[u8]) -> StrBuf {
    bytes_repr_escaping(bytes, false)
}

/// The part in parentheses of `repr` of a bytearray in CPython 3.`minor`: up to 3.14 a single quote is escaped there even
/// between double quotes.
pub fn bytearray_inner_repr(bytes: &[u8], minor: u8) -> StrBuf {
    bytes_repr_escaping(bytes, minor <= 14)
}

fn bytes_repr_escaping(bytes: &[u8], single_quotes: bool) -> StrBuf {
    let quote = quote_for(|c| memchr::memchr(c, bytes).is_some());
    let mut out = Vec::with_capacity(bytes.len() + 3);
    out.extend_from_slice(&[b'b', quote]);
    for &byte in bytes {
        match byte {
            b'\t' => out.extend_from_slice(b"\\t"),
            b'\n' => out.extend_from_slice(b"\\n"),
            b'\r' => out.extend_from_slice(b"\\r"),
            b'\\' => out.extend_from_slice(b"\\\\"),
            b'\'' if single_quotes => out.extend_from_slice(b"\\'"),
            0x20..=0x7E if byte != quote => out.push(byte),
            _ if byte == quote => out.extend_from_slice(&[b'\\', quote]),
            _ => out.extend_from_slice(&[
                b'\\',
                b'x',
                HEX[usize::from(byte >> 4)],
                HEX[usize::from(byte & 15)],
            ]),
        }
    }
    out.push(quote);
    StrBuf::Ascii(out)
}

/// Double quotes if that saves escaping.
fn quote_for(has: impl Fn(u8) -> bool) -> u8 {
    if has(b'\'') && !has(b'"') {
        b'"'
    } else {
        b'\''
    }
}

fn contains(text: StrView<'_>, byte: u8) -> bool {
    match text {
        StrView::Ascii(units) | StrView::Latin1(units) => memchr::memchr(byte, units).is_some(),
        StrView::Ucs2(units) => units.contains(&u16::from(byte)),
        StrView::Ucs4(units) => units.contains(&u32::from(byte)),
    }
}

/// The escape of a character that cannot stand for itself, quotes included.
fn push_escape(out: &mut StrBuilder, c: u32) {
    match c {
        0x09 => out.push_str("\\t"),
        0x0A => out.push_str("\\n"),
        0x0D => out.push_str("\\r"),
        0x27 => out.push_str("\\'"),
        0x22 => out.push_str("\\\""),
        0x5C => out.push_str("\\\\"),
        _ => push_numeric_escape(out, c),
    }
}

/// `\xhh`, `\uhhhh` or `\Uhhhhhhhh`, whichever is the shortest that holds the code point.
pub fn push_numeric_escape(out: &mut StrBuilder, c: u32) {
    let (letter, digits) = match c {
        0..0x100 => (b'x', 2),
        0x100..0x1_0000 => (b'u', 4),
        _ => (b'U', 8),
    };
    out.push_str("\\");
    out.push(letter.into());
    for digit in (0..digits).rev() {
        out.push(HEX[(c >> (4 * digit)) as usize & 15].into());
    }
}
