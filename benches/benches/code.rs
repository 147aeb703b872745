//! Loading, walking and disassembling code objects of CPython 3.13.
#![allow(missing_docs, reason = "criterion_group! makes a public function")]

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use pyco_code::{CodeObject, Version};

/// What CPython 3.13 made of a module that uses most instructions.
const MARSHALLED: &[u8] = include_bytes!("../../crates/code/tests/fixtures/3.13/common.marshal");

fn code(criterion: &mut Criterion) {
    let read = || CodeObject::from_marshal(Version::V3_13, MARSHALLED, 0).expect("a code object");
    let code = read();

    let mut group = criterion.benchmark_group("code/bytes");
    group.throughput(Throughput::Bytes(MARSHALLED.len() as u64));
    group.bench_function("load", |bencher| bencher.iter(|| black_box(read())));
    group.finish();

    let instructions = || {
        code.walk()
            .flat_map(|code| code.instructions())
            .map_while(Result::ok)
    };
    let mut group = criterion.benchmark_group("code/instructions");
    group.throughput(Throughput::Elements(instructions().count() as u64));
    group.bench_function("iterate", |bencher| {
        bencher.iter(|| instructions().map(|i| u64::from(i.oparg)).sum::<u64>());
    });
    let mut text = String::new();
    group.bench_function("dis", |bencher| {
        bencher.iter(|| {
            text.clear();
            code.dis().write(&mut text).expect("a String takes all");
            black_box(text.len())
        });
    });
    group.finish();
}

criterion_group!(benches, code);
criterion_main!(benches);
