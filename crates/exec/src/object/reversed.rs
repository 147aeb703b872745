//! reversed: the object for sequences without `__reversed__`, its slots and methods.

use std::cell::Cell;

use crate::call::Args;
use crate::cell::ValueCell;
use crate::error::PyResult;
use crate::object::header::{Payload, Ref};
use crate::object::iter::self_iter;
use crate::object::native::NativeDef;
use crate::object::sequence::receiver;
use crate::object::slots::UnaryOp;
use crate::object::text_args::place_argument;
use crate::object::tuple_methods::uses_init_of;
use crate::object::type_::Type;
use crate::value::Value;
use crate::vm::Vm;

/// The payload: the sequence (none once exhausted), and the next index, -1 at the end.
pub struct Reversed {
    sequence: ValueCell,
    index: Cell<i64>,
}

impl Payload for Reversed {
    fn traverse(&self, visit: &mut dyn FnMut(&Value)) {
        self.sequence.traverse(visit);
    }
}

fn new(vm: &mut Vm, ty: &Ref<Type>, args: Args<'_>) -> PyResult {
    if args.has_keywords() && uses_init_of(ty, &vm.types.reversed) {
        return Err(vm.type_error("reversed() takes no keyword arguments"));
    }
    let [sequence] = Args::positional_only(args.positional()).exactly::<1>(vm, "reversed")?;
    let name = vm.names.__reversed__.clone();
    let method = vm.special_method(sequence, &name)?;
    let refused = match &method {
        Some((method, _)) => method.is_none(),
        None => !vm.is_sequence(sequence),
    };
    if refused {
        let found = vm.type_name(sequence);
        return Err(vm.type_error(format!("'{found}' object is not reversible")));
    }
    match method {
        Some((method, true)) => return vm.call(&method, std::slice::from_ref(sequence)),
        Some((method, false)) => return vm.call(&method, &[]),
        None => {}
    }
    let len = vm.len(sequence)?;
    let payload = Reversed {
        sequence: ValueCell::new(Some(sequence.clone())),
        index: Cell::new(len as i64 - 1),
    };
    Ok(Value::from(Ref::new(ty, payload)))
}

fn next(vm: &mut Vm, this: &Value) -> PyResult<Option<Value>> {
    let reversed = receiver::<Reversed>(vm, this)?;
    let Some(sequence) = reversed.sequence.get() else {
        return Ok(None);
    };
    let index = reversed.index.get();
    if index >= 0 {
        match vm.get_item(&sequence, &vm.int(index)) {
            Ok(item) => {
                reversed.index.set(index - 1);
                return Ok(Some(item));
            }
            Err(raised)
                if raised.is(vm, &vm.types.index_error)
                    || raised.is(vm, &vm.types.stop_iteration) => {}
            Err(raised) => return Err(raised),
        }
    }
    reversed.index.set(-1);
    reversed.sequence.set(None);
    Ok(None)
}

fn length_hint(vm: &mut Vm, this: &Value) -> PyResult {
    let reversed = receiver::<Reversed>(vm, this)?;
    let Some(sequence) = reversed.sequence.get() else {
        return Ok(vm.int(0));
    };
    let len = vm.len(&sequence)? as i64;
    let left = reversed.index.get() + 1;
    Ok(vm.int(if len < left { 0 } else { left }))
}

fn reduce(vm: &mut Vm, this: &Value) -> PyResult {
    let class = Value::from(vm.type_of(this));
    let reversed = receiver::<Reversed>(vm, this)?;
    match reversed.sequence.get() {
        Some(sequence) => {
            let args = vm.new_tuple(vec![sequence]);
            let index = vm.int(reversed.index.get());
            Ok(vm.new_tuple(vec![class, args, index]))
        }
        None => {
            let empty = vm.new_tuple(Vec::new());
            let args = vm.new_tuple(vec![empty]);
            Ok(vm.new_tuple(vec![class, args]))
        }
    }
}

fn set_state(vm: &mut Vm, this: &Value, state: &Value) -> PyResult {
    let index = place_argument(vm, state)? as i64;
    let reversed = receiver::<Reversed>(vm, this)?;
    if let Some(sequence) = reversed.sequence.get() {
        let len = vm.len(&sequence)? as i64;
        reversed.index.set(index.clamp(-1, len - 1));
    }
    Ok(Value::NONE)
}

static METHODS: &[NativeDef] = &[
    NativeDef::no_args("__length_hint__", length_hint).signature("($self, /)"),
    NativeDef::no_args("__reduce__", reduce).signature("($self, /)"),
    NativeDef::one("__setstate__", set_state).signature("($self, object, /)"),
];

/// Fills the slots.
pub(crate) fn ready_slots(vm: &mut Vm) {
    let slots = &vm.types.reversed.slots;
    slots.new.set(Some(new));
    slots.unary[UnaryOp::Iter as usize].set(Some(self_iter));
    slots.next.set(Some(next));
}

/// Adds the methods.
pub(crate) fn ready(vm: &mut Vm) {
    let ty = vm.types.reversed.clone();
    vm.add_methods(&ty, METHODS);
}
