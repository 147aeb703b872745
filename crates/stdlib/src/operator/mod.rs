//! `_operator`: Python's operators as functions, and callables that fetch items, attributes and methods.

mod functions;
mod getters;

use pyco_exec::object::header::Ref;
use pyco_exec::object::module::Module;
use pyco_exec::{PyResult, Vm};

/// Makes the module.
pub(crate) fn make(vm: &mut Vm) -> PyResult<Ref<Module>> {
    let module = vm.new_module("_operator");
    vm.add_functions(&module, functions::FUNCTIONS);
    vm.add_class(&module, &getters::ITEMGETTER);
    vm.add_class(&module, &getters::ATTRGETTER);
    vm.add_class(&module, &getters::METHODCALLER);
    Ok(module)
}
