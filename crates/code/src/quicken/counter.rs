//! [`Counter`]: how CPython counts down to its next attempt to specialise an instruction.
//!
//! Sixteen bits, the first unit of the inline cache: executions left, and below them the backoff, by which that number
//! grows with each attempt that fails. Observed in 3.11.7, 3.12.1, 3.13.18, 3.14.10 and 3.15.2; see
//! `tests/fixtures/adaptive`.

use crate::op::Op;
use crate::version::Version;

/// The counter of one instruction.
///
/// ```
/// use pyco_code::{Op, Version, quicken::Counter};
///
/// let fresh = Counter::of(Version::V3_13, Op::BinaryOp, 0x0011).unwrap();
/// assert_eq!((fresh.value(), fresh.backoff()), (1, 1));
/// let due = fresh.counted();
/// assert!(due.is_due());
/// // An attempt that fails: three more executions, then seven, fifteen…
/// assert_eq!(due.failed().bits(), 0x0032);
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Counter {
    bits: u16,
    version: Version,
    /// A specialised instruction of 3.11: a plain count of how often it may still meet what it is not made for.
    counts_misses: bool,
}

/// What 3.15 goes on with after an attempt that failed, by the backoff before it: executions, and the backoff.
const STEPS_OF_3_15: [(u16, u16); 7] = [
    (1, 1),
    (6, 2),
    (30, 3),
    (126, 4),
    (508, 5),
    (2052, 6),
    (8190, 6),
];

impl Counter {
    /// What `bits` count in the first cache unit of `op`; `None` where that unit counts nothing: a branch's
    /// history, the counter of 3.11's code that is not yet adaptive, no cache at all.
    #[must_use]
    pub fn of(version: Version, op: Op, bits: u16) -> Option<Counter> {
        let table = version.table();
        let info = table.info_of(op).filter(|info| info.caches > 0)?;
        let is_adaptive = match info.base {
            Op::PopJumpIfTrue | Op::PopJumpIfFalse | Op::PopJumpIfNone | Op::PopJumpIfNotNone => {
                false
            }
            _ if version == Version::V3_11 => op != info.base,
            base => !table.family(base).is_empty() || matches!(base, Op::JumpBackward | Op::Resume),
        };
        // The first of a family of 3.11 is the form that counts executions.
        let counts_misses =
            version == Version::V3_11 && table.family(info.base).first() != Some(&op);
        is_adaptive.then_some(Counter {
            bits,
            version,
            counts_misses,
        })
    }

    /// The unit as it stands in the cache.
    #[must_use]
    pub fn bits(self) -> u16 {
        self.bits
    }

    fn backoff_width(self) -> u32 {
        match self.version {
            _ if self.counts_misses => 0,
            Version::V3_15 => 3,
            _ => 4,
        }
    }

    /// Executions left; misses left of a specialised instruction, which no others count.
    #[must_use]
    pub fn value(self) -> u16 {
        self.bits >> self.backoff_width()
    }

    /// How far the number of executions has grown; 0 in a specialised instruction.
    #[must_use]
    pub fn backoff(self) -> u16 {
        self.bits & ((1 << self.backoff_width()) - 1)
    }

    fn with(self, value: u16, backoff: u16) -> Counter {
        let bits = value << self.backoff_width() | backoff;
        Counter { bits, ..self }
    }

    /// Whether the next execution tries to specialise the instruction, or gives up its specialised form.
    #[must_use]
    pub fn is_due(self) -> bool {
        // From 3.14 on a backoff of all ones means never.
        let is_never = match self.version {
            Version::V3_14 => self.backoff() == 15,
            Version::V3_15 => self.backoff() == 7,
            _ => false,
        };
        self.value() == 0 && !is_never
    }

    /// After one execution that was not due, or one miss; stays at 0.
    #[must_use]
    pub fn counted(self) -> Counter {
        self.with(self.value().saturating_sub(1), self.backoff())
    }

    /// After an attempt that failed. The execution goes on with the general instruction, which counts too.
    ///
    /// What a specialised instruction becomes that has no misses left is this too; in 3.11 it then starts at 31.
    #[must_use]
    pub fn failed(self) -> Counter {
        if self.counts_misses {
            let adaptive = Counter {
                counts_misses: false,
                ..self
            };
            return adaptive.with(31, 5);
        }
        if self.version == Version::V3_15 {
            let step = usize::from(self.backoff()).min(STEPS_OF_3_15.len() - 1);
            let (value, backoff) = STEPS_OF_3_15[step];
            return self.with(value, backoff);
        }
        let backoff = (self.backoff() + 1).min(12);
        self.with((1 << backoff) - 1, backoff)
    }

    /// After an attempt that succeeded: what the specialised form starts with.
    #[must_use]
    pub fn specialized(self) -> Counter {
        if self.version == Version::V3_11 {
            return Counter {
                bits: 53,
                counts_misses: true,
                ..self
            };
        }
        self.with(52, 0)
    }
}
