//! What must hold of every table: called by `cargo test` on fixed seeds, by the fuzzer on random input, and by
//! `cargo xtask corpus` on what an interpreter said.
//!
//! Not part of the public API.

pub mod oracle;

use crate::locations::{Form, encode_entries};
use crate::{
    ByteOffset, Error, ErrorKind, Format, LineTable, LineTableBuilder, LinesRule, LnotabBuilder,
    Location, LocationTable, LocationTableBuilder, Reader, Table, UnitOffset,
};
use alloc::vec;
use alloc::vec::Vec;

const FORMATS: [Format; 7] = [
    Format::Lnotab27,
    Format::Lnotab36,
    Format::Lnotab38,
    Format::LineTable310,
    Format::Locations311,
    Format::Locations312,
    Format::Locations313,
];

/// Any bytes, read as a table of any format: nothing panics or runs on beyond the input, errors point into it,
/// and all ways to read the same thing agree.
pub fn arbitrary_table(bytes: &[u8], first_line: i32, code_len: u32) {
    for format in FORMATS {
        let table = Table::new(format, bytes, first_line, ByteOffset(code_len));
        check_iterator(table.lines(), bytes.len() + 1, bytes);
        check_iterator(table.line_starts(), bytes.len() + 1, bytes);
        check_iterator(table.positions(), 8 * bytes.len(), bytes);
        // A step of two thousand million lines is sixteen million pairs: those after the first are not looked at.
        let _ = table.co_lnotab().take(1000).last();
        check_index(&table);
    }
    let table = LocationTable::new(bytes, first_line);
    check_iterator(table.entries(), bytes.len(), bytes);
    check_iterator(
        LineTable::new(bytes, first_line).entries(),
        bytes.len(),
        bytes,
    );
    check_fill(&table);
    check_skipping(&table);
    check_reader(&table);
    check_written_again(&table);
}

fn check_iterator<T>(items: impl Iterator<Item = Result<T, Error>>, most: usize, bytes: &[u8]) {
    let mut items = items.fuse();
    let mut count = 0;
    for item in items.by_ref() {
        count += 1;
        assert!(
            count <= most + 1,
            "more than {most} items from {bytes:02x?}"
        );
        if let Err(error) = item {
            assert!(
                error.offset() <= bytes.len(),
                "{error}, but the table is {bytes:02x?}"
            );
            break;
        }
    }
    assert!(
        items.next().is_none(),
        "items after an error from {bytes:02x?}"
    );
}

/// The index answers as the table does, where the whole table can be read.
fn check_index(table: &Table<'_>) {
    let Ok(index) = table.index() else { return };
    let ends = table.lines().flatten().flat_map(|range| {
        [
            range.start().0,
            range.end().0.saturating_sub(1),
            range.end().0,
        ]
    });
    for offset in ends.chain([0, 1, u32::MAX]).take(64).map(ByteOffset) {
        assert_eq!(
            Ok(index.location(offset)),
            table.location(offset),
            "{table:?} at {offset}"
        );
    }
}

/// `fill`, with buffers of several lengths, and `fold` give what `next` does.
fn check_fill(table: &LocationTable<'_>) {
    let mut expected = Vec::new();
    let mut error = None;
    for position in table.positions() {
        match position {
            Ok(position) => expected.push(position),
            Err(found) => error = Some(found),
        }
    }
    for len in [1, 7, 8, 9, 64] {
        let mut positions = table.positions();
        let mut buffer = vec![Location::NONE; len];
        let mut found = Vec::new();
        let end = loop {
            match positions.fill(&mut buffer) {
                Ok(0) => break None,
                Ok(filled) => found.extend_from_slice(&buffer[..filled]),
                Err(error) => break Some(error),
            }
        };
        assert_eq!(
            (&found, end),
            (&expected, error),
            "with a buffer of {len}, {table:?}"
        );
    }
    for rule in [LinesRule::Merged, LinesRule::EachEntry] {
        for (len, step_count) in [(1, 0), (15, 1), (16, 0), (17, 2), (40, 3), (1000, 0)] {
            check_filled_lines(table, rule, len, step_count);
        }
    }
    let folded: Vec<_> = table.positions().fold(Vec::new(), |mut all, position| {
        all.push(position);
        all
    });
    assert!(folded.into_iter().eq(table.positions()), "{table:?}");
}

/// `fill` with a buffer of `len`, and `step_count` ranges one by one after each, give what `next` does.
fn check_filled_lines(table: &LocationTable<'_>, rule: LinesRule, len: usize, step_count: usize) {
    let expected: Vec<_> = table.lines(rule).collect();
    let mut lines = table.lines(rule);
    let mut buffer = vec![crate::LineRange::default(); len];
    let mut found = Vec::new();
    loop {
        match lines.fill(&mut buffer) {
            Ok(0) => break,
            Ok(filled) => found.extend(buffer[..filled].iter().copied().map(Ok)),
            Err(error) => found.push(Err(error)),
        }
        found.extend(lines.by_ref().take(step_count));
    }
    assert_eq!(
        found, expected,
        "with a buffer of {len} and {step_count} steps, {table:?}"
    );
    assert_eq!(lines.next(), None, "{table:?}");
}

/// Where entries are skipped without being decoded one by one, the outcome is the same, faults included.
fn check_skipping(table: &LocationTable<'_>) {
    // As far as the table is well-formed, each entry is a range.
    let entries = table.entries().map_while(Result::ok);
    let mut ranges = table.lines(LinesRule::EachEntry);
    let mut end = 0;
    for (entry, range) in entries.zip(ranges.by_ref()) {
        let range = range.expect("an entry that was read");
        let found = (range.start().to_units(), range.line());
        assert_eq!(found, (entry.start, entry.location.line()), "{table:?}");
        assert_eq!(range.start().0, end, "{table:?}");
        end = range.end().0;
    }
    if table.entries().all(|entry| entry.is_ok()) {
        assert_eq!(ranges.next(), None, "{table:?}");
    }
    let mut expected: Vec<Result<crate::LineRange, Error>> = Vec::new();
    for range in table.lines(LinesRule::EachEntry) {
        match (expected.last_mut(), range) {
            (Some(Ok(last)), Ok(range)) if last.line() == range.line() => {
                *last = last.until(range.end())
            }
            _ => expected.push(range),
        }
    }
    assert!(
        table.lines(LinesRule::Merged).eq(expected.iter().copied()),
        "{table:?} has {expected:?}"
    );
    for (unit, position) in (0..).zip(table.positions()) {
        assert_eq!(
            table.location(UnitOffset(unit)),
            position,
            "{table:?} at {unit}"
        );
    }
}

/// A reader that gets the table in pieces of changing lengths gives what the table does, and the same error.
fn check_reader(table: &LocationTable<'_>) {
    let bytes = table.as_bytes();
    let mut fetched = 0usize;
    let fetch = |offset: usize, buffer: &mut [u8]| {
        fetched += 1;
        let len = (fetched * 7 % 40 + 1).min(buffer.len());
        buffer[..len].copy_from_slice(&bytes[offset..offset + len]);
        Ok::<_, core::convert::Infallible>(len)
    };
    let mut reader = Reader::new(bytes.len(), table.first_line(), fetch);
    let mut end = 0;
    for entry in table.entries() {
        let found = reader.next_entry();
        match entry {
            Ok(entry) => {
                end = entry.end().0;
                assert_eq!(found, Ok(Some(entry)), "{table:?}");
            }
            Err(error) => assert_eq!(found, Err(error.into()), "{table:?}"),
        }
    }
    for unit in [end / 2, end / 3, end.saturating_sub(1), 0].map(UnitOffset) {
        assert_eq!(
            reader.location(unit).ok(),
            table.location(unit).ok(),
            "{table:?} at {unit}"
        );
    }
}

/// A valid table comes back from its entries byte for byte (but for a minus zero, which becomes zero), and from a
/// builder with the same locations.
fn check_written_again(table: &LocationTable<'_>) {
    let Ok(entries) = table.entries().collect::<Result<Vec<_>, _>>() else {
        return;
    };
    let bytes = encode_entries(table.first_line(), entries.iter().copied())
        .expect("entries that were read");
    assert_eq!(bytes.len(), table.as_bytes().len());
    for (written, read) in bytes.iter().zip(table.as_bytes()) {
        assert!(
            written == read || (*read, *written) == (1, 0),
            "{table:?} became {bytes:02x?}"
        );
    }
    for rule in [LinesRule::EachEntry, LinesRule::Merged] {
        let mut builder = LocationTableBuilder::new(table.first_line(), rule);
        for entry in &entries {
            match builder.push(u32::from(entry.unit_count), entry.location) {
                Ok(()) => {}
                Err(error) => panic!("{error} for {entry:?}"),
            }
        }
        // Lines 0 and above fit even where `first_line` is so far below that the first delta does not.
        let Ok(bytes) = builder.finish() else {
            continue;
        };
        assert!(
            bytes.len() <= table.as_bytes().len(),
            "{table:?} grew to {bytes:02x?}"
        );
        let again = LocationTable::new(&bytes, table.first_line());
        assert!(
            again
                .positions()
                .eq(table.positions().map(|position| position.map(normal))),
            "{table:?}"
        );
    }
}

/// A location as the compiler writes it: on one line it has both columns or none.
fn normal(location: Location) -> Location {
    let lacks_column = location.column().is_none() || location.end_column().is_none();
    match location.line() {
        Some(line) if lacks_column && location.end_line() == Some(line) => {
            Location::from_line(line)
        }
        _ => location,
    }
}

/// Any locations survive being written and read, or are refused for what is wrong with them.
pub fn arbitrary_locations(first_line: i32, runs: &[(u16, Location)]) {
    for rule in [LinesRule::EachEntry, LinesRule::Merged] {
        let mut builder = LocationTableBuilder::new(first_line, rule);
        let mut expected = Vec::new();
        for (unit_count, location) in runs {
            let unit_count = unit_count % 100;
            match builder.push(u32::from(unit_count), *location) {
                Ok(()) => expected.extend((0..unit_count).map(|_| as_written(*location))),
                Err(error) => {
                    let (line, end_line) = (location.line(), location.end_line());
                    let reason = match error.kind() {
                        ErrorKind::EndBeforeStart => end_line < line,
                        // A delta from a very low first line can be too large as well.
                        ErrorKind::LineOutOfRange => {
                            line.max(end_line) > Some(i32::MAX as u32) || first_line < 0
                        }
                        _ => false,
                    };
                    assert!(reason, "{error} for {location}");
                }
            }
        }
        let Ok(bytes) = builder.finish() else {
            continue;
        };
        let table = LocationTable::new(&bytes, first_line);
        assert!(
            table
                .positions()
                .eq(expected.iter().map(|location| Ok(*location))),
            "{runs:?}"
        );
        let forms: Vec<_> = table.entries().flatten().map(|entry| entry.form).collect();
        assert_eq!(
            forms.contains(&Form::None),
            expected.iter().any(Location::is_none),
            "{runs:?}"
        );
    }
}

/// What a table can hold of `location`.
fn as_written(location: Location) -> Location {
    let Some(line) = location.line() else {
        return Location::NONE;
    };
    let end_line = location.end_line().unwrap_or(line);
    normal(Location::new(
        Some(line),
        Some(end_line),
        location.column(),
        location.end_column(),
    ))
}

/// Any lines survive being written and read in the formats that hold lines only.
pub fn arbitrary_lines(first_line: i32, runs: &[(u16, Option<u32>)]) {
    let runs: Vec<_> = runs
        .iter()
        .map(|(width, line)| (u32::from(*width), line.map(|line| line % 100_000)))
        .collect();
    let first_line = first_line % 100_000;

    let mut builder = LineTableBuilder::new(first_line);
    for (width, line) in &runs {
        builder.push(*width, *line).expect("a line in range");
    }
    let bytes = builder.finish().expect("lines in range");
    let lines = LineTable::new(&bytes, first_line).lines();
    assert_eq!(
        merged(lines.map(|range| range.map(|range| (range.end().0, range.line())))),
        merged_runs(&runs)
    );

    let mut builder = LnotabBuilder::new(first_line, crate::LineDeltas::Signed);
    let with_line: Vec<_> = runs
        .iter()
        .map(|(width, line)| (*width, Some(line.unwrap_or(7))))
        .collect();
    let mut start = 0;
    for (width, line) in &with_line {
        if *width > 0 {
            builder
                .push(ByteOffset(start), line.unwrap_or(7))
                .expect("a line in range");
        }
        start += width;
    }
    let bytes = builder.finish();
    let table = Table::new(Format::Lnotab38, &bytes, first_line, ByteOffset(start));
    assert_eq!(
        merged(
            table
                .lines()
                .map(|range| range.map(|range| (range.end().0, range.line())))
        ),
        merged_runs(&with_line)
    );
}

/// The ends and lines of runs, where neighbours on one line are one.
fn merged_runs(runs: &[(u32, Option<u32>)]) -> Vec<(u32, Option<u32>)> {
    let mut end = 0;
    merged(
        runs.iter()
            .filter(|(width, _)| *width > 0)
            .map(|(width, line)| {
                end += width;
                Ok((end, *line))
            }),
    )
}

fn merged(
    ends: impl Iterator<Item = Result<(u32, Option<u32>), Error>>,
) -> Vec<(u32, Option<u32>)> {
    let mut all: Vec<(u32, Option<u32>)> = Vec::new();
    for (end, line) in ends.map(|end| end.expect("a table that was just written")) {
        match all.last_mut() {
            Some(last) if last.1 == line => last.0 = end,
            _ => all.push((end, line)),
        }
    }
    all
}
