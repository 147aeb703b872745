//! Loops.

use crate::op::Op;
use crate::version::Version;

use crate::verify::fault::Fault;
use crate::verify::flow::Flow;
use crate::verify::kinds::Kinds;
use crate::verify::program::Instr;
use crate::verify::rule::Rule;

impl Flow<'_> {
    /// Whether an iterator is accompanied by an index or NULL.
    pub(super) fn has_index(&self) -> bool {
        self.version >= Version::V3_15
    }

    /// Requires an iterator at a position from the top, with what is beside it.
    pub(super) fn expect_iterator(&self, position: usize) -> Result<(), Fault> {
        if self.has_index() {
            self.state.expect(position, Kinds::INDEX_OR_NULL)?;
            self.state.expect(position + 1, Kinds::OBJECT)?;
        } else {
            self.state.expect(position, Kinds::OBJECT)?;
        }
        Ok(())
    }

    /// How many slots an iterator takes.
    pub(super) fn iterator_len(&self) -> usize {
        if self.has_index() { 2 } else { 1 }
    }

    pub(super) fn iterate(&mut self, op: Op) -> Result<(), Fault> {
        match op {
            Op::GetAnext => self.add(Kinds::ANY),
            Op::EndFor => self.end_for(),
            Op::PopIter => {
                self.expect_iterator(1)?;
                self.state.drop_top(self.iterator_len());
                Ok(())
            }
            Op::GetIter if self.has_index() => {
                self.replace(1, Kinds::ANY)?;
                self.state.push_kind(Kinds::INDEX_OR_NULL)
            }
            // GET_ITER before, GET_YIELD_FROM_ITER, GET_AITER, GET_AWAITABLE.
            _ => self.replace(1, Kinds::ANY),
        }
    }

    pub(super) fn for_iter(&mut self, instr: &Instr) -> Result<(), Fault> {
        self.expect_iterator(1)?;
        if self.version == Version::V3_11 {
            let kept = self.state.depth() - 1;
            self.join(instr.target, kept, &[])?;
            return self.state.push_kind(Kinds::ANY);
        }
        let end = self.program.leaders[instr.target as usize];
        let end = &self.program.instrs[end as usize];
        if end.op != Op::EndFor || end.prefixes != 0 {
            return Err(Fault::plain(
                Rule::LoopShape,
                "found another instruction there",
            ));
        }
        // An exhausted iterator leads beyond the END_FOR, as if that had popped a value.
        self.state.push_kind(Kinds::ANY)?;
        self.jump(instr)
    }

    fn end_for(&mut self) -> Result<(), Fault> {
        self.state
            .take_objects(if self.version == Version::V3_12 { 2 } else { 1 })
    }

    pub(super) fn end_async_for(&mut self) -> Result<(), Fault> {
        self.expect_type(1, Kinds::EXCEPTION)?;
        self.state.take_objects(1)?;
        // Raised again, the exception leaves the iterator where it is.
        self.state.settle();
        self.state.take_objects(1)
    }
}
