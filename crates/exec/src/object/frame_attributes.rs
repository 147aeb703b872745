//! The attributes of frames, tracebacks and generators.

use std::cell::Cell;

use crate::call::{Args, Params};
use crate::cell::ValueCell;
use crate::error::PyResult;
use crate::object::dict::Dict;
use crate::object::frame::{FrameObject, Traceback};
use crate::object::frame_locals::snapshot;
use crate::object::generator::{Generator, State};
use crate::object::header::Ref;
use crate::object::native::{GetSetDef, NativeDef};
use crate::object::slots::UnaryOp;
use crate::object::stand_in;
use crate::object::str_::Str;
use crate::object::text_args::{c_int_or, clinic_type};
use crate::object::type_::Type;
use crate::value::Value;
use crate::vm::Vm;

fn frame_of(vm: &mut Vm, this: &Value) -> PyResult<Ref<FrameObject>> {
    match this.downcast::<FrameObject>() {
        Some(frame) => Ok(frame.clone()),
        None => Err(vm.type_error("descriptor requires a 'frame' object")),
    }
}

fn frame_line(vm: &mut Vm, this: &Value) -> PyResult {
    let line = frame_of(vm, this)?.line();
    Ok(line.map_or(Value::NONE, |line| vm.int(i64::from(line))))
}

fn frame_lasti(vm: &mut Vm, this: &Value) -> PyResult {
    let unit = frame_of(vm, this)?.unit_offset();
    Ok(vm.int(2 * i64::from(unit)))
}

/// A view of the variables of a function's frame, before 3.13 a new dict; the namespace itself of a module or class body.
fn frame_locals(vm: &mut Vm, this: &Value) -> PyResult {
    let frame = frame_of(vm, this)?;
    if let Some(namespace) = frame.namespace.get()
        && (vm.version_number() < 13 || !frame.has_hidden_locals(vm))
    {
        return Ok(namespace);
    }
    Ok(match vm.version_number() {
        13.. => vm.frame_locals(&frame),
        _ => shown_locals(vm, &frame),
    })
}

/// Up to 3.12: one dict for each frame, brought up to date whenever it is asked for.
fn shown_locals(vm: &mut Vm, frame: &Ref<FrameObject>) -> Value {
    let now = snapshot(vm, frame);
    let shown = frame.shown_locals.get();
    let Some(shown) = shown.and_then(|d| d.into_ref::<Dict>().ok()) else {
        frame.shown_locals.set(Some(Value::from(&now)));
        return Value::from(now);
    };
    for name in frame.code.clone().local_names() {
        match now.get_str(vm, name) {
            Some(value) => shown.set_str(vm, name, value),
            // Nothing but a key that is no str could fail to compare.
            None => drop(shown.remove(vm, name.as_value())),
        }
    }
    Value::from(shown)
}

fn set_line(vm: &mut Vm, this: &Value, value: Option<Value>) -> PyResult<()> {
    let frame = frame_of(vm, this)?;
    match value {
        Some(value) => vm.jump_to_line(&frame, &value),
        None => {
            let message = match vm.version_number() {
                14.. => "attribute 'f_lineno' of 'frame' objects cannot be deleted",
                _ => "cannot delete attribute",
            };
            Err(vm.error(&vm.types.attribute_error.clone(), message))
        }
    }
}

fn get_trace(vm: &mut Vm, this: &Value) -> PyResult {
    Ok(frame_of(vm, this)?.trace.get().unwrap_or(Value::NONE))
}

fn set_trace(vm: &mut Vm, this: &Value, value: Option<Value>) -> PyResult<()> {
    let function = value.filter(|value| !value.is_none());
    let frame = frame_of(vm, this)?;
    frame.trace.set(function);
    if frame.traces_opcodes.get() {
        vm.trace_opcodes(&frame);
    }
    Ok(())
}

fn checked_bool(vm: &mut Vm, value: Option<Value>) -> PyResult<bool> {
    match value {
        Some(value) => match value.as_bool() {
            Some(value) => Ok(value),
            None => Err(vm.type_error("attribute value type must be bool")),
        },
        None => Err(vm.type_error("can't delete numeric/char attribute")),
    }
}

fn set_trace_lines(vm: &mut Vm, this: &Value, value: Option<Value>) -> PyResult<()> {
    let value = checked_bool(vm, value)?;
    frame_of(vm, this)?.traces_lines.set(value);
    Ok(())
}

fn set_trace_opcodes(vm: &mut Vm, this: &Value, value: Option<Value>) -> PyResult<()> {
    if value.is_none() && vm.version_number() >= 12 {
        let message = match vm.version_number() {
            14.. => "attribute 'f_trace_opcodes' of 'frame' objects cannot be deleted",
            _ => "cannot delete attribute f_trace_opcodes",
        };
        return Err(vm.error(&vm.types.attribute_error.clone(), message));
    }
    let value = checked_bool(vm, value)?;
    let frame = frame_of(vm, this)?;
    frame.traces_opcodes.set(value);
    vm.trace_opcodes(&frame);
    Ok(())
}

fn frame_back(vm: &mut Vm, this: &Value) -> PyResult {
    let frame = frame_of(vm, this)?;
    if let Some(live) = frame.live() {
        // SAFETY: a live frame's caller is live, too.
        unsafe {
            let back = (*live).back;
            return Ok(if back.is_null() {
                Value::NONE
            } else {
                Value::from(FrameObject::of(vm, back))
            });
        }
    }
    Ok(frame.back.get().unwrap_or(Value::NONE))
}

static FRAME: &[GetSetDef] = &[
    GetSetDef::get("f_code", |vm, t| Ok(Value::from(&frame_of(vm, t)?.code))),
    GetSetDef::get("f_globals", |vm, t| {
        let globals = frame_of(vm, t)?.globals.clone();
        Ok(stand_in::real(vm, &globals))
    })
    .member(),
    GetSetDef::get("f_builtins", |vm, t| {
        let builtins = frame_of(vm, t)?.builtins.clone();
        Ok(stand_in::real(vm, &builtins))
    })
    .member(),
    GetSetDef::get("f_locals", frame_locals),
    GetSetDef::get_set("f_lineno", frame_line, set_line),
    GetSetDef::get_set("f_trace", get_trace, set_trace),
    GetSetDef::get_set(
        "f_trace_lines",
        |vm, t| Ok(Value::bool(frame_of(vm, t)?.traces_lines.get())),
        set_trace_lines,
    )
    .member(),
    GetSetDef::get("f_lasti", frame_lasti).member(),
    GetSetDef::get("f_back", frame_back),
];

const fn trace_opcodes() -> GetSetDef {
    GetSetDef::get_set(
        "f_trace_opcodes",
        |vm, t| Ok(Value::bool(frame_of(vm, t)?.traces_opcodes.get())),
        set_trace_opcodes,
    )
}

static TRACE_OPCODES: &[GetSetDef] = &[
    trace_opcodes().member().until(11),
    trace_opcodes().since(12),
];

fn traceback_of(vm: &mut Vm, this: &Value) -> PyResult<Ref<Traceback>> {
    match this.downcast::<Traceback>() {
        Some(traceback) => Ok(traceback.clone()),
        None => Err(vm.type_error("descriptor requires a 'traceback' object")),
    }
}

fn traceback_line(vm: &mut Vm, this: &Value) -> PyResult {
    let traceback = traceback_of(vm, this)?;
    if let Some([_, line]) = traceback.given {
        return Ok(vm.int(i64::from(line)));
    }
    let line = crate::object::frame::line_of(&traceback.frame.code, traceback.unit.get());
    Ok(line.map_or(Value::NONE, |line| vm.int(i64::from(line))))
}

fn set_next(vm: &mut Vm, this: &Value, value: Option<Value>) -> PyResult<()> {
    let traceback = traceback_of(vm, this)?;
    let Some(value) = value else {
        return Err(vm.type_error("can't delete tb_next attribute"));
    };
    if value.is_none() {
        traceback.next.set(None);
        return Ok(());
    }
    let mut at = value.downcast::<Traceback>().cloned();
    if at.is_none() {
        let found = vm.type_name(&value);
        return Err(vm.type_error(format!("expected traceback object or None, got '{found}'")));
    }
    while let Some(next) = at {
        if next.is(&traceback) {
            return Err(vm.value_error("traceback loop detected"));
        }
        at = next.next.get().and_then(|n| n.into_ref().ok());
    }
    traceback.next.set(Some(value));
    Ok(())
}

static NEW_TRACEBACK: Params = Params::new(&["tb_next", "tb_frame", "tb_lasti", "tb_lineno"], 4);

/// `types.TracebackType(tb_next, tb_frame, tb_lasti, tb_lineno)`.
pub(crate) fn new_traceback(vm: &mut Vm, _ty: &Ref<Type>, args: Args<'_>) -> PyResult {
    let name = match vm.version_number() {
        ..13 => "TracebackType",
        _ => "traceback",
    };
    let bound = args.bind(vm, name, &NEW_TRACEBACK)?;
    let get = |index: usize| bound.get(index).cloned().unwrap_or(Value::NONE);
    let (next, frame) = (get(0), get(1));
    let Some(frame) = frame.downcast::<FrameObject>().cloned() else {
        let found = clinic_type(vm, &frame);
        let message = format!("{name}() argument 'tb_frame' must be frame, not {found}");
        return Err(vm.type_error(message));
    };
    let mut numbers = [0; 2];
    for (number, index) in numbers.iter_mut().zip([2, 3]) {
        *number = c_int_or(vm, Some(&get(index)), 0)?;
    }
    if !next.is_none() && next.downcast::<Traceback>().is_none() {
        let found = vm.type_name(&next);
        return Err(vm.type_error(format!("expected traceback object or None, got '{found}'")));
    }
    let payload = Traceback {
        next: ValueCell::new(Some(next).filter(|next| !next.is_none())),
        frame,
        unit: Cell::new(u32::try_from(numbers[0]).unwrap_or(0) / 2),
        given: Some(numbers),
    };
    Ok(Value::from(Ref::new(&vm.types.traceback, payload)))
}

/// `dir()` of a traceback is what it has of its own.
static TRACEBACK_METHODS: &[NativeDef] = &[NativeDef::no_args("__dir__", |vm, _| {
    let names = ["tb_frame", "tb_next", "tb_lasti", "tb_lineno"].map(|name| vm.new_str(name));
    Ok(vm.new_list(names.to_vec()))
})];

static TRACEBACK: &[GetSetDef] = &[
    GetSetDef::get_set(
        "tb_next",
        |vm, t| Ok(traceback_of(vm, t)?.next.get().unwrap_or(Value::NONE)),
        set_next,
    ),
    GetSetDef::get("tb_frame", |vm, t| {
        Ok(Value::from(&traceback_of(vm, t)?.frame))
    })
    .member(),
    GetSetDef::get("tb_lineno", traceback_line),
    GetSetDef::get("tb_lasti", |vm, t| {
        let traceback = traceback_of(vm, t)?;
        let lasti = match traceback.given {
            Some([lasti, _]) => i64::from(lasti),
            None => 2 * i64::from(traceback.unit.get()),
        };
        Ok(vm.int(lasti))
    })
    .member(),
];

fn generator_of(vm: &mut Vm, this: &Value) -> PyResult<Ref<Generator>> {
    match this.downcast::<Generator>() {
        Some(generator) => Ok(generator.clone()),
        None => Err(vm.type_error("descriptor requires a generator")),
    }
}

fn is_running(vm: &mut Vm, this: &Value) -> PyResult {
    Ok(Value::bool(
        generator_of(vm, this)?.state.get() == State::Running,
    ))
}

fn is_suspended(vm: &mut Vm, this: &Value) -> PyResult {
    Ok(Value::bool(
        generator_of(vm, this)?.state.get() == State::Suspended,
    ))
}

/// What `inspect` calls the state (3.15).
pub(crate) fn state_name(vm: &mut Vm, this: &Value, prefix: &str) -> PyResult {
    let state = match generator_of(vm, this)?.state.get() {
        State::Created => "CREATED",
        State::Suspended => "SUSPENDED",
        State::Running => "RUNNING",
        State::Finished => "CLOSED",
    };
    Ok(vm.new_str(&format!("{prefix}_{state}")))
}

fn delegate(vm: &mut Vm, this: &Value) -> PyResult {
    Ok(generator_of(vm, this)?.delegate().unwrap_or(Value::NONE))
}

pub(crate) fn generator_code(vm: &mut Vm, this: &Value) -> PyResult {
    Ok(Value::from(&generator_of(vm, this)?.code))
}

pub(crate) fn generator_frame(vm: &mut Vm, this: &Value) -> PyResult {
    let generator = generator_of(vm, this)?;
    Ok(match generator.frame() {
        // SAFETY: a generator's frame is live until the generator has finished.
        Some(frame) => Value::from(unsafe { FrameObject::of(vm, frame) }),
        None => Value::NONE,
    })
}

fn get_name(vm: &mut Vm, this: &Value) -> PyResult {
    Ok(generator_of(vm, this)?.name.get().unwrap_or(Value::NONE))
}

fn get_qualname(vm: &mut Vm, this: &Value) -> PyResult {
    Ok(generator_of(vm, this)?
        .qualname
        .get()
        .unwrap_or(Value::NONE))
}

fn checked(vm: &mut Vm, value: Option<Value>, name: &str) -> PyResult<Value> {
    match value {
        Some(value) if value.downcast::<Str>().is_some() => Ok(value),
        _ => Err(vm.type_error(format!("{name} must be set to a string object"))),
    }
}

fn set_name(vm: &mut Vm, this: &Value, value: Option<Value>) -> PyResult<()> {
    let generator = generator_of(vm, this)?;
    let value = checked(vm, value, "__name__")?;
    generator.name.set(Some(value));
    Ok(())
}

fn set_qualname(vm: &mut Vm, this: &Value, value: Option<Value>) -> PyResult<()> {
    let generator = generator_of(vm, this)?;
    let value = checked(vm, value, "__qualname__")?;
    generator.qualname.set(Some(value));
    Ok(())
}

static NAMES: &[GetSetDef] = &[
    GetSetDef::get_set("__name__", get_name, set_name),
    GetSetDef::get_set("__qualname__", get_qualname, set_qualname),
];

static GENERATOR: &[GetSetDef] = &[
    GetSetDef::get("gi_running", is_running),
    GetSetDef::get("gi_suspended", is_suspended),
    GetSetDef::get("gi_yieldfrom", delegate),
    GetSetDef::get("gi_code", generator_code),
    GetSetDef::get("gi_frame", generator_frame),
    GetSetDef::get("gi_state", |vm, this| state_name(vm, this, "GEN")).since(15),
];

static COROUTINE: &[GetSetDef] = &[
    GetSetDef::get("cr_running", is_running),
    GetSetDef::get("cr_suspended", is_suspended),
    GetSetDef::get("cr_await", delegate),
    GetSetDef::get("cr_code", generator_code),
    GetSetDef::get("cr_frame", generator_frame),
    // Where coroutines come from is recorded only if a program asks for it.
    GetSetDef::get("cr_origin", |vm, this| {
        let origin = generator_of(vm, this)?.origin_or_finalizer.get();
        Ok(origin.unwrap_or(Value::NONE))
    })
    .member(),
    GetSetDef::get("cr_state", |vm, this| state_name(vm, this, "CORO")).since(15),
];

fn frame_repr(vm: &mut Vm, this: &Value) -> PyResult {
    let frame = frame_of(vm, this)?;
    let code = frame.code.code();
    let file = vm.new_str(&code.filename().to_string_lossy());
    let (file, name) = (vm.repr_text(&file)?, code.name().to_string_lossy());
    let line = frame.line().unwrap_or(0);
    let id = this.id();
    Ok(vm.new_str(&format!(
        "<frame at {id:#x}, file {file}, line {line}, code {name}>"
    )))
}

/// Fills the slots.
pub(crate) fn ready_slots(vm: &mut Vm) {
    let slots = &vm.types.frame.slots;
    slots.unary[UnaryOp::Repr as usize].set(Some(frame_repr));
    vm.types.traceback.slots.new.set(Some(new_traceback));
}

/// Adds the attributes.
pub(crate) fn ready(vm: &mut Vm) {
    let types = &vm.types;
    let (generator, coroutine) = (types.generator.clone(), types.coroutine.clone());
    let async_generator = types.async_generator.clone();
    let tables = [
        (types.frame.clone(), FRAME),
        (types.frame.clone(), TRACE_OPCODES),
        (types.traceback.clone(), TRACEBACK),
        (generator.clone(), GENERATOR),
        (coroutine.clone(), COROUTINE),
        (generator, NAMES),
        (coroutine, NAMES),
        (async_generator, NAMES),
    ];
    for (ty, table) in tables {
        vm.add_attributes(&ty, table);
    }
    let traceback = vm.types.traceback.clone();
    vm.add_methods(&traceback, TRACEBACK_METHODS);
}
