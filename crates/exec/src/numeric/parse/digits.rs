//! Which code points are decimal digits and spaces, by CPython's Unicode database.
//!
//! Asked of each interpreter: decimal digits come in runs of ten, zero first.

use crate::numeric::Release;

/// The zero of each run, ascending; Unicode 14.0.
const ZEROS: [u32; 66] = [
    0x30, 0x660, 0x6f0, 0x7c0, 0x966, 0x9e6, 0xa66, 0xae6, 0xb66, 0xbe6, 0xc66, 0xce6, 0xd66,
    0xde6, 0xe50, 0xed0, 0xf20, 0x1040, 0x1090, 0x17e0, 0x1810, 0x1946, 0x19d0, 0x1a80, 0x1a90,
    0x1b50, 0x1bb0, 0x1c40, 0x1c50, 0xa620, 0xa8d0, 0xa900, 0xa9d0, 0xa9f0, 0xaa50, 0xabf0, 0xff10,
    0x104a0, 0x10d30, 0x11066, 0x110f0, 0x11136, 0x111d0, 0x112f0, 0x11450, 0x114d0, 0x11650,
    0x116c0, 0x11730, 0x118e0, 0x11950, 0x11c50, 0x11d50, 0x11da0, 0x16a60, 0x16ac0, 0x16b50,
    0x1d7ce, 0x1d7d8, 0x1d7e2, 0x1d7ec, 0x1d7f6, 0x1e140, 0x1e2f0, 0x1e950, 0x1fbf0,
];

/// The runs that came later, with the first release that knows them.
const LATER_ZEROS: [(u32, Release); 11] = [
    (0x10d40, Release::V3_14),
    (0x116d0, Release::V3_14),
    (0x116da, Release::V3_14),
    (0x11bf0, Release::V3_14),
    (0x11de0, Release::V3_15),
    (0x11f50, Release::V3_12),
    (0x16130, Release::V3_14),
    (0x16d70, Release::V3_14),
    (0x1ccf0, Release::V3_14),
    (0x1e4f0, Release::V3_12),
    (0x1e5f1, Release::V3_14),
];

/// The value of a decimal digit, of any script.
pub fn decimal_value(point: u32, release: Release) -> Option<u8> {
    if point < 0x80 {
        return u8::try_from(point)
            .ok()
            .filter(u8::is_ascii_digit)
            .map(|digit| digit - b'0');
    }
    let within = |zero: u32| {
        point
            .checked_sub(zero)
            .filter(|&value| value < 10)
            .map(|value| value as u8)
    };
    let last_zero = ZEROS
        .partition_point(|&zero| zero <= point)
        .checked_sub(1)?;
    within(ZEROS[last_zero]).or_else(|| {
        let known = LATER_ZEROS.iter().filter(|(_, since)| *since <= release);
        known.filter_map(|&(zero, _)| within(zero)).next()
    })
}

/// Whether `str.isspace` holds for the code point.
pub fn is_space(point: u32) -> bool {
    matches!(
        point,
        0x9..=0xd | 0x1c..=0x20 | 0x85 | 0xa0 | 0x1680 | 0x2000..=0x200a | 0x2028 | 0x2029 | 0x202f | 0x205f | 0x3000
    )
}
