//! What specialisation did: hits are not counted, as that would cost each execution; attempts, failures and misses are.

use pyco_code::quicken::Instr;

/// Counts by instruction.
pub(crate) struct Stats {
    counts: Box<[Count]>,
}

/// What happened to one instruction.
#[derive(Clone, Copy, Default)]
pub struct Count {
    /// How often this (specialised) instruction was put in place.
    pub specialized: u64,
    /// How often nothing fitted this (adaptive) instruction.
    pub failed: u64,
    /// How often this (specialised) instruction was undone.
    pub missed: u64,
}

impl Stats {
    pub(crate) fn new() -> Stats {
        Stats {
            counts: vec![Count::default(); Instr::ALL.len()].into_boxed_slice(),
        }
    }

    pub(crate) fn specialized(&mut self, _from: Instr, to: Instr) {
        self.counts[to as usize].specialized += 1;
    }

    pub(crate) fn failed(&mut self, instr: Instr) {
        self.counts[instr as usize].failed += 1;
    }

    pub(crate) fn missed(&mut self, instr: Instr) {
        self.counts[instr as usize].missed += 1;
    }

    /// The instructions to which anything happened.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (Instr, Count)> {
        Instr::ALL
            .iter()
            .zip(self.counts.iter())
            .filter(|(_, count)| count.specialized + count.failed + count.missed > 0)
            .map(|(instr, count)| (*instr, *count))
    }
}
