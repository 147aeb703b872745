//! The one array of local variables, cells and free variables, and what kind each slot is.

use core::slice;

use pyco_marshal::Str;

bitflags::bitflags! {
    /// A byte of `co_localspluskinds`: what a slot of the "localsplus" is.
    ///
    /// For versions up to 3.10, which have none, pyco lists `co_varnames`, `co_cellvars` and `co_freevars` one
    /// after another, each with its own bit; there an argument that is also a cell is listed twice.
    #[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
    pub struct LocalKind: u8 {
        /// A positional argument, or `*args` (3.14 on).
        const ARG_POS = 0x02;
        /// An argument that can be given by keyword, or `**kwargs` (3.14 on).
        const ARG_KW = 0x04;
        /// `*args` or `**kwargs` (3.14 on).
        const ARG_VAR = 0x08;
        /// The variable of an inlined comprehension outside of a function (3.12 on).
        const HIDDEN = 0x10;
        /// A local variable: in `co_varnames`.
        const LOCAL = 0x20;
        /// A cell: in `co_cellvars`.
        const CELL = 0x40;
        /// A free variable: in `co_freevars`.
        const FREE = 0x80;
        const _ = !0;
    }
}

/// The names of the slots that are of some kind, in order: `co_varnames`, `co_cellvars` or `co_freevars`.
#[derive(Clone, Debug)]
pub struct LocalNames<'a> {
    names: slice::Iter<'a, Str>,
    kinds: slice::Iter<'a, u8>,
    kind: LocalKind,
}

impl<'a> LocalNames<'a> {
    pub(crate) fn new(names: &'a [Str], kinds: &'a [u8], kind: LocalKind) -> Self {
        LocalNames {
            names: names.iter(),
            kinds: kinds.iter(),
            kind,
        }
    }
}

impl<'a> Iterator for LocalNames<'a> {
    type Item = &'a Str;

    fn next(&mut self) -> Option<&'a Str> {
        loop {
            let (name, kind) = (self.names.next()?, self.kinds.next()?);
            if LocalKind::from_bits_retain(*kind).intersects(self.kind) {
                return Some(name);
            }
        }
    }
}

impl core::iter::FusedIterator for LocalNames<'_> {}
