//! From units back to the original bytecode.

use alloc::vec::Vec;

use super::instr::Instr;
use super::{Quickened, argument, translate};
use crate::Op;

/// The bytecode that the units came from, with empty caches.
pub(super) fn deopt(quickened: &Quickened) -> Vec<u8> {
    let version = quickened.version();
    let table = version.table();
    let units = quickened.units();
    let mut bytes = Vec::with_capacity(units.len() * 2);
    let raw = |op: Op| table.raw(op).unwrap_or(0);
    let mut prefixes = 0;
    for (_, unit) in quickened.instructions() {
        let instr = unit.base();
        if instr == Instr::ExtendedArg {
            prefixes += 1;
            continue;
        }
        let len = unit.len() as u8;
        let op = translate::op_for(version, instr, unit.arg());
        let oparg = argument::original(version, instr, unit.arg(), len);
        for prefix in (1..=prefixes).rev() {
            bytes.extend([raw(Op::ExtendedArg), (oparg >> (8 * prefix)) as u8]);
        }
        prefixes = 0;
        bytes.extend([raw(op), oparg as u8]);
        bytes.resize(bytes.len() + 2 * (usize::from(len) - 1), 0);
    }
    bytes
}
