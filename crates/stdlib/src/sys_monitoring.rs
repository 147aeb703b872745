//! `sys.monitoring`, 3.12 on: the names; the functions say that pyco does not implement them.

use pyco_exec::object::native::NativeDef;
use pyco_exec::{PyResult, Value, Vm};

/// The events and their bits.
const EVENTS: &[(&str, i64)] = &[
    ("PY_START", 1),
    ("PY_RESUME", 1 << 1),
    ("PY_RETURN", 1 << 2),
    ("PY_YIELD", 1 << 3),
    ("CALL", 1 << 4),
    ("LINE", 1 << 5),
    ("INSTRUCTION", 1 << 6),
    ("JUMP", 1 << 7),
    ("BRANCH", 1 << 8),
    ("STOP_ITERATION", 1 << 9),
    ("RAISE", 1 << 10),
    ("EXCEPTION_HANDLED", 1 << 11),
    ("PY_UNWIND", 1 << 12),
    ("PY_THROW", 1 << 13),
    ("RERAISE", 1 << 14),
    ("C_RETURN", 1 << 15),
    ("C_RAISE", 1 << 16),
    ("NO_EVENTS", 0),
];

macro_rules! missing {
    ($($name:literal),*) => {
        &[$(NativeDef::any($name, |vm, _, _| {
            Err(vm.not_implemented(concat!("sys.monitoring.", $name)))
        })),*]
    };
}

static FUNCTIONS: &[NativeDef] = missing!(
    "use_tool_id",
    "free_tool_id",
    "register_callback",
    "set_events",
    "get_local_events",
    "set_local_events",
    "restart_events",
    "_all_events"
);

/// No tool has ever an id.
static GET_TOOL: &[NativeDef] = &[
    NativeDef::one("get_tool", |_, _, _| Ok(Value::NONE)),
    NativeDef::one("get_events", |vm, _, _| Ok(vm.int(0))),
];

/// Makes the module.
pub(crate) fn make(vm: &mut Vm) -> PyResult {
    let module = vm.new_module("sys.monitoring");
    vm.add_functions(&module, FUNCTIONS);
    vm.add_functions(&module, GET_TOOL);
    let events: Vec<(&str, Value)> = EVENTS
        .iter()
        .map(|(name, bit)| (*name, vm.int(*bit)))
        .collect();
    let events = crate::namespace::with(vm, &events)?;
    vm.set_global(module.dict(), "events", events);
    for (name, id) in [
        ("DEBUGGER_ID", 0),
        ("COVERAGE_ID", 1),
        ("PROFILER_ID", 2),
        ("OPTIMIZER_ID", 5),
    ] {
        let id = vm.int(id);
        vm.set_global(module.dict(), name, id);
    }
    for name in ["DISABLE", "MISSING"] {
        let class = vm.types.object.clone();
        let marker = vm.call(class.as_value(), &[])?;
        vm.set_global(module.dict(), name, marker);
    }
    Ok(Value::from(module))
}
