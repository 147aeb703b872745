//! Any bytes as bytecode and exception table: a verdict, and no path that goes against it.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| pyco_code::properties::any_verdict(data));
