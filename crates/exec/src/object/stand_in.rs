//! What stands for globals or built-ins that are no dict: a dict of a class that no program sees, which knows the real object.
//!
//! Built-ins may be anything that has items; their stand-in is empty and asks. Globals may be a frozendict from 3.15 on; their
//! stand-in has the same items, which never change.
//!
//! Invariant: who shows globals or built-ins to a program shows [`real`].

use crate::error::{PyResult, Raised};
use crate::object::dict::Dict;
use crate::object::frozen_dict::FrozenDict;
use crate::object::header::{Ref, flags};
use crate::object::module::Module;
use crate::object::native_class::ClassDef;
use crate::object::slots::Slots;
use crate::object::str_::Str;
use crate::value::Value;
use crate::vm::Vm;

static STAND_IN: ClassDef = ClassDef::new::<Dict>("dict", slots)
    .base(|vm| vm.types.dict.clone())
    .hidden_slots(1);

fn slots(slots: &Slots, _minor: u8) {
    slots
        .get_item
        .set(Some(|vm, this, key| match real_of(vm, this) {
            Some(real) => vm.get_item(&real, key),
            None => Err(vm.key_error(key.clone())),
        }));
}

fn real_of(vm: &Vm, this: &Value) -> Option<Value> {
    let header = this.header()?;
    if !header.has(flags::HIDDEN) {
        return None;
    }
    vm.hidden_slot(this, 0)?.get()
}

fn stand_in(vm: &mut Vm, real: &Value, items: Option<&Ref<Dict>>) -> PyResult<Ref<Dict>> {
    let class = vm.class(&STAND_IN);
    let dict = Dict::of_type(&class);
    if let Some(items) = items {
        for (key, value) in items.items(vm) {
            dict.set(vm, key, value)?;
        }
    }
    dict.header().set(flags::HIDDEN, true);
    if let Some(slot) = vm.hidden_slot(dict.as_value(), 0) {
        slot.set(Some(real.clone()));
    }
    Ok(dict)
}

/// The globals or built-ins that a program sees for those of a frame or function.
pub(crate) fn real(vm: &Vm, dict: &Ref<Dict>) -> Value {
    if dict.is_exact() {
        return Value::from(dict);
    }
    real_of(vm, dict.as_value()).unwrap_or_else(|| Value::from(dict))
}

/// The globals that code runs in which is given a frozendict for them.
pub(crate) fn frozen_globals(vm: &mut Vm, frozen: &Ref<FrozenDict>) -> PyResult<Ref<Dict>> {
    let items = frozen.items().clone();
    stand_in(vm, frozen.as_value(), Some(&items))
}

/// The built-ins that globals name, or the VM's own.
pub(crate) fn builtins_of(vm: &mut Vm, globals: &Ref<Dict>) -> PyResult<Ref<Dict>> {
    let key = vm.names.__builtins__.clone();
    let Some(found) = globals.get_str(vm, &key) else {
        return Ok(vm.builtins.clone());
    };
    if let Some(module) = found.downcast::<Module>() {
        return Ok(module.dict.clone());
    }
    match found.into_ref::<Dict>() {
        Ok(dict) => Ok(dict),
        Err(found) => stand_in(vm, &found, None),
    }
}

/// A built-in that an instruction needs, by the frame's own built-ins.
pub(crate) fn builtin(
    vm: &mut Vm,
    builtins: &Ref<Dict>,
    name: &Ref<Str>,
) -> PyResult<Option<Value>> {
    if builtins.is_exact() {
        return builtins.get(vm, name.as_value());
    }
    match vm.get_item(builtins.as_value(), name.as_value()) {
        Ok(value) => Ok(Some(value)),
        Err(raised) if raised.is(vm, &vm.types.key_error) => Ok(None),
        Err(raised) => Err(raised),
    }
}

/// Makes sure that globals may be changed; `how` is what is to be done.
pub(crate) fn check_mutable(vm: &mut Vm, globals: &Ref<Dict>, how: &str) -> Result<(), Raised> {
    if globals.is_exact() || real_of(vm, globals.as_value()).is_none() {
        return Ok(());
    }
    Err(vm.type_error(format!("frozendict object does not support item {how}")))
}
