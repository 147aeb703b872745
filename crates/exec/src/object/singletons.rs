//! bool, and the classes of `None`, `...` and `NotImplemented`: values without objects.

use crate::call::Args;
use crate::error::PyResult;
use crate::object::header::Ref;
use crate::object::int_methods;
use crate::object::native::NativeDef;
use crate::object::slots::{BinaryOp, UnaryOp};
use crate::object::type_::Type;
use crate::value::Value;
use crate::vm::Vm;

/// Fills the slots of the four classes.
pub(crate) fn ready_slots(vm: &mut Vm) {
    let slots = &vm.types.bool.slots;
    slots.unary[UnaryOp::Repr as usize].set(Some(|vm, this| {
        Ok(vm.new_str(if this.as_bool() == Some(true) {
            "True"
        } else {
            "False"
        }))
    }));
    slots.unary[UnaryOp::Invert as usize].set(Some(invert_bool));
    slots.binary[BinaryOp::And as usize].set(Some(|vm, a, b| {
        both(a, b, |a, b| a & b).map_or_else(|| int_methods::and(vm, a, b), Ok)
    }));
    slots.binary[BinaryOp::Or as usize].set(Some(|vm, a, b| {
        both(a, b, |a, b| a | b).map_or_else(|| int_methods::or(vm, a, b), Ok)
    }));
    slots.binary[BinaryOp::Xor as usize].set(Some(|vm, a, b| {
        both(a, b, |a, b| a ^ b).map_or_else(|| int_methods::xor(vm, a, b), Ok)
    }));
    slots.new.set(Some(new_bool));

    let slots = &vm.types.none.slots;
    slots.unary[UnaryOp::Repr as usize].set(Some(|vm, _| Ok(vm.new_str("None"))));
    slots.bool.set(Some(|_, _| Ok(false)));
    slots.hash.set(Some(|_, _| Ok(NONE_HASH)));
    slots.new.set(Some(|vm, _, args| {
        no_arguments(vm, "NoneType", args, Value::NONE)
    }));

    let slots = &vm.types.ellipsis.slots;
    slots.unary[UnaryOp::Repr as usize].set(Some(|vm, _| Ok(vm.new_str("Ellipsis"))));
    slots.new.set(Some(|vm, _, args| {
        no_arguments(vm, "EllipsisType", args, Value::ELLIPSIS)
    }));

    let slots = &vm.types.not_implemented.slots;
    slots.unary[UnaryOp::Repr as usize].set(Some(|vm, _| Ok(vm.new_str("NotImplemented"))));
    slots.bool.set(Some(not_implemented_truth));
    slots.new.set(Some(|vm, _, args| {
        no_arguments(vm, "NotImplementedType", args, Value::NOT_IMPLEMENTED)
    }));
}

/// The hash of `None` since 3.12, the same on every machine.
const NONE_HASH: i64 = 0xFCA8_6420;

fn both(a: &Value, b: &Value, f: fn(bool, bool) -> bool) -> Option<Value> {
    Some(Value::bool(f(a.as_bool()?, b.as_bool()?)))
}

/// `~True`, deprecated since 3.12.
fn invert_bool(vm: &mut Vm, this: &Value) -> PyResult {
    if vm.version_number() >= 12 {
        vm.warn("DeprecationWarning", INVERTED_BOOL)?;
    }
    int_methods::invert(vm, this)
}

const INVERTED_BOOL: &str = "Bitwise inversion '~' on bool is deprecated and will be removed in Python 3.16. \
    This returns the bitwise inversion of the underlying int object and is usually not what you expect \
    from the negation of a bool. Use the 'not' operator for boolean negation or ~int(x) for the bitwise \
    inversion of the underlying int.";

fn new_bool(vm: &mut Vm, _ty: &Ref<Type>, args: Args<'_>) -> PyResult {
    match args.between(vm, "bool", 0, 1)? {
        [] => Ok(Value::FALSE),
        [value, ..] => vm.truth(value).map(Value::bool),
    }
}

fn no_arguments(vm: &mut Vm, name: &str, args: Args<'_>, value: Value) -> PyResult {
    if args.all_values().is_empty() {
        return Ok(value);
    }
    Err(vm.type_error(format!("{name} takes no arguments")))
}

/// Deprecated until 3.13, an error since 3.14.
fn not_implemented_truth(vm: &mut Vm, _this: &Value) -> PyResult<bool> {
    if vm.version_number() >= 14 {
        return Err(vm.type_error("NotImplemented should not be used in a boolean context"));
    }
    vm.warn(
        "DeprecationWarning",
        "NotImplemented should not be used in a boolean context",
    )?;
    Ok(true)
}

static ELLIPSIS_METHODS: &[NativeDef] = &[NativeDef::no_args("__reduce__", |vm, _| {
    Ok(vm.new_str("Ellipsis"))
})];
static NOT_IMPLEMENTED_METHODS: &[NativeDef] = &[NativeDef::no_args("__reduce__", |vm, _| {
    Ok(vm.new_str("NotImplemented"))
})];

/// Adds the methods: by its name `copy` and `pickle` find a singleton again.
pub(crate) fn ready(vm: &mut Vm) {
    let (ellipsis, other) = (vm.types.ellipsis.clone(), vm.types.not_implemented.clone());
    vm.add_methods(&ellipsis, ELLIPSIS_METHODS);
    vm.add_methods(&other, NOT_IMPLEMENTED_METHODS);
}
