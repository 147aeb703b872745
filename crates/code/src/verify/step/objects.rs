//! Operators, attributes and globals.

use crate::op::Op;
use crate::version::Version;

use crate::verify::facts::Checks;
use crate::verify::fault::Fault;
use crate::verify::flow::Flow;
use crate::verify::kinds::{Kinds, Slot};
use crate::verify::program::Instr;

/// In the argument of 3.13's and later `COMPARE_OP`: the result is made a bool.
const COMPARE_TO_BOOL: u32 = 16;

impl Flow<'_> {
    pub(super) fn load_common_constant(&mut self, which: u32) -> Result<(), Fault> {
        let known = self.version.table().common_constants;
        let kinds = match known.get(which as usize) {
            Some(&("True" | "False")) => Kinds::BOOL,
            _ => Kinds::ANY,
        };
        self.state.push_kind(kinds)
    }

    pub(super) fn unary_not(&mut self) -> Result<(), Fault> {
        // From 3.13 on TO_BOOL has run before.
        if self.version >= Version::V3_13 {
            self.expect_type(1, Kinds::BOOL)?;
        }
        self.replace(1, Kinds::BOOL)
    }

    pub(super) fn compare(&mut self, oparg: u32) -> Result<(), Fault> {
        let is_bool = self.version >= Version::V3_13 && oparg & COMPARE_TO_BOOL != 0;
        self.replace(2, if is_bool { Kinds::BOOL } else { Kinds::ANY })
    }

    /// Loads by name, with room for `self` or a NULL beside it where a call follows.
    pub(super) fn load_attribute(&mut self, index: u32, instr: &Instr) -> Result<(), Fault> {
        let (op, oparg) = (instr.op, instr.oparg);
        let (taken, is_for_call) = match op {
            Op::LoadGlobal => (0, oparg & 1 != 0),
            Op::LoadAttr => (1, self.version >= Version::V3_12 && oparg & 1 != 0),
            Op::LoadSuperAttr => (3, oparg & 1 != 0),
            // LOAD_METHOD and LOAD_SPECIAL.
            _ => (1, true),
        };
        self.state.take_objects(taken)?;
        if !is_for_call {
            return self.state.push_kind(Kinds::ANY);
        }
        // A global is never bound to an object.
        let beside = if op == Op::LoadGlobal {
            Kinds::NULL
        } else {
            Kinds::ANY.or(Kinds::NULL)
        };
        if self.version >= Version::V3_13 {
            self.state.push_kind(Kinds::ANY)?;
            self.state.push_kind(beside)
        } else if op == Op::LoadGlobal && !self.is_callee(index) {
            self.checks |= Checks::NULL_FIRST;
            self.state.push_kind(Kinds::NULL)?;
            self.state.push_kind(Kinds::ANY)
        } else {
            let has_method = u32::from(op != Op::LoadGlobal);
            self.state.push(Slot::with(Kinds::CALLEE, has_method))?;
            self.state.push_kind(Kinds::CALLEE_SELF)
        }
    }
}
