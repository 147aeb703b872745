//! The rules about single files: headers, sizes, SAFETY comments, words that must not be committed.

use std::path::Path;

use anyhow::{Context, Result};

use crate::sh;

/// Lines beyond which a file that a person wrote must be split; one that is generated says at its top
/// that one is not to edit it.
const MAX_LINE_COUNT: usize = 1000;

/// How far above an `unsafe` its `SAFETY` comment may start: the comment, attributes, the statement.
const SAFETY_REACH: usize = 8;

pub(super) fn check() -> Result<Vec<String>> {
    let listed = [
        "ls-files",
        "-z",
        "--cached",
        "--others",
        "--exclude-standard",
    ];
    let mut git = std::process::Command::new("git");
    let listed = sh::output(git.args(listed).current_dir(sh::root()))?;
    let listed = String::from_utf8(listed).context("a file name is not UTF-8")?;
    let mut complaints = Vec::new();
    for name in listed.split('\0').filter(|name| !name.is_empty()) {
        // A file that is deleted but not yet committed, and binary files, have no text to check.
        let Ok(text) = std::fs::read_to_string(sh::root().join(name)) else {
            continue;
        };
        let mut complain = |line: usize, what: &str| {
            complaints.push(format!("{name}:{line}: {what}"));
        };
        check_machine_paths(&text, &mut complain);
        if Path::new(name)
            .extension()
            .is_some_and(|extension| extension == "rs")
        {
            check_rust(&text, &mut complain);
        }
    }
    Ok(complaints)
}

fn check_machine_paths(text: &str, complain: &mut impl FnMut(usize, &str)) {
    // Spelt in pieces, or this file would be its own first finding.
    let folders = [
        ["/ro", "ot/"],
        ["/wo", "rk/"],
        ["/ho", "me/"],
        ["/Use", "rs/"],
    ];
    for (index, line) in text.lines().enumerate() {
        for folder in &folders {
            if line.contains(&folder.concat()) {
                complain(
                    index + 1,
                    &format!("names a path of one machine, {}", folder.concat()),
                );
            }
        }
    }
}

fn check_rust(text: &str, complain: &mut impl FnMut(usize, &str)) {
    if !text.starts_with("//!") {
        complain(1, "expected the file to open with `//!`, saying what it is");
    }
    let lines = text.lines().collect::<Vec<_>>();
    let is_generated = lines
        .iter()
        .take(5)
        .any(|line| line.contains("do not edit"));
    if lines.len() > MAX_LINE_COUNT && !is_generated {
        let count = lines.len();
        complain(
            count,
            &format!("found {count} lines, expected at most {MAX_LINE_COUNT}"),
        );
    }
    let words = ["todo", "unimplemented"].map(|word| format!("{word}!("));
    let marks = [["FIX", "ME"], ["XX", "X:"], ["#[igno", "re"]].map(|parts| parts.concat());
    for (index, line) in lines.iter().enumerate() {
        for word in words.iter().chain(&marks) {
            if line.contains(word.as_str()) {
                complain(index + 1, &format!("found {word}"));
            }
        }
        let code = line.split("//").next().unwrap_or_default();
        let has_unsafe = ["unsafe {", "unsafe impl"]
            .iter()
            .any(|form| code.contains(form));
        // A string literal that mentions it is not code.
        if has_unsafe && !code.contains('"') {
            let above = &lines[index.saturating_sub(SAFETY_REACH)..=index];
            if !above.iter().any(|line| line.contains("SAFETY:")) {
                complain(index + 1, "`unsafe` without a `// SAFETY:` comment");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::check_rust;

    fn complaints(text: &str) -> Vec<String> {
        let mut found = Vec::new();
        check_rust(text, &mut |line, what| {
            found.push(format!("{line}: {what}"))
        });
        found
    }

    #[test]
    fn a_file_needs_a_header() {
        assert!(complaints("//! A file.\n").is_empty());
        assert_eq!(complaints("fn f() {}\n").len(), 1);
    }

    #[test]
    fn an_unsafe_block_needs_its_reason() {
        let bare = "//! A file.\nfn f() {\n    unsafe { g() }\n}\n";
        assert_eq!(complaints(bare).len(), 1);
        let reasoned = bare.replace(
            "    unsafe",
            "    // SAFETY: g has no conditions.\n    unsafe",
        );
        assert!(complaints(&reasoned).is_empty());
    }
}
