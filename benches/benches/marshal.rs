//! Marshal: reading and writing a file that CPython 3.13 wrote.
//!
//! `cargo xtask bench marshal` compares with CPython on a whole standard library; this watches for regressions.
#![allow(missing_docs, reason = "criterion_group! makes a public function")]

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use pyco_marshal::{Document, Normalizer, Pyc, Style, WriteOptions};

const FILE: &[u8] = include_bytes!("../../crates/marshal/tests/fixtures/shapes-3.13.pyc");

fn marshal(criterion: &mut Criterion) {
    let pyc = Pyc::read(FILE).expect("a header");
    let document: Document<'_> = pyc.document().expect("a document");
    let value = pyc.value().expect("a value");
    let canonical = WriteOptions::new(pyc.version());
    let cpython = canonical.with_style(Style::Cpython);
    let mut group = criterion.benchmark_group("marshal");
    group.throughput(Throughput::Bytes(FILE.len() as u64));
    group.bench_function("document", |bencher| {
        bencher.iter(|| black_box(pyc).document())
    });
    group.bench_function("value", |bencher| bencher.iter(|| black_box(pyc).value()));
    group.bench_function("encode", |bencher| {
        bencher.iter(|| black_box(&document).encode())
    });
    group.bench_function("to_marshal", |bencher| {
        bencher.iter(|| black_box(&value).to_marshal(&canonical));
    });
    group.bench_function("to_marshal_cpython", |bencher| {
        bencher.iter(|| black_box(&value).to_marshal(&cpython));
    });
    group.bench_function("normalize", |bencher| {
        let normalizer = Normalizer::new();
        bencher.iter(|| normalizer.normalize(black_box(FILE)));
    });
    group.finish();
}

criterion_group!(benches, marshal);
criterion_main!(benches);
