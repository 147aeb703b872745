//! Exceptions and `with`.

use crate::op::Op;
use crate::version::Version;

use crate::verify::fault::Fault;
use crate::verify::flow::{Flow, Next};
use crate::verify::kinds::Kinds;
use crate::verify::program::Instr;

impl Flow<'_> {
    pub(super) fn handle(&mut self, op: Op) -> Result<(), Fault> {
        match op {
            Op::PushExcInfo => {
                let exception = self.state.take(Kinds::EXCEPTION)?;
                self.state.push_kind(Kinds::SAVED)?;
                self.state.push(exception)
            }
            Op::PopExcept => self.state.take(Kinds::SAVED).map(drop),
            Op::CheckExcMatch => {
                self.expect_type(2, Kinds::EXCEPTION)?;
                self.replace(1, Kinds::BOOL)
            }
            Op::CheckEgMatch => {
                self.expect_type(2, Kinds::EXCEPTION)?;
                self.state.take_objects(2)?;
                self.state.push_objects(2)
            }
            Op::PrepReraiseStar => self.prep_reraise_star(),
            Op::WithExceptStart => self.with_except_start(),
            // BEFORE_WITH and BEFORE_ASYNC_WITH leave the bound __exit__ and what __enter__ gave.
            _ => {
                self.state.take_objects(1)?;
                self.state.push_objects(2)
            }
        }
    }

    /// Takes the exception and the list of what its handlers raised.
    pub(super) fn prep_reraise_star(&mut self) -> Result<(), Fault> {
        self.expect_type(1, Kinds::LIST)?;
        self.expect_type(2, Kinds::EXCEPTION)?;
        self.replace(2, Kinds::ANY)
    }

    fn with_except_start(&mut self) -> Result<(), Fault> {
        self.expect_type(1, Kinds::EXCEPTION)?;
        self.state.expect(2, Kinds::SAVED)?;
        self.state.expect(3, Kinds::LASTI)?;
        if self.version >= Version::V3_14 {
            self.state.expect(4, Kinds::OBJECT_OR_NULL)?;
            self.state.expect(5, Kinds::OBJECT)?;
        } else {
            self.state.expect(4, Kinds::OBJECT)?;
        }
        self.state.push_kind(Kinds::ANY)
    }

    pub(super) fn raise(&mut self, instr: &Instr) -> Result<Next, Fault> {
        if instr.op == Op::RaiseVarargs {
            self.state.take_objects(instr.oparg)?;
            return Ok(Next::Ends);
        }
        self.expect_type(1, Kinds::EXCEPTION)?;
        if instr.oparg > 0 {
            self.state.expect(1 + instr.oparg as usize, Kinds::LASTI)?;
        }
        self.state.drop_top(1);
        Ok(Next::Ends)
    }
}
