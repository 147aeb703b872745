//! The iterators of bytes and bytearray.

use std::cell::Cell;

use crate::cell::ValueCell;
use crate::error::PyResult;
use crate::object::buffer::data;
use crate::object::header::{Payload, Ref};
use crate::object::native::NativeDef;
use crate::object::slots::UnaryOp;
use crate::object::text_args::place_argument;
use crate::object::type_::Type;
use crate::value::Value;
use crate::vm::Vm;

/// The payload: the object (none once exhausted) and the next index.
pub struct BytesIterator {
    pub(crate) bytes: ValueCell,
    pub(crate) index: Cell<usize>,
}

impl Payload for BytesIterator {
    fn traverse(&self, visit: &mut dyn FnMut(&Value)) {
        self.bytes.traverse(visit);
    }
}

impl BytesIterator {
    /// An iterator of class `ty`, which is that of bytes or that of bytearray.
    #[allow(clippy::new_ret_no_self)]
    pub(crate) fn new(ty: &Ref<Type>, bytes: &Value) -> Value {
        let iterator = BytesIterator {
            bytes: ValueCell::new(Some(bytes.clone())),
            index: Cell::new(0),
        };
        Value::from(Ref::new(ty, iterator))
    }
}

fn next(vm: &mut Vm, this: &Value) -> PyResult<Option<Value>> {
    let Some(iterator) = this.downcast::<BytesIterator>() else {
        return Ok(None);
    };
    let Some(bytes) = iterator.bytes.get() else {
        return Ok(None);
    };
    let index = iterator.index.get();
    match data(vm, &bytes).get(index) {
        Some(&byte) => {
            iterator.index.set(index + 1);
            Ok(Some(vm.int(byte.into())))
        }
        None => {
            iterator.bytes.set(None);
            Ok(None)
        }
    }
}

fn length_hint(vm: &mut Vm, this: &Value) -> PyResult {
    let Some(iterator) = this.downcast::<BytesIterator>() else {
        return Ok(Value::NONE);
    };
    let len = match iterator.bytes.get() {
        Some(bytes) => data(vm, &bytes).len(),
        None => 0,
    };
    Ok(vm.int(len.saturating_sub(iterator.index.get()) as i64))
}

fn reduce(vm: &mut Vm, this: &Value) -> PyResult {
    let iter = vm.builtin_function("iter")?;
    let Some(iterator) = this.downcast::<BytesIterator>() else {
        return Ok(Value::NONE);
    };
    Ok(match iterator.bytes.get() {
        Some(bytes) => {
            let arguments = vm.new_tuple(vec![bytes]);
            let index = vm.int(iterator.index.get() as i64);
            vm.new_tuple(vec![iter, arguments, index])
        }
        None => {
            let arguments = vm.new_tuple(vec![vm.new_tuple(Vec::new())]);
            vm.new_tuple(vec![iter, arguments])
        }
    })
}

fn set_state(vm: &mut Vm, this: &Value, state: &Value) -> PyResult {
    let index = place_argument(vm, state)?.max(0) as usize;
    if let Some(iterator) = this.downcast::<BytesIterator>()
        && let Some(bytes) = iterator.bytes.get()
    {
        iterator.index.set(index.min(data(vm, &bytes).len()));
    }
    Ok(Value::NONE)
}

static METHODS: &[NativeDef] = &[
    NativeDef::no_args("__length_hint__", length_hint),
    NativeDef::no_args("__reduce__", reduce),
    NativeDef::one("__setstate__", set_state),
];

/// Fills the slots.
pub(crate) fn ready_slots(vm: &mut Vm) {
    for ty in [&vm.types.bytes_iterator, &vm.types.bytearray_iterator] {
        ty.slots.unary[UnaryOp::Iter as usize].set(Some(crate::object::iter::self_iter));
        ty.slots.next.set(Some(next));
    }
}

/// Adds the methods.
pub(crate) fn ready(vm: &mut Vm) {
    for ty in [
        vm.types.bytes_iterator.clone(),
        vm.types.bytearray_iterator.clone(),
    ] {
        vm.add_methods(&ty, METHODS);
    }
}
