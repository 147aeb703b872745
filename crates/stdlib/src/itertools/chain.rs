//! `chain`.

use pyco_exec::object::generic_alias::class_getitem;
use pyco_exec::object::header::{Payload, Ref};
use pyco_exec::object::iter::self_iter;
use pyco_exec::object::native::NativeDef;
use pyco_exec::object::native_class::ClassDef;
use pyco_exec::object::sequence::receiver;
use pyco_exec::object::slots::{Slots, UnaryOp};
use pyco_exec::object::tuple::Tuple;
use pyco_exec::object::type_::Type;
use pyco_exec::{Args, PyResult, Value, ValueCell, Vm};

use super::{PICKLE_UNTIL, reduced, warn_of_pickle};
use crate::arguments::positional;

/// The iterator over the iterables, until it ends, and the iterator of the one whose turn it is.
pub(super) struct Chain {
    source: ValueCell,
    active: ValueCell,
}

impl Payload for Chain {
    fn traverse(&self, visit: &mut dyn FnMut(&Value)) {
        self.source.traverse(visit);
        self.active.traverse(visit);
    }

    fn clear(&self) {
        self.source.set(None);
        self.active.set(None);
    }
}

pub(super) static CHAIN: ClassDef = ClassDef::new::<Chain>("itertools.chain", slots)
    .subclassable()
    .methods(&[
        NativeDef::one("from_iterable", from_iterable)
            .class()
            .signature("($type, iterable, /)"),
        NativeDef::one("__class_getitem__", class_getitem).class(),
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

fn make(ty: &Ref<Type>, source: Value) -> PyResult {
    let payload = Chain {
        source: ValueCell::new(Some(source)),
        active: ValueCell::new(None),
    };
    Ok(Value::from(Ref::new(ty, payload)))
}

fn new(vm: &mut Vm, ty: &Ref<Type>, args: Args<'_>) -> PyResult {
    let iterables = positional(vm, ty, &CHAIN, "chain", args, (0, usize::MAX))?;
    let iterables = vm.new_tuple(iterables.to_vec());
    let source = vm.iter(&iterables)?;
    make(ty, source)
}

fn from_iterable(vm: &mut Vm, class: &Value, iterables: &Value) -> PyResult {
    let source = vm.iter(iterables)?;
    match class.downcast::<Type>() {
        Some(class) => make(class, source),
        None => Ok(Value::NONE),
    }
}

fn next(vm: &mut Vm, this: &Value) -> PyResult<Option<Value>> {
    let this = receiver::<Chain>(vm, this)?;
    while let Some(source) = this.source.get() {
        let active = match this.active.get() {
            Some(active) => active,
            None => {
                let iterator = match vm.next(&source) {
                    Ok(Some(iterable)) => vm.iter(&iterable),
                    Ok(None) => {
                        this.source.set(None);
                        return Ok(None);
                    }
                    Err(raised) => Err(raised),
                };
                match iterator {
                    Ok(iterator) => {
                        this.active.set(Some(iterator.clone()));
                        iterator
                    }
                    Err(raised) => {
                        this.source.set(None);
                        return Err(raised);
                    }
                }
            }
        };
        if let Some(item) = vm.next(&active)? {
            return Ok(Some(item));
        }
        this.active.set(None);
    }
    Ok(None)
}

fn reduce(vm: &mut Vm, this: &Value) -> PyResult {
    let chain = receiver::<Chain>(vm, this)?;
    let state: Vec<Value> = match chain.source.get() {
        Some(source) => std::iter::once(source).chain(chain.active.get()).collect(),
        None => Vec::new(),
    };
    let state = Some(state).filter(|state| !state.is_empty());
    let state = state.map(|state| vm.new_tuple(state));
    reduced(vm, this, Vec::new(), state)
}

fn set_state(vm: &mut Vm, this: &Value, state: &Value) -> PyResult {
    warn_of_pickle(vm)?;
    let Some(state) = state.downcast::<Tuple>() else {
        return Err(vm.type_error("state is not a tuple"));
    };
    let items = state.items();
    let bound = match items.len() {
        0 => Some("at least 1 argument"),
        1 | 2 => None,
        _ => Some("at most 2 arguments"),
    };
    if let Some(bound) = bound {
        let given = items.len();
        return Err(vm.type_error(format!("function takes {bound} ({given} given)")));
    }
    if items
        .iter()
        .any(|item| vm.type_of(item).slots.next.get().is_none())
    {
        return Err(vm.type_error("Arguments must be iterators."));
    }
    let chain = receiver::<Chain>(vm, this)?;
    chain.source.set(items.first().cloned());
    chain.active.set(items.get(1).cloned());
    Ok(Value::NONE)
}
