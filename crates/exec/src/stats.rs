//! What specialisation did: attempts, failures and misses always; executions and reasons, which cost something each, where the host asks.

use std::collections::BTreeMap;

use pyco_code::quicken::Instr;

use crate::value::Value;
use crate::vm::Vm;

/// What happened to one kind of instruction.
#[derive(Clone, Debug)]
pub struct SpecializationCount {
    /// The instruction, in CPython's spelling.
    pub instruction: &'static str,
    /// The instruction that it is a specialised or fused form of; itself if it is none.
    pub base: &'static str,
    /// How often it was executed, wrong guesses included; 0 unless [`Vm::count_executions`] was called.
    pub executed: u64,
    /// How often this (specialised) instruction was put in place.
    pub specialized: u64,
    /// How often this (specialised) instruction was undone because its guess was wrong.
    pub missed: u64,
    /// How often nothing fitted this (adaptive) instruction.
    pub failed: u64,
    /// What it met then, most frequent first: the types of the operands, and how often; empty unless [`Vm::count_executions`] was called.
    pub unfit: Vec<(String, u64)>,
}

/// Counts by instruction.
pub(crate) struct Stats {
    counts: Box<[Count]>,
    is_detailed: bool,
    unfit: BTreeMap<(u16, String), u64>,
}

#[derive(Clone, Copy, Default)]
struct Count {
    executed: u64,
    specialized: u64,
    failed: u64,
    missed: u64,
}

impl Stats {
    pub(crate) fn new() -> Stats {
        Stats {
            counts: vec![Count::default(); Instr::ALL.len()].into_boxed_slice(),
            is_detailed: false,
            unfit: BTreeMap::new(),
        }
    }

    /// Whether executions are counted, too.
    #[inline(always)]
    pub(crate) fn is_detailed(&self) -> bool {
        self.is_detailed
    }

    #[inline(always)]
    pub(crate) fn executed(&mut self, instr: Instr) {
        self.counts[instr as usize].executed += 1;
    }

    pub(crate) fn specialized(&mut self, to: Instr) {
        self.counts[to as usize].specialized += 1;
    }

    pub(crate) fn missed(&mut self, instr: Instr) {
        self.counts[instr as usize].missed += 1;
    }

    /// The instructions to which anything happened.
    pub(crate) fn to_vec(&self) -> Vec<SpecializationCount> {
        let happened =
            |count: &Count| count.executed + count.specialized + count.failed + count.missed > 0;
        Instr::ALL
            .iter()
            .zip(self.counts.iter())
            .filter(|(_, count)| happened(count))
            .map(|(instr, count)| SpecializationCount {
                instruction: instr.name(),
                base: instr.base().name(),
                executed: count.executed,
                specialized: count.specialized,
                missed: count.missed,
                failed: count.failed,
                unfit: self.unfit_of(*instr),
            })
            .collect()
    }

    fn unfit_of(&self, instr: Instr) -> Vec<(String, u64)> {
        let number = instr as u16;
        let range = (number, String::new())..(number + 1, String::new());
        let mut found: Vec<(String, u64)> = self
            .unfit
            .range(range)
            .map(|((_, types), count)| (types.clone(), *count))
            .collect();
        found.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        found
    }
}

impl Vm {
    /// Notes that nothing fitted an adaptive instruction with these operands.
    pub(crate) fn note_unfit(&mut self, instr: Instr, operands: &[&Value]) {
        self.stats.counts[instr as usize].failed += 1;
        if self.stats.is_detailed {
            let names: Vec<String> = operands
                .iter()
                .map(|v| self.type_name(v).to_string())
                .collect();
            *self
                .stats
                .unfit
                .entry((instr as u16, names.join(", ")))
                .or_default() += 1;
        }
    }

    /// From now on counts each execution of an instruction, and notes what specialisation meets that it has no form for. It costs some speed.
    pub fn count_executions(&mut self) {
        self.stats.is_detailed = true;
    }
}
