//! bytes and bytearray: finding, counting, prefixes and suffixes, and the questions about their bytes.

use crate::error::PyResult;
use crate::object::buffer::{Sub, as_bytes_like, byte_or_bytes, bytes_like, data, part};
use crate::object::bytearray::hold;
use crate::object::native::NativeDef;
use crate::object::text_args::range_arguments;
use crate::object::tuple::Tuple;
use crate::text::bytes;
use crate::value::Value;
use crate::vm::Vm;

/// Asks `f` about the bytes and the subsequence that the arguments `sub[, start[, end]]` name.
fn search<R>(
    vm: &mut Vm,
    this: &Value,
    args: &[Value],
    f: impl Fn(&[u8], &[u8], isize, isize) -> R,
) -> PyResult<R> {
    let (start, end) = range_arguments(vm, args, 1)?;
    let sub = hold(vm, this, |vm| byte_or_bytes(vm, &args[0]))?;
    Ok(match &sub {
        Sub::Byte(byte) => f(data(vm, this), &[*byte], start, end),
        Sub::Bytes(sub) => f(data(vm, this), data(vm, sub), start, end),
    })
}

fn index_or_minus_one(vm: &Vm, found: Option<usize>) -> Value {
    vm.int(found.map_or(-1, |index| index as i64))
}

fn index_or_error(vm: &mut Vm, found: Option<usize>) -> PyResult {
    match found {
        Some(index) => Ok(vm.int(index as i64)),
        None => Err(vm.value_error("subsection not found")),
    }
}

fn find(vm: &mut Vm, this: &Value, args: &[Value]) -> PyResult {
    let found = search(vm, this, args, bytes::find)?;
    Ok(index_or_minus_one(vm, found))
}

fn rfind(vm: &mut Vm, this: &Value, args: &[Value]) -> PyResult {
    let found = search(vm, this, args, bytes::rfind)?;
    Ok(index_or_minus_one(vm, found))
}

fn index(vm: &mut Vm, this: &Value, args: &[Value]) -> PyResult {
    let found = search(vm, this, args, bytes::find)?;
    index_or_error(vm, found)
}

fn rindex(vm: &mut Vm, this: &Value, args: &[Value]) -> PyResult {
    let found = search(vm, this, args, bytes::rfind)?;
    index_or_error(vm, found)
}

fn count(vm: &mut Vm, this: &Value, args: &[Value]) -> PyResult {
    let count = search(vm, this, args, bytes::count)?;
    Ok(vm.int(count as i64))
}

/// `startswith` and `endswith`: one bytes-like object, or a tuple of them.
fn affix(
    vm: &mut Vm,
    this: &Value,
    args: &[Value],
    name: &str,
    has: fn(&[u8], &[u8], isize, isize) -> bool,
) -> PyResult {
    let (start, end) = range_arguments(vm, args, 1)?;
    let Some(affixes) = args[0].downcast::<Tuple>() else {
        if let Some(affix) = hold(vm, this, |vm| bytes_like(vm, &args[0]))? {
            return Ok(has(data(vm, this), data(vm, &affix), start, end).into());
        }
        let found = vm.type_name(&args[0]);
        return Err(vm.type_error(format!(
            "{name} first arg must be bytes or a tuple of bytes, not {found}"
        )));
    };
    for affix in affixes.items() {
        let affix = hold(vm, this, |vm| as_bytes_like(vm, affix))?;
        if has(data(vm, this), data(vm, &affix), start, end) {
            return Ok(Value::TRUE);
        }
    }
    Ok(Value::FALSE)
}

fn starts_with(vm: &mut Vm, this: &Value, args: &[Value]) -> PyResult {
    affix(vm, this, args, "startswith", bytes::starts_with)
}

fn ends_with(vm: &mut Vm, this: &Value, args: &[Value]) -> PyResult {
    affix(vm, this, args, "endswith", bytes::ends_with)
}

fn remove_prefix(vm: &mut Vm, this: &Value, prefix: &Value) -> PyResult {
    let prefix = &hold(vm, this, |vm| as_bytes_like(vm, prefix))?;
    let range = bytes::remove_prefix(data(vm, this), data(vm, prefix));
    Ok(part(vm, this, range))
}

fn remove_suffix(vm: &mut Vm, this: &Value, suffix: &Value) -> PyResult {
    let suffix = &hold(vm, this, |vm| as_bytes_like(vm, suffix))?;
    let range = bytes::remove_suffix(data(vm, this), data(vm, suffix));
    Ok(part(vm, this, range))
}

const SELF: &str = "($self, /)";
const FIND: &str = "($self, sub[, start[, end]], /)";

pub(super) static METHODS: &[NativeDef] = &[
    NativeDef::range("find", 1, 3, find)
        .parsed_until(12)
        .signature(FIND),
    NativeDef::range("rfind", 1, 3, rfind)
        .parsed_until(12)
        .signature(FIND),
    NativeDef::range("index", 1, 3, index)
        .parsed_until(12)
        .signature(FIND),
    NativeDef::range("rindex", 1, 3, rindex)
        .parsed_until(12)
        .signature(FIND),
    NativeDef::range("count", 1, 3, count)
        .parsed_until(12)
        .signature(FIND),
    NativeDef::range("startswith", 1, 3, starts_with)
        .parsed_until(12)
        .signature("($self, prefix[, start[, end]], /)"),
    NativeDef::range("endswith", 1, 3, ends_with)
        .parsed_until(12)
        .signature("($self, suffix[, start[, end]], /)"),
    NativeDef::one("removeprefix", remove_prefix).signature("($self, prefix, /)"),
    NativeDef::one("removesuffix", remove_suffix).signature("($self, suffix, /)"),
    NativeDef::no_args("isascii", |vm, this| Ok(data(vm, this).is_ascii().into())).signature(SELF),
    NativeDef::no_args("isalpha", |vm, this| {
        Ok(bytes::is_alpha(data(vm, this)).into())
    })
    .signature(SELF),
    NativeDef::no_args("isalnum", |vm, this| {
        Ok(bytes::is_alnum(data(vm, this)).into())
    })
    .signature(SELF),
    NativeDef::no_args("isdigit", |vm, this| {
        Ok(bytes::is_digit(data(vm, this)).into())
    })
    .signature(SELF),
    NativeDef::no_args("islower", |vm, this| {
        Ok(bytes::is_lower(data(vm, this)).into())
    })
    .signature(SELF),
    NativeDef::no_args("isupper", |vm, this| {
        Ok(bytes::is_upper(data(vm, this)).into())
    })
    .signature(SELF),
    NativeDef::no_args("isspace", |vm, this| {
        Ok(bytes::is_space(data(vm, this)).into())
    })
    .signature(SELF),
    NativeDef::no_args("istitle", |vm, this| {
        Ok(bytes::is_title(data(vm, this)).into())
    })
    .signature(SELF),
];
