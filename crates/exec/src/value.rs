//! [`Value`]: one Python value in eight bytes, NaN-boxed.
//!
//! Small ints, floats, `None`, `True`, `False`, `...` and `NotImplemented` are held inline; everything else is
//! an owned pointer to a reference-counted object. Nothing outside this file and `object/header.rs`
//! knows the bit layout:
//!
//! | bits 63..48 | meaning |
//! |---|---|
//! | `0000` | a constant if below 16, else a pointer to a [`Header`] |
//! | `0002`..`FFFD` | a float: its bits plus 2^49 |
//! | `FFFE`, `FFFF` | a small int: the low 49 bits, sign-extended |
//!
//! Zero is no value, so that `Option<Value>` (an empty stack slot, an unbound local) also takes eight bytes.
//! A NaN whose bits would collide with the int tag (negative, with payload bit 50 set) is stored as the plain
//! negative NaN.

use std::marker::PhantomData;
use std::mem::ManuallyDrop;
use std::num::NonZeroU64;
use std::ptr::NonNull;

use crate::heap;
use crate::object::header::{Header, Kind, Payload, Ref};

const FLOAT_OFFSET: u64 = 0x0002_0000_0000_0000;
const INT_TAG: u64 = 0xFFFE_0000_0000_0000;
const INT_SHIFT: u32 = 15;
/// Below all pointers, above all constants and above the zero of an empty slot.
const FIRST_POINTER: u64 = 0x10;
/// Above all pointers, below all floats and ints.
const POINTER_END: u64 = 0x0001_0000_0000_0000;

const NONE: u64 = 0x02;
const FALSE: u64 = 0x06;
const TRUE: u64 = 0x07;
const ELLIPSIS: u64 = 0x0A;
const NOT_IMPLEMENTED: u64 = 0x0E;

/// A Python value: owned, eight bytes, tied to its thread.
#[repr(transparent)]
pub struct Value {
    bits: NonZeroU64,
    // A value counts its references without atomics, so it stays on the thread that made it.
    thread: PhantomData<*mut ()>,
}

/// What a local variable or a stack slot holds: a value, or CPython's NULL.
pub type Slot = Option<Value>;

/// The largest int that is held inline.
pub const SMALL_INT_MAX: i64 = (1 << 48) - 1;
/// The smallest int that is held inline.
pub const SMALL_INT_MIN: i64 = -(1 << 48);

impl Value {
    /// `None`.
    pub const NONE: Value = Value::constant(NONE);
    /// `True`.
    pub const TRUE: Value = Value::constant(TRUE);
    /// `False`.
    pub const FALSE: Value = Value::constant(FALSE);
    /// `...`.
    pub const ELLIPSIS: Value = Value::constant(ELLIPSIS);
    /// `NotImplemented`.
    pub const NOT_IMPLEMENTED: Value = Value::constant(NOT_IMPLEMENTED);

    const fn constant(bits: u64) -> Value {
        match NonZeroU64::new(bits) {
            Some(bits) => Value {
                bits,
                thread: PhantomData,
            },
            None => panic!("zero is no value"),
        }
    }

    #[inline(always)]
    fn from_bits(bits: u64) -> Value {
        debug_assert!(bits != 0);
        // SAFETY: every caller in this file sets a tag or passes a non-null pointer, so the bits are not zero.
        let bits = unsafe { NonZeroU64::new_unchecked(bits) };
        Value {
            bits,
            thread: PhantomData,
        }
    }

    #[inline(always)]
    pub(crate) fn bits(&self) -> u64 {
        self.bits.get()
    }

    /// A bool.
    #[inline(always)]
    pub fn bool(b: bool) -> Value {
        Value::from_bits(FALSE | b as u64)
    }

    /// An int that fits 49 bits, or `None`.
    #[inline(always)]
    pub fn small_int(n: i64) -> Option<Value> {
        if (SMALL_INT_MIN..=SMALL_INT_MAX).contains(&n) {
            Some(Value::small_int_wrapping(n))
        } else {
            None
        }
    }

    /// An int whose range the caller knows (a length, a code point, an index).
    #[inline(always)]
    pub(crate) fn small_int_wrapping(n: i64) -> Value {
        debug_assert!((SMALL_INT_MIN..=SMALL_INT_MAX).contains(&n));
        Value::from_bits(INT_TAG | (n as u64 & !INT_TAG))
    }

    /// A float.
    #[inline(always)]
    pub fn float(x: f64) -> Value {
        let bits = x.to_bits();
        let bits = if bits >= INT_TAG - FLOAT_OFFSET {
            0xFFF8_0000_0000_0000
        } else {
            bits
        };
        Value::from_bits(bits + FLOAT_OFFSET)
    }

    /// Takes over the reference that `object` counts.
    #[inline(always)]
    pub(crate) fn from_header(object: NonNull<Header>) -> Value {
        Value::from_bits(object.as_ptr() as u64)
    }

    /// Whether this is a pointer to an object.
    #[inline(always)]
    pub(crate) fn is_object(&self) -> bool {
        // One comparison, which a check for an empty slot before it adds nothing to.
        self.bits().wrapping_sub(FIRST_POINTER) < POINTER_END
    }

    /// The object's header, if this is a pointer.
    #[inline(always)]
    pub(crate) fn header(&self) -> Option<&Header> {
        if !self.is_object() {
            return None;
        }
        // SAFETY: a pointer-tagged value owns a reference to a live object, whose header comes first.
        Some(unsafe { &*(self.bits() as *const Header) })
    }

    /// Whether this is `None`.
    #[inline(always)]
    pub fn is_none(&self) -> bool {
        self.bits() == NONE
    }

    /// Whether this is `NotImplemented`.
    #[inline(always)]
    pub fn is_not_implemented(&self) -> bool {
        self.bits() == NOT_IMPLEMENTED
    }

    /// Whether this is `...`.
    #[inline(always)]
    pub fn is_ellipsis(&self) -> bool {
        self.bits() == ELLIPSIS
    }

    /// The bool, if this is one.
    #[inline(always)]
    pub fn as_bool(&self) -> Option<bool> {
        if self.bits() | 1 == TRUE {
            Some(self.bits() == TRUE)
        } else {
            None
        }
    }

    /// The int, if this is an exact int held inline.
    #[inline(always)]
    pub fn as_small_int(&self) -> Option<i64> {
        if self.bits() >= INT_TAG {
            Some(self.small_int_unchecked())
        } else {
            None
        }
    }

    #[inline(always)]
    fn small_int_unchecked(&self) -> i64 {
        ((self.bits() << INT_SHIFT) as i64) >> INT_SHIFT
    }

    /// Both ints, if both are inline.
    #[inline(always)]
    pub(crate) fn small_ints(a: &Value, b: &Value) -> Option<(i64, i64)> {
        if a.bits() & b.bits() >= INT_TAG {
            Some((a.small_int_unchecked(), b.small_int_unchecked()))
        } else {
            None
        }
    }

    /// Both ints shifted to the top of the word, where overflow is the machine's own.
    #[inline(always)]
    fn shifted(a: &Value, b: &Value) -> Option<(i64, i64)> {
        if a.bits() & b.bits() >= INT_TAG {
            Some((
                (a.bits() << INT_SHIFT) as i64,
                (b.bits() << INT_SHIFT) as i64,
            ))
        } else {
            None
        }
    }

    #[inline(always)]
    fn from_shifted(n: i64) -> Value {
        Value::from_bits(INT_TAG | (n as u64 >> INT_SHIFT))
    }

    /// `a + b` for two inline ints with an inline result.
    #[inline(always)]
    pub(crate) fn small_add(a: &Value, b: &Value) -> Option<Value> {
        let (a, b) = Value::shifted(a, b)?;
        a.checked_add(b).map(Value::from_shifted)
    }

    /// `a - b` for two inline ints with an inline result.
    #[inline(always)]
    pub(crate) fn small_sub(a: &Value, b: &Value) -> Option<Value> {
        let (a, b) = Value::shifted(a, b)?;
        a.checked_sub(b).map(Value::from_shifted)
    }

    /// `a * b` for two inline ints with an inline result.
    #[inline(always)]
    pub(crate) fn small_mul(a: &Value, b: &Value) -> Option<Value> {
        let (a, b) = Value::shifted(a, b)?;
        a.checked_mul(b >> INT_SHIFT).map(Value::from_shifted)
    }

    /// The float, if this is an exact float.
    #[inline(always)]
    pub fn as_float(&self) -> Option<f64> {
        let bits = self.bits().wrapping_sub(FLOAT_OFFSET);
        if bits < INT_TAG - FLOAT_OFFSET {
            Some(f64::from_bits(bits))
        } else {
            None
        }
    }

    /// `is`: the same object, or the same inline value.
    #[inline(always)]
    pub fn is(&self, other: &Value) -> bool {
        self.bits == other.bits
    }

    /// The object's layout, if this is a pointer.
    #[inline(always)]
    pub(crate) fn kind(&self) -> Option<Kind> {
        self.header().map(|header| header.kind())
    }

    /// The typed reference, if this is an object with payload `T` (of the exact type or of a subclass).
    #[inline(always)]
    pub fn downcast<T: Payload>(&self) -> Option<&Ref<T>> {
        match self.header() {
            Some(header) if T::is(header) => {
                // SAFETY: `Ref<T>` is a transparent pointer to an `Obj<T>`, and `T::is` has confirmed the layout.
                Some(unsafe { &*(self as *const Value).cast::<Ref<T>>() })
            }
            _ => None,
        }
    }

    /// [`Value::downcast`] without a look.
    ///
    /// # Safety
    /// This is an object with payload `T`.
    #[inline(always)]
    pub(crate) unsafe fn downcast_unchecked<T: Payload>(&self) -> &Ref<T> {
        // SAFETY: forwarded; as in `downcast`.
        unsafe { &*(self as *const Value).cast::<Ref<T>>() }
    }

    /// [`Value::downcast`] by value.
    #[inline]
    pub fn into_ref<T: Payload>(self) -> Result<Ref<T>, Value> {
        match self.downcast::<T>() {
            Some(_) => {
                let this = ManuallyDrop::new(self);
                // SAFETY: as in `downcast`; the count moves from the value to the reference.
                Ok(unsafe { Ref::from_header(NonNull::new_unchecked(this.bits() as *mut Header)) })
            }
            None => Err(self),
        }
    }

    /// How many references there are to the object; 1 for an inline value.
    pub fn reference_count(&self) -> u32 {
        self.header().map_or(1, |header| header.refcount())
    }

    /// What `id()` gives: stable while the object lives, unique among live objects.
    pub fn id(&self) -> u64 {
        self.bits()
    }
}

impl Clone for Value {
    #[inline(always)]
    fn clone(&self) -> Value {
        // Copied before the count changes: the compiler cannot know that no count is where this value is.
        let copy = Value {
            bits: self.bits,
            thread: PhantomData,
        };
        let copy = ManuallyDrop::new(copy);
        if let Some(header) = copy.header() {
            header.incref();
        }
        ManuallyDrop::into_inner(copy)
    }
}

impl Drop for Value {
    #[inline(always)]
    fn drop(&mut self) {
        if self.is_object() {
            // SAFETY: the value owned one reference to a live object and gives it up here, once.
            unsafe { heap::decref(NonNull::new_unchecked(self.bits() as *mut Header)) }
        }
    }
}

impl<T: Payload> From<Ref<T>> for Value {
    #[inline(always)]
    fn from(object: Ref<T>) -> Value {
        Value::from_header(object.into_header())
    }
}

impl<T: Payload> From<&Ref<T>> for Value {
    #[inline(always)]
    fn from(object: &Ref<T>) -> Value {
        Value::from(object.clone())
    }
}

impl From<bool> for Value {
    #[inline(always)]
    fn from(b: bool) -> Value {
        Value::bool(b)
    }
}

impl From<f64> for Value {
    #[inline(always)]
    fn from(x: f64) -> Value {
        Value::float(x)
    }
}

impl std::fmt::Debug for Value {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if let Some(n) = self.as_small_int() {
            return write!(f, "{n}");
        }
        if let Some(x) = self.as_float() {
            return write!(f, "{x:?}");
        }
        match self.header() {
            Some(header) => write!(f, "<{:?} at {:#x}>", header.kind(), self.bits()),
            None => f.write_str(match self.bits() {
                NONE => "None",
                FALSE => "False",
                TRUE => "True",
                ELLIPSIS => "Ellipsis",
                _ => "NotImplemented",
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_ints_come_back() {
        for n in [0, 1, -1, 255, i32::MAX as i64, SMALL_INT_MAX, SMALL_INT_MIN] {
            let value = Value::small_int(n).expect("in range");
            assert_eq!(value.as_small_int(), Some(n));
            assert_eq!(value.as_float(), None);
            assert!(!value.is_object());
        }
        assert!(Value::small_int(SMALL_INT_MAX + 1).is_none());
        assert!(Value::small_int(SMALL_INT_MIN - 1).is_none());
    }

    #[test]
    fn arithmetic_stops_at_the_inline_range() {
        let int = |n| Value::small_int(n).expect("in range");
        assert_eq!(
            Value::small_add(&int(2), &int(-5)).and_then(|v| v.as_small_int()),
            Some(-3)
        );
        assert!(Value::small_add(&int(SMALL_INT_MAX), &int(1)).is_none());
        assert!(Value::small_sub(&int(SMALL_INT_MIN), &int(1)).is_none());
        assert_eq!(
            Value::small_mul(&int(-7), &int(6)).and_then(|v| v.as_small_int()),
            Some(-42)
        );
        assert!(Value::small_mul(&int(1 << 30), &int(1 << 30)).is_none());
        assert!(Value::small_add(&int(1), &Value::float(1.0)).is_none());
    }

    #[test]
    fn floats_come_back() {
        for x in [
            0.0,
            -0.0,
            1.5,
            f64::INFINITY,
            f64::NEG_INFINITY,
            f64::MIN_POSITIVE,
            -f64::MAX,
        ] {
            let value = Value::float(x);
            assert_eq!(value.as_float().map(f64::to_bits), Some(x.to_bits()));
            assert_eq!(value.as_small_int(), None);
            assert!(!value.is_object());
        }
        for bits in [
            0x7FF8_0000_0000_0000,
            0xFFF8_0000_0000_0000,
            0xFFFF_FFFF_FFFF_FFFF,
            0x7FF0_0000_0000_0001,
        ] {
            assert!(
                Value::float(f64::from_bits(bits))
                    .as_float()
                    .is_some_and(f64::is_nan)
            );
        }
    }

    #[test]
    fn constants_are_themselves_only() {
        let all = [
            Value::NONE,
            Value::TRUE,
            Value::FALSE,
            Value::ELLIPSIS,
            Value::NOT_IMPLEMENTED,
        ];
        for (i, a) in all.iter().enumerate() {
            assert!(!a.is_object() && a.as_small_int().is_none() && a.as_float().is_none());
            for (j, b) in all.iter().enumerate() {
                assert_eq!(a.is(b), i == j);
            }
        }
        assert_eq!(Value::TRUE.as_bool(), Some(true));
        assert_eq!(Value::NONE.as_bool(), None);
    }
}
