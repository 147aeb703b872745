//! Classes as objects: calling them, their attributes, `repr`. Making them is in `object/type_new.rs`.

use crate::call::Args;
use crate::error::{PyResult, Raised};
use crate::object::header::Ref;
use crate::object::mapping_proxy::MappingProxy;
use crate::object::native::{GetSetDef, NativeDef};
use crate::object::slots::{InitFn, NewFn, UnaryOp};
use crate::object::str_::Str;
use crate::object::tuple::Tuple;
use crate::object::type_::{Type, flags};
use crate::object::{type_bases, type_mro, type_new};
use crate::text::StrView;
use crate::value::Value;
use crate::vm::Vm;

/// `Class(…)`.
fn call(vm: &mut Vm, this: &Value, args: Args<'_>) -> PyResult {
    let Some(ty) = this.downcast::<Type>().cloned() else {
        return Err(vm.not_callable(this));
    };
    if ty.is(&vm.types.type_)
        && !args.has_keywords()
        && let [value] = args.positional()
    {
        return Ok(Value::from(vm.type_of(value)));
    }
    if ty.is(&vm.types.type_) && args.positional().len() != 3 {
        return Err(vm.type_error("type() takes 1 or 3 arguments"));
    }
    instantiate(vm, &ty, args)
}

/// `Class(…)` of any class but `type`.
pub(crate) fn instantiate(vm: &mut Vm, ty: &Ref<Type>, args: Args<'_>) -> PyResult {
    let new = ty.slots.new.get().filter(|_| !ty.has(flags::NO_INSTANCES));
    let Some(new) = new else {
        let name = ty.name_with_module(vm);
        return Err(vm.type_error(format!("cannot create '{name}' instances")));
    };
    let object = new(vm, ty, args)?;
    let made = vm.type_of(&object);
    if made.is(ty) && ty.is_plain_built_in() && has_no_init(vm, ty) {
        return Ok(object);
    }
    let made = made.clone();
    if !made.is_subtype(vm, ty) {
        return Ok(object);
    }
    if let Some(init) = made.slots.init.get() {
        init(vm, &object, args)?;
    }
    Ok(object)
}

/// Whether a built-in class has a `__new__` of its own and `object`'s `__init__`, which then has nothing to do or to say.
#[inline]
fn has_no_init(vm: &Vm, ty: &Ref<Type>) -> bool {
    let (object, own) = (&vm.types.object.slots, &ty.slots);
    let init = own.init.get().zip(object.init.get());
    let new = own.new.get().zip(object.new.get());
    init.is_some_and(|(a, b): (InitFn, InitFn)| std::ptr::fn_addr_eq(a, b))
        && new.is_some_and(|(a, b): (NewFn, NewFn)| !std::ptr::fn_addr_eq(a, b))
}

/// `Class.name`.
fn get_attr(vm: &mut Vm, this: &Value, name: &Ref<Str>) -> PyResult {
    let Some(ty) = this.downcast::<Type>() else {
        return vm.generic_get_attr(this, name);
    };
    let metatype = ty.ty().clone();
    let on_metatype = metatype.lookup(vm, name);
    let mut meta_get = None;
    if let Some(descriptor) = &on_metatype {
        let slots = &vm.type_of(descriptor).slots;
        meta_get = slots.descr_get.get();
        if let (Some(get), true) = (meta_get, slots.descr_set.get().is_some()) {
            return get(vm, descriptor, Some(this), Some(metatype.as_value()));
        }
    }
    if let Some(found) = ty.lookup(vm, name) {
        return match vm.type_of(&found).slots.descr_get.get() {
            Some(get) => get(vm, &found, None, Some(this)),
            None => Ok(found),
        };
    }
    match (on_metatype, meta_get) {
        (Some(descriptor), Some(get)) => {
            get(vm, &descriptor, Some(this), Some(metatype.as_value()))
        }
        (Some(value), None) => Ok(value),
        (None, _) => Err(missing(vm, ty, name)),
    }
}

#[cold]
pub(super) fn missing(vm: &mut Vm, ty: &Ref<Type>, name: &Ref<Str>) -> Raised {
    let message = format!("type object '{}' has no attribute '{name}'", ty.name());
    vm.attribute_error(message, ty.as_value(), name)
}

/// `Class.name = value`, `del Class.name`.
fn set_attr(vm: &mut Vm, this: &Value, name: &Ref<Str>, value: Option<Value>) -> PyResult<()> {
    let Some(ty) = this.downcast::<Type>().cloned() else {
        return vm.generic_set_attr(this, name, value);
    };
    if ty.is_immutable() {
        let class = ty.name();
        let message = format!("cannot set '{name}' attribute of immutable type '{class}'");
        return Err(vm.type_error(message));
    }
    let name = vm.intern_ref(name);
    let metatype = ty.ty().clone();
    if let Some(descriptor) = metatype.lookup(vm, &name)
        && let Some(set) = vm.type_of(&descriptor).slots.descr_set.get()
    {
        return set(vm, &descriptor, this, value);
    }
    let dict = ty.dict(vm);
    // Caches must stop trusting the class before what they borrowed goes: it is kept until then.
    let old = match value {
        Some(value) => {
            let old = dict.get_str(vm, &name);
            dict.set_str(vm, &name, value);
            old
        }
        None => match dict.remove_str(vm, &name) {
            Some(old) => Some(old),
            None => return Err(missing(vm, &ty, &name)),
        },
    };
    ty.modified();
    if let StrView::Ascii(text) = name.view()
        && text.starts_with(b"__")
        && text.ends_with(b"__")
    {
        ty.update_slots_for(vm, &name.to_string());
    }
    drop(old);
    Ok(())
}

fn repr(vm: &mut Vm, this: &Value) -> PyResult {
    let Some(ty) = this.downcast::<Type>().cloned() else {
        return Ok(Value::NONE);
    };
    let name = ty.name_with_module(vm);
    Ok(vm.new_str(&format!("<class '{name}'>")))
}

pub(super) fn this_type(vm: &mut Vm, this: &Value) -> PyResult<Ref<Type>> {
    match this.downcast::<Type>() {
        Some(ty) => Ok(ty.clone()),
        None => Err(vm.type_error("descriptor requires a 'type' object")),
    }
}

fn get_name(vm: &mut Vm, this: &Value) -> PyResult {
    let ty = this_type(vm, this)?;
    let name = ty.name();
    // A built-in's name carries its module.
    Ok(match ty.is_built_in() {
        true => vm.new_str(name.rsplit('.').next().unwrap_or(&name)),
        false => vm.new_str(&name),
    })
}

fn set_name(vm: &mut Vm, this: &Value, value: Option<Value>) -> PyResult<()> {
    let ty = this_type(vm, this)?;
    check_mutable(vm, &ty, "__name__", value.is_none())?;
    match value.as_ref().and_then(|v| v.downcast::<Str>()) {
        Some(name) => {
            let name = type_new::class_name(vm, name)?;
            ty.set_name(name);
            Ok(())
        }
        None => {
            let class = ty.name();
            let found = value.map_or_else(|| "NULL".into(), |v| vm.type_name(&v));
            Err(vm.type_error(format!(
                "can only assign string to {class}.__name__, not '{found}'"
            )))
        }
    }
}

pub(super) fn check_mutable(
    vm: &mut Vm,
    ty: &Ref<Type>,
    name: &str,
    deleting: bool,
) -> PyResult<()> {
    let class = ty.name();
    if ty.is_immutable() {
        return Err(vm.type_error(format!(
            "cannot set '{name}' attribute of immutable type '{class}'"
        )));
    }
    if deleting {
        let kind = match vm.version_number() {
            ..15 => "immutable type",
            _ => "type",
        };
        return Err(vm.type_error(format!(
            "cannot delete '{name}' attribute of {kind} '{class}'"
        )));
    }
    Ok(())
}

fn get_qualname(vm: &mut Vm, this: &Value) -> PyResult {
    match this_type(vm, this)?.qualname.get() {
        Some(name) => Ok(name),
        None => get_name(vm, this),
    }
}

fn set_qualname(vm: &mut Vm, this: &Value, value: Option<Value>) -> PyResult<()> {
    let ty = this_type(vm, this)?;
    check_mutable(vm, &ty, "__qualname__", value.is_none())?;
    if value.as_ref().is_none_or(|v| v.downcast::<Str>().is_none()) {
        let class = ty.name();
        let found = value.map_or_else(|| "NULL".into(), |v| vm.type_name(&v));
        return Err(vm.type_error(format!(
            "can only assign string to {class}.__qualname__, not '{found}'"
        )));
    }
    ty.qualname.set(value);
    Ok(())
}

fn get_module(vm: &mut Vm, this: &Value) -> PyResult {
    let ty = this_type(vm, this)?;
    let key = vm.names.__module__.clone();
    match ty.dict(vm).get_str(vm, &key) {
        // A built-in's own `__module__` describes that of its instances.
        Some(module) if !ty.is_built_in() || module.downcast::<Str>().is_some() => Ok(module),
        _ => match ty.name().rsplit_once('.') {
            Some((module, _)) => Ok(vm.new_str(module)),
            None => Ok(vm.new_str("builtins")),
        },
    }
}

pub(super) fn set_in_dict(
    vm: &mut Vm,
    this: &Value,
    name: &Ref<Str>,
    value: Option<Value>,
) -> PyResult<()> {
    let ty = this_type(vm, this)?;
    check_mutable(vm, &ty, &name.to_string(), value.is_none())?;
    ty.modified();
    if vm.version_number() >= 13 && name.eq_str("__module__") {
        // The line belongs to the module that the class was made in.
        let line = vm.intern("__firstlineno__");
        drop(ty.dict(vm).remove_str(vm, &line));
    }
    if let Some(value) = value {
        ty.dict(vm).set_str(vm, name, value);
    }
    ty.modified();
    Ok(())
}

fn set_module(vm: &mut Vm, this: &Value, value: Option<Value>) -> PyResult<()> {
    let name = vm.names.__module__.clone();
    set_in_dict(vm, this, &name, value)
}

fn get_doc(vm: &mut Vm, this: &Value) -> PyResult {
    let ty = this_type(vm, this)?;
    let key = vm.names.__doc__.clone();
    let Some(doc) = ty.dict(vm).get_str(vm, &key) else {
        return Ok(Value::NONE);
    };
    match vm.type_of(&doc).slots.descr_get.get() {
        Some(get) => get(vm, &doc, None, Some(this)),
        None => Ok(doc),
    }
}

fn set_doc(vm: &mut Vm, this: &Value, value: Option<Value>) -> PyResult<()> {
    let name = vm.names.__doc__.clone();
    set_in_dict(vm, this, &name, value)
}

fn get_mro(vm: &mut Vm, this: &Value) -> PyResult {
    let ty = this_type(vm, this)?;
    let mro: Vec<Value> = ty.mro(vm).iter().map(Value::from).collect();
    // There is none yet while a metaclass thinks about it.
    match mro.is_empty() {
        true => Ok(Value::NONE),
        false => Ok(vm.new_tuple(mro)),
    }
}

pub(super) fn get_dict(vm: &mut Vm, this: &Value) -> PyResult {
    let mapping = Value::from(this_type(vm, this)?.dict(vm));
    Ok(Value::from(Ref::new(
        &vm.types.mapping_proxy,
        MappingProxy { mapping },
    )))
}

fn get_bases(vm: &mut Vm, this: &Value) -> PyResult {
    Ok(this_type(vm, this)?
        .bases
        .get()
        .unwrap_or_else(|| Value::from(&vm.empty_tuple)))
}

fn get_base(vm: &mut Vm, this: &Value) -> PyResult {
    Ok(this_type(vm, this)?.base.get().unwrap_or(Value::NONE))
}

fn get_abstract_methods(vm: &mut Vm, this: &Value) -> PyResult {
    let ty = this_type(vm, this)?;
    let key = vm.names.__abstractmethods__.clone();
    match ty.dict(vm).get_str(vm, &key) {
        Some(methods) if !ty.is(&vm.types.type_) => Ok(methods),
        _ => Err(missing(vm, &ty, &key)),
    }
}

fn set_abstract_methods(vm: &mut Vm, this: &Value, value: Option<Value>) -> PyResult<()> {
    let ty = this_type(vm, this)?;
    let key = vm.names.__abstractmethods__.clone();
    let is_abstract = match &value {
        Some(value) => vm.truth(value)?,
        None => false,
    };
    match value {
        Some(value) => ty.dict(vm).set_str(vm, &key, value),
        None => match ty.dict(vm).remove_str(vm, &key) {
            Some(old) => drop(old),
            None => {
                let error = vm.types.attribute_error.clone();
                return Err(vm.error(&error, "__abstractmethods__"));
            }
        },
    }
    ty.set_flag(flags::ABSTRACT, is_abstract);
    ty.modified();
    Ok(())
}

/// The type parameters of a class, which its body has left among its attributes.
fn get_type_params(vm: &mut Vm, this: &Value) -> PyResult {
    let ty = this_type(vm, this)?;
    let key = vm.names.__type_params__.clone();
    match ty.dict(vm).get_str(vm, &key) {
        Some(params) if !ty.is(&vm.types.type_) => Ok(params),
        _ => Ok(Value::from(&vm.empty_tuple)),
    }
}

fn set_type_params(vm: &mut Vm, this: &Value, value: Option<Value>) -> PyResult<()> {
    let name = vm.names.__type_params__.clone();
    set_in_dict(vm, this, &name, value)
}

static ATTRIBUTES: &[GetSetDef] = &[
    GetSetDef::get_set("__name__", get_name, set_name),
    GetSetDef::get_set("__qualname__", get_qualname, set_qualname),
    GetSetDef::get_set("__module__", get_module, set_module),
    GetSetDef::get_set("__doc__", get_doc, set_doc),
    GetSetDef::get("__mro__", get_mro).member().until(11),
    GetSetDef::get("__mro__", get_mro).since(12),
    GetSetDef::get("__dict__", get_dict),
    GetSetDef::get_set("__bases__", get_bases, type_bases::set_bases),
    GetSetDef::get("__base__", get_base).member(),
    GetSetDef::get_set(
        "__abstractmethods__",
        get_abstract_methods,
        set_abstract_methods,
    ),
    GetSetDef::get_set("__type_params__", get_type_params, set_type_params).since(12),
];

fn mro_method(vm: &mut Vm, this: &Value) -> PyResult {
    let ty = this_type(vm, this)?;
    let bases = ty
        .bases
        .get()
        .and_then(|b| b.downcast::<Tuple>().map(|b| b.items().to_vec()))
        .unwrap_or_default();
    let bases: Vec<Ref<Type>> = bases
        .into_iter()
        .filter_map(|b| b.into_ref::<Type>().ok())
        .collect();
    let mro = type_mro::compute_mro(vm, &ty, &bases)?;
    Ok(vm.new_list(mro.into_iter().map(Value::from).collect()))
}

fn subclasses(vm: &mut Vm, this: &Value) -> PyResult {
    let ty = this_type(vm, this)?;
    let direct = ty.subclasses().into_iter().filter(|sub| {
        sub.bases.get().is_some_and(|b| {
            b.downcast::<Tuple>()
                .is_some_and(|b| b.items().iter().any(|b| b.is(this)))
        })
    });
    let direct = direct.map(Value::from).collect();
    Ok(vm.new_list(direct))
}

fn instance_check(vm: &mut Vm, this: &Value, value: &Value) -> PyResult {
    let ty = this_type(vm, this)?;
    Ok(Value::bool(vm.is_instance_of(value, &ty)?))
}

fn subclass_check(vm: &mut Vm, this: &Value, value: &Value) -> PyResult {
    let ty = this_type(vm, this)?;
    vm.is_plain_subclass(value, ty.as_value()).map(Value::bool)
}

fn prepare(vm: &mut Vm, _this: &Value, _args: Args<'_>) -> PyResult {
    Ok(Value::from(crate::object::dict::Dict::new(vm)))
}

static METHODS: &[NativeDef] = &[
    NativeDef::no_args("mro", mro_method).signature("($self, /)"),
    NativeDef::no_args("__subclasses__", subclasses).signature("($self, /)"),
    NativeDef::one("__instancecheck__", instance_check).signature("($self, instance, /)"),
    NativeDef::one("__subclasscheck__", subclass_check).signature("($self, subclass, /)"),
    NativeDef::any("__prepare__", prepare).class(),
];

/// Fills the slots of `type`.
pub(crate) fn ready_slots(vm: &mut Vm) {
    let slots = &vm.types.type_.slots;
    slots.call.set(Some(call));
    slots.new.set(Some(type_new::NEW));
    slots.init.set(Some(|_, _, _| Ok(())));
    slots.get_attr.set(Some(get_attr));
    slots.set_attr.set(Some(set_attr));
    slots.unary[UnaryOp::Repr as usize].set(Some(repr));
}

/// Adds the methods of `type`.
pub(crate) fn ready(vm: &mut Vm) {
    let ty = vm.types.type_.clone();
    vm.add_attributes(&ty, ATTRIBUTES);
    vm.add_methods(&ty, METHODS);
}
