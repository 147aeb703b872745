//! f-strings.

use crate::error::{PyResult, Raised};
use crate::object::slots::BinaryOp;
use crate::object::str_::Str;
use crate::ops::plain_format;
use crate::text::StrBuilder;
use crate::value::Value;
use crate::vm::Vm;

/// BUILD_STRING.
pub(crate) fn build_string(vm: &mut Vm, parts: &[Value]) -> PyResult {
    let views = parts.iter().filter_map(|p| p.downcast::<Str>());
    let views = views.map(|p| p.view());
    let len = views.clone().map(|view| view.len()).sum();
    vm.check_growth(len)?;
    if len > 1
        && let Some(text) = Str::joined(&vm.types.str, views, len)
    {
        return Ok(text.into());
    }
    let mut text = StrBuilder::with_capacity(len);
    for part in parts {
        match part.downcast::<Str>() {
            Some(part) => text.push_view(part.view()),
            None => {
                let found = vm.type_name(part);
                let message = format!("sequence item 0: expected str instance, {found} found");
                return Err(vm.type_error(message));
            }
        }
    }
    Ok(vm.str_from_buf(text.finish()))
}

/// FORMAT_SIMPLE: `format(value, "")`.
pub(crate) fn format_simple(vm: &mut Vm, value: Value) -> PyResult {
    if value.downcast::<Str>().is_some_and(|s| s.is_exact()) {
        return Ok(value);
    }
    if value.as_small_int().is_some() || value.as_float().is_some() {
        return vm.str(&value);
    }
    let spec = Value::from(&vm.names.empty);
    format(vm, &value, &spec)
}

/// `format(value, spec)`.
pub(crate) fn format(vm: &mut Vm, value: &Value, spec: &Value) -> PyResult {
    if let Some(spec) = spec.downcast::<Str>()
        && let Some(text) = plain_format::format(vm, value, spec)
    {
        return Ok(text);
    }
    let name = vm.names.__format__.clone();
    let result = vm.call_special(value, &name, std::slice::from_ref(spec))?;
    if result.downcast::<Str>().is_some() {
        return Ok(result);
    }
    let message = vm.wrong_result(value, "__format__", "a str", &result, |found| {
        format!("__format__ must return a str, not {found}")
    });
    Err(vm.type_error(message))
}

/// CONVERT_VALUE.
pub(crate) fn convert(vm: &mut Vm, value: &Value, conversion: usize) -> PyResult {
    match conversion {
        1 => vm.str(value),
        2 => vm.repr(value),
        _ => ascii(vm, value),
    }
}

/// `ascii(value)`.
pub(crate) fn ascii(vm: &mut Vm, value: &Value) -> PyResult {
    let repr = vm.repr(value)?;
    match repr.downcast::<Str>() {
        Some(text) if !text.view().is_ascii() => {
            let mut escaped = StrBuilder::with_capacity(text.len());
            for c in text.view().chars() {
                match c {
                    0..0x80 => escaped.push(c),
                    0x80..0x100 => escaped.push_str(&format!("\\x{c:02x}")),
                    0x100..0x1_0000 => escaped.push_str(&format!("\\u{c:04x}")),
                    _ => escaped.push_str(&format!("\\U{c:08x}")),
                }
            }
            Ok(vm.str_from_buf(escaped.finish()))
        }
        _ => Ok(repr),
    }
}

/// `left + right` of exact strs, where `left` grows in place if nobody else has it. With an error it comes back.
pub(crate) fn append(vm: &mut Vm, left: Value, right: &Value) -> Result<Value, (Raised, Value)> {
    let more = match right.downcast::<Str>() {
        Some(right) => right.len(),
        None => 0,
    };
    if let Err(raised) = vm.check_growth(more) {
        return Err((raised, left));
    }
    let left = match (left.into_ref::<Str>(), right.downcast::<Str>()) {
        (Ok(left), Some(right)) => match Str::append(left, right) {
            Ok(grown) => return Ok(grown.into()),
            Err(left) => Value::from(left),
        },
        (Ok(left), None) => Value::from(left),
        (Err(left), _) => left,
    };
    vm.binary(&left, right, BinaryOp::Add)
        .map_err(|raised| (raised, left))
}
