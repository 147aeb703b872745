//! [`BigInt`]: an int constant too large for 64 bits, as sign and magnitude.
//!
//! Only what a constant needs: it is read, compared, written and printed, never calculated with.

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt::{self, Write as _};

/// An integer of any size.
///
/// Invariant: the last limb is not 0, so that each number has one form; 0 has no limbs and is not negative.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct BigInt {
    is_negative: bool,
    limbs: Box<[u32]>,
}

impl BigInt {
    /// The number of a sign and a magnitude, in 32-bit limbs, least significant first.
    #[must_use]
    pub fn new(is_negative: bool, limbs: &[u32]) -> Self {
        let len = limbs.iter().rposition(|limb| *limb != 0).map_or(0, |last| last + 1);
        BigInt { is_negative: is_negative && len > 0, limbs: limbs[..len].into() }
    }

    /// The number of marshal's 15-bit digits, least significant first.
    #[must_use]
    pub fn from_digits(is_negative: bool, digits: impl IntoIterator<Item = u16>) -> Self {
        let mut limbs = Vec::new();
        let (mut limb, mut bits) = (0u64, 0);
        for digit in digits {
            limb |= u64::from(digit & 0x7fff) << bits;
            bits += 15;
            if bits >= 32 {
                limbs.push(limb as u32);
                limb >>= 32;
                bits -= 32;
            }
        }
        limbs.push(limb as u32);
        BigInt::new(is_negative, &limbs)
    }

    /// Whether the number is below 0.
    #[must_use]
    pub const fn is_negative(&self) -> bool {
        self.is_negative
    }

    /// The magnitude in 32-bit limbs, least significant first, the last one not 0.
    #[must_use]
    pub const fn limbs(&self) -> &[u32] {
        &self.limbs
    }

    /// The number of bits of the magnitude: `int.bit_length()`.
    #[must_use]
    pub fn bit_len(&self) -> u64 {
        match self.limbs.last() {
            Some(last) => self.limbs.len() as u64 * 32 - u64::from(last.leading_zeros()),
            None => 0,
        }
    }

    /// The number, if it fits.
    #[must_use]
    pub fn to_i64(&self) -> Option<i64> {
        let magnitude = match *self.limbs {
            [] => 0,
            [low] => i128::from(low),
            [low, high] => i128::from(u64::from(high) << 32 | u64::from(low)),
            _ => return None,
        };
        i64::try_from(if self.is_negative { -magnitude } else { magnitude }).ok()
    }

    /// The magnitude in marshal's 15-bit digits, least significant first, the last one not 0.
    pub fn digits(&self) -> impl Iterator<Item = u16> + '_ {
        let count = self.bit_len().div_ceil(15);
        (0..count).map(move |index| {
            let bit = index * 15;
            let (at, shift) = ((bit / 32) as usize, bit % 32);
            let low = u64::from(self.limbs[at]);
            let high = u64::from(self.limbs.get(at + 1).copied().unwrap_or(0));
            ((high << 32 | low) >> shift) as u16 & 0x7fff
        })
    }

    /// The magnitude in decimal, by repeated division: time grows with the square of the size.
    fn decimal(&self) -> String {
        const BASE: u64 = 1_000_000_000;
        let mut limbs = self.limbs.to_vec();
        let mut groups = Vec::new();
        while !limbs.is_empty() {
            let mut rest = 0;
            for limb in limbs.iter_mut().rev() {
                let value = rest << 32 | u64::from(*limb);
                *limb = (value / BASE) as u32;
                rest = value % BASE;
            }
            groups.push(rest);
            while limbs.last() == Some(&0) {
                limbs.pop();
            }
        }
        let mut text = String::new();
        let mut groups = groups.iter().rev();
        // Writing to a String cannot fail.
        let _ = write!(text, "{}", groups.next().unwrap_or(&0));
        for group in groups {
            let _ = write!(text, "{group:09}");
        }
        text
    }
}

/// The most bits of a number that CPython is sure to print in decimal: 4300 digits.
const MAX_DECIMAL_BITS: u64 = 14_284;

impl fmt::Display for BigInt {
    /// In decimal; in hexadecimal beyond the 4300 digits that CPython prints, for which it raises `ValueError`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_negative {
            f.write_char('-')?;
        }
        if self.bit_len() <= MAX_DECIMAL_BITS {
            return f.write_str(&self.decimal());
        }
        let mut limbs = self.limbs.iter().rev();
        write!(f, "{:#x}", limbs.next().unwrap_or(&0))?;
        limbs.try_for_each(|limb| write!(f, "{limb:08x}"))
    }
}
