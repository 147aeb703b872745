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

mod abc;
mod atexit;
mod codecs;
mod contextvars;
mod future;
mod gc;
mod imp;
mod namespace;
mod sys;
mod sys_info;
mod sys_monitoring;
mod sys_more;
mod thread;
mod thread_handle;
mod thread_local;
mod thread_lock;
mod typing;
mod weakref;

use pyco_exec::Vm;

/// Makes the native modules importable.
pub fn install(vm: &mut Vm) {
    vm.add_native_module("_abc", abc::make);
    vm.add_native_module("_codecs", codecs::make);
    vm.add_native_module("_contextvars", contextvars::make);
    vm.add_native_module("_imp", imp::make);
    vm.add_native_module("_thread", thread::make);
    if vm.version().minor() >= 14 {
        vm.add_native_module("_types", typing::make_types);
    }
    vm.add_native_module("_typing", typing::make_typing);
    vm.add_native_module("atexit", atexit::make);
    vm.add_native_module("__future__", future::make);
    vm.add_native_module("_weakref", weakref::make);
    vm.add_native_module("gc", gc::make);
    vm.add_native_module("sys", sys::make);
}
