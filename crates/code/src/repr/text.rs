//! The `repr()` of str and bytes.

use core::fmt::{self, Write};

use pyco_marshal::Str;

use crate::generated::printable::PRINTABLE;
use crate::version::Version;

/// Whether `repr()` leaves a code point as it is: `str.isprintable()`, which depends on the version's Unicode.
///
/// ```
/// use pyco_code::{Version, is_printable};
///
/// assert!(is_printable(0xe9, Version::V3_13));
/// assert!(!is_printable(0xa0, Version::V3_13));
/// assert!(is_printable(0x1fae9, Version::V3_14) && !is_printable(0x1fae9, Version::V3_13));
/// ```
#[must_use]
pub fn is_printable(point: u32, version: Version) -> bool {
    if point < 0x7f {
        return point >= 0x20;
    }
    let at = PRINTABLE.partition_point(|(first, ..)| *first <= point);
    at.checked_sub(1).is_some_and(|at| {
        let (_, last, since) = PRINTABLE[at];
        point <= last && version.minor() >= since
    })
}

/// `'` unless the text has that and no `"`.
fn quote(bytes: &[u8]) -> u8 {
    if bytes.contains(&b'\'') && !bytes.contains(&b'"') {
        b'"'
    } else {
        b'\''
    }
}

pub(super) fn write_str<W: Write>(text: &Str, version: Version, f: &mut W) -> fmt::Result {
    let bytes = text.as_bytes();
    let quote = quote(bytes);
    if version == Version::V2_7 {
        f.write_char('u')?;
    }
    f.write_char(char::from(quote))?;
    match text.as_str() {
        Some(plain)
            if bytes
                .iter()
                .fold(true, |all, byte| all & is_plain(*byte, quote)) =>
        {
            f.write_str(plain)?;
        }
        Some(mut rest) => {
            let is_special = |byte: u8| !is_plain(byte, quote);
            while let Some(special) = rest.bytes().position(is_special) {
                let (plain, from) = rest.split_at(special);
                f.write_str(plain)?;
                let mut chars = from.chars();
                let point = chars.next().map_or(0, u32::from);
                write_point(point, quote, version, f)?;
                rest = chars.as_str();
            }
            f.write_str(rest)?;
        }
        None => {
            for point in text.code_points() {
                write_point(point, quote, version, f)?;
            }
        }
    }
    f.write_char(char::from(quote))
}

/// Whether a byte of a text stands for itself.
fn is_plain(byte: u8, quote: u8) -> bool {
    (b' '..0x7f).contains(&byte) && byte != quote && byte != b'\\'
}

fn write_point<W: Write>(point: u32, quote: u8, version: Version, f: &mut W) -> fmt::Result {
    let printable = match version {
        // Python 2 prints ASCII only.
        Version::V2_7 => (0x20..0x7f).contains(&point),
        _ => is_printable(point, version),
    };
    match point {
        0..0x80 => write_ascii(point as u8, quote, f),
        _ if printable => f.write_char(char::from_u32(point).unwrap_or('\u{fffd}')),
        0x80..0x100 => write!(f, "\\x{point:02x}"),
        0x100..0x1_0000 => write!(f, "\\u{point:04x}"),
        _ => write!(f, "\\U{point:08x}"),
    }
}

fn write_ascii<W: Write>(byte: u8, quote: u8, f: &mut W) -> fmt::Result {
    match byte {
        b'\t' => f.write_str("\\t"),
        b'\n' => f.write_str("\\n"),
        b'\r' => f.write_str("\\r"),
        b'\\' => f.write_str("\\\\"),
        _ if byte == quote => {
            f.write_char('\\')?;
            f.write_char(char::from(quote))
        }
        0x20..0x7f => f.write_char(char::from(byte)),
        _ => write!(f, "\\x{byte:02x}"),
    }
}

pub(super) fn write_bytes<W: Write>(bytes: &[u8], version: Version, f: &mut W) -> fmt::Result {
    let quote = quote(bytes);
    if version != Version::V2_7 {
        f.write_char('b')?;
    }
    f.write_char(char::from(quote))?;
    match core::str::from_utf8(bytes) {
        Ok(plain) if bytes.iter().all(|byte| is_plain(*byte, quote)) => f.write_str(plain)?,
        _ => {
            for byte in bytes {
                write_ascii(*byte, quote, f)?;
            }
        }
    }
    f.write_char(char::from(quote))
}
