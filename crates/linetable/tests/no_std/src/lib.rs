//! Uses all that reads, as firmware or a kernel probe would: without `std` and without `alloc`.
#![no_std]

use pyco_linetable::{ByteOffset, Error, Format, Location, ReadError, Reader, Table, UnitOffset, column_to_chars};

/// Every look-up and every iterator.
pub fn read(format: Format, bytes: &[u8], code_len: ByteOffset) -> Result<Option<u32>, Error> {
    let table = Table::new(format, bytes, 1, code_len);
    let mut last = None;
    for range in table.lines() {
        last = range?.line().max(last);
    }
    for start in table.line_starts() {
        last = start?.1.max(last);
    }
    for pair in table.co_lnotab() {
        let [_, _] = pair?;
    }
    let mut buffer = [Location::NONE; 16];
    let mut positions = table.positions();
    while positions.fill(&mut buffer)? > 0 {
        last = buffer[0].line().max(last);
    }
    Ok(table.addr2line(ByteOffset(2))?.max(table.location(UnitOffset(1))?.line()).max(last))
}

/// The reader of pieces, and a column.
pub fn read_pieces(remote: fn(usize, &mut [u8]) -> Result<usize, u8>, line: &str) -> Result<usize, ReadError<u8>> {
    let location = Reader::new(10, 1, remote).location(UnitOffset(3))?;
    Ok(column_to_chars(line, location.column().unwrap_or(0)))
}
