//! Tests of the verifier on hand-made code: [`build`] makes it, the other files break one rule after another.

mod build;
mod effects;
mod header;
mod instructions;
mod nested;
mod paths;
mod proofs;
mod regions;
mod stack;

use alloc::string::ToString;

use build::{Build, assemble, code, jump, op};

use crate::op::Op;
use crate::version::Version;

use super::{Rule, VerifyError};

/// The versions that can be verified.
const VERSIONS: [Version; 5] = [
    Version::V3_11,
    Version::V3_12,
    Version::V3_13,
    Version::V3_14,
    Version::V3_15,
];

/// Requires that code is refused by a rule, at the instruction of an index, with words in the message.
#[track_caller]
fn refused(build: &Build, rule: Rule, instruction: usize, words: &str) -> VerifyError {
    let error = build.verify().map(drop).expect_err("it should be refused");
    let text = error.to_string();
    assert_eq!(error.rule(), rule, "{text}");
    assert_eq!(error.offset(), Some(build.offset_of(instruction)), "{text}");
    assert!(text.contains(words), "{text}");
    error
}

/// Requires that code is accepted.
#[track_caller]
fn accepted(build: &Build) -> super::Verified<crate::CodeObject> {
    match build.verify() {
        Ok(verified) => verified,
        Err(error) => panic!("{error}"),
    }
}

#[test]
fn a_refusal_names_code_object_offset_instruction_and_rule() {
    let build = code(
        Version::V3_13,
        &[
            op(Op::Resume, 0),
            op(Op::Nop, 0),
            op(Op::LoadFast, 7),
            op(Op::ReturnValue, 0),
        ],
    )
    .locals(&[0x20, 0x20, 0x20])
    .named("a.b\n");
    let error = refused(&build, Rule::LocalIndex, 2, "");
    assert_eq!(
        error.to_string(),
        "refused: function 'a.b\\n', offset 0x4, LOAD_FAST 7: found 7, expected less than 3 \
         (local variable indexes are in range)"
    );
    assert_eq!(
        (error.qualname(), error.op()),
        ("a.b\n", Some(Op::LoadFast))
    );
}

#[test]
fn the_least_code_is_accepted_in_every_version() {
    for version in VERSIONS {
        let verified =
            accepted(&code(version, &[op(Op::LoadConst, 0), op(Op::ReturnValue, 0)]).none());
        assert_eq!(verified.facts().max_depth(), 1, "{version}");
        assert_eq!(verified.facts().stack_depth(0), Some(0));
        assert_eq!(verified.facts().stack_depth(1), Some(1));
        assert_eq!(verified.facts().stack_depth(2), None);
    }
}

#[test]
fn assembling_by_hand_agrees_with_the_decoder() {
    let bytes = assemble(
        Version::V3_13,
        &[
            op(Op::LoadConst, 0x1_02),
            jump(Op::JumpBackward, 0),
            op(Op::ReturnValue, 0),
        ],
    );
    assert_eq!(bytes, [71, 1, 83, 2, 77, 4, 0, 0, 36, 0]);
}
