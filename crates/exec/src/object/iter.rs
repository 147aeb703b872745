//! The iterator over anything with `__getitem__`.

use std::cell::Cell;

use crate::cell::ValueCell;
use crate::error::PyResult;
use crate::object::header::{Payload, Ref};
use crate::object::native::NativeDef;
use crate::object::sequence::receiver;
use crate::object::text_args::place_argument;
use crate::value::Value;
use crate::vm::Vm;

/// `iter()` of an object that has `__getitem__` but no `__iter__`.
pub struct SequenceIterator {
    sequence: ValueCell,
    index: Cell<i64>,
}

impl Payload for SequenceIterator {
    fn traverse(&self, visit: &mut dyn FnMut(&Value)) {
        self.sequence.traverse(visit);
    }
}

impl SequenceIterator {
    #[allow(clippy::new_ret_no_self)]
    pub(crate) fn new(vm: &Vm, sequence: Value) -> Value {
        let iterator = SequenceIterator {
            sequence: ValueCell::new(Some(sequence)),
            index: Cell::new(0),
        };
        Value::from(Ref::new(&vm.types.sequence_iterator, iterator))
    }
}

fn next(vm: &mut Vm, this: &Value) -> PyResult<Option<Value>> {
    let Some(iterator) = this.downcast::<SequenceIterator>() else {
        return Ok(None);
    };
    let Some(sequence) = iterator.sequence.get() else {
        return Ok(None);
    };
    let index = iterator.index.get();
    if index == i64::MAX {
        return Err(vm.error(&vm.types.overflow_error.clone(), "iter index too large"));
    }
    match vm.get_item(&sequence, &vm.int(index)) {
        Ok(item) => {
            iterator.index.set(index + 1);
            Ok(Some(item))
        }
        Err(raised)
            if raised.is(vm, &vm.types.index_error) || raised.is(vm, &vm.types.stop_iteration) =>
        {
            iterator.sequence.set(None);
            Ok(None)
        }
        Err(raised) => Err(raised),
    }
}

/// How many items are left by what `len()` says now; unknown where there is no length.
fn length_hint(vm: &mut Vm, this: &Value) -> PyResult {
    let iterator = receiver::<SequenceIterator>(vm, this)?;
    let Some(sequence) = iterator.sequence.get() else {
        return Ok(vm.int(0));
    };
    if vm.type_of(&sequence).slots.len.get().is_none() {
        return Ok(Value::NOT_IMPLEMENTED);
    }
    let len = vm.len(&sequence)? as i64;
    let left = len.saturating_sub(iterator.index.get()).max(0);
    Ok(vm.int(left))
}

fn reduce(vm: &mut Vm, this: &Value) -> PyResult {
    let iterator = receiver::<SequenceIterator>(vm, this)?;
    vm.reduce_iterator_with("iter", |vm| match iterator.sequence.get() {
        Some(sequence) => (sequence, Some(vm.int(iterator.index.get()))),
        None => (vm.new_tuple(Vec::new()), None),
    })
}

fn set_state(vm: &mut Vm, this: &Value, state: &Value) -> PyResult {
    let index = place_argument(vm, state)? as i64;
    let iterator = receiver::<SequenceIterator>(vm, this)?;
    if !iterator.sequence.is_empty() {
        iterator.index.set(index.max(0));
    }
    Ok(Value::NONE)
}

static METHODS: &[NativeDef] = &[
    NativeDef::no_args("__length_hint__", length_hint),
    NativeDef::no_args("__reduce__", reduce),
    NativeDef::one("__setstate__", set_state),
];

/// An iterator is its own iterator.
pub fn self_iter(_vm: &mut Vm, this: &Value) -> PyResult {
    Ok(this.clone())
}

/// Adds the methods of the sequence iterator.
pub(crate) fn ready(vm: &mut Vm) {
    let ty = vm.types.sequence_iterator.clone();
    vm.add_methods(&ty, METHODS);
}

/// Fills the slots of the sequence iterator.
pub(crate) fn ready_slots(vm: &mut Vm) {
    let slots = &vm.types.sequence_iterator.slots;
    slots.unary[crate::object::slots::UnaryOp::Iter as usize].set(Some(self_iter));
    slots.next.set(Some(next));
}
