//! [`CodeFlags`]: `co_flags`.
//!
//! Invariant: every bit is kept, named or not.

use crate::version::Version;

bitflags::bitflags! {
    /// `co_flags`, with the names of 3.8 and later for the bits of `__future__`; see [`CodeFlags::named`] for
    /// those of older versions.
    #[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
    pub struct CodeFlags: u32 {
        /// Locals are in an array, not in a dict.
        const OPTIMIZED = 0x1;
        /// A call gets a new dict for its locals.
        const NEWLOCALS = 0x2;
        /// There is a `*args`.
        const VARARGS = 0x4;
        /// There is a `**kwargs`.
        const VARKEYWORDS = 0x8;
        /// The function is nested in another.
        const NESTED = 0x10;
        /// A call returns a generator.
        const GENERATOR = 0x20;
        /// There are no cells and no free variables (up to 3.10).
        const NOFREE = 0x40;
        /// A call returns a coroutine.
        const COROUTINE = 0x80;
        /// A generator that can be awaited (`types.coroutine`).
        const ITERABLE_COROUTINE = 0x100;
        /// A call returns an asynchronous generator.
        const ASYNC_GENERATOR = 0x200;
        /// `from __future__ import division`.
        const FUTURE_DIVISION = 0x2_0000;
        /// `from __future__ import absolute_import`.
        const FUTURE_ABSOLUTE_IMPORT = 0x4_0000;
        /// `from __future__ import with_statement`.
        const FUTURE_WITH_STATEMENT = 0x8_0000;
        /// `from __future__ import print_function`.
        const FUTURE_PRINT_FUNCTION = 0x10_0000;
        /// `from __future__ import unicode_literals`.
        const FUTURE_UNICODE_LITERALS = 0x20_0000;
        /// `from __future__ import barry_as_FLUFL`.
        const FUTURE_BARRY_AS_BDFL = 0x40_0000;
        /// `from __future__ import generator_stop`.
        const FUTURE_GENERATOR_STOP = 0x80_0000;
        /// `from __future__ import annotations`.
        const FUTURE_ANNOTATIONS = 0x100_0000;
        /// `sys.monitoring` gets no events from this code (3.13 on).
        const NO_MONITORING_EVENTS = 0x200_0000;
        /// The first constant is the docstring (3.14 on).
        const HAS_DOCSTRING = 0x400_0000;
        /// The function stands directly in a class body (3.14 on).
        const METHOD = 0x800_0000;
        const _ = !0;
    }
}

/// A flag and the first and last version in which the bit means it.
type Meaning = (u32, &'static str, Version, Version);

#[rustfmt::skip]
const MEANINGS: [Meaning; 30] = [
    (0x1, "OPTIMIZED", Version::V2_7, Version::V3_15),
    (0x2, "NEWLOCALS", Version::V2_7, Version::V3_15),
    (0x4, "VARARGS", Version::V2_7, Version::V3_15),
    (0x8, "VARKEYWORDS", Version::V2_7, Version::V3_15),
    (0x10, "NESTED", Version::V2_7, Version::V3_15),
    (0x20, "GENERATOR", Version::V2_7, Version::V3_15),
    (0x40, "NOFREE", Version::V2_7, Version::V3_10),
    (0x80, "COROUTINE", Version::V3_6, Version::V3_15),
    (0x100, "ITERABLE_COROUTINE", Version::V3_6, Version::V3_15),
    (0x200, "ASYNC_GENERATOR", Version::V3_6, Version::V3_15),
    (0x1000, "GENERATOR_ALLOWED", Version::V2_7, Version::V3_7),
    (0x2000, "FUTURE_DIVISION", Version::V2_7, Version::V3_7),
    (0x4000, "FUTURE_ABSOLUTE_IMPORT", Version::V2_7, Version::V3_7),
    (0x8000, "FUTURE_WITH_STATEMENT", Version::V2_7, Version::V3_7),
    (0x1_0000, "FUTURE_PRINT_FUNCTION", Version::V2_7, Version::V3_7),
    (0x2_0000, "FUTURE_UNICODE_LITERALS", Version::V2_7, Version::V3_7),
    (0x4_0000, "FUTURE_BARRY_AS_BDFL", Version::V3_6, Version::V3_7),
    (0x8_0000, "FUTURE_GENERATOR_STOP", Version::V3_6, Version::V3_7),
    (0x10_0000, "FUTURE_ANNOTATIONS", Version::V3_7, Version::V3_7),
    (0x2_0000, "FUTURE_DIVISION", Version::V3_8, Version::V3_15),
    (0x4_0000, "FUTURE_ABSOLUTE_IMPORT", Version::V3_8, Version::V3_15),
    (0x8_0000, "FUTURE_WITH_STATEMENT", Version::V3_8, Version::V3_15),
    (0x10_0000, "FUTURE_PRINT_FUNCTION", Version::V3_8, Version::V3_15),
    (0x20_0000, "FUTURE_UNICODE_LITERALS", Version::V3_8, Version::V3_15),
    (0x40_0000, "FUTURE_BARRY_AS_BDFL", Version::V3_8, Version::V3_15),
    (0x80_0000, "FUTURE_GENERATOR_STOP", Version::V3_8, Version::V3_15),
    (0x100_0000, "FUTURE_ANNOTATIONS", Version::V3_8, Version::V3_15),
    (0x200_0000, "NO_MONITORING_EVENTS", Version::V3_13, Version::V3_15),
    (0x400_0000, "HAS_DOCSTRING", Version::V3_14, Version::V3_15),
    (0x800_0000, "METHOD", Version::V3_14, Version::V3_15),
];

impl CodeFlags {
    /// The names of the flags that are set, as the bits are meant in `version`, lowest bit first; bits that
    /// mean nothing in it are left out.
    ///
    /// ```
    /// use pyco_code::{CodeFlags, Version};
    ///
    /// let flags = CodeFlags::from_bits_retain(0x2_0003);
    /// let names = |version| flags.named(version).collect::<Vec<_>>();
    /// assert_eq!(names(Version::V3_7), ["OPTIMIZED", "NEWLOCALS", "FUTURE_UNICODE_LITERALS"]);
    /// assert_eq!(names(Version::V3_8), ["OPTIMIZED", "NEWLOCALS", "FUTURE_DIVISION"]);
    /// ```
    pub fn named(self, version: Version) -> impl Iterator<Item = &'static str> {
        MEANINGS
            .into_iter()
            .filter(move |(bit, _, first, last)| {
                self.bits() & bit != 0 && *first <= version && version <= *last
            })
            .map(|(_, name, ..)| name)
    }
}
