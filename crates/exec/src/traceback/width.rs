//! How many terminal columns a text takes, by each version's own reckoning.

use super::pystr;
use super::version::Version;
use super::width_tables::{WIDE_3_11, WIDE_3_12, WIDE_3_13, WIDE_3_14, WIDE_3_15, ZERO_3_15};

/// The columns of the first `characters` characters of `text`. Past the end of a text in plain ASCII CPython
/// counted on until 3.14.
pub(super) fn display_width(text: &str, characters: usize, version: Version) -> usize {
    if version < Version::V3_15 && text.is_ascii() {
        return characters;
    }
    let shown = pystr::slice(text, 0, characters);
    if version < Version::V3_15 {
        let wide: &[(u32, u32)] = match version {
            Version::V3_11 => &WIDE_3_11,
            Version::V3_12 => &WIDE_3_12,
            Version::V3_13 => &WIDE_3_13,
            _ => &WIDE_3_14,
        };
        return shown.chars().map(|c| 1 + usize::from(is_in(wide, c))).sum();
    }
    let columns: usize = shown.chars().map(character_width).sum();
    let mut characters = shown.chars();
    if let (Some(only), None) = (characters.next(), characters.next())
        && only != '\x1a'
    {
        return columns;
    }
    // CPython takes escape sequences off again and counts a Ctrl-Z, shown as ^Z, once more.
    let substitute_count = shown.matches('\x1a').count();
    (columns + substitute_count).saturating_sub(escape_sequence_length(shown))
}

/// The columns of a whole text.
pub(super) fn full_width(text: &str, version: Version) -> usize {
    display_width(text, pystr::length(text), version)
}

fn is_in(ranges: &[(u32, u32)], c: char) -> bool {
    let point = u32::from(c);
    let after = ranges.partition_point(|(first, _)| *first <= point);
    after > 0 && point <= ranges[after - 1].1
}

fn character_width(c: char) -> usize {
    if c.is_ascii() {
        1
    } else if is_in(&ZERO_3_15, c) {
        0
    } else {
        1 + usize::from(is_in(&WIDE_3_15, c))
    }
}

/// The total length of sequences `ESC [ parameters final`.
fn escape_sequence_length(text: &str) -> usize {
    let mut total = 0;
    let mut rest = text;
    while let Some(at) = rest.find("\x1b[") {
        let body = &rest[at + 2..];
        let parameters = body
            .bytes()
            .take_while(|b| (b' '..=b'@').contains(b))
            .count();
        match body.as_bytes().get(parameters) {
            Some(b'A'..=b'~') => {
                total += 2 + parameters + 1;
                rest = &body[parameters + 1..];
            }
            _ => rest = body,
        }
    }
    total
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wide_and_combining_characters_count_as_each_version_has_them() {
        assert_eq!(full_width("a中e\u{301}", Version::V3_13), 5);
        assert_eq!(full_width("a中e\u{301}", Version::V3_15), 4);
        assert_eq!(display_width("中中", 1, Version::V3_14), 2);
    }

    #[test]
    fn escape_sequences_take_no_columns_since_3_15() {
        assert_eq!(full_width("\x1b[1;31mx", Version::V3_15), 1);
        assert_eq!(full_width("\x1b[1;31mx", Version::V3_14), 8);
        assert_eq!(full_width("\x1a", Version::V3_15), 2);
    }
}
