//! Any bytes: as a marshalled code object, and as the bytecode and tables of one.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    pyco_code::properties::any_marshalled(data);
    pyco_code::properties::any_bytecode(data);
});
