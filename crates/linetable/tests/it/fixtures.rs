//! What each CPython said of its own tables, recorded beside the programs in `tests/fixtures/`, and this crate's
//! reading of the same tables. `cargo xtask fixtures` records them, and those of 2.7, which it does not ask, are what
//! `python2.7 xtask/src/corpus/linetable.py crates/linetable/tests/fixtures/program.py` writes.

use pyco_linetable::Format;
use pyco_linetable::properties::oracle::{self, Counts};

fn compare(recorded: &str, major: u8, minor: u8) -> Counts {
    let format = Format::of_release(major, minor).expect("a release that is read");
    let mut counts = Counts::default();
    for record in oracle::records(recorded) {
        let record = record.expect("a well-formed fixture");
        if let Err(difference) = oracle::compare(&record, format, &mut counts) {
            panic!("{major}.{minor}: {difference}");
        }
    }
    counts
}

#[test]
fn tables_up_to_3_9_read_as_their_cpython_reads_them() {
    for (recorded, major, minor) in [
        (include_str!("../fixtures/2.7.txt"), 2, 7),
        (include_str!("../fixtures/3.6.txt"), 3, 6),
        (include_str!("../fixtures/3.7.txt"), 3, 7),
        (include_str!("../fixtures/3.8.txt"), 3, 8),
        (include_str!("../fixtures/3.9.txt"), 3, 9),
    ] {
        let counts = compare(recorded, major, minor);
        assert!(
            counts.code_count > 12 && counts.start_count > 50 && counts.lookup_count > 100,
            "{counts:?}"
        );
    }
}

#[test]
fn tables_from_3_10_on_read_as_their_cpython_reads_them_and_are_written_as_it_wrote_them() {
    for (recorded, major, minor) in [
        (include_str!("../fixtures/3.10.txt"), 3, 10),
        (include_str!("../fixtures/3.11.txt"), 3, 11),
        (include_str!("../fixtures/3.12.txt"), 3, 12),
        (include_str!("../fixtures/3.13.txt"), 3, 13),
        (include_str!("../fixtures/3.14.txt"), 3, 14),
        (include_str!("../fixtures/3.15.txt"), 3, 15),
    ] {
        let counts = compare(recorded, major, minor);
        assert!(
            counts.code_count > 12 && counts.range_count > 50 && counts.lookup_count > 100,
            "{counts:?}"
        );
        assert_eq!(counts.reencoded_count, counts.code_count);
        assert_eq!(counts.unit_count > 0, minor >= 11);
    }
}
