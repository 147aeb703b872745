//! Location tables: decoding, looking up and encoding those that CPython 3.13 wrote for the fixtures.
//!
//! `cargo xtask bench linetable` compares with CPython on a whole standard library; this watches for regressions.
#![allow(missing_docs, reason = "criterion_group! makes a public function")]

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use pyco_linetable::properties::oracle::{self, Record};
use pyco_linetable::{
    LineRange, LinesRule, Location, LocationTable, LocationTableBuilder, Reader, UnitOffset,
};
use std::hint::black_box;

fn records() -> Vec<Record<'static>> {
    let text = include_str!("../../crates/linetable/tests/fixtures/3.13.txt");
    oracle::records(text)
        .map(|record| record.expect("a well-formed fixture"))
        .collect()
}

fn tables<'a>(records: &'a [Record<'_>]) -> Vec<LocationTable<'a>> {
    records
        .iter()
        .map(|record| LocationTable::new(&record.table, record.first_line))
        .collect()
}

fn decode(criterion: &mut Criterion) {
    let records = records();
    let tables = tables(&records);
    let byte_count: usize = tables.iter().map(|table| table.as_bytes().len()).sum();
    let unit_count: usize = tables.iter().map(|table| table.positions().count()).sum();

    let mut group = criterion.benchmark_group("linetable/decode");
    group.throughput(Throughput::Bytes(byte_count as u64));
    group.bench_function("entries", |bencher| {
        bencher.iter(|| {
            tables.iter().for_each(|table| {
                table.entries().for_each(|entry| {
                    let _ = black_box(entry);
                })
            })
        });
    });
    group.bench_function("lines", |bencher| {
        let lines = |table: &LocationTable<'_>| {
            table.lines(LinesRule::Merged).for_each(|range| {
                let _ = black_box(range);
            })
        };
        bencher.iter(|| tables.iter().for_each(lines));
    });
    group.bench_function("lines by fill", |bencher| {
        let mut buffer = [LineRange::default(); 256];
        bencher.iter(|| {
            for table in &tables {
                let mut lines = table.lines(LinesRule::Merged);
                while matches!(lines.fill(&mut buffer), Ok(filled) if filled == buffer.len()) {
                    black_box(&mut buffer);
                }
                black_box(&mut buffer);
            }
        });
    });
    group.bench_function("bytes alone", |bencher| {
        let starts = |table: &LocationTable<'_>| {
            table
                .as_bytes()
                .iter()
                .filter(|byte| **byte & 0x80 != 0)
                .count()
        };
        bencher.iter(|| tables.iter().map(starts).sum::<usize>());
    });
    group.throughput(Throughput::Elements(unit_count as u64));
    group.bench_function("positions", |bencher| {
        bencher.iter(|| {
            for table in &tables {
                for position in table.positions() {
                    let _ = black_box(position);
                }
            }
        });
    });
    group.bench_function("positions by fill", |bencher| {
        let mut buffer = [Location::NONE; 256];
        bencher.iter(|| {
            for table in &tables {
                let mut positions = table.positions();
                while positions.fill(&mut buffer).expect("a valid table") > 0 {
                    black_box(&mut buffer);
                }
            }
        });
    });
}

fn look_up(criterion: &mut Criterion) {
    let records = records();
    let table = tables(&records)
        .into_iter()
        .max_by_key(|table| table.as_bytes().len())
        .expect("a table");
    let unit_count = table.positions().count() as u32;
    let index = table.index().expect("a valid table");
    let mut unit = 0;
    let mut next = || {
        unit = (unit + 7919) % unit_count;
        UnitOffset(unit)
    };

    let mut group = criterion.benchmark_group("linetable/look up");
    group.bench_function("in the table", |bencher| {
        bencher.iter(|| table.addr2line(next()))
    });
    group.bench_function("in an index", |bencher| {
        bencher.iter(|| index.addr2line(next()))
    });
    group.bench_function("building the index", |bencher| {
        bencher.iter(|| table.index())
    });
    group.bench_function("in pieces", |bencher| {
        let bytes = table.as_bytes();
        let fetch = |offset: usize, buffer: &mut [u8]| {
            buffer.copy_from_slice(&bytes[offset..offset + buffer.len()]);
            Ok::<_, ()>(buffer.len())
        };
        let mut reader = Reader::new(bytes.len(), table.first_line(), fetch);
        bencher.iter(|| reader.addr2line(next()));
    });
}

fn encode(criterion: &mut Criterion) {
    let records = records();
    let tables = tables(&records);
    let entries: Vec<Vec<_>> = tables
        .iter()
        .map(|table| table.entries().flatten().collect())
        .collect();
    let byte_count: usize = tables.iter().map(|table| table.as_bytes().len()).sum();

    let mut group = criterion.benchmark_group("linetable/encode");
    group.throughput(Throughput::Bytes(byte_count as u64));
    group.bench_function("builder", |bencher| {
        bencher.iter(|| {
            for (table, entries) in tables.iter().zip(&entries) {
                let mut builder = LocationTableBuilder::new(table.first_line(), LinesRule::Merged);
                for entry in entries {
                    builder
                        .push(u32::from(entry.unit_count), entry.location)
                        .expect("a location that was read");
                }
                black_box(builder.finish().expect("lines that were read"));
            }
        });
    });
}

criterion_group!(benches, decode, look_up, encode);
criterion_main!(benches);
