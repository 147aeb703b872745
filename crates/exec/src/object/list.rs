//! list: the object. The methods are in `object/list_methods.rs`, sorting in `object/list_sort.rs`.

use crate::cell::VmCell;
use crate::object::header::{Kind, Payload, Ref};
use crate::object::type_::Type;
use crate::value::Value;
use crate::vm::Vm;

/// A list's payload.
pub struct List {
    items: VmCell<Vec<Value>>,
}

impl Payload for List {
    const KIND: Kind = Kind::List;

    fn traverse(&self, visit: &mut dyn FnMut(&Value)) {
        // SAFETY: the collector holds the VM, and visiting changes nothing.
        unsafe { self.items.peek() }.iter().for_each(visit);
    }

    fn clear(&self) {
        // SAFETY: the collector holds the VM; the items are dropped after the borrow has ended.
        drop_from_end(unsafe { std::mem::take(self.items.peek_mut()) });
    }
}

/// Drops values as CPython does when a list goes or shrinks: the last one first.
#[inline]
pub(crate) fn drop_from_end(mut values: Vec<Value>) {
    empty_from_end(&mut values);
}

#[inline(always)]
fn empty_from_end(values: &mut Vec<Value>) {
    let (len, first) = (values.len(), values.as_mut_ptr());
    // SAFETY: the vector forgets its items, each of which is dropped once.
    unsafe {
        values.set_len(0);
        for index in (0..len).rev() {
            drop(first.add(index).read());
        }
    }
}

impl Drop for List {
    #[inline]
    fn drop(&mut self) {
        empty_from_end(self.items.exclusive());
    }
}

impl List {
    /// A new list of class `ty`.
    #[inline]
    pub fn of_type(ty: &Ref<Type>, items: Vec<Value>) -> Ref<List> {
        Ref::new(
            ty,
            List {
                items: VmCell::new(items),
            },
        )
    }

    /// The items.
    #[inline(always)]
    pub fn items<'a>(&'a self, vm: &'a Vm) -> &'a [Value] {
        self.items.get(vm)
    }

    /// The items, to be changed. What is removed may be dropped at once: that runs no code.
    #[inline(always)]
    pub fn items_mut<'a>(&'a self, vm: &'a mut Vm) -> &'a mut Vec<Value> {
        self.items.get_mut(vm)
    }
}

impl Vm {
    /// A list of these items.
    #[inline]
    pub fn new_list(&self, items: Vec<Value>) -> Value {
        Value::from(List::of_type(&self.types.list, items))
    }
}
