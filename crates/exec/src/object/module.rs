//! Modules.

use crate::call::{Args, Params};
use crate::error::PyResult;
use crate::object::dict::Dict;
use crate::object::header::{Kind, Payload, Ref};
use crate::object::sequence::receiver;
use crate::object::str_::Str;
use crate::object::type_::Type;
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

fn new(vm: &mut Vm, ty: &Ref<Type>, _args: Args<'_>) -> PyResult {
    let dict = Dict::new(vm);
    Ok(Value::from(Ref::new(ty, Module { dict })))
}

static INIT: Params = Params::new(&["name", "doc"], 1);

fn init(vm: &mut Vm, this: &Value, args: Args<'_>) -> PyResult<()> {
    let module = receiver::<Module>(vm, this)?.clone();
    let bound = args.bind(vm, "module", &INIT)?;
    let name = bound.get(0).cloned().unwrap_or(Value::NONE);
    if name.downcast::<Str>().is_none() {
        let found = vm.type_name(&name);
        let message = format!("module() argument 'name' must be str, not {found}");
        return Err(vm.type_error(message));
    }
    let doc = bound.get(1).cloned().unwrap_or(Value::NONE);
    vm.set_module_attributes(&module.dict, name, doc);
    Ok(())
}

/// Fills the slots that make modules.
pub(crate) fn ready_slots(vm: &mut Vm) {
    let slots = &vm.types.module.slots;
    slots.new.set(Some(new));
    slots.init.set(Some(init));
}

impl Vm {
    fn set_module_attributes(&mut self, dict: &Ref<Dict>, name: Value, doc: Value) {
        for (key, value) in [
            ("__name__", name),
            ("__doc__", doc),
            ("__package__", Value::NONE),
            ("__loader__", Value::NONE),
            ("__spec__", Value::NONE),
        ] {
            let key = self.intern(key);
            dict.set_str(self, &key, value);
        }
    }

    /// A new module with the attributes that every module has.
    pub fn new_module(&mut self, name: &str) -> Ref<Module> {
        let dict = Dict::new(self);
        let name = self.new_str(name);
        self.set_module_attributes(&dict, name, Value::NONE);
        Ref::new(&self.types.module, Module { dict })
    }
}
