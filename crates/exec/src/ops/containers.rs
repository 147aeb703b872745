//! Building, extending and unpacking lists, tuples, sets and dicts.

use std::ops::{ControlFlow, Range};

use crate::error::{PyResult, Raised};
use crate::object::dict::Dict;
use crate::object::dict_views::DictView;
use crate::object::frozen_dict::items_of;
use crate::object::header::Ref;
use crate::object::known_eq::known_eq;
use crate::object::list::{List, drop_from_end};
use crate::object::set::Set;
use crate::object::slice::{Indices, Slice};
use crate::object::slots::UnaryOp;
use crate::object::str_::Str;
use crate::object::text_args::part;
use crate::object::tuple::Tuple;
use crate::protocol::HashRole;
use crate::value::{Slot, Value};
use crate::vm::Vm;

/// Moves the `count` values on top of the stack out.
///
/// # Safety
/// The stack ends at `sp` and holds so many values; the caller lowers it by as many.
pub(crate) unsafe fn take(sp: *mut Slot, count: usize) -> Vec<Value> {
    let mut items = Vec::with_capacity(count);
    // SAFETY: forwarded; a filled slot is a value, and each is moved once.
    unsafe {
        std::ptr::copy_nonoverlapping(sp.sub(count).cast::<Value>(), items.as_mut_ptr(), count);
        items.set_len(count);
    }
    items
}

/// BUILD_TUPLE.
///
/// # Safety
/// As for [`take`].
pub(crate) unsafe fn build_tuple(vm: &Vm, sp: *mut Slot, count: usize) -> Value {
    if count == 0 {
        return Value::from(&vm.empty_tuple);
    }
    // SAFETY: forwarded; all items are moved, once.
    unsafe {
        Value::from(Tuple::from_fn(&vm.types.tuple, count, |to| {
            std::ptr::copy_nonoverlapping(sp.sub(count).cast::<Value>(), to, count);
        }))
    }
}

/// `tuple(iterable)`.
pub(crate) fn tuple_of(vm: &mut Vm, iterable: &Value) -> PyResult {
    if iterable.downcast::<Tuple>().is_some_and(|t| t.is_exact()) {
        return Ok(iterable.clone());
    }
    if let Some(list) = iterable.downcast::<List>().filter(|l| l.is_exact()) {
        return Ok(vm.tuple_from(list.items(vm)));
    }
    let items = match vm.version_number() {
        // Nobody is asked for a length any more.
        14.. => {
            let iterator = vm.iter(iterable)?;
            vm.collect_rest(&iterator)?
        }
        _ => vm.collect(iterable)?,
    };
    Ok(vm.new_tuple(items))
}

/// BUILD_SET.
pub(crate) fn build_set(vm: &mut Vm, items: Vec<Value>) -> PyResult {
    let set = Set::new(vm);
    for item in items {
        set.add(vm, item)?;
    }
    Ok(Value::from(set))
}

/// BUILD_MAP: keys and values in turn.
pub(crate) fn build_map(vm: &mut Vm, items: Vec<Value>) -> PyResult {
    let dict = Dict::new(vm);
    let mut items = items.into_iter();
    while let (Some(key), Some(value)) = (items.next(), items.next()) {
        dict.set(vm, key, value)?;
    }
    Ok(Value::from(dict))
}

/// BUILD_CONST_KEY_MAP.
pub(crate) fn build_const_key_map(vm: &mut Vm, keys: &Value, values: Vec<Value>) -> PyResult {
    let dict = Dict::new(vm);
    let Some(keys) = keys
        .downcast::<Tuple>()
        .filter(|k| k.items().len() == values.len())
    else {
        return Err(vm.error(
            &vm.types.system_error.clone(),
            "bad BUILD_CONST_KEY_MAP keys argument",
        ));
    };
    for (key, value) in keys.items().iter().zip(values) {
        dict.set(vm, key.clone(), value)?;
    }
    Ok(Value::from(dict))
}

#[cold]
fn wrong_container(vm: &mut Vm, instruction: &str, found: &Value) -> Raised {
    let found = vm.type_name(found);
    vm.error(
        &vm.types.system_error.clone(),
        format!("{instruction} found a {found}"),
    )
}

/// LIST_APPEND.
#[inline(always)]
pub(crate) fn list_append(vm: &mut Vm, list: &Value, item: Value) -> PyResult<()> {
    match list.downcast::<List>() {
        Some(list) => list.items_mut(vm).push(item),
        None => return Err(wrong_container(vm, "LIST_APPEND", list)),
    }
    Ok(())
}

/// SET_ADD.
pub(crate) fn set_add(vm: &mut Vm, set: &Value, item: Value) -> PyResult<()> {
    match set.downcast::<Set>() {
        Some(set) => set.add(vm, item).map(|_| ()),
        None => Err(wrong_container(vm, "SET_ADD", set)),
    }
}

/// MAP_ADD.
pub(crate) fn map_add(vm: &mut Vm, dict: &Value, key: Value, value: Value) -> PyResult<()> {
    match dict.downcast::<Dict>() {
        Some(dict) => dict.set(vm, key, value),
        None => Err(wrong_container(vm, "MAP_ADD", dict)),
    }
}

/// LIST_EXTEND.
pub(crate) fn list_extend(vm: &mut Vm, list: &Value, iterable: &Value) -> PyResult<()> {
    let Some(list) = list.downcast::<List>().cloned() else {
        return Err(wrong_container(vm, "LIST_EXTEND", list));
    };
    if vm.type_of(iterable).slots.unary(UnaryOp::Iter).is_none() && !vm.is_sequence(iterable) {
        let found = vm.type_name(iterable);
        return Err(vm.type_error(format!("Value after * must be an iterable, not {found}")));
    }
    extend(vm, &list, iterable)
}

/// `list.extend(iterable)`: items arrive one by one, so that a failing iterator leaves those before it.
pub(crate) fn extend(vm: &mut Vm, list: &Ref<List>, iterable: &Value) -> PyResult<()> {
    if let Some(tuple) = iterable.downcast::<Tuple>().filter(|t| t.is_exact()) {
        list.items_mut(vm).extend_from_slice(tuple.items());
        return Ok(());
    }
    let exact = iterable.downcast::<List>().is_some_and(|l| l.is_exact())
        || iterable.downcast::<Dict>().is_some_and(|d| d.is_exact())
        || iterable
            .downcast::<DictView>()
            .is_some_and(|v| v.is_exact());
    if exact {
        let items = vm.collect(iterable)?;
        let mine = list.items_mut(vm);
        match mine.is_empty() {
            true => *mine = items,
            false => mine.extend(items),
        }
        return Ok(());
    }
    let iterator = vm.iter(iterable)?;
    vm.ask_length(iterable)?;
    vm.drain(&iterator, |vm, item| {
        let items = list.items_mut(vm);
        items.push(item);
        let len = items.len();
        vm.check_growth(len)?;
        Ok(ControlFlow::Continue(()))
    })
}

/// SET_UPDATE.
pub(crate) fn set_update(vm: &mut Vm, set: &Value, iterable: &Value) -> PyResult<()> {
    let Some(set) = set.downcast::<Set>().cloned() else {
        return Err(wrong_container(vm, "SET_UPDATE", set));
    };
    set.update(vm, iterable)
}

/// DICT_UPDATE: `{**mapping}`.
pub(crate) fn dict_update(vm: &mut Vm, dict: &Value, mapping: &Value) -> PyResult<()> {
    let Some(dict) = dict.downcast::<Dict>().cloned() else {
        return Err(wrong_container(vm, "DICT_UPDATE", dict));
    };
    match update_from_mapping(vm, &dict, mapping) {
        Err(raised) if raised.is(vm, &vm.types.attribute_error) && may_lack_keys(vm, mapping) => {
            let found = vm.type_name(mapping);
            Err(vm.type_error(format!("'{found}' object is not a mapping")))
        }
        result => result,
    }
}

/// Whether an AttributeError says that something is no mapping. Up to 3.14 every one did, also from within `keys()`.
fn may_lack_keys(vm: &mut Vm, mapping: &Value) -> bool {
    if vm.version_number() < 15 {
        return true;
    }
    let name = vm.names.keys.clone();
    matches!(vm.get_attr_opt(mapping, &name), Ok(None))
}

/// What a mapping's `keys()` gives, which can be iterated over.
fn keys_of(vm: &mut Vm, mapping: &Value, keys: &Value) -> PyResult {
    let keys = vm.call(keys, &[])?;
    match vm.iter(&keys) {
        Err(raised) if raised.is(vm, &vm.types.type_error) => {
            let message = if vm.version_number() >= 15 {
                let (owner, found) = (vm.full_type_name(mapping), vm.full_type_name(&keys));
                format!("{owner}.keys() must return an iterable, not {found}")
            } else {
                let (owner, found) = (vm.type_name(mapping), vm.type_name(&keys));
                format!("{owner}.keys() returned a non-iterable (type {found})")
            };
            Err(vm.type_error(message))
        }
        iterator => iterator,
    }
}

/// `dict.update(mapping)` for a mapping: a dict, or anything with `keys()` and `[]`.
pub(crate) fn update_from_mapping(vm: &mut Vm, dict: &Ref<Dict>, mapping: &Value) -> PyResult<()> {
    update_from_mapping_as(vm, dict, mapping, HashRole::Key)
}

/// The same for keys that are hashed as `role`.
pub(crate) fn update_from_mapping_as(
    vm: &mut Vm,
    dict: &Ref<Dict>,
    mapping: &Value,
    role: HashRole,
) -> PyResult<()> {
    if let Some(other) = items_of(mapping) {
        let built_in = match mapping.downcast::<Dict>() {
            Some(_) => &vm.types.dict,
            None => &vm.types.frozen_dict,
        };
        let iter = vm.type_of(mapping).slots.unary(UnaryOp::Iter);
        let plain = built_in.slots.unary(UnaryOp::Iter);
        if iter
            .zip(plain)
            .is_some_and(|(a, b)| std::ptr::fn_addr_eq(a, b))
        {
            return update_from_row(vm, dict, other);
        }
    }
    let name = vm.names.keys.clone();
    let method = vm.get_attr(mapping, &name)?;
    let keys = keys_of(vm, mapping, &method)?;
    vm.for_each(&keys, |vm, key| {
        let value = vm.get_item(mapping, &key)?;
        let hash = vm.hash_as(&key, role)?;
        dict.set_hashed(vm, key, hash, value)
    })
}

/// `dict.update(other)` for a dict that iterates as dicts do. Comparing keys may run code that changes it.
fn update_from_row(vm: &mut Vm, dict: &Ref<Dict>, other: &Ref<Dict>) -> PyResult<()> {
    if dict.as_value().is(other.as_value()) {
        return Ok(());
    }
    if dict.fill_from(vm, other) {
        return Ok(());
    }
    // What counts as a change is, up to 3.12, another number of entries, dead ones included.
    let counts_dead = vm.version_number() < 13;
    let size = |vm: &Vm| match counts_dead {
        true => other.table(vm).entries().len(),
        false => other.len(vm),
    };
    let len = size(vm);
    let mut at = 0;
    while let Some((next, hash, key, value)) = other.table(vm).next_hashed_from(at) {
        at = next;
        let (key, value) = (key.clone(), value.clone());
        dict.set_hashed(vm, key, hash, value)?;
        if size(vm) != len {
            return Err(vm.runtime_error("dict mutated during update"));
        }
    }
    Ok(())
}

/// DICT_MERGE: the keyword arguments of a call; a key must not come twice.
pub(crate) fn dict_merge(
    vm: &mut Vm,
    dict: &Value,
    mapping: &Value,
    callable: Option<&Value>,
) -> PyResult<()> {
    let Some(dict) = dict.downcast::<Dict>().cloned() else {
        return Err(wrong_container(vm, "DICT_MERGE", dict));
    };
    let name = |vm: &mut Vm| match callable {
        Some(callable) => super::calls::callable_name(vm, callable),
        None => Ok("function".to_owned()),
    };
    if let Some(other) = mapping.downcast::<Dict>()
        && dict.fill_with_names(vm, other)
    {
        return Ok(());
    }
    let merge = |vm: &mut Vm, hash: i64, key: Value, value: Value| {
        if dict.get_hashed(vm, &key, hash)?.is_some() {
            let name = name(vm)?;
            let message = match key.downcast::<Str>() {
                Some(key) => format!("{name} got multiple values for keyword argument '{key}'"),
                None => "keywords must be strings".to_owned(),
            };
            return Err(vm.type_error(message));
        }
        if key.downcast::<Str>().is_none() {
            return Err(vm.type_error("keywords must be strings"));
        }
        dict.set_hashed(vm, key, hash, value)
    };
    if let Some(other) = mapping.downcast::<Dict>() {
        // The keys are not asked for their hashes again.
        for (hash, key, value) in other.hashed_items(vm) {
            merge(vm, hash, key, value)?;
        }
        return Ok(());
    }
    let keys_name = vm.names.keys.clone();
    let keys = match vm.get_attr_opt(mapping, &keys_name)? {
        Some(method) => keys_of(vm, mapping, &method),
        None => return Err(no_keywords(vm, mapping, callable)),
    };
    let keys = match keys {
        Err(raised) if raised.is(vm, &vm.types.attribute_error) && vm.version_number() < 15 => {
            return Err(no_keywords(vm, mapping, callable));
        }
        keys => keys?,
    };
    vm.for_each(&keys, |vm, key| {
        let value = vm.get_item(mapping, &key)?;
        let hash = vm.hash_as(&key, HashRole::Key)?;
        merge(vm, hash, key, value)
    })
}

/// `dict[key]` of an exact dict.
#[inline]
pub(crate) fn dict_item(vm: &mut Vm, container: &Value, key: &Value) -> PyResult {
    let Some(dict) = container.downcast::<Dict>() else {
        return vm.get_item(container, key);
    };
    match dict.get(vm, key)? {
        Some(value) => Ok(value),
        None => Err(vm.key_error(key.clone())),
    }
}

/// `dict[key] = value` of an exact dict.
#[inline]
pub(crate) fn dict_set_item(
    vm: &mut Vm,
    container: &Value,
    key: Value,
    value: Value,
) -> PyResult<()> {
    match container.downcast::<Dict>() {
        Some(dict) => dict.set(vm, key, value),
        None => vm.set_item(container, &key, value),
    }
}

/// `key in dict` of an exact dict.
#[inline]
pub(crate) fn dict_contains(vm: &mut Vm, container: &Value, key: &Value) -> PyResult<bool> {
    match container.downcast::<Dict>() {
        Some(dict) => Ok(dict.get(vm, key)?.is_some()),
        None => vm.contains(container, key),
    }
}

#[cold]
fn cannot_unpack(vm: &mut Vm, sequence: &Value) -> Raised {
    let found = vm.type_name(sequence);
    vm.type_error(format!("cannot unpack non-iterable {found} object"))
}

fn is_iterable(vm: &Vm, value: &Value) -> bool {
    vm.type_of(value).slots.unary(UnaryOp::Iter).is_some() || vm.is_sequence(value)
}

#[cold]
fn too_many(vm: &mut Vm, sequence: &Value, expected: usize, found: Option<usize>) -> Raised {
    let known = found.filter(|_| {
        vm.version_number() >= 14
            && (sequence.downcast::<Tuple>().is_some()
                || sequence.downcast::<List>().is_some()
                || sequence.downcast::<Dict>().is_some())
    });
    match known {
        Some(found) => vm.value_error(format!(
            "too many values to unpack (expected {expected}, got {found})"
        )),
        None => vm.value_error(format!("too many values to unpack (expected {expected})")),
    }
}

/// UNPACK_SEQUENCE: exactly `count` items.
pub(crate) fn unpack_sequence(vm: &mut Vm, sequence: &Value, count: usize) -> PyResult<Vec<Value>> {
    let exact = sequence.downcast::<Tuple>().is_some_and(|t| t.is_exact())
        || sequence.downcast::<List>().is_some_and(|l| l.is_exact());
    if exact {
        let items = vm.collect(sequence)?;
        let found = items.len();
        return match found.cmp(&count) {
            std::cmp::Ordering::Equal => Ok(items),
            std::cmp::Ordering::Less => Err(vm.value_error(format!(
                "not enough values to unpack (expected {count}, got {found})"
            ))),
            std::cmp::Ordering::Greater => Err(too_many(vm, sequence, count, Some(found))),
        };
    }
    if !is_iterable(vm, sequence) {
        return Err(cannot_unpack(vm, sequence));
    }
    let iterator = vm.iter(sequence)?;
    let mut items = Vec::with_capacity(count.min(1024));
    for found in 0..count {
        match vm.next(&iterator)? {
            Some(item) => items.push(item),
            None => {
                return Err(vm.value_error(format!(
                    "not enough values to unpack (expected {count}, got {found})"
                )));
            }
        }
    }
    match vm.next(&iterator)? {
        None => Ok(items),
        Some(_) => {
            let found = sequence.downcast::<Dict>().map(|d| d.len(vm));
            Err(too_many(vm, sequence, count, found))
        }
    }
}

/// UNPACK_EX: `before` items, a list of the middle, `after` items.
pub(crate) fn unpack_ex(
    vm: &mut Vm,
    sequence: &Value,
    before: usize,
    after: usize,
) -> PyResult<Vec<Value>> {
    if !is_iterable(vm, sequence) {
        return Err(cannot_unpack(vm, sequence));
    }
    let mut items = vm.collect(sequence)?;
    let found = items.len();
    if found < before + after {
        let expected = before + after;
        return Err(vm.value_error(format!(
            "not enough values to unpack (expected at least {expected}, got {found})"
        )));
    }
    let middle: Vec<Value> = items.drain(before..found - after).collect();
    let middle = vm.new_list(middle);
    items.insert(before, middle);
    Ok(items)
}

/// An inline int or `None`, as a slice may have it.
#[inline(always)]
fn plain_bound(value: &Value) -> Option<Option<i64>> {
    if value.is_none() {
        return Some(None);
    }
    value.as_small_int().map(Some)
}

/// `list[slice]` of an exact list.
pub(crate) fn list_slice(vm: &mut Vm, list: &Value, slice: &Value) -> PyResult {
    if let Some(parts) = slice.downcast::<Slice>().map(|slice| slice.parts())
        && let Some(part) = list_part(vm, list, parts)
    {
        return Ok(part);
    }
    vm.get_item(list, slice)
}

/// What a list has between these bounds, if they are inline ints or `None`.
#[inline]
pub(crate) fn list_part(vm: &mut Vm, list: &Value, bounds: [&Value; 3]) -> Option<Value> {
    let items = list.downcast::<List>()?.items(vm);
    let [start, stop, step] = bounds.map(plain_bound);
    let (start, stop, step) = (start?, stop?, step?.unwrap_or(1));
    if step == 0 {
        return None;
    }
    let picked = Indices::adjust(items.len(), start, stop, step);
    Some(vm.new_list(picked.pick(items)))
}

/// `item in container` of an exact list, tuple or set.
pub(crate) fn items_contain(vm: &mut Vm, container: &Value, item: &Value) -> PyResult<bool> {
    let found = if let Some(list) = container.downcast::<List>() {
        plainly_contain(list.items(vm), item)
    } else if let Some(tuple) = container.downcast::<Tuple>() {
        plainly_contain(tuple.items(), item)
    } else if let Some(set) = container.downcast::<Set>() {
        // A set may also be looked for in a set, which is for the method.
        match item.downcast::<Set>() {
            Some(_) => None,
            None => return set.contains(vm, item),
        }
    } else {
        None
    };
    match found {
        Some(found) => Ok(found),
        None => vm.contains(container, item),
    }
}

/// Whether an item is among others, if that can be told without asking any `__eq__`.
fn plainly_contain(items: &[Value], item: &Value) -> Option<bool> {
    if item.as_small_int().is_some() {
        for other in items {
            if other.is(item) {
                return Some(true);
            }
            // Another number may be equal to it.
            other.as_small_int()?;
        }
        return Some(false);
    }
    for other in items {
        if known_eq(other, item)? {
            return Some(true);
        }
    }
    Some(false)
}

/// The items of an exact list or tuple.
#[inline]
pub(crate) fn exact_items<'a>(vm: &'a Vm, value: &'a Value) -> Option<&'a [Value]> {
    if let Some(list) = value.downcast::<List>() {
        return list.is_exact().then(|| list.items(vm));
    }
    value
        .downcast::<Tuple>()
        .filter(|t| t.is_exact())
        .map(|t| t.items())
}

/// The bounds of a slice of `len` items, if they are inline ints or `None`.
#[inline(always)]
fn plain_bounds(start: &Value, stop: &Value, len: usize) -> Option<Range<usize>> {
    let picked = Indices::adjust(len, plain_bound(start)?, plain_bound(stop)?, 1);
    let start = picked.start as usize;
    Some(start..start + picked.len)
}

/// BINARY_SLICE.
pub(crate) fn slice(vm: &mut Vm, container: &Value, start: Value, stop: Value) -> PyResult {
    if let Some(list) = container.downcast::<List>().filter(|l| l.is_exact()) {
        let items = list.items(vm);
        if let Some(bounds) = plain_bounds(&start, &stop, items.len()) {
            return Ok(vm.new_list(items[bounds].to_vec()));
        }
    } else if let Some(tuple) = container.downcast::<Tuple>().filter(|t| t.is_exact()) {
        let items = tuple.items();
        if let Some(bounds) = plain_bounds(&start, &stop, items.len())
            && bounds.len() < items.len()
        {
            return Ok(vm.tuple_from(&items[bounds]));
        }
    } else if let Some(text) = container.downcast::<Str>().filter(|t| t.is_exact())
        && let Some(bounds) = plain_bounds(&start, &stop, text.len())
    {
        return Ok(part(vm, container, bounds));
    }
    let slice = vm.new_slice(start, stop, Value::NONE);
    vm.get_item(container, &slice)
}

/// STORE_SLICE.
pub(crate) fn store_slice(
    vm: &mut Vm,
    container: &Value,
    start: Value,
    stop: Value,
    value: Value,
) -> PyResult<()> {
    if let (Some(list), Some(new)) = (container.downcast::<List>(), value.downcast::<List>())
        && list.is_exact()
        && new.is_exact()
        && !list.is(new)
        && let Some(bounds) = plain_bounds(&start, &stop, list.items(vm).len())
        && bounds.len() == new.items(vm).len()
    {
        // A list that goes anyway gives its items away.
        let mut new = match value.reference_count() {
            1 => std::mem::take(new.items_mut(vm)),
            _ => new.items(vm).to_vec(),
        };
        list.items_mut(vm)[bounds].swap_with_slice(&mut new);
        drop_from_end(new);
        return Ok(());
    }
    let slice = vm.new_slice(start, stop, Value::NONE);
    vm.set_item(container, &slice, value)
}

/// The complaint about what is no mapping after `**` in a call.
#[cold]
fn no_keywords(vm: &mut Vm, mapping: &Value, callable: Option<&Value>) -> Raised {
    let (subject, found) = match callable {
        _ if vm.version_number() >= 15 => ("Value".to_owned(), vm.full_type_name(mapping)),
        Some(callable) => match super::calls::star_subject(vm, callable) {
            Ok(subject) => (subject, vm.type_name(mapping).to_string()),
            Err(raised) => return raised,
        },
        None => (
            "function argument".to_owned(),
            vm.type_name(mapping).to_string(),
        ),
    };
    vm.type_error(format!("{subject} after ** must be a mapping, not {found}"))
}
