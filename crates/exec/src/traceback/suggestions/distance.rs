//! Which of many names is nearest to a mistyped one, by CPython's edit costs.
//!
//! Inserting, deleting or replacing costs 2, changing case 1; at most a third of the characters may change. CPython
//! counts bytes of UTF-8; where that finds nothing, 3.15 counts characters.

use crate::traceback::version::Version;

const MOVE_COST: usize = 2;
const CASE_COST: usize = 1;
const MAX_NAMES: usize = 750;
const MAX_LENGTH: usize = 40;

/// The name nearest to `wrong` that is near enough, the first of several.
///
/// Checked against `_suggestions._generate_suggestions` and the C function of the same purpose before 3.13.
///
/// ```
/// use pyco_exec::traceback::Version;
/// use pyco_exec::traceback::suggestions::closest_name;
/// let names = ["bite", "blech", "Bluch"];
/// assert_eq!(closest_name(Version::V3_13, &names, "bluch"), Some("Bluch"));
/// assert_eq!(closest_name(Version::V3_13, &names, "something"), None);
/// ```
pub fn closest_name<'a>(version: Version, names: &[&'a str], wrong: &str) -> Option<&'a str> {
    let found = by_bytes(names, wrong);
    if found.is_none() && version >= Version::V3_15 && !is_too_much(names.len(), wrong) {
        return by_characters(names, wrong);
    }
    found
}

/// Whether 3.15 gives up before it compares characters.
pub(super) fn is_too_much(name_count: usize, wrong: &str) -> bool {
    name_count > MAX_NAMES || wrong.chars().count() > MAX_LENGTH
}

fn by_bytes<'a>(names: &[&'a str], wrong: &str) -> Option<&'a str> {
    if names.len() >= MAX_NAMES {
        return None;
    }
    let mut best: Option<(&str, usize)> = None;
    for name in names.iter().filter(|name| **name != wrong) {
        let mut limit = (wrong.len() + name.len() + 3) * MOVE_COST / 6;
        if let Some((_, beaten)) = best {
            limit = limit.min(beaten.saturating_sub(1));
        }
        let cost = distance(wrong.as_bytes(), name.as_bytes(), byte_cost, limit);
        best = cost.map(|cost| (*name, cost)).or(best);
    }
    best.map(|(name, _)| name)
}

fn by_characters<'a>(names: &[&'a str], wrong: &str) -> Option<&'a str> {
    let wrong_characters: Vec<char> = wrong.chars().collect();
    let mut best: Option<&str> = None;
    let mut best_distance = wrong_characters.len();
    for name in names.iter().filter(|name| **name != wrong) {
        let characters: Vec<char> = name.chars().collect();
        let limit = (characters.len() + wrong_characters.len() + 3) * MOVE_COST / 6;
        let Some(beaten) = best_distance.checked_sub(1) else {
            break;
        };
        let limit = limit.min(beaten);
        if let Some(cost) = distance(&wrong_characters, &characters, character_cost, limit) {
            best = Some(name);
            best_distance = cost;
        }
    }
    best
}

fn byte_cost(a: u8, b: u8) -> usize {
    if a == b {
        0
    } else if a.eq_ignore_ascii_case(&b) {
        CASE_COST
    } else {
        MOVE_COST
    }
}

fn character_cost(a: char, b: char) -> usize {
    if a == b {
        0
    } else if a.to_lowercase().eq(b.to_lowercase()) {
        CASE_COST
    } else {
        MOVE_COST
    }
}

/// The edit distance of `a` and `b`, if it is at most `limit`.
fn distance<T: Copy + PartialEq>(
    a: &[T],
    b: &[T],
    cost: fn(T, T) -> usize,
    limit: usize,
) -> Option<usize> {
    let common =
        |pairs: &mut dyn Iterator<Item = (&T, &T)>| pairs.take_while(|(x, y)| x == y).count();
    let prefix = common(&mut a.iter().zip(b));
    let (a, b) = (&a[prefix..], &b[prefix..]);
    let suffix = common(&mut a.iter().rev().zip(b.iter().rev()));
    let (a, b) = (&a[..a.len() - suffix], &b[..b.len() - suffix]);
    let (short, long) = if a.len() <= b.len() { (a, b) } else { (b, a) };
    if short.is_empty() {
        return Some(long.len() * MOVE_COST).filter(|cost| *cost <= limit);
    }
    if long.len() > MAX_LENGTH || (long.len() - short.len()) * MOVE_COST > limit {
        return None;
    }
    let mut row: Vec<usize> = (1..=short.len()).map(|length| length * MOVE_COST).collect();
    for (index, item) in long.iter().enumerate() {
        let mut diagonal = index * MOVE_COST;
        // One less than the cost of deleting what came before: so CPython has it.
        let mut left = diagonal;
        let mut least = usize::MAX;
        for (above, other) in row.iter_mut().zip(short) {
            let replaced = diagonal + cost(*item, *other);
            diagonal = *above;
            left = replaced.min(left.min(diagonal) + MOVE_COST);
            *above = left;
            least = least.min(left);
        }
        if least > limit {
            return None;
        }
    }
    row.last().copied().filter(|cost| *cost <= limit)
}
