//! Exception groups: picking parts out of the tree.

use crate::error::PyResult;
use crate::object::exception::Exception;
use crate::object::tuple::Tuple;
use crate::value::Value;
use crate::vm::Vm;

/// The field of a group's `message`.
pub(crate) const FIELD_MESSAGE: usize = 0;
/// The field of a group's `exceptions`, a tuple.
pub(crate) const FIELD_EXCEPTIONS: usize = 1;

/// The group with only those leaves that are in `keep`, in the same shape.
pub(crate) fn select(vm: &mut Vm, group: &Value, keep: &[Value]) -> PyResult {
    vm.enter(" in exception group")?;
    let result = select_unguarded(vm, group, keep);
    vm.leave();
    result
}

fn select_unguarded(vm: &mut Vm, group: &Value, keep: &[Value]) -> PyResult {
    let Some(exception) = group.downcast::<Exception>().cloned() else {
        return Ok(Value::NONE);
    };
    if !exception
        .ty()
        .is_subtype(vm, &vm.types.base_exception_group.clone())
    {
        return Ok(if keep.iter().any(|k| k.is(group)) {
            group.clone()
        } else {
            Value::NONE
        });
    }
    let inner = exception.field(vm, FIELD_EXCEPTIONS);
    let inner: Vec<Value> = inner
        .and_then(|i| i.downcast::<Tuple>().map(|i| i.items().to_vec()))
        .unwrap_or_default();
    let mut parts = Vec::new();
    for part in inner {
        let part = select(vm, &part, keep)?;
        if !part.is_none() {
            parts.push(part);
        }
    }
    if parts.is_empty() {
        return Ok(Value::NONE);
    }
    derive(vm, group, parts)
}

/// A group like `group` with other exceptions, through its `derive` method.
pub(crate) fn derive(vm: &mut Vm, group: &Value, parts: Vec<Value>) -> PyResult {
    let name = vm.intern("derive");
    let parts = vm.new_list(parts);
    let derived = vm.call_method(group, &name, &[parts])?;
    if let (Some(new), Some(old)) = (
        derived.downcast::<Exception>(),
        group.downcast::<Exception>(),
    ) {
        new.traceback.set(old.traceback.get());
        new.cause.set(old.cause.get());
        new.context.set(old.context.get());
        new.suppress_context.set(old.suppress_context.get());
        let notes = vm.intern("__notes__");
        if let Some(found) = old.dict().and_then(|d| d.get_str(vm, &notes)) {
            let copy = vm.collect(&found)?;
            let copy = vm.new_list(copy);
            new.make_dict(vm).set_str(vm, &notes, copy);
        }
    }
    Ok(derived)
}
