//! `posix`: files, folders and descriptors, the process and its environment, as far as the host grants them.
//!
//! A function that is missing raises AttributeError, as on a system without it: no processes are made, and nobody's identity changes.

mod arguments;
mod constants;
mod descriptors;
mod files;
mod folders;
mod normal;
mod owner;
mod process;
mod stat;

use pyco_exec::object::header::Ref;
use pyco_exec::object::module::Module;
use pyco_exec::{PyResult, Value, Vm};

/// Makes the module.
pub(crate) fn make(vm: &mut Vm) -> PyResult<Ref<Module>> {
    let module = vm.new_module("posix");
    for functions in [
        stat::FUNCTIONS,
        files::FUNCTIONS,
        folders::FUNCTIONS,
        descriptors::FUNCTIONS,
        process::FUNCTIONS,
        normal::FUNCTIONS,
        owner::FUNCTIONS,
    ] {
        vm.add_functions(&module, functions);
    }
    for (name, value) in constants::CONSTANTS {
        let value = vm.int(*value);
        vm.set_global(module.dict(), name, value);
    }
    for (name, def) in [
        ("stat_result", &stat::STAT_RESULT),
        ("uname_result", &process::UNAME_RESULT),
        ("times_result", &process::TIMES_RESULT),
        ("terminal_size", &descriptors::TERMINAL_SIZE),
    ] {
        let class = vm.sequence_class(def);
        vm.set_global(module.dict(), name, Value::from(class));
    }
    vm.add_class(&module, &folders::DIR_ENTRY);
    let error = Value::from(&vm.types.os_error);
    vm.set_global(module.dict(), "error", error);
    let environ = process::environ(vm)?;
    vm.set_global(module.dict(), "environ", environ);
    let have = constants::HAVE_FUNCTIONS;
    let have = have.iter().map(|name| vm.new_str(name)).collect();
    let have = vm.new_list(have);
    vm.set_global(module.dict(), "_have_functions", have);
    Ok(module)
}
