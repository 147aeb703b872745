//! str: finding, counting, prefixes and suffixes, and the questions about its characters.

use crate::error::PyResult;
use crate::object::native::NativeDef;
use crate::object::str_::Str;
use crate::object::text_args::{part, range_arguments, str_argument, text};
use crate::object::tuple::Tuple;
use crate::text::StrView;
use crate::value::Value;
use crate::vm::Vm;

/// `find` and its like: `sub[, start[, end]]`.
fn search_arguments<'a>(
    vm: &mut Vm,
    name: &str,
    args: &'a [Value],
) -> PyResult<(StrView<'a>, isize, isize)> {
    if vm.version_number() < 13 && args[0].downcast::<Str>().is_none() {
        range_arguments(vm, args, 1)?;
        let found = vm.type_name(&args[0]);
        return Err(vm.type_error(format!("must be str, not {found}")));
    }
    // The start and end are converted after the first argument is known to be a str.
    let sub = match args[0].downcast::<Str>() {
        Some(sub) => sub.view(),
        None => str_argument(vm, &args[0], &format!("{name}() argument 1"))?,
    };
    if args.len() == 1 {
        return Ok((sub, 0, isize::MAX));
    }
    let (start, end) = range_arguments(vm, args, 1)?;
    Ok((sub, start, end))
}

fn index_or_minus_one(vm: &Vm, found: Option<usize>) -> Value {
    vm.int(found.map_or(-1, |index| index as i64))
}

fn index_or_error(vm: &mut Vm, found: Option<usize>) -> PyResult {
    match found {
        Some(index) => Ok(vm.int(index as i64)),
        None => Err(vm.value_error("substring not found")),
    }
}

fn find(vm: &mut Vm, this: &Value, args: &[Value]) -> PyResult {
    let (sub, start, end) = search_arguments(vm, "find", args)?;
    let found = text(this).find(sub, start, end);
    Ok(index_or_minus_one(vm, found))
}

fn rfind(vm: &mut Vm, this: &Value, args: &[Value]) -> PyResult {
    let (sub, start, end) = search_arguments(vm, "rfind", args)?;
    let found = text(this).rfind(sub, start, end);
    Ok(index_or_minus_one(vm, found))
}

fn index(vm: &mut Vm, this: &Value, args: &[Value]) -> PyResult {
    let (sub, start, end) = search_arguments(vm, "index", args)?;
    index_or_error(vm, text(this).find(sub, start, end))
}

fn rindex(vm: &mut Vm, this: &Value, args: &[Value]) -> PyResult {
    let (sub, start, end) = search_arguments(vm, "rindex", args)?;
    index_or_error(vm, text(this).rfind(sub, start, end))
}

fn count(vm: &mut Vm, this: &Value, args: &[Value]) -> PyResult {
    let (sub, start, end) = search_arguments(vm, "count", args)?;
    Ok(vm.int(text(this).count(sub, start, end) as i64))
}

/// `startswith` and `endswith`: one str, or a tuple of them.
fn affix(
    vm: &mut Vm,
    name: &str,
    args: &[Value],
    has: impl Fn(StrView<'_>, isize, isize) -> bool,
) -> PyResult {
    if let [affix] = args
        && let Some(affix) = affix.downcast::<Str>()
    {
        return Ok(Value::bool(has(affix.view(), 0, isize::MAX)));
    }
    let (start, end) = range_arguments(vm, args, 1)?;
    if let Some(affix) = args[0].downcast::<Str>() {
        return Ok(Value::bool(has(affix.view(), start, end)));
    }
    let Some(affixes) = args[0].downcast::<Tuple>() else {
        let found = vm.type_name(&args[0]);
        return Err(vm.type_error(format!(
            "{name} first arg must be str or a tuple of str, not {found}"
        )));
    };
    for affix in affixes.items() {
        let Some(affix) = affix.downcast::<Str>() else {
            let found = vm.type_name(affix);
            return Err(vm.type_error(format!(
                "tuple for {name} must only contain str, not {found}"
            )));
        };
        if has(affix.view(), start, end) {
            return Ok(Value::TRUE);
        }
    }
    Ok(Value::FALSE)
}

fn starts_with(vm: &mut Vm, this: &Value, args: &[Value]) -> PyResult {
    affix(vm, "startswith", args, |prefix, start, end| {
        text(this).starts_with(prefix, start, end)
    })
}

fn ends_with(vm: &mut Vm, this: &Value, args: &[Value]) -> PyResult {
    affix(vm, "endswith", args, |suffix, start, end| {
        text(this).ends_with(suffix, start, end)
    })
}

fn remove_prefix(vm: &mut Vm, this: &Value, prefix: &Value) -> PyResult {
    let prefix = str_argument(vm, prefix, "removeprefix() argument")?;
    Ok(part(vm, this, text(this).remove_prefix(prefix)))
}

fn remove_suffix(vm: &mut Vm, this: &Value, suffix: &Value) -> PyResult {
    let suffix = str_argument(vm, suffix, "removesuffix() argument")?;
    Ok(part(vm, this, text(this).remove_suffix(suffix)))
}

pub(super) static METHODS: &[NativeDef] = &[
    NativeDef::range("find", 1, 3, find).parsed_until(12),
    NativeDef::range("rfind", 1, 3, rfind).parsed_until(12),
    NativeDef::range("index", 1, 3, index).parsed_until(12),
    NativeDef::range("rindex", 1, 3, rindex).parsed_until(12),
    NativeDef::range("count", 1, 3, count).parsed_until(12),
    NativeDef::range("startswith", 1, 3, starts_with).parsed_until(12),
    NativeDef::range("endswith", 1, 3, ends_with).parsed_until(12),
    NativeDef::one("removeprefix", remove_prefix).signature("($self, prefix, /)"),
    NativeDef::one("removesuffix", remove_suffix).signature("($self, suffix, /)"),
    NativeDef::no_args("isascii", |_, this| Ok(text(this).is_ascii().into())).signature(SELF),
    NativeDef::no_args("islower", |vm, this| {
        Ok(text(this).is_lower(vm.unicode_version()).into())
    })
    .signature(SELF),
    NativeDef::no_args("isupper", |vm, this| {
        Ok(text(this).is_upper(vm.unicode_version()).into())
    })
    .signature(SELF),
    NativeDef::no_args("istitle", |vm, this| {
        Ok(text(this).is_title(vm.unicode_version()).into())
    })
    .signature(SELF),
    NativeDef::no_args("isspace", |_, this| Ok(text(this).is_space().into())).signature(SELF),
    NativeDef::no_args("isdecimal", |vm, this| {
        Ok(text(this).is_decimal(vm.unicode_version()).into())
    })
    .signature(SELF),
    NativeDef::no_args("isdigit", |vm, this| {
        Ok(text(this).is_digit(vm.unicode_version()).into())
    })
    .signature(SELF),
    NativeDef::no_args("isnumeric", |vm, this| {
        Ok(text(this).is_numeric(vm.unicode_version()).into())
    })
    .signature(SELF),
    NativeDef::no_args("isalpha", |vm, this| {
        Ok(text(this).is_alpha(vm.unicode_version()).into())
    })
    .signature(SELF),
    NativeDef::no_args("isalnum", |vm, this| {
        Ok(text(this).is_alnum(vm.unicode_version()).into())
    })
    .signature(SELF),
    NativeDef::no_args("isidentifier", |vm, this| {
        Ok(text(this).is_identifier(vm.unicode_version()).into())
    })
    .signature(SELF),
    NativeDef::no_args("isprintable", |vm, this| {
        Ok(text(this).is_printable(vm.unicode_version()).into())
    })
    .signature(SELF),
];

const SELF: &str = "($self, /)";
