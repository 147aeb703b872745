//! Complex numbers: text, hash and arithmetic.
//!
//! Until 3.13 a real operand is first made complex; from 3.14 on it stays real, so that signed zeros,
//! infinities and NaNs of the other operand survive, and products and quotients recover infinities
//! as C's Annex G says.

use crate::numeric::float;
use crate::numeric::{Error, Release};

/// A complex number.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Complex {
    /// The real part.
    pub real: f64,
    /// The imaginary part.
    pub imag: f64,
}

/// An operand of an operation in which at least one side is complex.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Operand {
    /// A float, or an int or bool made float.
    Real(f64),
    /// A complex.
    Complex(Complex),
}

impl Operand {
    fn widen(self) -> Complex {
        match self {
            Operand::Real(real) => Complex::new(real, 0.0),
            Operand::Complex(value) => value,
        }
    }

    /// How `release` sees the operand: real operands exist since 3.14.
    fn seen_by(self, release: Release) -> Operand {
        if release >= Release::V3_14 {
            self
        } else {
            Operand::Complex(self.widen())
        }
    }
}

impl Complex {
    /// `complex(real, imag)`.
    pub fn new(real: f64, imag: f64) -> Complex {
        Complex { real, imag }
    }

    /// Whether both parts are finite.
    pub fn is_finite(self) -> bool {
        self.real.is_finite() && self.imag.is_finite()
    }

    /// Whether a part is infinite.
    pub fn is_infinite(self) -> bool {
        self.real.is_infinite() || self.imag.is_infinite()
    }
}

/// `repr(value)`, which is also `str(value)`.
///
/// ```
/// use pyco_exec::numeric::complex::{Complex, repr};
/// assert_eq!(repr(Complex::new(1.0, -2.5)), "(1-2.5j)");
/// assert_eq!(repr(Complex::new(0.0, 1.0)), "1j");
/// ```
pub fn repr(value: Complex) -> String {
    let how = float::FloatText::new(float::Notation::Shortest, 0);
    let imag = float::text(value.imag, &how);
    if value.real == 0.0 && value.real.is_sign_positive() {
        return format!("{imag}j");
    }
    let sign = if imag.starts_with('-') { "" } else { "+" };
    format!("({}{sign}{imag}j)", float::text(value.real, &how))
}

/// `hash(value)`; `None` where a part is a NaN, whose hash comes from its identity.
pub fn hash(value: Complex) -> Option<i64> {
    Some(combine_hashes(
        float::hash(value.real)?,
        float::hash(value.imag)?,
    ))
}

/// The hash of a complex whose parts have these hashes: a NaN's comes from its identity.
pub fn combine_hashes(real: i64, imag: i64) -> i64 {
    let hash = real.wrapping_add(1_000_003i64.wrapping_mul(imag));
    if hash == -1 { -2 } else { hash }
}

/// `abs(value)`.
///
/// # Errors
/// `OverflowError`.
pub fn abs(value: Complex) -> Result<f64, Error> {
    let magnitude = value.real.hypot(value.imag);
    if magnitude.is_infinite() && value.is_finite() {
        return Err(Error::overflow("absolute value too large"));
    }
    Ok(magnitude)
}

/// `left + right`.
pub fn add(left: Operand, right: Operand, release: Release) -> Complex {
    match (left.seen_by(release), right.seen_by(release)) {
        (Operand::Complex(z), Operand::Real(x)) | (Operand::Real(x), Operand::Complex(z)) => {
            Complex::new(z.real + x, z.imag)
        }
        (left, right) => {
            let (a, b) = (left.widen(), right.widen());
            Complex::new(a.real + b.real, a.imag + b.imag)
        }
    }
}

/// `left - right`.
pub fn sub(left: Operand, right: Operand, release: Release) -> Complex {
    match (left.seen_by(release), right.seen_by(release)) {
        (Operand::Complex(z), Operand::Real(x)) => Complex::new(z.real - x, z.imag),
        (Operand::Real(x), Operand::Complex(z)) => Complex::new(x - z.real, -z.imag),
        (left, right) => {
            let (a, b) = (left.widen(), right.widen());
            Complex::new(a.real - b.real, a.imag - b.imag)
        }
    }
}

/// `left * right`.
pub fn mul(left: Operand, right: Operand, release: Release) -> Complex {
    match (left.seen_by(release), right.seen_by(release)) {
        (Operand::Complex(z), Operand::Real(x)) | (Operand::Real(x), Operand::Complex(z)) => {
            Complex::new(z.real * x, z.imag * x)
        }
        (left, right) => product(left.widen(), right.widen(), release),
    }
}

fn product(a: Complex, b: Complex, release: Release) -> Complex {
    let plain = plain_product(a, b);
    if release < Release::V3_14 || !(plain.real.is_nan() && plain.imag.is_nan()) {
        return plain;
    }
    recovered_product(a, b).unwrap_or(plain)
}

fn plain_product(a: Complex, b: Complex) -> Complex {
    Complex::new(
        a.real * b.real - a.imag * b.imag,
        a.real * b.imag + a.imag * b.real,
    )
}

/// An infinity as a signed one, anything else as a signed zero.
fn boxed(part: f64) -> f64 {
    (if part.is_infinite() { 1.0f64 } else { 0.0 }).copysign(part)
}

fn zero_if_nan(part: f64) -> f64 {
    if part.is_nan() {
        0.0f64.copysign(part)
    } else {
        part
    }
}

fn both(value: Complex, change: impl Fn(f64) -> f64) -> Complex {
    Complex::new(change(value.real), change(value.imag))
}

/// The infinite product where one operand, or a partial product, is infinite.
fn recovered_product(a: Complex, b: Complex) -> Option<Complex> {
    let (mut a, mut b) = (a, b);
    let mut recovers = false;
    if a.is_infinite() {
        (a, b) = (both(a, boxed), both(b, zero_if_nan));
        recovers = true;
    }
    if b.is_infinite() {
        (a, b) = (both(a, zero_if_nan), both(b, boxed));
        recovers = true;
    }
    let partial = [
        a.real * b.real,
        a.imag * b.imag,
        a.real * b.imag,
        a.imag * b.real,
    ];
    if !recovers && partial.iter().any(|part| part.is_infinite()) {
        (a, b) = (both(a, zero_if_nan), both(b, zero_if_nan));
        recovers = true;
    }
    recovers.then(|| both(plain_product(a, b), |part| f64::INFINITY * part))
}

/// `left / right`.
///
/// # Errors
/// `ZeroDivisionError`.
pub fn div(left: Operand, right: Operand, release: Release) -> Result<Complex, Error> {
    let divisor = right.widen();
    if divisor.real == 0.0 && divisor.imag == 0.0 {
        let before_3_14 = "complex division by zero";
        return Err(Error::zero_division(if release >= Release::V3_14 {
            "division by zero"
        } else {
            before_3_14
        }));
    }
    Ok(match (left.seen_by(release), right.seen_by(release)) {
        (Operand::Complex(z), Operand::Real(x)) => Complex::new(z.real / x, z.imag / x),
        (Operand::Real(x), Operand::Complex(z)) => real_quotient(x, z),
        (left, right) => quotient(left.widen(), right.widen(), release),
    })
}

/// Smith's method: scaled by the larger part of the divisor.
fn quotient(a: Complex, b: Complex, release: Release) -> Complex {
    let plain = if b.real.abs() >= b.imag.abs() {
        let ratio = b.imag / b.real;
        let denominator = b.real + b.imag * ratio;
        Complex::new(
            (a.real + a.imag * ratio) / denominator,
            (a.imag - a.real * ratio) / denominator,
        )
    } else if b.imag.abs() >= b.real.abs() {
        let ratio = b.real / b.imag;
        let denominator = b.real * ratio + b.imag;
        Complex::new(
            (a.real * ratio + a.imag) / denominator,
            (a.imag * ratio - a.real) / denominator,
        )
    } else {
        Complex::new(f64::NAN, f64::NAN)
    };
    if release < Release::V3_14 || !(plain.real.is_nan() && plain.imag.is_nan()) {
        return plain;
    }
    if a.is_infinite() && b.is_finite() {
        let a = both(a, boxed);
        let (real, imag) = (
            a.real * b.real + a.imag * b.imag,
            a.imag * b.real - a.real * b.imag,
        );
        return Complex::new(f64::INFINITY * real, f64::INFINITY * imag);
    }
    if b.is_infinite() && a.is_finite() {
        let b = both(b, boxed);
        let (real, imag) = (
            a.real * b.real + a.imag * b.imag,
            a.imag * b.real - a.real * b.imag,
        );
        return Complex::new(0.0 * real, 0.0 * imag);
    }
    plain
}

/// A real number over a complex one.
fn real_quotient(a: f64, b: Complex) -> Complex {
    let plain = if b.real.abs() >= b.imag.abs() {
        let ratio = b.imag / b.real;
        let denominator = b.real + b.imag * ratio;
        Complex::new(a / denominator, (-a * ratio) / denominator)
    } else if b.imag.abs() >= b.real.abs() {
        let ratio = b.real / b.imag;
        let denominator = b.real * ratio + b.imag;
        Complex::new((a * ratio) / denominator, -a / denominator)
    } else {
        Complex::new(f64::NAN, f64::NAN)
    };
    if plain.real.is_nan() && plain.imag.is_nan() && a.is_finite() && b.is_infinite() {
        let b = both(b, boxed);
        return Complex::new(0.0 * (a * b.real), 0.0 * (-a * b.imag));
    }
    plain
}

/// `base ** exponent`.
///
/// # Errors
/// `ZeroDivisionError` for a negative or complex power of zero; `OverflowError`.
pub fn pow(base: Operand, exponent: Operand, release: Release) -> Result<Complex, Error> {
    let (base, exponent) = (base.widen(), exponent.widen());
    let small_integer = exponent.imag == 0.0
        && exponent.real == exponent.real.floor()
        && exponent.real.abs() <= 100.0;
    let result = if small_integer {
        integer_power(base, exponent.real as i32, release)?
    } else {
        general_power(base, exponent, release)?
    };
    let overflowed = |part: f64| part.is_infinite();
    if overflowed(result.real) || overflowed(result.imag) {
        return Err(Error::overflow("complex exponentiation"));
    }
    Ok(result)
}

fn power_of_zero(release: Release) -> Error {
    let before_3_14 = "0.0 to a negative or complex power";
    Error::zero_division(if release >= Release::V3_14 {
        "zero to a negative or complex power"
    } else {
        before_3_14
    })
}

fn integer_power(base: Complex, exponent: i32, release: Release) -> Result<Complex, Error> {
    let one = Complex::new(1.0, 0.0);
    let (mut result, mut square, mut rest) = (one, base, exponent.unsigned_abs());
    while rest > 0 {
        if rest & 1 == 1 {
            result = product(result, square, release);
        }
        rest >>= 1;
        square = product(square, square, release);
    }
    if exponent >= 0 {
        return Ok(result);
    }
    if result.real == 0.0 && result.imag == 0.0 {
        return Err(power_of_zero(release));
    }
    Ok(quotient(one, result, release))
}

fn general_power(base: Complex, exponent: Complex, release: Release) -> Result<Complex, Error> {
    if exponent.real == 0.0 && exponent.imag == 0.0 {
        return Ok(Complex::new(1.0, 0.0));
    }
    if base.real == 0.0 && base.imag == 0.0 {
        if exponent.imag != 0.0 || exponent.real < 0.0 {
            return Err(power_of_zero(release));
        }
        return Ok(Complex::new(0.0, 0.0));
    }
    let magnitude = base.real.hypot(base.imag);
    let angle = base.imag.atan2(base.real);
    let mut length = magnitude.powf(exponent.real);
    let mut phase = angle * exponent.real;
    if exponent.imag != 0.0 {
        let turned = angle * exponent.imag;
        length = if release >= Release::V3_13 {
            length * (-turned).exp()
        } else {
            length / turned.exp()
        };
        phase += exponent.imag * magnitude.ln();
    }
    if phase.is_infinite() {
        // C's cosine reports a domain error, which CPython takes for that of a power of zero.
        return Err(power_of_zero(release));
    }
    Ok(Complex::new(length * phase.cos(), length * phase.sin()))
}
