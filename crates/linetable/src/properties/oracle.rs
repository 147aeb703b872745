//! What a CPython said of its own tables, one record a code object, and whether this crate says the same.
//!
//! The records are lines of text that `xtask/src/corpus/linetable.py` writes: whole standard libraries for
//! `cargo xtask corpus`, a few files for the fixtures of the tests. `-` is CPython's None; a record is
//!
//! ```text
//! code FIRST_LINE CODE_LEN NAME
//! table HEX
//! lines START:END:LINE …                      3.10 and later
//! positions COUNT*LINE,END_LINE,COL,END_COL … 3.11 and later, equal neighbours counted
//! lnotab HEX                                  3.10 to 3.14
//! starts OFFSET:LINE …
//! addr2line OFFSET:LINE …
//! addr2location OFFSET:LINE,END_LINE,COL,END_COL …
//! end
//! ```

use crate::{
    ByteOffset, Format, LineDeltas, LineRange, LineTable, LineTableBuilder, Lnotab, LnotabBuilder,
    Location, LocationTable, LocationTableBuilder, Table, locations,
};
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

/// One code object's record: its fields as text, parsed when compared.
#[derive(Debug, Default, Clone)]
pub struct Record<'a> {
    /// Where the code object is from.
    pub name: &'a str,
    /// `co_firstlineno`.
    pub first_line: i32,
    /// The length of `co_code` in bytes.
    pub code_len: u32,
    /// The table's bytes.
    pub table: Vec<u8>,
    fields: Vec<(&'a str, &'a str)>,
}

/// What a comparison went over.
#[derive(Debug, Default, Clone, Copy)]
pub struct Counts {
    /// Code objects.
    pub code_count: usize,
    /// Bytes of tables.
    pub table_byte_count: usize,
    /// Code units of which the position was compared.
    pub unit_count: usize,
    /// Line ranges compared.
    pub range_count: usize,
    /// Line starts compared.
    pub start_count: usize,
    /// Single look-ups compared.
    pub lookup_count: usize,
    /// Tables that came back byte for byte from their decoded form.
    pub reencoded_count: usize,
}

/// Splits `text` into its records.
///
/// # Errors
/// A description of the line that is not of the form above.
pub fn records(text: &str) -> impl Iterator<Item = Result<Record<'_>, String>> {
    let mut lines = text.lines();
    core::iter::from_fn(move || {
        let head = lines.next()?;
        Some(
            record(head, &mut lines).ok_or_else(|| format!("bad record that starts with {head:?}")),
        )
    })
}

fn record<'a>(head: &'a str, lines: &mut impl Iterator<Item = &'a str>) -> Option<Record<'a>> {
    let mut words = head.strip_prefix("code ")?.splitn(3, ' ');
    let mut record = Record {
        first_line: words.next()?.parse().ok()?,
        code_len: words.next()?.parse().ok()?,
        name: words.next()?,
        ..Record::default()
    };
    record.table = hex(lines.next()?.strip_prefix("table ")?)?;
    loop {
        let line = lines.next()?;
        if line == "end" {
            return Some(record);
        }
        record.fields.push(line.split_once(' ')?);
    }
}

fn hex(text: &str) -> Option<Vec<u8>> {
    if text == "-" {
        return Some(Vec::new());
    }
    (0..text.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(text.get(at..at + 2)?, 16).ok())
        .collect()
}

/// A number or `-`.
fn number(text: &str) -> Result<Option<u32>, String> {
    if text == "-" {
        return Ok(None);
    }
    text.parse()
        .map(Some)
        .map_err(|_| format!("not a number: {text:?}"))
}

fn offset(text: &str) -> Result<ByteOffset, String> {
    Ok(ByteOffset(number(text)?.ok_or("an offset is missing")?))
}

fn location(text: &str) -> Result<Location, String> {
    let mut parts = text.split(',').map(number);
    let mut part = || {
        parts
            .next()
            .unwrap_or(Err(format!("not a location: {text:?}")))
    };
    Ok(Location::new(part()?, part()?, part()?, part()?))
}

/// Compares everything that `record` holds with what this crate makes of its table, and adds to `counts`.
///
/// # Errors
/// The first difference.
pub fn compare(record: &Record<'_>, format: Format, counts: &mut Counts) -> Result<(), String> {
    let table = Table::new(
        format,
        &record.table,
        record.first_line,
        ByteOffset(record.code_len),
    );
    counts.code_count += 1;
    counts.table_byte_count += record.table.len();
    for (field, text) in &record.fields {
        let compared = match *field {
            "lines" => lines(&table, text, counts),
            "positions" => positions(&table, text, counts),
            "lnotab" => computed_lnotab(&table, text),
            "starts" => starts(&table, text, counts),
            "addr2line" => addr2line(&table, text, counts),
            "addr2location" => addr2location(&table, text, counts),
            _ => Err("unknown field".into()),
        };
        compared.map_err(|what| format!("{}: {field}: {what}", record.name))?;
    }
    match reencode(record, format) {
        Ok(bytes) if bytes == record.table => counts.reencoded_count += 1,
        Ok(_) if format < Format::LineTable310 => {}
        Ok(bytes) => return Err(format!("{}: encoded again it is {bytes:02x?}", record.name)),
        Err(_) if format == Format::Lnotab27 => {}
        Err(error) => return Err(format!("{}: encoding again: {error}", record.name)),
    }
    Ok(())
}

fn expect<T: PartialEq + core::fmt::Debug>(found: T, expected: T, at: &str) -> Result<(), String> {
    if found == expected {
        Ok(())
    } else {
        Err(format!(
            "at {at:?} found {found:?}, CPython says {expected:?}"
        ))
    }
}

fn lines(table: &Table<'_>, text: &str, counts: &mut Counts) -> Result<(), String> {
    let mut found = table.lines();
    for word in text.split_ascii_whitespace() {
        let mut parts = word.split(':');
        let mut part = || parts.next().unwrap_or("");
        let expected = (offset(part())?, offset(part())?, number(part())?);
        let range = found
            .next()
            .ok_or(format!("no range for {word}"))?
            .map_err(|error| format!("{error}"))?;
        expect((range.start(), range.end(), range.line()), expected, word)?;
        counts.range_count += 1;
    }
    expect(found.next(), None, "the end")?;
    let mut buffer = [LineRange::default(); 100];
    let mut filling = table.lines();
    let mut one_by_one = table.lines();
    loop {
        let filled = filling
            .fill(&mut buffer)
            .map_err(|error| format!("{error}"))?;
        for range in &buffer[..filled] {
            expect(Some(Ok(*range)), one_by_one.next(), "a range by fill")?;
        }
        if filled == 0 {
            return expect(one_by_one.next(), None, "the end by fill");
        }
    }
}

fn positions(table: &Table<'_>, text: &str, counts: &mut Counts) -> Result<(), String> {
    let mut found = table.positions();
    for word in text.split_ascii_whitespace() {
        let (count, expected) = word.split_once('*').ok_or("a count is missing")?;
        let expected = location(expected)?;
        let count = number(count)?.ok_or("a count is missing")?;
        for _ in 0..count {
            expect(found.next(), Some(Ok(expected)), word)?;
        }
        counts.unit_count += count as usize;
    }
    expect(found.next(), None, "the end")
}

fn computed_lnotab(table: &Table<'_>, text: &str) -> Result<(), String> {
    let found: Result<Vec<[u8; 2]>, _> = table.co_lnotab().collect();
    expect(found.map(|pairs| pairs.concat()).ok(), hex(text), text)
}

fn starts(table: &Table<'_>, text: &str, counts: &mut Counts) -> Result<(), String> {
    let mut found = table.line_starts();
    for word in text.split_ascii_whitespace() {
        let (start, line) = word.split_once(':').ok_or("a line is missing")?;
        expect(
            found.next(),
            Some(Ok((offset(start)?, number(line)?))),
            word,
        )?;
        counts.start_count += 1;
    }
    expect(found.next(), None, "the end")
}

fn addr2line(table: &Table<'_>, text: &str, counts: &mut Counts) -> Result<(), String> {
    for word in text.split_ascii_whitespace() {
        let (at, line) = word.split_once(':').ok_or("a line is missing")?;
        expect(table.addr2line(offset(at)?), Ok(number(line)?), word)?;
        counts.lookup_count += 1;
    }
    Ok(())
}

fn addr2location(table: &Table<'_>, text: &str, counts: &mut Counts) -> Result<(), String> {
    for word in text.split_ascii_whitespace() {
        let (at, expected) = word.split_once(':').ok_or("a location is missing")?;
        expect(table.location(offset(at)?), Ok(location(expected)?), word)?;
        counts.lookup_count += 1;
    }
    Ok(())
}

/// Decodes and encodes the table again as its version's compiler would.
fn reencode(record: &Record<'_>, format: Format) -> Result<Vec<u8>, crate::Error> {
    let (bytes, first_line) = (&record.table[..], record.first_line);
    match format {
        Format::Lnotab27 | Format::Lnotab36 | Format::Lnotab38 => {
            let deltas = if format == Format::Lnotab27 {
                LineDeltas::Unsigned
            } else {
                LineDeltas::Signed
            };
            let table = Lnotab::new(bytes, first_line, ByteOffset(record.code_len), deltas);
            let mut builder = LnotabBuilder::new(first_line, deltas);
            for range in table.lines_beyond_code() {
                let range = range?;
                builder.push(range.start(), range.line().unwrap_or(0))?;
            }
            Ok(builder.finish())
        }
        Format::LineTable310 => {
            let mut builder = LineTableBuilder::new(first_line);
            for range in LineTable::new(bytes, first_line).lines() {
                let range = range?;
                builder.push(range.end().0 - range.start().0, range.line())?;
            }
            builder.finish()
        }
        Format::Locations311 | Format::Locations312 | Format::Locations313 => {
            let table = LocationTable::new(bytes, first_line);
            let mut builder = LocationTableBuilder::new(first_line, format.lines_rule());
            let mut entries = Vec::new();
            for entry in table.entries() {
                let entry = entry?;
                builder.push(u32::from(entry.unit_count), entry.location)?;
                entries.push(entry);
            }
            assert_eq!(
                locations::encode_entries(first_line, entries)?,
                bytes,
                "entry by entry, {}",
                record.name
            );
            builder.finish()
        }
    }
}
