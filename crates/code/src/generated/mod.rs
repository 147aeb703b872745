//! Tables that `cargo xtask codegen` writes from the facts in `xtask/facts`: do not edit.

mod op;
pub(crate) mod printable;
mod v2_7;
mod v3_10;
mod v3_11;
mod v3_12;
mod v3_13;
mod v3_14;
mod v3_15;
mod v3_6;
mod v3_7;
mod v3_8;
mod v3_9;

pub use op::Op;

use crate::table::OpTable;

/// The table of each version, in the order of `Version::ALL`.
pub(crate) static TABLES: [&OpTable; 11] = [
    &v2_7::TABLE,
    &v3_6::TABLE,
    &v3_7::TABLE,
    &v3_8::TABLE,
    &v3_9::TABLE,
    &v3_10::TABLE,
    &v3_11::TABLE,
    &v3_12::TABLE,
    &v3_13::TABLE,
    &v3_14::TABLE,
    &v3_15::TABLE,
];
