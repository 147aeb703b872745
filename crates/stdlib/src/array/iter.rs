//! The iterator of an array.

use std::cell::Cell;

use pyco_exec::cell::ValueCell;
use pyco_exec::object::header::{Payload, Ref};
use pyco_exec::object::iter::self_iter;
use pyco_exec::object::native::NativeDef;
use pyco_exec::object::native_class::ClassDef;
use pyco_exec::object::sequence::receiver;
use pyco_exec::object::slots::{Slots, UnaryOp};
use pyco_exec::object::text_args::place_argument;
use pyco_exec::object::typed_bytes::TypedBytes;
use pyco_exec::{PyResult, Value, Vm};

use super::class::{item, len};

/// The payload.
struct ArrayIterator {
    /// Nothing at the end.
    array: ValueCell,
    at: Cell<usize>,
}

impl Payload for ArrayIterator {
    fn traverse(&self, visit: &mut dyn FnMut(&Value)) {
        self.array.traverse(visit);
    }
}

static ARRAY_ITERATOR: ClassDef = ClassDef::new::<ArrayIterator>("array.arrayiterator", slots)
    .no_instances()
    .methods(&[
        NativeDef::no_args("__reduce__", reduce).signature("($self, /)"),
        NativeDef::one("__setstate__", set_state).signature("($self, state, /)"),
    ]);

fn slots(slots: &Slots, _minor: u8) {
    slots.set_unary(UnaryOp::Iter, self_iter);
    slots.next.set(Some(next));
}

/// `iter(array)`.
pub(super) fn iter(vm: &mut Vm, this: &Value) -> PyResult {
    let class = vm.class(&ARRAY_ITERATOR);
    let iterator = ArrayIterator {
        array: ValueCell::new(Some(this.clone())),
        at: Cell::new(0),
    };
    Ok(Value::from(Ref::new(&class, iterator)))
}

fn next(vm: &mut Vm, this: &Value) -> PyResult<Option<Value>> {
    let iterator = receiver::<ArrayIterator>(vm, this)?;
    let Some(array) = iterator.array.get() else {
        return Ok(None);
    };
    let array = receiver::<TypedBytes>(vm, &array)?;
    let at = iterator.at.get();
    if at >= len(vm, array) {
        iterator.array.set(None);
        return Ok(None);
    }
    iterator.at.set(at + 1);
    item(vm, array, at).map(Some)
}

fn reduce(vm: &mut Vm, this: &Value) -> PyResult {
    let builtins = vm.import("builtins")?;
    let name = vm.intern("iter");
    let function = vm.get_attr(&builtins, &name)?;
    let iterator = receiver::<ArrayIterator>(vm, this)?;
    match iterator.array.get() {
        Some(array) => {
            let (array, at) = (vm.tuple_of([array]), vm.int(iterator.at.get() as i64));
            Ok(vm.tuple_of([function, array, at]))
        }
        None => {
            let empty = vm.new_tuple(Vec::new());
            let arguments = vm.tuple_of([empty]);
            Ok(vm.tuple_of([function, arguments]))
        }
    }
}

fn set_state(vm: &mut Vm, this: &Value, state: &Value) -> PyResult {
    let place = place_argument(vm, state)?;
    let iterator = receiver::<ArrayIterator>(vm, this)?;
    if let Some(array) = iterator.array.get() {
        let array = receiver::<TypedBytes>(vm, &array)?;
        let most = len(vm, array);
        iterator.at.set((place.max(0) as usize).min(most));
    }
    Ok(Value::NONE)
}
