//! A traceback line from a code object's table: the line of an offset, and carets below its columns.
//!
//! Run with `cargo run -p pyco-linetable --example addr2line`.

use pyco_linetable::{Error, LocationTable, UnitOffset, column_to_chars};

fn main() -> Result<(), Error> {
    // `def größe(x): return x.länge + 1`, compiled by CPython 3.13.
    let source = "def größe(x): return x.länge + 1";
    let table = LocationTable::new(TABLE, 1);

    for unit in 0..table.positions().count() as u32 {
        let location = table.location(UnitOffset(unit))?;
        let (Some(line), Some(column), Some(end)) =
            (location.line(), location.column(), location.end_column())
        else {
            println!("unit {unit}: no location");
            continue;
        };
        let (from, to) = (
            column_to_chars(source, column),
            column_to_chars(source, end),
        );
        println!("unit {unit}, line {line}:\n    {source}");
        println!(
            "    {}{}",
            " ".repeat(from),
            "^".repeat(to.saturating_sub(from).max(1))
        );
    }
    Ok(())
}

/// The function's `co_linetable`.
const TABLE: &[u8] = b"\x80\x00\x90\x71\x97\x78\x91\x78\xa0\x21\x91\x7c\xd0\x10\x23";
