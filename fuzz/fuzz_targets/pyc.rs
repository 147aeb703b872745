//! Arbitrary bytes as a `.pyc` file; crates/marshal/tests/fixtures is a good first corpus.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|file: &[u8]| pyco_marshal::properties::pyc(file));
