//! Every code point, every property and case mapping, in each Unicode version.

use pyco_exec::text::{
    StrBuf, StrBuilder, StrView, UnicodeVersion, decimal_value, digit_value, is_line_break,
    properties, repr,
};

use super::cases::read;

/// The digest that `record.py` uses: FNV-1a, a value at a time.
fn digest(values: impl Iterator<Item = u32>) -> String {
    let fnv = |digest: u64, value: u32| (digest ^ u64::from(value)).wrapping_mul(0x100_0000_01B3);
    format!("{:016x}", values.fold(0xCBF2_9CE4_8422_2325, fnv))
}

type Question = fn(StrView<'_>, UnicodeVersion) -> bool;
type Mapping = fn(StrView<'_>, UnicodeVersion) -> StrBuf;

fn joined(before: &str, c: StrView<'_>, behind: &str) -> StrBuf {
    let mut text = StrBuilder::new();
    text.push_str(before);
    text.push_view(c);
    text.push_str(behind);
    text.finish()
}

fn lowered(before: &str, c: StrView<'_>, behind: &str, version: UnicodeVersion) -> StrBuf {
    joined(before, c, behind).view().lower(version)
}

fn question(name: &str) -> Option<Question> {
    Some(match name {
        "alpha" => |c, version| c.is_alpha(version),
        "decimal" => |c, version| c.is_decimal(version),
        "digit" => |c, version| c.is_digit(version),
        "numeric" => |c, version| c.is_numeric(version),
        "alnum" => |c, version| c.is_alnum(version),
        "space" => |c, _| c.is_space(),
        "upper" => |c, version| c.is_upper(version),
        "lower" => |c, version| c.is_lower(version),
        "title" => |c, version| c.is_title(version),
        "identifier" => |c, version| c.is_identifier(version),
        "printable" => |c, version| c.is_printable(version),
        "linebreak" => |c, _| c.get(0).is_some_and(is_line_break),
        "continues" => |c, version| {
            c.get(0)
                .is_some_and(|c| properties(c, version).is_id_continue())
        },
        "cased" => |c, version| {
            joined("", c, "a")
                .view()
                .title(version)
                .view()
                .chars()
                .next_back()
                == Some(0x61)
        },
        "final" => {
            |c, version| lowered("", c, "Σ", version).view().chars().next_back() == Some(0x3C2)
        }
        "transparent" => {
            |c, version| lowered("A", c, "Σ", version).view().chars().next_back() == Some(0x3C2)
        }
        "stops" => |c, version| lowered("AΣ", c, "", version).view().get(1) == Some(0x3C3),
        "stripped" => |c, _| c.strip(None, pyco_exec::text::Side::Both).is_empty(),
        "printed" => |c, version| repr(c, version).len() == 3,
        _ => return None,
    })
}

fn value_text(value: Option<u8>, c: StrView<'_>) -> StrBuf {
    value.map_or_else(
        || c.to_buf(),
        |value| [u32::from(value)].into_iter().collect(),
    )
}

fn mapping(name: &str) -> Option<Mapping> {
    Some(match name {
        "upper" => |c, version| c.upper(version),
        "lower" => |c, version| c.lower(version),
        "title" => |c, version| c.title(version),
        "casefold" => |c, version| c.casefold(version),
        "swapcase" => |c, version| c.swapcase(version),
        "capitalize" => |c, version| c.capitalize(version),
        "decimal" => |c, version| value_text(c.get(0).and_then(|c| decimal_value(c, version)), c),
        "digit" => |c, version| value_text(c.get(0).and_then(|c| digit_value(c, version)), c),
        _ => return None,
    })
}

/// Calls a function with the string of one code point, without allocating.
fn with_char<R>(c: u32, f: impl FnOnce(StrView<'_>) -> R) -> R {
    match c {
        0..0x80 => f(StrView::Ascii(&[c as u8])),
        0x80..0x100 => f(StrView::Latin1(&[c as u8])),
        0x100..0x1_0000 => f(StrView::Ucs2(&[c as u16])),
        _ => f(StrView::Ucs4(&[c])),
    }
}

/// The places in a plane where the answer changes.
fn answer_digest(plane: u32, version: UnicodeVersion, question: Question) -> String {
    let mut last = false;
    digest((0..0x1_0000).filter(|index| {
        let answer = with_char(plane << 16 | index, |c| question(c, version));
        std::mem::replace(&mut last, answer) != answer
    }))
}

/// What is mapped to something else in a plane, and to what.
fn mapping_digest(plane: u32, version: UnicodeVersion, mapping: Mapping) -> String {
    let mut values = Vec::new();
    for c in plane << 16..(plane + 1) << 16 {
        let mapped = with_char(c, |c| mapping(c, version));
        if mapped.len() != 1 || mapped.view().get(0) != Some(c) {
            values.push(c);
            values.extend(mapped.view().chars());
        }
    }
    digest(values.into_iter())
}

fn check_version(minor: u8) {
    let version = UnicodeVersion::of_python3(minor);
    let recorded = read(&format!("unicode_3.{minor}.txt"));
    let mut wrong = Vec::new();
    for line in recorded.lines() {
        let (name, digests) = line.split_once('|').expect("a name");
        if name == "version" {
            assert_eq!(digests, version.name());
            continue;
        }
        for (number, expected) in (0..).zip(digests.split('|')) {
            // The planes without letters are the same in all versions, the empty ones alike, so one look is enough.
            if (5..14).contains(&number) || minor != 13 && !matches!(number, 0 | 1 | 3) {
                continue;
            }
            let got = match (name.strip_prefix("is "), name.strip_prefix("to ")) {
                (Some(name), _) => {
                    answer_digest(number, version, question(name).expect("a known question"))
                }
                (_, Some(name)) => {
                    mapping_digest(number, version, mapping(name).expect("a known mapping"))
                }
                _ => panic!("unknown line {name}"),
            };
            if got != expected {
                wrong.push(format!("{name} in plane {number}"));
            }
        }
    }
    assert!(wrong.is_empty(), "3.{minor} differs: {wrong:?}");
}

#[test]
fn unicode_14_0_is_that_of_3_11() {
    check_version(11);
}

#[test]
fn unicode_15_0_is_that_of_3_12() {
    check_version(12);
}

#[test]
fn unicode_15_1_is_that_of_3_13() {
    check_version(13);
}

#[test]
fn unicode_16_0_is_that_of_3_14() {
    check_version(14);
}

#[test]
fn unicode_17_0_is_that_of_3_15() {
    check_version(15);
}
