//! [`Bounds`]: whether arguments are in range, which needs no knowledge of the stack.
//!
//! Invariant: every instruction of the bytecode is checked, reachable or not.

use crate::code_object::CodeObject;
use crate::localsplus::LocalKind;
use crate::op::Op;
use crate::table::{ArgKind, OpTable};
use crate::version::Version;

use super::fault::{Expected, Fault};
use super::opcode::{LIMIT_COUNT, Limit, Opcode};
use super::rule::Rule;

/// What arguments of one code object are compared with.
pub(super) struct Bounds<'a> {
    version: Version,
    table: &'static OpTable,
    /// By [`Limit`]: what arguments must be below.
    limits: [u32; LIMIT_COUNT],
    kinds: &'a [u8],
    free_count: u32,
}

impl<'a> Bounds<'a> {
    pub(super) fn of(code: &'a CodeObject) -> Self {
        let table = code.version().table();
        let mut limits = [0; LIMIT_COUNT];
        limits[Limit::None as usize] = u32::MAX;
        limits[Limit::Consts as usize] = code.consts().len() as u32;
        limits[Limit::Names as usize] = code.names().len() as u32;
        limits[Limit::Locals as usize] = code.localspluskinds().len() as u32;
        limits[Limit::Operators as usize] = table.nb_ops.len() as u32;
        Bounds {
            version: code.version(),
            table,
            limits,
            kinds: code.localspluskinds(),
            free_count: code.freevars().count() as u32,
        }
    }

    /// Refuses an argument that is out of range.
    #[inline]
    pub(super) fn check(&self, opcode: &Opcode, oparg: u32) -> Result<(), Fault> {
        if oparg >> opcode.shift < self.limits[opcode.limit as usize] {
            return Ok(());
        }
        self.check_special(opcode, oparg)
    }

    /// Refuses an argument that is out of range, or of which the range is no single number.
    fn check_special(&self, opcode: &Opcode, oparg: u32) -> Result<(), Fault> {
        let limit = |limit: Limit| self.limits[limit as usize];
        match opcode.limit {
            Limit::None => return Ok(()),
            Limit::Consts => return below(Rule::ConstIndex, oparg, limit(Limit::Consts)),
            Limit::Names => {
                return below(Rule::NameIndex, oparg >> opcode.shift, limit(Limit::Names));
            }
            Limit::Locals => return below(Rule::LocalIndex, oparg, limit(Limit::Locals)),
            Limit::Operators => return below(Rule::Argument, oparg, limit(Limit::Operators)),
            Limit::Special => {}
        }
        let Some(info) = self.table.info_of(opcode.op) else {
            return Ok(());
        };
        match info.arg {
            ArgKind::Number => self.check_number(info.op, oparg),
            ArgKind::Name { shift } => {
                if shift == 2 {
                    // IMPORT_NAME of 3.15.
                    below(Rule::Argument, oparg & 3, 3)?;
                }
                below(Rule::NameIndex, oparg >> shift, limit(Limit::Names))
            }
            ArgKind::Free | ArgKind::Local => self.check_cell(oparg),
            ArgKind::LocalPair => {
                below(Rule::LocalIndex, oparg >> 4, self.kinds.len() as u32)?;
                below(Rule::LocalIndex, oparg & 15, self.kinds.len() as u32)
            }
            ArgKind::Compare => self.check_compare(oparg),
            ArgKind::Intrinsic1 => intrinsic(oparg, self.table.intrinsic_1),
            ArgKind::Intrinsic2 => intrinsic(oparg, self.table.intrinsic_2),
            ArgKind::SpecialMethod => below(
                Rule::Argument,
                oparg,
                self.table.special_methods.len() as u32,
            ),
            ArgKind::CommonConstant => below(
                Rule::Argument,
                oparg,
                self.table.common_constants.len() as u32,
            ),
            ArgKind::SmallInt => below(Rule::Argument, oparg, 256),
            ArgKind::FunctionFlags => self.check_function_flags(info.op, oparg),
            ArgKind::FormatValue => below(Rule::Argument, oparg, 8),
            ArgKind::Convert => {
                at_least(oparg, 1)?;
                below(Rule::Argument, oparg, 4)
            }
            _ => Ok(()),
        }
    }

    /// The slot of a cell instruction. MAKE_CELL is no exception: the compiler writes it for a free variable where a
    /// comprehension inlined into an annotation scope has a variable of the same name (3.12 to 3.15).
    fn check_cell(&self, slot: u32) -> Result<(), Fault> {
        let Some(kind) = self.kinds.get(slot as usize) else {
            return below(Rule::CellIndex, slot, self.kinds.len() as u32);
        };
        if LocalKind::from_bits_retain(*kind).intersects(LocalKind::CELL.union(LocalKind::FREE)) {
            return Ok(());
        }
        Err(Fault::plain(
            Rule::CellIndex,
            "found a slot of another kind",
        ))
    }

    fn check_compare(&self, oparg: u32) -> Result<(), Fault> {
        let shift = match self.version {
            Version::V3_11 => 0,
            Version::V3_12 => 4,
            _ => 5,
        };
        below(
            Rule::Argument,
            oparg >> shift,
            self.table.cmp_op.len() as u32,
        )
    }

    fn check_function_flags(&self, op: Op, oparg: u32) -> Result<(), Fault> {
        if op == Op::MakeFunction {
            return below(Rule::Argument, oparg, 16);
        }
        // 16, the annotate function, came with 3.14.
        let most = if self.version >= Version::V3_14 {
            16
        } else {
            8
        };
        if oparg.is_power_of_two() && oparg <= most {
            return Ok(());
        }
        Err(Fault::plain(
            Rule::Argument,
            "found a set of attributes, expected exactly one",
        ))
    }

    /// Checks a plain number where an instruction does not take all of them; how deep in the stack those reach
    /// that name a place in it is checked where the depth is known.
    fn check_number(&self, op: Op, oparg: u32) -> Result<(), Fault> {
        match op {
            Op::Copy
            | Op::ListAppend
            | Op::SetAdd
            | Op::MapAdd
            | Op::ListExtend
            | Op::SetUpdate
            | Op::DictUpdate
            | Op::DictMerge => at_least(oparg, 1),
            Op::Swap => at_least(oparg, 2),
            Op::BuildSlice => {
                at_least(oparg, 2)?;
                below(Rule::Argument, oparg, 4)
            }
            Op::RaiseVarargs | Op::Reraise | Op::GetAwaitable => below(Rule::Argument, oparg, 3),
            Op::IsOp | Op::ContainsOp => below(Rule::Argument, oparg, 2),
            Op::CallFunctionEx if self.version <= Version::V3_13 => below(Rule::Argument, oparg, 2),
            Op::GetIter => below(Rule::Argument, oparg, 4),
            Op::YieldValue if self.version >= Version::V3_13 => below(Rule::Argument, oparg, 2),
            Op::BuildInterpolation => below(Rule::Argument, oparg >> 2, 4),
            Op::Resume => self.check_resume(oparg),
            Op::CopyFreeVars if oparg != self.free_count => {
                let expected = Expected::Exactly(self.free_count);
                Err(Fault::count(
                    Rule::FreeVariables,
                    i64::from(oparg),
                    expected,
                ))
            }
            _ => Ok(()),
        }
    }

    fn check_resume(&self, oparg: u32) -> Result<(), Fault> {
        // The bit beyond the place says that one exception handler is around.
        match self.version {
            Version::V3_11 | Version::V3_12 => below(Rule::Argument, oparg, 4),
            Version::V3_13 | Version::V3_14 => below(Rule::Argument, oparg, 8),
            _ => {
                below(Rule::Argument, oparg & 7, 5)?;
                below(Rule::Argument, oparg, 16)
            }
        }
    }
}

/// Where a `RESUME` stands: the part of its argument that says so.
pub(super) fn resume_place(version: Version, oparg: u32) -> u32 {
    if version >= Version::V3_15 {
        oparg & 7
    } else {
        oparg & 3
    }
}

#[inline]
fn below(rule: Rule, found: u32, bound: u32) -> Result<(), Fault> {
    if found < bound {
        return Ok(());
    }
    Err(Fault::count(rule, i64::from(found), Expected::Below(bound)))
}

fn at_least(found: u32, bound: u32) -> Result<(), Fault> {
    if found >= bound {
        return Ok(());
    }
    Err(Fault::count(
        Rule::Argument,
        i64::from(found),
        Expected::AtLeast(bound),
    ))
}

/// Number 0 is the intrinsic that no compiler writes.
fn intrinsic(found: u32, known: &[&str]) -> Result<(), Fault> {
    at_least(found, 1)?;
    below(Rule::Argument, found, known.len() as u32)
}
