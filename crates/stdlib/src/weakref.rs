//! `_weakref`: what `weakref` is made from. The classes are those of the object model.

use pyco_exec::object::dict::Dict;
use pyco_exec::object::header::Ref;
use pyco_exec::object::module::Module;
use pyco_exec::object::native::NativeDef;
use pyco_exec::object::weak_ref::{self, WeakRef};
use pyco_exec::{PyResult, Value, Vm};

/// Makes the module.
pub(crate) fn make(vm: &mut Vm) -> PyResult<Ref<Module>> {
    let module = vm.new_module("_weakref");
    for (name, class) in [
        ("ref", &vm.types.weak_ref),
        ("ReferenceType", &vm.types.weak_ref),
        ("ProxyType", &vm.types.weak_proxy),
        ("CallableProxyType", &vm.types.weak_callable_proxy),
    ]
    .map(|(name, class)| (name, Value::from(class)))
    {
        vm.set_global(module.dict(), name, class);
    }
    vm.add_functions(&module, FUNCTIONS);
    Ok(module)
}

static FUNCTIONS: &[NativeDef] = &[
    NativeDef::one("getweakrefcount", |vm, _, object| {
        let count = weak_ref::all(object).len();
        Ok(vm.int(count as i64))
    })
    .signature("($module, object, /)"),
    NativeDef::one("getweakrefs", |vm, _, object| {
        let found = weak_ref::all(object).into_iter().map(Value::from);
        Ok(vm.new_list(found.collect()))
    })
    .signature("($module, object, /)"),
    NativeDef::range("proxy", 1, 2, |vm, _, args| {
        vm.weak_proxy(&args[0], args.get(1))
    })
    .signature("($module, object, callback=None, /)"),
    NativeDef::range("_remove_dead_weakref", 2, 2, remove_dead).signature("($module, dct, key, /)"),
];

/// `_remove_dead_weakref(dct, key)`: removes the item if its value is a dead weak reference, without asking the reference's class.
fn remove_dead(vm: &mut Vm, _module: &Value, args: &[Value]) -> PyResult {
    let Some(dict) = args[0].downcast::<Dict>().cloned() else {
        let found = vm.type_name(&args[0]);
        let message = format!("_remove_dead_weakref() argument 1 must be dict, not {found}");
        return Err(vm.type_error(message));
    };
    // A key without a hash is told of as anywhere, not as a dict's key.
    vm.hash(&args[1])?;
    let Some(value) = dict.get(vm, &args[1])? else {
        return Ok(Value::NONE);
    };
    let Some(reference) = value.downcast::<WeakRef>() else {
        return Err(vm.type_error("not a weakref"));
    };
    if reference.is_dead() {
        dict.remove(vm, &args[1])?;
    }
    Ok(Value::NONE)
}
