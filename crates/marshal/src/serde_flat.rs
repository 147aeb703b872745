//! serde support: a value as a flat list of objects, each referring to its parts by position.
//!
//! Flat, because values may be deeper than any stack and share more than any tree could hold. Parts
//! come before what they are parts of; the last object is the value. Sharing survives; offsets do
//! not, as they belong to a file.

use alloc::string::String;
use alloc::vec::Vec;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::write::{Graph, Merge, Object};
use crate::{Bytes, CodeOffsets, Int, Items, Locals, Pairs, RawCode, Slice, Str, Value};

/// One object. Numbers in lists are positions of objects further up.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Flat {
    None,
    StopIteration,
    Ellipsis,
    Bool(bool),
    Int(i64),
    BigInt {
        is_negative: bool,
        /// Base 2^15, least significant first.
        digits: Vec<u16>,
    },
    /// The bits, as not every format has NaN and infinities.
    Float(u64),
    Complex(u64, u64),
    Bytes(Vec<u8>),
    Str {
        text: String,
        is_interned: bool,
    },
    /// A str with surrogates, in UTF-8.
    Surrogates {
        utf8: Vec<u8>,
        is_interned: bool,
    },
    Tuple(Vec<u32>),
    List(Vec<u32>),
    Set(Vec<u32>),
    FrozenSet(Vec<u32>),
    Slice([u32; 3]),
    /// Keys and values in turn.
    Dict(Vec<u32>),
    FrozenDict(Vec<u32>),
    Code {
        argcount: i32,
        posonlyargcount: i32,
        kwonlyargcount: i32,
        /// Up to 3.10.
        nlocals: Option<i32>,
        stacksize: i32,
        flags: i32,
        firstlineno: i32,
        /// The objects among the fields, in the order of marshal.
        fields: Vec<u32>,
    },
}

impl Serialize for Value {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let graph = Graph::new(self, Merge::Shared(crate::Version::V3_15));
        serializer.collect_seq((0..=graph.root()).map(|id| flatten(&graph, id)))
    }
}

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let objects = Vec::<Flat>::deserialize(deserializer)?;
        let mut values = Vec::with_capacity(objects.len());
        for object in objects {
            let value = unflatten(object, &values).map_err(D::Error::custom)?;
            values.push(value);
        }
        values
            .pop()
            .ok_or_else(|| D::Error::custom("no object found, expected one or more"))
    }
}

fn flatten(graph: &Graph<'_>, id: u32) -> Flat {
    let parts = || graph.parts(id).to_vec();
    match graph.entry(id).object {
        Object::None => Flat::None,
        Object::StopIteration => Flat::StopIteration,
        Object::Ellipsis => Flat::Ellipsis,
        Object::Bool(truth) => Flat::Bool(truth),
        Object::Int(number) => match number.as_i64() {
            Some(number) => Flat::Int(number),
            None => Flat::BigInt {
                is_negative: number.is_negative(),
                digits: number.digits().collect(),
            },
        },
        Object::Float(number) => Flat::Float(number.to_bits()),
        Object::Complex(real, imag) => Flat::Complex(real.to_bits(), imag.to_bits()),
        Object::Bytes(bytes) | Object::Bytecode(bytes) => Flat::Bytes(bytes.to_vec()),
        Object::Str(text) => {
            let is_interned = text.is_interned();
            match text.as_str() {
                Some(text) => Flat::Str {
                    text: String::from(text),
                    is_interned,
                },
                None => Flat::Surrogates {
                    utf8: text.as_bytes().to_vec(),
                    is_interned,
                },
            }
        }
        Object::Tuple(_) => Flat::Tuple(parts()),
        Object::List(_) => Flat::List(parts()),
        Object::Set(_) => Flat::Set(parts()),
        Object::FrozenSet(_) => Flat::FrozenSet(parts()),
        Object::Slice(_) => Flat::Slice(graph.parts(id).try_into().unwrap_or_default()),
        Object::Dict(_) => Flat::Dict(parts()),
        Object::FrozenDict(_) => Flat::FrozenDict(parts()),
        Object::Code(code) => Flat::Code {
            argcount: code.argcount,
            posonlyargcount: code.posonlyargcount,
            kwonlyargcount: code.kwonlyargcount,
            nlocals: match code.locals {
                Locals::Plus { .. } => None,
                Locals::Separate { nlocals, .. } => Some(nlocals),
            },
            stacksize: code.stacksize,
            flags: code.flags,
            firstlineno: code.firstlineno,
            fields: parts(),
        },
    }
}

fn unflatten(object: Flat, known: &[Value]) -> Result<Value, String> {
    Ok(match object {
        Flat::None => Value::None,
        Flat::StopIteration => Value::StopIteration,
        Flat::Ellipsis => Value::Ellipsis,
        Flat::Bool(truth) => Value::Bool(truth),
        Flat::Int(number) => Value::from(number),
        Flat::BigInt {
            is_negative,
            digits,
        } => Value::Int(Int::from_digits(is_negative, digits)),
        Flat::Float(bits) => Value::Float(f64::from_bits(bits)),
        Flat::Complex(real, imag) => Value::Complex(f64::from_bits(real), f64::from_bits(imag)),
        Flat::Bytes(bytes) => Value::from(&bytes[..]),
        Flat::Str { text, is_interned } => {
            Value::Str(Str::from(&text[..]).with_interned(is_interned))
        }
        Flat::Surrogates { utf8, is_interned } => match Str::from_surrogatepass(&utf8) {
            Ok(text) => Value::Str(text.with_interned(is_interned)),
            Err(valid) => return Err(alloc::format!("byte {valid} of a str is not UTF-8")),
        },
        Flat::Tuple(parts) => Value::Tuple(items(&parts, known)?),
        Flat::List(parts) => Value::List(items(&parts, known)?),
        Flat::Set(parts) => Value::Set(items(&parts, known)?),
        Flat::FrozenSet(parts) => Value::FrozenSet(items(&parts, known)?),
        Flat::Slice([start, stop, step]) => Value::Slice(Slice::new(
            part(start, known)?,
            part(stop, known)?,
            part(step, known)?,
        )),
        Flat::Dict(parts) => Value::Dict(pairs(&parts, known)?),
        Flat::FrozenDict(parts) => Value::FrozenDict(pairs(&parts, known)?),
        code @ Flat::Code { .. } => return unflatten_code(&code, known),
    })
}

fn unflatten_code(object: &Flat, known: &[Value]) -> Result<Value, String> {
    let Flat::Code {
        argcount,
        posonlyargcount,
        kwonlyargcount,
        nlocals,
        stacksize,
        flags,
        firstlineno,
        fields,
    } = object
    else {
        return Ok(Value::None);
    };
    let mut next = fields.iter().map(|&position| part(position, known));
    let mut next = || {
        next.next()
            .unwrap_or_else(|| Err(String::from("too few fields of a code")))
    };
    let code = bytes(next()?)?;
    let (consts, names) = (tuple(next()?)?, tuple(next()?)?);
    let locals = match *nlocals {
        None => Locals::Plus {
            names: tuple(next()?)?,
            kinds: bytes(next()?)?,
        },
        Some(nlocals) => Locals::Separate {
            nlocals,
            varnames: tuple(next()?)?,
            freevars: tuple(next()?)?,
            cellvars: tuple(next()?)?,
        },
    };
    let is_plus = nlocals.is_none();
    Ok(Value::from(RawCode {
        argcount: *argcount,
        posonlyargcount: *posonlyargcount,
        kwonlyargcount: *kwonlyargcount,
        stacksize: *stacksize,
        flags: *flags,
        code,
        consts,
        names,
        locals,
        filename: text(next()?)?,
        name: text(next()?)?,
        qualname: if is_plus { Some(text(next()?)?) } else { None },
        firstlineno: *firstlineno,
        linetable: bytes(next()?)?,
        exceptiontable: if is_plus {
            bytes(next()?)?
        } else {
            Bytes::default()
        },
        offsets: CodeOffsets::default(),
    }))
}

fn part(position: u32, known: &[Value]) -> Result<Value, String> {
    let count = known.len();
    known.get(position as usize).cloned().ok_or_else(|| {
        alloc::format!("object {count} refers to object {position}, expected one before it")
    })
}

fn items(parts: &[u32], known: &[Value]) -> Result<Items, String> {
    let items: Result<Vec<_>, _> = parts
        .iter()
        .map(|&position| part(position, known))
        .collect();
    Ok(Items::from(items?))
}

fn pairs(parts: &[u32], known: &[Value]) -> Result<Pairs, String> {
    let (pairs, rest) = parts.as_chunks();
    if !rest.is_empty() {
        return Err(String::from("a dict has a key without a value"));
    }
    pairs
        .iter()
        .map(|&[key, value]| Ok((part(key, known)?, part(value, known)?)))
        .collect()
}

fn bytes(value: Value) -> Result<Bytes, String> {
    match value {
        Value::Bytes(bytes) => Ok(bytes),
        other => Err(wrong(&other, "bytes")),
    }
}

fn tuple(value: Value) -> Result<Items, String> {
    match value {
        Value::Tuple(items) => Ok(items),
        other => Err(wrong(&other, "tuple")),
    }
}

fn text(value: Value) -> Result<Str, String> {
    match value {
        Value::Str(text) => Ok(text),
        other => Err(wrong(&other, "str")),
    }
}

fn wrong(found: &Value, expected: &str) -> String {
    alloc::format!(
        "a field of a code is a {}, expected {expected}",
        found.type_name()
    )
}
