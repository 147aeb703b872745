//! Modules.

use crate::object::dict::Dict;
use crate::object::header::{Kind, Payload, Ref};
use crate::value::Value;
use crate::vm::Vm;

/// A module's payload.
pub struct Module {
    pub(crate) dict: Ref<Dict>,
}

impl Payload for Module {
    const KIND: Kind = Kind::Module;

    fn traverse(&self, visit: &mut dyn FnMut(&Value)) {
        visit(self.dict.as_value());
    }
}

impl Module {
    /// The module's namespace.
    pub fn dict(&self) -> &Ref<Dict> {
        &self.dict
    }
}

impl Vm {
    /// A new module with the attributes that every module has.
    pub fn new_module(&mut self, name: &str) -> Ref<Module> {
        let dict = Dict::new(self);
        let name = self.new_str(name);
        for (key, value) in [
            ("__name__", name),
            ("__doc__", Value::NONE),
            ("__package__", Value::NONE),
            ("__loader__", Value::NONE),
            ("__spec__", Value::NONE),
        ] {
            let key = self.intern(key);
            dict.set_str(self, &key, value);
        }
        Ref::new(&self.types.module, Module { dict })
    }
}
