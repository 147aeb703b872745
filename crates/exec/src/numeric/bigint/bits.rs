//! Shifts and bit counts; ints behave as infinite two's complement.

use dashu_int::Word;

use super::{BigInt, parts};
use crate::numeric::{Error, ErrorKind, Release};

/// `value.bit_length()`.
pub fn bit_length(value: &BigInt) -> u64 {
    let (_, words) = parts(value);
    match words.last() {
        None => 0,
        Some(top) => words.len() as u64 * u64::from(Word::BITS) - u64::from(top.leading_zeros()),
    }
}

/// `value.bit_count()`: the ones in the magnitude.
pub fn bit_count(value: &BigInt) -> u64 {
    parts(value)
        .1
        .iter()
        .map(|word| u64::from(word.count_ones()))
        .sum()
}

/// The number of bits of `value << count`, to ask before [`shl`]; 0 for a zero value and
/// `u64::MAX` for everything too large to count.
pub fn shl_result_bits(value: &BigInt, count: &BigInt) -> u64 {
    if value.is_zero() {
        return 0;
    }
    u64::try_from(count).map_or(u64::MAX, |count| bit_length(value).saturating_add(count))
}

/// `value << count`. Ask [`shl_result_bits`] first.
///
/// # Errors
/// `ValueError` for a negative count; `OverflowError` or `MemoryError` where no machine could hold
/// the result.
pub fn shl(value: &BigInt, count: &BigInt, release: Release) -> Result<BigInt, Error> {
    // Beyond this the bignum library would have to refuse by panicking.
    const MAX_BITS: u64 = 1 << 40;
    if parts(count).0 {
        return Err(Error::value("negative shift count"));
    }
    if value.is_zero() {
        return Ok(BigInt::ZERO);
    }
    let result_bits = shl_result_bits(value, count);
    if let Ok(places) = usize::try_from(count)
        && result_bits <= MAX_BITS
    {
        return Ok(value << places);
    }
    // What CPython can still count, but not store.
    let countable = match release >= Release::V3_14 {
        true => result_bits < i64::MAX as u64,
        false => *count < BigInt::from(30) << 61,
    };
    Err(match countable {
        true => Error::new(ErrorKind::Memory, ""),
        false => Error::overflow("too many digits in integer"),
    })
}

/// `value >> count`, rounding towards minus infinity.
///
/// # Errors
/// `ValueError` for a negative count.
pub fn shr(value: &BigInt, count: &BigInt) -> Result<BigInt, Error> {
    let (negative, _) = parts(value);
    if parts(count).0 {
        return Err(Error::value("negative shift count"));
    }
    Ok(match usize::try_from(count) {
        Ok(places) if places as u64 <= bit_length(value) => value >> places,
        _ if negative => BigInt::NEG_ONE,
        _ => BigInt::ZERO,
    })
}
