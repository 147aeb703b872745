//! Prints the entries of an exception table, as `dis` does.
//!
//! Run with `cargo run -p pyco-varint --example exception_table`.

use pyco_varint::{Error, exception};

fn main() -> Result<(), Error> {
    let table = [0x94, 0x08, 0x41, 0x24, 0x06];
    let mut offset = 0;
    while offset < table.len() {
        let (start, next) = exception::read_start(&table, offset)?;
        let (length, next) = exception::read(&table, next)?;
        let (target, next) = exception::read(&table, next)?;
        let (depth_and_lasti, next) = exception::read(&table, next)?;
        let lasti = if depth_and_lasti & 1 == 1 {
            " lasti"
        } else {
            ""
        };
        // Code units are two bytes; `dis` shows bytes.
        println!(
            "{} to {} -> {} [{}]{lasti}",
            start * 2,
            (start + length) * 2,
            target * 2,
            depth_and_lasti >> 1
        );
        offset = next;
    }
    Ok(())
}
