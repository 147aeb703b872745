//! `Int`: Python's int as marshal needs it, without arithmetic.
//!
//! Invariant: what fits 64 bits is held in 64 bits, so that equal numbers are equal in form too.

use alloc::boxed::Box;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;

/// A Python int of any size.
///
/// Beyond 64 bits it is kept as marshal has it: a sign and digits of 15 bits, least significant
/// first. [`Int::to_le_bytes`] and [`Int::from_le_bytes`] lead to and from any bignum library.
///
/// ```
/// use pyco_marshal::Int;
/// let small = Int::from(-5);
/// assert_eq!(small.as_i64(), Some(-5));
/// let big = Int::from_le_bytes(false, &[0, 0, 0, 0, 0, 0, 0, 0, 1]);
/// assert_eq!(big.as_i64(), None);
/// assert_eq!(big.to_string(), "18446744073709551616");
/// ```
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Int(Repr);

// A tag as wide as a word, so that numbers are moved in whole words.
#[derive(Clone, PartialEq, Eq, Hash)]
#[repr(u64)]
enum Repr {
    Small(i64),
    Big(Arc<Big>),
}

#[derive(PartialEq, Eq, Hash)]
struct Big {
    is_negative: bool,
    /// Base 2^15, least significant first, the last not 0.
    digits: Box<[u16]>,
}

impl Int {
    /// The number if it fits 64 bits.
    #[must_use]
    pub fn as_i64(&self) -> Option<i64> {
        match &self.0 {
            Repr::Small(number) => Some(*number),
            Repr::Big(_) => None,
        }
    }

    /// Is it below zero?
    #[must_use]
    pub fn is_negative(&self) -> bool {
        match &self.0 {
            Repr::Small(number) => *number < 0,
            Repr::Big(big) => big.is_negative,
        }
    }

    /// A number from its sign and its digits in base 2^15, least significant first. Digits above
    /// 0x7fff lose their top bit; zeros at the end are dropped.
    pub fn from_digits(is_negative: bool, digits: impl IntoIterator<Item = u16>) -> Self {
        let mut digits: Vec<u16> = digits.into_iter().map(|digit| digit & 0x7fff).collect();
        while digits.last() == Some(&0) {
            digits.pop();
        }
        match small(is_negative, &digits) {
            Some(number) => Self(Repr::Small(number)),
            None => Self(Repr::Big(Arc::new(Big {
                is_negative,
                digits: digits.into(),
            }))),
        }
    }

    /// The digits of the absolute value in base 2^15, least significant first; none for 0.
    pub fn digits(&self) -> impl ExactSizeIterator<Item = u16> + DoubleEndedIterator + Clone + '_ {
        match &self.0 {
            Repr::Small(number) => {
                let small = number.unsigned_abs();
                let bits = 64 - small.leading_zeros() as usize;
                Digits {
                    small,
                    small_len: bits.div_ceil(15),
                    big: &[],
                }
            }
            Repr::Big(big) => Digits {
                small: 0,
                small_len: 0,
                big: &big.digits,
            },
        }
    }

    /// A number from its sign and the bytes of its absolute value, least significant first.
    #[must_use]
    pub fn from_le_bytes(is_negative: bool, magnitude: &[u8]) -> Self {
        let digits = regroup(magnitude.iter().map(|&byte| byte.into()), 8, 15);
        Self::from_digits(is_negative, digits.map(|digit| digit as u16))
    }

    /// The bytes of the absolute value, least significant first, without zeros at the end.
    #[must_use]
    pub fn to_le_bytes(&self) -> Vec<u8> {
        let mut bytes: Vec<u8> = regroup(self.digits().map(u32::from), 15, 8)
            .map(|group| group as u8)
            .collect();
        while bytes.last() == Some(&0) {
            bytes.pop();
        }
        bytes
    }
}

impl From<i64> for Int {
    fn from(number: i64) -> Self {
        Self(Repr::Small(number))
    }
}

/// Decimal. Time grows with the square of the size, as in CPython; see [`fmt::LowerHex`] for
/// numbers from an untrusted source.
impl fmt::Display for Int {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let big = match &self.0 {
            Repr::Small(number) => return fmt::Display::fmt(number, f),
            Repr::Big(big) => big,
        };
        let mut left: Vec<u32> = regroup(self.digits().map(u32::from), 15, 32).collect();
        while left.last() == Some(&0) {
            left.pop();
        }
        let mut groups = Vec::new();
        while !left.is_empty() {
            groups.push(divide(&mut left, 1_000_000_000));
        }
        let mut text = alloc::string::String::new();
        for (i, group) in groups.iter().rev().enumerate() {
            use fmt::Write;
            if i == 0 {
                write!(text, "{group}")?
            } else {
                write!(text, "{group:09}")?
            }
        }
        f.pad_integral(!big.is_negative, "", &text)
    }
}

/// Hexadecimal with a sign, as Python's `format(n, "x")`; time is linear.
impl fmt::LowerHex for Int {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = alloc::string::String::new();
        for (i, byte) in self.to_le_bytes().iter().rev().enumerate() {
            use fmt::Write;
            if i == 0 {
                write!(text, "{byte:x}")?
            } else {
                write!(text, "{byte:02x}")?
            }
        }
        let text = if text.is_empty() { "0" } else { &text };
        f.pad_integral(!self.is_negative(), "0x", text)
    }
}

/// Decimal up to 64 bits, hexadecimal beyond, so that it stays linear.
impl fmt::Debug for Int {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Repr::Small(number) => write!(f, "{number}"),
            Repr::Big(_) => write!(f, "{self:#x}"),
        }
    }
}

fn small(is_negative: bool, digits: &[u16]) -> Option<i64> {
    if digits.len() > 5 {
        return None;
    }
    let magnitude = digits
        .iter()
        .rev()
        .fold(0i128, |sum, &digit| sum << 15 | i128::from(digit));
    i64::try_from(if is_negative { -magnitude } else { magnitude }).ok()
}

/// Divides a number in base 2^32, least significant first, and returns the rest.
fn divide(number: &mut Vec<u32>, divisor: u32) -> u32 {
    let mut rest = 0u64;
    for digit in number.iter_mut().rev() {
        let whole = rest << 32 | u64::from(*digit);
        *digit = (whole / u64::from(divisor)) as u32;
        rest = whole % u64::from(divisor);
    }
    while number.last() == Some(&0) {
        number.pop();
    }
    rest as u32
}

#[derive(Clone)]
struct Digits<'a> {
    small: u64,
    /// Digits left in `small`, zeros at the top included.
    small_len: usize,
    big: &'a [u16],
}

impl Iterator for Digits<'_> {
    type Item = u16;

    fn next(&mut self) -> Option<u16> {
        if let Some((&digit, rest)) = self.big.split_first() {
            self.big = rest;
            return Some(digit);
        }
        self.small_len = self.small_len.checked_sub(1)?;
        let digit = (self.small & 0x7fff) as u16;
        self.small >>= 15;
        Some(digit)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let len = self.big.len() + self.small_len;
        (len, Some(len))
    }
}

impl ExactSizeIterator for Digits<'_> {}

impl DoubleEndedIterator for Digits<'_> {
    fn next_back(&mut self) -> Option<u16> {
        if let Some((&digit, rest)) = self.big.split_last() {
            self.big = rest;
            return Some(digit);
        }
        self.small_len = self.small_len.checked_sub(1)?;
        Some((self.small >> (15 * self.small_len) & 0x7fff) as u16)
    }
}

/// Groups of `to` bits from groups of `from` bits, both least significant first.
fn regroup(mut source: impl Iterator<Item = u32>, from: u32, to: u32) -> impl Iterator<Item = u32> {
    let (mut held, mut held_bits) = (0u64, 0);
    core::iter::from_fn(move || {
        while held_bits < to {
            let Some(group) = source.next() else {
                break;
            };
            held |= u64::from(group) << held_bits;
            held_bits += from;
        }
        if held_bits == 0 {
            return None;
        }
        let group = (held & ((1 << to) - 1)) as u32;
        held >>= to;
        held_bits = held_bits.saturating_sub(to);
        Some(group)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString;

    #[test]
    fn digits_and_bytes_agree() {
        for number in [0, 1, -1, 0x7fff, 0x8000, i64::MAX, i64::MIN] {
            let int = Int::from(number);
            assert_eq!(Int::from_digits(int.is_negative(), int.digits()), int);
            assert_eq!(
                Int::from_le_bytes(int.is_negative(), &int.to_le_bytes()),
                int
            );
            let mut back: Vec<u16> = int.digits().rev().collect();
            back.reverse();
            assert!(int.digits().eq(back));
        }
    }

    #[test]
    fn big_numbers_print_as_in_python() {
        let mut bytes = [0; 26];
        bytes[25] = 1;
        let int = Int::from_le_bytes(true, &bytes);
        assert_eq!(
            int.to_string(),
            "-1606938044258990275541962092341162602522202993782792835301376"
        );
        assert_eq!(
            alloc::format!("{int:x}"),
            alloc::format!("-1{}", "0".repeat(50))
        );
        assert_eq!(Int::from_le_bytes(true, &int.to_le_bytes()), int);
    }
}
