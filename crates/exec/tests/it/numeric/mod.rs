//! The numeric functions agree with what each CPython said (see `tests/data/numeric/record.py`).

mod ask;
mod ask_field;
mod ask_percent;
mod ask_text;
mod encoding;
mod limits;

use std::path::Path;

use pyco_exec::numeric::Release;

/// Checks every line of a recorded file; panics with the first disagreements.
fn check_file(path: &Path) {
    let text =
        std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let mut failures = Vec::new();
    let mut case_count = 0;
    for line in text.lines() {
        let fields: Vec<&str> = line.split('\t').collect();
        let [releases, operation, arguments @ .., expected] = &fields[..] else {
            panic!("bad line {line:?}")
        };
        for minor in 11..=15 {
            if *releases != "*" && !releases.split(',').any(|r| r == minor.to_string()) {
                continue;
            }
            let release = Release::from_minor(minor).expect("a release that can be run");
            let found = ask::ask(operation, arguments, release);
            case_count += 1;
            if found != *expected {
                // The other releases mostly fail alike.
                failures.push(format!(
                    "3.{minor} {operation} {arguments:?}\n  expected {expected}\n  found    {found}"
                ));
                break;
            }
        }
    }
    assert!(case_count > 0, "{}: no cases", path.display());
    let shown: Vec<String> = failures.iter().take(40).cloned().collect();
    assert!(
        failures.is_empty(),
        "{} of {case_count} cases in {}:\n{}",
        failures.len(),
        path.display(),
        shown.join("\n")
    );
}

fn check(group: &str) {
    check_file(
        &Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/data/numeric/{group}.txt")),
    );
    // Freshly recorded cases, where the developer has made some.
    if let Some(folder) = std::env::var_os("PYCO_NUMERIC_CASES") {
        check_file(&Path::new(&folder).join(format!("{group}.txt")));
    }
}

#[test]
fn ints_agree_with_cpython() {
    check("int");
}

#[test]
fn parsing_agrees_with_cpython() {
    check("parse");
}

#[test]
fn floats_agree_with_cpython() {
    check("float");
}

#[test]
fn complex_numbers_agree_with_cpython() {
    check("complex");
}

#[test]
fn format_specs_agree_with_cpython() {
    check("format");
}

#[test]
fn percent_formatting_agrees_with_cpython() {
    check("percent");
}

#[test]
fn templates_agree_with_cpython() {
    check("field");
}
