//! `type X = …`: `typing.TypeAliasType`, whose value is computed at first need.

use crate::cell::ValueCell;
use crate::error::PyResult;
use crate::object::header::{Payload, Ref};
use crate::object::native::{GetSetDef, NativeDef};
use crate::object::sequence::receiver;
use crate::object::slots::{BinaryOp, UnaryOp};
use crate::object::tuple::Tuple;
use crate::object::type_params::Lazy;
use crate::value::Value;
use crate::vm::Vm;

/// A type alias's payload.
pub struct TypeAlias {
    name: Value,
    type_params: Value,
    value: Lazy,
    module: ValueCell,
    /// The name within what the alias was made in.
    qualname: Value,
}

impl Payload for TypeAlias {
    fn traverse(&self, visit: &mut dyn FnMut(&Value)) {
        for value in [&self.name, &self.type_params, &self.qualname] {
            visit(value);
        }
        self.value.traverse(visit);
        self.module.traverse(visit);
    }

    fn clear(&self) {
        self.value.set(None);
    }
}

/// INTRINSIC_TYPEALIAS: from the name, the type parameters or `None`, and the function that gives the value.
///
/// `place` is the qualified name of the code that makes it.
pub(crate) fn make(vm: &mut Vm, parts: &Value, module: Value, place: &str) -> PyResult {
    let parts = receiver::<Tuple>(vm, parts)?.items();
    let [name, type_params, value] = parts else {
        let ty = vm.types.system_error.clone();
        return Err(vm.error(&ty, "INTRINSIC_TYPEALIAS found no three parts"));
    };
    let type_params = match type_params.is_none() {
        true => vm.new_tuple(Vec::new()),
        false => type_params.clone(),
    };
    let qualname = match prefix_of(place) {
        "" => name.clone(),
        prefix => {
            let name = vm.display(name);
            vm.new_str(&format!("{prefix}.{name}"))
        }
    };
    let payload = TypeAlias {
        qualname,
        name: name.clone(),
        type_params,
        value: Lazy::new(Some(value.clone())),
        module: ValueCell::new(Some(module)),
    };
    Ok(Value::from(Ref::new(&vm.types.type_alias, payload)))
}

/// An alias whose value is known.
pub(crate) fn with_value(
    vm: &mut Vm,
    [name, qualname]: [Value; 2],
    type_params: Value,
    value: Value,
    module: Value,
) -> Value {
    let lazy = Lazy::new(None);
    lazy.set(Some(value));
    let payload = TypeAlias {
        qualname,
        name,
        type_params,
        value: lazy,
        module: ValueCell::new(Some(module)),
    };
    Value::from(Ref::new(&vm.types.type_alias, payload))
}

/// What comes before the dot in the qualified name of something made in such a place.
fn prefix_of(place: &str) -> &str {
    let (outer, last) = place.rsplit_once('.').unwrap_or(("", place));
    match last {
        "<module>" => outer,
        _ if last.starts_with("<generic parameters of ") => outer,
        _ => place,
    }
}

/// How an alias shows: from 3.15 on with what it was made in.
fn shown(vm: &mut Vm, this: &Value) -> PyResult {
    let alias = receiver::<TypeAlias>(vm, this)?;
    Ok(match vm.version_number() {
        ..15 => alias.name.clone(),
        _ => alias.qualname.clone(),
    })
}

fn get_item(vm: &mut Vm, this: &Value, key: &Value) -> PyResult {
    let params = receiver::<TypeAlias>(vm, this)?.type_params.clone();
    if vm.len(&params)? == 0 {
        return Err(vm.type_error("Only generic type aliases are subscriptable"));
    }
    Ok(vm.generic_alias(this.clone(), key))
}

fn value(vm: &mut Vm, this: &Value) -> PyResult {
    let this = receiver::<TypeAlias>(vm, this)?.clone();
    Ok(this.value.get(vm)?.unwrap_or(Value::NONE))
}

fn type_params(vm: &mut Vm, this: &Value) -> PyResult {
    Ok(receiver::<TypeAlias>(vm, this)?.type_params.clone())
}

/// The type parameters as arguments, where a TypeVarTuple is unpacked.
fn parameters(vm: &mut Vm, this: &Value) -> PyResult {
    let params = receiver::<TypeAlias>(vm, this)?.type_params.clone();
    let mut all = Vec::new();
    for param in vm.collect(&params)? {
        match vm.type_of(&param).is(&vm.types.type_var_tuple) {
            true => all.extend(vm.collect(&param)?),
            false => all.push(param),
        }
    }
    Ok(vm.new_tuple(all))
}

fn module(vm: &mut Vm, this: &Value) -> PyResult {
    Ok(receiver::<TypeAlias>(vm, this)?
        .module
        .get()
        .unwrap_or(Value::NONE))
}

fn name(vm: &mut Vm, this: &Value) -> PyResult {
    Ok(receiver::<TypeAlias>(vm, this)?.name.clone())
}

static ATTRIBUTES: &[GetSetDef] = &[
    GetSetDef::get("__name__", name).member(),
    GetSetDef::get("__qualname__", |vm, this| {
        Ok(receiver::<TypeAlias>(vm, this)?.qualname.clone())
    })
    .member()
    .since(15),
    GetSetDef::get("__value__", value),
    GetSetDef::get("evaluate_value", |vm, this| {
        let this = receiver::<TypeAlias>(vm, this)?.clone();
        Ok(this.value.evaluator(vm).unwrap_or(Value::NONE))
    })
    .since(14),
    GetSetDef::get("__type_params__", type_params),
    GetSetDef::get("__parameters__", parameters),
    GetSetDef::get("__module__", module).until(15),
    GetSetDef::get_set("__module__", module, |vm, this, module| {
        receiver::<TypeAlias>(vm, this)?.module.set(module);
        Ok(())
    })
    .since(15),
];

static METHODS: &[NativeDef] = &[NativeDef::no_args("__reduce__", name)];

/// Fills the slots.
pub(crate) fn ready_slots(vm: &mut Vm) {
    let minor = vm.version_number();
    let slots = &vm.types.type_alias.slots;
    if minor >= 14 {
        slots.set_unary(UnaryOp::Iter, super::type_params::iter);
    }
    slots.unary[UnaryOp::Repr as usize].set(Some(shown));
    slots.binary[BinaryOp::Or as usize].set(Some(crate::object::union::or));
    slots.get_item.set(Some(get_item));
}

/// Adds the attributes.
pub(crate) fn ready(vm: &mut Vm) {
    let ty = vm.types.type_alias.clone();
    vm.add_attributes(&ty, ATTRIBUTES);
    vm.add_methods(&ty, METHODS);
}
