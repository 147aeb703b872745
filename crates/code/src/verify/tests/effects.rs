//! Each instruction changes the depth of the stack as `dis.stack_effect` of its version says.

use alloc::vec::Vec;

use crate::constant::Constant;
use crate::op::Op;
use crate::table::{ArgKind, Kind};
use crate::verify::fault::Detail;
use crate::verify::flow::{Flow, Next};
use crate::verify::kinds::{Kinds, Slot};
use crate::verify::leaders::Leaders;
use crate::verify::program::Program;
use crate::verify::state::{GENERATOR_FRAME, PLAIN_FRAME, State};
use crate::version::Version;

use super::VERSIONS;
use super::build::{Build, Item, code, jump, op};

/// How many slots the stack has before the instruction.
const DEPTH: usize = 20;

#[test]
fn every_instruction_has_the_effect_that_cpython_says() {
    let mut tried = 0;
    for version in VERSIONS {
        for info in version.table().rows {
            if info.kind != Kind::Base || info.op == Op::ExtendedArg {
                continue;
            }
            for oparg in [0, 1, 2, 3, 4, 5, 8, 0x12, 0x102] {
                let Some(build) = around(version, info.op, info.arg, oparg) else {
                    continue;
                };
                let Some((next, depth, jumped)) = effect(&build) else {
                    continue;
                };
                tried += 1;
                // On a jump the argument is the distance.
                let oparg = if info.arg.is_jump() { 0 } else { oparg };
                let what = alloc::format!("{version} {} {oparg}", info.op);
                let expected = |jump| {
                    info.stack_effect(oparg, jump)
                        .expect("dis knows the effect")
                };
                if next == Next::Falls && !is_different(version, info.op) {
                    assert_eq!(depth, expected(false), "{what}");
                }
                if let Some(jumped) = jumped {
                    assert_eq!(jumped, expected(true), "{what}, jumping");
                }
            }
        }
    }
    assert!(tried > 2500, "only {tried} were tried");
}

/// Where `dis.stack_effect` says something else than what happens.
fn is_different(version: Version, op: Op) -> bool {
    match op {
        // It leaves out what the first send brings.
        Op::ReturnGenerator => version <= Version::V3_12,
        // It counts the arguments with PRECALL, which leaves them for CALL.
        Op::Precall | Op::Call => version == Version::V3_11,
        _ => false,
    }
}

/// Code in which the instruction comes first and has around it what it needs.
fn around(version: Version, op_: Op, kind: ArgKind, oparg: u32) -> Option<Build> {
    let first = match kind {
        ArgKind::JumpForward => jump(op_, 2),
        ArgKind::JumpBackward => jump(op_, 0),
        _ => op(op_, oparg),
    };
    let mut items: Vec<Item> = Vec::from([first]);
    match op_ {
        Op::YieldValue if version >= Version::V3_13 => items.push(op(Op::Resume, 1 + oparg.min(1))),
        Op::YieldValue => items.push(op(Op::Resume, 1 + oparg % 3)),
        Op::KwNames => items.push(op(Op::Call, 3)),
        Op::Precall => items.push(op(Op::Call, oparg)),
        _ => items.push(op(Op::Nop, 0)),
    }
    items.push(op(
        if op_ == Op::ForIter && version > Version::V3_11 {
            Op::EndFor
        } else {
            Op::Nop
        },
        0,
    ));
    let child = code(version, &[op(Op::LoadConst, 0), op(Op::ReturnValue, 0)]).none();
    let names = Constant::Tuple([Constant::Str("a".into())].into());
    let consts = [Constant::None, names, Constant::Code(child.build())];
    let build = code(version, &items)
        .consts((0..300).map(|at| consts[at % 3].clone()))
        .names(300)
        .locals(&[0x60; 300])
        .stack(2000)
        .generator();
    (op_ != Op::CopyFreeVars || oparg == 0).then_some(build)
}

/// Whether the first instruction falls through, and by how much it changes the depth then and when it jumps; `None`
/// where its argument is refused.
fn effect(build: &Build) -> Option<(Next, i64, Option<i64>)> {
    let object = build.build();
    let mut program = Program::default();
    program.decode(&object).ok()?;
    let consts = consts(&object);
    let mut stack = Vec::from([Slot::new(Kinds::ANY); DEPTH]);
    let mut generator = PLAIN_FRAME;
    // Puts what the instruction complains about into the slots, one after another.
    for _ in 0..2 * DEPTH {
        let (mut state, mut leaders) = (State::default(), Leaders::default());
        let mut flow = Flow::new(&object, &program, &consts, &mut state, &mut leaders);
        flow.state.stack.clone_from(&stack);
        flow.state.generator = generator;
        let instr = program.instrs[0];
        match flow.step(0, &instr) {
            Ok(next) => {
                let depth = flow.state.depth() as i64 - DEPTH as i64;
                let jumped = match instr.op {
                    Op::ReturnValue | Op::ReturnConst => None,
                    _ => leaders
                        .next(&mut state)
                        .map(|_| state.depth() as i64 - DEPTH as i64),
                };
                return Some((next, depth, jumped));
            }
            Err(fault) => match fault.detail() {
                Detail::Kind {
                    position, expected, ..
                } => {
                    // Positions count from where the stack is when the instruction looks.
                    let depth = flow.state.depth();
                    let kinds = Kinds(1 << expected.0.trailing_zeros());
                    stack[depth - position as usize] = Slot::new(kinds);
                }
                Detail::Text(_) if generator == PLAIN_FRAME => generator = GENERATOR_FRAME,
                Detail::Text(_) if instr.op == Op::MakeFunction => {
                    stack[DEPTH - 1] = Slot::with(Kinds::CODE, 0);
                }
                Detail::Text(_) if matches!(instr.op, Op::SetFunctionAttribute) => {
                    stack[DEPTH - 1] = Slot::with(Kinds::OPEN, 1);
                    stack[DEPTH - 2] = Slot::with(Kinds::CELLS, 1);
                }
                _ => return None,
            },
        }
    }
    None
}

fn consts(code: &crate::CodeObject) -> Vec<Slot> {
    let slot = |constant: &Constant| match constant {
        Constant::Code(_) => Slot::with(Kinds::CODE, 0),
        Constant::Tuple(items) => Slot::with(Kinds::NAMES, items.len() as u32),
        _ => Slot::new(Kinds::ANY),
    };
    code.consts().iter().map(slot).collect()
}
