//! Rules about the stack, and about what needs a certain kind of thing on it.

use alloc::vec::Vec;

use crate::constant::Constant;
use crate::op::Op;
use crate::verify::Rule;
use crate::version::Version;

use super::build::{Build, Item, code, jump, op};
use super::{VERSIONS, accepted, refused};

/// `None` loaded, then these instructions, then a return.
fn body(version: Version, items: &[Item]) -> Build {
    let mut all = Vec::from([op(Op::LoadConst, 0)]);
    all.extend(items);
    all.push(op(Op::ReturnValue, 0));
    code(version, &all).none().names(1).locals(&[0x20])
}

#[test]
fn nothing_is_taken_that_is_not_there() {
    for version in VERSIONS {
        for (op_, arg) in [
            (Op::PopTop, 0),
            (Op::BinaryOp, 0),
            (Op::BuildTuple, 2),
            (Op::BuildTuple, 0x7fff_ffff),
            (Op::BuildMap, 0x7fff_ffff),
            (Op::Copy, 2),
            (Op::Copy, 0x7fff_ffff),
            (Op::Swap, 0x7fff_ffff),
            (Op::ListAppend, 0x7fff_ffff),
            (Op::DictMerge, 0x7fff_ffff),
        ] {
            let items = [op(Op::Nop, 0), op(op_, arg)];
            let mut build = body(version, &items);
            if op_ == Op::PopTop {
                build = body(version, &[op(Op::PopTop, 0), op(Op::PopTop, 0)]);
            }
            refused(&build, Rule::StackUnderflow, 2, "expected at least");
        }
    }
}

#[test]
fn the_stack_stays_within_its_size() {
    let build = body(
        Version::V3_13,
        &[op(Op::LoadConst, 0), op(Op::BuildTuple, 2)],
    );
    accepted(&build.clone().stack(2));
    refused(
        &build.stack(1),
        Rule::StackOverflow,
        1,
        "found 2, expected at most 1",
    );
    let unpack = |oparg| {
        body(
            Version::V3_13,
            &[op(Op::UnpackSequence, oparg), op(Op::BuildTuple, oparg)],
        )
    };
    accepted(&unpack(10));
    refused(
        &unpack(11),
        Rule::StackOverflow,
        1,
        "found 11, expected at most 10",
    );
    refused(
        &unpack(0x7fff_ffff),
        Rule::StackOverflow,
        1,
        "expected at most 10",
    );
    let unpack = body(
        Version::V3_13,
        &[op(Op::UnpackEx, 0x0502), op(Op::BuildTuple, 8)],
    );
    accepted(&unpack.clone().stack(8));
    refused(&unpack.stack(7), Rule::StackOverflow, 1, "");
}

#[test]
fn paths_must_bring_the_same_depth() {
    let items = [
        op(Op::LoadConst, 0),
        op(Op::LoadConst, 0),
        jump(Op::PopJumpIfNone, 4),
        op(Op::LoadConst, 0),
        op(Op::ReturnValue, 0),
    ];
    refused(
        &code(Version::V3_13, &items).none(),
        Rule::StackMismatch,
        4,
        "found 2, expected 1",
    );
    // A loop that pushes in each round.
    let items = [op(Op::LoadConst, 0), jump(Op::JumpBackward, 0)];
    refused(
        &code(Version::V3_13, &items).none(),
        Rule::StackMismatch,
        1,
        "found 1, expected 0",
    );
}

#[test]
fn null_is_no_object() {
    for version in VERSIONS {
        refused(
            &body(version, &[op(Op::PushNull, 0)]),
            Rule::StackKind,
            2,
            "found NULL in stack slot 1 from the top",
        );
        let build = body(version, &[op(Op::PushNull, 0), op(Op::BuildTuple, 2)]);
        refused(
            &build,
            Rule::StackKind,
            2,
            "slot 1 from the top, expected an object",
        );
        let build = body(version, &[op(Op::PushNull, 0), op(Op::Copy, 1)]);
        refused(&build, Rule::StackKind, 2, "found NULL");
    }
    // Whether NULL is below or above the callable changed with 3.13.
    let call = [op(Op::PushNull, 0), op(Op::Call, 0)];
    accepted(&body(Version::V3_13, &call));
    refused(&body(Version::V3_12, &call), Rule::StackKind, 2, "");
    let swapped = [op(Op::PushNull, 0), op(Op::Swap, 2), op(Op::Call, 0)];
    accepted(&body(Version::V3_12, &swapped));
    refused(
        &body(Version::V3_13, &swapped),
        Rule::StackKind,
        3,
        "found NULL",
    );
    // CALL_FUNCTION_EX wants NULL itself.
    let call = [
        op(Op::LoadConst, 0),
        op(Op::LoadConst, 0),
        op(Op::CallFunctionEx, 0),
    ];
    refused(
        &body(Version::V3_13, &call),
        Rule::StackKind,
        3,
        "expected NULL",
    );
}

#[test]
fn where_paths_meet_a_slot_may_be_either() {
    let items = [
        op(Op::LoadConst, 0),
        jump(Op::PopJumpIfNone, 4),
        op(Op::PushNull, 0),
        jump(Op::JumpForward, 5),
        op(Op::LoadConst, 0),
        op(Op::LoadConst, 0),
        op(Op::Swap, 2),
        op(Op::Call, 0),
        op(Op::ReturnValue, 0),
    ];
    accepted(&code(Version::V3_13, &items).none());
    let items = [
        items[0],
        items[1],
        items[2],
        items[3],
        items[4],
        op(Op::ReturnValue, 0),
    ];
    refused(
        &code(Version::V3_13, &items).none(),
        Rule::StackKind,
        5,
        "found NULL or an object",
    );
}

#[test]
fn internal_values_go_only_where_they_belong() {
    // A handler that saves an offset, with PUSH_EXC_INFO: offset, saved exception, exception.
    let handler = |items: &[Item]| {
        let mut all = Vec::from([
            op(Op::Resume, 0),
            op(Op::RaiseVarargs, 0),
            op(Op::PushExcInfo, 0),
        ]);
        all.extend(items);
        code(Version::V3_13, &all)
            .none()
            .locals(&[0x20])
            .region(0..2, 2, 0, true)
    };
    let pop = op(Op::PopTop, 0);
    accepted(&handler(&[
        pop,
        op(Op::PopExcept, 0),
        pop,
        op(Op::ReturnConst, 0),
    ]));
    accepted(&handler(&[
        op(Op::Swap, 2),
        op(Op::PopExcept, 0),
        op(Op::Reraise, 1),
    ]));
    refused(
        &handler(&[pop, pop]),
        Rule::StackKind,
        4,
        "found a saved exception",
    );
    refused(
        &handler(&[op(Op::PopExcept, 0)]),
        Rule::StackKind,
        3,
        "expected a saved exception",
    );
    refused(
        &handler(&[op(Op::Swap, 3), op(Op::ReturnValue, 0)]),
        Rule::StackKind,
        4,
        "found a saved offset",
    );
    refused(
        &handler(&[op(Op::Swap, 2), op(Op::StoreFast, 0)]),
        Rule::StackKind,
        4,
        "found a saved exception",
    );
    refused(
        &handler(&[op(Op::Reraise, 1)]),
        Rule::StackKind,
        3,
        "expected a saved offset",
    );
    refused(
        &body(Version::V3_13, &[op(Op::PushExcInfo, 0)]),
        Rule::StackKind,
        1,
        "expected an exception",
    );
    refused(
        &body(Version::V3_13, &[op(Op::PopExcept, 0)]),
        Rule::StackKind,
        1,
        "expected a saved exception",
    );
    refused(
        &body(
            Version::V3_13,
            &[
                op(Op::Copy, 1),
                op(Op::Copy, 1),
                op(Op::Copy, 1),
                op(Op::WithExceptStart, 0),
            ],
        ),
        Rule::StackKind,
        4,
        "expected a saved exception",
    );
}

#[test]
fn an_iteration_index_is_no_object() {
    let v = Version::V3_15;
    refused(
        &body(v, &[op(Op::GetIter, 0)]),
        Rule::StackKind,
        2,
        "found NULL or an iteration index",
    );
    refused(
        &body(
            v,
            &[
                op(Op::LoadConst, 0),
                jump(Op::ForIter, 3),
                op(Op::EndFor, 0),
            ],
        ),
        Rule::StackKind,
        2,
        "expected NULL or",
    );
    refused(
        &body(v, &[op(Op::LoadConst, 0), op(Op::PopIter, 0)]),
        Rule::StackKind,
        2,
        "",
    );
    accepted(&body(
        v,
        &[op(Op::GetIter, 0), op(Op::PopIter, 0), op(Op::LoadConst, 0)],
    ));
    accepted(&body(v, &[op(Op::GetIter, 0), op(Op::PopTop, 0)]));
}

#[test]
fn a_return_leaves_nothing_behind() {
    let items = [
        op(Op::LoadConst, 0),
        op(Op::LoadConst, 0),
        op(Op::ReturnValue, 0),
    ];
    for version in VERSIONS {
        refused(
            &code(version, &items).none(),
            Rule::ReturnDepth,
            2,
            "found 1, expected 0",
        );
    }
    let items = [op(Op::LoadConst, 0), op(Op::ReturnConst, 0)];
    refused(
        &code(Version::V3_13, &items).none(),
        Rule::ReturnDepth,
        1,
        "",
    );
}

#[test]
fn functions_are_made_of_code_constants() {
    let make = |version| {
        [op(Op::MakeFunction, 0), op(Op::Nop, 0)].map(|item| body(version, &[item]))[0].clone()
    };
    for version in VERSIONS {
        refused(
            &make(version),
            Rule::FunctionCode,
            1,
            "may be another object",
        );
        let child = code(version, &[op(Op::LoadConst, 0), op(Op::ReturnValue, 0)]).none();
        accepted(&make(version).consts([Constant::Code(child.build())]));
    }
}

#[test]
fn a_closure_has_a_cell_for_each_free_variable() {
    let child = |free: usize| {
        let kinds = alloc::vec![0x80; free];
        let items = [
            op(Op::CopyFreeVars, free as u32),
            op(Op::LoadConst, 0),
            op(Op::ReturnValue, 0),
        ];
        Constant::Code(code(Version::V3_13, &items).none().locals(&kinds).build())
    };
    let with = |load: Op, count: u32, free: usize| {
        let mut items = Vec::from([op(Op::MakeCell, 0), op(Op::Nop, 0)]);
        items.extend((0..count).map(|_| op(load, 0)));
        items.extend([
            op(Op::BuildTuple, count),
            op(Op::LoadConst, 0),
            op(Op::MakeFunction, 0),
            op(Op::SetFunctionAttribute, 8),
            op(Op::ReturnValue, 0),
        ]);
        code(Version::V3_13, &items)
            .consts([child(free)])
            .locals(&[0x40])
    };
    accepted(&with(Op::LoadFast, 1, 1));
    accepted(&with(Op::LoadFast, 3, 3));
    refused(
        &with(Op::LoadFast, 1, 2),
        Rule::Closure,
        6,
        "found 1, expected 2",
    );
    refused(
        &with(Op::LoadFast, 2, 1),
        Rule::Closure,
        7,
        "found 2, expected 1",
    );
    refused(&with(Op::LoadFast, 1, 0), Rule::Closure, 6, "needs none");
    refused(
        &with(Op::LoadDeref, 1, 2),
        Rule::Closure,
        6,
        "found 1, expected 2",
    );
    // Without its closure a function is not yet an object.
    let items = [
        op(Op::LoadConst, 0),
        op(Op::MakeFunction, 0),
        op(Op::ReturnValue, 0),
    ];
    let build = code(Version::V3_13, &items).consts([child(1)]);
    refused(
        &build,
        Rule::StackKind,
        2,
        "found a function without its closure",
    );
}
