//! [`Flow`]: follows every path through a code object until nothing new is learnt.
//!
//! Invariants: each step and each meeting of paths is paid for out of [`Flow::effort`], so that the work is bounded
//! by the size of the code; checks of an instruction accumulate over visits, of which the last knows least.

use crate::code_object::CodeObject;
use crate::flags::CodeFlags;
use crate::op::Op;
use crate::version::Version;

use super::facts::{Checks, Facts};
use super::fault::{Expected, Fault};
use super::kinds::{Kinds, Slot};
use super::leaders::Leaders;
use super::program::{Instr, NONE, Program, Refusal, Region};
use super::rule::Rule;
use super::state::{GENERATOR_FRAME, State};
use super::step::never_raises;

/// What following paths through code of no units may cost, and what each unit adds to it. A step costs one; so
/// do eight stack slots or eight words of local variables where paths meet.
const EFFORT_BASE: u64 = 4096;
const EFFORT_PER_UNIT: u64 = 128;

/// Where an instruction leads, jumps apart.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Next {
    /// To the next instruction.
    Falls,
    /// Nowhere.
    Ends,
}

/// One code object's verification, decoded and under way.
pub(super) struct Flow<'a> {
    pub(super) version: Version,
    pub(super) code: &'a CodeObject,
    pub(super) program: &'a Program,
    /// What each constant is, as a stack slot.
    pub(super) consts: &'a [Slot],
    pub(super) state: &'a mut State,
    pub(super) leaders: &'a mut Leaders,
    /// What the instruction at hand must check when it runs.
    pub(super) checks: Checks,
    pub(super) facts: Facts,
    /// How much more work is allowed.
    pub(super) effort: u64,
}

impl<'a> Flow<'a> {
    /// Prepares to follow a decoded code object.
    pub(super) fn new(
        code: &'a CodeObject,
        program: &'a Program,
        consts: &'a [Slot],
        state: &'a mut State,
        leaders: &'a mut Leaders,
    ) -> Self {
        let unit_len = code.code().len() / 2;
        let slot_count = code.localspluskinds().len();
        state.start(
            code.stacksize(),
            unit_len as u32,
            program.leaders.len(),
            slot_count,
        );
        leaders.start(program.leaders.len(), state.locals.words.len());
        Flow {
            version: code.version(),
            code,
            program,
            consts,
            state,
            leaders,
            checks: Checks::empty(),
            facts: Facts::new(unit_len),
            effort: EFFORT_BASE + EFFORT_PER_UNIT * unit_len as u64,
        }
    }

    /// Follows every path from the start.
    pub(super) fn run(mut self) -> Result<Facts, Refusal> {
        for slot in 0..self.code.total_args() {
            self.state.locals.set(slot, false, true);
        }
        self.join(0, 0, &[])?;
        while let Some(leader) = self.leaders.next(self.state) {
            self.follow(self.program.leaders[leader as usize])?;
        }
        Ok(self.facts)
    }

    /// Follows the path from one leader to where the next begins, or to its end.
    fn follow(&mut self, start: u32) -> Result<(), Refusal> {
        let program = self.program;
        let mut index = start;
        let mut regions = &program.regions[program.region_after(start)..];
        // Whether the handler knows all that the path has brought so far.
        let mut is_joined = false;
        loop {
            let Some(instr) = program.instrs.get(index as usize) else {
                let unit = program.instrs.last().map_or(0, |last| last.unit);
                let what = "found an instruction after which there is none";
                return Err(Fault::plain(Rule::FallsOffEnd, what).at(unit));
            };
            if instr.leader != NONE && index != start {
                let depth = self.state.depth();
                return self
                    .join(instr.leader, depth, &[])
                    .map_err(|fault| fault.at(instr.unit));
            }
            while let [first, rest @ ..] = regions
                && first.end <= index
            {
                (regions, is_joined) = (rest, false);
            }
            let region = regions.first().filter(|region| region.start <= index);
            let next = self.visit(index, instr, region, &mut is_joined);
            if next.map_err(|fault| fault.at(instr.unit))? == Next::Ends {
                return Ok(());
            }
            index += 1;
        }
    }

    /// Runs one instruction, and tells the handler around it, if there is one, what it may meet.
    #[inline]
    fn visit(
        &mut self,
        index: u32,
        instr: &Instr,
        region: Option<&Region>,
        is_joined: &mut bool,
    ) -> Result<Next, Fault> {
        self.pay(1)?;
        self.checks = Checks::empty();
        let depth = self.state.depth();
        self.state.begin();
        let may_raise = region.filter(|_| !never_raises(instr.op));
        if let Some(region) = may_raise
            && !*is_joined
        {
            self.enter_handler(region)?;
            *is_joined = true;
        }
        let next = self.step(index, instr)?;
        self.facts
            .record(instr.unit, instr.prefixes, depth as u32, self.checks);
        self.facts.saw_depth(self.state.depth().max(depth) as u32);
        if let Some(region) = region {
            let kept = region.depth as usize;
            let raise_low = self.state.settled_low.unwrap_or(self.state.low);
            if may_raise.is_some() && raise_low < kept {
                let expected = Expected::AtLeast(region.depth);
                return Err(Fault::count(
                    Rule::ExceptionDepth,
                    raise_low as i64,
                    expected,
                ));
            }
            *is_joined &= self.state.low >= kept && !self.state.locals.lost;
            if matches!(instr.op, Op::YieldValue | Op::ReturnGenerator) {
                // An exception thrown into the generator is raised here, when the instruction has done its work.
                self.enter_handler(region)?;
            }
        }
        Ok(next)
    }

    /// An exception raised now leads to the handler of this region.
    fn enter_handler(&mut self, region: &Region) -> Result<(), Fault> {
        let depth = self.state.depth();
        if depth < region.depth as usize {
            let expected = Expected::AtLeast(region.depth);
            return Err(Fault::count(Rule::ExceptionDepth, depth as i64, expected));
        }
        let kept = region.depth as usize;
        let pushed = [Slot::new(Kinds::LASTI), Slot::new(Kinds::EXCEPTION)];
        let pushed = if region.lasti {
            &pushed[..]
        } else {
            &pushed[1..]
        };
        self.state.check_depth(kept + pushed.len())?;
        self.facts.saw_depth((kept + pushed.len()) as u32);
        self.join(region.handler, kept, pushed)
    }

    /// A path leads to a leader, with the lowest `kept` slots of the stack and `pushed` on them.
    pub(super) fn join(&mut self, leader: u32, kept: usize, pushed: &[Slot]) -> Result<(), Fault> {
        self.pay(1 + (kept + self.state.locals.words.len()) as u64 / 8)?;
        self.leaders.join(leader, self.state, kept, pushed)
    }

    /// Pays for work out of what is allowed.
    #[inline]
    pub(super) fn pay(&mut self, cost: u64) -> Result<(), Fault> {
        match self.effort.checked_sub(cost) {
            Some(left) => {
                self.effort = left;
                Ok(())
            }
            None => {
                let what = "found too many paths that bring different things";
                Err(Fault::plain(Rule::Effort, what))
            }
        }
    }

    /// The instruction jumps, with the stack as it is.
    pub(super) fn jump(&mut self, instr: &Instr) -> Result<(), Fault> {
        let depth = self.state.depth();
        self.join(instr.target, depth, &[])
    }

    /// The instruction after this one, if no jump leads to it.
    pub(super) fn follower(&self, index: u32) -> Option<&'a Instr> {
        let next = self.program.instrs.get(index as usize + 1)?;
        (next.leader == NONE).then_some(next)
    }

    /// Requires that the frame is surely a generator's, or surely not.
    pub(super) fn expect_frame(&self, frame: u8) -> Result<(), Fault> {
        if self.state.generator == frame {
            return Ok(());
        }
        let what = match (frame, self.state.generator) {
            (GENERATOR_FRAME, super::state::PLAIN_FRAME) => "found it before RETURN_GENERATOR",
            (GENERATOR_FRAME, _) => {
                "found it where RETURN_GENERATOR has run on one path and not on another"
            }
            _ => "found it where RETURN_GENERATOR has or may have run before",
        };
        Err(Fault::plain(Rule::GeneratorState, what))
    }

    /// The flags of the code object.
    pub(super) fn flags(&self) -> CodeFlags {
        self.code.flags()
    }
}
