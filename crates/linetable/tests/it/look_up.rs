//! Look-ups: offsets of both kinds, the index, a reader of pieces, and remapping.

use pyco_linetable::{
    ByteOffset, ErrorKind, Format, LineTable, LinesRule, Lnotab, Location, LocationTable,
    ReadError, Reader, Table, UnitOffset,
};

/// Three units on line 1, two without a line, one on line 2.
const TABLE: &[u8] = b"\x82\x11\xf9\xd8\x04\x05";

#[test]
fn both_bytes_of_a_code_unit_have_its_location() {
    let table = LocationTable::new(TABLE, 1);
    for unit in 0..8 {
        let expected = table.location(UnitOffset(unit));
        assert_eq!(table.location(ByteOffset(2 * unit)), expected);
        assert_eq!(table.location(ByteOffset(2 * unit + 1)), expected);
    }
    assert_eq!(table.location(UnitOffset(u32::MAX)), Ok(Location::NONE));
}

#[test]
fn no_line_and_the_end_of_the_table_are_none() {
    let index = LocationTable::new(TABLE, 1).index().unwrap();
    let lines: Vec<_> = (0..8)
        .map(|unit| index.addr2line(UnitOffset(unit)))
        .collect();
    assert_eq!(
        lines,
        [Some(1), Some(1), Some(1), None, None, Some(2), None, None]
    );
    assert_eq!(index.run_count(), 4);
    let empty = LocationTable::new(b"", 1).index().unwrap();
    assert_eq!(empty.location(UnitOffset(0)), Location::NONE);
}

#[test]
fn the_index_of_an_old_table_goes_on_beyond_the_code_as_the_table_does() {
    let table = Table::new(Format::Lnotab36, b"\x00\x01\x04\x01", 1, ByteOffset(8));
    let index = table.index().unwrap();
    for offset in [0, 3, 4, 7, 8, 1000, u32::MAX].map(ByteOffset) {
        assert_eq!(
            index.addr2line(offset),
            table.addr2line(offset).unwrap(),
            "{offset}"
        );
    }
    let table = Table::new(Format::LineTable310, b"\x04\x01\x04\x80", 1, ByteOffset(8));
    assert_eq!(table.index().unwrap().addr2line(ByteOffset(8)), None);
}

#[test]
fn a_reader_fetches_no_more_than_it_needs_and_passes_errors_on() {
    let bytes = [0xd9, 4, 5].repeat(1000);
    let mut fetched = Vec::new();
    let mut reader = Reader::new(bytes.len(), 0, |offset: usize, buffer: &mut [u8]| {
        if offset > 1500 {
            return Err("unmapped page");
        }
        fetched.push(offset);
        buffer.copy_from_slice(&bytes[offset..offset + buffer.len()]);
        Ok(buffer.len())
    });
    assert_eq!(reader.addr2line(UnitOffset(0)), Ok(Some(1)));
    assert_eq!(reader.addr2line(UnitOffset(601)), Ok(Some(301)));
    let error = reader.addr2line(UnitOffset(1999)).unwrap_err();
    assert!(
        matches!(
            error,
            ReadError::Fetch {
                error: "unmapped page",
                offset: 1501..
            }
        ),
        "{error}"
    );
    assert_eq!(
        reader.addr2line(UnitOffset(3)),
        Ok(Some(2)),
        "an error does not spoil the reader"
    );
    assert_eq!(
        (fetched.len(), fetched[0], fetched[7]),
        (8, 0, 0),
        "seven windows, and the first again"
    );
    assert!(fetched[..7].is_sorted());
}

#[test]
fn a_reader_that_gets_less_than_announced_says_so() {
    let mut reader = Reader::new(10, 1, |_: usize, _: &mut [u8]| Ok::<_, std::io::Error>(0));
    match reader.next_entry() {
        Err(ReadError::Table(error)) => {
            assert_eq!((error.kind(), error.offset()), (ErrorKind::Truncated, 0))
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn remapping_keeps_offsets_and_changes_lines() {
    let moved = LineTable::new(b"\x08\x01\x02\x80\x02\x01", 1)
        .remap(101, |line| (line != 3).then_some(line + 100));
    assert_eq!(moved.unwrap(), b"\x08\x01\x04\x80");

    let table = Lnotab::new(
        b"\x00\x01\x04\x01",
        1,
        ByteOffset(8),
        pyco_linetable::LineDeltas::Signed,
    );
    assert_eq!(
        table.remap(1, |line| line * 2).unwrap(),
        b"\x00\x03\x04\x02"
    );

    let table = LocationTable::new(TABLE, 1);
    assert_eq!(
        table
            .remap(1, LinesRule::Merged, |location| location)
            .unwrap(),
        TABLE
    );
}

#[test]
fn code_from_two_files_keeps_the_locations_of_its_own() {
    let table = LocationTable::new(TABLE, 1);
    let by_line = |location: Location| match location.line()? {
        1 => Some(("a", Location::from_line(10))),
        _ => Some(("b", Location::from_line(20))),
    };
    let remapped = table
        .remap_to_source(LinesRule::Merged, by_line)
        .unwrap()
        .unwrap();
    assert_eq!(
        (remapped.file, remapped.first_line, remapped.lost_unit_count),
        ("a", 10, 1)
    );
    assert_eq!(remapped.bytes, b"\xea\x00\xfa");
    assert_eq!(
        table
            .remap_to_source(LinesRule::Merged, |_| None::<((), _)>)
            .unwrap(),
        None
    );
}
