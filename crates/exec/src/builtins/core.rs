//! `__build_class__`, `__import__` and (3.15) `__lazy_import__`.

use crate::call::{Bound, Params};
use crate::error::PyResult;
use crate::object::dict::Dict;
use crate::object::lazy_import::LAZY_IMPORT;
use crate::object::native::NativeDef;
use crate::object::str_::Str;
use crate::value::Value;
use crate::vm::Vm;

pub(super) static FUNCTIONS: &[NativeDef] = &[
    NativeDef::any("__build_class__", |vm, _, args| {
        crate::ops::classes::build_class(vm, args)
    }),
    NativeDef::bound("__import__", &IMPORT, import),
    LAZY_IMPORT,
];

static IMPORT: Params = Params::new(&["name", "globals", "locals", "fromlist", "level"], 1);

fn import(vm: &mut Vm, _this: &Value, args: &Bound<'_>) -> PyResult {
    let Some(name) = args.get(0).and_then(|n| n.downcast::<Str>()).cloned() else {
        return Err(vm.type_error("module name must be a string"));
    };
    let level = match args.get(4) {
        Some(level) => vm.index_as_i64(level, "import level is too large")?,
        None => 0,
    };
    let globals = args.get(1).and_then(|g| g.downcast::<Dict>()).cloned();
    let from_list = args.get(3).cloned().unwrap_or(Value::NONE);
    crate::import::import_module_level(vm, &name.to_string(), globals.as_ref(), &from_list, level)
}
