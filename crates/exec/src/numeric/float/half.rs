//! Floats of 16 and 32 bits, as C stores them: to and from the 64 bits of a float.
//!
//! Before 3.14 a NaN of 16 bits has no more than a sign; from then on NaNs keep what fits of their payload.

use crate::numeric::Release;

/// The number that the bits of a half-precision float stand for.
pub fn half_to_f64(bits: u16, release: Release) -> f64 {
    let sign = if bits >> 15 == 1 { -1.0 } else { 1.0 };
    let (exponent, fraction) = ((bits >> 10) & 0x1F, bits & 0x3FF);
    match exponent {
        0 => sign * f64::from(fraction) * 2f64.powi(-24),
        0x1F if fraction == 0 => sign * f64::INFINITY,
        0x1F => {
            let payload = match release >= Release::V3_14 {
                true => u64::from(fraction) << 42,
                false => 1 << 51,
            };
            f64::from_bits(u64::from(bits >> 15) << 63 | 0x7FF << 52 | payload)
        }
        _ => sign * (1024.0 + f64::from(fraction)) * 2f64.powi(i32::from(exponent) - 25),
    }
}

/// The nearest half-precision float, ties to even; nothing if the number is too large for one.
pub fn half_from_f64(x: f64, release: Release) -> Option<u16> {
    let sign = u16::from(x.is_sign_negative()) << 15;
    if x.is_nan() {
        let payload = ((x.to_bits() >> 42) & 0x3FF) as u16;
        return Some(match payload {
            1.. if release >= Release::V3_14 => sign | 0x7C00 | payload,
            _ => sign | 0x7E00,
        });
    }
    if x.is_infinite() {
        return Some(sign | 0x7C00);
    }
    let x = x.abs();
    // The exponent of the last bit that a half has at this magnitude; a subnormal's is fixed.
    let exponent = ((x.to_bits() >> 52) as i32 - 1023).max(-14) - 10;
    let scaled = (x / 2f64.powi(exponent)).round_ties_even();
    let bits = scaled as u32 + (((exponent + 24) as u32) << 10);
    match u16::try_from(bits) {
        Ok(bits) if bits < 0x7C00 => Some(sign | bits),
        _ => None,
    }
}

/// The number that the bits of a single-precision float stand for; `quiets` if a NaN that signals stops doing so, as in a C conversion.
pub fn single_to_f64(bits: u32, quiets: bool) -> f64 {
    let x = f32::from_bits(bits);
    if !x.is_nan() {
        return f64::from(x);
    }
    let quiet = if quiets { 1 << 51 } else { 0 };
    let payload = u64::from(bits & 0x7F_FFFF) << 29 | quiet;
    f64::from_bits(u64::from(bits >> 31) << 63 | 0x7FF << 52 | payload)
}

/// The bits of the nearest single-precision float, ties to even: those of an infinity if the number is too large.
pub fn single_from_f64(x: f64, release: Release) -> u32 {
    if !x.is_nan() {
        return (x as f32).to_bits();
    }
    let bits = x.to_bits();
    let payload = ((bits >> 29) & 0x7F_FFFF) as u32;
    let payload = match payload {
        1.. if release >= Release::V3_14 => payload,
        _ => payload | 0x40_0000,
    };
    ((bits >> 63) as u32) << 31 | 0x7F80_0000 | payload
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn halves_come_back() {
        for bits in 0..=u16::MAX {
            let x = half_to_f64(bits, Release::V3_14);
            assert_eq!(
                half_from_f64(x, Release::V3_14),
                Some(bits),
                "{bits:#x} is {x}"
            );
            let x = half_to_f64(bits, Release::V3_13);
            let expected = if x.is_nan() {
                bits & 0x8000 | 0x7E00
            } else {
                bits
            };
            assert_eq!(half_from_f64(x, Release::V3_13), Some(expected));
        }
        let nearest = |x| half_from_f64(x, Release::V3_13);
        assert_eq!(nearest(65519.0), Some(0x7BFF));
        assert_eq!(nearest(65520.0), None);
        assert_eq!(nearest(2f64.powi(-25)), Some(0));
        assert_eq!(nearest(f64::MIN_POSITIVE), Some(0));
    }
}
