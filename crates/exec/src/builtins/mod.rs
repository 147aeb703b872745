//! The `builtins` module: its functions, by topic, and the built-in classes under their names.

mod attributes;
mod code;
mod compile;
mod core;
mod host_streams;
mod input;
mod iteration;
pub(crate) mod numbers;
mod objects;
mod output;
mod sum;

use crate::object::native::NativeDef;
use crate::value::Value;
use crate::vm::Vm;

/// The functions, by topic.
const FUNCTIONS: &[&[NativeDef]] = &[
    attributes::FUNCTIONS,
    code::FUNCTIONS,
    compile::FUNCTIONS,
    core::FUNCTIONS,
    input::FUNCTIONS,
    iteration::FUNCTIONS,
    numbers::FUNCTIONS,
    objects::FUNCTIONS,
    output::FUNCTIONS,
    sum::FUNCTIONS,
];

/// Fills the namespace of `builtins` and registers the module.
pub(crate) fn ready(vm: &mut Vm) {
    let module = vm.new_module("builtins");
    let dict = module.dict.clone();
    vm.builtins = dict.clone();
    let name = vm.new_str("builtins");
    for def in FUNCTIONS.iter().copied().flatten() {
        let key = vm.intern(def.name);
        let function = vm.new_native(def, Value::from(&module), Some(name.clone()));
        dict.set_str(vm, &key, function);
    }
    for (key, value) in [
        ("None", Value::NONE),
        ("True", Value::TRUE),
        ("False", Value::FALSE),
        ("Ellipsis", Value::ELLIPSIS),
        ("NotImplemented", Value::NOT_IMPLEMENTED),
        ("__debug__", Value::TRUE),
    ] {
        let key = vm.intern(key);
        dict.set_str(vm, &key, value);
    }
    for ty in vm.types.all() {
        if is_public(&ty) || ty.is(&vm.types.frozen_dict) && vm.version_number() >= 15 {
            let key = vm.intern(&ty.name());
            dict.set_str(vm, &key, Value::from(&ty));
        }
    }
    if vm.version_number() >= 15 {
        let key = vm.intern("sentinel");
        let class = vm.class(&crate::object::sentinel::SENTINEL);
        dict.set_str(vm, &key, Value::from(&class));
    }
    for (key, value) in crate::object::exception_types::public(vm) {
        let key = vm.intern(&key);
        dict.set_str(vm, &key, value);
    }
    for name in ["exit", "quit"] {
        let key = vm.intern(name);
        let quitter = vm.quitter(name);
        dict.set_str(vm, &key, quitter);
    }
    let key = vm.intern("builtins");
    let modules = vm.modules.clone();
    modules.set_str(vm, &key, Value::from(module));
}

/// Whether a class is found under its name in `builtins`.
fn is_public(ty: &crate::object::header::Ref<crate::object::type_::Type>) -> bool {
    const NAMES: &[&str] = &[
        "object",
        "type",
        "int",
        "bool",
        "float",
        "complex",
        "str",
        "bytes",
        "bytearray",
        "memoryview",
        "list",
        "tuple",
        "dict",
        "set",
        "frozenset",
        "range",
        "slice",
        "property",
        "classmethod",
        "staticmethod",
        "super",
        "enumerate",
        "zip",
        "map",
        "filter",
        "reversed",
    ];
    NAMES.contains(&&*ty.name())
}

/// `dir(object)`, sorted, without the items that are no str.
pub(crate) fn dir_names(vm: &mut Vm, object: &Value) -> crate::error::PyResult<Vec<String>> {
    use crate::object::str_::Str;
    let name = vm.names.__dir__.clone();
    let Some(names) = vm.call_special_opt(object, &name, &[])? else {
        return Ok(Vec::new());
    };
    let mut names: Vec<String> = vm
        .collect(&names)?
        .iter()
        .filter_map(|n| n.downcast::<Str>().map(|n| n.to_string()))
        .collect();
    names.sort();
    Ok(names)
}

impl Vm {
    /// Adds a built-in function that belongs to the native module `module`, as `open` does; returns it.
    pub fn add_builtin(&mut self, def: &'static NativeDef, module: &str) -> Value {
        let module = self.new_str(module);
        let function = self.new_native(def, Value::NONE, Some(module));
        let builtins = self.builtins.clone();
        self.set_global(&builtins, def.name, function.clone());
        function
    }
}
