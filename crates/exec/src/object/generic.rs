//! `typing.Generic`, the base of every class with type parameters.

use crate::call::Args;
use crate::error::PyResult;
use crate::object::native::NativeDef;
use crate::object::tuple::Tuple;
use crate::object::type_params::TypeParam;
use crate::object::type_subst::{arguments_for, type_parameters};
use crate::value::Value;
use crate::vm::Vm;

/// INTRINSIC_SUBSCRIPT_GENERIC: `Generic[T, *Ts]` for a class's type parameters.
pub(crate) fn subscript(vm: &mut Vm, params: &Value) -> PyResult {
    let mut args = Vec::new();
    for param in params.downcast::<Tuple>().map_or(&[][..], |p| p.items()) {
        match param.downcast::<TypeParam>() {
            // Iterating over a TypeVarTuple unpacks it.
            Some(p) if p.ty().is(&vm.types.type_var_tuple) => args.extend(vm.collect(param)?),
            _ => args.push(param.clone()),
        }
    }
    let args = vm.new_tuple(args);
    if let Some(alias) = vm.typing_function("_GenericAlias")? {
        let generic = Value::from(&vm.types.generic);
        return vm.call(&alias, &[generic, args]);
    }
    let (ty, generic) = (vm.types.typing_alias.clone(), vm.types.generic.clone());
    Ok(vm.alias(&ty, Value::from(generic), &args))
}

/// `Class[key]` of a class that derives from `Generic`.
fn class_getitem(vm: &mut Vm, this: &Value, key: &Value) -> PyResult {
    if let Some(function) = vm.typing_function("_generic_class_getitem")? {
        return vm.call(&function, &[this.clone(), key.clone()]);
    }
    if this.is(vm.types.generic.as_value()) {
        return subscript_generic(vm, key);
    }
    let name = vm.intern("__parameters__");
    let parameters = match vm.get_attr_opt(this, &name)? {
        Some(parameters) => vm.collect(&parameters)?,
        None => Vec::new(),
    };
    if parameters.is_empty() {
        let class = vm.repr_text(this)?;
        return Err(vm.type_error(format!("{class} is not a generic class")));
    }
    let given = arguments_for(vm, this, &parameters, key)?;
    let mut args = Vec::new();
    for (parameter, value) in parameters.iter().zip(given) {
        let is_many = vm.type_of(parameter).is(&vm.types.type_var_tuple);
        match value.downcast::<Tuple>().filter(|_| is_many) {
            Some(items) => args.extend(items.items().iter().cloned()),
            // As `typing` has it, None stands for its class.
            None if value.is_none() => args.push(Value::from(&vm.types.none)),
            None => args.push(value),
        }
    }
    let args = vm.new_tuple(args);
    let ty = vm.types.typing_alias.clone();
    Ok(vm.alias(&ty, this.clone(), &args))
}

fn subscript_generic(vm: &mut Vm, key: &Value) -> PyResult {
    let params = match key.downcast::<Tuple>() {
        Some(params) => params.items().to_vec(),
        None => vec![key.clone()],
    };
    if params.is_empty() {
        return Err(vm.type_error("Parameter list to Generic[...] cannot be empty"));
    }
    if params.iter().any(|p| p.downcast::<TypeParam>().is_none()) {
        let message = "Parameters to Generic[...] must all be type variables or parameter specification variables.";
        return Err(vm.type_error(message));
    }
    let params = vm.new_tuple(params);
    subscript(vm, &params)
}

/// Gives a new class its `__parameters__`, those of its bases as written.
fn init_subclass(vm: &mut Vm, this: &Value, args: Args<'_>) -> PyResult {
    if let Some(function) = vm.typing_function("_generic_init_subclass")? {
        return vm.call_with_self(&function, this, args);
    }
    let name = vm.names.__orig_bases__.clone();
    let own = this.downcast::<crate::object::type_::Type>();
    let bases = match own.map(|ty| ty.dict(vm)) {
        Some(dict) => dict.get_str(vm, &name),
        None => None,
    };
    let bases = match bases {
        Some(bases) => vm.collect(&bases)?,
        None => Vec::new(),
    };
    // What `Generic[…]` lists decides the order.
    let generic = vm.types.generic.clone();
    let listed = bases.iter().find(|base| {
        base.downcast::<crate::object::generic_alias::GenericAlias>()
            .is_some_and(|alias| alias.origin.is(generic.as_value()))
    });
    let parameters = match listed {
        Some(listed) => type_parameters(vm, std::slice::from_ref(listed))?,
        None => type_parameters(vm, &bases)?,
    };
    let parameters = vm.new_tuple(parameters);
    let name = vm.intern("__parameters__");
    vm.set_attr(this, &name, Some(parameters))?;
    Ok(Value::NONE)
}

static METHODS: &[NativeDef] = &[
    NativeDef::one("__class_getitem__", class_getitem).class(),
    NativeDef::any("__init_subclass__", init_subclass).class(),
];

/// Adds the methods.
pub(crate) fn ready(vm: &mut Vm) {
    let ty = vm.types.generic.clone();
    vm.add_methods(&ty, METHODS);
}
