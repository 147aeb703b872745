//! Rounding to a number of decimal places, and to ints.

use std::cmp::Ordering;

use dashu_base::DivRem;
use dashu_int::UBig;

use super::repr::scaled;
use crate::numeric::Error;
use crate::numeric::bigint::{self, BigInt};

/// The powers of ten that are floats without loss.
const POWERS_OF_TEN: [f64; 23] = {
    let mut powers = [1.0; 23];
    let mut at = 1;
    while at < powers.len() {
        powers[at] = powers[at - 1] * 10.0;
        at += 1;
    }
    powers
};

/// `round(value, places)`: the exact value rounded to a multiple of 10^-places, ties to even.
///
/// # Errors
/// `OverflowError` where the result is not a finite float.
///
/// ```
/// use pyco_exec::numeric::float::round;
/// assert_eq!(round(2.675, 2), Ok(2.67));
/// assert_eq!(round(1250.0, -2), Ok(1200.0));
/// ```
pub fn round(value: f64, places: i64) -> Result<f64, Error> {
    // Beyond these, nothing is to be rounded off, or everything.
    const MAX_PLACES: i64 = 323;
    const MIN_PLACES: i64 = -308;
    if !value.is_finite() || places > MAX_PLACES {
        return Ok(value);
    }
    if places < MIN_PLACES {
        return Ok(0.0 * value);
    }
    let magnitude = if places >= 0 {
        let places = usize::try_from(places).unwrap_or(0);
        // Both are floats without loss, so that the quotient is the float nearest to the decimal number.
        const MOST: u64 = 1 << 53;
        if let Some(scaled) = scaled(value.abs(), places).filter(|scaled| *scaled <= MOST) {
            return Ok((scaled as f64 / POWERS_OF_TEN[places]).copysign(value));
        }
        format!("{:.places$}", value.abs())
            .parse()
            .unwrap_or(f64::INFINITY)
    } else {
        round_whole(value.abs(), places.unsigned_abs() as usize)
    };
    if magnitude.is_infinite() {
        return Err(Error::overflow("rounded value too large to represent"));
    }
    Ok(magnitude.copysign(value))
}

/// A magnitude rounded to a multiple of 10^power.
fn round_whole(magnitude: f64, power: usize) -> f64 {
    let whole =
        UBig::try_from(bigint::from_f64(magnitude).unwrap_or(BigInt::ZERO)).unwrap_or(UBig::ZERO);
    let unit = UBig::from(10u8).pow(power);
    let (mut quotient, remainder) = whole.div_rem(&unit);
    let half = (remainder << 1).cmp(&unit);
    // A fraction below the unit matters only on a tie.
    let above_half =
        half == Ordering::Greater || half == Ordering::Equal && magnitude.fract() != 0.0;
    let odd = quotient
        .as_words()
        .first()
        .is_some_and(|word| word & 1 == 1);
    if above_half || half == Ordering::Equal && odd {
        quotient += 1u8;
    }
    bigint::to_f64(&BigInt::from(quotient * unit)).unwrap_or(f64::INFINITY)
}

/// `round(value)`: the nearest int, ties to even.
///
/// # Errors
/// `ValueError` for a NaN, `OverflowError` for an infinity.
pub fn round_to_int(value: f64) -> Result<BigInt, Error> {
    bigint::from_f64(value.round_ties_even())
}

/// `math.floor(value)`.
///
/// # Errors
/// `ValueError` for a NaN, `OverflowError` for an infinity.
pub fn floor(value: f64) -> Result<BigInt, Error> {
    bigint::from_f64(value.floor())
}

/// `math.ceil(value)`.
///
/// # Errors
/// `ValueError` for a NaN, `OverflowError` for an infinity.
pub fn ceil(value: f64) -> Result<BigInt, Error> {
    bigint::from_f64(value.ceil())
}
