//! The process, its environment and the machine.

use std::io::Read;

use pyco_exec::object::bytes::Bytes;
use pyco_exec::object::dict::Dict;
use pyco_exec::object::native::NativeDef;
use pyco_exec::object::sequence_class::SequenceDef;
use pyco_exec::object::text_args::c_int_or;
use pyco_exec::{Bound, Params, PyResult, Value, Vm};
use rustix::io::Errno;
use rustix::process::{Pid, Signal};

use crate::descriptor::{os_error, require_files, require_process, strerror};
use crate::path;

pub(super) static UNAME_RESULT: SequenceDef = SequenceDef {
    name: "posix.uname_result",
    fields: &["sysname", "nodename", "release", "version", "machine"],
    visible: 5,
    complete: None,
};

pub(super) static TIMES_RESULT: SequenceDef = SequenceDef {
    name: "posix.times_result",
    fields: &[
        "user",
        "system",
        "children_user",
        "children_system",
        "elapsed",
    ],
    visible: 5,
    complete: None,
};

const STATUS: &Params = &Params::new(&["status"], 1);
const PATH: &Params = &Params::new(&["path"], 1);

pub(super) static FUNCTIONS: &[NativeDef] = &[
    NativeDef::no_args("getpid", |vm, _| {
        number(vm, || i64::from(std::process::id()))
    })
    .signature("($module, /)"),
    NativeDef::no_args("getppid", |vm, _| {
        number(vm, || {
            rustix::process::getppid().map_or(0, |pid| pid.as_raw_nonzero().get().into())
        })
    })
    .signature("($module, /)"),
    NativeDef::no_args("getpgrp", |vm, _| {
        number(vm, || {
            rustix::process::getpgrp().as_raw_nonzero().get().into()
        })
    })
    .signature("($module, /)"),
    NativeDef::no_args("getuid", |vm, _| {
        number(vm, || rustix::process::getuid().as_raw().into())
    })
    .signature("($module, /)"),
    NativeDef::no_args("geteuid", |vm, _| {
        number(vm, || rustix::process::geteuid().as_raw().into())
    })
    .signature("($module, /)"),
    NativeDef::no_args("getgid", |vm, _| {
        number(vm, || rustix::process::getgid().as_raw().into())
    })
    .signature("($module, /)"),
    NativeDef::no_args("getegid", |vm, _| {
        number(vm, || rustix::process::getegid().as_raw().into())
    })
    .signature("($module, /)"),
    NativeDef::no_args("cpu_count", |vm, _| {
        number(vm, || {
            std::thread::available_parallelism().map_or(1, |n| n.get() as i64)
        })
    })
    .signature("($module, /)"),
    NativeDef::no_args("times", times).signature("($module, /)"),
    NativeDef::one("umask", umask).signature("($module, mask, /)"),
    NativeDef::no_args("uname", uname).signature("($module, /)"),
    NativeDef::no_args("getlogin", getlogin).signature("($module, /)"),
    NativeDef::one("urandom", urandom).signature("($module, size, /)"),
    NativeDef::one("strerror", |vm, _, code| {
        let code = c_int_or(vm, Some(code), 0)?;
        Ok(vm.new_str(&strerror(code)))
    })
    .signature("($module, code, /)"),
    NativeDef::range("kill", 2, 2, kill).signature("($module, pid, signal, /)"),
    NativeDef::bound("_exit", STATUS, exit).signature("($module, /, status)"),
    NativeDef::no_args("abort", |vm, _| {
        require_process(vm)?;
        std::process::abort()
    })
    .signature("($module, /)"),
    NativeDef::no_args("sched_yield", |vm, _| {
        require_process(vm)?;
        std::thread::yield_now();
        Ok(Value::NONE)
    })
    .signature("($module, /)"),
    NativeDef::range("putenv", 2, 2, put_env).signature("($module, name, value, /)"),
    NativeDef::one("unsetenv", unset_env).signature("($module, name, /)"),
    NativeDef::no_args("_clearenv", |vm, _| {
        vm.host_mut().environment.clear();
        Ok(Value::NONE)
    })
    .since(14),
    NativeDef::no_args("_create_environ", |vm, _| environ(vm)).since(14),
    NativeDef::bound("fspath", PATH, |vm, _, args: &Bound<'_>| {
        path::require_fs_path(vm, args.get(0).unwrap_or(&Value::NONE))
    })
    .signature("($module, /, path)"),
];

fn number(vm: &mut Vm, ask: impl FnOnce() -> i64) -> PyResult {
    require_process(vm)?;
    Ok(vm.int(ask()))
}

/// The environment that the host grants, as bytes.
pub(super) fn environ(vm: &mut Vm) -> PyResult {
    let environ = Dict::new(vm);
    for (name, value) in vm.host().environment.clone() {
        let (name, value) = (path::name(vm, &name, true)?, path::name(vm, &value, true)?);
        if environ.get(vm, &name)?.is_none() {
            environ.set(vm, name, value)?;
        }
    }
    Ok(Value::from(environ))
}

/// A str or bytes of the environment.
fn env_text(vm: &mut Vm, value: &Value) -> PyResult<std::ffi::OsString> {
    let is_text = value.downcast::<Bytes>().is_some()
        || value.downcast::<pyco_exec::object::str_::Str>().is_some();
    if !is_text {
        let found = vm.type_name(value);
        let message = format!("expected str, bytes or os.PathLike object, not {found}");
        return Err(vm.type_error(message));
    }
    let text = path::encode(vm, value)?;
    if std::os::unix::ffi::OsStrExt::as_bytes(text.as_os_str()).contains(&0) {
        return Err(vm.value_error("embedded null byte"));
    }
    Ok(text)
}

/// Changes the environment of the program, which is the VM's alone.
fn put_env(vm: &mut Vm, _module: &Value, args: &[Value]) -> PyResult {
    let [name, value] = args else {
        return Ok(Value::NONE);
    };
    let (name, value) = (env_text(vm, name)?, env_text(vm, value)?);
    if std::os::unix::ffi::OsStrExt::as_bytes(name.as_os_str()).contains(&b'=') {
        return Err(vm.value_error("illegal environment variable name"));
    }
    if name.is_empty() {
        return Err(os_error(vm, Errno::INVAL, &[]));
    }
    let environment = &mut vm.host_mut().environment;
    environment.retain(|(other, _)| *other != name);
    environment.push((name, value));
    Ok(Value::NONE)
}

fn unset_env(vm: &mut Vm, _module: &Value, name: &Value) -> PyResult {
    let name = env_text(vm, name)?;
    let bytes = std::os::unix::ffi::OsStrExt::as_bytes(name.as_os_str());
    if bytes.is_empty() || bytes.contains(&b'=') {
        return Err(os_error(vm, Errno::INVAL, &[]));
    }
    let environment = &mut vm.host_mut().environment;
    environment.retain(|(other, _)| *other != name);
    Ok(Value::NONE)
}

fn umask(vm: &mut Vm, _module: &Value, mask: &Value) -> PyResult {
    require_files(vm, &[])?;
    let mask = c_int_or(vm, Some(mask), 0)?;
    let old = rustix::process::umask(rustix::fs::Mode::from_raw_mode(mask as _));
    Ok(vm.int(old.as_raw_mode().into()))
}

fn uname(vm: &mut Vm, _module: &Value) -> PyResult {
    require_process(vm)?;
    let uname = rustix::system::uname();
    let mut values = Vec::new();
    for part in [
        uname.sysname(),
        uname.nodename(),
        uname.release(),
        uname.version(),
        uname.machine(),
    ] {
        values.push(vm.new_str(&part.to_string_lossy()));
    }
    Ok(vm.new_sequence(&UNAME_RESULT, values))
}

/// Linux counts in hundredths of a second towards programs, whatever the machine's clock does.
const TICKS_PER_SECOND: f64 = 100.0;

fn times(vm: &mut Vm, _module: &Value) -> PyResult {
    require_process(vm)?;
    let Some(ticks) = process_ticks() else {
        return Err(vm.not_implemented("os.times() on this system"));
    };
    let mut values: Vec<Value> = ticks
        .iter()
        .map(|ticks| Value::float(*ticks as f64 / TICKS_PER_SECOND))
        .collect();
    let now = rustix::time::clock_gettime(rustix::time::ClockId::Monotonic);
    let elapsed = now.tv_sec as f64 * TICKS_PER_SECOND + (now.tv_nsec / 10_000_000) as f64;
    values.push(Value::float(elapsed / TICKS_PER_SECOND));
    Ok(vm.new_sequence(&TIMES_RESULT, values))
}

/// The time that this process has taken itself and in the system, and its children, as the system tells it in a file.
fn process_ticks() -> Option<[u64; 4]> {
    let text = std::fs::read_to_string("/proc/self/stat").ok()?;
    // The name, in parentheses, may hold anything.
    let (_, fields) = text.rsplit_once(')')?;
    let mut fields = fields.split_whitespace().skip(11);
    let mut ticks = [0; 4];
    for ticks in &mut ticks {
        *ticks = fields.next()?.parse().ok()?;
    }
    Some(ticks)
}

fn getlogin(vm: &mut Vm, _module: &Value) -> PyResult {
    require_process(vm)?;
    // What the session's records say is not read; the environment tells who logged in.
    let environment = vm.host().environment.clone();
    match environment.iter().find(|(name, _)| name == "LOGNAME") {
        Some((_, name)) => path::decode(vm, name),
        None => Err(os_error(vm, Errno::NXIO, &[])),
    }
}

fn urandom(vm: &mut Vm, _module: &Value, size: &Value) -> PyResult {
    require_process(vm)?;
    let size = vm.index_for_size(size)?;
    let Ok(size) = usize::try_from(size) else {
        return Err(vm.value_error(match vm.version_number() {
            ..15 => "negative argument not allowed",
            _ => "size cannot be negative",
        }));
    };
    vm.check_growth(size)?;
    if size > vm.max_size() {
        return Err(vm.memory_error());
    }
    let mut bytes = vec![0; size];
    let read = std::fs::File::open("/dev/urandom").and_then(|mut file| file.read_exact(&mut bytes));
    match read {
        Ok(()) => Ok(vm.new_bytes(bytes)),
        Err(error) => {
            let error = Errno::from_raw_os_error(error.raw_os_error().unwrap_or(5));
            Err(os_error(vm, error, &[]))
        }
    }
}

fn kill(vm: &mut Vm, _module: &Value, args: &[Value]) -> PyResult {
    require_process(vm)?;
    let pid = c_int_or(vm, args.first(), 0)?;
    let signal = c_int_or(vm, args.get(1), 0)?;
    let killed = match (Pid::from_raw(pid.max(0)), Signal::from_named_raw(signal)) {
        (Some(pid), None) if signal == 0 => rustix::process::test_kill_process(pid),
        (Some(pid), Some(signal)) => rustix::process::kill_process(pid, signal),
        (None, Some(signal)) if pid == 0 => rustix::process::kill_current_process_group(signal),
        (None, _) if pid < 0 => return Err(vm.not_implemented("os.kill() of process groups")),
        _ => Err(Errno::INVAL),
    };
    match killed {
        Ok(()) => Ok(Value::NONE),
        Err(error) => Err(os_error(vm, error, &[])),
    }
}

fn exit(vm: &mut Vm, _module: &Value, args: &Bound<'_>) -> PyResult {
    require_process(vm)?;
    let status = c_int_or(vm, args.get(0), 0)?;
    // What is buffered is lost, as it is there.
    std::process::exit(status)
}
