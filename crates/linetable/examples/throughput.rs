//! How fast the tables of a file decode: the Rust half of `cargo xtask bench linetable`.
//!
//! Reads the file named by its argument, where each line is `co_firstlineno` and a 3.12+ `co_linetable` in hex. Then,
//! for each line on stdin that names a pass, runs that pass over all tables once and prints what it took in
//! nanoseconds and how many items it met.

use pyco_linetable::{Location, LocationTable};
use std::hint::black_box;
use std::io::{BufRead, Write};
use std::time::Instant;

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
    let mut stdout = std::io::stdout().lock();
    for pass in std::io::stdin().lock().lines() {
        let pass = pass.expect("a readable stdin");
        let start = Instant::now();
        let item_count = run(&pass, &tables);
        let nanoseconds = start.elapsed().as_nanos();
        writeln!(stdout, "{nanoseconds} {item_count}")
            .and_then(|()| stdout.flush())
            .expect("a writable stdout");
    }
}

fn parse(line: &str) -> (i32, Vec<u8>) {
    let (first_line, hex) = line.split_once(' ').expect("two words");
    let byte = |at| u8::from_str_radix(&hex[at..at + 2], 16).expect("hex");
    (
        first_line.parse().expect("a line number"),
        (0..hex.len()).step_by(2).map(byte).collect(),
    )
}

fn run(pass: &str, tables: &[LocationTable<'_>]) -> usize {
    match pass {
        // Each location is made to exist, as a caller's loop would have it.
        "positions" => tables
            .iter()
            .map(|table| {
                let mut count = 0;
                for location in table.positions() {
                    black_box::<Location>(location.expect("a valid table"));
                    count += 1;
                }
                count
            })
            .sum(),
        "positions-fold" => tables
            .iter()
            .map(|table| {
                let mut count = 0;
                table.positions().for_each(|location| {
                    black_box::<Location>(location.expect("a valid table"));
                    count += 1;
                });
                count
            })
            .sum(),
        "positions-fill" => {
            let mut buffer = [Location::NONE; 256];
            let mut count = 0;
            for table in tables {
                let mut positions = table.positions();
                loop {
                    let filled = positions.fill(&mut buffer).expect("a valid table");
                    black_box(&mut buffer);
                    count += filled;
                    if filled == 0 {
                        break;
                    }
                }
            }
            count
        }
        "entries" => tables
            .iter()
            .map(|table| {
                let mut count = 0;
                for entry in table.entries() {
                    black_box(entry.expect("a valid table"));
                    count += 1;
                }
                count
            })
            .sum(),
        "lines" => tables
            .iter()
            .map(|table| {
                let mut count = 0;
                for range in table.lines(pyco_linetable::LinesRule::Merged) {
                    black_box(range.expect("a valid table"));
                    count += 1;
                }
                count
            })
            .sum(),
        "bytes" => tables.iter().map(|table| table.as_bytes().len()).sum(),
        "scan" => tables
            .iter()
            .map(|table| {
                table
                    .as_bytes()
                    .iter()
                    .filter(|byte| **byte & 0x80 != 0)
                    .count()
            })
            .sum(),
        _ => panic!(
            "found pass {pass:?}, expected positions, positions-fold, entries, lines, bytes or scan"
        ),
    }
}
