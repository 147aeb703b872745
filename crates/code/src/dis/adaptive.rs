//! What `_co_code_adaptive` holds right after a code object is created: counters in the inline caches, and the
//! superinstructions of 3.12.

use alloc::vec::Vec;

use crate::code_object::CodeObject;
use crate::instruction::RawInstructions;
use crate::op::Op;
use crate::table::OpTable;
use crate::version::Version;

/// The bytecode of `code` as the interpreter of its version quickens it on creation.
pub(super) fn fresh(code: &CodeObject) -> Vec<u8> {
    let mut bytes = code.code().to_vec();
    let version = code.version();
    if version < Version::V3_12 {
        return bytes;
    }
    let table = version.table();
    let mut before: Option<(usize, Op)> = None;
    for instruction in RawInstructions::new(version, code.code()) {
        let Some(info) = instruction.info else {
            before = None;
            continue;
        };
        let at = instruction.cache_start.0 as usize;
        if let (Some(counter), Some(place)) = (counter(table, info.op), bytes.get_mut(at..at + 2)) {
            place.copy_from_slice(&counter.to_le_bytes());
        }
        if version != Version::V3_12 {
            continue;
        }
        // Each pair of neighbours without caches counts, overlapping ones too.
        let offset = instruction.offset.0 as usize;
        if let Some((first_at, first)) = before
            && let Some(raw) = fused(first, info.op).and_then(|op| table.raw(op))
        {
            bytes[first_at] = raw;
        }
        before = (info.caches == 0).then_some((offset, info.op));
    }
    bytes
}

/// What the first cache unit of an instruction starts with; `None` where nothing is written.
fn counter(table: &OpTable, op: Op) -> Option<u16> {
    use Version as V;
    let version = table.version;
    let info = table.info_of(op).filter(|info| info.caches > 0)?;
    Some(match op {
        Op::JumpBackward => match version {
            V::V3_13 => 0x0104,
            V::V3_14 => 0xfffc,
            _ => 0x7d06,
        },
        Op::Resume => 0xfff6,
        Op::PopJumpIfTrue | Op::PopJumpIfFalse | Op::PopJumpIfNone | Op::PopJumpIfNotNone => 0x5555,
        _ if table.family(info.base).is_empty() => return None,
        _ if version == V::V3_15 => 0x0009,
        _ => 0x0011,
    })
}

/// The superinstruction that 3.12 makes of two neighbours.
fn fused(first: Op, second: Op) -> Option<Op> {
    match (first, second) {
        (Op::LoadConst, Op::LoadFast) => Some(Op::LoadConstThenLoadFast),
        (Op::LoadFast, Op::LoadConst) => Some(Op::LoadFastThenLoadConst),
        (Op::LoadFast, Op::LoadFast) => Some(Op::LoadFastThenLoadFast),
        (Op::StoreFast, Op::LoadFast) => Some(Op::StoreFastThenLoadFast),
        (Op::StoreFast, Op::StoreFast) => Some(Op::StoreFastThenStoreFast),
        _ => None,
    }
}
