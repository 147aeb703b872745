//! Trace and profile functions: which events they are told of, under the names that they know.

use super::TRACE_TOOL;
use super::event::{self, Event, Events};
use crate::error::PyResult;
use crate::eval::frame::Frame;
use crate::object::exception::Exception;
use crate::object::frame::FrameObject;
use crate::object::header::Ref;
use crate::object::native::{MethodDescriptor, NativeFunction};
use crate::value::Value;
use crate::vm::Vm;

/// Tells the trace function, or the one that the frame has, of an event.
///
/// # Safety
/// The frame is live, its `pc` and `sp` are stored.
pub(super) unsafe fn trace(
    vm: &mut Vm,
    frame: *mut Frame,
    event: Event,
    unit: u32,
    rest: &[Value],
) -> PyResult<()> {
    let starts = matches!(event, event::PY_START | event::PY_RESUME | event::PY_THROW);
    // SAFETY: forwarded. A frame that nobody has asked for has no function of its own.
    let object = unsafe {
        if !starts && (*frame).object.is_empty() {
            return Ok(());
        }
        FrameObject::of(vm, frame)
    };
    let Some(function) = (match starts {
        true => vm.watch.trace.clone(),
        false => object.trace.get(),
    }) else {
        return Ok(());
    };
    let (name, arg) = match event {
        event::PY_RETURN | event::PY_YIELD => ("return", rest.first().cloned()),
        event::PY_UNWIND => ("return", None),
        event::RAISE | event::STOP_ITERATION => ("exception", exception_info(vm, rest)),
        event::LINE if object.traces_lines.get() => ("line", None),
        event::INSTRUCTION if object.traces_opcodes.get() => ("opcode", None),
        event::JUMP | event::BRANCH_LEFT | event::BRANCH_RIGHT
            if object.traces_lines.get() && repeats_line(&object, unit, rest) =>
        {
            ("line", None)
        }
        event::LINE
        | event::INSTRUCTION
        | event::JUMP
        | event::BRANCH_LEFT
        | event::BRANCH_RIGHT => return Ok(()),
        _ => ("call", None),
    };
    match call(vm, &function, &object, name, arg) {
        Ok(local) => {
            if !local.is_none() {
                object.trace.set(Some(local));
            }
            Ok(())
        }
        Err(raised) => {
            vm.set_trace_function(None);
            object.trace.set(None);
            Err(raised)
        }
    }
}

/// Whether a jump leads back to where its own line starts: no instruction there is of another line than the one before it.
fn repeats_line(object: &FrameObject, from: u32, rest: &[Value]) -> bool {
    let target = rest.first().and_then(Value::as_small_int).unwrap_or(0) as u32 / 2;
    let line = |unit| crate::object::frame::line_of(&object.code, unit);
    target < from && line(target).is_some() && line(target) == line(from)
}

/// Tells the profile function of an event.
///
/// # Safety
/// As for [`trace`].
pub(super) unsafe fn profile(
    vm: &mut Vm,
    frame: *mut Frame,
    event: Event,
    rest: &[Value],
) -> PyResult<()> {
    let (name, arg) = match event {
        // 3.12 shows the exception.
        event::PY_THROW if vm.version_number() == 12 => ("call", rest.first().cloned()),
        event::PY_START | event::PY_RESUME | event::PY_THROW => ("call", None),
        event::PY_RETURN | event::PY_YIELD => ("return", rest.first().cloned()),
        event::PY_UNWIND => ("return", None),
        _ => {
            let Some(function) = native_callable(vm, rest)? else {
                return Ok(());
            };
            let name = match event {
                event::CALL => "c_call",
                event::C_RETURN => "c_return",
                _ => "c_exception",
            };
            (name, Some(function))
        }
    };
    let Some(function) = vm.watch.profile.clone() else {
        return Ok(());
    };
    // SAFETY: forwarded.
    let object = unsafe { FrameObject::of(vm, frame) };
    match call(vm, &function, &object, name, arg) {
        Ok(_) => Ok(()),
        Err(raised) => {
            vm.set_profile_function(None);
            Err(raised)
        }
    }
}

/// What a profile function is shown of a call: a native function, or a native method bound to its instance; no other callable.
fn native_callable(vm: &mut Vm, rest: &[Value]) -> PyResult<Option<Value>> {
    let [callable, first] = rest else {
        return Ok(None);
    };
    if callable.downcast::<NativeFunction>().is_some() {
        return Ok(Some(callable.clone()));
    }
    let is_method = callable
        .downcast::<MethodDescriptor>()
        .is_some_and(|method| method.ty().is(&vm.types.method_descriptor));
    if !is_method || first.is(&vm.missing_marker()?) {
        return Ok(None);
    }
    let name = vm.intern("__get__");
    let bound = vm.call_special(callable, &name, std::slice::from_ref(first))?;
    Ok(Some(bound))
}

fn exception_info(vm: &mut Vm, rest: &[Value]) -> Option<Value> {
    let value = rest.first()?;
    let exception = value.downcast::<Exception>()?;
    let traceback = exception.traceback.get().unwrap_or(Value::NONE);
    let class = Value::from(vm.type_of(value));
    Some(vm.new_tuple(vec![class, value.clone(), traceback]))
}

/// Calls a trace or profile function. Up to 3.12 what it changes in `f_locals` changes the frame's variables.
fn call(
    vm: &mut Vm,
    function: &Value,
    object: &Ref<FrameObject>,
    name: &str,
    arg: Option<Value>,
) -> PyResult {
    let name = Value::from(vm.intern(name));
    let args = [Value::from(object), name, arg.unwrap_or(Value::NONE)];
    let result = vm.call_watcher(function, &args);
    object.take_back_locals(vm);
    result
}

impl Vm {
    /// Sets the trace function, as `sys.settrace` does.
    pub fn set_trace_function(&mut self, function: Option<Value>) {
        self.watch.trace = function;
        self.watch.traces_opcodes = match self.version_number() {
            ..12 => true,
            12 => self.watch.wants_opcodes,
            _ => false,
        };
        self.watching_changed();
    }

    /// Has the trace function told of the instructions of a frame, or not any more, after its `f_trace_opcodes` or `f_trace` was set.
    pub(crate) fn trace_opcodes(&mut self, frame: &FrameObject) {
        let wants = frame.traces_opcodes.get();
        self.watch.wants_opcodes |= wants;
        if self.version_number() < 13 || (wants && frame.trace.is_empty()) {
            return;
        }
        let events = if wants {
            Events::INSTRUCTIONS
        } else {
            Events::NONE
        };
        frame.code.watch().set_local(TRACE_TOOL, events);
    }

    /// The trace function.
    #[must_use]
    pub fn trace_function(&self) -> Option<Value> {
        self.watch.trace.clone()
    }

    /// Sets the profile function, as `sys.setprofile` does.
    pub fn set_profile_function(&mut self, function: Option<Value>) {
        self.watch.profile = function;
        self.watching_changed();
    }

    /// The profile function.
    #[must_use]
    pub fn profile_function(&self) -> Option<Value> {
        self.watch.profile.clone()
    }

    /// Calls a function so that it is watched though a callback is running, as `sys.call_tracing` does.
    /// In 3.11 that has no effect while a trace function runs.
    pub fn call_traced(&mut self, function: &Value, args: &[Value]) -> PyResult {
        if self.version_number() < 12 {
            return self.call(function, args);
        }
        let tracing = std::mem::replace(&mut self.watch.tracing, 0);
        let result = self.call(function, args);
        self.watch.tracing = tracing;
        result
    }
}
