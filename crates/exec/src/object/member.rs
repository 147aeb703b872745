//! The descriptors of `__slots__`.

use crate::error::PyResult;
use crate::object::header::{Payload, Ref};
use crate::object::native::GetSetDef;
use crate::object::sequence::receiver;
use crate::object::slots::UnaryOp;
use crate::object::str_::Str;
use crate::object::type_::Type;
use crate::value::Value;
use crate::vm::Vm;

/// One entry of `__slots__`: a slot of the instance's row.
pub struct Member {
    pub(crate) name: Ref<Str>,
    pub(crate) owner: Ref<Type>,
    pub(crate) index: u32,
}

impl Payload for Member {
    fn traverse(&self, visit: &mut dyn FnMut(&Value)) {
        visit(self.owner.as_value());
    }
}

impl Member {
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

fn repr(vm: &mut Vm, this: &Value) -> PyResult {
    let Some(member) = this.downcast::<Member>() else {
        return Ok(Value::NONE);
    };
    let (name, owner) = (&member.name, member.owner.name());
    Ok(vm.new_str(&format!("<member '{name}' of '{owner}' objects>")))
}

static ATTRIBUTES: &[GetSetDef] = &[
    GetSetDef::get("__name__", |vm, this| {
        Ok(Value::from(&receiver::<Member>(vm, this)?.name))
    })
    .member(),
    GetSetDef::get("__objclass__", |vm, this| {
        Ok(Value::from(&receiver::<Member>(vm, this)?.owner))
    })
    .member(),
    GetSetDef::get("__qualname__", |vm, this| {
        let member = receiver::<Member>(vm, this)?.clone();
        let key = vm.names.__qualname__.clone();
        let owner = vm.get_attr(member.owner.as_value(), &key)?;
        let owner = vm.str_text(&owner)?;
        Ok(vm.new_str(&format!("{owner}.{}", member.name)))
    }),
    GetSetDef::get("__doc__", |_, _| Ok(Value::NONE)),
];

/// Fills the slots.
pub(crate) fn ready_slots(vm: &mut Vm) {
    let slots = &vm.types.member_descriptor.slots;
    slots.descr_get.set(Some(descr_get));
    slots.descr_set.set(Some(descr_set));
    slots.unary[UnaryOp::Repr as usize].set(Some(repr));
}

/// Adds the attributes.
pub(crate) fn ready(vm: &mut Vm) {
    let ty = vm.types.member_descriptor.clone();
    vm.add_attributes(&ty, ATTRIBUTES);
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
    match instance
        .header()
        .and_then(|h| h.attributes())
        .and_then(|a| a.slot(member.index).get())
    {
        Some(value) => Ok(value),
        None => {
            let name = member.name.clone();
            Err(vm.no_attribute(instance, &name))
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
    let Some(attributes) = instance.header().and_then(|h| h.attributes()) else {
        return Ok(());
    };
    let deleting = value.is_none();
    let old = attributes.slot(member.index).replace(value);
    if deleting && old.is_none() {
        let name = member.name.clone();
        return Err(vm.no_attribute(instance, &name));
    }
    Ok(())
}
