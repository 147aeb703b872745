//! Arbitrary bytes as marshalled objects of each layout of code objects.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| pyco_marshal::properties::marshal(bytes));
