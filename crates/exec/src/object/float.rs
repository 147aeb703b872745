//! float: inline; the object serves instances of subclasses. Slots and methods are in `object/float_methods.rs`.

use crate::object::header::{Kind, Payload};
use crate::value::Value;

/// The payload of an instance of a subclass of float.
pub struct Float {
    pub(crate) value: f64,
}

impl Payload for Float {
    const KIND: Kind = Kind::Float;

    fn traverse(&self, _visit: &mut dyn FnMut(&Value)) {}
}

impl Value {
    /// The value of a float or of an instance of a subclass.
    #[inline]
    pub fn as_any_float(&self) -> Option<f64> {
        self.as_float()
            .or_else(|| self.downcast::<Float>().map(|f| f.value))
    }
}
