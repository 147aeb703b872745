//! The exception classes of native modules: `zlib.error` and the like.

use std::collections::HashMap;

use pyco_exec::object::dict::Dict;
use pyco_exec::object::header::Ref;
use pyco_exec::object::type_::Type;
use pyco_exec::{PyResult, Raised, Value, Vm};

/// One exception class, as a table entry.
pub(crate) struct ErrorDef {
    /// The class's name, after its module's: `zlib.error`.
    pub(crate) name: &'static str,
    /// What it derives from.
    pub(crate) base: fn(&Vm) -> Ref<Type>,
}

/// The classes that were made, by their names.
#[derive(Default)]
struct Classes(HashMap<&'static str, Value>);

/// The class that `def` describes: the same one each time.
pub(crate) fn error_class(vm: &mut Vm, def: &'static ErrorDef) -> PyResult {
    if let Some(class) = vm.state::<Classes>().0.get(def.name) {
        return Ok(class.clone());
    }
    let (module, name) = def.name.rsplit_once('.').unwrap_or(("", def.name));
    let base = (def.base)(vm);
    let bases = vm.new_tuple(vec![Value::from(&base)]);
    let (namespace, name) = (Dict::new(vm), vm.new_str(name));
    let module = vm.new_str(module);
    vm.set_global(&namespace, "__module__", module);
    let meta = vm.types.type_.clone();
    let class = vm.call(meta.as_value(), &[name, bases, Value::from(namespace)])?;
    vm.state::<Classes>().0.insert(def.name, class.clone());
    Ok(class)
}

/// An exception of the class that `def` describes.
#[cold]
pub(crate) fn error(vm: &mut Vm, def: &'static ErrorDef, message: &str) -> Raised {
    let message = vm.new_str(message);
    let made = error_class(vm, def).and_then(|class| vm.call(&class, &[message]));
    match made {
        Ok(error) => vm.raise_value(error),
        Err(raised) => raised,
    }
}
