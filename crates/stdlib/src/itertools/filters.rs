//! `compress`, `dropwhile`, `filterfalse` and `takewhile`.

use std::cell::Cell;

use pyco_exec::object::header::{Payload, Ref};
use pyco_exec::object::iter::self_iter;
use pyco_exec::object::native::NativeDef;
use pyco_exec::object::native_class::ClassDef;
use pyco_exec::object::sequence::receiver;
use pyco_exec::object::slots::{NewFn, NextFn, Slots, UnaryOp};
use pyco_exec::object::type_::Type;
use pyco_exec::{Args, Params, PyResult, Value, Vm};

use super::{PICKLE_UNTIL, reduced, warn_of_pickle};
use crate::arguments::{or_none, positional};

/// A function or the selectors, the iterator, and whether `dropwhile` has started or `takewhile` stopped.
pub(super) struct Filter {
    condition: Value,
    iterator: Value,
    is_over: Cell<bool>,
}

impl Payload for Filter {
    fn traverse(&self, visit: &mut dyn FnMut(&Value)) {
        visit(&self.condition);
        visit(&self.iterator);
    }
}

fn iterator_slots(slots: &Slots, new: NewFn, next: NextFn) {
    slots.new.set(Some(new));
    slots.set_unary(UnaryOp::Iter, self_iter);
    slots.next.set(Some(next));
}

fn make(ty: &Ref<Type>, condition: Value, iterator: Value) -> Value {
    let is_over = Cell::new(false);
    let payload = Filter {
        condition,
        iterator,
        is_over,
    };
    Value::from(Ref::new(ty, payload))
}

/// `class(function, iterable)`.
fn with_function(
    vm: &mut Vm,
    ty: &Ref<Type>,
    def: &'static ClassDef,
    name: &str,
    args: Args<'_>,
) -> PyResult {
    let arguments = positional(vm, ty, def, name, args, (2, 2))?;
    let iterator = vm.iter(&arguments[1])?;
    Ok(make(ty, arguments[0].clone(), iterator))
}

/// Whether the function holds for the item.
fn holds(vm: &mut Vm, function: &Value, item: &Value) -> PyResult<bool> {
    let result = vm.call(function, std::slice::from_ref(item))?;
    vm.truth(&result)
}

/// The arguments that would make the object anew.
fn reduce(vm: &mut Vm, this: &Value) -> PyResult {
    let filter = receiver::<Filter>(vm, this)?;
    let arguments = vec![filter.condition.clone(), filter.iterator.clone()];
    reduced(vm, this, arguments, None)
}

/// The same, with whether it is over as the state.
fn reduce_with_state(vm: &mut Vm, this: &Value) -> PyResult {
    let filter = receiver::<Filter>(vm, this)?;
    let arguments = vec![filter.condition.clone(), filter.iterator.clone()];
    let state = vm.int(i64::from(filter.is_over.get()));
    reduced(vm, this, arguments, Some(state))
}

fn set_state(vm: &mut Vm, this: &Value, state: &Value) -> PyResult {
    warn_of_pickle(vm)?;
    let is_over = vm.truth(state)?;
    receiver::<Filter>(vm, this)?.is_over.set(is_over);
    Ok(Value::NONE)
}

static REDUCE: &[NativeDef] = &[NativeDef::no_args("__reduce__", reduce)
    .signature("($self, /)")
    .until(PICKLE_UNTIL)];

static REDUCE_WITH_STATE: &[NativeDef] = &[
    NativeDef::no_args("__reduce__", reduce_with_state)
        .signature("($self, /)")
        .until(PICKLE_UNTIL),
    NativeDef::one("__setstate__", set_state)
        .signature("($self, object, /)")
        .until(PICKLE_UNTIL),
];

pub(super) static COMPRESS: ClassDef = ClassDef::new::<Filter>("itertools.compress", |slots, _| {
    iterator_slots(slots, new_compress, next_compress);
})
.subclassable()
.methods(COMPRESS_METHODS);

static COMPRESS_METHODS: &[NativeDef] = &[NativeDef::no_args("__reduce__", |vm, this| {
    let filter = receiver::<Filter>(vm, this)?;
    let arguments = vec![filter.iterator.clone(), filter.condition.clone()];
    reduced(vm, this, arguments, None)
})
.signature("($self, /)")
.until(PICKLE_UNTIL)];

static COMPRESS_PARAMS: Params = Params::new(&["data", "selectors"], 2);

fn new_compress(vm: &mut Vm, ty: &Ref<Type>, args: Args<'_>) -> PyResult {
    let bound = args.bind(vm, "compress", &COMPRESS_PARAMS)?;
    let data = vm.iter(&or_none(bound.get(0)))?;
    let selectors = vm.iter(&or_none(bound.get(1)))?;
    Ok(make(ty, selectors, data))
}

fn next_compress(vm: &mut Vm, this: &Value) -> PyResult<Option<Value>> {
    let this = receiver::<Filter>(vm, this)?;
    loop {
        let Some(item) = vm.next(&this.iterator)? else {
            return Ok(None);
        };
        let Some(selector) = vm.next(&this.condition)? else {
            return Ok(None);
        };
        if vm.truth(&selector)? {
            return Ok(Some(item));
        }
    }
}

pub(super) static DROPWHILE: ClassDef =
    ClassDef::new::<Filter>("itertools.dropwhile", |slots, _| {
        iterator_slots(slots, new_dropwhile, next_dropwhile);
    })
    .subclassable()
    .methods(REDUCE_WITH_STATE);

fn new_dropwhile(vm: &mut Vm, ty: &Ref<Type>, args: Args<'_>) -> PyResult {
    with_function(vm, ty, &DROPWHILE, "dropwhile", args)
}

fn next_dropwhile(vm: &mut Vm, this: &Value) -> PyResult<Option<Value>> {
    let this = receiver::<Filter>(vm, this)?;
    loop {
        let Some(item) = vm.next(&this.iterator)? else {
            return Ok(None);
        };
        if this.is_over.get() {
            return Ok(Some(item));
        }
        if !holds(vm, &this.condition, &item)? {
            this.is_over.set(true);
            return Ok(Some(item));
        }
    }
}

pub(super) static TAKEWHILE: ClassDef =
    ClassDef::new::<Filter>("itertools.takewhile", |slots, _| {
        iterator_slots(slots, new_takewhile, next_takewhile);
    })
    .subclassable()
    .methods(REDUCE_WITH_STATE);

fn new_takewhile(vm: &mut Vm, ty: &Ref<Type>, args: Args<'_>) -> PyResult {
    with_function(vm, ty, &TAKEWHILE, "takewhile", args)
}

fn next_takewhile(vm: &mut Vm, this: &Value) -> PyResult<Option<Value>> {
    let this = receiver::<Filter>(vm, this)?;
    if this.is_over.get() {
        return Ok(None);
    }
    let Some(item) = vm.next(&this.iterator)? else {
        return Ok(None);
    };
    if holds(vm, &this.condition, &item)? {
        return Ok(Some(item));
    }
    this.is_over.set(true);
    Ok(None)
}

pub(super) static FILTERFALSE: ClassDef =
    ClassDef::new::<Filter>("itertools.filterfalse", |slots, _| {
        iterator_slots(slots, new_filterfalse, next_filterfalse);
    })
    .subclassable()
    .methods(REDUCE);

fn new_filterfalse(vm: &mut Vm, ty: &Ref<Type>, args: Args<'_>) -> PyResult {
    with_function(vm, ty, &FILTERFALSE, "filterfalse", args)
}

fn next_filterfalse(vm: &mut Vm, this: &Value) -> PyResult<Option<Value>> {
    let this = receiver::<Filter>(vm, this)?;
    let by_truth = this.condition.is_none() || this.condition.is(vm.types.bool.as_value());
    loop {
        let Some(item) = vm.next(&this.iterator)? else {
            return Ok(None);
        };
        let is_kept = match by_truth {
            true => !vm.truth(&item)?,
            false => !holds(vm, &this.condition, &item)?,
        };
        if is_kept {
            return Ok(Some(item));
        }
    }
}
