//! Ints as digits: decimal with CPython's length limit, and the power-of-two bases.

use dashu_base::UnsignedAbs;

use super::{BigInt, bit_length, parts, to_i64};
use crate::numeric::Error;

/// The limit that `sys.get_int_max_str_digits()` starts with.
pub const DEFAULT_MAX_DIGITS: usize = 4300;

/// A base whose digits can be written without a limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Radix {
    /// Base 2.
    Binary,
    /// Base 8.
    Octal,
    /// Base 16, `a` to `f`.
    LowerHex,
    /// Base 16, `A` to `F`.
    UpperHex,
}

/// An upper bound of the length of `str(value)`, sign included: the memory it may take.
pub fn decimal_len_bound(value: &BigInt) -> u64 {
    // log10(2) is a little below 0.30103.
    (u128::from(bit_length(value)) * 30_103 / 100_000) as u64 + 2
}

/// `str(value)`, refusing more than `max_digits` digits (0: no limit).
///
/// # Errors
/// `ValueError` where the limit is exceeded.
pub fn to_decimal(value: &BigInt, max_digits: usize) -> Result<String, Error> {
    let limited = max_digits != 0;
    // A lower bound of the digits refuses the huge before the work is done.
    if limited && u128::from(bit_length(value)) * 30_102 / 100_000 > max_digits as u128 {
        return Err(too_many_digits(max_digits));
    }
    // The standard library is faster where it can do the work.
    let text = match to_i64(value) {
        Some(small) => small.to_string(),
        None => value.to_string(),
    };
    let digit_count = text.len() - usize::from(parts(value).0);
    if limited && digit_count > max_digits {
        return Err(too_many_digits(max_digits));
    }
    Ok(text)
}

fn too_many_digits(max_digits: usize) -> Error {
    Error::value(format!(
        "Exceeds the limit ({max_digits} digits) for integer string conversion; \
         use sys.set_int_max_str_digits() to increase the limit"
    ))
}

/// The digits of the magnitude in `radix`, without prefix or sign.
pub fn to_radix(value: &BigInt, radix: Radix) -> String {
    if let Some(magnitude) = to_i64(value).map(i64::unsigned_abs) {
        return match radix {
            Radix::Binary => format!("{magnitude:b}"),
            Radix::Octal => format!("{magnitude:o}"),
            Radix::LowerHex => format!("{magnitude:x}"),
            Radix::UpperHex => format!("{magnitude:X}"),
        };
    }
    let magnitude = value.unsigned_abs();
    match radix {
        Radix::Binary => format!("{magnitude:b}"),
        Radix::Octal => format!("{magnitude:o}"),
        Radix::LowerHex => format!("{magnitude:x}"),
        Radix::UpperHex => format!("{magnitude:X}"),
    }
}
