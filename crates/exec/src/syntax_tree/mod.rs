//! Syntax trees: the classes of nodes (`_ast`), and how trees go to the compiler that the host grants and come from it.
//!
//! Nothing here parses or compiles. `form` is the written-down form in which a tree travels, `build` makes nodes of it and
//! `write` the reverse; `class` makes the classes from the table in `nodes`, `node` is what instances can do.

mod build;
mod class;
pub(crate) mod form;
mod node;
mod nodes;
mod repr;
pub(crate) mod write;

pub use class::make;
