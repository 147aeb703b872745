//! Raising, matching and cleaning up; `with`.

use crate::call::Args;
use crate::error::{PyResult, Raised};
use crate::object::exception::Exception;
use crate::object::header::Ref;
use crate::object::str_::Str;
use crate::object::tuple::Tuple;
use crate::object::type_::Type;
use crate::value::{Slot, Value};
use crate::vm::Vm;

/// What RAISE_VARARGS has led to.
pub(crate) enum Raise {
    /// An exception that starts here.
    New(Raised),
    /// The one being handled, once more.
    Again(Raised),
}

/// RAISE_VARARGS.
pub(crate) fn raise(vm: &mut Vm, exception: Option<Value>, cause: Option<Value>) -> Raise {
    let Some(exception) = exception else {
        return match vm.handled_exception() {
            Some(handled) => Raise::Again(Raised(handled)),
            None => Raise::New(vm.runtime_error("No active exception to reraise")),
        };
    };
    Raise::New(match raise_from(vm, exception, cause) {
        Ok(raised) => {
            crate::eval::unwind::set_context(vm, &raised.0);
            raised
        }
        Err(raised) => raised,
    })
}

fn raise_from(vm: &mut Vm, exception: Value, cause: Option<Value>) -> PyResult<Raised> {
    let exception = instantiate(vm, exception)?
        .ok_or(())
        .map_err(|()| vm.type_error("exceptions must derive from BaseException"))?;
    if let Some(cause) = cause {
        let cause = if cause.is_none() {
            None
        } else {
            match instantiate(vm, cause)? {
                Some(cause) => Some(Value::from(cause)),
                None => {
                    return Err(vm.type_error("exception causes must derive from BaseException"));
                }
            }
        };
        exception.cause.set(cause);
        exception.suppress_context.set(true);
    }
    Ok(Raised(exception))
}

/// An exception from an instance or a class; `None` if it is neither.
pub(crate) fn instantiate(vm: &mut Vm, value: Value) -> PyResult<Option<Ref<Exception>>> {
    let Some(class) = value.downcast::<Type>() else {
        return Ok(value.into_ref::<Exception>().ok());
    };
    if !class.is_subtype(vm, &vm.types.base_exception) {
        return Ok(None);
    }
    let made = vm.call(&value, &[])?;
    match made.into_ref::<Exception>() {
        Ok(exception) => Ok(Some(exception)),
        Err(other) => {
            let (class, found) = (
                vm.repr_text(&value)?,
                vm.repr_text(vm.type_of(&other).clone().as_value())?,
            );
            let message = format!(
                "calling {class} should have returned an instance of BaseException, not {found}"
            );
            Err(vm.type_error(message))
        }
    }
}

/// An exception from the stack, to be raised again as it is.
pub(crate) fn reraised(vm: &mut Vm, exception: Value) -> Raised {
    match exception.into_ref::<Exception>() {
        Ok(exception) => Raised(exception),
        Err(_) => vm.error(&vm.types.system_error.clone(), "RERAISE found no exception"),
    }
}

/// CHECK_EXC_MATCH.
pub(crate) fn matches(vm: &mut Vm, exception: &Value, class: &Value) -> PyResult<bool> {
    let refuse = "catching classes that do not inherit from BaseException is not allowed";
    let is_exception_class = |vm: &Vm, class: &Value| {
        class
            .downcast::<Type>()
            .is_some_and(|class| class.is_subtype(vm, &vm.types.base_exception))
    };
    let classes = match class.downcast::<Tuple>() {
        Some(classes) => classes.items(),
        None => std::slice::from_ref(class),
    };
    if !classes.iter().all(|class| is_exception_class(vm, class)) {
        return Err(vm.type_error(refuse));
    }
    let ty = vm.type_of(exception);
    Ok(classes
        .iter()
        .filter_map(|class| class.downcast::<Type>())
        .any(|class| ty.is_subtype(vm, class)))
}

/// CHECK_EG_MATCH: what is left of a group, and what matched (or `None`).
pub(crate) fn group_matches(vm: &mut Vm, group: Value, class: &Value) -> PyResult<(Value, Value)> {
    let group_class = vm.types.base_exception_group.clone();
    let classes = match class.downcast::<Tuple>() {
        Some(classes) => classes.items(),
        None => std::slice::from_ref(class),
    };
    for class in classes {
        match class.downcast::<Type>() {
            Some(class) if class.is_subtype(vm, &group_class) => {
                let message =
                    "catching ExceptionGroup with except* is not allowed. Use except instead.";
                return Err(vm.type_error(message));
            }
            Some(class) if class.is_subtype(vm, &vm.types.base_exception) => {}
            _ => {
                let message =
                    "catching classes that do not inherit from BaseException is not allowed";
                return Err(vm.type_error(message));
            }
        }
    }
    if group.is_none() {
        return Ok((Value::NONE, Value::NONE));
    }
    let is_group = vm.type_of(&group).is_subtype(vm, &group_class);
    if !is_group {
        if !matches(vm, &group, class)? {
            return Ok((group, Value::NONE));
        }
        // A naked exception is caught as a group of one.
        let exceptions = vm.new_tuple(vec![group.clone()]);
        let message = Value::from(&vm.names.empty);
        let wrapped = vm.call(group_class.as_value(), &[message, exceptions])?;
        if let (Some(wrapped), Some(inner)) = (
            wrapped.downcast::<Exception>(),
            group.downcast::<Exception>(),
        ) {
            wrapped.traceback.set(inner.traceback.get());
        }
        return Ok((Value::NONE, wrapped));
    }
    if matches(vm, &group, class)? {
        return Ok((Value::NONE, group));
    }
    let name = vm.intern("split");
    let parts = vm.call_method(&group, &name, std::slice::from_ref(class))?;
    match parts.downcast::<Tuple>().map(|t| t.items()) {
        Some([matched, rest, ..]) => Ok((rest.clone(), matched.clone())),
        Some(few) if vm.version_number() >= 13 => {
            let (ty, size) = (vm.type_name(&group), few.len());
            Err(vm.type_error(format!(
                "{ty}.split must return a 2-tuple, got tuple of size {size}"
            )))
        }
        _ => {
            let (ty, found) = (vm.type_name(&group), vm.type_name(&parts));
            Err(vm.type_error(format!("{ty}.split must return a tuple, not {found}")))
        }
    }
}

/// BEFORE_WITH and BEFORE_ASYNC_WITH: the bound exit method, and what the enter method gave.
pub(crate) fn before_with(
    vm: &mut Vm,
    manager: &Value,
    is_async: bool,
) -> PyResult<(Value, Value)> {
    let (enter_name, exit_name) = match is_async {
        false => (vm.names.__enter__.clone(), vm.names.__exit__.clone()),
        true => (vm.names.__aenter__.clone(), vm.names.__aexit__.clone()),
    };
    let Some((enter, takes_self)) = vm.special_method(manager, &enter_name)? else {
        return Err(not_a_manager(vm, manager, &enter_name, is_async, ""));
    };
    let exit = bound_special(vm, manager, &exit_name)?;
    let Some(exit) = exit else {
        let missed = if is_async {
            " (missed __aexit__ method)"
        } else {
            " (missed __exit__ method)"
        };
        return Err(not_a_manager(vm, manager, &exit_name, is_async, missed));
    };
    let value = match takes_self {
        true => vm.call_with_self(&enter, manager, Args::positional_only(&[]))?,
        false => vm.call(&enter, &[])?,
    };
    Ok((exit, value))
}

fn bound_special(vm: &mut Vm, this: &Value, name: &Ref<Str>) -> PyResult<Option<Value>> {
    match vm.special_method(this, name)? {
        Some((method, true)) => vm.bind(&method, this).map(Some),
        Some((method, false)) => Ok(Some(method)),
        None => Ok(None),
    }
}

#[cold]
fn not_a_manager(
    vm: &mut Vm,
    manager: &Value,
    _name: &Ref<Str>,
    is_async: bool,
    missed: &str,
) -> Raised {
    let found = vm.type_name(manager);
    let kind = if is_async {
        "asynchronous context manager"
    } else {
        "context manager"
    };
    vm.type_error(format!(
        "'{found}' object does not support the {kind} protocol{missed}"
    ))
}

/// LOAD_SPECIAL: a method of the type and its instance, or what a descriptor gave and nothing.
pub(crate) fn load_special(vm: &mut Vm, owner: Value, which: usize) -> PyResult<(Value, Slot)> {
    let name = special_name(vm, which);
    match vm.special_method(&owner, &name)? {
        Some((method, true)) => Ok((method, Some(owner))),
        Some((method, false)) => Ok((method, None)),
        None => Err(missed_special(vm, &owner, which)),
    }
}

/// The names of LOAD_SPECIAL's methods.
fn special_name(vm: &Vm, which: usize) -> Ref<Str> {
    match which {
        0 => vm.names.__enter__.clone(),
        1 => vm.names.__exit__.clone(),
        2 => vm.names.__aenter__.clone(),
        _ => vm.names.__aexit__.clone(),
    }
}

/// The complaint of 3.14 and later about what lacks a method of `with`.
#[cold]
fn missed_special(vm: &mut Vm, owner: &Value, which: usize) -> Raised {
    let (found, name) = (vm.full_type_name(owner), special_name(vm, which));
    let (kind, other, hint) = if which < 2 {
        let hint = "the asynchronous context manager protocol. Did you mean to use 'async with'?";
        ("context manager", [2, 3], hint)
    } else {
        let hint = "the context manager protocol. Did you mean to use 'with'?";
        ("asynchronous context manager", [0, 1], hint)
    };
    let mut message =
        format!("'{found}' object does not support the {kind} protocol (missed {name} method)");
    let ty = vm.type_of(owner).clone();
    let has = |which| ty.lookup(vm, &special_name(vm, which)).is_some();
    if other.into_iter().all(has) {
        message.push_str(" but it supports ");
        message.push_str(hint);
    }
    vm.type_error(message)
}

/// WITH_EXCEPT_START: calls the exit method with the exception.
pub(crate) fn with_except_start(
    vm: &mut Vm,
    exit: &Slot,
    this: Slot,
    exception: &Value,
) -> PyResult {
    let Some(exit) = exit else {
        return Err(vm.error(&vm.types.system_error.clone(), "no exit method"));
    };
    let class = Value::from(vm.type_of(exception));
    let traceback = exception
        .downcast::<Exception>()
        .and_then(|e| e.traceback.get())
        .unwrap_or(Value::NONE);
    let details = [class, exception.clone(), traceback];
    let args: Vec<Value> = this.into_iter().chain(details).collect();
    vm.call(exit, &args)
}

/// CLEANUP_THROW: the value of a StopIteration; `None` for any other exception.
pub(crate) fn cleanup_throw(vm: &mut Vm, exception: &Value) -> Option<Value> {
    let exception = exception.downcast::<Exception>()?;
    if !exception.ty().is_subtype(vm, &vm.types.stop_iteration) {
        return None;
    }
    Some(exception.field(vm, 0).unwrap_or(Value::NONE))
}

/// Whether END_ASYNC_FOR ends the loop.
pub(crate) fn is_stop_async_iteration(vm: &Vm, exception: &Value) -> bool {
    vm.type_of(exception)
        .is_subtype(vm, &vm.types.stop_async_iteration)
}
