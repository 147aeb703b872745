//! The codecs `unicode_escape` and `raw_unicode_escape`: text as in the literals of Python.

use crate::text::{
    CodecError, DecodeAnswer, StrBuf, StrBuilder, StrView, UnicodeVersion, char_named,
};

const NAME: &str = "unicodeescape";
/// In the place of a reason: a backslash at the end of raw text, which stands for itself.
const KEPT: &str = "";

/// `text.encode("unicode_escape")`; if `is_raw`, `raw_unicode_escape`, which keeps all of Latin-1.
pub fn encode(text: StrView<'_>, is_raw: bool) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    for c in text.chars() {
        match c {
            0..0x100 if is_raw => out.push(c as u8),
            0x5C => out.extend_from_slice(b"\\\\"),
            0x09 => out.extend_from_slice(b"\\t"),
            0x0A => out.extend_from_slice(b"\\n"),
            0x0D => out.extend_from_slice(b"\\r"),
            0x20..0x7F => out.push(c as u8),
            0..0x100 => out.extend_from_slice(format!("\\x{c:02x}").as_bytes()),
            0x100..0x1_0000 => out.extend_from_slice(format!("\\u{c:04x}").as_bytes()),
            _ => out.extend_from_slice(format!("\\U{c:08x}").as_bytes()),
        }
    }
    out
}

/// What stands at a backslash: a code point or nothing, and the bytes used.
enum Escape {
    Char(u32, usize),
    Nothing(usize),
    /// An unknown escape, whose backslash stays.
    Kept,
    Wrong(usize, &'static str),
    /// The bytes end within it: what is wrong if no more come, and the bytes used.
    Cut(usize, &'static str),
}

/// What decoding gives.
pub struct Unescaped {
    /// The text.
    pub text: StrBuf,
    /// Bytes used: all, unless more was announced and the last escape is incomplete.
    pub consumed: usize,
    /// The first escape that means nothing, without its backslash: a character, or an octal number beyond a byte.
    pub first_invalid: Option<String>,
}

/// `bytes.decode("unicode_escape")`; if `is_raw`, `raw_unicode_escape`, where only `\u` and `\U` are escapes.
///
/// # Errors
/// What the handler returns.
pub fn decode<E>(
    bytes: &[u8],
    is_raw: bool,
    is_final: bool,
    version: UnicodeVersion,
    on_error: &mut dyn FnMut(&CodecError) -> Result<DecodeAnswer, E>,
) -> Result<Unescaped, E> {
    let mut out = StrBuilder::with_capacity(bytes.len());
    let mut first_invalid = None;
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        if byte != b'\\' {
            out.push(byte.into());
            at += 1;
            continue;
        }
        let rest = &bytes[at + 1..];
        let escape = match is_raw {
            true => raw_escape(rest),
            false => escape(rest, version),
        };
        let escape = match escape {
            Escape::Cut(..) if !is_final => break,
            Escape::Cut(_, KEPT) => Escape::Kept,
            Escape::Cut(used, reason) => Escape::Wrong(used, reason),
            escape => escape,
        };
        match escape {
            Escape::Char(c, used) => {
                if c > 0xFF && rest.first().is_some_and(u8::is_ascii_digit) {
                    first_invalid.get_or_insert_with(|| format!("{c:o}"));
                }
                out.push(c);
                at += 1 + used;
            }
            Escape::Nothing(used) => at += 1 + used,
            Escape::Kept => {
                out.push(b'\\'.into());
                at += 1;
                if let Some(&next) = bytes.get(at) {
                    first_invalid.get_or_insert_with(|| char::from(next).to_string());
                    out.push(next.into());
                    at += 1;
                }
            }
            Escape::Wrong(used, reason) | Escape::Cut(used, reason) => {
                let error = CodecError {
                    encoding: if is_raw { "rawunicodeescape" } else { NAME },
                    start: at,
                    end: at + 1 + used,
                    reason,
                };
                let (replacement, next) = on_error(&error)?;
                out.push_view(replacement.view());
                at = next;
            }
        }
    }
    Ok(Unescaped {
        text: out.finish(),
        consumed: at,
        first_invalid: first_invalid.filter(|_| !is_raw),
    })
}

fn raw_escape(rest: &[u8]) -> Escape {
    match rest.first() {
        // At the end a backslash is one, unless it may yet begin an escape.
        None => Escape::Cut(0, KEPT),
        Some(b'u') => digits(rest, 4, "truncated \\uXXXX escape"),
        Some(b'U') => match digits(rest, 8, "truncated \\UXXXXXXXX escape") {
            Escape::Wrong(9, _) => Escape::Wrong(9, "\\Uxxxxxxxx out of range"),
            escape => escape,
        },
        _ => Escape::Kept,
    }
}

fn escape(rest: &[u8], version: UnicodeVersion) -> Escape {
    let Some(&letter) = rest.first() else {
        return Escape::Cut(0, "\\ at end of string");
    };
    let c = match letter {
        b'\n' => return Escape::Nothing(1),
        b'\\' | b'\'' | b'"' => letter,
        b'a' => 0x07,
        b'b' => 0x08,
        b't' => 0x09,
        b'n' => 0x0A,
        b'v' => 0x0B,
        b'f' => 0x0C,
        b'r' => 0x0D,
        b'0'..=b'7' => {
            let is_octal = |byte: &&u8| (b'0'..=b'7').contains(*byte);
            let octal = rest.iter().take(3).take_while(is_octal);
            let c = octal
                .clone()
                .fold(0, |c, &byte| c * 8 + u32::from(byte - b'0'));
            return Escape::Char(c, octal.count());
        }
        b'x' => return digits(rest, 2, "truncated \\xXX escape"),
        b'u' => return digits(rest, 4, "truncated \\uXXXX escape"),
        b'U' => return digits(rest, 8, "truncated \\UXXXXXXXX escape"),
        b'N' => return name(rest, version),
        _ => return Escape::Kept,
    };
    Escape::Char(c.into(), 1)
}

/// So many hexadecimal digits behind the letter.
fn digits(rest: &[u8], count: usize, truncated: &'static str) -> Escape {
    let mut c = 0;
    for index in 1..=count {
        let Some(&byte) = rest.get(index) else {
            return Escape::Cut(index, truncated);
        };
        match char::from(byte).to_digit(16) {
            Some(digit) => c = c * 16 + digit,
            None => return Escape::Wrong(index, truncated),
        }
    }
    if c > 0x10_FFFF {
        return Escape::Wrong(count + 1, "illegal Unicode character");
    }
    Escape::Char(c, count + 1)
}

fn name(rest: &[u8], version: UnicodeVersion) -> Escape {
    const MALFORMED: &str = "malformed \\N character escape";
    match rest.get(1) {
        None => return Escape::Cut(1, MALFORMED),
        Some(b'{') => {}
        Some(_) => return Escape::Wrong(1, MALFORMED),
    }
    match rest.iter().position(|&byte| byte == b'}') {
        Some(end) if end > 2 => {
            let name = std::str::from_utf8(&rest[2..end]).unwrap_or_default();
            match char_named(name, version) {
                Some(c) => Escape::Char(c, end + 1),
                None => Escape::Wrong(end + 1, "unknown Unicode character name"),
            }
        }
        Some(_) => Escape::Wrong(2, MALFORMED),
        None => Escape::Cut(rest.len(), MALFORMED),
    }
}
