//! The iterator of sets.

use std::cell::Cell;

use crate::cell::ValueCell;
use crate::error::PyResult;
use crate::object::header::{Payload, Ref};
use crate::object::iter::self_iter;
use crate::object::native::NativeDef;
use crate::object::sequence::receiver;
use crate::object::set::Set;
use crate::object::slots::UnaryOp;
use crate::value::Value;
use crate::vm::Vm;

/// A set iterator's payload.
pub struct SetIterator {
    /// The set, none once exhausted.
    set: ValueCell,
    /// The next place in the table.
    place: Cell<usize>,
    /// The set's number of items at the start; `usize::MAX` once it was another.
    len: Cell<usize>,
    left: Cell<usize>,
}

impl Payload for SetIterator {
    fn traverse(&self, visit: &mut dyn FnMut(&Value)) {
        self.set.traverse(visit);
    }
}

impl SetIterator {
    #[allow(clippy::new_ret_no_self)]
    pub(crate) fn new(vm: &Vm, set: &Ref<Set>) -> Value {
        let len = set.len(vm);
        let iterator = SetIterator {
            set: ValueCell::new(Some(Value::from(set))),
            place: Cell::new(0),
            len: Cell::new(len),
            left: Cell::new(len),
        };
        Value::from(Ref::new(&vm.types.set_iterator, iterator))
    }

    fn set(&self) -> Option<Ref<Set>> {
        self.set.get().and_then(|set| set.into_ref().ok())
    }

    fn next_item(&self, vm: &mut Vm) -> PyResult<Option<Value>> {
        let Some(set) = self.set() else {
            return Ok(None);
        };
        if set.len(vm) != self.len.get() {
            self.len.set(usize::MAX);
            return Err(vm.runtime_error("Set changed size during iteration"));
        }
        match set.table.get(vm).next_from(self.place.get()) {
            Some((place, _, item)) => {
                self.place.set(place);
                self.left.set(self.left.get().saturating_sub(1));
                Ok(Some(item.clone()))
            }
            None => {
                self.set.set(None);
                Ok(None)
            }
        }
    }
}

fn length_hint(vm: &mut Vm, this: &Value) -> PyResult {
    let iterator = receiver::<SetIterator>(vm, this)?;
    let left = match iterator.set() {
        Some(set) if set.len(vm) == iterator.len.get() => iterator.left.get(),
        _ => 0,
    };
    Ok(vm.int(left as i64))
}

fn reduce(vm: &mut Vm, this: &Value) -> PyResult {
    let iterator = receiver::<SetIterator>(vm, this)?;
    // A copy at the same place, so that this one does not move.
    let copy = SetIterator {
        set: ValueCell::new(iterator.set.get()),
        place: iterator.place.clone(),
        len: iterator.len.clone(),
        left: iterator.left.clone(),
    };
    let mut items = Vec::new();
    while let Some(item) = copy.next_item(vm)? {
        items.push(item);
    }
    let items = vm.new_list(items);
    vm.reduce_iterator("iter", items, None)
}

static METHODS: &[NativeDef] = &[
    NativeDef::no_args("__length_hint__", length_hint),
    NativeDef::no_args("__reduce__", reduce),
];

/// Fills the slots.
pub(crate) fn ready_slots(vm: &mut Vm) {
    let slots = &vm.types.set_iterator.slots;
    slots.unary[UnaryOp::Iter as usize].set(Some(self_iter));
    slots.next.set(Some(|vm, this| {
        receiver::<SetIterator>(vm, this)?.next_item(vm)
    }));
}

/// Adds the methods.
pub(crate) fn ready(vm: &mut Vm) {
    let ty = vm.types.set_iterator.clone();
    vm.add_methods(&ty, METHODS);
}
