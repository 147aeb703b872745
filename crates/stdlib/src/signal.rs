//! `_signal`: handlers of signals. Constants as Linux numbers them, asked from the interpreter: `vars(_signal)`.
//!
//! A signal that comes only sets flags; the VM looks at them before the next call or backward jump and then runs the program's handler.
//! Nothing of the process is touched before a program sets a handler, and never unless the host grants the process.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use pyco_exec::object::header::Ref;
use pyco_exec::object::module::Module;
use pyco_exec::object::native::NativeDef;
use pyco_exec::object::text_args::c_int_or;
use pyco_exec::{PyResult, Value, Vm};
use rustix::io::Errno;
use signal_hook::SigId;

use crate::descriptor::{os_error, require_process};

const NSIG: i32 = 65;
const SIGINT: i32 = 2;

static CONSTANTS: &[(&str, i64)] = &[
    ("NSIG", NSIG as i64),
    ("SIG_BLOCK", 0),
    ("SIG_UNBLOCK", 1),
    ("SIG_SETMASK", 2),
    ("SIGHUP", 1),
    ("SIGINT", 2),
    ("SIGQUIT", 3),
    ("SIGILL", 4),
    ("SIGTRAP", 5),
    ("SIGIOT", 6),
    ("SIGABRT", 6),
    ("SIGFPE", 8),
    ("SIGKILL", 9),
    ("SIGBUS", 7),
    ("SIGSEGV", 11),
    ("SIGSYS", 31),
    ("SIGPIPE", 13),
    ("SIGALRM", 14),
    ("SIGTERM", 15),
    ("SIGUSR1", 10),
    ("SIGUSR2", 12),
    ("SIGCLD", 17),
    ("SIGCHLD", 17),
    ("SIGPWR", 30),
    ("SIGIO", 29),
    ("SIGURG", 23),
    ("SIGWINCH", 28),
    ("SIGPOLL", 29),
    ("SIGSTOP", 19),
    ("SIGTSTP", 20),
    ("SIGCONT", 18),
    ("SIGTTIN", 21),
    ("SIGTTOU", 22),
    ("SIGVTALRM", 26),
    ("SIGPROF", 27),
    ("SIGXCPU", 24),
    ("SIGXFSZ", 25),
    ("SIGRTMIN", 34),
    ("SIGRTMAX", 64),
    ("SIGSTKFLT", 16),
    ("ITIMER_REAL", 0),
    ("ITIMER_VIRTUAL", 1),
    ("ITIMER_PROF", 2),
    ("SIG_DFL", 0),
    ("SIG_IGN", 1),
];

/// What the system calls the signals.
const NAMES: [&str; 32] = [
    "",
    "Hangup",
    "Interrupt",
    "Quit",
    "Illegal instruction",
    "Trace/breakpoint trap",
    "Aborted",
    "Bus error",
    "Floating point exception",
    "Killed",
    "User defined signal 1",
    "Segmentation fault",
    "User defined signal 2",
    "Broken pipe",
    "Alarm clock",
    "Terminated",
    "Stack fault",
    "Child exited",
    "Continued",
    "Stopped (signal)",
    "Stopped",
    "Stopped (tty input)",
    "Stopped (tty output)",
    "Urgent I/O condition",
    "CPU time limit exceeded",
    "File size limit exceeded",
    "Virtual timer expired",
    "Profiling timer expired",
    "Window changed",
    "I/O possible",
    "Power failure",
    "Bad system call",
];

/// One signal that is caught.
struct Caught {
    arrived: Arc<AtomicBool>,
    hooks: [SigId; 2],
}

/// The handlers that programs have set, and the signals that are caught for them.
#[derive(Default)]
struct State {
    handlers: HashMap<i32, Value>,
    caught: HashMap<i32, Caught>,
}

impl Drop for State {
    fn drop(&mut self) {
        for caught in self.caught.values() {
            for hook in caught.hooks {
                signal_hook::low_level::unregister(hook);
            }
        }
    }
}

static FUNCTIONS: &[NativeDef] = &[
    NativeDef::range("default_int_handler", 2, 2, default_int_handler)
        .signature("($module, signalnum, frame, /)"),
    NativeDef::range("signal", 2, 2, signal).signature("($module, signalnum, handler, /)"),
    NativeDef::one("getsignal", |vm, _, number| {
        let number = signal_number(vm, number)?;
        handler_of(vm, number)
    })
    .signature("($module, signalnum, /)"),
    NativeDef::one("raise_signal", raise).signature("($module, signalnum, /)"),
    NativeDef::one("strsignal", |vm, _, number| {
        let number = signal_number(vm, number)?;
        Ok(match NAMES.get(number as usize) {
            Some(name) => vm.new_str(name),
            None if number >= 34 => vm.new_str(&format!("Real-time signal {}", number - 34)),
            None => Value::NONE,
        })
    })
    .signature("($module, signalnum, /)"),
    NativeDef::no_args("valid_signals", |vm, _| {
        let numbers = (1..NSIG).filter(|n| !matches!(n, 32 | 33));
        let numbers = numbers.map(|n| vm.int(n.into())).collect();
        let numbers = vm.new_list(numbers);
        let set = vm.types.set.clone();
        vm.call(set.as_value(), &[numbers])
    })
    .signature("($module, /)"),
];

/// Makes the module. SIGINT raises KeyboardInterrupt from then on, where the host grants the process.
pub(crate) fn make(vm: &mut Vm) -> PyResult<Ref<Module>> {
    let module = vm.new_module("_signal");
    vm.add_functions(&module, FUNCTIONS);
    for (name, value) in CONSTANTS {
        let value = vm.int(*value);
        vm.set_global(module.dict(), name, value);
    }
    let error = Value::from(&vm.types.os_error);
    vm.set_global(module.dict(), "ItimerError", error);
    let key = vm.intern("default_int_handler");
    if let Some(handler) = module.dict().get_str(vm, &key) {
        vm.state::<State>().handlers.insert(SIGINT, handler);
    }
    Ok(module)
}

/// Catches SIGINT, so that it raises KeyboardInterrupt.
pub(crate) fn catch_interrupt(vm: &mut Vm) -> PyResult<()> {
    vm.import("_signal")?;
    catch(vm, SIGINT).map_err(|error| os_error(vm, error, &[]))
}

fn signal_number(vm: &mut Vm, number: &Value) -> PyResult<i32> {
    let number = c_int_or(vm, Some(number), 0)?;
    match (1..NSIG).contains(&number) {
        true => Ok(number),
        false => Err(vm.value_error("signal number out of range")),
    }
}

/// SIGPIPE and SIGXFSZ are ignored, as `python` does when it starts.
fn is_ignored_at_first(number: i32) -> bool {
    matches!(number, 13 | 25)
}

fn handler_of(vm: &mut Vm, number: i32) -> PyResult {
    if let Some(handler) = vm.state::<State>().handlers.get(&number) {
        return Ok(handler.clone());
    }
    Ok(vm.int(i64::from(is_ignored_at_first(number))))
}

fn default_int_handler(vm: &mut Vm, _module: &Value, _args: &[Value]) -> PyResult {
    let class = vm.types.keyboard_interrupt.clone();
    let error = vm.call(class.as_value(), &[])?;
    Err(vm.raise_value(error))
}

fn signal(vm: &mut Vm, _module: &Value, args: &[Value]) -> PyResult {
    let [number, handler] = args else {
        return Ok(Value::NONE);
    };
    c_int_or(vm, Some(number), 0)?;
    let plain = handler.as_int().and_then(|n| n.to_i64());
    let is_callable = vm.type_of(handler).slots.call.get().is_some();
    if !is_callable && !matches!(plain, Some(0 | 1)) {
        return Err(vm.type_error(
            "signal handler must be signal.SIG_IGN, signal.SIG_DFL, or a callable object",
        ));
    }
    let number = signal_number(vm, number)?;
    require_process(vm)?;
    let old = handler_of(vm, number)?;
    match plain {
        // A signal that was never caught does by itself what it does by default.
        Some(0) if !is_callable => {}
        _ => catch(vm, number).map_err(|error| os_error(vm, error, &[]))?,
    }
    vm.state::<State>().handlers.insert(number, handler.clone());
    Ok(old)
}

/// Lets a signal set its flag and the VM's.
fn catch(vm: &mut Vm, number: i32) -> Result<(), Errno> {
    if vm.state::<State>().caught.contains_key(&number) {
        return Ok(());
    }
    if matches!(number, 9 | 19 | 32 | 33) {
        return Err(Errno::INVAL);
    }
    let arrived = Arc::new(AtomicBool::new(false));
    let interrupt = vm.interrupt_flag(deliver);
    let register = |flag: &Arc<AtomicBool>| {
        let hook = signal_hook::flag::register(number, flag.clone());
        hook.map_err(|error| Errno::from_raw_os_error(error.raw_os_error().unwrap_or(22)))
    };
    let hooks = [register(&arrived)?, register(&interrupt)?];
    let caught = Caught { arrived, hooks };
    vm.state::<State>().caught.insert(number, caught);
    Ok(())
}

/// Runs the handlers of the signals that have come.
fn deliver(vm: &mut Vm) -> PyResult<()> {
    let caught = &vm.state::<State>().caught;
    let mut numbers: Vec<i32> = caught
        .iter()
        .filter(|(_, caught)| caught.arrived.swap(false, Ordering::Relaxed))
        .map(|(number, _)| *number)
        .collect();
    numbers.sort_unstable();
    for number in numbers {
        let handler = handler_of(vm, number)?;
        if vm.type_of(&handler).slots.call.get().is_none() {
            if handler.as_small_int() == Some(0) {
                let done = signal_hook::low_level::emulate_default_handler(number);
                done.map_err(|_| os_error(vm, Errno::INVAL, &[]))?;
            }
            continue;
        }
        let frame = vm.frame_object(0).unwrap_or(Value::NONE);
        let arguments = [vm.int(number.into()), frame];
        vm.call(&handler, &arguments)?;
    }
    Ok(())
}

/// `raise_signal`: the handler of a signal runs before this returns.
fn raise(vm: &mut Vm, _module: &Value, number: &Value) -> PyResult {
    let number = c_int_or(vm, Some(number), 0)?;
    require_process(vm)?;
    match signal_hook::low_level::raise(number) {
        Ok(()) => {
            deliver(vm)?;
            Ok(Value::NONE)
        }
        Err(error) => {
            let error = Errno::from_raw_os_error(error.raw_os_error().unwrap_or(22));
            Err(os_error(vm, error, &[]))
        }
    }
}
