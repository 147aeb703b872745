//! Encoding and decoding: the codecs that CPython has in C, each driven by an error handler that can be anyone's.
//!
//! A codec finds an error, describes it as a [`CodecError`] and asks the handler what to put in its place and where to go on, as
//! CPython's do; [`ErrorHandler`] has the handlers that come with Python. Indices of encoding are code points, of decoding bytes.
//! Invariant: a handler that answers within the input ends the work in linear time; what it answers is bounded by the handler.

mod ascii_latin1;
mod handler;
mod utf16_32;
mod utf8;

use super::buf::StrBuf;
use super::builder::StrBuilder;
use super::repr::push_numeric_escape;
use super::view::StrView;
pub use handler::{DecodeFailure, ErrorHandler, NameLookup};
pub(super) use utf8::{encode_utf8_strict, push_units};

/// What UnicodeEncodeError and UnicodeDecodeError say, the object apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CodecError {
    /// The name that the codec gives itself there: `utf-8`, `ascii`, `latin-1`, `utf-16-le`, …
    pub encoding: &'static str,
    /// The first code point (encoding) or byte (decoding) that is wrong.
    pub start: usize,
    /// One past the last that is wrong.
    pub end: usize,
    /// CPython's words for it.
    pub reason: &'static str,
}

impl CodecError {
    /// `str()` of the UnicodeEncodeError for this object.
    pub fn encode_message(&self, object: StrView<'_>) -> StrBuf {
        let mut out = StrBuilder::new();
        out.push_str(&format!("'{}' codec can't encode character", self.encoding));
        match object.get(self.start) {
            Some(c) if self.end == self.start + 1 => {
                out.push_str(" '");
                push_numeric_escape(&mut out, c);
                out.push_str(&format!("' in position {}: {}", self.start, self.reason));
            }
            _ => out.push_str(&self.positions_and_reason("s")),
        }
        out.finish()
    }

    /// `str()` of the UnicodeDecodeError for this object.
    pub fn decode_message(&self, object: &[u8]) -> String {
        let head = format!("'{}' codec can't decode byte", self.encoding);
        match object.get(self.start) {
            Some(byte) if self.end == self.start + 1 => {
                format!(
                    "{head} 0x{byte:02x} in position {}: {}",
                    self.start, self.reason
                )
            }
            _ => head + &self.positions_and_reason("s"),
        }
    }

    fn positions_and_reason(&self, plural: &str) -> String {
        // The end is shown inclusively, even below the start.
        format!(
            "{plural} in position {}-{}: {}",
            self.start,
            self.end as i64 - 1,
            self.reason
        )
    }
}

/// The byte order of UTF-16 and UTF-32.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ByteOrder {
    /// By a byte order mark, written in front (little-endian) and read if there, else little-endian.
    Mark,
    /// Least significant byte first, no mark.
    Little,
    /// Most significant byte first, no mark.
    Big,
}

/// A codec.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Codec {
    /// UTF-8.
    Utf8,
    /// ASCII.
    Ascii,
    /// ISO 8859-1.
    Latin1,
    /// UTF-16.
    Utf16(ByteOrder),
    /// UTF-32.
    Utf32(ByteOrder),
}

impl Codec {
    /// Whether ASCII text is its own bytes.
    pub fn is_ascii_superset(self) -> bool {
        matches!(self, Codec::Utf8 | Codec::Ascii | Codec::Latin1)
    }

    /// The codec of a name or one of its aliases in Python's `encodings`, upper or lower case, with any punctuation.
    pub fn from_name(name: &str) -> Option<Codec> {
        let mut key = String::new();
        for c in name.chars() {
            if c.is_ascii_alphanumeric() {
                key.push(c.to_ascii_lowercase());
            } else if !key.is_empty() && !key.ends_with('_') {
                key.push('_');
            }
        }
        Some(match key.trim_end_matches('_') {
            "utf_8" | "utf8" | "u8" | "utf" | "utf8_ucs2" | "utf8_ucs4" | "cp65001" => Codec::Utf8,
            "ascii" | "us_ascii" | "us" | "646" | "ansi_x3_4_1968" | "ansi_x3_4_1986" | "cp367"
            | "csascii" | "ibm367" | "iso646_us" | "iso_646_irv_1991" | "iso_ir_6" => Codec::Ascii,
            "latin_1" | "latin1" | "latin" | "l1" | "iso8859_1" | "iso_8859_1" | "iso8859"
            | "8859" | "cp819" | "csisolatin1" | "ibm819" | "iso_8859_1_1987" | "iso_ir_100" => {
                Codec::Latin1
            }
            "utf_16" | "utf16" | "u16" => Codec::Utf16(ByteOrder::Mark),
            "utf_16_le" | "utf_16le" | "utf16le" | "unicodelittleunmarked" => {
                Codec::Utf16(ByteOrder::Little)
            }
            "utf_16_be" | "utf_16be" | "utf16be" | "unicodebigunmarked" => {
                Codec::Utf16(ByteOrder::Big)
            }
            "utf_32" | "utf32" | "u32" => Codec::Utf32(ByteOrder::Mark),
            "utf_32_le" | "utf_32le" | "utf32le" => Codec::Utf32(ByteOrder::Little),
            "utf_32_be" | "utf_32be" | "utf32be" => Codec::Utf32(ByteOrder::Big),
            _ => return None,
        })
    }
}

/// What an error handler puts in the place of code points that cannot be encoded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EncodeReplacement {
    /// Text, which must be encodable itself (for all codecs but Latin-1 that means ASCII).
    Text(StrBuf),
    /// Bytes of the encoding.
    Bytes(Vec<u8>),
}

/// The answer of an error handler while encoding: the replacement, and the index of the code point to go on with.
pub type EncodeAnswer = (EncodeReplacement, usize);

/// The answer of an error handler while decoding: the replacement, and the index of the byte to go on with.
pub type DecodeAnswer = (StrBuf, usize);

/// What decoding gives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decoded {
    /// The text.
    pub text: StrBuf,
    /// Bytes used: all, unless more input was announced and the last sequence is incomplete.
    pub consumed: usize,
    /// The byte order that a mark told, or what was asked for.
    pub order: ByteOrder,
}

/// Encodes with any error handler.
///
/// # Errors
/// What the handler returns; and the codec's own error, if the handler's replacement cannot be encoded.
pub fn encode_with<E: From<CodecError>>(
    text: StrView<'_>,
    codec: Codec,
    on_error: &mut dyn FnMut(&CodecError) -> Result<EncodeAnswer, E>,
) -> Result<Vec<u8>, E> {
    match codec {
        Codec::Utf8 => utf8::encode(text, on_error),
        Codec::Ascii => ascii_latin1::encode(text, ascii_latin1::ASCII, on_error),
        Codec::Latin1 => ascii_latin1::encode(text, ascii_latin1::LATIN1, on_error),
        Codec::Utf16(order) => utf16_32::encode_utf16(text, order, on_error),
        Codec::Utf32(order) => utf16_32::encode_utf32(text, order, on_error),
    }
}

/// Decodes with any error handler. If not `is_final`, an incomplete sequence at the end is left for the next call.
///
/// # Errors
/// What the handler returns.
pub fn decode_with<E: From<CodecError>>(
    bytes: &[u8],
    codec: Codec,
    is_final: bool,
    on_error: &mut dyn FnMut(&CodecError) -> Result<DecodeAnswer, E>,
) -> Result<Decoded, E> {
    let (text, consumed, order) = match codec {
        Codec::Utf8 => utf8::decode(bytes, is_final, on_error)?,
        Codec::Ascii => ascii_latin1::decode_ascii(bytes, on_error)?,
        Codec::Latin1 => (
            StrBuf::from_latin1(bytes.to_vec()),
            bytes.len(),
            ByteOrder::Little,
        ),
        Codec::Utf16(order) => utf16_32::decode_utf16(bytes, order, is_final, on_error)?,
        Codec::Utf32(order) => utf16_32::decode_utf32(bytes, order, is_final, on_error)?,
    };
    Ok(Decoded {
        text,
        consumed,
        order,
    })
}

/// `str.encode` with one of Python's own handlers.
///
/// ```
/// use pyco_exec::text::{encode, Codec, ErrorHandler, StrBuf};
/// let text = StrBuf::from("1 €");
/// assert_eq!(encode(text.view(), Codec::Ascii, ErrorHandler::Replace).unwrap(), b"1 ?");
/// let error = encode(text.view(), Codec::Ascii, ErrorHandler::Strict).unwrap_err();
/// assert_eq!((error.start, error.end, error.reason), (2, 3, "ordinal not in range(128)"));
/// ```
///
/// # Errors
/// What UnicodeEncodeError tells.
pub fn encode(
    text: StrView<'_>,
    codec: Codec,
    handler: ErrorHandler,
) -> Result<Vec<u8>, CodecError> {
    encode_with(text, codec, &mut |error| handler.on_encode(text, error))
}

/// `bytes.decode` with one of Python's own handlers.
///
/// # Errors
/// What UnicodeDecodeError tells, or that the handler is for encoding only (a TypeError).
pub fn decode(bytes: &[u8], codec: Codec, handler: ErrorHandler) -> Result<StrBuf, DecodeFailure> {
    let decoded = decode_with(bytes, codec, true, &mut |error| {
        handler.on_decode(bytes, error)
    })?;
    Ok(decoded.text)
}
