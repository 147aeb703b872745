//! Reads the recorded cases: `name|argument|...|=|result` a line.

use std::path::PathBuf;

use pyco_exec::text::{StrBuf, StrView};

/// A value in a case.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Value {
    None,
    Bool(bool),
    Int(i64),
    Str(StrBuf),
    Bytes(Vec<u8>),
    List(Vec<Value>),
    /// An exception's message, or the fields of a UnicodeError.
    Error(Box<Value>),
}

impl Value {
    fn parse(text: &str) -> Value {
        let (kind, rest) = text.split_at(text.len().min(2));
        match kind {
            "N" => Value::None,
            "T" => Value::Bool(true),
            "F" => Value::Bool(false),
            "i:" => Value::Int(rest.parse().expect("an int")),
            "s:" => Value::Str(unescape(rest)),
            "b:" => Value::Bytes(pyco_exec::text::from_hex_bytes(rest.as_bytes()).expect("hex")),
            "l:" if rest.is_empty() => Value::List(Vec::new()),
            "l:" => Value::List(rest.split(',').map(Value::parse).collect()),
            // The list of a UnicodeError's fields has lost its mark.
            "e:" if rest.contains(',') => Value::Error(Box::new(Value::List(
                rest.trim_start_matches("l:")
                    .split(',')
                    .map(Value::parse)
                    .collect(),
            ))),
            "e:" => Value::Error(Box::new(Value::parse(rest))),
            _ => panic!("unknown value {text:?}"),
        }
    }

    pub(super) fn str(&self) -> StrView<'_> {
        match self {
            Value::Str(text) => text.view(),
            other => panic!("a str expected: {other:?}"),
        }
    }

    pub(super) fn bytes(&self) -> &[u8] {
        match self {
            Value::Bytes(bytes) => bytes,
            other => panic!("bytes expected: {other:?}"),
        }
    }

    pub(super) fn int(&self) -> isize {
        match self {
            Value::Int(int) => *int as isize,
            other => panic!("an int expected: {other:?}"),
        }
    }

    pub(super) fn list(&self) -> &[Value] {
        match self {
            Value::List(items) => items,
            other => panic!("a list expected: {other:?}"),
        }
    }

    pub(super) fn is_none(&self) -> bool {
        *self == Value::None
    }

    /// A start index that may be missing.
    pub(super) fn start(&self) -> isize {
        if self.is_none() { 0 } else { self.int() }
    }

    /// An end index that may be missing.
    pub(super) fn end(&self) -> isize {
        if self.is_none() {
            isize::MAX
        } else {
            self.int()
        }
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Value {
        Value::Str(text.into())
    }
}

impl From<bool> for Value {
    fn from(value: bool) -> Value {
        Value::Bool(value)
    }
}

impl From<usize> for Value {
    fn from(value: usize) -> Value {
        Value::Int(value as i64)
    }
}

impl From<StrBuf> for Value {
    fn from(text: StrBuf) -> Value {
        Value::Str(text)
    }
}

impl From<Vec<u8>> for Value {
    fn from(bytes: Vec<u8>) -> Value {
        Value::Bytes(bytes)
    }
}

impl<T: Into<Value>> FromIterator<T> for Value {
    fn from_iter<I: IntoIterator<Item = T>>(items: I) -> Value {
        Value::List(items.into_iter().map(Into::into).collect())
    }
}

/// What `find` gives where nothing is found.
pub(super) fn index(found: Option<usize>) -> Value {
    found.map_or(Value::Int(-1), Value::from)
}

fn unescape(text: &str) -> StrBuf {
    let mut parts = text.split('\\');
    let mut out: Vec<u32> = parts.next().unwrap_or("").chars().map(u32::from).collect();
    for part in parts {
        let (hex, rest) = part.split_once(';').expect("an escape");
        out.push(u32::from_str_radix(hex, 16).expect("a code point"));
        out.extend(rest.chars().map(u32::from));
    }
    out.into_iter().collect()
}

/// The text of a recorded file. Where `PYCO_TEXT_DATA` names a directory, the file is read there, so that many more cases
/// can be recorded afresh.
pub(super) fn read(file: &str) -> String {
    let dir = std::env::var_os("PYCO_TEXT_DATA").map_or_else(
        || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/data/text"),
        PathBuf::from,
    );
    let path = dir.join(file);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Checks every case of a file and shows the first few that differ.
pub(super) fn check(file: &str, answer: impl Fn(&str, &[Value]) -> Value) {
    let text = read(file);
    let mut wrong = Vec::new();
    let mut count = 0;
    for line in text.lines() {
        let mut fields = line.split('|');
        let name = fields.next().unwrap_or("");
        let values: Vec<Value> = fields
            .filter(|field| *field != "=")
            .map(Value::parse)
            .collect();
        let (expected, arguments) = values.split_last().expect("a result");
        let got = answer(name, arguments);
        count += 1;
        if got != *expected {
            wrong.push(format!("{line}\n    gave {got:?}"));
        }
    }
    assert!(count > 0, "{file} holds no case");
    let shown = wrong
        .iter()
        .take(12)
        .map(String::as_str)
        .collect::<Vec<_>>()
        .join("\n");
    assert!(
        wrong.is_empty(),
        "{} of {count} cases differ:\n{shown}",
        wrong.len()
    );
}
