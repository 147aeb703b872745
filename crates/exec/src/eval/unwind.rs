//! What happens when an instruction raises: context, traceback, handler, and the frames that have none.

use pyco_code::Version;
use pyco_code::quicken::{Instr, Unit};

use crate::error::Raised;
use crate::eval::enter;
use crate::eval::frame::{Frame, Return};
use crate::object::code::Code;
use crate::object::exception::Exception;
use crate::object::frame::{FrameObject, Traceback};
use crate::object::function::Cell;
use crate::object::header::Ref;
use crate::object::str_::Str;
use crate::ops::intrinsics::stop_iteration_error;
use crate::value::{Slot, Value};
use crate::vm::Vm;
use crate::watch::step::{self as watch, Passing};

/// Finds the handler of an exception raised in `frame`, unwinding frames as far as the one that Rust code waits for.
///
/// `sets_context` says whether the exception that is being handled is to be its context, if it has been raised here.
/// The frame with the handler comes back as the running one, its `pc` and `sp` set.
///
/// # Safety
/// `frame` is the running frame, with `pc` and `sp` stored.
#[cold]
#[inline(never)]
pub(crate) unsafe fn unwind(
    vm: &mut Vm,
    frame: *mut Frame,
    raised: Raised,
    is_new: bool,
    sets_context: bool,
) -> Result<*mut Frame, Raised> {
    // SAFETY: forwarded; each frame that is left is the running one.
    unsafe {
        let mut frame = frame;
        let mut raised = raised;
        // A handler may lie before what it covers, so there are loops without a backward jump.
        if vm.interrupted()
            && !raised.0.is_abort.get()
            && let Err(abort) = vm.handle_interrupt()
        {
            raised = abort;
        }
        let mut add_traceback = is_new;
        let mut from_callee = false;
        // What has a traceback was raised by Python code, below a native function, and got its context there.
        if sets_context && raised.0.traceback.get().is_none() {
            set_context(vm, &raised.0);
        }
        loop {
            let tells = vm.is_watched && !raised.0.is_abort.get();
            if tells {
                raised = watch::call_raised(vm, frame, raised);
            }
            if add_traceback {
                push_traceback(vm, frame, &raised.0);
            }
            let raised_at = match add_traceback {
                true => (*frame).pc,
                false => reraised_at(frame),
            };
            let passing = Passing {
                is_new: add_traceback,
                from_callee,
                raised_at,
            };
            if tells {
                raised = passing.arrived(vm, frame, raised);
            }
            add_traceback = true;
            if !raised.0.is_abort.get()
                && let Some(handler) = (*frame).quick().handler_at((*frame).unit_offset())
            {
                drop_to(frame, (*frame).stack_base().add(handler.depth as usize));
                vm.run_pending();
                if handler.lasti {
                    let from = raised_at.offset_from((*frame).quick().units().as_ptr());
                    (*frame)
                        .sp
                        .write(Some(Value::small_int_wrapping(from as i64)));
                    (*frame).sp = (*frame).sp.add(1);
                }
                (*frame).sp.write(Some(Value::from(&raised.0)));
                (*frame).sp = (*frame).sp.add(1);
                (*frame).pc = (*frame)
                    .quick()
                    .units()
                    .as_ptr()
                    .add(handler.target as usize);
                if tells {
                    vm.watch.set_raised_at(raised_at);
                    if let Err(other) = watch::handled(vm, frame, &raised) {
                        (raised, add_traceback, from_callee) = (other, false, false);
                        continue;
                    }
                }
                return Ok(frame);
            }
            if tells {
                raised = passing.left(vm, frame, raised);
            }
            (*frame).pc = raised_at;
            let asked = property_owner(frame);
            drop_to(frame, (*frame).stack_base());
            vm.run_pending();
            let on_return = (*frame).on_return;
            let generator_code = (!(*frame).generator.is_null()).then(|| (*frame).code().clone());
            let caller = enter::leave(vm, frame);
            vm.run_pending();
            if let Some(code) = generator_code {
                raised = leave_generator(vm, &code, raised);
            }
            if on_return == Return::Entry {
                return Err(raised);
            }
            if let Some((owner, name)) = asked {
                raised = vm.tell_attribute(raised, &owner, &name);
            }
            frame = caller;
            from_callee = true;
        }
    }
}

/// The instance that a property's getter was called with as a frame, and the name that was looked for.
unsafe fn property_owner(frame: *mut Frame) -> Option<(Value, Ref<Str>)> {
    // SAFETY: the frame and its caller are live; the caller stands at the instruction that called.
    unsafe {
        let caller = (*frame).back.as_ref()?;
        let unit = &*caller.pc;
        if (*frame).on_return != Return::Call || unit.instr() != Instr::LoadAttrProperty {
            return None;
        }
        let name = caller.code().names().get(unit.arg() as usize)?.clone();
        let owner = (*frame).locals_slice().first()?.clone()?;
        match owner.downcast::<Cell>() {
            Some(cell) => Some((cell.value.get()?, name)),
            None => Some((owner, name)),
        }
    }
}

/// Where the exception came from that the frame's RERAISE raises again: at the instruction whose place lies below it on the stack.
unsafe fn reraised_at(frame: *mut Frame) -> *const Unit {
    // SAFETY: the exception has been popped, and verified code has so many slots below it.
    unsafe {
        let pc = (*frame).pc;
        let depth = (*pc).arg() as usize;
        if (*pc).instr() != Instr::Reraise || depth == 0 {
            return pc;
        }
        let units = (*frame).quick().units();
        let saved = (*(*frame).sp.sub(depth)).as_ref();
        let unit = saved.and_then(Value::as_small_int);
        let unit = unit.and_then(|unit| units.get(usize::try_from(unit).ok()?));
        unit.map_or(pc, |unit| &raw const *unit)
    }
}

/// An exception leaves a generator. From 3.12 on the generator's own code turns a StopIteration into a RuntimeError; before, that
/// is done here.
fn leave_generator(vm: &mut Vm, code: &Ref<Code>, raised: Raised) -> Raised {
    if code.code().version() >= Version::V3_12 {
        return raised;
    }
    let error = stop_iteration_error(vm, code.flags(), Value::from(raised.0));
    match error.into_ref() {
        Ok(exception) => Raised(exception),
        Err(_) => vm.runtime_error("generator raised StopIteration"),
    }
}

/// Drops the operands of a frame down to `to`.
unsafe fn drop_to(frame: *mut Frame, to: *mut Slot) {
    // SAFETY: the operands between are initialised; each is dropped once.
    unsafe {
        while (*frame).sp > to {
            (*frame).sp = (*frame).sp.sub(1);
            drop((*frame).sp.read());
        }
    }
}

/// Sets `__context__` to the exception being handled, as CPython does when an exception is raised.
pub(crate) fn set_context(vm: &mut Vm, exception: &Ref<Exception>) {
    let Some(handled) = vm.handled_exception() else {
        return;
    };
    if handled.is(exception) {
        return;
    }
    // An exception must not come to be its own context: cut the chain where it stands.
    let mut link = handled.clone();
    let mut slow = handled.clone();
    let mut step = 0usize;
    while let Some(next) = link
        .context
        .get()
        .and_then(|c| c.into_ref::<Exception>().ok())
    {
        if next.is(exception) {
            link.context.set(None);
            break;
        }
        link = next;
        step += 1;
        if step.is_multiple_of(2) {
            if let Some(next) = slow
                .context
                .get()
                .and_then(|c| c.into_ref::<Exception>().ok())
            {
                slow = next;
            }
            if slow.is(&link) {
                break;
            }
        }
    }
    exception.context.set(Some(Value::from(handled)));
}

/// Adds the frame to the traceback of an exception.
unsafe fn push_traceback(vm: &mut Vm, frame: *mut Frame, exception: &Ref<Exception>) {
    // SAFETY: forwarded: the frame is live.
    let (object, unit) = unsafe { (FrameObject::of(vm, frame), (*frame).unit_offset()) };
    let next = crate::cell::ValueCell::new(exception.traceback.get());
    let traceback = Traceback {
        given: None,
        next,
        frame: object,
        unit: std::cell::Cell::new(unit),
    };
    let traceback = Ref::new(&vm.types.traceback, traceback);
    exception.traceback.set(Some(Value::from(traceback)));
}

impl Vm {
    /// Gives an exception without traceback one of the running frame, as an exception that native code raised has none of its own.
    pub(crate) fn trace_current_frame(&mut self, exception: &Ref<Exception>) {
        let frame = self.frame;
        if exception.traceback.is_empty() && !frame.is_null() {
            // SAFETY: the VM's frame is live while it runs.
            unsafe { push_traceback(self, frame, exception) }
        }
    }

    /// The exception being handled, in the running frame or the nearest one below.
    pub(crate) fn handled_exception(&self) -> Option<Ref<Exception>> {
        let mut at = self.handled;
        // SAFETY: the chain links the VM's own entry and those of running generators.
        while let Some(handled) = unsafe { at.as_ref() } {
            if let Some(exception) = &handled.exception {
                return exception.clone().into_ref().ok();
            }
            at = handled.previous;
        }
        None
    }

    /// The exception being handled, as `sys.exception()` gives it.
    #[must_use]
    pub fn exception_being_handled(&self) -> Option<Value> {
        self.handled_exception().map(Value::from)
    }
}
