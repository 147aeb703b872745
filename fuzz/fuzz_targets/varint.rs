//! Both varints on arbitrary bytes and values: the properties that `cargo test` runs on fixed seeds.
#![no_main]

use libfuzzer_sys::fuzz_target;
use pyco_varint::properties;

fuzz_target!(|input: (u32, &[u8])| {
    let (value, bytes) = input;
    properties::arbitrary_value(value);
    // Every offset is tried, so longer input would only repeat what shorter input shows.
    properties::arbitrary_bytes(&bytes[..bytes.len().min(64)]);
});
