//! Local variables and cells.

use crate::op::Op;

use crate::verify::facts::Checks;
use crate::verify::fault::Fault;
use crate::verify::flow::Flow;
use crate::verify::kinds::Kinds;

impl Flow<'_> {
    /// Pushes a local variable.
    pub(super) fn load_local(&mut self, op: Op, slot: u32, check: Checks) -> Result<(), Fault> {
        let locals = &mut self.state.locals;
        if locals.may_be_unbound(slot) {
            if op != Op::LoadFastCheck {
                self.checks |= check;
            }
            // Beyond the instruction it is bound, or else that has raised.
            locals.bind(slot);
        }
        let kinds = if locals.may_lack_cell(slot) {
            Kinds::ANY
        } else {
            Kinds::CELL
        };
        self.state.push_kind(kinds)
    }

    /// Pops into a local variable: an object, or what `LOAD_FAST_AND_CLEAR` took out of it.
    pub(super) fn store_local(&mut self, slot: u32) -> Result<(), Fault> {
        let value = self.state.take(Kinds::OBJECT_OR_NULL)?;
        let may_be_unbound = value.kinds.meets(Kinds::NULL);
        self.state
            .locals
            .set(slot, may_be_unbound, value.kinds != Kinds::CELL);
        Ok(())
    }

    pub(super) fn load_and_clear(&mut self, slot: u32) -> Result<(), Fault> {
        let locals = &self.state.locals;
        let object = if locals.may_lack_cell(slot) {
            Kinds::ANY
        } else {
            Kinds::CELL
        };
        let null = if locals.may_be_unbound(slot) {
            Kinds::NULL
        } else {
            object
        };
        self.state.push_kind(object.or(null))?;
        self.state.locals.set(slot, true, true);
        Ok(())
    }

    pub(super) fn delete_local(&mut self, slot: u32) -> Result<(), Fault> {
        if self.state.locals.may_be_unbound(slot) {
            self.checks |= Checks::BOUND;
        }
        self.state.locals.set(slot, true, true);
        Ok(())
    }

    /// Puts the cells of the closure into the last slots.
    pub(super) fn copy_free_vars(&mut self, count: u32) {
        let end = self.code.localspluskinds().len() as u32;
        for slot in end.saturating_sub(count)..end {
            self.state.locals.set(slot, false, false);
        }
    }

    /// Reads, writes or empties a cell.
    pub(super) fn cell_access(&mut self, op: Op, slot: u32) -> Result<(), Fault> {
        if self.state.locals.may_be_unbound(slot) || self.state.locals.may_lack_cell(slot) {
            self.checks |= Checks::CELL;
        }
        match op {
            Op::LoadFromDictOrDeref => {
                self.state.take_objects(1)?;
                self.state.push_kind(Kinds::ANY)
            }
            Op::StoreDeref => self.state.take_objects(1),
            Op::DeleteDeref => Ok(()),
            _ => self.state.push_kind(Kinds::ANY),
        }
    }
}
