//! Awaitables that stand before another: `coroutine.__await__()`, and `anext()` with a default.

use crate::call::Args;
use crate::error::PyResult;
use crate::eval::Outcome;
use crate::object::generator::Generator;
use crate::object::generator_methods::finish;
use crate::object::header::{Payload, Ref};
use crate::object::iter::self_iter;
use crate::object::native::NativeDef;
use crate::object::sequence::receiver;
use crate::object::slots::UnaryOp;
use crate::ops::generators::{awaitable, send as send_to, stop_to_return};
use crate::value::Value;
use crate::vm::Vm;

/// The payload of both.
pub struct Forwarder {
    /// What is awaited.
    target: Value,
    /// What StopAsyncIteration stands for; none if it is passed on.
    default: Option<Value>,
}

impl Payload for Forwarder {
    fn traverse(&self, visit: &mut dyn FnMut(&Value)) {
        visit(&self.target);
        self.default.iter().for_each(visit);
    }
}

impl Vm {
    /// What `anext(iterator, default)` gives.
    pub(crate) fn anext_awaitable(&mut self, target: Value, default: Value) -> Value {
        let payload = Forwarder {
            target,
            default: Some(default),
        };
        Value::from(Ref::new(&self.types.anext_awaitable, payload))
    }
}

impl Forwarder {
    /// The iterator behind the target.
    fn iterator(&self, vm: &mut Vm) -> PyResult {
        match self.default {
            Some(_) => awaitable(vm, self.target.clone(), 0),
            None => Ok(self.target.clone()),
        }
    }

    fn end(&self, vm: &mut Vm, result: PyResult<Outcome>) -> PyResult<Outcome> {
        match (result, &self.default) {
            (Err(raised), Some(default)) if raised.is(vm, &vm.types.stop_async_iteration) => {
                Ok(Outcome::Returned(default.clone()))
            }
            (result, _) => result,
        }
    }

    fn send(&self, vm: &mut Vm, value: Value) -> PyResult<Outcome> {
        let iterator = self.iterator(vm)?;
        let result = send_to(vm, &iterator, value);
        self.end(vm, result)
    }
}

fn next(vm: &mut Vm, this: &Value) -> PyResult<Option<Value>> {
    let this = receiver::<Forwarder>(vm, this)?.clone();
    match this.send(vm, Value::NONE)? {
        Outcome::Yielded(value) => Ok(Some(value)),
        Outcome::Returned(value) if value.is_none() => Ok(None),
        Outcome::Returned(value) => Err(vm.stop_iteration_exact(value)),
    }
}

fn send(vm: &mut Vm, this: &Value, value: &Value) -> PyResult {
    let this = receiver::<Forwarder>(vm, this)?.clone();
    let outcome = this.send(vm, value.clone())?;
    finish(vm, outcome)
}

fn throw(vm: &mut Vm, this: &Value, args: Args<'_>) -> PyResult {
    let this = receiver::<Forwarder>(vm, this)?.clone();
    let iterator = this.iterator(vm)?;
    let name = vm.names.throw.clone();
    let method = vm.get_attr(&iterator, &name)?;
    let result = vm.call_args(&method, args);
    let result = stop_to_return(vm, result);
    let outcome = this.end(vm, result)?;
    finish(vm, outcome)
}

fn close(vm: &mut Vm, this: &Value) -> PyResult {
    let this = receiver::<Forwarder>(vm, this)?.clone();
    let iterator = this.iterator(vm)?;
    let name = vm.names.close.clone();
    vm.call_method(&iterator, &name, &[])
}

static METHODS: &[NativeDef] = &[
    NativeDef::one("send", send),
    NativeDef::any("throw", throw),
    NativeDef::no_args("close", close),
];

/// `coroutine.__await__()`.
fn await_coroutine(vm: &mut Vm, this: &Value) -> PyResult {
    receiver::<Generator>(vm, this)?;
    let payload = Forwarder {
        target: this.clone(),
        default: None,
    };
    Ok(Value::from(Ref::new(&vm.types.coroutine_wrapper, payload)))
}

/// Fills the slots.
pub(crate) fn ready_slots(vm: &mut Vm) {
    let types = &vm.types;
    types.coroutine.slots.unary[UnaryOp::Await as usize].set(Some(await_coroutine));
    types.anext_awaitable.slots.unary[UnaryOp::Await as usize].set(Some(self_iter));
    for ty in [&types.anext_awaitable, &types.coroutine_wrapper] {
        ty.slots.unary[UnaryOp::Iter as usize].set(Some(self_iter));
        ty.slots.next.set(Some(next));
    }
}

/// Adds the methods.
pub(crate) fn ready(vm: &mut Vm) {
    let types = &vm.types;
    for ty in [
        types.anext_awaitable.clone(),
        types.coroutine_wrapper.clone(),
    ] {
        vm.add_methods(&ty, METHODS);
    }
}
