//! Whole programs: each prints what CPython 3.13 printed with `PYTHONHASHSEED=0`.
//!
//! `tests/programs/NAME.py` is the source, `NAME.pyc` what CPython made of it, `NAME.out` what it printed.

use std::cell::RefCell;
use std::io::{self, Write};
use std::path::Path;
use std::rc::Rc;

use pyco_code::{CodeObject, verify};
use pyco_exec::{Compiler, Host, Outcome, Vm};

/// A stdout that the test reads afterwards.
#[derive(Clone, Default)]
pub(crate) struct Captured(Rc<RefCell<Vec<u8>>>);

impl Captured {
    /// What was written.
    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.0.borrow()).into_owned()
    }
}

impl Write for Captured {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.borrow_mut().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// What a program prints, then its traceback if it ends in one.
fn run(pyc: &[u8]) -> String {
    run_with(pyc, None)
}

/// The same with a compiler for source text.
pub(crate) fn run_with(pyc: &[u8], compiler: Option<Box<dyn Compiler>>) -> String {
    let code = CodeObject::from_pyc(pyc).expect("a .pyc file");
    let code = verify(&code).expect("code as CPython makes it");
    let stdout = Captured::default();
    let mut host = Host::new();
    host.stdout = Box::new(stdout.clone());
    host.compiler = compiler;
    let mut vm = Vm::new(code.version(), host).expect("the thread's only machine");
    let failure = match vm.run_main(code) {
        Ok(_) => String::new(),
        Err(raised) => vm.format_exception(&raised),
    };
    drop(vm);
    stdout.text() + &failure
}

fn check(name: &str) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/programs");
    let pyc = std::fs::read(folder.join(name).with_extension("pyc")).expect("the program");
    let expected = std::fs::read_to_string(folder.join(name).with_extension("out"));
    let expected = expected.expect("the recorded output");
    let printed = run(&pyc);
    for (number, (printed, expected)) in printed.lines().zip(expected.lines()).enumerate() {
        assert_eq!(printed, expected, "line {} of {name}.out", number + 1);
    }
    assert_eq!(printed, expected);
}

#[test]
fn lists() {
    check("lists");
}

#[test]
fn frames() {
    check("frames");
}

#[test]
fn sorting() {
    check("sorting");
}

#[test]
fn dicts() {
    check("dicts");
}

#[test]
fn sets() {
    check("sets");
}

#[test]
fn iterators() {
    check("iterators");
}

#[test]
fn containers_that_change() {
    check("changing");
}

#[test]
fn numbers() {
    check("numbers");
}

#[test]
fn built_in_functions() {
    check("builtins");
}

#[test]
fn memoryviews() {
    check("memoryviews");
}

#[test]
fn natives_and_classes_about_themselves() {
    check("natives");
}

#[test]
fn constructors_of_functions_and_the_like() {
    check("constructors");
}

#[test]
fn memory_has_a_limit_that_a_program_cannot_catch() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/programs");
    let pyc = std::fs::read(folder.join("growing.pyc")).expect("the program");
    let code = CodeObject::from_pyc(&pyc).expect("a .pyc file");
    let mut host = Host::new();
    host.memory = Some(20 << 20);
    let mut vm = Vm::new(code.version(), host).expect("the thread's only machine");
    let outcome = vm.run_program(verify(&code).expect("code as CPython makes it"));
    assert_eq!(
        outcome,
        Outcome::Limit("out of memory: the limit is 20971520 bytes".to_owned())
    );
}

#[test]
fn slots() {
    check("slots");
}

#[test]
fn fused() {
    check("fused");
}

#[test]
fn generators() {
    check("generators");
}

#[test]
fn coroutines() {
    check("coroutines");
}

#[test]
fn matching() {
    check("matching");
}

#[test]
fn operators() {
    check("operators");
}

#[test]
fn attributes() {
    check("attributes");
}

#[test]
fn closures() {
    check("closures");
}

#[test]
fn descriptors() {
    check("descriptors");
}

#[test]
fn inheritance() {
    check("inheritance");
}

#[test]
fn type_parameters() {
    check("type_parameters");
}

#[test]
fn exception_groups() {
    check("groups");
}

#[test]
fn states() {
    check("states");
}

#[test]
fn unpacking() {
    check("unpacking");
}

#[test]
fn finalizers() {
    check("finalizers");
}

#[test]
fn metaclasses() {
    check("metaclasses");
}

#[test]
fn caches_that_meet_something_else() {
    check("caches");
}
