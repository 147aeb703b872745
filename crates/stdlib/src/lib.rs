//! Native modules for pyco-exec that CPython writes in C.
//!
//! [`install`] makes them importable in a VM; what they reach of the host is what the [`Host`](pyco_exec::Host) grants.
//!
//! ```
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use pyco_exec::{Host, Vm};
//!
//! let mut vm = Vm::new(pyco_code::Version::V3_13, Host::new())?;
//! pyco_stdlib::install(&mut vm);
//! # Ok(())
//! # }
//! ```

mod ast;
mod codecs;
mod future;
mod opcode;
mod sre;
mod sys;
mod sys_info;

use pyco_exec::Vm;

/// Makes the native modules importable.
pub fn install(vm: &mut Vm) {
    vm.add_native_module("_codecs", codecs::make);
    vm.add_native_module("__future__", future::make);
    vm.add_native_module("_ast", ast::make);
    vm.add_native_module("_opcode", opcode::make);
    vm.add_native_module("_sre", sre::make);
    vm.add_native_module("_tokenize", opcode::make_tokenize);
    vm.add_native_module("sys", sys::make);
}
