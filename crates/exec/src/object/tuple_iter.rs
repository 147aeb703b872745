//! The iterator of tuples.

use std::cell::Cell;

use crate::cell::ValueCell;
use crate::error::PyResult;
use crate::object::header::{Kind, Payload, Ref};
use crate::object::iter::self_iter;
use crate::object::list_iter::cut_state;
use crate::object::native::NativeDef;
use crate::object::sequence::receiver;
use crate::object::slots::UnaryOp;
use crate::object::text_args::place_argument;
use crate::object::tuple::Tuple;
use crate::value::Value;
use crate::vm::Vm;

/// A tuple iterator's payload: the tuple (none once exhausted) and the next index.
pub struct TupleIterator {
    tuple: ValueCell,
    index: Cell<usize>,
}

impl Payload for TupleIterator {
    const KIND: Kind = Kind::TupleIterator;

    fn traverse(&self, visit: &mut dyn FnMut(&Value)) {
        self.tuple.traverse(visit);
    }
}

impl TupleIterator {
    #[allow(clippy::new_ret_no_self)]
    pub(crate) fn new(vm: &Vm, tuple: &Ref<Tuple>) -> Value {
        let iterator = TupleIterator {
            tuple: ValueCell::new(Some(Value::from(tuple))),
            index: Cell::new(0),
        };
        Value::from(Ref::new(&vm.types.tuple_iterator, iterator))
    }

    /// The next item.
    #[inline(always)]
    pub(crate) fn next_item(&self) -> Option<Value> {
        // SAFETY: the borrow of the cell ends before anything could set it, and only `new` puts something there.
        let tuple = unsafe {
            (*self.tuple.as_ptr())
                .as_ref()?
                .downcast_unchecked::<Tuple>()
        };
        let index = self.index.get();
        match tuple.items().get(index) {
            Some(item) => {
                self.index.set(index + 1);
                Some(item.clone())
            }
            None => {
                self.tuple.set(None);
                None
            }
        }
    }
}

fn tuple_of(iterator: &TupleIterator) -> Option<Ref<Tuple>> {
    iterator.tuple.get().and_then(|t| t.into_ref().ok())
}

fn length_hint(vm: &mut Vm, this: &Value) -> PyResult {
    let iterator = receiver::<TupleIterator>(vm, this)?;
    let left = tuple_of(iterator).map_or(0, |t| t.items().len() - iterator.index.get());
    Ok(vm.int(left as i64))
}

fn reduce(vm: &mut Vm, this: &Value) -> PyResult {
    let iterator = receiver::<TupleIterator>(vm, this)?;
    let index = vm.int(iterator.index.get() as i64);
    match iterator.tuple.get() {
        Some(tuple) => vm.reduce_iterator("iter", tuple, Some(index)),
        None => {
            let empty = vm.new_tuple(Vec::new());
            vm.reduce_iterator("iter", empty, None)
        }
    }
}

fn set_state(vm: &mut Vm, this: &Value, state: &Value) -> PyResult {
    let index = place_argument(vm, state)? as i64;
    let iterator = receiver::<TupleIterator>(vm, this)?;
    if let Some(tuple) = tuple_of(iterator) {
        iterator.index.set(cut_state(index, tuple.items().len()));
    }
    Ok(Value::NONE)
}

static METHODS: &[NativeDef] = &[
    NativeDef::no_args("__length_hint__", length_hint),
    NativeDef::no_args("__reduce__", reduce),
    NativeDef::one("__setstate__", set_state),
];

/// Fills the slots.
pub(crate) fn ready(vm: &mut Vm) {
    let slots = &vm.types.tuple_iterator.slots;
    slots.unary[UnaryOp::Iter as usize].set(Some(self_iter));
    slots.next.set(Some(|_, this| {
        Ok(this.downcast::<TupleIterator>().and_then(|i| i.next_item()))
    }));
}

/// Adds the methods.
pub(crate) fn ready_methods(vm: &mut Vm) {
    let ty = vm.types.tuple_iterator.clone();
    vm.add_methods(&ty, METHODS);
}
