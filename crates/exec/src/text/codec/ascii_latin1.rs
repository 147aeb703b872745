//! The ASCII and Latin-1 codecs.

use super::handler::push_replacement;
use super::{ByteOrder, CodecError, DecodeAnswer, EncodeAnswer};
use crate::text::buf::StrBuf;
use crate::text::builder::StrBuilder;
use crate::text::unit::{Unit, with_units};
use crate::text::view::StrView;

/// One of the two: its name, the first code point that it lacks, and what it says then.
#[derive(Clone, Copy)]
pub(super) struct OneByte {
    name: &'static str,
    limit: u32,
    reason: &'static str,
}

pub(super) const ASCII: OneByte = OneByte {
    name: "ascii",
    limit: 0x80,
    reason: "ordinal not in range(128)",
};
pub(super) const LATIN1: OneByte = OneByte {
    name: "latin-1",
    limit: 0x100,
    reason: "ordinal not in range(256)",
};

pub(super) fn encode<E: From<CodecError>>(
    text: StrView<'_>,
    codec: OneByte,
    on_error: &mut dyn FnMut(&CodecError) -> Result<EncodeAnswer, E>,
) -> Result<Vec<u8>, E> {
    match text {
        StrView::Ascii(units) => Ok(units.to_vec()),
        StrView::Latin1(units) if codec.limit == LATIN1.limit => Ok(units.to_vec()),
        _ => with_units!(text, units => encode_units(units, codec, on_error)),
    }
}

fn encode_units<U: Unit, E: From<CodecError>>(
    units: &[U],
    codec: OneByte,
    on_error: &mut dyn FnMut(&CodecError) -> Result<EncodeAnswer, E>,
) -> Result<Vec<u8>, E> {
    let fits = |unit: &U| -> bool { (*unit).into() < codec.limit };
    let mut out = Vec::with_capacity(units.len());
    let mut start = 0;
    while let Some(rest) = units.get(start..) {
        let good = rest
            .iter()
            .position(|unit| !fits(unit))
            .unwrap_or(rest.len());
        out.extend(rest[..good].iter().map(|&unit| unit.into() as u8));
        if good == rest.len() {
            break;
        }
        start += good;
        let end = units[start..]
            .iter()
            .position(fits)
            .map_or(units.len(), |len| start + len);
        let error = CodecError {
            encoding: codec.name,
            start,
            end,
            reason: codec.reason,
        };
        let (replacement, next) = on_error(&error)?;
        push_replacement(
            &mut out,
            &replacement,
            codec.limit,
            1,
            |out, c| out.push(c as u8),
            &error,
        )?;
        start = next;
    }
    Ok(out)
}

pub(super) fn decode_ascii<E: From<CodecError>>(
    bytes: &[u8],
    on_error: &mut dyn FnMut(&CodecError) -> Result<DecodeAnswer, E>,
) -> Result<(StrBuf, usize, ByteOrder), E> {
    let done = |text| Ok((text, bytes.len(), ByteOrder::Little));
    if bytes.is_ascii() {
        return done(StrBuf::Ascii(bytes.to_vec()));
    }
    let mut out = StrBuilder::with_capacity(bytes.len());
    let mut start = 0;
    while let Some(rest) = bytes.get(start..) {
        let good = rest
            .iter()
            .position(|byte| !byte.is_ascii())
            .unwrap_or(rest.len());
        out.push_view(StrView::Ascii(&rest[..good]));
        if good == rest.len() {
            break;
        }
        start += good;
        let error = CodecError {
            encoding: ASCII.name,
            start,
            end: start + 1,
            reason: ASCII.reason,
        };
        let (replacement, next) = on_error(&error)?;
        out.push_view(replacement.view());
        start = next;
    }
    done(out.finish())
}
