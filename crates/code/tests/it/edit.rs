//! Taking code objects apart and putting them together.

use pyco_code::edit::{Assembly, Element, Label, StackDepth, Statement};
use pyco_code::{CodeObject, ErrorKind, Location, Op, Version};

use crate::support::fixtures;

fn editable() -> Vec<CodeObject> {
    let fixtures = fixtures();
    let new = fixtures
        .iter()
        .filter(|fixture| fixture.version.has_localsplus());
    new.flat_map(|fixture| fixture.code.walk().cloned().collect::<Vec<_>>())
        .collect()
}

#[test]
fn what_is_taken_apart_and_not_changed_is_put_together_the_same() {
    for code in editable() {
        let assembly = Assembly::of(&code).expect("well-formed");
        let new = assembly.assemble(&code).expect("assembles");
        assert_eq!(new, code);
        assert_eq!(new.stacksize(), code.stacksize());
    }
}

#[test]
fn the_stack_size_is_the_compilers() {
    for code in editable() {
        let assembly = Assembly::of(&code).expect("well-formed");
        let depth = StackDepth::of(&assembly).expect("consistent");
        assert_eq!(
            depth.needed(),
            code.stacksize(),
            "{} {}",
            code.version(),
            code.qualname()
        );
    }
}

/// Puts `count` NOPs before each statement, but not between an instruction and what CPython wants right after it.
fn stretched(assembly: &Assembly, count: usize) -> Assembly {
    let mut new = assembly.clone();
    new.elements.clear();
    for element in &assembly.elements {
        if let Element::Statement(statement) = element {
            let nop = Statement::new(Op::Nop, 0, statement.location);
            new.elements
                .extend(std::iter::repeat_n(Element::Statement(nop), count));
        }
        new.elements.push(*element);
    }
    new
}

#[test]
fn tables_stay_true_when_statements_are_inserted_and_removed() {
    for code in editable() {
        let assembly = Assembly::of(&code).expect("well-formed");
        let long = stretched(&assembly, 40).assemble(&code).expect("assembles");
        assert!(long.code().len() > 20 * code.code().len() / 12);
        // Read again, the same statements have the same locations, targets and handlers.
        let mut back = Assembly::of(&long).expect("well-formed");
        let is_nop =
            |element: &Element| matches!(element, Element::Statement(s) if s.op == Op::Nop);
        let had_nops = assembly.elements.iter().any(is_nop);
        back.elements.retain(|element| !is_nop(element));
        let short = back.assemble(&code).expect("assembles");
        if !had_nops {
            assert_eq!(
                short.code(),
                code.code(),
                "{} {}",
                code.version(),
                code.qualname()
            );
            assert_eq!(short.linetable(), code.linetable());
            assert_eq!(short.exceptiontable(), code.exceptiontable());
        }
    }
}

#[test]
fn prefixes_grow_where_one_jump_makes_another_longer() {
    let fixtures = fixtures();
    let fixture = fixtures
        .iter()
        .find(|f| f.version == Version::V3_13)
        .expect("3.13");
    let mut assembly = Assembly::new(Version::V3_13).expect("editable");
    let end = assembly.new_label();
    let here = Location::from_line(1);
    // Each jump is 255 units long if the one after it has no prefix, and none can be.
    assembly.elements.push(Element::Statement(Statement::jump(
        Op::JumpForward,
        end,
        here,
    )));
    assembly.elements.push(Element::Statement(Statement::jump(
        Op::JumpForward,
        end,
        here,
    )));
    for _ in 0..255 {
        assembly
            .elements
            .push(Element::Statement(Statement::new(Op::Nop, 0, here)));
    }
    assembly.elements.push(Element::Label(end));
    assembly
        .elements
        .push(Element::Statement(Statement::new(Op::ReturnConst, 0, here)));
    let code = assembly.assemble(&fixture.code).expect("assembles");
    let first = code.instructions().next().expect("one").expect("valid");
    assert_eq!((first.start.0, first.offset.0, first.oparg), (0, 2, 256));
    let second = code.instructions().nth(1).expect("one").expect("valid");
    assert_eq!((second.start.0, second.offset.0, second.oparg), (4, 4, 255));
    assert_eq!(
        Assembly::of(&code).expect("well-formed").assemble(&code),
        Ok(code)
    );
}

#[test]
fn what_cannot_be_assembled_is_named() {
    let fixtures = fixtures();
    let fixture = fixtures
        .iter()
        .find(|f| f.version == Version::V3_13)
        .expect("3.13");
    let here = Location::from_line(1);
    let build = |elements: &[Element]| {
        let mut assembly = Assembly::new(Version::V3_13).expect("editable");
        assembly.new_label();
        assembly.elements.extend(elements);
        let error = assembly.assemble(&fixture.code).expect_err("refused");
        (error.kind().clone(), error.to_string())
    };
    let label = Element::Label(Label(0));
    let ret = Element::Statement(Statement::new(Op::ReturnConst, 0, here));
    let jump = |op| Element::Statement(Statement::jump(op, Label(0), here));
    let cases = [
        (
            vec![jump(Op::JumpForward), ret],
            ErrorKind::LabelPlaces(0, 0),
        ),
        (vec![label, ret, label], ErrorKind::LabelPlaces(0, 2)),
        (
            vec![label, jump(Op::JumpForward)],
            ErrorKind::JumpDirection(Op::JumpForward),
        ),
        (
            vec![jump(Op::JumpBackward), ret, label, ret],
            ErrorKind::JumpDirection(Op::JumpBackward),
        ),
        (
            vec![jump(Op::ReturnConst), label],
            ErrorKind::ArgumentKind(Op::ReturnConst),
        ),
        (
            vec![Element::Statement(Statement::new(Op::Precall, 0, here))],
            ErrorKind::NoSuchInstruction(Version::V3_13, Op::Precall),
        ),
        (
            vec![Element::Statement(Statement::new(Op::PopTop, 0, here)), ret],
            ErrorKind::StackDepth(Op::PopTop),
        ),
    ];
    for (elements, expected) in cases {
        let (kind, text) = build(&elements);
        assert_eq!(kind, expected, "{text}");
    }
    let (_, text) = build(&[jump(Op::JumpForward), ret]);
    assert_eq!(
        text,
        "label L0 is at 0 places, expected one at element 0 of the assembly"
    );
    let old = fixtures
        .iter()
        .find(|f| f.version == Version::V3_10)
        .expect("3.10");
    let error = Assembly::of(&old.code).expect_err("too old").to_string();
    assert_eq!(
        error,
        "found code of CPython 3.10, expected that of 3.11 or later to edit"
    );
}
