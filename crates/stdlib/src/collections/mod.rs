//! `_collections`: `deque`, `defaultdict`, `OrderedDict`, and what `collections` needs for named tuples and counters.

mod defaultdict;
mod deque;
mod deque_change;
mod deque_iter;
mod ordered_dict;
mod ordered_iter;
mod ordered_update;
mod tuple_getter;

use pyco_exec::object::dict::Dict;
use pyco_exec::object::dict_methods::gets_and_sets_as_dict;
use pyco_exec::object::header::Ref;
use pyco_exec::object::module::Module;
use pyco_exec::object::native::NativeDef;
use pyco_exec::object::slots::BinaryOp;
use pyco_exec::{PyResult, Value, Vm};

/// Makes the module.
pub(crate) fn make(vm: &mut Vm) -> PyResult<Ref<Module>> {
    let module = vm.new_module("_collections");
    vm.add_functions(&module, FUNCTIONS);
    for class in [
        &deque::DEQUE,
        &defaultdict::DEFAULTDICT,
        &ordered_dict::ORDERED_DICT,
        &deque_iter::FORWARD,
        &deque_iter::BACKWARD,
        &tuple_getter::TUPLE_GETTER,
    ] {
        vm.add_class(&module, class);
    }
    Ok(module)
}

static FUNCTIONS: &[NativeDef] = &[NativeDef::range("_count_elements", 2, 2, count_elements)
    .signature("($module, mapping, iterable, /)")];

/// `_count_elements(mapping, iterable)`: adds one to the count of each item.
fn count_elements(vm: &mut Vm, _module: &Value, arguments: &[Value]) -> PyResult {
    let (mapping, iterable) = (&arguments[0], &arguments[1]);
    let iterator = vm.iter(iterable)?;
    let one = vm.int(1);
    if let Some(counts) = mapping.downcast::<Dict>()
        && gets_and_sets_as_dict(vm, &vm.type_of(mapping).clone())
    {
        while let Some(item) = vm.next(&iterator)? {
            let hash = vm.hash(&item)?;
            if !counts.count_one(vm, &item, hash)? {
                let count = counts.get_hashed(vm, &item, hash)?;
                let count = increased(vm, &count.unwrap_or_else(|| vm.int(0)), &one)?;
                counts.set_hashed(vm, item, hash, count)?;
            }
            vm.check_growth(counts.len(vm))?;
        }
        return Ok(Value::NONE);
    }
    let get = vm.intern("get");
    let get = vm.get_attr(mapping, &get)?;
    while let Some(item) = vm.next(&iterator)? {
        let zero = vm.int(0);
        let count = vm.call(&get, &[item.clone(), zero])?;
        let count = increased(vm, &count, &one)?;
        vm.set_item(mapping, &item, count)?;
    }
    Ok(Value::NONE)
}

fn increased(vm: &mut Vm, count: &Value, one: &Value) -> PyResult {
    match count.as_small_int() {
        Some(count) => Ok(vm.int(count + 1)),
        None => vm.binary(count, one, BinaryOp::Add),
    }
}
