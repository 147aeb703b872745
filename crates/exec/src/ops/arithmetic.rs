//! The operator that an argument names.

use crate::object::slots::CompareOp;

/// The comparison that COMPARE_OP's executable argument names.
#[inline(always)]
pub(crate) fn comparison(arg: usize) -> CompareOp {
    CompareOp::ALL[(arg & 7) % CompareOp::ALL.len()]
}
