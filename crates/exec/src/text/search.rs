//! Searching in units of any width: first, last and all occurrences of a needle.
//!
//! Invariant: linear in haystack plus needle, whatever they hold. Bytes go to `memchr`; wider units too, as bytes, with a
//! check that the hit starts at a unit; where hits between units pile up, Knuth-Morris-Pratt takes over.

use std::borrow::Cow;

use memchr::memmem;

use super::unit::Unit;

/// How many hits between units are tolerated before the search changes its method.
const STRAY_HITS: usize = 16;

/// Where so few units are searched, trying each place costs less than to prepare for a search.
const SHORT_HAY: usize = 64;

/// How many bytes are compared one by one before a search for one of them takes larger steps.
const NEAR: usize = 16;

/// A needle prepared for many searches.
pub(crate) enum Needle<'n, U: Unit> {
    /// One unit.
    One(U),
    /// Two or more, for a short text.
    Short(Cow<'n, [U]>),
    /// None, or two or more.
    Many(Cow<'n, [U]>, Box<memmem::Finder<'n>>),
}

impl<'n, U: Unit> Needle<'n, U> {
    /// A needle to be looked for in texts of at most so many units.
    pub(crate) fn new(units: Cow<'n, [U]>, hay_len: usize) -> Needle<'n, U> {
        if let [unit] = *units {
            return Needle::One(unit);
        }
        if hay_len <= SHORT_HAY && !units.is_empty() {
            return Needle::Short(units);
        }
        let finder = match &units {
            Cow::Borrowed(units) => memmem::Finder::new(U::bytes(units)),
            Cow::Owned(units) => memmem::Finder::new(U::bytes(units)).into_owned(),
        };
        Needle::Many(units, Box::new(finder))
    }

    pub(crate) fn len(&self) -> usize {
        match self {
            Needle::One(_) => 1,
            Needle::Short(units) | Needle::Many(units, _) => units.len(),
        }
    }

    /// Index of the first occurrence.
    pub(crate) fn find(&self, hay: &[U]) -> Option<usize> {
        match self {
            Needle::One(unit) => find_unit(hay, *unit),
            Needle::Short(units) => find_at_each_place(hay, units),
            Needle::Many(units, finder) => {
                let bytes = U::bytes(hay);
                let mut from = 0;
                for _ in 0..STRAY_HITS {
                    let hit = from + finder.find(bytes.get(from..)?)?;
                    if hit.is_multiple_of(size_of::<U>()) {
                        return Some(hit / size_of::<U>());
                    }
                    from = hit + 1;
                }
                let first = from.div_ceil(size_of::<U>());
                knuth_morris_pratt(
                    hay.len() - first,
                    |i| hay[first + i],
                    units.len(),
                    |i| units[i],
                )
                .map(|i| first + i)
            }
        }
    }

    /// Index of the last occurrence.
    pub(crate) fn rfind(&self, hay: &[U]) -> Option<usize> {
        match self {
            Needle::One(unit) => rfind_unit(hay, *unit),
            Needle::Short(units) => hay
                .windows(units.len())
                .rposition(|window| window == &units[..]),
            Needle::Many(units, finder) => {
                let needle = finder.needle();
                if needle.is_empty() {
                    return Some(hay.len());
                }
                let mut bytes = U::bytes(hay);
                for _ in 0..STRAY_HITS {
                    let hit = memmem::rfind(bytes, needle)?;
                    if hit.is_multiple_of(size_of::<U>()) {
                        return Some(hit / size_of::<U>());
                    }
                    bytes = &bytes[..hit + needle.len() - 1];
                }
                let (end, last) = (bytes.len() / size_of::<U>(), units.len() - 1);
                let from_end = knuth_morris_pratt(
                    end,
                    |i| hay[end - 1 - i],
                    units.len(),
                    |i| units[last - i],
                )?;
                Some(end - from_end - units.len())
            }
        }
    }

    /// Number of occurrences that do not overlap, at most `limit`; of an empty needle one more than units.
    pub(crate) fn count(&self, hay: &[U], limit: usize) -> usize {
        match self {
            Needle::One(unit) if limit >= hay.len() => count_unit(hay, *unit),
            _ if self.len() == 0 => limit.min(hay.len() + 1),
            _ => {
                let (mut count, mut rest) = (0, hay);
                while count < limit
                    && let Some(index) = self.find(rest)
                {
                    count += 1;
                    rest = &rest[index + self.len()..];
                }
                count
            }
        }
    }
}

/// First occurrence, for a needle that is used once.
pub(crate) fn find<U: Unit>(hay: &[U], needle: &[U]) -> Option<usize> {
    if needle.len() > hay.len() {
        return None;
    }
    match needle {
        [unit] => find_unit(hay, *unit),
        [_, ..] if hay.len() <= SHORT_HAY => find_at_each_place(hay, needle),
        _ if size_of::<U>() == 1 => memmem::find(U::bytes(hay), U::bytes(needle)),
        _ => Needle::new(Cow::Borrowed(needle), hay.len()).find(hay),
    }
}

/// First occurrence of two units or more, by looking for the first of them.
fn find_at_each_place<U: Unit>(hay: &[U], needle: &[U]) -> Option<usize> {
    let (first, rest) = needle.split_first()?;
    let places = (hay.len() + 1).checked_sub(needle.len())?;
    (0..places).find(|&at| hay[at] == *first && hay[at + 1..at + needle.len()] == *rest)
}

/// First occurrence of a byte.
#[inline]
pub(crate) fn find_byte(hay: &[u8], byte: u8) -> Option<usize> {
    let (near, far) = hay.split_at(hay.len().min(NEAR));
    if let Some(index) = near.iter().position(|&unit| unit == byte) {
        return Some(index);
    }
    match far {
        [] => None,
        far => memchr::memchr(byte, far).map(|index| NEAR + index),
    }
}

/// First occurrence of one unit.
pub(crate) fn find_unit<U: Unit>(hay: &[U], unit: U) -> Option<usize> {
    if size_of::<U>() == 1 {
        return find_byte(U::bytes(hay), unit.into() as u8);
    }
    // Whole blocks are compared without branches, which the compiler turns into vector instructions.
    let mut blocks = hay.chunks_exact(32);
    let mut start = 0;
    for block in &mut blocks {
        if has(block, unit) {
            break;
        }
        start += 32;
    }
    hay[start..]
        .iter()
        .position(|&u| u == unit)
        .map(|index| start + index)
}

/// Last occurrence of one unit.
pub(crate) fn rfind_unit<U: Unit>(hay: &[U], unit: U) -> Option<usize> {
    if size_of::<U>() == 1 {
        return memchr::memrchr(unit.into() as u8, U::bytes(hay));
    }
    let mut end = hay.len();
    while end >= 32 && !has(&hay[end - 32..end], unit) {
        end -= 32;
    }
    hay[..end].iter().rposition(|&u| u == unit)
}

fn has<U: Unit>(block: &[U], unit: U) -> bool {
    block.iter().fold(false, |found, &u| found | (u == unit))
}

fn count_unit<U: Unit>(hay: &[U], unit: U) -> usize {
    if size_of::<U>() == 1 && hay.len() > SHORT_HAY {
        return memchr::memchr_iter(unit.into() as u8, U::bytes(hay)).count();
    }
    hay.iter().filter(|&&u| u == unit).count()
}

/// First occurrence of a needle of at least one unit, both given by index, so that they can be read backwards.
fn knuth_morris_pratt<U: Unit>(
    hay_len: usize,
    hay: impl Fn(usize) -> U,
    needle_len: usize,
    needle: impl Fn(usize) -> U,
) -> Option<usize> {
    // borders[i]: length of the longest proper border of the needle's first i + 1 units.
    let mut borders = vec![0; needle_len];
    let mut matched: usize = 0;
    for i in 1..needle_len {
        while matched > 0 && needle(i) != needle(matched) {
            matched = borders[matched - 1];
        }
        matched += usize::from(needle(i) == needle(matched));
        borders[i] = matched;
    }
    matched = 0;
    for i in 0..hay_len {
        while matched > 0 && hay(i) != needle(matched) {
            matched = borders[matched - 1];
        }
        matched += usize::from(hay(i) == needle(matched));
        if matched == needle_len {
            return Some(i + 1 - needle_len);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn naive(hay: &[u16], needle: &[u16]) -> Vec<usize> {
        (0..=hay.len().saturating_sub(needle.len()))
            .filter(|&i| hay[i..].starts_with(needle))
            .collect()
    }

    #[test]
    fn wide_units_are_found_where_their_bytes_match_between_units_too() {
        // 0x0102 after 0x0201 and so on: nearly every odd byte offset holds a stray hit.
        let needle = [0x0102u16, 0x0102, 0x0102];
        for tail in [&needle[..], &[0x0201, 0x0102], &[]] {
            for lead in 0..70 {
                let mut hay = vec![0x0201u16; lead];
                hay.extend_from_slice(tail);
                let prepared = Needle::new(Cow::Borrowed(&needle[..]), usize::MAX);
                let expected = naive(&hay, &needle);
                assert_eq!(
                    prepared.find(&hay),
                    expected.first().copied(),
                    "{lead} {tail:?}"
                );
                assert_eq!(
                    prepared.rfind(&hay),
                    expected.last().copied(),
                    "{lead} {tail:?}"
                );
                hay.rotate_right(tail.len());
                let expected = naive(&hay, &needle);
                assert_eq!(
                    prepared.find(&hay),
                    expected.first().copied(),
                    "{lead} {tail:?}"
                );
                assert_eq!(
                    prepared.rfind(&hay),
                    expected.last().copied(),
                    "{lead} {tail:?}"
                );
            }
        }
    }

    #[test]
    fn all_short_words_agree_with_the_naive_search() {
        let words: Vec<Vec<u16>> = (0..2187u32)
            .map(|n| {
                (0..7)
                    .map(|i| [0x101, 0x201, 0x102][(n / 3u32.pow(i) % 3) as usize])
                    .collect()
            })
            .collect();
        for hay in words.iter().step_by(5) {
            for len in 0..4 {
                for needle in words.iter().step_by(11).map(|w| &w[..len]) {
                    let expected = naive(hay, needle);
                    for hay_len in [hay.len(), usize::MAX] {
                        let prepared = Needle::new(Cow::Borrowed(needle), hay_len);
                        assert_eq!(
                            prepared.find(hay),
                            expected.first().copied(),
                            "{hay:?} {needle:?}"
                        );
                        assert_eq!(
                            prepared.rfind(hay),
                            expected.last().copied(),
                            "{hay:?} {needle:?}"
                        );
                    }
                }
            }
        }
    }
}
