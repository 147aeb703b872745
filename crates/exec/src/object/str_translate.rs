//! str: replacing substrings and characters.

use crate::call::{Bound, Params};
use crate::error::{PyResult, Raised};
use crate::object::dict::Dict;
use crate::object::frozen_dict::exact_items;
use crate::object::native::NativeDef;
use crate::object::str_::Str;
use crate::object::text_args::{size_or, str_argument, text, too_large, unchanged};
use crate::text::{Kind, StrView, TooLarge, Translated};
use crate::value::Value;
use crate::vm::Vm;

static REPLACE: Params = Params::new(&["old", "new", "count"], 2).positional_only(2);

fn replace(vm: &mut Vm, this: &Value, args: &Bound<'_>) -> PyResult {
    let (Some(old), Some(new)) = (args.get(0), args.get(1)) else {
        return Ok(Value::NONE);
    };
    replace_at_most(vm, this, old, new, args.get(2))
}

/// Up to 3.12 `count` had no name.
fn replace_by_place(vm: &mut Vm, this: &Value, args: &[Value]) -> PyResult {
    replace_at_most(vm, this, &args[0], &args[1], args.get(2))
}

fn replace_at_most(
    vm: &mut Vm,
    this: &Value,
    old: &Value,
    new: &Value,
    count: Option<&Value>,
) -> PyResult {
    let old = str_argument(vm, old, "replace() argument 1")?;
    let new = str_argument(vm, new, "replace() argument 2")?;
    let count = size_or(vm, count, -1)?;
    if let (StrView::Ascii(units), StrView::Ascii(&[old]), StrView::Ascii(&[new])) =
        (text(this), old, new)
        && count < 0
        && units.len() > 1
    {
        return Ok(replace_character(vm, this, units, old, new));
    }
    match text(this).replace(old, new, count, vm.max_size()) {
        Ok(Some(replaced)) => Ok(vm.str_from_buf(replaced)),
        Ok(None) => Ok(unchanged(vm, this)),
        Err(error) => Err(too_large(vm, error, "replace string is too long")),
    }
}

/// Replaces an ASCII character by another one, in a text of at least two.
fn replace_character(vm: &Vm, this: &Value, units: &[u8], old: u8, new: u8) -> Value {
    if old == new || !units.contains(&old) {
        return unchanged(vm, this);
    }
    let replaced = Str::filled(&vm.types.str, Kind::Ascii, units.len(), |replaced| {
        for (to, &unit) in replaced.iter_mut().zip(units) {
            *to = if unit == old { new } else { unit };
        }
    });
    replaced.into()
}

/// Why a translation stopped.
enum Failure {
    Raised(Raised),
    TooLarge(TooLarge),
}

impl From<TooLarge> for Failure {
    fn from(error: TooLarge) -> Failure {
        Failure::TooLarge(error)
    }
}

/// What a translation table says of a code point.
fn look_up(vm: &mut Vm, table: &Value, c: u32) -> PyResult<Translated> {
    const RANGE: &str = "character mapping must be in range(0x110000)";
    let found = match vm.get_item(table, &vm.int(c.into())) {
        Ok(found) => found,
        Err(raised) if raised.is(vm, &vm.types.lookup_error) => return Ok(Translated::Same),
        Err(raised) => return Err(raised),
    };
    if found.is_none() {
        return Ok(Translated::Deleted);
    }
    if let Some(n) = found.as_int() {
        return match n.to_i64().and_then(|n| u32::try_from(n).ok()) {
            Some(c) if c < 0x11_0000 => Ok(Translated::Char(c)),
            _ => Err(vm.value_error(RANGE)),
        };
    }
    match found.downcast::<Str>() {
        Some(text) => Ok(Translated::Text(text.view().to_buf())),
        None => Err(vm.type_error("character mapping must return integer, None or str")),
    }
}

fn translate(vm: &mut Vm, this: &Value, table: &Value) -> PyResult {
    let max_size = vm.max_size();
    let translated =
        text(this).translate(max_size, |c| look_up(vm, table, c).map_err(Failure::Raised));
    match translated {
        Ok(text) => Ok(vm.str_from_buf(text)),
        Err(Failure::Raised(raised)) => Err(raised),
        Err(Failure::TooLarge(error)) => Err(too_large(vm, error, "string is too long")),
    }
}

fn make_table(vm: &mut Vm, _this: &Value, args: &[Value]) -> PyResult {
    let table = Dict::new(vm);
    match args {
        [from] => table_of_dict(vm, from, &table)?,
        [from, to, rest @ ..] => table_of_texts(vm, from, to, rest.first(), &table)?,
        [] => {}
    }
    Ok(Value::from(table))
}

/// `maketrans` of two or three strs.
fn table_of_texts(
    vm: &mut Vm,
    from: &Value,
    to: &Value,
    deleted: Option<&Value>,
    table: &Dict,
) -> PyResult<()> {
    let to = str_argument(vm, to, "maketrans() argument 2")?;
    let deleted = deleted
        .map(|deleted| str_argument(vm, deleted, "maketrans() argument 3"))
        .transpose()?;
    let Some(from) = from.downcast::<Str>() else {
        let message = "first maketrans argument must be a string if there is a second argument";
        return Err(vm.type_error(message));
    };
    if from.len() != to.len() {
        let message = "the first two maketrans arguments must have equal length";
        return Err(vm.value_error(message));
    }
    for (from, to) in from.view().chars().zip(to.chars()) {
        table.set(vm, vm.int(from.into()), vm.int(to.into()))?;
    }
    for c in deleted.into_iter().flat_map(|deleted| deleted.chars()) {
        table.set(vm, vm.int(c.into()), Value::NONE)?;
    }
    Ok(())
}

/// `maketrans` of a dict.
fn table_of_dict(vm: &mut Vm, from: &Value, table: &Dict) -> PyResult<()> {
    let Some(from) = exact_items(from) else {
        let message = "if you give only one argument to maketrans it must be a dict";
        return Err(vm.type_error(message));
    };
    for (key, value) in from.items(vm) {
        let key = match key.downcast::<Str>() {
            Some(text) => match (text.view().get(0), text.len()) {
                (Some(c), 1) => vm.int(c.into()),
                _ => {
                    let message = "string keys in translate table must be of length 1";
                    return Err(vm.value_error(message));
                }
            },
            None if key.as_int().is_some() => key,
            None => {
                let message = "keys in translate table must be strings or integers";
                return Err(vm.type_error(message));
            }
        };
        table.set(vm, key, value)?;
    }
    Ok(())
}

pub(super) static METHODS: &[NativeDef] = &[
    NativeDef::range("replace", 2, 3, replace_by_place)
        .signature("($self, old, new, count=-1, /)")
        .until(12),
    NativeDef::bound("replace", &REPLACE, replace)
        .signature("($self, old, new, /, count=-1)")
        .since(13),
    NativeDef::one("translate", translate).signature("($self, table, /)"),
    NativeDef::range("maketrans", 1, 3, make_table).static_(),
];
