//! [`Items`]: how many stack items, as a function of the argument.
//!
//! Every stack effect that any version's `dis.stack_effect` reports, and every count in its metadata,
//! is a constant plus or minus one of the few [`Part`]s of the argument.

/// The part of an argument that a count depends on.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Part {
    /// None of it.
    Nothing,
    /// The whole argument.
    Oparg,
    /// Its lowest bit.
    LowBit,
    /// Its low byte plus all above it (`UNPACK_EX`).
    Bytes,
    /// 1 where it is 3 (`BUILD_SLICE`).
    IsThree,
    /// The number of ones in its low four bits (`MAKE_FUNCTION`).
    FlagCount,
    /// Its bit of value 4 (`FORMAT_VALUE`).
    SpecBit,
}

/// A number of stack items, or a change of it: `constant + factor * part(oparg)`.
///
/// ```
/// use pyco_code::{Op, Version};
///
/// let call = Version::V3_13.table().info_of(Op::Call).unwrap();
/// assert_eq!(call.popped.unwrap().count(3), 5);
/// assert_eq!(call.pushed.unwrap().count(3), 1);
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Items {
    /// What does not depend on the argument.
    pub constant: i8,
    /// What the part is multiplied by.
    pub factor: i8,
    /// The part of the argument that counts.
    pub part: Part,
}

impl Items {
    /// The count for an argument.
    pub const fn count(self, oparg: u32) -> i64 {
        let part = match self.part {
            Part::Nothing => 0,
            Part::Oparg => oparg as i64,
            Part::LowBit => (oparg & 1) as i64,
            Part::Bytes => (oparg & 0xff) as i64 + (oparg >> 8) as i64,
            Part::IsThree => (oparg == 3) as i64,
            Part::FlagCount => (oparg & 15).count_ones() as i64,
            Part::SpecBit => (oparg >> 2 & 1) as i64,
        };
        self.constant as i64 + self.factor as i64 * part
    }
}

/// A count that does not depend on the argument.
pub(crate) const fn fixed(constant: i8) -> Items {
    Items {
        constant,
        factor: 0,
        part: Part::Nothing,
    }
}

/// `constant + factor * part(oparg)`.
pub(crate) const fn plus(constant: i8, factor: i8, part: Part) -> Items {
    Items {
        constant,
        factor,
        part,
    }
}
