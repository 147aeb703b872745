//! Bad tables: each fault is an error of its kind at its offset, and the message says so.

use pyco_linetable::ErrorKind::*;
use pyco_linetable::{
    ByteOffset, Error, ErrorKind, LineDeltas, LineTable, Lnotab, LocationTable, UnitOffset,
};

fn fault(bytes: &[u8], first_line: i32) -> (ErrorKind, usize) {
    let error = LocationTable::new(bytes, first_line)
        .entries()
        .find_map(Result::err)
        .expect("a fault");
    (error.kind(), error.offset())
}

#[test]
fn faults_of_a_location_table_are_found_where_they_are() {
    for (bytes, kind, offset) in [
        (&b"\x80"[..], Truncated, 1),
        (b"\xf8\xd0\x01", Truncated, 3),
        (b"\xe8", Truncated, 1),
        (b"\xe8\x41", Truncated, 2),
        (b"\xf0\x00\x00\x05", Truncated, 4),
        (b"\x00", MissingEntryMark, 0),
        (b"\xf8\x00", MissingEntryMark, 1),
        (b"\x80\x00\x00\x00", MissingEntryMark, 2),
        (b"\x80\x80\x00\x00", UnexpectedEntryMark, 1),
        (b"\xd0\x00\x80\x00", UnexpectedEntryMark, 2),
        (b"\xe8\x80", UnexpectedEntryMark, 1),
        (b"\xe8\x40\x00", OverlongVarint, 2),
        (b"\xe8\x7f\x7f\x7f\x7f\x7f\x7f", VarintOverflow, 6),
        (b"\xe8\x05", LineOutOfRange, 0),
        (b"\xf8\xf0\x05\x00\x01\x01", LineOutOfRange, 1),
        (
            b"\xf0\x00\x7f\x7f\x7f\x7f\x7f\x01\x01\x01",
            LineOutOfRange,
            0,
        ),
    ] {
        assert_eq!(fault(bytes, 1), (kind, offset), "{bytes:02x?}");
    }
}

#[test]
fn a_first_line_out_of_range_is_a_fault_only_where_it_is_used() {
    assert_eq!(fault(b"\x80\x00\x80\x00", -3), (LineOutOfRange, 0));
    assert_eq!(fault(b"\xd8\x00\x00\x80", i32::MAX), (LineOutOfRange, 0));
    let table = LocationTable::new(b"\xf8\xe8\x08\x80\x00", -3);
    assert_eq!(table.addr2line(UnitOffset(2)), Ok(Some(1)));
}

#[test]
fn what_comes_before_a_fault_can_be_read() {
    let table = LocationTable::new(b"\x80\x00\xe8", 5);
    assert_eq!(table.addr2line(UnitOffset(0)), Ok(Some(5)));
    assert!(table.addr2line(UnitOffset(1)).is_err());
    let mut positions = table.positions();
    assert!(positions.next().is_some_and(|position| position.is_ok()));
    assert!(positions.next().is_some_and(|position| position.is_err()));
    assert_eq!(positions.next(), None);
}

#[test]
fn faults_of_the_older_tables_are_found_where_they_are() {
    let line_table = |bytes, first| LineTable::new(bytes, first).lines().find_map(Result::err);
    let lnotab = |bytes, first| {
        Lnotab::new(bytes, first, ByteOffset(9), LineDeltas::Signed)
            .lines()
            .find_map(Result::err)
    };
    let fault = |error: Option<Error>| error.map(|error| (error.kind(), error.offset()));
    assert_eq!(fault(line_table(b"\x02\x01\x02", 1)), Some((OddLength, 2)));
    assert_eq!(
        fault(line_table(b"\x02\x01\x02\xf0", 1)),
        Some((LineOutOfRange, 2))
    );
    assert_eq!(
        fault(line_table(b"\x02\x01", i32::MAX)),
        Some((LineOutOfRange, 0))
    );
    assert_eq!(fault(lnotab(b"\x02\x01\x02", 1)), Some((OddLength, 2)));
    assert_eq!(
        fault(lnotab(b"\x02\xf0\x02\x01", 1)),
        Some((LineOutOfRange, 2))
    );
}

#[test]
fn messages_name_the_fault_and_end_with_the_offset() {
    let error = LocationTable::new(b"\x80\x00\x42", 1)
        .entries()
        .find_map(Result::err)
        .unwrap();
    assert_eq!(
        error.to_string(),
        "byte has bit 7 clear, expected an entry start with it set at offset 0x2"
    );
}

#[test]
fn minus_zero_is_zero_as_in_cpython() {
    let table = LocationTable::new(b"\xe9\x01", 10);
    assert_eq!(table.addr2line(UnitOffset(1)), Ok(Some(10)));
}

#[test]
fn code_of_no_bytes_has_no_lines_and_no_fault() {
    let table = Lnotab::new(b"", -1571071192, ByteOffset(0), LineDeltas::Signed);
    assert_eq!(table.lines().next(), None);
}
