//! [`Flow::is_callee`]: whether a LOAD_GLOBAL of 3.11 or 3.12 that leaves NULL below the value loads what a call takes.
//!
//! The compiler joins PUSH_NULL with the first LOAD_GLOBAL after it, which is the callable in `f(x)` but something else in
//! `f.attr(x)` and `(f or g)(x)`. Whoever keeps the callable below the NULL, as later versions do, must tell them apart.
//!
//! Invariant: nothing depends on the answer being right, as the verifier follows the two slots in either order.

use crate::op::Op;
use crate::version::Version;

use super::flow::Flow;

/// How many instructions a call's arguments may take to be looked through.
const MOST: usize = 64;

impl Flow<'_> {
    /// Whether the instructions after this one lead straight to a call of what it loads.
    pub(super) fn is_callee(&self, index: u32) -> bool {
        // How many slots lie above the value.
        let mut above = 0;
        let has_method_bit = self.version >= Version::V3_12;
        for instr in self
            .program
            .instrs
            .iter()
            .skip(index as usize + 1)
            .take(MOST)
        {
            if instr.op == Op::Call && above == instr.oparg {
                return true;
            }
            let Some((taken, left)) = effect(instr.op, instr.oparg, has_method_bit) else {
                return false;
            };
            if taken > above {
                return false;
            }
            above = above - taken + left;
        }
        false
    }
}

/// What an instruction of 3.11 and 3.12 takes and leaves, if it is one that stands among arguments and does not jump.
fn effect(op: Op, oparg: u32, has_method_bit: bool) -> Option<(u32, u32)> {
    Some(match op {
        Op::Nop | Op::KwNames | Op::Precall => (0, 0),
        Op::PushNull
        | Op::LoadConst
        | Op::LoadFast
        | Op::LoadFastCheck
        | Op::LoadDeref
        | Op::LoadClosure
        | Op::LoadName => (0, 1),
        Op::LoadGlobal => (0, 1 + (oparg & 1)),
        Op::LoadAttr if has_method_bit => (1, 1 + (oparg & 1)),
        Op::LoadAttr => (1, 1),
        Op::LoadMethod => (1, 2),
        Op::UnaryNegative | Op::UnaryInvert | Op::UnaryNot | Op::GetIter => (1, 1),
        Op::BinaryOp | Op::BinarySubscr | Op::CompareOp | Op::IsOp | Op::ContainsOp => (2, 1),
        Op::BinarySlice => (3, 1),
        Op::BuildTuple | Op::BuildList | Op::BuildSet | Op::BuildString | Op::BuildSlice => {
            (oparg, 1)
        }
        Op::BuildMap => (oparg.checked_mul(2)?, 1),
        Op::BuildConstKeyMap => (oparg.checked_add(1)?, 1),
        Op::FormatValue => (1 + (oparg >> 2 & 1), 1),
        Op::MakeFunction => (1 + oparg.count_ones(), 1),
        Op::Call => (oparg.checked_add(2)?, 1),
        _ => return None,
    })
}
