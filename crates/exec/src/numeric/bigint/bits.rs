//! Shifts and bit counts; ints behave as infinite two's complement.

use dashu_int::Word;

use super::{BigInt, parts};
use crate::numeric::Error;

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
pub fn shl(value: &BigInt, count: &BigInt) -> Result<BigInt, Error> {
    if parts(count).0 {
        return Err(Error::value("negative shift count"));
    }
    if value.is_zero() {
        return Ok(BigInt::ZERO);
    }
    const MAX_BITS: u64 = 1 << 40;
    match usize::try_from(count) {
        Ok(places) if shl_result_bits(value, count) <= MAX_BITS => Ok(value << places),
        // CPython counts the shift in 30-bit digits, whose number must fit a `ssize_t`.
        _ if bit_length(count) <= 67 => Err(Error::new(crate::numeric::ErrorKind::Memory, "")),
        _ => Err(Error::overflow("too many digits in integer")),
    }
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
