//! The iterators of dicts and their views, forwards and backwards: six classes, one payload.
//!
//! Invariant: an iterator refuses to go on once the dict's number of items is another than at its start, for good.

use std::cell::Cell;

use crate::cell::ValueCell;
use crate::error::PyResult;
use crate::object::dict::Dict;
use crate::object::header::{Payload, Ref};
use crate::object::iter::self_iter;
use crate::object::native::NativeDef;
use crate::object::sequence::receiver;
use crate::object::slots::UnaryOp;
use crate::object::type_::Type;
use crate::value::Value;
use crate::vm::Vm;

/// What of an item one is interested in.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[allow(missing_docs)]
pub enum Part {
    Keys,
    Values,
    Items,
}

impl Part {
    /// That part of an item.
    pub fn of(self, vm: &Vm, key: &Value, value: &Value) -> Value {
        match self {
            Part::Keys => key.clone(),
            Part::Values => value.clone(),
            Part::Items => vm.tuple_of([key.clone(), value.clone()]),
        }
    }
}

/// A dict iterator's payload.
pub struct DictIterator {
    /// The dict, none once exhausted.
    dict: ValueCell,
    part: Part,
    is_reversed: bool,
    /// The next position in the dict's row; backwards, the one after it.
    position: Cell<usize>,
    /// The dict's number of items at the start; `usize::MAX` once it was another.
    len: Cell<usize>,
    left: Cell<usize>,
}

impl Payload for DictIterator {
    fn traverse(&self, visit: &mut dyn FnMut(&Value)) {
        self.dict.traverse(visit);
    }
}

impl DictIterator {
    fn make(vm: &Vm, ty: &Ref<Type>, dict: &Ref<Dict>, part: Part, is_reversed: bool) -> Value {
        let len = dict.len(vm);
        let position = if is_reversed {
            dict.table(vm).entries().len()
        } else {
            0
        };
        let iterator = DictIterator {
            dict: ValueCell::new(Some(Value::from(dict))),
            part,
            is_reversed,
            position: Cell::new(position),
            len: Cell::new(len),
            left: Cell::new(len),
        };
        Value::from(Ref::new(ty, iterator))
    }

    /// An iterator over one part of a dict's items.
    #[allow(clippy::new_ret_no_self)]
    pub(crate) fn new(vm: &Vm, dict: &Ref<Dict>, part: Part) -> Value {
        let ty = match part {
            Part::Keys => &vm.types.dict_key_iterator,
            Part::Values => &vm.types.dict_value_iterator,
            Part::Items => &vm.types.dict_item_iterator,
        };
        DictIterator::make(vm, ty, dict, part, false)
    }

    /// The same from the last item on.
    pub(crate) fn reversed(vm: &Vm, dict: &Ref<Dict>, part: Part) -> Value {
        let ty = match part {
            Part::Keys => &vm.types.dict_reverse_key_iterator,
            Part::Values => &vm.types.dict_reverse_value_iterator,
            Part::Items => &vm.types.dict_reverse_item_iterator,
        };
        DictIterator::make(vm, ty, dict, part, true)
    }

    /// The next item's key and value.
    #[inline]
    pub(crate) fn next_pair(&self, vm: &mut Vm) -> PyResult<Option<(Value, Value)>> {
        self.next_as(vm, |_, key, value| (key.clone(), value.clone()))
    }

    /// The next item's part.
    fn next_item(&self, vm: &mut Vm) -> PyResult<Option<Value>> {
        self.next_as(vm, |vm, key, value| self.part.of(vm, key, value))
    }

    #[inline(always)]
    fn next_as<T>(
        &self,
        vm: &mut Vm,
        make: impl FnOnce(&Vm, &Value, &Value) -> T,
    ) -> PyResult<Option<T>> {
        let Some(dict) = self.dict.get().and_then(|d| d.into_ref::<Dict>().ok()) else {
            return Ok(None);
        };
        if dict.len(vm) != self.len.get() {
            self.len.set(usize::MAX);
            return Err(vm.runtime_error("dictionary changed size during iteration"));
        }
        let table = dict.table(vm);
        let position = self.position.get();
        let found = if self.is_reversed {
            // A row that has become shorter has nothing more to show.
            let position = if position > table.entries().len() {
                0
            } else {
                position
            };
            table.next_back_from(position)
        } else {
            table.next_from(position)
        };
        let Some((position, key, value)) = found else {
            self.dict.set(None);
            return Ok(None);
        };
        let item = make(vm, key, value);
        // Backwards this has been noticed since 3.13.
        if self.left.get() == 0 && (!self.is_reversed || vm.version_number() >= 13) {
            self.dict.set(None);
            return Err(vm.runtime_error("dictionary keys changed during iteration"));
        }
        self.position.set(position);
        self.left.set(self.left.get().saturating_sub(1));
        Ok(Some(item))
    }
}

fn next(vm: &mut Vm, this: &Value) -> PyResult<Option<Value>> {
    receiver::<DictIterator>(vm, this)?.next_item(vm)
}

fn length_hint(vm: &mut Vm, this: &Value) -> PyResult {
    let iterator = receiver::<DictIterator>(vm, this)?;
    let dict = iterator.dict.get().and_then(|d| d.into_ref::<Dict>().ok());
    let left = match dict {
        Some(dict) if dict.len(vm) == iterator.len.get() => iterator.left.get(),
        _ => 0,
    };
    Ok(vm.int(left as i64))
}

fn reduce(vm: &mut Vm, this: &Value) -> PyResult {
    let iterator = receiver::<DictIterator>(vm, this)?;
    // A copy at the same place, so that this one does not move.
    let copy = DictIterator {
        dict: ValueCell::new(iterator.dict.get()),
        part: iterator.part,
        is_reversed: iterator.is_reversed,
        position: iterator.position.clone(),
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

fn types(vm: &Vm) -> [Ref<Type>; 6] {
    [
        vm.types.dict_key_iterator.clone(),
        vm.types.dict_value_iterator.clone(),
        vm.types.dict_item_iterator.clone(),
        vm.types.dict_reverse_key_iterator.clone(),
        vm.types.dict_reverse_value_iterator.clone(),
        vm.types.dict_reverse_item_iterator.clone(),
    ]
}

/// Fills the slots.
pub(crate) fn ready_slots(vm: &mut Vm) {
    for ty in types(vm) {
        ty.slots.unary[UnaryOp::Iter as usize].set(Some(self_iter));
        ty.slots.next.set(Some(next));
    }
}

/// Adds the methods.
pub(crate) fn ready(vm: &mut Vm) {
    for ty in types(vm) {
        vm.add_methods(&ty, METHODS);
    }
}
