//! `count` and `repeat`.

use std::cell::Cell;

use pyco_exec::object::header::{Payload, Ref};
use pyco_exec::object::iter::self_iter;
use pyco_exec::object::native::NativeDef;
use pyco_exec::object::native_class::ClassDef;
use pyco_exec::object::sequence::receiver;
use pyco_exec::object::slots::{BinaryOp, Slots, UnaryOp};
use pyco_exec::object::type_::Type;
use pyco_exec::{Args, Params, PyResult, Value, ValueCell, Vm};

use super::{PICKLE_UNTIL, reduced};
use crate::arguments::{is_number, or_none, ssize};

/// `count`: the next number and the step, of any numeric type.
pub(super) struct Count {
    next: ValueCell,
    step: Value,
}

impl Payload for Count {
    fn traverse(&self, visit: &mut dyn FnMut(&Value)) {
        self.next.traverse(visit);
        visit(&self.step);
    }

    fn clear(&self) {
        self.next.set(None);
    }
}

pub(super) static COUNT: ClassDef = ClassDef::new::<Count>("itertools.count", |slots, _| {
    slots.new.set(Some(new_count));
    slots.set_unary(UnaryOp::Iter, self_iter);
    slots.next.set(Some(next_count));
    slots.set_unary(UnaryOp::Repr, repr_count);
})
.subclassable()
.methods(&[NativeDef::no_args("__reduce__", reduce_count)
    .signature("($self, /)")
    .until(PICKLE_UNTIL)]);

static COUNT_PARAMS: Params = Params::new(&["start", "step"], 0);

fn is_one(value: &Value) -> bool {
    value.as_int().and_then(|n| n.to_i64()) == Some(1)
}

fn new_count(vm: &mut Vm, ty: &Ref<Type>, args: Args<'_>) -> PyResult {
    let bound = args.bind(vm, "count", &COUNT_PARAMS)?;
    let mut start = bound.get(0).cloned().unwrap_or_else(|| vm.int(0));
    let mut step = bound.get(1).cloned().unwrap_or_else(|| vm.int(1));
    if !is_number(vm, &start) || !is_number(vm, &step) {
        return Err(vm.type_error("a number is required"));
    }
    // Ints that C counts itself are plain ones from the start on.
    let in_range = start
        .as_int()
        .is_some_and(|n| n.to_i64().is_some_and(|n| n < i64::MAX));
    if in_range && is_one(&step) {
        start = vm.index(&start)?;
        step = vm.int(1);
    }
    let next = ValueCell::new(Some(start));
    Ok(Value::from(Ref::new(ty, Count { next, step })))
}

fn next_count(vm: &mut Vm, this: &Value) -> PyResult<Option<Value>> {
    let this = receiver::<Count>(vm, this)?;
    let now = or_none(this.next.take().as_ref());
    let after = match (now.as_small_int(), this.step.as_small_int()) {
        (Some(now), Some(step)) => vm.int(now + step),
        _ => {
            this.next.set(Some(now.clone()));
            vm.binary(&now, &this.step, BinaryOp::Add)?
        }
    };
    this.next.set(Some(after));
    Ok(Some(now))
}

fn repr_count(vm: &mut Vm, this: &Value) -> PyResult {
    let name = vm.short_type_name(this);
    let this = receiver::<Count>(vm, this)?;
    let next = vm.repr_text(&or_none(this.next.get().as_ref()))?;
    if is_one(&this.step) {
        return Ok(vm.new_str(&format!("{name}({next})")));
    }
    let step = vm.repr_text(&this.step)?;
    Ok(vm.new_str(&format!("{name}({next}, {step})")))
}

fn reduce_count(vm: &mut Vm, this: &Value) -> PyResult {
    let count = receiver::<Count>(vm, this)?;
    let mut arguments = vec![or_none(count.next.get().as_ref())];
    let is_float = arguments[0].as_int().is_none();
    if is_float || !is_one(&count.step) {
        arguments.push(count.step.clone());
    }
    reduced(vm, this, arguments, None)
}

/// `repeat`: the object, and how often it is still to come; negative is without end.
pub(super) struct Repeat {
    object: Value,
    left: Cell<i64>,
}

impl Payload for Repeat {
    fn traverse(&self, visit: &mut dyn FnMut(&Value)) {
        visit(&self.object);
    }
}

pub(super) static REPEAT: ClassDef = ClassDef::new::<Repeat>("itertools.repeat", repeat_slots)
    .subclassable()
    .methods(&[
        NativeDef::no_args("__length_hint__", length_hint),
        NativeDef::no_args("__reduce__", reduce_repeat)
            .signature("($self, /)")
            .until(PICKLE_UNTIL),
    ]);

fn repeat_slots(slots: &Slots, _minor: u8) {
    slots.new.set(Some(new_repeat));
    slots.set_unary(UnaryOp::Iter, self_iter);
    slots.next.set(Some(next_repeat));
    slots.set_unary(UnaryOp::Repr, repr_repeat);
}

static REPEAT_PARAMS: Params = Params::new(&["object", "times"], 1);

fn new_repeat(vm: &mut Vm, ty: &Ref<Type>, args: Args<'_>) -> PyResult {
    let bound = args.bind(vm, "repeat", &REPEAT_PARAMS)?;
    let object = or_none(bound.get(0));
    let left = match bound.get(1) {
        Some(times) => ssize(vm, times)?.max(0),
        None => -1,
    };
    let left = Cell::new(left);
    Ok(Value::from(Ref::new(ty, Repeat { object, left })))
}

fn next_repeat(vm: &mut Vm, this: &Value) -> PyResult<Option<Value>> {
    let this = receiver::<Repeat>(vm, this)?;
    match this.left.get() {
        0 => return Ok(None),
        left @ 1.. => this.left.set(left - 1),
        _ => {}
    }
    Ok(Some(this.object.clone()))
}

fn repr_repeat(vm: &mut Vm, this: &Value) -> PyResult {
    let name = vm.short_type_name(this);
    let this = receiver::<Repeat>(vm, this)?;
    let object = vm.repr_text(&this.object)?;
    let text = match this.left.get() {
        ..0 => format!("{name}({object})"),
        left => format!("{name}({object}, {left})"),
    };
    Ok(vm.new_str(&text))
}

fn length_hint(vm: &mut Vm, this: &Value) -> PyResult {
    match receiver::<Repeat>(vm, this)?.left.get() {
        ..0 => Err(vm.type_error("len() of unsized object")),
        left => Ok(vm.int(left)),
    }
}

fn reduce_repeat(vm: &mut Vm, this: &Value) -> PyResult {
    let repeat = receiver::<Repeat>(vm, this)?;
    let mut arguments = vec![repeat.object.clone()];
    if repeat.left.get() >= 0 {
        arguments.push(vm.int(repeat.left.get()));
    }
    reduced(vm, this, arguments, None)
}
