//! The UTF-16 and UTF-32 codecs.

use super::handler::push_replacement;
use super::{ByteOrder, CodecError, DecodeAnswer, EncodeAnswer};
use crate::text::buf::StrBuf;
use crate::text::builder::StrBuilder;
use crate::text::view::StrView;

const SURROGATES: &str = "surrogates not allowed";
const TRUNCATED: &str = "truncated data";

/// Whether bytes go most significant first, and the name that errors give for it.
fn resolve(order: ByteOrder, names: [&'static str; 3]) -> (bool, &'static str) {
    match order {
        ByteOrder::Mark => (false, names[0]),
        ByteOrder::Little => (false, names[1]),
        ByteOrder::Big => (true, names[2]),
    }
}

const UTF16: [&str; 3] = ["utf-16", "utf-16-le", "utf-16-be"];
const UTF32: [&str; 3] = ["utf-32", "utf-32-le", "utf-32-be"];

pub(super) fn encode_utf16<E: From<CodecError>>(
    text: StrView<'_>,
    order: ByteOrder,
    on_error: &mut dyn FnMut(&CodecError) -> Result<EncodeAnswer, E>,
) -> Result<Vec<u8>, E> {
    let (big, name) = resolve(order, UTF16);
    let push = |out: &mut Vec<u8>, unit: u16| {
        out.extend_from_slice(&if big {
            unit.to_be_bytes()
        } else {
            unit.to_le_bytes()
        });
    };
    let mut out = Vec::with_capacity(2 * text.len() + 2);
    if order == ByteOrder::Mark {
        push(&mut out, 0xFEFF);
    }
    if let StrView::Ascii(units) | StrView::Latin1(units) = text {
        // Neither surrogates nor pairs: a loop that the compiler can vectorise.
        let order = |unit: u8| if big { [0, unit] } else { [unit, 0] };
        out.extend(
            units
                .iter()
                .map(|&unit| order(unit))
                .collect::<Vec<_>>()
                .as_flattened(),
        );
        return Ok(out);
    }
    if let StrView::Ucs2(units) = text
        && !units
            .iter()
            .fold(false, |any, unit| any | (unit & 0xF800 == 0xD800))
    {
        let order = |unit: u16| {
            if big {
                unit.to_be_bytes()
            } else {
                unit.to_le_bytes()
            }
        };
        out.extend(
            units
                .iter()
                .map(|&unit| order(unit))
                .collect::<Vec<_>>()
                .as_flattened(),
        );
        return Ok(out);
    }
    encode_each(text, name, 2, &mut out, on_error, |out, c| {
        match c.checked_sub(0x1_0000) {
            None => push(out, c as u16),
            Some(offset) => {
                push(out, 0xD800 | (offset >> 10) as u16);
                push(out, 0xDC00 | (offset & 0x3FF) as u16);
            }
        }
    })?;
    Ok(out)
}

pub(super) fn encode_utf32<E: From<CodecError>>(
    text: StrView<'_>,
    order: ByteOrder,
    on_error: &mut dyn FnMut(&CodecError) -> Result<EncodeAnswer, E>,
) -> Result<Vec<u8>, E> {
    let (big, name) = resolve(order, UTF32);
    let push = |out: &mut Vec<u8>, c: u32| {
        out.extend_from_slice(&if big {
            c.to_be_bytes()
        } else {
            c.to_le_bytes()
        });
    };
    let mut out = Vec::with_capacity(4 * text.len() + 4);
    if order == ByteOrder::Mark {
        push(&mut out, 0xFEFF);
    }
    encode_each(text, name, 4, &mut out, on_error, push)?;
    Ok(out)
}

fn encode_each<E: From<CodecError>>(
    text: StrView<'_>,
    name: &'static str,
    width: usize,
    out: &mut Vec<u8>,
    on_error: &mut dyn FnMut(&CodecError) -> Result<EncodeAnswer, E>,
    push: impl Fn(&mut Vec<u8>, u32),
) -> Result<(), E> {
    let mut start = 0;
    while let Some(c) = text.get(start) {
        if !(0xD800..0xE000).contains(&c) {
            push(out, c);
            start += 1;
            continue;
        }
        let error = CodecError {
            encoding: name,
            start,
            end: start + 1,
            reason: SURROGATES,
        };
        let (replacement, next) = on_error(&error)?;
        push_replacement(out, &replacement, 0x80, width, &push, &error)?;
        start = next;
    }
    Ok(())
}

/// The order that a mark at the start tells, and the number of bytes it takes.
fn read_mark(bytes: &[u8], order: ByteOrder, little: &[u8], big: &[u8]) -> (ByteOrder, usize) {
    if order != ByteOrder::Mark {
        (order, 0)
    } else if bytes.starts_with(little) {
        (ByteOrder::Little, little.len())
    } else if bytes.starts_with(big) {
        (ByteOrder::Big, big.len())
    } else {
        (ByteOrder::Mark, 0)
    }
}

/// What was found at one place of the input.
enum Step {
    /// A code point and the number of bytes it takes.
    Char(u32, usize),
    /// So many bytes are wrong.
    Wrong(usize, &'static str),
    /// The rest of the input is incomplete.
    Incomplete(&'static str),
}

fn decode_each<E: From<CodecError>>(
    bytes: &[u8],
    mut start: usize,
    name: &'static str,
    is_final: bool,
    on_error: &mut dyn FnMut(&CodecError) -> Result<DecodeAnswer, E>,
    step: impl Fn(&[u8]) -> Step,
) -> Result<(StrBuf, usize), E> {
    let mut out = StrBuilder::new();
    while let Some(rest) = bytes.get(start..)
        && !rest.is_empty()
    {
        let (len, reason) = match step(rest) {
            Step::Char(c, len) => {
                out.push(c);
                start += len;
                continue;
            }
            Step::Incomplete(_) if !is_final => return Ok((out.finish(), start)),
            Step::Incomplete(reason) => (rest.len(), reason),
            Step::Wrong(len, reason) => (len, reason),
        };
        let error = CodecError {
            encoding: name,
            start,
            end: start + len,
            reason,
        };
        let (replacement, next) = on_error(&error)?;
        out.push_view(replacement.view());
        start = next;
    }
    Ok((out.finish(), bytes.len()))
}

pub(super) fn decode_utf16<E: From<CodecError>>(
    bytes: &[u8],
    order: ByteOrder,
    is_final: bool,
    on_error: &mut dyn FnMut(&CodecError) -> Result<DecodeAnswer, E>,
) -> Result<(StrBuf, usize, ByteOrder), E> {
    let (order, start) = read_mark(bytes, order, &[0xFF, 0xFE], &[0xFE, 0xFF]);
    let big = order == ByteOrder::Big;
    let name = if big { UTF16[2] } else { UTF16[1] };
    let unit = |a, b| {
        u32::from(if big {
            u16::from_be_bytes([a, b])
        } else {
            u16::from_le_bytes([a, b])
        })
    };
    let (text, consumed) = decode_each(bytes, start, name, is_final, on_error, |rest| {
        let &[a, b, ref rest @ ..] = rest else {
            return Step::Incomplete(TRUNCATED);
        };
        match unit(a, b) {
            high @ 0xD800..0xDC00 => {
                let &[a, b, ..] = rest else {
                    return Step::Incomplete("unexpected end of data");
                };
                match unit(a, b) {
                    low @ 0xDC00..0xE000 => {
                        Step::Char(0x1_0000 + ((high & 0x3FF) << 10 | low & 0x3FF), 4)
                    }
                    _ => Step::Wrong(2, "illegal UTF-16 surrogate"),
                }
            }
            0xDC00..0xE000 => Step::Wrong(2, "illegal encoding"),
            c => Step::Char(c, 2),
        }
    })?;
    Ok((text, consumed, order))
}

pub(super) fn decode_utf32<E: From<CodecError>>(
    bytes: &[u8],
    order: ByteOrder,
    is_final: bool,
    on_error: &mut dyn FnMut(&CodecError) -> Result<DecodeAnswer, E>,
) -> Result<(StrBuf, usize, ByteOrder), E> {
    let (order, start) = read_mark(bytes, order, &[0xFF, 0xFE, 0, 0], &[0, 0, 0xFE, 0xFF]);
    let big = order == ByteOrder::Big;
    let name = if big { UTF32[2] } else { UTF32[1] };
    let (text, consumed) = decode_each(bytes, start, name, is_final, on_error, |rest| {
        let &[a, b, c, d, ..] = rest else {
            return Step::Incomplete(TRUNCATED);
        };
        match if big {
            u32::from_be_bytes([a, b, c, d])
        } else {
            u32::from_le_bytes([a, b, c, d])
        } {
            0xD800..0xE000 => Step::Wrong(
                4,
                "code point in surrogate code point range(0xd800, 0xe000)",
            ),
            c @ 0..0x11_0000 => Step::Char(c, 4),
            _ => Step::Wrong(4, "code point not in range(0x110000)"),
        }
    })?;
    Ok((text, consumed, order))
}
