//! Fusion: when an instruction is specialised and loads stand right before it, the first load becomes one instruction that does the
//! work of all, its operands borrowed from where they are.
//!
//! The units behind the first stay as they are, so a jump into the middle finds them. A fused instruction makes the guess of the
//! specialised one itself; it reads that one's cache units, hence is undone whenever that one is replaced.

use pyco_code::quicken::{Instr, Unit};

use super::cache;
use crate::value::Value;
use crate::vm::Vm;

/// The unit before one that is linked.
#[inline(always)]
fn before(unit: &Unit) -> Option<&Unit> {
    let at: *const Unit = unit;
    // SAFETY: a unit that is linked has an instruction of one unit before it.
    unit.is_linked().then(|| unsafe { &*at.sub(1) })
}

/// Fuses a specialised instruction with the loads before it.
pub(super) fn fuse(vm: &Vm, unit: &Unit) {
    let Some(load) = before(unit) else { return };
    let instr = unit.instr();
    match load.base() {
        Instr::LoadFastLoadFast | Instr::LoadFastBorrowLoadFastBorrow => {
            if let Some(fused) = with_two_locals(instr) {
                load.replace_instr(fused);
            }
        }
        Instr::LoadFast | Instr::LoadFastBorrow => {
            if let Some(fused) = with_local(instr) {
                load.replace_instr(fused);
            }
        }
        Instr::Copy if instr == Instr::ToBoolJump => load.replace_instr(Instr::CopyToBoolJump),
        Instr::LoadConst | Instr::LoadSmallInt => {
            let Some(fused) = with_constant(instr) else {
                return;
            };
            let constant = constant(vm, load);
            // SAFETY: the instructions that are fused with a constant have a cache unit in every version, and do not use it; the
            // code object holds the constant.
            unsafe { cache(unit, 1).store(constant) };
            load.replace_instr(fused);
            if let Some(first) = before(load)
                && matches!(first.base(), Instr::LoadFast | Instr::LoadFastBorrow)
                && let Some(fused) = with_local_and_constant(instr)
            {
                first.replace_instr(fused);
            }
        }
        _ => {}
    }
}

/// The bits of what a load of a constant pushes.
fn constant(vm: &Vm, load: &Unit) -> u64 {
    if load.base() == Instr::LoadSmallInt {
        return Value::small_int_wrapping(load.arg() as i64).bits();
    }
    // SAFETY: the running frame is that of the instruction.
    let frame = unsafe { &*vm.frame };
    frame.code().consts()[load.arg() as usize].bits()
}

/// Undoes what the loads before an instruction were fused to.
#[cold]
pub(super) fn unfuse_before(unit: &Unit) {
    let mut unit = unit;
    while let Some(load) = before(unit) {
        unfuse(load);
        unit = load;
    }
}

/// Puts a load in the place of the instruction that it was fused to.
#[cold]
#[inline(never)]
pub(crate) fn unfuse(unit: &Unit) {
    unit.set_instr(unit.base(), 0);
}

fn with_two_locals(instr: Instr) -> Option<Instr> {
    Some(match instr {
        Instr::BinaryOpAddInt => Instr::FastFastAddInt,
        Instr::BinaryOpSubtractInt => Instr::FastFastSubtractInt,
        Instr::BinaryOpMultiplyInt => Instr::FastFastMultiplyInt,
        Instr::BinaryOpInt => Instr::FastFastOpInt,
        Instr::BinaryOpAddFloat => Instr::FastFastAddFloat,
        Instr::BinaryOpSubtractFloat => Instr::FastFastSubtractFloat,
        Instr::BinaryOpMultiplyFloat => Instr::FastFastMultiplyFloat,
        Instr::BinaryOpFloat => Instr::FastFastOpFloat,
        Instr::CompareOpIntJump => Instr::FastFastJumpInt,
        Instr::CompareOpFloatJump => Instr::FastFastJumpFloat,
        Instr::BinarySubscrListInt => Instr::FastFastListInt,
        Instr::BinarySubscrTupleInt => Instr::FastFastTupleInt,
        Instr::StoreAttrInstanceValue => Instr::FastFastStoreAttrInstanceValue,
        Instr::StoreAttrNewValue => Instr::FastFastStoreAttrNewValue,
        Instr::StoreAttrSlot => Instr::FastFastStoreAttrSlot,
        _ => return None,
    })
}

fn with_local_and_constant(instr: Instr) -> Option<Instr> {
    Some(match instr {
        Instr::BinaryOpAddInt => Instr::FastConstAddInt,
        Instr::BinaryOpSubtractInt => Instr::FastConstSubtractInt,
        Instr::BinaryOpMultiplyInt => Instr::FastConstMultiplyInt,
        Instr::BinaryOpInt => Instr::FastConstOpInt,
        Instr::BinaryOpAddFloat => Instr::FastConstAddFloat,
        Instr::BinaryOpSubtractFloat => Instr::FastConstSubtractFloat,
        Instr::BinaryOpMultiplyFloat => Instr::FastConstMultiplyFloat,
        Instr::BinaryOpFloat => Instr::FastConstOpFloat,
        Instr::CompareOpIntJump => Instr::FastConstJumpInt,
        Instr::CompareOpFloatJump => Instr::FastConstJumpFloat,
        Instr::BinarySubscrListInt => Instr::FastConstListInt,
        Instr::BinarySubscrTupleInt => Instr::FastConstTupleInt,
        _ => return None,
    })
}

fn with_local(instr: Instr) -> Option<Instr> {
    Some(match instr {
        Instr::BinaryOpAddInt => Instr::StackFastAddInt,
        Instr::BinaryOpSubtractInt => Instr::StackFastSubtractInt,
        Instr::BinaryOpMultiplyInt => Instr::StackFastMultiplyInt,
        Instr::BinaryOpInt => Instr::StackFastOpInt,
        Instr::BinaryOpAddFloat => Instr::StackFastAddFloat,
        Instr::BinaryOpSubtractFloat => Instr::StackFastSubtractFloat,
        Instr::BinaryOpMultiplyFloat => Instr::StackFastMultiplyFloat,
        Instr::BinaryOpFloat => Instr::StackFastOpFloat,
        Instr::CompareOpIntJump => Instr::StackFastJumpInt,
        Instr::CompareOpFloatJump => Instr::StackFastJumpFloat,
        Instr::BinarySubscrListInt => Instr::StackFastListInt,
        Instr::BinarySubscrTupleInt => Instr::StackFastTupleInt,
        Instr::LoadAttrInstanceValue => Instr::LoadFastAttrInstanceValue,
        Instr::LoadAttrSlot => Instr::LoadFastAttrSlot,
        Instr::LoadMethodWithValues | Instr::LoadMethodNoDict => Instr::LoadFastMethod,
        Instr::LoadAttrPolymorphic => Instr::LoadFastAttrPolymorphic,
        Instr::LoadMethodPolymorphic => Instr::LoadFastMethodPolymorphic,
        Instr::StoreAttrInstanceValue => Instr::LoadFastStoreAttrInstanceValue,
        Instr::StoreAttrNewValue => Instr::LoadFastStoreAttrNewValue,
        Instr::StoreAttrSlot => Instr::LoadFastStoreAttrSlot,
        Instr::ToBoolJump => Instr::LoadFastToBoolJump,
        _ => return None,
    })
}

fn with_constant(instr: Instr) -> Option<Instr> {
    Some(match instr {
        Instr::BinaryOpAddInt => Instr::StackConstAddInt,
        Instr::BinaryOpSubtractInt => Instr::StackConstSubtractInt,
        Instr::BinaryOpMultiplyInt => Instr::StackConstMultiplyInt,
        Instr::BinaryOpInt => Instr::StackConstOpInt,
        Instr::BinaryOpAddFloat => Instr::StackConstAddFloat,
        Instr::BinaryOpSubtractFloat => Instr::StackConstSubtractFloat,
        Instr::BinaryOpMultiplyFloat => Instr::StackConstMultiplyFloat,
        Instr::BinaryOpFloat => Instr::StackConstOpFloat,
        Instr::CompareOpIntJump => Instr::StackConstJumpInt,
        Instr::CompareOpFloatJump => Instr::StackConstJumpFloat,
        Instr::BinarySubscrListInt => Instr::StackConstListInt,
        Instr::BinarySubscrTupleInt => Instr::StackConstTupleInt,
        _ => return None,
    })
}
