//! Frames: the activation records of running code.
//!
//! A frame is one run of slots, on the value stack or inside a generator object:
//!
//! ```text
//! [ localsplus … ][ Frame ][ operand stack … ]
//! ```
//!
//! Invariants:
//! - `localsplus` and the operand stack up to `sp` hold initialised slots; beyond, nothing is assumed.
//! - While a frame runs, the loop has `pc` and `sp` in registers; `pc` is stored before anything that can look at the frame, `sp`
//!   when another frame starts.
//! - The frame owns its function, hence the code, the globals and the builtins that it borrows.
use crate::cell::ValueCell;
use crate::object::code::{Code, Quick};
use crate::object::dict::Dict;
use crate::object::function::Function;
use crate::object::generator::Generator;
use crate::object::header::{Obj, Ref};
use crate::value::{Slot, Value};
use pyco_code::CodeFlags;
use pyco_code::quicken::Unit;

/// What happens with the result of a frame.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub(crate) enum Return {
    /// Rust code waits for it.
    Entry,
    /// It goes to the caller's stack, into the slot where the callable was.
    Call,
    /// It must be `None`; the instance is in that slot already.
    Init,
    /// An instruction's method has been called for it; its operands are still on the stack.
    Operator,
    /// The frame is a generator's, resumed by FOR_ITER.
    ForIter,
    /// The frame is a generator's, resumed by SEND.
    Send,
}

/// The fixed part of a frame.
pub(crate) struct Frame {
    /// The frame that called or resumed this one.
    pub(crate) back: *mut Frame,
    /// The top of the value stack before this frame.
    pub(crate) previous_top: *mut Slot,
    pub(crate) function: Ref<Function>,
    pub(crate) quick: *const Quick,
    /// The instruction being executed.
    pub(crate) pc: *const Unit,
    /// Where the operand stack ends while another frame runs.
    pub(crate) sp: *mut Slot,
    /// The namespace of a class body or module; for functions, none.
    pub(crate) namespace: Option<Value>,
    /// The generator that the frame is part of.
    pub(crate) generator: *mut Obj<Generator>,
    /// The frame object, if someone has asked for it.
    pub(crate) object: ValueCell,
    pub(crate) on_return: Return,
}

/// The slots that the fixed part takes.
pub(crate) const FRAME_SLOTS: usize = size_of::<Frame>().div_ceil(size_of::<Slot>());

impl Frame {
    /// The quickened code.
    #[inline(always)]
    pub(crate) fn quick(&self) -> &Quick {
        // SAFETY: the function that the frame owns keeps its codes alive.
        unsafe { &*self.quick }
    }

    /// The code object.
    #[inline(always)]
    pub(crate) fn code(&self) -> &Ref<Code> {
        self.quick().code()
    }

    /// The first local variable.
    #[inline(always)]
    pub(crate) fn locals(&self) -> *mut Slot {
        let this: *const Frame = self;
        // SAFETY: the locals stand before the frame in the same run of slots.
        unsafe {
            this.cast_mut()
                .cast::<Slot>()
                .sub(self.quick().locals_len())
        }
    }

    /// The bottom of the operand stack.
    #[inline(always)]
    pub(crate) fn stack_base(&self) -> *mut Slot {
        let this: *const Frame = self;
        // SAFETY: the frame is one.
        unsafe { Frame::stack_behind(this.cast_mut()) }
    }

    /// The bottom of the operand stack of a frame that need not be written yet.
    ///
    /// # Safety
    /// The frame and its stack stand in one run of slots.
    #[inline(always)]
    pub(crate) unsafe fn stack_behind(frame: *mut Frame) -> *mut Slot {
        // SAFETY: the operand stack stands behind the frame in the same run of slots.
        unsafe { frame.cast::<Slot>().add(FRAME_SLOTS) }
    }

    /// Whether the frame is a call's and nothing more: no generator's, without a namespace, and nobody has asked for its object.
    #[inline(always)]
    pub(crate) fn is_plain(&self) -> bool {
        self.generator.is_null() & self.namespace.is_none() & self.object.is_empty()
    }

    /// Where names are bound that are no fast locals: the namespace that the code runs in; the globals if a function is made of code
    /// that is none's, such as a module's.
    pub(crate) fn names(&self) -> Option<Value> {
        if self.namespace.is_some() || self.code().flags().contains(CodeFlags::OPTIMIZED) {
            return self.namespace.clone();
        }
        Some(Value::from(self.globals()))
    }

    #[inline(always)]
    pub(crate) fn globals(&self) -> &Ref<Dict> {
        &self.function.globals
    }

    #[inline(always)]
    pub(crate) fn builtins(&self) -> &Ref<Dict> {
        &self.function.builtins
    }

    /// The offset of the current instruction, in units.
    pub(crate) fn unit_offset(&self) -> u32 {
        // SAFETY: `pc` points into the units.
        unsafe { self.pc.offset_from(self.quick().units().as_ptr()) as u32 }
    }

    /// The local variables.
    ///
    /// # Safety
    /// The frame is set up, and nothing else writes its locals meanwhile.
    pub(crate) unsafe fn locals_slice(&self) -> &[Slot] {
        // SAFETY: forwarded.
        unsafe { std::slice::from_raw_parts(self.locals(), self.quick().locals_len()) }
    }
}
