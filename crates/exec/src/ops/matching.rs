//! Pattern matching.

use crate::error::PyResult;
use crate::object::header::Ref;
use crate::object::str_::Str;
use crate::object::tuple::Tuple;
use crate::object::type_::{Type, flags};
use crate::value::Value;
use crate::vm::Vm;

/// MATCH_MAPPING.
pub(crate) fn is_mapping(vm: &Vm, subject: &Value) -> bool {
    vm.type_of(subject).has(flags::MAPPING)
}

/// MATCH_SEQUENCE.
pub(crate) fn is_sequence(vm: &Vm, subject: &Value) -> bool {
    vm.type_of(subject).has(flags::SEQUENCE)
}

/// MATCH_KEYS: a tuple of the values, or `None` if a key is missing.
pub(crate) fn match_keys(vm: &mut Vm, subject: &Value, keys: &Value) -> PyResult {
    let Some(keys) = keys.downcast::<Tuple>().cloned() else {
        return Err(vm.error(
            &vm.types.system_error.clone(),
            "MATCH_KEYS needs a tuple of keys",
        ));
    };
    let get_name = vm.names.get.clone();
    if keys.items().is_empty() {
        return Ok(vm.new_tuple(Vec::new()));
    }
    let get = vm.get_attr(subject, &get_name)?;
    // A default that no mapping can hold.
    let missing = Value::from(crate::object::instance::new_instance(&vm.types.object));
    let mut seen: Vec<Value> = Vec::new();
    let mut values = Vec::new();
    for key in keys.items() {
        for other in &seen {
            if vm.eq(other, key)? {
                let key = vm.repr_text(key)?;
                return Err(vm.value_error(format!("mapping pattern checks duplicate key ({key})")));
            }
        }
        seen.push(key.clone());
        let value = vm.call(&get, &[key.clone(), missing.clone()])?;
        if value.is(&missing) {
            return Ok(Value::NONE);
        }
        values.push(value);
    }
    Ok(vm.new_tuple(values))
}

/// MATCH_CLASS: a tuple of the attributes, or `None` if the subject does not match.
pub(crate) fn match_class(
    vm: &mut Vm,
    subject: &Value,
    class: &Value,
    count: usize,
    names: &Value,
) -> PyResult {
    let Some(ty) = class.downcast::<Type>().cloned() else {
        let message = match vm.version_number() {
            ..12 => "called match pattern must be a type",
            12..15 => "called match pattern must be a class",
            _ => "class pattern must refer to a class",
        };
        return Err(vm.type_error(message));
    };
    if !vm.is_instance(subject, class)? {
        return Ok(Value::NONE);
    }
    let mut seen: Vec<Ref<Str>> = Vec::new();
    let mut values = Vec::new();
    if count > 0 && !positional(vm, subject, &ty, count, &mut seen, &mut values)? {
        return Ok(Value::NONE);
    }
    let names = names.downcast::<Tuple>().map_or(&[][..], |n| n.items());
    for name in names {
        let Some(name) = name.downcast::<Str>().cloned() else {
            continue;
        };
        match attribute(vm, subject, &ty, &name, &mut seen)? {
            Some(value) => values.push(value),
            None => return Ok(Value::NONE),
        }
    }
    Ok(vm.new_tuple(values))
}

/// The attributes that positional sub-patterns stand for; false if one is missing.
fn positional(
    vm: &mut Vm,
    subject: &Value,
    ty: &Ref<Type>,
    count: usize,
    seen: &mut Vec<Ref<Str>>,
    values: &mut Vec<Value>,
) -> PyResult<bool> {
    let name = vm.names.__match_args__.clone();
    let class_name = ty.name();
    let match_args = vm.get_attr_opt(ty.as_value(), &name)?;
    let (attributes, match_self) = match &match_args {
        Some(found) => match found.downcast::<Tuple>() {
            Some(found) => (found.items().to_vec(), false),
            None => {
                let found = vm.type_name(found);
                return Err(vm.type_error(format!(
                    "{class_name}.__match_args__ must be a tuple (got {found})"
                )));
            }
        },
        None => (Vec::new(), ty.has(flags::MATCH_SELF)),
    };
    let allowed = if match_self { 1 } else { attributes.len() };
    if allowed < count {
        let plural = if allowed == 1 { "" } else { "s" };
        let message = format!(
            "{class_name}() accepts {allowed} positional sub-pattern{plural} ({count} given)"
        );
        return Err(vm.type_error(message));
    }
    if match_self {
        values.push(subject.clone());
        return Ok(true);
    }
    for name in attributes.iter().take(count) {
        let Some(name) = name.downcast::<Str>().cloned() else {
            let found = vm.type_name(name);
            return Err(vm.type_error(format!(
                "__match_args__ elements must be strings (got {found})"
            )));
        };
        match attribute(vm, subject, ty, &name, seen)? {
            Some(value) => values.push(value),
            None => return Ok(false),
        }
    }
    Ok(true)
}

fn attribute(
    vm: &mut Vm,
    subject: &Value,
    ty: &Ref<Type>,
    name: &Ref<Str>,
    seen: &mut Vec<Ref<Str>>,
) -> PyResult<Option<Value>> {
    let name = vm.intern_ref(name);
    if seen.iter().any(|other| other.is(&name)) {
        let class = ty.name();
        let name = vm.repr_text(name.as_value())?;
        return Err(vm.type_error(format!(
            "{class}() got multiple sub-patterns for attribute {name}"
        )));
    }
    seen.push(name.clone());
    vm.get_attr_opt(subject, &name)
}
