//! What watching has to know of a code object: where lines start, which tools want events of this code alone, and what they have
//! disabled.

use std::cell::{Cell, OnceCell, RefCell};
use std::collections::HashSet;

use pyco_code::quicken::{Instr, LOOP_SHIFT, Unit};
use pyco_code::{CodeObject, Version};

use super::event::{self, Event, Events};
use super::{PROGRAM_TOOLS, TOOL_COUNT};
use crate::object::code::Quick;

/// What a unit is to the watcher.
#[derive(Clone, Copy)]
struct Place {
    /// The line, 1-based; 0 if there is none.
    line: u32,
    starts_line: bool,
}

/// Where lines start in a code object.
pub(crate) struct Layout {
    /// The first instruction that is told of: the RESUME at the start.
    pub(crate) first: u32,
    places: Box<[Place]>,
}

impl Layout {
    fn new(quick: &Quick) -> Layout {
        let (code, units) = (quick.code().code(), quick.units());
        let nowhere = Place {
            line: 0,
            starts_line: false,
        };
        let mut places = vec![nowhere; units.len()];
        for range in code.lines().flatten() {
            let (start, end) = (range.start().0 as usize / 2, range.end().0 as usize / 2);
            let end = end.min(places.len());
            for place in places.get_mut(start..end).unwrap_or_default() {
                place.line = range.line().unwrap_or(0);
            }
        }
        let resume = each(units).find(|(_, unit)| unit.base() == Instr::Resume);
        let first = resume.map_or(u32::MAX, |(at, _)| at);
        if let Some((at, _)) = resume {
            mark_starts(code, &units[at as usize..], at, &mut places);
        }
        Layout {
            first,
            places: places.into_boxed_slice(),
        }
    }

    /// The line of a unit; 0 if it has none.
    pub(crate) fn line(&self, unit: u32) -> u32 {
        self.places.get(unit as usize).map_or(0, |place| place.line)
    }

    /// Whether an instruction starts a line, for the rules of 3.12 on.
    pub(crate) fn starts_line(&self, unit: u32) -> bool {
        self.places
            .get(unit as usize)
            .is_some_and(|place| place.starts_line)
    }
}

/// The state of one code object.
#[derive(Default)]
pub(crate) struct CodeWatch {
    layout: OnceCell<Layout>,
    /// When the code was made plain.
    plain_since: Cell<u32>,
    /// The events that each tool wants of this code.
    local: [Cell<Events>; TOOL_COUNT],
    disabled: RefCell<HashSet<(u32, Event, u8)>>,
    /// The count of restarts up to which `disabled` holds.
    restarts: Cell<u32>,
}

impl CodeWatch {
    /// Where lines start.
    pub(crate) fn layout(&self, quick: &Quick) -> &Layout {
        self.layout.get_or_init(|| Layout::new(quick))
    }

    /// Puts the code's own instructions in place, if that has not been done since watching started.
    pub(crate) fn make_plain(&self, quick: &Quick, epoch: u32) {
        if self.plain_since.replace(epoch) != epoch {
            each(quick.units()).for_each(|(_, unit)| unit.make_plain());
        }
    }

    /// The events that a tool wants of this code alone.
    pub(crate) fn local(&self, tool: usize) -> Events {
        self.local[tool].get()
    }

    pub(crate) fn set_local(&self, tool: usize, events: Events) {
        self.local[tool].set(events);
    }

    /// How many tools want events of this code alone.
    pub(crate) fn local_count(&self) -> usize {
        let wanted = self.local.iter().filter(|events| !events.get().is_empty());
        wanted.count()
    }

    /// Says that a tool wants to hear no more of an event at an instruction.
    pub(crate) fn disable(&self, unit: u32, event: Event, tool: usize, restarts: u32) {
        self.forget(restarts);
        self.disabled.borrow_mut().insert((unit, event, tool as u8));
    }

    /// Whether that was said.
    pub(crate) fn is_disabled(&self, unit: u32, event: Event, tool: usize) -> bool {
        self.disabled.borrow().contains(&(unit, event, tool as u8))
    }

    fn forget(&self, restarts: u32) {
        if self.restarts.replace(restarts) != restarts {
            self.disabled.borrow_mut().clear();
        }
    }

    /// Of the tools that want an event of all code, and those that want it of this code, the ones that have not disabled it here.
    pub(crate) fn active(&self, global: u8, event: Event, unit: u32, restarts: u32) -> u8 {
        let mut tools = global;
        for (tool, events) in self.local.iter().enumerate() {
            tools |= u8::from(events.get().has(event)) << tool;
        }
        if tools == 0 || self.disabled.borrow().is_empty() {
            return tools;
        }
        self.forget(restarts);
        for tool in 0..PROGRAM_TOOLS {
            if self.is_disabled(unit, event, tool) {
                tools &= !(1 << tool);
            }
        }
        tools
    }

    /// Forgets all that a tool asked for and disabled.
    pub(crate) fn forget_tool(&self, tool: usize) {
        self.local[tool].set(Events::NONE);
        self.disabled
            .borrow_mut()
            .retain(|(_, _, of)| usize::from(*of) != tool);
    }
}

/// The instructions of some units, by their place.
fn each(units: &[Unit]) -> impl Iterator<Item = (u32, &Unit)> {
    let mut at = 0;
    std::iter::from_fn(move || {
        let unit = units.get(at)?;
        let found = (at as u32, unit);
        at += unit.len().max(1);
        Some(found)
    })
}

/// Whether CPython never lets a line start at an instruction, as something before it skips it.
fn cannot_start(instr: Instr) -> bool {
    matches!(
        instr,
        Instr::Resume
            | Instr::EndFor
            | Instr::EndForPair
            | Instr::EndSend
            | Instr::EndSendPair
            | Instr::EndAsyncFor
            | Instr::PopIter
            | Instr::PopIterPair
            | Instr::NotTaken
    )
}

/// Marks where lines start, `units` being those from `first` on: where the line is another than that of the instruction before, and
/// wherever a jump or an exception leads to.
fn mark_starts(code: &CodeObject, units: &[Unit], first: u32, places: &mut [Place]) {
    let mut starts: Vec<u32> = Vec::new();
    let mut current = 0;
    for (at, unit) in each(units) {
        let (at, instr) = (first + at, unit.base());
        let line = places.get(at as usize).map_or(0, |place| place.line);
        if !cannot_start(instr) {
            if line != 0 && line != current {
                starts.push(at);
            }
            current = line;
        }
        // What stands behind such an instruction is reached from elsewhere.
        if matches!(
            instr,
            Instr::ReturnValue | Instr::RaiseVarargs | Instr::Reraise
        ) {
            current = 0;
        }
        // From 3.13 on FOR_ITER passes over what drops its iterator.
        let passes_over = instr == Instr::ForIter && code.version() == Version::V3_13;
        starts.extend(target(unit, at).map(|target| target + u32::from(passes_over)));
    }
    let handlers = code.exceptiontable().entries().flatten();
    starts.extend(handlers.map(|entry| entry.target.0));
    for at in starts {
        if let Some(place) = places.get_mut(at as usize) {
            place.starts_line = place.line != 0;
        }
    }
}

/// Where an instruction may jump to.
pub(crate) fn target(unit: &Unit, at: u32) -> Option<u32> {
    match unit.base() {
        Instr::Jump
        | Instr::JumpBackward
        | Instr::JumpBackwardNoInterrupt
        | Instr::PopJumpIfFalse
        | Instr::PopJumpIfTrue
        | Instr::PopJumpIfNone
        | Instr::PopJumpIfNotNone
        | Instr::PopJumpBackwardIfFalse
        | Instr::PopJumpBackwardIfTrue
        | Instr::PopJumpBackwardIfNone
        | Instr::PopJumpBackwardIfNotNone
        | Instr::JumpIfFalseOrPop
        | Instr::JumpIfTrueOrPop => at.checked_add_signed(unit.arg() as i32),
        Instr::ForIter => Some(at + (unit.arg() >> LOOP_SHIFT) + 1),
        Instr::Send => Some(at + (unit.arg() >> LOOP_SHIFT)),
        _ => None,
    }
}

/// Which event an instruction that chooses where to go on is.
pub(crate) fn jump_event(instr: Instr) -> Option<Event> {
    match instr {
        Instr::Jump | Instr::JumpBackward => Some(event::JUMP),
        Instr::PopJumpIfFalse
        | Instr::PopJumpIfTrue
        | Instr::PopJumpIfNone
        | Instr::PopJumpIfNotNone
        | Instr::ForIter => Some(event::BRANCH),
        _ => None,
    }
}
