//! `__annotations__` and `__annotate__` of functions, classes and modules.
//!
//! Up to 3.13 the dict is there, or made empty at first need. From 3.14 on `__annotate__`, a function of a format, computes it at first
//! need; a class keeps that function as `__annotate_func__` and what it gave as `__annotations_cache__`.

use crate::error::{PyResult, Raised};
use crate::object::dict::Dict;
use crate::object::function::Function;
use crate::object::header::Ref;
use crate::object::module::Module;
use crate::object::native::GetSetDef;
use crate::object::sequence::receiver;
use crate::object::str_::Str;
use crate::object::tuple::Tuple;
use crate::object::type_::Type;
use crate::object::type_methods::{check_mutable, missing, set_in_dict, this_type};
use crate::value::Value;
use crate::vm::Vm;

/// The first version whose annotations are computed.
const LAZY: u8 = 14;

/// What `__annotate__` gives for the values themselves; an empty dict where there is no such function.
fn compute(vm: &mut Vm, annotate: Option<&Value>) -> PyResult {
    let Some(annotate) = annotate.filter(|a| is_callable(vm, a)) else {
        return Ok(Value::from(Dict::new(vm)));
    };
    let format = vm.int(1);
    let made = vm.call(annotate, &[format])?;
    if made.downcast::<Dict>().is_some() {
        return Ok(made);
    }
    let message = if vm.version_number() >= 15 {
        let found = vm.full_type_name(&made);
        format!("__annotate__() must return a dict, not {found}")
    } else {
        let found = vm.type_name(&made);
        format!("__annotate__ returned non-dict of type '{found}'")
    };
    Err(vm.type_error(message))
}

fn is_callable(vm: &Vm, value: &Value) -> bool {
    vm.type_of(value).slots.call.get().is_some()
}

/// What `__annotate__` is to be set to.
fn checked(vm: &mut Vm, value: Option<Value>, deletion: &str) -> PyResult {
    match value {
        None => Err(vm.type_error(deletion)),
        Some(value) if value.is_none() || is_callable(vm, &value) => Ok(value),
        Some(_) => Err(vm.type_error("__annotate__ must be callable or None")),
    }
}

/// A function's: the compiler of 3.13 and before leaves a flat tuple of names and values.
fn function_annotations(vm: &mut Vm, this: &Value) -> PyResult {
    let function = receiver::<Function>(vm, this)?.clone();
    let found = function.annotations.get();
    if let Some(dict) = found.as_ref().filter(|f| f.downcast::<Dict>().is_some()) {
        return Ok(dict.clone());
    }
    let made = match found.as_ref().and_then(|f| f.downcast::<Tuple>()) {
        Some(pairs) => {
            let dict = Dict::new(vm);
            for pair in pairs.items().chunks_exact(2) {
                dict.set(vm, pair[0].clone(), pair[1].clone())?;
            }
            Value::from(dict)
        }
        None => compute(vm, function.annotate.get().as_ref())?,
    };
    function.annotations.set(Some(made.clone()));
    Ok(made)
}

fn set_function_annotations(vm: &mut Vm, this: &Value, value: Option<Value>) -> PyResult<()> {
    let function = receiver::<Function>(vm, this)?.clone();
    let value = value.filter(|v| !v.is_none());
    if value
        .as_ref()
        .is_some_and(|v| v.downcast::<Dict>().is_none())
    {
        return Err(vm.type_error("__annotations__ must be set to a dict object"));
    }
    function.annotations.set(value);
    function.annotate.set(None);
    Ok(())
}

fn function_annotate(vm: &mut Vm, this: &Value) -> PyResult {
    let function = receiver::<Function>(vm, this)?;
    Ok(function.annotate.get().unwrap_or(Value::NONE))
}

fn set_function_annotate(vm: &mut Vm, this: &Value, value: Option<Value>) -> PyResult<()> {
    let function = receiver::<Function>(vm, this)?.clone();
    let value = checked(vm, value, "__annotate__ cannot be deleted")?;
    if !value.is_none() {
        function.annotations.set(None);
    }
    function.annotate.set(Some(value));
    Ok(())
}

/// What a class's own dict has under a name, bound as an attribute.
fn own(vm: &mut Vm, ty: &Ref<Type>, this: &Value, name: &Ref<Str>) -> PyResult<Option<Value>> {
    let Some(found) = ty.dict(vm).get_str(vm, name) else {
        return Ok(None);
    };
    match vm.type_of(&found).slots.descr_get.get() {
        Some(get) => get(vm, &found, None, Some(this)).map(Some),
        None => Ok(Some(found)),
    }
}

fn class_annotations(vm: &mut Vm, this: &Value) -> PyResult {
    let ty = this_type(vm, this)?;
    let key = vm.names.__annotations__.clone();
    if ty.is_immutable() {
        return Err(missing(vm, &ty, &key));
    }
    if let Some(found) = own(vm, &ty, this, &key)? {
        return Ok(found);
    }
    let cache = match vm.version_number() {
        ..LAZY => key,
        _ => vm.names.__annotations_cache__.clone(),
    };
    if let Some(found) = own(vm, &ty, this, &cache)? {
        return Ok(found);
    }
    let made = if vm.version_number() < LAZY {
        Value::from(Dict::new(vm))
    } else {
        let annotate = class_annotate(vm, this)?;
        compute(vm, Some(&annotate))?
    };
    ty.dict(vm).set_str(vm, &cache, made.clone());
    ty.modified();
    Ok(made)
}

fn set_class_annotations(vm: &mut Vm, this: &Value, value: Option<Value>) -> PyResult<()> {
    let ty = this_type(vm, this)?;
    let (key, cache) = (
        vm.names.__annotations__.clone(),
        vm.names.__annotations_cache__.clone(),
    );
    if vm.version_number() < LAZY {
        if value.is_none() && !ty.is_immutable() {
            ty.modified();
            return match ty.dict(vm).remove_str(vm, &key) {
                Some(_) => Ok(()),
                None => Err(missing(vm, &ty, &key)),
            };
        }
        return set_in_dict(vm, this, &key, value);
    }
    // Deleting is refused in the same words as setting.
    check_mutable(vm, &ty, "__annotations__", false)?;
    let dict = ty.dict(vm);
    let has_plain = dict.contains_str(vm, &key);
    match value {
        Some(value) if has_plain => dict.set_str(vm, &key, value),
        Some(value) => dict.set_str(vm, &cache, value),
        None => {
            let removed = [&key, &cache]
                .into_iter()
                .find_map(|name| dict.remove_str(vm, name));
            if removed.is_none() {
                return Err(no_annotations(vm, this));
            }
        }
    }
    for name in [
        vm.names.__annotate_func__.clone(),
        vm.names.__annotate__.clone(),
    ] {
        dict.remove_str(vm, &name);
    }
    ty.modified();
    Ok(())
}

/// The complaint about annotations that are deleted and not there.
fn no_annotations(vm: &mut Vm, this: &Value) -> Raised {
    let name = vm.names.__annotations__.clone();
    vm.attribute_error("__annotations__".to_owned(), this, &name)
}

fn class_annotate(vm: &mut Vm, this: &Value) -> PyResult {
    let ty = this_type(vm, this)?;
    let (kept, plain) = (
        vm.names.__annotate_func__.clone(),
        vm.names.__annotate__.clone(),
    );
    if ty.is_immutable() {
        return Err(missing(vm, &ty, &plain));
    }
    for name in [&kept, &plain] {
        if let Some(found) = own(vm, &ty, this, name)? {
            return Ok(found);
        }
    }
    ty.dict(vm).set_str(vm, &kept, Value::NONE);
    ty.modified();
    Ok(Value::NONE)
}

fn set_class_annotate(vm: &mut Vm, this: &Value, value: Option<Value>) -> PyResult<()> {
    let ty = this_type(vm, this)?;
    if value.is_some() {
        check_mutable(vm, &ty, "__annotate__", false)?;
    }
    let value = checked(vm, value, "cannot delete __annotate__ attribute")?;
    let dict = ty.dict(vm);
    if !value.is_none() {
        let cache = vm.names.__annotations_cache__.clone();
        dict.remove_str(vm, &cache);
    }
    let name = vm.names.__annotate_func__.clone();
    dict.set_str(vm, &name, value);
    ty.modified();
    Ok(())
}

fn module_annotations(vm: &mut Vm, this: &Value) -> PyResult {
    let dict = receiver::<Module>(vm, this)?.dict.clone();
    let key = vm.names.__annotations__.clone();
    if let Some(found) = dict.get_str(vm, &key) {
        return Ok(found);
    }
    let made = if vm.version_number() < LAZY {
        Value::from(Dict::new(vm))
    } else {
        let name = vm.names.__annotate__.clone();
        let annotate = dict.get_str(vm, &name);
        let made = compute(vm, annotate.as_ref())?;
        if vm.loading.iter().any(|module| module.dict.is(&dict)) {
            return Ok(made);
        }
        made
    };
    dict.set_str(vm, &key, made.clone());
    Ok(made)
}

fn set_module_annotations(vm: &mut Vm, this: &Value, value: Option<Value>) -> PyResult<()> {
    let dict = receiver::<Module>(vm, this)?.dict.clone();
    let key = vm.names.__annotations__.clone();
    match value {
        Some(value) => dict.set_str(vm, &key, value),
        None => {
            if dict.remove_str(vm, &key).is_none() {
                return Err(no_annotations(vm, this));
            }
        }
    }
    if vm.version_number() >= LAZY {
        let name = vm.names.__annotate__.clone();
        dict.remove_str(vm, &name);
    }
    Ok(())
}

fn module_annotate(vm: &mut Vm, this: &Value) -> PyResult {
    let dict = receiver::<Module>(vm, this)?.dict.clone();
    let name = vm.names.__annotate__.clone();
    if let Some(found) = dict.get_str(vm, &name) {
        return Ok(found);
    }
    dict.set_str(vm, &name, Value::NONE);
    Ok(Value::NONE)
}

fn set_module_annotate(vm: &mut Vm, this: &Value, value: Option<Value>) -> PyResult<()> {
    let dict = receiver::<Module>(vm, this)?.dict.clone();
    let value = checked(vm, value, "cannot delete __annotate__ attribute")?;
    if !value.is_none() {
        let key = vm.names.__annotations__.clone();
        dict.remove_str(vm, &key);
    }
    let name = vm.names.__annotate__.clone();
    dict.set_str(vm, &name, value);
    Ok(())
}

static FUNCTION: &[GetSetDef] = &[
    GetSetDef::get_set(
        "__annotations__",
        function_annotations,
        set_function_annotations,
    ),
    GetSetDef::get_set("__annotate__", function_annotate, set_function_annotate).since(LAZY),
];

static CLASS: &[GetSetDef] = &[
    GetSetDef::get_set("__annotations__", class_annotations, set_class_annotations),
    GetSetDef::get_set("__annotate__", class_annotate, set_class_annotate).since(LAZY),
];

static MODULE: &[GetSetDef] = &[
    GetSetDef::get_set(
        "__annotations__",
        module_annotations,
        set_module_annotations,
    ),
    GetSetDef::get_set("__annotate__", module_annotate, set_module_annotate).since(LAZY),
];

/// Adds the attributes.
pub(crate) fn ready(vm: &mut Vm) {
    let types = &vm.types;
    let tables = [
        (types.function.clone(), FUNCTION),
        (types.type_.clone(), CLASS),
        (types.module.clone(), MODULE),
    ];
    for (ty, table) in tables {
        vm.add_attributes(&ty, table);
    }
}
