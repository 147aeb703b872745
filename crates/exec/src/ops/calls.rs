//! Calls: star arguments, function objects.

use crate::error::{PyResult, Raised};
use crate::eval::frame::Frame;
use crate::object::code::Code;
use crate::object::dict::Dict;
use crate::object::function::Function;
use crate::object::header::Ref;
use crate::object::slots::UnaryOp;
use crate::object::str_::Str;
use crate::object::tuple::Tuple;
use crate::value::{Slot, Value};
use crate::vm::Vm;

/// The `count` arguments on top of the stack.
///
/// # Safety
/// The stack ends at `sp` and holds so many values, which stay there while the result is used.
#[inline(always)]
pub(crate) unsafe fn values<'a>(sp: *mut Slot, count: usize) -> &'a [Value] {
    // SAFETY: forwarded; a filled slot is a value.
    unsafe { std::slice::from_raw_parts(sp.sub(count).cast::<Value>(), count) }
}

/// Drops a call's operands, callable and self included; gives the new top of the stack.
///
/// # Safety
/// The stack ends at `sp` and holds a call's operands.
#[inline(always)]
pub(crate) unsafe fn drop_call(sp: *mut Slot, count: usize) -> *mut Slot {
    // SAFETY: forwarded; each is dropped once.
    unsafe {
        for index in 1..=count + 2 {
            drop(sp.sub(index).read());
        }
        sp.sub(count + 2)
    }
}

/// The complaint about an `__init__` that returned something.
#[cold]
pub(crate) fn init_returned(vm: &mut Vm, value: &Value) -> Raised {
    let found = vm.type_name(value);
    vm.type_error(format!("__init__() should return None, not '{found}'"))
}

/// The `str()` of a callable as messages show it: `f()` with its module unless built in.
pub(crate) fn callable_name(vm: &mut Vm, callable: &Value) -> PyResult<String> {
    let qualname = vm.names.__qualname__.clone();
    let Some(name) = vm.get_attr_opt(callable, &qualname)? else {
        return vm.str_text(callable);
    };
    let name = vm.display(&name);
    let module = vm.names.__module__.clone();
    match vm.get_attr_opt(callable, &module)? {
        Some(module) if !module.is_none() => {
            let module = vm.display(&module);
            Ok(if module == "builtins" {
                format!("{name}()")
            } else {
                format!("{module}.{name}()")
            })
        }
        _ => Ok(format!("{name}()")),
    }
}

/// What stands after `*` or `**` in a call, for messages.
pub(crate) fn star_subject(vm: &mut Vm, callable: &Value) -> PyResult<String> {
    if vm.version_number() >= 15 {
        return Ok("Value".to_owned());
    }
    Ok(format!("{} argument", callable_name(vm, callable)?))
}

/// The values of `*args`.
pub(crate) fn star_args(vm: &mut Vm, callable: &Value, args: Value) -> PyResult<Ref<Tuple>> {
    let args = match args.into_ref::<Tuple>() {
        Ok(tuple) if tuple.is_exact() => return Ok(tuple),
        Ok(other) => Value::from(other),
        Err(other) => other,
    };
    let iterable = vm.type_of(&args).slots.unary(UnaryOp::Iter).is_some() || vm.is_sequence(&args);
    if !iterable {
        let found = vm.type_name(&args);
        let subject = star_subject(vm, callable)?;
        return Err(vm.type_error(format!(
            "{subject} after * must be an iterable, not {found}"
        )));
    }
    match super::containers::tuple_of(vm, &args)?.into_ref::<Tuple>() {
        Ok(tuple) => Ok(tuple),
        Err(_) => unreachable!("tuple_of gives a tuple"),
    }
}

/// The items of `**kwargs`.
pub(crate) fn star_kwargs(
    vm: &mut Vm,
    callable: &Value,
    kwargs: &Value,
) -> PyResult<Vec<(Value, Value)>> {
    let items = match kwargs.downcast::<Dict>() {
        Some(dict) => dict.items(vm),
        None => {
            let dict = Value::from(Dict::new(vm));
            super::containers::dict_merge(vm, &dict, kwargs, Some(callable))?;
            dict.downcast::<Dict>()
                .map(|d| d.items(vm))
                .unwrap_or_default()
        }
    };
    if items
        .iter()
        .any(|(name, _)| name.downcast::<Str>().is_none())
    {
        return Err(vm.type_error("keywords must be strings"));
    }
    Ok(items)
}

/// MAKE_FUNCTION.
pub(crate) fn make_function(vm: &mut Vm, frame: &Frame, code: Value) -> PyResult {
    match code.into_ref::<Code>() {
        Ok(code) => {
            let (globals, builtins) = (frame.globals().clone(), frame.builtins().clone());
            Ok(Value::from(Function::new(vm, code, globals, builtins)))
        }
        Err(other) => {
            let found = vm.type_name(&other);
            Err(vm.error(
                &vm.types.system_error.clone(),
                format!("MAKE_FUNCTION found {found} instead of a code object"),
            ))
        }
    }
}

/// SET_FUNCTION_ATTRIBUTE: 1 defaults, 2 keyword defaults, 4 annotations, 8 closure, 16 `__annotate__`.
pub(crate) fn set_function_attribute(
    vm: &mut Vm,
    function: &Value,
    which: usize,
    value: Value,
) -> PyResult<()> {
    let Some(function) = function.downcast::<Function>() else {
        let found = vm.type_name(function);
        let message = format!("SET_FUNCTION_ATTRIBUTE found {found} instead of a function");
        return Err(vm.error(&vm.types.system_error.clone(), message));
    };
    let is_tuple = value.downcast::<Tuple>().is_some();
    let (cell, fits) = match which {
        1 => (&function.defaults, is_tuple),
        2 => (&function.kwdefaults, value.downcast::<Dict>().is_some()),
        4 => (&function.annotations, true),
        8 => (&function.closure, is_tuple),
        _ => (&function.annotate, true),
    };
    if !fits {
        let found = vm.type_name(&value);
        let message = format!("SET_FUNCTION_ATTRIBUTE {which} found a {found}");
        return Err(vm.error(&vm.types.system_error.clone(), message));
    }
    if which == 16
        && let Some(annotate) = value.downcast::<Function>()
        && let (Some(owner), Some(name)) = (function.qualname.get(), annotate.name.get())
    {
        // In 3.14 the code does not know the name of the function that it is about.
        let qualname = format!("{}.{}", vm.display(&owner), vm.display(&name));
        let qualname = vm.new_str(&qualname);
        annotate.qualname.set(Some(qualname));
    }
    cell.set(Some(value));
    Ok(())
}
