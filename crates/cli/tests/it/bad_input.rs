//! What is not a readable `.pyc` gets one line that names file, reason and offset, and exit code 1.

use std::fs;
use std::path::PathBuf;

use crate::support::{pyc, pyco, root};

const COMMANDS: [&str; 5] = ["show", "dis", "lines", "verify", "run"];

/// A file of these bytes that no other test writes.
fn file(name: &str, bytes: &[u8]) -> PathBuf {
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    fs::write(&path, bytes).expect("the target folder can be written");
    path
}

/// Requires that each command refuses `path` with this reason, in one line, and prints nothing else.
fn assert_refused(path: &str, reason: &str) {
    for command in COMMANDS {
        let output = pyco(&[command, path]);
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert_eq!(
            stderr,
            format!("pyco: {path}: {reason}\n"),
            "pyco {command}"
        );
        assert_eq!(output.status.code(), Some(1), "pyco {command} {path}");
        assert!(output.stdout.is_empty(), "pyco {command} {path}");
    }
}

fn assert_bytes_refused(name: &str, bytes: &[u8], reason: &str) {
    assert_refused(&file(name, bytes).to_string_lossy(), reason);
}

/// A real file to be damaged.
fn real() -> Vec<u8> {
    fs::read(root().join(pyc("3.13", "queens"))).expect("fixtures are recorded")
}

#[test]
fn missing_file() {
    assert_refused("no/such/file.pyc", "no such file");
}

#[test]
fn directory() {
    for command in ["show", "dis", "lines", "verify"] {
        let output = pyco(&[command, "fixtures"]);
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert_eq!(
            stderr,
            "pyco: fixtures: found a directory, expected a .pyc file\n"
        );
        assert_eq!(output.status.code(), Some(1));
    }
}

#[test]
fn empty_file() {
    let reason = "the file is empty, expected a .pyc header at offset 0x0";
    assert_bytes_refused("empty.pyc", b"", reason);
}

#[test]
fn text_file() {
    let reason = "found a text file, expected a .pyc magic number at offset 0x0";
    assert_bytes_refused("text.pyc", b"print('hello')\n", reason);
    // `run` takes it for a source.
    for command in &COMMANDS[..4] {
        let output = pyco(&[command, "fixtures/src/queens.py"]);
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert_eq!(stderr, format!("pyco: fixtures/src/queens.py: {reason}\n"));
        assert_eq!(output.status.code(), Some(1));
    }
}

#[test]
fn unknown_magic_number() {
    let of = |number: u16| [&number.to_le_bytes()[..], b"\r\n", &[0; 20]].concat();
    for (number, writer) in [
        (3705, "Python 3.16"),
        (62161, "Python 2.6"),
        (3351, "Python 3.5"),
    ] {
        let reason = format!(
            "magic number {number} is of {writer}, expected 2.7 or 3.6 to 3.15 at offset 0x0"
        );
        assert_bytes_refused(&format!("magic-{number}.pyc"), &of(number), &reason);
    }
    let reason = "magic number 3605 is of the pre-release 3.14a1, whose bytecode no release has, \
                  expected that of a release at offset 0x0";
    assert_bytes_refused("magic-3605.pyc", &of(3605), reason);
    let output = pyco(&[
        "show",
        &file("noise.pyc", b"\x7fELF\x02\x01\x01\0\0\0").to_string_lossy(),
    ]);
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(
        stderr.contains("magic number") && stderr.ends_with("at offset 0x0\n"),
        "{stderr}"
    );
}

#[test]
fn truncated_anywhere() {
    let bytes = real();
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("truncated.pyc");
    for len in (1..bytes.len()).step_by(bytes.len() / 60) {
        fs::write(&path, &bytes[..len]).expect("the target folder can be written");
        let output = pyco(&["show", &path.to_string_lossy()]);
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{len} bytes: {stderr}");
        assert_eq!(stderr.lines().count(), 1, "{len} bytes: {stderr}");
        assert!(stderr.contains("at offset 0x"), "{len} bytes: {stderr}");
    }
}

#[test]
fn damaged_anywhere_is_refused_or_shown_but_never_a_panic() {
    let bytes = real();
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("damaged.pyc");
    // Multiplicative noise: fixed, so that a failure can be seen again.
    let mut state: u32 = 1;
    for _ in 0..120 {
        let mut damaged = bytes.clone();
        for _ in 0..3 {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let at = 16 + (state >> 8) as usize % (damaged.len() - 16);
            damaged[at] = state as u8;
        }
        fs::write(&path, &damaged).expect("the target folder can be written");
        for command in ["dis", "lines"] {
            let output = pyco(&[command, &path.to_string_lossy()]);
            let stderr = String::from_utf8_lossy(&output.stderr);
            assert!(
                matches!(output.status.code(), Some(0 | 1)),
                "pyco {command}: {stderr}"
            );
            assert!(stderr.lines().count() <= 1, "pyco {command}: {stderr}");
        }
    }
}

#[test]
fn a_refused_file_does_not_stop_the_others() {
    let output = pyco(&["show", "no/such.pyc", &pyc("3.13", "queens")]);
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stdout).contains("CPython 3.13"));
}

#[test]
fn wrong_usage_is_exit_code_2() {
    for args in [
        &["dis"][..],
        &["nonsense"],
        &["dis", "--nonsense", "x.pyc"],
        &[],
    ] {
        assert_eq!(pyco(args).status.code(), Some(2), "pyco {args:?}");
    }
}

#[test]
fn addr2line_names_what_it_does_not_find() {
    let queens = pyc("3.13", "queens");
    let output = pyco(&["addr2line", &queens, "no.such", "0"]);
    let stderr = String::from_utf8_lossy(&output.stderr);
    let expected = format!("pyco: {queens}: no code object \"no.such\"; `pyco show` lists them\n");
    assert_eq!(stderr, expected);
    let output = pyco(&["addr2line", &queens, "solve", "0xffff"]);
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(
        stderr.contains("solve: found offset 65535, expected less than"),
        "{stderr}"
    );
}
