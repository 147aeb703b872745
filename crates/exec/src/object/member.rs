//! The descriptors of `__slots__`.

use crate::error::PyResult;
use crate::object::header::{Payload, Ref};
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
