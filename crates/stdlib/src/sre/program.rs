//! A pattern's code words, as `re._compiler` writes them, and the program that the matcher runs.
//!
//! Invariants of what [`Program::read`] returns, whatever words it was given: every target is an instruction, every group,
//! mark, set and register exists, the last instruction that control reaches is `Success`.

use super::charset::{Case, Set};

/// A place in a text where nothing is consumed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum At {
    Beginning,
    BeginningLine,
    End,
    EndLine,
    EndString,
    /// A boundary of words, or none; of ASCII words or of Unicode's.
    Boundary {
        is: bool,
        unicode: bool,
    },
}

/// What one character has to be.
#[derive(Clone, Debug)]
pub(super) enum Single {
    Any,
    AnyAll,
    Literal(u32),
    NotLiteral(u32),
    /// A literal, already in lower case, or anything but it.
    LiteralIgnore(u32, Case, bool),
    In(Set, Case),
}

/// How often something is repeated, and what is tried first.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Greed {
    Greedy,
    Lazy,
    Possessive,
}

/// What a group of instructions is tried for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Purpose {
    /// It matches or not, once and for all.
    Atomic,
    /// Only whether it matches.
    Ahead,
    /// Whether it does not match.
    NotAhead,
}

/// An instruction.
#[derive(Clone, Debug)]
pub(super) enum Inst {
    Fail,
    Success,
    Single(Single),
    At(At),
    GroupRef(usize, Option<Case>),
    /// Goes to the target unless the group has matched.
    IfGroup(usize, usize),
    Mark(usize),
    /// Goes on, and to the target if that fails.
    Try(usize),
    Jump(usize),
    /// One character, several times.
    RepeatOne {
        single: Single,
        min: u32,
        max: u32,
        greed: Greed,
    },
    /// Starts to count in a register.
    RepeatStart(usize),
    /// Decides whether the body, which follows, is to match once more.
    RepeatUntil {
        register: usize,
        min: u32,
        max: u32,
        is_lazy: bool,
        exit: usize,
    },
    /// Begins a group that is tried by itself, `back` characters before; without so many, or if a `NotAhead` fails as it should,
    /// control goes to `exit`.
    Begin {
        purpose: Purpose,
        back: usize,
        exit: usize,
    },
    End(Purpose),
}

/// A pattern ready to be matched.
#[derive(Clone, Debug)]
pub(super) struct Program {
    pub(super) insts: Vec<Inst>,
    pub(super) registers: usize,
    /// The first character, where every match starts with the same.
    pub(super) first: Option<u32>,
}

/// The words are none that `re._compiler` would write.
#[derive(Debug)]
pub(super) struct Invalid;

pub(super) const MAX_REPEAT: u32 = u32::MAX;
const DEEPEST: u32 = 1000;

impl Program {
    pub(super) fn read(words: &[u32], groups: usize) -> Result<Program, Invalid> {
        let mut reader = Reader {
            words,
            groups,
            insts: Vec::new(),
            registers: 0,
            depth: 0,
        };
        let (end, last) = words
            .split_last()
            .map(|(last, rest)| (rest.len(), *last))
            .ok_or(Invalid)?;
        if last != op::SUCCESS {
            return Err(Invalid);
        }
        reader.region(0, end)?;
        reader.insts.push(Inst::Success);
        let first = first_literal(&reader.insts);
        Ok(Program {
            insts: reader.insts,
            registers: reader.registers,
            first,
        })
    }
}

fn first_literal(insts: &[Inst]) -> Option<u32> {
    for inst in insts {
        match inst {
            Inst::Mark(_) => {}
            Inst::Single(Single::Literal(c)) => return Some(*c),
            Inst::RepeatOne {
                single: Single::Literal(c),
                min: 1..,
                ..
            } => return Some(*c),
            _ => return None,
        }
    }
    None
}

/// The numbers of the operators: the same in all versions.
pub(super) mod op {
    pub(in super::super) const FAILURE: u32 = 0;
    pub(in super::super) const SUCCESS: u32 = 1;
    pub(in super::super) const ANY: u32 = 2;
    pub(in super::super) const ANY_ALL: u32 = 3;
    pub(in super::super) const ASSERT: u32 = 4;
    pub(in super::super) const ASSERT_NOT: u32 = 5;
    pub(in super::super) const AT: u32 = 6;
    pub(in super::super) const BRANCH: u32 = 7;
    pub(in super::super) const CATEGORY: u32 = 8;
    pub(in super::super) const CHARSET: u32 = 9;
    pub(in super::super) const BIGCHARSET: u32 = 10;
    pub(in super::super) const GROUPREF: u32 = 11;
    pub(in super::super) const GROUPREF_EXISTS: u32 = 12;
    pub(in super::super) const IN: u32 = 13;
    pub(in super::super) const INFO: u32 = 14;
    pub(in super::super) const JUMP: u32 = 15;
    pub(in super::super) const LITERAL: u32 = 16;
    pub(in super::super) const MARK: u32 = 17;
    pub(in super::super) const MAX_UNTIL: u32 = 18;
    pub(in super::super) const MIN_UNTIL: u32 = 19;
    pub(in super::super) const NOT_LITERAL: u32 = 20;
    pub(in super::super) const NEGATE: u32 = 21;
    pub(in super::super) const RANGE: u32 = 22;
    pub(in super::super) const REPEAT: u32 = 23;
    pub(in super::super) const REPEAT_ONE: u32 = 24;
    pub(in super::super) const MIN_REPEAT_ONE: u32 = 26;
    pub(in super::super) const ATOMIC_GROUP: u32 = 27;
    pub(in super::super) const POSSESSIVE_REPEAT: u32 = 28;
    pub(in super::super) const POSSESSIVE_REPEAT_ONE: u32 = 29;
    pub(in super::super) const GROUPREF_IGNORE: u32 = 30;
    pub(in super::super) const IN_IGNORE: u32 = 31;
    pub(in super::super) const LITERAL_IGNORE: u32 = 32;
    pub(in super::super) const NOT_LITERAL_IGNORE: u32 = 33;
    pub(in super::super) const GROUPREF_LOC_IGNORE: u32 = 34;
    pub(in super::super) const IN_LOC_IGNORE: u32 = 35;
    pub(in super::super) const LITERAL_LOC_IGNORE: u32 = 36;
    pub(in super::super) const NOT_LITERAL_LOC_IGNORE: u32 = 37;
    pub(in super::super) const GROUPREF_UNI_IGNORE: u32 = 38;
    pub(in super::super) const IN_UNI_IGNORE: u32 = 39;
    pub(in super::super) const LITERAL_UNI_IGNORE: u32 = 40;
    pub(in super::super) const NOT_LITERAL_UNI_IGNORE: u32 = 41;
    pub(in super::super) const RANGE_UNI_IGNORE: u32 = 42;
}

struct Reader<'a> {
    words: &'a [u32],
    groups: usize,
    insts: Vec<Inst>,
    registers: usize,
    depth: u32,
}

impl Reader<'_> {
    fn word(&self, at: usize) -> Result<u32, Invalid> {
        self.words.get(at).copied().ok_or(Invalid)
    }

    /// Where the skip at `at` leads, within the region that ends at `end`.
    fn skip(&self, at: usize, end: usize) -> Result<usize, Invalid> {
        let skip = self.word(at)? as usize;
        let target = at.checked_add(skip).ok_or(Invalid)?;
        if skip == 0 || target > end {
            return Err(Invalid);
        }
        Ok(target)
    }

    fn group(&self, at: usize) -> Result<usize, Invalid> {
        let group = self.word(at)? as usize;
        if group < self.groups {
            Ok(group)
        } else {
            Err(Invalid)
        }
    }

    fn place(&mut self) -> usize {
        self.insts.push(Inst::Fail);
        self.insts.len() - 1
    }

    /// Reads the words `at..end`, which stand for a sequence.
    fn region(&mut self, mut at: usize, end: usize) -> Result<(), Invalid> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(Invalid);
        }
        while at < end {
            at = self.one(at, end)?;
        }
        self.depth -= 1;
        if at == end { Ok(()) } else { Err(Invalid) }
    }

    /// Reads what begins at `at`; gives where it ends.
    fn one(&mut self, at: usize, end: usize) -> Result<usize, Invalid> {
        if let Some((single, next)) = self.single(at, end)? {
            self.insts.push(Inst::Single(single));
            return Ok(next);
        }
        let word = self.word(at)?;
        Ok(match word {
            op::FAILURE => {
                self.insts.push(Inst::Fail);
                at + 1
            }
            op::SUCCESS if self.depth == 1 => {
                self.insts.push(Inst::Success);
                at + 1
            }
            op::AT => {
                let place = at_of(self.word(at + 1)?)?;
                self.insts.push(Inst::At(place));
                at + 2
            }
            op::MARK => {
                let mark = self.word(at + 1)? as usize;
                if mark >= 2 * self.groups {
                    return Err(Invalid);
                }
                self.insts.push(Inst::Mark(mark));
                at + 2
            }
            op::INFO => self.skip(at + 1, end)?,
            op::GROUPREF => self.group_ref(at, None)?,
            op::GROUPREF_IGNORE => self.group_ref(at, Some(Case::Ascii))?,
            op::GROUPREF_LOC_IGNORE => self.group_ref(at, Some(Case::Locale))?,
            op::GROUPREF_UNI_IGNORE => self.group_ref(at, Some(Case::Unicode))?,
            op::GROUPREF_EXISTS => self.if_group(at, end)?,
            op::BRANCH => self.branch(at, end)?,
            op::REPEAT_ONE => self.repeat_one(at, end, Greed::Greedy)?,
            op::MIN_REPEAT_ONE => self.repeat_one(at, end, Greed::Lazy)?,
            op::POSSESSIVE_REPEAT_ONE => self.repeat_one(at, end, Greed::Possessive)?,
            op::REPEAT => self.repeat(at, end)?,
            op::POSSESSIVE_REPEAT => {
                let begin = self.place();
                let next = self.repeat(at, end)?;
                self.close(begin, Purpose::Atomic, 0);
                next
            }
            op::ATOMIC_GROUP => {
                let next = self.skip(at + 1, end)?;
                self.apart(at + 2, next, Purpose::Atomic, 0)?;
                next
            }
            op::ASSERT | op::ASSERT_NOT => {
                let next = self.skip(at + 1, end)?;
                let back = self.word(at + 2)? as usize;
                let purpose = match word {
                    op::ASSERT => Purpose::Ahead,
                    _ => Purpose::NotAhead,
                };
                self.apart(at + 3, next, purpose, back)?;
                next
            }
            _ => return Err(Invalid),
        })
    }

    fn group_ref(&mut self, at: usize, case: Option<Case>) -> Result<usize, Invalid> {
        let group = self.group(at + 1)?;
        self.insts.push(Inst::GroupRef(group, case));
        Ok(at + 2)
    }

    /// A group that is tried by itself, from `at` to the SUCCESS before `next`.
    fn apart(
        &mut self,
        at: usize,
        next: usize,
        purpose: Purpose,
        back: usize,
    ) -> Result<(), Invalid> {
        let last = next
            .checked_sub(1)
            .filter(|last| *last >= at)
            .ok_or(Invalid)?;
        if self.word(last)? != op::SUCCESS {
            return Err(Invalid);
        }
        let begin = self.place();
        self.region(at, last)?;
        self.close(begin, purpose, back);
        Ok(())
    }

    fn close(&mut self, begin: usize, purpose: Purpose, back: usize) {
        self.insts.push(Inst::End(purpose));
        let exit = self.insts.len();
        self.insts[begin] = Inst::Begin {
            purpose,
            back,
            exit,
        };
    }

    fn if_group(&mut self, at: usize, end: usize) -> Result<usize, Invalid> {
        let group = self.group(at + 1)?;
        // The skip counts from the group's word.
        let skip = self.word(at + 2)? as usize;
        let otherwise = (at + 1)
            .checked_add(skip)
            .filter(|t| *t <= end && *t > at + 2);
        let otherwise = otherwise.ok_or(Invalid)?;
        let begin = self.place();
        // With an alternative, the first part ends in a jump behind it.
        let jump = otherwise.checked_sub(2).filter(|jump| *jump > at + 2);
        if let Some(jump) = jump
            && self.word(jump)? == op::JUMP
            && let Ok(target) = self.skip(jump + 1, end)
            && self.is_boundary(at + 3, jump)
        {
            self.region(at + 3, jump)?;
            let leave = self.place();
            self.insts[begin] = Inst::IfGroup(group, self.insts.len());
            self.region(otherwise, target)?;
            self.insts[leave] = Inst::Jump(self.insts.len());
            return Ok(target);
        }
        self.region(at + 3, otherwise)?;
        self.insts[begin] = Inst::IfGroup(group, self.insts.len());
        Ok(otherwise)
    }

    /// Whether an instruction of the sequence from `at` ends right at `end`.
    fn is_boundary(&self, at: usize, end: usize) -> bool {
        let mut probe = Reader {
            words: self.words,
            groups: self.groups,
            insts: Vec::new(),
            registers: 0,
            depth: self.depth,
        };
        probe.region(at, end).is_ok()
    }

    fn branch(&mut self, at: usize, end: usize) -> Result<usize, Invalid> {
        let mut at = at + 1;
        let mut leaves = Vec::new();
        let mut after = None;
        while self.word(at)? != 0 {
            let next = self.skip(at, end)?;
            let jump = next
                .checked_sub(2)
                .filter(|jump| *jump > at)
                .ok_or(Invalid)?;
            if self.word(jump)? != op::JUMP {
                return Err(Invalid);
            }
            let target = self.skip(jump + 1, end)?;
            if *after.get_or_insert(target) != target {
                return Err(Invalid);
            }
            let attempt = self.place();
            self.region(at + 1, jump)?;
            leaves.push(self.place());
            self.insts[attempt] = Inst::Try(self.insts.len());
            at = next;
        }
        self.insts.push(Inst::Fail);
        if after.is_some_and(|after| after != at + 1) {
            return Err(Invalid);
        }
        let behind = self.insts.len();
        for leave in leaves {
            self.insts[leave] = Inst::Jump(behind);
        }
        Ok(at + 1)
    }

    fn repeat_one(&mut self, at: usize, end: usize, greed: Greed) -> Result<usize, Invalid> {
        let next = self.skip(at + 1, end)?;
        let (min, max) = self.counts(at + 2)?;
        let (single, after) = self.single(at + 4, next)?.ok_or(Invalid)?;
        if after + 1 != next || self.word(after)? != op::SUCCESS {
            return Err(Invalid);
        }
        self.insts.push(Inst::RepeatOne {
            single,
            min,
            max,
            greed,
        });
        Ok(next)
    }

    fn counts(&self, at: usize) -> Result<(u32, u32), Invalid> {
        let (min, max) = (self.word(at)?, self.word(at + 1)?);
        if min > max {
            Err(Invalid)
        } else {
            Ok((min, max))
        }
    }

    fn repeat(&mut self, at: usize, end: usize) -> Result<usize, Invalid> {
        let until = self.skip(at + 1, end)?;
        let (min, max) = self.counts(at + 2)?;
        let is_lazy = match self.word(until)? {
            op::MAX_UNTIL | op::SUCCESS => false,
            op::MIN_UNTIL => true,
            _ => return Err(Invalid),
        };
        if until >= end {
            return Err(Invalid);
        }
        let register = self.registers;
        self.registers += 1;
        self.insts.push(Inst::RepeatStart(register));
        let decide = self.place();
        self.region(at + 4, until)?;
        self.insts.push(Inst::Jump(decide));
        self.insts[decide] = Inst::RepeatUntil {
            register,
            min,
            max,
            is_lazy,
            exit: self.insts.len(),
        };
        Ok(until + 1)
    }

    /// What consumes one character, if that is what begins at `at`, and where it ends.
    fn single(&self, at: usize, end: usize) -> Result<Option<(Single, usize)>, Invalid> {
        let literal = |single: fn(u32) -> Single| Ok(Some((single(self.word(at + 1)?), at + 2)));
        let ignore = |case, is| {
            let c = self.word(at + 1)?;
            Ok(Some((Single::LiteralIgnore(c, case, is), at + 2)))
        };
        let set = |case| {
            let next = self.skip(at + 1, end)?;
            let words = self.words.get(at + 2..next).ok_or(Invalid)?;
            let set = Set::read(words).ok_or(Invalid)?;
            Ok(Some((Single::In(set, case), next)))
        };
        match self.word(at)? {
            op::ANY => Ok(Some((Single::Any, at + 1))),
            op::ANY_ALL => Ok(Some((Single::AnyAll, at + 1))),
            op::LITERAL => literal(Single::Literal),
            op::NOT_LITERAL => literal(Single::NotLiteral),
            op::LITERAL_IGNORE => ignore(Case::Ascii, true),
            op::NOT_LITERAL_IGNORE => ignore(Case::Ascii, false),
            op::LITERAL_LOC_IGNORE => ignore(Case::Locale, true),
            op::NOT_LITERAL_LOC_IGNORE => ignore(Case::Locale, false),
            op::LITERAL_UNI_IGNORE => ignore(Case::Unicode, true),
            op::NOT_LITERAL_UNI_IGNORE => ignore(Case::Unicode, false),
            op::IN => set(Case::Kept),
            op::IN_IGNORE => set(Case::Ascii),
            op::IN_LOC_IGNORE => set(Case::Locale),
            op::IN_UNI_IGNORE => set(Case::Unicode),
            op::CATEGORY => {
                let words = [op::CATEGORY, self.word(at + 1)?, op::FAILURE];
                let set = Set::read(&words).ok_or(Invalid)?;
                Ok(Some((Single::In(set, Case::Kept), at + 2)))
            }
            _ => Ok(None),
        }
    }
}

fn at_of(code: u32) -> Result<At, Invalid> {
    Ok(match code {
        0 | 2 => At::Beginning,
        1 => At::BeginningLine,
        3 | 4 | 8 | 9 | 10 | 11 => At::Boundary {
            is: matches!(code, 3 | 8 | 10),
            unicode: code >= 10,
        },
        5 => At::End,
        6 => At::EndLine,
        7 => At::EndString,
        _ => return Err(Invalid),
    })
}
