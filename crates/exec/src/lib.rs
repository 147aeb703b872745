//! Runs verified CPython code objects: object model, frames and eval loop.
//!
//! A [`Vm`] speaks one Python version and belongs to one thread. It runs what [`pyco_code::verify`] has accepted, and nothing of the
//! host is reachable from a program unless its [`Host`] grants it: no file, no network, no process, no clock. Fuel, memory and depth limits end a
//! program that would not end by itself; that is an [`Outcome`], not an exception that the program could catch.
//!
//! ```
//! use std::{cell::RefCell, io, rc::Rc};
//!
//! use pyco_code::{CodeObject, verify};
//! use pyco_exec::{Host, Outcome, Vm};
//!
//! #[derive(Clone, Default)]
//! struct Printed(Rc<RefCell<Vec<u8>>>);
//!
//! impl io::Write for Printed {
//!     fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
//!         self.0.borrow_mut().write(bytes)
//!     }
//!     fn flush(&mut self) -> io::Result<()> {
//!         Ok(())
//!     }
//! }
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! // What CPython 3.13 made of a program that places queens on a chess board.
//! let pyc = include_bytes!("../../../fixtures/pyc/3.13/queens.pyc");
//! let code = verify(&CodeObject::from_pyc(pyc)?)?;
//!
//! let printed = Printed::default();
//! let mut host = Host::new();
//! host.stdout = Box::new(printed.clone());
//! let mut vm = Vm::new(code.version(), host)?;
//! assert_eq!(vm.run_program(code.clone()), Outcome::Exit(0));
//! assert!(String::from_utf8(printed.0.take())?.contains("Q . . ."));
//! drop(vm);
//!
//! // The same with 100 backward jumps and calls.
//! let mut host = Host::new();
//! host.fuel = Some(100);
//! let mut vm = Vm::new(code.version(), host)?;
//! assert_eq!(vm.run_program(code), Outcome::Limit("out of fuel".into()));
//! # Ok(())
//! # }
//! ```
//!
//! It runs code of CPython 3.11 to 3.15. Results, messages, tracebacks and exit codes are compared byte for byte with those of the
//! version that compiled it.

pub mod builtins;
pub mod call;
pub mod cell;
mod class_check;
pub mod codecs;
pub mod collector;
pub mod compiler;
mod display;
pub mod embed;
pub mod error;
mod eval;
pub mod exceptions_data;
pub mod exit;
mod extension;
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
pub mod syntax_tree;
mod teardown;
pub mod text;
pub mod traceback;
pub mod value;
pub mod vm;
pub mod warnings;
pub mod watch;

pub use call::{Args, Bound, Params};
pub use cell::{ValueCell, VmCell};
pub use compiler::Compiler;
pub use embed::Builder;
pub use error::{PyResult, Raised};
pub use host::Host;
pub use import::archive;
pub use program::Outcome;
pub use stats::SpecializationCount;
pub use value::Value;
pub use vm::{Vm, VmError};
