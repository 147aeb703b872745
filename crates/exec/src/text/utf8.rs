//! Strings from and to UTF-8, without error handlers: what Rust text and marshal need.
//!
//! "WTF-8" is here UTF-8 in which any surrogate stands as three bytes, pairs included: CPython's `surrogatepass`.

use super::buf::StrBuf;
use super::codec::{
    Codec, CodecError, DecodeFailure, ErrorHandler, decode, encode_utf8_strict, push_units,
};
use super::unit::with_units;
use super::view::StrView;

impl StrBuf {
    /// Decodes strict UTF-8.
    ///
    /// # Errors
    /// What UnicodeDecodeError would tell.
    pub fn from_utf8(bytes: &[u8]) -> Result<StrBuf, CodecError> {
        decode_or_error(bytes, ErrorHandler::Strict)
    }

    /// Decodes UTF-8 with surrogates, as marshal writes strings.
    ///
    /// # Errors
    /// What UnicodeDecodeError would tell.
    pub fn from_wtf8(bytes: &[u8]) -> Result<StrBuf, CodecError> {
        decode_or_error(bytes, ErrorHandler::SurrogatePass)
    }
}

fn decode_or_error(bytes: &[u8], handler: ErrorHandler) -> Result<StrBuf, CodecError> {
    decode(bytes, Codec::Utf8, handler).map_err(|failure| match failure {
        DecodeFailure::Codec(error) => error,
        // Neither of the two handlers gives this answer.
        DecodeFailure::CannotHandle => CodecError {
            encoding: "utf-8",
            start: 0,
            end: bytes.len(),
            reason: "not decodable",
        },
    })
}

impl StrView<'_> {
    /// The text as a Rust string.
    ///
    /// # Errors
    /// Where the first run of lone surrogates is.
    pub fn to_utf8(self) -> Result<String, CodecError> {
        let bytes = encode_utf8_strict(self)?;
        String::from_utf8(bytes).map_err(|error| {
            let start = error.utf8_error().valid_up_to();
            CodecError {
                encoding: "utf-8",
                start,
                end: start + 1,
                reason: "surrogates not allowed",
            }
        })
    }

    /// The text as a Rust string, lone surrogates shown as U+FFFD: for messages to people.
    pub fn to_utf8_lossy(self) -> String {
        self.chars()
            .map(|c| char::from_u32(c).unwrap_or(char::REPLACEMENT_CHARACTER))
            .collect()
    }

    /// UTF-8 in which surrogates stand for themselves.
    pub fn to_wtf8(self) -> Vec<u8> {
        let mut out = Vec::with_capacity(self.len());
        with_units!(self, units => {
            push_units(&mut out, units);
        });
        out
    }
}
