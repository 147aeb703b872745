//! [`Leaders`]: what is known at each instruction where paths meet, and which of them are to be followed again.
//!
//! Invariants: a leader's state only ever grows; it is queued whenever it grew since it was last followed. The
//! queue yields the leader with the lowest address first, so that code without loops is followed once.

use alloc::collections::BinaryHeap;
use alloc::vec::Vec;
use core::cmp::Reverse;

use super::fault::{Expected, Fault};
use super::kinds::Slot;
use super::rule::Rule;
use super::state::State;

/// An instruction where paths meet.
#[derive(Clone, Copy, Debug)]
struct Leader {
    /// Where its stack begins in [`Leaders::stacks`].
    stack_start: usize,
    depth: usize,
    generator: u8,
    is_reached: bool,
    is_queued: bool,
}

/// The states of all leaders.
#[derive(Debug, Default)]
pub(super) struct Leaders {
    leaders: Vec<Leader>,
    stacks: Vec<Slot>,
    locals: Vec<u64>,
    /// Words of `locals` for each leader.
    width: usize,
    queue: BinaryHeap<Reverse<u32>>,
}

impl Leaders {
    /// Begins anew with that many leaders, none reached.
    pub(super) fn start(&mut self, count: usize, width: usize) {
        let unreached = Leader {
            stack_start: 0,
            depth: 0,
            generator: 0,
            is_reached: false,
            is_queued: false,
        };
        self.leaders.clear();
        self.leaders.resize(count, unreached);
        self.stacks.clear();
        self.locals.clear();
        self.locals.resize(count * width, 0);
        self.width = width;
        self.queue.clear();
    }

    /// The next leader to follow; `state` becomes what is known there.
    pub(super) fn next(&mut self, state: &mut State) -> Option<u32> {
        let Reverse(id) = self.queue.pop()?;
        let leader = &mut self.leaders[id as usize];
        leader.is_queued = false;
        state.stack.clear();
        let stack = leader.stack_start..leader.stack_start + leader.depth;
        state.stack.extend_from_slice(&self.stacks[stack]);
        let locals = id as usize * self.width;
        state
            .locals
            .words
            .copy_from_slice(&self.locals[locals..locals + self.width]);
        state.generator = leader.generator;
        Some(id)
    }

    /// A path leads to a leader: with `state`, but of its stack the lowest `kept` slots and `pushed` on them.
    pub(super) fn join(
        &mut self,
        id: u32,
        state: &State,
        kept: usize,
        pushed: &[Slot],
    ) -> Result<(), Fault> {
        let leader = &mut self.leaders[id as usize];
        let depth = kept + pushed.len();
        let arriving = state.stack[..kept].iter().chain(pushed);
        let locals_start = id as usize * self.width;
        let locals = &mut self.locals[locals_start..locals_start + self.width];
        let mut grew = false;
        if leader.is_reached {
            if leader.depth != depth {
                let expected = Expected::Exactly(leader.depth as u32);
                return Err(Fault::count(Rule::StackMismatch, depth as i64, expected));
            }
            let known = &mut self.stacks[leader.stack_start..leader.stack_start + depth];
            for (known, arriving) in known.iter_mut().zip(arriving) {
                if *known != *arriving {
                    let joined = known.join(*arriving);
                    grew |= *known != joined;
                    *known = joined;
                }
            }
            for (known, arriving) in locals.iter_mut().zip(&state.locals.words) {
                grew |= *arriving & !*known != 0;
                *known |= *arriving;
            }
            grew |= state.generator & !leader.generator != 0;
        } else {
            leader.is_reached = true;
            leader.depth = depth;
            leader.stack_start = self.stacks.len();
            self.stacks.extend(arriving);
            locals.copy_from_slice(&state.locals.words);
            grew = true;
        }
        leader.generator |= state.generator;
        if grew && !leader.is_queued {
            leader.is_queued = true;
            self.queue.push(Reverse(id));
        }
        Ok(())
    }
}
