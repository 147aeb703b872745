//! Sixteen bytes of a table at once: which of them start an entry, which of these may change the line, and how many
//! code units lie before each.
//!
//! `unsafe` is here because with x86-64's vector instructions a line range takes 7.0 ns (95 instructions), with the
//! machine words of eight bytes that serve elsewhere 9.5 ns (126).

use super::entry::{FIRST_LINE_CHANGING, FIRST_NO_LOCATION};

/// The bytes of a block.
pub(super) const LEN: usize = 16;

/// What sixteen bytes of a table are; bit 0 of each mask is for the first byte.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Block {
    /// The bytes that start an entry.
    pub(super) first: u32,
    /// Those whose code is 11 or more.
    pub(super) from_11: u32,
    /// Those whose code is 15.
    pub(super) none: u32,
    /// For each byte, how many code units the entries that start before it have.
    pub(super) units_before: [u8; LEN],
    /// How many code units all entries have that start here.
    pub(super) unit_count: u32,
}

impl Block {
    #[inline(always)]
    pub(super) fn new(bytes: &[u8; LEN]) -> Self {
        #[cfg(target_arch = "x86_64")]
        // SAFETY: every x86-64 has SSE2.
        return unsafe { sse2(bytes) };
        #[cfg(not(target_arch = "x86_64"))]
        words(bytes)
    }
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "sse2")]
#[inline]
fn sse2(bytes: &[u8; LEN]) -> Block {
    use core::arch::x86_64::{
        _mm_add_epi8, _mm_and_si128, _mm_cmpgt_epi8, _mm_extract_epi16, _mm_loadu_si128,
        _mm_movemask_epi8, _mm_set1_epi8, _mm_setzero_si128, _mm_slli_si128, _mm_storeu_si128,
        _mm_sub_epi8, _mm_subs_epu8,
    };

    // SAFETY: 16 bytes that can be read.
    let bytes = unsafe { _mm_loadu_si128(bytes.as_ptr().cast()) };
    // Bit 7 of each byte that is at least the given one.
    let from = |first: u8| {
        let highest_below = _mm_set1_epi8((first - 0x80) as i8);
        _mm_movemask_epi8(_mm_subs_epu8(bytes, highest_below)) as u32
    };
    // All ones, which is -1, for each first byte.
    let is_first = _mm_cmpgt_epi8(_mm_setzero_si128(), bytes);
    let length_bits = _mm_and_si128(_mm_and_si128(bytes, is_first), _mm_set1_epi8(7));
    let units = _mm_sub_epi8(length_bits, is_first);
    // The sums of each byte and all before it; at most 16 * 8.
    let sums = _mm_add_epi8(units, _mm_slli_si128::<1>(units));
    let sums = _mm_add_epi8(sums, _mm_slli_si128::<2>(sums));
    let sums = _mm_add_epi8(sums, _mm_slli_si128::<4>(sums));
    let sums = _mm_add_epi8(sums, _mm_slli_si128::<8>(sums));
    let mut units_before = [0; LEN];
    // SAFETY: 16 bytes that can be written.
    unsafe { _mm_storeu_si128(units_before.as_mut_ptr().cast(), _mm_sub_epi8(sums, units)) };
    Block {
        first: _mm_movemask_epi8(bytes) as u32,
        from_11: from(FIRST_LINE_CHANGING),
        none: from(FIRST_NO_LOCATION),
        units_before,
        unit_count: (_mm_extract_epi16::<7>(sums) >> 8) as u32,
    }
}

/// [`Block::new`] by machine words.
#[cfg(any(test, not(target_arch = "x86_64")))]
fn words(bytes: &[u8; LEN]) -> Block {
    const ONES: u64 = 0x0101_0101_0101_0101;
    const MARKS: u64 = ONES << 7;
    let bytes = u128::from_le_bytes(*bytes);
    let (low, high) = (bytes as u64, (bytes >> 64) as u64);
    // Bit 7 of each byte, gathered in the product's top byte.
    let gather = |word: u64| ((word & MARKS) >> 7).wrapping_mul(0x0102_0408_1020_4080) >> 56;
    // Bit 7 of each byte that is at least the given one; adding cannot carry into the next byte.
    let from = |first: u8| {
        let least = ONES * u64::from(first.wrapping_neg());
        let from = |word: u64| gather(((word & !MARKS) + least) & word);
        (from(low) | from(high) << 8) as u32
    };
    // Bits 0 to 2 of each first byte and one more, and 0 for the others.
    let units = |word: u64| ((word & (ONES * 7)) + ONES) & (((word & MARKS) >> 7) * 0xff);
    let (low_units, high_units) = (units(low), units(high));
    // The sums of each byte and all before it; at most 16 * 8.
    let low_sums = low_units.wrapping_mul(ONES);
    let high_sums = high_units
        .wrapping_mul(ONES)
        .wrapping_add((low_sums >> 56) * ONES);
    let before = u128::from(low_sums - low_units) | u128::from(high_sums - high_units) << 64;
    Block {
        first: (gather(low) | gather(high) << 8) as u32,
        from_11: from(FIRST_LINE_CHANGING),
        none: from(FIRST_NO_LOCATION),
        units_before: before.to_le_bytes(),
        unit_count: (high_sums >> 56) as u32,
    }
}

#[cfg(test)]
mod tests {
    use super::{Block, words};

    #[test]
    fn machine_words_do_as_vectors() {
        let mut seed = 0x9e37_79b9_7f4a_7c15_u64;
        let mut next = || {
            seed ^= seed << 13;
            seed ^= seed >> 7;
            seed ^= seed << 17;
            u128::from(seed) << 64 | u128::from(seed.rotate_left(23))
        };
        for _ in 0..100_000 {
            let random = next();
            let sparse = random & next() & next();
            for bytes in [random, sparse, !sparse].map(u128::to_le_bytes) {
                assert_eq!(words(&bytes), Block::new(&bytes), "{bytes:02x?}");
            }
        }
        assert_eq!(words(&[0xff; 16]).unit_count, 128);
    }
}
