//! What a specialised or fused instruction stands for, where its name alone does not tell; and which loads may be fused.
//!
//! A fused instruction stands in the place of the first of a run of instructions and does the work of all; the others stay where they
//! are, so that a jump into the middle finds them.

use super::instr::Instr;
use super::unit::Unit;

/// Which instruction a specialised or fused one has replaced: 0 for the usual one, [`Instr::base`].
#[derive(Clone, Copy)]
pub(super) struct Origin(pub(super) u8);

/// What else there may be.
const ORIGINS: [Instr; 4] = [
    Instr::InPlaceOp,
    Instr::LoadSmallInt,
    Instr::LoadFastBorrow,
    Instr::LoadFastBorrowLoadFastBorrow,
];

impl Origin {
    /// What to note when `instr` replaces `base`.
    pub(super) fn of(instr: Instr, base: Instr) -> Origin {
        if instr.base() == base {
            return Origin(0);
        }
        let place = ORIGINS.iter().position(|origin| *origin == base);
        Origin(place.map_or(0, |place| place as u8 + 1))
    }

    /// The instruction; `None` for the usual one.
    pub(super) fn instr(self) -> Option<Instr> {
        ORIGINS.get(usize::from(self.0).checked_sub(1)?).copied()
    }
}

/// Whether an instruction only pushes what is at hand, so that the next may take it from there.
fn is_load(unit: &Unit) -> bool {
    let instr = unit.instr();
    instr == Instr::Copy && unit.arg() == 1
        || matches!(
            instr,
            Instr::LoadFast
                | Instr::LoadFastBorrow
                | Instr::LoadFastLoadFast
                | Instr::LoadFastBorrowLoadFastBorrow
                | Instr::LoadConst
                | Instr::LoadSmallInt
        )
}

/// Notes for each instruction whether the one before can be fused with it, and fuses what needs no guess.
pub(super) fn link(units: &[Unit]) {
    let mut at = 0;
    while let Some(unit) = units.get(at) {
        let next = at + unit.len().max(1);
        if let Some(after) = units.get(next)
            && unit.len() == 1
            && is_load(unit)
        {
            after.link();
            let fused = match (unit.instr(), after.instr()) {
                (Instr::LoadFast | Instr::LoadFastBorrow, Instr::PopJumpIfNone) => {
                    Some(Instr::LoadFastPopJumpIfNone)
                }
                (Instr::LoadFast | Instr::LoadFastBorrow, Instr::PopJumpIfNotNone) => {
                    Some(Instr::LoadFastPopJumpIfNotNone)
                }
                (Instr::LoadFast | Instr::LoadFastBorrow, Instr::ReturnValue) => {
                    Some(Instr::LoadFastReturnValue)
                }
                _ => None,
            };
            if let Some(fused) = fused {
                unit.replace_instr(fused);
            }
        }
        at = next;
    }
}
