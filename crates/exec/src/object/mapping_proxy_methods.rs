//! mappingproxy: slots and methods; nearly all is the mapping's own business.

use crate::call::{Args, Params};
use crate::error::PyResult;
use crate::object::dict::Dict;
use crate::object::header::Ref;
use crate::object::list::List;
use crate::object::mapping_proxy::MappingProxy;
use crate::object::native::NativeDef;
use crate::object::sequence::receiver;
use crate::object::slots::{BinaryOp, CompareOp, UnaryOp};
use crate::object::tuple::Tuple;
use crate::object::type_::Type;
use crate::value::Value;
use crate::vm::Vm;

static NEW: Params = Params::new(&["mapping"], 1);

fn new(vm: &mut Vm, ty: &Ref<Type>, args: Args<'_>) -> PyResult {
    let bound = args.bind(vm, "mappingproxy", &NEW)?;
    let mapping = bound.get(0).cloned().unwrap_or(Value::NONE);
    let is_sequence = mapping.downcast::<List>().is_some() || mapping.downcast::<Tuple>().is_some();
    if is_sequence || vm.type_of(&mapping).slots.get_item.get().is_none() {
        let found = vm.type_name(&mapping);
        return Err(vm.type_error(format!(
            "mappingproxy() argument must be a mapping, not {found}"
        )));
    }
    Ok(Value::from(Ref::new(ty, MappingProxy { mapping })))
}

/// The mapping behind a proxy.
fn mapping(vm: &mut Vm, this: &Value) -> PyResult {
    Ok(receiver::<MappingProxy>(vm, this)?.mapping.clone())
}

/// A proxy's mapping; anything else itself.
fn unwrapped(value: &Value) -> Value {
    match value.downcast::<MappingProxy>() {
        Some(proxy) => proxy.mapping.clone(),
        None => value.clone(),
    }
}

fn repr(vm: &mut Vm, this: &Value) -> PyResult {
    let mapping = mapping(vm, this)?;
    let repr = vm.repr(&mapping)?;
    let mut text = crate::text::StrBuilder::new();
    text.push_str("mappingproxy(");
    if let Some(repr) = repr.downcast::<crate::object::str_::Str>() {
        text.push_view(repr.view());
    }
    text.push_str(")");
    Ok(vm.str_from_buf(text.finish()))
}

fn compare(vm: &mut Vm, a: &Value, b: &Value, op: CompareOp) -> PyResult {
    let is_order = !matches!(op, CompareOp::Eq | CompareOp::Ne);
    if vm.version_number() >= 15 && is_order {
        return Ok(Value::NOT_IMPLEMENTED);
    }
    let mut mapping = unwrapped(a);
    // 3.15 gives nobody the dict itself.
    if vm.version_number() >= 15
        && let Some(dict) = mapping.downcast::<Dict>().filter(|dict| dict.is_exact())
    {
        mapping = Value::from(dict.copy(vm));
    }
    vm.compare(&mapping, b, op)
}

fn or(vm: &mut Vm, a: &Value, b: &Value) -> PyResult {
    let (a, b) = (unwrapped(a), unwrapped(b));
    vm.binary(&a, &b, BinaryOp::Or)
}

fn in_place_or(vm: &mut Vm, this: &Value, _other: &Value) -> PyResult {
    let name = vm.type_name(this);
    Err(vm.type_error(format!("'|=' is not supported by {name}; use '|' instead")))
}

fn call(vm: &mut Vm, this: &Value, name: &str, args: &[Value]) -> PyResult {
    let mapping = mapping(vm, this)?;
    let name = vm.intern(name);
    vm.call_method(&mapping, &name, args)
}

fn get(vm: &mut Vm, this: &Value, args: &[Value]) -> PyResult {
    let default = args.get(1).cloned().unwrap_or(Value::NONE);
    call(vm, this, "get", &[args[0].clone(), default])
}

fn contains(vm: &mut Vm, this: &Value, key: &Value) -> PyResult<bool> {
    let mapping = mapping(vm, this)?;
    match mapping.downcast::<Dict>() {
        Some(dict) if dict.is_exact() => Ok(dict.get(vm, key)?.is_some()),
        _ => vm.contains(&mapping, key),
    }
}

static METHODS: &[NativeDef] = &[
    NativeDef::range("get", 1, 2, get),
    NativeDef::no_args("keys", |vm, this| call(vm, this, "keys", &[])),
    NativeDef::no_args("values", |vm, this| call(vm, this, "values", &[])),
    NativeDef::no_args("items", |vm, this| call(vm, this, "items", &[])),
    NativeDef::no_args("copy", |vm, this| call(vm, this, "copy", &[])),
    NativeDef::no_args("__reversed__", |vm, this| {
        call(vm, this, "__reversed__", &[])
    }),
];

/// Fills the slots.
pub(crate) fn ready_slots(vm: &mut Vm) {
    let slots = &vm.types.mapping_proxy.slots;
    slots.new.set(Some(new));
    slots.unary[UnaryOp::Repr as usize].set(Some(repr));
    slots.unary[UnaryOp::Str as usize].set(Some(|vm, this| {
        let mapping = mapping(vm, this)?;
        vm.str(&mapping)
    }));
    slots.unary[UnaryOp::Iter as usize].set(Some(|vm, this| {
        let mapping = mapping(vm, this)?;
        vm.iter(&mapping)
    }));
    slots.hash.set(Some(|vm, this| {
        let mapping = mapping(vm, this)?;
        vm.hash(&mapping)
    }));
    slots.len.set(Some(|vm, this| {
        let mapping = mapping(vm, this)?;
        vm.len(&mapping)
    }));
    slots.get_item.set(Some(|vm, this, key| {
        let mapping = mapping(vm, this)?;
        vm.get_item(&mapping, key)
    }));
    slots.contains.set(Some(contains));
    slots.compare.set(Some(compare));
    slots.binary[BinaryOp::Or as usize].set(Some(or));
    slots.in_place[BinaryOp::Or as usize].set(Some(in_place_or));
}

/// Adds the methods.
pub(crate) fn ready(vm: &mut Vm) {
    let ty = vm.types.mapping_proxy.clone();
    vm.add_methods(&ty, METHODS);
}
