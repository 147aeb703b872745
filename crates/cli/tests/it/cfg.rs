//! `pyco cfg`: every block and every edge is drawn.

use std::fs;

use crate::support::{programs, pyc, pyco};

#[test]
fn every_block_and_edge_is_drawn() {
    for release in ["3.8", "3.11", "3.15"] {
        let path = pyc(release, &programs(release)[0]);
        let output = std::env::temp_dir().join(format!("pyco-cfg-{}.svg", std::process::id()));
        let drawn = pyco(&[
            "cfg",
            &path,
            "<module>",
            "-o",
            output.to_str().expect("text"),
        ]);
        assert!(
            drawn.status.success(),
            "{}",
            String::from_utf8_lossy(&drawn.stderr)
        );
        let svg = fs::read_to_string(&output).expect("a picture");
        let _ = fs::remove_file(&output);
        assert!(svg.starts_with("<svg ") && svg.ends_with("</svg>\n"));
        assert!(svg.contains("block 0"));
        // A module without branches is one block.
        assert_eq!(svg.contains("block 1"), svg.contains("class=\"edge "));
        let mut edges = svg.lines().filter(|line| line.starts_with("<path class="));
        assert!(edges.all(|line| !line.contains("NaN") && !line.contains("inf")));
    }
}

#[test]
fn an_unknown_name_is_answered_with_the_known_ones() {
    let path = pyc("3.13", &programs("3.13")[0]);
    let refused = pyco(&["cfg", &path, "nowhere", "-o", "never-written.svg"]);
    let error = String::from_utf8_lossy(&refused.stderr);
    assert!(
        error.contains("found no code object nowhere, expected one of <module>"),
        "{error}"
    );
}
