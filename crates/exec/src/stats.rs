//! What specialisation did: hits are not counted, as that would cost each execution; attempts, failures and misses are.

use pyco_code::quicken::Instr;

/// What specialisation did with one kind of instruction.
#[derive(Clone, Copy, Debug)]
pub struct SpecializationCount {
    /// The instruction, in CPython's spelling.
    pub instruction: &'static str,
    /// How often this (specialised) instruction was put in place.
    pub specialized: u64,
    /// How often this (specialised) instruction was undone because its guess was wrong.
    pub missed: u64,
    /// How often nothing fitted this (adaptive) instruction.
    pub failed: u64,
}

/// Counts by instruction.
pub(crate) struct Stats {
    counts: Box<[Count]>,
}

#[derive(Clone, Copy, Default)]
struct Count {
    specialized: u64,
    failed: u64,
    missed: u64,
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
    pub(crate) fn to_vec(&self) -> Vec<SpecializationCount> {
        Instr::ALL
            .iter()
            .zip(self.counts.iter())
            .filter(|(_, count)| count.specialized + count.failed + count.missed > 0)
            .map(|(instr, count)| SpecializationCount {
                instruction: instr.name(),
                specialized: count.specialized,
                missed: count.missed,
                failed: count.failed,
            })
            .collect()
    }
}
