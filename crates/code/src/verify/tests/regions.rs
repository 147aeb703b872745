//! Rules about the exception table.

use crate::op::Op;
use crate::verify::Rule;
use crate::version::Version;

use super::build::{Build, code, jump, op};
use super::{VERSIONS, accepted, refused};

/// `None` on the stack, something that can raise, a return, and a handler for a stack of depth 1.
fn guarded() -> Build {
    let items = [
        op(Op::LoadConst, 0),
        op(Op::LoadName, 0),
        op(Op::BinaryOp, 0),
        op(Op::ReturnValue, 0),
        op(Op::PushExcInfo, 0),
        op(Op::PopTop, 0),
        op(Op::PopExcept, 0),
        op(Op::ReturnValue, 0),
    ];
    code(Version::V3_13, &items).none().names(1)
}

#[track_caller]
fn refused_table(build: &Build, rule: Rule, words: &str) {
    let error = build.verify().map(drop).expect_err("it should be refused");
    assert_eq!(error.rule(), rule, "{error}");
    assert!(
        alloc::string::ToString::to_string(&error).contains(words),
        "{error}"
    );
}

#[test]
fn entries_must_be_well_formed() {
    accepted(&guarded().region(1..2, 4, 1, false));
    for table in [
        &[0x01][..],
        &[0x81],
        &[0x81, 0x01, 0x04],
        &[0xff, 0x7f, 0x7f, 0x7f, 0x7f, 0x7f, 0x7f],
    ] {
        let mut build = guarded();
        build.fields.exceptiontable = table.into();
        refused_table(&build, Rule::ExceptionEntry, "malformed");
    }
}

#[test]
fn ranges_must_be_sorted_and_made_of_instructions() {
    // LOAD_NAME, which no handler covers twice.
    let twice = guarded()
        .region(1..2, 4, 1, false)
        .region(1..2, 4, 1, false);
    refused(&twice, Rule::ExceptionRange, 1, "before the end of another");
    let backward = guarded()
        .region(1..2, 4, 1, false)
        .region(0..1, 4, 0, false);
    refused(
        &backward,
        Rule::ExceptionRange,
        0,
        "before the end of another",
    );
    refused(
        &guarded().region(1..1, 4, 1, false),
        Rule::ExceptionRange,
        1,
        "empty",
    );
    // BINARY_OP is at unit 2, its cache at unit 3.
    let mut inside = guarded();
    inside.fields.exceptiontable = [0x83, 0x01, 0x05, 0x02].into();
    refused_table(&inside, Rule::ExceptionRange, "begins within");
    let mut inside = guarded();
    inside.fields.exceptiontable = [0x82, 0x01, 0x05, 0x00].into();
    refused_table(&inside, Rule::ExceptionRange, "ends within");
    let mut beyond = guarded();
    beyond.fields.exceptiontable = [0x82, 0x3f, 0x05, 0x00].into();
    refused_table(&beyond, Rule::ExceptionRange, "beyond an instruction");
}

#[test]
fn handlers_must_start_at_instructions() {
    for target in [3, 9, 0x3f] {
        let mut build = guarded();
        build.fields.exceptiontable = [0x81, 0x01, target, 0x02].into();
        refused(&build, Rule::ExceptionTarget, 1, "starts at no instruction");
    }
}

#[test]
fn what_a_handler_keeps_must_be_there() {
    refused(
        &guarded().region(1..2, 4, 2, false),
        Rule::ExceptionDepth,
        1,
        "found 1, expected at least 2",
    );
    refused(
        &guarded().region(1..2, 4, 0x7fff_ffff, false),
        Rule::ExceptionDepth,
        1,
        "",
    );
    // When BINARY_OP raises, it has taken both operands.
    refused(
        &guarded().region(2..3, 4, 1, false),
        Rule::ExceptionDepth,
        2,
        "found 0, expected at least 1",
    );
    // Instructions that cannot raise may take what the handler would keep.
    let items = [
        op(Op::LoadConst, 0),
        op(Op::LoadConst, 0),
        op(Op::PopTop, 0),
        op(Op::PopTop, 0),
        op(Op::ReturnConst, 0),
        op(Op::PopTop, 0),
        op(Op::PopTop, 0),
        op(Op::PopTop, 0),
        op(Op::ReturnConst, 0),
    ];
    accepted(
        &code(Version::V3_13, &items)
            .none()
            .region(2..4, 5, 2, false),
    );
}

#[test]
fn what_a_handler_keeps_is_what_every_path_brings() {
    // NULL or an object lies where the handler takes an object.
    let items = [
        op(Op::LoadConst, 0),
        op(Op::LoadName, 0),
        op(Op::PopTop, 0),
        op(Op::PopTop, 0),
        op(Op::PushNull, 0),
        op(Op::LoadName, 0),
        op(Op::RaiseVarargs, 1),
        op(Op::PopTop, 0),
        op(Op::ReturnValue, 0),
    ];
    let build = code(Version::V3_13, &items).none().names(1);
    accepted(&build.clone().region(1..2, 7, 1, false));
    let build = build.region(1..2, 7, 1, false).region(5..6, 7, 1, false);
    refused(&build, Rule::StackKind, 8, "found NULL or an object");
    // The same within one range, by a SWAP below what is kept.
    let items = [
        op(Op::LoadConst, 0),
        op(Op::PushNull, 0),
        op(Op::LoadName, 0),
        op(Op::PopTop, 0),
        op(Op::Swap, 2),
        op(Op::LoadName, 0),
        op(Op::RaiseVarargs, 1),
        op(Op::PopTop, 0),
        op(Op::ReturnValue, 0),
    ];
    let build = code(Version::V3_13, &items)
        .none()
        .names(1)
        .region(2..6, 7, 1, false);
    refused(&build, Rule::StackKind, 8, "found NULL or an object");
}

#[test]
fn handlers_have_one_depth_too() {
    let items = [
        op(Op::LoadName, 0),
        op(Op::LoadName, 0),
        op(Op::RaiseVarargs, 1),
        op(Op::RaiseVarargs, 1),
    ];
    let build = code(Version::V3_13, &items)
        .names(1)
        .region(0..1, 3, 0, false);
    accepted(&build.clone().region(1..2, 3, 0, false));
    let build = build.region(1..2, 3, 0, true);
    refused(&build, Rule::StackMismatch, 1, "found 2, expected 1");
    let shallow = guarded().region(1..2, 4, 1, true).stack(2);
    refused(
        &shallow,
        Rule::StackOverflow,
        1,
        "found 3, expected at most 2",
    );
}

#[test]
fn a_thrown_exception_meets_the_stack_after_the_yield() {
    for version in VERSIONS {
        let items = [
            op(Op::ReturnGenerator, 0),
            op(Op::PopTop, 0),
            op(Op::LoadConst, 0),
            op(Op::YieldValue, 0),
            op(Op::Resume, 1),
            op(Op::ReturnValue, 0),
            op(Op::PopTop, 0),
            op(Op::ReturnValue, 0),
        ];
        let build = code(version, &items).none().generator();
        accepted(&build.clone().region(3..4, 6, 1, false));
        refused(
            &build.region(3..4, 6, 2, false),
            Rule::ExceptionDepth,
            3,
            "found 1, expected at least 2",
        );
    }
}

#[test]
fn a_loop_through_a_handler_is_followed() {
    // The handler jumps back into what it covers, bringing an exception where None was.
    let items = [
        op(Op::LoadConst, 0),
        op(Op::LoadName, 0),
        op(Op::PopTop, 0),
        op(Op::ReturnValue, 0),
        op(Op::Swap, 2),
        op(Op::PopTop, 0),
        jump(Op::JumpBackward, 1),
    ];
    accepted(
        &code(Version::V3_13, &items)
            .none()
            .names(1)
            .region(1..2, 4, 1, false),
    );
}
