//! The functions of `sys` that few programs ask for: limits, hooks, sizes, what a debugger or profiler would set.

use pyco_exec::object::dict::Dict;
use pyco_exec::object::exception::Exception;
use pyco_exec::object::header::Ref;
use pyco_exec::object::module::Module;
use pyco_exec::object::native::NativeDef;
use pyco_exec::object::set::Set;
use pyco_exec::object::str_::Str;
use pyco_exec::object::tuple::Tuple;
use pyco_exec::object::type_::Type;
use pyco_exec::{Args, Bound, Params, PyResult, Value, Vm};

/// Adds the functions and values of this file to `sys`.
pub(crate) fn add(vm: &mut Vm, module: &Ref<Module>) -> PyResult<()> {
    let minor = vm.version().minor();
    vm.add_functions(module, FUNCTIONS);
    if minor >= 12 {
        vm.add_functions(module, SINCE_3_12);
        let monitoring = crate::sys_monitoring::make(vm)?;
        vm.set_global(module.dict(), "monitoring", monitoring);
    }
    if minor >= 13 {
        vm.add_functions(module, SINCE_3_13);
    }
    if minor >= 14 {
        vm.add_functions(module, SINCE_3_14);
        let jit = vm.new_module("sys._jit");
        vm.add_functions(&jit, JIT);
        vm.set_global(module.dict(), "_jit", Value::from(&jit));
    }
    if minor >= 15 {
        crate::sys_lazy::add(vm, module);
    }
    let builtin: Vec<Value> = crate::imp::names(vm)
        .iter()
        .map(|name| vm.new_str(name))
        .collect();
    let builtin = vm.new_tuple(builtin);
    let names: Vec<Value> = vm
        .stdlib_module_names()
        .iter()
        .map(|name| vm.new_str(name))
        .collect();
    let names = Set::frozen(vm, names)?;
    let cache = Value::from(Dict::new(vm));
    let options = Value::from(Dict::new(vm));
    let thread = [
        ("name", vm.new_str("pthread")),
        (
            "lock",
            vm.new_str(if minor >= 15 { "pymutex" } else { "semaphore" }),
        ),
        ("version", Value::NONE),
    ];
    let thread = vm.struct_sequence("sys.thread_info", &thread);
    let git = ["CPython", "", ""].map(|text| vm.new_str(text));
    let git = vm.new_tuple(git.into());
    let empty = vm.new_str("");
    let hook_args = Value::from(vm.unraisable_args_class());
    for (name, value) in [
        ("builtin_module_names", builtin),
        ("stdlib_module_names", names),
        ("path_importer_cache", cache),
        ("_xoptions", options),
        ("thread_info", thread),
        ("_git", git),
        ("_framework", empty.clone()),
        ("_base_executable", empty.clone()),
        ("abiflags", empty),
        ("_stdlib_dir", Value::NONE),
        ("UnraisableHookArgs", hook_args),
    ] {
        vm.set_global(module.dict(), name, value);
    }
    for hook in ["unraisablehook", "breakpointhook"] {
        let key = vm.intern(hook);
        if let Some(function) = module.dict().get_str(vm, &key) {
            vm.set_global(module.dict(), &format!("__{hook}__"), function);
        }
    }
    Ok(())
}

const INT_OVERFLOW: &str = "Python int too large to convert to C int";

static MAX_DIGITS: Params = Params::new(&["maxdigits"], 1);
static SIZE_OF: Params = Params::new(&["object", "default"], 1);
static DEPTH: Params = Params::new(&["depth"], 1);
static FRAME_DEPTH: Params = Params::new(&["depth"], 0);
static HOOKS: Params = Params::new(&["firstiter", "finalizer"], 0);

static FUNCTIONS: &[NativeDef] = &[
    NativeDef::no_args("get_int_max_str_digits", |vm, _| {
        let most = vm.int_max_str_digits();
        Ok(vm.int(most as i64))
    }),
    NativeDef::bound("set_int_max_str_digits", &MAX_DIGITS, set_max_digits),
    NativeDef::bound("getsizeof", &SIZE_OF, size_of),
    NativeDef::one("setswitchinterval", set_switch_interval),
    NativeDef::one("settrace", set_trace),
    NativeDef::one("setprofile", set_profile),
    NativeDef::no_args("gettrace", |vm, _| {
        Ok(vm.trace_function().unwrap_or(Value::NONE))
    })
    .signature("($module, /)"),
    NativeDef::no_args("getprofile", |vm, _| {
        Ok(vm.profile_function().unwrap_or(Value::NONE))
    })
    .signature("($module, /)"),
    NativeDef::range("call_tracing", 2, 2, |vm, _, args| {
        let Some(arguments) = args[1].downcast::<Tuple>().cloned() else {
            let found = vm.type_name(&args[1]);
            let message = format!("call_tracing() argument 2 must be tuple, not {found}");
            return Err(vm.type_error(message));
        };
        vm.call_traced(&args[0], arguments.items())
    }),
    NativeDef::one("unraisablehook", unraisable_hook),
    NativeDef::any("breakpointhook", breakpoint_hook),
    NativeDef::any("audit", audit),
    NativeDef::bound("addaudithook", &AUDIT_HOOK, |vm, _, args| {
        if let Some(hook) = args.get(0).cloned() {
            vm.state::<AuditHooks>().0.push(hook);
        }
        Ok(Value::NONE)
    }),
    NativeDef::no_args("get_asyncgen_hooks", |vm, _| {
        let hooks = vm.async_generator_hooks.clone();
        let hooks = hooks.map(|hook| hook.unwrap_or(Value::NONE));
        let class = vm.struct_class_once("asyncgen_hooks", &["firstiter", "finalizer"]);
        Ok(vm.new_struct(&class, hooks.into()))
    }),
    NativeDef::bound("set_asyncgen_hooks", &HOOKS, set_async_generator_hooks),
    NativeDef::no_args("get_coroutine_origin_tracking_depth", |vm, _| {
        let depth = vm.coroutine_origin_depth;
        Ok(vm.int(depth as i64))
    }),
    NativeDef::bound(
        "set_coroutine_origin_tracking_depth",
        &DEPTH,
        |vm, _, args| {
            let depth = match args.get(0) {
                Some(depth) => vm.index_as_i64(depth, INT_OVERFLOW)?,
                None => 0,
            };
            if depth < 0 {
                return Err(vm.value_error("depth must be >= 0"));
            }
            vm.coroutine_origin_depth = depth as usize;
            Ok(Value::NONE)
        },
    ),
    NativeDef::no_args("getallocatedblocks", |vm, _| {
        let count = vm.live_object_count();
        Ok(vm.int(count as i64))
    }),
    NativeDef::no_args("_current_frames", |vm, _| {
        let frame = vm.frame_object(0).unwrap_or(Value::NONE);
        by_thread(vm, frame)
    }),
    NativeDef::no_args("_current_exceptions", |vm, _| {
        let exception = vm.exception_being_handled().unwrap_or(Value::NONE);
        by_thread(vm, exception)
    }),
    NativeDef::no_args("_clear_type_cache", |vm, _| {
        if vm.version().minor() >= 14 {
            vm.warn(
                "DeprecationWarning",
                "sys._clear_type_cache() is deprecated and scheduled for removal in a future version. \
                 Use sys._clear_internal_caches() instead.",
            )?;
        }
        Ok(Value::NONE)
    }),
    NativeDef::no_args("_debugmallocstats", |_, _| Ok(Value::NONE)),
    NativeDef::no_args("getdlopenflags", |vm, _| Ok(vm.int(2))),
    NativeDef::one("setdlopenflags", |vm, _, flags| {
        vm.index_as_i64(flags, INT_OVERFLOW)?;
        Ok(Value::NONE)
    }),
];

static SINCE_3_12: &[NativeDef] = &[
    NativeDef::bound("_getframemodulename", &FRAME_DEPTH, frame_module_name),
    // There is one thread.
    NativeDef::one("_setprofileallthreads", set_profile),
    NativeDef::one("_settraceallthreads", set_trace),
    NativeDef::one("activate_stack_trampoline", |vm, _, _| {
        Err(vm.not_implemented("sys.activate_stack_trampoline"))
    }),
    NativeDef::no_args("deactivate_stack_trampoline", |_, _| Ok(Value::NONE)),
    NativeDef::no_args("is_stack_trampoline_active", |_, _| Ok(Value::FALSE)),
    NativeDef::any("getunicodeinternedsize", |vm, _, _| {
        let count = vm.interned_count();
        Ok(vm.int(count as i64))
    }),
];

static SINCE_3_13: &[NativeDef] = &[
    NativeDef::no_args("_clear_internal_caches", |_, _| Ok(Value::NONE)),
    NativeDef::no_args("_is_gil_enabled", |_, _| Ok(Value::TRUE)),
    NativeDef::no_args("_get_cpu_count_config", |vm, _| Ok(vm.int(-1))),
    NativeDef::one("_is_interned", |vm, _, text| match text.downcast::<Str>() {
        Some(text) => Ok(Value::bool(vm.is_interned(text))),
        None => {
            let found = vm.type_name(text);
            let message = format!("_is_interned() argument must be str, not {found}");
            Err(vm.type_error(message))
        }
    }),
    NativeDef::no_args(
        "_baserepl",
        |vm, _| Err(vm.not_implemented("sys._baserepl")),
    ),
];

/// `sys._jit`: there is none.
static JIT: &[NativeDef] = &[
    NativeDef::no_args("is_available", |_, _| Ok(Value::FALSE)).signature("($module, /)"),
    NativeDef::no_args("is_enabled", |_, _| Ok(Value::FALSE)).signature("($module, /)"),
    NativeDef::no_args("is_active", |_, _| Ok(Value::FALSE)).signature("($module, /)"),
];

/// `sys._clear_type_descriptors`, by which dataclasses leave a class for another with slots.
fn clear_type_descriptors(vm: &mut Vm, _this: &Value, class: &Value) -> PyResult {
    let Some(class) = class.downcast::<Type>() else {
        let found = vm.type_name(class);
        let message = format!("_clear_type_descriptors() argument must be type, not {found}");
        return Err(vm.type_error(message));
    };
    if class.is_built_in() {
        return Err(vm.type_error("argument is immutable"));
    }
    let dict = class.dict(vm);
    let removed = ["__dict__", "__weakref__"].map(|name| {
        let name = vm.intern(name);
        dict.remove_str(vm, &name)
    });
    // What caches have borrowed goes after they have stopped trusting the class.
    class.modified();
    drop(removed);
    Ok(Value::NONE)
}

static SINCE_3_14: &[NativeDef] = &[
    NativeDef::one("_clear_type_descriptors", clear_type_descriptors).until(14),
    NativeDef::one("_is_immortal", |vm, _, value| {
        Ok(Value::bool(crate::sys_info::is_immortal(vm, value)))
    }),
    NativeDef::no_args("is_remote_debug_enabled", |_, _| Ok(Value::FALSE)),
    NativeDef::any("remote_exec", |vm, _, _| {
        Err(vm.not_implemented("sys.remote_exec"))
    }),
];

fn set_trace(vm: &mut Vm, _module: &Value, function: &Value) -> PyResult {
    vm.set_trace_function(Some(function.clone()).filter(|f| !f.is_none()));
    Ok(Value::NONE)
}

fn set_profile(vm: &mut Vm, _module: &Value, function: &Value) -> PyResult {
    vm.set_profile_function(Some(function.clone()).filter(|f| !f.is_none()));
    Ok(Value::NONE)
}

fn by_thread(vm: &mut Vm, value: Value) -> PyResult {
    let dict = Dict::new(vm);
    let ident = vm.int(crate::thread::IDENT);
    dict.set(vm, ident, value)?;
    Ok(Value::from(dict))
}

/// The version that words the complaint anew.
const MAX_DIGITS_REWORDED: u8 = 14;

fn set_max_digits(vm: &mut Vm, _module: &Value, args: &Bound<'_>) -> PyResult {
    let most = match args.get(0) {
        Some(most) => vm.index_as_i64(most, INT_OVERFLOW)?,
        None => 0,
    };
    match usize::try_from(most) {
        Ok(most) if most == 0 || most >= 640 => {
            vm.set_int_max_str_digits(most);
            Ok(Value::NONE)
        }
        _ => Err(vm.value_error(match vm.version().minor() {
            ..MAX_DIGITS_REWORDED => "maxdigits must be 0 or larger than 640",
            _ => "maxdigits must be >= 640 or 0 for unlimited",
        })),
    }
}

/// `sys.getsizeof(object, default)`: what `__sizeof__` says, and the collector's header where CPython has one.
fn size_of(vm: &mut Vm, _module: &Value, args: &Bound<'_>) -> PyResult {
    let Some(object) = args.get(0) else {
        return Ok(Value::NONE);
    };
    match own_size(vm, object) {
        Ok(size) => Ok(vm.int(size)),
        Err(raised) => match args.get(1) {
            Some(default) if raised.is(vm, &vm.types.type_error) => Ok(default.clone()),
            _ => Err(raised),
        },
    }
}

fn own_size(vm: &mut Vm, object: &Value) -> PyResult<i64> {
    const COLLECTOR_HEADER: i64 = 16;
    let name = vm.intern("__sizeof__");
    let size = vm.call_special(object, &name, &[])?;
    if size.as_int().is_none() {
        return Err(vm.type_error("an integer is required"));
    }
    let size = vm.index_for(&size)?;
    if size < 0 {
        return Err(vm.value_error("__sizeof__() should return >= 0"));
    }
    let header = if vm.is_tracked(object) {
        COLLECTOR_HEADER
    } else {
        0
    };
    Ok(size + header)
}

fn set_switch_interval(vm: &mut Vm, _module: &Value, interval: &Value) -> PyResult {
    let class = vm.types.float.clone();
    let seconds = match interval.as_float() {
        Some(seconds) => seconds,
        None if interval.downcast::<Str>().is_some() => {
            return Err(vm.type_error("must be real number, not str"));
        }
        None => {
            let float = vm.call(class.as_value(), std::slice::from_ref(interval))?;
            float.as_float().unwrap_or(0.0)
        }
    };
    if seconds <= 0.0 {
        return Err(vm.value_error("switch interval must be strictly positive"));
    }
    Ok(Value::NONE)
}

/// `sys.unraisablehook(unraisable)`.
fn unraisable_hook(vm: &mut Vm, _module: &Value, args: &Value) -> PyResult {
    let class = vm.unraisable_args_class();
    let items = args.downcast::<Tuple>();
    let Some(items) = items.filter(|args| args.ty().is(&class)) else {
        let message = "sys.unraisablehook argument type must be UnraisableHookArgs";
        return Err(vm.type_error(message));
    };
    if let [_, value, _, message, object] = items.items()
        && let Some(exception) = value.downcast::<Exception>()
    {
        let message = match message.is_none() {
            true => None,
            false => Some(vm.str_text(message)?),
        };
        vm.show_unraisable(exception, message.as_deref(), object);
    }
    Ok(Value::NONE)
}

/// `sys.breakpointhook(*args, **kwargs)`: `pdb.set_trace`.
fn breakpoint_hook(vm: &mut Vm, _module: &Value, args: Args<'_>) -> PyResult {
    let pdb = vm.import("pdb")?;
    let name = vm.intern("set_trace");
    let function = vm.get_attr(&pdb, &name)?;
    vm.call_args(&function, args)
}

static AUDIT_HOOK: Params = Params::new(&["hook"], 1);

/// What `sys.addaudithook` was given.
#[derive(Default)]
struct AuditHooks(Vec<Value>);

/// `sys.audit(event, *args)`.
fn audit(vm: &mut Vm, _module: &Value, args: Args<'_>) -> PyResult {
    if args.has_keywords() {
        return Err(vm.type_error("sys.audit() takes no keyword arguments"));
    }
    let Some(event) = args.positional().first() else {
        let message = match vm.version().minor() {
            ..13 => "audit expected at least 1 argument, got 0",
            _ => "audit() missing 1 required positional argument: 'event'",
        };
        return Err(vm.type_error(message));
    };
    if vm.state::<AuditHooks>().0.is_empty() {
        return Ok(Value::NONE);
    }
    if event.downcast::<Str>().is_none() {
        let found = vm.type_name(event);
        let message = match vm.version().minor() {
            ..14 => format!("expected str for argument 'event', not {found}"),
            _ => format!("audit() argument 1 must be str, not {found}"),
        };
        return Err(vm.type_error(message));
    }
    let hooks = vm.state::<AuditHooks>().0.clone();
    let rest = vm.new_tuple(args.rest().all_values().to_vec());
    for hook in hooks {
        vm.call(&hook, &[event.clone(), rest.clone()])?;
    }
    Ok(Value::NONE)
}

fn set_async_generator_hooks(vm: &mut Vm, _module: &Value, args: &Bound<'_>) -> PyResult {
    for (index, name) in ["firstiter", "finalizer"].into_iter().enumerate() {
        if let Some(hook) = args.not_none(index)
            && vm.type_of(hook).slots.call.get().is_none()
        {
            let found = vm.type_name(hook);
            return Err(vm.type_error(format!("callable {name} expected, got {found}")));
        }
    }
    for index in 0..2 {
        if let Some(hook) = args.get(index) {
            let hook = Some(hook.clone()).filter(|hook| !hook.is_none());
            vm.async_generator_hooks[index] = hook;
        }
    }
    Ok(Value::NONE)
}

/// `sys._getframemodulename(depth=0)`.
fn frame_module_name(vm: &mut Vm, _module: &Value, args: &Bound<'_>) -> PyResult {
    let depth = match args.get(0) {
        Some(depth) => vm.index_as_i64(depth, INT_OVERFLOW)?,
        None => 0,
    };
    let Some(frame) = vm.frame_object(usize::try_from(depth).unwrap_or(0)) else {
        return Ok(Value::NONE);
    };
    let [globals, name] = ["f_globals", "__name__"].map(|name| vm.intern(name));
    let globals = vm.get_attr(&frame, &globals)?;
    match globals.downcast::<Dict>() {
        Some(globals) => Ok(globals.get_str(vm, &name).unwrap_or(Value::NONE)),
        None => Ok(Value::NONE),
    }
}
