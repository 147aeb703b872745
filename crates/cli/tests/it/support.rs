//! Running the command and reading the fixtures.
//!
//! The command runs in the workspace root, as the fixtures were recorded: their paths start there.

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use flate2::read::GzDecoder;

/// Every release that `fixtures/` has records of.
pub(crate) const RELEASES: [&str; 10] = [
    "3.6", "3.7", "3.8", "3.9", "3.10", "3.11", "3.12", "3.13", "3.14", "3.15",
];

pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Runs `pyco` with these arguments, as if no CPython were installed.
pub(crate) fn pyco(args: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_pyco"));
    command
        .args(args)
        .env("PATH", "")
        .env("HOME", env!("CARGO_TARGET_TMPDIR"))
        .env_remove("PYCO_PYTHONS")
        .env_remove("PYENV_ROOT")
        .env_remove("XDG_CACHE_HOME")
        .current_dir(root())
        .output()
        .expect("pyco starts")
}

/// Runs `pyco`, requires that it succeeds, and gives back what it printed.
pub(crate) fn pyco_prints(args: &[&str]) -> String {
    let output = pyco(args);
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "pyco {args:?} failed: {stderr}");
    assert_eq!(stderr, "", "pyco {args:?}");
    String::from_utf8(output.stdout).expect("output is UTF-8")
}

/// Each program of the records of `release`, and its outcome.
fn index(release: &str) -> Vec<(String, String)> {
    let index = root().join(format!("fixtures/said/{release}/index.txt"));
    let index = fs::read_to_string(index).expect("fixtures are recorded");
    let lines = index
        .lines()
        .skip(1)
        .filter_map(|line| line.split_once(": "));
    lines
        .map(|(name, outcome)| (name.to_owned(), outcome.to_owned()))
        .collect()
}

/// The programs that the CPython of `release` could compile.
pub(crate) fn programs(release: &str) -> Vec<String> {
    let compiled = index(release)
        .into_iter()
        .filter(|(_, outcome)| outcome != "not compiled");
    compiled.map(|(name, _)| name).collect()
}

/// The programs that the CPython of `release` ran, with their exit codes.
pub(crate) fn runs(release: &str) -> Vec<(String, i32)> {
    let outcomes = index(release).into_iter();
    outcomes
        .filter_map(|(name, outcome)| Some((name, outcome.parse().ok()?)))
        .collect()
}

/// The compiled program, as a path from the root.
pub(crate) fn pyc(release: &str, name: &str) -> String {
    format!("fixtures/pyc/{release}/{name}.pyc")
}

/// What CPython said: a compressed record.
pub(crate) fn said(release: &str, file: &str) -> String {
    let path = root().join(format!("fixtures/said/{release}/{file}.gz"));
    let mut text = String::new();
    let file = fs::File::open(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    GzDecoder::new(file)
        .read_to_string(&mut text)
        .expect("a gzip file of text");
    text
}

/// Requires equal texts; a failure shows the first lines that differ, not both texts.
pub(crate) fn assert_same(what: &str, found: &str, expected: &str) {
    if found == expected {
        return;
    }
    let (mut found, mut expected) = (found.lines(), expected.lines());
    for number in 1.. {
        let pair = (found.next(), expected.next());
        match pair {
            (Some(ours), Some(cpython)) if ours == cpython => {}
            (None, None) => panic!("{what}: differs in line ends only"),
            (ours, cpython) => {
                panic!("{what}, line {number}:\n  pyco    {ours:?}\n  CPython {cpython:?}")
            }
        }
    }
}
