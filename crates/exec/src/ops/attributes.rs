//! Method loads and `super()` attributes.

use crate::error::PyResult;
use crate::object::header::Ref;
use crate::object::object_::Attribute;
use crate::object::slot_functions;
use crate::object::slots::GetAttrFn;
use crate::object::str_::Str;
use crate::object::super_methods;
use crate::object::type_::Type;
use crate::specialize;
use crate::value::{Slot, Value};
use crate::vm::Vm;

/// Whether a class looks attributes up in the default way, so that methods need not be bound.
pub(crate) fn is_generic(ty: &Ref<Type>) -> bool {
    ty.slots
        .get_attr
        .get()
        .is_some_and(|get| std::ptr::fn_addr_eq(get, Vm::generic_get_attr as GetAttrFn))
}

/// Whether what is there is found in the default way: as [`is_generic`], or there is a `__getattr__` for what is not there.
pub(crate) fn finds_generically(vm: &mut Vm, ty: &Ref<Type>) -> bool {
    is_generic(ty) || slot_functions::is_generic_with_fallback(vm, ty)
}

/// LOAD_ATTR of a method: the method and its instance, or the attribute and nothing.
pub(crate) fn load_method(vm: &mut Vm, owner: Value, name: &Ref<Str>) -> PyResult<(Value, Slot)> {
    if !is_generic(vm.type_of(&owner)) {
        return Ok((vm.get_attr(&owner, name)?, None));
    }
    match vm.find_attribute(&owner, name)? {
        Attribute::Method(method) => Ok((method, Some(owner))),
        Attribute::Value(value) => Ok((value, None)),
        Attribute::Missing => Err(vm.no_attribute(&owner, name)),
    }
}

/// LOAD_SUPER_ATTR.
pub(crate) fn load_super_attr(
    vm: &mut Vm,
    super_: &Value,
    class: &Value,
    this: &Value,
    name: &Ref<Str>,
    two_arguments: bool,
) -> PyResult {
    let _ = two_arguments;
    if !super_.is(vm.types.super_.as_value()) {
        // Somebody has another `super`.
        let object = if two_arguments {
            vm.call(super_, &[class.clone(), this.clone()])?
        } else {
            vm.call(super_, &[])?
        };
        return vm.get_attr(&object, name);
    }
    let start = super_methods::check(vm, class, this)?;
    super_methods::get(vm, class, this, &start, name)
}

/// LOAD_SUPER_ATTR of a method.
pub(crate) fn load_super_method(
    vm: &mut Vm,
    super_: &Value,
    class: &Value,
    this: Value,
    name: &Ref<Str>,
    two_arguments: bool,
) -> PyResult<(Value, Slot)> {
    if super_.is(vm.types.super_.as_value()) {
        let start = super_methods::check(vm, class, &this)?;
        if let Some(method) = super_methods::find_method(vm, class, &this, &start, name) {
            specialize::remember_super(vm, class, &this, name, &method);
            return Ok((method, Some(this)));
        }
        return Ok((super_methods::get(vm, class, &this, &start, name)?, None));
    }
    Ok((
        load_super_attr(vm, super_, class, &this, name, two_arguments)?,
        None,
    ))
}
