//! Exception groups: picking parts out of the tree.

use crate::error::PyResult;
use crate::object::exception::{Exception, exception_of};
use crate::object::header::Ref;
use crate::object::native::NativeDef;
use crate::object::tuple::Tuple;
use crate::object::type_::Type;
use crate::value::Value;
use crate::vm::Vm;

/// The field of a group's `message`.
pub(crate) const FIELD_MESSAGE: usize = 0;
/// The field of a group's `exceptions`, a tuple.
pub(crate) const FIELD_EXCEPTIONS: usize = 1;
/// The field of what `repr` shows for exceptions that were given as neither a list nor a tuple (3.13 on).
pub(crate) const FIELD_TEXT: usize = 2;

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
    let group_class = vm.types.base_exception_group.clone();
    if !vm.type_of(&derived).clone().is_subtype(vm, &group_class) {
        let message = "derive must return an instance of BaseExceptionGroup";
        return Err(vm.type_error(message));
    }
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
            // What is no sequence is not copied, nor is it complained about.
            if vm.is_sequence(&found) {
                let copy = vm.collect(&found)?;
                let copy = vm.new_list(copy);
                new.make_dict(vm).set_str(vm, &notes, copy);
            }
        }
    }
    Ok(derived)
}

fn members(vm: &Vm, exception: &Ref<Exception>) -> Vec<Value> {
    let members = exception.field(vm, FIELD_EXCEPTIONS);
    members
        .and_then(|m| m.downcast::<Tuple>().map(|m| m.items().to_vec()))
        .unwrap_or_default()
}

fn derive_method(vm: &mut Vm, this: &Value, exceptions: &Value) -> PyResult {
    let exception = exception_of(vm, this)?;
    let message = exception.field(vm, FIELD_MESSAGE).unwrap_or(Value::NONE);
    let class = Value::from(&vm.types.base_exception_group);
    vm.call(&class, &[message, exceptions.clone()])
}

/// What a split or subgroup asks of each exception.
enum Condition {
    Classes(Value),
    Predicate(Value),
}

fn condition(vm: &mut Vm, value: &Value) -> PyResult<Condition> {
    let is_class = |vm: &Vm, value: &Value| {
        value
            .downcast::<Type>()
            .is_some_and(|ty| ty.is_subtype(vm, &vm.types.base_exception))
    };
    let is_classes = match value.downcast::<Tuple>() {
        Some(classes) => classes.items().iter().all(|class| is_class(vm, class)),
        None => is_class(vm, value),
    };
    if is_classes {
        return Ok(Condition::Classes(value.clone()));
    }
    if value.downcast::<Type>().is_none() && vm.type_of(value).slots.call.get().is_some() {
        return Ok(Condition::Predicate(value.clone()));
    }
    let message = match vm.version_number() {
        ..13 => "expected a function, exception type or tuple of exception types",
        _ => {
            "expected an exception type, a tuple of exception types, or a callable (other than a class)"
        }
    };
    Err(vm.type_error(message))
}

impl Condition {
    fn holds(&self, vm: &mut Vm, exception: &Value) -> PyResult<bool> {
        match self {
            Condition::Classes(classes) => vm.is_instance(exception, classes),
            Condition::Predicate(predicate) => {
                let result = vm.call(predicate, std::slice::from_ref(exception))?;
                vm.truth(&result)
            }
        }
    }
}

/// The parts of an exception that match and that do not.
fn split(vm: &mut Vm, exception: &Value, condition: &Condition) -> PyResult<(Value, Value)> {
    if condition.holds(vm, exception)? {
        return Ok((exception.clone(), Value::NONE));
    }
    let group_class = vm.types.base_exception_group.clone();
    let group = match exception.downcast::<Exception>() {
        Some(group) if group.ty().is_subtype(vm, &group_class) => group.clone(),
        _ => return Ok((Value::NONE, exception.clone())),
    };
    vm.enter(" in exceptiongroup_split_recursive")?;
    let result = split_members(vm, exception, &group, condition);
    vm.leave();
    result
}

fn split_members(
    vm: &mut Vm,
    value: &Value,
    group: &Ref<Exception>,
    condition: &Condition,
) -> PyResult<(Value, Value)> {
    let (mut matched, mut rest) = (Vec::new(), Vec::new());
    for member in members(vm, group) {
        let (yes, no) = split(vm, &member, condition)?;
        matched.extend(Some(yes).filter(|v| !v.is_none()));
        rest.extend(Some(no).filter(|v| !v.is_none()));
    }
    let matched = if matched.is_empty() {
        Value::NONE
    } else {
        derive(vm, value, matched)?
    };
    let rest = if rest.is_empty() {
        Value::NONE
    } else {
        derive(vm, value, rest)?
    };
    Ok((matched, rest))
}

fn split_method(vm: &mut Vm, this: &Value, condition_value: &Value) -> PyResult {
    let condition = condition(vm, condition_value)?;
    let (matched, rest) = split(vm, this, &condition)?;
    Ok(vm.new_tuple(vec![matched, rest]))
}

fn subgroup_method(vm: &mut Vm, this: &Value, condition_value: &Value) -> PyResult {
    let condition = condition(vm, condition_value)?;
    Ok(split(vm, this, &condition)?.0)
}

pub(crate) static METHODS: &[NativeDef] = &[
    NativeDef::one("derive", derive_method),
    NativeDef::one("split", split_method),
    NativeDef::one("subgroup", subgroup_method),
];
