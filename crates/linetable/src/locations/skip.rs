//! Going past entries that stay on their line, eight bytes of the table at a time.
//!
//! Two entries in three of a standard library are short (codes 0 to 9) or one-line with no line delta (code 10).
//! Whoever asks for lines, or for one offset far into the code, need not look at them one by one: their first bytes
//! are those from 0x80 to 0xd7, all others of the table but line-changing first bytes are below 0x80, so that the bytes
//! of one machine word can be told apart, checked and summed up at once.
//!
//! Invariant: what is skipped is exactly what decoding would have accepted; all else is left for it, faults included.

use pyco_varint::ENTRY_MARK;

/// One in each byte.
const ONES: u64 = 0x0101_0101_0101_0101;
/// Bit 7 of each byte.
const MARKS: u64 = ONES * ENTRY_MARK as u64;

/// What [`same_line`] found at the start of some bytes.
#[derive(Clone, Copy)]
pub(super) struct Skipped {
    /// How many bytes whole entries take that stay on the line.
    pub(super) byte_count: usize,
    /// How many code units they cover.
    pub(super) unit_count: u32,
    /// Whether the next entry may change the line, so that going on is of no use.
    pub(super) is_at_change: bool,
}

/// The entries at the start of `word`, eight bytes of a table, least significant first, that stay on the line:
/// `None` where there is none, or the bytes are not such entries throughout.
#[inline(always)]
pub(super) fn same_line(word: u64) -> Option<Skipped> {
    let marks = word & MARKS;
    // Bit 7 of each first byte that is at least the given one; adding cannot carry into the next byte.
    let from = |first: u8| {
        ((word & !MARKS) + ONES * u64::from(ENTRY_MARK - (first & !ENTRY_MARK))) & marks
    };
    let line_changing = from(0xd8);

    // The bytes up to the first entry that may change the line, or else to the last entry, which may be cut off.
    let end_bit = if line_changing == 0 {
        63 - marks.leading_zeros().min(63)
    } else {
        line_changing.trailing_zeros()
    };
    let end = end_bit / 8;
    if end == 0 {
        return None;
    }
    let skipped = (1 << (8 * end)) - 1;

    // A short entry has its mark two bytes before the next one's, a one-line entry three: so the marks follow from
    // each other, and any byte too many or too few shows as a mark that is not where it should be.
    let one_line = from(0xd0) & skipped;
    let short = (marks & skipped) ^ one_line;
    let expected = u64::from(ENTRY_MARK) | short << 16 | one_line << 24;
    if (expected ^ marks) & (skipped << 8 | 0xff) != 0 {
        return None;
    }
    // Bits 0 to 2 of each first byte and one more; the product's top byte is the sum of all bytes, at most 4 * 8.
    let unit_counts = ((word & (ONES * 7)) + ONES) & (((marks & skipped) >> 7) * 0xff);
    let unit_count = (unit_counts.wrapping_mul(ONES) >> 56) as u32;
    Some(Skipped {
        byte_count: end as usize,
        unit_count,
        is_at_change: line_changing != 0,
    })
}
