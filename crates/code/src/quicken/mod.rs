//! Quickening: verified code turned into units that an interpreter executes.
//!
//! There is one [`Unit`] for each code unit of the original, so offsets keep their meaning: `f_lasti`, jumps, line and
//! exception tables. Arguments are whole (EXTENDED_ARG folded), jumps are signed distances, and opcodes are
//! [`Instr`]s, the same for every version. The units of inline caches are room for what specialisation learns.
//!
//! Invariants:
//! - Only verified code is quickened, so an interpreter may trust indices, depths and jump targets.
//! - The callable of a call lies below `self` or NULL, whatever the version, except where [`Instr::CallNullFirst`] says otherwise.
//! - [`Quickened::deopt`] gives back the original bytes at any moment, whatever was specialised.

mod adaptive;
mod argument;
mod counter;
mod deopt;
mod inline_cache;
mod instr;
mod origin;
mod translate;
mod unit;

use alloc::boxed::Box;

pub use adaptive::AdaptiveCode;
pub use argument::{
    COMPARE_TO_BOOL, END_POPS, LOOP_SHIFT, RESUME_PLACE, RESUME_TWO_SLOTS, TWO_SLOTS,
};
pub use counter::Counter;
pub use inline_cache::InlineCache;
pub use instr::Instr;
pub use translate::QuickenError;
pub use unit::Unit;

use crate::{CodeObject, Verified, Version};

/// Executions of an adaptive instruction before the first attempt to specialise it.
pub const WARMUP: u8 = 1;

/// What LOAD_COMMON_CONSTANT pushes, by its argument: built-ins by name, the rest as it is written.
pub const COMMON_CONSTANTS: [&str; 12] = [
    "AssertionError",
    "NotImplementedError",
    "tuple",
    "all",
    "any",
    "list",
    "set",
    "None",
    "''",
    "True",
    "False",
    "-1",
];

/// A code object in executable form. It changes as it runs, so it belongs to one thread.
pub struct Quickened {
    code: Verified<CodeObject>,
    units: Box<[Unit]>,
}

impl Quickened {
    /// Quickens a code object.
    ///
    /// # Errors
    /// [`QuickenError`] names an opcode that has no executable form yet, and its place.
    pub fn new(code: Verified<CodeObject>) -> Result<Quickened, QuickenError> {
        let units = translate::translate(&code)?;
        origin::link(&units);
        Ok(Quickened { code, units })
    }

    /// The code object.
    #[must_use]
    pub fn code(&self) -> &Verified<CodeObject> {
        &self.code
    }

    /// The version of the original bytecode.
    #[must_use]
    pub fn version(&self) -> Version {
        self.code.version()
    }

    /// The units, one for each code unit of the original.
    #[inline]
    #[must_use]
    pub fn units(&self) -> &[Unit] {
        &self.units
    }

    /// The original bytecode, reconstructed from the units.
    #[must_use]
    pub fn deopt(&self) -> alloc::vec::Vec<u8> {
        deopt::deopt(self)
    }

    /// The instructions: offset in units, and the unit.
    pub fn instructions(&self) -> impl Iterator<Item = (usize, &Unit)> {
        let mut at = 0;
        core::iter::from_fn(move || {
            let unit = self.units.get(at)?;
            let found = (at, unit);
            at += unit.len().max(1);
            Some(found)
        })
    }
}
