//! Criterion benchmarks of every crate; see `benches/*.rs`.
