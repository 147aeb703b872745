//! Verifying code objects of each version.
#![allow(missing_docs)] // Of what `criterion_group!` makes.

use std::hint::black_box;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use pyco_code::{CodeObject, Version, verify};

/// What each CPython made of a module that uses most instructions.
const MARSHALLED: [(Version, &[u8]); 5] = [
    (
        Version::V3_11,
        include_bytes!("../../crates/code/tests/fixtures/3.11/common.marshal"),
    ),
    (
        Version::V3_12,
        include_bytes!("../../crates/code/tests/fixtures/3.12/common.marshal"),
    ),
    (
        Version::V3_13,
        include_bytes!("../../crates/code/tests/fixtures/3.13/common.marshal"),
    ),
    (
        Version::V3_14,
        include_bytes!("../../crates/code/tests/fixtures/3.14/common.marshal"),
    ),
    (
        Version::V3_15,
        include_bytes!("../../crates/code/tests/fixtures/3.15/common.marshal"),
    ),
];

fn verify_all(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("verify/bytecode");
    for (version, marshalled) in MARSHALLED {
        let code = CodeObject::from_marshal(version, marshalled, 0).expect("a code object");
        let len = code.walk().map(|code| code.code().len()).sum::<usize>();
        group.throughput(Throughput::Bytes(len as u64));
        group.bench_with_input(
            BenchmarkId::from_parameter(version),
            &code,
            |bencher, code| {
                bencher.iter(|| black_box(verify(code).is_ok()));
            },
        );
    }
    group.finish();
}

criterion_group!(benches, verify_all);
criterion_main!(benches);
