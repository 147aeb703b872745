//! CALL_INTRINSIC_1 and CALL_INTRINSIC_2: the functions of the interpreter that the compiler calls by number.

use pyco_code::CodeFlags;

use crate::error::PyResult;
use crate::eval::frame::Frame;
use crate::object::exception::Exception;
use crate::object::function::Function;
use crate::object::list::List;
use crate::object::slots::UnaryOp;
use crate::object::type_params::{self, ParamKind};
use crate::object::{generic, type_alias};
use crate::value::Value;
use crate::vm::Vm;

/// CALL_INTRINSIC_1.
pub(crate) fn call_1(vm: &mut Vm, frame: &Frame, number: usize, value: Value) -> PyResult {
    match number {
        1 => print_expression(vm, &value),
        2 => crate::import::import_star(vm, frame, &value).map(|()| Value::NONE),
        3 => Ok(stop_iteration_error(vm, frame.code().flags(), value)),
        4 => Ok(vm.wrap_async_item(value)),
        5 => vm.unary(&value, UnaryOp::Positive),
        6 => match value.into_ref::<List>() {
            Ok(list) => {
                // Nobody else has the list that a call's arguments were gathered in.
                let items = match list.header().refcount() {
                    1 => std::mem::take(list.items_mut(vm)),
                    _ => list.items(vm).to_vec(),
                };
                Ok(vm.new_tuple(items))
            }
            Err(_) => Err(vm.error(
                &vm.types.system_error.clone(),
                "INTRINSIC_LIST_TO_TUPLE found no list",
            )),
        },
        7 => Ok(vm.type_param(ParamKind::TypeVar, value, None, None)),
        8 => Ok(vm.type_param(ParamKind::ParamSpec, value, None, None)),
        9 => Ok(vm.type_param(ParamKind::TypeVarTuple, value, None, None)),
        10 => generic::subscript(vm, &value),
        11 => {
            let name = vm.names.__name__.clone();
            let module = frame.globals().clone().get_str(vm, &name);
            let place = frame
                .code()
                .code()
                .qualname()
                .to_string_lossy()
                .into_owned();
            let place = match frame.code().flags().contains(CodeFlags::NEWLOCALS) {
                true if !place.contains("<generic parameters of ") => format!("{place}.<locals>"),
                _ => place,
            };
            type_alias::make(vm, &value, module.unwrap_or(Value::NONE), &place)
        }
        _ => {
            let name = vm
                .version
                .table()
                .intrinsic_1
                .get(number)
                .copied()
                .unwrap_or("an unknown intrinsic");
            Err(vm.not_implemented(name))
        }
    }
}

/// What an expression statement at the prompt does with its value.
fn print_expression(vm: &mut Vm, value: &Value) -> PyResult {
    let (sys, hook) = (vm.import("sys")?, vm.intern("displayhook"));
    match vm.get_attr_opt(&sys, &hook)? {
        Some(hook) => vm.call(&hook, std::slice::from_ref(value)),
        None => Err(vm.runtime_error("lost sys.displayhook")),
    }
}

/// CALL_INTRINSIC_2.
pub(crate) fn call_2(vm: &mut Vm, number: usize, a: Value, b: Value) -> PyResult {
    match number {
        1 => super::classes::prepare_reraise_star(vm, &a, &b),
        2 => Ok(vm.type_param(ParamKind::TypeVar, a, Some(b), None)),
        3 => Ok(vm.type_param(ParamKind::TypeVar, a, None, Some(b))),
        4 => {
            if let Some(function) = a.downcast::<Function>() {
                function.type_params.set(Some(b));
            }
            Ok(a)
        }
        5 => {
            type_params::set_default(&a, b);
            Ok(a)
        }
        _ => {
            let name = vm
                .version
                .table()
                .intrinsic_2
                .get(number)
                .copied()
                .unwrap_or("an unknown intrinsic");
            Err(vm.not_implemented(name))
        }
    }
}

/// A StopIteration (or, in an async generator, StopAsyncIteration) that leaves a generator's body becomes a RuntimeError.
pub(crate) fn stop_iteration_error(vm: &mut Vm, flags: CodeFlags, exception: Value) -> Value {
    let Some(found) = exception.downcast::<Exception>() else {
        return exception;
    };
    let ty = found.ty().clone();
    let message = if ty.is_subtype(vm, &vm.types.stop_iteration) {
        if flags.contains(CodeFlags::ASYNC_GENERATOR) {
            "async generator raised StopIteration"
        } else if flags.contains(CodeFlags::COROUTINE) {
            "coroutine raised StopIteration"
        } else {
            "generator raised StopIteration"
        }
    } else if flags.contains(CodeFlags::ASYNC_GENERATOR)
        && ty.is_subtype(vm, &vm.types.stop_async_iteration)
    {
        "async generator raised StopAsyncIteration"
    } else {
        return exception;
    };
    let error = vm.runtime_error(message).0;
    error.cause.set(Some(exception.clone()));
    error.context.set(Some(exception));
    error.suppress_context.set(true);
    Value::from(error)
}
