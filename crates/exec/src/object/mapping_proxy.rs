//! mappingproxy: a read-only view of a mapping, such as a class's `__dict__`. Slots are in `object/mapping_proxy_methods.rs`.

use crate::object::header::Payload;
use crate::value::Value;

/// A mapping proxy's payload.
pub struct MappingProxy {
    pub(crate) mapping: Value,
}

impl Payload for MappingProxy {
    fn traverse(&self, visit: &mut dyn FnMut(&Value)) {
        visit(&self.mapping);
    }
}
