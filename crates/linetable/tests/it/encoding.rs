//! Writing tables: the forms chosen, and what is refused.

use pyco_linetable::ErrorKind::{AddressGoesBack, EndBeforeStart, FormTooSmall, LineOutOfRange};
use pyco_linetable::locations::{Entry, Form, encode_entries};
use pyco_linetable::{
    ByteOffset, LineDeltas, LineTableBuilder, LinesRule, LnotabBuilder, Location, LocationTable,
    LocationTableBuilder, UnitOffset,
};

fn at(line: u32, end_line: u32, column: u32, end_column: u32) -> Location {
    Location::new(Some(line), Some(end_line), Some(column), Some(end_column))
}

/// The form in which the builder writes `location` after line 10.
fn form_of(location: Location) -> Form {
    let mut builder = LocationTableBuilder::new(10, LinesRule::Merged);
    builder.push(1, location).unwrap();
    let bytes = builder.finish().unwrap();
    let entries: Vec<_> = LocationTable::new(&bytes, 10)
        .entries()
        .map(Result::unwrap)
        .collect();
    assert_eq!(entries.len(), 1);
    entries[0].form
}

#[test]
fn the_shortest_form_that_the_compiler_would_choose_is_chosen() {
    for (location, form) in [
        (at(10, 10, 79, 94), Form::Short),
        (at(10, 10, 79, 95), Form::OneLine),
        (at(10, 10, 80, 80), Form::OneLine),
        (at(10, 10, 5, 4), Form::OneLine),
        (at(12, 12, 127, 127), Form::OneLine),
        (at(12, 12, 127, 128), Form::Long),
        (at(13, 13, 0, 1), Form::Long),
        (at(9, 9, 0, 1), Form::Long),
        (at(10, 11, 0, 1), Form::Long),
        (Location::from_line(10), Form::NoColumns),
        (Location::new(Some(10), None, None, None), Form::NoColumns),
        (
            Location::new(Some(10), Some(10), Some(3), None),
            Form::NoColumns,
        ),
        (Location::new(Some(10), Some(11), Some(3), None), Form::Long),
        (Location::NONE, Form::None),
    ] {
        assert_eq!(form_of(location), form, "{location}");
    }
}

#[test]
fn equal_neighbours_are_merged_from_3_12_on_and_long_runs_are_split() {
    let build = |rule| {
        let mut builder = LocationTableBuilder::new(1, rule);
        builder.push(5, at(1, 1, 0, 0)).unwrap();
        builder.push(5, at(1, 1, 0, 0)).unwrap();
        builder.finish().unwrap()
    };
    assert_eq!(build(LinesRule::EachEntry), b"\x84\x00\x84\x00");
    assert_eq!(build(LinesRule::Merged), b"\x87\x00\x81\x00");
}

#[test]
fn locations_that_no_table_holds_are_refused_and_leave_the_builder_as_it_was() {
    let mut builder = LocationTableBuilder::new(1, LinesRule::Merged);
    builder.push(1, at(1, 1, 0, 0)).unwrap();
    assert_eq!(
        builder.push(1, at(2, 1, 0, 0)).unwrap_err().kind(),
        EndBeforeStart
    );
    assert_eq!(
        builder
            .push(1, Location::from_line(1 << 31))
            .unwrap_err()
            .kind(),
        LineOutOfRange
    );
    builder.push(1, at(1, 1, 0, 0)).unwrap();
    assert_eq!(builder.finish().unwrap(), b"\x81\x00");
}

#[test]
fn a_form_that_cannot_hold_its_location_is_refused() {
    let entry = |unit_count, form, location| Entry {
        start: UnitOffset(0),
        unit_count,
        form,
        location,
    };
    for entry in [
        entry(0, Form::None, Location::NONE),
        entry(9, Form::None, Location::NONE),
        entry(1, Form::None, Location::from_line(1)),
        entry(1, Form::Short, Location::NONE),
        entry(1, Form::Short, at(1, 1, 80, 80)),
        entry(1, Form::OneLine, at(4, 4, 0, 0)),
        entry(1, Form::OneLine, Location::from_line(1)),
        entry(1, Form::NoColumns, at(1, 1, 0, 0)),
        entry(1, Form::Long, Location::NONE),
    ] {
        assert_eq!(
            encode_entries(1, [entry]).unwrap_err().kind(),
            FormTooSmall,
            "{entry:?}"
        );
    }
}

#[test]
fn large_steps_of_a_3_10_table_are_split() {
    let mut builder = LineTableBuilder::new(1);
    builder.push(600, Some(301)).unwrap();
    builder.push(600, None).unwrap();
    builder.push(2, Some(1)).unwrap();
    let expected =
        b"\x00\x7f\x00\x7f\xfe\x2e\xfe\x00\x5c\x00\xfe\x80\xfe\x80\x5c\x80\x00\x81\x00\x81\x02\xd2";
    assert_eq!(builder.finish().unwrap(), expected);
}

#[test]
fn large_steps_of_a_co_lnotab_are_split() {
    let mut builder = LnotabBuilder::new(1, LineDeltas::Signed);
    builder.push(ByteOffset(600), 301).unwrap();
    builder.push(ByteOffset(602), 1).unwrap();
    assert_eq!(
        builder.push(ByteOffset(0), 1).unwrap_err().kind(),
        AddressGoesBack
    );
    assert_eq!(
        builder.finish(),
        b"\xff\x00\xff\x00\x5a\x7f\x00\x7f\x00\x2e\x02\x80\x00\x80\x00\xd4"
    );

    let mut builder = LnotabBuilder::new(1, LineDeltas::Unsigned);
    builder.push(ByteOffset(2), 601).unwrap();
    assert_eq!(
        builder.push(ByteOffset(4), 600).unwrap_err().kind(),
        LineOutOfRange
    );
    assert_eq!(builder.finish(), b"\x02\xff\x00\xff\x00\x5a");
}
