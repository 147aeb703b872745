//! `Dialect`: what separates and quotes fields, checked once.

use pyco_exec::object::header::{Payload, Ref};
use pyco_exec::object::native::{GetSetDef, NativeDef};
use pyco_exec::object::native_class::ClassDef;
use pyco_exec::object::sequence::receiver;
use pyco_exec::object::slots::Slots;
use pyco_exec::object::str_::Str;
use pyco_exec::object::type_::Type;
use pyco_exec::text::StrBuf;
use pyco_exec::{Args, Params, PyResult, Raised, Value, Vm};

use super::{NONE, is_exact_int, registered};

/// The payload. Characters are code points.
#[derive(Clone)]
pub(super) struct Dialect {
    pub(super) delimiter: u32,
    pub(super) double_quote: bool,
    pub(super) escape: Option<u32>,
    /// A str.
    pub(super) line_terminator: Value,
    pub(super) quote: Option<u32>,
    pub(super) quoting: i32,
    pub(super) skip_initial_space: bool,
    pub(super) strict: bool,
}

impl Payload for Dialect {
    fn traverse(&self, visit: &mut dyn FnMut(&Value)) {
        visit(&self.line_terminator);
    }
}

pub(super) static DIALECT: ClassDef = ClassDef::new::<Dialect>("_csv.Dialect", slots)
    .subclassable()
    .methods(METHODS)
    .attributes(ATTRIBUTES);

fn slots(slots: &Slots, _minor_version: u8) {
    slots.new.set(Some(new));
}

const NAMES: &[&str] = &[
    "dialect",
    "delimiter",
    "doublequote",
    "escapechar",
    "lineterminator",
    "quotechar",
    "quoting",
    "skipinitialspace",
    "strict",
];

static PARAMS: Params = Params::new(NAMES, 0);

/// The dialect that the arguments behind the first one of `reader` and its like describe.
pub(super) fn of_arguments(vm: &mut Vm, args: Args<'_>) -> PyResult<Ref<Dialect>> {
    let class = vm.class(&DIALECT);
    let dialect = new(vm, &class, args)?;
    Ok(receiver::<Dialect>(vm, &dialect)?.clone())
}

fn new(vm: &mut Vm, class: &Ref<Type>, args: Args<'_>) -> PyResult {
    // The parser that CPython uses here knows no name of the function.
    let bound = args.bind(vm, "", &PARAMS)?;
    let base = match bound.not_none(0) {
        Some(name) if name.downcast::<Str>().is_some() => Some(registered(vm, name)?),
        base => base.cloned(),
    };
    let mut given: Vec<Option<Value>> = (1..NAMES.len())
        .map(|index| bound.get(index).cloned())
        .collect();
    if let Some(base) = base {
        if base.downcast::<Dialect>().is_some() && given.iter().all(Option::is_none) {
            return Ok(base);
        }
        for (value, name) in given.iter_mut().zip(&NAMES[1..]) {
            if value.is_none() {
                *value = attribute(vm, &base, name)?;
            }
        }
    }
    let dialect = parse(vm, &given)?;
    Ok(Value::from(Ref::new(class, dialect)))
}

/// An attribute of what describes a dialect; up to 3.14 no error in it counts.
fn attribute(vm: &mut Vm, base: &Value, name: &str) -> PyResult<Option<Value>> {
    let name = vm.intern(name);
    match vm.get_attr_opt(base, &name) {
        Err(raised) => {
            let is_ordinary = raised.is(vm, &vm.types.exception.clone());
            match is_ordinary && vm.version_number() < 15 {
                true => Ok(None),
                false => Err(raised),
            }
        }
        found => found,
    }
}

fn parse(vm: &mut Vm, given: &[Option<Value>]) -> PyResult<Dialect> {
    let [
        delimiter,
        double_quote,
        escape,
        line_terminator,
        quote,
        quoting,
        skip_initial_space,
        strict,
    ] = given
    else {
        return Err(vm.type_error("a dialect has eight attributes"));
    };
    let delimiter = match delimiter {
        None => u32::from(b','),
        Some(value) => character(vm, "delimiter", value, "")?,
    };
    let double_quote = flag(vm, double_quote.as_ref(), true)?;
    let escape = optional_character(vm, "escapechar", escape.as_ref(), None)?;
    let line_terminator = terminator(vm, line_terminator.as_ref())?;
    let quote_char = optional_character(vm, "quotechar", quote.as_ref(), Some(u32::from(b'"')))?;
    let without_quotes = quote.as_ref().is_some_and(Value::is_none);
    let quoting = match quoting {
        None if without_quotes => NONE,
        None => 0,
        Some(value) => number(vm, value)?,
    };
    let skip_initial_space = flag(vm, skip_initial_space.as_ref(), false)?;
    let strict = flag(vm, strict.as_ref(), false)?;
    let most = if vm.version_number() < 12 { 3 } else { 5 };
    if !(0..=most).contains(&quoting) {
        return Err(vm.type_error("bad \"quoting\" value"));
    }
    if quote_char.is_none() && quoting != NONE {
        return Err(vm.type_error("quotechar must be set if quoting enabled"));
    }
    let Some(line_terminator) = line_terminator else {
        return Err(vm.type_error("lineterminator must be set"));
    };
    let dialect = Dialect {
        delimiter,
        double_quote,
        escape,
        line_terminator,
        quote: quote_char,
        quoting,
        skip_initial_space,
        strict,
    };
    if vm.version_number() >= 13 {
        check(vm, &dialect)?;
    }
    Ok(dialect)
}

fn flag(vm: &mut Vm, value: Option<&Value>, default: bool) -> PyResult<bool> {
    value.map_or(Ok(default), |value| vm.truth(value))
}

fn number(vm: &mut Vm, value: &Value) -> PyResult<i32> {
    if !is_exact_int(value) {
        let found = found(vm, value);
        return Err(vm.type_error(format!("\"quoting\" must be an integer{found}")));
    }
    pyco_exec::object::text_args::c_int_or(vm, Some(value), 0)
}

/// What messages add since 3.14.
fn found(vm: &Vm, value: &Value) -> String {
    match vm.version_number() {
        ..14 => String::new(),
        _ => format!(", not {}", vm.type_name(value)),
    }
}

/// The character that an attribute is; `or_none` ends what it may be instead.
fn character(vm: &mut Vm, name: &str, value: &Value, or_none: &str) -> PyResult<u32> {
    let is_old = vm.version_number() < 14;
    let Some(text) = value.downcast::<Str>() else {
        let (found, what) = (
            vm.type_name(value),
            if is_old {
                "string"
            } else {
                "a unicode character"
            },
        );
        return Err(vm.type_error(format!("\"{name}\" must be {what}{or_none}, not {found}")));
    };
    match (text.view().get(0), text.len()) {
        (Some(character), 1) => Ok(character),
        (_, len) => Err(vm.type_error(match is_old {
            true => format!("\"{name}\" must be a 1-character string"),
            false => format!(
                "\"{name}\" must be a unicode character{or_none}, not a string of length {len}"
            ),
        })),
    }
}

fn optional_character(
    vm: &mut Vm,
    name: &str,
    value: Option<&Value>,
    default: Option<u32>,
) -> PyResult<Option<u32>> {
    match value {
        None => Ok(default),
        Some(value) if value.is_none() => Ok(None),
        Some(value) => character(vm, name, value, " or None").map(Some),
    }
}

/// What ends a line; nothing for `None`, which is complained about later up to 3.13.
fn terminator(vm: &mut Vm, value: Option<&Value>) -> PyResult<Option<Value>> {
    match value {
        None => Ok(Some(vm.new_str("\r\n"))),
        Some(value) if value.downcast::<Str>().is_some() => Ok(Some(value.clone())),
        Some(value) if value.is_none() && vm.version_number() < 14 => Ok(None),
        Some(value) => {
            let found = found(vm, value);
            Err(vm.type_error(format!("\"lineterminator\" must be a string{found}")))
        }
    }
}

/// Refuses characters that could not be told apart.
fn check(vm: &mut Vm, dialect: &Dialect) -> PyResult<()> {
    let bad_space = dialect.skip_initial_space.then_some(u32::from(b' '));
    let is_bad = |c: Option<u32>, space: Option<u32>| {
        c.is_some_and(|c| c == u32::from(b'\n') || c == u32::from(b'\r') || Some(c) == space)
    };
    let (delimiter, escape, quote) = (Some(dialect.delimiter), dialect.escape, dialect.quote);
    let terminator: Vec<u32> = match dialect.line_terminator.downcast::<Str>() {
        Some(text) => text.view().chars().collect(),
        None => Vec::new(),
    };
    let in_terminator = |c: Option<u32>| c.is_some_and(|c| terminator.contains(&c));
    let same = |a: Option<u32>, b: Option<u32>| a.is_some() && a == b;
    let complaints = [
        (is_bad(delimiter, None), "delimiter"),
        (is_bad(escape, bad_space), "escapechar"),
        (is_bad(quote, bad_space), "quotechar"),
        (same(delimiter, escape), "delimiter or escapechar"),
        (same(delimiter, quote), "delimiter or quotechar"),
        (same(escape, quote), "escapechar or quotechar"),
        (in_terminator(delimiter), "delimiter or lineterminator"),
        (in_terminator(escape), "escapechar or lineterminator"),
        (in_terminator(quote), "quotechar or lineterminator"),
    ];
    match complaints.iter().find(|(is_so, _)| *is_so) {
        Some((_, what)) => Err(vm.value_error(format!("bad {what} value"))),
        None => Ok(()),
    }
}

static METHODS: &[NativeDef] = &[
    NativeDef::any("__reduce__", |vm, this, _| Err(not_pickled(vm, this))),
    NativeDef::any("__reduce_ex__", |vm, this, _| Err(not_pickled(vm, this))),
];

#[cold]
fn not_pickled(vm: &mut Vm, this: &Value) -> Raised {
    let class = vm.type_name(this);
    let class = class.rsplit('.').next().unwrap_or(&class);
    vm.type_error(format!("cannot pickle '{class}' instances"))
}

/// A character as Python sees it.
fn as_value(vm: &Vm, character: Option<u32>) -> Value {
    match character.and_then(StrBuf::from_code_point) {
        Some(text) => vm.str_from_buf(text),
        None => Value::NONE,
    }
}

static ATTRIBUTES: &[GetSetDef] = &[
    GetSetDef::get("skipinitialspace", |vm, this| {
        let is_so = receiver::<Dialect>(vm, this)?.skip_initial_space;
        Ok(Value::bool(is_so))
    })
    .member(),
    GetSetDef::get("doublequote", |vm, this| {
        Ok(Value::bool(receiver::<Dialect>(vm, this)?.double_quote))
    })
    .member(),
    GetSetDef::get("strict", |vm, this| {
        Ok(Value::bool(receiver::<Dialect>(vm, this)?.strict))
    })
    .member(),
    GetSetDef::get("delimiter", |vm, this| {
        let delimiter = receiver::<Dialect>(vm, this)?.delimiter;
        Ok(as_value(vm, Some(delimiter)))
    }),
    GetSetDef::get("escapechar", |vm, this| {
        let escape = receiver::<Dialect>(vm, this)?.escape;
        Ok(as_value(vm, escape))
    }),
    GetSetDef::get("lineterminator", |vm, this| {
        Ok(receiver::<Dialect>(vm, this)?.line_terminator.clone())
    }),
    GetSetDef::get("quotechar", |vm, this| {
        let quote = receiver::<Dialect>(vm, this)?.quote;
        Ok(as_value(vm, quote))
    }),
    GetSetDef::get("quoting", |vm, this| {
        let quoting = receiver::<Dialect>(vm, this)?.quoting;
        Ok(vm.int(i64::from(quoting)))
    }),
];
