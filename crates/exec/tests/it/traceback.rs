//! Traceback text against what the real interpreters printed.

use std::collections::HashMap;
use std::sync::Mutex;

use pyco_exec::traceback::{Exception, Frame, Location, Options, Report, Version, format_report};
use serde_json::Value;

/// The lines of a text as Python's text mode has them.
fn source_lines(text: &str) -> Vec<String> {
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    text.split_inclusive('\n').map(str::to_owned).collect()
}

fn number(value: &Value) -> Option<u32> {
    value.as_u64().and_then(|number| u32::try_from(number).ok())
}

fn location(value: &Value) -> Location {
    Location {
        line: number(&value[0]),
        end_line: number(&value[1]),
        column: number(&value[2]),
        end_column: number(&value[3]),
    }
}

fn version(value: &Value) -> Version {
    let minor = value.as_u64().and_then(|minor| u8::try_from(minor).ok());
    minor
        .and_then(Version::from_minor)
        .expect("a known version")
}

/// Locations in whole source trees, far more than are committed. `PYCO_TRACEBACK_CORPUS` names files written by
/// `tests/data/traceback/corpus.py`, separated by colons; without it there is nothing to compare.
#[test]
fn locations_of_a_corpus() {
    let Ok(paths) = std::env::var("PYCO_TRACEBACK_CORPUS") else {
        return;
    };
    let files: Mutex<HashMap<String, Vec<String>>> = Mutex::default();
    let source = |path: &str, line: u32| {
        let mut files = files.lock().ok()?;
        let lines = files.entry(path.to_owned()).or_insert_with(|| {
            let text = std::fs::read(path).unwrap_or_default();
            let text = String::from_utf8_lossy(&text).into_owned();
            source_lines(text.strip_prefix('\u{feff}').unwrap_or(&text))
        });
        lines.get(line.checked_sub(1)? as usize).cloned()
    };
    let (mut count, mut failures) = (0, 0);
    for path in paths.split(':') {
        let text = std::fs::read_to_string(path).expect("the corpus file is readable");
        for line in text.lines() {
            let case: Value = serde_json::from_str(line).expect("a line of JSON");
            let location = location(&case[2]);
            let frame = Frame {
                filename: case[1].as_str().expect("a path").into(),
                name: "f".into(),
                lineno: location.line,
                location,
            };
            let report = Report {
                exceptions: vec![Exception {
                    module: Some("builtins".to_owned()),
                    qualname: "ValueError".to_owned(),
                    message: Some(String::new()),
                    frames: vec![frame],
                    ..Exception::default()
                }],
            };
            let found = format_report(&report, Options::new(version(&case[0])), &source);
            count += 1;
            if found != case[3].as_str().expect("a text") {
                failures += 1;
                if failures < 20 {
                    println!(
                        "{line}\nexpected:\n{}\nfound:\n{found}",
                        case[3].as_str().unwrap_or("")
                    );
                }
            }
        }
    }
    println!("{count} locations, {failures} differ");
    assert_eq!(failures, 0);
}
