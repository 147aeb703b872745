//! The iterators of lists, forwards and backwards.

use std::cell::Cell;

use crate::cell::ValueCell;
use crate::error::PyResult;
use crate::object::header::{Kind, Payload, Ref};
use crate::object::iter::self_iter;
use crate::object::list::List;
use crate::object::native::NativeDef;
use crate::object::sequence::receiver;
use crate::object::slots::UnaryOp;
use crate::object::text_args::place_argument;
use crate::value::Value;
use crate::vm::Vm;

/// A list iterator's payload: the list (none once exhausted) and the next index.
pub struct ListIterator {
    list: ValueCell,
    index: Cell<usize>,
}

impl Payload for ListIterator {
    const KIND: Kind = Kind::ListIterator;

    fn traverse(&self, visit: &mut dyn FnMut(&Value)) {
        self.list.traverse(visit);
    }
}

impl ListIterator {
    #[allow(clippy::new_ret_no_self)]
    pub(crate) fn new(vm: &Vm, list: &Ref<List>) -> Value {
        let iterator = ListIterator {
            list: ValueCell::new(Some(Value::from(list))),
            index: Cell::new(0),
        };
        Value::from(Ref::new(&vm.types.list_iterator, iterator))
    }

    /// The next item.
    #[inline(always)]
    pub(crate) fn next_item(&self, vm: &Vm) -> Option<Value> {
        // SAFETY: the borrow of the cell ends before anything could set it, and only `new` puts something there.
        let list = unsafe { (*self.list.as_ptr()).as_ref()?.downcast_unchecked::<List>() };
        let index = self.index.get();
        match list.items(vm).get(index) {
            Some(item) => {
                self.index.set(index + 1);
                Some(item.clone())
            }
            None => {
                self.list.set(None);
                None
            }
        }
    }
}

/// The payload of `reversed(list)`: the list (none once exhausted), and how many items are left.
pub struct ListReverseIterator {
    list: ValueCell,
    left: Cell<usize>,
}

impl Payload for ListReverseIterator {
    fn traverse(&self, visit: &mut dyn FnMut(&Value)) {
        self.list.traverse(visit);
    }
}

impl ListReverseIterator {
    #[allow(clippy::new_ret_no_self)]
    pub(crate) fn new(vm: &Vm, list: &Ref<List>) -> Value {
        let iterator = ListReverseIterator {
            left: Cell::new(list.items(vm).len()),
            list: ValueCell::new(Some(Value::from(list))),
        };
        Value::from(Ref::new(&vm.types.list_reverse_iterator, iterator))
    }

    fn list(&self) -> Option<Ref<List>> {
        self.list.get().and_then(|list| list.into_ref().ok())
    }

    fn next_item(&self, vm: &Vm) -> Option<Value> {
        let list = self.list()?;
        let item = match self.left.get().checked_sub(1) {
            Some(at) => {
                self.left.set(at);
                list.items(vm).get(at).cloned()
            }
            None => None,
        };
        if item.is_none() {
            self.list.set(None);
        }
        item
    }
}

fn length_hint(vm: &mut Vm, this: &Value) -> PyResult {
    let iterator = receiver::<ListIterator>(vm, this)?;
    let left = match iterator.list.get().and_then(|l| l.into_ref::<List>().ok()) {
        Some(list) => list.items(vm).len().saturating_sub(iterator.index.get()),
        None => 0,
    };
    Ok(vm.int(left as i64))
}

fn reduce(vm: &mut Vm, this: &Value) -> PyResult {
    let iterator = receiver::<ListIterator>(vm, this)?;
    vm.reduce_iterator_with("iter", |vm| match iterator.list.get() {
        Some(list) => (list, Some(vm.int(iterator.index.get() as i64))),
        None => (vm.new_list(Vec::new()), None),
    })
}

fn set_state(vm: &mut Vm, this: &Value, state: &Value) -> PyResult {
    let index = place_argument(vm, state)? as i64;
    let iterator = receiver::<ListIterator>(vm, this)?;
    if index < 0 {
        iterator.list.set(None);
    } else if let Some(list) = iterator.list.get().and_then(|l| l.into_ref::<List>().ok()) {
        iterator.index.set(cut_state(index, list.items(vm).len()));
    }
    Ok(Value::NONE)
}

/// A position that `__setstate__` gives, cut to `0..=len`.
pub(crate) fn cut_state(index: i64, len: usize) -> usize {
    index.clamp(0, len as i64) as usize
}

fn reverse_length_hint(vm: &mut Vm, this: &Value) -> PyResult {
    let iterator = receiver::<ListReverseIterator>(vm, this)?;
    let left = iterator.left.get();
    let left = match iterator.list() {
        Some(list) if list.items(vm).len() >= left => left,
        _ => 0,
    };
    Ok(vm.int(left as i64))
}

fn reverse_reduce(vm: &mut Vm, this: &Value) -> PyResult {
    let iterator = receiver::<ListReverseIterator>(vm, this)?;
    let reversed = vm.builtin_function("reversed")?;
    match iterator.list.get() {
        Some(list) => {
            let index = vm.int(iterator.left.get() as i64 - 1);
            let arguments = vm.tuple_of([list]);
            Ok(vm.tuple_of([reversed, arguments, index]))
        }
        None => {
            let empty = vm.new_list(Vec::new());
            if vm.version_number() < 13 {
                return vm.reduce_iterator("iter", empty, None);
            }
            let arguments = vm.tuple_of([empty]);
            Ok(vm.tuple_of([reversed, arguments]))
        }
    }
}

fn reverse_set_state(vm: &mut Vm, this: &Value, state: &Value) -> PyResult {
    let index = place_argument(vm, state)? as i64;
    let iterator = receiver::<ListReverseIterator>(vm, this)?;
    if let Some(list) = iterator.list() {
        let left = cut_state(index.saturating_add(1), list.items(vm).len());
        iterator.left.set(left);
    }
    Ok(Value::NONE)
}

static METHODS: &[NativeDef] = &[
    NativeDef::no_args("__length_hint__", length_hint),
    NativeDef::no_args("__reduce__", reduce),
    NativeDef::one("__setstate__", set_state),
];

static REVERSE_METHODS: &[NativeDef] = &[
    NativeDef::no_args("__length_hint__", reverse_length_hint),
    NativeDef::no_args("__reduce__", reverse_reduce),
    NativeDef::one("__setstate__", reverse_set_state),
];

/// Fills the slots.
pub(crate) fn ready(vm: &mut Vm) {
    let slots = &vm.types.list_iterator.slots;
    slots.unary[UnaryOp::Iter as usize].set(Some(self_iter));
    slots.next.set(Some(|vm, this| {
        Ok(this
            .downcast::<ListIterator>()
            .and_then(|i| i.next_item(vm)))
    }));
    let slots = &vm.types.list_reverse_iterator.slots;
    slots.unary[UnaryOp::Iter as usize].set(Some(self_iter));
    slots.next.set(Some(|vm, this| {
        Ok(this
            .downcast::<ListReverseIterator>()
            .and_then(|i| i.next_item(vm)))
    }));
}

/// Adds the methods.
pub(crate) fn ready_methods(vm: &mut Vm) {
    let ty = vm.types.list_iterator.clone();
    vm.add_methods(&ty, METHODS);
    let ty = vm.types.list_reverse_iterator.clone();
    vm.add_methods(&ty, REVERSE_METHODS);
}
