//! `int(text, base)`.

use dashu_int::UBig;

use super::trim;
use crate::numeric::{BigInt, Error};

/// Why a text is no int.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IntError {
    /// The base is neither 0 nor 2 to 36.
    Base,
    /// Not a literal of that base.
    Literal {
        /// The base asked for.
        base: i64,
    },
    /// More digits than allowed.
    TooManyDigits {
        /// The limit.
        max_digits: usize,
        /// The digits found.
        digits: usize,
    },
}

impl IntError {
    /// The exception; `repr` makes the `repr` of the text, where the message quotes it.
    pub fn into_error(self, repr: impl FnOnce() -> String) -> Error {
        match self {
            IntError::Base => Error::value("int() base must be >= 2 and <= 36, or 0"),
            IntError::Literal { base } => {
                let shown: String = repr().chars().take(200).collect();
                Error::value(format!(
                    "invalid literal for int() with base {base}: {shown}"
                ))
            }
            IntError::TooManyDigits { max_digits, digits } => Error::value(format!(
                "Exceeds the limit ({max_digits} digits) for integer string conversion: value has {digits} digits; \
                 use sys.set_int_max_str_digits() to increase the limit"
            )),
        }
    }
}

/// `int(text, base)`; `max_digits` (0: none) limits the bases that are not powers of two.
///
/// # Errors
/// See [`IntError`].
///
/// ```
/// use pyco_exec::numeric::{BigInt, parse};
/// assert_eq!(parse::int(b" -0x_ff ", 16, 4300), Ok(BigInt::from(-255)));
/// assert!(parse::int(b"1__0", 10, 4300).is_err());
/// ```
pub fn parse(text: &[u8], base: i64, max_digits: usize) -> Result<BigInt, IntError> {
    if base != 0 && !(2..=36).contains(&base) {
        return Err(IntError::Base);
    }
    let invalid = IntError::Literal { base };
    let trimmed = trim(text);
    let (negative, unsigned) = match trimmed.split_first() {
        Some((b'-', rest)) => (true, rest),
        Some((b'+', rest)) => (false, rest),
        _ => (false, trimmed),
    };
    let (radix, digits, zero_only) = strip_prefix(unsigned, base);
    let magnitude = magnitude(digits, radix, max_digits, invalid)?;
    if zero_only && magnitude != UBig::ZERO {
        return Err(invalid);
    }
    let value = BigInt::from(magnitude);
    Ok(if negative { -value } else { value })
}

/// The base proper, the digits after a prefix, and whether only zeros may follow (base 0 refuses
/// `010`).
fn strip_prefix(text: &[u8], base: i64) -> (u32, &[u8], bool) {
    let prefixed = match text {
        [b'0', b'x' | b'X', rest @ ..] => Some((16, rest)),
        [b'0', b'o' | b'O', rest @ ..] => Some((8, rest)),
        [b'0', b'b' | b'B', rest @ ..] => Some((2, rest)),
        _ => None,
    };
    match prefixed {
        Some((radix, rest)) if base == 0 || base == i64::from(radix) => {
            (radix, rest.strip_prefix(b"_").unwrap_or(rest), false)
        }
        _ if base == 0 => (10, text, text.first() == Some(&b'0')),
        _ => (base as u32, text, false),
    }
}

fn magnitude(
    text: &[u8],
    radix: u32,
    max_digits: usize,
    invalid: IntError,
) -> Result<UBig, IntError> {
    let is_digit = |byte: &u8| char::from(*byte).is_digit(radix);
    // The leading run of digits and single underscores is counted before what follows is looked at.
    let run_len = text
        .iter()
        .position(|byte| !is_digit(byte) && *byte != b'_')
        .unwrap_or(text.len());
    let run = &text[..run_len];
    let misplaced = run.first().is_none_or(|&byte| byte == b'_')
        || run.last() == Some(&b'_')
        || run.windows(2).any(|pair| pair == b"__");
    if misplaced {
        return Err(invalid);
    }
    let digits: Vec<u8> = run.iter().copied().filter(|&byte| byte != b'_').collect();
    if !radix.is_power_of_two() && max_digits != 0 && digits.len() > max_digits {
        return Err(IntError::TooManyDigits {
            max_digits,
            digits: digits.len(),
        });
    }
    if run_len < text.len() {
        return Err(invalid);
    }
    let digits = std::str::from_utf8(&digits).map_err(|_| invalid)?;
    if digits.len() <= 12 {
        return u64::from_str_radix(digits, radix)
            .map(UBig::from)
            .map_err(|_| invalid);
    }
    UBig::from_str_radix(digits, radix).map_err(|_| invalid)
}
