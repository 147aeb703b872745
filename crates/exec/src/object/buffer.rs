//! The bytes of bytes-like objects.

use crate::error::{PyResult, Raised};
use crate::object::bytearray::ByteArray;
use crate::object::bytes::Bytes;
use crate::value::Value;
use crate::vm::Vm;

/// The bytes of a bytes-like object; `None` for anything else.
#[inline]
pub(crate) fn bytes_of<'a>(vm: &'a Vm, value: &'a Value) -> Option<&'a [u8]> {
    if let Some(bytes) = value.downcast::<Bytes>() {
        return Some(bytes.data());
    }
    value
        .downcast::<ByteArray>()
        .map(|bytes| bytes.data.get(vm).as_slice())
}

/// The bytes of a value that is known to be bytes-like.
#[inline]
pub(crate) fn data<'a>(vm: &'a Vm, value: &'a Value) -> &'a [u8] {
    bytes_of(vm, value).unwrap_or(&[])
}

/// Whether a value is bytes-like.
#[inline]
pub(crate) fn is_bytes_like(vm: &Vm, value: &Value) -> bool {
    bytes_of(vm, value).is_some()
}

/// CPython's complaint about what is not bytes-like.
#[cold]
pub(crate) fn not_bytes_like(vm: &mut Vm, value: &Value) -> Raised {
    let found = vm.type_name(value);
    vm.type_error(format!("a bytes-like object is required, not '{found}'"))
}

/// Makes sure that a value is bytes-like.
#[inline]
pub(crate) fn require_bytes_like(vm: &mut Vm, value: &Value) -> PyResult<()> {
    if is_bytes_like(vm, value) {
        return Ok(());
    }
    Err(not_bytes_like(vm, value))
}
