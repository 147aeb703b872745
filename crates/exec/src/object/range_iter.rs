//! The iterator of ranges whose ints are all inline. Ranges of big ints have one of their own, in `object/range_methods.rs`.

use std::cell::Cell;

use crate::object::header::{Payload, Ref};
use crate::value::Value;
use crate::vm::Vm;

/// A range iterator's payload: the next int, the step, and how many are left.
pub struct RangeIterator {
    pub(crate) next: Cell<i64>,
    pub(crate) step: i64,
    pub(crate) left: Cell<i64>,
}

impl Payload for RangeIterator {
    fn traverse(&self, _visit: &mut dyn FnMut(&Value)) {}
}

impl RangeIterator {
    /// An iterator over `length` ints from `start` on, all of them inline.
    #[allow(clippy::new_ret_no_self)]
    pub(crate) fn new(vm: &Vm, start: i64, step: i64, length: i64) -> Value {
        let iterator = RangeIterator {
            next: Cell::new(start),
            step,
            left: Cell::new(length),
        };
        Value::from(Ref::new(&vm.types.range_iterator, iterator))
    }

    /// The next int.
    #[inline(always)]
    pub(crate) fn next_item(&self) -> Option<Value> {
        let left = self.left.get();
        if left <= 0 {
            return None;
        }
        self.left.set(left - 1);
        let next = self.next.get();
        self.next.set(next.wrapping_add(self.step));
        Some(Value::small_int_wrapping(next))
    }
}

/// Fills the slots.
pub(crate) fn ready(vm: &mut Vm) {
    let slots = &vm.types.range_iterator.slots;
    slots.unary[crate::object::slots::UnaryOp::Iter as usize]
        .set(Some(crate::object::iter::self_iter));
    slots.next.set(Some(|_, this| {
        Ok(this.downcast::<RangeIterator>().and_then(|i| i.next_item()))
    }));
}
