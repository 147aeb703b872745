//! Any text for the assembler.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| pyco_code::properties::any_text(data));
