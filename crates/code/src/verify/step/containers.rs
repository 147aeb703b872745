//! Building, filling and taking apart tuples, lists, sets, dicts and strings.

use crate::op::Op;
use crate::version::Version;

use crate::verify::facts::Checks;
use crate::verify::fault::Fault;
use crate::verify::flow::Flow;
use crate::verify::kinds::{Kinds, Slot};

impl Flow<'_> {
    pub(super) fn build(&mut self, op: Op, oparg: u32) -> Result<(), Fault> {
        let (count, kinds) = match op {
            Op::BuildTuple => return self.build_tuple(oparg),
            Op::BuildConstKeyMap => return self.build_const_key_map(oparg),
            Op::BuildTemplate => {
                self.expect_type(1, Kinds::ANY_TUPLE)?;
                self.expect_type(2, Kinds::ANY_TUPLE)?;
                (2, Kinds::ANY)
            }
            Op::BuildList => (oparg, Kinds::LIST),
            Op::BuildSet => (oparg, Kinds::SET),
            Op::BuildMap => (oparg.saturating_mul(2), Kinds::DICT),
            Op::BuildInterpolation => (2 + (oparg & 1), Kinds::ANY),
            // BUILD_STRING and BUILD_SLICE.
            _ => (oparg, Kinds::ANY),
        };
        self.replace(count, kinds)
    }

    fn build_tuple(&mut self, count: u32) -> Result<(), Fault> {
        let start = self.state.depth().saturating_sub(count as usize);
        let are_cells = count > 0
            && self.state.stack[start..]
                .iter()
                .all(|slot| slot.kinds == Kinds::CELL);
        self.state.take_objects(count)?;
        let kinds = if are_cells {
            Kinds::CELLS
        } else {
            Kinds::TUPLE
        };
        self.state.push(Slot::with(kinds, count))
    }

    fn build_const_key_map(&mut self, count: u32) -> Result<(), Fault> {
        let keys = self.expect_type(1, Kinds::ANY_TUPLE)?;
        if keys.detail != count {
            self.checks |= Checks::TYPE;
        }
        self.replace(count + 1, Kinds::DICT)
    }

    /// Puts the top `count` items into the container at a position from what is below them.
    pub(super) fn extend(&mut self, count: u32, position: u32, kinds: Kinds) -> Result<(), Fault> {
        self.expect_type(count as usize + position as usize, kinds)?;
        self.state.take_objects(count)
    }

    pub(super) fn dict_merge(&mut self, position: u32) -> Result<(), Fault> {
        // The callable is looked at where keywords collide, for the message.
        let position_of = |slot: usize| position as usize + slot;
        if self.version >= Version::V3_13 {
            self.state.expect(position_of(4), Kinds::OBJECT)?;
        } else {
            let callable = Kinds::OBJECT.or(Kinds::CALLEE_SELF);
            self.state.expect(position_of(3), callable)?;
            let below = Kinds::NULL.or(Kinds::CALLEE);
            self.state.expect(position_of(4), below)?;
        }
        self.extend(1, position, Kinds::DICT)
    }

    pub(super) fn list_to_tuple(&mut self) -> Result<(), Fault> {
        self.expect_type(1, Kinds::LIST)?;
        self.replace(1, Kinds::TUPLE)
    }

    pub(super) fn unpack(&mut self, op: Op, oparg: u32) -> Result<(), Fault> {
        self.state.take_objects(1)?;
        if op == Op::UnpackSequence {
            self.state.push_objects(oparg)?;
            return self.pay(u64::from(oparg) / 8);
        }
        let (before, after) = (oparg & 0xff, oparg >> 8);
        self.state.push_objects(after)?;
        self.state.push_kind(Kinds::LIST)?;
        self.state.push_objects(before)?;
        self.pay(u64::from(after) / 8)
    }

    pub(super) fn match_keys(&mut self) -> Result<(), Fault> {
        self.expect_type(1, Kinds::ANY_TUPLE)?;
        self.state.expect(2, Kinds::OBJECT)?;
        self.state.push_kind(Kinds::ANY)
    }

    pub(super) fn match_class(&mut self) -> Result<(), Fault> {
        self.expect_type(1, Kinds::NAMES)?;
        self.replace(3, Kinds::ANY)
    }
}
