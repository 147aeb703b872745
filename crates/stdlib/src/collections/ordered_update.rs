//! How `OrderedDict` takes items from others: through its own `__setitem__`, which a subclass may have overridden.

use pyco_exec::object::dict::Dict;
use pyco_exec::{Args, PyResult, Value, Vm};

/// `update(…)` and `OrderedDict(…)`; `too_many` is how the former complains.
pub(super) fn update(vm: &mut Vm, this: &Value, args: Args<'_>, too_many: &str) -> PyResult<()> {
    let given = args.positional();
    if given.len() > 1 {
        let count = given.len();
        return Err(vm.type_error(match (too_many, vm.version_number()) {
            ("", ..12) => format!("expected at most 1 arguments, got {count}"),
            ("", _) => format!("expected at most 1 argument, got {count}"),
            _ => format!("{too_many} ({count} given)"),
        }));
    }
    if let Some(source) = given.first() {
        update_from(vm, this, source)?;
    }
    for (key, value) in args.keywords() {
        vm.set_item(this, &Value::from(key), value.clone())?;
    }
    Ok(())
}

/// Takes the items of a mapping, or of an iterable of pairs.
pub(super) fn update_from(vm: &mut Vm, this: &Value, source: &Value) -> PyResult<()> {
    if let Some(dict) = source.downcast::<Dict>().filter(|dict| dict.is_exact()) {
        for (key, value) in dict.items(vm) {
            vm.set_item(this, &key, value)?;
        }
        return Ok(());
    }
    let keys = vm.intern("keys");
    if let Some(keys) = vm.get_attr_opt(source, &keys)? {
        let keys = vm.call(&keys, &[])?;
        return vm.for_each(&keys, |vm, key| {
            let value = vm.get_item(source, &key)?;
            vm.set_item(this, &key, value)
        });
    }
    let items = vm.intern("items");
    if let Some(items) = vm.get_attr_opt(source, &items)? {
        let items = vm.call(&items, &[])?;
        return add_pairs(vm, this, &items);
    }
    add_pairs(vm, this, source)
}

fn add_pairs(vm: &mut Vm, this: &Value, pairs: &Value) -> PyResult<()> {
    vm.for_each(pairs, |vm, pair| {
        let iterator = vm.iter(&pair)?;
        let Some(key) = vm.next(&iterator)? else {
            return Err(vm.value_error("need more than 0 values to unpack"));
        };
        let Some(value) = vm.next(&iterator)? else {
            return Err(vm.value_error("need more than 1 value to unpack"));
        };
        if vm.next(&iterator)?.is_some() {
            return Err(vm.value_error("too many values to unpack (expected 2)"));
        }
        vm.set_item(this, &key, value)
    })
}
