//! Resuming and leaving generators, by the loop and from Rust.

use std::ops::ControlFlow;
use std::ptr;

use pyco_code::quicken::Instr;

use crate::error::PyResult;
use crate::eval::enter::{Ready, check_depth, link};
use crate::eval::frame::{Frame, Return};
use crate::eval::{Consumer, Outcome, run, run_for, run_from};
use crate::object::generator::{Generator, State};
use crate::object::header::{Obj, Ref};
use crate::value::{Slot, Value};
use crate::vm::Vm;

#[inline(never)]
pub(super) unsafe fn finish_generator(vm: &mut Vm, frame: *mut Frame) {
    // SAFETY: a generator's frame knows its generator, which the one who resumed it keeps alive; the count is taken for the while.
    unsafe {
        let generator = borrow_generator((*frame).generator);
        unlink_handled(vm, &generator);
        generator.finish();
    }
}

unsafe fn borrow_generator(generator: *mut Obj<Generator>) -> Ref<Generator> {
    // SAFETY: the object is live, and a count is added for the new reference.
    unsafe {
        let header = ptr::NonNull::new_unchecked(generator).cast::<crate::object::header::Header>();
        header.as_ref().incref();
        Ref::from_header(header)
    }
}

unsafe fn unlink_handled(vm: &mut Vm, generator: &Generator) {
    // SAFETY: the generator linked its own on resumption.
    unsafe {
        let handled = generator.handled.get();
        vm.handled = (*handled).previous;
        (*handled).previous = ptr::null_mut();
    }
}

/// RETURN_GENERATOR: moves the running frame into a generator object.
///
/// # Safety
/// `frame` is the running frame, on the value stack, its operands ending at `sp`.
pub(crate) unsafe fn return_generator(
    vm: &mut Vm,
    frame: *mut Frame,
    sp: *mut Slot,
) -> (*mut Frame, Value) {
    // SAFETY: forwarded; the frame's contents move into the object.
    unsafe {
        let (back, previous_top) = ((*frame).back, (*frame).previous_top);
        let generator = Generator::from_frame(vm, frame, sp);
        vm.depth -= 1;
        vm.frame = back;
        vm.stack.give_back(previous_top);
        (back, Value::from(generator))
    }
}

/// Resumes a generator that is not running and not finished: `value` is what its `yield` gives.
///
/// # Safety
/// `generator` is live, and stays so until its frame is left or suspended: it is on the caller's stack.
#[inline(always)]
pub(crate) unsafe fn resume(
    vm: &mut Vm,
    caller: *mut Frame,
    generator: *mut Obj<Generator>,
    value: Value,
    on_return: Return,
) -> PyResult<*mut Frame> {
    check_depth(vm)?;
    // SAFETY: forwarded; the frame has room for what a yield gives, as verified.
    unsafe {
        let this = (*generator).payload();
        let frame = this.frame().unwrap_unchecked();
        this.state.set(State::Running);
        (*frame).sp.write(Some(value));
        (*frame).sp = (*frame).sp.add(1);
        (*frame).back = caller;
        (*frame).on_return = on_return;
        let handled = this.handled.get();
        (*handled).previous = vm.handled;
        vm.handled = handled;
        link(vm, frame)?;
        Ok(frame)
    }
}

/// The same, and does what RESUME does; and where nobody wants the value, also the POP_TOP and the jump behind that.
///
/// # Safety
/// As for [`resume`].
#[inline(always)]
pub(crate) unsafe fn go_on(
    vm: &mut Vm,
    caller: *mut Frame,
    generator: *mut Obj<Generator>,
    value: Value,
    on_return: Return,
) -> PyResult<Ready> {
    let wants_nothing = value.is_none();
    // SAFETY: forwarded. What `resume` has pushed is there; a RESUME has an instruction behind it, as have POP_TOP and a jump.
    unsafe {
        let frame = resume(vm, caller, generator, value, on_return)?;
        let (mut pc, mut sp) = ((*frame).pc, (*frame).sp);
        if (*pc).instr() == Instr::Resume && !vm.interrupted() && !vm.is_watched {
            pc = pc.add((*pc).len());
            if wants_nothing && (*pc).instr() == Instr::PopTop {
                (pc, sp) = (pc.add(1), sp.sub(1));
                if (*pc).instr() == Instr::JumpBackward {
                    pc = pc.offset((*pc).arg() as i32 as isize);
                }
            }
        }
        let locals = (*frame).locals();
        Ok(Ready {
            frame,
            pc,
            sp,
            locals,
        })
    }
}

/// YIELD_VALUE: leaves a generator's frame as it stands; gives the frame below.
///
/// # Safety
/// `frame` is the running frame, a generator's, with `pc` and `sp` stored.
#[inline(always)]
pub(crate) unsafe fn suspend(vm: &mut Vm, frame: *mut Frame) -> *mut Frame {
    // SAFETY: forwarded.
    unsafe {
        let back = (*frame).back;
        let this = (*(*frame).generator).payload();
        this.state.set(State::Suspended);
        (*frame).back = ptr::null_mut();
        unlink_handled(vm, this);
        vm.depth -= 1;
        vm.frame = back;
        back
    }
}

/// Gives a generator's value to its consumer, and resumes the generator if that wants another; else gives, as an `Err`, what the run has
/// come to.
///
/// # Safety
/// `frame` is a generator's, just suspended, and the one who runs it keeps the generator alive.
#[inline(never)]
pub(crate) unsafe fn pass_on(
    vm: &mut Vm,
    frame: *mut Frame,
    value: Value,
    consumer: Consumer<'_>,
) -> PyResult<Result<Ready, Outcome>> {
    // SAFETY: forwarded. The consumer may run Python code, which may have resumed or closed the generator.
    unsafe {
        let generator = (*frame).generator;
        if consumer(vm, value)?.is_break() {
            return Ok(Err(Outcome::Yielded(Value::NONE)));
        }
        if (*generator).payload().state.get() != State::Suspended {
            return Ok(Err(Outcome::Returned(Value::NONE)));
        }
        go_on(vm, vm.frame, generator, Value::NONE, Return::Entry).map(Ok)
    }
}

impl Vm {
    /// Gives the items of an iterator to `take` until it breaks off.
    ///
    /// # Errors
    /// What the iterator or `take` raises.
    pub fn drain(
        &mut self,
        iterator: &Value,
        mut take: impl FnMut(&mut Vm, Value) -> PyResult<ControlFlow<()>>,
    ) -> PyResult<()> {
        if let Some(generator) = iterator.downcast::<Generator>()
            && generator.ty().is(&self.types.generator)
            && matches!(generator.state.get(), State::Created | State::Suspended)
        {
            let generator = generator.clone();
            return self.drain_generator(&generator, &mut take);
        }
        while let Some(item) = self.next(iterator)? {
            if take(self, item)?.is_break() {
                break;
            }
        }
        Ok(())
    }

    /// The same of a generator that can be resumed.
    fn drain_generator(&mut self, generator: &Ref<Generator>, take: Consumer<'_>) -> PyResult<()> {
        self.enter("")?;
        // SAFETY: the caller's reference keeps the generator alive, and its state has been checked.
        let outcome = unsafe {
            resume(
                self,
                self.frame,
                generator.as_ptr(),
                Value::NONE,
                Return::Entry,
            )
            .and_then(|frame| run_for(self, frame, take))
        };
        self.leave();
        outcome.map(|_| ())
    }

    /// Resumes a generator from Rust with a value, or with an exception to be raised in it.
    pub(crate) fn resume_generator(
        &mut self,
        generator: &Ref<Generator>,
        value: Result<Value, crate::error::Raised>,
    ) -> PyResult<Outcome> {
        self.enter("")?;
        // SAFETY: the caller's reference keeps the generator alive; its state has been checked by the caller.
        let outcome = unsafe {
            let (value, raised) = match value {
                Ok(value) => (value, None),
                Err(raised) => (Value::NONE, Some(raised)),
            };
            match resume(self, self.frame, generator.as_ptr(), value, Return::Entry) {
                Err(raised) => Err(raised),
                Ok(frame) => match raised {
                    None => run(self, frame),
                    Some(raised) => run_raising(self, frame, raised),
                },
            }
        };
        self.leave();
        outcome
    }

    /// Runs what a suspended generator delegates to; with `shows`, its frame stands below that meanwhile.
    pub(crate) fn while_delegating<R>(
        &mut self,
        generator: &Ref<Generator>,
        shows: bool,
        run: impl FnOnce(&mut Vm) -> R,
    ) -> R {
        generator.state.set(State::Running);
        let frame = generator.frame().filter(|_| shows);
        let caller = self.frame;
        if let Some(frame) = frame {
            // SAFETY: the generator is suspended, and stays alive and where it is: it counts as running.
            unsafe { (*frame).back = caller };
            self.frame = frame;
        }
        let result = run(self);
        if let Some(frame) = frame {
            self.frame = caller;
            // SAFETY: as above.
            unsafe { (*frame).back = std::ptr::null_mut() };
        }
        generator.state.set(State::Suspended);
        result
    }
}

/// Runs a resumed frame that starts with an exception.
unsafe fn run_raising(
    vm: &mut Vm,
    frame: *mut Frame,
    raised: crate::error::Raised,
) -> PyResult<Outcome> {
    // SAFETY: the frame is the running one; what `resume` pushed is part of the stack that unwinding drops.
    unsafe {
        // A suspended frame stands behind its YIELD_VALUE; the exception is to come from there.
        if (*frame).pc != (*frame).quick().units().as_ptr() {
            let before = (*frame).pc.sub(1);
            // One that has not started stands, from 3.13 on, behind the RETURN_GENERATOR that made it.
            let is_made = (*before).instr() == pyco_code::quicken::Instr::ReturnGenerator;
            if !is_made || vm.version_number() < 13 {
                (*frame).pc = before;
            }
        }
        // The exception that the generator itself is handling is the context, whatever was that before; its caller's does not count.
        if let Some(generator) = (*frame).generator.as_ref()
            && (*generator.payload().handled.get()).exception.is_some()
        {
            crate::eval::unwind::set_context(vm, &raised.0);
        }
        let raised = match vm.is_watched {
            true => crate::watch::step::thrown(vm, frame, raised),
            false => raised,
        };
        let handling = crate::eval::unwind::unwind(vm, frame, raised, true, false)?;
        let raised_at = vm.watch.take_raised_at();
        run_from(vm, handling, raised_at, None)
    }
}
