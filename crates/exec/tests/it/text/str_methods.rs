//! The methods of str.

use std::ops::Range;

use pyco_exec::text::{
    Align, EmptySeparator, HashKey, Side, StrBuf, StrView, TooLarge, Translated, UnicodeVersion,
    ascii, repr, slice_indices,
};

use super::cases::{Value, check, index};

const VERSION: UnicodeVersion = UnicodeVersion::V15_1;
const NO_LIMIT: usize = usize::MAX;

fn part(text: StrView<'_>, range: Range<usize>) -> Value {
    text.substr(range).into_buf().into()
}

fn or_same(text: StrView<'_>, result: Result<Option<StrBuf>, TooLarge>) -> Value {
    result
        .expect("no limit")
        .unwrap_or_else(|| text.to_buf())
        .into()
}

pub(super) fn empty_separator(error: EmptySeparator) -> Value {
    Value::Error(Box::new(error.to_string().as_str().into()))
}

fn answer(name: &str, args: &[Value]) -> Value {
    let text = args[0].str();
    let arg = |n: usize| args[n].str();
    let optional = |n: usize| {
        if args[n].is_none() {
            None
        } else {
            Some(args[n].str())
        }
    };
    match name {
        "find" => index(text.find(arg(1), args[2].start(), args[3].end())),
        "rfind" => index(text.rfind(arg(1), args[2].start(), args[3].end())),
        "count" => text.count(arg(1), args[2].start(), args[3].end()).into(),
        "startswith" => text
            .starts_with(arg(1), args[2].start(), args[3].end())
            .into(),
        "endswith" => text
            .ends_with(arg(1), args[2].start(), args[3].end())
            .into(),
        "contains" => text.contains(arg(1)).into(),
        "replace" => or_same(text, text.replace(arg(1), arg(2), args[3].int(), NO_LIMIT)),
        "split" | "rsplit" | "splitlines" | "partition" | "rpartition" => split(name, text, args),
        "strip" => part(text, text.strip(optional(1), Side::Both)),
        "lstrip" => part(text, text.strip(optional(1), Side::Left)),
        "rstrip" => part(text, text.strip(optional(1), Side::Right)),
        "removeprefix" => part(text, text.remove_prefix(arg(1))),
        "removesuffix" => part(text, text.remove_suffix(arg(1))),
        "join" => text
            .join(args[1].list().iter().map(Value::str), NO_LIMIT)
            .expect("no limit")
            .into(),
        "add" => text.concat(arg(1), NO_LIMIT).expect("no limit").into(),
        "mul" => text
            .repeat(args[1].int(), NO_LIMIT)
            .expect("no limit")
            .into(),
        "slice" => slice(text, args),
        "center" => pad(text, Align::Center, args),
        "ljust" => pad(text, Align::Left, args),
        "rjust" => pad(text, Align::Right, args),
        "zfill" => or_same(text, text.zfill(args[1].int(), NO_LIMIT)),
        "expandtabs" => or_same(text, text.expand_tabs(args[1].int(), NO_LIMIT)),
        "compare" => [text < arg(1), text == arg(1), text > arg(1)]
            .into_iter()
            .collect(),
        "translate" => translate(text),
        "is" => classes(text),
        _ => map(name, text),
    }
}

fn map(name: &str, text: StrView<'_>) -> Value {
    Value::Str(match name {
        "upper" => text.upper(VERSION),
        "lower" | "sigma" => text.lower(VERSION),
        "casefold" => text.casefold(VERSION),
        "capitalize" => text.capitalize(VERSION),
        "title" => text.title(VERSION),
        "swapcase" => text.swapcase(VERSION),
        "repr" => repr(text, VERSION),
        "ascii" => ascii(text),
        _ => panic!("unknown method {name}"),
    })
}

fn pad(text: StrView<'_>, align: Align, args: &[Value]) -> Value {
    let fill = args[2].str().get(0).expect("a fill character");
    or_same(text, text.pad(args[1].int(), align, fill, NO_LIMIT))
}

fn slice(text: StrView<'_>, args: &[Value]) -> Value {
    let optional = |n: usize| {
        if args[n].is_none() {
            None
        } else {
            Some(args[n].int())
        }
    };
    let (start, step, count) = slice_indices(optional(1), optional(2), args[3].int(), text.len());
    text.slice(start, step, count).into_buf().into()
}

fn split(name: &str, text: StrView<'_>, args: &[Value]) -> Value {
    let parts = |ranges: &mut dyn Iterator<Item = Range<usize>>| -> Vec<Value> {
        ranges.map(|range| part(text, range)).collect()
    };
    let separator = || {
        if args[1].is_none() {
            None
        } else {
            Some(args[1].str())
        }
    };
    let around = |found: Option<Range<usize>>, missing: [Range<usize>; 3]| {
        let ranges = found.map_or(missing, |found| {
            [0..found.start, found.clone(), found.end..text.len()]
        });
        Value::List(parts(&mut ranges.into_iter()))
    };
    let (whole, none) = (0..text.len(), 0..0);
    match name {
        "split" => match text.split(separator(), args[2].int()) {
            Ok(mut pieces) => Value::List(parts(&mut pieces)),
            Err(error) => empty_separator(error),
        },
        "rsplit" => match text.rsplit(separator(), args[2].int()) {
            Ok(mut pieces) => {
                let mut parts = parts(&mut pieces);
                parts.reverse();
                Value::List(parts)
            }
            Err(error) => empty_separator(error),
        },
        "splitlines" => Value::List(parts(&mut text.split_lines(args[1] == Value::Bool(true)))),
        "partition" => match text.partition(args[1].str()) {
            Ok(found) => around(found, [whole, none.clone(), none]),
            Err(error) => empty_separator(error),
        },
        _ => match text.rpartition(args[1].str()) {
            Ok(found) => around(found, [none.clone(), none, whole]),
            Err(error) => empty_separator(error),
        },
    }
}

fn translate(text: StrView<'_>) -> Value {
    let table = |c| -> Result<Translated, TooLarge> {
        Ok(match char::from_u32(c) {
            Some('a') => Translated::Text("b".into()),
            Some('b') => Translated::Deleted,
            Some('A') => Translated::Char(0x20AC),
            Some('é') => Translated::Text("ab".into()),
            Some('1') => Translated::Text("".into()),
            Some('😀') => Translated::Char(97),
            Some(' ') => Translated::Char(u32::from('_')),
            _ => Translated::Same,
        })
    };
    text.translate(NO_LIMIT, table).expect("no limit").into()
}

fn classes(text: StrView<'_>) -> Value {
    [
        text.is_alpha(VERSION),
        text.is_decimal(VERSION),
        text.is_digit(VERSION),
        text.is_numeric(VERSION),
        text.is_alnum(VERSION),
        text.is_space(),
        text.is_upper(VERSION),
        text.is_lower(VERSION),
        text.is_title(VERSION),
        text.is_identifier(VERSION),
        text.is_printable(VERSION),
        text.is_ascii(),
    ]
    .into_iter()
    .collect()
}

#[test]
fn methods_answer_as_cpython_does() {
    check("methods.txt", answer);
}

#[test]
fn hashes_are_cpythons_for_every_seed() {
    for seed in [0, 1, 42, u32::MAX] {
        let key = HashKey::from_seed(seed);
        check(&format!("hash_{seed}.txt"), |_, args| match &args[0] {
            Value::Bytes(bytes) => Value::Int(key.hash_bytes(bytes)),
            text => Value::Int(key.hash_str(text.str())),
        });
    }
}

#[test]
fn translate_asks_as_often_as_cpython_does() {
    let asked = |text: &str| {
        let mut asked = String::new();
        let result =
            StrBuf::from(text)
                .view()
                .translate(NO_LIMIT, |c| -> Result<Translated, TooLarge> {
                    asked.extend(char::from_u32(c));
                    Ok(match char::from_u32(c) {
                        Some('a') => Translated::Text("b".into()),
                        Some('b') => Translated::Deleted,
                        Some('c') => Translated::Text("éx".into()),
                        Some('d') => Translated::Text("é".into()),
                        Some('e') => Translated::Text("xy".into()),
                        _ => Translated::Same,
                    })
                });
        (result.expect("no limit").view().to_utf8_lossy(), asked)
    };
    assert_eq!(
        asked("aabbccaadd"),
        ("bbéxéxbbéé".to_owned(), "abcccaadd".to_owned())
    );
    assert_eq!(
        asked("aaeaacc"),
        ("bbxybbéxéx".to_owned(), "aeeaacc".to_owned())
    );
}

#[test]
fn digits_of_any_script_are_read_as_ascii_digits() {
    let read = |text: &str| StrBuf::from(text).view().to_ascii_digits(VERSION);
    assert_eq!(read("\u{2003}-\u{664}\u{662}.5\u{a0}"), " -42.5 ");
    assert_eq!(read("1\u{b2}3"), "1?");
    assert_eq!(read("\u{1d7d9}e\u{ff17}"), "1e7");
}
