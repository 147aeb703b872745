//! Ints as bytes, and as the 15-bit digits that marshal writes.

use dashu_int::{UBig, Word};

use super::{BigInt, bit_length, parts, with_sign};
use crate::numeric::{Error, Release};

/// Which byte comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ByteOrder {
    /// Least significant first.
    Little,
    /// Most significant first.
    Big,
}

/// `value.to_bytes(length, order, signed=signed)`.
///
/// Allocates `length` bytes, however small the value: bound it first.
///
/// # Errors
/// `OverflowError` where the value does not fit; `ValueError` for a negative length.
pub fn to_bytes(
    value: &BigInt,
    length: i64,
    order: ByteOrder,
    signed: bool,
    release: Release,
) -> Result<Vec<u8>, Error> {
    let Ok(length) = usize::try_from(length) else {
        let before_3_15 = "length argument must be non-negative";
        return Err(Error::value(if release >= Release::V3_15 {
            "length cannot be negative"
        } else {
            before_3_15
        }));
    };
    let (negative, _) = parts(value);
    if negative && !signed {
        return Err(Error::overflow("can't convert negative int to unsigned"));
    }
    if needed_bits(value, signed, release) > (length as u64).saturating_mul(8) {
        return Err(Error::overflow("int too big to convert"));
    }
    let mut bytes = magnitude_bytes(value, length);
    if negative {
        negate(&mut bytes);
    }
    if order == ByteOrder::Big {
        bytes.reverse();
    }
    Ok(bytes)
}

/// The width that two's complement (`signed`) or plain binary needs.
fn needed_bits(value: &BigInt, signed: bool, release: Release) -> u64 {
    let (negative, _) = parts(value);
    let bits = if negative {
        bit_length(&!value)
    } else {
        bit_length(value)
    };
    // No bytes at all hold 0, and until 3.12 also -1.
    let needs_sign = bits > 0 || negative && release >= Release::V3_13;
    if signed && needs_sign { bits + 1 } else { bits }
}

fn magnitude_bytes(value: &BigInt, length: usize) -> Vec<u8> {
    let mut bytes: Vec<u8> = parts(value)
        .1
        .iter()
        .flat_map(|word| word.to_le_bytes())
        .collect();
    bytes.resize(length, 0);
    bytes
}

/// Two's complement of a little-endian number.
fn negate(bytes: &mut [u8]) {
    let mut carry = true;
    for byte in bytes {
        let (sum, overflowed) = (!*byte).overflowing_add(u8::from(carry));
        *byte = sum;
        carry = overflowed;
    }
}

/// `int.from_bytes(bytes, order, signed=signed)`.
///
/// ```
/// use pyco_exec::numeric::{BigInt, bigint::{ByteOrder, from_bytes}};
/// assert_eq!(from_bytes(&[0xff, 0xfe], ByteOrder::Big, true), BigInt::from(-2));
/// ```
pub fn from_bytes(bytes: &[u8], order: ByteOrder, signed: bool) -> BigInt {
    let magnitude = match order {
        ByteOrder::Little => UBig::from_le_bytes(bytes),
        ByteOrder::Big => UBig::from_be_bytes(bytes),
    };
    let top = match order {
        ByteOrder::Little => bytes.last(),
        ByteOrder::Big => bytes.first(),
    };
    let value = BigInt::from(magnitude);
    if signed && top.is_some_and(|byte| byte & 0x80 != 0) {
        return value - (BigInt::ONE << (bytes.len() * 8));
    }
    value
}

const MARSHAL_BITS: u32 = 15;

/// The magnitude in base 2^15, least significant digit first, and whether the value is negative.
pub fn to_marshal_digits(value: &BigInt) -> (bool, Vec<u16>) {
    let (negative, words) = parts(value);
    let digit_count = bit_length(value).div_ceil(u64::from(MARSHAL_BITS)) as usize;
    let mut digits = Vec::with_capacity(digit_count);
    let (mut pending, mut pending_bits) = (0u128, 0);
    for &word in words {
        pending |= u128::from(word) << pending_bits;
        pending_bits += Word::BITS;
        while pending_bits >= MARSHAL_BITS {
            digits.push((pending & 0x7fff) as u16);
            pending >>= MARSHAL_BITS;
            pending_bits -= MARSHAL_BITS;
        }
    }
    digits.push((pending & 0x7fff) as u16);
    digits.resize(digit_count, 0);
    (negative, digits)
}

/// The inverse of [`to_marshal_digits`]; bits above the fifteenth of a digit are ignored.
pub fn from_marshal_digits(negative: bool, digits: &[u16]) -> BigInt {
    let mut words: Vec<Word> = Vec::with_capacity(digits.len() / 4 + 1);
    let (mut pending, mut pending_bits) = (0u128, 0);
    for digit in digits {
        pending |= u128::from(digit & 0x7fff) << pending_bits;
        pending_bits += MARSHAL_BITS;
        if pending_bits >= Word::BITS {
            words.push(pending as Word);
            pending >>= Word::BITS;
            pending_bits -= Word::BITS;
        }
    }
    words.push(pending as Word);
    with_sign(negative, UBig::from_words(&words))
}
