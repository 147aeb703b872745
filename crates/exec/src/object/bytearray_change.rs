//! What changes a bytearray: items and slices, append and the like, `+=` and `*=`.
//!
//! Invariant: whatever runs Python code (an index, an iterator) runs before the contents are borrowed, and lengths are taken
//! again after it.

use crate::error::PyResult;
use crate::object::buffer::{BYTE_RANGE, byte_value, bytes_like, collect_bytes, data};
use crate::object::bytearray::ByteArray;
use crate::object::bytes_methods::source_from_object;
use crate::object::header::Ref;
use crate::object::native::NativeDef;
use crate::object::sequence::{is_index, place_of};
use crate::object::slice::{Indices, Slice};
use crate::object::slots::UnaryOp;
use crate::object::str_::Str;
use crate::object::text_args::{size_argument, size_or};
use crate::value::Value;
use crate::vm::Vm;

/// The contents, to be changed.
fn contents<'a>(vm: &'a mut Vm, this: &'a Value) -> PyResult<&'a mut Vec<u8>> {
    match this.downcast::<ByteArray>() {
        Some(array) => Ok(array.data.get_mut(vm)),
        None => Err(vm.type_error("a bytearray is required")),
    }
}

/// Refuses to change the number of bytes while a memoryview shows them.
pub(super) fn check_resizable(vm: &mut Vm, this: &Value) -> PyResult<()> {
    match this.downcast::<ByteArray>() {
        Some(array) if array.exports.get() > 0 => Err(vm.error(
            &vm.types.buffer_error.clone(),
            "Existing exports of data: object cannot be re-sized",
        )),
        _ => Ok(()),
    }
}

/// `this[key] = value`, or `del this[key]`.
pub(super) fn set_item(
    vm: &mut Vm,
    this: &Value,
    key: &Value,
    value: Option<Value>,
) -> PyResult<()> {
    if let Some(slice) = key.downcast::<Slice>() {
        return set_slice(vm, this, slice, value.as_ref());
    }
    if !is_index(vm, key) {
        let found = vm.type_name(key);
        return Err(vm.type_error(format!(
            "bytearray indices must be integers or slices, not {found}"
        )));
    }
    let index = vm.index_for(key)?;
    if place_of(index, data(vm, this).len()).is_none() {
        return Err(vm.index_error("bytearray index out of range"));
    }
    let byte = match value {
        Some(value) => Some(byte_value(vm, &value, BYTE_RANGE)?),
        None => {
            check_resizable(vm, this)?;
            None
        }
    };
    let bytes = contents(vm, this)?;
    let Some(index) = place_of(index, bytes.len()) else {
        return Err(vm.index_error("bytearray index out of range"));
    };
    match byte {
        Some(byte) => bytes[index] = byte,
        None => {
            bytes.remove(index);
        }
    }
    Ok(())
}

fn set_slice(vm: &mut Vm, this: &Value, slice: &Ref<Slice>, value: Option<&Value>) -> PyResult<()> {
    // The indices come first, but are cut to the length that the bytearray has once the new bytes are there.
    let (start, stop, step) = vm.unpack_slice(slice)?;
    let new = match value {
        None => Vec::new(),
        Some(value) => new_bytes(vm, value)?,
    };
    let picked = Indices::adjust(data(vm, this).len(), start, stop, step);
    if (step == 1 || new.is_empty()) && picked.len != new.len() {
        check_resizable(vm, this)?;
    }
    let bytes = contents(vm, this)?;
    if step == 1 {
        let start = picked.start.max(0) as usize;
        bytes.splice(start..start + picked.len, new);
        return Ok(());
    }
    if new.is_empty() {
        let mut gone = picked.iter().collect::<Vec<_>>();
        gone.sort_unstable();
        let mut gone = gone.into_iter().peekable();
        let mut index = 0;
        bytes.retain(|_| {
            let goes = gone.next_if_eq(&index).is_some();
            index += 1;
            !goes
        });
        return Ok(());
    }
    if new.len() != picked.len {
        let (given, wanted) = (new.len(), picked.len);
        return Err(vm.value_error(format!(
            "attempt to assign bytes of size {given} to extended slice of size {wanted}"
        )));
    }
    for (index, byte) in picked.iter().zip(new) {
        bytes[index] = byte;
    }
    Ok(())
}

/// The bytes that are assigned to a slice.
fn new_bytes(vm: &mut Vm, value: &Value) -> PyResult<Vec<u8>> {
    if let Some(bytes) = bytes_like(vm, value)? {
        return Ok(data(vm, &bytes).to_vec());
    }
    let slots = &vm.type_of(value).slots;
    let is_number = [UnaryOp::Index, UnaryOp::Int, UnaryOp::Float]
        .into_iter()
        .any(|op| slots.unary(op).is_some());
    if is_number || value.as_int().is_some() || value.downcast::<Str>().is_some() {
        let message = "can assign only bytes, buffers, or iterables of ints in range(0, 256)";
        return Err(vm.type_error(message));
    }
    source_from_object(vm, value, "bytearray", BYTE_RANGE)
}

/// Refuses a length that is too large.
fn check_len(vm: &mut Vm, len: usize) -> PyResult<()> {
    if len > vm.max_size() {
        return Err(vm.memory_error());
    }
    vm.check_growth(len)
}

fn append(vm: &mut Vm, this: &Value, item: &Value) -> PyResult {
    let byte = byte_value(vm, item, BYTE_RANGE)?;
    check_resizable(vm, this)?;
    let bytes = contents(vm, this)?;
    bytes.push(byte);
    let len = bytes.len();
    vm.check_growth(len)?;
    Ok(Value::NONE)
}

fn extend(vm: &mut Vm, this: &Value, iterable: &Value) -> PyResult {
    let new = if let Some(bytes) = bytes_like(vm, iterable)? {
        data(vm, &bytes).to_vec()
    } else if vm.type_of(iterable).slots.unary(UnaryOp::Iter).is_none() && !vm.is_sequence(iterable)
    {
        let found = vm.type_name(iterable);
        return Err(vm.type_error(format!("can't extend bytearray with {found}")));
    } else if iterable.downcast::<Str>().is_some_and(|s| !s.is_empty()) {
        return Err(vm.type_error("expected iterable of integers; got: 'str'"));
    } else {
        collect_bytes(vm, iterable, BYTE_RANGE)?
    };
    let len = data(vm, this).len() + new.len();
    check_len(vm, len)?;
    if !new.is_empty() {
        check_resizable(vm, this)?;
    }
    contents(vm, this)?.extend_from_slice(&new);
    Ok(Value::NONE)
}

pub(super) fn in_place_concat(vm: &mut Vm, this: &Value, other: &Value) -> PyResult {
    let Some(bytes) = bytes_like(vm, other)? else {
        let (found, class) = (vm.type_name(other), vm.type_name(this));
        return Err(vm.type_error(format!("can't concat {found} to {class}")));
    };
    extend(vm, this, &bytes)?;
    Ok(this.clone())
}

pub(super) fn in_place_repeat(vm: &mut Vm, this: &Value, count: &Value) -> PyResult {
    let count = vm.index_as_i64_for_repeat(count)?;
    match crate::text::bytes::repeat(data(vm, this), count, vm.max_size()) {
        Ok(repeated) => {
            if repeated.len() != data(vm, this).len() {
                check_resizable(vm, this)?;
            }
            *contents(vm, this)? = repeated;
            Ok(this.clone())
        }
        Err(_) => Err(vm.memory_error()),
    }
}

fn insert(vm: &mut Vm, this: &Value, args: &[Value]) -> PyResult {
    let index = size_argument(vm, &args[0])?;
    let byte = byte_value(vm, &args[1], BYTE_RANGE)?;
    check_resizable(vm, this)?;
    let bytes = contents(vm, this)?;
    let index = if index < 0 {
        bytes.len().saturating_sub(index.unsigned_abs())
    } else {
        bytes.len().min(index as usize)
    };
    bytes.insert(index, byte);
    Ok(Value::NONE)
}

fn pop(vm: &mut Vm, this: &Value, args: &[Value]) -> PyResult {
    let index = size_or(vm, args.first(), -1)?;
    let bytes = contents(vm, this)?;
    if bytes.is_empty() {
        return Err(vm.index_error("pop from empty bytearray"));
    }
    match place_of(index as i64, bytes.len()) {
        Some(index) => {
            check_resizable(vm, this)?;
            let byte = contents(vm, this)?.remove(index);
            Ok(vm.int(byte.into()))
        }
        None => Err(vm.index_error("pop index out of range")),
    }
}

fn remove(vm: &mut Vm, this: &Value, value: &Value) -> PyResult {
    let byte = byte_value(vm, value, BYTE_RANGE)?;
    let bytes = contents(vm, this)?;
    match bytes.iter().position(|&b| b == byte) {
        Some(index) => {
            check_resizable(vm, this)?;
            contents(vm, this)?.remove(index);
            Ok(Value::NONE)
        }
        None => Err(vm.value_error("value not found in bytearray")),
    }
}

fn reverse(vm: &mut Vm, this: &Value) -> PyResult {
    contents(vm, this)?.reverse();
    Ok(Value::NONE)
}

fn clear(vm: &mut Vm, this: &Value) -> PyResult {
    if !data(vm, this).is_empty() {
        check_resizable(vm, this)?;
    }
    *contents(vm, this)? = Vec::new();
    Ok(Value::NONE)
}

fn copy(vm: &mut Vm, this: &Value) -> PyResult {
    let copy = data(vm, this).to_vec();
    Ok(Value::from(ByteArray::of_type(&vm.types.bytearray, copy)))
}

fn resize(vm: &mut Vm, this: &Value, size: &Value) -> PyResult {
    let size = size_argument(vm, size)?;
    let Ok(size) = usize::try_from(size) else {
        let message = format!("Can only resize to positive sizes, got {size}");
        return Err(vm.value_error(message));
    };
    let len = data(vm, this).len();
    if size != len {
        check_resizable(vm, this)?;
        if size > len {
            check_len(vm, size)?;
        }
        contents(vm, this)?.resize(size, 0);
    }
    Ok(Value::NONE)
}

fn take_bytes(vm: &mut Vm, this: &Value, args: &[Value]) -> PyResult {
    let count = match args.first().filter(|count| !count.is_none()) {
        None => None,
        Some(count) if is_index(vm, count) => Some(vm.index_for(count)?),
        Some(_) => return Err(vm.type_error("n must be an integer or None")),
    };
    let len = data(vm, this).len();
    let count = match count {
        None => len as i64,
        Some(count) if count < 0 => count.saturating_add(len as i64),
        Some(count) => count,
    };
    let Some(count) = usize::try_from(count).ok().filter(|count| *count <= len) else {
        let message = format!("can't take {count} bytes outside size {len}");
        return Err(vm.index_error(message));
    };
    check_resizable(vm, this)?;
    let bytes = contents(vm, this)?;
    let rest = bytes.split_off(count);
    let taken = std::mem::replace(bytes, rest);
    Ok(vm.new_bytes(taken))
}

pub(super) static METHODS: &[NativeDef] = &[
    NativeDef::one("append", append).signature("($self, item, /)"),
    NativeDef::one("extend", extend).signature("($self, iterable_of_ints, /)"),
    NativeDef::range("insert", 2, 2, insert).signature("($self, index, item, /)"),
    NativeDef::range("pop", 0, 1, pop).signature("($self, index=-1, /)"),
    NativeDef::one("remove", remove).signature("($self, value, /)"),
    NativeDef::no_args("reverse", reverse).signature("($self, /)"),
    NativeDef::no_args("clear", clear).signature("($self, /)"),
    NativeDef::no_args("copy", copy).signature("($self, /)"),
    NativeDef::one("resize", resize)
        .signature("($self, size, /)")
        .since(14),
    NativeDef::range("take_bytes", 0, 1, take_bytes)
        .signature("($self, n=None, /)")
        .since(15),
];
