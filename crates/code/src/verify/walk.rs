//! [`walk`]: an independent check of what the verifier says: runs verified code without values, along a path that is
//! chosen step by step, and keeps count.
//!
//! It shares no knowledge of instructions with the verifier: stack effects are those of `dis.stack_effect`,
//! handlers are looked up in the exception table as it stands, and local variables are bound or not.

use alloc::vec::Vec;

use pyco_linetable::{ByteOffset, UnitOffset};

use crate::code_object::CodeObject;
use crate::instruction::Instruction;
use crate::op::Op;
use crate::table::ArgKind;
use crate::version::Version;

use super::facts::Checks;
use super::step::never_raises;
use super::verified::Verified;

/// Follows a path of at most so many steps through verified code, and panics where something happens that the
/// verifier has ruled out. `choose` gives a number for each decision.
///
/// # Panics
/// Where the verifier was wrong.
pub(crate) fn walk(code: &Verified<CodeObject>, steps: usize, choose: &mut impl FnMut() -> u32) {
    let count = code.code().len() / 2;
    let mut instructions = alloc::vec![None; count];
    for instruction in code.instructions() {
        let instruction = instruction.expect("verified code decodes");
        instructions[instruction.unit().0 as usize] = Some(instruction);
    }
    let mut walker = Walker {
        code,
        instructions,
        unit: 0,
        depth: 0,
        bound: alloc::vec![false; code.localspluskinds().len()],
    };
    for slot in 0..code.total_args() as usize {
        walker.bound[slot] = true;
    }
    for _ in 0..steps {
        if !walker.step(choose) {
            return;
        }
    }
}

struct Walker<'a> {
    code: &'a Verified<CodeObject>,
    /// By the unit where each starts.
    instructions: Vec<Option<Instruction>>,
    unit: u32,
    depth: i64,
    /// Which slots of the localsplus hold something.
    bound: Vec<bool>,
}

impl Walker<'_> {
    /// One instruction; false where the path ends.
    fn step(&mut self, choose: &mut impl FnMut() -> u32) -> bool {
        let unit = self.unit;
        let instruction = self.instructions.get(unit as usize).copied().flatten();
        let instruction = instruction.expect("every path leads to instructions");
        let facts = self.code.facts();
        assert_eq!(
            facts.stack_depth(unit).map(i64::from),
            Some(self.depth),
            "depth at unit {unit}"
        );
        assert!(self.depth <= i64::from(facts.max_depth()));
        assert!(facts.max_depth() <= self.code.stacksize());

        let op = instruction.op();
        let always = matches!(op, Op::Reraise | Op::RaiseVarargs);
        let mut at_random = || !never_raises(op) && choose().is_multiple_of(16);
        // An instruction raises before it has changed a local variable.
        if always || at_random() || !self.use_locals(&instruction) {
            return self.raise(&instruction);
        }
        if matches!(op, Op::ReturnValue | Op::ReturnConst) {
            let kept = i64::from(op == Op::ReturnValue);
            assert_eq!(self.depth, kept, "depth at a return");
            return false;
        }
        let jumps = match op {
            Op::JumpForward | Op::JumpBackward | Op::JumpBackwardNoInterrupt => true,
            Op::EndAsyncFor => false,
            _ => instruction.info.arg.is_jump() && choose().is_multiple_of(2),
        };
        self.depth += self.effect(&instruction, jumps);
        assert!(self.depth >= 0, "the stack underflows at unit {unit}");
        self.unit = if jumps {
            self.target(&instruction)
        } else {
            instruction.end.0 / 2
        };
        if op == Op::YieldValue && choose().is_multiple_of(8) {
            // Something is thrown into the generator.
            return self.raise(&instruction);
        }
        true
    }

    /// Where the instruction jumps to. An exhausted loop goes on behind its END_FOR, which would have popped one.
    fn target(&mut self, instruction: &Instruction) -> u32 {
        let target = instruction.jump_target().flatten().expect("it jumps");
        let target = target.0 / 2;
        if instruction.op() != Op::ForIter || self.code.version() == Version::V3_11 {
            return target;
        }
        let end = self.instructions[target as usize].expect("a loop ends at an instruction");
        assert_eq!(end.op(), Op::EndFor);
        self.depth += self.effect(&end, false);
        end.end.0 / 2
    }

    /// The change of depth by `dis.stack_effect`, put right where that is not what happens.
    fn effect(&self, instruction: &Instruction, jumps: bool) -> i64 {
        let old = self.code.version() <= Version::V3_12;
        match instruction.op() {
            Op::ReturnGenerator if old => 1,
            Op::Precall => 0,
            Op::Call if self.code.version() == Version::V3_11 => -1 - i64::from(instruction.oparg),
            _ => instruction
                .info
                .stack_effect(instruction.oparg, jumps)
                .expect("the effect is known"),
        }
    }

    /// An exception is raised at the instruction: on to its handler, if there is one.
    fn raise(&mut self, instruction: &Instruction) -> bool {
        let offset = ByteOffset(instruction.offset.0);
        let table = self.code.exceptiontable();
        let entry = table
            .lookup(UnitOffset(offset.0 / 2))
            .expect("the table is well formed");
        let Some(entry) = entry else { return false };
        assert!(
            self.depth >= i64::from(entry.depth),
            "the handler keeps more than there is"
        );
        self.depth = i64::from(entry.depth) + i64::from(entry.lasti) + 1;
        self.unit = entry.target.0;
        true
    }

    /// Reads, writes and empties local variables; false where one is checked and unbound.
    fn use_locals(&mut self, instruction: &Instruction) -> bool {
        let (first, second) = match instruction.info.arg {
            ArgKind::Local | ArgKind::Free => (instruction.oparg as usize, 0),
            ArgKind::LocalPair => (
                instruction.oparg as usize >> 4,
                instruction.oparg as usize & 15,
            ),
            _ if instruction.op() == Op::CopyFreeVars => {
                let start = self.bound.len() - instruction.oparg as usize;
                self.bound[start..].fill(true);
                return true;
            }
            _ => return true,
        };
        match instruction.op() {
            Op::LoadFast | Op::LoadFastBorrow | Op::LoadClosure => self.read(first, Checks::BOUND),
            Op::LoadFastCheck => self.bound[first],
            Op::DeleteFast => {
                let is_bound = self.read(first, Checks::BOUND);
                self.bound[first] = false;
                is_bound
            }
            Op::LoadFastLoadFast | Op::LoadFastBorrowLoadFastBorrow => {
                self.read(first, Checks::BOUND) && self.read(second, Checks::BOUND_SECOND)
            }
            // What LOAD_FAST_AND_CLEAR takes away may be NULL, and so may what is stored later: only what was bound
            // and is stored again is bound for sure, so that the walk does not follow it.
            Op::LoadFastAndClear => {
                self.bound[first] = false;
                true
            }
            Op::StoreFast => {
                self.bound[first] = true;
                true
            }
            Op::StoreFastStoreFast => {
                self.bound[first] = true;
                self.bound[second] = true;
                true
            }
            Op::StoreFastLoadFast => {
                self.bound[first] = true;
                self.read(second, Checks::BOUND_SECOND)
            }
            Op::MakeCell => {
                self.bound[first] = true;
                true
            }
            // The other cell instructions must find a cell, or check.
            _ => {
                let checked = self.code.facts().needs_cell_check(self.unit);
                assert!(
                    self.bound[first] || checked,
                    "no cell at unit {}",
                    self.unit
                );
                self.bound[first]
            }
        }
    }

    /// Reads a local variable, which is bound or checked; false where it is unbound.
    fn read(&self, slot: usize, check: Checks) -> bool {
        let checked = self.code.facts().checks(self.unit).contains(check);
        assert!(
            self.bound[slot] || checked,
            "unbound local {slot} at unit {}",
            self.unit
        );
        self.bound[slot]
    }
}
