//! Hexadecimal digits.

use pyco_exec::object::bytes::Bytes;
use pyco_exec::object::str_::Str;
use pyco_exec::object::text_args::{c_int_or, size_or};
use pyco_exec::{Bound, Params, PyResult, Value, Vm};

use super::Decoded;
use super::arguments::plain;

/// The value of a digit.
pub(super) fn digit(byte: u8) -> Option<u8> {
    char::from(byte).to_digit(16).map(|digit| digit as u8)
}

/// Pairs of digits to bytes; `odd` is the complaint about half a pair.
pub(super) fn decode(text: &[u8], ignored: Option<&[bool; 256]>, odd: &str) -> Decoded {
    let mut bytes = Vec::with_capacity(text.len() / 2);
    let mut high = None;
    for byte in text {
        match (digit(*byte), high) {
            (Some(low), Some(first)) => {
                bytes.push(first << 4 | low);
                high = None;
            }
            (Some(first), None) => high = Some(first),
            (None, _) if ignored.is_some_and(|ignored| ignored[usize::from(*byte)]) => {}
            (None, _) => return Err("Non-hexadecimal digit found".to_owned()),
        }
    }
    match high {
        None => Ok(bytes),
        Some(_) => Err(odd.to_owned()),
    }
}

pub(super) static PARAMS: Params = Params::new(&["data", "sep", "bytes_per_sep"], 1);

/// `b2a_hex(data, sep, bytes_per_sep)`.
pub(super) fn b2a_hex(vm: &mut Vm, _module: &Value, args: &Bound<'_>) -> PyResult {
    let data = plain(vm, args.get(0).unwrap_or(&Value::NONE))?;
    let group = match vm.version_number() {
        ..15 => c_int_or(vm, args.get(2), 1)? as isize,
        _ => size_or(vm, args.get(2), 1)?,
    };
    let separator = match args.get(1) {
        Some(separator) => Some(separator_byte(vm, separator)?),
        None => None,
    };
    vm.check_growth(data.len().saturating_mul(3))?;
    let text = encode(
        &data,
        separator.unwrap_or(0),
        if separator.is_some() { group } else { 0 },
    );
    Ok(vm.new_bytes(text))
}

fn separator_byte(vm: &mut Vm, separator: &Value) -> PyResult<u8> {
    if vm.len(separator)? != 1 {
        return Err(vm.value_error("sep must be length 1."));
    }
    if let Some(text) = separator.downcast::<Str>() {
        let unit = text.view().get(0).unwrap_or(0);
        return u8::try_from(unit).map_err(|_| vm.value_error("sep must be ASCII."));
    }
    match separator.downcast::<Bytes>() {
        Some(bytes) => Ok(bytes.data().first().copied().unwrap_or(0)),
        None => Err(vm.type_error("sep must be str or bytes.")),
    }
}

/// Digits, a separator between groups of so many bytes: counted from the end, or if negative from the start; 0 for no groups.
fn encode(data: &[u8], separator: u8, group: isize) -> Vec<u8> {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let len = group.unsigned_abs();
    let mut text = Vec::with_capacity(data.len() * 3);
    for (at, byte) in data.iter().enumerate() {
        let before = if group > 0 { data.len() - at } else { at };
        if len > 0 && at > 0 && before.is_multiple_of(len) {
            text.push(separator);
        }
        text.push(DIGITS[usize::from(byte >> 4)]);
        text.push(DIGITS[usize::from(byte & 15)]);
    }
    text
}
