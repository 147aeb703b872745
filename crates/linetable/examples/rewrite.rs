//! Writing a table, and moving it: code generated from a template gets the template's lines.
//!
//! Run with `cargo run -p pyco-linetable --example rewrite`.

use pyco_linetable::{Error, LinesRule, Location, LocationTable, LocationTableBuilder};

fn main() -> Result<(), Error> {
    // Three instructions of two generated lines, each with its size in code units, caches included.
    let mut builder = LocationTableBuilder::new(1, LinesRule::Merged);
    builder.push(1, Location::new(Some(1), Some(1), Some(0), Some(0)))?;
    builder.push(5, Location::new(Some(2), Some(2), Some(4), Some(17)))?;
    builder.push(2, Location::new(Some(3), Some(3), Some(4), Some(9)))?;
    let bytes = builder.finish()?;
    let table = LocationTable::new(&bytes, 1);
    println!("generated: {bytes:02x?}");

    // Line 2 came from line 40 of the template, line 3 from line 47, line 1 from nowhere.
    let remapped =
        table.remap_to_source(LinesRule::Merged, |location| match location.line()? {
            2 => Some(("page.html", Location::from_line(40))),
            3 => Some(("page.html", Location::from_line(47))),
            _ => None,
        })?;
    let remapped = remapped.expect("a line from the template");
    println!(
        "{}, from line {}: {:02x?}",
        remapped.file, remapped.first_line, remapped.bytes
    );
    for range in LocationTable::new(&remapped.bytes, remapped.first_line).lines(LinesRule::Merged) {
        let range = range?;
        println!(
            "  bytes {} to {}: line {:?}",
            range.start(),
            range.end(),
            range.line()
        );
    }
    Ok(())
}
