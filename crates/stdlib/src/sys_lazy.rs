//! What `sys` has for lazy imports (3.15 on): the mode, the filter, the names of what is awaited.

use pyco_exec::object::header::Ref;
use pyco_exec::object::module::Module;
use pyco_exec::object::native::NativeDef;
use pyco_exec::object::str_::Str;
use pyco_exec::{Bound, Params, PyResult, Value, Vm};

static MODE: Params = Params::new(&["mode"], 1);
static FILTER: Params = Params::new(&["filter"], 1);

static FUNCTIONS: &[NativeDef] = &[
    NativeDef::bound("set_lazy_imports", &MODE, set_mode).signature("($module, /, mode)"),
    NativeDef::no_args("get_lazy_imports", |vm, _| {
        let mode = if vm.all_imports_are_lazy() {
            "all"
        } else {
            "normal"
        };
        Ok(vm.new_str(mode))
    })
    .signature("($module, /)"),
    NativeDef::bound("set_lazy_imports_filter", &FILTER, set_filter)
        .signature("($module, /, filter)"),
    NativeDef::no_args("get_lazy_imports_filter", |vm, _| {
        Ok(vm.lazy_import_filter().unwrap_or(Value::NONE))
    })
    .signature("($module, /)"),
];

/// Adds the functions, and `lazy_modules`.
pub(crate) fn add(vm: &mut Vm, module: &Ref<Module>) {
    vm.add_functions(module, FUNCTIONS);
    let pending = Value::from(vm.lazy_modules());
    vm.set_global(module.dict(), "lazy_modules", pending);
}

fn set_mode(vm: &mut Vm, _this: &Value, args: &Bound<'_>) -> PyResult {
    let Some(mode) = args.get(0).and_then(|mode| mode.downcast::<Str>()) else {
        return Err(vm.type_error("mode must be a string: 'normal' or 'all'"));
    };
    let all = match mode.to_string().as_str() {
        "all" => true,
        "normal" => false,
        _ => return Err(vm.value_error("mode must be 'normal' or 'all'")),
    };
    vm.set_all_imports_lazy(all);
    Ok(Value::NONE)
}

fn set_filter(vm: &mut Vm, _this: &Value, args: &Bound<'_>) -> PyResult {
    let filter = args.not_none(0).cloned();
    if filter
        .as_ref()
        .is_some_and(|filter| !vm.is_callable(filter))
    {
        return Err(vm.value_error("filter provided but is not callable"));
    }
    vm.set_lazy_import_filter(filter);
    Ok(Value::NONE)
}
