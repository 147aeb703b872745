//! The codecs of literals: `escape`, `unicode_escape`, `raw_unicode_escape`; and `readbuffer_encode`.

use pyco_exec::codecs::decode_bytes;
use pyco_exec::object::buffer::{as_bytes_like, data};
use pyco_exec::object::bytes::Bytes;
use pyco_exec::object::escape_codec::{self, Unescaped};
use pyco_exec::object::native::NativeDef;
use pyco_exec::object::str_::Str;
use pyco_exec::object::text_args::{clinic_type, str_argument};
use pyco_exec::{PyResult, Value, Vm};

use super::{decoded, encoded, errors_argument};

const ENCODE: &str = "($module, str, errors=None, /)";
const DECODE: &str = "($module, data, errors=None, final=True, /)";

pub(super) static FUNCTIONS: &[NativeDef] = &[
    NativeDef::range("escape_encode", 1, 2, escape_encode)
        .signature("($module, data, errors=None, /)"),
    NativeDef::range("escape_decode", 1, 2, escape_decode)
        .signature("($module, data, errors=None, /)"),
    NativeDef::range("unicode_escape_encode", 1, 2, |vm, _, args| {
        encode(vm, args, false)
    })
    .signature(ENCODE),
    NativeDef::range("unicode_escape_decode", 1, 3, |vm, _, args| {
        decode(vm, args, false)
    })
    .signature(DECODE),
    NativeDef::range("raw_unicode_escape_encode", 1, 2, |vm, _, args| {
        encode(vm, args, true)
    })
    .signature(ENCODE),
    NativeDef::range("raw_unicode_escape_decode", 1, 3, |vm, _, args| {
        decode(vm, args, true)
    })
    .signature(DECODE),
    NativeDef::range("readbuffer_encode", 1, 2, readbuffer_encode)
        .signature("($module, data, errors=None, /)"),
];

fn function(is_raw: bool, end: &str) -> String {
    let raw = if is_raw { "raw_" } else { "" };
    format!("{raw}unicode_escape_{end}")
}

fn encode(vm: &mut Vm, args: &[Value], is_raw: bool) -> PyResult {
    let function = function(is_raw, "encode");
    let text = args.first().cloned().unwrap_or(Value::NONE);
    let view = str_argument(vm, &text, &format!("{function}() argument 1"))?;
    errors_argument(vm, args, 1, &function)?;
    encoded(vm, escape_codec::encode(view, is_raw), view.len())
}

/// Bytes-like, or a str for its UTF-8.
fn bytes_or_text(vm: &mut Vm, value: &Value) -> PyResult<Value> {
    if value.downcast::<Str>().is_some() {
        let bytes = pyco_exec::object::codec::encode(vm, value, None, None)?;
        return Ok(vm.new_bytes(bytes));
    }
    let value = &as_bytes_like(vm, value)?;
    Ok(value.clone())
}

fn decode(vm: &mut Vm, args: &[Value], is_raw: bool) -> PyResult {
    let function = function(is_raw, "decode");
    let data = bytes_or_text(vm, args.first().unwrap_or(&Value::NONE))?;
    let errors = errors_argument(vm, args, 1, &function)?;
    let is_final = match args.get(2) {
        Some(is_final) => vm.truth(is_final)?,
        None => true,
    };
    let version = vm.unicode_version();
    let Unescaped {
        text,
        consumed,
        first_invalid,
    } = decode_bytes(vm, &data, errors.as_deref(), |bytes, on_error| {
        escape_codec::decode(bytes, is_raw, is_final, version, on_error)
    })?;
    if let Some(invalid) = first_invalid {
        warn_invalid(vm, &invalid)?;
    }
    decoded(vm, text, consumed)
}

/// Warns of an escape that means nothing, or of an octal one that is no byte, which versions before 3.12 let pass.
fn warn_invalid(vm: &mut Vm, invalid: &str) -> PyResult<()> {
    let is_octal = invalid.len() == 3;
    let message = match (vm.version_number(), is_octal) {
        (..12, true) => return Ok(()),
        (14.., true) => format!(
            "\"\\{invalid}\" is an invalid octal escape sequence. Such sequences will not work in \
             the future. "
        ),
        (14.., false) => format!(
            "\"\\{invalid}\" is an invalid escape sequence. Such sequences will not work in the \
             future. "
        ),
        (_, true) => format!("invalid octal escape sequence '\\{invalid}'"),
        (_, false) => format!("invalid escape sequence '\\{invalid}'"),
    };
    vm.warn("DeprecationWarning", &message)
}

fn escape_encode(vm: &mut Vm, _module: &Value, args: &[Value]) -> PyResult {
    let value = args.first().cloned().unwrap_or(Value::NONE);
    let Some(bytes) = value.downcast::<Bytes>() else {
        let found = clinic_type(vm, &value);
        let message = format!("escape_encode() argument 1 must be bytes, not {found}");
        return Err(vm.type_error(message));
    };
    errors_argument(vm, args, 1, "escape_encode")?;
    let mut out = Vec::with_capacity(bytes.data().len());
    for &byte in bytes.data() {
        match byte {
            b'\\' | b'\'' => out.extend_from_slice(&[b'\\', byte]),
            b'\t' => out.extend_from_slice(b"\\t"),
            b'\n' => out.extend_from_slice(b"\\n"),
            b'\r' => out.extend_from_slice(b"\\r"),
            0x20..0x7F => out.push(byte),
            _ => out.extend_from_slice(format!("\\x{byte:02x}").as_bytes()),
        }
    }
    encoded(vm, out, bytes.data().len())
}

fn escape_decode(vm: &mut Vm, _module: &Value, args: &[Value]) -> PyResult {
    let value = bytes_or_text(vm, args.first().unwrap_or(&Value::NONE))?;
    let errors = errors_argument(vm, args, 1, "escape_decode")?;
    let bytes = data(vm, &value).to_vec();
    let mut out = Vec::with_capacity(bytes.len());
    let mut first_invalid = None;
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        at += 1;
        if byte != b'\\' {
            out.push(byte);
            continue;
        }
        let Some(&letter) = bytes.get(at) else {
            return Err(vm.value_error("Trailing \\ in string"));
        };
        at += 1;
        match letter {
            b'\n' => {}
            b'\\' | b'\'' | b'"' => out.push(letter),
            b'b' => out.push(0x08),
            b'f' => out.push(0x0C),
            b't' => out.push(b'\t'),
            b'n' => out.push(b'\n'),
            b'r' => out.push(b'\r'),
            b'v' => out.push(0x0B),
            b'a' => out.push(0x07),
            b'0'..=b'7' => {
                let digits = bytes[at - 1..].iter().take(3);
                let digits = digits.take_while(|byte| (b'0'..=b'7').contains(*byte));
                let value = digits
                    .clone()
                    .fold(0, |n, byte| n * 8 + u32::from(byte - b'0'));
                at += digits.count() - 1;
                if value > 0xFF {
                    first_invalid.get_or_insert_with(|| format!("{value:o}"));
                }
                out.push(value as u8);
            }
            b'x' => {
                let digit = |index: usize| {
                    let byte = bytes.get(index)?;
                    char::from(*byte).to_digit(16).map(|digit| digit as u8)
                };
                match (digit(at), digit(at + 1)) {
                    (Some(high), Some(low)) => {
                        out.push(high << 4 | low);
                        at += 2;
                    }
                    (high, _) => {
                        let place = at - 2;
                        at += usize::from(high.is_some());
                        invalid_hex(vm, errors.as_deref(), place, &mut out)?;
                    }
                }
            }
            other => {
                first_invalid.get_or_insert_with(|| char::from(other).to_string());
                out.extend_from_slice(&[b'\\', other]);
            }
        }
    }
    if let Some(invalid) = first_invalid {
        warn_invalid(vm, &invalid)?;
    }
    encoded(vm, out, bytes.len())
}

/// What stands for a `\x` without two digits.
fn invalid_hex(vm: &mut Vm, errors: Option<&str>, at: usize, out: &mut Vec<u8>) -> PyResult<()> {
    match errors.unwrap_or("strict") {
        "strict" => Err(vm.value_error(format!("invalid \\x escape at position {at}"))),
        "replace" => {
            out.push(b'?');
            Ok(())
        }
        "ignore" => Ok(()),
        other => {
            let message = format!("decoding error; unknown error handling code: {other}");
            Err(vm.value_error(message))
        }
    }
}

fn readbuffer_encode(vm: &mut Vm, _module: &Value, args: &[Value]) -> PyResult {
    let value = bytes_or_text(vm, args.first().unwrap_or(&Value::NONE))?;
    errors_argument(vm, args, 1, "readbuffer_encode")?;
    let bytes = data(vm, &value).to_vec();
    let len = bytes.len();
    encoded(vm, bytes, len)
}
