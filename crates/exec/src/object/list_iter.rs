//! The iterator of lists.

use std::cell::Cell;

use crate::cell::ValueCell;
use crate::object::header::{Payload, Ref};
use crate::object::list::List;
use crate::value::Value;
use crate::vm::Vm;

/// A list iterator's payload: the list (none once exhausted) and the next index.
pub struct ListIterator {
    pub(crate) list: ValueCell,
    pub(crate) index: Cell<usize>,
}

impl Payload for ListIterator {
    fn traverse(&self, visit: &mut dyn FnMut(&Value)) {
        self.list.traverse(visit);
    }
}

impl ListIterator {
    #[allow(clippy::new_ret_no_self)]
    pub(crate) fn new(vm: &Vm, list: Value) -> Value {
        let iterator = ListIterator {
            list: ValueCell::new(Some(list)),
            index: Cell::new(0),
        };
        Value::from(Ref::new(&vm.types.list_iterator, iterator))
    }

    /// The next item.
    #[inline(always)]
    pub(crate) fn next_item(&self, vm: &Vm) -> Option<Value> {
        // SAFETY: the borrow of the cell ends before anything could set it.
        let list = unsafe { (*self.list.as_ptr()).as_ref() }?.downcast::<List>()?;
        let index = self.index.get();
        match list.items(vm).get(index) {
            Some(item) => {
                self.index.set(index + 1);
                Some(item.clone())
            }
            None => {
                self.list.set(None);
                None
            }
        }
    }
}

/// Fills the slots.
pub(crate) fn ready(vm: &mut Vm) {
    let slots = &vm.types.list_iterator.slots;
    slots.unary[crate::object::slots::UnaryOp::Iter as usize]
        .set(Some(crate::object::iter::self_iter));
    slots.next.set(Some(|vm, this| {
        Ok(this
            .downcast::<ListIterator>()
            .and_then(|i| i.next_item(vm)))
    }));
}
