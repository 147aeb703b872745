//! What can be done on `i64` alone.
//!
//! `None` always means "take the general path": overflow, a zero divisor, a negative shift count or
//! exponent. The general path gives the answer or the error.

use std::cmp::Ordering;

use super::convert::HASH_MODULUS;

/// `dividend // divisor`.
#[inline]
pub fn floor_div(dividend: i64, divisor: i64) -> Option<i64> {
    let quotient = dividend.checked_div(divisor)?;
    let inexact = dividend % divisor != 0;
    Some(quotient - i64::from(inexact && (dividend < 0) != (divisor < 0)))
}

/// `dividend % divisor`.
#[inline]
pub fn modulo(dividend: i64, divisor: i64) -> Option<i64> {
    let remainder = dividend.checked_rem(divisor)?;
    Some(if remainder != 0 && (remainder < 0) != (divisor < 0) {
        remainder + divisor
    } else {
        remainder
    })
}

/// `divmod(dividend, divisor)`.
#[inline]
pub fn divmod(dividend: i64, divisor: i64) -> Option<(i64, i64)> {
    Some((floor_div(dividend, divisor)?, modulo(dividend, divisor)?))
}

/// `base ** exponent`.
pub fn pow(base: i64, exponent: i64) -> Option<i64> {
    base.checked_pow(u32::try_from(exponent).ok()?)
}

/// `value << count`.
#[inline]
pub fn shl(value: i64, count: i64) -> Option<i64> {
    if value == 0 && count >= 0 {
        return Some(0);
    }
    let shifted = value.checked_shl(u32::try_from(count).ok()?)?;
    (shifted >> count == value).then_some(shifted)
}

/// `value >> count`.
#[inline]
pub fn shr(value: i64, count: i64) -> Option<i64> {
    (count >= 0).then(|| value >> count.min(63))
}

/// `dividend / divisor`, where both are exact as floats.
#[inline]
pub fn true_div(dividend: i64, divisor: i64) -> Option<f64> {
    const EXACT: u64 = 1 << 53;
    let exact = dividend.unsigned_abs() <= EXACT && divisor.unsigned_abs() <= EXACT;
    (exact && divisor != 0).then(|| dividend as f64 / divisor as f64)
}

/// `value.bit_length()`.
pub fn bit_length(value: i64) -> u32 {
    64 - value.unsigned_abs().leading_zeros()
}

/// `value.bit_count()`.
pub fn bit_count(value: i64) -> u32 {
    value.unsigned_abs().count_ones()
}

/// How `left` compares with `right`, exactly; `None` for a NaN (which compares false, not "general
/// path").
#[inline]
pub fn cmp_f64(left: i64, right: f64) -> Option<Ordering> {
    // 2^63 is exact as a float, so this range test loses nothing.
    const LIMIT: f64 = 9_223_372_036_854_775_808.0;
    if right.is_nan() {
        return None;
    }
    if right >= LIMIT {
        return Some(Ordering::Less);
    }
    if right < -LIMIT {
        return Some(Ordering::Greater);
    }
    Some(
        left.cmp(&(right as i64))
            .then_with(|| 0.0.partial_cmp(&right.fract()).unwrap_or(Ordering::Equal)),
    )
}

/// `hash(value)`.
#[inline]
pub fn hash(value: i64) -> i64 {
    let magnitude = (value.unsigned_abs() % HASH_MODULUS) as i64;
    match if value < 0 { -magnitude } else { magnitude } {
        -1 => -2,
        hash => hash,
    }
}
