//! Control-flow graphs.

use pyco_code::{ByteOffset, ControlFlow, EdgeKind, Op};

use crate::support::fixtures;

#[test]
fn blocks_are_all_of_the_bytecode_and_edges_lead_to_them() {
    for fixture in fixtures() {
        for code in fixture.code.walk() {
            let graph = ControlFlow::of(code).expect("well-formed");
            let mut end = ByteOffset(0);
            for (number, block) in graph.blocks().iter().enumerate() {
                assert_eq!(block.start, end);
                end = block.end;
                assert_eq!(graph.block_at(block.start), Some(number));
                for edge in &block.edges {
                    assert!(graph.blocks()[edge.target].predecessors.contains(&number));
                }
            }
            assert_eq!(end.0 as usize, code.code().len());
        }
    }
}

#[test]
fn a_block_is_dominated_by_what_cutting_it_off_takes_away() {
    for fixture in fixtures() {
        for code in fixture.code.walk() {
            let graph = ControlFlow::of(code).expect("well-formed");
            for dominator in 0..graph.blocks().len() {
                let reached = reached_without(&graph, dominator);
                for (block, is_reached) in reached.into_iter().enumerate() {
                    let expected = graph.is_reachable(block) && !is_reached;
                    assert_eq!(
                        graph.dominates(dominator, block),
                        expected,
                        "{}",
                        code.qualname()
                    );
                }
            }
        }
    }
}

fn reached_without(graph: &ControlFlow, without: usize) -> Vec<bool> {
    let mut reached = vec![false; graph.blocks().len()];
    let mut pending = vec![0];
    while let Some(block) = pending.pop() {
        if block != without && !std::mem::replace(&mut reached[block], true) {
            pending.extend(graph.blocks()[block].edges.iter().map(|edge| edge.target));
        }
    }
    reached
}

#[test]
fn handlers_are_reached_by_exception_edges() {
    for fixture in fixtures()
        .iter()
        .filter(|fixture| fixture.version.has_localsplus())
    {
        for code in fixture.code.walk() {
            let graph = ControlFlow::of(code).expect("well-formed");
            for instruction in code.instructions().map(|i| i.expect("valid")) {
                if instruction.op() != Op::PushExcInfo {
                    continue;
                }
                let handler = graph.block_at(instruction.start).expect("a block");
                let from = &graph.blocks()[handler].predecessors;
                assert!(!from.is_empty(), "{} {}", code.version(), code.qualname());
                for block in from {
                    let mut edges = graph.blocks()[*block].edges.iter();
                    let edge = edges.find(|edge| edge.target == handler).expect("an edge");
                    assert_eq!(edge.kind, EdgeKind::Exception);
                }
            }
        }
    }
}
