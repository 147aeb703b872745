//! UTF-7 (RFC 2152), as CPython writes and reads it.

use pyco_exec::codecs::{DecodeError, Failure, decode_bytes};
use pyco_exec::object::buffer::as_bytes_like;
use pyco_exec::object::native::NativeDef;
use pyco_exec::object::text_args::str_argument;
use pyco_exec::text::{CodecError, StrBuf, StrBuilder, StrView};
use pyco_exec::{PyResult, Value, Vm};

use super::{decoded, encoded, errors_argument};

pub(super) static FUNCTIONS: &[NativeDef] = &[
    NativeDef::range("utf_7_encode", 1, 2, encode_function)
        .signature("($module, str, errors=None, /)"),
    NativeDef::range("utf_7_decode", 1, 3, decode_function)
        .signature("($module, data, errors=None, final=False, /)"),
];

const BASE64: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

fn base64_value(byte: u8) -> Option<u32> {
    BASE64.iter().position(|b| *b == byte).map(|at| at as u32)
}

/// Whether a character stands for itself outside of base64.
fn is_direct(c: u32) -> bool {
    match u8::try_from(c) {
        Ok(b'+' | b'\\' | b'~') => false,
        Ok(b'\t' | b'\n' | b'\r') => true,
        Ok(byte) => (0x20..0x7F).contains(&byte),
        Err(_) => false,
    }
}

/// Bits that wait until there are six of them.
#[derive(Default)]
struct Bits {
    value: u32,
    count: u32,
}

impl Bits {
    fn push(&mut self, unit: u32, out: &mut Vec<u8>) {
        self.value = self.value << 16 | unit;
        self.count += 16;
        while self.count >= 6 {
            self.count -= 6;
            out.push(BASE64[(self.value >> self.count & 63) as usize]);
        }
        self.value &= (1 << self.count) - 1;
    }

    fn finish(&mut self, out: &mut Vec<u8>) {
        if self.count > 0 {
            out.push(BASE64[(self.value << (6 - self.count) & 63) as usize]);
        }
        *self = Bits::default();
    }
}

fn encode(text: StrView<'_>) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut bits = Bits::default();
    let mut is_shifted = false;
    for c in text.chars() {
        if is_direct(c) || (c == '+' as u32 && !is_shifted) {
            let byte = c as u8;
            if is_shifted {
                bits.finish(&mut out);
                is_shifted = false;
                // What could be read as base64, and a minus, needs the end to be said.
                if base64_value(byte).is_some() || byte == b'-' {
                    out.push(b'-');
                }
            }
            out.push(byte);
            if byte == b'+' {
                out.push(b'-');
            }
            continue;
        }
        if !is_shifted {
            out.push(b'+');
            is_shifted = true;
        }
        match c {
            0x1_0000.. => {
                let c = c - 0x1_0000;
                bits.push(0xD800 + (c >> 10), &mut out);
                bits.push(0xDC00 + (c & 0x3FF), &mut out);
            }
            c => bits.push(c, &mut out),
        }
    }
    bits.finish(&mut out);
    if is_shifted {
        out.push(b'-');
    }
    out
}

/// The state of a decoder between two bytes.
struct Decoder<'a> {
    bytes: &'a [u8],
    at: usize,
    out: StrBuilder,
    is_shifted: bool,
    /// Where the current or the last base64 section began, and how much text there was.
    section: (usize, usize),
    value: u32,
    count: u32,
    /// A high surrogate that waits for its other half; 0 if there is none.
    surrogate: u32,
}

impl Decoder<'_> {
    fn error(
        &mut self,
        start: usize,
        end: usize,
        reason: &'static str,
        on_error: &mut DecodeError<'_>,
    ) -> Result<(), Failure> {
        let error = CodecError {
            encoding: "utf7",
            start,
            end,
            reason,
        };
        let (replacement, next) = on_error(&error)?;
        self.out.push_view(replacement.view());
        self.at = next;
        Ok(())
    }

    /// Takes six more bits.
    fn push_bits(&mut self, bits: u32) {
        self.value = self.value << 6 | bits;
        self.count += 6;
        if self.count < 16 {
            return;
        }
        self.count -= 16;
        let unit = self.value >> self.count;
        self.value &= (1 << self.count) - 1;
        if self.surrogate != 0 {
            let high = std::mem::take(&mut self.surrogate);
            if (0xDC00..0xE000).contains(&unit) {
                self.out
                    .push(0x1_0000 + ((high - 0xD800) << 10) + (unit - 0xDC00));
                return;
            }
            self.out.push(high);
        }
        match unit {
            0xD800..0xDC00 => self.surrogate = unit,
            unit => self.out.push(unit),
        }
    }

    /// What is wrong with the end of a base64 section here.
    fn leftover(&self) -> Option<&'static str> {
        match self.count {
            6.. => Some("partial character in shift sequence"),
            1.. if self.value != 0 => Some("non-zero padding bits in shift sequence"),
            _ => None,
        }
    }

    /// One byte within base64.
    fn shifted(&mut self, byte: u8, on_error: &mut DecodeError<'_>) -> Result<(), Failure> {
        if let Some(bits) = base64_value(byte) {
            self.at += 1;
            self.push_bits(bits);
            return Ok(());
        }
        self.is_shifted = false;
        if let Some(reason) = self.leftover() {
            return self.error(self.section.0, self.at + 1, reason, on_error);
        }
        if self.surrogate != 0 && byte < 0x80 && byte != b'+' {
            self.out.push(self.surrogate);
        }
        self.surrogate = 0;
        if byte == b'-' {
            self.at += 1;
        }
        Ok(())
    }

    /// One byte outside of base64.
    fn direct(&mut self, byte: u8, on_error: &mut DecodeError<'_>) -> Result<(), Failure> {
        let start = self.at;
        self.at += 1;
        match (byte, self.bytes.get(self.at)) {
            (b'+', Some(b'-')) => {
                self.at += 1;
                self.out.push('+' as u32);
            }
            (b'+', Some(next)) if base64_value(*next).is_none() => {
                self.section.0 = start;
                return self.error(start, self.at + 1, "ill-formed sequence", on_error);
            }
            (b'+', _) => {
                self.is_shifted = true;
                self.section = (start, self.out.len());
                (self.value, self.count, self.surrogate) = (0, 0, 0);
            }
            (0x80.., _) => {
                self.section.0 = start;
                return self.error(start, self.at, "unexpected special character", on_error);
            }
            _ => self.out.push(byte.into()),
        }
        Ok(())
    }
}

fn decode(
    bytes: &[u8],
    is_final: bool,
    mut on_error: DecodeError<'_>,
) -> Result<(StrBuf, usize), Failure> {
    let mut decoder = Decoder {
        bytes,
        at: 0,
        out: StrBuilder::with_capacity(bytes.len()),
        is_shifted: false,
        section: (0, 0),
        value: 0,
        count: 0,
        surrogate: 0,
    };
    loop {
        while let Some(&byte) = bytes.get(decoder.at) {
            match decoder.is_shifted {
                true => decoder.shifted(byte, &mut on_error)?,
                false => decoder.direct(byte, &mut on_error)?,
            }
        }
        if !decoder.is_shifted || !is_final {
            break;
        }
        decoder.is_shifted = false;
        if decoder.surrogate != 0 || decoder.leftover().is_some() {
            let (start, end) = (decoder.section.0, bytes.len());
            decoder.error(start, end, "unterminated shift sequence", &mut on_error)?;
        }
    }
    if decoder.is_shifted {
        // More is to come, from the beginning of the section.
        let (start, len) = decoder.section;
        let text = decoder.out.finish();
        return Ok((text.view().substr(0..len).into_buf(), start));
    }
    Ok((decoder.out.finish(), decoder.at))
}

fn encode_function(vm: &mut Vm, _module: &Value, args: &[Value]) -> PyResult {
    let text = args.first().cloned().unwrap_or(Value::NONE);
    let view = str_argument(vm, &text, "utf_7_encode() argument 1")?;
    errors_argument(vm, args, 1, "utf_7_encode")?;
    vm.check_growth(view.len() * 3)?;
    encoded(vm, encode(view), view.len())
}

fn decode_function(vm: &mut Vm, _module: &Value, args: &[Value]) -> PyResult {
    let data = args.first().cloned().unwrap_or(Value::NONE);
    let data = as_bytes_like(vm, &data)?;
    let errors = errors_argument(vm, args, 1, "utf_7_decode")?;
    let is_final = match args.get(2) {
        Some(is_final) => vm.truth(is_final)?,
        None => false,
    };
    let (text, consumed) = decode_bytes(vm, &data, errors.as_deref(), |bytes, on_error| {
        decode(bytes, is_final, on_error)
    })?;
    decoded(vm, text, consumed)
}
