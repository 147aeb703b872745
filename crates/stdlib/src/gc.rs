//! `gc`: the cycle collector as programs see and set it.

use pyco_exec::collector::debug;
use pyco_exec::object::dict::Dict;
use pyco_exec::object::header::Ref;
use pyco_exec::object::module::Module;
use pyco_exec::object::native::NativeDef;
use pyco_exec::{Args, Bound, Params, PyResult, Value, Vm};

/// Makes the module.
pub(crate) fn make(vm: &mut Vm) -> PyResult<Ref<Module>> {
    let module = vm.new_module("gc");
    vm.add_functions(&module, FUNCTIONS);
    let (garbage, callbacks) = {
        let collector = vm.collector();
        (collector.garbage.clone(), collector.callbacks.clone())
    };
    vm.set_global(module.dict(), "garbage", garbage);
    vm.set_global(module.dict(), "callbacks", callbacks);
    for (name, bits) in [
        ("DEBUG_STATS", debug::STATS),
        ("DEBUG_COLLECTABLE", debug::COLLECTABLE),
        ("DEBUG_UNCOLLECTABLE", debug::UNCOLLECTABLE),
        ("DEBUG_SAVEALL", debug::SAVE_ALL),
        (
            "DEBUG_LEAK",
            debug::COLLECTABLE | debug::UNCOLLECTABLE | debug::SAVE_ALL,
        ),
    ] {
        let bits = vm.int(bits);
        vm.set_global(module.dict(), name, bits);
    }
    Ok(module)
}

static COLLECT: Params = Params::new(&["generation"], 0);
static GET_OBJECTS: Params = Params::new(&["generation"], 0);

static FUNCTIONS: &[NativeDef] = &[
    NativeDef::no_args("enable", |vm, _| {
        vm.collector().is_enabled = true;
        Ok(Value::NONE)
    })
    .signature("($module, /)"),
    NativeDef::no_args("disable", |vm, _| {
        vm.collector().is_enabled = false;
        Ok(Value::NONE)
    })
    .signature("($module, /)"),
    NativeDef::no_args("isenabled", |vm, _| {
        Ok(Value::bool(vm.collector().is_enabled))
    })
    .signature("($module, /)"),
    NativeDef::one("set_debug", |vm, _, flags| {
        let flags = c_int(vm, flags)?;
        vm.collector().debug = flags;
        Ok(Value::NONE)
    })
    .signature("($module, flags, /)"),
    NativeDef::no_args("get_debug", |vm, _| {
        let flags = vm.collector().debug;
        Ok(vm.int(flags))
    })
    .signature("($module, /)"),
    NativeDef::no_args("get_count", get_count).signature("($module, /)"),
    NativeDef::any("set_threshold", set_threshold),
    NativeDef::no_args("get_threshold", |vm, _| {
        let thresholds = vm.collector().thresholds;
        let thresholds = thresholds.map(|n| vm.int(n));
        Ok(vm.new_tuple(thresholds.into()))
    })
    .signature("($module, /)"),
    NativeDef::bound("collect", &COLLECT, collect).signature("($module, /, generation=2)"),
    NativeDef::bound("get_objects", &GET_OBJECTS, get_objects)
        .signature("($module, /, generation=None)"),
    NativeDef::no_args("get_stats", get_stats).signature("($module, /)"),
    NativeDef::one("is_tracked", |vm, _, object| {
        Ok(Value::bool(vm.is_tracked(object)))
    })
    .signature("($module, obj, /)"),
    NativeDef::one("is_finalized", |vm, _, object| {
        Ok(Value::bool(vm.is_finalized(object)))
    })
    .signature("($module, obj, /)"),
    NativeDef::any("get_referrers", |vm, _, args| {
        let objects = positional(vm, "gc.get_referrers", args)?;
        let found = vm.referrers(objects);
        Ok(vm.new_list(found))
    }),
    NativeDef::any("get_referents", |vm, _, args| {
        let objects = positional(vm, "gc.get_referents", args)?;
        let found = objects.iter().flat_map(|object| vm.referents(object));
        let found = found.collect();
        Ok(vm.new_list(found))
    }),
    NativeDef::no_args("freeze", |vm, _| {
        vm.freeze_objects();
        Ok(Value::NONE)
    })
    .signature("($module, /)"),
    NativeDef::no_args("unfreeze", |vm, _| {
        vm.unfreeze_objects();
        Ok(Value::NONE)
    })
    .signature("($module, /)"),
    NativeDef::no_args("get_freeze_count", |vm, _| {
        let count = vm.frozen_count();
        Ok(vm.int(count as i64))
    })
    .signature("($module, /)"),
];

/// A number that C code takes as an `int`.
fn c_int(vm: &mut Vm, value: &Value) -> PyResult<i64> {
    let too_large = "Python int too large to convert to C int";
    let number = vm.index_as_i64(value, too_large)?;
    match i32::try_from(number) {
        Ok(_) => Ok(number),
        Err(_) => Err(vm.overflow_error(too_large)),
    }
}

fn positional<'a>(vm: &mut Vm, name: &str, args: Args<'a>) -> PyResult<&'a [Value]> {
    if args.has_keywords() {
        let name = match vm.version().minor() {
            ..13 => name.trim_start_matches("gc."),
            _ => name,
        };
        return Err(vm.type_error(format!("{name}() takes no keyword arguments")));
    }
    Ok(args.positional())
}

/// `gc.collect(generation=2)`.
fn collect(vm: &mut Vm, _module: &Value, args: &Bound<'_>) -> PyResult {
    let generation = match args.get(0) {
        Some(generation) => c_int(vm, generation)?,
        None => 2,
    };
    match usize::try_from(generation) {
        Ok(generation @ 0..=2) => {
            let found = vm.collect_generation(generation);
            Ok(vm.int(found as i64))
        }
        _ => Err(vm.value_error("invalid generation")),
    }
}

/// `gc.get_count()`.
fn get_count(vm: &mut Vm, _module: &Value) -> PyResult {
    let young = vm.tracked_objects(Some(0))?.len() as i64;
    let [first, second] = vm.collector().counts.map(|n| n as i64);
    let counts = [young, first, second].map(|n| vm.int(n));
    Ok(vm.new_tuple(counts.into()))
}

/// `gc.set_threshold(threshold0, [threshold1, [threshold2]])`.
fn set_threshold(vm: &mut Vm, _module: &Value, args: Args<'_>) -> PyResult {
    let given = positional(vm, "gc.set_threshold", args)?;
    if !(1..=3).contains(&given.len()) {
        let message = match (vm.version().minor(), given.len()) {
            (13.., _) => "gc.set_threshold requires 1 to 3 arguments".to_owned(),
            (_, 0) => "set_threshold() takes at least 1 argument (0 given)".to_owned(),
            (_, n) => format!("set_threshold() takes at most 3 arguments ({n} given)"),
        };
        return Err(vm.type_error(message));
    }
    let mut thresholds = vm.collector().thresholds;
    for (threshold, value) in thresholds.iter_mut().zip(given) {
        *threshold = c_int(vm, value)?;
    }
    vm.set_gc_thresholds(thresholds);
    Ok(Value::NONE)
}

/// `gc.get_objects(generation=None)`.
fn get_objects(vm: &mut Vm, _module: &Value, args: &Bound<'_>) -> PyResult {
    let generation = match args.not_none(0) {
        None => None,
        Some(value) => {
            if value.as_int().is_none() {
                let found = vm.type_name(value);
                let message = format!("argument should be integer or None, not '{found}'");
                return Err(vm.type_error(message));
            }
            match vm.index_for(value)? {
                -1 => None,
                generation @ 0..3 => Some(generation as usize),
                3.. => {
                    let message = "generation parameter must be less than the number of available generations (3)";
                    return Err(vm.value_error(message));
                }
                _ => return Err(vm.value_error("generation parameter cannot be negative")),
            }
        }
    };
    let found = vm.tracked_objects(generation)?;
    Ok(vm.new_list(found))
}

/// `gc.get_stats()`.
fn get_stats(vm: &mut Vm, _module: &Value) -> PyResult {
    let stats = vm.collector().stats;
    let mut all = Vec::new();
    for generation in stats {
        let dict = Dict::new(vm);
        for (name, count) in [
            ("collections", generation.collections),
            ("collected", generation.collected),
            ("uncollectable", 0),
        ] {
            let count = vm.int(count as i64);
            vm.set_global(&dict, name, count);
        }
        if vm.version().minor() >= 15 {
            let candidates = vm.int(generation.candidates as i64);
            vm.set_global(&dict, "candidates", candidates);
            vm.set_global(&dict, "duration", Value::float(0.0));
        }
        all.push(Value::from(dict));
    }
    Ok(vm.new_list(all))
}
