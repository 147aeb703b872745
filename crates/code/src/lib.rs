//! CPython code objects: inspect, disassemble, verify, edit, assemble and quicken.
//!
//! | you want | take |
//! |---|---|
//! | a code object from a file, or from marshalled bytes | [`CodeObject::from_pyc`], [`CodeObject::from_marshal`] |
//! | its `co_*` attributes | the methods of [`CodeObject`] |
//! | instructions, without allocation | [`Instructions`]; [`RawInstructions`] goes on where those refuse |
//! | what an opcode means in a version | [`Version::table`], [`OpTable`], [`OpInfo`] |
//! | text as `dis.dis` has it | [`CodeObject::dis`], [`DisOptions`] |
//! | Python's `repr()` of a constant | [`Repr`] |
//! | which handler covers an instruction | [`ExceptionTable::lookup`] |
//! | another code object with some fields changed | [`CodeObject::replace`], [`CodeObject::transform`] |
//! | to insert, remove and replace instructions | [`edit::Assembly`] |
//! | code objects as text that can be edited, and back | [`asm`] |
//! | blocks, edges and dominators | [`ControlFlow`] |
//! | marshalled bytes again | [`CodeObject::to_marshal`] |
//!
//! Invariants: nothing recurses over what a file holds; no input makes anything here panic; a [`CodeObject`] never changes.
#![no_std]

extern crate alloc;

pub mod asm;
mod branches;
mod cfg;
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
pub mod quicken;
mod replace;
mod repr;
mod store;
mod table;
mod verify;
mod version;

pub use branches::{Branch, Branches};
pub use cfg::{Block, ControlFlow, Edge, EdgeKind};
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
pub use pyco_marshal::{Bytes, Int, Str};
pub use replace::Replace;
pub use repr::{Repr, is_printable};
pub use table::{ArgKind, Items, Kind, OpInfo, OpTable, Part};
pub use verify::{Checks, Facts, Rule, Verified, VerifyError, verify};
pub use version::{UnknownVersion, Version};
