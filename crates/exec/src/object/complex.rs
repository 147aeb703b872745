//! complex.

use crate::object::header::{Payload, Ref};
use crate::value::Value;
use crate::vm::Vm;

/// A complex number's payload.
pub struct Complex {
    pub(crate) real: f64,
    pub(crate) imag: f64,
}

impl Payload for Complex {
    fn traverse(&self, _visit: &mut dyn FnMut(&Value)) {}
}

impl Vm {
    /// A complex number.
    pub fn new_complex(&self, real: f64, imag: f64) -> Value {
        Value::from(Ref::new(&self.types.complex, Complex { real, imag }))
    }
}
