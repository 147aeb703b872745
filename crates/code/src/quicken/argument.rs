//! Arguments of 3.13 in the form that the loop wants, and back.

use super::instr::Instr;

/// The mask that goes with each comparison's index in COMPARE_OP's argument: 1 unordered, 2 less, 4 greater, 8 equal.
const COMPARE_MASKS: [u32; 6] = [2, 10, 8, 7, 4, 12];
const COERCE_TO_BOOL: u32 = 16;

/// In the executable argument of COMPARE_OP, beside the comparison's index: the result is made a bool.
pub const COMPARE_TO_BOOL: u32 = 8;

/// The executable argument for CPython's, of an instruction of `len` units; `None` if CPython's compiler never writes it so.
pub(super) fn executable(instr: Instr, oparg: u32, len: u8) -> Option<u32> {
    Some(match instr {
        Instr::LoadGlobal
        | Instr::LoadGlobalNull
        | Instr::LoadAttr
        | Instr::LoadMethod
        | Instr::LoadSuperAttr
        | Instr::LoadSuperMethod => oparg >> 1,
        Instr::LoadFastLoadFast | Instr::StoreFastLoadFast | Instr::StoreFastStoreFast => {
            (oparg >> 4 & 0xFFFF) | (oparg & 15) << 16
        }
        Instr::InPlaceOp => oparg - 13,
        Instr::CompareOp => {
            let index = oparg >> 5;
            let mask = COMPARE_MASKS.get(index as usize)?;
            if oparg & 15 != *mask {
                return None;
            }
            index | (oparg & COERCE_TO_BOOL) >> 1
        }
        Instr::Jump
        | Instr::PopJumpIfFalse
        | Instr::PopJumpIfTrue
        | Instr::PopJumpIfNone
        | Instr::PopJumpIfNotNone
        | Instr::ForIter
        | Instr::Send => i32::try_from(oparg).ok()?.checked_add(len as i32)? as u32,
        Instr::JumpBackward | Instr::JumpBackwardNoInterrupt => {
            (len as i32).checked_sub_unsigned(oparg)? as u32
        }
        _ => oparg,
    })
}

/// CPython's argument for an executable one: the inverse of [`executable`].
pub(super) fn original(instr: Instr, arg: u32, len: u8) -> u32 {
    match instr {
        Instr::LoadGlobal | Instr::LoadAttr | Instr::LoadSuperAttr => arg << 1,
        Instr::LoadGlobalNull | Instr::LoadMethod | Instr::LoadSuperMethod => arg << 1 | 1,
        Instr::LoadFastLoadFast
        | Instr::LoadFastLoadFastCheck
        | Instr::StoreFastLoadFast
        | Instr::StoreFastLoadFastCheck
        | Instr::StoreFastStoreFast => (arg & 0xFFFF) << 4 | arg >> 16,
        Instr::InPlaceOp => arg + 13,
        Instr::CompareOp => {
            let index = arg & 7;
            index << 5 | (arg & COMPARE_TO_BOOL) << 1 | COMPARE_MASKS[index as usize % 6]
        }
        Instr::Jump
        | Instr::PopJumpIfFalse
        | Instr::PopJumpIfTrue
        | Instr::PopJumpIfNone
        | Instr::PopJumpIfNotNone
        | Instr::ForIter
        | Instr::Send => arg.wrapping_sub(len as u32),
        Instr::JumpBackward | Instr::JumpBackwardNoInterrupt => (len as u32).wrapping_sub(arg),
        _ => arg,
    }
}
