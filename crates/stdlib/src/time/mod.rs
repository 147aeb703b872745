//! `time`: clocks, as far as the host grants them, and times as text.
//!
//! `calendar.rs` is the arithmetic of days, `tuple.rs` `struct_time` and its checks, `text.rs` `strftime`, `zone.rs` the local time zone.

mod calendar;
mod clock;
mod text;
mod tuple;
mod zone;

use pyco_exec::object::header::Ref;
use pyco_exec::object::module::Module;
use pyco_exec::{PyResult, Value, Vm};

pub(crate) use clock::timespec;
pub(crate) use text::{DAYS, MONTHS};

/// Makes the module.
pub(crate) fn make(vm: &mut Vm) -> PyResult<Ref<Module>> {
    let module = vm.new_module("time");
    for functions in [
        clock::FUNCTIONS,
        tuple::FUNCTIONS,
        text::FUNCTIONS,
        zone::FUNCTIONS,
    ] {
        vm.add_functions(&module, functions);
    }
    for (name, value) in clock::CONSTANTS {
        let value = vm.int(*value);
        vm.set_global(module.dict(), name, value);
    }
    // Asked for by tests, and by who makes a struct_time of any length.
    let items = vm.int(tuple::STRUCT_TIME.fields.len() as i64);
    vm.set_global(module.dict(), "_STRUCT_TM_ITEMS", items);
    let class = vm.sequence_class(&tuple::STRUCT_TIME);
    vm.set_global(module.dict(), "struct_time", Value::from(class));
    let module_value = Value::from(&module);
    zone::set_names(vm, &module_value)?;
    Ok(module)
}
