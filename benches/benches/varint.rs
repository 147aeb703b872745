//! The varints: reading and writing, small values (nearly all of real tables) and mixed ones.
#![allow(missing_docs, reason = "criterion_group! makes a public function")]

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use pyco_varint::{exception, location};
use std::hint::black_box;

/// Values of which most fit in one byte, as in location tables.
fn values() -> Vec<u32> {
    let mut state = 0x5eed_u64;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state
    };
    (0..4096)
        .map(|_| {
            if next() % 8 == 0 {
                next() as u32 >> (next() % 32)
            } else {
                next() as u32 % 64
            }
        })
        .collect()
}

fn read(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("varint/read");
    for (name, read, bytes) in [
        (
            "location",
            location::read as fn(&[u8], usize) -> _,
            concat(location::encode),
        ),
        ("exception", exception::read, concat(exception::encode)),
    ] {
        group.throughput(Throughput::Bytes(bytes.len() as u64));
        group.bench_function(name, |bencher| {
            bencher.iter(|| {
                let mut offset = 0;
                while offset < bytes.len() {
                    let (value, next) = read(&bytes, offset).expect("valid bytes");
                    black_box(value);
                    offset = next;
                }
            });
        });
    }
}

fn concat(encode: fn(u32) -> pyco_varint::Encoded) -> Vec<u8> {
    values()
        .into_iter()
        .flat_map(|value| encode(value).to_vec())
        .collect()
}

fn write(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("varint/write");
    let values = values();
    group.throughput(Throughput::Elements(values.len() as u64));
    for (name, encode) in [
        ("location", location::encode as fn(u32) -> _),
        ("exception", exception::encode),
    ] {
        group.bench_function(name, |bencher| {
            let room = || Vec::with_capacity(6 * values.len());
            let write = |mut bytes: Vec<u8>| {
                values
                    .iter()
                    .for_each(|value| bytes.extend_from_slice(&encode(*value)));
                bytes
            };
            bencher.iter_batched(room, write, BatchSize::SmallInput);
        });
    }
}

criterion_group!(benches, read, write);
criterion_main!(benches);
