//! Any bytes as bytecode and tables: they can be shown.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| pyco_code::properties::any_bytecode(data));
