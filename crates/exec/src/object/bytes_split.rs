//! bytes and bytearray: taking apart and putting together.

use std::ops::Range;

use crate::call::{Bound, Params};
use crate::error::PyResult;
use crate::object::buffer::{as_bytes_like, bytes_like, data, part, same_class, unchanged};
use crate::object::bytearray::{hold, hold_always};
use crate::object::bytes::Bytes;
use crate::object::list::List;
use crate::object::memoryview::MemoryView;
use crate::object::native::NativeDef;
use crate::object::slots::UnaryOp;
use crate::object::text_args::{flag_argument, size_or, too_large};
use crate::object::tuple::Tuple;
use crate::text::{Side, bytes};
use crate::value::Value;
use crate::vm::Vm;

static SPLIT: Params = Params::new(&["sep", "maxsplit"], 0);

/// The ranges that `split` or `rsplit` give, in the order of the bytes.
fn split_ranges(
    vm: &mut Vm,
    this: &Value,
    args: &Bound<'_>,
    backwards: bool,
) -> PyResult<Vec<Range<usize>>> {
    let max_split = size_or(vm, args.get(1), -1)?;
    let separator = match args.not_none(0) {
        Some(separator) => Some(hold(vm, this, |vm| as_bytes_like(vm, separator))?),
        None => None,
    };
    let separator = separator.as_ref().map(|separator| data(vm, separator));
    let bytes = data(vm, this);
    let pieces = if backwards {
        bytes::rsplit(bytes, separator, max_split)
    } else {
        bytes::split(bytes, separator, max_split)
    };
    match pieces {
        Ok(pieces) => {
            let mut ranges: Vec<_> = pieces.collect();
            if backwards {
                ranges.reverse();
            }
            Ok(ranges)
        }
        Err(_) => Err(vm.value_error("empty separator")),
    }
}

fn parts(vm: &Vm, this: &Value, ranges: Vec<Range<usize>>) -> Value {
    let parts = ranges.into_iter().map(|range| part(vm, this, range));
    vm.new_list(parts.collect())
}

fn split(vm: &mut Vm, this: &Value, args: &Bound<'_>) -> PyResult {
    if let (Some(this), Some(separator)) = (this.downcast::<Bytes>(), args.not_none(0))
        && let Some(&[separator]) = separator.downcast::<Bytes>().map(|bytes| bytes.data())
        && this.is_exact()
        && args.get(1).is_none()
        && this.data().contains(&separator)
    {
        let fields = this.data().split(|&byte| byte == separator);
        let fields = fields.map(|field| vm.new_bytes(field.to_vec()));
        return Ok(vm.new_list(fields.collect()));
    }
    let ranges = split_ranges(vm, this, args, false)?;
    Ok(parts(vm, this, ranges))
}

fn rsplit(vm: &mut Vm, this: &Value, args: &Bound<'_>) -> PyResult {
    let ranges = split_ranges(vm, this, args, true)?;
    Ok(parts(vm, this, ranges))
}

static SPLIT_LINES: Params = Params::new(&["keepends"], 0);

fn split_lines(vm: &mut Vm, this: &Value, args: &Bound<'_>) -> PyResult {
    let keep_ends = flag_argument(vm, args.get(0))?;
    let ranges = bytes::split_lines(data(vm, this), keep_ends).collect();
    Ok(parts(vm, this, ranges))
}

/// `partition` and `rpartition`.
fn partition_at(vm: &mut Vm, this: &Value, separator: &Value, backwards: bool) -> PyResult {
    let view = hold(vm, this, |vm| as_bytes_like(vm, separator))?;
    let (whole, sep) = (data(vm, this), data(vm, &view));
    let len = whole.len();
    let found = if backwards {
        bytes::rpartition(whole, sep)
    } else {
        bytes::partition(whole, sep)
    };
    let Ok(found) = found else {
        return Err(vm.value_error("empty separator"));
    };
    let items = match found {
        Some(found) => {
            // A bytearray copies the separator into a new one, bytes give it back.
            let middle = match this.downcast::<Bytes>() {
                Some(_) => separator.clone(),
                None => same_class(vm, this, data(vm, &view).to_vec()),
            };
            vec![
                part(vm, this, 0..found.start),
                middle,
                part(vm, this, found.end..len),
            ]
        }
        None => {
            let empty = || same_class(vm, this, Vec::new());
            let mut items = vec![unchanged(vm, this), empty(), empty()];
            if backwards {
                items.reverse();
            }
            items
        }
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
    if let (Some(this), Some(list)) = (this.downcast::<Bytes>(), iterable.downcast::<List>())
        && this.is_exact()
        && list.is_exact()
        && let items @ [_, _, ..] = list.items(vm)
        && items.iter().all(|item| item.downcast::<Bytes>().is_some())
    {
        let joined = bytes::join(
            this.data(),
            items.iter().map(|item| data(vm, item)),
            vm.max_size(),
        );
        if let Ok(joined) = joined {
            return Ok(vm.new_bytes(joined));
        }
    }
    let mut items = hold_always(vm, this, |vm| vm.collect(iterable))?;
    let list = iterable.downcast::<List>().filter(|list| list.is_exact());
    let count = items.len();
    if let ([item], Some(_)) = (&items[..], this.downcast::<Bytes>())
        && item.downcast::<Bytes>().is_some_and(|b| b.is_exact())
    {
        return Ok(item.clone());
    }
    hold_always(vm, this, |vm| {
        for (index, item) in items.iter_mut().enumerate() {
            match bytes_like(vm, item) {
                Ok(Some(bytes)) => *item = bytes,
                Err(raised) if item.downcast::<MemoryView>().is_none() => return Err(raised),
                _ => {
                    let found = vm.type_name(item);
                    return Err(vm.type_error(format!(
                        "sequence item {index}: expected a bytes-like object, {found} found"
                    )));
                }
            }
            if list.is_some_and(|list| list.items(vm).len() != count) {
                return Err(vm.runtime_error("sequence changed size during iteration"));
            }
        }
        Ok(())
    })?;
    let joined = bytes::join(
        data(vm, this),
        items.iter().map(|item| data(vm, item)),
        vm.max_size(),
    );
    match joined {
        Ok(joined) => Ok(same_class(vm, this, joined)),
        Err(error) => Err(too_large(
            vm,
            error,
            "join() result is too long for a Python string",
        )),
    }
}

fn strip_side(vm: &mut Vm, this: &Value, args: &[Value], side: Side) -> PyResult {
    let chars = match args.first().filter(|chars| !chars.is_none()) {
        Some(chars) => Some(hold(vm, this, |vm| as_bytes_like(vm, chars))?),
        None => None,
    };
    let range = bytes::strip(
        data(vm, this),
        chars.as_ref().map(|chars| data(vm, chars)),
        side,
    );
    Ok(part(vm, this, range))
}

const STRIP: &str = "($self, bytes=None, /)";

pub(super) static METHODS: &[NativeDef] = &[
    NativeDef::bound("split", &SPLIT, split).signature("($self, /, sep=None, maxsplit=-1)"),
    NativeDef::bound("rsplit", &SPLIT, rsplit).signature("($self, /, sep=None, maxsplit=-1)"),
    NativeDef::bound("splitlines", &SPLIT_LINES, split_lines)
        .signature("($self, /, keepends=False)"),
    NativeDef::one("partition", |vm, this, separator| {
        partition_at(vm, this, separator, false)
    })
    .signature("($self, sep, /)"),
    NativeDef::one("rpartition", |vm, this, separator| {
        partition_at(vm, this, separator, true)
    })
    .signature("($self, sep, /)"),
    NativeDef::one("join", join).signature("($self, iterable_of_bytes, /)"),
    NativeDef::range("strip", 0, 1, |vm, this, args| {
        strip_side(vm, this, args, Side::Both)
    })
    .signature(STRIP),
    NativeDef::range("lstrip", 0, 1, |vm, this, args| {
        strip_side(vm, this, args, Side::Left)
    })
    .signature(STRIP),
    NativeDef::range("rstrip", 0, 1, |vm, this, args| {
        strip_side(vm, this, args, Side::Right)
    })
    .signature(STRIP),
];
