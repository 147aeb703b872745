//! Constants as text, and back, with nothing lost: types, signs of zeros, bits of NaNs, lone surrogates, the order of
//! sets.
//!
//! Invariants: nothing recurses; `read` of what `write` wrote is the same constant.

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::cell::Cell;
use core::fmt::Write;

use pyco_marshal::{Int, Str};

use super::error::Error;
use super::lex::{Cursor, is_hex};
use crate::code_object::CodeObject;
use crate::constant::Constant;
use crate::repr::is_printable;
use crate::version::Version;

/// How deep constants and code objects may lie in each other: as deep as marshal reads them.
pub(super) const MAX_DEPTH: usize = 2000;

/// What is still to be written.
enum Piece<'a> {
    Constant(&'a Constant),
    Text(&'static str),
}

/// Writes a constant. `name` gives the label of a code object. False where the text got longer than `max_len`.
pub(super) fn write(
    constant: &Constant,
    name: &dyn Fn(&CodeObject) -> usize,
    max_len: usize,
    out: &mut String,
) -> bool {
    let mut pending = alloc::vec![Piece::Constant(constant)];
    while let Some(piece) = pending.pop() {
        match piece {
            Piece::Text(text) => out.push_str(text),
            Piece::Constant(Constant::Code(code)) => {
                // Writing to a String cannot fail.
                let _ = write!(out, "code C{}", name(code));
            }
            Piece::Constant(constant) => {
                if !leaf(constant, out) {
                    open(constant, out, &mut pending);
                }
            }
        }
        if out.len() > max_len {
            return false;
        }
    }
    true
}

/// Writes a constant that has no parts; false if it has.
fn leaf(constant: &Constant, out: &mut String) -> bool {
    match constant {
        Constant::None => out.push_str("None"),
        Constant::Ellipsis => out.push_str("Ellipsis"),
        Constant::StopIteration => out.push_str("StopIteration"),
        Constant::Bool(true) => out.push_str("True"),
        Constant::Bool(false) => out.push_str("False"),
        Constant::Int(number) => int(number, out),
        Constant::Float(number) => float(*number, out),
        Constant::Complex(real, imaginary) => {
            out.push_str("complex(");
            float(*real, out);
            out.push_str(", ");
            float(*imaginary, out);
            out.push(')');
        }
        Constant::Str(text) => string(text, out),
        Constant::Bytes(data) => bytes(data, out),
        _ => return false,
    }
    true
}

fn int(number: &Int, out: &mut String) {
    // Writing to a String cannot fail.
    let _ = match number.as_i64() {
        Some(small) => write!(out, "{small}"),
        None => {
            out.push_str(if number.is_negative() { "-0x" } else { "0x" });
            let bytes = number.to_le_bytes();
            bytes
                .iter()
                .rev()
                .try_for_each(|byte| write!(out, "{byte:02x}"))
        }
    };
}

fn float(number: f64, out: &mut String) {
    let _ = match number {
        number if number.is_nan() && number.to_bits() != f64::NAN.to_bits() => {
            write!(out, "float(0x{:016x})", number.to_bits())
        }
        number if number.is_nan() => write!(out, "nan"),
        number => write!(out, "{number:?}"),
    };
}

/// A str in double quotes.
pub(super) fn string(text: &Str, out: &mut String) {
    out.push('"');
    for point in text.code_points() {
        match char::from_u32(point).filter(|_| is_printable(point, Version::V3_15)) {
            Some(c @ ('"' | '\\')) => out.extend(['\\', c]),
            Some(c) => out.push(c),
            None => escape(point, out),
        }
    }
    out.push('"');
}

/// Bytes in double quotes after `b`.
pub(super) fn bytes(data: &[u8], out: &mut String) {
    out.push_str("b\"");
    for byte in data {
        match byte {
            b'"' | b'\\' => out.extend(['\\', char::from(*byte)]),
            0x20..0x7f => out.push(char::from(*byte)),
            _ => escape((*byte).into(), out),
        }
    }
    out.push('"');
}

fn escape(point: u32, out: &mut String) {
    let _ = match point {
        9 => write!(out, "\\t"),
        10 => write!(out, "\\n"),
        13 => write!(out, "\\r"),
        0..0x100 => write!(out, "\\x{point:02x}"),
        0x100..0x1_0000 => write!(out, "\\u{point:04x}"),
        _ => write!(out, "\\U{point:08x}"),
    };
}

/// Writes how a container begins, and leaves the rest to be written.
fn open<'a>(constant: &'a Constant, out: &mut String, pending: &mut Vec<Piece<'a>>) {
    let (kind, items): (_, &[Constant]) = match constant {
        Constant::Tuple(items) => (Open::Tuple, items),
        Constant::List(items) => (Open::List, items),
        Constant::Set(items) => (Open::Set, items),
        Constant::FrozenSet(items) => (Open::FrozenSet, items),
        Constant::Slice(parts) => (Open::Slice, &parts[..]),
        Constant::Dict(pairs) => return open_pairs(Open::Dict, pairs, out, pending),
        Constant::FrozenDict(pairs) => return open_pairs(Open::FrozenDict, pairs, out, pending),
        _ => return,
    };
    out.push_str(kind.start());
    let is_single = matches!(kind, Open::Tuple) && items.len() == 1;
    pending.push(Piece::Text(if is_single { ",)" } else { kind.end() }));
    for (at, item) in items.iter().enumerate().rev() {
        pending.push(Piece::Constant(item));
        if at > 0 {
            pending.push(Piece::Text(", "));
        }
    }
}

fn open_pairs<'a>(
    kind: Open,
    pairs: &'a [(Constant, Constant)],
    out: &mut String,
    pending: &mut Vec<Piece<'a>>,
) {
    out.push_str(kind.start());
    pending.push(Piece::Text(kind.end()));
    for (at, (key, value)) in pairs.iter().enumerate().rev() {
        let between = Piece::Text(": ");
        pending.extend([Piece::Constant(value), between, Piece::Constant(key)]);
        if at > 0 {
            pending.push(Piece::Text(", "));
        }
    }
}

/// A container that is being read.
#[derive(Clone, Copy, PartialEq)]
enum Open {
    Tuple,
    List,
    Set,
    FrozenSet,
    Slice,
    Dict,
    FrozenDict,
}

impl Open {
    const ALL: [Open; 7] = [
        Open::Tuple,
        Open::List,
        Open::Set,
        Open::FrozenSet,
        Open::Slice,
        Open::Dict,
        Open::FrozenDict,
    ];

    fn start(self) -> &'static str {
        match self {
            Open::Tuple => "(",
            Open::List => "[",
            Open::Set => "set{",
            Open::FrozenSet => "frozenset{",
            Open::Slice => "slice(",
            Open::Dict => "dict{",
            Open::FrozenDict => "frozendict{",
        }
    }

    fn end(self) -> &'static str {
        match self {
            Open::Tuple | Open::Slice => ")",
            Open::List => "]",
            _ => "}",
        }
    }

    fn has_pairs(self) -> bool {
        matches!(self, Open::Dict | Open::FrozenDict)
    }
}

/// A code object that a constant may name.
pub(super) struct Code {
    pub(super) code: CodeObject,
    /// How deep its constants go.
    pub(super) depth: usize,
    /// Whether a constant names it.
    pub(super) is_used: Cell<bool>,
}

/// The code objects that a constant may name, by label.
pub(super) type Codes<'a> = BTreeMap<&'a str, Code>;

/// Reads a constant. Returns how deep it goes with it.
pub(super) fn read(cursor: &mut Cursor<'_>, codes: &Codes<'_>) -> Result<(Constant, usize), Error> {
    let mut open: Vec<(Open, Vec<Constant>)> = Vec::new();
    let mut deepest = 0;
    loop {
        let mut value = match start(cursor) {
            Some(_) if open.len() >= MAX_DEPTH => return Err(too_deep(cursor)),
            Some(kind) => {
                open.push((kind, Vec::new()));
                if !cursor.eats(kind.end()) {
                    continue;
                }
                close(cursor, &mut open, false)?
            }
            None => {
                let (value, depth) = read_leaf(cursor, codes)?;
                deepest = deepest.max(open.len() + depth);
                value
            }
        };
        deepest = deepest.max(open.len());
        if deepest > MAX_DEPTH {
            return Err(too_deep(cursor));
        }
        // Closes as many containers as end here.
        loop {
            let Some((kind, items)) = open.last_mut() else {
                return Ok((value, deepest));
            };
            items.push(value);
            if kind.has_pairs() && items.len() % 2 == 1 {
                cursor.expect(":")?;
                break;
            }
            let has_comma = cursor.eats(",");
            if !cursor.eats(kind.end()) {
                if has_comma {
                    break;
                }
                let end = kind.end();
                return Err(cursor.expected(&format!(", or {end}")));
            }
            value = close(cursor, &mut open, has_comma)?;
        }
    }
}

#[cold]
fn too_deep(cursor: &Cursor<'_>) -> Error {
    cursor.fail(format!(
        "constants lie in each other more than {MAX_DEPTH} deep"
    ))
}

/// The container that begins here, if one does.
fn start(cursor: &mut Cursor<'_>) -> Option<Open> {
    cursor.skip_space();
    Open::ALL.into_iter().find(|kind| cursor.eats(kind.start()))
}

/// The innermost container, which is complete.
fn close(
    cursor: &Cursor<'_>,
    open: &mut Vec<(Open, Vec<Constant>)>,
    has_comma: bool,
) -> Result<Constant, Error> {
    let Some((kind, items)) = open.pop() else {
        return Ok(Constant::None);
    };
    Ok(match kind {
        Open::Tuple if items.len() == 1 && !has_comma => {
            return Err(cursor.fail("expected a comma in a tuple of one"));
        }
        Open::Tuple => Constant::Tuple(items.into()),
        Open::List => Constant::List(items.into()),
        Open::Set => Constant::Set(items.into()),
        Open::FrozenSet => Constant::FrozenSet(items.into()),
        Open::Slice => match <[Constant; 3]>::try_from(items) {
            Ok(parts) => Constant::Slice(Arc::new(parts)),
            Err(_) => return Err(cursor.fail("expected three parts of a slice")),
        },
        Open::Dict => Constant::Dict(pairs(items)),
        Open::FrozenDict => Constant::FrozenDict(pairs(items)),
    })
}

fn pairs(items: Vec<Constant>) -> Arc<[(Constant, Constant)]> {
    let mut items = items.into_iter();
    let next = || Some((items.next()?, items.next()?));
    core::iter::from_fn(next).collect()
}

fn read_leaf(cursor: &mut Cursor<'_>, codes: &Codes<'_>) -> Result<(Constant, usize), Error> {
    let constant = match cursor.peek() {
        Some(b'"') => Constant::Str(cursor.string()?),
        Some(b'-' | b'0'..=b'9') => number(cursor)?,
        _ => {
            let mut ahead = cursor.clone();
            let constant = match ahead.word() {
                "None" => Constant::None,
                "True" => Constant::Bool(true),
                "False" => Constant::Bool(false),
                "Ellipsis" | "..." => Constant::Ellipsis,
                "StopIteration" => Constant::StopIteration,
                "inf" | "nan" | "float" => Constant::Float(real(cursor)?),
                "complex" => {
                    ahead.expect("(")?;
                    let first = real(&mut ahead)?;
                    ahead.expect(",")?;
                    let second = real(&mut ahead)?;
                    ahead.expect(")")?;
                    *cursor = ahead;
                    return Ok((Constant::Complex(first, second), 0));
                }
                "b" if ahead.rest().starts_with('"') => Constant::Bytes(ahead.bytes()?.into()),
                "code" => return code(cursor, ahead, codes),
                _ => return Err(cursor.expected("a constant")),
            };
            if !matches!(constant, Constant::Float(_)) {
                *cursor = ahead;
            }
            constant
        }
    };
    Ok((constant, 0))
}

/// The code object whose label stands at `ahead`.
fn code<'a>(
    cursor: &mut Cursor<'a>,
    mut ahead: Cursor<'a>,
    codes: &Codes<'_>,
) -> Result<(Constant, usize), Error> {
    ahead.skip_space();
    let at_label = ahead.clone();
    let label = ahead.word();
    let Some(found) = codes.get(label) else {
        return Err(at_label.fail(format!(
            "found no code object {label:?} further down; what refers to one stands above it"
        )));
    };
    found.is_used.set(true);
    *cursor = ahead;
    Ok((Constant::Code(found.code.clone()), found.depth + 1))
}

/// A number: an int, or a float if it has a point or an exponent.
fn number(cursor: &mut Cursor<'_>) -> Result<Constant, Error> {
    let mut ahead = cursor.clone();
    let is_negative = ahead.eats("-");
    let before_digits = ahead.clone();
    let word = ahead.word();
    if let Some(digits) = word
        .strip_prefix("0x")
        .filter(|digits| is_hex(digits) && !digits.is_empty())
    {
        *cursor = ahead;
        return Ok(Constant::Int(from_hex(is_negative, digits)));
    }
    if word.contains(['.', 'e', 'E']) || matches!(word, "inf" | "nan") {
        return real(cursor).map(Constant::Float);
    }
    let digits = word.parse::<u64>().ok().map(i128::from);
    let Some(digits) = digits.filter(|_| word.bytes().all(|byte| byte.is_ascii_digit())) else {
        return Err(before_digits
            .fail("expected a number; an int beyond 64 bits is written in hexadecimal, after 0x"));
    };
    *cursor = ahead;
    let signed = if is_negative { -digits } else { digits };
    Ok(Constant::Int(match i64::try_from(signed) {
        Ok(small) => small.into(),
        Err(_) => Int::from_le_bytes(is_negative, &(digits as u64).to_le_bytes()),
    }))
}

fn from_hex(is_negative: bool, digits: &str) -> Int {
    let value = |byte: u8| (byte as char).to_digit(16).unwrap_or(0) as u8;
    let pair = |two: &[u8]| {
        two.iter()
            .fold(0, |number, byte| number << 4 | value(*byte))
    };
    // From the right, so that only the most significant pair may be half.
    let magnitude = digits.as_bytes().rchunks(2).map(pair).collect::<Vec<u8>>();
    Int::from_le_bytes(is_negative, &magnitude)
}

/// A float.
fn real(cursor: &mut Cursor<'_>) -> Result<f64, Error> {
    let mut ahead = cursor.clone();
    if ahead.eats_word("float") {
        ahead.expect("(0x")?;
        let at_digits = ahead.clone();
        let digits = ahead.word();
        let bits = u64::from_str_radix(digits, 16)
            .ok()
            .filter(|_| is_hex(digits));
        let Some(bits) = bits.filter(|_| digits.len() == 16) else {
            return Err(at_digits.fail("expected 16 hexadecimal digits"));
        };
        ahead.expect(")")?;
        *cursor = ahead;
        return Ok(f64::from_bits(bits));
    }
    let is_negative = ahead.eats("-");
    let mut text = String::from(if is_negative { "-" } else { "" });
    let word = ahead.word();
    text.push_str(word);
    if word.ends_with(['e', 'E']) && word.starts_with(|c: char| c.is_ascii_digit()) {
        for sign in ["-", "+"] {
            if ahead.rest().starts_with(sign) && ahead.eats(sign) {
                text.push_str(sign);
                text.push_str(ahead.word());
            }
        }
    }
    let is_named = matches!(word, "inf" | "nan");
    match text.parse() {
        Ok(number) if is_named || word.starts_with(|c: char| c.is_ascii_digit()) => {
            *cursor = ahead;
            Ok(number)
        }
        _ => Err(cursor.expected("a float")),
    }
}
