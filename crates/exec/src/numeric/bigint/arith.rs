//! Division, powers, roots and divisors.
//!
//! Division rounds towards minus infinity and a remainder has the divisor's sign.

use std::cmp::Ordering;

use dashu_base::{DivRem, Gcd, SquareRoot, UnsignedAbs};
use dashu_int::fast_div::ConstDivisor;
use dashu_int::{Sign, UBig};

use super::{BigInt, bit_length, parts, with_sign};
use crate::numeric::{Error, Release};

fn division_by_zero(release: Release, before_3_14: &'static str) -> Error {
    let message = if release >= Release::V3_14 {
        "division by zero"
    } else {
        before_3_14
    };
    Error::zero_division(message)
}

fn floor_div_rem(dividend: &BigInt, divisor: &BigInt) -> (BigInt, BigInt) {
    let (mut quotient, mut remainder) = dividend.div_rem(divisor);
    if !remainder.is_zero() && parts(&remainder).0 != parts(divisor).0 {
        quotient -= 1;
        remainder += divisor;
    }
    (quotient, remainder)
}

/// `dividend // divisor`.
///
/// # Errors
/// `ZeroDivisionError`.
///
/// ```
/// use pyco_exec::numeric::{BigInt, Release, bigint};
/// let quotient = bigint::floor_div(&BigInt::from(-7), &BigInt::from(2), Release::V3_13);
/// assert_eq!(quotient, Ok(BigInt::from(-4)));
/// ```
pub fn floor_div(dividend: &BigInt, divisor: &BigInt, release: Release) -> Result<BigInt, Error> {
    Ok(divmod(dividend, divisor, release)?.0)
}

/// `dividend % divisor`.
///
/// # Errors
/// `ZeroDivisionError`.
pub fn modulo(dividend: &BigInt, divisor: &BigInt, release: Release) -> Result<BigInt, Error> {
    if divisor.is_zero() {
        return Err(division_by_zero(release, "integer modulo by zero"));
    }
    Ok(floor_div_rem(dividend, divisor).1)
}

/// `divmod(dividend, divisor)`.
///
/// # Errors
/// `ZeroDivisionError`.
pub fn divmod(
    dividend: &BigInt,
    divisor: &BigInt,
    release: Release,
) -> Result<(BigInt, BigInt), Error> {
    if divisor.is_zero() {
        return Err(division_by_zero(
            release,
            "integer division or modulo by zero",
        ));
    }
    Ok(floor_div_rem(dividend, divisor))
}

/// An upper bound of the number of bits of `base ** exponent` (`exponent` not negative), to ask
/// before [`pow`]; `u64::MAX` stands for everything larger.
pub fn pow_result_bits(base: &BigInt, exponent: &BigInt) -> u64 {
    let base_bits = bit_length(base);
    if base_bits <= 1 || exponent.is_zero() {
        return 1;
    }
    match u64::try_from(exponent) {
        Ok(exponent) => base_bits.saturating_mul(exponent),
        Err(_) => u64::MAX,
    }
}

/// `base ** exponent`, for an exponent that is not negative (a negative one makes a float, see
/// [`float::pow`](crate::numeric::float::pow)). Ask [`pow_result_bits`] first.
///
/// # Errors
/// `MemoryError` where the result has more bits than any machine can address.
pub fn pow(base: &BigInt, exponent: &BigInt) -> Result<BigInt, Error> {
    let (negative, words) = parts(base);
    if words.len() <= 1 && words.first().is_none_or(|&word| word == 1) {
        let odd = parts(exponent).1.first().is_some_and(|word| word & 1 == 1);
        return Ok(match (exponent.is_zero(), words.is_empty()) {
            (true, _) => BigInt::ONE,
            (false, true) => BigInt::ZERO,
            (false, false) => with_sign(negative && odd, UBig::ONE),
        });
    }
    // Beyond this the bignum library would have to refuse by panicking.
    const MAX_BITS: u64 = 1 << 40;
    match usize::try_from(exponent) {
        Ok(count) if pow_result_bits(base, exponent) <= MAX_BITS => Ok(base.pow(count)),
        _ => Err(Error::new(crate::numeric::ErrorKind::Memory, "")),
    }
}

/// `pow(base, exponent, modulus)`, with the modulus's sign; a negative exponent inverts the base.
///
/// # Errors
/// `ValueError` for a zero modulus or a base that has no inverse.
pub fn modpow(base: &BigInt, exponent: &BigInt, modulus: &BigInt) -> Result<BigInt, Error> {
    if modulus.is_zero() {
        return Err(Error::value("pow() 3rd argument cannot be 0"));
    }
    let (negative_modulus, _) = parts(modulus);
    let magnitude = modulus.unsigned_abs();
    if magnitude.is_one() {
        return Ok(BigInt::ZERO);
    }
    let ring = ConstDivisor::new(magnitude.clone());
    let mut reduced = ring.reduce(base.clone());
    if parts(exponent).0 {
        let inverse = reduced.inv();
        reduced =
            inverse.ok_or_else(|| Error::value("base is not invertible for the given modulus"))?;
    }
    let residue = BigInt::from(reduced.pow(&exponent.unsigned_abs()).residue());
    Ok(if negative_modulus && !residue.is_zero() {
        residue + modulus
    } else {
        residue
    })
}

/// `round(value, places)`: for negative places, the nearest multiple of 10^-places, ties to even.
///
/// ```
/// use pyco_exec::numeric::{BigInt, bigint};
/// assert_eq!(bigint::round(&BigInt::from(-1250), &BigInt::from(-2)), BigInt::from(-1200));
/// ```
pub fn round(value: &BigInt, places: &BigInt) -> BigInt {
    if *places >= BigInt::ZERO {
        return value.clone();
    }
    let Ok(power) = usize::try_from(&-places) else {
        return BigInt::ZERO;
    };
    // With as many digits dropped as there are bits, less than half a unit is left.
    if power as u64 > bit_length(value) {
        return BigInt::ZERO;
    }
    let unit = UBig::from(10u8).pow(power);
    let (mut quotient, remainder) = value.unsigned_abs().div_rem(&unit);
    let odd = quotient
        .as_words()
        .first()
        .is_some_and(|word| word & 1 == 1);
    match (remainder << 1).cmp(&unit) {
        Ordering::Greater => quotient += 1u8,
        Ordering::Equal if odd => quotient += 1u8,
        _ => {}
    }
    with_sign(parts(value).0, quotient * unit)
}

/// `math.isqrt(value)`: the largest int whose square is not above `value`.
///
/// # Errors
/// `ValueError` for a negative value.
pub fn isqrt(value: &BigInt) -> Result<BigInt, Error> {
    match value.clone().into_parts() {
        (Sign::Negative, _) => Err(Error::value("isqrt() argument must be nonnegative")),
        (Sign::Positive, magnitude) => Ok(BigInt::from(magnitude.sqrt())),
    }
}

/// `math.gcd(left, right)`.
pub fn gcd(left: &BigInt, right: &BigInt) -> BigInt {
    if left.is_zero() && right.is_zero() {
        return BigInt::ZERO;
    }
    BigInt::from(left.gcd(right))
}
