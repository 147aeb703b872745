//! `weakref.proxy` objects: every operation is the referent's own, as long as it is there.

use crate::call::Args;
use crate::error::PyResult;
use crate::object::header::Ref;
use crate::object::native::NativeDef;
use crate::object::sequence::receiver;
use crate::object::slots::{BinaryFn, BinaryOp, CompareOp, UnaryFn, UnaryOp};
use crate::object::str_::Str;
use crate::object::weak_ref::WeakRef;
use crate::object::weak_ref_methods::{callback_of, gone};
use crate::value::Value;
use crate::vm::Vm;

/// Whether a value is a proxy rather than a `ref`.
fn is_proxy(vm: &Vm, value: &Value) -> bool {
    let ty = vm.type_of(value);
    ty.is(&vm.types.weak_proxy) || ty.is(&vm.types.weak_callable_proxy)
}

/// A proxy's referent; anything else itself.
fn unwrapped(vm: &mut Vm, value: &Value) -> PyResult {
    if !is_proxy(vm, value) {
        return Ok(value.clone());
    }
    match receiver::<WeakRef>(vm, value)?.target() {
        Some(target) => Ok(target),
        None => Err(gone(vm)),
    }
}

fn unary<const OP: usize>(vm: &mut Vm, this: &Value) -> PyResult {
    const OPS: [UnaryOp; 4] = [
        UnaryOp::Negative,
        UnaryOp::Positive,
        UnaryOp::Absolute,
        UnaryOp::Invert,
    ];
    let target = unwrapped(vm, this)?;
    vm.unary(&target, OPS[OP])
}

fn binary<const OP: usize>(vm: &mut Vm, a: &Value, b: &Value) -> PyResult {
    let (a, b) = (unwrapped(vm, a)?, unwrapped(vm, b)?);
    match BinaryOp::ALL.get(OP) {
        Some(op) => vm.binary(&a, &b, *op),
        None => vm.binary(&a, &b, BinaryOp::Divmod),
    }
}

fn in_place<const OP: usize>(vm: &mut Vm, a: &Value, b: &Value) -> PyResult {
    let (a, b) = (unwrapped(vm, a)?, unwrapped(vm, b)?);
    vm.in_place(&a, &b, BinaryOp::ALL[OP])
}

static BINARY: [BinaryFn; 14] = [
    binary::<0>,
    binary::<1>,
    binary::<2>,
    binary::<3>,
    binary::<4>,
    binary::<5>,
    binary::<6>,
    binary::<7>,
    binary::<8>,
    binary::<9>,
    binary::<10>,
    binary::<11>,
    binary::<12>,
    binary::<13>,
];

static IN_PLACE: [BinaryFn; 13] = [
    in_place::<0>,
    in_place::<1>,
    in_place::<2>,
    in_place::<3>,
    in_place::<4>,
    in_place::<5>,
    in_place::<6>,
    in_place::<7>,
    in_place::<8>,
    in_place::<9>,
    in_place::<10>,
    in_place::<11>,
    in_place::<12>,
];

static UNARY: [(UnaryOp, UnaryFn); 9] = [
    (UnaryOp::Negative, unary::<0>),
    (UnaryOp::Positive, unary::<1>),
    (UnaryOp::Absolute, unary::<2>),
    (UnaryOp::Invert, unary::<3>),
    (UnaryOp::Repr, repr),
    (UnaryOp::Str, |vm, this| {
        let target = unwrapped(vm, this)?;
        vm.str(&target)
    }),
    (UnaryOp::Index, |vm, this| {
        let target = unwrapped(vm, this)?;
        vm.index(&target)
    }),
    (UnaryOp::Int, |vm, this| {
        let target = unwrapped(vm, this)?;
        let class = vm.types.int.clone();
        vm.call(class.as_value(), &[target])
    }),
    (UnaryOp::Float, |vm, this| {
        let target = unwrapped(vm, this)?;
        let class = vm.types.float.clone();
        vm.call(class.as_value(), &[target])
    }),
];

fn power3(vm: &mut Vm, a: &Value, b: &Value, c: &Value) -> PyResult {
    let (a, b, c) = (unwrapped(vm, a)?, unwrapped(vm, b)?, unwrapped(vm, c)?);
    crate::builtins::numbers::pow3(vm, &a, &b, &c)
}

fn repr(vm: &mut Vm, this: &Value) -> PyResult {
    let at = this.id();
    let target = receiver::<WeakRef>(vm, this)?.target();
    let text = match (target, vm.version_number()) {
        (Some(target), 13..) => {
            let class = vm.full_type_name(&target);
            format!("<weakproxy at {at:#x}; to '{class}' at {:#x}>", target.id())
        }
        (None, 13..) => format!("<weakproxy at {at:#x}; dead>"),
        (target, _) => {
            let target = target.unwrap_or(Value::NONE);
            let class = vm.type_name(&target);
            format!("<weakproxy at {at:#x} to {class} at {:#x}>", target.id())
        }
    };
    Ok(vm.new_str(&text))
}

fn get_attr(vm: &mut Vm, this: &Value, name: &Ref<Str>) -> PyResult {
    let target = unwrapped(vm, this)?;
    vm.get_attr(&target, name)
}

fn set_attr(vm: &mut Vm, this: &Value, name: &Ref<Str>, value: Option<Value>) -> PyResult<()> {
    let target = unwrapped(vm, this)?;
    vm.set_attr(&target, name, value)
}

fn compare(vm: &mut Vm, a: &Value, b: &Value, op: CompareOp) -> PyResult {
    let (a, b) = (unwrapped(vm, a)?, unwrapped(vm, b)?);
    vm.compare(&a, &b, op)
}

fn set_item(vm: &mut Vm, this: &Value, key: &Value, value: Option<Value>) -> PyResult<()> {
    let target = unwrapped(vm, this)?;
    match value {
        Some(value) => vm.set_item(&target, key, value),
        None => vm.delete_item(&target, key),
    }
}

fn next(vm: &mut Vm, this: &Value) -> PyResult<Option<Value>> {
    let target = unwrapped(vm, this)?;
    if vm.type_of(&target).slots.next.get().is_none() {
        let found = vm.type_name(&target);
        let message = format!("Weakref proxy referenced a non-iterator '{found}' object");
        return Err(vm.type_error(message));
    }
    vm.next(&target)
}

fn call(vm: &mut Vm, this: &Value, args: Args<'_>) -> PyResult {
    let target = unwrapped(vm, this)?;
    vm.call_args(&target, args)
}

fn own_method(vm: &mut Vm, this: &Value, name: &str) -> PyResult {
    let target = unwrapped(vm, this)?;
    let name = vm.intern(name);
    vm.call_method(&target, &name, &[])
}

static METHODS: &[NativeDef] = &[
    NativeDef::no_args("__bytes__", |vm, this| own_method(vm, this, "__bytes__")),
    NativeDef::no_args("__reversed__", |vm, this| {
        own_method(vm, this, "__reversed__")
    }),
];

/// Fills the slots of both classes.
pub(crate) fn ready_slots(vm: &mut Vm) {
    let types = &vm.types;
    for ty in [&types.weak_proxy, &types.weak_callable_proxy] {
        let slots = &ty.slots;
        for (op, f) in UNARY {
            slots.unary[op as usize].set(Some(f));
        }
        for (slot, f) in slots.binary.iter().zip(BINARY) {
            slot.set(Some(f));
        }
        for (slot, f) in slots.in_place.iter().zip(IN_PLACE) {
            slot.set(Some(f));
        }
        slots.power3.set(Some(power3));
        slots.unary[UnaryOp::Iter as usize].set(Some(|vm, this| {
            let target = unwrapped(vm, this)?;
            vm.iter(&target)
        }));
        slots.bool.set(Some(|vm, this| {
            let target = unwrapped(vm, this)?;
            vm.truth(&target)
        }));
        slots.len.set(Some(|vm, this| {
            let target = unwrapped(vm, this)?;
            vm.len(&target)
        }));
        slots.contains.set(Some(|vm, this, item| {
            let target = unwrapped(vm, this)?;
            vm.contains(&target, item)
        }));
        slots.get_item.set(Some(|vm, this, key| {
            let (target, key) = (unwrapped(vm, this)?, unwrapped(vm, key)?);
            vm.get_item(&target, &key)
        }));
        slots.set_item.set(Some(set_item));
        slots.next.set(Some(next));
        slots.compare.set(Some(compare));
        slots.get_attr.set(Some(get_attr));
        slots.set_attr.set(Some(set_attr));
    }
    types.weak_callable_proxy.slots.call.set(Some(call));
}

/// Adds the methods; a callable's proxy has none.
pub(crate) fn ready(vm: &mut Vm) {
    let ty = vm.types.weak_proxy.clone();
    vm.add_methods(&ty, METHODS);
}

impl Vm {
    /// `weakref.proxy(target, callback)`.
    ///
    /// # Errors
    /// TypeError if the target's class does not allow weak references.
    pub fn weak_proxy(&mut self, target: &Value, callback: Option<&Value>) -> PyResult {
        let is_callable = self.type_of(target).slots.call.get().is_some();
        let ty = match is_callable {
            true => self.types.weak_callable_proxy.clone(),
            false => self.types.weak_proxy.clone(),
        };
        let made = self.weak_reference(&ty, target, callback_of(callback))?;
        Ok(Value::from(made))
    }
}
