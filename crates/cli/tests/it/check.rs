//! `pyco check`: every fixture comes back byte for byte; damage is found.

use std::fs;
use std::path::PathBuf;

use crate::support::{pyc, pyco, pyco_prints, root};

#[test]
fn every_fixture_comes_back_byte_for_byte() {
    let text = pyco_prints(&["check", "fixtures"]);
    let (files, rest) = text.split_once(" files: ").expect("one line of counts");
    assert!(files.parse::<usize>().expect("a count") > 250, "{text}");
    assert!(
        rest.starts_with(&format!("{files} came back byte for byte")),
        "{text}"
    );
    assert!(rest.ends_with(" code objects, 0 failed\n"), "{text}");
}

#[test]
fn failures_are_named_and_counted() {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("check");
    fs::create_dir_all(&folder).expect("the target folder can be written");
    let good = fs::read(root().join(pyc("3.13", "queens"))).expect("fixtures are recorded");
    fs::write(folder.join("a.pyc"), &good).expect("the target folder can be written");
    fs::write(folder.join("b.pyc"), &good[..200]).expect("the target folder can be written");
    let folder = folder.to_string_lossy();
    let output = pyco(&["check", &folder, "no/such.pyc"]);
    assert_eq!(output.status.code(), Some(1));
    let text = String::from_utf8_lossy(&output.stdout);
    let lines = text.lines().collect::<Vec<_>>();
    assert!(
        lines[0].contains("b.pyc: ") && lines[0].contains(" at offset 0x"),
        "{text}"
    );
    assert!(text.contains("no/such.pyc: no such file\n"), "{text}");
    assert!(lines[2].starts_with("3 files: 1 came back"), "{text}");
    assert!(lines[2].ends_with("2 failed"), "{text}");
}
