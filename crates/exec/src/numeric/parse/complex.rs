//! `complex(text)`.

use std::borrow::Cow;

use super::{trim, without_underscores};
use crate::numeric::Error;

/// Why a text is no complex number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ComplexError {
    /// An underscore that does not stand between two digits.
    Underscore,
    /// Anything else.
    Malformed,
}

impl ComplexError {
    /// The exception; `repr` makes the `repr` of the text, where the message quotes it.
    pub fn into_error(self, repr: impl FnOnce() -> String) -> Error {
        match self {
            ComplexError::Underscore => {
                Error::value(format!("could not convert string to complex: {}", repr()))
            }
            ComplexError::Malformed => Error::value("complex() arg is a malformed string"),
        }
    }
}

/// `complex(text)`: the real and the imaginary part.
///
/// # Errors
/// See [`ComplexError`].
///
/// ```
/// use pyco_exec::numeric::parse;
/// assert_eq!(parse::complex(b" ( 1-2.5J ) "), Ok((1.0, -2.5)));
/// assert!(parse::complex(b"1 + 2j").is_err());
/// ```
pub fn parse(text: &[u8]) -> Result<(f64, f64), ComplexError> {
    let plain = match text.contains(&b'_') {
        true => Cow::Owned(without_underscores(text).ok_or(ComplexError::Underscore)?),
        false => Cow::Borrowed(text),
    };
    let trimmed = trim(&plain);
    let inner = match trimmed {
        [b'(', inner @ .., b')'] => trim(inner),
        _ => trimmed,
    };
    parts(inner).ok_or(ComplexError::Malformed)
}

/// `REAL`, `IMAGj` or `REAL±IMAGj`, where an imaginary part may be a bare sign or nothing.
fn parts(text: &[u8]) -> Option<(f64, f64)> {
    let Some(body) = text.strip_suffix(b"j").or_else(|| text.strip_suffix(b"J")) else {
        return Some((number(text)?, 0.0));
    };
    // The sign of the imaginary part is the last one that does not belong to an exponent.
    let is_inner_sign =
        |&at: &usize| matches!(body[at], b'+' | b'-') && !matches!(body[at - 1], b'e' | b'E');
    match (1..body.len()).rev().find(is_inner_sign) {
        Some(at) => Some((number(&body[..at])?, imaginary(&body[at..])?)),
        None => Some((0.0, imaginary(body)?)),
    }
}

fn imaginary(text: &[u8]) -> Option<f64> {
    match text {
        b"" | b"+" => Some(1.0),
        b"-" => Some(-1.0),
        _ => number(text),
    }
}

fn number(text: &[u8]) -> Option<f64> {
    std::str::from_utf8(text).ok()?.parse().ok()
}
