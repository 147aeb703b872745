//! `accumulate` and `starmap`.

use pyco_exec::object::header::{Payload, Ref};
use pyco_exec::object::iter::self_iter;
use pyco_exec::object::native::NativeDef;
use pyco_exec::object::native_class::ClassDef;
use pyco_exec::object::sequence::receiver;
use pyco_exec::object::slots::{BinaryOp, UnaryOp};
use pyco_exec::object::tuple::Tuple;
use pyco_exec::object::type_::Type;
use pyco_exec::{Args, Params, PyResult, Value, ValueCell, Vm};

use super::chain::CHAIN;
use super::islice::ISLICE;
use super::{PICKLE_UNTIL, reduced, warn_of_pickle};
use crate::arguments::{or_none, positional};

/// `accumulate`: the function is `None` for addition; `initial` is what comes before the first item, until it has come.
pub(super) struct Accumulate {
    iterator: Value,
    function: Value,
    total: ValueCell,
    initial: ValueCell,
}

impl Payload for Accumulate {
    fn traverse(&self, visit: &mut dyn FnMut(&Value)) {
        visit(&self.iterator);
        visit(&self.function);
        self.total.traverse(visit);
        self.initial.traverse(visit);
    }

    fn clear(&self) {
        self.total.set(None);
        self.initial.set(None);
    }
}

pub(super) static ACCUMULATE: ClassDef =
    ClassDef::new::<Accumulate>("itertools.accumulate", |slots, _| {
        slots.new.set(Some(new_accumulate));
        slots.set_unary(UnaryOp::Iter, self_iter);
        slots.next.set(Some(next_accumulate));
    })
    .subclassable()
    .methods(&[
        NativeDef::no_args("__reduce__", reduce_accumulate)
            .signature("($self, /)")
            .until(PICKLE_UNTIL),
        NativeDef::one("__setstate__", set_state)
            .signature("($self, object, /)")
            .until(PICKLE_UNTIL),
    ]);

static PARAMS: Params = Params::new(&["iterable", "func", "initial"], 1).keyword_only(1);

fn new_accumulate(vm: &mut Vm, ty: &Ref<Type>, args: Args<'_>) -> PyResult {
    let bound = args.bind(vm, "accumulate", &PARAMS)?;
    let iterator = vm.iter(&or_none(bound.get(0)))?;
    let payload = Accumulate {
        iterator,
        function: or_none(bound.get(1)),
        total: ValueCell::new(None),
        initial: ValueCell::new(bound.not_none(2).cloned()),
    };
    Ok(Value::from(Ref::new(ty, payload)))
}

fn next_accumulate(vm: &mut Vm, this: &Value) -> PyResult<Option<Value>> {
    let this = receiver::<Accumulate>(vm, this)?;
    if let Some(initial) = this.initial.take() {
        this.total.set(Some(initial.clone()));
        return Ok(Some(initial));
    }
    let Some(item) = vm.next(&this.iterator)? else {
        return Ok(None);
    };
    let total = match this.total.get() {
        None => item,
        Some(total) if this.function.is_none() => vm.binary(&total, &item, BinaryOp::Add)?,
        Some(total) => vm.call(&this.function, &[total, item])?,
    };
    this.total.set(Some(total.clone()));
    Ok(Some(total))
}

fn reduce_accumulate(vm: &mut Vm, this: &Value) -> PyResult {
    let accumulate = receiver::<Accumulate>(vm, this)?;
    let (function, iterator) = (accumulate.function.clone(), accumulate.iterator.clone());
    if let Some(initial) = accumulate.initial.get() {
        let iterator = chained(vm, initial, iterator)?;
        return reduced(vm, this, vec![iterator, function], Some(Value::NONE));
    }
    match accumulate.total.get() {
        // `None` as a state would say that there is no total, so the total is passed through again and skipped.
        Some(total) if total.is_none() => {
            warn_of_pickle(vm)?;
            let iterator = chained(vm, total, iterator)?;
            let (accumulate, islice) = (vm.class(&ACCUMULATE), vm.class(&ISLICE));
            let again = vm.call(accumulate.as_value(), &[iterator, function])?;
            let arguments = vm.tuple_of([again, vm.int(1), Value::NONE]);
            Ok(vm.tuple_of([Value::from(islice), arguments]))
        }
        total => {
            let state = or_none(total.as_ref());
            reduced(vm, this, vec![iterator, function], Some(state))
        }
    }
}

/// `chain((first,), iterator)`.
fn chained(vm: &mut Vm, first: Value, iterator: Value) -> PyResult {
    let chain = vm.class(&CHAIN);
    let first = vm.tuple_of([first]);
    vm.call(chain.as_value(), &[first, iterator])
}

fn set_state(vm: &mut Vm, this: &Value, state: &Value) -> PyResult {
    warn_of_pickle(vm)?;
    let total = Some(state.clone());
    receiver::<Accumulate>(vm, this)?.total.set(total);
    Ok(Value::NONE)
}

/// `starmap`: the function and the iterator over its arguments.
pub(super) struct StarMap {
    function: Value,
    iterator: Value,
}

impl Payload for StarMap {
    fn traverse(&self, visit: &mut dyn FnMut(&Value)) {
        visit(&self.function);
        visit(&self.iterator);
    }
}

pub(super) static STARMAP: ClassDef = ClassDef::new::<StarMap>("itertools.starmap", |slots, _| {
    slots.new.set(Some(new_starmap));
    slots.set_unary(UnaryOp::Iter, self_iter);
    slots.next.set(Some(next_starmap));
})
.subclassable()
.methods(&[NativeDef::no_args("__reduce__", reduce_starmap)
    .signature("($self, /)")
    .until(PICKLE_UNTIL)]);

fn new_starmap(vm: &mut Vm, ty: &Ref<Type>, args: Args<'_>) -> PyResult {
    let arguments = positional(vm, ty, &STARMAP, "starmap", args, (2, 2))?;
    let payload = StarMap {
        function: arguments[0].clone(),
        iterator: vm.iter(&arguments[1])?,
    };
    Ok(Value::from(Ref::new(ty, payload)))
}

fn next_starmap(vm: &mut Vm, this: &Value) -> PyResult<Option<Value>> {
    let this = receiver::<StarMap>(vm, this)?;
    let Some(arguments) = vm.next(&this.iterator)? else {
        return Ok(None);
    };
    if let Some(arguments) = arguments.downcast::<Tuple>().filter(|t| t.is_exact()) {
        return vm.call(&this.function, arguments.items()).map(Some);
    }
    let arguments = vm.collect(&arguments)?;
    vm.call(&this.function, &arguments).map(Some)
}

fn reduce_starmap(vm: &mut Vm, this: &Value) -> PyResult {
    let starmap = receiver::<StarMap>(vm, this)?;
    let arguments = vec![starmap.function.clone(), starmap.iterator.clone()];
    reduced(vm, this, arguments, None)
}
