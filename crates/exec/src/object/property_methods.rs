//! property: slots, methods and attributes.

use std::cell::Cell;

use crate::call::{Args, Params};
use crate::cell::ValueCell;
use crate::error::{PyResult, Raised};
use crate::object::header::Ref;
use crate::object::native::{GetSetDef, NativeDef};
use crate::object::property::Property;
use crate::object::type_::Type;
use crate::object::wrapped_methods::says_abstract;
use crate::value::Value;
use crate::vm::Vm;

fn property_of(vm: &mut Vm, this: &Value) -> PyResult<Ref<Property>> {
    match this.downcast::<Property>() {
        Some(property) => Ok(property.clone()),
        None => Err(vm.type_error("descriptor requires a 'property' object")),
    }
}

fn new_property(_vm: &mut Vm, ty: &Ref<Type>, _args: Args<'_>) -> PyResult {
    let property = Property {
        getter: ValueCell::new(None),
        setter: ValueCell::new(None),
        deleter: ValueCell::new(None),
        doc: ValueCell::new(None),
        doc_is_getters: Cell::new(false),
        name: ValueCell::new(None),
    };
    Ok(Value::from(Ref::new(ty, property)))
}

static INIT: Params = Params::new(&["fget", "fset", "fdel", "doc"], 0);

fn init_property(vm: &mut Vm, this: &Value, args: Args<'_>) -> PyResult<()> {
    let bound = args.bind(vm, "property", &INIT)?;
    let property = property_of(vm, this)?;
    property.getter.set(bound.not_none(0).cloned());
    property.setter.set(bound.not_none(1).cloned());
    property.deleter.set(bound.not_none(2).cloned());
    property.name.set(None);
    property.doc_is_getters.set(false);
    property.doc.set(bound.get(3).cloned());
    if bound.not_none(3).is_none()
        && let Some(getter) = bound.not_none(0)
    {
        let name = vm.names.__doc__.clone();
        let doc = vm.get_attr_opt(getter, &name)?;
        property
            .doc_is_getters
            .set(doc.as_ref().is_some_and(|d| !d.is_none()));
        property.doc.set(doc);
    }
    if !property.is_exact() {
        // A subclass's own `__doc__` would hide the member, so the doc goes into the instance.
        let name = vm.names.__doc__.clone();
        let doc = property.doc.get().unwrap_or(Value::NONE);
        match vm.set_attr(this, &name, Some(doc)) {
            Err(raised) if raised.is(vm, &vm.types.attribute_error) => {}
            result => return result,
        }
    }
    Ok(())
}

fn name_of(vm: &mut Vm, property: &Ref<Property>) -> Option<String> {
    if let Some(name) = property.name.get() {
        return vm.repr_text(&name).ok();
    }
    let getter = property.getter.get()?;
    let key = vm.names.__name__.clone();
    let name = vm.get_attr_opt(&getter, &key).ok().flatten()?;
    vm.repr_text(&name).ok()
}

#[cold]
fn lacks(vm: &mut Vm, property: &Ref<Property>, instance: &Value, what: &str) -> Raised {
    let ty = vm.type_of(instance).clone();
    let owner = match ty.qualname.get() {
        Some(name) => vm.repr_text(&name).unwrap_or_default(),
        None => format!("'{}'", ty.name()),
    };
    let message = match name_of(vm, property) {
        Some(name) => format!("property {name} of {owner} object has no {what}"),
        None => format!("property of {owner} object has no {what}"),
    };
    vm.error(&vm.types.attribute_error.clone(), message)
}

fn get_property(
    vm: &mut Vm,
    this: &Value,
    instance: Option<&Value>,
    _owner: Option<&Value>,
) -> PyResult {
    let Some(instance) = instance else {
        return Ok(this.clone());
    };
    let property = property_of(vm, this)?;
    match property.getter.get() {
        Some(getter) => vm.call(&getter, std::slice::from_ref(instance)),
        None => Err(lacks(vm, &property, instance, "getter")),
    }
}

fn set_property(vm: &mut Vm, this: &Value, instance: &Value, value: Option<Value>) -> PyResult<()> {
    let property = property_of(vm, this)?;
    let (function, what) = match value {
        Some(_) => (property.setter.get(), "setter"),
        None => (property.deleter.get(), "deleter"),
    };
    let Some(function) = function else {
        return Err(lacks(vm, &property, instance, what));
    };
    match value {
        Some(value) => vm.call(&function, &[instance.clone(), value])?,
        None => vm.call(&function, std::slice::from_ref(instance))?,
    };
    Ok(())
}

/// A copy with another function.
fn copy(vm: &mut Vm, this: &Value, which: usize, function: &Value) -> PyResult {
    let property = property_of(vm, this)?;
    let part = |cell: &ValueCell, index: usize| match index == which {
        true => function.clone(),
        false => cell.get().unwrap_or(Value::NONE),
    };
    let (getter, setter, deleter) = (
        part(&property.getter, 0),
        part(&property.setter, 1),
        part(&property.deleter, 2),
    );
    let inherits_doc = property.doc_is_getters.get() && !getter.is_none();
    let doc = if inherits_doc {
        Value::NONE
    } else {
        property.doc.get().unwrap_or(Value::NONE)
    };
    let class = Value::from(property.ty());
    let copy = vm.call(&class, &[getter, setter, deleter, doc])?;
    if let Some(new) = copy.downcast::<Property>() {
        new.name.set(property.name.get());
    }
    Ok(copy)
}

fn set_name(vm: &mut Vm, this: &Value, values: &[Value]) -> PyResult {
    property_of(vm, this)?.name.set(values.get(1).cloned());
    Ok(Value::NONE)
}

static PROPERTY_METHODS: &[NativeDef] = &[
    NativeDef::one("getter", |vm, this, f| copy(vm, this, 0, f)),
    NativeDef::one("setter", |vm, this, f| copy(vm, this, 1, f)),
    NativeDef::one("deleter", |vm, this, f| copy(vm, this, 2, f)),
    NativeDef::range("__set_name__", 2, 2, set_name),
];

fn part(vm: &mut Vm, this: &Value, cell: fn(&Property) -> &ValueCell) -> PyResult {
    let property = property_of(vm, this)?;
    Ok(cell(&property).get().unwrap_or(Value::NONE))
}

fn set_doc(vm: &mut Vm, this: &Value, value: Option<Value>) -> PyResult<()> {
    property_of(vm, this)?.doc.set(value);
    Ok(())
}

fn is_abstract(vm: &mut Vm, this: &Value) -> PyResult {
    let property = property_of(vm, this)?;
    for cell in [&property.getter, &property.setter, &property.deleter] {
        if says_abstract(vm, cell.get())? {
            return Ok(Value::TRUE);
        }
    }
    Ok(Value::FALSE)
}

fn get_name(vm: &mut Vm, this: &Value) -> PyResult {
    let property = property_of(vm, this)?;
    if let Some(name) = property.name.get() {
        return Ok(name);
    }
    let key = vm.names.__name__.clone();
    if let Some(getter) = property.getter.get()
        && let Some(name) = vm.get_attr_opt(&getter, &key)?
    {
        return Ok(name);
    }
    Err(vm.no_attribute(this, &key))
}

fn set_own_name(vm: &mut Vm, this: &Value, value: Option<Value>) -> PyResult<()> {
    property_of(vm, this)?.name.set(value);
    Ok(())
}

static PROPERTY_ATTRIBUTES: &[GetSetDef] = &[
    GetSetDef::get("fget", |vm, this| part(vm, this, |p| &p.getter)).member(),
    GetSetDef::get("fset", |vm, this| part(vm, this, |p| &p.setter)).member(),
    GetSetDef::get("fdel", |vm, this| part(vm, this, |p| &p.deleter)).member(),
    GetSetDef::get_set("__doc__", |vm, this| part(vm, this, |p| &p.doc), set_doc).member(),
    GetSetDef::get("__isabstractmethod__", is_abstract),
    GetSetDef::get_set("__name__", get_name, set_own_name).since(13),
];

/// Fills the slots.
pub(crate) fn ready_slots(vm: &mut Vm) {
    let slots = &vm.types.property.slots;
    slots.new.set(Some(new_property));
    slots.init.set(Some(init_property));
    slots.descr_get.set(Some(get_property));
    slots.descr_set.set(Some(set_property));
}

/// Adds methods and attributes.
pub(crate) fn ready(vm: &mut Vm) {
    let ty = vm.types.property.clone();
    vm.add_methods(&ty, PROPERTY_METHODS);
    vm.add_attributes(&ty, PROPERTY_ATTRIBUTES);
}
