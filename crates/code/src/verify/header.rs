//! Whether the fields of a code object that describe its variables fit together.

use crate::code_object::CodeObject;
use crate::flags::CodeFlags;
use crate::localsplus::LocalKind;
use crate::version::Version;

use super::fault::{Expected, Fault};
use super::rule::Rule;

/// Checks the version, the argument counts and the localsplus kinds.
pub(super) fn check(code: &CodeObject) -> Result<(), Fault> {
    if code.version() < Version::V3_11 {
        return Err(Fault::plain(
            Rule::Version,
            "found a version without localsplus",
        ));
    }
    let len = code.code().len();
    if len == 0 || !len.is_multiple_of(2) || len > i32::MAX as usize {
        let what = "found bytecode of no bytes, of an odd number of them, or of more than 2^31 - 1";
        return Err(Fault::plain(Rule::CodeLength, what));
    }
    check_kinds(code)?;
    check_arguments(code)
}

fn check_kinds(code: &CodeObject) -> Result<(), Fault> {
    let kinds = code.localspluskinds();
    if kinds.len() != code.localsplusnames().len() {
        return Err(Fault::plain(
            Rule::LocalKinds,
            "found another number of kinds than of names",
        ));
    }
    let mut seen_free = false;
    for kind in kinds {
        let kind = LocalKind::from_bits_retain(*kind);
        let what = LocalKind::LOCAL
            .union(LocalKind::CELL)
            .union(LocalKind::FREE);
        let is_free = kind.contains(LocalKind::FREE);
        let is_known =
            kind.intersects(what) && (!is_free || kind.intersection(what) == LocalKind::FREE);
        if !is_known {
            return Err(Fault::plain(
                Rule::LocalKinds,
                "found a slot that is nothing, or free and more",
            ));
        }
        if seen_free && !is_free {
            return Err(Fault::plain(
                Rule::LocalKinds,
                "found a slot after the free variables",
            ));
        }
        seen_free |= is_free;
    }
    Ok(())
}

fn check_arguments(code: &CodeObject) -> Result<(), Fault> {
    if code.posonlyargcount() > code.argcount() {
        let expected = Expected::AtMost(code.argcount());
        return Err(Fault::count(
            Rule::Arguments,
            i64::from(code.posonlyargcount()),
            expected,
        ));
    }
    let count = code.total_args() as usize;
    let Some(kinds) = code.localspluskinds().get(..count) else {
        let expected = Expected::AtMost(code.localspluskinds().len() as u32);
        return Err(Fault::count(Rule::Arguments, count as i64, expected));
    };
    let is_local = |kind: &u8| LocalKind::from_bits_retain(*kind).contains(LocalKind::LOCAL);
    if !kinds.iter().all(is_local) {
        return Err(Fault::plain(
            Rule::Arguments,
            "found an argument that is no local variable",
        ));
    }
    Ok(())
}

/// Whether a call of the code makes a generator, coroutine or asynchronous generator: exactly one of them.
pub(super) fn makes_one_generator(flags: CodeFlags) -> bool {
    let kinds = CodeFlags::GENERATOR
        .union(CodeFlags::COROUTINE)
        .union(CodeFlags::ASYNC_GENERATOR);
    flags.intersection(kinds).bits().count_ones() == 1
}
