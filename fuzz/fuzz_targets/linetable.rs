//! Location tables of all formats: arbitrary bytes as a table, arbitrary locations and lines written and read.
#![no_main]

use arbitrary::Arbitrary;
use libfuzzer_sys::fuzz_target;
use pyco_linetable::{Location, properties};

#[derive(Arbitrary, Debug)]
enum Input<'a> {
    Table {
        first_line: i32,
        code_len: u32,
        bytes: &'a [u8],
    },
    Locations {
        first_line: i32,
        runs: Vec<(u8, [Option<u32>; 4])>,
    },
    /// Lines and columns as small as real ones, so that the short forms are met.
    SmallLocations {
        first_line: u8,
        runs: Vec<(u8, [Option<u8>; 4])>,
    },
    Lines {
        first_line: i32,
        runs: Vec<(u16, Option<u32>)>,
    },
}

fuzz_target!(|input: Input<'_>| match input {
    Input::Table {
        first_line,
        code_len,
        bytes,
    } => properties::arbitrary_table(bytes, first_line, code_len),
    Input::Locations { first_line, runs } => locations(first_line, runs),
    Input::SmallLocations { first_line, runs } => {
        let widen =
            |(width, parts): (u8, [Option<u8>; 4])| (width, parts.map(|part| part.map(u32::from)));
        locations(i32::from(first_line), runs.into_iter().map(widen).collect());
    }
    Input::Lines { first_line, runs } => properties::arbitrary_lines(first_line, &runs),
});

fn locations(first_line: i32, runs: Vec<(u8, [Option<u32>; 4])>) {
    let runs: Vec<_> = runs
        .into_iter()
        .map(|(width, [line, end_line, column, end_column])| {
            (
                u16::from(width),
                Location::new(line, end_line, column, end_column),
            )
        })
        .collect();
    properties::arbitrary_locations(first_line, &runs);
}
