//! Runs verified CPython code objects: object model, frames and eval loop.

pub mod builtins;
pub mod call;
pub mod cell;
mod display;
pub mod error;
mod eval;
pub mod exceptions_data;
mod gc;
mod heap;
pub mod host;
mod import;
pub mod memory;
mod names;
pub mod numeric;
pub mod object;
mod ops;
mod program;
pub mod properties;
mod protocol;
mod specialize;
mod stats;
mod teardown;
pub mod text;
pub mod traceback;
pub mod value;
pub mod vm;
mod warnings;

pub use call::{Args, Bound, Params};
pub use cell::{ValueCell, VmCell};
pub use error::{PyResult, Raised};
pub use host::Host;
pub use program::Outcome;
pub use stats::SpecializationCount;
pub use value::Value;
pub use vm::{Vm, VmError};
