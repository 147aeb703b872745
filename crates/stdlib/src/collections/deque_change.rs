//! The methods of `deque` that change it.

use pyco_exec::object::sequence::receiver;
use pyco_exec::{PyResult, Raised, Value, Vm};

use super::deque::{Deque, snapshot};
use crate::arguments::ssize;

/// Adds an item at the end; where the deque is full, the first goes.
pub(super) fn push(vm: &mut Vm, deque: &Deque, item: Value) {
    deque.touch();
    let items = deque.items.get_mut(vm);
    items.push_back(item);
    if deque.most.get().is_some_and(|most| items.len() > most) {
        let surplus = items.pop_front();
        drop(surplus);
    }
}

/// Adds an item at the start; where the deque is full, the last goes.
fn push_left(vm: &mut Vm, deque: &Deque, item: Value) {
    deque.touch();
    let items = deque.items.get_mut(vm);
    items.push_front(item);
    if deque.most.get().is_some_and(|most| items.len() > most) {
        let surplus = items.pop_back();
        drop(surplus);
    }
}

pub(super) fn append(vm: &mut Vm, this: &Value, item: &Value) -> PyResult {
    let deque = receiver::<Deque>(vm, this)?;
    push(vm, deque, item.clone());
    Ok(Value::NONE)
}

pub(super) fn append_left(vm: &mut Vm, this: &Value, item: &Value) -> PyResult {
    let deque = receiver::<Deque>(vm, this)?;
    push_left(vm, deque, item.clone());
    Ok(Value::NONE)
}

/// Adds each item of an iterable with `add`.
fn extend_with(
    vm: &mut Vm,
    this: &Value,
    iterable: &Value,
    add: fn(&mut Vm, &Deque, Value),
) -> PyResult {
    let deque = receiver::<Deque>(vm, this)?;
    if iterable.is(this)
        && let Some(items) = snapshot(vm, iterable)?
    {
        for item in items {
            add(vm, deque, item);
        }
        return Ok(Value::NONE);
    }
    let iterator = vm.iter(iterable)?;
    while let Some(item) = vm.next(&iterator)? {
        add(vm, deque, item);
        vm.check_growth(size_of::<Value>())?;
    }
    Ok(Value::NONE)
}

pub(super) fn extend(vm: &mut Vm, this: &Value, iterable: &Value) -> PyResult {
    extend_with(vm, this, iterable, push)
}

pub(super) fn extend_left(vm: &mut Vm, this: &Value, iterable: &Value) -> PyResult {
    extend_with(vm, this, iterable, push_left)
}

#[cold]
fn pop_from_empty(vm: &mut Vm) -> Raised {
    vm.index_error("pop from an empty deque")
}

pub(super) fn pop(vm: &mut Vm, this: &Value) -> PyResult {
    let deque = receiver::<Deque>(vm, this)?;
    match deque.items.get_mut(vm).pop_back() {
        Some(item) => {
            deque.touch();
            Ok(item)
        }
        None => Err(pop_from_empty(vm)),
    }
}

pub(super) fn pop_left(vm: &mut Vm, this: &Value) -> PyResult {
    let deque = receiver::<Deque>(vm, this)?;
    match deque.items.get_mut(vm).pop_front() {
        Some(item) => {
            deque.touch();
            Ok(item)
        }
        None => Err(pop_from_empty(vm)),
    }
}

pub(super) fn clear(vm: &mut Vm, this: &Value) -> PyResult {
    let deque = receiver::<Deque>(vm, this)?;
    let items = std::mem::take(deque.items.get_mut(vm));
    if !items.is_empty() {
        deque.touch();
    }
    drop(items);
    Ok(Value::NONE)
}

pub(super) fn insert(vm: &mut Vm, this: &Value, arguments: &[Value]) -> PyResult {
    let deque = receiver::<Deque>(vm, this)?;
    let index = ssize(vm, &arguments[0])?;
    let len = deque.len(vm);
    if deque.most.get() == Some(len) {
        return Err(vm.index_error("deque already at its maximum size"));
    }
    let place = pyco_exec::object::sequence::cut(index.max(-(len as i64)), len);
    deque.touch();
    deque.items.get_mut(vm).insert(place, arguments[1].clone());
    Ok(Value::NONE)
}

/// The complaint of `index` and `remove`.
#[cold]
pub(super) fn not_in_deque(vm: &mut Vm, value: &Value, method: &str) -> Raised {
    if vm.version_number() >= 14 {
        return vm.value_error(format!("deque.{method}(x): x not in deque"));
    }
    match vm.repr_text(value) {
        Ok(value) => vm.value_error(format!("{value} is not in deque")),
        Err(raised) => raised,
    }
}

pub(super) fn remove(vm: &mut Vm, this: &Value, value: &Value) -> PyResult {
    let deque = receiver::<Deque>(vm, this)?;
    let changes = deque.changes();
    for at in 0..deque.len(vm) {
        let Some(item) = deque.get(vm, at) else {
            break;
        };
        let equal = vm.eq(&item, value)?;
        if deque.changes() != changes {
            return Err(vm.index_error("deque mutated during iteration"));
        }
        if equal {
            deque.touch();
            let removed = deque.items.get_mut(vm).remove(at);
            drop(removed);
            return Ok(Value::NONE);
        }
    }
    Err(not_in_deque(vm, value, "remove"))
}

pub(super) fn reverse(vm: &mut Vm, this: &Value) -> PyResult {
    let deque = receiver::<Deque>(vm, this)?;
    deque.items.get_mut(vm).make_contiguous().reverse();
    Ok(Value::NONE)
}

pub(super) fn rotate(vm: &mut Vm, this: &Value, arguments: &[Value]) -> PyResult {
    let steps = match arguments {
        [steps, ..] => ssize(vm, steps)?,
        [] => 1,
    };
    let deque = receiver::<Deque>(vm, this)?;
    let items = deque.items.get_mut(vm);
    if items.len() > 1 {
        let steps = steps.rem_euclid(items.len() as i64) as usize;
        items.rotate_right(steps);
        deque.touch();
    }
    Ok(Value::NONE)
}
