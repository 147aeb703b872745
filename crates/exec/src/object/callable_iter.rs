//! The iterator that `iter(callable, sentinel)` gives.

use crate::cell::ValueCell;
use crate::error::PyResult;
use crate::object::header::{Payload, Ref};
use crate::object::iter::self_iter;
use crate::object::native::NativeDef;
use crate::object::sequence::receiver;
use crate::object::slots::UnaryOp;
use crate::value::Value;
use crate::vm::Vm;

/// The payload: the callable (none once the sentinel came) and the sentinel.
pub struct CallableIterator {
    callable: ValueCell,
    sentinel: ValueCell,
}

impl Payload for CallableIterator {
    fn traverse(&self, visit: &mut dyn FnMut(&Value)) {
        self.callable.traverse(visit);
        self.sentinel.traverse(visit);
    }
}

impl CallableIterator {
    /// `iter(callable, sentinel)`; the caller has checked that `callable` is one.
    #[allow(clippy::new_ret_no_self)]
    pub(crate) fn new(vm: &Vm, callable: Value, sentinel: Value) -> Value {
        let iterator = CallableIterator {
            callable: ValueCell::new(Some(callable)),
            sentinel: ValueCell::new(Some(sentinel)),
        };
        Value::from(Ref::new(&vm.types.callable_iterator, iterator))
    }

    fn finish(&self) {
        self.callable.set(None);
        self.sentinel.set(None);
    }
}

fn next(vm: &mut Vm, this: &Value) -> PyResult<Option<Value>> {
    let iterator = receiver::<CallableIterator>(vm, this)?;
    let Some(callable) = iterator.callable.get() else {
        return Ok(None);
    };
    let item = match vm.call(&callable, &[]) {
        Err(raised) if raised.is(vm, &vm.types.stop_iteration) => {
            iterator.finish();
            return Ok(None);
        }
        item => item?,
    };
    // The call may have exhausted this very iterator.
    let Some(sentinel) = iterator.sentinel.get() else {
        return Ok(None);
    };
    if vm.eq(&sentinel, &item)? {
        iterator.finish();
        return Ok(None);
    }
    Ok(Some(item))
}

fn reduce(vm: &mut Vm, this: &Value) -> PyResult {
    let iterator = receiver::<CallableIterator>(vm, this)?;
    let function = vm.builtin_function("iter")?;
    let args = match (iterator.callable.get(), iterator.sentinel.get()) {
        (Some(callable), Some(sentinel)) => vec![callable, sentinel],
        _ => vec![vm.new_tuple(Vec::new())],
    };
    let args = vm.new_tuple(args);
    Ok(vm.tuple_of([function, args]))
}

static METHODS: &[NativeDef] = &[NativeDef::no_args("__reduce__", reduce)];

/// Fills the slots.
pub(crate) fn ready_slots(vm: &mut Vm) {
    let slots = &vm.types.callable_iterator.slots;
    slots.unary[UnaryOp::Iter as usize].set(Some(self_iter));
    slots.next.set(Some(next));
}

/// Adds the methods.
pub(crate) fn ready(vm: &mut Vm) {
    let ty = vm.types.callable_iterator.clone();
    vm.add_methods(&ty, METHODS);
}
