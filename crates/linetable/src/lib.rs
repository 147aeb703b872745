//! CPython location tables: decode, look up and encode, for every format.
#![no_std]
#![forbid(unsafe_code)]

#[cfg(feature = "alloc")]
extern crate alloc;

mod columns;
mod error;
#[cfg(feature = "alloc")]
mod index;
mod line_range;
pub mod line_table;
pub mod lnotab;
mod location;
pub mod locations;
mod offset;
#[cfg(feature = "alloc")]
#[doc(hidden)]
pub mod properties;
mod reader;
#[cfg(feature = "alloc")]
mod remap;
mod table;

pub use columns::column_to_chars;
pub use error::{Error, ErrorKind};
#[cfg(feature = "alloc")]
pub use index::LocationIndex;
pub use line_range::LineRange;
pub use line_table::LineTable;
#[cfg(feature = "alloc")]
pub use line_table::LineTableBuilder;
#[cfg(feature = "alloc")]
pub use lnotab::LnotabBuilder;
pub use lnotab::{LineDeltas, Lnotab};
pub use location::Location;
#[cfg(feature = "alloc")]
pub use locations::LocationTableBuilder;
pub use locations::{LinesRule, LocationTable};
pub use offset::{ByteOffset, UnitOffset};
pub use reader::{ReadError, Reader};
#[cfg(feature = "alloc")]
pub use remap::Remapped;
pub use table::{Format, LineStarts, Lines, Table};
