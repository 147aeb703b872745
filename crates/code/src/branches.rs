//! [`Branches`]: what `co_branches()` yields, from 3.14 on.
//!
//! The rules are those of CPython 3.14 and 3.15, asked with bytecode of all kinds: they look at single
//! instructions only, and take for granted that `NOT_TAKEN` follows a conditional jump.

use pyco_linetable::ByteOffset;

use crate::code_object::CodeObject;
use crate::instruction::Instructions;
use crate::op::Op;
use crate::version::Version;

/// A place where execution goes one of two ways.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Branch {
    /// The instruction that decides.
    pub source: ByteOffset,
    /// Where execution goes on if it does not jump: for a loop, its body.
    pub left: ByteOffset,
    /// Where it goes on if it jumps: for a loop, behind it.
    pub right: ByteOffset,
}

/// The branches of a code object, in the order of the bytecode; see [`CodeObject::branches`].
#[derive(Clone, Debug)]
pub struct Branches<'a> {
    instructions: Instructions<'a>,
}

impl CodeObject {
    /// What `co_branches()` yields: loops and conditional jumps; nothing up to 3.13. Ends where the
    /// bytecode is malformed.
    #[must_use]
    pub fn branches(&self) -> Branches<'_> {
        let has_branches = self.version() >= Version::V3_14;
        let code = if has_branches { self.code() } else { &[] };
        Branches {
            instructions: Instructions::new(self.version(), code),
        }
    }
}

impl Iterator for Branches<'_> {
    type Item = Branch;

    fn next(&mut self) -> Option<Branch> {
        loop {
            let instruction = self.instructions.next()?.ok()?;
            // Where the argument leads may lie outside of the bytecode.
            let target = instruction.jump_target().flatten();
            let skip =
                |offset: ByteOffset, units: u32| ByteOffset(offset.0.saturating_add(2 * units));
            let (source, left, right) = match instruction.op() {
                Op::ForIter => {
                    // `END_FOR` and `POP_ITER` end the loop.
                    let right = skip(target?, 2);
                    (instruction.offset, instruction.end, right)
                }
                Op::PopJumpIfTrue
                | Op::PopJumpIfFalse
                | Op::PopJumpIfNone
                | Op::PopJumpIfNotNone => (instruction.offset, skip(instruction.end, 1), target?),
                // Its argument names the `END_SEND` after which the loop's body begins.
                Op::EndAsyncFor => (target?, skip(target?, 2), instruction.end),
                _ => continue,
            };
            return Some(Branch {
                source,
                left,
                right,
            });
        }
    }
}

impl core::iter::FusedIterator for Branches<'_> {}
