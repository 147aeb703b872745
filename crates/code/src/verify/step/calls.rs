//! Calls and intrinsic functions.

use crate::op::Op;
use crate::version::Version;

use crate::verify::facts::Checks;
use crate::verify::fault::Fault;
use crate::verify::flow::Flow;
use crate::verify::kinds::Kinds;
use crate::verify::program::Instr;
use crate::verify::rule::Rule;

/// The intrinsics whose operands the interpreter takes for what they are, by CPython's names.
const STOPITERATION_ERROR: &str = "INTRINSIC_STOPITERATION_ERROR";
const LIST_TO_TUPLE: &str = "INTRINSIC_LIST_TO_TUPLE";
const PREP_RERAISE_STAR: &str = "INTRINSIC_PREP_RERAISE_STAR";

impl Flow<'_> {
    pub(super) fn call(&mut self, index: u32, instr: &Instr) -> Result<(), Fault> {
        match instr.op {
            Op::KwNames => self.kw_names(index, instr.oparg),
            Op::Precall => self.precall(index, instr.oparg),
            Op::CallFunctionEx => self.call_function_ex(instr.oparg),
            Op::CallKw => {
                let names = self.expect_type(1, Kinds::NAMES)?;
                if names.detail > instr.oparg {
                    self.checks |= Checks::TYPE;
                }
                self.state.take_objects(1)?;
                self.plain_call(instr.oparg)
            }
            _ => self.plain_call(instr.oparg),
        }
    }

    /// Takes the arguments and the two slots below them: up to 3.12 a method or NULL and then `self` or the callable,
    /// from 3.13 on the callable and then `self` or NULL.
    fn plain_call(&mut self, count: u32) -> Result<(), Fault> {
        self.state.take_objects(count)?;
        if self.version >= Version::V3_13 {
            self.state.take(Kinds::OBJECT_OR_NULL)?;
            self.state.take(Kinds::OBJECT)?;
        } else {
            self.old_callable(Kinds::OBJECT_OR_NULL)?;
        }
        self.state.push_kind(Kinds::ANY)
    }

    /// 3.11 and 3.12: the callable's two slots, of which one load has left both or neither.
    fn old_callable(&mut self, below: Kinds) -> Result<(), Fault> {
        let upper = self.state.peek(1)?;
        if upper.kinds.meets(Kinds::CALLEE_SELF) {
            self.state.take(Kinds::CALLEE_SELF)?;
            let lower = self.state.take(Kinds::CALLEE)?;
            if below == Kinds::NULL && lower.detail != 0 {
                let what = "found a method, expected NULL";
                return Err(Fault::plain(Rule::StackKind, what));
            }
            return Ok(());
        }
        self.state.take(Kinds::OBJECT)?;
        let lower = self.state.take(below)?;
        if lower.kinds.meets(Kinds::NULL) {
            self.checks |= Checks::NULL_FIRST;
        }
        Ok(())
    }

    /// 3.11 and 3.12: names the keywords of the call that follows.
    fn kw_names(&mut self, index: u32, constant: u32) -> Result<(), Fault> {
        let Some(call) = self
            .follower(index)
            .filter(|next| matches!(next.op, Op::Precall | Op::Call))
        else {
            return Err(Fault::plain(
                Rule::CallShape,
                "found another instruction after it, or a jump to there",
            ));
        };
        let names = self.consts[constant as usize];
        if names.kinds != Kinds::NAMES || names.detail > call.oparg {
            let what =
                "found a constant that is no tuple of at most as many str as there are arguments";
            return Err(Fault::plain(Rule::CallShape, what));
        }
        Ok(())
    }

    /// 3.11: makes the call that follows ready, which takes what this has looked at.
    fn precall(&mut self, index: u32, count: u32) -> Result<(), Fault> {
        match self.follower(index) {
            Some(call) if call.op == Op::Call && call.oparg == count => Ok(()),
            _ => Err(Fault::plain(
                Rule::CallShape,
                "found no CALL after it with the same argument",
            )),
        }
    }

    fn call_function_ex(&mut self, oparg: u32) -> Result<(), Fault> {
        if self.version >= Version::V3_14 {
            let keywords = self.state.peek(1)?;
            if keywords.kinds != Kinds::NULL {
                self.state.expect(1, Kinds::OBJECT_OR_NULL)?;
                if !keywords.kinds.within(Kinds::DICT.or(Kinds::NULL)) {
                    self.checks |= Checks::TYPE;
                }
            }
            self.state.drop_top(1);
        } else if oparg & 1 != 0 {
            self.expect_type(1, Kinds::DICT)?;
            self.state.take_objects(1)?;
        }
        self.state.take_objects(1)?;
        // The slot of `self` is always empty here.
        if self.version >= Version::V3_13 {
            self.state.take(Kinds::NULL)?;
            self.state.take(Kinds::OBJECT)?;
        } else {
            self.old_callable(Kinds::NULL)?;
        }
        self.state.push_kind(Kinds::ANY)
    }

    pub(super) fn intrinsic_1(&mut self, which: u32) -> Result<(), Fault> {
        match self.version.table().intrinsic_1.get(which as usize) {
            Some(&STOPITERATION_ERROR) => {
                self.expect_type(1, Kinds::EXCEPTION)?;
                self.replace(1, Kinds::EXCEPTION)
            }
            Some(&LIST_TO_TUPLE) => self.list_to_tuple(),
            _ => self.replace(1, Kinds::ANY),
        }
    }

    pub(super) fn intrinsic_2(&mut self, which: u32) -> Result<(), Fault> {
        match self.version.table().intrinsic_2.get(which as usize) {
            Some(&PREP_RERAISE_STAR) => self.prep_reraise_star(),
            _ => self.replace(2, Kinds::ANY),
        }
    }
}
