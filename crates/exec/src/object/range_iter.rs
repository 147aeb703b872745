//! The iterator of ranges whose ints are all inline. The others have one of their own, in `object/long_range_iter.rs`.

use std::cell::Cell;

use crate::error::PyResult;
use crate::object::header::{Kind, Payload, Ref};
use crate::object::iter::self_iter;
use crate::object::native::NativeDef;
use crate::object::sequence::receiver;
use crate::object::slots::UnaryOp;
use crate::value::Value;
use crate::vm::Vm;

/// A range iterator's payload: the next int, the step, and how many are left.
pub struct RangeIterator {
    pub(crate) next: Cell<i64>,
    pub(crate) step: i64,
    pub(crate) left: Cell<i64>,
    /// How many there were at first.
    length: i64,
}

impl Payload for RangeIterator {
    const KIND: Kind = Kind::RangeIterator;

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
            length,
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

fn length_hint(vm: &mut Vm, this: &Value) -> PyResult {
    let left = receiver::<RangeIterator>(vm, this)?.left.get();
    Ok(vm.int(left.max(0)))
}

fn reduce(vm: &mut Vm, this: &Value) -> PyResult {
    let iterator = receiver::<RangeIterator>(vm, this)?;
    let (mut start, mut left) = (iterator.next.get(), iterator.left.get().max(0));
    let mut state = Value::NONE;
    if vm.version_number() < 12 {
        // The whole range, and how much of it is gone.
        let gone = iterator.length.max(0) - left;
        (start, left) = (start - gone * iterator.step, left + gone);
        state = vm.int(gone);
    }
    let stop = start.saturating_add(left.saturating_mul(iterator.step));
    let range = vm.make_range(vm.int(start), vm.int(stop), vm.int(iterator.step));
    vm.reduce_iterator("iter", range, Some(state))
}

fn set_state(vm: &mut Vm, this: &Value, state: &Value) -> PyResult {
    let count = vm.index_as_i64(state, "Python int too large to convert to C long")?;
    let iterator = receiver::<RangeIterator>(vm, this)?;
    let left = iterator.left.get().max(0);
    let count = count.clamp(0, left);
    iterator.left.set(left - count);
    let next = iterator.next.get();
    iterator
        .next
        .set(next.wrapping_add(count.wrapping_mul(iterator.step)));
    Ok(Value::NONE)
}

static METHODS: &[NativeDef] = &[
    NativeDef::no_args("__length_hint__", length_hint),
    NativeDef::no_args("__reduce__", reduce),
    NativeDef::one("__setstate__", set_state),
];

/// Fills the slots.
pub(crate) fn ready(vm: &mut Vm) {
    let slots = &vm.types.range_iterator.slots;
    slots.unary[UnaryOp::Iter as usize].set(Some(self_iter));
    slots.next.set(Some(|_, this| {
        Ok(this.downcast::<RangeIterator>().and_then(|i| i.next_item()))
    }));
}

/// Adds the methods.
pub(crate) fn ready_methods(vm: &mut Vm) {
    let ty = vm.types.range_iterator.clone();
    vm.add_methods(&ty, METHODS);
}
