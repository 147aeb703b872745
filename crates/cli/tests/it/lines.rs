//! `pyco lines` and `pyco addr2line` against `co_lines` and `co_positions` of each version.

use crate::support::{RELEASES, assert_same, programs, pyc, pyco_prints, said};

#[test]
fn lines_are_those_of_co_lines_and_co_positions() {
    for release in RELEASES
        .iter()
        .filter(|release| !["3.6", "3.7", "3.8", "3.9"].contains(release))
    {
        for name in programs(release) {
            let found = pyco_prints(&["lines", "--json", &pyc(release, &name)]);
            let expected = said(release, &format!("{name}.lines"));
            assert_same(&format!("lines of {name} for {release}"), &found, &expected);
        }
    }
}

#[test]
fn lines_for_people_name_the_code_objects() {
    let text = pyco_prints(&["lines", &pyc("3.13", "queens")]);
    assert!(
        text.starts_with("<module> (fixtures/src/queens.py:1)\n"),
        "{text}"
    );
    assert!(
        text.contains("\nBoard.place (fixtures/src/queens.py:17)\n"),
        "{text}"
    );
}

#[test]
fn addr2line_shows_the_source_with_carets() {
    // The first instruction of `1 << size`.
    let text = pyco_prints(&["addr2line", &pyc("3.13", "queens"), "count", "2"]);
    let expected =
        "fixtures/src/queens.py:53:12-53:13\n        full = (1 << size) - 1\n                ^\n";
    assert_same("addr2line", &text, expected);
}
