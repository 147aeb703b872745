//! The slots of native functions, method descriptors, slot wrappers and getset descriptors.

use crate::call::Args;
use crate::cell::ValueCell;
use crate::error::{PyResult, Raised};
use crate::object::header::Ref;
use crate::object::native::{
    Binding, GetSetDescriptor, MethodDescriptor, NativeDef, NativeFunction,
};
use crate::object::native_attributes;
use crate::object::property::StaticMethod;
use crate::object::slots::UnaryOp;
use crate::object::type_::Type;
use crate::object::wrapper::{self, BoundSlotWrapper, SlotWrapper};
use crate::value::Value;
use crate::vm::Vm;

impl Vm {
    /// A native function bound to an instance, class or module.
    pub fn new_native(&self, def: &'static NativeDef, this: Value, module: Option<Value>) -> Value {
        let function = NativeFunction {
            def,
            this,
            module: ValueCell::new(module),
        };
        Value::from(Ref::new(&self.types.native_function, function))
    }

    /// What a class's dict holds for a native method.
    pub(crate) fn native_method(&mut self, owner: &Ref<Type>, def: &'static NativeDef) -> Value {
        let descriptor = || MethodDescriptor {
            def,
            owner: owner.clone(),
        };
        match def.binding {
            Binding::Instance => Value::from(Ref::new(&self.types.method_descriptor, descriptor())),
            Binding::Class => {
                Value::from(Ref::new(&self.types.class_method_descriptor, descriptor()))
            }
            Binding::Static => {
                let function = self.new_native(def, Value::from(owner), None);
                let method = StaticMethod {
                    function: ValueCell::new(Some(function)),
                };
                Value::from(Ref::new(&self.types.staticmethod, method))
            }
        }
    }
}

fn call_native(vm: &mut Vm, this: &Value, args: Args<'_>) -> PyResult {
    match this.downcast::<NativeFunction>() {
        Some(function) => {
            let function = function.clone();
            vm.enter("")?;
            let result = NativeFunction::invoke(&function, vm, args);
            vm.leave();
            result
        }
        None => Err(vm.not_callable(this)),
    }
}

fn repr_native(vm: &mut Vm, this: &Value) -> PyResult {
    let Some(function) = this.downcast::<NativeFunction>().cloned() else {
        return Ok(Value::NONE);
    };
    let name = function.def.name;
    let text = match vm.built_in_class_name(&function.this) {
        Some(_) => {
            let owner = vm.type_name(&function.this);
            format!(
                "<built-in method {name} of {owner} object at {:#x}>",
                function.this.id()
            )
        }
        None => format!("<built-in function {name}>"),
    };
    Ok(vm.new_str(&text))
}

#[cold]
fn wrong_instance(vm: &mut Vm, name: &str, owner: &Ref<Type>, found: &Value) -> Raised {
    let (owner, found) = (owner.name(), vm.type_name(found));
    vm.type_error(format!(
        "descriptor '{name}' for '{owner}' objects doesn't apply to a '{found}' object"
    ))
}

fn call_descriptor(vm: &mut Vm, this: &Value, args: Args<'_>) -> PyResult {
    let Some(descriptor) = this.downcast::<MethodDescriptor>().cloned() else {
        return Err(vm.not_callable(this));
    };
    let name = descriptor.def.name;
    let Some(instance) = args.positional().first() else {
        let owner = descriptor.owner.name();
        return Err(vm.type_error(format!("unbound method {owner}.{name}() needs an argument")));
    };
    if !vm.type_of(instance).is_subtype(vm, &descriptor.owner) {
        return Err(wrong_instance(vm, name, &descriptor.owner, instance));
    }
    vm.enter("")?;
    let result = descriptor.def.invoke(vm, instance, args.rest());
    vm.leave();
    result
}

fn repr_descriptor(vm: &mut Vm, this: &Value) -> PyResult {
    let Some(descriptor) = this.downcast::<MethodDescriptor>() else {
        return Ok(Value::NONE);
    };
    let (owner, name) = (descriptor.owner.name(), descriptor.def.name);
    Ok(vm.new_str(&format!("<method '{name}' of '{owner}' objects>")))
}

fn get_descriptor(
    vm: &mut Vm,
    this: &Value,
    instance: Option<&Value>,
    _owner: Option<&Value>,
) -> PyResult {
    let (Some(descriptor), Some(instance)) = (this.downcast::<MethodDescriptor>(), instance) else {
        return Ok(this.clone());
    };
    if !vm.type_of(instance).is_subtype(vm, &descriptor.owner) {
        let (name, owner) = (descriptor.def.name, descriptor.owner.clone());
        return Err(wrong_instance(vm, name, &owner, instance));
    }
    Ok(vm.new_native(descriptor.def, instance.clone(), None))
}

/// The class that a class method is bound to, if it is one of its owner's.
fn class_for(vm: &mut Vm, descriptor: &Ref<MethodDescriptor>, class: &Value) -> PyResult<Value> {
    let (name, owner) = (descriptor.def.name, descriptor.owner.name());
    let Some(ty) = class.downcast::<Type>() else {
        let found = vm.type_name(class);
        return Err(vm.type_error(format!(
            "descriptor '{name}' for type '{owner}' needs a type, not a '{found}' as arg 2"
        )));
    };
    if !ty.is_subtype(vm, &descriptor.owner) {
        let found = ty.name();
        return Err(vm.type_error(format!(
            "descriptor '{name}' requires a subtype of '{owner}' but received '{found}'"
        )));
    }
    Ok(class.clone())
}

fn get_class_descriptor(
    vm: &mut Vm,
    this: &Value,
    instance: Option<&Value>,
    owner: Option<&Value>,
) -> PyResult {
    let Some(descriptor) = this.downcast::<MethodDescriptor>() else {
        return Ok(this.clone());
    };
    let owner = match (owner, instance) {
        (Some(owner), _) => owner.clone(),
        (None, Some(instance)) => Value::from(vm.type_of(instance)),
        (None, None) => return Ok(this.clone()),
    };
    let owner = class_for(vm, descriptor, &owner)?;
    Ok(vm.new_native(descriptor.def, owner, None))
}

fn call_class_descriptor(vm: &mut Vm, this: &Value, args: Args<'_>) -> PyResult {
    let Some(descriptor) = this.downcast::<MethodDescriptor>().cloned() else {
        return Err(vm.not_callable(this));
    };
    let Some(class) = args.positional().first() else {
        let (name, owner) = (descriptor.def.name, descriptor.owner.name());
        return Err(vm.type_error(format!(
            "descriptor '{name}' of '{owner}' object needs an argument"
        )));
    };
    let class = class_for(vm, &descriptor, class)?;
    vm.enter("")?;
    let result = descriptor.def.invoke(vm, &class, args.rest());
    vm.leave();
    result
}

fn get_wrapper(
    vm: &mut Vm,
    this: &Value,
    instance: Option<&Value>,
    _owner: Option<&Value>,
) -> PyResult {
    let (Some(wrapper), Some(instance)) = (this.downcast::<SlotWrapper>(), instance) else {
        return Ok(this.clone());
    };
    if !vm.type_of(instance).is_subtype(vm, &wrapper.owner) {
        let (name, owner) = (wrapper.dunder.name, wrapper.owner.clone());
        return Err(wrong_instance(vm, name, &owner, instance));
    }
    let bound = BoundSlotWrapper {
        wrapper: wrapper.clone(),
        this: instance.clone(),
    };
    Ok(Value::from(Ref::new(&vm.types.bound_slot_wrapper, bound)))
}

fn repr_wrapper(vm: &mut Vm, this: &Value) -> PyResult {
    let Some(wrapper) = this.downcast::<SlotWrapper>() else {
        return Ok(Value::NONE);
    };
    let (owner, name) = (wrapper.owner.name(), wrapper.dunder.name);
    Ok(vm.new_str(&format!("<slot wrapper '{name}' of '{owner}' objects>")))
}

fn repr_bound_wrapper(vm: &mut Vm, this: &Value) -> PyResult {
    let Some(bound) = this.downcast::<BoundSlotWrapper>() else {
        return Ok(Value::NONE);
    };
    let (owner, name) = (vm.type_name(&bound.this), bound.wrapper.dunder.name);
    Ok(vm.new_str(&format!(
        "<method-wrapper '{name}' of {owner} object at {:#x}>",
        bound.this.id()
    )))
}

fn get_attribute(
    vm: &mut Vm,
    this: &Value,
    instance: Option<&Value>,
    _owner: Option<&Value>,
) -> PyResult {
    let (Some(descriptor), Some(instance)) = (this.downcast::<GetSetDescriptor>(), instance) else {
        return Ok(this.clone());
    };
    if !vm.type_of(instance).is_subtype(vm, &descriptor.owner) {
        let (name, owner) = (descriptor.def.name, descriptor.owner.clone());
        return Err(wrong_instance(vm, name, &owner, instance));
    }
    (descriptor.def.get)(vm, instance)
}

fn set_attribute(
    vm: &mut Vm,
    this: &Value,
    instance: &Value,
    value: Option<Value>,
) -> PyResult<()> {
    let Some(descriptor) = this.downcast::<GetSetDescriptor>() else {
        return Ok(());
    };
    let (name, owner) = (descriptor.def.name, descriptor.owner.clone());
    if !vm.type_of(instance).is_subtype(vm, &owner) {
        return Err(wrong_instance(vm, name, &owner, instance));
    }
    match descriptor.def.set {
        Some(set) => set(vm, instance, value),
        None => {
            let owner = owner.name();
            let message = format!("attribute '{name}' of '{owner}' objects is not writable");
            Err(vm.error(&vm.types.attribute_error.clone(), message))
        }
    }
}

fn repr_attribute(vm: &mut Vm, this: &Value) -> PyResult {
    let Some(descriptor) = this.downcast::<GetSetDescriptor>() else {
        return Ok(Value::NONE);
    };
    let (owner, name) = (descriptor.owner.name(), descriptor.def.name);
    Ok(vm.new_str(&format!("<attribute '{name}' of '{owner}' objects>")))
}

/// Fills the slots.
pub(crate) fn ready_slots(vm: &mut Vm) {
    let types = &vm.types;
    let slots = &types.native_function.slots;
    slots.call.set(Some(call_native));
    slots.unary[UnaryOp::Repr as usize].set(Some(repr_native));
    slots.compare.set(Some(native_attributes::compare));
    slots.hash.set(Some(native_attributes::hash));
    let slots = &types.method_descriptor.slots;
    slots.call.set(Some(call_descriptor));
    slots.descr_get.set(Some(get_descriptor));
    slots.unary[UnaryOp::Repr as usize].set(Some(repr_descriptor));
    let slots = &types.class_method_descriptor.slots;
    slots.call.set(Some(call_class_descriptor));
    slots.descr_get.set(Some(get_class_descriptor));
    slots.unary[UnaryOp::Repr as usize].set(Some(repr_descriptor));
    let slots = &types.slot_wrapper.slots;
    slots.call.set(Some(wrapper::call_slot_wrapper));
    slots.descr_get.set(Some(get_wrapper));
    slots.unary[UnaryOp::Repr as usize].set(Some(repr_wrapper));
    let slots = &types.bound_slot_wrapper.slots;
    slots.call.set(Some(wrapper::call_bound_slot_wrapper));
    slots.unary[UnaryOp::Repr as usize].set(Some(repr_bound_wrapper));
    slots.compare.set(Some(native_attributes::compare));
    slots.hash.set(Some(native_attributes::hash));
    let slots = &types.getset_descriptor.slots;
    slots.descr_get.set(Some(get_attribute));
    slots.descr_set.set(Some(set_attribute));
    slots.unary[UnaryOp::Repr as usize].set(Some(repr_attribute));
}
