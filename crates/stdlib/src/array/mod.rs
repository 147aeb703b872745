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
    register(vm, class.as_value())?;
    Ok(module)
}

/// Tells `collections.abc` that an array is a MutableSequence, where there is a standard library.
fn register(vm: &mut Vm, class: &Value) -> PyResult<()> {
    let classes = match vm.import("_collections_abc") {
        Ok(classes) => classes,
        Err(raised) if raised.is(vm, &vm.types.import_error) => return Ok(()),
        Err(raised) => return Err(raised),
    };
    let name = vm.intern("MutableSequence");
    let sequence = vm.get_attr(&classes, &name)?;
    let register = vm.intern("register");
    vm.call_method(&sequence, &register, std::slice::from_ref(class))?;
    Ok(())
}

static FUNCTIONS: &[NativeDef] =
    &[
        NativeDef::range("_array_reconstructor", 4, 4, pickle::reconstruct).signature(
            "($module, arraytype, typecode, mformat_code, items,\n                     /)",
        ),
    ];
