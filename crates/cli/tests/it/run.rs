//! `pyco run` against what CPython printed: stdout, stderr and exit code, byte for byte.

use std::fs;

use crate::support::{pyc, pyco, root, runs};

/// The versions whose programs `pyco run` runs.
const RELEASES: [&str; 5] = ["3.11", "3.12", "3.13", "3.14", "3.15"];

/// What differs, with the first line that does; `None` if all is as CPython had it.
fn difference(release: &str, name: &str, exit_code: i32) -> Option<String> {
    let output = pyco(&["run", &pyc(release, name)]);
    let said = |stream: &str| {
        let path = root().join(format!("fixtures/said/{release}/{name}.{stream}"));
        fs::read(path).expect("fixtures are recorded")
    };
    for (stream, found) in [("stdout", &output.stdout), ("stderr", &output.stderr)] {
        let expected = said(stream);
        if *found != expected {
            let (found, expected) = (
                String::from_utf8_lossy(found),
                String::from_utf8_lossy(&expected),
            );
            let same = found
                .lines()
                .zip(expected.lines())
                .take_while(|(a, b)| a == b)
                .count();
            return Some(format!(
                "{name}, {stream}, line {}:\n  pyco    {:?}\n  CPython {:?}",
                same + 1,
                found.lines().nth(same),
                expected.lines().nth(same)
            ));
        }
    }
    let found = output.status.code();
    (found != Some(exit_code)).then(|| format!("{name}: found {found:?}, expected {exit_code}"))
}

#[test]
fn programs_run_as_in_cpython() {
    let mut differences = Vec::new();
    for release in RELEASES {
        for (name, exit_code) in runs(release) {
            differences.extend(difference(release, &name, exit_code));
        }
    }
    assert!(differences.is_empty(), "{}", differences.join("\n"));
}

#[test]
fn another_version_is_refused_by_name() {
    for release in ["3.9", "3.10"] {
        let file = pyc(release, "queens");
        let output = pyco(&["run", &file]);
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{stderr}");
        assert!(
            stderr.starts_with(&format!("pyco: {file}: compiled by CPython {release}")),
            "{stderr}"
        );
        assert_eq!(stderr.lines().count(), 1, "{stderr}");
    }
}

#[test]
fn a_folder_needs_a_main_program() {
    let output = pyco(&["run", "fixtures"]);
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{stderr}");
    let reason = "found a directory without __main__.py or __main__.pyc, expected a program";
    assert_eq!(stderr, format!("pyco: fixtures: {reason}\n"));
}

#[test]
fn without_io_nothing_of_the_host_is_reached() {
    let output = pyco(&["run", "--no-io", &pyc("3.13", "files")]);
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{stderr}");
    assert_eq!(String::from_utf8_lossy(&output.stdout), "");
    let last = "PermissionError: [Errno 1] the host grants no access to processes";
    assert_eq!(stderr.lines().last(), Some(last), "{stderr}");
}
