//! The matcher: backtracking over an explicit stack, so that neither a pattern nor a text can exhaust Rust's.
//!
//! Invariants: `stack` holds what is to be tried next and what is to be undone on the way there, innermost last; `barriers` are
//! the indices of its barriers. Steps are counted, and the host's limits honoured every so many.

use pyco_exec::text::{UnicodeVersion, Unit};
use pyco_exec::{PyResult, Vm};

use super::charset::{Case, is_word, lower, upper};
use super::program::{At, Greed, Inst, MAX_REPEAT, Program, Purpose, Single};

/// Where nothing has matched yet.
pub(super) const NOWHERE: usize = usize::MAX;

/// So many steps pass between two looks at the limits.
const STEPS: u32 = 1 << 14;

/// What one attempt found.
#[derive(Clone, Debug)]
pub(super) struct Found {
    pub(super) start: usize,
    pub(super) end: usize,
    /// Start and end of each group.
    pub(super) marks: Vec<usize>,
    /// The group that was closed last.
    pub(super) last_group: usize,
}

/// What is asked of a match.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Question {
    /// Where it may start.
    pub(super) start: usize,
    /// Where the text ends for it.
    pub(super) end: usize,
    /// Whether it may start only there.
    pub(super) is_anchored: bool,
    /// Whether it has to reach the end.
    pub(super) is_full: bool,
    /// Whether it must not be empty at `start`.
    pub(super) must_advance: bool,
}

enum Entry {
    /// Something else to try.
    Choice { pc: usize, pos: usize },
    /// Fewer characters of a greedy repetition, down to `least`.
    Fewer { pc: usize, least: usize, pos: usize },
    /// More characters of a lazy one, up to `most`.
    More { pc: usize, pos: usize, most: usize },
    /// A mark as it was.
    Mark {
        index: usize,
        old: usize,
        last_group: usize,
    },
    /// A register as it was.
    Register { index: usize, old: Register },
    /// The beginning of a group that is tried by itself.
    Barrier {
        purpose: Purpose,
        exit: usize,
        pos: usize,
    },
}

/// The state of a repetition.
#[derive(Clone, Copy)]
struct Register {
    count: u32,
    /// Where its last round began.
    last: usize,
}

/// A text and a pattern.
pub(super) struct Matcher<'a, U> {
    pub(super) text: &'a [U],
    pub(super) program: &'a Program,
    pub(super) groups: usize,
    pub(super) unicode: UnicodeVersion,
    /// Whether an empty text has a place that is no word boundary (3.14 on).
    pub(super) empty_has_no_boundary: bool,
}

struct State {
    marks: Vec<usize>,
    last_group: usize,
    registers: Vec<Register>,
    stack: Vec<Entry>,
    barriers: Vec<usize>,
    steps: u32,
}

impl<U: Unit> Matcher<'_, U> {
    /// The first match.
    pub(super) fn find(&self, vm: &mut Vm, question: Question) -> PyResult<Option<Found>> {
        let mut state = State {
            marks: vec![NOWHERE; 2 * self.groups],
            last_group: 0,
            registers: vec![
                Register {
                    count: 0,
                    last: NOWHERE
                };
                self.program.registers
            ],
            stack: Vec::new(),
            barriers: Vec::new(),
            steps: STEPS,
        };
        let mut start = question.start;
        while start <= question.end {
            if !question.is_anchored
                && let Some(first) = self.program.first
            {
                let rest = self.text.get(start..question.end).unwrap_or(&[]);
                match rest.iter().position(|unit| unit.code_point() == first) {
                    Some(skipped) => start += skipped,
                    None => return Ok(None),
                }
            }
            if let Some(end) = self.attempt(vm, &mut state, start, question)? {
                return Ok(Some(Found {
                    start,
                    end,
                    marks: state.marks,
                    last_group: state.last_group,
                }));
            }
            if question.is_anchored {
                break;
            }
            start += 1;
        }
        Ok(None)
    }

    fn at(&self, pos: usize) -> u32 {
        self.text[pos].code_point()
    }

    /// Tries to match from `start` on; gives the end.
    fn attempt(
        &self,
        vm: &mut Vm,
        state: &mut State,
        start: usize,
        question: Question,
    ) -> PyResult<Option<usize>> {
        state.marks.fill(NOWHERE);
        state.last_group = 0;
        state.stack.clear();
        state.barriers.clear();
        let end = question.end;
        let (mut pc, mut pos) = (0, start);
        loop {
            state.steps -= 1;
            if state.steps == 0 {
                state.steps = STEPS;
                vm.spend(u64::from(STEPS))?;
            }
            let goes_on = match &self.program.insts[pc] {
                Inst::Fail => false,
                Inst::Success => {
                    let is_short = question.is_full && pos != end;
                    let is_stuck = question.must_advance && pos == question.start && start == pos;
                    if !is_short && !is_stuck {
                        return Ok(Some(pos));
                    }
                    false
                }
                Inst::Single(single) => {
                    let matches = pos < end && self.matches(single, self.at(pos));
                    pos += 1;
                    pc += 1;
                    matches
                }
                Inst::At(at) => {
                    pc += 1;
                    self.is_at(*at, pos, end)
                }
                Inst::GroupRef(group, case) => {
                    pc += 1;
                    match self.same_as_group(state, *group, *case, pos, end) {
                        Some(len) => {
                            pos += len;
                            true
                        }
                        None => false,
                    }
                }
                Inst::IfGroup(group, otherwise) => {
                    let has_matched = state.span(*group).is_some();
                    pc = if has_matched { pc + 1 } else { *otherwise };
                    true
                }
                Inst::Mark(index) => {
                    state.mark(*index, pos);
                    pc += 1;
                    true
                }
                Inst::Try(otherwise) => {
                    state.stack.push(Entry::Choice {
                        pc: *otherwise,
                        pos,
                    });
                    pc += 1;
                    true
                }
                Inst::Jump(target) => {
                    pc = *target;
                    true
                }
                Inst::RepeatOne {
                    single,
                    min,
                    max,
                    greed,
                } => {
                    let most = self.count(single, pos, end, *max);
                    state.steps = state.steps.saturating_sub((most / 64) as u32).max(1);
                    let least = *min as usize;
                    if most < least {
                        false
                    } else {
                        pc += 1;
                        match greed {
                            Greed::Possessive => pos += most,
                            Greed::Lazy => {
                                let (from, most) = (pos + least, pos + most);
                                if from < most {
                                    state.stack.push(Entry::More {
                                        pc,
                                        pos: from,
                                        most,
                                    });
                                }
                                pos = from;
                            }
                            Greed::Greedy => {
                                let (least, most) = (pos + least, pos + most);
                                if least < most {
                                    state.stack.push(Entry::Fewer {
                                        pc,
                                        least,
                                        pos: most,
                                    });
                                }
                                pos = most;
                            }
                        }
                        true
                    }
                }
                Inst::RepeatStart(index) => {
                    state.set_register(
                        *index,
                        Register {
                            count: 0,
                            last: NOWHERE,
                        },
                    );
                    pc += 1;
                    true
                }
                Inst::RepeatUntil {
                    register,
                    min,
                    max,
                    is_lazy,
                    exit,
                } => {
                    let now = state.registers[*register];
                    let again = Register {
                        count: now.count.saturating_add(1),
                        last: pos,
                    };
                    let may_go_on = (now.count < *max || *max == MAX_REPEAT) && now.last != pos;
                    if now.count < *min {
                        // What has to match does, even if it is empty.
                        let last = now.last;
                        state.set_register(*register, Register { last, ..again });
                        pc += 1;
                    } else if *is_lazy {
                        if may_go_on {
                            // Tried when the rest does not match: it enters the body, by way of the register.
                            state.stack.push(Entry::Choice {
                                pc: self.lazy_body(pc),
                                pos,
                            });
                        }
                        pc = *exit;
                    } else if may_go_on {
                        state.stack.push(Entry::Choice { pc: *exit, pos });
                        state.set_register(*register, again);
                        pc += 1;
                    } else {
                        pc = *exit;
                    }
                    true
                }
                Inst::Begin {
                    purpose,
                    back,
                    exit,
                } => {
                    if pos < *back {
                        pc = *exit;
                        *purpose == Purpose::NotAhead
                    } else {
                        state.barriers.push(state.stack.len());
                        state.stack.push(Entry::Barrier {
                            purpose: *purpose,
                            exit: *exit,
                            pos,
                        });
                        pos -= back;
                        pc += 1;
                        true
                    }
                }
                Inst::End(purpose) => {
                    let before = state.cut();
                    match purpose {
                        Purpose::Atomic => {}
                        Purpose::Ahead | Purpose::NotAhead => pos = before,
                    }
                    pc += 1;
                    *purpose != Purpose::NotAhead
                }
            };
            if goes_on {
                continue;
            }
            match self.retreat(state) {
                Some((next_pc, next_pos)) => (pc, pos) = (next_pc, next_pos),
                None => return Ok(None),
            }
        }
    }

    /// Goes back to the last thing that has not been tried.
    fn retreat(&self, state: &mut State) -> Option<(usize, usize)> {
        loop {
            match state.stack.pop()? {
                Entry::Choice { pc, pos } => {
                    if pc & LAZY == 0 {
                        return Some((pc, pos));
                    }
                    // A lazy repetition goes into its body once more.
                    let pc = pc & !LAZY;
                    if let Inst::RepeatUntil { register, .. } = &self.program.insts[pc] {
                        let now = state.registers[*register];
                        let count = now.count.saturating_add(1);
                        state.set_register(*register, Register { count, last: pos });
                    }
                    return Some((pc + 1, pos));
                }
                Entry::Fewer { pc, least, mut pos } => {
                    pos -= 1;
                    // A literal that has to follow tells where to try at all.
                    if let Inst::Single(Single::Literal(c)) = &self.program.insts[pc] {
                        while pos > least && self.at(pos) != *c {
                            pos -= 1;
                        }
                    }
                    if pos > least {
                        state.stack.push(Entry::Fewer { pc, least, pos });
                    }
                    return Some((pc, pos));
                }
                Entry::More { pc, pos, most } => {
                    if pos + 1 < most {
                        state.stack.push(Entry::More {
                            pc,
                            pos: pos + 1,
                            most,
                        });
                    }
                    return Some((pc, pos + 1));
                }
                Entry::Mark {
                    index,
                    old,
                    last_group,
                } => {
                    state.marks[index] = old;
                    state.last_group = last_group;
                }
                Entry::Register { index, old } => state.registers[index] = old,
                Entry::Barrier { purpose, exit, pos } => {
                    state.barriers.pop();
                    if purpose == Purpose::NotAhead {
                        return Some((exit, pos));
                    }
                }
            }
        }
    }

    /// The choice that enters the body of the lazy repetition at `pc`.
    fn lazy_body(&self, pc: usize) -> usize {
        pc | LAZY
    }

    fn matches(&self, single: &Single, c: u32) -> bool {
        match single {
            Single::Any => c != 0x0A,
            Single::AnyAll => true,
            Single::Literal(literal) => c == *literal,
            Single::NotLiteral(literal) => c != *literal,
            Single::LiteralIgnore(literal, case, is) => {
                let is_same = c == *literal || lower(c, *case, self.unicode) == *literal;
                // The locale's literals come as they were written.
                let is_same = is_same
                    || *case == Case::Locale
                        && lower(c, *case, self.unicode) == lower(*literal, *case, self.unicode);
                is_same == *is
            }
            Single::In(set, Case::Kept) => set.contains(c, self.unicode),
            Single::In(set, Case::Locale) => {
                let lower = lower(c, Case::Locale, self.unicode);
                let upper = match u8::try_from(c) {
                    Ok(byte) => u32::from(byte.to_ascii_uppercase()),
                    Err(_) => upper(c, self.unicode),
                };
                set.contains(lower, self.unicode)
                    || upper != lower && set.contains(upper, self.unicode)
            }
            Single::In(set, case) => set.contains(lower(c, *case, self.unicode), self.unicode),
        }
    }

    /// How many characters from `pos` on match, up to `max`.
    fn count(&self, single: &Single, pos: usize, end: usize, max: u32) -> usize {
        let room = end.saturating_sub(pos);
        let room = if max == MAX_REPEAT {
            room
        } else {
            room.min(max as usize)
        };
        let units = &self.text[pos..pos + room];
        let unmatched = match single {
            Single::AnyAll => None,
            Single::Any => units.iter().position(|unit| unit.code_point() == 0x0A),
            _ => units
                .iter()
                .position(|unit| !self.matches(single, unit.code_point())),
        };
        unmatched.unwrap_or(room)
    }

    fn is_at(&self, at: At, pos: usize, end: usize) -> bool {
        let is_break = |pos: usize| self.at(pos) == 0x0A;
        match at {
            At::Beginning => pos == 0,
            At::BeginningLine => pos == 0 || is_break(pos - 1),
            At::End => pos == end || pos + 1 == end && is_break(pos),
            At::EndLine => pos == end || is_break(pos),
            At::EndString => pos == end,
            At::Boundary { is, unicode } => {
                if end == 0 {
                    return !is && self.empty_has_no_boundary;
                }
                let is_word = |pos: usize| is_word(self.at(pos), unicode, self.unicode);
                let before = pos > 0 && is_word(pos - 1);
                let after = pos < end && is_word(pos);
                (before != after) == is
            }
        }
    }

    /// The length of what the group has matched, if it stands here once more.
    fn same_as_group(
        &self,
        state: &State,
        group: usize,
        case: Option<Case>,
        pos: usize,
        end: usize,
    ) -> Option<usize> {
        let (from, to) = state.span(group)?;
        let len = to - from;
        if len > end - pos.min(end) {
            return None;
        }
        let is_same = (0..len).all(|i| {
            let (a, b) = (self.at(from + i), self.at(pos + i));
            match case {
                None => a == b,
                Some(case) => lower(a, case, self.unicode) == lower(b, case, self.unicode),
            }
        });
        is_same.then_some(len)
    }
}

/// Marks a choice that enters a lazy repetition's body: no program has so many instructions.
const LAZY: usize = 1 << (usize::BITS - 1);

impl State {
    fn span(&self, group: usize) -> Option<(usize, usize)> {
        let (from, to) = (self.marks[2 * group], self.marks[2 * group + 1]);
        (from != NOWHERE && to != NOWHERE && from <= to).then_some((from, to))
    }

    fn mark(&mut self, index: usize, pos: usize) {
        self.stack.push(Entry::Mark {
            index,
            old: self.marks[index],
            last_group: self.last_group,
        });
        self.marks[index] = pos;
        if index % 2 == 1 {
            self.last_group = index / 2 + 1;
        }
    }

    fn set_register(&mut self, index: usize, new: Register) {
        let old = std::mem::replace(&mut self.registers[index], new);
        self.stack.push(Entry::Register { index, old });
    }

    /// Forgets what could be tried since the innermost barrier, but not what is to be undone; gives the barrier's position.
    fn cut(&mut self) -> usize {
        let Some(barrier) = self.barriers.pop() else {
            return 0;
        };
        let mut before = 0;
        let mut kept = barrier;
        for at in barrier..self.stack.len() {
            match &self.stack[at] {
                Entry::Barrier { pos, .. } => before = *pos,
                Entry::Mark { .. } | Entry::Register { .. } => {
                    self.stack.swap(kept, at);
                    kept += 1;
                }
                _ => {}
            }
        }
        self.stack.truncate(kept);
        before
    }
}
