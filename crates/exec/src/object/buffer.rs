//! The bytes of bytes-like objects, and what the methods of bytes and bytearray share.

use std::ops::Range;

use crate::error::{PyResult, Raised};
use crate::object::bytearray::ByteArray;
use crate::object::bytes::Bytes;
use crate::object::memoryview::MemoryView;
use crate::object::sequence::is_index;
use crate::object::typed_bytes::TypedBytes;
use crate::value::Value;
use crate::vm::Vm;

/// The bytes of a bytes-like object; `None` for anything else.
#[inline]
pub fn bytes_of<'a>(vm: &'a Vm, value: &'a Value) -> Option<&'a [u8]> {
    if let Some(bytes) = value.downcast::<Bytes>() {
        return Some(bytes.data());
    }
    if let Some(bytes) = value.downcast::<ByteArray>() {
        return Some(bytes.data.get(vm).as_slice());
    }
    if let Some(typed) = value.downcast::<TypedBytes>() {
        return Some(typed.bytes.data.get(vm).as_slice());
    }
    value.downcast::<MemoryView>()?.contiguous(vm)
}

/// The bytes of a value that is known to be bytes-like.
#[inline]
pub fn data<'a>(vm: &'a Vm, value: &'a Value) -> &'a [u8] {
    bytes_of(vm, value).unwrap_or(&[])
}

/// Whether a value is bytes-like.
#[inline]
pub fn is_bytes_like(vm: &Vm, value: &Value) -> bool {
    bytes_of(vm, value).is_some()
}

/// CPython's complaint about what is not bytes-like.
#[cold]
pub fn not_bytes_like(vm: &mut Vm, value: &Value) -> Raised {
    if let Some(view) = value.downcast::<MemoryView>() {
        return match view.check(vm) {
            Ok(()) => vm.error(
                &vm.types.buffer_error.clone(),
                "memoryview: underlying buffer is not C-contiguous",
            ),
            Err(released) => released,
        };
    }
    let found = vm.type_name(value);
    vm.type_error(format!("a bytes-like object is required, not '{found}'"))
}

/// Makes sure that a value is bytes-like.
#[inline]
pub fn require_bytes_like(vm: &mut Vm, value: &Value) -> PyResult<()> {
    if is_bytes_like(vm, value) {
        return Ok(());
    }
    Err(not_bytes_like(vm, value))
}

/// A new object of the built-in class that `this` is of.
#[inline]
pub fn same_class(vm: &Vm, this: &Value, bytes: Vec<u8>) -> Value {
    if this.downcast::<Bytes>().is_some() {
        return vm.new_bytes(bytes);
    }
    Value::from(ByteArray::of_type(&vm.types.bytearray, bytes))
}

/// What a method gives if it changes nothing: an exact bytes itself, of anything else a copy.
pub fn unchanged(vm: &Vm, this: &Value) -> Value {
    if this.downcast::<Bytes>().is_some_and(|b| b.is_exact()) {
        return this.clone();
    }
    same_class(vm, this, data(vm, this).to_vec())
}

/// Part of the bytes, as an object of the same class.
pub fn part(vm: &Vm, this: &Value, range: Range<usize>) -> Value {
    let bytes = data(vm, this);
    if range == (0..bytes.len()) {
        return unchanged(vm, this);
    }
    same_class(vm, this, bytes.get(range).unwrap_or(&[]).to_vec())
}

/// The byte that an int stands for; `message` is the ValueError's for others.
pub fn byte_value(vm: &mut Vm, value: &Value, message: &str) -> PyResult<u8> {
    let n = vm.index_clamped(value)?;
    u8::try_from(n).map_err(|_| vm.value_error(message))
}

/// The message of bytearray for an int that is no byte.
pub const BYTE_RANGE: &str = "byte must be in range(0, 256)";

/// What is looked for in bytes.
pub enum Sub {
    /// What an int stands for.
    Byte(u8),
    /// Something bytes-like.
    Bytes(Value),
}

/// A value as something bytes-like: itself, or a view of what its class exports; nothing if it is neither.
pub fn bytes_like(vm: &mut Vm, value: &Value) -> PyResult<Option<Value>> {
    if is_bytes_like(vm, value) {
        return Ok(Some(value.clone()));
    }
    if value.downcast::<MemoryView>().is_some() {
        return Err(not_bytes_like(vm, value));
    }
    let view = vm.memory_view(value)?.map(Value::from);
    Ok(view.filter(|view| is_bytes_like(vm, view)))
}

/// As [`bytes_like`], where nothing else will do.
pub fn as_bytes_like(vm: &mut Vm, value: &Value) -> PyResult {
    match bytes_like(vm, value)? {
        Some(bytes) => Ok(bytes),
        None => Err(not_bytes_like(vm, value)),
    }
}

/// What `sub` names: the byte that an int stands for, or bytes.
pub fn byte_or_bytes(vm: &mut Vm, sub: &Value) -> PyResult<Sub> {
    if let Some(bytes) = bytes_like(vm, sub)? {
        return Ok(Sub::Bytes(bytes));
    }
    if !is_index(vm, sub) {
        let found = vm.type_name(sub);
        return Err(vm.type_error(format!(
            "argument should be integer or bytes-like object, not '{found}'"
        )));
    }
    byte_value(vm, sub, BYTE_RANGE).map(Sub::Byte)
}

/// The bytes that an iterable of ints gives.
pub fn collect_bytes(vm: &mut Vm, iterable: &Value, message: &str) -> PyResult<Vec<u8>> {
    let iterator = vm.iter(iterable)?;
    collect_bytes_of(vm, &iterator, message)
}

/// The bytes that an iterator of ints has left.
pub(crate) fn collect_bytes_of(vm: &mut Vm, iterator: &Value, message: &str) -> PyResult<Vec<u8>> {
    let mut bytes = Vec::new();
    while let Some(item) = vm.next(iterator)? {
        bytes.push(byte_value(vm, &item, message)?);
        vm.check_growth(bytes.len())?;
    }
    Ok(bytes)
}

/// How many bytes a read-write bytes-like object holds in one piece; nothing if it is no such object.
pub fn writable_len(vm: &mut Vm, value: &Value) -> PyResult<Option<usize>> {
    if let Some(array) = value.downcast::<ByteArray>() {
        return Ok(Some(array.data.get(vm).len()));
    }
    let Some(view) = value.downcast::<MemoryView>() else {
        return match vm.memory_view(value)? {
            Some(view) => writable_len(vm, &Value::from(view)),
            None => Ok(None),
        };
    };
    view.check(vm)?;
    if view.layout.is_read_only {
        return Ok(None);
    }
    Ok(view.contiguous(vm).map(<[u8]>::len))
}

/// Writes into an object of which [`writable_len`] has told the length; what does not fit is left out.
pub fn write_into(vm: &mut Vm, value: &Value, at: usize, bytes: &[u8]) {
    if let Some(array) = value.downcast::<ByteArray>() {
        if let Some(target) = array.data.get_mut(vm).get_mut(at..at + bytes.len()) {
            target.copy_from_slice(bytes);
        }
        return;
    }
    match value.downcast::<MemoryView>() {
        Some(view) => {
            let view = view.clone();
            view.write(vm, view.layout.start.max(0) as usize + at, bytes);
        }
        None => {
            if let Ok(Some(view)) = vm.memory_view(value) {
                view.write(vm, view.layout.start.max(0) as usize + at, bytes);
            }
        }
    }
}
