//! `_struct`: values packed into bytes as C has them, and back.

mod class;
mod format;
mod iter;
mod pack;
mod unpack;

use pyco_exec::object::dict::Dict;
use pyco_exec::object::header::Ref;
use pyco_exec::object::module::Module;
use pyco_exec::object::native::NativeDef;
use pyco_exec::{Bound, Params, PyResult, Raised, Value, Vm};

use crate::errors::{self, ErrorDef};
use class::{STRUCT, Struct};

static ERROR: ErrorDef = ErrorDef {
    name: "struct.error",
    base: |vm| vm.types.exception.clone(),
};

/// What the module keeps in the VM.
#[derive(Default)]
struct State {
    /// Structs by their format, as the functions got it.
    cache: Option<Ref<Dict>>,
}

/// How many structs are kept.
const MOST_CACHED: usize = 100;

/// Makes the module.
pub(crate) fn make(vm: &mut Vm) -> PyResult<Ref<Module>> {
    let module = vm.new_module("_struct");
    vm.add_functions(&module, FUNCTIONS);
    vm.add_class(&module, &STRUCT);
    let class = errors::error_class(vm, &ERROR)?;
    vm.set_global(module.dict(), "error", class);
    Ok(module)
}

/// A `struct.error`.
#[cold]
fn error(vm: &mut Vm, message: impl AsRef<str>) -> Raised {
    errors::error(vm, &ERROR, message.as_ref())
}

static UNPACK_FROM: Params = Params::new(&["format", "buffer", "offset"], 2).positional_only(1);

static FUNCTIONS: &[NativeDef] = &[
    NativeDef::no_args("_clearcache", |vm, _| {
        vm.state::<State>().cache = None;
        Ok(Value::NONE)
    })
    .signature("($module, /)"),
    NativeDef::one("calcsize", |vm, _, format| {
        let size = cached(vm, format)?.size(vm);
        Ok(vm.int(size))
    })
    .signature("($module, format, /)"),
    NativeDef::range("iter_unpack", 2, 2, |vm, _, arguments| {
        let made = cached(vm, &arguments[0])?;
        iter::iter_unpack(vm, &made, &arguments[1])
    })
    .signature("($module, format, buffer, /)"),
    NativeDef::range("pack", 0, usize::MAX, pack).until(14),
    NativeDef::range("pack", 1, usize::MAX, pack)
        .signature("($module, format, /, *values)")
        .since(15),
    NativeDef::range("pack_into", 0, usize::MAX, pack_into).until(14),
    NativeDef::range("pack_into", 3, usize::MAX, pack_into)
        .signature("($module, format, buffer, offset, /, *values)")
        .since(15),
    NativeDef::range("unpack", 2, 2, |vm, _, arguments| {
        let made = cached(vm, &arguments[0])?;
        class::unpack(vm, &made, &arguments[1])
    })
    .signature("($module, format, buffer, /)"),
    NativeDef::bound("unpack_from", &UNPACK_FROM, unpack_from)
        .signature("($module, format, /, buffer, offset=0)"),
];

/// The Struct of a format, kept for the next use.
fn cached(vm: &mut Vm, format: &Value) -> PyResult<Ref<Struct>> {
    let cache = match vm.state::<State>().cache.clone() {
        Some(cache) => cache,
        None => {
            let cache = Dict::new(vm);
            vm.state::<State>().cache = Some(cache.clone());
            cache
        }
    };
    if let Some(made) = cache.get(vm, format)?
        && let Ok(made) = made.into_ref::<Struct>()
    {
        return Ok(made);
    }
    let made = class::make(vm, format)?;
    if cache.len(vm) >= MOST_CACHED {
        cache.clear_items(vm);
    }
    cache.set(vm, format.clone(), Value::from(&made))?;
    Ok(made)
}

#[cold]
fn missing_format(vm: &mut Vm) -> Raised {
    vm.type_error("missing format argument")
}

fn pack(vm: &mut Vm, _module: &Value, arguments: &[Value]) -> PyResult {
    let Some((format, values)) = arguments.split_first() else {
        return Err(missing_format(vm));
    };
    let made = cached(vm, format)?;
    class::pack(vm, &made, values)
}

fn pack_into(vm: &mut Vm, _module: &Value, arguments: &[Value]) -> PyResult {
    let Some((format, rest)) = arguments.split_first() else {
        return Err(missing_format(vm));
    };
    let made = cached(vm, format)?;
    class::pack_into(vm, &made, rest, 2)
}

fn unpack_from(vm: &mut Vm, _module: &Value, args: &Bound<'_>) -> PyResult {
    let (Some(format), Some(buffer)) = (args.get(0), args.get(1)) else {
        return Err(missing_format(vm));
    };
    let made = cached(vm, format)?;
    class::unpack_from(vm, &made, buffer, args.get(2))
}
