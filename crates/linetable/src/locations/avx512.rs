//! Line ranges by AVX-512: all those of up to 64 bytes of a table at once, for [`Lines::fill`](super::Lines::fill).
//!
//! `unsafe` is here because so a line range takes two thirds of the time that it takes one by one. Whether the processor
//! can do it is asked at run time: those since Ice Lake and Zen 4 can.
//!
//! Invariant: what is rare or wrong is left, untouched, to those who read entry by entry.

use super::LinesRule;
use super::decode::MAX_UNITS;
use super::entry::{FIRST_LINE_CHANGING, FIRST_NO_COLUMNS, FIRST_NO_LOCATION, ONE_LINE};
use super::lines::{Cursor, NO_RANGE};
use crate::location::NONE;
use crate::{ByteOffset, LineRange};
use core::arch::x86_64::*;
use pyco_varint::{CONTINUATION, ENTRY_MARK, GROUP};

/// The most bytes that are looked at at once.
const LEN: usize = 64;

/// The most ranges that start in them: more are left for the next time.
const MAX_FOUND: usize = 16;

/// In what [`fill_from`] returns, that the table has ended.
const IS_DONE: usize = 1 << (usize::BITS - 1);

cpufeatures::new!(
    features,
    "avx512f",
    "avx512bw",
    "avx512dq",
    "avx512vl",
    "avx512vbmi2",
    "bmi1",
    "bmi2",
    "popcnt"
);

/// A place in a table, and the range that is open there.
struct Place {
    /// In bytes of the table, and in code units.
    offset: usize,
    unit: u32,
    /// The line from which the next entry counts.
    counted_line: i32,
    /// The first code unit of the open range and its line; [`NO_RANGE`] if there is none yet.
    start: u32,
    line: u32,
}

/// Writes the next ranges from where no window is being gone through: as many as can be had quickly, and for which
/// there is room.
#[inline(always)]
pub(super) fn fill(cursor: &mut Cursor<'_>, rule: LinesRule, buffer: &mut [LineRange]) -> usize {
    let table = cursor.bytes;
    let max_unit_count = 8 * (table.len() - cursor.end.min(table.len()));
    if cursor.entries != 0
        || cursor.is_at_end()
        || max_unit_count > (MAX_UNITS - cursor.unit) as usize
        || !features::get()
    {
        return 0;
    }
    let mut place = Place {
        offset: cursor.end,
        unit: cursor.unit,
        counted_line: cursor.counted_line,
        start: cursor.start,
        line: cursor.line,
    };
    // SAFETY: the processor has what it takes.
    let filled = unsafe { fill_from(table, &mut place, rule, buffer) };
    if filled & IS_DONE != 0 {
        cursor.end = table.len();
        cursor.line = NO_RANGE;
    } else {
        cursor.end = place.offset;
        cursor.unit = place.unit;
        cursor.counted_line = place.counted_line;
        cursor.start = place.start;
        cursor.line = place.line;
    }
    filled & !IS_DONE
}

/// Writes the next ranges from `place` on. Returns how many are whole, and [`IS_DONE`] if these are all; otherwise
/// `place` is where to go on.
#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx512vbmi2,bmi1,bmi2,popcnt")]
fn fill_from(table: &[u8], place: &mut Place, rule: LinesRule, buffer: &mut [LineRange]) -> usize {
    let Place {
        mut offset,
        unit,
        counted_line,
        start,
        line,
    } = *place;
    let zero = _mm512_setzero_si512();
    // All lanes the same, as what is added to each.
    let mut units = _mm512_set1_epi32(unit as i32);
    let mut counted_line = _mm512_set1_epi32(counted_line);
    let mut filled = 0;
    // A bit for the window's first byte: at the start of the table there is a range in any case.
    let mut at_start = 1;
    let mut after_none = 0;
    if line != NO_RANGE {
        let Some(open) = buffer.first_mut() else {
            return 0;
        };
        *open = LineRange::from_parts(ByteOffset(2 * start), ByteOffset(0), line);
        filled = 1;
        at_start = 0;
        after_none = u64::from(line == NONE);
    }
    while buffer.len() - filled >= MAX_FOUND {
        let rest = &table[offset..];
        let bytes = bytes_after(rest, 0);
        let second = bytes_after(rest, 1);
        let third = bytes_after(rest, 2);
        let mut len = rest.len().min(LEN);
        let inside = _bzhi_u64(!0, len as u32);
        let first = _mm512_mask_cmplt_epi8_mask(inside, bytes, zero);

        // Which entries start another range. Those of code 13 and 14 whose line delta is 0 or minus 0 do not, nor do
        // those without a location after such another; but what follows these does, or is wrong.
        let none = at_least(bytes, FIRST_NO_LOCATION);
        let has_varint = at_least(bytes, FIRST_NO_COLUMNS) & !none;
        let same_line = _mm512_mask_cmple_epu8_mask(has_varint, second, _mm512_set1_epi8(1));
        let follows_none = none << 1 | after_none;
        let mut entries = (at_least(bytes, FIRST_LINE_CHANGING) & !same_line | follows_none)
            & !(none & follows_none);
        if rule == LinesRule::EachEntry {
            entries |= first;
        }
        entries = (entries | at_start) & inside;
        let mut last = LEN - 1;

        let (before, total) = UnitsBefore::new(bytes, first);
        let mut unit_count = total;
        let mut count = entries.count_ones() as usize;
        if count > MAX_FOUND {
            // Up to the first that is too much.
            let next = _pdep_u64(1 << MAX_FOUND, entries);
            len = next.trailing_zeros() as usize;
            entries &= next - 1;
            count = MAX_FOUND;
            unit_count = _mm512_set1_epi32(_mm512_cvtsi512_si32(before.of(next)));
            last = len - 1;
        }

        let deltas = LineDeltas::new(entries, count, bytes, second, third);
        let counted = _mm512_add_epi32(_mm512_cvtepi16_epi32(deltas.summed_up()), counted_line);
        if deltas.is_wrong | _mm512_cmplt_epi32_mask(counted, zero) != 0 {
            break;
        }
        let lines = _mm512_mask_mov_epi32(counted, deltas.is_none, _mm512_set1_epi32(NONE as i32));
        let starts = _mm512_add_epi32(before.of(entries), units);
        let starts = _mm512_add_epi32(starts, starts);
        if let Some(open) = buffer[..filled].last_mut() {
            *open = open.until(ByteOffset(_mm512_cvtsi512_si32(starts) as u32));
        }
        write(&mut buffer[filled..], count, starts, lines);

        filled += count;
        offset += len;
        units = _mm512_add_epi32(units, unit_count);
        // Where there are fewer, the others add nothing.
        counted_line = _mm512_permutexvar_epi32(_mm512_set1_epi32(15), counted);
        at_start = 0;
        after_none = none >> last & 1;
        if offset == table.len() {
            let last = &mut buffer[filled - 1];
            *last = last.until(ByteOffset(2 * _mm512_cvtsi512_si32(units) as u32));
            return filled | IS_DONE;
        }
    }
    if let Some(open) = buffer[..filled].last() {
        *place = Place {
            offset,
            unit: _mm512_cvtsi512_si32(units) as u32,
            counted_line: _mm512_cvtsi512_si32(counted_line),
            start: open.start().0 / 2,
            line: open.line().unwrap_or(NONE),
        };
        filled -= 1;
    }
    filled
}

/// The bytes of `rest` after the first `skipped`, up to 64, and after them some that only start an entry.
#[target_feature(enable = "avx512f,avx512bw,bmi2")]
#[inline]
fn bytes_after(rest: &[u8], skipped: usize) -> __m512i {
    let count = rest.len().saturating_sub(skipped).min(LEN);
    let pad = _mm512_set1_epi8(ENTRY_MARK as i8);
    // SAFETY: as many bytes are read as there are after the skipped ones.
    unsafe {
        _mm512_mask_loadu_epi8(
            pad,
            _bzhi_u64(!0, count as u32),
            rest.as_ptr().wrapping_add(skipped).cast(),
        )
    }
}

/// A bit for each of `bytes` that is as high as `least`.
#[target_feature(enable = "avx512f,avx512bw")]
#[inline]
fn at_least(bytes: __m512i, least: u8) -> u64 {
    _mm512_cmpge_epu8_mask(bytes, _mm512_set1_epi8(least as i8))
}

/// Those of `bytes` that `which` has a bit for, 16 at most, one beside the other; the others are 0.
#[target_feature(enable = "avx512f,avx512vbmi2")]
#[inline]
fn gather(which: u64, bytes: __m512i) -> __m128i {
    _mm512_castsi512_si128(_mm512_maskz_compress_epi8(which, bytes))
}

/// For each byte, the code units of the entries before it.
struct UnitsBefore {
    /// Of those that start in the same eight bytes, at most 7 * 8.
    in_eighth: __m512i,
    /// Of those in all the eight bytes before.
    before_eighth: __m128i,
}

impl UnitsBefore {
    /// Also how many there are in all, in each lane. `first` has a bit for each byte that starts an entry.
    #[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl")]
    #[inline]
    fn new(bytes: __m512i, first: u64) -> (Self, __m512i) {
        let length_bits = _mm512_and_si512(bytes, _mm512_set1_epi8(7));
        let unit_counts = _mm512_maskz_add_epi8(first, length_bits, _mm512_set1_epi8(1));
        // Each byte of the products is the sum of the bytes up to it.
        let sums = _mm512_mullo_epi64(unit_counts, _mm512_set1_epi8(1));
        let eighths = _mm512_sad_epu8(unit_counts, _mm512_setzero_si512());
        let eighths = _mm512_cvtepi64_epi16(eighths);
        let upto = _mm_add_epi16(eighths, _mm_bslli_si128::<2>(eighths));
        let upto = _mm_add_epi16(upto, _mm_bslli_si128::<4>(upto));
        let upto = _mm_add_epi16(upto, _mm_bslli_si128::<8>(upto));
        let total = _mm256_broadcastw_epi16(_mm_bsrli_si128::<14>(upto));
        let before = Self {
            in_eighth: _mm512_sub_epi8(sums, unit_counts),
            before_eighth: _mm_sub_epi16(upto, eighths),
        };
        (before, _mm512_cvtepu16_epi32(total))
    }

    /// Those before the bytes that `which` has a bit for, 16 at most.
    #[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vbmi2")]
    #[inline]
    fn of(&self, which: u64) -> __m512i {
        const ONES: i64 = 0x0101_0101_0101_0101;
        let eighths = _mm512_set_epi64(
            7 * ONES,
            6 * ONES,
            5 * ONES,
            4 * ONES,
            3 * ONES,
            2 * ONES,
            ONES,
            0,
        );
        let eighths = _mm256_cvtepu8_epi16(gather(which, eighths));
        let before_eighth = _mm256_castsi128_si256(self.before_eighth);
        _mm512_cvtepu16_epi32(_mm256_add_epi16(
            _mm256_cvtepu8_epi16(gather(which, self.in_eighth)),
            _mm256_permutexvar_epi16(eighths, before_eighth),
        ))
    }
}

/// The line deltas of up to 16 entries.
struct LineDeltas {
    deltas: __m256i,
    /// A bit for each that has no location.
    is_none: u16,
    /// Bits where there is no entry, or a delta of more than two bytes or none that is well-formed.
    is_wrong: u16,
}

impl LineDeltas {
    /// Those of the `count` entries that `entries` has a bit for; for each byte, `second` and `third` have those after
    /// it.
    #[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vbmi2,bmi2")]
    #[inline]
    fn new(entries: u64, count: usize, bytes: __m512i, second: __m512i, third: __m512i) -> Self {
        let heads = gather(entries, bytes);
        let second = gather(entries, second);
        let third = gather(entries, third);
        let valid = _bzhi_u32(!0, count as u32) as u16;
        let at_least = |least: u8| _mm_cmpge_epu8_mask(heads, _mm_set1_epi8(least as i8));
        let is_none = at_least(FIRST_NO_LOCATION);
        let has_varint = at_least(FIRST_NO_COLUMNS) & !is_none;
        let has_two =
            _mm_mask_test_epi8_mask(has_varint, second, _mm_set1_epi8(CONTINUATION as i8));
        // The second group is the last one, and not 0.
        let third_less_1 = _mm_sub_epi8(third, _mm_set1_epi8(1));
        let is_third_wrong =
            _mm_mask_cmpge_epu8_mask(has_two, third_less_1, _mm_set1_epi8(CONTINUATION as i8 - 1));
        let is_second_wrong = _mm_movepi8_mask(second) & has_varint;
        let is_wrong = !_mm_movepi8_mask(heads) & valid | is_second_wrong | is_third_wrong;

        let group = _mm256_cvtepu8_epi16(_mm_and_si128(second, _mm_set1_epi8(GROUP as i8)));
        let next_group = _mm256_slli_epi16::<6>(_mm256_cvtepu8_epi16(third));
        let value = _mm256_mask_add_epi16(group, has_two, group, next_group);
        // The sign is in bit 0.
        let is_negative = _mm256_test_epi16_mask(value, _mm256_set1_epi16(1));
        let magnitude = _mm256_srli_epi16::<1>(value);
        let signed =
            _mm256_mask_sub_epi16(magnitude, is_negative, _mm256_setzero_si256(), magnitude);
        const { assert!(ONE_LINE == 10) };
        let of_code = _mm_setr_epi8(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 0, 0, 0);
        let codes = _mm_and_si128(_mm_srli_epi16::<3>(heads), _mm_set1_epi8(15));
        let of_code = _mm256_cvtepu8_epi16(_mm_shuffle_epi8(of_code, codes));
        Self {
            deltas: _mm256_mask_mov_epi16(of_code, has_varint, signed),
            is_none,
            is_wrong,
        }
    }

    /// The sum of each delta and all before it: 16 times 2047 at most.
    #[target_feature(enable = "avx512f,avx512bw,avx512vl")]
    #[inline]
    fn summed_up(&self) -> __m256i {
        let sums = _mm256_add_epi16(self.deltas, _mm256_slli_si256::<2>(self.deltas));
        let sums = _mm256_add_epi16(sums, _mm256_slli_si256::<4>(sums));
        let sums = _mm256_add_epi16(sums, _mm256_slli_si256::<8>(sums));
        let first_half = _mm256_maskz_permutexvar_epi16(0xff00, _mm256_set1_epi16(7), sums);
        _mm256_add_epi16(sums, first_half)
    }
}

/// Writes `count` ranges of these starts, in bytes, and lines, each of which ends where the next one starts; where the
/// last one ends is not known yet. What is after them in the first 16 of `room` is lost.
#[target_feature(enable = "avx512f")]
#[inline]
fn write(room: &mut [LineRange], count: usize, starts: __m512i, lines: __m512i) {
    let Some(room) = room.first_chunk_mut::<MAX_FOUND>() else {
        return;
    };
    let to = room.as_mut_ptr();
    // For each word of four ranges, which of the starts it is, or which of the lines, those from 16 on.
    let words = _mm512_setr_epi32(0, 1, 16, 16, 1, 2, 17, 17, 2, 3, 18, 18, 3, 4, 19, 19);
    let four = |first: usize| {
        let words = _mm512_add_epi32(words, _mm512_set1_epi32(first as i32));
        let ranges = _mm512_permutex2var_epi32(starts, words, lines);
        const { assert!(size_of::<[LineRange; 4]>() == size_of::<__m512i>()) };
        // SAFETY: a range is three words, start, end and line, the former two as the halves of one number, which may
        // have any values, and one of padding; there is room for four.
        unsafe { _mm512_storeu_epi32(to.add(first).cast(), ranges) };
    };
    four(0);
    four(4);
    if count > 8 {
        four(8);
        four(12);
    }
}
