//! What is proved of instructions, and what is left to checks at run time.

use alloc::vec::Vec;

use crate::constant::Constant;
use crate::op::Op;
use crate::verify::Checks;
use crate::version::Version;

use super::accepted;
use super::build::{Build, Item, code, jump, op};

const NONE: Checks = Checks::empty();

/// Requires that of the instructions these, by index, need these checks, and the others none.
#[track_caller]
fn checked(build: &Build, expected: &[(usize, Checks)]) {
    let verified = accepted(build);
    let count = verified.instructions().count();
    for index in 0..count {
        let wanted = expected
            .iter()
            .find(|(at, _)| *at == index)
            .map_or(NONE, |(_, checks)| *checks);
        let unit = build.unit_of(index as u32);
        assert_eq!(verified.facts().checks(unit), wanted, "instruction {index}");
    }
}

/// These instructions on two locals, the first an argument, and a return of `None`.
fn locals(items: &[Item]) -> Build {
    let mut all = items.to_vec();
    all.push(op(Op::ReturnConst, 0));
    code(Version::V3_13, &all)
        .none()
        .names(1)
        .locals(&[0x20, 0x20])
        .args(1)
}

const POP: fn() -> Item = || op(Op::PopTop, 0);

#[test]
fn locals_are_bound_once_stored_or_passed() {
    checked(
        &locals(&[
            op(Op::LoadFast, 0),
            op(Op::StoreFast, 1),
            op(Op::LoadFast, 1),
            POP(),
        ]),
        &[],
    );
    checked(
        &locals(&[op(Op::LoadFast, 1), POP()]),
        &[(0, Checks::BOUND)],
    );
    // What was loaded once is bound, or that has raised.
    checked(
        &locals(&[op(Op::LoadFast, 1), POP(), op(Op::LoadFast, 1), POP()]),
        &[(0, Checks::BOUND)],
    );
    checked(
        &locals(&[op(Op::LoadFastCheck, 1), POP(), op(Op::LoadFast, 1), POP()]),
        &[],
    );
    checked(
        &locals(&[
            op(Op::DeleteFast, 0),
            op(Op::LoadFast, 0),
            POP(),
            op(Op::DeleteFast, 1),
        ]),
        &[(1, Checks::BOUND), (3, Checks::BOUND)],
    );
    checked(
        &locals(&[op(Op::LoadFastLoadFast, 0x01), POP(), POP()]),
        &[(0, Checks::BOUND_SECOND)],
    );
    checked(
        &locals(&[op(Op::LoadFastLoadFast, 0x10), POP(), POP()]),
        &[(0, Checks::BOUND)],
    );
    checked(
        &locals(&[op(Op::LoadFast, 0), op(Op::StoreFastLoadFast, 0x11), POP()]),
        &[],
    );
    checked(
        &locals(&[op(Op::LoadFast, 0), op(Op::StoreFastLoadFast, 0x01), POP()]),
        &[(1, Checks::BOUND_SECOND)],
    );
}

#[test]
fn locals_are_bound_where_every_path_binds_them() {
    let branch = |store: u32| {
        locals(&[
            op(Op::LoadFast, 0),
            jump(Op::PopJumpIfNone, 4),
            op(Op::LoadConst, 0),
            op(Op::StoreFast, store),
            op(Op::LoadFast, 1),
            POP(),
        ])
    };
    checked(&branch(1), &[(4, Checks::BOUND)]);
    // A loop that deletes what it reads.
    checked(
        &locals(&[
            op(Op::Nop, 0),
            op(Op::LoadFast, 0),
            POP(),
            op(Op::DeleteFast, 0),
            op(Op::LoadName, 0),
            jump(Op::PopJumpIfNone, 7),
            jump(Op::JumpBackward, 1),
        ]),
        &[(1, Checks::BOUND)],
    );
}

#[test]
fn a_handler_knows_only_what_was_bound_whenever_it_is_entered() {
    let guarded = |first: Item| {
        let items = [
            first,
            op(Op::LoadConst, 0),
            op(Op::StoreFast, 1),
            op(Op::LoadName, 0),
            op(Op::StoreFast, 1),
            op(Op::ReturnConst, 0),
            POP(),
            op(Op::LoadFast, 1),
            POP(),
            op(Op::ReturnConst, 0),
        ];
        code(Version::V3_13, &items)
            .none()
            .names(1)
            .locals(&[0x20, 0x20])
            .args(1)
    };
    checked(&guarded(op(Op::Nop, 0)).region(3..5, 6, 0, false), &[]);
    checked(
        &guarded(op(Op::Resume, 0)).region(0..5, 6, 0, false),
        &[(7, Checks::BOUND)],
    );
    // Bound at the start of the range, and unbound before its end.
    let items = [
        op(Op::LoadName, 0),
        POP(),
        op(Op::DeleteFast, 0),
        op(Op::LoadName, 0),
        POP(),
        op(Op::ReturnConst, 0),
        POP(),
        op(Op::LoadFast, 0),
        POP(),
        op(Op::ReturnConst, 0),
    ];
    let build = code(Version::V3_13, &items)
        .none()
        .names(1)
        .locals(&[0x20])
        .args(1);
    checked(&build.clone().region(0..2, 6, 0, false), &[]);
    checked(&build.region(0..4, 6, 0, false), &[(7, Checks::BOUND)]);
}

#[test]
fn what_a_comprehension_clears_it_brings_back() {
    let save_and_restore = |slot: u32| {
        locals(&[
            op(Op::LoadFastAndClear, slot),
            op(Op::LoadConst, 0),
            op(Op::StoreFast, slot),
            op(Op::LoadFast, slot),
            POP(),
            op(Op::StoreFast, slot),
            op(Op::LoadFast, slot),
            POP(),
        ])
    };
    checked(&save_and_restore(0), &[]);
    checked(&save_and_restore(1), &[(6, Checks::BOUND)]);
}

#[test]
fn cells_are_there_once_made_or_copied() {
    let with = |items: &[Item]| {
        let mut all = items.to_vec();
        all.push(op(Op::ReturnConst, 0));
        code(Version::V3_13, &all)
            .none()
            .locals(&[0x60, 0x80])
            .args(1)
    };
    let load = |slot| op(Op::LoadDeref, slot);
    checked(&with(&[op(Op::MakeCell, 0), load(0), POP()]), &[]);
    checked(&with(&[op(Op::CopyFreeVars, 1), load(1), POP()]), &[]);
    checked(
        &with(&[load(0), POP(), load(1), POP()]),
        &[(0, Checks::CELL), (2, Checks::CELL)],
    );
    // A value put over the cell is none.
    checked(
        &with(&[
            op(Op::MakeCell, 0),
            op(Op::LoadConst, 0),
            op(Op::StoreFast, 0),
            load(0),
            POP(),
        ]),
        &[(3, Checks::CELL)],
    );
    checked(
        &with(&[
            op(Op::MakeCell, 0),
            op(Op::LoadFastAndClear, 0),
            op(Op::StoreFast, 0),
            load(0),
            POP(),
        ]),
        &[],
    );
    checked(
        &with(&[
            op(Op::MakeCell, 0),
            op(Op::DeleteFast, 0),
            op(Op::LoadConst, 0),
            op(Op::StoreDeref, 0),
        ]),
        &[(3, Checks::CELL)],
    );
}

#[test]
fn where_locals_are_too_many_to_follow_some_are_checked() {
    let kinds = alloc::vec![0x20; 5000];
    let last = |branches: u32| {
        let mut items = Vec::new();
        for branch in 0..branches {
            items.extend([
                op(Op::LoadConst, 0),
                jump(Op::PopJumpIfNone, 2 * (branch + 1)),
            ]);
        }
        items.extend([op(Op::LoadFast, 1023), POP(), op(Op::LoadFast, 4999), POP()]);
        items.push(op(Op::ReturnConst, 0));
        code(Version::V3_13, &items)
            .none()
            .locals(&kinds)
            .args(5000)
    };
    checked(&last(0), &[]);
    checked(&last(1000), &[(2002, Checks::BOUND)]);
}

#[test]
fn a_closure_of_unknown_things_is_checked() {
    let items = [
        op(Op::CopyFreeVars, 2),
        op(Op::LoadConst, 0),
        op(Op::ReturnValue, 0),
    ];
    let child = code(Version::V3_13, &items).none().locals(&[0x80, 0x80]);
    let with = |closure: &[Item]| {
        let mut items = closure.to_vec();
        items.extend([
            op(Op::LoadConst, 0),
            op(Op::MakeFunction, 0),
            op(Op::SetFunctionAttribute, 8),
            op(Op::ReturnValue, 0),
        ]);
        code(Version::V3_13, &items)
            .consts([Constant::Code(child.build())])
            .locals(&[0x60, 0x20])
            .args(2)
    };
    let (cell, value) = (op(Op::LoadFast, 0), op(Op::LoadFast, 1));
    let pair = op(Op::BuildTuple, 2);
    checked(&with(&[op(Op::MakeCell, 0), cell, cell, pair]), &[]);
    checked(
        &with(&[op(Op::MakeCell, 0), cell, value, pair]),
        &[(6, Checks::TYPE)],
    );
    checked(&with(&[value]), &[(3, Checks::TYPE)]);
}

/// Instructions on one object of unknown type, and a return.
fn typed(version: Version, items: &[Item]) -> Build {
    let mut all = Vec::from([op(Op::LoadFast, 0)]);
    all.extend(items);
    all.push(op(Op::ReturnValue, 0));
    let names = Constant::Tuple([Constant::Str("a".into())].into());
    let pair = Constant::Tuple([Constant::None, Constant::None].into());
    code(version, &all)
        .consts([Constant::None, names, pair, Constant::Bool(true)])
        .locals(&[0x20])
        .args(1)
}

#[test]
fn containers_are_known_by_what_built_them() {
    let v = Version::V3_13;
    let fill = |build: Op, fill: Op| {
        let items = [
            op(build, 0),
            op(Op::LoadConst, 0),
            op(fill, 1),
            op(Op::BuildTuple, 2),
        ];
        typed(v, &items)
    };
    checked(&fill(Op::BuildList, Op::ListAppend), &[]);
    checked(&fill(Op::BuildList, Op::ListExtend), &[]);
    checked(&fill(Op::BuildSet, Op::SetAdd), &[]);
    checked(&fill(Op::BuildSet, Op::SetUpdate), &[]);
    checked(&fill(Op::BuildMap, Op::DictUpdate), &[]);
    checked(&fill(Op::BuildList, Op::SetAdd), &[(3, Checks::TYPE)]);
    checked(&fill(Op::BuildMap, Op::ListAppend), &[(3, Checks::TYPE)]);
    let unknown = [op(Op::LoadConst, 0), op(Op::ListAppend, 1)];
    checked(&typed(v, &unknown), &[(2, Checks::TYPE)]);
    let map = [
        op(Op::BuildMap, 0),
        op(Op::LoadConst, 0),
        op(Op::LoadConst, 0),
        op(Op::MapAdd, 1),
        op(Op::BuildTuple, 2),
    ];
    checked(&typed(v, &map), &[]);
}

#[test]
fn conditions_are_known_to_be_bools() {
    let branch = |version, items: &[Item]| {
        let mut all = items.to_vec();
        let next = 2 + items.len() as u32;
        all.extend([jump(Op::PopJumpIfFalse, next), op(Op::LoadConst, 0)]);
        typed(version, &all)
    };
    let v = Version::V3_13;
    checked(&branch(v, &[]), &[(1, Checks::TYPE)]);
    checked(&branch(v, &[op(Op::ToBool, 0)]), &[]);
    checked(&branch(v, &[op(Op::ToBool, 0), op(Op::UnaryNot, 0)]), &[]);
    checked(&branch(v, &[op(Op::UnaryNot, 0)]), &[(1, Checks::TYPE)]);
    checked(
        &branch(v, &[op(Op::Copy, 1), op(Op::CompareOp, 0)]),
        &[(3, Checks::TYPE)],
    );
    checked(&branch(v, &[op(Op::Copy, 1), op(Op::CompareOp, 16)]), &[]);
    checked(&branch(v, &[op(Op::Copy, 1), op(Op::IsOp, 1)]), &[]);
    checked(&branch(v, &[POP(), op(Op::LoadConst, 3)]), &[]);
    // Before 3.13 any object is a condition.
    checked(&branch(Version::V3_12, &[]), &[]);
}

#[test]
fn keyword_names_are_known_constants() {
    let call = |constant, arguments| {
        let items = [
            op(Op::PushNull, 0),
            op(Op::LoadConst, 0),
            op(Op::LoadConst, constant),
            op(Op::CallKw, arguments),
        ];
        typed(Version::V3_13, &items)
    };
    checked(&call(1, 1), &[]);
    checked(&call(2, 1), &[(4, Checks::TYPE)]);
    let items = [op(Op::PushNull, 0), op(Op::LoadConst, 1), op(Op::CallKw, 0)];
    checked(&typed(Version::V3_13, &items), &[(3, Checks::TYPE)]);
}

#[test]
fn attributes_of_functions_are_known_by_what_built_them() {
    let child = code(
        Version::V3_13,
        &[op(Op::LoadConst, 0), op(Op::ReturnValue, 0)],
    )
    .none();
    let with = |build: Item, attribute| {
        let items = [
            build,
            op(Op::LoadConst, 0),
            op(Op::MakeFunction, 0),
            op(Op::SetFunctionAttribute, attribute),
            op(Op::ReturnValue, 0),
        ];
        code(Version::V3_13, &items).consts([Constant::Code(child.build()), Constant::None])
    };
    checked(&with(op(Op::BuildTuple, 0), 1), &[]);
    checked(&with(op(Op::BuildMap, 0), 2), &[]);
    checked(&with(op(Op::BuildTuple, 0), 4), &[]);
    checked(&with(op(Op::BuildMap, 0), 4), &[]);
    for attribute in [1, 2, 4] {
        checked(&with(op(Op::LoadConst, 1), attribute), &[(3, Checks::TYPE)]);
    }
}

#[test]
fn facts_hold_at_prefixes_as_at_opcodes() {
    let items = [
        op(Op::LoadConst, 256),
        op(Op::ToBool, 0),
        op(Op::ReturnValue, 0),
    ];
    let build = code(Version::V3_13, &items).consts((0..300).map(|_| Constant::None));
    let verified = accepted(&build);
    let depths = (0..8)
        .map(|unit| verified.facts().stack_depth(unit))
        .collect::<Vec<_>>();
    assert_eq!(
        depths,
        [Some(0), Some(0), Some(1), None, None, None, Some(1), None]
    );
    assert_eq!(verified.facts().unit_len(), 7);
    assert_eq!(verified.facts().max_depth(), 1);
}
