//! How fast the tables of a file decode: the Rust half of `cargo xtask bench linetable`.
//!
//! Reads the file named by its argument, where each line is a `co_firstlineno` and a 3.12+ `co_linetable` in hex.
//! Then, for each line on stdin that names a pass, runs that pass over all tables once and prints what it took in
//! nanoseconds of processor time (which other work on the machine does not lengthen) and how many items it met.

use pyco_linetable::{LineRange, LinesRule, Location, LocationIndex, LocationTable, UnitOffset};
use std::hint::black_box;
use std::io::{BufRead, Write};
use std::time::Duration;

fn main() {
    let path = std::env::args_os()
        .nth(1)
        .expect("usage: throughput TABLES");
    let text = std::fs::read_to_string(path).expect("a readable file");
    let owned: Vec<(i32, Vec<u8>)> = text.lines().map(parse).collect();
    let tables: Vec<_> = owned
        .iter()
        .map(|(line, bytes)| LocationTable::new(bytes, *line))
        .collect();
    let indexes = tables
        .iter()
        .take(1000)
        .map(|table| (table.index().expect("a valid table"), unit_count(table)));
    let indexes: Vec<_> = indexes.collect();
    let mut stdout = std::io::stdout().lock();
    for pass in std::io::stdin().lock().lines() {
        let pass = pass.expect("a readable stdin");
        let start = processor_time();
        let item_count = run(&pass, &tables, &indexes);
        let nanoseconds = (processor_time() - start).as_nanos();
        writeln!(stdout, "{nanoseconds} {item_count}")
            .and_then(|()| stdout.flush())
            .expect("a writable stdout");
    }
}

#[cfg(unix)]
fn processor_time() -> Duration {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    Duration::try_from(time).expect("a time since the thread started")
}

/// Elsewhere, the time of day has to do.
#[cfg(not(unix))]
fn processor_time() -> Duration {
    std::time::SystemTime::UNIX_EPOCH
        .elapsed()
        .expect("a clock that is set")
}

fn parse(line: &str) -> (i32, Vec<u8>) {
    let (first_line, hex) = line.split_once(' ').expect("two words");
    let byte = |at| u8::from_str_radix(&hex[at..at + 2], 16).expect("hex");
    (
        first_line.parse().expect("a line number"),
        (0..hex.len()).step_by(2).map(byte).collect(),
    )
}

fn unit_count(table: &LocationTable<'_>) -> u32 {
    table.positions().count() as u32
}

fn run(pass: &str, tables: &[LocationTable<'_>], indexes: &[(LocationIndex, u32)]) -> usize {
    match pass {
        "positions" => tables.iter().map(positions).sum(),
        "positions-fold" => tables.iter().map(positions_by_fold).sum(),
        "positions-fill" => positions_by_fill(tables),
        "lines" => tables.iter().map(lines).sum(),
        "lines-fold" => tables.iter().map(lines_by_fold).sum(),
        "lines-fill" => lines_by_fill(tables),
        "entries" => tables.iter().map(entries).sum(),
        "index" => indexes
            .iter()
            .map(|(index, unit_count)| index_look_ups(index, *unit_count))
            .sum(),
        "entries-bytes" => tables.iter().map(entries_in_bytes).sum(),
        "memchr" => tables.iter().map(memchr).sum(),
        _ => panic!("no pass {pass:?}; see `run` for those there are"),
    }
}

// Each item is made to exist by `black_box`, as a caller's loop would have it.

fn positions(table: &LocationTable<'_>) -> usize {
    let mut count = 0;
    for location in table.positions() {
        black_box::<Location>(location.expect("a valid table"));
        count += 1;
    }
    count
}

fn positions_by_fold(table: &LocationTable<'_>) -> usize {
    let mut count = 0;
    table.positions().for_each(|location| {
        black_box::<Location>(location.expect("a valid table"));
        count += 1;
    });
    count
}

fn positions_by_fill(tables: &[LocationTable<'_>]) -> usize {
    let mut buffer = [Location::NONE; 256];
    let mut count = 0;
    for table in tables {
        let mut positions = table.positions();
        loop {
            let filled = positions.fill(&mut buffer).expect("a valid table");
            black_box(&mut buffer);
            count += filled;
            if filled < buffer.len() {
                break;
            }
        }
    }
    count
}

fn lines(table: &LocationTable<'_>) -> usize {
    let mut count = 0;
    for range in table.lines(LinesRule::Merged) {
        black_box(range.expect("a valid table"));
        count += 1;
    }
    count
}

fn lines_by_fill(tables: &[LocationTable<'_>]) -> usize {
    let mut buffer = [LineRange::default(); 256];
    let mut count = 0;
    for table in tables {
        let mut lines = table.lines(LinesRule::Merged);
        loop {
            let filled = lines.fill(&mut buffer).expect("a valid table");
            black_box(&mut buffer);
            count += filled;
            if filled < buffer.len() {
                break;
            }
        }
    }
    count
}

fn lines_by_fold(table: &LocationTable<'_>) -> usize {
    let mut count = 0;
    table.lines(LinesRule::Merged).for_each(|range| {
        black_box(range.expect("a valid table"));
        count += 1;
    });
    count
}

fn entries(table: &LocationTable<'_>) -> usize {
    let mut count = 0;
    for entry in table.entries() {
        black_box(entry.expect("a valid table"));
        count += 1;
    }
    count
}

/// A hundred look-ups at offsets in no order.
fn index_look_ups(index: &LocationIndex, unit_count: u32) -> usize {
    let mut unit = 0;
    for _ in 0..100 {
        unit = (unit + 7919) % unit_count.max(1);
        black_box(index.addr2line(UnitOffset(unit)));
    }
    100
}

/// As [`entries`], with the bytes that they take as the items.
fn entries_in_bytes(table: &LocationTable<'_>) -> usize {
    black_box(entries(table));
    table.as_bytes().len()
}

/// One byte value counted, and nothing decoded: how fast the bytes alone can be gone over, table by table.
fn memchr(table: &LocationTable<'_>) -> usize {
    let bytes = table.as_bytes();
    black_box(memchr::memchr_iter(0, bytes).count());
    bytes.len()
}
