//! The methods of built-in classes that are slots: `int.__add__`, `list.__len__`, `dict.__new__`.

use crate::call::Args;
use crate::cell::ValueCell;
use crate::error::PyResult;
use crate::object::dict::Dict;
use crate::object::header::{Payload, Ref};
use crate::object::native::{NativeDef, NativeFunction};
use crate::object::slots::{DUNDERS, Dunder, NewFn, Slot, SlotFn, Wrap, call_wrapped};
use crate::object::type_::Type;
use crate::value::Value;
use crate::vm::Vm;

/// A slot of a built-in class as a method (`wrapper_descriptor`).
pub struct SlotWrapper {
    pub(crate) owner: Ref<Type>,
    pub(crate) dunder: &'static Dunder,
    pub(crate) function: SlotFn,
}

impl Payload for SlotWrapper {
    fn traverse(&self, visit: &mut dyn FnMut(&Value)) {
        visit(self.owner.as_value());
    }
}

/// The same, bound to an instance (`method-wrapper`).
pub struct BoundSlotWrapper {
    pub(crate) wrapper: Ref<SlotWrapper>,
    pub(crate) this: Value,
}

impl Payload for BoundSlotWrapper {
    fn traverse(&self, visit: &mut dyn FnMut(&Value)) {
        visit(self.wrapper.as_value());
        visit(&self.this);
    }
}

/// Puts a wrapper into the dict of a built-in class for each slot that it fills itself.
pub(crate) fn add_wrappers(vm: &mut Vm, ty: &Ref<Type>, dict: &Ref<Dict>) {
    let own = ty.own_slots();
    for (index, dunder) in DUNDERS.iter().enumerate() {
        if !own.contains(dunder.slot) {
            continue;
        }
        let Some(function) = ty.slots.get(dunder.slot) else {
            continue;
        };
        let name = vm.names.dunders[index].clone();
        if dict.contains_str(vm, &name) {
            continue;
        }
        if dunder.slot == Slot::New {
            let function = NativeFunction {
                def: &NEW,
                this: Value::from(ty),
                module: ValueCell::new(None),
            };
            let function = Ref::new(&vm.types.native_function, function);
            dict.set_str(vm, &name, Value::from(function));
        } else if dunder.wrap != Wrap::Never {
            let wrapper = SlotWrapper {
                owner: ty.clone(),
                dunder,
                function,
            };
            let wrapper = Ref::new(&vm.types.slot_wrapper, wrapper);
            dict.set_str(vm, &name, Value::from(wrapper));
        }
    }
    if own.is_compared_without_hash() {
        let name = vm.intern("__hash__");
        dict.set_str(vm, &name, Value::NONE);
    }
}

/// What every built-in's `__new__` is.
pub(crate) fn new_def() -> &'static NativeDef {
    &NEW
}

static NEW: NativeDef = NativeDef::any("__new__", call_new);

/// `BuiltIn.__new__(cls, …)`.
fn call_new(vm: &mut Vm, this: &Value, args: Args<'_>) -> PyResult {
    let Some(ty) = this.downcast::<Type>().cloned() else {
        return Err(vm.type_error("__new__ of no class"));
    };
    let name = ty.name();
    let Some(first) = args.positional().first() else {
        return Err(vm.type_error(format!("{name}.__new__(): not enough arguments")));
    };
    let Some(cls) = first.downcast::<Type>() else {
        let found = vm.type_name(first);
        return Err(vm.type_error(format!(
            "{name}.__new__(X): X is not a type object ({found})"
        )));
    };
    let found = cls.name();
    if !cls.is_subtype(vm, &ty) {
        return Err(vm.type_error(format!(
            "{name}.__new__({found}): {found} is not a subtype of {name}"
        )));
    }
    // `object.__new__(list)` would make a list without a list's insides.
    let solid = solid_base(cls);
    match (ty.slots.new.get(), solid.slots.new.get()) {
        (Some(new), Some(expected)) if std::ptr::fn_addr_eq(new, expected) => {
            new(vm, cls, args.rest())
        }
        _ => {
            let safe = solid.name();
            Err(vm.type_error(format!(
                "{name}.__new__({found}) is not safe, use {safe}.__new__()"
            )))
        }
    }
}

/// The built-in class that lays out the instances of a class.
fn solid_base(class: &Ref<Type>) -> Ref<Type> {
    let mut solid = class.clone();
    while !solid.is_built_in() {
        match solid.base() {
            Some(base) => solid = base,
            None => break,
        }
    }
    solid
}

/// The function that a built-in's `__new__` stands for in a class: whatever built-in it is of, the class makes its instances as its
/// base does.
pub(crate) fn native_new(class: &Ref<Type>, method: &Value) -> Option<NewFn> {
    let function = method.downcast::<NativeFunction>()?;
    if !std::ptr::eq(function.def, &NEW) {
        return None;
    }
    class.base()?.slots.new.get()
}

/// `wrapper(self, …)`.
pub(crate) fn call_slot_wrapper(vm: &mut Vm, this: &Value, args: Args<'_>) -> PyResult {
    let Some(wrapper) = this.downcast::<SlotWrapper>() else {
        return Err(vm.not_callable(this));
    };
    let (name, owner) = (wrapper.dunder.name, wrapper.owner.clone());
    let owner_name = owner.name();
    let Some(instance) = args.positional().first() else {
        return Err(vm.type_error(format!(
            "descriptor '{name}' of '{owner_name}' object needs an argument"
        )));
    };
    if !vm.type_of(instance).clone().is_subtype(vm, &owner) {
        let found = vm.type_name(instance);
        let message = format!(
            "descriptor '{name}' requires a '{owner_name}' object but received a '{found}'"
        );
        return Err(vm.type_error(message));
    }
    call_wrapped(vm, wrapper.dunder, wrapper.function, instance, args.rest())
}

/// `instance.__dunder__(…)`.
pub(crate) fn call_bound_slot_wrapper(vm: &mut Vm, this: &Value, args: Args<'_>) -> PyResult {
    let Some(bound) = this.downcast::<BoundSlotWrapper>() else {
        return Err(vm.not_callable(this));
    };
    call_wrapped(
        vm,
        bound.wrapper.dunder,
        bound.wrapper.function,
        &bound.this,
        args,
    )
}
