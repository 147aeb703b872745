//! classmethod and staticmethod: slots and attributes. Both have a dict, with what `functools.wraps` would copy from the function.

use crate::call::Args;
use crate::cell::ValueCell;
use crate::error::PyResult;
use crate::object::dict::Dict;
use crate::object::header::Ref;
use crate::object::native::GetSetDef;
use crate::object::property::{ClassMethod, StaticMethod};
use crate::object::slots::UnaryOp;
use crate::object::type_::Type;
use crate::object::type_new;
use crate::value::Value;
use crate::vm::Vm;

fn new_class_method(_vm: &mut Vm, ty: &Ref<Type>, _args: Args<'_>) -> PyResult {
    let method = ClassMethod {
        function: ValueCell::new(None),
        dict: ValueCell::new(None),
    };
    Ok(Value::from(Ref::new(ty, method)))
}

fn init_class_method(vm: &mut Vm, this: &Value, args: Args<'_>) -> PyResult<()> {
    let [function] = args.exactly::<1>(vm, "classmethod")?;
    if let Some(method) = this.downcast::<ClassMethod>() {
        method.function.set(Some(function.clone()));
    }
    copy_attributes(vm, this, function)
}

fn get_class_method(
    vm: &mut Vm,
    this: &Value,
    instance: Option<&Value>,
    owner: Option<&Value>,
) -> PyResult {
    let function = this
        .downcast::<ClassMethod>()
        .and_then(|m| m.function.get());
    let Some(function) = function else {
        return Err(vm.runtime_error("uninitialized classmethod object"));
    };
    let owner = match (owner, instance) {
        (Some(owner), _) => owner.clone(),
        (None, Some(instance)) => Value::from(vm.type_of(instance)),
        (None, None) => return Ok(function),
    };
    if vm.version_number() < 13
        && let Some(get) = vm.type_of(&function).slots.descr_get.get()
    {
        return get(vm, &function, Some(&owner), None);
    }
    Ok(vm.new_method(function, owner))
}

fn new_static_method(_vm: &mut Vm, ty: &Ref<Type>, _args: Args<'_>) -> PyResult {
    let method = StaticMethod {
        function: ValueCell::new(None),
        dict: ValueCell::new(None),
    };
    Ok(Value::from(Ref::new(ty, method)))
}

fn init_static_method(vm: &mut Vm, this: &Value, args: Args<'_>) -> PyResult<()> {
    let [function] = args.exactly::<1>(vm, "staticmethod")?;
    if let Some(method) = this.downcast::<StaticMethod>() {
        method.function.set(Some(function.clone()));
    }
    copy_attributes(vm, this, function)
}

fn get_static_method(
    vm: &mut Vm,
    this: &Value,
    _instance: Option<&Value>,
    _owner: Option<&Value>,
) -> PyResult {
    match this
        .downcast::<StaticMethod>()
        .and_then(|m| m.function.get())
    {
        Some(function) => Ok(function),
        None => Err(vm.runtime_error("uninitialized staticmethod object")),
    }
}

fn call_static_method(vm: &mut Vm, this: &Value, args: Args<'_>) -> PyResult {
    let function = get_static_method(vm, this, None, None)?;
    vm.call_args(&function, args)
}

/// The function inside a class or static method.
fn wrapped(this: &Value) -> Option<Value> {
    match this.downcast::<ClassMethod>() {
        Some(method) => method.function.get(),
        None => this
            .downcast::<StaticMethod>()
            .and_then(|m| m.function.get()),
    }
}

fn repr_wrapped(vm: &mut Vm, this: &Value) -> PyResult {
    let name = vm.type_name(this);
    let function = wrapped(this).unwrap_or(Value::NONE);
    let function = vm.repr_text(&function)?;
    Ok(vm.new_str(&format!("<{name}({function})>")))
}

/// The cell that keeps the dict of a class or static method.
pub(crate) fn dict_cell(this: &Value) -> Option<&ValueCell> {
    match this.downcast::<ClassMethod>() {
        Some(method) => Some(&method.dict),
        None => this.downcast::<StaticMethod>().map(|m| &m.dict),
    }
}

/// The dict, made at first need.
pub(crate) fn make_dict(vm: &Vm, cell: &ValueCell) -> Ref<Dict> {
    if let Some(dict) = cell.get().and_then(|dict| dict.into_ref().ok()) {
        return dict;
    }
    let dict = Dict::new(vm);
    cell.set(Some(Value::from(&dict)));
    dict
}

/// Takes over what the function says of itself.
fn copy_attributes(vm: &mut Vm, this: &Value, function: &Value) -> PyResult<()> {
    let names = [
        "__module__",
        "__name__",
        "__qualname__",
        "__doc__",
        "__annotations__",
    ];
    // From 3.14 on annotations are looked at when somebody asks.
    let count = if vm.version_number() < 14 { 5 } else { 4 };
    for name in &names[..count] {
        let name = vm.intern(name);
        if let Some(value) = vm.get_attr_opt(function, &name)? {
            vm.set_attr(this, &name, Some(value))?;
        }
    }
    Ok(())
}

fn get_wrapped(_vm: &mut Vm, this: &Value) -> PyResult {
    Ok(wrapped(this).unwrap_or(Value::NONE))
}

fn is_abstract(vm: &mut Vm, this: &Value) -> PyResult {
    let name = vm.intern("__isabstractmethod__");
    let Some(function) = wrapped(this) else {
        return Ok(Value::FALSE);
    };
    match vm.get_attr_opt(&function, &name)? {
        Some(value) => Ok(Value::bool(vm.truth(&value)?)),
        None => Ok(Value::FALSE),
    }
}

/// An attribute of the function, which the dict keeps once it was asked for.
fn get_kept(vm: &mut Vm, this: &Value, name: &str) -> PyResult {
    let name = vm.intern(name);
    let dict = vm.instance_dict(this);
    if let Some(found) = dict.as_ref().and_then(|dict| dict.get_str(vm, &name)) {
        return Ok(found);
    }
    let function = wrapped(this).unwrap_or(Value::NONE);
    let found = vm.get_attr(&function, &name)?;
    if let Some(dict) = dict {
        dict.set_str(vm, &name, found.clone());
    }
    Ok(found)
}

fn set_kept(vm: &mut Vm, this: &Value, value: Option<Value>, name: &str) -> PyResult<()> {
    let name = vm.intern(name);
    let Some(dict) = vm.instance_dict(this) else {
        return Ok(());
    };
    match value {
        Some(value) => dict.set_str(vm, &name, value),
        None if dict.remove_str(vm, &name).is_some() => {}
        None => return Err(vm.no_attribute(this, &name)),
    }
    Ok(())
}

static ATTRIBUTES: &[GetSetDef] = &[
    GetSetDef::get("__func__", get_wrapped).member(),
    GetSetDef::get("__wrapped__", get_wrapped).member(),
    GetSetDef::get("__isabstractmethod__", is_abstract),
    GetSetDef::get_set("__dict__", type_new::get_dict, type_new::set_dict),
    GetSetDef::get_set(
        "__annotations__",
        |vm, this| get_kept(vm, this, "__annotations__"),
        |vm, this, value| set_kept(vm, this, value, "__annotations__"),
    )
    .since(14),
    GetSetDef::get_set(
        "__annotate__",
        |vm, this| get_kept(vm, this, "__annotate__"),
        |vm, this, value| set_kept(vm, this, value, "__annotate__"),
    )
    .since(14),
];

/// Fills the slots.
pub(crate) fn ready_slots(vm: &mut Vm) {
    let slots = &vm.types.classmethod.slots;
    slots.new.set(Some(new_class_method));
    slots.init.set(Some(init_class_method));
    slots.descr_get.set(Some(get_class_method));
    slots.unary[UnaryOp::Repr as usize].set(Some(repr_wrapped));
    let slots = &vm.types.staticmethod.slots;
    slots.new.set(Some(new_static_method));
    slots.init.set(Some(init_static_method));
    slots.descr_get.set(Some(get_static_method));
    slots.call.set(Some(call_static_method));
    slots.unary[UnaryOp::Repr as usize].set(Some(repr_wrapped));
}

/// Adds the attributes.
pub(crate) fn ready(vm: &mut Vm) {
    for ty in [vm.types.classmethod.clone(), vm.types.staticmethod.clone()] {
        vm.add_attributes(&ty, ATTRIBUTES);
    }
}
