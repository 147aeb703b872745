//! The encoding of the recorded files: how values are read and written there.

use pyco_exec::numeric::{BigInt, Error, ErrorKind};

pub(crate) fn int(text: &str) -> BigInt {
    let (negative, digits) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let digits = digits.strip_prefix("0x").unwrap_or(digits);
    let value = BigInt::from_str_radix(digits, 16).expect("a hex int");
    if negative { -value } else { value }
}

pub(crate) fn small(text: &str) -> i64 {
    i64::try_from(int(text)).expect("a small int")
}

pub(crate) fn float(text: &str) -> f64 {
    if text == "nan" {
        return f64::NAN;
    }
    f64::from_bits(u64::from_str_radix(text, 16).expect("the bits of a float"))
}

pub(crate) fn pair(text: &str) -> (f64, f64) {
    let (real, imag) = text.split_once(',').expect("two floats");
    (float(real), float(imag))
}

pub(crate) fn bytes(text: &str) -> Vec<u8> {
    let byte = |at: usize| u8::from_str_radix(&text[at..at + 2], 16).expect("hex digits");
    (0..text.len() / 2).map(|index| byte(index * 2)).collect()
}

/// The code points of a `unicode_escape` text.
pub(crate) fn points(text: &str) -> Vec<u32> {
    let mut out = Vec::new();
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        if c != '\\' {
            out.push(u32::from(c));
            continue;
        }
        let escape = chars.next().expect("an escape");
        let hex_len = match escape {
            'x' => 2,
            'u' => 4,
            'U' => 8,
            _ => 0,
        };
        let digits: String = chars.by_ref().take(hex_len).collect();
        out.push(match escape {
            'n' => 10,
            'r' => 13,
            't' => 9,
            '\\' => 92,
            _ => u32::from_str_radix(&digits, 16).expect("hex digits"),
        });
    }
    out
}

pub(crate) fn show_int(value: &BigInt) -> String {
    format!("{value:#x}")
}

pub(crate) fn show_float(value: f64) -> String {
    if value.is_nan() {
        "nan".to_owned()
    } else {
        format!("{:016x}", value.to_bits())
    }
}

pub(crate) fn show_pair((real, imag): (f64, f64)) -> String {
    format!("{},{}", show_float(real), show_float(imag))
}

pub(crate) fn show_bytes(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// `unicode_escape` of code points.
pub(crate) fn show_points(points: impl IntoIterator<Item = u32>) -> String {
    let escape = |point: u32| match point {
        9 => "\\t".to_owned(),
        10 => "\\n".to_owned(),
        13 => "\\r".to_owned(),
        92 => "\\\\".to_owned(),
        32..=126 => char::from(point as u8).to_string(),
        0..=255 => format!("\\x{point:02x}"),
        256..=0xffff => format!("\\u{point:04x}"),
        _ => format!("\\U{point:08x}"),
    };
    points.into_iter().map(escape).collect()
}

pub(crate) fn show_str(text: &str) -> String {
    show_points(text.chars().map(u32::from))
}

pub(crate) fn show_error(error: &Error) -> String {
    let name = match error.kind() {
        ErrorKind::Value => "ValueError",
        ErrorKind::Type => "TypeError",
        ErrorKind::Overflow | ErrorKind::Range => "OverflowError",
        ErrorKind::ZeroDivision => "ZeroDivisionError",
        ErrorKind::Index => "IndexError",
        ErrorKind::Memory => "MemoryError",
        other => panic!("{other:?} is not in the recorded files"),
    };
    format!("!{name}:{}", show_points(error.message().code_points()))
}
