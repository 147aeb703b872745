//! [`Fault`]: a broken rule before it is known where, and [`Detail`], what was found instead.

use alloc::boxed::Box;
use core::fmt;

use super::kinds::Kinds;
use super::rule::Rule;

/// A rule that was broken, and how. Boxed, so that results without one fit into registers.
#[derive(Clone, Debug)]
pub(super) struct Fault(Box<(Rule, Detail)>);

impl Fault {
    #[cold]
    fn new(rule: Rule, detail: Detail) -> Fault {
        Fault(Box::new((rule, detail)))
    }

    /// A rule broken in a way that needs no numbers.
    #[cold]
    pub(super) fn plain(rule: Rule, what: &'static str) -> Fault {
        Fault::new(rule, Detail::Text(what))
    }

    /// A number that is out of the rule's bounds.
    #[cold]
    pub(super) fn count(rule: Rule, found: i64, expected: Expected) -> Fault {
        Fault::new(rule, Detail::Count { found, expected })
    }

    /// A stack slot, counted from the top, 1 being the top, that holds the wrong thing.
    #[cold]
    pub(super) fn kind(position: usize, found: Kinds, expected: Kinds) -> Fault {
        let position = position as u32;
        Fault::new(
            Rule::StackKind,
            Detail::Kind {
                position,
                found,
                expected,
            },
        )
    }

    pub(super) fn rule(&self) -> Rule {
        self.0.0
    }

    pub(super) fn detail(&self) -> Detail {
        self.0.1
    }
}

/// What a number should have been.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Expected {
    Below(u32),
    AtMost(u32),
    AtLeast(u32),
    Exactly(u32),
}

/// How a rule was broken.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Detail {
    Text(&'static str),
    Count {
        found: i64,
        expected: Expected,
    },
    Kind {
        position: u32,
        found: Kinds,
        expected: Kinds,
    },
}

impl fmt::Display for Detail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Detail::Text(what) => f.write_str(what),
            Detail::Count { found, expected } => {
                let (words, bound) = match expected {
                    Expected::Below(bound) => ("less than ", bound),
                    Expected::AtMost(bound) => ("at most ", bound),
                    Expected::AtLeast(bound) => ("at least ", bound),
                    Expected::Exactly(bound) => ("", bound),
                };
                write!(f, "found {found}, expected {words}{bound}")
            }
            Detail::Kind {
                position,
                found,
                expected,
            } => {
                write!(
                    f,
                    "found {found} in stack slot {position} from the top, expected {expected}"
                )
            }
        }
    }
}
