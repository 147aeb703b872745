//! `pyco verify`: what CPython compiled is accepted; what was tampered with is refused in one line.

use std::fs;
use std::path::PathBuf;

use crate::support::{RELEASES, programs, pyc, pyco, pyco_prints, root};

#[test]
fn every_fixture_of_3_11_and_later_is_accepted() {
    for release in RELEASES
        .into_iter()
        .skip_while(|release| *release != "3.11")
    {
        let files = programs(release)
            .iter()
            .map(|name| pyc(release, name))
            .collect::<Vec<_>>();
        let args = ["verify"]
            .into_iter()
            .chain(files.iter().map(String::as_str));
        let text = pyco_prints(&args.collect::<Vec<_>>());
        assert_eq!(text.lines().count(), files.len(), "{text}");
        for (line, file) in text.lines().zip(&files) {
            assert!(line.starts_with(&format!("{file}: verified: ")), "{line}");
        }
    }
}

#[test]
fn a_jump_out_of_the_code_is_refused_with_its_place() {
    let mut bytes = fs::read(root().join(pyc("3.13", "queens"))).expect("fixtures are recorded");
    // JUMP_BACKWARD in `count`: its argument becomes 255.
    let jump = bytes
        .windows(2)
        .position(|unit| unit[0] == 77 && unit[1] > 3)
        .expect("a loop");
    bytes[jump + 1] = 255;
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("jump.pyc");
    fs::write(&path, &bytes).expect("the target folder can be written");
    let path = path.to_string_lossy();
    let output = pyco(&["verify", &path]);
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{stderr}");
    assert_eq!(stderr.lines().count(), 1, "{stderr}");
    assert!(
        stderr.starts_with(&format!("pyco: {path}: refused: function '")),
        "{stderr}"
    );
    assert!(
        stderr.contains(", offset 0x") && stderr.contains("JUMP_BACKWARD 255"),
        "{stderr}"
    );
    let json = String::from_utf8(pyco(&["verify", "--json", &path]).stdout).expect("UTF-8");
    assert!(json.contains("\"is_verified\":false"), "{json}");
    assert!(json.contains("\"rule\":\"JumpTarget\""), "{json}");
}

#[test]
fn older_versions_are_refused_by_name() {
    let output = pyco(&["verify", &pyc("3.10", "queens")]);
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{stderr}");
    assert!(stderr.contains("3.10"), "{stderr}");
}
