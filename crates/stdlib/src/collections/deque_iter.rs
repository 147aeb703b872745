//! The iterators of `deque`, forwards and backwards.

use std::cell::Cell;

use pyco_exec::object::header::{Payload, Ref};
use pyco_exec::object::iter::self_iter;
use pyco_exec::object::native::NativeDef;
use pyco_exec::object::native_class::ClassDef;
use pyco_exec::object::sequence::receiver;
use pyco_exec::object::slots::{Slots, UnaryOp};
use pyco_exec::object::type_::Type;
use pyco_exec::{Args, PyResult, Value, Vm};

use super::deque::Deque;
use crate::arguments::ssize;

/// The deque, the state in which it must stay, and how many items are left.
pub(super) struct DequeIterator {
    deque: Ref<Deque>,
    changes: u64,
    left: Cell<usize>,
    is_reversed: bool,
}

impl Payload for DequeIterator {
    fn traverse(&self, visit: &mut dyn FnMut(&Value)) {
        visit(self.deque.as_value());
    }
}

static METHODS: &[NativeDef] = &[
    NativeDef::no_args("__length_hint__", |vm, this| {
        let left = receiver::<DequeIterator>(vm, this)?.left.get();
        Ok(vm.int(left as i64))
    })
    .signature("($self, /)"),
    NativeDef::no_args("__reduce__", reduce).signature("($self, /)"),
];

pub(super) static FORWARD: ClassDef =
    ClassDef::new::<DequeIterator>("collections._deque_iterator", |slots, _| {
        slots.new.set(Some(|vm, ty, args| new(vm, ty, args, false)));
        iterator_slots(slots);
    })
    .methods(METHODS);

pub(super) static BACKWARD: ClassDef =
    ClassDef::new::<DequeIterator>("collections._deque_reverse_iterator", |slots, _| {
        slots.new.set(Some(|vm, ty, args| new(vm, ty, args, true)));
        iterator_slots(slots);
    })
    .methods(METHODS);

fn iterator_slots(slots: &Slots) {
    slots.set_unary(UnaryOp::Iter, self_iter);
    slots.next.set(Some(next));
}

fn make(vm: &Vm, ty: &Ref<Type>, deque: &Ref<Deque>, is_reversed: bool) -> Ref<DequeIterator> {
    let payload = DequeIterator {
        deque: deque.clone(),
        changes: deque.changes(),
        left: Cell::new(deque.len(vm)),
        is_reversed,
    };
    Ref::new(ty, payload)
}

/// `iter(deque)`.
pub(super) fn forward(vm: &mut Vm, this: &Value) -> PyResult {
    let class = vm.class(&FORWARD);
    let deque = receiver::<Deque>(vm, this)?;
    Ok(Value::from(make(vm, &class, deque, false)))
}

/// `reversed(deque)`.
pub(super) fn reversed(vm: &mut Vm, this: &Value) -> PyResult {
    let class = vm.class(&BACKWARD);
    let deque = receiver::<Deque>(vm, this)?;
    Ok(Value::from(make(vm, &class, deque, true)))
}

fn new(vm: &mut Vm, ty: &Ref<Type>, args: Args<'_>, is_reversed: bool) -> PyResult {
    let given = args.positional();
    if !matches!(given.len(), 1 | 2) {
        let bound = match given.len() {
            0 => "at least 1 argument",
            _ => "at most 2 arguments",
        };
        let given = given.len();
        return Err(vm.type_error(format!("function takes {bound} ({given} given)")));
    }
    let Some(deque) = given[0].downcast::<Deque>() else {
        let found = vm.type_name(&given[0]);
        return Err(vm.type_error(format!("argument 1 must be collections.deque, not {found}")));
    };
    let skipped = match given.get(1) {
        Some(skipped) => ssize(vm, skipped)?.max(0) as usize,
        None => 0,
    };
    let iterator = make(vm, ty, deque, is_reversed);
    iterator.left.set(deque.len(vm).saturating_sub(skipped));
    Ok(Value::from(iterator))
}

fn next(vm: &mut Vm, this: &Value) -> PyResult<Option<Value>> {
    let iterator = receiver::<DequeIterator>(vm, this)?;
    let deque = &iterator.deque;
    if deque.changes() != iterator.changes {
        iterator.left.set(0);
        return Err(vm.runtime_error("deque mutated during iteration"));
    }
    let left = iterator.left.get();
    if left == 0 {
        return Ok(None);
    }
    iterator.left.set(left - 1);
    let at = match iterator.is_reversed {
        true => left - 1,
        false => deque.len(vm) - left,
    };
    Ok(deque.get(vm, at))
}

fn reduce(vm: &mut Vm, this: &Value) -> PyResult {
    let class = Value::from(vm.type_of(this));
    let iterator = receiver::<DequeIterator>(vm, this)?;
    let len = iterator.deque.len(vm);
    let skipped = vm.int(len as i64 - iterator.left.get() as i64);
    let arguments = vm.tuple_of([Value::from(&iterator.deque), skipped]);
    Ok(vm.tuple_of([class, arguments]))
}
