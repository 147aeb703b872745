//! `_imp`: what importlib asks of the interpreter. There are no frozen modules and no extension modules.

use pyco_exec::object::header::Ref;
use pyco_exec::object::module::Module;
use pyco_exec::object::native::NativeDef;
use pyco_exec::object::str_::Str;
use pyco_exec::{Params, PyResult, Value, Vm};
use siphasher::sip::SipHasher13;

/// Makes the module.
pub(crate) fn make(vm: &mut Vm) -> PyResult<Ref<Module>> {
    let module = vm.new_module("_imp");
    vm.add_functions(&module, FUNCTIONS);
    if vm.version().minor() >= 12 {
        vm.add_functions(&module, SINCE_3_12);
    }
    if vm.version().minor() >= 15 {
        vm.add_functions(&module, SINCE_3_15);
    }
    let checks = vm.new_str("default");
    vm.set_global(module.dict(), "check_hash_based_pycs", checks);
    if vm.version().minor() >= 14 {
        let magic = 0x0A0D_0000 | i64::from(vm.version().magic());
        let magic = vm.int(magic);
        vm.set_global(module.dict(), "pyc_magic_number_token", magic);
    }
    Ok(module)
}

/// How often the import lock is held.
#[derive(Default)]
struct ImportLock(u32);

static FIND_FROZEN: Params = Params::new(&["name", "withdata"], 1)
    .positional_only(1)
    .keyword_only(1);
static SOURCE_HASH: Params = Params::new(&["key", "source"], 2);

static FUNCTIONS: &[NativeDef] = &[
    NativeDef::no_args("extension_suffixes", |vm, _| Ok(vm.new_list(Vec::new()))),
    NativeDef::no_args("lock_held", |vm, _| {
        Ok(Value::bool(vm.state::<ImportLock>().0 > 0))
    }),
    NativeDef::no_args("acquire_lock", |vm, _| {
        vm.state::<ImportLock>().0 += 1;
        Ok(Value::NONE)
    }),
    NativeDef::no_args("release_lock", |vm, _| {
        let lock = vm.state::<ImportLock>();
        if lock.0 == 0 {
            return Err(vm.runtime_error("not holding the import lock"));
        }
        lock.0 -= 1;
        Ok(Value::NONE)
    }),
    NativeDef::bound("find_frozen", &FIND_FROZEN, |vm, _, args| {
        let name = args.get(0).cloned().unwrap_or(Value::NONE);
        require_str(vm, "find_frozen", &name)?;
        Ok(Value::NONE)
    }),
    NativeDef::range("get_frozen_object", 1, 2, |vm, _, args| {
        require_str(vm, "get_frozen_object", &args[0])?;
        Err(no_frozen(vm, &args[0])?)
    }),
    NativeDef::one("init_frozen", |vm, _, name| {
        require_str(vm, "init_frozen", name)?;
        Ok(Value::NONE)
    }),
    NativeDef::one("is_frozen", |vm, _, name| {
        require_str(vm, "is_frozen", name)?;
        Ok(Value::FALSE)
    }),
    NativeDef::one("is_frozen_package", |vm, _, name| {
        require_str(vm, "is_frozen_package", name)?;
        Err(no_frozen(vm, name)?)
    }),
    NativeDef::no_args("_frozen_module_names", |vm, _| Ok(vm.new_list(Vec::new()))),
    NativeDef::one("_override_frozen_modules_for_tests", |vm, _, value| {
        vm.index_for(value)?;
        Ok(Value::NONE)
    }),
    NativeDef::one("is_builtin", is_builtin),
    NativeDef::one("create_builtin", create_builtin),
    NativeDef::one("exec_builtin", |vm, _, _| Ok(vm.int(0))),
    NativeDef::range("create_dynamic", 1, 2, |vm, _, args| {
        let name = spec_name(vm, &args[0])?;
        let message = format!("{name} is an extension module, and pyco loads none");
        Err(vm.error(&vm.types.import_error.clone(), message))
    }),
    NativeDef::one("exec_dynamic", |vm, _, _| Ok(vm.int(0))),
    NativeDef::range("_fix_co_filename", 2, 2, |_, _, _| Ok(Value::NONE)),
    NativeDef::bound("source_hash", &SOURCE_HASH, |vm, _, args| {
        let (Some(key), Some(source)) = (args.get(0), args.get(1)) else {
            return Ok(Value::NONE);
        };
        let key = vm.index_for(key)? as u64;
        let Some(bytes) = pyco_exec::object::buffer::bytes_of(vm, source) else {
            let found = vm.type_name(source);
            return Err(vm.type_error(format!("a bytes-like object is required, not '{found}'")));
        };
        let hash = SipHasher13::new_with_keys(key, 0).hash(bytes);
        Ok(vm.new_bytes(hash.to_le_bytes().to_vec()))
    }),
];

static SINCE_3_12: &[NativeDef] = &[NativeDef::one(
    "_override_multi_interp_extensions_check",
    |vm, _, value| {
        vm.index_for(value)?;
        Ok(vm.int(0))
    },
)];

static SINCE_3_15: &[NativeDef] = &[NativeDef::range(
    "_set_lazy_attributes",
    2,
    2,
    |vm, _, _| Err(vm.not_implemented("_imp._set_lazy_attributes")),
)];

fn require_str(vm: &mut Vm, function: &str, value: &Value) -> PyResult<()> {
    if value.downcast::<Str>().is_some() {
        return Ok(());
    }
    let found = vm.type_name(value);
    Err(vm.type_error(format!("{function}() argument must be str, not {found}")))
}

fn no_frozen(vm: &mut Vm, name: &Value) -> PyResult<pyco_exec::Raised> {
    let name = vm.repr_text(name)?;
    let message = format!("No such frozen object named {name}");
    Ok(vm.error(&vm.types.import_error.clone(), message))
}

/// `is_builtin(name)`: -1 for the modules that are there from the start, 1 for other native ones.
fn is_builtin(vm: &mut Vm, _module: &Value, name: &Value) -> PyResult {
    require_str(vm, "is_builtin", name)?;
    let name = vm.str_text(name)?;
    let answer = match name.as_str() {
        "sys" | "builtins" => -1,
        _ => i64::from(vm.has_native_module(&name)),
    };
    Ok(vm.int(answer))
}

fn spec_name(vm: &mut Vm, spec: &Value) -> PyResult<String> {
    let name = vm.intern("name");
    let name = vm.get_attr(spec, &name)?;
    if name.downcast::<Str>().is_none() {
        return Err(vm.type_error("name must be string, not bytes"));
    }
    vm.str_text(&name)
}

/// `create_builtin(spec)`.
fn create_builtin(vm: &mut Vm, _module: &Value, spec: &Value) -> PyResult {
    let name = spec_name(vm, spec)?;
    if name != "sys" && name != "builtins" && !vm.has_native_module(&name) {
        return Ok(Value::NONE);
    }
    vm.import(&name)
}

/// The names of the native modules, sorted.
pub(crate) fn names(vm: &Vm) -> Vec<String> {
    let mut names = vm.native_module_names();
    names.push("builtins".to_owned());
    names.sort_unstable();
    names
}
