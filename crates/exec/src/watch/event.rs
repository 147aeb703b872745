//! The events, by the numbers that 3.14 has given them; other versions number some otherwise.

/// An event.
pub type Event = u8;

/// A Python function starts.
pub const PY_START: Event = 0;
/// A generator or coroutine goes on.
pub const PY_RESUME: Event = 1;
/// A Python function is about to return.
pub const PY_RETURN: Event = 2;
/// A generator or coroutine is about to yield.
pub const PY_YIELD: Event = 3;
/// Something is about to be called.
pub const CALL: Event = 4;
/// An instruction of another line is about to be executed.
pub const LINE: Event = 5;
/// An instruction is about to be executed.
pub const INSTRUCTION: Event = 6;
/// An unconditional jump is made.
pub const JUMP: Event = 7;
/// A conditional jump goes the way that does not jump.
pub const BRANCH_LEFT: Event = 8;
/// A conditional jump goes the other way.
pub const BRANCH_RIGHT: Event = 9;
/// A StopIteration is made for what returned a value.
pub const STOP_ITERATION: Event = 10;
/// An exception is raised.
pub const RAISE: Event = 11;
/// An exception has found its handler.
pub const EXCEPTION_HANDLED: Event = 12;
/// A frame is left by an exception.
pub const PY_UNWIND: Event = 13;
/// A generator or coroutine goes on with an exception.
pub const PY_THROW: Event = 14;
/// An exception is raised again, at the end of a `finally` for one.
pub const RERAISE: Event = 15;
/// What is no Python function has returned.
pub const C_RETURN: Event = 16;
/// What is no Python function has raised.
pub const C_RAISE: Event = 17;
/// A conditional jump, whatever way it goes.
pub const BRANCH: Event = 18;

/// How many there are.
pub const COUNT: usize = 19;

/// The last event that can be wanted of single code objects, and disabled at single places: since 3.15 exceptions can, too.
#[must_use]
pub const fn last_local(minor: u8) -> Event {
    match minor {
        ..15 => STOP_ITERATION,
        _ => RERAISE,
    }
}

/// A set of events.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Events(pub u32);

impl Events {
    /// No event.
    pub const NONE: Events = Events(0);

    /// What a profile function is told.
    pub(crate) const OF_PROFILE_FUNCTIONS: Events = Events::of(&[
        PY_START, PY_RESUME, PY_THROW, PY_RETURN, PY_YIELD, PY_UNWIND, CALL,
    ]);

    /// The event of single instructions.
    pub(crate) const INSTRUCTIONS: Events = Events::of(&[INSTRUCTION]);

    /// This set and another.
    pub(crate) const fn and(self, other: Events) -> Events {
        Events(self.0 | other.0)
    }

    /// What a trace function is told, but for single instructions: from 3.12 on also of jumps, which may lead to the start of the
    /// same line.
    pub(crate) const fn of_trace_functions(minor: u8) -> Events {
        let common = Events::of(&[
            PY_START, PY_RESUME, PY_THROW, PY_RETURN, PY_YIELD, PY_UNWIND, RAISE, LINE,
        ]);
        let later = Events::of(&[STOP_ITERATION, JUMP, BRANCH_LEFT, BRANCH_RIGHT]);
        match minor {
            ..12 => common,
            _ => Events(common.0 | later.0),
        }
    }

    pub(super) const fn of(events: &[Event]) -> Events {
        let mut bits = 0;
        let mut index = 0;
        while index < events.len() {
            bits |= 1 << events[index];
            index += 1;
        }
        Events(bits)
    }

    /// Whether the event is in the set.
    #[must_use]
    pub const fn has(self, event: Event) -> bool {
        self.0 >> event & 1 != 0
    }

    /// Whether the set is empty.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }
}
