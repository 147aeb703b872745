//! `sys.monitoring`, 3.12 on. Who watches what is the VM's; here are the arguments, the numbers of the version, and the complaints.

use pyco_exec::object::code::Code;
use pyco_exec::object::dict::Dict;
use pyco_exec::object::header::Ref;
use pyco_exec::object::native::NativeDef;
use pyco_exec::object::str_::Str;
use pyco_exec::watch::event::{self, Event, Events};
use pyco_exec::{PyResult, Value, Vm};

/// The events in the order of their bits since 3.14.
const EVENTS: &[(&str, Event)] = &[
    ("PY_START", event::PY_START),
    ("PY_RESUME", event::PY_RESUME),
    ("PY_RETURN", event::PY_RETURN),
    ("PY_YIELD", event::PY_YIELD),
    ("CALL", event::CALL),
    ("LINE", event::LINE),
    ("INSTRUCTION", event::INSTRUCTION),
    ("JUMP", event::JUMP),
    ("BRANCH_LEFT", event::BRANCH_LEFT),
    ("BRANCH_RIGHT", event::BRANCH_RIGHT),
    ("STOP_ITERATION", event::STOP_ITERATION),
    ("RAISE", event::RAISE),
    ("EXCEPTION_HANDLED", event::EXCEPTION_HANDLED),
    ("PY_UNWIND", event::PY_UNWIND),
    ("PY_THROW", event::PY_THROW),
    ("RERAISE", event::RERAISE),
    ("C_RETURN", event::C_RETURN),
    ("C_RAISE", event::C_RAISE),
    ("BRANCH", event::BRANCH),
];

const C_EVENTS: u32 = 1 << event::C_RETURN | 1 << event::C_RAISE;
const BRANCHES: u32 = 1 << event::BRANCH_LEFT | 1 << event::BRANCH_RIGHT;
const INT_OVERFLOW: &str = "Python int too large to convert to C int";

/// The version's events in the order of their bits: before 3.14 a branch is one event, in the place of its two ways.
fn events_of(vm: &Vm) -> Vec<(&'static str, Event)> {
    let mut events = EVENTS.to_vec();
    if vm.version().minor() < 14 {
        events.retain(|(_, event)| *event != event::BRANCH_RIGHT);
        if let Some(branch) = events.pop() {
            events[usize::from(event::BRANCH_LEFT)] = branch;
        }
    }
    events
}

static FUNCTIONS: &[NativeDef] = &[
    NativeDef::range("use_tool_id", 2, 2, use_tool_id).signature("($module, tool_id, name, /)"),
    NativeDef::one("clear_tool_id", |vm, _, id| {
        let id = used_or_not(vm, id)?;
        if vm.watching_tool(id).is_some() {
            vm.clear_watching_tool(id);
        }
        Ok(Value::NONE)
    })
    .signature("($module, tool_id, /)")
    .since(14),
    NativeDef::one("free_tool_id", free_tool_id).signature("($module, tool_id, /)"),
    NativeDef::one("get_tool", |vm, _, id| {
        let id = used_or_not(vm, id)?;
        Ok(vm.watching_tool(id).unwrap_or(Value::NONE))
    })
    .signature("($module, tool_id, /)"),
    NativeDef::range("register_callback", 3, 3, register_callback)
        .signature("($module, tool_id, event, func, /)"),
    NativeDef::one("get_events", |vm, _, id| {
        let id = used_or_not(vm, id)?;
        let events = vm.watched_events(id);
        Ok(shown(vm, events))
    })
    .signature("($module, tool_id, /)"),
    NativeDef::range("set_events", 2, 2, set_events).signature("($module, tool_id, event_set, /)"),
    NativeDef::range("get_local_events", 2, 2, |vm, _, args| {
        let id = vm.index_as_i64(&args[0], INT_OVERFLOW)?;
        let code = code_of(vm, &args[1])?;
        let id = checked(vm, id)?;
        let events = vm.watched_local_events(id, &code);
        Ok(shown(vm, events))
    })
    .signature("($module, tool_id, code, /)"),
    NativeDef::range("set_local_events", 3, 3, set_local_events)
        .signature("($module, tool_id, code, event_set, /)"),
    NativeDef::no_args("restart_events", |vm, _| {
        vm.restart_watching();
        Ok(Value::NONE)
    }),
    NativeDef::no_args("_all_events", all_events),
];

/// A C int.
fn int(vm: &mut Vm, value: &Value) -> PyResult<i64> {
    let number = vm.index_as_i64(value, INT_OVERFLOW)?;
    match i32::try_from(number) {
        Ok(_) => Ok(number),
        Err(_) => Err(vm.overflow_error(INT_OVERFLOW)),
    }
}

fn checked(vm: &mut Vm, id: i64) -> PyResult<usize> {
    match id {
        0..=5 => Ok(id as usize),
        _ => Err(vm.value_error(format!("invalid tool {id} (must be between 0 and 5)"))),
    }
}

fn used_or_not(vm: &mut Vm, id: &Value) -> PyResult<usize> {
    let id = int(vm, id)?;
    checked(vm, id)
}

fn used(vm: &mut Vm, id: i64) -> PyResult<usize> {
    let id = checked(vm, id)?;
    match vm.watching_tool(id) {
        Some(_) => Ok(id),
        None => Err(vm.value_error(format!("tool {id} is not in use"))),
    }
}

fn code_of(vm: &mut Vm, value: &Value) -> PyResult<Ref<Code>> {
    match value.downcast::<Code>() {
        Some(code) => Ok(code.clone()),
        None => Err(vm.type_error("code must be a code object")),
    }
}

fn use_tool_id(vm: &mut Vm, _module: &Value, args: &[Value]) -> PyResult {
    let id = used_or_not(vm, &args[0])?;
    if args[1].downcast::<Str>().is_none() {
        return Err(vm.value_error("tool name must be a str"));
    }
    if vm.watching_tool(id).is_some() {
        return Err(vm.value_error(format!("tool {id} is already in use")));
    }
    vm.set_watching_tool(id, Some(args[1].clone()));
    Ok(Value::NONE)
}

fn free_tool_id(vm: &mut Vm, _module: &Value, id: &Value) -> PyResult {
    let id = used_or_not(vm, id)?;
    if vm.watching_tool(id).is_some() {
        vm.clear_watching_tool(id);
    }
    vm.set_watching_tool(id, None);
    Ok(Value::NONE)
}

fn register_callback(vm: &mut Vm, _module: &Value, args: &[Value]) -> PyResult {
    let (id, bits) = (int(vm, &args[0])?, int(vm, &args[1])?);
    let id = checked(vm, id)?;
    let bits = bits as i32 as u32;
    if bits.count_ones() != 1 {
        return Err(vm.value_error("The callback can only be set for one event at a time"));
    }
    let known = events_of(vm);
    let Some((_, event)) = known.get(bits.trailing_zeros() as usize) else {
        return Err(vm.value_error(format!("invalid event {bits}")));
    };
    let callback = Some(args[2].clone()).filter(|callback| !callback.is_none());
    if *event == event::BRANCH {
        vm.set_watching_callback(id, event::BRANCH_LEFT, None);
        vm.set_watching_callback(id, event::BRANCH_RIGHT, None);
    }
    let old = vm.set_watching_callback(id, *event, callback);
    Ok(old.unwrap_or(Value::NONE))
}

/// The events that some bits of the version stand for, `None` if any stands for nothing.
fn events(vm: &Vm, bits: u32) -> Option<Events> {
    let known = events_of(vm);
    if bits >> known.len() != 0 {
        return None;
    }
    let wanted = known.iter().enumerate();
    let wanted = wanted.filter(|(index, _)| bits >> index & 1 != 0);
    Some(Events(wanted.fold(0, |all, (_, (_, event))| {
        all | match *event {
            event::BRANCH => BRANCHES,
            event => 1 << event,
        }
    })))
}

/// Some events as the version's bits.
fn shown(vm: &mut Vm, events: Events) -> Value {
    let known = events_of(vm);
    let has_both = vm.version().minor() >= 14;
    let bits = known
        .iter()
        .enumerate()
        .fold(0i64, |bits, (index, (_, event))| {
            let has = match *event {
                event::BRANCH => !has_both && events.0 & BRANCHES != 0,
                event => events.has(event),
            };
            bits | i64::from(has) << index
        });
    vm.int(bits)
}

/// C_RETURN and C_RAISE come with CALL or not at all.
fn without_c_events(vm: &mut Vm, events: Events) -> PyResult<Events> {
    if events.0 & C_EVENTS != 0 && !(events.0 & C_EVENTS == C_EVENTS && events.has(event::CALL)) {
        return Err(vm.value_error("cannot set C_RETURN or C_RAISE events independently"));
    }
    Ok(Events(events.0 & !C_EVENTS))
}

fn set_events(vm: &mut Vm, _module: &Value, args: &[Value]) -> PyResult {
    let (id, bits) = (int(vm, &args[0])?, int(vm, &args[1])?);
    let id = checked(vm, id)?;
    let bits = bits as i32 as u32;
    let Some(events) = events(vm, bits) else {
        return Err(vm.value_error(format!("invalid event set 0x{bits:x}")));
    };
    let events = without_c_events(vm, events)?;
    let id = used(vm, id as i64)?;
    vm.set_watched_events(id, events);
    Ok(Value::NONE)
}

fn set_local_events(vm: &mut Vm, _module: &Value, args: &[Value]) -> PyResult {
    let (id, bits) = (int(vm, &args[0])?, int(vm, &args[2])?);
    let code = code_of(vm, &args[1])?;
    let id = checked(vm, id)?;
    let bits = bits as i32 as u32;
    let known = events_of(vm);
    let bit_of = |wanted: Event| {
        let place = known.iter().position(|(_, event)| *event == wanted);
        place.map_or(0, |place| 1u32 << place)
    };
    let c_events = bit_of(event::C_RETURN) | bit_of(event::C_RAISE);
    let call = c_events | bit_of(event::CALL);
    if bits & c_events != 0 && bits & call != call {
        return Err(vm.value_error("cannot set C_RETURN or C_RAISE events independently"));
    }
    let branch = match vm.version().minor() {
        ..14 => 0,
        _ => bit_of(event::BRANCH),
    };
    let rest = bits & !c_events & !branch;
    let last_local = event::last_local(vm.version().minor());
    let last = known.iter().position(|(_, event)| *event == last_local);
    if rest >> (last.unwrap_or(0) + 1) != 0 {
        return Err(vm.value_error(format!("invalid local event set 0x{rest:x}")));
    }
    let events = events(vm, bits & !c_events).unwrap_or_default();
    let id = used(vm, id as i64)?;
    vm.set_watched_local_events(id, &code, events);
    Ok(Value::NONE)
}

/// Which tools want which events of all code, by name.
fn all_events(vm: &mut Vm, _module: &Value) -> PyResult {
    let dict = Dict::new(vm);
    for (name, event) in events_of(vm) {
        let mut tools = 0;
        for tool in 0..8 {
            let events = vm.watched_events(tool);
            let has = match event {
                event::BRANCH if vm.version().minor() < 14 => events.0 & BRANCHES != 0,
                event => events.has(event),
            };
            tools |= i64::from(has) << tool;
        }
        if tools != 0 {
            let (name, tools) = (vm.new_str(name), vm.int(tools));
            dict.set(vm, name, tools)?;
        }
    }
    Ok(Value::from(dict))
}

/// Makes the module.
pub(crate) fn make(vm: &mut Vm) -> PyResult {
    let module = vm.new_module("sys.monitoring");
    vm.add_functions(&module, FUNCTIONS);
    let disable = vm.disable_marker()?;
    let missing = vm.missing_marker()?;
    vm.set_global(module.dict(), "DISABLE", disable);
    vm.set_global(module.dict(), "MISSING", missing);
    let named = events_of(vm).into_iter().enumerate();
    let mut events: Vec<(&str, Value)> = named
        .map(|(index, (name, _))| (name, vm.int(1 << index)))
        .collect();
    events.push(("NO_EVENTS", vm.int(0)));
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
    Ok(Value::from(module))
}
