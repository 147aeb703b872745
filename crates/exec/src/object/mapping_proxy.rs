//! mappingproxy: a read-only view of a mapping, such as a class's `__dict__`. Slots are in `object/mapping_proxy_methods.rs`.

use crate::object::header::{Payload, Ref};
use crate::value::Value;
use crate::vm::Vm;

/// A mapping proxy's payload.
pub struct MappingProxy {
    pub(crate) mapping: Value,
}

impl Payload for MappingProxy {
    fn traverse(&self, visit: &mut dyn FnMut(&Value)) {
        visit(&self.mapping);
    }
}

impl Vm {
    /// A read-only view of a mapping.
    pub fn new_mapping_proxy(&self, mapping: Value) -> Value {
        Value::from(Ref::new(
            &self.types.mapping_proxy,
            MappingProxy { mapping },
        ))
    }
}
