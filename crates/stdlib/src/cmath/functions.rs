//! The functions of complex numbers, as Kahan computes them ("Branch cuts for complex elementary functions", 1987), with the
//! thresholds that CPython has, so that the digits are the same.

use std::f64::consts::{E, FRAC_PI_2, LN_2, LN_10};

use pyco_exec::numeric::complex::Complex;

use super::special::{self, Table};
use crate::math::libm;

/// Why there is no result.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fault {
    Domain,
    Range,
}

type Outcome = Result<Complex, Fault>;

/// A quarter of the largest number: above, sums may overflow.
const LARGE: f64 = f64::MAX / 4.0;

/// How far numbers below the smallest normal one are scaled up, and their square roots down, in bits.
const SCALE_UP: i32 = 2 * (f64::MANTISSA_DIGITS as i32 / 2) + 1;
const SCALE_DOWN: i32 = -(SCALE_UP + 1) / 2;

/// i times `z`.
fn times_i(z: Complex) -> Complex {
    Complex::new(-z.imag, z.real)
}

/// `z` divided by i.
fn over_i(z: Complex) -> Complex {
    Complex::new(z.imag, -z.real)
}

fn is_large(z: Complex) -> bool {
    z.real.abs() > LARGE || z.imag.abs() > LARGE
}

/// The logarithm of half the absolute value, which may be too large itself.
fn log_of_half(z: Complex) -> f64 {
    (z.real / 2.0).hypot(z.imag / 2.0).ln()
}

/// Where a part of `z` is not finite, what `table` says.
fn special(table: &Table, z: Complex) -> Option<Outcome> {
    (!z.is_finite()).then(|| special::look_up(table, z).ok_or(Fault::Domain))
}

/// A result that is too large if a part is infinite.
fn checked(real: f64, imag: f64) -> Outcome {
    if real.is_infinite() || imag.is_infinite() {
        return Err(Fault::Range);
    }
    Ok(Complex::new(real, imag))
}

/// The logarithm of [`LARGE`]: above, exponentials may overflow.
fn log_of_limit() -> f64 {
    LARGE.ln()
}

pub(super) fn sqrt(z: Complex) -> Outcome {
    if let Some(special) = special(&special::SQRT, z) {
        return special;
    }
    if z.real == 0.0 && z.imag == 0.0 {
        return Ok(Complex::new(0.0, z.imag));
    }
    let (x, y) = (z.real.abs(), z.imag.abs());
    let root = if x < f64::MIN_POSITIVE && y < f64::MIN_POSITIVE {
        let x = libm::ldexp(x, SCALE_UP);
        libm::ldexp((x + x.hypot(libm::ldexp(y, SCALE_UP))).sqrt(), SCALE_DOWN)
    } else {
        let x = x / 8.0;
        2.0 * (x + x.hypot(y / 8.0)).sqrt()
    };
    let other = y / (2.0 * root);
    Ok(if z.real >= 0.0 {
        Complex::new(root, other.copysign(z.imag))
    } else {
        Complex::new(other, root.copysign(z.imag))
    })
}

pub(super) fn acos(z: Complex) -> Outcome {
    if let Some(special) = special(&special::ACOS, z) {
        return special;
    }
    if is_large(z) {
        let log = log_of_half(z) + LN_2 * 2.0;
        let imag = if z.real < 0.0 {
            -log.copysign(z.imag)
        } else {
            log.copysign(-z.imag)
        };
        return Ok(Complex::new(z.imag.abs().atan2(z.real), imag));
    }
    let below = sqrt(Complex::new(1.0 - z.real, -z.imag))?;
    let above = sqrt(Complex::new(1.0 + z.real, z.imag))?;
    Ok(Complex::new(
        2.0 * below.real.atan2(above.real),
        libm::asinh(above.real * below.imag - above.imag * below.real),
    ))
}

pub(super) fn acosh(z: Complex) -> Outcome {
    if let Some(special) = special(&special::ACOSH, z) {
        return special;
    }
    if is_large(z) {
        let log = log_of_half(z) + LN_2 * 2.0;
        return Ok(Complex::new(log, z.imag.atan2(z.real)));
    }
    let below = sqrt(Complex::new(z.real - 1.0, z.imag))?;
    let above = sqrt(Complex::new(z.real + 1.0, z.imag))?;
    Ok(Complex::new(
        libm::asinh(below.real * above.real + below.imag * above.imag),
        2.0 * below.imag.atan2(above.real),
    ))
}

pub(super) fn asin(z: Complex) -> Outcome {
    asinh(times_i(z)).map(over_i)
}

pub(super) fn asinh(z: Complex) -> Outcome {
    if let Some(special) = special(&special::ASINH, z) {
        return special;
    }
    if is_large(z) {
        let log = log_of_half(z) + LN_2 * 2.0;
        let real = if z.imag >= 0.0 {
            log.copysign(z.real)
        } else {
            -log.copysign(-z.real)
        };
        return Ok(Complex::new(real, z.imag.atan2(z.real.abs())));
    }
    let above = sqrt(Complex::new(1.0 + z.imag, -z.real))?;
    let below = sqrt(Complex::new(1.0 - z.imag, z.real))?;
    Ok(Complex::new(
        libm::asinh(above.real * below.imag - below.real * above.imag),
        z.imag
            .atan2(above.real * below.real - above.imag * below.imag),
    ))
}

pub(super) fn atan(z: Complex) -> Outcome {
    atanh(times_i(z)).map(over_i)
}

pub(super) fn atanh(z: Complex) -> Outcome {
    if let Some(special) = special(&special::ATANH, z) {
        return special;
    }
    if z.real.is_sign_negative() {
        let mirrored = atanh(Complex::new(-z.real, -z.imag))?;
        return Ok(Complex::new(-mirrored.real, -mirrored.imag));
    }
    let (x, y) = (z.real, z.imag.abs());
    if x > LARGE.sqrt() || y > LARGE.sqrt() {
        // Nearly 1/z, a quarter turn away.
        let half = (x / 2.0).hypot(z.imag / 2.0);
        return Ok(Complex::new(
            x / 4.0 / half / half,
            -FRAC_PI_2.copysign(-z.imag),
        ));
    }
    if x == 1.0 && y < f64::MIN_POSITIVE.sqrt() {
        if y == 0.0 {
            return Err(Fault::Domain);
        }
        return Ok(Complex::new(
            -(y.sqrt() / y.hypot(2.0).sqrt()).ln(),
            (2.0_f64.atan2(-y) / 2.0).copysign(z.imag),
        ));
    }
    Ok(Complex::new(
        (4.0 * x / ((1.0 - x) * (1.0 - x) + y * y)).ln_1p() / 4.0,
        -(-2.0 * z.imag).atan2((1.0 - x) * (1.0 + x) - y * y) / 2.0,
    ))
}

pub(super) fn cos(z: Complex) -> Outcome {
    cosh(times_i(z))
}

pub(super) fn cosh(z: Complex) -> Outcome {
    let (x, y) = (z.real, z.imag);
    if !z.is_finite() {
        if x.is_infinite() && y.is_finite() && y != 0.0 {
            let imag = f64::INFINITY.copysign(y.sin());
            let imag = if x > 0.0 { imag } else { -imag };
            return Ok(Complex::new(f64::INFINITY.copysign(y.cos()), imag));
        }
        return special::look_up(&special::COSH, z).ok_or(Fault::Domain);
    }
    if x.abs() > log_of_limit() {
        // By e less, to be multiplied with it last.
        let less = x - 1.0_f64.copysign(x);
        return checked(y.cos() * less.cosh() * E, y.sin() * less.sinh() * E);
    }
    checked(y.cos() * x.cosh(), y.sin() * x.sinh())
}

pub(super) fn sin(z: Complex) -> Outcome {
    sinh(times_i(z)).map(over_i)
}

pub(super) fn sinh(z: Complex) -> Outcome {
    let (x, y) = (z.real, z.imag);
    if !z.is_finite() {
        if x.is_infinite() && y.is_finite() && y != 0.0 {
            let real = f64::INFINITY.copysign(y.cos());
            let real = if x > 0.0 { real } else { -real };
            return Ok(Complex::new(real, f64::INFINITY.copysign(y.sin())));
        }
        return special::look_up(&special::SINH, z).ok_or(Fault::Domain);
    }
    if x.abs() > log_of_limit() {
        let less = x - 1.0_f64.copysign(x);
        return checked(y.cos() * less.sinh() * E, y.sin() * less.cosh() * E);
    }
    checked(y.cos() * x.sinh(), y.sin() * x.cosh())
}

pub(super) fn tan(z: Complex) -> Outcome {
    tanh(times_i(z)).map(over_i)
}

pub(super) fn tanh(z: Complex) -> Outcome {
    let (x, y) = (z.real, z.imag);
    if !z.is_finite() {
        if x.is_infinite() && y.is_finite() && y != 0.0 {
            let imag = 0.0_f64.copysign(2.0 * y.sin() * y.cos());
            return Ok(Complex::new(1.0_f64.copysign(x), imag));
        }
        return special::look_up(&special::TANH, z).ok_or(Fault::Domain);
    }
    if x.abs() > log_of_limit() {
        let imag = 4.0 * y.sin() * y.cos() * (-2.0 * x.abs()).exp();
        return Ok(Complex::new(1.0_f64.copysign(x), imag));
    }
    let (of_x, of_y, over_cosh) = (x.tanh(), y.tan(), 1.0 / x.cosh());
    let product = of_x * of_y;
    let denominator = 1.0 + product * product;
    Ok(Complex::new(
        of_x * (1.0 + of_y * of_y) / denominator,
        ((of_y / denominator) * over_cosh) * over_cosh,
    ))
}

pub(super) fn exp(z: Complex) -> Outcome {
    let (x, y) = (z.real, z.imag);
    if !z.is_finite() {
        if x.is_infinite() && y.is_finite() && y != 0.0 {
            let length = if x > 0.0 { f64::INFINITY } else { 0.0 };
            return Ok(Complex::new(
                length.copysign(y.cos()),
                length.copysign(y.sin()),
            ));
        }
        return special::look_up(&special::EXP, z).ok_or(Fault::Domain);
    }
    if x > log_of_limit() {
        let length = (x - 1.0).exp();
        return checked(length * y.cos() * E, length * y.sin() * E);
    }
    let length = x.exp();
    checked(length * y.cos(), length * y.sin())
}

/// The natural logarithm. That of 0 is minus infinity and a domain error at once, which comes with it.
pub(super) fn log(z: Complex) -> (Complex, Option<Fault>) {
    if !z.is_finite() {
        return match special::look_up(&special::LOG, z) {
            Some(found) => (found, None),
            None => (z, Some(Fault::Domain)),
        };
    }
    let (x, y) = (z.real.abs(), z.imag.abs());
    let digits = f64::MANTISSA_DIGITS as i32;
    let mut fault = None;
    let real = if x > LARGE || y > LARGE {
        (x / 2.0).hypot(y / 2.0).ln() + LN_2
    } else if x < f64::MIN_POSITIVE && y < f64::MIN_POSITIVE {
        if x > 0.0 || y > 0.0 {
            libm::ldexp(x, digits).hypot(libm::ldexp(y, digits)).ln() - f64::from(digits) * LN_2
        } else {
            fault = Some(Fault::Domain);
            f64::NEG_INFINITY
        }
    } else {
        let length = x.hypot(y);
        if (0.71..=1.73).contains(&length) {
            // Near 1 what is beyond it has more digits.
            let (more, less) = if x > y { (x, y) } else { (y, x) };
            ((more - 1.0) * (more + 1.0) + less * less).ln_1p() / 2.0
        } else {
            length.ln()
        }
    };
    (Complex::new(real, z.imag.atan2(z.real)), fault)
}

pub(super) fn log10(z: Complex) -> (Complex, Option<Fault>) {
    let (found, fault) = log(z);
    (Complex::new(found.real / LN_10, found.imag / LN_10), fault)
}

/// The number of this length and angle.
pub(super) fn rect(length: f64, angle: f64) -> Outcome {
    let polar = Complex::new(length, angle);
    if !polar.is_finite() {
        if length.is_infinite() && angle.is_finite() && angle != 0.0 {
            let (real, imag) = (
                f64::INFINITY.copysign(angle.cos()),
                f64::INFINITY.copysign(angle.sin()),
            );
            return Ok(if length > 0.0 {
                Complex::new(real, imag)
            } else {
                Complex::new(-real, -imag)
            });
        }
        return special::look_up(&special::RECT, polar).ok_or(Fault::Domain);
    }
    Ok(if angle == 0.0 {
        Complex::new(length, length * angle)
    } else {
        Complex::new(length * angle.cos(), length * angle.sin())
    })
}
