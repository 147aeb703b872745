//! `_functools`: `partial`, `reduce`, `cmp_to_key` and the cache behind `lru_cache`.

mod cmp_to_key;
mod lru_cache;
mod partial;

use pyco_exec::object::header::Ref;
use pyco_exec::object::module::Module;
use pyco_exec::object::native::NativeDef;
use pyco_exec::{Args, Params, PyResult, Value, Vm};

/// Makes the module.
pub(crate) fn make(vm: &mut Vm) -> PyResult<Ref<Module>> {
    let module = vm.new_module("_functools");
    vm.add_functions(&module, FUNCTIONS);
    vm.add_class(&module, &partial::PARTIAL);
    vm.add_class(&module, &lru_cache::LRU_CACHE);
    if vm.version_number() >= 14 {
        let class = vm.add_class(&module, &partial::PLACEHOLDER);
        let placeholder = vm.call(class.as_value(), &[])?;
        vm.set_global(module.dict(), "Placeholder", placeholder);
    }
    Ok(module)
}

static FUNCTIONS: &[NativeDef] = &[
    NativeDef::any("reduce", reduce_positional).until(13),
    NativeDef::bound("reduce", &REDUCE, |vm, _, bound| {
        let (Some(function), Some(iterable)) = (bound.get(0), bound.get(1)) else {
            return Ok(Value::NONE);
        };
        reduce(vm, function, iterable, bound.get(2).cloned())
    })
    .signature("($module, function, iterable, /, initial=<unrepresentable>)")
    .since(14),
    NativeDef::bound("cmp_to_key", &CMP_TO_KEY, |vm, _, bound| {
        let function = crate::arguments::or_none(bound.get(0));
        Ok(cmp_to_key::key(vm, function, None))
    })
    .signature("($module, /, mycmp)"),
];

static REDUCE: Params = Params::new(&["function", "iterable", "initial"], 2).positional_only(2);
static CMP_TO_KEY: Params = Params::new(&["mycmp"], 1);

/// `reduce` as it was before it took keywords.
fn reduce_positional(vm: &mut Vm, _module: &Value, args: Args<'_>) -> PyResult {
    let arguments = args.between(vm, "reduce", 2, 3)?;
    reduce(vm, &arguments[0], &arguments[1], arguments.get(2).cloned())
}

fn reduce(vm: &mut Vm, function: &Value, iterable: &Value, initial: Option<Value>) -> PyResult {
    let iterator = match vm.iter(iterable) {
        Err(raised) if raised.is(vm, &vm.types.type_error) => {
            return Err(vm.type_error("reduce() arg 2 must support iteration"));
        }
        iterator => iterator?,
    };
    let mut result = initial;
    while let Some(item) = vm.next(&iterator)? {
        result = Some(match result {
            None => item,
            Some(result) => vm.call(function, &[result, item])?,
        });
    }
    match result {
        Some(result) => Ok(result),
        None => Err(vm.type_error("reduce() of empty iterable with no initial value")),
    }
}
