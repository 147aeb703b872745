//! frozendict: a dict that cannot change once made, new in Python 3.15. Slots and methods are in `object/frozen_dict_methods.rs`.
//!
//! Invariants:
//! - The payload is not a dict's: whatever changes dicts asks for `Dict`, and so can never get at a frozendict.
//! - The table within is an exact dict that no program sees; nothing changes it once the frozendict is made.

use std::cell::Cell;

use crate::object::dict::Dict;
use crate::object::header::{Payload, Ref, flags};
use crate::object::type_::Type;
use crate::value::Value;
use crate::vm::Vm;

/// A frozendict's payload; its subclasses share it.
pub struct FrozenDict {
    items: Ref<Dict>,
    /// The hash, -1 until asked for.
    pub(crate) hash: Cell<i64>,
}

impl Payload for FrozenDict {
    fn traverse(&self, visit: &mut dyn FnMut(&Value)) {
        visit(self.items.as_value());
    }
}

impl FrozenDict {
    /// An instance of frozendict or a subclass with the items of a dict, which nobody else may keep.
    pub(crate) fn of_type(ty: &Ref<Type>, items: Ref<Dict>) -> Ref<FrozenDict> {
        items.header().set(flags::HIDDEN, true);
        let hash = Cell::new(-1);
        Ref::new(ty, FrozenDict { items, hash })
    }

    /// A frozendict with the items of a dict, which nobody else may keep.
    #[allow(clippy::new_ret_no_self)]
    pub fn new(vm: &Vm, items: Ref<Dict>) -> Value {
        Value::from(FrozenDict::of_type(&vm.types.frozen_dict, items))
    }

    /// The items, to look at.
    pub fn items(&self) -> &Ref<Dict> {
        &self.items
    }
}

/// The items of what is exactly a dict or a frozendict, no subclass, to look at.
pub(crate) fn exact_items(value: &Value) -> Option<&Ref<Dict>> {
    if let Some(dict) = value.downcast::<Dict>() {
        return dict.is_exact().then_some(dict);
    }
    let frozen = value.downcast::<FrozenDict>()?;
    frozen.is_exact().then_some(frozen.items())
}

/// The items of a dict or a frozendict, to look at.
pub fn items_of(value: &Value) -> Option<&Ref<Dict>> {
    match value.downcast::<Dict>() {
        Some(dict) => Some(dict),
        None => Some(value.downcast::<FrozenDict>()?.items()),
    }
}
