//! CPython code objects: inspect, disassemble, verify, edit, assemble and quicken.
#![no_std]

mod generated;
mod op;
mod table;
mod version;

pub use op::Op;
pub use table::{ArgKind, Items, Kind, OpInfo, OpTable, Part};
pub use version::{UnknownVersion, Version};
