//! What is told of each instruction before it is executed, and of exceptions on their way.

use pyco_code::Version;
use pyco_code::quicken::{Instr, RESUME_PLACE, Unit};

use super::PendingCall;
use super::code::{Layout, jump_event};
use super::event::{self, Event};
use crate::error::{PyResult, Raised};
use crate::eval::Outcome;
use crate::eval::frame::Frame;
use crate::object::async_generator::AsyncStep;
use crate::object::function::{Function, Method};
use crate::object::list::List;
use crate::object::tuple::Tuple;
use crate::value::{Slot, Value};
use crate::vm::Vm;

/// The registers with which a loop goes on.
type Registers = (*const Unit, *mut Slot);

/// Tells of the instruction at `pc`, which is about to be executed, and of what the one before it has led to. `jump` is the jump that was
/// executed last, if it was the last instruction, and is for this function alone.
///
/// # Safety
/// `frame` is the running one, `pc` and `sp` are its registers, and its own `pc` is the instruction executed last.
#[inline(never)]
pub(crate) unsafe fn before(
    vm: &mut Vm,
    frame: *mut Frame,
    pc: *const Unit,
    sp: *mut Slot,
    jump: &mut *const Unit,
) -> PyResult<Registers> {
    // SAFETY: forwarded; the frame keeps its code alive.
    unsafe {
        (*frame).sp = sp;
        let quick = &*(*frame).quick;
        let watch = quick.code().watch();
        watch.make_plain(quick, vm.watch.epoch);
        if vm.watch.tracing > 0 {
            *jump = std::ptr::null();
            (*frame).pc = pc;
            return Ok((pc, sp));
        }
        let layout = watch.layout(quick);
        let start = quick.units().as_ptr();
        let unit_at = |pc: *const Unit| pc.offset_from(start) as u32;
        let here = unit_at(pc);
        let last = (*frame).pc;
        if vm
            .watch
            .calls
            .last()
            .is_some_and(|call| call.frame == frame)
        {
            call_returned(vm, frame, unit_at(last))?;
            // The arguments go only now.
            vm.run_pending();
        }
        if !jump.is_null() {
            let from = std::mem::replace(jump, std::ptr::null());
            jumped(vm, frame, unit_at(from), here)?;
            if (*frame).pc != last {
                return Ok(((*frame).pc, (*frame).sp));
            }
        }
        if quick.code().code().version() == Version::V3_11 && (*last).instr() == Instr::Send {
            send_ended_311(vm, frame, &*last, here)?;
        }
        if here < layout.first {
            (*frame).pc = pc;
            return Ok((pc, sp));
        }
        let instr = (*pc).instr();
        if instr == Instr::Resume {
            (*frame).pc = pc;
            let started = matches!((*pc).arg() & RESUME_PLACE, 0 | 4);
            let event = if started {
                event::PY_START
            } else {
                event::PY_RESUME
            };
            vm.tell(frame, event, here, &[])?;
            return Ok((pc, sp));
        }
        let is_line = match quick.code().code().version() {
            Version::V3_11 => starts_line_311(layout, instr, unit_at(last), here),
            _ => starts_line(layout, &*last, unit_at(last), here),
        };
        (*frame).pc = pc;
        if is_line {
            let line = vm.int(i64::from(layout.line(here)));
            vm.tell(frame, event::LINE, here, &[line])?;
            if (*frame).pc != pc {
                // The trace function has set `f_lineno`; nothing is told of the instruction there.
                return Ok(((*frame).pc, (*frame).sp));
            }
        }
        vm.tell(frame, event::INSTRUCTION, here, &[])?;
        if (*frame).pc != pc {
            return Ok(((*frame).pc, (*frame).sp));
        }
        match instr {
            Instr::ReturnValue | Instr::YieldValue => {
                let event = match instr {
                    Instr::ReturnValue => event::PY_RETURN,
                    _ => event::PY_YIELD,
                };
                if let Some(value) = (*sp.sub(1)).clone() {
                    vm.tell(frame, event, here, &[value])?;
                }
                if (*frame).pc != pc {
                    return Ok(((*frame).pc, (*frame).sp));
                }
            }
            Instr::ReturnConst => {
                let value = quick.constant((*pc).arg() as usize).clone();
                vm.tell(frame, event::PY_RETURN, here, &[value])?;
            }
            Instr::Call
            | Instr::CallNullFirst
            | Instr::CallKwNames
            | Instr::CallKw
            | Instr::CallFunctionEx => call_starts(vm, frame, &*pc, here, sp)?,
            Instr::EndSend | Instr::EndSendPair => {
                let below = if instr == Instr::EndSend { 2 } else { 3 };
                delegate_ended(vm, frame, here, sp, below)?;
            }
            _ if jump_event(instr).is_some() => *jump = pc,
            _ => {}
        }
        Ok((pc, sp))
    }
}

/// 3.12 on: an instruction where a line starts, unless the one executed last was of the same line.
fn starts_line(layout: &Layout, last: &Unit, last_at: u32, here: u32) -> bool {
    layout.starts_line(here)
        && (layout.line(last_at) != layout.line(here) || last.instr() == Instr::Resume)
}

/// 3.11: an instruction of another line than the one executed last, or one that a jump back has led to.
fn starts_line_311(layout: &Layout, instr: Instr, last_at: u32, here: u32) -> bool {
    let line = layout.line(here);
    if line == 0 {
        return false;
    }
    let is_first = last_at <= layout.first;
    is_first || line != layout.line(last_at) || (here < last_at && instr != Instr::Send)
}

/// Tells of the StopIteration that would have carried the value of a generator or coroutine to SEND, `below` slots deep.
unsafe fn delegate_ended(
    vm: &mut Vm,
    frame: *mut Frame,
    here: u32,
    sp: *mut Slot,
    below: usize,
) -> PyResult<()> {
    // SAFETY: the operands of END_SEND are on the stack.
    let (value, receiver) = unsafe { ((*sp.sub(1)).clone(), (*sp.sub(below)).clone()) };
    let (Some(value), Some(receiver)) = (value, receiver) else {
        return Ok(());
    };
    let ty = vm.type_of(&receiver);
    if !ty.is(&vm.types.generator) && !ty.is(&vm.types.coroutine) {
        return Ok(());
    }
    let stop = Value::from(stop_with(vm, value).0);
    // SAFETY: forwarded.
    unsafe { vm.tell(frame, event::STOP_ITERATION, here, &[stop]) }
}

/// What SEND does with a receiver that is no generator. From 3.12 to 3.14 the StopIteration is told of with which it ends: that was raised,
/// unless the receiver is a built-in iterator, which ends without one.
///
/// # Safety
/// `frame` is the running one, its `pc` and `sp` are stored.
pub(crate) unsafe fn send(vm: &mut Vm, frame: *mut Frame, value: Value) -> PyResult<Outcome> {
    // SAFETY: the frame stands at a SEND, whose receiver is on the stack.
    let (receiver, outcome) = unsafe {
        let (sp, arg) = ((*frame).sp, (*(*frame).pc).arg());
        let receiver = crate::ops::generators::receiver(sp, arg).clone();
        (
            receiver,
            crate::ops::generators::send_at(vm, sp, arg, value)?,
        )
    };
    let is_step = receiver.downcast::<AsyncStep>().is_some();
    let raises = is_step || !vm.type_of(&receiver).is_built_in();
    if let Outcome::Returned(value) = &outcome
        && raises
        && (12..15).contains(&vm.version_number())
    {
        let stop = stop_with(vm, value.clone());
        // SAFETY: forwarded.
        unsafe {
            let unit = (*frame).unit_offset();
            raised_in(vm, frame, event::RAISE, unit, &stop)?;
        }
    }
    Ok(outcome)
}

/// A StopIteration that carries a value, unless that is None.
fn stop_with(vm: &mut Vm, value: Value) -> Raised {
    match value.is_none() {
        true => vm.stop_iteration(None),
        false => vm.stop_iteration_exact(value),
    }
}

/// 3.11: tells of the StopIteration with which a delegate has ended, if the SEND executed last has led here. A generator that returns
/// None ends without one.
unsafe fn send_ended_311(vm: &mut Vm, frame: *mut Frame, send: &Unit, here: u32) -> PyResult<()> {
    // SAFETY: SEND has left the value on the stack, and stands before a YIELD_VALUE and its RESUME, as verified.
    unsafe {
        let units = (*frame).quick().units();
        let at = (*frame).unit_offset();
        let is_await = units
            .get(at as usize + 2)
            .is_some_and(|unit| unit.instr() == Instr::Resume && unit.arg() & RESUME_PLACE == 3);
        let value = (*(*frame).sp.sub(1)).clone();
        let ended = super::code::target(send, at) == Some(here);
        let Some(value) = value.filter(|value| ended && (is_await || !value.is_none())) else {
            return Ok(());
        };
        let stop = stop_with(vm, value);
        vm.tell(frame, event::RAISE, at, &[Value::from(stop.0)])
    }
}

/// Tells of a call, before it is made.
unsafe fn call_starts(
    vm: &mut Vm,
    frame: *mut Frame,
    unit: &Unit,
    here: u32,
    sp: *mut Slot,
) -> PyResult<()> {
    // SAFETY: the frame is live.
    let code = unsafe { (*frame).code().clone() };
    if vm.tools_for(&code, event::CALL, here) == 0 {
        return Ok(());
    }
    // SAFETY: the operands of a call are on the stack.
    let (callable, this, first) = unsafe { operands(vm, unit, sp) };
    let Some(callable) = callable else {
        return Ok(());
    };
    let has_star = unit.instr() == Instr::CallFunctionEx;
    let is_python = callable.downcast::<Function>().is_some()
        || callable
            .downcast::<Method>()
            .is_some_and(|m| m.function.downcast::<Function>().is_some());
    if has_star && is_python && vm.version_number() == 12 {
        return Ok(());
    }
    let expands = vm.version_number() >= 14 && this.is_none() && !has_star;
    let (callable, this) = match callable.downcast::<Method>().filter(|_| expands) {
        Some(method) => (method.function.clone(), Some(method.this.clone())),
        None => (callable, this),
    };
    let first = match this.or(first) {
        Some(first) => first,
        None if has_star && vm.version_number() == 12 => Value::NONE,
        None => vm.missing_marker()?,
    };
    let args = [callable.clone(), first.clone()];
    // SAFETY: forwarded.
    unsafe { vm.tell(frame, event::CALL, here, &args)? };
    if !is_python {
        vm.watch.calls.push(PendingCall {
            frame,
            callable,
            first,
        });
    }
    Ok(())
}

/// A call's callable, its self, and its first argument.
unsafe fn operands(vm: &Vm, unit: &Unit, sp: *mut Slot) -> (Slot, Slot, Slot) {
    let count = unit.arg() as usize;
    // SAFETY: forwarded: the stack has the operands of the instruction.
    unsafe {
        let at = |n: usize| (*sp.sub(n)).clone();
        match unit.instr() {
            Instr::CallFunctionEx => {
                let has_keywords = count & 1;
                let (args, callable) = (at(1 + has_keywords), at(3 + has_keywords));
                let (below, above) = (callable, at(2 + has_keywords));
                let first = args.and_then(|args| match args.downcast::<Tuple>() {
                    Some(tuple) => tuple.items().first().cloned(),
                    None => args.downcast::<List>()?.items(vm).first().cloned(),
                });
                match below {
                    Some(callable) => (Some(callable), above, first),
                    None => (above, None, first),
                }
            }
            instr => {
                let names = usize::from(instr == Instr::CallKw);
                let first = if count > 0 { at(count + names) } else { None };
                match (at(count + 2 + names), at(count + 1 + names)) {
                    (None, callable) => (callable, None, first),
                    (callable, this) => (callable, this, first),
                }
            }
        }
    }
}

/// Tells of what a call that is no Python function's has returned.
unsafe fn call_returned(vm: &mut Vm, frame: *mut Frame, unit: u32) -> PyResult<()> {
    let Some(call) = vm.watch.calls.pop() else {
        return Ok(());
    };
    // SAFETY: forwarded.
    unsafe { vm.tell(frame, event::C_RETURN, unit, &[call.callable, call.first]) }
}

/// Tells of where a jump has led.
unsafe fn jumped(vm: &mut Vm, frame: *mut Frame, from: u32, to: u32) -> PyResult<()> {
    // SAFETY: the frame is live, and so is its code.
    let (unit, next) = unsafe {
        let units = (*frame).quick().units();
        (&units[from as usize], &units[to as usize])
    };
    let goes_on = to == from + unit.len() as u32;
    let event = match jump_event(unit.instr()) {
        Some(event::BRANCH) if goes_on => event::BRANCH_LEFT,
        Some(event::BRANCH) => event::BRANCH_RIGHT,
        Some(other) => other,
        None => return Ok(()),
    };
    // What only marks the way, or only drops the iterator, is passed over.
    let leaves_loop = unit.instr() == Instr::ForIter && !goes_on && vm.version_number() >= 13;
    let is_passed = leaves_loop || (goes_on && next.instr() == Instr::NotTaken);
    let target = vm.int(2 * (i64::from(to) + i64::from(is_passed)));
    // SAFETY: forwarded.
    unsafe { vm.tell(frame, event, from, &[target]) }
}

/// The next item for FOR_ITER, as [`Vm::next`]; a StopIteration that a program has raised is told of.
///
/// # Safety
/// `frame` is the running one, its `pc` and `sp` are stored.
pub(crate) unsafe fn next(
    vm: &mut Vm,
    frame: *mut Frame,
    iterator: &Value,
) -> PyResult<Option<Value>> {
    let Some(next) = vm.type_of(iterator).slots.next.get() else {
        return vm.next(iterator);
    };
    match next(vm, iterator) {
        Err(raised) if raised.is(vm, &vm.types.stop_iteration) => {
            // SAFETY: forwarded.
            unsafe {
                let unit = (*frame).unit_offset();
                raised_in(vm, frame, event::RAISE, unit, &raised)?;
            }
            Ok(None)
        }
        item => item,
    }
}

/// The place at which an exception is told of that has come from a called frame: not that of the call, but the unit that CPython's
/// own pointer stands at.
unsafe fn place_behind_call(frame: *mut Frame) -> u32 {
    // SAFETY: the frame is live.
    unsafe {
        let unit = (*frame).unit_offset();
        match (*frame).quick().code().code().version() {
            Version::V3_11 => unit,
            Version::V3_12 => unit + (*(*frame).pc).len() as u32 - 1,
            _ => unit.saturating_sub(1),
        }
    }
}

/// Tells of an exception in a frame, at a unit.
///
/// # Safety
/// The frame is live, its `pc` and `sp` are stored.
unsafe fn raised_in(
    vm: &mut Vm,
    frame: *mut Frame,
    event: Event,
    unit: u32,
    raised: &Raised,
) -> PyResult<()> {
    // SAFETY: forwarded.
    unsafe { vm.tell(frame, event, unit, std::slice::from_ref(raised.value())) }
}

/// An exception on its way through frames, as those who watch are told of it.
pub(crate) struct Passing {
    /// Whether it was raised here, or has come from a called frame; not by RERAISE.
    pub(crate) is_new: bool,
    /// Whether it has come from a called frame.
    pub(crate) from_callee: bool,
    /// The instruction that raised it, where RERAISE says so.
    pub(crate) raised_at: *const Unit,
}

impl Passing {
    /// Tells that the exception has come to a frame: that a call there ended so, and that it was raised. A callback that raises
    /// replaces the exception.
    ///
    /// # Safety
    /// The frame is live, its `pc` and `sp` are stored.
    #[cold]
    pub(crate) unsafe fn arrived(&self, vm: &mut Vm, frame: *mut Frame, raised: Raised) -> Raised {
        let event = match self.is_new {
            true => event::RAISE,
            false => event::RERAISE,
        };
        // SAFETY: forwarded.
        unsafe { self.tell(vm, frame, event, raised) }
    }

    /// Tells that the exception leaves the frame.
    ///
    /// # Safety
    /// As for [`Passing::arrived`].
    #[cold]
    pub(crate) unsafe fn left(&self, vm: &mut Vm, frame: *mut Frame, raised: Raised) -> Raised {
        // SAFETY: forwarded.
        unsafe { self.tell(vm, frame, event::PY_UNWIND, raised) }
    }

    unsafe fn tell(&self, vm: &mut Vm, frame: *mut Frame, event: Event, raised: Raised) -> Raised {
        // SAFETY: forwarded; the frame shows the line of the instruction that raised meanwhile.
        unsafe {
            let unit = match self.from_callee {
                true => place_behind_call(frame),
                false => (*frame).unit_offset(),
            };
            let pc = std::mem::replace(&mut (*frame).pc, self.raised_at);
            let told = raised_in(vm, frame, event, unit, &raised);
            (*frame).pc = pc;
            match told {
                Ok(()) => raised,
                Err(other) => other,
            }
        }
    }
}

/// Tells that a call, that is no Python function's, has raised.
///
/// # Safety
/// The frame is live, its `pc` and `sp` are stored.
#[cold]
pub(crate) unsafe fn call_raised(vm: &mut Vm, frame: *mut Frame, raised: Raised) -> Raised {
    if vm.watch.calls.last().is_none_or(|call| call.frame != frame) {
        return raised;
    }
    let Some(call) = vm.watch.calls.pop() else {
        return raised;
    };
    // SAFETY: forwarded.
    let told = unsafe {
        let unit = (*frame).unit_offset();
        vm.tell(frame, event::C_RAISE, unit, &[call.callable, call.first])
    };
    match told {
        Ok(()) => raised,
        Err(other) => other,
    }
}

/// Tells that an exception has found its handler, at the frame's `pc`.
///
/// # Safety
/// As for [`call_raised`].
#[cold]
pub(crate) unsafe fn handled(vm: &mut Vm, frame: *mut Frame, raised: &Raised) -> PyResult<()> {
    // SAFETY: forwarded.
    unsafe {
        let unit = (*frame).unit_offset();
        raised_in(vm, frame, event::EXCEPTION_HANDLED, unit, raised)
    }
}

/// Tells that a generator goes on with an exception.
///
/// # Safety
/// As for [`call_raised`].
#[cold]
pub(crate) unsafe fn thrown(vm: &mut Vm, frame: *mut Frame, raised: Raised) -> Raised {
    // From 3.13 on it is the RESUME that is named.
    let after = u32::from(vm.version_number() >= 13);
    // SAFETY: forwarded.
    let told = unsafe {
        let unit = (*frame).unit_offset() + after;
        raised_in(vm, frame, event::PY_THROW, unit, &raised)
    };
    match told {
        Ok(()) => raised,
        Err(other) => other,
    }
}
