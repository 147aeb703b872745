//! CPython location tables: decode, look up and encode, for every format.
//!
//! A code object holds a table that says for each bytecode offset where in the source it comes from. Its form changed
//! over time, and so did the rules of what CPython makes of it:
//!
//! | CPython | the table | type | [`Format`] |
//! |---|---|---|---|
//! | 2.7 | `co_lnotab`, unsigned line deltas | [`Lnotab`] | `Lnotab27` |
//! | 3.6 to 3.9 | `co_lnotab`, signed line deltas | [`Lnotab`] | `Lnotab36`, `Lnotab38` |
//! | 3.10 | `co_linetable` of lines (PEP 626) | [`LineTable`] | `LineTable310` |
//! | 3.11 to 3.15 | `co_linetable` of lines and columns (PEP 657) | [`LocationTable`] | `Locations311`, `Locations312`, `Locations313` |
//!
//! [`Table`] is one view for all of them, chosen by [`Format`]; the types of the single formats can do the same and,
//! where their format can do more, more.
//!
//! ```
//! use pyco_linetable::{ByteOffset, Format, Table};
//!
//! let format = Format::of_release(3, 13).expect("a release that has tables");
//! let table = Table::new(format, b"\x80\x00\x90\x11\x90Q\x91\x15\x88,", 1, ByteOffset(12));
//! assert_eq!(table.addr2line(ByteOffset(6))?, Some(1));
//! assert_eq!(table.location(ByteOffset(6))?.to_string(), "1:17-1:22");
//! assert_eq!(table.positions().count(), 6);
//! # Ok::<(), pyco_linetable::Error>(())
//! ```
//!
//! Units: offsets into code are [`ByteOffset`] or [`UnitOffset`] and never bare numbers; lines are 1-based; columns are
//! UTF-8 bytes from 0 ([`column_to_chars`] makes characters of them); offsets in errors are bytes of the table.
//!
//! Invariants:
//! - `no_std`; reading allocates nothing and needs no `alloc`; `unsafe` only for vector instructions, in two files.
//! - No input makes it panic, or run or allocate beyond what the length of the input earns.
//! - What CPython's compiler wrote is read as that CPython reads it, and is written as it was. Tables that no compiler
//!   writes are refused where CPython would read on through what follows; see [`Entries`](locations::Entries), and
//!   [`Lines`](locations::Lines) for what lines alone take.
#![no_std]
#![deny(unsafe_code)]

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

/// The README's example runs too.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
