//! super: the object. Slots are in `object/super_methods.rs`.

use crate::cell::ValueCell;
use crate::object::header::Payload;
use crate::value::Value;

/// A super object's payload.
pub struct Super {
    /// The class after which to look.
    pub(crate) this_class: ValueCell,
    /// The instance or class that it is bound to.
    pub(crate) this: ValueCell,
    /// The class in whose MRO to look.
    pub(crate) this_type: ValueCell,
}

impl Payload for Super {
    fn traverse(&self, visit: &mut dyn FnMut(&Value)) {
        for cell in [&self.this_class, &self.this, &self.this_type] {
            cell.traverse(visit);
        }
    }
}
