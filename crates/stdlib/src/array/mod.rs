//! `array`: rows of C values.

mod class;
mod items;
mod iter;
mod kinds;
mod methods;
mod pickle;

use pyco_exec::object::header::Ref;
use pyco_exec::object::module::Module;
use pyco_exec::object::native::NativeDef;
use pyco_exec::{PyResult, Value, Vm};

/// Makes the module.
pub(crate) fn make(vm: &mut Vm) -> PyResult<Ref<Module>> {
    let module = vm.new_module("array");
    vm.add_functions(&module, FUNCTIONS);
    let class = vm.add_class(&module, &class::ARRAY);
    vm.set_global(module.dict(), "ArrayType", Value::from(&class));
    let minor = vm.version_number();
    let codes = kinds::KINDS.iter().filter(|kind| kind.since <= minor);
    let codes = match minor {
        ..15 => {
            let codes: String = codes.map(|kind| kind.code).collect();
            vm.new_str(&codes)
        }
        _ => vm.new_tuple(codes.map(|kind| vm.new_str(kind.code)).collect()),
    };
    vm.set_global(module.dict(), "typecodes", codes);
    Ok(module)
}

static FUNCTIONS: &[NativeDef] =
    &[
        NativeDef::range("_array_reconstructor", 4, 4, pickle::reconstruct).signature(
            "($module, arraytype, typecode, mformat_code, items,\n                     /)",
        ),
    ];
