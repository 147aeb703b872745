//! The error handlers that come with Python.
//!
//! Invariant: each goes on behind the error's start, so decoding and encoding with them always ends.

use super::{CodecError, DecodeAnswer, EncodeAnswer, EncodeReplacement};
use crate::text::builder::StrBuilder;
use crate::text::repr::push_numeric_escape;
use crate::text::view::StrView;

/// Finds the name of a code point for [`ErrorHandler::NameReplace`], as `unicodedata.name` does.
pub type NameLookup = fn(u32) -> Option<String>;

/// One of Python's own error handlers.
#[derive(Clone, Copy, Debug)]
pub enum ErrorHandler {
    /// `strict`: the error is raised.
    Strict,
    /// `ignore`: nothing is put in its place.
    Ignore,
    /// `replace`: `?`, or U+FFFD when decoding.
    Replace,
    /// `surrogateescape`: undecodable bytes as U+DC80 to U+DCFF and back.
    SurrogateEscape,
    /// `surrogatepass`: lone surrogates are encoded like any code point.
    SurrogatePass,
    /// `backslashreplace`: Python escapes.
    BackslashReplace,
    /// `xmlcharrefreplace`: `&#n;`; encoding only.
    XmlCharRefReplace,
    /// `namereplace`: `\N{…}`, with the name table of the caller; encoding only.
    NameReplace(NameLookup),
}

/// Why decoding stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DecodeFailure {
    /// A UnicodeDecodeError.
    Codec(CodecError),
    /// A TypeError: the handler does not know how to handle UnicodeDecodeError.
    CannotHandle,
}

impl From<CodecError> for DecodeFailure {
    fn from(error: CodecError) -> Self {
        DecodeFailure::Codec(error)
    }
}

impl ErrorHandler {
    /// The handler of a name; `None` for names that only a program can have registered, and for `namereplace`,
    /// which needs a name table.
    pub fn from_name(name: &str) -> Option<ErrorHandler> {
        Some(match name {
            "strict" => ErrorHandler::Strict,
            "ignore" => ErrorHandler::Ignore,
            "replace" => ErrorHandler::Replace,
            "surrogateescape" => ErrorHandler::SurrogateEscape,
            "surrogatepass" => ErrorHandler::SurrogatePass,
            "backslashreplace" => ErrorHandler::BackslashReplace,
            "xmlcharrefreplace" => ErrorHandler::XmlCharRefReplace,
            _ => return None,
        })
    }

    /// What the handler answers to an error while encoding `object`.
    ///
    /// # Errors
    /// The error itself, if the handler does not deal with it.
    pub fn on_encode(
        self,
        object: StrView<'_>,
        error: &CodecError,
    ) -> Result<EncodeAnswer, CodecError> {
        let wrong = || (error.start..error.end).filter_map(|index| object.get(index));
        let mut text = StrBuilder::new();
        match self {
            ErrorHandler::Strict => return Err(*error),
            ErrorHandler::Ignore => {}
            ErrorHandler::Replace => {
                text.push_repeated(u32::from(b'?'), error.end.saturating_sub(error.start))
            }
            ErrorHandler::BackslashReplace => {
                wrong().for_each(|c| push_numeric_escape(&mut text, c))
            }
            ErrorHandler::XmlCharRefReplace => {
                wrong().for_each(|c| text.push_str(&format!("&#{c};")))
            }
            ErrorHandler::NameReplace(name_of) => wrong().for_each(|c| match name_of(c) {
                Some(name) => text.push_str(&format!("\\N{{{name}}}")),
                None => push_numeric_escape(&mut text, c),
            }),
            ErrorHandler::SurrogateEscape => {
                // The codecs take what leads the run and complain about the rest, so the answer may end early.
                let bytes: Vec<u8> = wrong()
                    .map_while(|c| (0xDC80..0xDD00).contains(&c).then_some(c as u8))
                    .collect();
                let next = error.start + bytes.len();
                return if bytes.is_empty() {
                    Err(*error)
                } else {
                    Ok((EncodeReplacement::Bytes(bytes), next))
                };
            }
            ErrorHandler::SurrogatePass => {
                let mut bytes = Vec::new();
                for c in wrong() {
                    push_surrogate(&mut bytes, c, error)?;
                }
                return Ok((EncodeReplacement::Bytes(bytes), error.end));
            }
        }
        Ok((EncodeReplacement::Text(text.finish()), error.end))
    }

    /// What the handler answers to an error while decoding `object`.
    ///
    /// # Errors
    /// The error itself, if the handler does not deal with it.
    pub fn on_decode(
        self,
        object: &[u8],
        error: &CodecError,
    ) -> Result<DecodeAnswer, DecodeFailure> {
        let wrong = object.get(error.start..error.end).unwrap_or(&[]);
        let mut text = StrBuilder::new();
        match self {
            ErrorHandler::Strict => return Err((*error).into()),
            ErrorHandler::XmlCharRefReplace | ErrorHandler::NameReplace(_) => {
                return Err(DecodeFailure::CannotHandle);
            }
            ErrorHandler::Ignore => {}
            ErrorHandler::Replace => text.push(0xFFFD),
            ErrorHandler::BackslashReplace => wrong
                .iter()
                .for_each(|&byte| push_numeric_escape(&mut text, byte.into())),
            ErrorHandler::SurrogateEscape => {
                text.extend(
                    wrong
                        .iter()
                        .take(4)
                        .take_while(|&&byte| byte >= 0x80)
                        .map(|&b| 0xDC00 + u32::from(b)),
                );
                let next = error.start + text.len();
                return if text.is_empty() {
                    Err((*error).into())
                } else {
                    Ok((text.finish(), next))
                };
            }
            ErrorHandler::SurrogatePass => {
                let rest = object.get(error.start..).unwrap_or(&[]);
                let (c, len) = read_surrogate(rest, error.encoding).ok_or(*error)?;
                text.push(c);
                return Ok((text.finish(), error.start + len));
            }
        }
        Ok((text.finish(), error.end))
    }
}

/// Appends a surrogate in the encoding that the error names.
fn push_surrogate(out: &mut Vec<u8>, c: u32, error: &CodecError) -> Result<(), CodecError> {
    if !(0xD800..0xE000).contains(&c) {
        return Err(*error);
    }
    let unit = c as u16;
    match error.encoding {
        "utf-8" => super::push_units(out, &[c]),
        "utf-16" | "utf-16-le" => out.extend_from_slice(&unit.to_le_bytes()),
        "utf-16-be" => out.extend_from_slice(&unit.to_be_bytes()),
        "utf-32" | "utf-32-le" => out.extend_from_slice(&c.to_le_bytes()),
        "utf-32-be" => out.extend_from_slice(&c.to_be_bytes()),
        _ => return Err(*error),
    }
    Ok(())
}

/// The surrogate that starts the bytes, and the number of bytes it takes.
fn read_surrogate(bytes: &[u8], encoding: &str) -> Option<(u32, usize)> {
    let (c, len) = match (encoding, bytes) {
        ("utf-8", &[0xED, b @ 0xA0..=0xBF, c @ 0x80..=0xBF, ..]) => {
            (0xD000 | (u32::from(b) & 0x3F) << 6 | u32::from(c) & 0x3F, 3)
        }
        ("utf-16" | "utf-16-le", &[a, b, ..]) => (u16::from_le_bytes([a, b]).into(), 2),
        ("utf-16-be", &[a, b, ..]) => (u16::from_be_bytes([a, b]).into(), 2),
        ("utf-32" | "utf-32-le", &[a, b, c, d, ..]) => (u32::from_le_bytes([a, b, c, d]), 4),
        ("utf-32-be", &[a, b, c, d, ..]) => (u32::from_be_bytes([a, b, c, d]), 4),
        _ => return None,
    };
    (0xD800..0xE000).contains(&c).then_some((c, len))
}

/// Appends text as units of `width` bytes in the encoding of a UTF-16 or UTF-32 codec, or bytes as they are.
///
/// # Errors
/// The codec's error, if the text is not ASCII or the bytes are not whole units.
pub(super) fn push_replacement(
    out: &mut Vec<u8>,
    replacement: &EncodeReplacement,
    limit: u32,
    width: usize,
    push: impl Fn(&mut Vec<u8>, u32),
    error: &CodecError,
) -> Result<(), CodecError> {
    match replacement {
        EncodeReplacement::Bytes(bytes) if bytes.len().is_multiple_of(width) => {
            out.extend_from_slice(bytes)
        }
        EncodeReplacement::Text(text) if text.view().chars().all(|c| c < limit) => {
            text.view().chars().for_each(|c| push(out, c));
        }
        _ => return Err(*error),
    }
    Ok(())
}
