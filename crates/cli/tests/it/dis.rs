//! `pyco dis` against `dis.dis` of each version.

use crate::support::{RELEASES, assert_same, programs, pyc, pyco_prints, said};

/// Members of a set have no order that both sides could know: CPython shows its hash table's.
fn with_sorted_sets(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(start) = rest.find("frozenset({") {
        let (before, set) = rest.split_at(start + "frozenset({".len());
        let end = set.find("})").unwrap_or(set.len());
        let mut members = set[..end].split(", ").collect::<Vec<_>>();
        members.sort_unstable();
        out.push_str(before);
        out.push_str(&members.join(", "));
        rest = &set[end..];
    }
    out + rest
}

/// 3.6's own `dis.dis` stops at the first code object; pyco shows the nested ones as 3.7 does.
fn only_module(text: &str) -> &str {
    text.split("\nDisassembly of ").next().unwrap_or(text)
}

#[test]
fn dis_prints_what_each_version_prints() {
    for release in RELEASES {
        for name in programs(release) {
            let found = pyco_prints(&["dis", &pyc(release, &name)]);
            let found = if release == "3.6" {
                only_module(&found)
            } else {
                &found
            };
            let expected = said(release, &format!("{name}.dis"));
            let what = format!("dis of {name} for {release}");
            assert_same(
                &what,
                &with_sorted_sets(found),
                &with_sorted_sets(&expected),
            );
        }
    }
}

#[test]
fn several_files_are_told_apart_by_their_names() {
    let (first, second) = (pyc("3.13", "queens"), pyc("3.13", "shapes"));
    let both = pyco_prints(&["dis", &first, &second]);
    let apart = [first, second].map(|file| format!("{file}:\n{}", pyco_prints(&["dis", &file])));
    assert_same("dis of two files", &both, &apart.concat());
}
