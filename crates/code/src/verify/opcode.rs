//! [`Opcode`]: what decoding must know of an opcode, by its number in a version.
//!
//! Invariant: says nothing that the tables of `crate::table` do not say; it is their digest, small enough to stay near,
//! so that decoding an instruction takes one look.

use crate::generated::TABLES;
use crate::op::Op;
use crate::table::{ArgKind, Kind, OpTable};
use crate::version::Version;

/// What the argument's size depends on, above the bits that [`Opcode::shift`] leaves out.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub(super) enum Limit {
    /// Nothing.
    None,
    /// `co_consts`.
    Consts,
    /// `co_names`.
    Names,
    /// The localsplus.
    Locals,
    /// The operators of `BINARY_OP`.
    Operators,
    /// More than can be said in a number: see `Bounds::check`.
    Special,
}

/// How many [`Limit`]s there are.
pub(super) const LIMIT_COUNT: usize = 6;

/// What an opcode is to the decoder.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub(super) enum Class {
    /// The version has no such opcode.
    Unknown,
    /// The compiler does not write it.
    Internal,
    /// `EXTENDED_ARG`.
    Prefix,
    /// An instruction whose argument means nothing.
    NoArg,
    /// An instruction with an argument.
    Arg,
    /// An instruction whose argument is a distance forward.
    Forward,
    /// An instruction whose argument is a distance backward.
    Backward,
}

/// The digest of one opcode.
#[derive(Clone, Copy, Debug)]
pub(super) struct Opcode {
    pub(super) op: Op,
    pub(super) class: Class,
    /// Code units of inline cache.
    pub(super) caches: u8,
    pub(super) limit: Limit,
    /// How many low bits of the argument are flags.
    pub(super) shift: u8,
}

/// The digests of a version, by number.
pub(super) fn opcodes(version: Version) -> &'static [Opcode; 256] {
    match version {
        Version::V3_11 => &V3_11,
        Version::V3_12 => &V3_12,
        Version::V3_13 => &V3_13,
        Version::V3_14 => &V3_14,
        _ => &V3_15,
    }
}

static V3_11: [Opcode; 256] = digest(TABLES[Version::V3_11 as usize]);
static V3_12: [Opcode; 256] = digest(TABLES[Version::V3_12 as usize]);
static V3_13: [Opcode; 256] = digest(TABLES[Version::V3_13 as usize]);
static V3_14: [Opcode; 256] = digest(TABLES[Version::V3_14 as usize]);
static V3_15: [Opcode; 256] = digest(TABLES[Version::V3_15 as usize]);

const fn digest(table: &OpTable) -> [Opcode; 256] {
    let unknown = Opcode {
        op: Op::Nop,
        class: Class::Unknown,
        caches: 0,
        limit: Limit::None,
        shift: 0,
    };
    let mut opcodes = [unknown; 256];
    let mut at = 0;
    while at < table.rows.len() {
        let row = &table.rows[at];
        at += 1;
        if row.number >= 256 {
            continue;
        }
        let is_internal = matches!(
            row.op,
            Op::Cache
                | Op::Reserved
                | Op::InterpreterExit
                | Op::ExitInitCheck
                | Op::EnterExecutor
                | Op::TraceRecord
        );
        let class = match row.kind {
            Kind::Base if !is_internal => class(row.arg),
            _ => Class::Internal,
        };
        let (limit, shift) = limit(row.op, row.arg);
        opcodes[row.number as usize] = Opcode {
            op: row.op,
            class,
            caches: row.caches,
            limit,
            shift,
        };
    }
    opcodes
}

const fn class(arg: ArgKind) -> Class {
    match arg {
        ArgKind::Extended => Class::Prefix,
        ArgKind::None => Class::NoArg,
        ArgKind::JumpForward => Class::Forward,
        ArgKind::JumpBackward => Class::Backward,
        _ => Class::Arg,
    }
}

const fn limit(op: Op, arg: ArgKind) -> (Limit, u8) {
    match arg {
        ArgKind::None | ArgKind::JumpForward | ArgKind::JumpBackward => (Limit::None, 0),
        ArgKind::Number => match op {
            Op::Call
            | Op::Precall
            | Op::CallKw
            | Op::BuildTuple
            | Op::BuildList
            | Op::BuildMap
            | Op::BuildSet
            | Op::BuildString
            | Op::UnpackSequence => (Limit::None, 0),
            _ => (Limit::Special, 0),
        },
        ArgKind::Const => (Limit::Consts, 0),
        ArgKind::Name { shift } => match op {
            Op::ImportName => (Limit::Special, 0),
            _ => (Limit::Names, shift),
        },
        ArgKind::Local => match op {
            // From 3.14 on LOAD_DEREF counts as an instruction on locals.
            Op::LoadDeref => (Limit::Special, 0),
            _ => (Limit::Locals, 0),
        },
        ArgKind::BinaryOp => (Limit::Operators, 0),
        _ => (Limit::Special, 0),
    }
}
