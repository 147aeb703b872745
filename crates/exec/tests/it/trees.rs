//! Syntax trees from and to a compiler that answers from a record: what CPython 3.13 made of the same texts and trees, in order.

use std::cell::RefCell;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use pyco_code::{CodeObject, Constant, Int, Str, verify};
use pyco_exec::compiler::{
    Answer, Compiler, Input, NodeClass, Output, Refusal, Source, Step, Tree,
};
use pyco_exec::{Host, Outcome, Vm};
use serde_json::Value;

use crate::compiling::bytes_of;
use crate::programs::Captured;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/programs")
}

/// The entries of `trees.json` that are still to come.
struct Recorded(Vec<Value>);

impl Recorded {
    fn new() -> Recorded {
        let text = std::fs::read_to_string(folder().join("trees.json")).expect("the record");
        let record: Value = serde_json::from_str(&text).expect("JSON");
        let mut entries = record.as_array().expect("a list").clone();
        entries.reverse();
        Recorded(entries)
    }
}

impl Compiler for Recorded {
    fn compile(&mut self, source: &Source<'_>) -> Result<Answer, String> {
        let entry = self.0.pop().ok_or("the record ends before")?;
        match source.input {
            Input::Bytes(text) | Input::Str(text) => {
                assert_eq!(entry["text"].as_str().map(str::as_bytes), Some(text));
            }
            Input::Tree(tree) => assert_eq!(expanded(tree), expanded(&tree_of(&entry["tree"]))),
        }
        assert_eq!(entry["mode"], source.mode.name());
        assert_eq!(entry["flags"], source.flags);
        assert_eq!(
            entry["filename"].as_str().map(str::as_bytes),
            Some(source.filename)
        );
        let result = match (&entry["code"], &entry["made"]) {
            (Value::String(hex), _) => Ok(Output::Code(bytes_of(hex))),
            (_, made @ Value::Array(_)) => Ok(Output::Tree(tree_of(made))),
            _ => Err(Refusal {
                class: entry["class"].as_str().expect("a class").to_owned(),
                args: list(&entry["args"]).iter().map(constant).collect(),
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

impl Drop for Recorded {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            assert!(self.0.is_empty(), "{} were not asked for", self.0.len());
        }
    }
}

fn list(value: &Value) -> &[Value] {
    value.as_array().expect("a list")
}

fn text(value: &Value) -> String {
    value.as_str().expect("a text").to_owned()
}

fn constant(value: &Value) -> Constant {
    let (kind, value) = match value {
        Value::Null => return Constant::None,
        Value::Bool(is) => return Constant::Bool(*is),
        Value::String(text) => return Constant::from(text.as_str()),
        Value::Number(number) => return Constant::from(number.as_i64().expect("an int")),
        Value::Object(object) => object.iter().next().expect("a kind"),
        Value::Array(items) => return Constant::Tuple(items.iter().map(constant).collect()),
    };
    let float = |value: &Value| value.as_f64().expect("a float");
    let code = |value: &Value| u32::try_from(value.as_u64().expect("a number")).expect("small");
    let items = || list(value).iter().map(constant).collect::<Vec<_>>();
    match kind.as_str() {
        "ellipsis" => Constant::Ellipsis,
        "int" => Constant::Int(Int::from(text(value).parse::<i64>().expect("an int"))),
        "float" => Constant::Float(float(value)),
        "complex" => Constant::Complex(float(&value[0]), float(&value[1])),
        "str" => Constant::Str(Str::from_code_points(list(value).iter().map(code))),
        "bytes" => {
            let bytes = list(value).iter().map(|byte| code(byte) as u8);
            Constant::Bytes(bytes.collect::<Vec<u8>>().into())
        }
        "tuple" => Constant::Tuple(items().into()),
        "frozenset" => Constant::FrozenSet(items().into()),
        other => panic!("a constant of the kind {other}"),
    }
}

fn tree_of(steps: &Value) -> Tree {
    let mut tree = Tree::default();
    for step in list(steps) {
        let len = || step[1].as_u64().expect("a number") as usize;
        let step = match step[0].as_str().expect("a step") {
            "value" => Step::Value(constant(&step[1])),
            "list" => Step::List(len()),
            "tuple" => Step::Tuple(len()),
            "frozenset" => Step::FrozenSet(len()),
            "other" => Step::Other {
                name: text(&step[1]),
                int: Some(constant(&step[2])).filter(|int| *int != Constant::None),
            },
            _ => {
                tree.classes.push(NodeClass {
                    base: text(&step[1]),
                    name: text(&step[2]),
                    attributes: list(&step[3]).iter().map(text).collect(),
                });
                Step::Node(tree.classes.len() - 1)
            }
        };
        tree.steps.push(step);
    }
    tree
}

/// The steps with the classes in place, however they are numbered.
fn expanded(tree: &Tree) -> Vec<(Step, Option<&NodeClass>)> {
    let steps = tree.steps.iter().map(|step| match step {
        Step::Node(class) => (Step::Node(0), tree.classes.get(*class)),
        other => (other.clone(), None),
    });
    steps.collect()
}

/// Runs a program that may import `_ast`; what it prints, then its traceback if it ends in one.
fn run(pyc: &[u8], compiler: Option<Box<dyn Compiler>>) -> String {
    let code = CodeObject::from_pyc(pyc).expect("a .pyc file");
    let code = verify(&code).expect("code as CPython makes it");
    let stdout = Captured::default();
    let mut host = Host::new();
    host.stdout = Box::new(stdout.clone());
    host.compiler = compiler;
    let mut vm = Vm::new(code.version(), host).expect("the thread's only machine");
    vm.add_native_module("_ast", pyco_exec::syntax_tree::make);
    let failure = match vm.run_main(code) {
        Ok(_) => String::new(),
        Err(raised) => vm.format_exception(&raised),
    };
    drop(vm);
    stdout.text() + &failure
}

#[test]
fn trees_come_and_go_as_in_cpython() {
    let pyc = std::fs::read(folder().join("trees.pyc")).expect("the program");
    let expected = std::fs::read_to_string(folder().join("trees.out")).expect("the output");
    let printed = run(&pyc, Some(Box::new(Recorded::new())));
    for (number, (printed, expected)) in printed.lines().zip(expected.lines()).enumerate() {
        assert_eq!(printed, expected, "line {} of trees.out", number + 1);
    }
    assert_eq!(printed, expected);
}

#[test]
fn without_a_compiler_there_are_no_trees() {
    let pyc = std::fs::read(folder().join("trees.pyc")).expect("the program");
    let printed = run(&pyc, None);
    assert_eq!(
        printed.lines().last().unwrap_or_default(),
        "NotImplementedError: pyco has no compiler of its own, and the host grants none"
    );
}

/// Answers each request with the same.
#[derive(Clone)]
struct Fixed(Rc<RefCell<Result<Output, Refusal>>>);

impl Compiler for Fixed {
    fn compile(&mut self, _source: &Source<'_>) -> Result<Answer, String> {
        Ok(Answer {
            result: self.0.borrow().clone(),
            warnings: Vec::new(),
        })
    }

    fn library(&mut self) -> Result<Vec<PathBuf>, String> {
        Ok(Vec::new())
    }
}

/// How `compile("", "", "exec", PyCF_ONLY_AST)` ends if the compiler answers so: the type of the result, or the exception.
fn tree_answer(output: Output) -> String {
    let mut host = Host::new();
    host.compiler = Some(Box::new(Fixed(Rc::new(RefCell::new(Ok(output))))));
    let mut vm = Vm::new(pyco_code::Version::V3_13, host).expect("the thread's only machine");
    let builtins = vm.import("builtins").expect("the module");
    let name = vm.intern("compile");
    let arguments = [
        vm.new_str(""),
        vm.new_str(""),
        vm.new_str("exec"),
        vm.int(i64::from(Source::ONLY_AST)),
    ];
    match vm.call_method(&builtins, &name, &arguments) {
        Ok(value) => vm.type_name(&value).to_string(),
        Err(raised) => {
            let class = vm.exception_class_name(&raised);
            format!(
                "{class}: {}",
                vm.str_text(raised.value()).expect("a message")
            )
        }
    }
}

#[test]
fn trees_of_a_compiler_are_not_trusted() {
    let class = |base: &str, attributes: &[&str]| NodeClass {
        base: base.to_owned(),
        name: base.to_owned(),
        attributes: attributes.iter().map(|name| (*name).to_owned()).collect(),
    };
    let refused = |classes: &[NodeClass], steps: &[Step]| {
        let answer = tree_answer(Output::Tree(Tree {
            classes: classes.to_vec(),
            steps: steps.to_vec(),
        }));
        let found = answer.strip_prefix("SystemError: the compiler's syntax tree is refused: ");
        found.unwrap_or_else(|| panic!("found {answer}")).to_owned()
    };
    let pass = [class("Pass", &[])];
    let one = Step::Value(Constant::from(1));
    assert_eq!(refused(&[], &[]), "it has not one root");
    assert_eq!(
        refused(&[], &[one.clone(), one.clone()]),
        "it has not one root"
    );
    assert_eq!(refused(&[], &[Step::List(1)]), "step 0 cannot be done");
    assert_eq!(
        refused(&[], &[Step::List(usize::MAX)]),
        "step 0 cannot be done"
    );
    assert_eq!(refused(&pass, &[Step::Node(1)]), "step 0 cannot be done");
    assert_eq!(
        refused(&[class("int", &[])], &[]),
        "int is no class of nodes"
    );
    let two = [class("Expr", &["value", "lineno"])];
    assert_eq!(
        refused(&two, &[one, Step::Node(0)]),
        "step 1 cannot be done"
    );
    let other = Step::Other {
        name: "x".to_owned(),
        int: None,
    };
    assert_eq!(refused(&[], &[other]), "step 0 cannot be done");
    assert_eq!(refused(&[], &[Step::Tuple(0)]), "step 0 cannot be done");
    assert_eq!(
        tree_answer(Output::Code(Vec::new())),
        "SystemError: the compiler's syntax tree is refused: it is code"
    );
}

#[test]
fn a_tree_of_any_depth_is_built() {
    let classes = vec![NodeClass {
        base: "Await".to_owned(),
        name: "Await".to_owned(),
        attributes: vec!["value".to_owned()],
    }];
    let mut steps = vec![Step::Value(Constant::None)];
    steps.extend((0..200_000).map(|_| Step::Node(0)));
    assert_eq!(tree_answer(Output::Tree(Tree { classes, steps })), "Await");
}

#[test]
fn a_tree_in_the_place_of_code_is_refused() {
    let answer = Fixed(Rc::new(RefCell::new(Ok(Output::Tree(Tree::default())))));
    let stderr = Captured::default();
    let mut host = Host::new();
    host.stderr = Box::new(stderr.clone());
    host.compiler = Some(Box::new(answer));
    let mut vm = Vm::new(pyco_code::Version::V3_13, host).expect("the thread's only machine");
    assert_eq!(vm.run_source(b"1", "one.py"), Outcome::Exit(1));
    drop(vm);
    assert_eq!(
        stderr.text(),
        "SystemError: the compiler's code is refused: it is a syntax tree\n"
    );
}
