//! The slots of functions, bound methods, members and cells.

use crate::call::Args;
use crate::error::PyResult;
use crate::object::function::{Function, Method, function_descr_get};
use crate::object::header::Ref;
use crate::object::slots::{CompareOp, UnaryOp};
use crate::object::str_::Str;
use crate::value::Value;
use crate::vm::Vm;

fn call_function(vm: &mut Vm, this: &Value, args: Args<'_>) -> PyResult {
    match this.downcast::<Function>() {
        Some(function) => vm.call_function(&function.clone(), args),
        None => Err(vm.not_callable(this)),
    }
}

fn repr_function(vm: &mut Vm, this: &Value) -> PyResult {
    let name = this
        .downcast::<Function>()
        .map(|f| vm.function_name(f))
        .unwrap_or_default();
    Ok(vm.new_str(&format!("<function {name} at {:#x}>", this.id())))
}

fn call_method(vm: &mut Vm, this: &Value, args: Args<'_>) -> PyResult {
    let Some(method) = this.downcast::<Method>().cloned() else {
        return Err(vm.not_callable(this));
    };
    vm.call_with_self(&method.function, &method.this, args)
}

fn repr_method(vm: &mut Vm, this: &Value) -> PyResult {
    let Some(method) = this.downcast::<Method>().cloned() else {
        return Ok(Value::NONE);
    };
    let (qualname, name) = (vm.names.__qualname__.clone(), vm.names.__name__.clone());
    let found = match vm.get_attr_opt(&method.function, &qualname)? {
        Some(found) => Some(found),
        None => vm.get_attr_opt(&method.function, &name)?,
    };
    let name = match found.filter(|name| name.downcast::<Str>().is_some()) {
        Some(name) => vm.display(&name),
        None => "?".to_owned(),
    };
    let instance = vm.repr_text(&method.this)?;
    Ok(vm.new_str(&format!("<bound method {name} of {instance}>")))
}

fn compare_method(vm: &mut Vm, a: &Value, b: &Value, op: CompareOp) -> PyResult {
    let (Some(a), Some(b)) = (a.downcast::<Method>(), b.downcast::<Method>()) else {
        return Ok(Value::NOT_IMPLEMENTED);
    };
    if !matches!(op, CompareOp::Eq | CompareOp::Ne) {
        return Ok(Value::NOT_IMPLEMENTED);
    }
    let equal = a.this.is(&b.this) && vm.eq(&a.function.clone(), &b.function.clone())?;
    Ok(Value::bool(equal == (op == CompareOp::Eq)))
}

fn hash_method(vm: &mut Vm, this: &Value) -> PyResult<i64> {
    let Some(method) = this.downcast::<Method>().cloned() else {
        return Ok(0);
    };
    let hash = crate::object::object_::identity_hash(&method.this) ^ vm.hash(&method.function)?;
    Ok(if hash == -1 { -2 } else { hash })
}

/// A method has its function's attributes, besides its own.
fn get_attr_method(vm: &mut Vm, this: &Value, name: &Ref<Str>) -> PyResult {
    let Some(method) = this.downcast::<Method>().cloned() else {
        return vm.generic_get_attr(this, name);
    };
    let ty = vm.types.method.clone();
    if ty.lookup(vm, name).is_some() && !name.eq_str("__doc__") {
        return vm.generic_get_attr(this, name);
    }
    vm.get_attr(&method.function, name)
}

/// Fills the slots.
pub(crate) fn ready_slots(vm: &mut Vm) {
    let slots = &vm.types.function.slots;
    slots.call.set(Some(call_function));
    slots.descr_get.set(Some(function_descr_get));
    slots.unary[UnaryOp::Repr as usize].set(Some(repr_function));
    let slots = &vm.types.method.slots;
    slots.call.set(Some(call_method));
    slots.unary[UnaryOp::Repr as usize].set(Some(repr_method));
    slots.compare.set(Some(compare_method));
    slots.hash.set(Some(hash_method));
    slots.get_attr.set(Some(get_attr_method));
}
