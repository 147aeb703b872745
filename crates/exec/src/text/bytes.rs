//! The methods of bytes and bytearray, as functions over byte slices.
//!
//! Case and classes are ASCII's only; otherwise the rules are those of str, and what returns `None` means the input itself.
//! Index arguments are as in `find` of str: negative from the end, `0` and `isize::MAX` where missing.

use std::borrow::Cow;
use std::ops::Range;

use super::build::{
    Align, TooLarge, expand_tabs_units, join_units, pad_units, repeat_units, replace_units,
    zfill_units,
};
use super::find::{adjust_range, count_units, find_units, rfind_units};
use super::slice::step_units;
use super::split::{EmptySeparator, UnitLines, UnitPieces, split_limit};
use super::strip::{Side, strip_space, strip_units};

/// The pieces of bytes, as ranges of them.
pub type Pieces<'a> = UnitPieces<'a, u8, false>;

/// The lines of bytes, as ranges of them.
pub type Lines<'a> = UnitLines<'a, u8, false>;

/// `bytes.find`.
pub fn find(bytes: &[u8], sub: &[u8], start: isize, end: isize) -> Option<usize> {
    find_units(bytes, sub, start, end)
}

/// `bytes.rfind`.
pub fn rfind(bytes: &[u8], sub: &[u8], start: isize, end: isize) -> Option<usize> {
    rfind_units(bytes, sub, start, end)
}

/// `bytes.count`.
pub fn count(bytes: &[u8], sub: &[u8], start: isize, end: isize) -> usize {
    count_units(bytes, sub, start, end)
}

/// `sub in bytes`.
pub fn contains(bytes: &[u8], sub: &[u8]) -> bool {
    find(bytes, sub, 0, isize::MAX).is_some()
}

/// `bytes.startswith` for one prefix.
pub fn starts_with(bytes: &[u8], prefix: &[u8], start: isize, end: isize) -> bool {
    adjust_range(start, end, bytes.len()).is_some_and(|range| bytes[range].starts_with(prefix))
}

/// `bytes.endswith` for one suffix.
pub fn ends_with(bytes: &[u8], suffix: &[u8], start: isize, end: isize) -> bool {
    adjust_range(start, end, bytes.len()).is_some_and(|range| bytes[range].ends_with(suffix))
}

/// `bytes.removeprefix`: the range that is left.
pub fn remove_prefix(bytes: &[u8], prefix: &[u8]) -> Range<usize> {
    if bytes.starts_with(prefix) {
        prefix.len()..bytes.len()
    } else {
        0..bytes.len()
    }
}

/// `bytes.removesuffix`: the range that is left.
pub fn remove_suffix(bytes: &[u8], suffix: &[u8]) -> Range<usize> {
    if bytes.ends_with(suffix) {
        0..bytes.len() - suffix.len()
    } else {
        0..bytes.len()
    }
}

/// `bytes.split`; without a separator at ASCII whitespace. A negative `max_split` means without limit.
///
/// # Errors
/// The separator is empty.
pub fn split<'a>(
    bytes: &'a [u8],
    separator: Option<&'a [u8]>,
    max_split: isize,
) -> Result<Pieces<'a>, EmptySeparator> {
    pieces(bytes, separator, max_split, false)
}

/// `bytes.rsplit`, whose list holds the pieces in reverse order: the first range is the last piece.
///
/// # Errors
/// The separator is empty.
pub fn rsplit<'a>(
    bytes: &'a [u8],
    separator: Option<&'a [u8]>,
    max_split: isize,
) -> Result<Pieces<'a>, EmptySeparator> {
    pieces(bytes, separator, max_split, true)
}

fn pieces<'a>(
    bytes: &'a [u8],
    separator: Option<&'a [u8]>,
    max_split: isize,
    backwards: bool,
) -> Result<Pieces<'a>, EmptySeparator> {
    match separator {
        None => Ok(UnitPieces::by_whitespace(
            bytes,
            split_limit(max_split),
            backwards,
        )),
        Some([]) => Err(EmptySeparator),
        Some(separator) => Ok(UnitPieces::by_units(
            bytes,
            Some(Cow::Borrowed(separator)),
            split_limit(max_split),
            backwards,
        )),
    }
}

/// `bytes.splitlines`.
pub fn split_lines(bytes: &[u8], keep_ends: bool) -> Lines<'_> {
    UnitLines::new(bytes, keep_ends)
}

/// `bytes.partition`: the range of the first occurrence of the separator.
///
/// # Errors
/// The separator is empty.
pub fn partition(bytes: &[u8], separator: &[u8]) -> Result<Option<Range<usize>>, EmptySeparator> {
    if separator.is_empty() {
        return Err(EmptySeparator);
    }
    Ok(find(bytes, separator, 0, isize::MAX).map(|start| start..start + separator.len()))
}

/// `bytes.rpartition`: the range of the last occurrence of the separator.
///
/// # Errors
/// The separator is empty.
pub fn rpartition(bytes: &[u8], separator: &[u8]) -> Result<Option<Range<usize>>, EmptySeparator> {
    if separator.is_empty() {
        return Err(EmptySeparator);
    }
    Ok(rfind(bytes, separator, 0, isize::MAX).map(|start| start..start + separator.len()))
}

/// `bytes.strip`, `lstrip` and `rstrip` of these bytes, or of ASCII whitespace: the range that is left.
pub fn strip(bytes: &[u8], chars: Option<&[u8]>, side: Side) -> Range<usize> {
    match chars {
        None => strip_space::<_, false>(bytes, side),
        Some(chars) => strip_units(bytes, chars, side),
    }
}

/// `bytes * n`.
///
/// # Errors
/// The result would take more than `max_bytes`.
pub fn repeat(bytes: &[u8], count: isize, max_bytes: usize) -> Result<Vec<u8>, TooLarge> {
    repeat_units(bytes, count, max_bytes)
}

/// `separator.join(items)`.
///
/// # Errors
/// The result would take more than `max_bytes`.
pub fn join<'i>(
    separator: &[u8],
    items: impl Iterator<Item = &'i [u8]> + Clone,
    max_bytes: usize,
) -> Result<Vec<u8>, TooLarge> {
    join_units(separator, items.map(Cow::Borrowed), max_bytes)
}

/// `bytes.replace`; a negative count means all.
///
/// # Errors
/// The result would take more than `max_bytes`.
pub fn replace(
    bytes: &[u8],
    old: &[u8],
    new: &[u8],
    max_count: isize,
    max_bytes: usize,
) -> Result<Option<Vec<u8>>, TooLarge> {
    replace_units(
        bytes,
        old,
        new,
        usize::try_from(max_count).unwrap_or(usize::MAX),
        max_bytes,
    )
}

/// `bytes.ljust`, `rjust` and `center`.
///
/// # Errors
/// The result would take more than `max_bytes`.
pub fn pad(
    bytes: &[u8],
    width: isize,
    align: Align,
    fill: u8,
    max_bytes: usize,
) -> Result<Option<Vec<u8>>, TooLarge> {
    pad_units(bytes, width, align, fill, max_bytes)
}

/// `bytes.zfill`.
///
/// # Errors
/// The result would take more than `max_bytes`.
pub fn zfill(bytes: &[u8], width: isize, max_bytes: usize) -> Result<Option<Vec<u8>>, TooLarge> {
    zfill_units(bytes, width, max_bytes)
}

/// `bytes.expandtabs`.
///
/// # Errors
/// The result would take more than `max_bytes`.
pub fn expand_tabs(
    bytes: &[u8],
    tab_size: isize,
    max_bytes: usize,
) -> Result<Option<Vec<u8>>, TooLarge> {
    expand_tabs_units(bytes, tab_size, max_bytes)
}

/// `bytes[start:stop:step]` of what [`slice_indices`](super::slice_indices) gave for this length.
pub fn slice(bytes: &[u8], start: usize, step: isize, count: usize) -> Cow<'_, [u8]> {
    match start
        .checked_add(count)
        .and_then(|end| bytes.get(start..end))
    {
        Some(part) if step == 1 => Cow::Borrowed(part),
        _ => Cow::Owned(step_units(bytes, start, step, count)),
    }
}

/// `bytes.translate`: first what is in `delete` goes, the rest is looked up in the table, if there is one.
pub fn translate(bytes: &[u8], table: Option<&[u8; 256]>, delete: &[u8]) -> Vec<u8> {
    let mut deleted = [false; 256];
    delete
        .iter()
        .for_each(|&byte| deleted[usize::from(byte)] = true);
    let kept = bytes.iter().filter(|&&byte| !deleted[usize::from(byte)]);
    match table {
        Some(table) => kept.map(|&byte| table[usize::from(byte)]).collect(),
        None => kept.copied().collect(),
    }
}

/// `bytes.maketrans`, of two arguments of the same length; `None` if their lengths differ.
pub fn make_table(from: &[u8], to: &[u8]) -> Option<[u8; 256]> {
    if from.len() != to.len() {
        return None;
    }
    let mut table = std::array::from_fn(|byte| byte as u8);
    from.iter()
        .zip(to)
        .for_each(|(&from, &to)| table[usize::from(from)] = to);
    Some(table)
}

/// `bytes.upper`.
pub fn upper(bytes: &[u8]) -> Vec<u8> {
    bytes.to_ascii_uppercase()
}

/// `bytes.lower`.
pub fn lower(bytes: &[u8]) -> Vec<u8> {
    bytes.to_ascii_lowercase()
}

/// `bytes.capitalize`.
pub fn capitalize(bytes: &[u8]) -> Vec<u8> {
    let mut out = lower(bytes);
    if let Some(first) = out.first_mut() {
        first.make_ascii_uppercase();
    }
    out
}

/// `bytes.title`.
pub fn title(bytes: &[u8]) -> Vec<u8> {
    let mut in_word = false;
    let map = |&byte: &u8| {
        let mapped = if in_word {
            byte.to_ascii_lowercase()
        } else {
            byte.to_ascii_uppercase()
        };
        in_word = byte.is_ascii_alphabetic();
        mapped
    };
    bytes.iter().map(map).collect()
}

/// `bytes.swapcase`.
pub fn swapcase(bytes: &[u8]) -> Vec<u8> {
    bytes
        .iter()
        .map(|byte| {
            if byte.is_ascii_alphabetic() {
                byte ^ 0x20
            } else {
                *byte
            }
        })
        .collect()
}

fn all(bytes: &[u8], has: impl Fn(&u8) -> bool) -> bool {
    !bytes.is_empty() && bytes.iter().all(has)
}

/// `bytes.isalpha`.
pub fn is_alpha(bytes: &[u8]) -> bool {
    all(bytes, u8::is_ascii_alphabetic)
}

/// `bytes.isdigit`.
pub fn is_digit(bytes: &[u8]) -> bool {
    all(bytes, u8::is_ascii_digit)
}

/// `bytes.isalnum`.
pub fn is_alnum(bytes: &[u8]) -> bool {
    all(bytes, u8::is_ascii_alphanumeric)
}

/// `bytes.isspace`.
pub fn is_space(bytes: &[u8]) -> bool {
    all(bytes, |byte| matches!(byte, 0x09..=0x0D | 0x20))
}

/// `bytes.isupper`.
pub fn is_upper(bytes: &[u8]) -> bool {
    bytes.iter().any(u8::is_ascii_uppercase) && !bytes.iter().any(u8::is_ascii_lowercase)
}

/// `bytes.islower`.
pub fn is_lower(bytes: &[u8]) -> bool {
    bytes.iter().any(u8::is_ascii_lowercase) && !bytes.iter().any(u8::is_ascii_uppercase)
}

/// `bytes.istitle`.
pub fn is_title(bytes: &[u8]) -> bool {
    let (mut any, mut in_word) = (false, false);
    for byte in bytes {
        if byte.is_ascii_uppercase() && in_word || byte.is_ascii_lowercase() && !in_word {
            return false;
        }
        in_word = byte.is_ascii_alphabetic();
        any |= in_word;
    }
    any
}
