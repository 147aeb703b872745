//! The methods of bytes and bytearray.

use std::ops::Range;

use pyco_exec::text::{
    Align, Side, TooLarge, bytearray_inner_repr, bytes, bytes_repr, from_hex, hex, slice_indices,
};

use super::cases::{Value, check, index};
use super::str_methods::empty_separator;

const NO_LIMIT: usize = usize::MAX;

fn part(data: &[u8], range: Range<usize>) -> Value {
    data[range].to_vec().into()
}

fn or_same(data: &[u8], result: Result<Option<Vec<u8>>, TooLarge>) -> Value {
    result
        .expect("no limit")
        .unwrap_or_else(|| data.to_vec())
        .into()
}

fn answer(name: &str, args: &[Value]) -> Value {
    if name == "fromhex" {
        return match from_hex(args[0].str()) {
            Ok(data) => data.into(),
            Err(error) => Value::Error(Box::new(error.message(13).as_str().into())),
        };
    }
    let data = args[0].bytes();
    let arg = |n: usize| args[n].bytes();
    let optional = |n: usize| {
        if args[n].is_none() {
            None
        } else {
            Some(args[n].bytes())
        }
    };
    match name {
        "find" => index(bytes::find(data, arg(1), args[2].start(), args[3].end())),
        "rfind" => index(bytes::rfind(data, arg(1), args[2].start(), args[3].end())),
        "count" => bytes::count(data, arg(1), args[2].start(), args[3].end()).into(),
        "startswith" => bytes::starts_with(data, arg(1), args[2].start(), args[3].end()).into(),
        "endswith" => bytes::ends_with(data, arg(1), args[2].start(), args[3].end()).into(),
        "contains" => bytes::contains(data, arg(1)).into(),
        "replace" => or_same(
            data,
            bytes::replace(data, arg(1), arg(2), args[3].int(), NO_LIMIT),
        ),
        "split" | "rsplit" | "splitlines" | "partition" | "rpartition" => split(name, data, args),
        "strip" => part(data, bytes::strip(data, optional(1), Side::Both)),
        "lstrip" => part(data, bytes::strip(data, optional(1), Side::Left)),
        "rstrip" => part(data, bytes::strip(data, optional(1), Side::Right)),
        "removeprefix" => part(data, bytes::remove_prefix(data, arg(1))),
        "removesuffix" => part(data, bytes::remove_suffix(data, arg(1))),
        "join" => bytes::join(data, args[1].list().iter().map(Value::bytes), NO_LIMIT)
            .expect("no limit")
            .into(),
        "add" => [data, arg(1)].concat().into(),
        "mul" => bytes::repeat(data, args[1].int(), NO_LIMIT)
            .expect("no limit")
            .into(),
        "slice" => slice(data, args),
        "center" => or_same(
            data,
            bytes::pad(data, args[1].int(), Align::Center, arg(2)[0], NO_LIMIT),
        ),
        "ljust" => or_same(
            data,
            bytes::pad(data, args[1].int(), Align::Left, arg(2)[0], NO_LIMIT),
        ),
        "rjust" => or_same(
            data,
            bytes::pad(data, args[1].int(), Align::Right, arg(2)[0], NO_LIMIT),
        ),
        "zfill" => or_same(data, bytes::zfill(data, args[1].int(), NO_LIMIT)),
        "expandtabs" => or_same(data, bytes::expand_tabs(data, args[1].int(), NO_LIMIT)),
        "compare" => [data < arg(1), data == arg(1), data > arg(1)]
            .into_iter()
            .collect(),
        "translate" => {
            let table = optional(1).map(|table| <&[u8; 256]>::try_from(table).expect("a table"));
            bytes::translate(data, table, arg(2)).into()
        }
        "is" => classes(data),
        _ => map(name, data, args),
    }
}

fn map(name: &str, data: &[u8], args: &[Value]) -> Value {
    match name {
        "upper" => bytes::upper(data).into(),
        "lower" => bytes::lower(data).into(),
        "capitalize" => bytes::capitalize(data).into(),
        "title" => bytes::title(data).into(),
        "swapcase" => bytes::swapcase(data).into(),
        "repr" => bytes_repr(data).into(),
        "bytearray" => {
            let inner = bytearray_inner_repr(data, 13).view().to_utf8_lossy();
            format!("bytearray({inner})").as_str().into()
        }
        "hex" => {
            let separator = args
                .get(1)
                .and_then(|separator| separator.str().get(0))
                .map(|c| c as u8);
            let digits = hex(data, separator, args.get(2).map_or(1, Value::int), NO_LIMIT)
                .expect("no limit");
            String::from_utf8_lossy(&digits).as_ref().into()
        }
        _ => panic!("unknown method {name}"),
    }
}

fn slice(data: &[u8], args: &[Value]) -> Value {
    let optional = |n: usize| {
        if args[n].is_none() {
            None
        } else {
            Some(args[n].int())
        }
    };
    let (start, step, count) = slice_indices(optional(1), optional(2), args[3].int(), data.len());
    bytes::slice(data, start, step, count).into_owned().into()
}

fn split(name: &str, data: &[u8], args: &[Value]) -> Value {
    let parts = |ranges: &mut dyn Iterator<Item = Range<usize>>| -> Vec<Value> {
        ranges.map(|range| part(data, range)).collect()
    };
    let separator = || {
        if args[1].is_none() {
            None
        } else {
            Some(args[1].bytes())
        }
    };
    let around = |found: Option<Range<usize>>, missing: [Range<usize>; 3]| {
        let ranges = found.map_or(missing, |found| {
            [0..found.start, found.clone(), found.end..data.len()]
        });
        Value::List(parts(&mut ranges.into_iter()))
    };
    let (whole, none) = (0..data.len(), 0..0);
    match name {
        "split" => match bytes::split(data, separator(), args[2].int()) {
            Ok(mut pieces) => Value::List(parts(&mut pieces)),
            Err(error) => empty_separator(error),
        },
        "rsplit" => match bytes::rsplit(data, separator(), args[2].int()) {
            Ok(mut pieces) => {
                let mut parts = parts(&mut pieces);
                parts.reverse();
                Value::List(parts)
            }
            Err(error) => empty_separator(error),
        },
        "splitlines" => Value::List(parts(&mut bytes::split_lines(
            data,
            args[1] == Value::Bool(true),
        ))),
        "partition" => match bytes::partition(data, args[1].bytes()) {
            Ok(found) => around(found, [whole, none.clone(), none]),
            Err(error) => empty_separator(error),
        },
        _ => match bytes::rpartition(data, args[1].bytes()) {
            Ok(found) => around(found, [none.clone(), none, whole]),
            Err(error) => empty_separator(error),
        },
    }
}

fn classes(data: &[u8]) -> Value {
    [
        bytes::is_alpha(data),
        bytes::is_digit(data),
        bytes::is_alnum(data),
        bytes::is_space(data),
        bytes::is_upper(data),
        bytes::is_lower(data),
        bytes::is_title(data),
    ]
    .into_iter()
    .collect()
}

#[test]
fn methods_answer_as_cpython_does() {
    check("bytes.txt", answer);
}

#[test]
fn repr_of_bytearray_escapes_single_quotes_up_to_3_14() {
    assert!(
        bytearray_inner_repr(b"it's", 14)
            .view()
            .eq_str(r#"b"it\'s""#)
    );
    assert!(
        bytearray_inner_repr(b"it's", 15)
            .view()
            .eq_str(r#"b"it's""#)
    );
}
