//! The `repr()` of numbers.

use core::fmt::{self, Write};

use pyco_marshal::Int;

use crate::version::Version;

/// The most digits that CPython prints of an int, in bytes of its magnitude: 4300 decimal digits.
const MAX_INT_BYTES: usize = 1785;

/// In decimal; in hexadecimal beyond the 4300 digits up to which CPython prints ints without `ValueError`.
pub(super) fn write_int<W: Write>(number: &Int, version: Version, f: &mut W) -> fmt::Result {
    match number.as_i64() {
        Some(small) => write!(f, "{small}"),
        None if number.to_le_bytes().len() > MAX_INT_BYTES => {
            let sign = if number.is_negative() { "-" } else { "" };
            f.write_str(sign)?;
            f.write_str("0x")?;
            let bytes = number.to_le_bytes();
            bytes.iter().rev().try_for_each(|byte| write!(f, "{byte:02x}"))
        }
        None if version == Version::V2_7 => write!(f, "{number}L"),
        None => write!(f, "{number}"),
    }
}

pub(super) fn write_float<W: Write>(number: f64, f: &mut W) -> fmt::Result {
    write_digits(number, ".0", f)
}

/// `1j`, or `(1+2j)` where the real part is not a plain zero.
pub(super) fn write_complex<W: Write>(real: f64, imaginary: f64, f: &mut W) -> fmt::Result {
    if real == 0.0 && real.is_sign_positive() {
        write_digits(imaginary, "", f)?;
        return f.write_char('j');
    }
    f.write_char('(')?;
    write_digits(real, "", f)?;
    // A NaN shows no sign of its own.
    if imaginary.is_nan() || imaginary.is_sign_positive() {
        f.write_char('+')?;
    }
    write_digits(imaginary, "", f)?;
    f.write_str("j)")
}

/// The shortest digits that read back as the same number, in CPython's layout: without exponent from 1e-4 to
/// below 1e16. `whole` is put after a number that shows neither point nor exponent.
fn write_digits<W: Write>(number: f64, whole: &str, f: &mut W) -> fmt::Result {
    if number.is_nan() {
        return f.write_str("nan");
    }
    if number.is_sign_negative() {
        f.write_char('-')?;
    }
    if number.is_infinite() {
        return f.write_str("inf");
    }
    let magnitude = number.abs();
    if magnitude == 0.0 {
        f.write_char('0')?;
        return f.write_str(whole);
    }
    if (1e-4..1e16).contains(&magnitude) {
        let mut counted = Counted { f, has_point: false };
        write!(counted, "{magnitude}")?;
        let has_point = counted.has_point;
        return if has_point { Ok(()) } else { f.write_str(whole) };
    }
    write_exponent(magnitude, f)
}

/// `1.5e-07`: at least two digits of exponent, always a sign.
fn write_exponent<W: Write>(magnitude: f64, f: &mut W) -> fmt::Result {
    let mut text = Buffer::default();
    write!(text, "{magnitude:e}")?;
    let (digits, exponent) = text.as_str().split_once('e').unwrap_or((text.as_str(), "0"));
    f.write_str(digits)?;
    let (sign, exponent) = match exponent.strip_prefix('-') {
        Some(exponent) => ('-', exponent),
        None => ('+', exponent),
    };
    write!(f, "e{sign}{exponent:0>2}")
}

/// Passes text on and notes whether there was a point in it.
struct Counted<'a, W> {
    f: &'a mut W,
    has_point: bool,
}

impl<W: Write> Write for Counted<'_, W> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.has_point |= text.contains('.');
        self.f.write_str(text)
    }
}

/// Room for the shortest digits of any float.
#[derive(Default)]
struct Buffer {
    bytes: [u8; 32],
    len: usize,
}

impl Buffer {
    fn as_str(&self) -> &str {
        core::str::from_utf8(&self.bytes[..self.len]).unwrap_or("")
    }
}

impl Write for Buffer {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let end = self.len + text.len();
        self.bytes.get_mut(self.len..end).ok_or(fmt::Error)?.copy_from_slice(text.as_bytes());
        self.len = end;
        Ok(())
    }
}
