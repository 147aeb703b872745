//! What must hold of every table: called by `cargo test` on fixed seeds, by the fuzzer on random input, and by
//! `cargo xtask corpus` on what an interpreter said.
//!
//! Not part of the public API.

pub mod oracle;
