//! Generators, coroutines and delegation.

use crate::op::Op;
use crate::version::Version;

use crate::verify::argument::resume_place;
use crate::verify::fault::Fault;
use crate::verify::flow::Flow;
use crate::verify::header::makes_one_generator;
use crate::verify::kinds::{Kinds, Slot};
use crate::verify::program::Instr;
use crate::verify::rule::Rule;
use crate::verify::state::{GENERATOR_FRAME, PLAIN_FRAME};

impl Flow<'_> {
    pub(super) fn return_generator(&mut self) -> Result<(), Fault> {
        self.expect_frame(PLAIN_FRAME)?;
        if !makes_one_generator(self.flags()) {
            let what = "found RETURN_GENERATOR with none or several of GENERATOR, COROUTINE, ASYNC_GENERATOR";
            return Err(Fault::plain(Rule::GeneratorFlags, what));
        }
        self.state.generator = GENERATOR_FRAME;
        // What the first send brings.
        self.state.push_kind(Kinds::ANY)
    }

    pub(super) fn yield_value(&mut self, index: u32, oparg: u32) -> Result<(), Fault> {
        self.expect_frame(GENERATOR_FRAME)?;
        let resume = self.follower(index).filter(|next| next.op == Op::Resume);
        let Some(place) = resume.map(|resume| resume_place(self.version, resume.oparg)) else {
            return Err(Fault::plain(
                Rule::YieldShape,
                "found another instruction after it, or a jump to there",
            ));
        };
        if !(1..=3).contains(&place) {
            return Err(Fault::plain(
                Rule::YieldShape,
                "found a RESUME of a function's start after it",
            ));
        }
        let is_delegating = place != 1;
        if self.version >= Version::V3_13 && is_delegating != (oparg == 1) {
            let what =
                "found YIELD_VALUE and RESUME that disagree whether it is part of a delegation";
            return Err(Fault::plain(Rule::YieldShape, what));
        }
        if self.version == Version::V3_11 && is_delegating && !self.follows_send(index) {
            // Where what was thrown into the delegate ends it, the generator goes on where SEND jumps to.
            let what = "found no SEND right before it, or a jump to there";
            return Err(Fault::plain(Rule::YieldShape, what));
        }
        self.state.take_objects(1)?;
        if is_delegating {
            // What is delegated to is looked for here while the generator is suspended.
            self.expect_iterator(1)?;
        }
        self.state.push_kind(Kinds::ANY)
    }

    /// Whether the instruction is reached from a SEND right before it, and only from there.
    fn follows_send(&self, index: u32) -> bool {
        let Some(before) = index.checked_sub(1) else {
            return false;
        };
        let is_send = self.program.instrs[before as usize].op == Op::Send;
        is_send && self.follower(before).is_some_and(|own| own.prefixes == 0)
    }

    pub(super) fn send(&mut self, instr: &Instr) -> Result<(), Fault> {
        self.state.take_objects(1)?;
        self.expect_iterator(1)?;
        if self.version == Version::V3_11 {
            // The result takes the place of the iterator.
            let kept = self.state.depth() - 1;
            self.join(instr.target, kept, &[Slot::new(Kinds::ANY)])?;
            return self.state.push_kind(Kinds::ANY);
        }
        self.state.push_kind(Kinds::ANY)?;
        self.jump(instr)
    }

    pub(super) fn end_send(&mut self) -> Result<(), Fault> {
        self.state.expect(1, Kinds::OBJECT)?;
        self.expect_iterator(2)?;
        self.state.drop_top(1 + self.iterator_len());
        self.state.push_kind(Kinds::ANY)
    }

    pub(super) fn cleanup_throw(&mut self) -> Result<(), Fault> {
        self.expect_type(1, Kinds::EXCEPTION)?;
        self.state.expect(2, Kinds::OBJECT)?;
        self.expect_iterator(3)?;
        self.state.drop_top(2 + self.iterator_len());
        self.state.push_kind(Kinds::ANY)?;
        if self.has_index() {
            self.state.push_kind(Kinds::NULL)?;
        }
        self.state.push_kind(Kinds::ANY)
    }
}
