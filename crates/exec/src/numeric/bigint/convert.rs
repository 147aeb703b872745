//! Ints and floats, exactly: conversion, division, comparison, hash.

use std::cmp::Ordering;

use dashu_base::{DivRem, UnsignedAbs};
use dashu_int::{UBig, Word};

use super::{BigInt, bit_length, parts, with_sign};
use crate::numeric::Error;
use crate::numeric::float::{compose, decompose};

/// The value as an `i64`, if it fits.
#[inline]
pub fn to_i64(value: &BigInt) -> Option<i64> {
    i64::try_from(value).ok()
}

/// The nearest float, ties to even; `None` where it would be infinite.
pub fn to_f64(value: &BigInt) -> Option<f64> {
    let (negative, _) = parts(value);
    let magnitude = magnitude_to_f64(value)?;
    Some(if negative { -magnitude } else { magnitude })
}

fn magnitude_to_f64(value: &BigInt) -> Option<f64> {
    let bits = bit_length(value);
    if bits <= 64 {
        return Some(parts(value).1.first().map_or(0.0, |&word| word as f64));
    }
    if bits > 1024 {
        return None;
    }
    let dropped = (bits - 64) as usize;
    let magnitude = value.unsigned_abs();
    let (low, high) = magnitude.split_bits(dropped);
    let result = compose(u64::try_from(high).ok()?, dropped as i64, !low.is_zero());
    result.is_finite().then_some(result)
}

/// `float(value)`.
///
/// # Errors
/// `OverflowError` where the nearest float would be infinite.
pub fn to_f64_or_overflow(value: &BigInt) -> Result<f64, Error> {
    to_f64(value).ok_or_else(|| Error::overflow("int too large to convert to float"))
}

/// `int(value)`: truncates.
///
/// # Errors
/// `ValueError` for a NaN, `OverflowError` for an infinity.
pub fn from_f64(value: f64) -> Result<BigInt, Error> {
    if value.is_nan() {
        return Err(Error::value("cannot convert float NaN to integer"));
    }
    if value.is_infinite() {
        return Err(Error::overflow("cannot convert float infinity to integer"));
    }
    if value.abs() < 9.2e18 {
        return Ok(BigInt::from(value as i64));
    }
    let (negative, mantissa, exponent) = decompose(value);
    Ok(with_sign(
        negative,
        UBig::from(mantissa) << exponent.max(0) as usize,
    ))
}

/// `dividend / divisor`: the float nearest to the exact quotient.
///
/// # Errors
/// `ZeroDivisionError`; `OverflowError` where the quotient is too large.
///
/// ```
/// use pyco_exec::numeric::{BigInt, bigint};
/// assert_eq!(bigint::true_div(&BigInt::from(-7), &BigInt::from(2)), Ok(-3.5));
/// ```
pub fn true_div(dividend: &BigInt, divisor: &BigInt) -> Result<f64, Error> {
    if divisor.is_zero() {
        return Err(Error::zero_division("division by zero"));
    }
    let negative = parts(dividend).0 != parts(divisor).0;
    let magnitude = magnitude_quotient(dividend, divisor);
    if magnitude.is_infinite() {
        return Err(Error::overflow(
            "integer division result too large for a float",
        ));
    }
    // Zero counts as positive, so that 0 / -5 is -0.0, as in CPython.
    Ok(if negative { -magnitude } else { magnitude })
}

fn magnitude_quotient(dividend: &BigInt, divisor: &BigInt) -> f64 {
    if dividend.is_zero() {
        return 0.0;
    }
    // The quotient lies between 2^(difference - 1) and 2^(difference + 1).
    let difference = bit_length(dividend) as i64 - bit_length(divisor) as i64;
    if difference > 1025 {
        return f64::INFINITY;
    }
    if difference < -1080 {
        return 0.0;
    }
    // 60 or 61 bits of quotient are enough to round, with the remainder as a sticky bit.
    let shift = 60 - difference;
    let (mut top, mut bottom) = (dividend.unsigned_abs(), divisor.unsigned_abs());
    if shift >= 0 {
        top <<= shift as usize;
    } else {
        bottom <<= -shift as usize;
    }
    let (quotient, remainder) = top.div_rem(bottom);
    compose(
        u64::try_from(quotient).unwrap_or(u64::MAX),
        -shift,
        !remainder.is_zero(),
    )
}

/// How `left` compares with `right`, exactly; `None` for a NaN.
pub fn cmp_f64(left: &BigInt, right: f64) -> Option<Ordering> {
    if right.is_nan() {
        return None;
    }
    if right.is_infinite() {
        return Some(if right > 0.0 {
            Ordering::Less
        } else {
            Ordering::Greater
        });
    }
    let whole = from_f64(right).ok()?;
    Some(
        left.cmp(&whole)
            .then_with(|| 0.0.partial_cmp(&right.fract()).unwrap_or(Ordering::Equal)),
    )
}

/// The Mersenne prime that CPython's numeric hashes are taken modulo of, 2^61 - 1.
pub(crate) const HASH_MODULUS: u64 = (1 << 61) - 1;

/// `hash(value)` on a 64-bit machine.
///
/// ```
/// use pyco_exec::numeric::{BigInt, bigint};
/// assert_eq!(bigint::hash(&BigInt::from(-1)), -2);
/// assert_eq!(bigint::hash(&((BigInt::ONE << 61) - 1)), 0);
/// ```
pub fn hash(value: &BigInt) -> i64 {
    let (negative, words) = parts(value);
    let modulus = u128::from(HASH_MODULUS);
    let step = |hash: u128, &word: &Word| ((hash << Word::BITS) | u128::from(word)) % modulus;
    let magnitude = words.iter().rev().fold(0, step) as i64;
    match if negative { -magnitude } else { magnitude } {
        -1 => -2,
        hash => hash,
    }
}
