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
            bytes
                .iter()
                .rev()
                .try_for_each(|byte| write!(f, "{byte:02x}"))
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
    let text = shortest(number.abs())?;
    let (mantissa, exponent) = text
        .as_str()
        .split_once('e')
        .unwrap_or((text.as_str(), "0"));
    let exponent = exponent.parse::<i32>().unwrap_or(0);
    let (first, rest) = mantissa.split_at(1);
    let rest = rest.strip_prefix('.').unwrap_or("");
    match exponent {
        -4..0 => {
            f.write_str("0.")?;
            (exponent..-1).try_for_each(|_| f.write_char('0'))?;
            f.write_str(first)?;
            f.write_str(rest)
        }
        0..16 => {
            let before = exponent as usize;
            f.write_str(first)?;
            if let Some((left, right)) =
                rest.split_at_checked(before).filter(|(_, r)| !r.is_empty())
            {
                f.write_str(left)?;
                f.write_char('.')?;
                return f.write_str(right);
            }
            f.write_str(rest)?;
            (rest.len()..before).try_for_each(|_| f.write_char('0'))?;
            f.write_str(whole)
        }
        _ => {
            let sign = if exponent < 0 { '-' } else { '+' };
            f.write_str(mantissa)?;
            write!(f, "e{sign}{:02}", exponent.unsigned_abs())
        }
    }
}

/// The shortest digits of a number not below 0, in scientific notation.
fn shortest(magnitude: f64) -> Result<Buffer, fmt::Error> {
    let mut text = Buffer::default();
    write!(text, "{magnitude:e}")?;
    let digits = text
        .as_str()
        .bytes()
        .take_while(|byte| *byte != b'e')
        .count()
        - 1;
    // Where two such texts are equally near, which takes all digits that there can be, CPython writes the even
    // one, as does formatting with a number of digits.
    if digits >= 16 {
        let mut even = Buffer::default();
        write!(even, "{magnitude:.*e}", digits - 1)?;
        if even.as_str().parse() == Ok(magnitude) {
            return Ok(even);
        }
    }
    Ok(text)
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
        self.bytes
            .get_mut(self.len..end)
            .ok_or(fmt::Error)?
            .copy_from_slice(text.as_bytes());
        self.len = end;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use alloc::string::String;

    use super::*;

    #[test]
    fn floats_are_written_as_cpython_does() {
        // Each checked with CPython 3.13.
        let cases = [
            (0.0, "0.0"),
            (-0.0, "-0.0"),
            (1.0, "1.0"),
            (0.1, "0.1"),
            (1e-4, "0.0001"),
            (1e-5, "1e-05"),
            (1.25e-7, "1.25e-07"),
            (123.456, "123.456"),
            (1e15, "1000000000000000.0"),
            (9999999999999998.0, "9999999999999998.0"),
            (1e16, "1e+16"),
            (1.7976931348623157e308, "1.7976931348623157e+308"),
            (5e-324, "5e-324"),
            (2.0f64.powi(-25), "2.9802322387695312e-08"),
            (2.0f64.powi(-44), "5.684341886080802e-14"),
            (9007199254740993.0, "9007199254740992.0"),
            (0.30000000000000004, "0.30000000000000004"),
            (f64::INFINITY, "inf"),
            (f64::NAN, "nan"),
        ];
        for (number, expected) in cases {
            let mut text = String::new();
            write_float(number, &mut text).expect("a String takes all");
            assert_eq!(text, expected);
        }
    }

    #[test]
    fn complex_numbers_are_written_as_cpython_does() {
        let cases = [
            (0.0, 1.0, "1j"),
            (0.0, -0.0, "-0j"),
            (-0.0, 1.0, "(-0+1j)"),
            (1.0, -2.5, "(1-2.5j)"),
            (0.0, f64::NAN, "nanj"),
            (1e20, f64::INFINITY, "(1e+20+infj)"),
        ];
        for (real, imaginary, expected) in cases {
            let mut text = String::new();
            write_complex(real, imaginary, &mut text).expect("a String takes all");
            assert_eq!(text, expected);
        }
    }
}
