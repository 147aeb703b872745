//! bytes: the object. The methods are in `object/bytes_methods.rs`.

use std::cell::Cell;

use crate::object::header::{Kind, Payload, Ref};
use crate::object::type_::Type;
use crate::value::Value;
use crate::vm::Vm;

/// A bytes object's payload.
pub struct Bytes {
    data: Box<[u8]>,
    /// -1 until asked for.
    hash: Cell<i64>,
}

impl Payload for Bytes {
    const KIND: Kind = Kind::Bytes;

    fn traverse(&self, _visit: &mut dyn FnMut(&Value)) {}
}

impl Bytes {
    /// A new bytes object of class `ty`.
    pub(crate) fn of_type(ty: &Ref<Type>, data: Vec<u8>) -> Ref<Bytes> {
        Ref::new(
            ty,
            Bytes {
                data: data.into_boxed_slice(),
                hash: Cell::new(-1),
            },
        )
    }

    /// The bytes.
    #[inline(always)]
    pub fn data(&self) -> &[u8] {
        &self.data
    }

    /// The hash.
    pub(crate) fn hash(&self, vm: &Vm) -> i64 {
        if self.hash.get() == -1 {
            self.hash.set(vm.hash_key.hash_bytes(&self.data));
        }
        self.hash.get()
    }
}

impl Vm {
    /// A bytes object; of fewer than two bytes there is one each.
    pub fn new_bytes(&self, data: Vec<u8>) -> Value {
        match data[..] {
            [] => return Value::from(&self.short_bytes[256]),
            [byte] => return Value::from(&self.short_bytes[usize::from(byte)]),
            _ => {}
        }
        Value::from(Bytes::of_type(&self.types.bytes, data))
    }
}
