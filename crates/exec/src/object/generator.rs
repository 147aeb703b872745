//! Generators, coroutines and async generators: a suspended frame as an object. The methods are in
//! `object/generator_methods.rs`.
//!
//! Invariants:
//! - `frame` points into the slots behind the payload, and is null once the generator has finished.
//! - While the generator runs, the eval loop owns the frame; else its operand stack ends at the frame's `sp`.

use std::cell::{Cell, UnsafeCell};
use std::ptr;

use pyco_code::Version;
use pyco_code::quicken::{END_POPS, Instr, LOOP_SHIFT, RESUME_PLACE, RESUME_TWO_SLOTS};

use crate::cell::ValueCell;
use crate::eval::frame::Frame;
use crate::object::code::Code;
use crate::object::frame::FrameObject;
use crate::object::header::{Kind, Obj, Payload, Ref, flags};
use crate::value::{Slot, Value};
use crate::vm::Vm;

/// What a generator is doing.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum State {
    /// Not yet started.
    Created,
    Suspended,
    Running,
    Finished,
}

/// An exception being handled, and the one of the frame or generator below.
pub(crate) struct Handled {
    pub(crate) exception: Slot,
    pub(crate) previous: *mut Handled,
}

impl Handled {
    pub(crate) const fn new() -> Handled {
        Handled {
            exception: None,
            previous: ptr::null_mut(),
        }
    }
}

/// A generator's payload.
pub struct Generator {
    /// How many slots follow the payload.
    slots_len: u32,
    frame: Cell<*mut Frame>,
    pub(crate) state: Cell<State>,
    pub(crate) handled: UnsafeCell<Handled>,
    pub(crate) code: Ref<Code>,
    pub(crate) name: ValueCell,
    pub(crate) qualname: ValueCell,
    /// Of an async generator: whether a step of it is being awaited, and whether it has ended.
    pub(crate) is_awaited: Cell<bool>,
    pub(crate) is_closed: Cell<bool>,
    /// Of an async generator: whether the hook for its first step has had its chance.
    pub(crate) is_hooked: Cell<bool>,
    /// Of a coroutine `cr_origin`; of an async generator what is called instead of its end.
    pub(crate) origin_or_finalizer: ValueCell,
}

impl Payload for Generator {
    const KIND: Kind = Kind::Generator;

    #[inline(always)]
    fn object_size(&self) -> usize {
        SLOTS + self.slots_len as usize * size_of::<Slot>()
    }

    fn traverse(&self, visit: &mut dyn FnMut(&Value)) {
        visit(self.code.as_value());
        self.origin_or_finalizer.traverse(visit);
        if self.state.get() == State::Running || self.frame.get().is_null() {
            return;
        }
        // SAFETY: the frame is suspended, so all its slots up to `sp` are initialised, and nobody writes them.
        unsafe {
            let frame = &*self.frame.get();
            frame.locals_slice().iter().flatten().for_each(&mut *visit);
            let stack = frame.stack_base();
            let depth = frame.sp.offset_from(stack) as usize;
            std::slice::from_raw_parts(stack, depth)
                .iter()
                .flatten()
                .for_each(&mut *visit);
            visit(frame.function.as_value());
            frame.object.traverse(visit);
            if let Some(exception) = &(*self.handled.get()).exception {
                visit(exception);
            }
        }
    }
}

/// Where the slots behind a generator's payload start.
const SLOTS: usize = size_of::<Obj<Generator>>();

impl Generator {
    /// Moves a frame that has just started into a new generator object; the operand stack must be empty up to `sp`.
    ///
    /// # Safety
    /// `frame` is a live frame on the value stack, with its operand stack up to `sp`; it is not used afterwards.
    pub(crate) unsafe fn from_frame(vm: &Vm, frame: *mut Frame, sp: *mut Slot) -> Ref<Generator> {
        // SAFETY: forwarded; locals, fixed part and operand stack are contiguous and are moved bit by bit, once.
        unsafe {
            let old = &*frame;
            let quick = old.quick();
            let (slots_len, locals_len) = (quick.frame_len(), quick.locals_len());
            let used = sp.offset_from(old.locals()) as usize;
            let code = old.code().clone();
            let flags_of_code = code.flags();
            let ty = if flags_of_code.contains(pyco_code::CodeFlags::COROUTINE) {
                &vm.types.coroutine
            } else if flags_of_code.contains(pyco_code::CodeFlags::ASYNC_GENERATOR) {
                &vm.types.async_generator
            } else {
                &vm.types.generator
            };
            let is_coroutine = flags_of_code.contains(pyco_code::CodeFlags::COROUTINE);
            let origin = match is_coroutine && vm.coroutine_origin_depth > 0 {
                true => Some(vm.coroutine_origin(old.back)),
                false => None,
            };
            let function = &old.function;
            let generator = Generator {
                slots_len: slots_len as u32,
                frame: Cell::new(ptr::null_mut()),
                state: Cell::new(State::Created),
                handled: UnsafeCell::new(Handled::new()),
                name: ValueCell::new(function.name.get()),
                qualname: ValueCell::new(function.qualname.get()),
                is_awaited: Cell::new(false),
                is_closed: Cell::new(false),
                is_hooked: Cell::new(false),
                origin_or_finalizer: ValueCell::new(origin),
                code,
            };
            let size = SLOTS + slots_len * size_of::<Slot>();
            let generator = Ref::allocate(ty, size, |object| {
                Obj::payload_ptr(object).write(generator);
                let start = object.cast::<u8>().add(SLOTS).cast::<Slot>().as_ptr();
                ptr::copy_nonoverlapping(old.locals(), start, used);
                let moved = start.add(locals_len).cast::<Frame>();
                (*moved).sp = start.add(used);
                object.as_ref().payload().frame.set(moved);
            });
            let moved = generator.frame.get();
            (*moved).generator = generator.as_ptr();
            (*moved).back = ptr::null_mut();
            if let Some(object) = (*moved)
                .object
                .get()
                .and_then(|o| o.into_ref::<FrameObject>().ok())
            {
                object.moved(moved);
            }
            generator.header().set(flags::NEEDS_FINALIZER, true);
            generator
        }
    }

    /// The suspended or running frame; `None` once finished.
    #[inline(always)]
    pub(crate) fn frame(&self) -> Option<*mut Frame> {
        Some(self.frame.get()).filter(|f| !f.is_null())
    }

    /// Drops what the frame holds.
    ///
    /// # Safety
    /// The frame is not running any more, and its operand stack ends at its `sp`.
    pub(crate) unsafe fn release_frame(&self) {
        let frame = self.frame.replace(ptr::null_mut());
        if frame.is_null() {
            return;
        }
        // SAFETY: forwarded; every slot is dropped once.
        unsafe {
            if let Some(object) = (*frame)
                .object
                .take()
                .and_then(|o| o.into_ref::<FrameObject>().ok())
            {
                object.detach(frame);
            }
            let (locals, stack) = ((*frame).locals(), (*frame).stack_base());
            let depth = (*frame).sp.offset_from(stack) as usize;
            ptr::slice_from_raw_parts_mut(locals, (*frame).quick().locals_len()).drop_in_place();
            ptr::slice_from_raw_parts_mut(stack, depth).drop_in_place();
            ptr::drop_in_place(frame);
            (*self.handled.get()).exception = None;
        }
    }
}

impl Generator {
    /// What a suspended generator delegates to with `yield from` or `await`.
    pub(crate) fn delegate(&self) -> Option<Value> {
        if self.state.get() != State::Suspended {
            return None;
        }
        // SAFETY: the frame is suspended behind its YIELD_VALUE, so the RESUME there is inside the code, and a RESUME
        // of these kinds has the receiver on top of the stack, below a second slot if it says so.
        unsafe {
            let frame = &*self.frame()?;
            let unit = &*frame.pc;
            if unit.instr() != Instr::Resume || !matches!(unit.arg() & RESUME_PLACE, 2 | 3) {
                return None;
            }
            let above = (unit.arg() & RESUME_TWO_SLOTS != 0) as usize;
            (*frame.sp.sub(1 + above)).clone()
        }
    }

    /// Takes the delegate off the stack of a suspended generator, and lets it go on behind the SEND that waits for the
    /// delegate's result; false in code that has an exception handler for that (3.12 on).
    pub(crate) fn end_delegation(&self) -> bool {
        // Elsewhere the unit looked at below could be of an inline cache, which is no instruction.
        if self.code.code().version() != Version::V3_11 || self.delegate().is_none() {
            return false;
        }
        let Some(frame) = self.frame() else {
            return false;
        };
        // SAFETY: as in `delegate`. In code whose SEND pops, the verifier has made sure that it stands right before the
        // YIELD_VALUE, which nothing else leads to, so that the stack is as its target wants it.
        let receiver = unsafe {
            let send = (*frame).pc.sub(1);
            if send == (*frame).quick().units().as_ptr() {
                return false;
            }
            let send = send.sub(1);
            let arg = (*send).arg();
            let is_send = matches!((*send).instr(), Instr::Send | Instr::SendGen);
            if !is_send || arg & END_POPS == 0 {
                return false;
            }
            (*frame).pc = send.add((arg >> LOOP_SHIFT) as usize);
            (*frame).sp = (*frame).sp.sub(1);
            (*frame).sp.read()
        };
        drop(receiver);
        true
    }

    /// Whether the generator is suspended in an `await`.
    pub(crate) fn awaited_by_someone(&self) -> bool {
        self.delegate().is_some()
    }
}

impl Vm {
    /// What `cr_origin` of a coroutine is that code in `frame` makes: file, line and name of the innermost frames.
    #[cold]
    fn coroutine_origin(&self, frame: *mut Frame) -> Value {
        let mut frames = Vec::new();
        let mut at = frame;
        // SAFETY: the frames below the running one are live.
        while let Some(frame) = unsafe { at.as_ref() }
            && frames.len() < self.coroutine_origin_depth
        {
            let code = frame.code();
            let line = crate::object::frame::line_of(code, frame.unit_offset());
            let line = line.map_or(Value::NONE, |line| self.int(i64::from(line)));
            frames.push(self.new_tuple(vec![code.filename_value(), line, code.name_value()]));
            at = frame.back;
        }
        self.new_tuple(frames)
    }
}

impl Ref<Generator> {
    /// Says that the generator has run to its end, and drops its frame.
    ///
    /// # Safety
    /// As for [`Generator::release_frame`].
    pub(crate) unsafe fn finish(&self) {
        self.state.set(State::Finished);
        self.header().set(flags::NEEDS_FINALIZER, false);
        // SAFETY: forwarded.
        unsafe { self.release_frame() }
    }
}

impl Drop for Generator {
    fn drop(&mut self) {
        // SAFETY: a generator that is running is owned by the loop, so one that is dropped is not.
        unsafe { self.release_frame() }
    }
}
