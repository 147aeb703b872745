//! classmethod and staticmethod: slots, and the attributes that they copy from the function within.

use crate::call::Args;
use crate::cell::ValueCell;
use crate::error::{PyResult, Raised};
use crate::object::header::Ref;
use crate::object::native::GetSetDef;
use crate::object::property::{ClassMethod, StaticMethod};
use crate::object::slots::UnaryOp;
use crate::object::str_::Str;
use crate::object::type_::Type;
use crate::object::type_new;
use crate::value::Value;
use crate::vm::Vm;

/// The attributes that are copied, in this order; the last one up to 3.13.
const COPIED: [&str; 5] = [
    "__module__",
    "__name__",
    "__qualname__",
    "__doc__",
    "__annotations__",
];

/// Where a class or static method keeps its function.
fn place(this: &Value) -> Option<&ValueCell> {
    match this.downcast::<ClassMethod>() {
        Some(method) => Some(&method.function),
        None => this.downcast::<StaticMethod>().map(|m| &m.function),
    }
}

/// The function inside a class or static method.
fn wrapped(this: &Value) -> Option<Value> {
    place(this).and_then(|place| place.get())
}

/// The function that the object has before `__init__`: none that can be seen before 3.13.
fn first_function(vm: &mut Vm, class: &str, args: Args<'_>) -> PyResult<Option<Value>> {
    match vm.version_number() {
        ..13 => Ok(None),
        13 | 14 => Ok(Some(Value::NONE)),
        _ => args
            .exactly::<1>(vm, class)
            .map(|[function]| Some(function.clone())),
    }
}

fn new_class_method(vm: &mut Vm, ty: &Ref<Type>, args: Args<'_>) -> PyResult {
    let function = first_function(vm, "classmethod", args)?;
    let method = ClassMethod {
        function: ValueCell::new(function),
    };
    finish(vm, Value::from(Ref::new(ty, method)))
}

fn new_static_method(vm: &mut Vm, ty: &Ref<Type>, args: Args<'_>) -> PyResult {
    let function = first_function(vm, "staticmethod", args)?;
    let method = StaticMethod {
        function: ValueCell::new(function),
    };
    finish(vm, Value::from(Ref::new(ty, method)))
}

/// Makes a new method look like its function at once, as 3.15 does.
pub(crate) fn finish(vm: &mut Vm, method: Value) -> PyResult {
    if vm.version_number() >= 15
        && let Some(function) = wrapped(&method)
    {
        copy_attributes(vm, &method, &function)?;
    }
    Ok(method)
}

fn init_with(vm: &mut Vm, this: &Value, class: &str, args: Args<'_>) -> PyResult<()> {
    let [function] = args.exactly::<1>(vm, class)?;
    if let Some(place) = place(this) {
        let is_known = place.get().is_some_and(|known| known.is(function));
        if is_known && vm.version_number() >= 15 {
            return Ok(());
        }
        place.set(Some(function.clone()));
    }
    copy_attributes(vm, this, function)
}

/// Makes the object look like its function.
fn copy_attributes(vm: &mut Vm, this: &Value, function: &Value) -> PyResult<()> {
    let count = match vm.version_number() {
        ..14 => COPIED.len(),
        _ => COPIED.len() - 1,
    };
    for name in &COPIED[..count] {
        let name = vm.intern(name);
        if let Some(value) = vm.get_attr_opt(function, &name)? {
            vm.set_attr(this, &name, Some(value))?;
        }
    }
    Ok(())
}

#[cold]
fn uninitialized(vm: &mut Vm, class: &str) -> Raised {
    vm.runtime_error(format!("uninitialized {class} object"))
}

fn get_class_method(
    vm: &mut Vm,
    this: &Value,
    instance: Option<&Value>,
    owner: Option<&Value>,
) -> PyResult {
    let Some(function) = wrapped(this) else {
        return Err(uninitialized(vm, "classmethod"));
    };
    let owner = match (owner, instance) {
        (Some(owner), _) => owner.clone(),
        (None, Some(instance)) => Value::from(vm.type_of(instance)),
        (None, None) => return Ok(function),
    };
    if vm.version_number() < 13
        && let Some(get) = vm.type_of(&function).slots.descr_get.get()
    {
        return get(vm, &function, Some(&owner), Some(&owner));
    }
    Ok(vm.new_method(function, owner))
}

fn get_static_method(
    vm: &mut Vm,
    this: &Value,
    _instance: Option<&Value>,
    _owner: Option<&Value>,
) -> PyResult {
    wrapped(this).ok_or_else(|| uninitialized(vm, "staticmethod"))
}

fn call_static_method(vm: &mut Vm, this: &Value, args: Args<'_>) -> PyResult {
    let function = get_static_method(vm, this, None, None)?;
    vm.call_args(&function, args)
}

fn repr_as(vm: &mut Vm, this: &Value, class: &str) -> PyResult {
    let function = match wrapped(this) {
        Some(function) => vm.repr_text(&function)?,
        None => "<NULL>".into(),
    };
    Ok(vm.new_str(&format!("<{class}({function})>")))
}

fn get_wrapped(vm: &mut Vm, this: &Value) -> PyResult {
    match wrapped(this) {
        Some(function) => Ok(function),
        None => {
            let name = vm.intern("__func__");
            Err(vm.no_attribute(this, &name))
        }
    }
}

/// Whether what a function wraps, or is, says that it is abstract.
pub(super) fn says_abstract(vm: &mut Vm, function: Option<Value>) -> PyResult<bool> {
    let Some(function) = function else {
        return Ok(false);
    };
    let name = vm.intern("__isabstractmethod__");
    match vm.get_attr_opt(&function, &name)? {
        Some(flag) => vm.truth(&flag),
        None => Ok(false),
    }
}

fn is_abstract(vm: &mut Vm, this: &Value) -> PyResult {
    says_abstract(vm, wrapped(this)).map(Value::bool)
}

/// An attribute that is the function's until it is set here, or read, which sets it.
fn get_shared(vm: &mut Vm, this: &Value, name: &Ref<Str>) -> PyResult {
    if let Some(own) = vm.instance_attribute(this, name) {
        return Ok(own);
    }
    let function = wrapped(this).unwrap_or(Value::NONE);
    let value = vm.get_attr(&function, name)?;
    if let Some(attributes) = this.header().and_then(|h| h.attributes()) {
        attributes.set(vm, name, value.clone());
    }
    Ok(value)
}

fn set_shared(vm: &mut Vm, this: &Value, name: &Ref<Str>, value: Option<Value>) -> PyResult<()> {
    let Some(attributes) = this.header().and_then(|h| h.attributes()) else {
        return Ok(());
    };
    match value {
        Some(value) => attributes.set(vm, name, value),
        None if attributes.delete(vm, name) => {}
        None => return Err(vm.no_attribute(this, name)),
    }
    Ok(())
}

fn get_annotations(vm: &mut Vm, this: &Value) -> PyResult {
    let name = vm.names.__annotations__.clone();
    get_shared(vm, this, &name)
}

fn set_annotations(vm: &mut Vm, this: &Value, value: Option<Value>) -> PyResult<()> {
    let name = vm.names.__annotations__.clone();
    set_shared(vm, this, &name, value)
}

fn get_annotate(vm: &mut Vm, this: &Value) -> PyResult {
    let name = vm.intern("__annotate__");
    get_shared(vm, this, &name)
}

fn set_annotate(vm: &mut Vm, this: &Value, value: Option<Value>) -> PyResult<()> {
    let name = vm.intern("__annotate__");
    set_shared(vm, this, &name, value)
}

static ATTRIBUTES: &[GetSetDef] = &[
    GetSetDef::get("__func__", get_wrapped).member(),
    GetSetDef::get("__wrapped__", get_wrapped).member(),
    GetSetDef::get("__isabstractmethod__", is_abstract),
    GetSetDef::get_set("__dict__", type_new::get_dict, type_new::set_dict),
    GetSetDef::get_set("__annotations__", get_annotations, set_annotations).since(14),
    GetSetDef::get_set("__annotate__", get_annotate, set_annotate).since(14),
];

/// Fills the slots.
pub(crate) fn ready_slots(vm: &mut Vm) {
    let slots = &vm.types.classmethod.slots;
    slots.new.set(Some(new_class_method));
    slots.init.set(Some(|vm, this, args| {
        init_with(vm, this, "classmethod", args)
    }));
    slots.descr_get.set(Some(get_class_method));
    slots.set_unary(UnaryOp::Repr, |vm, this| repr_as(vm, this, "classmethod"));
    let slots = &vm.types.staticmethod.slots;
    slots.new.set(Some(new_static_method));
    slots.init.set(Some(|vm, this, args| {
        init_with(vm, this, "staticmethod", args)
    }));
    slots.descr_get.set(Some(get_static_method));
    slots.call.set(Some(call_static_method));
    slots.set_unary(UnaryOp::Repr, |vm, this| repr_as(vm, this, "staticmethod"));
}

/// Adds the attributes.
pub(crate) fn ready(vm: &mut Vm) {
    for ty in [vm.types.classmethod.clone(), vm.types.staticmethod.clone()] {
        ty.reserve_row(COPIED.len() as u32);
        vm.add_attributes(&ty, ATTRIBUTES);
    }
}
