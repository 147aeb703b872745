//! `itertools`: building blocks for iterators.
//!
//! One file a group of classes. What they share: an iterator that has ended lets go of what it iterated over where CPython's
//! does, a result tuple is filled anew when the program has let go of it, and pickling, which 3.14 took away, warns in 3.12 and
//! 3.13.

mod accumulate;
mod chain;
mod choose;
mod count;
mod cycle;
mod filters;
mod groupby;
mod islice;
mod lockstep;
mod product;
mod tee;

use pyco_exec::object::header::Ref;
use pyco_exec::object::module::Module;
use pyco_exec::object::tuple::Tuple;
use pyco_exec::{PyResult, Value, ValueCell, Vm};

/// Makes the module.
pub(crate) fn make(vm: &mut Vm) -> PyResult<Ref<Module>> {
    let module = vm.new_module("itertools");
    vm.add_functions(&module, tee::FUNCTIONS);
    for class in [
        &accumulate::ACCUMULATE,
        &accumulate::STARMAP,
        &chain::CHAIN,
        &choose::COMBINATIONS,
        &choose::COMBINATIONS_WITH_REPLACEMENT,
        &choose::PERMUTATIONS,
        &count::COUNT,
        &count::REPEAT,
        &cycle::CYCLE,
        &filters::COMPRESS,
        &filters::DROPWHILE,
        &filters::FILTERFALSE,
        &filters::TAKEWHILE,
        &groupby::GROUPBY,
        &groupby::GROUPER,
        &islice::ISLICE,
        &lockstep::PAIRWISE,
        &lockstep::ZIP_LONGEST,
        &product::PRODUCT,
        &tee::TEE,
        &tee::TEE_DATA,
    ] {
        vm.add_class(&module, class);
    }
    if vm.version_number() >= 12 {
        vm.add_class(&module, &lockstep::BATCHED);
    }
    Ok(module)
}

/// The last version whose iterators can be pickled and copied.
const PICKLE_UNTIL: u8 = 13;

/// Warns that what is being done goes away.
fn warn_of_pickle(vm: &mut Vm) -> PyResult<()> {
    if vm.version_number() >= 12 {
        vm.warn(
            "DeprecationWarning",
            "Pickle, copy, and deepcopy support will be removed from itertools in Python 3.14.",
        )?;
    }
    Ok(())
}

/// What `__reduce__` gives: the object's class, the arguments to call it with, and the state to set.
fn reduced(vm: &mut Vm, this: &Value, arguments: Vec<Value>, state: Option<Value>) -> PyResult {
    warn_of_pickle(vm)?;
    let class = Value::from(vm.type_of(this));
    let mut parts = vec![class, vm.new_tuple(arguments)];
    parts.extend(state);
    Ok(vm.new_tuple(parts))
}

/// The state given to a `__setstate__` that wants a tuple of `len` items.
fn state_of_len<'a>(vm: &mut Vm, state: &'a Value, len: usize) -> PyResult<&'a [Value]> {
    match state.downcast::<Tuple>() {
        Some(state) if state.items().len() == len => Ok(state.items()),
        _ => Err(vm.value_error("invalid arguments")),
    }
}

/// An int of a state as C's `PyLong_AsSsize_t` takes it.
fn state_int(vm: &mut Vm, value: &Value) -> PyResult<i64> {
    if value.as_int().is_none() {
        return Err(vm.type_error("an integer is required"));
    }
    crate::arguments::ssize(vm, value)
}

/// A tuple of ints.
fn ints(vm: &Vm, numbers: &[usize]) -> Value {
    vm.new_tuple(numbers.iter().map(|n| vm.int(*n as i64)).collect())
}

/// Gives the next result tuple, whose `len` items `fill` writes into one that holds whatever the last had. It is the last one itself, if only
/// the iterator still has that.
fn next_tuple(vm: &Vm, last: &ValueCell, fill: impl FnOnce(&mut [Value])) -> Value {
    let kept = last.take().and_then(|last| last.into_ref::<Tuple>().ok());
    let result = match kept {
        Some(mut tuple) => match tuple.items_mut() {
            Some(items) => {
                fill(items);
                tuple
            }
            None => {
                let mut copy = Tuple::copied(&vm.types.tuple, tuple.items());
                if let Some(items) = copy.items_mut() {
                    fill(items);
                }
                copy
            }
        },
        None => {
            let mut items = Vec::new();
            fill(&mut items);
            Tuple::of_type(&vm.types.tuple, items)
        }
    };
    last.set(Some(Value::from(&result)));
    Value::from(result)
}
