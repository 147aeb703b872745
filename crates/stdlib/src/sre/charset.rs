//! Sets of characters, categories and cases.

use pyco_exec::text::{
    Mapped, UnicodeVersion, is_line_break, is_space, properties, to_lower, to_upper,
};

use super::program::op;

/// How letters of either case are taken for the same.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Case {
    /// Not at all.
    Kept,
    Ascii,
    /// The C locale's: ASCII.
    Locale,
    Unicode,
}

/// A category of characters.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Category {
    Digit,
    Space,
    Word,
    LineBreak,
    UniDigit,
    UniSpace,
    UniWord,
    UniLineBreak,
}

#[derive(Clone, Debug)]
enum Part {
    Literal(u32),
    Range(u32, u32),
    /// As a range, of characters or of their upper case.
    RangeIgnore(u32, u32),
    Category(Category, bool),
    Bits(Box<[u32; 8]>),
    /// For each 256 characters the number of a block of 256 bits.
    Blocks(Box<[u8; 256]>, Box<[[u32; 8]]>),
}

/// A set of characters.
#[derive(Clone, Debug)]
pub(super) struct Set {
    is_negated: bool,
    parts: Vec<Part>,
}

impl Set {
    /// Reads a set that fills these words up to a FAILURE.
    pub(super) fn read(words: &[u32]) -> Option<Set> {
        let mut set = Set {
            is_negated: false,
            parts: Vec::new(),
        };
        let mut at = 0;
        let word = |at: usize| words.get(at).copied();
        loop {
            let (part, next) = match word(at)? {
                op::FAILURE => return (at + 1 == words.len()).then_some(set),
                op::NEGATE => {
                    set.is_negated ^= true;
                    at += 1;
                    continue;
                }
                op::LITERAL => (Part::Literal(word(at + 1)?), at + 2),
                op::RANGE => (Part::Range(word(at + 1)?, word(at + 2)?), at + 3),
                op::RANGE_UNI_IGNORE => (Part::RangeIgnore(word(at + 1)?, word(at + 2)?), at + 3),
                op::CATEGORY => {
                    let (category, is) = category(word(at + 1)?)?;
                    (Part::Category(category, is), at + 2)
                }
                op::CHARSET => {
                    let bits: [u32; 8] = words.get(at + 1..at + 9)?.try_into().ok()?;
                    (Part::Bits(bits.into()), at + 9)
                }
                op::BIGCHARSET => {
                    let count = word(at + 1)? as usize;
                    let numbers = words
                        .get(at + 2..at + 66)?
                        .iter()
                        .flat_map(|w| w.to_le_bytes());
                    let numbers: Box<[u8; 256]> = numbers.collect::<Vec<_>>().try_into().ok()?;
                    let end = (at + 66).checked_add(count.checked_mul(8)?)?;
                    let (blocks, []) = words.get(at + 66..end)?.as_chunks::<8>() else {
                        return None;
                    };
                    if numbers.iter().any(|number| usize::from(*number) >= count) {
                        return None;
                    }
                    (Part::Blocks(numbers, blocks.into()), end)
                }
                _ => return None,
            };
            set.parts.push(part);
            at = next;
        }
    }

    pub(super) fn contains(&self, c: u32, unicode: UnicodeVersion) -> bool {
        let found = self.parts.iter().any(|part| part.contains(c, unicode));
        found != self.is_negated
    }
}

impl Part {
    fn contains(&self, c: u32, unicode: UnicodeVersion) -> bool {
        let bit = |bits: &[u32; 8], c: u32| bits[(c >> 5) as usize & 7] & (1 << (c & 31)) != 0;
        match self {
            Part::Literal(literal) => c == *literal,
            Part::Range(low, high) => (low..=high).contains(&&c),
            Part::RangeIgnore(low, high) => {
                (low..=high).contains(&&c) || (low..=high).contains(&&upper(c, unicode))
            }
            Part::Category(category, is) => category.contains(c, unicode) == *is,
            Part::Bits(bits) => c < 256 && bit(bits, c),
            Part::Blocks(numbers, blocks) => {
                c < 0x1_0000 && bit(&blocks[usize::from(numbers[(c >> 8) as usize])], c & 0xFF)
            }
        }
    }
}

/// The category with this number, and whether it is that or its complement.
fn category(number: u32) -> Option<(Category, bool)> {
    let category = match number / 2 {
        0 => Category::Digit,
        1 => Category::Space,
        2 | 4 => Category::Word,
        3 => Category::LineBreak,
        5 => Category::UniDigit,
        6 => Category::UniSpace,
        7 => Category::UniWord,
        8 => Category::UniLineBreak,
        _ => return None,
    };
    Some((category, number.is_multiple_of(2)))
}

impl Category {
    fn contains(self, c: u32, unicode: UnicodeVersion) -> bool {
        match self {
            Category::Digit => (0x30..0x3A).contains(&c),
            Category::Space => matches!(c, 0x20 | 0x09..=0x0D),
            Category::Word => is_word(c, false, unicode),
            Category::LineBreak => c == 0x0A,
            Category::UniDigit => properties(c, unicode).is_decimal(),
            Category::UniSpace => is_space(c),
            Category::UniWord => is_word(c, true, unicode),
            Category::UniLineBreak => is_line_break(c),
        }
    }
}

/// Whether a character is part of a word.
pub(super) fn is_word(c: u32, is_unicode: bool, unicode: UnicodeVersion) -> bool {
    let ascii = |c: u32| u8::try_from(c).is_ok_and(|c| c.is_ascii_alphanumeric() || c == b'_');
    ascii(c) || is_unicode && properties(c, unicode).is_alnum()
}

/// The lower case of a character, where it is one character.
pub(super) fn lower(c: u32, case: Case, unicode: UnicodeVersion) -> u32 {
    match case {
        Case::Kept => c,
        Case::Ascii | Case::Locale => match u8::try_from(c) {
            Ok(byte) => u32::from(byte.to_ascii_lowercase()),
            Err(_) => c,
        },
        Case::Unicode => first(to_lower(c, unicode)),
    }
}

/// The upper case of a character.
pub(super) fn upper(c: u32, unicode: UnicodeVersion) -> u32 {
    first(to_upper(c, unicode))
}

/// One character for what maps to several: the first, as CPython's tables have it.
fn first(mapped: Mapped) -> u32 {
    match mapped {
        Mapped::One(c) => c,
        Mapped::Several(text) => text.chars().next().map_or(0, u32::from),
    }
}

/// Whether a character has another case.
pub(super) fn is_cased(c: u32, case: Case, unicode: UnicodeVersion) -> bool {
    let lower = lower(c, case, unicode);
    match case {
        Case::Kept => false,
        Case::Ascii | Case::Locale => u8::try_from(c).is_ok_and(|c| c.is_ascii_alphabetic()),
        Case::Unicode => lower != c || upper(c, unicode) != c,
    }
}
