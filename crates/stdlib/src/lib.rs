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

mod codecs;
mod descriptor;
mod errno;
mod future;
mod io;
mod locale;
mod path;
mod posix;
mod signal;
mod stat;
mod sys;
mod sys_info;
mod time;

use pyco_exec::Vm;

/// Makes the native modules importable.
pub fn install(vm: &mut Vm) {
    vm.add_native_module("_codecs", codecs::make);
    vm.add_native_module("__future__", future::make);
    vm.add_native_module("_io", io::make);
    io::install_open(vm);
    vm.add_native_module("_locale", locale::make);
    vm.add_native_module("_signal", signal::make);
    vm.add_native_module("_stat", stat::make);
    vm.add_native_module("errno", errno::make);
    vm.add_native_module("posix", posix::make);
    vm.add_native_module("time", time::make);
    vm.add_native_module("sys", sys::make);
    if vm.host().process {
        // Without it, the signal ends the process as it always does.
        let _ = signal::catch_interrupt(vm);
    }
}
