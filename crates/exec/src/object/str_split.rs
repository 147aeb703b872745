//! str: taking apart and putting together.

use crate::call::{Bound, Params};
use crate::error::PyResult;
use crate::object::list::List;
use crate::object::native::NativeDef;
use crate::object::slots::UnaryOp;
use crate::object::str_::Str;
use crate::object::text_args::{flag_argument, part, size_or, text, too_large, unchanged};
use crate::object::tuple::Tuple;
use crate::text::{Side, StrView};
use crate::value::Value;
use crate::vm::Vm;

static SPLIT: Params = Params::new(&["sep", "maxsplit"], 0);

/// The arguments of `split` and `rsplit`.
fn split_arguments<'a>(vm: &mut Vm, args: &Bound<'a>) -> PyResult<(Option<StrView<'a>>, isize)> {
    let max_split = size_or(vm, args.get(1), -1)?;
    match args.not_none(0) {
        None => Ok((None, max_split)),
        Some(separator) => match separator.downcast::<Str>() {
            Some(separator) => Ok((Some(separator.view()), max_split)),
            None => {
                let found = vm.type_name(separator);
                Err(vm.type_error(format!("must be str or None, not {found}")))
            }
        },
    }
}

fn split(vm: &mut Vm, this: &Value, args: &Bound<'_>) -> PyResult {
    let (separator, max_split) = split_arguments(vm, args)?;
    let Ok(pieces) = text(this).split(separator, max_split) else {
        return Err(vm.value_error("empty separator"));
    };
    let pieces = pieces.map(|range| part(vm, this, range)).collect();
    Ok(vm.new_list(pieces))
}

fn rsplit(vm: &mut Vm, this: &Value, args: &Bound<'_>) -> PyResult {
    let (separator, max_split) = split_arguments(vm, args)?;
    let Ok(pieces) = text(this).rsplit(separator, max_split) else {
        return Err(vm.value_error("empty separator"));
    };
    let mut pieces: Vec<Value> = pieces.map(|range| part(vm, this, range)).collect();
    pieces.reverse();
    Ok(vm.new_list(pieces))
}

static SPLIT_LINES: Params = Params::new(&["keepends"], 0);

fn split_lines(vm: &mut Vm, this: &Value, args: &Bound<'_>) -> PyResult {
    let keep_ends = flag_argument(vm, args.get(0))?;
    let lines = text(this).split_lines(keep_ends);
    let lines = lines.map(|range| part(vm, this, range)).collect();
    Ok(vm.new_list(lines))
}

fn separator_argument<'a>(vm: &mut Vm, separator: &'a Value) -> PyResult<StrView<'a>> {
    match separator.downcast::<Str>() {
        Some(separator) => Ok(separator.view()),
        None => {
            let found = vm.type_name(separator);
            Err(vm.type_error(format!("must be str, not {found}")))
        }
    }
}

fn partition(vm: &mut Vm, this: &Value, separator: &Value) -> PyResult {
    let separator_text = separator_argument(vm, separator)?;
    let empty = Value::from(&vm.names.empty);
    let len = text(this).len();
    let items = match text(this).partition(separator_text) {
        Err(_) => return Err(vm.value_error("empty separator")),
        Ok(None) => vec![unchanged(vm, this), empty.clone(), empty],
        Ok(Some(found)) => vec![
            part(vm, this, 0..found.start),
            separator.clone(),
            part(vm, this, found.end..len),
        ],
    };
    Ok(vm.new_tuple(items))
}

fn rpartition(vm: &mut Vm, this: &Value, separator: &Value) -> PyResult {
    let separator_text = separator_argument(vm, separator)?;
    let empty = Value::from(&vm.names.empty);
    let len = text(this).len();
    let items = match text(this).rpartition(separator_text) {
        Err(_) => return Err(vm.value_error("empty separator")),
        Ok(None) => vec![empty.clone(), empty, unchanged(vm, this)],
        Ok(Some(found)) => vec![
            part(vm, this, 0..found.start),
            separator.clone(),
            part(vm, this, found.end..len),
        ],
    };
    Ok(vm.new_tuple(items))
}

fn join(vm: &mut Vm, this: &Value, iterable: &Value) -> PyResult {
    let is_exact = iterable.downcast::<List>().is_some_and(|l| l.is_exact())
        || iterable.downcast::<Tuple>().is_some_and(|t| t.is_exact());
    if !is_exact {
        let slots = &vm.type_of(iterable).slots;
        if slots.unary(UnaryOp::Iter).is_none() && !vm.is_sequence(iterable) {
            return Err(vm.type_error("can only join an iterable"));
        }
    }
    let items = vm.collect(iterable)?;
    if let [item] = &items[..]
        && item.downcast::<Str>().is_some_and(|s| s.is_exact())
    {
        return Ok(item.clone());
    }
    for (index, item) in items.iter().enumerate() {
        if item.downcast::<Str>().is_none() {
            let found = vm.type_name(item);
            return Err(vm.type_error(format!(
                "sequence item {index}: expected str instance, {found} found"
            )));
        }
    }
    let separator = text(this);
    let pieces = items.iter().enumerate().flat_map(|(index, item)| {
        let separator = (index > 0 && !separator.is_empty()).then_some(separator);
        separator.into_iter().chain([text(item)])
    });
    if items.len() > 1
        && let Some(joined) = Str::joined(&vm.types.str, pieces, vm.max_size())
        && joined.len() > 1
    {
        return Ok(joined.into());
    }
    match separator.join(items.iter().map(text), vm.max_size()) {
        Ok(joined) => Ok(vm.str_from_buf(joined)),
        Err(error) => Err(too_large(
            vm,
            error,
            "join() result is too long for a Python string",
        )),
    }
}

fn strip_side(vm: &mut Vm, this: &Value, args: &[Value], name: &str, side: Side) -> PyResult {
    let chars = match args.first().filter(|chars| !chars.is_none()) {
        None => None,
        Some(chars) => match chars.downcast::<Str>() {
            Some(chars) => Some(chars.view()),
            None => return Err(vm.type_error(format!("{name} arg must be None or str"))),
        },
    };
    Ok(part(vm, this, text(this).strip(chars, side)))
}

pub(super) static METHODS: &[NativeDef] = &[
    NativeDef::bound("split", &SPLIT, split).signature("($self, /, sep=None, maxsplit=-1)"),
    NativeDef::bound("rsplit", &SPLIT, rsplit).signature("($self, /, sep=None, maxsplit=-1)"),
    NativeDef::bound("splitlines", &SPLIT_LINES, split_lines)
        .signature("($self, /, keepends=False)"),
    NativeDef::one("partition", partition).signature("($self, sep, /)"),
    NativeDef::one("rpartition", rpartition).signature("($self, sep, /)"),
    NativeDef::one("join", join).signature("($self, iterable, /)"),
    NativeDef::range("strip", 0, 1, |vm, this, args| {
        strip_side(vm, this, args, "strip", Side::Both)
    })
    .signature("($self, chars=None, /)"),
    NativeDef::range("lstrip", 0, 1, |vm, this, args| {
        strip_side(vm, this, args, "lstrip", Side::Left)
    })
    .signature("($self, chars=None, /)"),
    NativeDef::range("rstrip", 0, 1, |vm, this, args| {
        strip_side(vm, this, args, "rstrip", Side::Right)
    })
    .signature("($self, chars=None, /)"),
];
