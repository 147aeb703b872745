//! Specialisation: what replaces an adaptive instruction, and the checks of the specialised ones.
//!
//! An adaptive instruction counts down; at zero the function here named after it looks at the operands, writes what it learnt into the
//! cache units and puts a specialised instruction in place. That checks its guess each time; when the guess is wrong, [`miss`] puts the
//! adaptive one back, with a longer count each time.
//!
//! Cache units, 64 bits each, by instruction:
//!
//! | instruction | unit 1 | unit 2 | unit 3 |
//! |---|---|---|---|
//! | `LOAD_GLOBAL_*` | globals' keys version, builtins' keys version | index | |
//! | `LOAD_ATTR_*`, `STORE_ATTR_*` | type or keys version, index | shape | value, or the new shape |
//! | `BINARY_OP_*`, `COMPARE_OP_*`, `BINARY_SUBSCR_*` | the constant that is the right operand, if fused with one | | |
//! | `CALL_ALLOC_AND_ENTER_INIT` | type version | its `__init__` | |
//! | `CALL_LEN`, `CALL_ISINSTANCE`, `CALL_LIST_APPEND` | the native's definition | | |
//!
//! Invariant: a cached pointer is used only after the version that was cached with it has been compared, and what it points to lives as
//! long as that version is current.

mod attr;
mod call;
mod fuse;
mod global;
mod iter;
mod op;
mod polymorphic;
mod super_;

pub(crate) use attr::*;
pub(crate) use call::*;
pub(crate) use fuse::unfuse;
pub(crate) use global::*;
pub(crate) use iter::*;
pub(crate) use op::*;
pub(crate) use polymorphic::*;
pub(crate) use super_::*;

pub(crate) use crate::object::slot_functions::{
    checked_len, checked_truth, compare_method, contains_method, getitem_method, len_method,
    operator_method, setitem_method, truth_method,
};

use pyco_code::quicken::{Instr, Unit};

use crate::value::Value;
use crate::vm::Vm;

/// Executions before the next attempt, when nothing fitted.
const BACKOFF: u8 = 60;
/// Executions before the next attempt, after a wrong guess.
const COOLDOWN: u8 = 52;

/// Puts a specialised instruction in place.
fn specialize_to(vm: &mut Vm, unit: &Unit, instr: Instr) {
    vm.stats.specialized(instr);
    unit.replace_instr(instr);
    fuse::fuse(vm, unit);
}

/// Says that nothing fitted these operands.
fn give_up(vm: &mut Vm, unit: &Unit, operands: &[&Value]) {
    vm.note_unfit(unit.instr(), operands);
    unit.set_counter(BACKOFF);
}

/// Puts the adaptive instruction back after a wrong guess.
#[cold]
#[inline(never)]
pub(crate) fn miss(vm: &mut Vm, unit: &Unit) {
    let instr = unit.instr();
    vm.stats.missed(instr);
    fuse::unfuse_before(unit);
    unit.set_instr(unit.base(), COOLDOWN);
}

/// Whether a conditional jump that can be fused with what decides it follows an instruction.
fn jump_follows(unit: &Unit) -> bool {
    matches!(
        after(unit).instr(),
        Instr::PopJumpIfFalse | Instr::PopJumpIfTrue
    )
}

/// The instruction after one that is not the code's last.
fn after(unit: &Unit) -> &Unit {
    let at: *const Unit = unit;
    // SAFETY: verified code does not run off its end, so an instruction that is no jump and no return has another behind it.
    unsafe { &*at.add(unit.len()) }
}

/// The nth cache unit of the instruction at `pc`, 1 being the first.
///
/// # Safety
/// The instruction has so many cache units.
#[inline(always)]
unsafe fn cache<'a>(pc: *const Unit, n: usize) -> &'a Unit {
    // SAFETY: forwarded; units do not move while their code runs.
    unsafe { &*pc.add(n) }
}

/// Two halves of a cache unit.
#[inline(always)]
fn halves(content: u64) -> (u32, u32) {
    (content as u32, (content >> 32) as u32)
}

#[inline(always)]
fn joined(low: u32, high: u32) -> u64 {
    low as u64 | (high as u64) << 32
}
