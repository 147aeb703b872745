//! `islice`.

use std::cell::Cell;

use pyco_exec::object::header::{Payload, Ref};
use pyco_exec::object::iter::self_iter;
use pyco_exec::object::native::NativeDef;
use pyco_exec::object::native_class::ClassDef;
use pyco_exec::object::sequence::receiver;
use pyco_exec::object::slots::{Slots, UnaryOp};
use pyco_exec::object::type_::Type;
use pyco_exec::{Args, PyResult, Value, ValueCell, Vm};

use super::{PICKLE_UNTIL, reduced, state_int, warn_of_pickle};
use crate::arguments::positional;

/// The iterator, until the slice has ended; the index of the next item to give, where to stop, and how many items were taken.
pub(super) struct ISlice {
    iterator: ValueCell,
    next: Cell<i64>,
    stop: Option<i64>,
    step: i64,
    taken: Cell<i64>,
}

impl Payload for ISlice {
    fn traverse(&self, visit: &mut dyn FnMut(&Value)) {
        self.iterator.traverse(visit);
    }

    fn clear(&self) {
        self.iterator.set(None);
    }
}

pub(super) static ISLICE: ClassDef = ClassDef::new::<ISlice>("itertools.islice", slots)
    .subclassable()
    .methods(&[
        NativeDef::no_args("__reduce__", reduce)
            .signature("($self, /)")
            .until(PICKLE_UNTIL),
        NativeDef::one("__setstate__", set_state)
            .signature("($self, object, /)")
            .until(PICKLE_UNTIL),
    ]);

fn slots(slots: &Slots, _minor: u8) {
    slots.new.set(Some(new));
    slots.set_unary(UnaryOp::Iter, self_iter);
    slots.next.set(Some(next));
}

/// A bound as C reads it: whatever is no int that fits is -1.
fn bound(vm: &mut Vm, value: &Value) -> i64 {
    vm.index_for(value).unwrap_or(-1)
}

/// A stop that was given.
fn stop_bound(vm: &mut Vm, value: &Value) -> PyResult<Option<i64>> {
    if value.is_none() {
        return Ok(None);
    }
    match bound(vm, value) {
        -1 => Err(vm.value_error(
            "Stop argument for islice() must be None or an integer: 0 <= x <= sys.maxsize.",
        )),
        stop => Ok(Some(stop)),
    }
}

fn new(vm: &mut Vm, ty: &Ref<Type>, args: Args<'_>) -> PyResult {
    let arguments = positional(vm, ty, &ISLICE, "islice", args, (2, 4))?;
    let (start, stop) = match arguments {
        [_, stop] => (0, stop_bound(vm, stop)?),
        [_, start, stop, ..] => {
            let start = match start.is_none() {
                true => 0,
                false => bound(vm, start),
            };
            (start, stop_bound(vm, stop)?)
        }
        _ => (0, None),
    };
    if start < 0 || stop.is_some_and(|stop| stop < 0) {
        return Err(vm.value_error(
            "Indices for islice() must be None or an integer: 0 <= x <= sys.maxsize.",
        ));
    }
    let step = match arguments.get(3).filter(|step| !step.is_none()) {
        Some(step) => bound(vm, step),
        None => 1,
    };
    if step < 1 {
        return Err(vm.value_error("Step for islice() must be a positive integer or None."));
    }
    let payload = ISlice {
        iterator: ValueCell::new(Some(vm.iter(&arguments[0])?)),
        next: Cell::new(start),
        stop,
        step,
        taken: Cell::new(0),
    };
    Ok(Value::from(Ref::new(ty, payload)))
}

fn next(vm: &mut Vm, this: &Value) -> PyResult<Option<Value>> {
    let this = receiver::<ISlice>(vm, this)?;
    let item = next_of(vm, this);
    if !matches!(item, Ok(Some(_))) {
        this.iterator.set(None);
    }
    item
}

fn next_of(vm: &mut Vm, this: &Ref<ISlice>) -> PyResult<Option<Value>> {
    let Some(iterator) = this.iterator.get() else {
        return Ok(None);
    };
    while this.taken.get() < this.next.get() {
        if vm.next(&iterator)?.is_none() {
            return Ok(None);
        }
        this.taken.set(this.taken.get() + 1);
    }
    let stop = this.stop.unwrap_or(i64::MAX);
    if this.taken.get() >= stop {
        return Ok(None);
    }
    let Some(item) = vm.next(&iterator)? else {
        return Ok(None);
    };
    this.taken.set(this.taken.get() + 1);
    let next = this.next.get().saturating_add(this.step);
    this.next.set(next.min(stop));
    Ok(Some(item))
}

fn reduce(vm: &mut Vm, this: &Value) -> PyResult {
    let slice = receiver::<ISlice>(vm, this)?;
    let zero = vm.int(0);
    let Some(iterator) = slice.iterator.get() else {
        let empty = vm.new_list(Vec::new());
        let iterator = vm.iter(&empty)?;
        return reduced(vm, this, vec![iterator, zero.clone()], Some(zero));
    };
    let stop = slice.stop.map_or(Value::NONE, |stop| vm.int(stop));
    let arguments = vec![iterator, vm.int(slice.next.get()), stop, vm.int(slice.step)];
    let taken = vm.int(slice.taken.get());
    reduced(vm, this, arguments, Some(taken))
}

fn set_state(vm: &mut Vm, this: &Value, state: &Value) -> PyResult {
    warn_of_pickle(vm)?;
    let taken = state_int(vm, state)?;
    receiver::<ISlice>(vm, this)?.taken.set(taken);
    Ok(Value::NONE)
}
