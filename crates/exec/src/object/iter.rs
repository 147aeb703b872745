//! The iterator over anything with `__getitem__`.

use std::cell::Cell;

use crate::cell::ValueCell;
use crate::error::PyResult;
use crate::object::header::{Payload, Ref};
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

/// An iterator is its own iterator.
pub fn self_iter(_vm: &mut Vm, this: &Value) -> PyResult {
    Ok(this.clone())
}

/// Fills the slots of the sequence iterator.
pub(crate) fn ready(vm: &mut Vm) {
    let slots = &vm.types.sequence_iterator.slots;
    slots.unary[crate::object::slots::UnaryOp::Iter as usize].set(Some(self_iter));
    slots.next.set(Some(next));
}
