//! Rules about the fields of a code object.

use alloc::string::ToString;

use crate::flags::CodeFlags;
use crate::op::Op;
use crate::verify::Rule;
use crate::version::Version;

use super::build::{Build, code, op};
use super::{accepted, refused};

fn simple() -> Build {
    code(
        Version::V3_13,
        &[op(Op::LoadConst, 0), op(Op::ReturnValue, 0)],
    )
    .none()
}

#[track_caller]
fn refused_whole(build: &Build, rule: Rule, words: &str) {
    let error = build.verify().map(drop).expect_err("it should be refused");
    assert_eq!(error.rule(), rule, "{error}");
    assert_eq!((error.offset(), error.op()), (None, None));
    assert!(error.to_string().contains(words), "{error}");
}

#[test]
fn old_versions_are_refused() {
    let mut build = simple();
    build.fields.version = Version::V3_10;
    refused_whole(&build, Rule::Version, "without localsplus");
}

#[test]
fn bytecode_must_be_whole_units() {
    for bytes in [&[][..], &[30], &[30, 0, 36]] {
        let mut build = simple();
        build.fields.code = bytes.into();
        refused_whole(&build, Rule::CodeLength, "odd number");
    }
}

#[test]
fn arguments_must_be_counted_consistently() {
    accepted(&simple().locals(&[0x20, 0x60]).args(2));
    refused_whole(
        &simple().locals(&[0x20]).args(2),
        Rule::Arguments,
        "found 2, expected at most 1",
    );
    refused_whole(
        &simple().locals(&[0x20, 0x40]).args(2),
        Rule::Arguments,
        "no local variable",
    );
    let stars = simple().locals(&[0x20, 0x20]).args(1);
    refused_whole(
        &stars
            .clone()
            .flags(CodeFlags::VARARGS | CodeFlags::VARKEYWORDS),
        Rule::Arguments,
        "found 3, expected at most 2",
    );
    accepted(&stars.flags(CodeFlags::VARARGS));
    let mut build = simple().locals(&[0x20, 0x20]).args(1);
    build.fields.posonlyargcount = 2;
    refused_whole(&build, Rule::Arguments, "found 2, expected at most 1");
    let mut build = simple().locals(&[0x20, 0x20]).args(u32::MAX);
    build.fields.kwonlyargcount = u32::MAX;
    refused_whole(&build, Rule::Arguments, "expected at most 2");
}

#[test]
fn localsplus_kinds_must_be_known_and_in_order() {
    accepted(&simple().locals(&[0x20, 0x30, 0x60, 0x40, 0x80, 0x80]));
    for kinds in [&[0x00][..], &[0x10], &[0xA0], &[0xC0]] {
        refused_whole(
            &simple().locals(kinds),
            Rule::LocalKinds,
            "nothing, or free and more",
        );
    }
    refused_whole(
        &simple().locals(&[0x80, 0x20]),
        Rule::LocalKinds,
        "after the free",
    );
    let mut build = simple().locals(&[0x20]);
    build.fields.localspluskinds = [0x20, 0x20].into();
    refused_whole(&build, Rule::LocalKinds, "another number");
}

#[test]
fn a_generator_is_of_one_sort() {
    let items = [
        op(Op::ReturnGenerator, 0),
        op(Op::PopTop, 0),
        op(Op::LoadConst, 0),
        op(Op::ReturnValue, 0),
    ];
    let build = code(Version::V3_13, &items).none();
    refused(&build, Rule::GeneratorFlags, 0, "none or several");
    let several = CodeFlags::GENERATOR | CodeFlags::COROUTINE;
    refused(
        &build.clone().flags(several),
        Rule::GeneratorFlags,
        0,
        "none or several",
    );
    for flag in [
        CodeFlags::GENERATOR,
        CodeFlags::COROUTINE,
        CodeFlags::ASYNC_GENERATOR,
    ] {
        accepted(&build.clone().flags(flag));
    }
    accepted(&build.flags(CodeFlags::GENERATOR | CodeFlags::ITERABLE_COROUTINE));
}
