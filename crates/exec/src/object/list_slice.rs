//! `list[…]`: items and slices, read, set and deleted.

use crate::error::PyResult;
use crate::object::header::Ref;
use crate::object::list::{List, drop_from_end};
use crate::object::sequence::{Key, is_index, key_of, place_of, receiver};
use crate::object::slice::{Indices, Slice};
use crate::value::Value;
use crate::vm::Vm;

/// `list[key]`.
pub(crate) fn get_item(vm: &mut Vm, this: &Value, key: &Value) -> PyResult {
    let list = receiver::<List>(vm, this)?;
    match key_of(vm, key, "list")? {
        Key::Index(index) => {
            let items = list.items(vm);
            match place_of(index, items.len()) {
                Some(at) => Ok(items[at].clone()),
                None => Err(vm.index_error("list index out of range")),
            }
        }
        Key::Slice(start, stop, step) => {
            let items = list.items(vm);
            let picked = Indices::adjust(items.len(), start, stop, step).pick(items);
            Ok(vm.new_list(picked))
        }
    }
}

/// `list[key] = value`, `del list[key]`.
pub(crate) fn set_item(
    vm: &mut Vm,
    this: &Value,
    key: &Value,
    value: Option<Value>,
) -> PyResult<()> {
    let list = receiver::<List>(vm, this)?;
    if key.downcast::<Slice>().is_none() && !is_index(vm, key) {
        let found = vm.type_name(key);
        return Err(vm.type_error(format!(
            "list indices must be integers or slices, not {found}"
        )));
    }
    match key_of(vm, key, "list")? {
        Key::Index(index) => set_at(vm, list, index, value),
        Key::Slice(start, stop, step) => match value {
            Some(value) => assign(vm, list, (start, stop, step), &value),
            None => {
                let len = list.items(vm).len();
                delete(vm, list, Indices::adjust(len, start, stop, step));
                Ok(())
            }
        },
    }
}

fn set_at(vm: &mut Vm, list: &Ref<List>, index: i64, value: Option<Value>) -> PyResult<()> {
    let Some(at) = place_of(index, list.items(vm).len()) else {
        return Err(vm.index_error("list assignment index out of range"));
    };
    let items = list.items_mut(vm);
    let old = match value {
        Some(value) => std::mem::replace(&mut items[at], value),
        None => items.remove(at),
    };
    drop(old);
    Ok(())
}

fn assign(
    vm: &mut Vm,
    list: &Ref<List>,
    (start, stop, step): (Option<i64>, Option<i64>, i64),
    value: &Value,
) -> PyResult<()> {
    let message = match vm.version_number() {
        ..13 if step == 1 => "can only assign an iterable",
        _ => "must assign iterable to extended slice",
    };
    let new = collect_or(vm, value, message)?;
    // The iterable may have changed the list.
    let picked = Indices::adjust(list.items(vm).len(), start, stop, step);
    if step == 1 {
        let items = list.items_mut(vm);
        let at = picked.start as usize;
        let old: Vec<Value> = items.splice(at..at + picked.len, new).collect();
        drop_from_end(old);
        return Ok(());
    }
    if new.len() != picked.len {
        let (given, wanted) = (new.len(), picked.len);
        return Err(vm.value_error(format!(
            "attempt to assign sequence of size {given} to extended slice of size {wanted}"
        )));
    }
    let items = list.items_mut(vm);
    for (at, value) in picked.iter().zip(new) {
        items[at] = value;
    }
    Ok(())
}

/// All items of an iterable; a TypeError with this message if it is none.
fn collect_or(vm: &mut Vm, iterable: &Value, message: &str) -> PyResult<Vec<Value>> {
    if iterable.downcast::<List>().is_some()
        || iterable.downcast::<crate::object::tuple::Tuple>().is_some()
    {
        return vm.collect(iterable);
    }
    let iterator = match vm.iter(iterable) {
        Err(raised) if raised.is(vm, &vm.types.type_error) => return Err(vm.type_error(message)),
        iterator => iterator?,
    };
    vm.collect(&iterator)
}

fn delete(vm: &mut Vm, list: &Ref<List>, picked: Indices) {
    if picked.len == 0 {
        return;
    }
    let items = list.items_mut(vm);
    if picked.step == 1 {
        let at = picked.start as usize;
        drop_from_end(items.drain(at..at + picked.len).collect());
        return;
    }
    let mut doomed = vec![false; items.len()];
    picked.iter().for_each(|at| doomed[at] = true);
    let mut at = 0;
    items.retain(|_| {
        at += 1;
        !doomed[at - 1]
    });
}
