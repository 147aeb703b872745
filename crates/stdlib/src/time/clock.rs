//! Clocks, waiting, and numbers as times.

use std::time::Duration;

use pyco_exec::object::native::NativeDef;
use pyco_exec::object::text_args::c_int_or;
use pyco_exec::{PyResult, Raised, Value, Vm};
use rustix::io::Errno;
use rustix::time::{ClockId, Timespec};

use crate::descriptor::{os_error, os_error_saying};

pub(super) static CONSTANTS: &[(&str, i64)] = &[
    ("CLOCK_REALTIME", 0),
    ("CLOCK_MONOTONIC", 1),
    ("CLOCK_PROCESS_CPUTIME_ID", 2),
    ("CLOCK_THREAD_CPUTIME_ID", 3),
    ("CLOCK_MONOTONIC_RAW", 4),
    ("CLOCK_BOOTTIME", 7),
];

/// How long a signal may wait for one that sleeps.
const STEP: Duration = Duration::from_millis(50);

pub(super) const NANOS: i64 = 1_000_000_000;

pub(super) static FUNCTIONS: &[NativeDef] = &[
    NativeDef::no_args("time", |vm, _| float(vm, ClockId::Realtime)),
    NativeDef::no_args("time_ns", |vm, _| int(vm, ClockId::Realtime)),
    NativeDef::no_args("monotonic", |vm, _| float(vm, ClockId::Monotonic)),
    NativeDef::no_args("monotonic_ns", |vm, _| int(vm, ClockId::Monotonic)),
    NativeDef::no_args("perf_counter", |vm, _| float(vm, ClockId::Monotonic)),
    NativeDef::no_args("perf_counter_ns", |vm, _| int(vm, ClockId::Monotonic)),
    NativeDef::no_args("process_time", |vm, _| float(vm, ClockId::ProcessCPUTime)),
    NativeDef::no_args("process_time_ns", |vm, _| int(vm, ClockId::ProcessCPUTime)),
    NativeDef::no_args("thread_time", |vm, _| float(vm, ClockId::ThreadCPUTime)),
    NativeDef::no_args("thread_time_ns", |vm, _| int(vm, ClockId::ThreadCPUTime)),
    NativeDef::one("clock_gettime", |vm, _, id| {
        let id = clock_id(vm, id)?;
        float(vm, id)
    })
    .signature("($module, clk_id, /)"),
    NativeDef::one("clock_gettime_ns", |vm, _, id| {
        let id = clock_id(vm, id)?;
        int(vm, id)
    })
    .signature("($module, clk_id, /)"),
    NativeDef::one("clock_getres", |vm, _, id| {
        let id = clock_id(vm, id)?;
        require_clock(vm)?;
        Ok(Value::float(as_float(rustix::time::clock_getres(id))))
    })
    .signature("($module, clk_id, /)"),
    NativeDef::one("sleep", sleep).signature("($module, object, /)"),
    NativeDef::one("get_clock_info", clock_info),
];

/// Makes sure that the host grants a clock.
pub(super) fn require_clock(vm: &mut Vm) -> PyResult<()> {
    match vm.host().clock {
        true => Ok(()),
        false => Err(os_error_saying(
            vm,
            Errno::PERM,
            "the host grants no clock",
            &[],
        )),
    }
}

fn as_float(time: Timespec) -> f64 {
    time.tv_sec as f64 + time.tv_nsec as f64 * 1e-9
}

fn read(vm: &mut Vm, id: ClockId) -> PyResult<Timespec> {
    require_clock(vm)?;
    Ok(rustix::time::clock_gettime(id))
}

fn float(vm: &mut Vm, id: ClockId) -> PyResult {
    Ok(Value::float(as_float(read(vm, id)?)))
}

fn int(vm: &mut Vm, id: ClockId) -> PyResult {
    let time = read(vm, id)?;
    Ok(vm.int((time.tv_sec as i64).saturating_mul(NANOS) + time.tv_nsec as i64))
}

fn clock_id(vm: &mut Vm, id: &Value) -> PyResult<ClockId> {
    match c_int_or(vm, Some(id), 0)? {
        0 => Ok(ClockId::Realtime),
        1 => Ok(ClockId::Monotonic),
        2 => Ok(ClockId::ProcessCPUTime),
        3 => Ok(ClockId::ThreadCPUTime),
        #[cfg(target_os = "linux")]
        4 => Ok(ClockId::MonotonicRaw),
        #[cfg(target_os = "linux")]
        7 => Ok(ClockId::Boottime),
        _ => Err(os_error(vm, Errno::INVAL, &[])),
    }
}

/// The time now, in seconds.
pub(super) fn now(vm: &mut Vm) -> PyResult<i64> {
    Ok(read(vm, ClockId::Realtime)?.tv_sec as i64)
}

#[cold]
fn out_of_range(vm: &mut Vm) -> Raised {
    vm.overflow_error("timestamp out of range for platform time_t")
}

/// A number of seconds as a time, cut to nanoseconds below.
pub(crate) fn timespec(vm: &mut Vm, value: &Value) -> PyResult<Timespec> {
    if is_float(vm, value) {
        let seconds = vm.to_f64(value)?;
        if seconds.is_nan() {
            return Err(vm.value_error("Invalid value NaN (not a number)"));
        }
        let whole = seconds.floor();
        if whole.abs() > 9.2e18 {
            return Err(out_of_range(vm));
        }
        let nanos = ((seconds - whole) * NANOS as f64).floor();
        let (carry, nanos) = if nanos >= NANOS as f64 {
            (1, 0)
        } else {
            (0, nanos as i64)
        };
        return Ok(Timespec {
            tv_sec: (whole as i64 + carry) as _,
            tv_nsec: nanos as _,
        });
    }
    let is_index = pyco_exec::object::sequence::is_index(vm, value);
    if vm.version_number() >= 15 && !is_index {
        let found = vm.type_name(value);
        return Err(vm.type_error(format!("must be real number, not {found}")));
    }
    let index = vm.index(value)?;
    match index.as_int().and_then(|n| n.to_i64()) {
        Some(seconds) => Ok(Timespec {
            tv_sec: seconds as _,
            tv_nsec: 0,
        }),
        None => Err(out_of_range(vm)),
    }
}

fn is_float(vm: &Vm, value: &Value) -> bool {
    value.as_float().is_some() || vm.type_of(value).is_subtype(vm, &vm.types.float)
}

/// Seconds since 1970 as an argument; now, if there is none.
pub(super) fn seconds_or_now(vm: &mut Vm, value: Option<&Value>) -> PyResult<i64> {
    match value.filter(|value| !value.is_none()) {
        Some(value) => Ok(timespec(vm, value)?.tv_sec as i64),
        None => now(vm),
    }
}

fn sleep(vm: &mut Vm, _module: &Value, value: &Value) -> PyResult {
    let is_number = is_float(vm, value) || pyco_exec::object::sequence::is_index(vm, value);
    if vm.version_number() == 14 && !is_number {
        let found = vm.type_name(value);
        let message = format!("'{found}' object cannot be interpreted as an integer or float");
        return Err(vm.type_error(message));
    }
    let time = match timespec(vm, value) {
        Err(raised) if raised.is(vm, &vm.types.overflow_error) => {
            return Err(vm.overflow_error("timestamp too large to convert to C PyTime_t"));
        }
        time => time?,
    };
    if time.tv_sec < 0 {
        return Err(vm.value_error("sleep length must be non-negative"));
    }
    require_clock(vm)?;
    let mut left = Duration::new(time.tv_sec as u64, time.tv_nsec as u32);
    // In steps, so that a signal is heard.
    while !left.is_zero() {
        let step = left.min(STEP);
        std::thread::sleep(step);
        left -= step;
        vm.check_interrupt()?;
    }
    Ok(Value::NONE)
}

fn clock_info(vm: &mut Vm, _module: &Value, name: &Value) -> PyResult {
    let Some(name) = name.downcast::<pyco_exec::object::str_::Str>() else {
        let found = pyco_exec::object::text_args::clinic_type(vm, name);
        let message = format!("get_clock_info() argument 1 must be str, not {found}");
        return Err(vm.type_error(message));
    };
    let (id, function, monotonic, adjustable) = match &*name.to_string() {
        "time" => (
            ClockId::Realtime,
            "clock_gettime(CLOCK_REALTIME)",
            false,
            true,
        ),
        "monotonic" | "perf_counter" => (
            ClockId::Monotonic,
            "clock_gettime(CLOCK_MONOTONIC)",
            true,
            false,
        ),
        "process_time" => (
            ClockId::ProcessCPUTime,
            "clock_gettime(CLOCK_PROCESS_CPUTIME_ID)",
            true,
            false,
        ),
        "thread_time" => (
            ClockId::ThreadCPUTime,
            "clock_gettime(CLOCK_THREAD_CPUTIME_ID)",
            true,
            false,
        ),
        _ => return Err(vm.value_error("unknown clock")),
    };
    require_clock(vm)?;
    let fields = [
        ("implementation", vm.new_str(function)),
        ("monotonic", Value::bool(monotonic)),
        ("adjustable", Value::bool(adjustable)),
        (
            "resolution",
            Value::float(as_float(rustix::time::clock_getres(id))),
        ),
    ];
    simple_namespace(vm, &fields)
}

/// A `types.SimpleNamespace` with these attributes.
fn simple_namespace(vm: &mut Vm, fields: &[(&str, Value)]) -> PyResult {
    let sys = vm.import("sys")?;
    let name = vm.intern("implementation");
    let implementation = vm.get_attr(&sys, &name)?;
    let class = Value::from(vm.type_of(&implementation));
    // The class of `sys.implementation` is the one of simple namespaces.
    let namespace = vm.call(&class, &[])?;
    for (name, value) in fields {
        let name = vm.intern(name);
        vm.set_attr(&namespace, &name, Some(value.clone()))?;
    }
    Ok(namespace)
}
