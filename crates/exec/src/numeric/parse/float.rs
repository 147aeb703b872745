//! `float(text)`.

use std::borrow::Cow;

use super::{trim, without_underscores};
use crate::numeric::Error;

/// `float(text)`; `None` where the text is no float (see [`invalid`]).
///
/// ```
/// use pyco_exec::numeric::parse;
/// assert_eq!(parse::float(b" 1_0.5e-3 "), Some(0.0105));
/// assert_eq!(parse::float(b"-Infinity"), Some(f64::NEG_INFINITY));
/// assert_eq!(parse::float(b"1_"), None);
/// ```
pub fn parse(text: &[u8]) -> Option<f64> {
    let trimmed = trim(text);
    let plain = match trimmed.contains(&b'_') {
        true => Cow::Owned(without_underscores(trimmed)?),
        false => Cow::Borrowed(trimmed),
    };
    // Rust's grammar for floats is CPython's.
    std::str::from_utf8(&plain).ok()?.parse().ok()
}

/// The exception for a text whose `repr` is given.
pub fn invalid(repr: &str) -> Error {
    Error::value(format!("could not convert string to float: {repr}"))
}
