//! tuple: the object, its items inline. The methods are in `object/tuple_methods.rs`.
//!
//! Invariant: `len` values follow the payload; they never change.

use std::ptr::NonNull;

use crate::object::header::{Kind, Obj, Payload, Ref};
use crate::object::type_::Type;
use crate::value::Value;
use crate::vm::Vm;

/// A tuple's payload, followed by its items.
#[repr(C)]
pub struct Tuple {
    len: usize,
    items: [Value; 0],
}

impl Payload for Tuple {
    const KIND: Kind = Kind::Tuple;

    fn traverse(&self, visit: &mut dyn FnMut(&Value)) {
        self.items().iter().for_each(visit);
    }

    #[inline(always)]
    fn object_size(&self) -> usize {
        size_of::<Obj<Tuple>>() + self.len * size_of::<Value>()
    }
}

impl Drop for Tuple {
    #[inline]
    fn drop(&mut self) {
        let items = std::ptr::slice_from_raw_parts_mut(self.items.as_mut_ptr(), self.len);
        // SAFETY: the items are initialised and dropped here only; the last goes first, as in CPython.
        unsafe {
            (*items)
                .iter_mut()
                .rev()
                .for_each(|item| std::ptr::drop_in_place(item))
        }
    }
}

impl Tuple {
    /// A new tuple of class `ty` that takes over `len` values, which `fill` writes.
    ///
    /// # Safety
    /// `fill` initialises all `len` values.
    #[inline]
    pub(crate) unsafe fn from_fn(
        ty: &Ref<Type>,
        len: usize,
        fill: impl FnOnce(*mut Value),
    ) -> Ref<Tuple> {
        let size = size_of::<Obj<Tuple>>() + len * size_of::<Value>();
        // SAFETY: payload and items are written whole, and `object_size` gives the same size.
        unsafe {
            Ref::allocate(ty, size, |object: NonNull<Obj<Tuple>>| {
                let payload = Obj::payload_ptr(object);
                payload.write(Tuple { len, items: [] });
                fill(payload.add(1).cast().as_ptr());
            })
        }
    }

    /// A new tuple of class `ty`.
    pub fn of_type(ty: &Ref<Type>, mut items: Vec<Value>) -> Ref<Tuple> {
        let len = items.len();
        // SAFETY: all items are moved, and the vector forgets them.
        unsafe {
            Tuple::from_fn(ty, len, |to| {
                to.copy_from_nonoverlapping(items.as_ptr(), len);
                items.set_len(0);
            })
        }
    }

    /// A new tuple of class `ty` of copies of these items.
    pub fn copied(ty: &Ref<Type>, items: &[Value]) -> Ref<Tuple> {
        Tuple::joined(ty, items, &[])
    }

    /// A new tuple of class `ty` of copies of these items, and then of those.
    pub(crate) fn joined(ty: &Ref<Type>, first: &[Value], then: &[Value]) -> Ref<Tuple> {
        // SAFETY: every item is written.
        unsafe {
            Tuple::from_fn(ty, first.len() + then.len(), |to| {
                for (index, item) in first.iter().chain(then).enumerate() {
                    to.add(index).write(item.clone());
                }
            })
        }
    }

    /// The items.
    #[inline(always)]
    pub fn items(&self) -> &[Value] {
        // SAFETY: the items follow the payload inside the same allocation.
        unsafe { std::slice::from_raw_parts(self.items.as_ptr(), self.len) }
    }
}

impl Ref<Tuple> {
    /// The items, to be changed before anyone else sees the tuple: nothing if this is not the only reference to it.
    ///
    /// So an iterator that keeps the last tuple it gave may fill it anew once the program has let go of it, as CPython's do.
    #[inline]
    pub fn items_mut(&mut self) -> Option<&mut [Value]> {
        if self.header().refcount() != 1 || !self.is_exact() {
            return None;
        }
        let len = self.len;
        // SAFETY: the items follow the payload; nobody else refers to the object, and the borrow holds this reference. The
        // pointer comes from the object's own address, so it covers the items.
        unsafe {
            let object = NonNull::new_unchecked(self.as_ptr());
            let first = Obj::payload_ptr(object).add(1).cast().as_ptr();
            Some(std::slice::from_raw_parts_mut(first, len))
        }
    }
}

impl Vm {
    /// A tuple of these items, without a vector on the way.
    #[inline]
    pub fn tuple_of<const N: usize>(&self, items: [Value; N]) -> Value {
        let items = std::mem::ManuallyDrop::new(items);
        // SAFETY: all items are moved, and the array forgets them.
        let tuple = unsafe {
            Tuple::from_fn(&self.types.tuple, N, |to| {
                to.copy_from_nonoverlapping(items.as_ptr(), N);
            })
        };
        Value::from(tuple)
    }

    /// A tuple of copies of these items.
    pub(crate) fn tuple_from(&self, items: &[Value]) -> Value {
        if items.is_empty() {
            return Value::from(&self.empty_tuple);
        }
        Value::from(Tuple::copied(&self.types.tuple, items))
    }

    /// A tuple of these items.
    pub fn new_tuple(&self, items: Vec<Value>) -> Value {
        if items.is_empty() {
            return Value::from(&self.empty_tuple);
        }
        Value::from(Tuple::of_type(&self.types.tuple, items))
    }
}
