//! From a version's opcodes to [`Instr`]s.

use alloc::boxed::Box;
use alloc::vec::Vec;

use super::instr::Instr;
use super::unit::Unit;
use super::{WARMUP, argument};
use crate::{CodeObject, Instructions, Op, Verified, Version};

/// Why verified code has no executable form.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum QuickenError {
    /// An opcode that is not translated yet.
    #[error("{op} is not implemented yet (in {qualname}, at offset {offset:#x})", op = op.name())]
    NotImplemented {
        /// The opcode.
        op: Op,
        /// The code object's qualified name.
        qualname: alloc::string::String,
        /// Its byte offset in the bytecode.
        offset: u32,
    },
    /// A version whose bytecode is not translated yet.
    #[error("code of CPython {0} cannot be executed yet")]
    Version(Version),
}

/// The units for a code object.
pub(super) fn translate(code: &Verified<CodeObject>) -> Result<Box<[Unit]>, QuickenError> {
    if code.version() != Version::V3_13 {
        return Err(QuickenError::Version(code.version()));
    }
    let bytes = code.code();
    let mut units: Vec<Unit> = Vec::with_capacity(bytes.len() / 2);
    for instruction in Instructions::new(code.version(), bytes) {
        // The verifier has decoded every instruction.
        let Ok(instruction) = instruction else { break };
        let own = instruction.offset.0 / 2;
        for _ in units.len()..own as usize {
            units.push(Unit::new(Instr::ExtendedArg, 1, 0, 0));
        }
        let len = 1 + instruction.info.caches;
        let translated = instr_for(instruction.op(), instruction.oparg)
            .and_then(|instr| Some((instr, argument::executable(instr, instruction.oparg, len)?)));
        let Some((instr, arg)) = translated else {
            return Err(QuickenError::NotImplemented {
                op: instruction.op(),
                qualname: code.qualname().to_string_lossy().into_owned(),
                offset: instruction.offset.0,
            });
        };
        let instr = checked(code, instr, instruction.start.0 / 2);
        units.push(Unit::new(instr, len, WARMUP, arg));
        units.extend((1..len).map(|_| Unit::cache()));
    }
    Ok(units.into_boxed_slice())
}

/// The form of a load that checks its locals, where the verifier could not prove them bound.
fn checked(code: &Verified<CodeObject>, instr: Instr, unit: u32) -> Instr {
    if !code.facts().needs_bound_check(unit) {
        return instr;
    }
    match instr {
        Instr::LoadFast => Instr::LoadFastUnproved,
        Instr::LoadFastLoadFast => Instr::LoadFastLoadFastCheck,
        Instr::StoreFastLoadFast => Instr::StoreFastLoadFastCheck,
        other => other,
    }
}

/// The instruction for an opcode of 3.13; `None` for what the compiler never writes.
fn instr_for(op: Op, oparg: u32) -> Option<Instr> {
    Some(match op {
        Op::Nop => Instr::Nop,
        Op::PopTop => Instr::PopTop,
        Op::PushNull => Instr::PushNull,
        Op::Copy => Instr::Copy,
        Op::Swap => Instr::Swap,
        Op::LoadFast => Instr::LoadFast,
        Op::LoadFastCheck => Instr::LoadFastCheck,
        Op::LoadFastAndClear => Instr::LoadFastAndClear,
        Op::LoadFastLoadFast => Instr::LoadFastLoadFast,
        Op::StoreFast => Instr::StoreFast,
        Op::StoreFastLoadFast => Instr::StoreFastLoadFast,
        Op::StoreFastStoreFast => Instr::StoreFastStoreFast,
        Op::DeleteFast => Instr::DeleteFast,
        Op::LoadConst => Instr::LoadConst,
        Op::ReturnConst => Instr::ReturnConst,
        Op::ReturnValue => Instr::ReturnValue,
        Op::LoadName => Instr::LoadName,
        Op::StoreName => Instr::StoreName,
        Op::DeleteName => Instr::DeleteName,
        Op::LoadGlobal if oparg & 1 != 0 => Instr::LoadGlobalNull,
        Op::LoadGlobal => Instr::LoadGlobal,
        Op::StoreGlobal => Instr::StoreGlobal,
        Op::DeleteGlobal => Instr::DeleteGlobal,
        Op::LoadLocals => Instr::LoadLocals,
        Op::LoadFromDictOrGlobals => Instr::LoadFromDictOrGlobals,
        Op::LoadFromDictOrDeref => Instr::LoadFromDictOrDeref,
        Op::LoadBuildClass => Instr::LoadBuildClass,
        Op::LoadAssertionError => Instr::LoadAssertionError,
        Op::SetupAnnotations => Instr::SetupAnnotations,
        Op::MakeCell => Instr::MakeCell,
        Op::CopyFreeVars => Instr::CopyFreeVars,
        Op::LoadDeref => Instr::LoadDeref,
        Op::StoreDeref => Instr::StoreDeref,
        Op::DeleteDeref => Instr::DeleteDeref,
        Op::LoadAttr if oparg & 1 != 0 => Instr::LoadMethod,
        Op::LoadAttr => Instr::LoadAttr,
        Op::StoreAttr => Instr::StoreAttr,
        Op::DeleteAttr => Instr::DeleteAttr,
        Op::LoadSuperAttr if oparg & 1 != 0 => Instr::LoadSuperMethod,
        Op::LoadSuperAttr => Instr::LoadSuperAttr,
        Op::UnaryNegative => Instr::UnaryNegative,
        Op::UnaryInvert => Instr::UnaryInvert,
        Op::UnaryNot => Instr::UnaryNot,
        Op::ToBool => Instr::ToBool,
        Op::BinaryOp if oparg >= 13 => Instr::InPlaceOp,
        Op::BinaryOp => Instr::BinaryOp,
        Op::BinarySubscr => Instr::BinarySubscr,
        Op::StoreSubscr => Instr::StoreSubscr,
        Op::DeleteSubscr => Instr::DeleteSubscr,
        Op::BinarySlice => Instr::BinarySlice,
        Op::StoreSlice => Instr::StoreSlice,
        Op::CompareOp => Instr::CompareOp,
        Op::ContainsOp => Instr::ContainsOp,
        Op::IsOp => Instr::IsOp,
        Op::BuildTuple => Instr::BuildTuple,
        Op::BuildList => Instr::BuildList,
        Op::BuildSet => Instr::BuildSet,
        Op::BuildMap => Instr::BuildMap,
        Op::BuildConstKeyMap => Instr::BuildConstKeyMap,
        Op::BuildString => Instr::BuildString,
        Op::BuildSlice => Instr::BuildSlice,
        Op::ListAppend => Instr::ListAppend,
        Op::SetAdd => Instr::SetAdd,
        Op::MapAdd => Instr::MapAdd,
        Op::ListExtend => Instr::ListExtend,
        Op::SetUpdate => Instr::SetUpdate,
        Op::DictUpdate => Instr::DictUpdate,
        Op::DictMerge => Instr::DictMerge,
        Op::UnpackSequence => Instr::UnpackSequence,
        Op::UnpackEx => Instr::UnpackEx,
        Op::FormatSimple => Instr::FormatSimple,
        Op::FormatWithSpec => Instr::FormatWithSpec,
        Op::ConvertValue => Instr::ConvertValue,
        Op::JumpForward => Instr::Jump,
        Op::JumpBackwardNoInterrupt => Instr::JumpBackwardNoInterrupt,
        Op::JumpBackward => Instr::JumpBackward,
        Op::PopJumpIfFalse => Instr::PopJumpIfFalse,
        Op::PopJumpIfTrue => Instr::PopJumpIfTrue,
        Op::PopJumpIfNone => Instr::PopJumpIfNone,
        Op::PopJumpIfNotNone => Instr::PopJumpIfNotNone,
        Op::GetIter => Instr::GetIter,
        Op::ForIter => Instr::ForIter,
        Op::EndFor => Instr::EndFor,
        Op::GetLen => Instr::GetLen,
        Op::MatchMapping => Instr::MatchMapping,
        Op::MatchSequence => Instr::MatchSequence,
        Op::MatchKeys => Instr::MatchKeys,
        Op::MatchClass => Instr::MatchClass,
        Op::Call => Instr::Call,
        Op::CallKw => Instr::CallKw,
        Op::CallFunctionEx => Instr::CallFunctionEx,
        Op::CallIntrinsic1 => Instr::CallIntrinsic1,
        Op::CallIntrinsic2 => Instr::CallIntrinsic2,
        Op::MakeFunction => Instr::MakeFunction,
        Op::SetFunctionAttribute => Instr::SetFunctionAttribute,
        Op::ImportName => Instr::ImportName,
        Op::ImportFrom => Instr::ImportFrom,
        Op::RaiseVarargs => Instr::RaiseVarargs,
        Op::Reraise => Instr::Reraise,
        Op::PushExcInfo => Instr::PushExcInfo,
        Op::PopExcept => Instr::PopExcept,
        Op::CheckExcMatch => Instr::CheckExcMatch,
        Op::CheckEgMatch => Instr::CheckEgMatch,
        Op::BeforeWith => Instr::BeforeWith,
        Op::BeforeAsyncWith => Instr::BeforeAsyncWith,
        Op::WithExceptStart => Instr::WithExceptStart,
        Op::ReturnGenerator => Instr::ReturnGenerator,
        Op::YieldValue => Instr::YieldValue,
        Op::Resume => Instr::Resume,
        Op::Send => Instr::Send,
        Op::EndSend => Instr::EndSend,
        Op::CleanupThrow => Instr::CleanupThrow,
        Op::GetYieldFromIter => Instr::GetYieldFromIter,
        Op::GetAwaitable => Instr::GetAwaitable,
        Op::GetAiter => Instr::GetAiter,
        Op::GetAnext => Instr::GetAnext,
        Op::EndAsyncFor => Instr::EndAsyncFor,
        _ => return None,
    })
}

/// The opcode of 3.13 that an unspecialised instruction came from.
pub(super) fn op_for(instr: Instr) -> Op {
    match instr {
        Instr::LoadFastUnproved => Op::LoadFast,
        Instr::LoadFastLoadFastCheck => Op::LoadFastLoadFast,
        Instr::StoreFastLoadFastCheck => Op::StoreFastLoadFast,
        Instr::LoadGlobalNull => Op::LoadGlobal,
        Instr::LoadMethod => Op::LoadAttr,
        Instr::LoadSuperMethod => Op::LoadSuperAttr,
        Instr::InPlaceOp => Op::BinaryOp,
        Instr::Jump => Op::JumpForward,
        other => Op::from_name(other.name()).unwrap_or(Op::Nop),
    }
}
