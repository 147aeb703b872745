//! What each instruction takes and leaves: one file a topic.
//!
//! Invariant: every opcode that the compiler of 3.11 to 3.15 writes has exactly one place here, where all of its
//! versions stand side by side; `tests/effects.rs` compares them with `dis.stack_effect`.

mod calls;
mod containers;
mod exceptions;
mod functions;
mod generators;
mod iteration;
mod locals;
mod objects;

use crate::op::Op;
use crate::version::Version;

use super::facts::Checks;
use super::fault::Fault;
use super::flow::{Flow, Next};
use super::kinds::{Kinds, Slot};
use super::program::Instr;
use super::rule::Rule;

/// Whether an instruction cannot raise before it has done its work, so that no handler sees the stack as it was.
pub(super) fn never_raises(op: Op) -> bool {
    matches!(
        op,
        Op::Nop
            | Op::NotTaken
            | Op::PopTop
            | Op::PushNull
            | Op::Copy
            | Op::Swap
            | Op::LoadConst
            | Op::LoadSmallInt
            | Op::LoadCommonConstant
            | Op::LoadFastAndClear
            | Op::StoreFast
            | Op::StoreFastStoreFast
            | Op::PushExcInfo
            | Op::PopExcept
            | Op::EndFor
            | Op::PopIter
            | Op::EndSend
            | Op::YieldValue
            | Op::JumpForward
            | Op::PopJumpIfNone
            | Op::PopJumpIfNotNone
            | Op::ReturnValue
            | Op::ReturnConst
    )
}

impl Flow<'_> {
    /// What one instruction does to the state; jumps are passed on to where they lead.
    pub(super) fn step(&mut self, index: u32, instr: &Instr) -> Result<Next, Fault> {
        let oparg = instr.oparg;
        match instr.op {
            Op::Nop
            | Op::NotTaken
            | Op::Resume
            | Op::SetupAnnotations
            | Op::DeleteName
            | Op::DeleteGlobal => {}
            Op::PopTop => self.pop_top()?,
            Op::PushNull => self.state.push_kind(Kinds::NULL)?,
            Op::Copy => self.copy(oparg)?,
            Op::Swap => self.swap(oparg)?,
            Op::LoadConst => self.state.push(self.consts[oparg as usize])?,
            Op::LoadSmallInt
            | Op::LoadAssertionError
            | Op::LoadBuildClass
            | Op::LoadLocals
            | Op::LoadName => self.state.push_kind(Kinds::ANY)?,
            Op::LoadCommonConstant => self.load_common_constant(oparg)?,

            Op::LoadFast | Op::LoadFastBorrow | Op::LoadFastCheck | Op::LoadClosure => {
                self.load_local(instr.op, oparg, Checks::BOUND)?;
            }
            Op::LoadFastLoadFast | Op::LoadFastBorrowLoadFastBorrow => {
                self.load_local(instr.op, oparg >> 4, Checks::BOUND)?;
                self.load_local(instr.op, oparg & 15, Checks::BOUND_SECOND)?;
            }
            Op::StoreFast => self.store_local(oparg)?,
            Op::StoreFastLoadFast => {
                self.store_local(oparg >> 4)?;
                self.load_local(instr.op, oparg & 15, Checks::BOUND_SECOND)?;
            }
            Op::StoreFastStoreFast => {
                self.store_local(oparg >> 4)?;
                self.store_local(oparg & 15)?;
            }
            Op::LoadFastAndClear => self.load_and_clear(oparg)?,
            Op::DeleteFast => self.delete_local(oparg)?,
            Op::MakeCell => self.state.locals.set(oparg, false, false),
            Op::CopyFreeVars => self.copy_free_vars(oparg),
            Op::LoadDeref
            | Op::LoadClassderef
            | Op::StoreDeref
            | Op::DeleteDeref
            | Op::LoadFromDictOrDeref => self.cell_access(instr.op, oparg)?,

            Op::UnaryNegative | Op::UnaryInvert | Op::UnaryPositive => {
                self.replace(1, Kinds::ANY)?
            }
            Op::UnaryNot => self.unary_not()?,
            Op::ToBool => self.replace(1, Kinds::BOOL)?,
            Op::BinaryOp | Op::BinarySubscr => self.replace(2, Kinds::ANY)?,
            Op::BinarySlice => self.replace(3, Kinds::ANY)?,
            Op::IsOp | Op::ContainsOp => self.replace(2, Kinds::BOOL)?,
            Op::CompareOp => self.compare(oparg)?,
            Op::StoreSubscr => self.state.take_objects(3)?,
            Op::StoreSlice => self.state.take_objects(4)?,
            Op::DeleteSubscr | Op::StoreAttr => self.state.take_objects(2)?,
            Op::DeleteAttr | Op::StoreName | Op::StoreGlobal | Op::PrintExpr | Op::ImportStar => {
                self.state.take_objects(1)?;
            }
            Op::LoadGlobal
            | Op::LoadAttr
            | Op::LoadMethod
            | Op::LoadSuperAttr
            | Op::LoadSpecial => {
                self.load_attribute(index, instr)?;
            }
            Op::LoadFromDictOrGlobals | Op::FormatSimple | Op::ConvertValue => {
                self.replace(1, Kinds::ANY)?
            }
            Op::FormatWithSpec => self.replace(2, Kinds::ANY)?,
            Op::FormatValue => self.replace(1 + (oparg >> 2 & 1), Kinds::ANY)?,
            Op::ImportName => self.replace(2, Kinds::ANY)?,
            Op::ImportFrom | Op::GetLen => self.add(Kinds::ANY)?,
            Op::MatchMapping | Op::MatchSequence => self.add(Kinds::BOOL)?,

            Op::BuildTuple
            | Op::BuildList
            | Op::BuildSet
            | Op::BuildMap
            | Op::BuildString
            | Op::BuildSlice
            | Op::BuildConstKeyMap
            | Op::BuildInterpolation
            | Op::BuildTemplate => self.build(instr.op, oparg)?,
            Op::ListAppend | Op::ListExtend => self.extend(1, oparg, Kinds::LIST)?,
            Op::SetAdd | Op::SetUpdate => self.extend(1, oparg, Kinds::SET)?,
            Op::MapAdd => self.extend(2, oparg, Kinds::DICT)?,
            Op::DictUpdate => self.extend(1, oparg, Kinds::DICT)?,
            Op::DictMerge => self.dict_merge(oparg)?,
            Op::ListToTuple => self.list_to_tuple()?,
            Op::UnpackSequence | Op::UnpackEx => self.unpack(instr.op, oparg)?,
            Op::MatchKeys => self.match_keys()?,
            Op::MatchClass => self.match_class()?,

            Op::KwNames | Op::Precall | Op::Call | Op::CallKw | Op::CallFunctionEx => {
                self.call(index, instr)?;
            }
            Op::CallIntrinsic1 => self.intrinsic_1(oparg)?,
            Op::CallIntrinsic2 => self.intrinsic_2(oparg)?,
            Op::MakeFunction => self.make_function(oparg)?,
            Op::SetFunctionAttribute => self.set_function_attribute(oparg)?,

            Op::GetIter
            | Op::GetYieldFromIter
            | Op::GetAiter
            | Op::GetAnext
            | Op::GetAwaitable
            | Op::EndFor
            | Op::PopIter => self.iterate(instr.op)?,
            Op::ForIter => self.for_iter(instr)?,
            Op::EndAsyncFor => self.end_async_for()?,

            Op::ReturnGenerator => self.return_generator()?,
            Op::YieldValue => self.yield_value(index, oparg)?,
            Op::AsyncGenWrap => self.replace(1, Kinds::ANY)?,
            Op::Send => self.send(instr)?,
            Op::EndSend => self.end_send()?,
            Op::CleanupThrow => self.cleanup_throw()?,

            Op::PushExcInfo
            | Op::PopExcept
            | Op::CheckExcMatch
            | Op::CheckEgMatch
            | Op::PrepReraiseStar
            | Op::BeforeWith
            | Op::BeforeAsyncWith
            | Op::WithExceptStart => self.handle(instr.op)?,
            Op::Reraise | Op::RaiseVarargs => return self.raise(instr),

            Op::JumpForward | Op::JumpBackward | Op::JumpBackwardNoInterrupt => {
                self.jump(instr)?;
                return Ok(Next::Ends);
            }
            Op::PopJumpIfFalse | Op::PopJumpIfTrue => {
                if self.version >= Version::V3_13 {
                    self.expect_type(1, Kinds::BOOL)?;
                }
                self.state.take_objects(1)?;
                self.jump(instr)?;
            }
            Op::PopJumpIfNone
            | Op::PopJumpIfNotNone
            | Op::PopJumpForwardIfFalse
            | Op::PopJumpForwardIfNone
            | Op::PopJumpForwardIfNotNone
            | Op::PopJumpForwardIfTrue
            | Op::PopJumpBackwardIfFalse
            | Op::PopJumpBackwardIfNone
            | Op::PopJumpBackwardIfNotNone
            | Op::PopJumpBackwardIfTrue => {
                self.state.take_objects(1)?;
                self.jump(instr)?;
            }
            Op::JumpIfFalseOrPop | Op::JumpIfTrueOrPop => {
                self.state.expect(1, Kinds::OBJECT)?;
                self.jump(instr)?;
                self.state.drop_top(1);
            }
            Op::ReturnValue | Op::ReturnConst => return self.return_value(instr.op),
            // Decoding lets no other opcode through.
            _ => {
                return Err(Fault::plain(
                    Rule::Opcode,
                    "found an opcode that the verifier does not know",
                ));
            }
        }
        Ok(Next::Falls)
    }

    /// Takes that many objects and leaves one thing.
    fn replace(&mut self, count: u32, with: Kinds) -> Result<(), Fault> {
        self.state.take_objects(count)?;
        self.state.push_kind(with)
    }

    /// Leaves something beside the object on top.
    fn add(&mut self, kinds: Kinds) -> Result<(), Fault> {
        self.state.expect(1, Kinds::OBJECT)?;
        self.state.push_kind(kinds)
    }

    /// Requires an object of a type at a position from the top; that it is of that type is left to a check at run time
    /// where it is not known.
    fn expect_type(&mut self, position: usize, kinds: Kinds) -> Result<Slot, Fault> {
        let slot = self.state.expect(position, Kinds::OBJECT)?;
        if !slot.kinds.within(kinds) {
            self.checks |= Checks::TYPE;
        }
        Ok(slot)
    }

    fn pop_top(&mut self) -> Result<(), Fault> {
        // Besides objects: a saved offset, from 3.14 on the slot beside __exit__, in 3.15 the index of a loop that
        // is left.
        let mut allowed = Kinds::OBJECT.or(Kinds::LASTI);
        if self.version >= Version::V3_14 {
            allowed = allowed.or(Kinds::NULL);
        }
        if self.version >= Version::V3_15 {
            allowed = allowed.or(Kinds::INDEX);
        }
        self.state.take(allowed).map(drop)
    }

    fn copy(&mut self, position: u32) -> Result<(), Fault> {
        let allowed = Kinds::OBJECT
            .or(Kinds::LASTI)
            .or(Kinds::SAVED)
            .or(Kinds::INDEX);
        let slot = self.state.expect(position as usize, allowed)?;
        self.state.push(slot)
    }

    fn swap(&mut self, position: u32) -> Result<(), Fault> {
        self.state.peek(position as usize)?;
        let top = self.state.depth() - 1;
        let other = self.state.depth() - position as usize;
        self.state.stack.swap(top, other);
        // What a handler keeps may have changed.
        self.state.low = self.state.low.min(other);
        Ok(())
    }
}
