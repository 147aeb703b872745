//! int: inline up to 49 bits, a big int beyond. The slots and methods are in `object/int_methods.rs`.
//!
//! Invariant: an exact int whose value fits inline is inline; so an object of the exact class int is always big. Instances of
//! subclasses are objects whatever their value.

use std::borrow::Cow;

use crate::numeric::bigint::BigInt;
use crate::object::header::{Kind, Payload, Ref};
use crate::object::type_::Type;
use crate::value::Value;
use crate::vm::Vm;

/// The payload of an int object.
pub struct Int {
    value: BigInt,
}

impl Payload for Int {
    const KIND: Kind = Kind::Int;

    fn traverse(&self, _visit: &mut dyn FnMut(&Value)) {}
}

impl Int {
    /// A new int of a subclass.
    pub(crate) fn of_type(ty: &Ref<Type>, value: BigInt) -> Ref<Int> {
        Ref::new(ty, Int { value })
    }

    /// The value.
    pub fn value(&self) -> &BigInt {
        &self.value
    }
}

/// An int's value, wherever it is.
#[derive(Clone, Copy, Debug)]
pub enum IntRef<'a> {
    /// Inline, or a bool.
    Small(i64),
    /// An object's.
    Big(&'a BigInt),
}

impl IntRef<'_> {
    /// The value as a big int.
    pub fn to_big(&self) -> Cow<'_, BigInt> {
        match self {
            IntRef::Small(n) => Cow::Owned(BigInt::from(*n)),
            IntRef::Big(n) => Cow::Borrowed(n),
        }
    }

    /// The value, if it fits.
    pub fn to_i64(&self) -> Option<i64> {
        match self {
            IntRef::Small(n) => Some(*n),
            IntRef::Big(n) => i64::try_from(*n).ok(),
        }
    }
}

impl Value {
    /// The value of an int, a bool, or an instance of a subclass of int.
    #[inline(always)]
    pub fn as_int(&self) -> Option<IntRef<'_>> {
        if let Some(n) = self.as_small_int() {
            return Some(IntRef::Small(n));
        }
        if let Some(b) = self.as_bool() {
            return Some(IntRef::Small(b as i64));
        }
        self.downcast::<Int>().map(|n| IntRef::Big(n.value()))
    }
}

impl Vm {
    /// An int.
    #[inline(always)]
    pub fn int(&self, n: i64) -> Value {
        match Value::small_int(n) {
            Some(value) => value,
            None => Value::from(Int::of_type(&self.types.int, BigInt::from(n))),
        }
    }

    /// An int of any size.
    pub fn int_from_big(&self, n: BigInt) -> Value {
        match i64::try_from(&n).ok().and_then(Value::small_int) {
            Some(value) => value,
            None => Value::from(Int::of_type(&self.types.int, n)),
        }
    }
}
