//! Watching programs run: what `sys.settrace`, `sys.setprofile` and `sys.monitoring` are made of.
//!
//! Everything that can be watched is an event (see [`event`]), told to up to eight tools: six that a program numbers itself (`tools.rs`),
//! and two that stand for the trace and profile functions (`legacy.rs`). While any tool wants any event, frames run in the second
//! instance of the eval loop, which asks `step::before` before each instruction; the first instance knows nothing of all this.
//!
//! Invariants:
//! - While something is watched, no instruction is specialised, and code is made plain before its first instruction is looked at: so
//!   there is one instruction for each of the code's own.
//! - In the watching loop a frame's `pc` is the instruction that it has executed last, until `step::before` moves it.
//! - Nothing is told while a callback runs (`tracing`).

pub(crate) mod code;
pub mod event;
mod jump;
mod legacy;
pub(crate) mod step;
mod tools;

use pyco_code::quicken::{Instr, Unit};

use crate::error::PyResult;
use crate::eval::frame::Frame;
use crate::heap;
use crate::object::code::Code;
use crate::object::header::Ref;
use crate::value::Value;
use crate::vm::Vm;
use event::{Event, Events};

/// The number of tools, those for the trace and profile functions included.
pub(crate) const TOOL_COUNT: usize = 8;
/// The tools that a program may use.
pub(crate) const PROGRAM_TOOLS: usize = 6;
const PROFILE_TOOL: usize = 6;
const TRACE_TOOL: usize = 7;

/// A call of something that is no Python function, from its CALL event to its C_RETURN or C_RAISE.
struct PendingCall {
    frame: *mut Frame,
    callable: Value,
    first: Value,
}

/// Who watches what.
pub(crate) struct Watch {
    /// The trace function, and the profile function.
    trace: Option<Value>,
    profile: Option<Value>,
    /// Whether the trace function is told of instructions in frames that want it: always in 3.11; in 3.12 if any frame had said so
    /// when the function was set. From 3.13 on that is a matter of the code.
    traces_opcodes: bool,
    /// Whether any frame has said so.
    pub(crate) wants_opcodes: bool,
    /// How many callbacks are running: nothing is told meanwhile.
    tracing: u32,
    /// The names under which tools are in use.
    names: [Option<Value>; PROGRAM_TOOLS],
    /// The events that each tool wants of all code.
    global: [Events; TOOL_COUNT],
    callbacks: [[Option<Value>; event::COUNT]; PROGRAM_TOOLS],
    /// How often a tool wants events of a single code object. Of code that goes meanwhile, until some tool is cleared.
    local_count: usize,
    /// Grows whenever watching starts, so that code knows whether it has been made plain since.
    epoch: u32,
    /// Grows whenever what was disabled is enabled again.
    restarts: u32,
    calls: Vec<PendingCall>,
    /// The frame and the event that a callback is being told of.
    told: jump::Told,
    /// Where the exception was raised that has just found its handler.
    raised_at: *const Unit,
    /// Whether the innermost loop is the watching one.
    pub(crate) in_watching_loop: bool,
    /// A unit that leads a loop to its end.
    leave: Box<Unit>,
    /// What a callback returns that wants no more of a place, and the argument that is not there.
    markers: Option<[Value; 2]>,
}

impl Watch {
    pub(crate) fn new() -> Watch {
        Watch {
            trace: None,
            profile: None,
            traces_opcodes: false,
            wants_opcodes: false,
            tracing: 0,
            names: [const { None }; PROGRAM_TOOLS],
            global: [Events::NONE; TOOL_COUNT],
            callbacks: [const { [const { None }; event::COUNT] }; PROGRAM_TOOLS],
            local_count: 0,
            epoch: 0,
            restarts: 0,
            calls: Vec::new(),
            told: None,
            raised_at: std::ptr::null(),
            in_watching_loop: false,
            leave: Box::new(Unit::new(Instr::LeaveLoop, 1, 0, 0)),
            markers: None,
        }
    }

    /// A unit that leads a loop to its end.
    pub(crate) fn leave_unit(&self) -> *const Unit {
        &raw const *self.leave
    }

    /// Notes where the exception was raised that has just found its handler.
    pub(crate) fn set_raised_at(&mut self, pc: *const Unit) {
        self.raised_at = pc;
    }

    /// Where the exception was raised that has just found its handler, for the frame that goes on there; null if nobody watches.
    pub(crate) fn take_raised_at(&mut self) -> *const Unit {
        std::mem::replace(&mut self.raised_at, std::ptr::null())
    }
}

impl Vm {
    /// Whether a loop that does not watch has to give way to the one that does.
    #[cold]
    #[inline(never)]
    pub(crate) fn must_leave_loop(&self) -> bool {
        self.is_watched && !self.watch.in_watching_loop
    }

    /// Sees who wants what after a change, and has the running loop give way if it is the wrong one.
    fn watching_changed(&mut self) {
        let minor = self.version.minor();
        self.watch.global[TRACE_TOOL] = match self.watch.trace {
            Some(_) => {
                let common = Events::of_trace_functions(minor);
                match self.watch.traces_opcodes {
                    true => common.and(Events::INSTRUCTIONS),
                    false => common,
                }
            }
            None => Events::NONE,
        };
        self.watch.global[PROFILE_TOOL] = match self.watch.profile {
            Some(_) => Events::OF_PROFILE_FUNCTIONS,
            None => Events::NONE,
        };
        let wanted = self.watch.global.iter().any(|events| !events.is_empty());
        let is_watched = wanted || self.watch.local_count > 0;
        if is_watched && !self.is_watched {
            self.watch.epoch += 1;
        }
        if !is_watched {
            self.watch.calls.clear();
        }
        self.is_watched = is_watched;
        self.call_loop();
    }

    /// Has the running loop look whether it is still the right one.
    pub(crate) fn call_loop(&mut self) {
        if self.must_leave_loop() {
            heap::call_attention();
            self.interrupt();
        }
    }

    /// The tools that want an event of an instruction, as bits.
    fn tools_for(&self, code: &Ref<Code>, event: Event, unit: u32) -> u8 {
        if self.watch.tracing > 0 {
            return 0;
        }
        // The end of a call belongs to those who were told of its start.
        let asked = match event {
            event::C_RETURN | event::C_RAISE => event::CALL,
            event => event,
        };
        let mut tools = 0;
        for (tool, events) in self.watch.global.iter().enumerate() {
            tools |= u8::from(events.has(asked)) << tool;
        }
        code.watch().active(tools, asked, unit, self.watch.restarts)
    }

    /// Tells everyone who wants it of an event at an instruction of a frame; `rest` is what the callbacks get beside code and offset.
    ///
    /// # Safety
    /// The frame is live, its `pc` and `sp` are stored.
    unsafe fn tell(
        &mut self,
        frame: *mut Frame,
        event: Event,
        unit: u32,
        rest: &[Value],
    ) -> PyResult<()> {
        // SAFETY: forwarded.
        let code = unsafe { (*frame).code().clone() };
        let mut tools = self.tools_for(&code, event, unit);
        // The highest number comes first.
        while tools != 0 {
            let tool = 7 - tools.leading_zeros() as usize;
            tools &= !(1 << tool);
            let before = self.watch.told.replace((frame, event));
            let told = match tool {
                // SAFETY: forwarded.
                TRACE_TOOL => unsafe { legacy::trace(self, frame, event, unit, rest) },
                // SAFETY: forwarded.
                PROFILE_TOOL => unsafe { legacy::profile(self, frame, event, rest) },
                _ => self.tell_tool(tool, &code, event, unit, rest),
            };
            self.watch.told = before;
            told?;
        }
        Ok(())
    }

    /// Calls a callback, during which nothing is told.
    fn call_watcher(&mut self, callback: &Value, args: &[Value]) -> PyResult {
        self.watch.tracing += 1;
        let result = self.call(callback, args);
        self.watch.tracing -= 1;
        result
    }
}
