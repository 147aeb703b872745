//! `sys`: what programs most often ask of it. What is missing raises AttributeError, as any missing name does.

use pyco_exec::object::header::Ref;
use pyco_exec::object::module::Module;
use pyco_exec::object::native::NativeDef;
use pyco_exec::{PyResult, Value, Vm};

/// Makes the module.
pub(crate) fn make(vm: &mut Vm) -> PyResult<Ref<Module>> {
    let module = vm.new_module("sys");
    vm.add_functions(&module, FUNCTIONS);
    let arguments = vm
        .host()
        .arguments
        .iter()
        .map(|argument| vm.new_str(argument))
        .collect();
    let folders = vm.host().module_path.iter();
    let path = folders
        .map(|folder| vm.new_str(&folder.display().to_string()))
        .collect();
    let version = vm.version().to_string();
    let minor = version
        .rsplit('.')
        .next()
        .and_then(|m| m.parse::<i64>().ok())
        .unwrap_or(0);
    let info = vec![
        vm.int(3),
        vm.int(minor),
        vm.int(0),
        vm.new_str("final"),
        vm.int(0),
    ];
    let values = [
        ("argv", vm.new_list(arguments)),
        ("path", vm.new_list(path)),
        ("modules", vm.modules()),
        ("maxsize", vm.int(i64::MAX)),
        ("maxunicode", vm.int(0x10FFFF)),
        (
            "byteorder",
            vm.new_str(if cfg!(target_endian = "big") {
                "big"
            } else {
                "little"
            }),
        ),
        ("platform", vm.new_str(std::env::consts::OS)),
        ("version_info", vm.new_tuple(info)),
        ("hexversion", vm.int(0x0300_00F0 | minor << 16)),
        ("dont_write_bytecode", Value::TRUE),
    ];
    for (name, value) in values {
        vm.set_global(module.dict(), name, value);
    }
    Ok(module)
}

static FUNCTIONS: &[NativeDef] = &[
    NativeDef::range("exit", 0, 1, exit).signature("($module, status=None, /)"),
    NativeDef::no_args("getrecursionlimit", |vm, _| {
        let limit = vm.recursion_limit();
        Ok(vm.int(i64::from(limit)))
    }),
    NativeDef::one("setrecursionlimit", set_recursion_limit),
    NativeDef::one("intern", intern),
    NativeDef::one("getrefcount", |vm, _, value| {
        let count = value.reference_count();
        Ok(vm.int(i64::from(count)))
    }),
];

/// `sys.exit(status)`.
fn exit(vm: &mut Vm, _module: &Value, status: &[Value]) -> PyResult {
    let class = vm.types.system_exit.clone();
    let exception = vm.call(class.as_value(), status)?;
    Err(vm.raise_value(exception))
}

/// `sys.setrecursionlimit(limit)`.
fn set_recursion_limit(vm: &mut Vm, _module: &Value, limit: &Value) -> PyResult {
    let limit = vm.index_as_i64(limit, "Python int too large to convert to C int")?;
    match u32::try_from(limit) {
        Ok(limit) if limit > 0 => {
            vm.set_recursion_limit(limit);
            Ok(Value::NONE)
        }
        _ => Err(vm.value_error("recursion limit must be greater or equal than 1")),
    }
}

/// `sys.intern(text)`.
fn intern(vm: &mut Vm, _module: &Value, text: &Value) -> PyResult {
    match text.downcast::<pyco_exec::object::str_::Str>() {
        Some(text) if text.is_exact() => Ok(Value::from(vm.intern_ref(text))),
        _ => {
            let found = vm.type_name(text);
            Err(vm.type_error(format!("can't intern {found}")))
        }
    }
}
