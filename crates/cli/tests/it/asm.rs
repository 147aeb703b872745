//! `pyco dis --asm` and `pyco asm`: one is the inverse of the other.

use std::fs;
use std::path::PathBuf;

use crate::support::{programs, pyc, pyco, pyco_prints, root};

/// A file of this process in the folder for such.
fn scratch(name: &str) -> PathBuf {
    std::env::temp_dir().join(format!("pyco-asm-{}-{name}", std::process::id()))
}

/// What `pyco asm` makes of a text, or what it complains about.
fn assembled(name: &str, text: &str) -> Result<Vec<u8>, String> {
    let (input, output) = (
        scratch(&format!("{name}.asm")),
        scratch(&format!("{name}.pyc")),
    );
    fs::write(&input, text).expect("a folder to write to");
    let input = input.to_str().expect("a path of text");
    let made = pyco(&["asm", input, "-o", output.to_str().expect("a path of text")]);
    let file = fs::read(&output);
    let _ = (fs::remove_file(input), fs::remove_file(&output));
    if made.status.success() {
        return Ok(file.expect("an output"));
    }
    let error = String::from_utf8_lossy(&made.stderr).into_owned();
    Err(error.replace(input, "FILE").trim_end().to_owned())
}

#[test]
fn every_program_comes_back_byte_for_byte() {
    for release in ["3.11", "3.12", "3.13", "3.14", "3.15"] {
        let name = &programs(release)[0];
        let path = pyc(release, name);
        let text = pyco_prints(&["dis", "--asm", &path]);
        let file = fs::read(root().join(&path)).expect("a fixture");
        assert!(assembled(release, &text) == Ok(file), "{path}");
    }
}

#[test]
fn an_error_names_file_line_column_and_reason() {
    let text = ".version 3.13\n.code main\n    RESUME 0\n    LOAD_FAST = \"x\"\n";
    assert_eq!(
        assembled("error", text),
        Err("pyco: FILE: 4:17: found no .localsplus of that name and kind above".into())
    );
}

#[test]
fn older_versions_are_refused() {
    let output = pyco(&["dis", "--asm", &pyc("3.8", &programs("3.8")[0])]);
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(
        error.contains("found code of CPython 3.8, expected that of 3.11 or later to edit"),
        "{error}"
    );
}
