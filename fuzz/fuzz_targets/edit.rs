//! Any bytes as bytecode and tables: taken apart and assembled, as text too, and quickened and back.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| pyco_code::properties::any_edit(data));
