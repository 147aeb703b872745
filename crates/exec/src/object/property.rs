//! property, classmethod and staticmethod: the objects. Slots and methods are in `object/property_methods.rs` and
//! `object/wrapped_methods.rs`.

use crate::cell::ValueCell;
use crate::object::header::Payload;
use crate::value::Value;

/// A property's payload.
pub struct Property {
    pub(crate) getter: ValueCell,
    pub(crate) setter: ValueCell,
    pub(crate) deleter: ValueCell,
    pub(crate) doc: ValueCell,
    /// Whether the doc is the getter's, so that a copy with another getter takes over that one's.
    pub(crate) doc_is_getters: std::cell::Cell<bool>,
    /// Set by `__set_name__` or by assignment.
    pub(crate) name: ValueCell,
}

impl Payload for Property {
    fn traverse(&self, visit: &mut dyn FnMut(&Value)) {
        for cell in [
            &self.getter,
            &self.setter,
            &self.deleter,
            &self.doc,
            &self.name,
        ] {
            cell.traverse(visit);
        }
    }
}

/// A classmethod's payload.
pub struct ClassMethod {
    pub(crate) function: ValueCell,
}

impl Payload for ClassMethod {
    fn traverse(&self, visit: &mut dyn FnMut(&Value)) {
        self.function.traverse(visit);
    }
}

/// A staticmethod's payload.
pub struct StaticMethod {
    pub(crate) function: ValueCell,
}

impl Payload for StaticMethod {
    fn traverse(&self, visit: &mut dyn FnMut(&Value)) {
        self.function.traverse(visit);
    }
}
