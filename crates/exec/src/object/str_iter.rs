//! The iterator of str, which CPython knows as two classes: one for ASCII text, one for other text.

use std::cell::Cell;

use crate::cell::ValueCell;
use crate::error::PyResult;
use crate::object::header::{Payload, Ref};
use crate::object::native::NativeDef;
use crate::object::slots::UnaryOp;
use crate::object::str_::Str;
use crate::object::text_args::place_argument;
use crate::value::Value;
use crate::vm::Vm;

/// A str iterator's payload: the str (none once exhausted) and the next index.
pub struct StrIterator {
    pub(crate) text: ValueCell,
    pub(crate) index: Cell<usize>,
}

impl Payload for StrIterator {
    fn traverse(&self, visit: &mut dyn FnMut(&Value)) {
        self.text.traverse(visit);
    }
}

impl StrIterator {
    #[allow(clippy::new_ret_no_self)]
    pub(crate) fn new(vm: &Vm, text: &Ref<Str>) -> Value {
        let ty = if text.view().is_ascii() {
            &vm.types.str_ascii_iterator
        } else {
            &vm.types.str_iterator
        };
        let iterator = StrIterator {
            text: ValueCell::new(Some(Value::from(text))),
            index: Cell::new(0),
        };
        Value::from(Ref::new(ty, iterator))
    }

    /// The next character.
    #[inline]
    pub(crate) fn next_item(&self, vm: &Vm) -> Option<Value> {
        let text = self.text.get()?;
        let index = self.index.get();
        match text.downcast::<Str>()?.view().get(index) {
            Some(c) => {
                self.index.set(index + 1);
                Some(vm.character(c))
            }
            None => {
                self.text.set(None);
                None
            }
        }
    }

    fn rest(&self) -> usize {
        let len = self
            .text
            .get()
            .and_then(|text| text.downcast::<Str>().map(|text| text.len()));
        len.unwrap_or(0).saturating_sub(self.index.get())
    }
}

fn length_hint(vm: &mut Vm, this: &Value) -> PyResult {
    let rest = this.downcast::<StrIterator>().map_or(0, |i| i.rest());
    Ok(vm.int(rest as i64))
}

fn reduce(vm: &mut Vm, this: &Value) -> PyResult {
    let iter = vm.builtin_function("iter")?;
    let Some(iterator) = this.downcast::<StrIterator>() else {
        return Ok(Value::NONE);
    };
    Ok(match iterator.text.get() {
        Some(text) => {
            let arguments = vm.new_tuple(vec![text]);
            let index = vm.int(iterator.index.get() as i64);
            vm.new_tuple(vec![iter, arguments, index])
        }
        None => {
            let arguments = vm.new_tuple(vec![Value::from(&vm.names.empty)]);
            vm.new_tuple(vec![iter, arguments])
        }
    })
}

fn set_state(vm: &mut Vm, this: &Value, state: &Value) -> PyResult {
    let index = place_argument(vm, state)?;
    if let Some(iterator) = this.downcast::<StrIterator>()
        && let Some(text) = iterator.text.get()
    {
        let len = text.downcast::<Str>().map_or(0, |text| text.len());
        iterator.index.set((index.max(0) as usize).min(len));
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
    for ty in [&vm.types.str_iterator, &vm.types.str_ascii_iterator] {
        ty.slots.unary[UnaryOp::Iter as usize].set(Some(crate::object::iter::self_iter));
        ty.slots.next.set(Some(|vm, this| {
            Ok(this.downcast::<StrIterator>().and_then(|i| i.next_item(vm)))
        }));
    }
}

/// Adds the methods.
pub(crate) fn ready(vm: &mut Vm) {
    for ty in [
        vm.types.str_iterator.clone(),
        vm.types.str_ascii_iterator.clone(),
    ] {
        vm.add_methods(&ty, METHODS);
    }
}
