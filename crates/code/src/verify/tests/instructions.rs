//! Rules about single instructions: opcodes, arguments, jumps, what must stand beside what.

use alloc::vec::Vec;

use crate::constant::Constant;
use crate::op::Op;
use crate::table::Kind;
use crate::verify::Rule;
use crate::version::Version;

use super::build::{Build, Item, assemble, code, jump, op};
use super::{VERSIONS, accepted, refused};

/// Code of 3.13 whose first instruction is at fault; it need not be reachable by a sensible stack.
fn first(item: Item) -> Build {
    code(
        Version::V3_13,
        &[item, op(Op::LoadConst, 0), op(Op::ReturnValue, 0)],
    )
    .none()
    .names(2)
    .locals(&[0x20, 0x40, 0x80])
}

#[test]
fn only_what_the_compiler_writes_is_an_opcode() {
    for version in VERSIONS {
        let table = version.table();
        let simple = code(version, &[op(Op::LoadConst, 0), op(Op::ReturnValue, 0)]).none();
        for raw in 0..=255 {
            let is_written = table.info(raw).is_some_and(|info| {
                let internal = [
                    "CACHE",
                    "RESERVED",
                    "INTERPRETER_EXIT",
                    "EXIT_INIT_CHECK",
                    "ENTER_EXECUTOR",
                    "TRACE_RECORD",
                ];
                info.kind == Kind::Base && !internal.contains(&info.op.name())
            });
            let error = simple.clone().byte(0, raw).verify().err();
            let is_refused = error
                .as_ref()
                .is_some_and(|error| error.rule() == Rule::Opcode);
            assert_eq!(is_refused, !is_written, "{version} {raw}: {error:?}");
        }
    }
}

#[test]
fn unreachable_instructions_are_checked_too() {
    let items = [
        op(Op::LoadConst, 0),
        op(Op::ReturnValue, 0),
        op(Op::LoadConst, 1),
        op(Op::ReturnValue, 0),
    ];
    refused(
        &code(Version::V3_13, &items).none(),
        Rule::ConstIndex,
        2,
        "found 1, expected less than 1",
    );
}

#[test]
fn a_cache_must_be_whole_and_empty() {
    let items = [
        op(Op::LoadConst, 0),
        op(Op::ToBool, 0),
        op(Op::ReturnValue, 0),
    ];
    let build = code(Version::V3_13, &items).none();
    accepted(&build);
    for at in 4..10 {
        refused(
            &build.clone().byte(at, 1),
            Rule::CacheContent,
            1,
            "something in it",
        );
    }
    for len in [4, 6, 8] {
        let mut cut = build.clone();
        cut.fields.code = build.fields.code[..len].into();
        let error = cut.verify().expect_err("it is cut off");
        assert_eq!((error.rule(), error.offset()), (Rule::Truncated, Some(2)));
    }
}

#[test]
fn extended_args_must_be_few_and_followed() {
    let mut build = code(
        Version::V3_13,
        &[op(Op::LoadConst, 0), op(Op::ReturnValue, 0)],
    )
    .none();
    let with = |prefixes: &[u8]| {
        let mut bytes = Vec::new();
        for prefix in prefixes {
            bytes.extend([71, *prefix]);
        }
        bytes.extend(assemble(
            Version::V3_13,
            &[op(Op::LoadConst, 0), op(Op::ReturnValue, 0)],
        ));
        bytes
    };
    build.fields.code = with(&[0, 0, 0]).into();
    accepted(&build);
    build.fields.code = with(&[0, 0, 0, 0]).into();
    assert_eq!(build.verify().unwrap_err().rule(), Rule::ExtendedArg);
    build.fields.code = with(&[0x80, 0, 0]).into();
    assert_eq!(build.verify().unwrap_err().rule(), Rule::ExtendedArg);
    build.fields.code = [71, 0].into();
    assert_eq!(build.verify().unwrap_err().rule(), Rule::ExtendedArg);
}

#[test]
fn jumps_must_lead_to_instructions() {
    let with = |op_: Op, arg: u32| {
        let items = [
            op(Op::LoadConst, 0),
            op(Op::ToBool, 0),
            op(op_, arg),
            op(Op::LoadConst, 256),
            op(Op::ReturnValue, 0),
        ];
        code(Version::V3_13, &items).consts((0..300).map(|_| Constant::None))
    };
    // Instructions at units 0, 1 (with cache to 4), 5 (with cache 6), 7 (prefix) and 9.
    accepted(&with(Op::PopJumpIfFalse, 0));
    refused(
        &with(Op::PopJumpIfFalse, 1),
        Rule::JumpTarget,
        2,
        "into an instruction",
    );
    refused(
        &with(Op::PopJumpIfFalse, 3),
        Rule::JumpTarget,
        2,
        "out of the bytecode",
    );
    refused(
        &with(Op::PopJumpIfFalse, 0x7fff_ffff),
        Rule::JumpTarget,
        2,
        "out of the bytecode",
    );
    refused(
        &with(Op::JumpBackward, 3),
        Rule::JumpTarget,
        2,
        "into an instruction or its cache",
    );
    refused(
        &with(Op::JumpBackward, 8),
        Rule::JumpTarget,
        2,
        "out of the bytecode",
    );
    refused(
        &with(Op::JumpBackward, 0x7fff_ffff),
        Rule::JumpTarget,
        2,
        "out of the bytecode",
    );
}

#[test]
fn no_path_runs_off_the_end() {
    let build = code(Version::V3_13, &[op(Op::Resume, 0), op(Op::Nop, 0)]);
    refused(&build, Rule::FallsOffEnd, 1, "after which there is none");
    let items = [
        op(Op::LoadConst, 0),
        op(Op::ToBool, 0),
        jump(Op::PopJumpIfFalse, 3),
        op(Op::Nop, 0),
    ];
    refused(
        &code(Version::V3_13, &items).none(),
        Rule::FallsOffEnd,
        3,
        "",
    );
}

#[test]
fn indexes_must_be_in_range() {
    refused(
        &first(op(Op::LoadConst, 1)),
        Rule::ConstIndex,
        0,
        "found 1, expected less than 1",
    );
    refused(&first(op(Op::ReturnConst, 1)), Rule::ConstIndex, 0, "");
    refused(
        &first(op(Op::LoadName, 2)),
        Rule::NameIndex,
        0,
        "found 2, expected less than 2",
    );
    // Of LOAD_GLOBAL and LOAD_ATTR the lowest bit is a flag, of LOAD_SUPER_ATTR two are.
    accepted(
        &code(
            Version::V3_13,
            &[op(Op::LoadGlobal, 2), op(Op::ReturnValue, 0)],
        )
        .names(2),
    );
    refused(&first(op(Op::LoadGlobal, 5)), Rule::NameIndex, 0, "found 2");
    refused(
        &first(op(Op::LoadSuperAttr, 8)),
        Rule::NameIndex,
        0,
        "found 2",
    );
    refused(&first(op(Op::LoadFast, 3)), Rule::LocalIndex, 0, "found 3");
    refused(&first(op(Op::StoreFast, 3)), Rule::LocalIndex, 0, "");
    refused(
        &first(op(Op::LoadFastLoadFast, 0x30)),
        Rule::LocalIndex,
        0,
        "",
    );
    refused(
        &first(op(Op::LoadFastLoadFast, 0x03)),
        Rule::LocalIndex,
        0,
        "",
    );
    refused(
        &first(op(Op::LoadFastLoadFast, 0x100)),
        Rule::LocalIndex,
        0,
        "found 16",
    );
}

#[test]
fn cell_instructions_need_cells() {
    for cell_op in [
        Op::LoadDeref,
        Op::StoreDeref,
        Op::DeleteDeref,
        Op::MakeCell,
        Op::LoadFromDictOrDeref,
    ] {
        refused(&first(op(cell_op, 0)), Rule::CellIndex, 0, "another kind");
        refused(&first(op(cell_op, 3)), Rule::CellIndex, 0, "found 3");
    }
    for version in VERSIONS {
        let items = [op(Op::LoadDeref, 0), op(Op::ReturnValue, 0)];
        refused(
            &code(version, &items).locals(&[0x20]),
            Rule::CellIndex,
            0,
            "another kind",
        );
    }
}

#[test]
fn all_free_variables_are_copied_at_once() {
    refused(
        &first(op(Op::CopyFreeVars, 0)),
        Rule::FreeVariables,
        0,
        "found 0, expected 1",
    );
    refused(
        &first(op(Op::CopyFreeVars, 2)),
        Rule::FreeVariables,
        0,
        "found 2, expected 1",
    );
    accepted(&first(op(Op::CopyFreeVars, 1)));
}

#[test]
fn arguments_must_have_known_values() {
    let v = Version::V3_13;
    let wrong = [
        (v, Op::Copy, 0),
        (v, Op::Swap, 1),
        (v, Op::ListAppend, 0),
        (v, Op::SetAdd, 0),
        (v, Op::MapAdd, 0),
        (v, Op::ListExtend, 0),
        (v, Op::SetUpdate, 0),
        (v, Op::DictUpdate, 0),
        (v, Op::DictMerge, 0),
        (v, Op::BuildSlice, 1),
        (v, Op::BuildSlice, 4),
        (v, Op::RaiseVarargs, 3),
        (v, Op::Reraise, 3),
        (v, Op::GetAwaitable, 3),
        (v, Op::IsOp, 2),
        (v, Op::ContainsOp, 2),
        (v, Op::BinaryOp, 26),
        (v, Op::CompareOp, 6 << 5),
        (v, Op::CallIntrinsic1, 0),
        (v, Op::CallIntrinsic1, 12),
        (v, Op::CallIntrinsic2, 6),
        (v, Op::ConvertValue, 0),
        (v, Op::ConvertValue, 4),
        (v, Op::SetFunctionAttribute, 3),
        (v, Op::SetFunctionAttribute, 16),
        (v, Op::CallFunctionEx, 2),
        (v, Op::YieldValue, 2),
        (v, Op::Resume, 8),
        (Version::V3_11, Op::CompareOp, 6),
        (Version::V3_11, Op::MakeFunction, 16),
        (Version::V3_12, Op::CompareOp, 6 << 4),
        (Version::V3_12, Op::FormatValue, 8),
        (Version::V3_12, Op::Resume, 4),
        (Version::V3_14, Op::LoadSmallInt, 256),
        (Version::V3_14, Op::LoadCommonConstant, 5),
        (Version::V3_14, Op::LoadSpecial, 4),
        (Version::V3_14, Op::BuildInterpolation, 16),
        (Version::V3_14, Op::SetFunctionAttribute, 32),
        (Version::V3_15, Op::LoadCommonConstant, 12),
        (Version::V3_15, Op::GetIter, 4),
        (Version::V3_15, Op::Resume, 5),
        (Version::V3_15, Op::Resume, 16),
        (Version::V3_15, Op::ImportName, 3),
    ];
    for (version, op_, arg) in wrong {
        let items = [op(op_, arg), op(Op::LoadConst, 0), op(Op::ReturnValue, 0)];
        refused(
            &code(version, &items).none().names(1),
            Rule::Argument,
            0,
            "expected",
        );
    }
}

#[test]
fn keyword_names_belong_to_the_call_that_follows() {
    let names =
        |count: usize| Constant::Tuple((0..count).map(|_| Constant::Str("name".into())).collect());
    let with = |version, middle: &[Item], constant| {
        let mut items = Vec::from([
            op(Op::PushNull, 0),
            op(Op::LoadConst, 0),
            op(Op::LoadConst, 0),
        ]);
        items.extend(middle);
        items.push(op(Op::ReturnValue, 0));
        code(version, &items).consts([Constant::None, constant])
    };
    let (v11, v12) = (Version::V3_11, Version::V3_12);
    let call_12 = [op(Op::KwNames, 1), op(Op::Call, 1)];
    accepted(&with(v12, &call_12, names(1)));
    accepted(&with(
        v11,
        &[op(Op::KwNames, 1), op(Op::Precall, 1), op(Op::Call, 1)],
        names(1),
    ));
    refused(
        &with(v12, &call_12, names(2)),
        Rule::CallShape,
        3,
        "no tuple of at most",
    );
    refused(
        &with(v12, &call_12, Constant::None),
        Rule::CallShape,
        3,
        "no tuple of at most",
    );
    refused(
        &with(
            v12,
            &[op(Op::KwNames, 1), op(Op::Nop, 0), op(Op::Call, 1)],
            names(1),
        ),
        Rule::CallShape,
        3,
        "",
    );
    refused(
        &with(v11, &[op(Op::Precall, 1), op(Op::Call, 0)], names(1)),
        Rule::CallShape,
        3,
        "same argument",
    );
    refused(
        &with(v11, &[op(Op::Precall, 1), op(Op::Nop, 0)], names(1)),
        Rule::CallShape,
        3,
        "",
    );
    // A jump to the CALL would meet it without its names.
    let items = [
        op(Op::PushNull, 0),
        op(Op::LoadConst, 0),
        op(Op::LoadConst, 0),
        op(Op::LoadConst, 0),
        jump(Op::PopJumpIfNone, 6),
        op(Op::KwNames, 1),
        op(Op::Call, 1),
        op(Op::ReturnValue, 0),
    ];
    refused(
        &code(v12, &items).consts([Constant::None, names(1)]),
        Rule::CallShape,
        5,
        "a jump to there",
    );
}

#[test]
fn loops_end_at_end_for() {
    for version in &VERSIONS[1..] {
        let items = [
            op(Op::LoadConst, 0),
            op(Op::GetIter, 0),
            jump(Op::ForIter, 5),
            op(Op::PopTop, 0),
            jump(Op::JumpBackward, 2),
            op(Op::Nop, 0),
            op(Op::PopTop, 0),
            op(Op::LoadConst, 0),
            op(Op::ReturnValue, 0),
        ];
        refused(
            &code(*version, &items).none(),
            Rule::LoopShape,
            2,
            "another instruction",
        );
    }
}

#[test]
fn yields_are_followed_by_their_resume() {
    let with = |after: Item, oparg| {
        let items = [
            op(Op::ReturnGenerator, 0),
            op(Op::PopTop, 0),
            op(Op::LoadConst, 0),
            op(Op::LoadConst, 0),
            op(Op::YieldValue, oparg),
            after,
            op(Op::PopTop, 0),
            op(Op::ReturnValue, 0),
        ];
        code(Version::V3_13, &items).none().generator()
    };
    accepted(&with(op(Op::Resume, 1), 0));
    accepted(&with(op(Op::Resume, 5), 0));
    accepted(&with(op(Op::Resume, 2), 1));
    refused(
        &with(op(Op::Nop, 0), 0),
        Rule::YieldShape,
        4,
        "another instruction",
    );
    refused(
        &with(op(Op::Resume, 0), 0),
        Rule::YieldShape,
        4,
        "a function's start",
    );
    refused(&with(op(Op::Resume, 2), 0), Rule::YieldShape, 4, "disagree");
    refused(&with(op(Op::Resume, 1), 1), Rule::YieldShape, 4, "disagree");
}
