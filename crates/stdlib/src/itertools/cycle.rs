//! `cycle`.

use std::cell::Cell;

use pyco_exec::object::header::{Payload, Ref};
use pyco_exec::object::iter::self_iter;
use pyco_exec::object::list::List;
use pyco_exec::object::native::NativeDef;
use pyco_exec::object::native_class::ClassDef;
use pyco_exec::object::sequence::receiver;
use pyco_exec::object::slots::{Slots, UnaryOp};
use pyco_exec::object::tuple::Tuple;
use pyco_exec::object::type_::Type;
use pyco_exec::{Args, PyResult, Value, ValueCell, Vm};

use super::{PICKLE_UNTIL, reduced, warn_of_pickle};
use crate::arguments::{or_none, positional, ssize};

/// The iterator, until it ends, and a list of what it gave.
pub(super) struct Cycle {
    iterator: ValueCell,
    saved: ValueCell,
    index: Cell<usize>,
    /// Whether what the iterator still gives is in the list already: so after `__setstate__`.
    is_saved: Cell<bool>,
}

impl Payload for Cycle {
    fn traverse(&self, visit: &mut dyn FnMut(&Value)) {
        self.iterator.traverse(visit);
        self.saved.traverse(visit);
    }

    fn clear(&self) {
        self.iterator.set(None);
        self.saved.set(None);
    }
}

pub(super) static CYCLE: ClassDef = ClassDef::new::<Cycle>("itertools.cycle", slots)
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

fn new(vm: &mut Vm, ty: &Ref<Type>, args: Args<'_>) -> PyResult {
    let arguments = positional(vm, ty, &CYCLE, "cycle", args, (1, 1))?;
    let iterator = vm.iter(&arguments[0])?;
    let payload = Cycle {
        iterator: ValueCell::new(Some(iterator)),
        saved: ValueCell::new(Some(vm.new_list(Vec::new()))),
        index: Cell::new(0),
        is_saved: Cell::new(false),
    };
    Ok(Value::from(Ref::new(ty, payload)))
}

fn next(vm: &mut Vm, this: &Value) -> PyResult<Option<Value>> {
    let this = receiver::<Cycle>(vm, this)?;
    let Some(saved) = this.saved.get().and_then(|s| s.into_ref::<List>().ok()) else {
        return Ok(None);
    };
    if let Some(iterator) = this.iterator.get() {
        if let Some(item) = vm.next(&iterator)? {
            if !this.is_saved.get() {
                let items = saved.items_mut(vm);
                items.push(item.clone());
                let len = items.len();
                vm.check_growth(len)?;
            }
            return Ok(Some(item));
        }
        this.iterator.set(None);
    }
    let items = saved.items(vm);
    let index = this.index.get();
    let Some(item) = items.get(index).or(items.first()) else {
        return Ok(None);
    };
    let item = item.clone();
    this.index.set(if index + 1 >= items.len() {
        0
    } else {
        index + 1
    });
    Ok(Some(item))
}

fn reduce(vm: &mut Vm, this: &Value) -> PyResult {
    let cycle = receiver::<Cycle>(vm, this)?;
    let saved = or_none(cycle.saved.get().as_ref());
    let (iterator, is_saved) = match cycle.iterator.get() {
        Some(iterator) => {
            let is_saved = Value::bool(cycle.is_saved.get());
            (iterator, is_saved)
        }
        None => {
            let iterator = vm.iter(&saved)?;
            if cycle.index.get() != 0 {
                let name = vm.intern("__setstate__");
                let index = vm.int(cycle.index.get() as i64);
                vm.call_method(&iterator, &name, &[index])?;
            }
            (iterator, Value::TRUE)
        }
    };
    let state = vm.tuple_of([saved, is_saved]);
    reduced(vm, this, vec![iterator], Some(state))
}

fn set_state(vm: &mut Vm, this: &Value, state: &Value) -> PyResult {
    warn_of_pickle(vm)?;
    let Some(state) = state.downcast::<Tuple>() else {
        return Err(vm.type_error("state is not a tuple"));
    };
    let [saved, is_saved] = state.items() else {
        let given = state.items().len();
        return Err(vm.type_error(format!(
            "function takes exactly 2 arguments ({given} given)"
        )));
    };
    if saved.downcast::<List>().is_none() {
        let found = vm.type_name(saved);
        return Err(vm.type_error(format!("argument 1 must be list, not {found}")));
    }
    let is_saved = ssize(vm, is_saved)? != 0;
    let cycle = receiver::<Cycle>(vm, this)?;
    cycle.saved.set(Some(saved.clone()));
    cycle.is_saved.set(is_saved);
    cycle.index.set(0);
    Ok(Value::NONE)
}
