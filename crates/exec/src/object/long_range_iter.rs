//! The iterator of ranges with ints that are not inline.

use crate::cell::ValueCell;
use crate::error::PyResult;
use crate::numeric::bigint::BigInt;
use crate::object::header::{Payload, Ref};
use crate::object::iter::self_iter;
use crate::object::native::NativeDef;
use crate::object::range_methods::big;
use crate::object::sequence::receiver;
use crate::object::slots::UnaryOp;
use crate::value::Value;
use crate::vm::Vm;

/// The payload: the next int, the step, and how many are left, all ints.
pub struct LongRangeIterator {
    next: ValueCell,
    step: Value,
    left: ValueCell,
    /// How many there were at first.
    length: Value,
}

impl Payload for LongRangeIterator {
    fn traverse(&self, _visit: &mut dyn FnMut(&Value)) {}
}

impl LongRangeIterator {
    #[allow(clippy::new_ret_no_self)]
    pub(crate) fn new(vm: &Vm, start: Value, step: Value, length: Value) -> Value {
        let iterator = LongRangeIterator {
            next: ValueCell::new(Some(start)),
            step,
            left: ValueCell::new(Some(length.clone())),
            length,
        };
        Value::from(Ref::new(&vm.types.long_range_iterator, iterator))
    }

    fn parts(&self) -> (BigInt, BigInt) {
        let part = |cell: &ValueCell| cell.get().map(|v| big(&v)).unwrap_or_default();
        (part(&self.next), part(&self.left))
    }

    /// Goes `count` ints on.
    fn skip(&self, vm: &Vm, count: &BigInt) {
        let (next, left) = self.parts();
        let next = next + count * big(&self.step);
        self.next.set(Some(vm.int_from_big(next)));
        self.left.set(Some(vm.int_from_big(left - count)));
    }

    fn next_item(&self, vm: &Vm) -> Option<Value> {
        let item = self.next.get()?;
        let (_, left) = self.parts();
        if left <= BigInt::ZERO {
            return None;
        }
        self.skip(vm, &BigInt::from(1));
        Some(item)
    }
}

fn length_hint(vm: &mut Vm, this: &Value) -> PyResult {
    let left = receiver::<LongRangeIterator>(vm, this)?.left.get();
    Ok(left.unwrap_or_else(|| vm.int(0)))
}

fn reduce(vm: &mut Vm, this: &Value) -> PyResult {
    let iterator = receiver::<LongRangeIterator>(vm, this)?;
    let (mut start, mut left) = iterator.parts();
    let mut state = Value::NONE;
    if vm.version_number() < 12 {
        let gone = big(&iterator.length).max(BigInt::ZERO) - &left;
        start -= &gone * big(&iterator.step);
        left += &gone;
        state = vm.int_from_big(gone);
    }
    let stop = &start + left * big(&iterator.step);
    let (start, stop) = (vm.int_from_big(start), vm.int_from_big(stop));
    let range = vm.make_range(start, stop, iterator.step.clone());
    vm.reduce_iterator("iter", range, Some(state))
}

fn set_state(vm: &mut Vm, this: &Value, state: &Value) -> PyResult {
    if state.as_int().is_none() {
        let found = vm.type_name(state);
        return Err(vm.type_error(format!("state must be an int, not {found}")));
    }
    let count = vm.index(state)?;
    let iterator = receiver::<LongRangeIterator>(vm, this)?;
    let (_, left) = iterator.parts();
    let count = big(&count).clamp(BigInt::ZERO, left.max(BigInt::ZERO));
    iterator.skip(vm, &count);
    Ok(Value::NONE)
}

static METHODS: &[NativeDef] = &[
    NativeDef::no_args("__length_hint__", length_hint),
    NativeDef::no_args("__reduce__", reduce),
    NativeDef::one("__setstate__", set_state),
];

/// Fills the slots.
pub(crate) fn ready_slots(vm: &mut Vm) {
    let slots = &vm.types.long_range_iterator.slots;
    slots.unary[UnaryOp::Iter as usize].set(Some(self_iter));
    slots.next.set(Some(|vm, this| {
        Ok(receiver::<LongRangeIterator>(vm, this)?.next_item(vm))
    }));
}

/// Adds the methods.
pub(crate) fn ready(vm: &mut Vm) {
    let ty = vm.types.long_range_iterator.clone();
    vm.add_methods(&ty, METHODS);
}
