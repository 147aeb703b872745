//! From a version's opcodes to [`Instr`]s.

use alloc::boxed::Box;
use alloc::vec::Vec;

use super::instr::Instr;
use super::unit::Unit;
use super::{WARMUP, argument};
use crate::verify::Checks;
use crate::{CodeObject, Instructions, Op, Verified, Version};

/// Why verified code has no executable form.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum QuickenError {
    /// An argument that CPython's compiler never writes.
    #[error("{op} {oparg} is not what CPython's compiler writes (in {qualname}, at offset {offset:#x})", op = op.name())]
    Argument {
        /// The opcode.
        op: Op,
        /// Its argument.
        oparg: u32,
        /// The code object's qualified name.
        qualname: alloc::string::String,
        /// Its byte offset in the bytecode.
        offset: u32,
    },
    /// A version whose bytecode is not executed.
    #[error("code of CPython {0} cannot be executed")]
    Version(Version),
}

/// The units for a code object.
pub(super) fn translate(code: &Verified<CodeObject>) -> Result<Box<[Unit]>, QuickenError> {
    let version = code.version();
    if version < Version::V3_11 {
        return Err(QuickenError::Version(version));
    }
    let bytes = code.code();
    let mut units: Vec<Unit> = Vec::with_capacity(bytes.len() / 2);
    // The constant with the names for the call to come.
    let mut keyword_names = None;
    for instruction in Instructions::new(version, bytes) {
        // The verifier has decoded every instruction.
        let Ok(instruction) = instruction else { break };
        let own = instruction.offset.0 / 2;
        for _ in units.len()..own as usize {
            units.push(Unit::new(Instr::ExtendedArg, 1, 0, 0));
        }
        let (op, oparg) = (instruction.op(), instruction.oparg);
        let len = 1 + instruction.info.caches;
        let Some((instr, arg)) = form(version, op, oparg, len) else {
            return Err(QuickenError::Argument {
                op,
                oparg,
                qualname: code.qualname().to_string_lossy().into_owned(),
                offset: instruction.offset.0,
            });
        };
        let mut instr = checked(code, instr, instruction.start.0 / 2);
        if op == Op::Call && keyword_names.is_some() {
            instr = Instr::CallKwNames;
        }
        units.push(Unit::new(instr, len, WARMUP, arg));
        units.extend((1..len).map(|_| Unit::cache()));
        match op {
            Op::KwNames => keyword_names = Some(oparg),
            Op::Call => {
                if let Some(names) = keyword_names.take() {
                    let first = units.len() + 1 - usize::from(len);
                    // SAFETY: this is the first cache unit of the call.
                    unsafe { units[first].store(u64::from(names)) };
                }
            }
            _ => {}
        }
    }
    Ok(units.into_boxed_slice())
}

/// An instruction and its argument in executable form.
fn form(version: Version, op: Op, oparg: u32, len: u8) -> Option<(Instr, u32)> {
    let instr = instr_for(version, op, oparg)?;
    let arg = match intrinsic_of_3_11(op) {
        Some(function) => function,
        None => argument::executable(version, instr, oparg, len)?,
    };
    Some((instr, arg))
}

/// The form of an instruction that checks what the verifier could not prove.
fn checked(code: &Verified<CodeObject>, instr: Instr, unit: u32) -> Instr {
    let checks = code.facts().checks(unit);
    match instr {
        Instr::Call if checks.contains(Checks::NULL_FIRST) => return Instr::CallNullFirst,
        Instr::LoadGlobalNull if checks.contains(Checks::NULL_FIRST) => {
            return Instr::LoadNullGlobal;
        }
        _ => {}
    }
    if !checks.intersects(Checks::BOUND.union(Checks::BOUND_SECOND)) {
        return instr;
    }
    match instr {
        Instr::LoadFast => Instr::LoadFastUnproved,
        Instr::LoadFastBorrow => Instr::LoadFastBorrowUnproved,
        Instr::LoadFastLoadFast => Instr::LoadFastLoadFastCheck,
        Instr::LoadFastBorrowLoadFastBorrow => Instr::LoadFastBorrowLoadFastBorrowCheck,
        Instr::StoreFastLoadFast => Instr::StoreFastLoadFastCheck,
        other => other,
    }
}

/// The opcodes of 3.11 that do just what an intrinsic function does later, with the function's number.
fn intrinsic_of_3_11(op: Op) -> Option<u32> {
    Some(match op {
        Op::PrepReraiseStar => 1,
        Op::AsyncGenWrap => 4,
        Op::UnaryPositive => 5,
        Op::ListToTuple => 6,
        _ => return None,
    })
}

/// The instruction for an opcode; `None` for what the compiler never writes.
pub(super) fn instr_for(version: Version, op: Op, oparg: u32) -> Option<Instr> {
    // Whether an iterator has a second slot.
    let has_pairs = version >= Version::V3_15;
    Some(match op {
        Op::Nop => Instr::Nop,
        Op::NotTaken => Instr::NotTaken,
        Op::Precall => Instr::Precall,
        Op::KwNames => Instr::KwNames,
        Op::PopTop => Instr::PopTop,
        Op::PushNull => Instr::PushNull,
        Op::Copy => Instr::Copy,
        Op::Swap => Instr::Swap,
        Op::LoadFast => Instr::LoadFast,
        Op::LoadFastCheck => Instr::LoadFastCheck,
        Op::LoadFastBorrow => Instr::LoadFastBorrow,
        Op::LoadFastBorrowLoadFastBorrow => Instr::LoadFastBorrowLoadFastBorrow,
        Op::LoadClosure => Instr::LoadClosure,
        Op::LoadFastAndClear => Instr::LoadFastAndClear,
        Op::LoadFastLoadFast => Instr::LoadFastLoadFast,
        Op::StoreFast => Instr::StoreFast,
        Op::StoreFastLoadFast => Instr::StoreFastLoadFast,
        Op::StoreFastStoreFast => Instr::StoreFastStoreFast,
        Op::DeleteFast => Instr::DeleteFast,
        Op::LoadConst => Instr::LoadConst,
        Op::LoadSmallInt => Instr::LoadSmallInt,
        Op::LoadCommonConstant => Instr::LoadCommonConstant,
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
        Op::LoadClassderef => Instr::LoadClassderef,
        Op::LoadBuildClass => Instr::LoadBuildClass,
        Op::LoadAssertionError => Instr::LoadAssertionError,
        Op::SetupAnnotations => Instr::SetupAnnotations,
        Op::MakeCell => Instr::MakeCell,
        Op::CopyFreeVars => Instr::CopyFreeVars,
        Op::LoadDeref => Instr::LoadDeref,
        Op::StoreDeref => Instr::StoreDeref,
        Op::DeleteDeref => Instr::DeleteDeref,
        Op::LoadAttr if version >= Version::V3_12 && oparg & 1 != 0 => Instr::LoadMethod,
        Op::LoadMethod => Instr::LoadMethod,
        Op::LoadAttr => Instr::LoadAttr,
        Op::StoreAttr => Instr::StoreAttr,
        Op::DeleteAttr => Instr::DeleteAttr,
        Op::LoadSuperAttr if oparg & 1 != 0 => Instr::LoadSuperMethod,
        Op::LoadSuperAttr => Instr::LoadSuperAttr,
        Op::UnaryNegative => Instr::UnaryNegative,
        Op::UnaryInvert => Instr::UnaryInvert,
        Op::UnaryNot => Instr::UnaryNot,
        Op::ToBool => Instr::ToBool,
        Op::BinaryOp if oparg >= 26 => Instr::BinarySubscr,
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
        Op::FormatValue => Instr::FormatValue,
        Op::BuildInterpolation => Instr::BuildInterpolation,
        Op::BuildTemplate => Instr::BuildTemplate,
        Op::JumpForward => Instr::Jump,
        Op::JumpBackwardNoInterrupt => Instr::JumpBackwardNoInterrupt,
        Op::JumpBackward => Instr::JumpBackward,
        Op::PopJumpIfFalse | Op::PopJumpForwardIfFalse => Instr::PopJumpIfFalse,
        Op::PopJumpBackwardIfFalse => Instr::PopJumpBackwardIfFalse,
        Op::PopJumpIfTrue | Op::PopJumpForwardIfTrue => Instr::PopJumpIfTrue,
        Op::PopJumpBackwardIfTrue => Instr::PopJumpBackwardIfTrue,
        Op::PopJumpIfNone | Op::PopJumpForwardIfNone => Instr::PopJumpIfNone,
        Op::PopJumpBackwardIfNone => Instr::PopJumpBackwardIfNone,
        Op::PopJumpIfNotNone | Op::PopJumpForwardIfNotNone => Instr::PopJumpIfNotNone,
        Op::PopJumpBackwardIfNotNone => Instr::PopJumpBackwardIfNotNone,
        Op::JumpIfFalseOrPop => Instr::JumpIfFalseOrPop,
        Op::JumpIfTrueOrPop => Instr::JumpIfTrueOrPop,
        Op::GetIter if has_pairs && oparg != 0 => Instr::GetYieldFromIterPair,
        Op::GetIter if has_pairs => Instr::GetIterPair,
        Op::GetIter => Instr::GetIter,
        Op::ForIter => Instr::ForIter,
        Op::EndFor if version == Version::V3_12 => Instr::EndForPair,
        Op::EndFor => Instr::EndFor,
        Op::PopIter if has_pairs => Instr::PopIterPair,
        Op::PopIter => Instr::PopIter,
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
        Op::MakeFunction if version <= Version::V3_12 => Instr::MakeFunctionWith,
        Op::MakeFunction => Instr::MakeFunction,
        Op::SetFunctionAttribute => Instr::SetFunctionAttribute,
        Op::ImportName if has_pairs && oparg & 3 == 1 => Instr::ImportNameLazy,
        Op::ImportName if has_pairs && oparg & 3 == 2 => Instr::ImportNameEager,
        Op::ImportName => Instr::ImportName,
        Op::ImportFrom => Instr::ImportFrom,
        Op::ImportStar => Instr::ImportStar,
        Op::PrintExpr => Instr::PrintExpr,
        Op::RaiseVarargs => Instr::RaiseVarargs,
        Op::Reraise => Instr::Reraise,
        Op::PushExcInfo => Instr::PushExcInfo,
        Op::PopExcept => Instr::PopExcept,
        Op::CheckExcMatch => Instr::CheckExcMatch,
        Op::CheckEgMatch => Instr::CheckEgMatch,
        Op::BeforeWith => Instr::BeforeWith,
        Op::BeforeAsyncWith => Instr::BeforeAsyncWith,
        Op::LoadSpecial => Instr::LoadSpecial,
        Op::WithExceptStart if version >= Version::V3_14 => Instr::WithExceptStartSelf,
        Op::WithExceptStart => Instr::WithExceptStart,
        Op::ReturnGenerator => Instr::ReturnGenerator,
        Op::YieldValue => Instr::YieldValue,
        Op::Resume => Instr::Resume,
        Op::Send => Instr::Send,
        Op::EndSend if has_pairs => Instr::EndSendPair,
        Op::EndSend => Instr::EndSend,
        Op::CleanupThrow if has_pairs => Instr::CleanupThrowPair,
        Op::CleanupThrow => Instr::CleanupThrow,
        Op::GetYieldFromIter => Instr::GetYieldFromIter,
        Op::GetAwaitable => Instr::GetAwaitable,
        Op::GetAiter => Instr::GetAiter,
        Op::GetAnext => Instr::GetAnext,
        Op::EndAsyncFor => Instr::EndAsyncFor,
        _ if intrinsic_of_3_11(op).is_some_and(|_| oparg == 0) => {
            let is_binary = op == Op::PrepReraiseStar;
            if is_binary {
                Instr::CallIntrinsic2
            } else {
                Instr::CallIntrinsic1
            }
        }
        _ => return None,
    })
}

/// The opcode that an unspecialised instruction came from.
pub(super) fn op_for(version: Version, instr: Instr, arg: u32) -> Op {
    let is_3_11 = version == Version::V3_11;
    match instr {
        Instr::LoadFastUnproved => Op::LoadFast,
        Instr::LoadFastBorrowUnproved => Op::LoadFastBorrow,
        Instr::LoadFastLoadFastCheck => Op::LoadFastLoadFast,
        Instr::LoadFastBorrowLoadFastBorrowCheck => Op::LoadFastBorrowLoadFastBorrow,
        Instr::StoreFastLoadFastCheck => Op::StoreFastLoadFast,
        Instr::LoadGlobalNull | Instr::LoadNullGlobal => Op::LoadGlobal,
        Instr::LoadMethod if !is_3_11 => Op::LoadAttr,
        Instr::LoadSuperMethod => Op::LoadSuperAttr,
        Instr::InPlaceOp => Op::BinaryOp,
        Instr::BinarySubscr if version >= Version::V3_14 => Op::BinaryOp,
        Instr::Jump => Op::JumpForward,
        Instr::PopJumpIfFalse if is_3_11 => Op::PopJumpForwardIfFalse,
        Instr::PopJumpIfTrue if is_3_11 => Op::PopJumpForwardIfTrue,
        Instr::PopJumpIfNone if is_3_11 => Op::PopJumpForwardIfNone,
        Instr::PopJumpIfNotNone if is_3_11 => Op::PopJumpForwardIfNotNone,
        Instr::GetIterPair | Instr::GetYieldFromIterPair => Op::GetIter,
        Instr::EndForPair => Op::EndFor,
        Instr::PopIterPair => Op::PopIter,
        Instr::EndSendPair => Op::EndSend,
        Instr::CleanupThrowPair => Op::CleanupThrow,
        Instr::CallNullFirst | Instr::CallKwNames => Op::Call,
        Instr::MakeFunctionWith => Op::MakeFunction,
        Instr::ImportNameLazy | Instr::ImportNameEager => Op::ImportName,
        Instr::WithExceptStartSelf => Op::WithExceptStart,
        Instr::CallIntrinsic2 if is_3_11 => Op::PrepReraiseStar,
        Instr::CallIntrinsic1 if is_3_11 => match arg {
            4 => Op::AsyncGenWrap,
            5 => Op::UnaryPositive,
            _ => Op::ListToTuple,
        },
        other => Op::from_name(other.name()).unwrap_or(Op::Nop),
    }
}
