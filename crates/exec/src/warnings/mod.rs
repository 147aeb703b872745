//! Warnings: how one is filtered, remembered and shown, for the interpreter's own and for those that programs give.
//!
//! `filter.rs` decides what happens to a warning, `issue.rs` does it, `place.rs` finds who is to blame, `interpreter.rs` has the warnings
//! that the interpreter gives. Where the program has imported `warnings`, that module's `filters`, `defaultaction`, `onceregistry` and
//! `_showwarnmsg` rule, as in CPython.

mod filter;
mod interpreter;
mod issue;
mod place;

pub use filter::WarningState;
pub use issue::Warning;
pub use place::{Place, StackLevel};
