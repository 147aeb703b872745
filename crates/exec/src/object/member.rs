//! Member descriptors: the entries of `__slots__`, and the fields of built-in classes that CPython keeps as C members.

use crate::error::PyResult;
use crate::object::exception::exception_of;
use crate::object::header::{Payload, Ref};
use crate::object::native::GetSetDef;
use crate::object::slots::UnaryOp;
use crate::object::str_::Str;
use crate::object::type_::Type;
use crate::value::Value;
use crate::vm::Vm;

/// A member descriptor's payload.
pub struct Member {
    pub(crate) name: Ref<Str>,
    pub(crate) owner: Ref<Type>,
    pub(crate) place: Place,
}

/// Where a member's value is.
#[derive(Clone, Copy)]
pub(crate) enum Place {
    /// An entry of `__slots__`: a slot of the instance's row.
    Slot(u32),
    /// What Rust code reads and writes.
    Native(&'static GetSetDef),
    /// A field that an exception class adds.
    Exception { index: usize, is_read_only: bool },
}

impl Payload for Member {
    fn traverse(&self, visit: &mut dyn FnMut(&Value)) {
        visit(self.owner.as_value());
    }
}

impl Member {
    /// The slot of the instance's row, if the member is an entry of `__slots__`.
    pub(crate) fn slot(&self) -> Option<u32> {
        match self.place {
            Place::Slot(index) => Some(index),
            _ => None,
        }
    }

    fn check(&self, vm: &mut Vm, instance: &Value) -> PyResult<()> {
        if vm.type_of(instance).is_subtype(vm, &self.owner) {
            return Ok(());
        }
        let (owner, found) = (self.owner.name(), vm.type_name(instance));
        let name = &self.name;
        let message = format!(
            "descriptor '{name}' for '{owner}' objects doesn't apply to a '{found}' object"
        );
        Err(vm.type_error(message))
    }
}

/// `member.__get__`.
pub(crate) fn descr_get(
    vm: &mut Vm,
    this: &Value,
    instance: Option<&Value>,
    _owner: Option<&Value>,
) -> PyResult {
    let (Some(member), Some(instance)) = (this.downcast::<Member>(), instance) else {
        return Ok(this.clone());
    };
    member.check(vm, instance)?;
    let index = match member.place {
        Place::Slot(index) => index,
        Place::Native(def) => return (def.get)(vm, instance),
        Place::Exception { index, .. } => {
            let exception = exception_of(vm, instance)?;
            return Ok(exception.field(vm, index).unwrap_or(Value::NONE));
        }
    };
    match instance
        .header()
        .and_then(|h| h.attributes())
        .and_then(|a| a.slot(index).get())
    {
        Some(value) => Ok(value),
        None => {
            let name = member.name.clone();
            if vm.version_number() < 13 {
                return Err(vm.no_attribute(instance, &name));
            }
            let class = vm.full_type_name(instance);
            let message = format!("'{class}' object has no attribute '{name}'");
            Err(vm.attribute_error(message, instance, &name))
        }
    }
}

/// `member.__set__` and `member.__delete__`.
pub(crate) fn descr_set(
    vm: &mut Vm,
    this: &Value,
    instance: &Value,
    value: Option<Value>,
) -> PyResult<()> {
    let Some(member) = this.downcast::<Member>() else {
        return Ok(());
    };
    member.check(vm, instance)?;
    match member.place {
        Place::Slot(index) => set_slot(vm, member, index, instance, value),
        Place::Native(GetSetDef { set: Some(set), .. }) => set(vm, instance, value),
        Place::Exception {
            index,
            is_read_only: false,
        } => {
            exception_of(vm, instance)?.set_field(vm, index, value);
            Ok(())
        }
        _ => Err(vm.error(&vm.types.attribute_error.clone(), "readonly attribute")),
    }
}

fn set_slot(
    vm: &mut Vm,
    member: &Ref<Member>,
    index: u32,
    instance: &Value,
    value: Option<Value>,
) -> PyResult<()> {
    let Some(attributes) = instance.header().and_then(|h| h.attributes()) else {
        return Ok(());
    };
    let deleting = value.is_none();
    let old = attributes.slot(index).replace(value);
    if deleting && old.is_none() {
        let name = member.name.to_string();
        return Err(vm.error(&vm.types.attribute_error.clone(), name));
    }
    Ok(())
}

fn repr(vm: &mut Vm, this: &Value) -> PyResult {
    let Some(member) = this.downcast::<Member>() else {
        return Ok(Value::NONE);
    };
    let (owner, name) = (member.owner.name(), &member.name);
    Ok(vm.new_str(&format!("<member '{name}' of '{owner}' objects>")))
}

/// Fills the slots.
pub(crate) fn ready_slots(vm: &mut Vm) {
    let slots = &vm.types.member_descriptor.slots;
    slots.descr_get.set(Some(descr_get));
    slots.descr_set.set(Some(descr_set));
    slots.unary[UnaryOp::Repr as usize].set(Some(repr));
}
