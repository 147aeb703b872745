//! Arguments of each version in the form that the loop wants, and back.
//!
//! Invariant: [`original`] undoes [`executable`] for every argument that the latter takes.

use super::instr::Instr;
use crate::Version;

/// The mask that goes with each comparison's index in COMPARE_OP's argument: 1 unordered, 2 less, 4 greater, 8 equal.
const COMPARE_MASKS: [u32; 6] = [2, 10, 8, 7, 4, 12];
const COERCE_TO_BOOL: u32 = 16;

/// In the executable argument of COMPARE_OP, beside the comparison's index: the result is made a bool.
pub const COMPARE_TO_BOOL: u32 = 8;

/// In the executable argument of FOR_ITER and SEND: at the end, the iterator leaves the stack.
pub const END_POPS: u32 = 1;
/// In the same: between the iterator and what is on top of it lies a second slot, as in code of 3.15.
pub const TWO_SLOTS: u32 = 2;
/// In the same: by how much the distance is shifted, which is at least 0.
pub const LOOP_SHIFT: u32 = 2;

/// In the executable argument of RESUME: where it stands. 0 at a function's start, 1 after yield, 2 after yield from, 3 after
/// await, 4 at a generator expression's start.
pub const RESUME_PLACE: u32 = 7;
/// In the same: what is delegated to has a second slot on it.
pub const RESUME_TWO_SLOTS: u32 = 8;
const RESUME_REST_SHIFT: u32 = 4;

/// What the argument of FOR_ITER or SEND says beside the distance.
fn loop_flags(version: Version, instr: Instr) -> u32 {
    let end_pops = match instr {
        Instr::ForIter => version <= Version::V3_12,
        _ => version == Version::V3_11,
    };
    u32::from(end_pops) * END_POPS + u32::from(version >= Version::V3_15) * TWO_SLOTS
}

/// The distance of FOR_ITER's own end, which is one unit before where it goes on: what it skips there is an END_FOR.
fn loop_distance(version: Version, instr: Instr, len: u8) -> u32 {
    let is_plain = instr == Instr::ForIter && version == Version::V3_11;
    u32::from(len) - u32::from(is_plain)
}

/// How many bits of RESUME's argument say where it stands.
fn resume_bits(version: Version) -> u32 {
    if version >= Version::V3_15 { 3 } else { 2 }
}

/// By how much the index of the comparison is shifted in COMPARE_OP.
fn compare_shift(version: Version) -> u32 {
    match version {
        Version::V3_11 => 0,
        Version::V3_12 => 4,
        _ => 5,
    }
}

/// Whether the loads of attributes have a bit for a call beside the name.
fn has_method_bit(version: Version, instr: Instr) -> bool {
    version >= Version::V3_12 || !matches!(instr, Instr::LoadAttr | Instr::LoadMethod)
}

/// The executable argument for CPython's, of an instruction of `len` units; `None` if CPython's compiler never writes it so.
pub(super) fn executable(version: Version, instr: Instr, oparg: u32, len: u8) -> Option<u32> {
    Some(match instr {
        Instr::LoadGlobal
        | Instr::LoadGlobalNull
        | Instr::LoadAttr
        | Instr::LoadMethod
        | Instr::LoadSuperAttr
        | Instr::LoadSuperMethod
            if has_method_bit(version, instr) =>
        {
            oparg >> 1
        }
        Instr::LoadFastLoadFast
        | Instr::LoadFastBorrowLoadFastBorrow
        | Instr::StoreFastLoadFast
        | Instr::StoreFastStoreFast => (oparg >> 4 & 0xFFFF) | (oparg & 15) << 16,
        Instr::InPlaceOp => oparg - 13,
        Instr::CompareOp => compare(version, oparg)?,
        Instr::CallFunctionEx if version >= Version::V3_14 => 1 | oparg << 1,
        Instr::ImportName | Instr::ImportNameLazy | Instr::ImportNameEager
            if version >= Version::V3_15 =>
        {
            oparg >> 2
        }
        Instr::Resume => {
            let bits = resume_bits(version);
            let two_slots = u32::from(version >= Version::V3_15) * RESUME_TWO_SLOTS;
            oparg & ((1 << bits) - 1) | two_slots | (oparg >> bits) << RESUME_REST_SHIFT
        }
        Instr::ForIter => {
            let distance = oparg.checked_add(loop_distance(version, instr, len))?;
            distance << LOOP_SHIFT | loop_flags(version, instr)
        }
        Instr::Send => {
            let distance = oparg.checked_add(u32::from(len))?;
            distance << LOOP_SHIFT | loop_flags(version, instr)
        }
        Instr::Jump
        | Instr::PopJumpIfFalse
        | Instr::PopJumpIfTrue
        | Instr::PopJumpIfNone
        | Instr::PopJumpIfNotNone
        | Instr::JumpIfFalseOrPop
        | Instr::JumpIfTrueOrPop => i32::try_from(oparg).ok()?.checked_add(len as i32)? as u32,
        Instr::JumpBackward
        | Instr::JumpBackwardNoInterrupt
        | Instr::PopJumpBackwardIfFalse
        | Instr::PopJumpBackwardIfTrue
        | Instr::PopJumpBackwardIfNone
        | Instr::PopJumpBackwardIfNotNone => (len as i32).checked_sub_unsigned(oparg)? as u32,
        _ => oparg,
    })
}

/// COMPARE_OP's argument: the comparison, and from 3.12 on what it is made of.
fn compare(version: Version, oparg: u32) -> Option<u32> {
    if version == Version::V3_11 {
        return (oparg < 6).then_some(oparg);
    }
    let index = oparg >> compare_shift(version);
    let mask = COMPARE_MASKS.get(index as usize)?;
    (oparg & 15 == *mask).then_some(())?;
    let to_bool = match version {
        Version::V3_12 => 0,
        _ => oparg & COERCE_TO_BOOL,
    };
    Some(index | to_bool >> 1)
}

/// CPython's argument for an executable one: the inverse of [`executable`].
pub(super) fn original(version: Version, instr: Instr, arg: u32, len: u8) -> u32 {
    match instr {
        Instr::LoadGlobal | Instr::LoadAttr | Instr::LoadSuperAttr
            if has_method_bit(version, instr) =>
        {
            arg << 1
        }
        Instr::LoadGlobalNull
        | Instr::LoadNullGlobal
        | Instr::LoadMethod
        | Instr::LoadSuperMethod
            if has_method_bit(version, instr) =>
        {
            arg << 1 | 1
        }
        Instr::LoadFastLoadFast
        | Instr::LoadFastLoadFastCheck
        | Instr::LoadFastBorrowLoadFastBorrow
        | Instr::LoadFastBorrowLoadFastBorrowCheck
        | Instr::StoreFastLoadFast
        | Instr::StoreFastLoadFastCheck
        | Instr::StoreFastStoreFast => (arg & 0xFFFF) << 4 | arg >> 16,
        Instr::InPlaceOp => arg + 13,
        Instr::CompareOp if version == Version::V3_11 => arg,
        Instr::CompareOp => {
            let index = arg & 7;
            let mask = COMPARE_MASKS[index as usize % 6];
            index << compare_shift(version) | (arg & COMPARE_TO_BOOL) << 1 | mask
        }
        Instr::CallFunctionEx if version >= Version::V3_14 => arg >> 1,
        Instr::ImportName if version >= Version::V3_15 => arg << 2,
        Instr::ImportNameLazy => arg << 2 | 1,
        Instr::ImportNameEager => arg << 2 | 2,
        Instr::Resume => {
            let bits = resume_bits(version);
            arg & ((1 << bits) - 1) | arg >> RESUME_REST_SHIFT << bits
        }
        Instr::ForIter => (arg >> LOOP_SHIFT) - loop_distance(version, instr, len),
        Instr::Send => (arg >> LOOP_SHIFT) - u32::from(len),
        Instr::Jump
        | Instr::PopJumpIfFalse
        | Instr::PopJumpIfTrue
        | Instr::PopJumpIfNone
        | Instr::PopJumpIfNotNone
        | Instr::JumpIfFalseOrPop
        | Instr::JumpIfTrueOrPop => arg.wrapping_sub(len as u32),
        Instr::JumpBackward
        | Instr::JumpBackwardNoInterrupt
        | Instr::PopJumpBackwardIfFalse
        | Instr::PopJumpBackwardIfTrue
        | Instr::PopJumpBackwardIfNone
        | Instr::PopJumpBackwardIfNotNone => (len as u32).wrapping_sub(arg),
        // The opcode of 3.11 says which function it is.
        Instr::CallIntrinsic1 | Instr::CallIntrinsic2 if version == Version::V3_11 => 0,
        _ => arg,
    }
}
