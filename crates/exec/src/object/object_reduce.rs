//! What `copy` and `pickle` ask of an object: `__reduce_ex__`, `__reduce__`, `__getstate__`.
//!
//! As in CPython, the functions that would make the copy come from `copyreg`; where that cannot be imported, asking fails.

use crate::error::{PyResult, Raised};
use crate::object::dict::Dict;
use crate::object::frozen_dict::items_of;
use crate::object::header::{Kind, Ref};
use crate::object::list::List;
use crate::object::native::NativeDef;
use crate::object::str_::Str;
use crate::object::tuple::Tuple;
use crate::object::type_::Type;
use crate::value::Value;
use crate::vm::Vm;

/// The names of all `__slots__` of a class and its bases, the class's own first, private ones as they are stored: what
/// `copyreg._slotnames` gives.
fn slot_names(vm: &mut Vm, class: &Ref<Type>) -> PyResult<Vec<Value>> {
    let key = vm.intern("__slots__");
    let mut names = Vec::new();
    for ty in class.mro(vm).to_vec() {
        let Some(slots) = ty.dict(vm).get_str(vm, &key) else {
            continue;
        };
        let slots = match slots.downcast::<Str>() {
            Some(_) => vec![slots],
            None => vm.collect(&slots)?,
        };
        for slot in slots {
            let Some(name) = slot.downcast::<Str>().map(ToString::to_string) else {
                continue;
            };
            let class = ty.name();
            let class = class.trim_start_matches('_');
            if name == "__dict__" || name == "__weakref__" {
                continue;
            }
            let is_private = name.starts_with("__") && !name.ends_with("__");
            names.push(match is_private && !class.is_empty() {
                true => vm.new_str(&format!("_{class}{name}")),
                false => slot,
            });
        }
    }
    Ok(names)
}

/// `__getstate__()`: the `__dict__`, or that and what the slots hold, or `None`.
pub(crate) fn get_state(vm: &mut Vm, this: &Value) -> PyResult {
    // An empty `__dict__` is no state.
    let state = match vm.instance_dict(this) {
        Some(dict) if dict.len(vm) > 0 => Value::from(dict),
        _ => Value::NONE,
    };
    let class = vm.type_of(this).clone();
    let slots = Dict::new(vm);
    for name in slot_names(vm, &class)? {
        let attribute = vm.attribute_name(&name)?;
        if let Some(value) = vm.get_attr_opt(this, &attribute)? {
            slots.set(vm, name, value)?;
        }
    }
    if slots.len(vm) == 0 {
        return Ok(state);
    }
    Ok(vm.new_tuple(vec![state, Value::from(slots)]))
}

fn cannot_pickle(vm: &mut Vm, this: &Value) -> Raised {
    let class = vm.type_of(this).name();
    vm.type_error(format!("cannot pickle '{class}' object"))
}

/// Whether instances hold something that neither attributes nor arguments show.
fn is_opaque(vm: &Vm, this: &Value) -> bool {
    let is_container = this.downcast::<List>().is_some() || items_of(this).is_some();
    let is_plain = this.header().is_some_and(|h| h.kind() == Kind::Instance);
    !is_container && !is_plain && vm.type_of(this).is_built_in()
}

/// `__reduce_ex__(2)`: how `copyreg` makes the object anew.
fn reduce_2(vm: &mut Vm, this: &Value) -> PyResult {
    let copyreg = vm.import("copyreg")?;
    let given = new_arguments(vm, this)?;
    let name = vm.intern("__getstate__");
    // Who gives arguments or a state knows what it holds.
    if given.is_none() && is_opaque(vm, this) && has_default(vm, this, &name) {
        return Err(cannot_pickle(vm, this));
    }
    let (args, keywords) = given.unwrap_or_default();
    let class = Value::from(vm.type_of(this));
    let (function, args) = match keywords {
        Some(keywords) if vm.len(&keywords)? > 0 => {
            ("__newobj_ex__", vec![class, vm.new_tuple(args), keywords])
        }
        _ => ("__newobj__", [vec![class], args].concat()),
    };
    let name = vm.intern(function);
    let function = vm.get_attr(&copyreg, &name)?;
    let name = vm.intern("__getstate__");
    let state = vm.call_method(this, &name, &[])?;
    let items = match this.downcast::<List>() {
        Some(_) => vm.iter(this)?,
        None => Value::NONE,
    };
    let pairs = match this.downcast::<Dict>() {
        Some(_) => {
            let name = vm.intern("items");
            let view = vm.call_method(this, &name, &[])?;
            vm.iter(&view)?
        }
        None => Value::NONE,
    };
    let args = vm.new_tuple(args);
    Ok(vm.new_tuple(vec![function, args, state, items, pairs]))
}

/// Whether the method of this name is that of `object`.
fn has_default(vm: &mut Vm, this: &Value, name: &Ref<Str>) -> bool {
    let object = vm.types.object.clone();
    let default = object.dict(vm).get_str(vm, name);
    let class = vm.type_of(this).clone();
    let found = class.lookup(vm, name);
    matches!((default, found), (Some(default), Some(found)) if default.is(&found))
}

/// The arguments of `__new__`, and those by keyword.
type NewArguments = (Vec<Value>, Option<Value>);

/// What `__getnewargs_ex__` or `__getnewargs__` gives, if there is one.
fn new_arguments(vm: &mut Vm, this: &Value) -> PyResult<Option<NewArguments>> {
    let name = vm.intern("__getnewargs_ex__");
    if let Some(method) = vm.get_attr_opt(this, &name)? {
        let found = vm.call(&method, &[])?;
        return match found.downcast::<Tuple>().map(|t| t.items()) {
            Some([args, keywords]) => Ok(Some((vm.collect(args)?, Some(keywords.clone())))),
            _ => {
                let found = vm.type_name(&found);
                Err(vm.type_error(format!(
                    "__getnewargs_ex__ should return a tuple, not '{found}'"
                )))
            }
        };
    }
    let name = vm.intern("__getnewargs__");
    match vm.get_attr_opt(this, &name)? {
        Some(method) => {
            let found = vm.call(&method, &[])?;
            match found.downcast::<Tuple>() {
                Some(args) => Ok(Some((args.items().to_vec(), None))),
                None => {
                    let found = vm.type_name(&found);
                    Err(vm.type_error(format!(
                        "__getnewargs__ should return a tuple, not '{found}'"
                    )))
                }
            }
        }
        None => Ok(None),
    }
}

fn reduce(vm: &mut Vm, this: &Value, protocol: i64) -> PyResult {
    if protocol >= 2 {
        return reduce_2(vm, this);
    }
    let copyreg = vm.import("copyreg")?;
    let name = vm.intern("_reduce_ex");
    let protocol = vm.int(protocol);
    vm.call_method(&copyreg, &name, &[this.clone(), protocol])
}

/// `__reduce_ex__(protocol)`: a `__reduce__` of the class's own goes first.
fn reduce_ex(vm: &mut Vm, this: &Value, protocol: &Value) -> PyResult {
    let protocol = vm.index_as_i64(protocol, "Python int too large to convert to C int")?;
    let name = vm.intern("__reduce__");
    let object = vm.types.object.clone();
    let inherited = object.lookup(vm, &name);
    let class = vm.type_of(this).clone();
    match (class.lookup(vm, &name), inherited) {
        (Some(own), Some(inherited)) if !own.is(&inherited) => vm.call_method(this, &name, &[]),
        _ => reduce(vm, this, protocol),
    }
}

pub(super) static METHODS: &[NativeDef] = &[
    NativeDef::no_args("__reduce__", |vm, this| reduce(vm, this, 0)).signature("($self, /)"),
    NativeDef::one("__reduce_ex__", reduce_ex).signature("($self, protocol, /)"),
    NativeDef::no_args("__getstate__", get_state).signature("($self, /)"),
];
