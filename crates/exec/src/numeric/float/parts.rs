//! A float's exact value: mantissa and exponent, ratio, hash.

use dashu_int::UBig;

use crate::numeric::bigint::BigInt;
use crate::numeric::{Error, ErrorKind};

/// Sign, mantissa and exponent: a finite `value` is `mantissa * 2^exponent`.
pub(crate) fn decompose(value: f64) -> (bool, u64, i64) {
    let bits = value.to_bits();
    let fraction = bits & ((1 << 52) - 1);
    let biased = (bits >> 52 & 0x7ff) as i64;
    let negative = value.is_sign_negative();
    match biased {
        0 => (negative, fraction, -1074),
        _ => (negative, fraction | 1 << 52, biased - 1075),
    }
}

/// The float nearest to `mantissa * 2^exponent`, plus less than one unit of the mantissa if `sticky`;
/// ties to even, infinite where too large.
///
/// With `sticky`, the mantissa must have 55 bits or more.
pub(crate) fn compose(mantissa: u64, exponent: i64, sticky: bool) -> f64 {
    if mantissa == 0 {
        return 0.0;
    }
    let length = 64 - i64::from(mantissa.leading_zeros());
    // The exponent of the result's last bit: 53 bits, or fewer below the normal range.
    let unit = (length - 53 + exponent).max(-1074);
    if unit > 971 {
        return f64::INFINITY;
    }
    let dropped = unit - exponent;
    if dropped <= 0 {
        return scale(mantissa << -dropped, unit);
    }
    if dropped > 64 {
        return 0.0;
    }
    let wide = u128::from(mantissa) << 1 | u128::from(sticky);
    let kept = (wide >> (dropped + 1)) as u64;
    let rest = wide & ((1 << (dropped + 1)) - 1);
    let half = 1u128 << dropped;
    let up = rest > half || rest == half && kept & 1 == 1;
    scale(kept + u64::from(up), unit)
}

/// `mantissa * 2^unit`, exactly: at most 2^53, on a unit between 2^-1074 and 2^971.
fn scale(mantissa: u64, unit: i64) -> f64 {
    if mantissa < 1 << 52 {
        // Subnormal, since a normal result has its leading bit at 2^52.
        return f64::from_bits(mantissa);
    }
    let carry = mantissa >> 53;
    let fraction = (mantissa >> carry) & ((1 << 52) - 1);
    let biased = (unit + 1075) as u64 + carry;
    if biased >= 0x7ff {
        f64::INFINITY
    } else {
        f64::from_bits(biased << 52 | fraction)
    }
}

/// `value.is_integer()`.
pub fn is_integer(value: f64) -> bool {
    value.is_finite() && value.fract() == 0.0
}

/// `value.as_integer_ratio()`: numerator and positive denominator, in lowest terms.
///
/// # Errors
/// `ValueError` for a NaN, `OverflowError` for an infinity.
pub fn as_integer_ratio(value: f64) -> Result<(BigInt, BigInt), Error> {
    if value.is_nan() {
        return Err(Error::value("cannot convert NaN to integer ratio"));
    }
    if value.is_infinite() {
        return Err(Error::new(
            ErrorKind::Overflow,
            "cannot convert Infinity to integer ratio",
        ));
    }
    let (negative, mantissa, exponent) = decompose(value);
    let twos = i64::from(mantissa.trailing_zeros()).min(-exponent).max(0);
    let (mantissa, exponent) = match mantissa {
        0 => (0, 0),
        _ => (mantissa >> twos, exponent + twos),
    };
    let numerator = BigInt::from(UBig::from(mantissa) << exponent.max(0) as usize);
    let denominator = BigInt::ONE << (-exponent).max(0) as usize;
    Ok((if negative { -numerator } else { numerator }, denominator))
}

/// `hash(value)`; `None` for a NaN, whose hash comes from its identity.
///
/// ```
/// use pyco_exec::numeric::float;
/// assert_eq!(float::hash(2.0), Some(2));
/// assert_eq!(float::hash(f64::INFINITY), Some(314159));
/// ```
pub fn hash(value: f64) -> Option<i64> {
    const INFINITY: i64 = 314_159;
    if value.is_nan() {
        return None;
    }
    if value.is_infinite() {
        return Some(if value > 0.0 { INFINITY } else { -INFINITY });
    }
    let (negative, mantissa, exponent) = decompose(value);
    // Modulo 2^61 - 1, a multiplication by 2^e is a rotation of 61 bits by e mod 61.
    let modulus = (1u64 << 61) - 1;
    let turn = exponent.rem_euclid(61) as u32;
    let rotated = (mantissa << turn & modulus) | mantissa.checked_shr(61 - turn).unwrap_or(0);
    let magnitude = if rotated == modulus {
        0
    } else {
        rotated as i64
    };
    Some(match if negative { -magnitude } else { magnitude } {
        -1 => -2,
        hash => hash,
    })
}
