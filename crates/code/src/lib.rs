//! CPython code objects: inspect, disassemble, verify, edit, assemble and quicken.
#![no_std]

extern crate alloc;

mod code_object;
mod constant;
mod dis;
pub mod edit;
mod error;
mod exception_table;
mod flags;
mod generated;
mod instruction;
mod load;
mod localsplus;
mod op;
#[doc(hidden)]
pub mod properties;
mod replace;
mod repr;
mod store;
mod table;
mod verify;
mod version;

pub use code_object::{CodeObject, CodeUnit, Walk};
pub use constant::Constant;
pub use dis::{DisOptions, Disassembly};
pub use error::{Error, ErrorKind, Place};
pub use exception_table::{ExceptionEntries, ExceptionEntry, ExceptionTable};
pub use flags::CodeFlags;
pub use instruction::{Instruction, Instructions, RawInstruction, RawInstructions};
pub use localsplus::{LocalKind, LocalNames};
pub use op::Op;
pub use pyco_linetable::{ByteOffset, LineRange, Location, UnitOffset};
pub use pyco_marshal::{Int, Str};
pub use replace::Replace;
pub use repr::{Repr, is_printable};
pub use table::{ArgKind, Items, Kind, OpInfo, OpTable, Part};
pub use verify::{Checks, Facts, Rule, Verified, VerifyError, verify};
pub use version::{UnknownVersion, Version};
