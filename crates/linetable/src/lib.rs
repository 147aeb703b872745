//! CPython location tables: decode, look up and encode, for every format.
#![no_std]
#![forbid(unsafe_code)]

mod error;
mod line_range;
mod location;
pub mod locations;
mod offset;

pub use error::{Error, ErrorKind};
pub use line_range::LineRange;
pub use location::Location;
pub use locations::{LinesRule, LocationTable};
pub use offset::{ByteOffset, UnitOffset};
