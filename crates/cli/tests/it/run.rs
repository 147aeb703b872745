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

/// Ten kinds of cycles, exceptions, generators and classes, a hundred thousand of each.
#[test]
fn a_million_rounds_leave_nothing() {
    let output = pyco(&["run", &pyc("3.13", "leaks"), "100000"]);
    let said = root().join("fixtures/said/3.13/leaks.stdout");
    let expected = fs::read_to_string(said).expect("fixtures are recorded");
    assert_eq!(String::from_utf8_lossy(&output.stdout), expected);
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

#[test]
fn a_zip_file_is_a_program() {
    let output = pyco(&["run", "crates/cli/tests/data/program.zip", "a", "b"]);
    let (stdout, stderr) = (
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr),
    );
    assert_eq!(stderr, "");
    let mut lines = stdout.lines();
    let first = "['crates/cli/tests/data/program.zip', 'a', 'b'] helper PACK.OTHER pack.other";
    assert_eq!(lines.next(), Some(first));
    let files = lines.next().unwrap_or_default();
    for file in [
        "program.zip/helper.pyc ",
        "program.zip/pack/__init__.pyc ",
        "program.zip/pack'] pack",
    ] {
        assert!(files.contains(file), "{files}");
    }
    assert_eq!(lines.next(), Some("No module named 'absent' absent"));
}

#[test]
fn a_zip_file_needs_a_main_program() {
    let path = format!("{}/empty.zip", env!("CARGO_TARGET_TMPDIR"));
    let end = [&b"PK\x05\x06"[..], &[0; 18]].concat();
    fs::write(&path, end).expect("the target folder can be written");
    let output = pyco(&["run", &path]);
    let reason = "found a zip file without __main__.py or __main__.pyc, expected a program";
    assert_eq!(
        String::from_utf8_lossy(&output.stderr),
        format!("pyco: {path}: {reason}\n")
    );
    assert_eq!(output.status.code(), Some(1));
}

#[test]
fn a_source_needs_a_python() {
    let output = pyco(&["run", "fixtures/src/queens.py"]);
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(
        stderr,
        "pyco: fixtures/src/queens.py: a source has to be compiled: no installed CPython of a version that can be run \
         is found: install it, or name it with --python PATH or in PYCO_PYTHONS\n"
    );
    assert_eq!(output.status.code(), Some(1));
}

#[test]
fn a_python_that_is_none_is_refused() {
    for (python, reason) in [
        ("no/such/python", "it does not start: "),
        (
            env!("CARGO_BIN_EXE_pyco"),
            "it does not introduce itself as asked",
        ),
    ] {
        let output = pyco(&["run", "--python", python, "fixtures/src/queens.py"]);
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{stderr}");
        assert_eq!(stderr.lines().count(), 1, "{stderr}");
        assert!(stderr.contains(&format!("{python}: {reason}")), "{stderr}");
    }
}
