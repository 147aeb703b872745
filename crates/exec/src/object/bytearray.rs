//! bytearray: the object. The methods are in `object/bytearray_methods.rs`.

use std::cell::Cell;

use crate::cell::VmCell;
use crate::object::header::{Payload, Ref};
use crate::object::type_::Type;
use crate::object::typed_bytes::TypedBytes;
use crate::value::Value;
use crate::vm::Vm;

/// A bytearray's payload.
pub struct ByteArray {
    /// The bytes.
    pub data: VmCell<Vec<u8>>,
    /// How many memoryviews show the bytes, which meanwhile do not change in number.
    pub exports: Cell<usize>,
}

impl Payload for ByteArray {
    fn traverse(&self, _visit: &mut dyn FnMut(&Value)) {}
}

impl ByteArray {
    /// A new bytearray of class `ty`.
    pub(crate) fn of_type(ty: &Ref<Type>, data: Vec<u8>) -> Ref<ByteArray> {
        Ref::new(
            ty,
            ByteArray {
                data: VmCell::new(data),
                exports: Cell::new(0),
            },
        )
    }
}

/// Keeps a bytearray at its size while something runs that looks at its bytes, as CPython does from 3.13 on; anything else needs
/// no keeping.
pub fn hold<R>(vm: &mut Vm, value: &Value, run: impl FnOnce(&mut Vm) -> R) -> R {
    match vm.version_number() {
        ..13 => run(vm),
        _ => hold_always(vm, value, run),
    }
}

/// As [`hold`], where CPython has always done so.
pub fn hold_always<R>(vm: &mut Vm, value: &Value, run: impl FnOnce(&mut Vm) -> R) -> R {
    let array = match value.downcast::<TypedBytes>() {
        Some(typed) => Some(typed.bytes.clone()),
        None => value.downcast::<ByteArray>().cloned(),
    };
    let count = |more: bool| {
        if let Some(array) = &array {
            let exports = array.exports.get();
            array
                .exports
                .set(if more { exports + 1 } else { exports - 1 });
        }
    };
    count(true);
    let result = run(vm);
    count(false);
    result
}

impl Vm {
    /// A bytearray.
    pub fn new_bytearray(&self, data: Vec<u8>) -> Value {
        Value::from(ByteArray::of_type(&self.types.bytearray, data))
    }
}
