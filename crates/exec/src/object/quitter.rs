//! `exit` and `quit`, which CPython's `site` adds to the built-ins.

use crate::call::{Args, Params};
use crate::error::PyResult;
use crate::object::header::{Payload, Ref};
use crate::object::sequence::receiver;
use crate::object::slots::UnaryOp;
use crate::value::Value;
use crate::vm::Vm;

/// The payload: the name.
pub struct Quitter {
    name: &'static str,
}

impl Payload for Quitter {
    fn traverse(&self, _visit: &mut dyn FnMut(&Value)) {}
}

impl Vm {
    /// The built-in under one of the two names.
    pub(crate) fn quitter(&self, name: &'static str) -> Value {
        Value::from(Ref::new(&self.types.quitter, Quitter { name }))
    }
}

static PARAMS: Params = Params::new(&["code"], 0);

fn call(vm: &mut Vm, this: &Value, args: Args<'_>) -> PyResult {
    receiver::<Quitter>(vm, this)?;
    let bound = args.bind(vm, "Quitter.__call__", &PARAMS)?;
    let code = bound.get(0).cloned().unwrap_or(Value::NONE);
    let class = vm.types.system_exit.clone();
    let exception = vm.call(class.as_value(), &[code])?;
    Err(vm.raise_value(exception))
}

fn repr(vm: &mut Vm, this: &Value) -> PyResult {
    let name = receiver::<Quitter>(vm, this)?.name;
    Ok(vm.new_str(&format!("Use {name}() or Ctrl-D (i.e. EOF) to exit")))
}

/// Fills the slots.
pub(crate) fn ready_slots(vm: &mut Vm) {
    let slots = &vm.types.quitter.slots;
    slots.call.set(Some(call));
    slots.unary[UnaryOp::Repr as usize].set(Some(repr));
}
