//! The slots, methods and attributes of async generators and of their awaitables.

use crate::call::Args;
use crate::error::PyResult;
use crate::eval::Outcome;
use crate::object::async_generator::{AsyncStep, Step};
use crate::object::generator::{Generator, State};
use crate::object::generator_methods::{finish, warn_old_signature};
use crate::object::iter::self_iter;
use crate::object::native::{GetSetDef, NativeDef};
use crate::object::sequence::receiver;
use crate::object::slots::UnaryOp;
use crate::value::Value;
use crate::vm::Vm;

fn step(vm: &mut Vm, this: &Value, step: Step, value: Option<Value>) -> PyResult {
    let generator = receiver::<Generator>(vm, this)?.clone();
    if !generator.is_hooked.replace(true) {
        let [first, last] = vm.async_generator_hooks.clone();
        generator.origin_or_finalizer.set(last);
        if let Some(first) = first {
            vm.call(&first, std::slice::from_ref(this))?;
        }
    }
    Ok(vm.async_step(&generator, step, value))
}

fn athrow(vm: &mut Vm, this: &Value, args: Args<'_>) -> PyResult {
    let given = args.between(vm, "athrow", 1, 3)?;
    warn_old_signature(vm, "athrow", given)?;
    let given = vm.new_tuple(given.to_vec());
    step(vm, this, Step::Throw, Some(given))
}

static GENERATOR_METHODS: &[NativeDef] = &[
    NativeDef::one("asend", |vm, this, value| {
        step(vm, this, Step::Send, Some(value.clone()))
    }),
    NativeDef::any("athrow", athrow),
    NativeDef::no_args("aclose", |vm, this| step(vm, this, Step::Close, None)),
];

fn await_of(vm: &mut Vm, this: &Value) -> PyResult {
    let generator = receiver::<Generator>(vm, this)?;
    Ok(generator.delegate().unwrap_or(Value::NONE))
}

static GENERATOR_ATTRIBUTES: &[GetSetDef] = &[
    GetSetDef::get("ag_await", await_of),
    GetSetDef::get("ag_running", |vm, this| {
        let generator = receiver::<Generator>(vm, this)?;
        Ok(Value::bool(generator.is_awaited.get()))
    })
    .member(),
    GetSetDef::get("ag_suspended", |vm, this| {
        let generator = receiver::<Generator>(vm, this)?;
        Ok(Value::bool(generator.state.get() == State::Suspended))
    })
    .since(12),
    GetSetDef::get("ag_frame", super::frame_attributes::generator_frame),
    GetSetDef::get("ag_code", super::frame_attributes::generator_code),
    GetSetDef::get("ag_state", |vm, this| {
        super::frame_attributes::state_name(vm, this, "AGEN")
    })
    .since(15),
];

fn next(vm: &mut Vm, this: &Value) -> PyResult<Option<Value>> {
    let this = receiver::<AsyncStep>(vm, this)?.clone();
    match this.send(vm, Value::NONE)? {
        Outcome::Yielded(value) => Ok(Some(value)),
        Outcome::Returned(value) if value.is_none() => Ok(None),
        Outcome::Returned(value) => Err(vm.stop_iteration_exact(value)),
    }
}

fn send(vm: &mut Vm, this: &Value, value: &Value) -> PyResult {
    let this = receiver::<AsyncStep>(vm, this)?.clone();
    let outcome = this.send(vm, value.clone())?;
    finish(vm, outcome)
}

fn throw(vm: &mut Vm, this: &Value, args: Args<'_>) -> PyResult {
    let this = receiver::<AsyncStep>(vm, this)?.clone();
    let given = args.between(vm, "throw", 1, 3)?;
    warn_old_signature(vm, "throw", given)?;
    let outcome = this.throw(vm, given)?;
    finish(vm, outcome)
}

fn close(vm: &mut Vm, this: &Value) -> PyResult {
    let this = receiver::<AsyncStep>(vm, this)?.clone();
    this.close(vm)?;
    Ok(Value::NONE)
}

static STEP_METHODS: &[NativeDef] = &[
    NativeDef::one("send", send),
    NativeDef::any("throw", throw),
    NativeDef::no_args("close", close),
];

/// Fills the slots.
pub(crate) fn ready_slots(vm: &mut Vm) {
    let slots = &vm.types.async_generator.slots;
    slots.unary[UnaryOp::AIter as usize].set(Some(self_iter));
    slots.unary[UnaryOp::ANext as usize].set(Some(|vm, this| step(vm, this, Step::Send, None)));
    for ty in [
        &vm.types.async_generator_asend,
        &vm.types.async_generator_athrow,
    ] {
        ty.slots.unary[UnaryOp::Await as usize].set(Some(self_iter));
        ty.slots.unary[UnaryOp::Iter as usize].set(Some(self_iter));
        ty.slots.next.set(Some(next));
    }
}

/// Adds the methods and attributes.
pub(crate) fn ready(vm: &mut Vm) {
    let generator = vm.types.async_generator.clone();
    vm.add_methods(&generator, GENERATOR_METHODS);
    vm.add_attributes(&generator, GENERATOR_ATTRIBUTES);
    for ty in [
        vm.types.async_generator_asend.clone(),
        vm.types.async_generator_athrow.clone(),
    ] {
        vm.add_methods(&ty, STEP_METHODS);
    }
}
