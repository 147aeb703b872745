//! The iterator of tuples.

use std::cell::Cell;

use crate::cell::ValueCell;
use crate::object::header::{Payload, Ref};
use crate::object::tuple::Tuple;
use crate::value::Value;
use crate::vm::Vm;

/// A tuple iterator's payload: the tuple (none once exhausted) and the next index.
pub struct TupleIterator {
    pub(crate) tuple: ValueCell,
    pub(crate) index: Cell<usize>,
}

impl Payload for TupleIterator {
    fn traverse(&self, visit: &mut dyn FnMut(&Value)) {
        self.tuple.traverse(visit);
    }
}

impl TupleIterator {
    #[allow(clippy::new_ret_no_self)]
    pub(crate) fn new(vm: &Vm, tuple: Value) -> Value {
        let iterator = TupleIterator {
            tuple: ValueCell::new(Some(tuple)),
            index: Cell::new(0),
        };
        Value::from(Ref::new(&vm.types.tuple_iterator, iterator))
    }

    /// The next item.
    #[inline(always)]
    pub(crate) fn next_item(&self) -> Option<Value> {
        // SAFETY: the borrow of the cell ends before anything could set it.
        let tuple = unsafe { (*self.tuple.as_ptr()).as_ref() }?.downcast::<Tuple>()?;
        let index = self.index.get();
        match tuple.items().get(index) {
            Some(item) => {
                self.index.set(index + 1);
                Some(item.clone())
            }
            None => {
                self.tuple.set(None);
                None
            }
        }
    }
}

/// Fills the slots.
pub(crate) fn ready(vm: &mut Vm) {
    let slots = &vm.types.tuple_iterator.slots;
    slots.unary[crate::object::slots::UnaryOp::Iter as usize]
        .set(Some(crate::object::iter::self_iter));
    slots.next.set(Some(|_, this| {
        Ok(this.downcast::<TupleIterator>().and_then(|i| i.next_item()))
    }));
}
