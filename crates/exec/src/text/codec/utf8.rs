//! The UTF-8 codec.
//!
//! An ill-formed sequence is reported as CPython does: its longest part that could begin a well-formed one.

use super::handler::push_replacement;
use super::{ByteOrder, CodecError, DecodeAnswer, EncodeAnswer};
use crate::text::buf::StrBuf;
use crate::text::builder::StrBuilder;
use crate::text::unit::{Unit, with_units};
use crate::text::view::StrView;

const NAME: &str = "utf-8";
const SURROGATES: &str = "surrogates not allowed";

/// Appends the UTF-8 form of units, block by block in a buffer that holds the longest form of a block.
pub(in crate::text) fn push_units<U: Unit>(out: &mut Vec<u8>, units: &[U]) {
    const BLOCK: usize = 64;
    for block in units.chunks(BLOCK) {
        let mut buffer = [0; 4 * BLOCK];
        let mut len = 0;
        for &unit in block {
            let c = unit.into();
            let tail = |shift: u32| 0x80 | (c >> shift & 0x3F) as u8;
            match c {
                0..0x80 => {
                    buffer[len] = c as u8;
                    len += 1;
                }
                0x80..0x800 => {
                    buffer[len..len + 2].copy_from_slice(&[0xC0 | (c >> 6) as u8, tail(0)]);
                    len += 2;
                }
                0x800..0x1_0000 => {
                    buffer[len..len + 3].copy_from_slice(&[
                        0xE0 | (c >> 12) as u8,
                        tail(6),
                        tail(0),
                    ]);
                    len += 3;
                }
                _ => {
                    let bytes = [0xF0 | (c >> 18) as u8, tail(12), tail(6), tail(0)];
                    buffer[len..len + 4].copy_from_slice(&bytes);
                    len += 4;
                }
            }
        }
        out.extend_from_slice(&buffer[..len]);
    }
}

/// Encodes without a handler, for callers that want the first error only.
pub(in crate::text) fn encode_utf8_strict(text: StrView<'_>) -> Result<Vec<u8>, CodecError> {
    encode(text, &mut |error| Err(*error))
}

pub(super) fn encode<E: From<CodecError>>(
    text: StrView<'_>,
    on_error: &mut dyn FnMut(&CodecError) -> Result<EncodeAnswer, E>,
) -> Result<Vec<u8>, E> {
    match text {
        StrView::Ascii(units) => Ok(units.to_vec()),
        _ => with_units!(text, units => encode_units(units, on_error)),
    }
}

fn encode_units<U: Unit, E: From<CodecError>>(
    units: &[U],
    on_error: &mut dyn FnMut(&CodecError) -> Result<EncodeAnswer, E>,
) -> Result<Vec<u8>, E> {
    let is_surrogate = |unit: &U| (0xD800..0xE000).contains(&(*unit).into());
    let mut out = Vec::with_capacity(units.len() * if U::MAX > u8::MAX.into() { 3 } else { 2 });
    let mut start = 0;
    while let Some(rest) = units.get(start..) {
        let good = rest.iter().position(is_surrogate).unwrap_or(rest.len());
        push_units(&mut out, &rest[..good]);
        start += good;
        if start == units.len() {
            break;
        }
        let run = units[start..].iter().position(|unit| !is_surrogate(unit));
        let end = run.map_or(units.len(), |len| start + len);
        let error = CodecError {
            encoding: NAME,
            start,
            end,
            reason: SURROGATES,
        };
        let (replacement, next) = on_error(&error)?;
        push_replacement(
            &mut out,
            &replacement,
            0x80,
            1,
            |out, c| out.push(c as u8),
            &error,
        )?;
        start = next;
    }
    Ok(out)
}

pub(super) fn decode<E: From<CodecError>>(
    bytes: &[u8],
    is_final: bool,
    on_error: &mut dyn FnMut(&CodecError) -> Result<DecodeAnswer, E>,
) -> Result<(StrBuf, usize, ByteOrder), E> {
    if let Ok(text) = std::str::from_utf8(bytes) {
        return Ok((StrBuf::from(text), bytes.len(), ByteOrder::Little));
    }
    let mut out = StrBuilder::with_capacity(bytes.len());
    let mut start = 0;
    while let Some(rest) = bytes.get(start..) {
        // Each look stops at the next error, so all looks together are linear in the input.
        let chunk = rest.utf8_chunks().next();
        let Some(chunk) = chunk else { break };
        out.push_str(chunk.valid());
        start += chunk.valid().len();
        let wrong = chunk.invalid();
        if wrong.is_empty() {
            break;
        }
        let rest = &bytes[start..];
        if !is_final && is_incomplete(rest, wrong) {
            return Ok((out.finish(), start, ByteOrder::Little));
        }
        let error = CodecError {
            encoding: NAME,
            start,
            end: start + wrong.len(),
            reason: reason(rest, wrong),
        };
        let (replacement, next) = on_error(&error)?;
        out.push_view(replacement.view());
        start = next;
    }
    Ok((out.finish(), bytes.len(), ByteOrder::Little))
}

/// How many bytes the sequence that starts so would have.
fn sequence_len(lead: u8) -> usize {
    match lead {
        0xC2..=0xDF => 2,
        0xE0..=0xEF => 3,
        0xF0..=0xF4 => 4,
        _ => 1,
    }
}

/// Whether the ill-formed sequence that starts `rest` is well formed up to the end of the input.
fn is_truncated(rest: &[u8], wrong: &[u8]) -> bool {
    wrong.len() == rest.len() && wrong.len() < sequence_len(wrong[0])
}

/// Whether more input could make the sequence decodable; a surrogate could be for a handler.
fn is_incomplete(rest: &[u8], wrong: &[u8]) -> bool {
    is_truncated(rest, wrong) || matches!(rest, [0xED, 0xA0..=0xBF])
}

fn reason(rest: &[u8], wrong: &[u8]) -> &'static str {
    if sequence_len(wrong[0]) == 1 {
        "invalid start byte"
    } else if is_truncated(rest, wrong) {
        "unexpected end of data"
    } else {
        "invalid continuation byte"
    }
}
