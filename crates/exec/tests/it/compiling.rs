//! Source text, compiled by a compiler that answers from a record: what CPython 3.13 made of the same sources.

use std::path::{Path, PathBuf};

use pyco_code::{CodeObject, Constant, verify};
use pyco_exec::compiler::{Answer, Compiler, Input, Output, Refusal, Source};
use pyco_exec::{Host, Outcome, Vm};
use serde_json::Value;

use crate::programs::{Captured, run_with};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/programs")
}

/// Knows the sources of `compiling.json`.
struct Recorded(Vec<Value>);

impl Recorded {
    fn new() -> Recorded {
        let text = std::fs::read_to_string(folder().join("compiling.json")).expect("the record");
        let record: Value = serde_json::from_str(&text).expect("JSON");
        Recorded(record.as_array().expect("a list").clone())
    }
}

impl Compiler for Recorded {
    fn compile(&mut self, source: &Source<'_>) -> Result<Answer, String> {
        let is = |entry: &Value, key: &str, bytes: &[u8]| {
            entry[key]
                .as_str()
                .is_some_and(|text| text.as_bytes() == bytes)
        };
        let (Input::Bytes(text) | Input::Str(text)) = source.input else {
            return Err("no tree is in the record".to_owned());
        };
        let known = self.0.iter().find(|entry| {
            is(entry, "text", text)
                && is(entry, "filename", source.filename)
                && is(entry, "mode", source.mode.name().as_bytes())
                && entry["flags"] == source.flags
        });
        let entry = known.ok_or("this source is not in the record")?;
        let result = match entry["code"].as_str() {
            Some(hex) => Ok(Output::Code(bytes_of(hex))),
            None => Err(Refusal {
                class: entry["class"].as_str().unwrap_or_default().to_owned(),
                args: vec![constant(&entry["message"]), constant(&entry["place"])],
                attributes: Vec::new(),
            }),
        };
        Ok(Answer {
            result,
            warnings: Vec::new(),
        })
    }

    fn library(&mut self) -> Result<Vec<PathBuf>, String> {
        Err("a record has no library".to_owned())
    }
}

pub(crate) fn bytes_of(hex: &str) -> Vec<u8> {
    let digits = hex.as_bytes().chunks_exact(2);
    let byte = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok();
    digits.map(|pair| byte(pair).expect("hex")).collect()
}

fn constant(value: &Value) -> Constant {
    match value {
        Value::String(text) => Constant::from(text.as_str()),
        Value::Number(number) => Constant::from(number.as_i64().expect("an int")),
        Value::Array(items) => Constant::Tuple(items.iter().map(constant).collect()),
        _ => Constant::None,
    }
}

#[test]
fn sources_are_compiled_and_run_as_in_cpython() {
    let pyc = std::fs::read(folder().join("compiling.pyc")).expect("the program");
    let expected = std::fs::read_to_string(folder().join("compiling.out")).expect("the output");
    let printed = run_with(&pyc, Some(Box::new(Recorded::new())));
    for (number, (printed, expected)) in printed.lines().zip(expected.lines()).enumerate() {
        assert_eq!(printed, expected, "line {} of compiling.out", number + 1);
    }
    assert_eq!(printed, expected);
}

#[test]
fn without_a_compiler_an_error_says_what_is_missing() {
    let pyc = std::fs::read(folder().join("compiling.pyc")).expect("the program");
    let printed = run_with(&pyc, None);
    let last = printed.lines().last().unwrap_or_default();
    assert_eq!(
        last,
        "NotImplementedError: pyco has no compiler of its own, and the host grants none"
    );
}

/// Answers with whatever it holds.
struct Fixed(Result<Answer, String>);

impl Compiler for Fixed {
    fn compile(&mut self, _source: &Source<'_>) -> Result<Answer, String> {
        self.0.clone()
    }

    fn library(&mut self) -> Result<Vec<PathBuf>, String> {
        Ok(Vec::new())
    }
}

/// What running a source shows, if the compiler answers so.
fn shown(answer: Result<Answer, String>) -> (Outcome, String) {
    let stderr = Captured::default();
    let mut host = Host::new();
    host.stderr = Box::new(stderr.clone());
    host.compiler = Some(Box::new(Fixed(answer)));
    let mut vm = Vm::new(pyco_code::Version::V3_13, host).expect("the thread's only machine");
    let outcome = vm.run_source(b"1", "one.py");
    drop(vm);
    (outcome, stderr.text())
}

#[test]
fn bad_answers_are_exceptions() {
    let code = |bytes: &[u8]| {
        Ok(Answer {
            result: Ok(Output::Code(bytes.to_vec())),
            warnings: Vec::new(),
        })
    };
    let (outcome, text) = shown(code(b"N"));
    assert_eq!(outcome, Outcome::Exit(1));
    assert!(
        text.starts_with("SystemError: the compiler's code is refused: "),
        "{text}"
    );
    let (_, text) = shown(code(b""));
    assert!(
        text.starts_with("SystemError: the compiler's code is refused: "),
        "{text}"
    );
    let (_, text) = shown(Err("it broke off".to_owned()));
    assert_eq!(
        text,
        "NotImplementedError: source text needs a compiler: it broke off\n"
    );
    let refusal = Refusal {
        class: "NoSuchClass".to_owned(),
        args: vec![Constant::from("what")],
        attributes: vec![("lineno".to_owned(), Constant::from(3))],
    };
    let (_, text) = shown(Ok(Answer {
        result: Err(refusal),
        warnings: Vec::new(),
    }));
    assert!(text.contains("what"), "{text}");
}

#[test]
fn code_that_does_not_verify_is_not_run() {
    let pyc = std::fs::read(folder().join("lists.pyc")).expect("a program");
    let code = CodeObject::from_pyc(&pyc).expect("a .pyc file");
    assert!(verify(&code).is_ok());
    let shallow = code.replace().stacksize(1).build().expect("a code object");
    let bytes = shallow.to_marshal().expect("marshalled");
    let (outcome, text) = shown(Ok(Answer {
        result: Ok(Output::Code(bytes.to_vec())),
        warnings: Vec::new(),
    }));
    assert_eq!(outcome, Outcome::Exit(1));
    assert!(
        text.starts_with("SystemError: the compiler's code is refused: "),
        "{text}"
    );
}

#[test]
fn a_missing_part_of_the_library_says_why() {
    let mut host = Host::new();
    host.compiler = Some(Box::new(Recorded::new()));
    let mut vm = Vm::new(pyco_code::Version::V3_13, host).expect("the thread's only machine");
    let mut message = |name: &str| {
        let raised = vm.import(name).expect_err("no such module");
        vm.str_text(raised.value()).expect("a message")
    };
    assert_eq!(
        message("textwrap"),
        "No module named 'textwrap' (it is part of the standard library, but a record has no library)"
    );
    assert_eq!(
        message("no_such_module"),
        "No module named 'no_such_module'"
    );
}
