//! Rules about whole paths: generators, and how much there is to follow.

use alloc::vec::Vec;

use crate::op::Op;
use crate::verify::Rule;
use crate::version::Version;

use super::build::{Item, code, jump, op};
use super::{VERSIONS, accepted, refused};

#[test]
fn only_generators_yield() {
    let items = [
        op(Op::LoadConst, 0),
        op(Op::YieldValue, 0),
        op(Op::Resume, 1),
        op(Op::ReturnValue, 0),
    ];
    for version in VERSIONS {
        let build = code(version, &items).none().generator();
        refused(&build, Rule::GeneratorState, 1, "before RETURN_GENERATOR");
    }
}

#[test]
fn a_frame_becomes_a_generator_once() {
    let items = [
        op(Op::ReturnGenerator, 0),
        op(Op::PopTop, 0),
        op(Op::ReturnGenerator, 0),
        op(Op::ReturnValue, 0),
    ];
    let build = code(Version::V3_13, &items).none().generator();
    refused(&build, Rule::GeneratorState, 2, "run before");
    let items = [
        op(Op::ReturnGenerator, 0),
        op(Op::PopTop, 0),
        jump(Op::JumpBackward, 0),
    ];
    refused(
        &code(Version::V3_13, &items).generator(),
        Rule::GeneratorState,
        0,
        "run before",
    );
}

#[test]
fn paths_must_agree_whether_the_frame_is_a_generator() {
    let items = [
        op(Op::LoadConst, 0),
        jump(Op::PopJumpIfNone, 4),
        op(Op::ReturnGenerator, 0),
        op(Op::PopTop, 0),
        op(Op::LoadConst, 0),
        op(Op::YieldValue, 0),
        op(Op::Resume, 1),
        op(Op::ReturnValue, 0),
    ];
    let build = code(Version::V3_13, &items).none().generator();
    refused(
        &build,
        Rule::GeneratorState,
        5,
        "on one path and not on another",
    );
    // A handler around RETURN_GENERATOR is entered before it and after it.
    let items = [
        op(Op::ReturnGenerator, 0),
        op(Op::ReturnValue, 0),
        op(Op::YieldValue, 0),
        op(Op::Resume, 1),
        op(Op::ReturnValue, 0),
    ];
    let build = code(Version::V3_13, &items)
        .generator()
        .region(0..1, 2, 0, false);
    refused(
        &build,
        Rule::GeneratorState,
        2,
        "on one path and not on another",
    );
}

#[test]
fn delegation_keeps_what_it_delegates_to() {
    let with = |version, below: &[Item]| {
        let mut items = Vec::from([op(Op::ReturnGenerator, 0), op(Op::PopTop, 0)]);
        items.extend(below);
        let yield_arg = u32::from(version >= Version::V3_13);
        items.push(op(Op::LoadConst, 0));
        if version == Version::V3_11 {
            items.push(op(Op::Send, 3));
        }
        items.extend([
            op(Op::YieldValue, yield_arg),
            op(Op::Resume, 2),
            op(Op::RaiseVarargs, 1),
            op(Op::RaiseVarargs, 1),
        ]);
        code(version, &items).none().generator()
    };
    for version in VERSIONS {
        let index = if version >= Version::V3_15 {
            &[op(Op::PushNull, 0)][..]
        } else {
            &[]
        };
        let below = [&[op(Op::LoadConst, 0)], index].concat();
        accepted(&with(version, &below));
        refused(&with(version, &[]), Rule::StackUnderflow, 3, "");
        refused(
            &with(version, &[op(Op::PushNull, 0), op(Op::PushNull, 0)]),
            Rule::StackKind,
            5,
            "found NULL",
        );
    }
}

#[test]
fn a_deep_stack_must_be_earned() {
    let items = [
        op(Op::LoadConst, 0),
        op(Op::UnpackSequence, 0x0fff_ffff),
        op(Op::RaiseVarargs, 0),
    ];
    let build = code(Version::V3_13, &items).none().stack(u32::MAX);
    refused(&build, Rule::Effort, 1, "found 268435455, expected at most");
}

#[test]
fn work_is_bounded_by_size() {
    // A deep stack carried through many places where paths meet, all of them twice.
    let mut items = Vec::new();
    for _ in 0..4000 {
        items.push(op(Op::LoadConst, 0));
    }
    for at in 0..4000 {
        items.extend([
            op(Op::LoadConst, 0),
            jump(Op::PopJumpIfNone, 4000 + 2 * (at + 1)),
        ]);
    }
    items.push(op(Op::RaiseVarargs, 0));
    let build = code(Version::V3_13, &items).none().stack(5000);
    let error = build.verify().map(drop).expect_err("it is too much");
    assert_eq!(error.rule(), Rule::Effort, "{error}");
    // With the depth of real code it is not.
    let build = code(
        Version::V3_13,
        &items[3990..]
            .iter()
            .map(|item| shifted(*item))
            .collect::<Vec<_>>(),
    );
    accepted(&build.none().stack(20));
}

/// The instruction, where 3990 others before it are left out.
fn shifted(item: Item) -> Item {
    item.moved(3990)
}
