//! `_thread`: locks and thread-local data for the one thread that there is. Starting another is an error that says so.

use std::cell::Cell;

use pyco_exec::object::header::{Payload, Ref};
use pyco_exec::object::module::Module;
use pyco_exec::object::native::NativeDef;
use pyco_exec::object::tuple::Tuple;
use pyco_exec::{Args, Bound, Params, PyResult, Value, Vm};

use crate::thread_handle::{self, HANDLE};
use crate::thread_local::LOCAL;
use crate::thread_lock::{self, LOCK, RLOCK};

/// What `get_ident()` gives.
pub(crate) const IDENT: i64 = 0x7f00_0000_1000;

/// The longest time that a lock may be waited for, in seconds: nanoseconds in 64 bits.
pub(crate) const TIMEOUT_MAX: f64 = 9_223_372_036.0;

/// Makes the module.
pub(crate) fn make(vm: &mut Vm) -> PyResult<Ref<Module>> {
    let module = vm.new_module("_thread");
    let minor = vm.version().minor();
    vm.add_functions(&module, FUNCTIONS);
    if minor >= 12 {
        vm.add_functions(&module, SINCE_3_12);
    }
    if minor <= 12 {
        vm.add_functions(&module, UNTIL_3_12);
    } else {
        vm.add_functions(&module, SINCE_3_13);
        vm.add_class(&module, &HANDLE);
    }
    if minor >= 14 {
        vm.add_functions(&module, SINCE_3_14);
        let most = vm.int(15);
        vm.set_global(module.dict(), "_NAME_MAXLEN", most);
    }
    let lock = vm.class(&LOCK);
    if minor >= 13 {
        vm.set_global(module.dict(), "lock", Value::from(&lock));
    }
    vm.set_global(module.dict(), "LockType", Value::from(lock));
    vm.add_class(&module, &RLOCK);
    vm.add_class(&module, &LOCAL);
    let error = Value::from(&vm.types.runtime_error);
    vm.set_global(module.dict(), "error", error);
    vm.set_global(module.dict(), "TIMEOUT_MAX", Value::float(TIMEOUT_MAX));
    let args = vm.struct_class_once("_thread._ExceptHookArgs", HOOK_ARGS);
    vm.set_global(module.dict(), "_ExceptHookArgs", Value::from(args));
    Ok(module)
}

const HOOK_ARGS: &[&str] = &["exc_type", "exc_value", "exc_traceback", "thread"];

static START: Params = Params::new(&["function", "handle", "daemon"], 1);

static FUNCTIONS: &[NativeDef] = &[
    NativeDef::no_args("allocate_lock", |vm, _| Ok(thread_lock::new(vm))),
    NativeDef::no_args("allocate", |vm, _| Ok(thread_lock::new(vm))),
    NativeDef::range("start_new_thread", 2, 3, start),
    NativeDef::range("start_new", 2, 3, start),
    NativeDef::no_args("exit", exit),
    NativeDef::no_args("exit_thread", exit),
    NativeDef::no_args("get_ident", |vm, _| Ok(vm.int(IDENT))),
    NativeDef::no_args("get_native_id", |vm, _| Ok(vm.int(1))),
    NativeDef::no_args("_count", |vm, _| Ok(vm.int(0))),
    NativeDef::range("stack_size", 0, 1, stack_size),
    NativeDef::range("interrupt_main", 0, 1, interrupt_main),
    NativeDef::one("_excepthook", except_hook),
];

static UNTIL_3_12: &[NativeDef] = &[NativeDef::no_args("_set_sentinel", |vm, _| {
    Ok(thread_lock::new(vm))
})];

static SINCE_3_12: &[NativeDef] = &[
    NativeDef::no_args("daemon_threads_allowed", |_, _| Ok(Value::TRUE)),
    NativeDef::no_args("_is_main_interpreter", |_, _| Ok(Value::TRUE)),
];

static SINCE_3_13: &[NativeDef] = &[
    NativeDef::bound("start_joinable_thread", &START, start_joinable),
    NativeDef::one("_make_thread_handle", thread_handle::with_ident),
    NativeDef::no_args("_get_main_thread_ident", |vm, _| Ok(vm.int(IDENT))),
    NativeDef::no_args("_shutdown", |_, _| Ok(Value::NONE)),
];

/// The thread's name as the system has it.
#[derive(Default)]
struct Name(Option<Value>);

static SET_NAME: Params = Params::new(&["name"], 1);

static SINCE_3_14: &[NativeDef] = &[
    NativeDef::bound("set_name", &SET_NAME, |vm, _, args| {
        vm.state::<Name>().0 = args.get(0).cloned();
        Ok(Value::NONE)
    }),
    NativeDef::no_args("_get_name", |vm, _| {
        let name = vm.state::<Name>().0.clone();
        Ok(name.unwrap_or_else(|| vm.new_str("")))
    }),
];

fn is_callable(vm: &Vm, value: &Value) -> bool {
    vm.type_of(value).slots.call.get().is_some()
}

const ONE_THREAD: &str = "can't start new thread: pyco runs one thread";

/// `start_new_thread(function, args, kwargs)`.
fn start(vm: &mut Vm, _module: &Value, args: &[Value]) -> PyResult {
    if !is_callable(vm, &args[0]) {
        return Err(vm.type_error("first arg must be callable"));
    }
    if args[1].downcast::<Tuple>().is_none() {
        return Err(vm.type_error("2nd arg must be a tuple"));
    }
    if let Some(keywords) = args.get(2)
        && keywords
            .downcast::<pyco_exec::object::dict::Dict>()
            .is_none()
    {
        return Err(vm.type_error("optional 3rd arg must be a dictionary"));
    }
    Err(vm.runtime_error(ONE_THREAD))
}

/// `start_joinable_thread(function, handle=None, daemon=True)`.
fn start_joinable(vm: &mut Vm, _module: &Value, args: &Bound<'_>) -> PyResult {
    if args
        .get(0)
        .is_none_or(|function| !is_callable(vm, function))
    {
        return Err(vm.type_error("thread function must be callable"));
    }
    if let Some(handle) = args.not_none(1)
        && handle.downcast::<thread_handle::Handle>().is_none()
    {
        return Err(vm.type_error("'handle' must be a _ThreadHandle"));
    }
    Err(vm.runtime_error(ONE_THREAD))
}

fn exit(vm: &mut Vm, _module: &Value) -> PyResult {
    let class = vm.types.system_exit.clone();
    let exception = vm.call(class.as_value(), &[])?;
    Err(vm.raise_value(exception))
}

/// `stack_size(size=0)`: nothing depends on it.
fn stack_size(vm: &mut Vm, _module: &Value, args: &[Value]) -> PyResult {
    let size = match args.first() {
        Some(size) => vm.index_for(size)?,
        None => 0,
    };
    let least: i64 = if vm.version().minor() >= 14 {
        53_248
    } else {
        32_768
    };
    match size {
        0 => {}
        ..0 if vm.version().minor() < 14 => {
            return Err(vm.value_error("size must be 0 or a positive value"));
        }
        _ if size < least && vm.version().minor() < 14 => {
            return Err(vm.value_error(format!("size not valid: {size} bytes")));
        }
        _ if size < least => {
            return Err(vm.value_error(format!("size must be at least {least} bytes")));
        }
        _ => {}
    }
    let old = std::mem::replace(&mut vm.state::<StackSize>().0, size);
    Ok(vm.int(old))
}

#[derive(Default)]
struct StackSize(i64);

/// `interrupt_main(signum=signal.SIGINT)`.
fn interrupt_main(vm: &mut Vm, _module: &Value, args: &[Value]) -> PyResult {
    let signal = match args.first() {
        Some(signal) => vm.index_for(signal)?,
        None => 2,
    };
    match signal {
        2 => {
            let class = vm.types.keyboard_interrupt.clone();
            let exception = vm.call(class.as_value(), &[])?;
            Err(vm.raise_value(exception))
        }
        1..=64 => Ok(Value::NONE),
        _ => Err(vm.value_error("signal number out of range")),
    }
}

/// `_excepthook(args)`: prints what a thread did not catch.
fn except_hook(vm: &mut Vm, _module: &Value, args: &Value) -> PyResult {
    let class = vm.struct_class_once("_thread._ExceptHookArgs", HOOK_ARGS);
    let items = args.downcast::<Tuple>();
    let Some(items) = items.filter(|args| args.ty().is(&class)) else {
        let message = "_thread.excepthook argument type must be ExceptHookArgs";
        return Err(vm.type_error(message));
    };
    let [class, value, _, thread] = items.items() else {
        return Ok(Value::NONE);
    };
    if class.is(vm.types.system_exit.as_value()) {
        return Ok(Value::NONE);
    }
    let name = vm.intern("name");
    let name = match thread.is_none() {
        true => None,
        false => vm.get_attr_opt(thread, &name)?,
    };
    let name = match name {
        Some(name) => vm.str_text(&name)?,
        None => IDENT.to_string(),
    };
    vm.write_stderr(&format!("Exception in thread {name}:\n"));
    vm.show_exception(value);
    Ok(Value::NONE)
}

/// How long a lock may be waited for: the complaint about a bad one.
pub(crate) fn check_timeout(vm: &mut Vm, blocking: bool, timeout: Option<&Value>) -> PyResult<f64> {
    let Some(timeout) = timeout else {
        return Ok(-1.0);
    };
    let seconds = match timeout.as_float() {
        Some(seconds) => seconds,
        None => vm.index_for(timeout)? as f64,
    };
    if seconds.is_nan() {
        return Err(vm.value_error("Invalid value NaN (not a number)"));
    }
    if seconds.abs() > 9.3e9 {
        let message = match vm.version().minor() {
            ..13 => "timestamp out of range for platform time_t",
            _ => "timestamp out of range for C PyTime_t",
        };
        return Err(vm.overflow_error(message));
    }
    if !blocking && seconds != -1.0 {
        return Err(vm.value_error("can't specify a timeout for a non-blocking call"));
    }
    if seconds < 0.0 && seconds != -1.0 {
        let message = match vm.version().minor() {
            ..13 => "timeout value must be positive",
            _ => "timeout value must be a non-negative number",
        };
        return Err(vm.value_error(message));
    }
    if seconds > TIMEOUT_MAX {
        return Err(vm.overflow_error("timeout value is too large"));
    }
    Ok(seconds)
}

/// The complaint about waiting for what no other thread can give.
pub(crate) fn would_wait(vm: &mut Vm, for_what: &str) -> pyco_exec::Raised {
    vm.runtime_error(format!(
        "deadlock: {for_what}, and pyco runs one thread, so the wait would never end"
    ))
}

/// A flag that is a payload's only field.
pub(crate) struct Flag(pub(crate) Cell<bool>);

impl Payload for Flag {
    fn traverse(&self, _visit: &mut dyn FnMut(&Value)) {}
}

/// Refuses arguments of a class that takes none.
pub(crate) fn no_arguments(vm: &mut Vm, name: &str, args: Args<'_>) -> PyResult<()> {
    if vm.version().minor() >= 15 && !args.all_values().is_empty() {
        return Err(vm.type_error(format!("{name}() takes no positional arguments")));
    }
    args.exactly::<0>(vm, name).map(drop)
}
