//! `float.hex` and `float.fromhex`.

use super::parts::{compose, decompose};
use crate::numeric::Error;

/// `value.hex()`.
///
/// ```
/// use pyco_exec::numeric::float::hex;
/// assert_eq!(hex(0.1), "0x1.999999999999ap-4");
/// ```
pub fn hex(value: f64) -> String {
    if !value.is_finite() {
        return super::repr(value);
    }
    let sign = if value.is_sign_negative() { "-" } else { "" };
    let (_, mantissa, exponent) = decompose(value);
    if mantissa == 0 {
        return format!("{sign}0x0.0p+0");
    }
    let (whole, fraction) = (mantissa >> 52, mantissa & ((1 << 52) - 1));
    format!("{sign}0x{whole}.{fraction:013x}p{:+}", exponent + 52)
}

/// `float.fromhex(text)`, for text in which everything outside ASCII has been replaced (see
/// [`parse::to_ascii`](crate::numeric::parse::to_ascii), without its digits).
///
/// # Errors
/// `ValueError` for what is no such number, `OverflowError` for one too large.
pub fn from_hex(text: &[u8]) -> Result<f64, Error> {
    let invalid = || Error::value("invalid hexadecimal floating-point string");
    let trimmed = crate::numeric::parse::trim(text);
    let (negative, rest) = match trimmed.split_first() {
        Some((b'-', rest)) => (true, rest),
        Some((b'+', rest)) => (false, rest),
        _ => (false, trimmed),
    };
    let magnitude = match named(rest) {
        Some(value) => value,
        None => parse_magnitude(rest).ok_or_else(invalid)?.ok_or_else(|| {
            Error::overflow("hexadecimal value too large to represent as a float")
        })?,
    };
    Ok(if negative { -magnitude } else { magnitude })
}

fn named(text: &[u8]) -> Option<f64> {
    let is = |name: &str| text.eq_ignore_ascii_case(name.as_bytes());
    if is("inf") || is("infinity") {
        return Some(f64::INFINITY);
    }
    is("nan").then_some(f64::NAN)
}

/// Outer `None`: not a number; inner `None`: too large, which CPython tells before it looks at what
/// follows the number.
fn parse_magnitude(text: &[u8]) -> Option<Option<f64>> {
    let rest = match text {
        [b'0', b'x' | b'X', rest @ ..] => rest,
        _ => text,
    };
    let (whole, rest) = split_run(rest, u8::is_ascii_hexdigit);
    let (fraction, rest) = match rest.split_first() {
        Some((b'.', rest)) => split_run(rest, u8::is_ascii_hexdigit),
        _ => (&[][..], rest),
    };
    if whole.is_empty() && fraction.is_empty() {
        return None;
    }
    let (exponent, rest) = match rest.split_first() {
        Some((b'p' | b'P', rest)) => parse_exponent(rest)?,
        _ => (0, rest),
    };
    let (mut mantissa, mut dropped_digits, mut sticky) = (0u64, 0i64, false);
    for &byte in whole.iter().chain(fraction) {
        let digit = char::from(byte).to_digit(16).unwrap_or(0);
        if mantissa >> 60 == 0 {
            mantissa = mantissa << 4 | u64::from(digit);
        } else {
            dropped_digits += 1;
            sticky |= digit != 0;
        }
    }
    let shift = (dropped_digits - fraction.len() as i64) * 4;
    let value = compose(mantissa, exponent.saturating_add(shift), sticky);
    if value.is_infinite() {
        return Some(None);
    }
    rest.is_empty().then_some(Some(value))
}

fn split_run(text: &[u8], belongs: impl Fn(&u8) -> bool) -> (&[u8], &[u8]) {
    text.split_at(
        text.iter()
            .position(|byte| !belongs(byte))
            .unwrap_or(text.len()),
    )
}

/// The exponent, kept within what cannot matter any more, and what follows it.
fn parse_exponent(text: &[u8]) -> Option<(i64, &[u8])> {
    let (negative, unsigned) = match text.split_first() {
        Some((b'-', rest)) => (true, rest),
        Some((b'+', rest)) => (false, rest),
        _ => (false, text),
    };
    let (digits, rest) = split_run(unsigned, u8::is_ascii_digit);
    if digits.is_empty() {
        return None;
    }
    let append = |exponent: i64, digit: &u8| (exponent * 10 + i64::from(digit - b'0')).min(1 << 56);
    let exponent = digits.iter().fold(0, append);
    Some((if negative { -exponent } else { exponent }, rest))
}
