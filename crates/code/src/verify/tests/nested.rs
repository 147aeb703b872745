//! Rules about code objects among the constants, and how they are found again.

use alloc::string::ToString;
use alloc::sync::Arc;

use crate::constant::Constant;
use crate::op::Op;
use crate::verify::{Rule, verify};
use crate::version::Version;

use super::accepted;
use super::build::{Build, code, op};

fn with(consts: impl IntoIterator<Item = Constant>) -> Build {
    code(
        Version::V3_13,
        &[op(Op::LoadConst, 0), op(Op::ReturnValue, 0)],
    )
    .consts(consts)
}

fn leaf(name: &str) -> Constant {
    Constant::Code(with([Constant::None]).named(name).build())
}

#[test]
fn code_objects_below_are_verified_too() {
    let bad = Constant::Code(
        code(Version::V3_13, &[op(Op::PopTop, 0)])
            .named("outer.bad")
            .build(),
    );
    let middle = Constant::Code(with([leaf("a"), bad]).named("outer").build());
    let error = with([Constant::None, middle]).verify().unwrap_err();
    assert_eq!(
        (error.rule(), error.qualname(), error.offset()),
        (Rule::StackUnderflow, "outer.bad", Some(0))
    );
}

#[test]
fn verified_children_are_found_by_constant() {
    let shared = leaf("shared");
    let consts = [leaf("a"), Constant::None, shared.clone(), shared];
    let verified = accepted(&with(consts));
    assert_eq!(verified.child(0).unwrap().qualname().to_string(), "a");
    assert!(verified.child(1).is_none());
    assert!(
        verified
            .child(2)
            .unwrap()
            .code_object()
            .is(verified.child(3).unwrap())
    );
    assert!(verified.child(4).is_none());
    assert_eq!(verified.children().count(), 3);
}

#[test]
fn code_objects_hide_in_no_container() {
    let pair = |item: Constant| Constant::Tuple([Constant::None, item].into());
    for hidden in [
        pair(leaf("a")),
        pair(pair(leaf("a"))),
        Constant::FrozenSet([leaf("a")].into()),
        Constant::List([leaf("a")].into()),
        Constant::Set([leaf("a")].into()),
        Constant::Dict([(Constant::None, leaf("a"))].into()),
        Constant::FrozenDict([(leaf("a"), Constant::None)].into()),
        Constant::Slice(Arc::new([Constant::None, Constant::None, leaf("a")])),
    ] {
        let error = with([Constant::None, hidden]).verify().unwrap_err();
        assert_eq!(
            (error.rule(), error.offset()),
            (Rule::NestedPlace, None),
            "{error}"
        );
    }
    accepted(&with([pair(pair(Constant::None))]));
}

#[test]
fn code_objects_below_are_of_the_same_version() {
    let other = code(
        Version::V3_12,
        &[op(Op::LoadConst, 0), op(Op::ReturnValue, 0)],
    )
    .none();
    let error = with([Constant::Code(other.build())]).verify().unwrap_err();
    assert_eq!(error.rule(), Rule::NestedVersion);
}

#[test]
fn nesting_is_bounded() {
    let mut code = with([Constant::None]).build();
    for _ in 1..500 {
        code = with([Constant::Code(code)]).build();
    }
    assert!(verify(&code).is_ok());
    let code = with([Constant::Code(code)]).build();
    assert_eq!(verify(&code).unwrap_err().rule(), Rule::NestedDepth);
}

#[test]
fn shared_code_objects_and_containers_are_looked_at_once() {
    let mut code = with([Constant::None]).build();
    let mut tuple = Constant::Tuple([Constant::None, Constant::None].into());
    for _ in 0..100 {
        let twice = [
            Constant::Code(code.clone()),
            Constant::Code(code),
            tuple.clone(),
        ];
        code = with(twice).build();
        tuple = Constant::Tuple([tuple.clone(), tuple].into());
    }
    // Followed without sharing, this would take 2^100 steps.
    assert!(verify(&code).is_ok());
}

#[test]
fn large_constants_are_looked_at_once() {
    const COUNT: usize = 100_000;
    let names = Constant::Tuple((0..COUNT).map(|_| Constant::Str("a".into())).collect());
    let kinds = [0x80; COUNT];
    let child = code(
        Version::V3_13,
        &[op(Op::LoadConst, 0), op(Op::ReturnValue, 0)],
    )
    .none()
    .locals(&kinds);
    let child = Constant::Code(child.build());
    // Looked at each time, this would take 10^10 steps.
    let consts = (0..COUNT).flat_map(|_| [names.clone(), child.clone()]);
    assert!(with(consts).verify().is_ok());
}
