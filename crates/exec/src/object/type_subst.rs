//! Type parameters in the arguments of aliases and unions: which they are, and what takes their place in `alias[key]`.
//!
//! What is a parameter, and what replaces it, is for the parameter to say (`__typing_subst__`, `__typing_prepare_subst__`).

use crate::error::PyResult;
use crate::object::header::Ref;
use crate::object::list::List;
use crate::object::slots::UnaryOp;
use crate::object::tuple::Tuple;
use crate::object::type_::Type;
use crate::object::type_params::{ParamKind, TypeParam};
use crate::value::Value;
use crate::vm::Vm;

/// The version from which on lists and tuples among the arguments are looked into.
const NESTED: u8 = 14;

/// What `value` has under a name, unless it is a class, whose attributes would be those of its instances.
fn attribute(vm: &mut Vm, value: &Value, name: &str) -> PyResult<Option<Value>> {
    if value.downcast::<Type>().is_some() {
        return Ok(None);
    }
    let name = vm.intern(name);
    vm.get_attr_opt(value, &name)
}

/// The items of a list or tuple among the arguments.
fn nested(vm: &Vm, value: &Value) -> Option<Vec<Value>> {
    if vm.version_number() < NESTED {
        return None;
    }
    match value.downcast::<Tuple>() {
        Some(tuple) => Some(tuple.items().to_vec()),
        None => value.downcast::<List>().map(|list| list.items(vm).to_vec()),
    }
}

/// The type parameters that occur in some arguments, each once, in order.
pub(crate) fn type_parameters(vm: &mut Vm, args: &[Value]) -> PyResult<Vec<Value>> {
    let mut found: Vec<Value> = Vec::new();
    for arg in args {
        if attribute(vm, arg, "__typing_subst__")?.is_some() {
            push_once(&mut found, arg);
            continue;
        }
        let inner = match attribute(vm, arg, "__parameters__")? {
            Some(inner) => inner
                .downcast::<Tuple>()
                .map(|inner| inner.items().to_vec()),
            None => match nested(vm, arg) {
                Some(items) => {
                    vm.enter(" in __parameters__ calculation")?;
                    let inner = type_parameters(vm, &items);
                    vm.leave();
                    Some(inner?)
                }
                None => None,
            },
        };
        for parameter in inner.unwrap_or_default() {
            push_once(&mut found, &parameter);
        }
    }
    Ok(found)
}

fn push_once(found: &mut Vec<Value>, parameter: &Value) {
    if !found.iter().any(|known| known.is(parameter)) {
        found.push(parameter.clone());
    }
}

/// The parameters' arguments for `whole[key]`, the tuple of a TypeVarTuple for it, defaults for those left out.
///
/// # Errors
/// TypeError if their number does not fit; `whole` is what the message names.
pub(crate) fn arguments_for(
    vm: &mut Vm,
    whole: &Value,
    parameters: &[Value],
    key: &Value,
) -> PyResult<Vec<Value>> {
    let mut given = match key.downcast::<Tuple>() {
        Some(key) => key.items().to_vec(),
        None => vec![key.clone()],
    };
    let kind = |p: &Value| p.downcast::<TypeParam>().map(|p| p.kind);
    if let Some(at) = parameters
        .iter()
        .position(|p| kind(p) == Some(ParamKind::TypeVarTuple))
    {
        let after = parameters.len() - at - 1;
        if given.len() >= at + after {
            let rest = given.drain(at..given.len() - after).collect();
            given.insert(at, vm.new_tuple(rest));
        }
    }
    let is_optional = |p: &&Value| {
        p.downcast::<TypeParam>()
            .is_some_and(|p| p.default.is_given() || p.kind == ParamKind::TypeVarTuple)
    };
    let required = parameters.len() - parameters.iter().filter(is_optional).count();
    let len = given.len();
    for parameter in parameters.iter().skip(len).cloned().collect::<Vec<_>>() {
        let Some(param) = parameter.downcast::<TypeParam>() else {
            break;
        };
        match param.default.get(vm)? {
            Some(default) => given.push(default),
            None => break,
        }
    }
    if given.len() == parameters.len() {
        return Ok(given);
    }
    let is_many = len > parameters.len();
    let (many, at_least) = (
        if is_many { "many" } else { "few" },
        if !is_many && (required < parameters.len() || whole.downcast::<Type>().is_some()) {
            "at least "
        } else {
            ""
        },
    );
    let whole = vm.repr_text(whole)?;
    let expected = if is_many { parameters.len() } else { required };
    let message =
        format!("Too {many} arguments for {whole}; actual {len}, expected {at_least}{expected}");
    Err(vm.type_error(message))
}

/// The arguments of an alias or members of a union with their type parameters replaced by what `key` gives.
pub(crate) fn substitute_all(
    vm: &mut Vm,
    whole: &Value,
    args: &[Value],
    parameters: &[Value],
    key: &Value,
) -> PyResult<Vec<Value>> {
    if parameters.is_empty() {
        let whole = vm.repr_text(whole)?;
        return Err(vm.type_error(format!("{whole} is not a generic class")));
    }
    let given = unpacked(vm, key)?;
    let mut given = vm.new_tuple(given);
    for parameter in parameters {
        let name = vm.intern("__typing_prepare_subst__");
        match vm.get_attr_opt(parameter, &name)? {
            Some(prepare) if !prepare.is_none() => {
                let given_tuple = match given.downcast::<Tuple>() {
                    Some(_) => given,
                    None => vm.new_tuple(vec![given]),
                };
                given = vm.call(&prepare, &[whole.clone(), given_tuple])?;
            }
            _ => {}
        }
    }
    let given = match given.downcast::<Tuple>() {
        Some(given) => given.items().to_vec(),
        None => vec![given],
    };
    if given.len() != parameters.len() {
        let many = if given.len() > parameters.len() {
            "many"
        } else {
            "few"
        };
        let whole = vm.repr_text(whole)?;
        let (actual, expected) = (given.len(), parameters.len());
        let message =
            format!("Too {many} arguments for {whole}; actual {actual}, expected {expected}");
        return Err(vm.type_error(message));
    }
    replace_in(vm, args, parameters, &given)
}

/// The arguments that a key gives, with those of unpacked tuples (`*tuple[int, str]`) in their place.
fn unpacked(vm: &mut Vm, key: &Value) -> PyResult<Vec<Value>> {
    let items = match key.downcast::<Tuple>() {
        Some(key) => key.items().to_vec(),
        None => vec![key.clone()],
    };
    let mut all = Vec::new();
    for item in items {
        let inner = attribute(vm, &item, "__typing_unpacked_tuple_args__")?;
        match inner.as_ref().and_then(|inner| inner.downcast::<Tuple>()) {
            Some(inner) if !inner.items().last().is_some_and(Value::is_ellipsis) => {
                all.extend(inner.items().iter().cloned());
            }
            _ => all.push(item),
        }
    }
    Ok(all)
}

fn replace_in(
    vm: &mut Vm,
    args: &[Value],
    parameters: &[Value],
    given: &[Value],
) -> PyResult<Vec<Value>> {
    let mut replaced = Vec::new();
    for arg in args {
        if let Some(items) = nested(vm, arg) {
            vm.enter("")?;
            let items = replace_in(vm, &items, parameters, given);
            vm.leave();
            replaced.push(match arg.downcast::<Tuple>() {
                Some(_) => vm.new_tuple(items?),
                None => vm.new_list(items?),
            });
            continue;
        }
        let is_unpacked = attribute(vm, arg, "__typing_is_unpacked_typevartuple__")?;
        let is_unpacked = match is_unpacked {
            Some(value) => vm.truth(&value)?,
            None => false,
        };
        let place = parameters.iter().position(|p| p.is(arg));
        let value = match attribute(vm, arg, "__typing_subst__")? {
            Some(substitute) => match place.and_then(|at| given.get(at)) {
                Some(value) => vm.call(&substitute, std::slice::from_ref(value))?,
                None => {
                    let arg = vm.repr_text(arg)?;
                    return Err(vm.type_error(format!(
                        "argument {arg} with __typing_subst__ was not found in __parameters__"
                    )));
                }
            },
            None => replace_inside(vm, arg, parameters, given)?,
        };
        if !is_unpacked {
            replaced.push(value);
            continue;
        }
        match value.downcast::<Tuple>() {
            Some(items) => replaced.extend(items.items().iter().cloned()),
            None => {
                let (owner, found) = (vm.full_type_name(arg), vm.full_type_name(&value));
                return Err(vm.type_error(format!(
                    "expected __typing_subst__ of {owner} objects to return a tuple, not {found}"
                )));
            }
        }
    }
    Ok(replaced)
}

/// An argument that has parameters of its own, with those replaced.
fn replace_inside(vm: &mut Vm, arg: &Value, parameters: &[Value], given: &[Value]) -> PyResult {
    let inner = attribute(vm, arg, "__parameters__")?;
    let inner: Option<Ref<Tuple>> = inner.and_then(|inner| inner.downcast::<Tuple>().cloned());
    let Some(inner) = inner.filter(|inner| !inner.items().is_empty()) else {
        return Ok(arg.clone());
    };
    let mut key = Vec::new();
    for parameter in inner.items() {
        let place = parameters.iter().position(|p| p.is(parameter));
        let Some(value) = place.and_then(|at| given.get(at)) else {
            key.push(parameter.clone());
            continue;
        };
        // What can be iterated over is a TypeVarTuple, which stands for several.
        let is_many = vm.type_of(parameter).slots.unary(UnaryOp::Iter).is_some();
        match value.downcast::<Tuple>().filter(|_| is_many) {
            Some(items) => key.extend(items.items().iter().cloned()),
            None => key.push(value.clone()),
        }
    }
    let key = vm.new_tuple(key);
    vm.get_item(arg, &key)
}
