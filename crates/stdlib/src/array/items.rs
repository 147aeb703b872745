//! Subscripts and operators: items, slices, sums and repetitions.

use pyco_exec::object::header::Ref;
use pyco_exec::object::sequence::{is_index, place_of, receiver, repeat_count};
use pyco_exec::object::slice::{Indices, Slice};
use pyco_exec::object::typed_bytes::TypedBytes;
use pyco_exec::{PyResult, Raised, Value, Vm};

use super::class::{check_exports, item, kind_of, len, plain_array};
use super::{kinds, methods};

#[cold]
fn wrong_key(vm: &mut Vm) -> Raised {
    vm.type_error("array indices must be integers")
}

/// `array[key]`.
pub(super) fn get_item(vm: &mut Vm, this: &Value, key: &Value) -> PyResult {
    let array = receiver::<TypedBytes>(vm, this)?;
    if is_index(vm, key) {
        let index = vm.index_for(key)?;
        return match place_of(index, len(vm, array)) {
            Some(place) => item(vm, array, place),
            None => Err(vm.index_error("array index out of range")),
        };
    }
    let Some(slice) = key.downcast::<Slice>() else {
        return Err(wrong_key(vm));
    };
    let indices = indices(vm, array, slice)?;
    let size = array.item_size;
    vm.check_growth(indices.len.saturating_mul(size))?;
    let bytes = array.bytes.data.get(vm);
    let mut picked = Vec::with_capacity(indices.len * size);
    for at in indices.iter() {
        picked.extend_from_slice(&bytes[at * size..(at + 1) * size]);
    }
    Ok(plain_array(vm, kind_of(array), picked))
}

fn indices(vm: &mut Vm, array: &TypedBytes, slice: &Ref<Slice>) -> PyResult<Indices> {
    let (start, stop, step) = vm.unpack_slice(slice)?;
    Ok(Indices::adjust(len(vm, array), start, stop, step))
}

/// `array[key] = value` and `del array[key]`.
pub(super) fn set_item(
    vm: &mut Vm,
    this: &Value,
    key: &Value,
    value: Option<Value>,
) -> PyResult<()> {
    let array = receiver::<TypedBytes>(vm, this)?;
    if let Some(slice) = key.downcast::<Slice>() {
        return set_slice(vm, array, slice, value);
    }
    if !is_index(vm, key) {
        return Err(wrong_key(vm));
    }
    let index = vm.index_for(key)?;
    let Some(place) = place_of(index, len(vm, array)) else {
        return Err(vm.index_error("array assignment index out of range"));
    };
    let Some(value) = value else {
        return methods::take(vm, array, place);
    };
    let (kind, size) = (kind_of(array), array.item_size);
    let mut bytes = [0; 16];
    kinds::pack(vm, kind, &value, &mut bytes[..size])?;
    // The conversion may have run code that made the array shorter.
    match array
        .bytes
        .data
        .get_mut(vm)
        .get_mut(place * size..(place + 1) * size)
    {
        Some(target) => target.copy_from_slice(&bytes[..size]),
        None => return Err(vm.index_error("array assignment index out of range")),
    }
    Ok(())
}

fn set_slice(
    vm: &mut Vm,
    array: &Ref<TypedBytes>,
    slice: &Ref<Slice>,
    value: Option<Value>,
) -> PyResult<()> {
    let picked = indices(vm, array, slice)?;
    let size = array.item_size;
    let new = match &value {
        None => Vec::new(),
        Some(value) => match value.downcast::<TypedBytes>() {
            None => {
                let found = vm.type_name(value);
                return Err(vm.type_error(format!(
                    "can only assign array (not \"{found}\") to array slice"
                )));
            }
            Some(other) if other.tag != array.tag => return Err(other_kind(vm)),
            Some(other) => other.bytes.data.get(vm).clone(),
        },
    };
    let needed = new.len() / size;
    if needed == 0 || needed != picked.len {
        check_exports(vm, array)?;
    }
    vm.check_growth(new.len())?;
    if picked.step == 1 {
        let start = picked.start.max(0) as usize * size;
        let end = start + picked.len * size;
        array.bytes.data.get_mut(vm).splice(start..end, new);
        return Ok(());
    }
    if needed == 0 {
        let mut is_gone = vec![false; len(vm, array)];
        picked.iter().for_each(|at| is_gone[at] = true);
        let bytes = array.bytes.data.get_mut(vm);
        let kept = bytes.chunks(size).zip(&is_gone).filter(|(_, gone)| !**gone);
        *bytes = kept.flat_map(|(item, _)| item).copied().collect();
        return Ok(());
    }
    if needed != picked.len {
        let len = picked.len;
        return Err(vm.value_error(format!(
            "attempt to assign array of size {needed} to extended slice of size {len}"
        )));
    }
    let bytes = array.bytes.data.get_mut(vm);
    for (at, item) in picked.iter().zip(new.chunks(size)) {
        bytes[at * size..(at + 1) * size].copy_from_slice(item);
    }
    Ok(())
}

#[cold]
fn other_kind(vm: &mut Vm) -> Raised {
    vm.type_error("bad argument type for built-in operation")
}

pub(super) fn concat(vm: &mut Vm, this: &Value, other: &Value) -> PyResult {
    let array = receiver::<TypedBytes>(vm, this)?;
    let Some(other) = other.downcast::<TypedBytes>() else {
        let found = vm.type_name(other);
        return Err(vm.type_error(format!("can only append array (not \"{found}\") to array")));
    };
    if other.tag != array.tag {
        return Err(other_kind(vm));
    }
    let both = [
        array.bytes.data.get(vm).as_slice(),
        other.bytes.data.get(vm),
    ]
    .concat();
    vm.check_growth(both.len())?;
    Ok(plain_array(vm, kind_of(array), both))
}

pub(super) fn in_place_concat(vm: &mut Vm, this: &Value, other: &Value) -> PyResult {
    if other.downcast::<TypedBytes>().is_none() {
        let found = vm.type_name(other);
        return Err(vm.type_error(format!(
            "can only extend array with array (not \"{found}\")"
        )));
    }
    methods::extend(vm, this, other)?;
    Ok(this.clone())
}

fn repeated(vm: &mut Vm, array: &TypedBytes, count: usize) -> PyResult<Vec<u8>> {
    let len = array.bytes.data.get(vm).len();
    match len.checked_mul(count) {
        Some(wanted) if wanted <= vm.max_size() => vm.check_growth(wanted)?,
        _ => return Err(vm.memory_error()),
    }
    Ok(array.bytes.data.get(vm).repeat(count))
}

fn count_of(vm: &mut Vm, count: &Value) -> PyResult<usize> {
    if !is_index(vm, count) {
        let found = vm.type_name(count);
        return Err(vm.type_error(format!(
            "can't multiply sequence by non-int of type '{found}'"
        )));
    }
    repeat_count(vm, count)
}

pub(super) fn repeat(vm: &mut Vm, this: &Value, count: &Value) -> PyResult {
    let count = count_of(vm, count)?;
    let array = receiver::<TypedBytes>(vm, this)?;
    let bytes = repeated(vm, array, count)?;
    Ok(plain_array(vm, kind_of(array), bytes))
}

pub(super) fn in_place_repeat(vm: &mut Vm, this: &Value, count: &Value) -> PyResult {
    let count = count_of(vm, count)?;
    let array = receiver::<TypedBytes>(vm, this)?;
    if len(vm, array) > 0 && count != 1 {
        check_exports(vm, array)?;
        let bytes = repeated(vm, array, count)?;
        *array.bytes.data.get_mut(vm) = bytes;
    }
    Ok(this.clone())
}
