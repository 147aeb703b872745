//! The methods of arrays.

use pyco_exec::object::buffer::{as_bytes_like, data};
use pyco_exec::object::bytes::Bytes;
use pyco_exec::object::list::List;
use pyco_exec::object::sequence::{cut, place_of, receiver};
use pyco_exec::object::str_::Str;
use pyco_exec::object::text_args::clinic_type;
use pyco_exec::object::typed_bytes::TypedBytes;
use pyco_exec::text::StrBuilder;
use pyco_exec::{PyResult, Raised, Value, Vm};

use super::class::{bytes_at, check_exports, equal, item, kind_of, len, plain_array};
use super::kinds::{self, Class};
use crate::arguments::ssize;

/// Adds whole items.
pub(super) fn push_bytes(vm: &mut Vm, array: &TypedBytes, bytes: &[u8]) -> PyResult<()> {
    if !bytes.len().is_multiple_of(array.item_size) {
        return Err(vm.value_error("bytes length not a multiple of item size"));
    }
    if bytes.is_empty() {
        return Ok(());
    }
    check_exports(vm, array)?;
    vm.check_growth(array.bytes.data.get(vm).len() + bytes.len())?;
    array.bytes.data.get_mut(vm).extend_from_slice(bytes);
    Ok(())
}

pub(super) fn append(vm: &mut Vm, this: &Value, value: &Value) -> PyResult {
    let array = receiver::<TypedBytes>(vm, this)?;
    let mut bytes = [0; 16];
    let size = array.item_size;
    kinds::pack(vm, kind_of(array), value, &mut bytes[..size])?;
    push_bytes(vm, array, &bytes[..size])?;
    Ok(Value::NONE)
}

pub(super) fn insert(vm: &mut Vm, this: &Value, arguments: &[Value]) -> PyResult {
    let array = receiver::<TypedBytes>(vm, this)?;
    let index = ssize(vm, &arguments[0])?;
    let mut bytes = [0; 16];
    let size = array.item_size;
    kinds::pack(vm, kind_of(array), &arguments[1], &mut bytes[..size])?;
    check_exports(vm, array)?;
    let place = cut(index, len(vm, array)) * size;
    let target = array.bytes.data.get_mut(vm);
    target.splice(place..place, bytes[..size].iter().copied());
    Ok(Value::NONE)
}

/// Takes the item at a place away.
pub(super) fn take(vm: &mut Vm, array: &TypedBytes, place: usize) -> PyResult<()> {
    check_exports(vm, array)?;
    let size = array.item_size;
    array
        .bytes
        .data
        .get_mut(vm)
        .drain(place * size..(place + 1) * size);
    Ok(())
}

pub(super) fn pop(vm: &mut Vm, this: &Value, arguments: &[Value]) -> PyResult {
    let array = receiver::<TypedBytes>(vm, this)?;
    let index = match arguments.first() {
        Some(index) => ssize(vm, index)?,
        None => -1,
    };
    let len = len(vm, array);
    if len == 0 {
        return Err(vm.index_error("pop from empty array"));
    }
    let Some(place) = place_of(index, len) else {
        return Err(vm.index_error("pop index out of range"));
    };
    let value = item(vm, array, place)?;
    take(vm, array, place)?;
    Ok(value)
}

pub(super) fn clear(vm: &mut Vm, this: &Value) -> PyResult {
    let array = receiver::<TypedBytes>(vm, this)?;
    if len(vm, array) > 0 {
        check_exports(vm, array)?;
        array.bytes.data.get_mut(vm).clear();
    }
    Ok(Value::NONE)
}

pub(super) fn reverse(vm: &mut Vm, this: &Value) -> PyResult {
    let array = receiver::<TypedBytes>(vm, this)?;
    let size = array.item_size;
    let bytes = array.bytes.data.get_mut(vm);
    let reversed = bytes.chunks(size).rev().flatten().copied().collect();
    *bytes = reversed;
    Ok(Value::NONE)
}

pub(super) fn byteswap(vm: &mut Vm, this: &Value) -> PyResult {
    let array = receiver::<TypedBytes>(vm, this)?;
    let size = match kind_of(array).class {
        Class::Complex => array.item_size / 2,
        _ => array.item_size,
    };
    let bytes = array.bytes.data.get_mut(vm);
    bytes.chunks_mut(size).for_each(<[u8]>::reverse);
    Ok(Value::NONE)
}

/// The first place from `start` to before `stop` whose item equals `value`.
fn find(
    vm: &mut Vm,
    array: &TypedBytes,
    value: &Value,
    (start, stop): (usize, usize),
) -> PyResult<Option<usize>> {
    let mut at = start;
    while at < stop.min(len(vm, array)) {
        let item = item(vm, array, at)?;
        if equal(vm, &item, value)? {
            return Ok(Some(at));
        }
        at += 1;
    }
    Ok(None)
}

pub(super) fn contains(vm: &mut Vm, this: &Value, value: &Value) -> PyResult<bool> {
    let array = receiver::<TypedBytes>(vm, this)?;
    Ok(find(vm, array, value, (0, usize::MAX))?.is_some())
}

pub(super) fn count(vm: &mut Vm, this: &Value, value: &Value) -> PyResult {
    let array = receiver::<TypedBytes>(vm, this)?;
    let (mut count, mut from) = (0, 0);
    while let Some(at) = find(vm, array, value, (from, usize::MAX))? {
        count += 1;
        from = at + 1;
    }
    Ok(vm.int(count))
}

#[cold]
fn not_in(vm: &mut Vm, method: &str) -> Raised {
    vm.value_error(format!("array.{method}(x): x not in array"))
}

pub(super) fn index(vm: &mut Vm, this: &Value, arguments: &[Value]) -> PyResult {
    let array = receiver::<TypedBytes>(vm, this)?;
    let len = len(vm, array);
    let mut bounds = [0, usize::MAX];
    for (bound, given) in bounds.iter_mut().zip(&arguments[1..]) {
        let given = vm.slice_bound(given)?;
        *bound = cut(given, len);
    }
    match find(vm, array, &arguments[0], bounds.into())? {
        Some(place) => Ok(vm.int(place as i64)),
        None => Err(not_in(vm, "index")),
    }
}

pub(super) fn remove(vm: &mut Vm, this: &Value, value: &Value) -> PyResult {
    let array = receiver::<TypedBytes>(vm, this)?;
    let Some(place) = find(vm, array, value, (0, usize::MAX))? else {
        return Err(not_in(vm, "remove"));
    };
    if place < len(vm, array) {
        take(vm, array, place)?;
    }
    Ok(Value::NONE)
}

pub(super) fn extend(vm: &mut Vm, this: &Value, iterable: &Value) -> PyResult {
    let array = receiver::<TypedBytes>(vm, this)?;
    if let Some(other) = iterable.downcast::<TypedBytes>() {
        if other.tag != array.tag {
            return Err(vm.type_error("can only extend with array of same kind"));
        }
        let bytes = other.bytes.data.get(vm).clone();
        push_bytes(vm, array, &bytes)?;
        return Ok(Value::NONE);
    }
    vm.for_each(iterable, |vm, value| append(vm, this, &value).map(drop))?;
    Ok(Value::NONE)
}

pub(super) fn from_list(vm: &mut Vm, this: &Value, list: &Value) -> PyResult {
    let array = receiver::<TypedBytes>(vm, this)?;
    let Some(list) = list.downcast::<List>() else {
        return Err(vm.type_error("arg must be list"));
    };
    let list_len = list.items(vm).len();
    if list_len == 0 {
        return Ok(Value::NONE);
    }
    check_exports(vm, array)?;
    let size = array.item_size;
    vm.check_growth(list_len.saturating_mul(size))?;
    let mut bytes = vec![0; list_len * size];
    for (at, place) in bytes.chunks_mut(size).enumerate() {
        let value = list.items(vm).get(at).cloned();
        if let Some(value) = value {
            kinds::pack(vm, kind_of(array), &value, place)?;
        }
        if list.items(vm).len() != list_len {
            return Err(vm.runtime_error("list changed size during iteration"));
        }
    }
    push_bytes(vm, array, &bytes)?;
    Ok(Value::NONE)
}

pub(super) fn to_list(vm: &mut Vm, this: &Value) -> PyResult {
    let array = receiver::<TypedBytes>(vm, this)?;
    let len = len(vm, array);
    let mut list = pyco_exec::object::sequence::with_capacity(vm, len)?;
    for at in 0..len {
        list.push(item(vm, array, at)?);
    }
    Ok(vm.new_list(list))
}

pub(super) fn from_bytes(vm: &mut Vm, this: &Value, buffer: &Value) -> PyResult {
    let array = receiver::<TypedBytes>(vm, this)?;
    let bytes = as_bytes_like(vm, buffer)?;
    let bytes = data(vm, &bytes).to_vec();
    if buffer.is(this) && !bytes.is_empty() {
        // The array's own bytes are looked at meanwhile.
        let class = vm.types.buffer_error.clone();
        return Err(vm.error(&class, "cannot resize an array that is exporting buffers"));
    }
    push_bytes(vm, array, &bytes)?;
    Ok(Value::NONE)
}

pub(super) fn to_bytes(vm: &mut Vm, this: &Value) -> PyResult {
    let array = receiver::<TypedBytes>(vm, this)?;
    let bytes = array.bytes.data.get(vm).clone();
    vm.check_growth(bytes.len())?;
    Ok(vm.new_bytes(bytes))
}

pub(super) fn from_file(vm: &mut Vm, this: &Value, arguments: &[Value]) -> PyResult {
    let array = receiver::<TypedBytes>(vm, this)?;
    let count = ssize(vm, &arguments[1])?;
    if count < 0 {
        return Err(vm.value_error(match vm.version_number() {
            ..15 => "negative count",
            _ => "n cannot be negative",
        }));
    }
    let Some(wanted) = count.checked_mul(array.item_size as i64) else {
        return Err(vm.memory_error());
    };
    let read = vm.intern("read");
    let argument = vm.int(wanted);
    let bytes = vm.call_method(&arguments[0], &read, &[argument])?;
    let Some(bytes) = bytes.downcast::<Bytes>() else {
        return Err(vm.type_error("read() didn't return bytes"));
    };
    push_bytes(vm, array, bytes.data())?;
    if bytes.data().len() as i64 != wanted {
        let class = vm.types.eof_error.clone();
        return Err(vm.error(&class, "read() didn't return enough bytes"));
    }
    Ok(Value::NONE)
}

/// So many bytes go to a file at once.
const BLOCK: usize = 64 << 10;

pub(super) fn to_file(vm: &mut Vm, this: &Value, file: &Value) -> PyResult {
    let array = receiver::<TypedBytes>(vm, this)?;
    let write = vm.intern("write");
    let mut at = 0;
    loop {
        let bytes = array.bytes.data.get(vm);
        let Some(rest) = bytes.get(at..).filter(|rest| !rest.is_empty()) else {
            return Ok(Value::NONE);
        };
        let block = rest[..rest.len().min(BLOCK)].to_vec();
        at += block.len();
        let block = vm.new_bytes(block);
        vm.call_method(file, &write, &[block])?;
    }
}

fn require_text(vm: &mut Vm, array: &TypedBytes, method: &str) -> PyResult<()> {
    if kind_of(array).class == Class::Text {
        return Ok(());
    }
    let codes = match vm.version_number() {
        ..13 => "",
        _ => " ('u' or 'w')",
    };
    Err(vm.value_error(format!(
        "{method}() may only be called on unicode type arrays{codes}"
    )))
}

pub(super) fn from_unicode(vm: &mut Vm, this: &Value, text: &Value) -> PyResult {
    let array = receiver::<TypedBytes>(vm, this)?;
    let Some(text) = text.downcast::<Str>() else {
        let found = clinic_type(vm, text);
        let message = format!("fromunicode() argument must be str, not {found}");
        return Err(vm.type_error(message));
    };
    require_text(vm, array, "fromunicode")?;
    vm.check_growth(text.len().saturating_mul(4))?;
    let view = text.view();
    let units = (0..view.len()).filter_map(|at| view.get(at));
    let bytes: Vec<u8> = units.flat_map(u32::to_ne_bytes).collect();
    push_bytes(vm, array, &bytes)?;
    Ok(Value::NONE)
}

pub(super) fn to_unicode(vm: &mut Vm, this: &Value) -> PyResult {
    let array = receiver::<TypedBytes>(vm, this)?;
    require_text(vm, array, "tounicode")?;
    let mut text = StrBuilder::new();
    for at in 0..len(vm, array) {
        let bytes = bytes_at(vm, array, at).unwrap_or(&[]);
        let unit = <[u8; 4]>::try_from(bytes).map_or(0, u32::from_ne_bytes);
        if unit > 0x10_FFFF {
            let bytes = bytes.to_vec();
            return Err(kinds::no_character(vm, kind_of(array), &bytes));
        }
        text.push(unit);
    }
    Ok(vm.str_from_buf(text.finish()))
}

pub(super) fn copy(vm: &mut Vm, this: &Value) -> PyResult {
    let array = receiver::<TypedBytes>(vm, this)?;
    let bytes = array.bytes.data.get(vm).clone();
    vm.check_growth(bytes.len())?;
    Ok(plain_array(vm, kind_of(array), bytes))
}

pub(super) fn buffer_info(vm: &mut Vm, this: &Value) -> PyResult {
    let array = receiver::<TypedBytes>(vm, this)?;
    let address = array.bytes.data.get(vm).as_ptr() as i64;
    let (address, len) = (vm.int(address), vm.int(len(vm, array) as i64));
    Ok(vm.tuple_of([address, len]))
}

pub(super) fn size_of_array(vm: &mut Vm, this: &Value) -> PyResult {
    let array = receiver::<TypedBytes>(vm, this)?;
    let len = array.bytes.data.get(vm).len();
    Ok(vm.int(64 + len as i64))
}
