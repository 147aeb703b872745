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
mod arguments;
mod array;
mod atexit;
mod binascii;
mod bisect;
mod cmath;
mod codecs;
mod collections;
mod contextvars;
mod csv;
mod descriptor;
mod errno;
mod errors;
mod functools;
mod future;
mod gc;
mod hashes;
mod heapq;
mod imp;
mod io;
mod itertools;
mod locale;
mod marshal;
mod math;
mod namespace;
mod opcode;
mod operator;
mod path;
mod posix;
mod random;
mod signal;
mod sre;
mod stat;
mod string;
mod structs;
mod sys;
mod sys_info;
mod sys_lazy;
mod sys_monitoring;
mod sys_more;
mod thread;
mod thread_handle;
mod thread_local;
mod thread_lock;
mod time;
mod tokenize;
mod typing;
mod warnings;
mod weakref;
mod zlib;

use pyco_exec::Vm;

/// Makes the native modules importable.
pub fn install(vm: &mut Vm) {
    vm.add_native_module("_abc", abc::make);
    vm.add_native_module("_bisect", bisect::make);
    vm.add_native_module("array", array::make);
    vm.add_native_module("binascii", binascii::make);
    vm.add_native_module("_heapq", heapq::make);
    vm.add_native_module("_md5", hashes::make_md5);
    vm.add_native_module("_sha1", hashes::make_sha1);
    if vm.version().minor() >= 12 {
        vm.add_native_module("_sha2", hashes::make_sha2);
    } else {
        vm.add_native_module("_sha256", hashes::make_sha256);
        vm.add_native_module("_sha512", hashes::make_sha512);
    }
    vm.add_native_module("_sha3", hashes::make_sha3);
    vm.add_native_module("_blake2", hashes::make_blake2);
    if vm.version().minor() >= 14 {
        vm.add_native_module("_hmac", hashes::make_hmac);
    }
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
    vm.add_native_module("_warnings", warnings::make);
    vm.add_native_module("_weakref", weakref::make);
    vm.add_native_module("gc", gc::make);
    vm.add_native_module("_ast", pyco_exec::syntax_tree::make);
    vm.add_native_module("_opcode", opcode::make);
    vm.add_native_module("_sre", sre::make);
    vm.add_native_module("_tokenize", tokenize::make);
    vm.add_native_module("_collections", collections::make);
    vm.add_native_module("_functools", functools::make);
    vm.add_native_module("_random", random::make);
    vm.add_native_module("_operator", operator::make);
    vm.add_native_module("_string", string::make);
    vm.add_native_module("_struct", structs::make);
    vm.add_native_module("itertools", itertools::make);
    vm.add_native_module("_io", io::make);
    io::install_open(vm);
    vm.add_native_module("marshal", marshal::make);
    vm.add_native_module("cmath", cmath::make);
    vm.add_native_module("math", math::make);
    vm.add_native_module("_math_integer", math::make_integer);
    vm.add_native_module("_locale", locale::make);
    vm.add_native_module("_signal", signal::make);
    vm.add_native_module("_stat", stat::make);
    vm.add_native_module("errno", errno::make);
    vm.add_native_module("posix", posix::make);
    vm.add_native_module("time", time::make);
    vm.add_native_module("_csv", csv::make);
    vm.add_native_module("zlib", zlib::make);
    vm.add_native_module("sys", sys::make);
    if vm.host().process {
        // Without it, the signal ends the process as it always does.
        let _ = signal::catch_interrupt(vm);
    }
}
