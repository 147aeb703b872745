//! `sys`: what programs ask of the interpreter and its streams. What is missing raises AttributeError, as any missing name does.

use pyco_exec::object::header::Ref;
use pyco_exec::object::module::Module;
use pyco_exec::object::native::NativeDef;
use pyco_exec::object::tuple::Tuple;
use pyco_exec::{PyResult, Value, Vm};

/// Makes the module.
pub(crate) fn make(vm: &mut Vm) -> PyResult<Ref<Module>> {
    let module = vm.new_module("sys");
    vm.add_import_attributes(&module);
    vm.add_functions(&module, FUNCTIONS);
    crate::sys_more::add(vm, &module)?;
    let mut values = platform(vm);
    values.extend(program(vm));
    values.extend(crate::sys_info::versions(vm));
    values.extend(crate::sys_info::numbers(vm));
    let streams = crate::io::standard_streams(vm)?;
    for (name, stream) in ["stdin", "stdout", "stderr"].into_iter().zip(streams) {
        vm.set_global(module.dict(), &format!("__{name}__"), stream.clone());
        values.push((name, stream));
    }
    for (name, value) in values {
        vm.set_global(module.dict(), name, value);
    }
    for hook in ["excepthook", "displayhook"] {
        let key = vm.intern(hook);
        if let Some(function) = module.dict().get_str(vm, &key) {
            vm.set_global(module.dict(), &format!("__{hook}__"), function);
        }
    }
    Ok(module)
}

type Named = (&'static str, Value);

/// What is known of the machine.
fn platform(vm: &mut Vm) -> Vec<Named> {
    let byte_order = match cfg!(target_endian = "big") {
        true => "big",
        false => "little",
    };
    let platform = match std::env::consts::OS {
        "macos" => "darwin",
        "windows" => "win32",
        other => other,
    };
    vec![
        ("maxsize", vm.int(i64::MAX)),
        ("maxunicode", vm.int(0x10FFFF)),
        ("byteorder", vm.new_str(byte_order)),
        ("platform", vm.new_str(platform)),
        ("platlibdir", vm.new_str("lib")),
        ("float_repr_style", vm.new_str("short")),
        ("executable", vm.new_str("")),
        ("prefix", vm.new_str("")),
        ("base_prefix", vm.new_str("")),
        ("exec_prefix", vm.new_str("")),
        ("base_exec_prefix", vm.new_str("")),
    ]
}

/// What belongs to the running program.
fn program(vm: &mut Vm) -> Vec<Named> {
    let strings = |vm: &mut Vm, texts: Vec<String>| {
        let texts = texts.iter().map(|text| vm.new_str(text)).collect();
        vm.new_list(texts)
    };
    let arguments = vm.host().arguments.clone();
    vec![
        ("argv", strings(vm, arguments.clone())),
        ("orig_argv", strings(vm, arguments)),
        ("modules", vm.modules()),
        ("warnoptions", vm.new_list(Vec::new())),
        ("dont_write_bytecode", Value::TRUE),
        ("pycache_prefix", Value::NONE),
    ]
}

static FUNCTIONS: &[NativeDef] = &[
    NativeDef::range("exit", 0, 1, exit).signature("($module, status=None, /)"),
    NativeDef::no_args("getrecursionlimit", |vm, _| {
        let limit = vm.recursion_limit();
        Ok(vm.int(i64::from(limit)))
    })
    .signature("($module, /)"),
    NativeDef::one("setrecursionlimit", set_recursion_limit).signature("($module, limit, /)"),
    NativeDef::one("intern", intern).signature("($module, string, /)"),
    NativeDef::one("getrefcount", |vm, _, value| {
        let count = match (
            vm.version().minor(),
            crate::sys_info::is_immortal(vm, value),
        ) {
            (..12, _) | (_, false) => i64::from(value.reference_count()),
            (12 | 13, true) => 0xFFFF_FFFF,
            (_, true) => 0xC000_0000,
        };
        Ok(vm.int(count))
    })
    .signature("($module, object, /)"),
    NativeDef::no_args("exc_info", exc_info).signature("($module, /)"),
    NativeDef::no_args("exception", |vm, _| {
        Ok(vm.exception_being_handled().unwrap_or(Value::NONE))
    })
    .signature("($module, /)"),
    NativeDef::range("excepthook", 3, 3, except_hook)
        .signature("($module, exctype, value, traceback, /)"),
    NativeDef::one("displayhook", display_hook).signature("($module, object, /)"),
    NativeDef::range("_getframe", 0, 1, get_frame).signature("($module, depth=0, /)"),
    NativeDef::no_args("getdefaultencoding", |vm, _| Ok(vm.new_str("utf-8")))
        .signature("($module, /)"),
    NativeDef::no_args("getfilesystemencoding", |vm, _| Ok(vm.new_str("utf-8")))
        .signature("($module, /)"),
    NativeDef::no_args("getfilesystemencodeerrors", |vm, _| {
        Ok(vm.new_str("surrogateescape"))
    })
    .signature("($module, /)"),
    NativeDef::no_args("is_finalizing", |_, _| Ok(Value::FALSE)).signature("($module, /)"),
    NativeDef::no_args("getswitchinterval", |_, _| Ok(Value::float(0.005)))
        .signature("($module, /)"),
];

/// `sys.exit(status)`.
fn exit(vm: &mut Vm, _module: &Value, status: &[Value]) -> PyResult {
    let class = vm.types.system_exit.clone();
    // As everywhere in C, None stands for no argument and a tuple for several.
    let arguments = match status {
        [only] if only.is_none() => Vec::new(),
        [only] => match only.downcast::<Tuple>() {
            Some(several) => several.items().to_vec(),
            None => status.to_vec(),
        },
        _ => Vec::new(),
    };
    let exception = vm.call(class.as_value(), &arguments)?;
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
            let message = match text.downcast::<pyco_exec::object::str_::Str>() {
                Some(_) => format!("can't intern {found}"),
                None => format!("intern() argument must be str, not {found}"),
            };
            Err(vm.type_error(message))
        }
    }
}

/// `sys.exc_info()`.
fn exc_info(vm: &mut Vm, _module: &Value) -> PyResult {
    let Some(exception) = vm.exception_being_handled() else {
        return Ok(vm.new_tuple(vec![Value::NONE; 3]));
    };
    let class = Value::from(vm.type_of(&exception));
    let key = vm.intern("__traceback__");
    let traceback = vm.get_attr(&exception, &key)?;
    Ok(vm.new_tuple(vec![class, exception, traceback]))
}

/// `sys.excepthook(type, value, traceback)`.
fn except_hook(vm: &mut Vm, _module: &Value, arguments: &[Value]) -> PyResult {
    if let [_, value, _] = arguments {
        vm.show_exception(value);
    }
    Ok(Value::NONE)
}

/// `sys.displayhook(value)`.
fn display_hook(vm: &mut Vm, _module: &Value, value: &Value) -> PyResult {
    if value.is_none() {
        return Ok(Value::NONE);
    }
    let (sys, builtins) = (vm.import("sys")?, vm.import("builtins")?);
    let underscore = vm.intern("_");
    vm.set_attr(&builtins, &underscore, Some(Value::NONE))?;
    let (stdout, write) = (vm.intern("stdout"), vm.intern("write"));
    let stdout = vm.get_attr_opt(&sys, &stdout)?;
    let Some(stdout) = stdout.filter(|stdout| !stdout.is_none()) else {
        return Err(vm.runtime_error("lost sys.stdout"));
    };
    let text = vm.repr(value)?;
    let end = vm.new_str("\n");
    for part in [text, end] {
        vm.call_method(&stdout, &write, &[part])?;
    }
    vm.set_attr(&builtins, &underscore, Some(value.clone()))?;
    Ok(Value::NONE)
}

/// `sys._getframe(depth)`.
fn get_frame(vm: &mut Vm, _module: &Value, depth: &[Value]) -> PyResult {
    let depth = match depth {
        [depth, ..] => vm.index_as_i64(depth, "Python int too large to convert to C int")?,
        [] => 0,
    };
    match vm.frame_object(usize::try_from(depth).unwrap_or(0)) {
        Some(frame) => Ok(frame),
        None => Err(vm.value_error("call stack is not deep enough")),
    }
}
