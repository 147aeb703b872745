//! `bytes.hex` and `bytes.fromhex`.

use super::build::{TooLarge, check};
use super::view::StrView;

const DIGITS: &[u8; 16] = b"0123456789abcdef";

/// `bytes.hex(separator, group)`: lower case ASCII, with the separator between groups of `group` bytes, counted from the right
/// if positive, from the left if negative, nowhere if 0.
///
/// ```
/// use pyco_exec::text::hex;
/// assert_eq!(hex(b"abcde", Some(b':'), 2, usize::MAX).unwrap(), b"61:6263:6465");
/// assert_eq!(hex(b"abcde", Some(b':'), -2, usize::MAX).unwrap(), b"6162:6364:65");
/// ```
///
/// # Errors
/// The result would take more than `max_bytes`.
pub fn hex(
    bytes: &[u8],
    separator: Option<u8>,
    group: isize,
    max_bytes: usize,
) -> Result<Vec<u8>, TooLarge> {
    let size = if separator.is_some() {
        group.unsigned_abs()
    } else {
        0
    };
    let breaks = bytes.len().saturating_sub(1).checked_div(size).unwrap_or(0);
    let mut out = Vec::with_capacity(check::<u8>(
        2 * bytes.len() as u128 + breaks as u128,
        max_bytes,
    )?);
    for (index, &byte) in bytes.iter().enumerate() {
        let offset = if group > 0 {
            bytes.len() - index
        } else {
            index
        };
        if let Some(separator) = separator
            && size > 0
            && index > 0
            && offset.is_multiple_of(size)
        {
            out.push(separator);
        }
        out.extend_from_slice(&[
            DIGITS[usize::from(byte >> 4)],
            DIGITS[usize::from(byte & 15)],
        ]);
    }
    Ok(out)
}

/// Why `bytes.fromhex` refuses a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FromHexError {
    /// There is something else than a hexadecimal digit at this index.
    NotHex(usize),
    /// The text ends, at this index, after the first digit of a byte. CPython up to 3.13 says the same as for
    /// [`FromHexError::NotHex`], from 3.14 on it says that the number of digits must be even.
    OddLength(usize),
}

impl FromHexError {
    /// The message of the ValueError in CPython 3.`minor`.
    pub fn message(self, minor: u8) -> String {
        match self {
            FromHexError::OddLength(_) if minor >= 14 => {
                "fromhex() arg must contain an even number of hexadecimal digits".to_owned()
            }
            FromHexError::NotHex(at) | FromHexError::OddLength(at) => {
                format!("non-hexadecimal number found in fromhex() arg at position {at}")
            }
        }
    }
}

/// `bytes.fromhex` of a str. Whitespace may stand between bytes, not within.
///
/// # Errors
/// Where the text is not such.
pub fn from_hex(text: StrView<'_>) -> Result<Vec<u8>, FromHexError> {
    match text {
        StrView::Ascii(units) => from_hex_bytes(units),
        // CPython looks for what is not ASCII before anything else.
        _ => {
            let wide = text.chars().position(|c| c >= 0x80);
            Err(FromHexError::NotHex(wide.unwrap_or(0)))
        }
    }
}

/// `bytes.fromhex` of bytes, which 3.14 takes too.
///
/// # Errors
/// Where the text is not such.
pub fn from_hex_bytes(text: &[u8]) -> Result<Vec<u8>, FromHexError> {
    let digit = |at: usize| match text.get(at) {
        None => Err(FromHexError::OddLength(at)),
        Some(&byte) => char::from(byte)
            .to_digit(16)
            .map(|digit| digit as u8)
            .ok_or(FromHexError::NotHex(at)),
    };
    let mut out = Vec::with_capacity(text.len() / 2);
    let mut at = 0;
    while at < text.len() {
        if matches!(text[at], 0x09..=0x0D | 0x20) {
            at += 1;
            continue;
        }
        out.push(digit(at)? << 4 | digit(at + 1)?);
        at += 2;
    }
    Ok(out)
}
