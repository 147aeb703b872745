//! The attributes of native functions and of the descriptors in the dicts of built-in classes.

use crate::error::{PyResult, Raised};
use crate::object::header::Ref;
use crate::object::member::Member;
use crate::object::native::{
    Binding, GetSetDef, GetSetDescriptor, MethodDescriptor, NativeDef, NativeFunction,
};
use crate::object::slots::{CompareOp, Dunder};
use crate::object::type_::Type;
use crate::object::wrapper::{self, BoundSlotWrapper, SlotWrapper};
use crate::value::Value;
use crate::vm::Vm;

/// What the attributes of a native function or descriptor are made of.
struct Described {
    name: String,
    owner: Option<Value>,
    this: Option<Value>,
    signature: Option<&'static str>,
}

fn described(vm: &Vm, value: &Value) -> Option<Described> {
    let made = |name: &str, owner: &Ref<Type>, signature: Option<&'static str>| Described {
        name: name.to_owned(),
        owner: Some(Value::from(owner)),
        this: None,
        signature,
    };
    if let Some(function) = value.downcast::<NativeFunction>() {
        let def = function.def;
        let is_method = vm.built_in_class_name(&function.this).is_some();
        let owner = match function.this.downcast::<Type>() {
            _ if !is_method => None,
            Some(class) => Some(Value::from(class)),
            None => Some(Value::from(vm.type_of(&function.this))),
        };
        return Some(Described {
            name: def.name.to_owned(),
            owner,
            this: Some(function.this.clone()),
            signature: signature_of(def),
        });
    }
    if let Some(method) = value.downcast::<MethodDescriptor>() {
        return Some(made(
            method.def.name,
            &method.owner,
            signature_of(method.def),
        ));
    }
    if let Some(slot) = value.downcast::<SlotWrapper>() {
        return Some(made(
            slot.dunder.name,
            &slot.owner,
            Some(wrapper_signature(slot.dunder)),
        ));
    }
    if let Some(bound) = value.downcast::<BoundSlotWrapper>() {
        let slot = &bound.wrapper;
        return Some(Described {
            this: Some(bound.this.clone()),
            ..made(
                slot.dunder.name,
                &slot.owner,
                Some(wrapper_signature(slot.dunder)),
            )
        });
    }
    if let Some(attribute) = value.downcast::<GetSetDescriptor>() {
        return Some(made(attribute.def.name, &attribute.owner, None));
    }
    let member = value.downcast::<Member>()?;
    Some(made(&member.name.to_string(), &member.owner, None))
}

fn signature_of(def: &'static NativeDef) -> Option<&'static str> {
    if std::ptr::eq(def, wrapper::new_def()) {
        return Some("($type, *args, **kwargs)");
    }
    Some(def.signature).filter(|signature| !signature.is_empty())
}

/// The signature that a slot's wrapper shows, by the method's name.
fn wrapper_signature(dunder: &'static Dunder) -> &'static str {
    match dunder.name {
        "__call__" | "__init__" => "($self, /, *args, **kwargs)",
        "__contains__" | "__delitem__" | "__getitem__" => "($self, key, /)",
        "__setitem__" => "($self, key, value, /)",
        "__delattr__" | "__getattribute__" => "($self, name, /)",
        "__setattr__" => "($self, name, value, /)",
        "__get__" => "($self, instance, owner=None, /)",
        "__set__" => "($self, instance, value, /)",
        "__delete__" => "($self, instance, /)",
        "__pow__" | "__rpow__" => "($self, value, mod=None, /)",
        "__abs__" | "__aiter__" | "__anext__" | "__await__" | "__bool__" | "__float__"
        | "__hash__" | "__index__" | "__int__" | "__invert__" | "__iter__" | "__len__"
        | "__neg__" | "__next__" | "__pos__" | "__repr__" | "__str__" => "($self, /)",
        _ => "($self, value, /)",
    }
}

fn describe(vm: &mut Vm, this: &Value) -> PyResult<Described> {
    match described(vm, this) {
        Some(described) => Ok(described),
        None => Err(wrong_class(vm, this)),
    }
}

#[cold]
fn wrong_class(vm: &mut Vm, this: &Value) -> Raised {
    let found = vm.type_name(this);
    vm.type_error(format!("descriptor doesn't apply to a '{found}' object"))
}

fn name(vm: &mut Vm, this: &Value) -> PyResult {
    let name = describe(vm, this)?.name;
    Ok(vm.new_str(&name))
}

pub(super) fn qualname(vm: &mut Vm, this: &Value) -> PyResult {
    let Described { name, owner, .. } = describe(vm, this)?;
    let Some(owner) = owner else {
        return Ok(vm.new_str(&name));
    };
    let key = vm.names.__qualname__.clone();
    let owner = vm.get_attr(&owner, &key)?;
    let owner = vm.display(&owner);
    Ok(vm.new_str(&format!("{owner}.{name}")))
}

fn owner(vm: &mut Vm, this: &Value) -> PyResult {
    Ok(describe(vm, this)?.owner.unwrap_or(Value::NONE))
}

fn this_of(vm: &mut Vm, this: &Value) -> PyResult {
    let is_static = |f: &Ref<NativeFunction>| f.def.binding == Binding::Static;
    if this.downcast::<NativeFunction>().is_some_and(is_static) {
        return Ok(Value::NONE);
    }
    Ok(describe(vm, this)?.this.unwrap_or(Value::NONE))
}

fn text_signature(vm: &mut Vm, this: &Value) -> PyResult {
    Ok(match describe(vm, this)?.signature {
        Some(signature) => vm.new_str(signature),
        None => Value::NONE,
    })
}

fn module(_vm: &mut Vm, this: &Value) -> PyResult {
    Ok(this
        .downcast::<NativeFunction>()
        .and_then(|f| f.module.get())
        .unwrap_or(Value::NONE))
}

/// What builds the same again: the name of a module's function, else `getattr` and its arguments.
fn reduce(vm: &mut Vm, this: &Value) -> PyResult {
    let described = describe(vm, this)?;
    let name = vm.new_str(&described.name);
    let of = match (this.downcast::<NativeFunction>(), described.this) {
        (Some(_), _) if described.owner.is_none() => return Ok(name),
        (_, Some(this)) => this,
        (_, None) => described.owner.unwrap_or(Value::NONE),
    };
    let key = vm.intern("getattr");
    let getattr = vm.builtins.clone().get_str(vm, &key);
    let arguments = vm.new_tuple(vec![of, name]);
    Ok(vm.new_tuple(vec![getattr.unwrap_or(Value::NONE), arguments]))
}

/// Bound natives are equal if they are the same method of the same object.
pub(super) fn compare(_vm: &mut Vm, a: &Value, b: &Value, op: CompareOp) -> PyResult {
    if !matches!(op, CompareOp::Eq | CompareOp::Ne) {
        return Ok(Value::NOT_IMPLEMENTED);
    }
    let equal = match (
        a.downcast::<NativeFunction>(),
        b.downcast::<NativeFunction>(),
        a.downcast::<BoundSlotWrapper>(),
        b.downcast::<BoundSlotWrapper>(),
    ) {
        (Some(a), Some(b), ..) => std::ptr::eq(a.def, b.def) && a.this.is(&b.this),
        (_, _, Some(a), Some(b)) => a.wrapper.is(&b.wrapper) && a.this.is(&b.this),
        _ => return Ok(Value::NOT_IMPLEMENTED),
    };
    Ok(Value::bool(equal == (op == CompareOp::Eq)))
}

/// A hash by identity that goes with [`compare`].
pub(super) fn hash(_vm: &mut Vm, this: &Value) -> PyResult<i64> {
    let (of, what) = if let Some(function) = this.downcast::<NativeFunction>() {
        (function.this.id(), std::ptr::from_ref(function.def) as u64)
    } else if let Some(bound) = this.downcast::<BoundSlotWrapper>() {
        (bound.this.id(), bound.wrapper.as_value().id())
    } else {
        (this.id(), 0)
    };
    Ok(((of.rotate_right(4) ^ what) >> 1) as i64)
}

const DOC: GetSetDef = GetSetDef::get("__doc__", |_, _| Ok(Value::NONE));
const SIGNATURE: GetSetDef = GetSetDef::get("__text_signature__", text_signature);

static FUNCTION: &[GetSetDef] = &[
    DOC,
    GetSetDef::get("__name__", name),
    GetSetDef::get("__qualname__", qualname),
    GetSetDef::get("__self__", this_of),
    SIGNATURE,
    GetSetDef::get("__module__", module).member(),
];

static DESCRIPTOR: &[GetSetDef] = &[
    DOC,
    GetSetDef::get("__qualname__", qualname),
    GetSetDef::get("__objclass__", owner).member(),
    GetSetDef::get("__name__", name).member(),
];

static SIGNED: &[GetSetDef] = &[SIGNATURE];

static BOUND: &[GetSetDef] = &[
    GetSetDef::get("__objclass__", owner),
    GetSetDef::get("__name__", name),
    GetSetDef::get("__qualname__", qualname),
    DOC,
    SIGNATURE,
    GetSetDef::get("__self__", this_of).member(),
];

static REDUCE: &[NativeDef] = &[NativeDef::no_args("__reduce__", reduce)];

/// Adds the attributes.
pub(crate) fn ready(vm: &mut Vm) {
    let types = &vm.types;
    let (function, bound) = (
        types.native_function.clone(),
        types.bound_slot_wrapper.clone(),
    );
    let signed = [
        types.method_descriptor.clone(),
        types.class_method_descriptor.clone(),
        types.slot_wrapper.clone(),
    ];
    let plain = [
        types.getset_descriptor.clone(),
        types.member_descriptor.clone(),
    ];
    vm.add_attributes(&function, FUNCTION);
    vm.add_attributes(&bound, BOUND);
    for ty in &signed {
        vm.add_attributes(ty, DESCRIPTOR);
        vm.add_attributes(ty, SIGNED);
    }
    for ty in &plain {
        vm.add_attributes(ty, DESCRIPTOR);
    }
    for ty in [&function, &bound, &signed[0], &signed[2], &plain[1]] {
        vm.add_methods(ty, REDUCE);
    }
}
