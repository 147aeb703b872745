//! Assignment to `f_lineno`: where in the code a line starts that can be gone to with what is on the stack.
//!
//! CPython knows of each slot of the stack, at each instruction, one of five kinds, and allows a jump if what is left there fits after
//! the slots above have been dropped; so does this file. What the verifier has proved beyond that, a jump could break in two respects.
//! That a local is bound: from 3.12 on all unbound ones become None; in 3.11 the loads check from then on. And of what type an object on
//! the stack is: so nothing is kept but iterators, and what `with` and `try` statements around both places have left there before them
//! (see [`keeps_types`]). CPython also goes from the midst of one expression into that of another, or from one `with` block into the
//! next one; here both stacks are called incompatible.

use pyco_code::quicken::Instr;
use pyco_code::{Instruction, Instructions, Op, Version};

use super::event::{self, Event};
use crate::error::{PyResult, Raised};
use crate::eval::frame::Frame;
use crate::object::code::{Handler, Quick};
use crate::object::frame::FrameObject;
use crate::object::header::Ref;
use crate::value::Value;
use crate::vm::Vm;

/// What a slot of the stack holds.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Iterator,
    Except,
    Object,
    Null,
    Lasti,
}

/// The stack before an instruction; `None` where nothing is known to lead.
type Stack = Option<Vec<Kind>>;

/// CPython's own limit: deeper stacks are not looked at.
const MOST: usize = 21;

impl Vm {
    /// `frame.f_lineno = line`.
    pub(crate) fn jump_to_line(&mut self, frame: &Ref<FrameObject>, line: &Value) -> PyResult<()> {
        let is_int = self.type_of(line).is(&self.types.int);
        if !is_int {
            return Err(self.value_error("lineno must be an integer"));
        }
        self.check_jump(frame)?;
        let Some(wanted) = line.as_small_int().and_then(|n| i32::try_from(n).ok()) else {
            return Err(self.value_error("lineno out of range"));
        };
        let Some(live) = frame.live() else {
            return Err(self.value_error("f_lineno can only be set in a trace function"));
        };
        // SAFETY: a live frame keeps its code, and the object is of the frame that an event is being told of, so its registers are
        // stored.
        let quick = unsafe { &*(*live).quick };
        let code = frame.code.code();
        if i64::from(wanted) < i64::from(code.firstlineno()) {
            let message = format!("line {wanted} comes before the current code block");
            return Err(self.value_error(message));
        }
        let lines = line_starts(quick);
        let Some(target_line) = lines.iter().copied().filter(|l| *l >= wanted).min() else {
            let message = format!("line {wanted} comes after the current code block");
            return Err(self.value_error(message));
        };
        let stacks = stacks(quick);
        let from = frame.unit_offset() as usize;
        let first = quick.code().watch().layout(quick).first as usize;
        let place = best_place(&stacks, from, &lines, target_line, |at, stack| {
            at >= first && keeps_types(quick, from as u32, at as u32, stack)
        });
        let (to, depth) = place.map_err(|message| self.value_error(message))?;
        // SAFETY: as above.
        unsafe {
            self.bind_all(live, quick)?;
            self.drop_slots(live, stacks[from].as_deref().unwrap_or(&[]), depth);
            (*live).pc = &raw const quick.units()[to];
        }
        Ok(())
    }

    /// Whether now is the time to jump in a frame.
    fn check_jump(&mut self, frame: &Ref<FrameObject>) -> Result<(), Raised> {
        let told = self.watch.told;
        let is_told = told.is_some_and(|(at, _)| Some(at) == frame.live());
        let message = match told.filter(|_| is_told).map(|(_, event)| event) {
            Some(event::LINE | event::INSTRUCTION | event::PY_YIELD) => return Ok(()),
            Some(event::JUMP | event::BRANCH_LEFT | event::BRANCH_RIGHT) => return Ok(()),
            Some(event::PY_START | event::PY_RESUME | event::PY_THROW) => {
                "can't jump from the 'call' trace event of a new frame"
            }
            Some(event::CALL | event::C_RETURN) => "can't jump during a call",
            Some(_) => "can only jump from a 'line' trace event",
            None if self.version_number() < 12 && frame.trace.is_empty() => {
                "can't jump from the 'call' trace event of a new frame"
            }
            None => "f_lineno can only be set in a trace function",
        };
        Err(self.value_error(message))
    }

    /// Makes sure that no load finds a local unbound that was proved to be bound.
    unsafe fn bind_all(&mut self, frame: *mut Frame, quick: &Quick) -> PyResult<()> {
        if self.version_number() < 12 {
            for unit in quick.units() {
                if unit.instr() == Instr::LoadFast && unit.len() == 1 {
                    unit.set_instr(Instr::LoadFastUnproved, 0);
                }
            }
            return Ok(());
        }
        // SAFETY: the frame is live; its locals are written while no instruction runs.
        let unbound: Vec<usize> = unsafe {
            let locals = (*frame).locals_slice().iter().enumerate();
            locals
                .filter(|(_, l)| l.is_none())
                .map(|(i, _)| i)
                .collect()
        };
        if unbound.is_empty() {
            return Ok(());
        }
        let plural = if unbound.len() == 1 { "" } else { "s" };
        let message = format!("assigning None to {} unbound local{plural}", unbound.len());
        self.warn("RuntimeWarning", &message)?;
        for index in unbound {
            // SAFETY: as above; the warning may have run a program, which may have bound it.
            unsafe {
                let local = (*frame).locals().add(index);
                if (*local).is_none() {
                    *local = Some(Value::NONE);
                }
            }
        }
        Ok(())
    }

    /// Drops what stands above a depth; an exception that was being handled is given back.
    unsafe fn drop_slots(&mut self, frame: *mut Frame, stack: &[Kind], depth: usize) {
        // SAFETY: the frame's registers are stored. The frame has what the verifier says, and so at least what is counted here.
        unsafe {
            let base = (*frame).stack_base();
            while (*frame).sp.offset_from(base) as usize > depth {
                let top = (*frame).sp.offset_from(base) as usize - 1;
                (*frame).sp = (*frame).sp.sub(1);
                let value = (*frame).sp.read();
                if stack.get(top) == Some(&Kind::Except) {
                    let previous = value.filter(|value| !value.is_none());
                    drop(std::mem::replace(&mut (*self.handled).exception, previous));
                }
            }
        }
    }
}

/// The line that starts at each unit, 0 where none does.
fn line_starts(quick: &Quick) -> Vec<i32> {
    let mut lines = vec![0; quick.units().len()];
    let mut last = 0;
    for range in quick.code().code().lines().flatten() {
        let line = range.line().map_or(0, |line| line as i32);
        if line != last
            && line != 0
            && let Some(place) = lines.get_mut(range.start().0 as usize / 2)
        {
            *place = line;
        }
        if line != 0 {
            last = line;
        }
    }
    lines
}

/// The best of the places where a line starts: the one that keeps most of the stack. Or else why there is none.
fn best_place(
    stacks: &[Stack],
    from: usize,
    lines: &[i32],
    line: i32,
    is_safe: impl Fn(usize, &[Kind]) -> bool,
) -> Result<(usize, usize), &'static str> {
    let mut best: Option<(usize, &Vec<Kind>)> = None;
    let mut message = "cannot find bytecode for specified line";
    let mut is_explained = false;
    let start = stacks.get(from).and_then(Option::as_ref);
    for (at, _) in lines.iter().enumerate().filter(|(_, l)| **l == line) {
        let target = stacks.get(at).and_then(Option::as_ref);
        match (start, target) {
            (Some(start), Some(target)) if fits(start, target) && is_safe(at, target) => {
                best = match best {
                    Some((_, other)) if rank(target) <= rank(other) => best,
                    _ => Some((at, target)),
                };
            }
            (None, _) if !is_explained => message = "can't jump from unreachable code",
            _ if best.is_none() && !is_explained => {
                message = why_not(target);
                is_explained = true;
            }
            _ => {}
        }
    }
    best.map(|(at, stack)| (at, stack.len())).ok_or(message)
}

/// The order in which CPython likes stacks: as numbers, three bits a slot, the deepest slot lowest.
fn rank(stack: &[Kind]) -> u64 {
    stack
        .iter()
        .fold(0, |rank, kind| rank << 3 | (*kind as u64 + 1))
}

/// Whether what a stack holds serves where another is expected, once the slots above are gone.
fn fits(from: &[Kind], to: &[Kind]) -> bool {
    from.len() >= to.len()
        && from.iter().zip(to).all(|(from, to)| match to {
            Kind::Object => *from != Kind::Null,
            Kind::Null => true,
            to => from == to,
        })
}

/// Whether what is kept of the stack in a jump from one unit to another is of the types that the verifier has proved at the second.
///
/// What a handler keeps was on the stack before the range that it covers, and stays there throughout, in ranges within that one
/// too: it is the same where both places lie within. Above that there may be iterators, of which no instruction assumes anything.
fn keeps_types(quick: &Quick, from: u32, to: u32, stack: &[Kind]) -> bool {
    let shared = match quick.handler_at(to) {
        None => 0,
        Some(outer) => {
            // A handler is covered by those around its own range, which keep less. A table that no compiler writes may go round.
            let around = |inner: &Handler| quick.handler_at(inner.target);
            let mut handlers = std::iter::successors(quick.handler_at(from), around).take(MOST);
            match handlers.any(|inner| inner.target == outer.target) {
                true => outer.depth as usize,
                false => 0,
            }
        }
    };
    let mut own = stack.iter().skip(shared);
    own.all(|kind| *kind == Kind::Iterator)
}

fn why_not(target: Option<&Vec<Kind>>) -> &'static str {
    let Some(target) = target else {
        return "can't jump into an exception handler, or code may be unreachable";
    };
    match target.last() {
        Some(Kind::Except) => "can't jump into an 'except' block as there's no exception",
        Some(Kind::Lasti) => "can't jump into a re-raising block as there's no location",
        Some(Kind::Iterator) => "can't jump into the body of a for loop",
        _ => "incompatible stacks",
    }
}

/// The stack before each unit.
fn stacks(quick: &Quick) -> Vec<Stack> {
    let code = quick.code().code();
    let version = code.version();
    let instructions: Vec<Instruction> =
        Instructions::new(version, code.code()).flatten().collect();
    let mut stacks: Vec<Stack> = vec![None; quick.units().len() + 1];
    stacks[0] = Some(Vec::new());
    loop {
        let mut has_changed = false;
        let mut set = |stacks: &mut Vec<Stack>, at: usize, stack: &[Kind]| {
            if let Some(place) = stacks.get_mut(at)
                && place.is_none()
                && stack.len() <= MOST
            {
                *place = Some(stack.to_vec());
                has_changed = true;
            }
        };
        for instruction in &instructions {
            let (start, at) = (
                instruction.start.0 as usize / 2,
                instruction.offset.0 as usize / 2,
            );
            let Some(stack) = stacks[start].clone() else {
                continue;
            };
            for prefix in start + 1..=at {
                set(&mut stacks, prefix, &stack);
            }
            let flow = after(version, instruction, stack);
            if let Some((target, stack)) = flow.jump {
                set(&mut stacks, target, &stack);
            }
            if let Some(stack) = flow.next {
                set(&mut stacks, instruction.end.0 as usize / 2, &stack);
            }
        }
        for entry in code.exceptiontable().entries().flatten() {
            let Some(mut stack) = stacks.get(entry.start.0 as usize).cloned().flatten() else {
                continue;
            };
            stack.truncate(entry.depth as usize);
            if entry.lasti {
                stack.push(Kind::Lasti);
            }
            stack.push(Kind::Except);
            set(&mut stacks, entry.target.0 as usize, &stack);
        }
        if !has_changed {
            return stacks;
        }
    }
}

/// What an instruction leaves, where it goes on and where it jumps to.
struct Flow {
    next: Option<Vec<Kind>>,
    jump: Option<(usize, Vec<Kind>)>,
}

fn after(version: Version, instruction: &Instruction, mut stack: Vec<Kind>) -> Flow {
    let arg = instruction.oparg as usize;
    let target = instruction.jump_target().flatten();
    let target = target.map(|target| target.0 as usize / 2);
    match instruction.op() {
        Op::ReturnValue | Op::ReturnConst | Op::RaiseVarargs | Op::Reraise => {
            return Flow {
                next: None,
                jump: None,
            };
        }
        Op::JumpForward | Op::JumpBackward | Op::JumpBackwardNoInterrupt => {
            let jump = target.map(|target| (target, stack));
            return Flow { next: None, jump };
        }
        Op::ForIter => {
            let mut over = stack.clone();
            if version == Version::V3_11 {
                over.pop();
            } else {
                over.push(Kind::Object);
            }
            stack.push(Kind::Object);
            let jump = target.map(|target| (target, over));
            return Flow {
                next: Some(stack),
                jump,
            };
        }
        Op::GetIter | Op::GetAiter if version >= Version::V3_15 => {
            stack.pop();
            stack.push(Kind::Iterator);
            if instruction.op() == Op::GetIter {
                stack.push(Kind::Iterator);
            }
        }
        Op::GetIter | Op::GetAiter => {
            stack.pop();
            stack.push(Kind::Iterator);
        }
        Op::PushExcInfo => {
            // What was handled before lies below the new exception.
            stack.push(Kind::Except);
        }
        Op::PushNull => stack.push(Kind::Null),
        Op::LoadGlobal if arg & 1 != 0 => match version {
            Version::V3_11 | Version::V3_12 => stack.extend([Kind::Null, Kind::Object]),
            _ => stack.extend([Kind::Object, Kind::Null]),
        },
        Op::LoadAttr if arg & 1 != 0 && version >= Version::V3_12 => {
            stack.pop();
            match version {
                Version::V3_12 => stack.extend([Kind::Null, Kind::Object]),
                _ => stack.extend([Kind::Object, Kind::Null]),
            }
        }
        Op::LoadMethod => {
            stack.pop();
            stack.extend([Kind::Null, Kind::Object]);
        }
        Op::Copy => {
            let kind = stack.len().checked_sub(arg).map(|at| stack[at]);
            stack.push(kind.unwrap_or(Kind::Object));
        }
        Op::Swap => {
            let len = stack.len();
            if arg >= 1 && arg <= len {
                stack.swap(len - 1, len - arg);
            }
        }
        Op::ReturnGenerator => stack.push(Kind::Object),
        Op::Precall => {}
        Op::Call if version == Version::V3_11 => change(&mut stack, -1 - arg as i64),
        op => {
            let effect = |jump| instruction.info.stack_effect(instruction.oparg, jump);
            let mut jumped = stack.clone();
            let changed = effect(false).unwrap_or(0);
            // What is not only pushed is another object than what was there.
            if changed <= 0
                && !matches!(
                    op,
                    Op::Resume
                        | Op::Nop
                        | Op::NotTaken
                        | Op::Cache
                        | Op::ExtendedArg
                        | Op::PopTop
                        | Op::EndFor
                        | Op::PopIter
                        | Op::PopExcept
                        | Op::KwNames
                        | Op::PopJumpIfFalse
                        | Op::PopJumpIfTrue
                        | Op::PopJumpIfNone
                        | Op::PopJumpIfNotNone
                        | Op::StoreFast
                        | Op::StoreName
                        | Op::StoreGlobal
                        | Op::StoreDeref
                        | Op::StoreAttr
                        | Op::StoreSubscr
                        | Op::DeleteFast
                        | Op::MakeCell
                        | Op::CopyFreeVars
                        | Op::ListAppend
                        | Op::SetAdd
                        | Op::MapAdd
                        | Op::EndAsyncFor
                        | Op::StoreFastStoreFast
                        | Op::ListExtend
                        | Op::SetUpdate
                        | Op::DictUpdate
                        | Op::DictMerge
                        | Op::CheckExcMatch
                        | Op::SetupAnnotations
                        | Op::DeleteName
                        | Op::DeleteGlobal
                        | Op::DeleteAttr
                        | Op::DeleteSubscr
                )
            {
                change(&mut stack, changed - 1);
                stack.push(Kind::Object);
            } else {
                change(&mut stack, changed);
            }
            if op == Op::StoreFastLoadFast {
                stack.pop();
                stack.push(Kind::Object);
            }
            let jump = target.filter(|_| op != Op::EndAsyncFor).map(|target| {
                change(&mut jumped, effect(true).unwrap_or(0));
                (target, jumped)
            });
            return Flow {
                next: Some(stack),
                jump,
            };
        }
    }
    Flow {
        next: Some(stack),
        jump: None,
    }
}

/// Makes a stack deeper with objects, or less deep.
fn change(stack: &mut Vec<Kind>, by: i64) {
    match by {
        0.. => stack.extend((0..by).map(|_| Kind::Object)),
        _ => {
            let left = stack.len().saturating_sub(by.unsigned_abs() as usize);
            stack.truncate(left);
        }
    }
}

/// What is being told of a frame.
pub(super) type Told = Option<(*mut Frame, Event)>;
