//! str: taking apart and putting together.

use crate::call::{Bound, Params};
use crate::error::PyResult;
use crate::object::list::List;
use crate::object::native::NativeDef;
use crate::object::slots::UnaryOp;
use crate::object::str_::Str;
use crate::object::text_args::{flag_argument, part, size_or, text, too_large, unchanged};
use crate::object::tuple::Tuple;
use crate::text::{Kind, Side, StrView, find_byte};
use crate::value::Value;
use crate::vm::Vm;

static SPLIT: Params = Params::new(&["sep", "maxsplit"], 0);

/// For how many pieces of a text there is room before the list of them grows.
const LIKELY_PIECES: usize = 8;

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
    if let StrView::Ascii(units) = text(this) {
        let most = usize::try_from(max_split).unwrap_or(usize::MAX);
        match separator {
            None => return Ok(words(vm, this, units, most)),
            Some(StrView::Ascii(&[separator])) => {
                return Ok(fields(vm, this, units, separator, most));
            }
            _ => {}
        }
    }
    let Ok(pieces) = text(this).split(separator, max_split) else {
        return Err(vm.value_error("empty separator"));
    };
    let pieces = pieces.map(|range| part(vm, this, range)).collect();
    Ok(vm.new_list(pieces))
}

/// The fields of an ASCII text, split so many times at most.
fn fields(vm: &Vm, this: &Value, units: &[u8], separator: u8, most: usize) -> Value {
    let mut fields = Vec::with_capacity(LIKELY_PIECES.min(most.saturating_add(1)));
    let mut rest = units;
    while fields.len() < most
        && let Some(len) = find_byte(rest, separator)
    {
        fields.push(vm.str_from_view(StrView::Ascii(&rest[..len])));
        rest = &rest[len + 1..];
    }
    fields.push(match rest.len() == units.len() {
        true => unchanged(vm, this),
        false => vm.str_from_view(StrView::Ascii(rest)),
    });
    vm.new_list(fields)
}

/// The words of an ASCII text, split so many times at most: what is left then keeps its spaces at the end.
fn words(vm: &Vm, this: &Value, units: &[u8], most: usize) -> Value {
    let is_space = |unit: &u8| matches!(unit, 0x09..=0x0D | 0x1C..=0x20);
    let mut words = Vec::new();
    let mut rest = units;
    while let Some(start) = rest.iter().position(|unit| !is_space(unit)) {
        let word = &rest[start..];
        let len = match words.len() < most {
            true => word.iter().position(is_space).unwrap_or(word.len()),
            false => word.len(),
        };
        if words.is_empty() {
            words.reserve_exact(LIKELY_PIECES.min(most.saturating_add(1)));
        }
        words.push(match len == units.len() {
            true => unchanged(vm, this),
            false => vm.str_from_view(StrView::Ascii(&word[..len])),
        });
        rest = &word[len..];
    }
    vm.new_list(words)
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
        Ok(None) => [unchanged(vm, this), empty.clone(), empty],
        Ok(Some(found)) => [
            part(vm, this, 0..found.start),
            separator.clone(),
            part(vm, this, found.end..len),
        ],
    };
    Ok(vm.tuple_of(items))
}

fn rpartition(vm: &mut Vm, this: &Value, separator: &Value) -> PyResult {
    let separator_text = separator_argument(vm, separator)?;
    let empty = Value::from(&vm.names.empty);
    let len = text(this).len();
    let items = match text(this).rpartition(separator_text) {
        Err(_) => return Err(vm.value_error("empty separator")),
        Ok(None) => [empty.clone(), empty, unchanged(vm, this)],
        Ok(Some(found)) => [
            part(vm, this, 0..found.start),
            separator.clone(),
            part(vm, this, found.end..len),
        ],
    };
    Ok(vm.tuple_of(items))
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
    if let Some(joined) = join_one_byte(vm, text(this), iterable) {
        return Ok(joined);
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
    match text(this).join(items.iter().map(text), vm.max_size()) {
        Ok(joined) => Ok(vm.str_from_buf(joined)),
        Err(error) => Err(too_large(
            vm,
            error,
            "join() result is too long for a Python string",
        )),
    }
}

/// The join of two or more strs that are items of a list or tuple, if they and the separator have one byte a character; written once,
/// where it stays.
fn join_one_byte(vm: &Vm, separator: StrView<'_>, iterable: &Value) -> Option<Value> {
    let items = match (iterable.downcast::<List>(), iterable.downcast::<Tuple>()) {
        (Some(list), _) if list.is_exact() => list.items(vm),
        (_, Some(tuple)) if tuple.is_exact() => tuple.items(),
        _ => return None,
    };
    let (first, others) = items
        .split_first()
        .filter(|(_, others)| !others.is_empty())?;
    let mut kind = separator.kind();
    let mut len = separator.len().checked_mul(others.len())?;
    for item in items {
        let item = item.downcast::<Str>()?.view();
        kind = kind.max(item.kind());
        len = len.checked_add(item.len())?;
    }
    if kind > Kind::Latin1 || len > vm.max_size() {
        return None;
    }
    if len < 2 {
        // The VM has its own of these.
        let only = items.iter().map(text).find(|item| !item.is_empty());
        return Some(vm.str_from_view(only.unwrap_or(separator)));
    }
    let separator = separator.unit_bytes();
    let joined = Str::filled(&vm.types.str, kind, len, |mut rest| {
        let mut put = |bytes: &[u8]| match bytes {
            // Not worth a call.
            &[unit] => {
                if let Some(to) = rest.split_off_first_mut() {
                    *to = unit;
                }
            }
            bytes => {
                if let Some(to) = rest.split_off_mut(..bytes.len()) {
                    to.copy_from_slice(bytes);
                }
            }
        };
        put(text(first).unit_bytes());
        for item in others {
            put(separator);
            put(text(item).unit_bytes());
        }
    });
    Some(joined.into())
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
