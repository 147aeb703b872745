//! Traceback text against what the real interpreters printed.

use std::collections::HashMap;
use std::sync::Mutex;

use pyco_exec::traceback::suggestions::{
    AttributeScope, NameScope, SelfState, attribute_suffix, import_suffix, name_suffix,
};
use pyco_exec::traceback::{
    Exception, Frame, Location, Notes, Options, Report, SourceLines, SyntaxDetails, Version,
    format_report, write_report, write_unraisable,
};
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

fn text(value: &Value) -> Option<String> {
    value.as_str().map(str::to_owned)
}

fn index(value: &Value) -> Option<usize> {
    value.as_u64().and_then(|index| usize::try_from(index).ok())
}

fn notes(value: &Value) -> Notes {
    match value {
        Value::Null => Notes::Absent,
        Value::Array(items) => Notes::List(items.iter().map(text).collect()),
        other => Notes::Other(text(&other["other"])),
    }
}

fn syntax(value: &Value) -> Option<SyntaxDetails> {
    value.as_array().map(|_| SyntaxDetails {
        msg: text(&value[0]),
        filename: text(&value[1]),
        lineno: value[2].as_i64(),
        end_lineno: value[3].as_i64(),
        offset: value[4].as_i64(),
        end_offset: value[5].as_i64(),
        text: text(&value[6]),
    })
}

fn frame(value: &Value) -> Frame {
    Frame {
        filename: value[0].as_str().expect("a file name").into(),
        name: value[1].as_str().expect("a function name").into(),
        lineno: number(&value[2]),
        location: Location {
            line: number(&value[3]),
            end_line: number(&value[4]),
            column: number(&value[5]),
            end_column: number(&value[6]),
        },
    }
}

fn exception(value: &Value) -> Exception {
    let module = match value.get("module") {
        None => Some("builtins".to_owned()),
        Some(module) => text(module),
    };
    let members = value["members"].as_array();
    Exception {
        module,
        qualname: text(&value["qualname"]).expect("a type name"),
        message: text(&value["message"]),
        suggestion: text(&value["suggestion"]),
        notes: notes(&value["notes"]),
        cause: index(&value["cause"]),
        context: index(&value["context"]),
        suppress_context: value["suppress"] == true,
        members: members.map(|members| members.iter().filter_map(index).collect()),
        syntax: syntax(&value["syntax"]),
        frames: value["frames"]
            .as_array()
            .into_iter()
            .flatten()
            .map(frame)
            .collect(),
    }
}

/// Every case that `tests/data/traceback/record.py` recorded, for every version.
#[test]
fn recorded_cases_print_as_in_cpython() {
    let path = std::env::var("PYCO_TRACEBACK_CASES");
    let extra = path.map(|path| std::fs::read_to_string(path).expect("the file is readable"));
    let cases = extra.unwrap_or_else(|_| include_str!("../data/traceback/cases.jsonl").to_owned());
    let (mut count, mut failures) = (0, 0);
    for line in cases.lines() {
        let case: Value = serde_json::from_str(line).expect("a line of JSON");
        let lines = source_lines(case["source"].as_str().expect("a source"));
        let source = |name: &str, line: u32| {
            let is_known = name == "case.py" && line > 0;
            is_known
                .then(|| lines.get(line as usize - 1).cloned())
                .flatten()
        };
        for result in case["results"].as_array().expect("results") {
            let exceptions = result[1].as_array().expect("exceptions");
            let report = Report {
                exceptions: exceptions.iter().map(exception).collect(),
            };
            for minor in result[0].as_array().expect("versions") {
                let mut options = Options::new(version(minor));
                options.traceback_limit = result[3].as_i64();
                let mut unraisable = String::new();
                let message = Some("while recording");
                write_unraisable(
                    &report,
                    message,
                    Some("3"),
                    options,
                    &source,
                    &mut unraisable,
                )
                .expect("a String takes all");
                let texts = [format_report(&report, options, &source), unraisable];
                for (found, expected) in texts.iter().zip([&result[2], &result[4]]) {
                    let Some(expected) = expected.as_str() else {
                        continue;
                    };
                    count += 1;
                    if found != expected {
                        failures += 1;
                        println!(
                            "{} in 3.{minor}\nexpected:\n{expected}\nfound:\n{found}",
                            case["name"]
                        );
                    }
                }
            }
        }
    }
    println!("{count} texts, {failures} differ");
    assert_eq!(failures, 0);
    assert!(count > 0);
}

fn strs(value: &Value) -> Vec<&str> {
    value
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect()
}

/// The suffix for one line of `suggestions.jsonl`, and the expected one.
fn suggestion(case: &Value, version: Version) -> (String, &str) {
    let wrong = case[2].as_str().expect("a name");
    let normalized = case[3].as_str().expect("a name");
    let found = match case[1].as_str() {
        Some("attribute") => {
            let scope = AttributeScope {
                names: &strs(&case[4]),
                is_own_self: case[5] == true,
                is_instance: &|_| false,
                has_nested: &|_| false,
            };
            (
                attribute_suffix(version, wrong, normalized, scope),
                &case[6],
            )
        }
        Some("built-in") => {
            let (names, kinds) = (strs(&case[4][0]), strs(&case[4][1]));
            let is_outer = kinds[0] == "Outer";
            let scope = AttributeScope {
                names: &names,
                is_own_self: false,
                is_instance: &|name| kinds.contains(&name),
                has_nested: &|name| is_outer && name == "inner" && wrong == "deep_value",
            };
            (
                attribute_suffix(version, wrong, normalized, scope),
                &case[4][2],
            )
        }
        Some("import") => {
            let names = strs(&case[4][0]);
            (
                import_suffix(version, wrong, normalized, &names),
                &case[4][1],
            )
        }
        _ => {
            let result = &case[6];
            let scope = NameScope {
                locals: &strs(&result[0]),
                globals: &strs(&result[1]),
                builtins: &strs(&result[2]),
                self_state: match case[4].as_str() {
                    Some("with") => SelfState::WithName,
                    Some("without") => SelfState::WithoutName,
                    Some("unbound") => SelfState::Unbound,
                    _ => SelfState::Absent,
                },
                is_stdlib_module: case[5] == true,
            };
            (name_suffix(version, wrong, normalized, scope), &result[3])
        }
    };
    (
        found.0.unwrap_or_default(),
        found.1.as_str().expect("a suffix"),
    )
}

/// What `tests/data/traceback/suggestions.py` recorded.
#[test]
fn recorded_suggestions_are_made() {
    let path = std::env::var("PYCO_TRACEBACK_SUGGESTIONS");
    let extra = path.map(|path| std::fs::read_to_string(path).expect("the file is readable"));
    let cases =
        extra.unwrap_or_else(|_| include_str!("../data/traceback/suggestions.jsonl").to_owned());
    let (mut count, mut failures) = (0, 0);
    for line in cases.lines() {
        let case: Value = serde_json::from_str(line).expect("a line of JSON");
        for minor in case[0].as_array().expect("versions") {
            let (found, expected) = suggestion(&case, version(minor));
            count += 1;
            if found != expected {
                failures += 1;
                println!("3.{minor} expected {expected:?}, found {found:?}: {line}");
            }
        }
    }
    println!("{count} suggestions, {failures} differ");
    assert_eq!(failures, 0);
    assert!(count > 0);
}

/// A case of `corpus.py`: what is found, and what is expected.
fn located<'a>(case: &'a Value, source: SourceLines<'_>) -> (String, &'a str) {
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
    let found = format_report(&report, Options::new(version(&case[0])), source);
    (found, case[3].as_str().expect("a text"))
}

/// Locations in `locations.py`, recorded by `corpus.py 250 1 locations.py` under each version.
#[test]
fn recorded_locations_are_marked_as_in_cpython() {
    let lines = source_lines(include_str!("../data/traceback/locations.py"));
    let source = |_: &str, line: u32| lines.get(line.checked_sub(1)? as usize).cloned();
    let cases = include_str!("../data/traceback/locations.jsonl");
    for line in cases.lines() {
        let case: Value = serde_json::from_str(line).expect("a line of JSON");
        let (found, expected) = located(&case, &source);
        assert_eq!(found, expected, "{line}");
    }
    assert!(cases.lines().count() > 1000);
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
            let (found, expected) = located(&case, &source);
            count += 1;
            if found != expected {
                failures += 1;
                if failures < 20 {
                    println!("{line}\nexpected:\n{expected}\nfound:\n{found}");
                }
            }
        }
    }
    println!("{count} locations, {failures} differ");
    assert_eq!(failures, 0);
}

/// A small generator of numbers with a fixed start, so that a failure comes back.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        (self.0 >> 33) as usize % limit
    }
}

/// A report with links in all directions, and source and locations that have nothing to do with each other.
fn random_report(numbers: &mut Numbers) -> (Report, String) {
    const PIECES: [&str; 40] = [
        "x", "(", ")", "[", "]", "{", "}", "'", "\"", "'''", "f'", "\\", "\n", "\r", "\x0c", "\t",
        " ", "é", "中", "\u{301}", "#", "+", "**", ":=", ":", ",", "lambda ", "not ", " if ",
        " else ", " for ", " in ", "1", "0x", "1e", "_", "=", "!r", "\u{2028}", "\x1b[1m",
    ];
    let mut text = |count: usize| -> String {
        let count = numbers.below(count);
        (0..count)
            .map(|_| PIECES[numbers.below(PIECES.len())])
            .collect()
    };
    let (source, message, note) = (text(60), text(6), text(6));
    let mut small = |limit: usize| {
        u32::try_from(numbers.below(limit))
            .ok()
            .filter(|n| n % 9 != 8)
    };
    let exceptions = (0..4).map(|index| Exception {
        qualname: "E".to_owned(),
        message: Some(message.clone()),
        notes: Notes::List(vec![Some(note.clone()), None]),
        cause: small(8).map(|n| n as usize),
        context: small(8).map(|n| n as usize),
        members: small(3)
            .filter(|n| *n == 0)
            .map(|n| vec![n as usize, index, 3]),
        syntax: small(3).filter(|n| *n == 0).map(|_| SyntaxDetails {
            lineno: Some(1),
            end_lineno: small(3).map(i64::from),
            offset: small(40).map(|n| i64::from(n) - 3),
            end_offset: small(40).map(|n| i64::from(n) - 3),
            text: Some(source.clone()),
            ..SyntaxDetails::default()
        }),
        frames: vec![Frame {
            filename: "case.py".into(),
            name: "f".into(),
            lineno: small(5),
            location: Location {
                line: small(5),
                end_line: small(9),
                column: small(70),
                end_column: small(70),
            },
        }],
        ..Exception::default()
    });
    (
        Report {
            exceptions: exceptions.collect(),
        },
        source,
    )
}

#[test]
fn nothing_makes_the_printer_panic() {
    let mut numbers = Numbers(1);
    for _ in 0..120 {
        let (report, text) = random_report(&mut numbers);
        let lines = source_lines(&text);
        let source = |_: &str, line: u32| lines.get(line.checked_sub(1)? as usize).cloned();
        for version in Version::ALL {
            let mut short = Short(20_000);
            let options = Options::new(version);
            let is_cut = write_report(&report, options, &source, &mut short).is_err();
            assert_eq!(is_cut, short.0 == 0, "only the limit stops it: {report:?}");
        }
    }
}

/// Takes so many bytes and no more.
struct Short(usize);

impl std::fmt::Write for Short {
    fn write_str(&mut self, text: &str) -> std::fmt::Result {
        self.0 = self.0.saturating_sub(text.len());
        if self.0 == 0 {
            Err(std::fmt::Error)
        } else {
            Ok(())
        }
    }
}

#[test]
fn long_lines_take_time_in_proportion() {
    let texts = [
        "a + ".repeat(20_000) + "a",
        "a.b".repeat(20_000) + "()",
        format!("x[{}]", "1, ".repeat(20_000)),
        format!("f({})", " ".repeat(60_000)),
        format!("'{}' + x", "\\n".repeat(20_000)),
        "-".repeat(60_000),
        "f'{x}' ".repeat(10_000),
        "not ".repeat(10_000) + "x",
    ];
    for text in texts {
        let end_column = u32::try_from(text.len()).ok();
        let location = Location {
            line: Some(1),
            end_line: Some(1),
            column: Some(0),
            end_column,
        };
        for version in Version::ALL {
            let frame = Frame {
                filename: "case.py".into(),
                name: "f".into(),
                lineno: Some(1),
                location,
            };
            let report = Report {
                exceptions: vec![Exception {
                    frames: vec![frame],
                    ..Exception::default()
                }],
            };
            let source = |_: &str, line: u32| (line == 1).then(|| text.clone());
            let shown = format_report(&report, Options::new(version), &source);
            assert!(shown.len() > text.len());
        }
    }
}
