//! Division with remainder and powers, with CPython's special cases.

use crate::numeric::{Error, Release};

fn zero_division(release: Release, before_3_14: &'static str) -> Error {
    Error::zero_division(if release >= Release::V3_14 {
        "division by zero"
    } else {
        before_3_14
    })
}

/// `dividend / divisor`.
///
/// # Errors
/// `ZeroDivisionError`.
#[inline]
pub fn true_div(dividend: f64, divisor: f64, release: Release) -> Result<f64, Error> {
    if divisor == 0.0 {
        return Err(zero_division(release, "float division by zero"));
    }
    Ok(dividend / divisor)
}

/// Quotient and remainder for a divisor that is not zero; the remainder has the divisor's sign.
fn divide(dividend: f64, divisor: f64) -> (f64, f64) {
    let mut remainder = dividend % divisor;
    let mut quotient = (dividend - remainder) / divisor;
    if remainder == 0.0 {
        remainder = 0.0f64.copysign(divisor);
    } else if (divisor < 0.0) != (remainder < 0.0) {
        remainder += divisor;
        quotient -= 1.0;
    }
    // The quotient is near an int; the division may have rounded it to either side.
    if quotient == 0.0 {
        return (0.0f64.copysign(dividend / divisor), remainder);
    }
    let below = quotient.floor();
    (
        if quotient - below > 0.5 {
            below + 1.0
        } else {
            below
        },
        remainder,
    )
}

/// `dividend // divisor`.
///
/// # Errors
/// `ZeroDivisionError`.
pub fn floor_div(dividend: f64, divisor: f64, release: Release) -> Result<f64, Error> {
    if divisor == 0.0 {
        return Err(zero_division(release, "float floor division by zero"));
    }
    Ok(divide(dividend, divisor).0)
}

/// `dividend % divisor`.
///
/// # Errors
/// `ZeroDivisionError`.
///
/// ```
/// use pyco_exec::numeric::{Release, float};
/// assert_eq!(float::modulo(-7.0, 3.0, Release::V3_13), Ok(2.0));
/// ```
pub fn modulo(dividend: f64, divisor: f64, release: Release) -> Result<f64, Error> {
    if divisor == 0.0 {
        let before_3_14 = if release == Release::V3_13 {
            "float modulo by zero"
        } else {
            "float modulo"
        };
        return Err(zero_division(release, before_3_14));
    }
    Ok(divide(dividend, divisor).1)
}

/// `divmod(dividend, divisor)`.
///
/// # Errors
/// `ZeroDivisionError`.
pub fn divmod(dividend: f64, divisor: f64, release: Release) -> Result<(f64, f64), Error> {
    if divisor == 0.0 {
        return Err(zero_division(release, "float divmod()"));
    }
    Ok(divide(dividend, divisor))
}

/// What a power of floats makes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Power {
    /// A float.
    Float(f64),
    /// A root of a negative number: compute it with [`complex::pow`](crate::numeric::complex::pow).
    Complex,
}

/// `base ** exponent`.
///
/// # Errors
/// `ZeroDivisionError` for a negative power of zero; `OverflowError`.
pub fn pow(base: f64, exponent: f64, release: Release) -> Result<Power, Error> {
    if base == 0.0 && exponent < 0.0 && exponent.is_finite() {
        let before_3_14 = "0.0 cannot be raised to a negative power";
        let message = if release >= Release::V3_14 {
            "zero to a negative power"
        } else {
            before_3_14
        };
        return Err(Error::zero_division(message));
    }
    if base < 0.0 && base.is_finite() && exponent.is_finite() && exponent.fract() != 0.0 {
        return Ok(Power::Complex);
    }
    let result = base.powf(exponent);
    if result.is_infinite() && base.is_finite() && exponent.is_finite() {
        return Err(Error::range());
    }
    Ok(Power::Float(result))
}
