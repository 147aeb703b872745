//! [`Verified`]: a code object that the verifier has accepted.
//!
//! Invariant: the only way to one is [`verify`](super::verify()), so that whoever is given one may rely on every rule of
//! `docs/verifier.md` for it and for every code object below it.

use alloc::boxed::Box;
use alloc::sync::Arc;
use core::ops::Deref;

use crate::code_object::CodeObject;

use super::facts::Facts;

/// A verified code object, with all below it. Cheap to clone.
///
/// ```
/// use pyco_code::{CodeObject, Version, verify};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let marshalled = include_bytes!("../../tests/data/closure.3.13.marshal");
/// let code = CodeObject::from_marshal(Version::V3_13, marshalled, 0)?;
/// let module = verify(&code)?;
/// let outer = module.children().next().expect("the module defines a function");
/// assert_eq!(outer.qualname().to_string_lossy(), "outer");
/// assert!(outer.facts().max_depth() <= outer.stacksize());
/// assert_eq!(outer.facts().stack_depth(0), Some(0));
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct Verified<T>(Arc<Inner<T>>);

#[derive(Debug)]
struct Inner<T> {
    value: T,
    facts: Facts,
    /// Of each constant that is a code object its index and it.
    children: Box<[(u32, Verified<T>)]>,
}

impl<T> Deref for Verified<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0.value
    }
}

impl Verified<CodeObject> {
    pub(super) fn new(
        code: CodeObject,
        facts: Facts,
        children: Box<[(u32, Verified<CodeObject>)]>,
    ) -> Self {
        Verified(Arc::new(Inner {
            value: code,
            facts,
            children,
        }))
    }

    /// What was proved of each code unit.
    #[must_use]
    pub fn facts(&self) -> &Facts {
        &self.0.facts
    }

    /// The code object itself.
    #[must_use]
    pub fn code_object(&self) -> &CodeObject {
        &self.0.value
    }

    /// The verified code object that is the constant of an index; `None` where that is something else.
    #[must_use]
    pub fn child(&self, constant: u32) -> Option<&Verified<CodeObject>> {
        let children = &self.0.children;
        let at = children
            .binary_search_by_key(&constant, |(index, _)| *index)
            .ok()?;
        Some(&children[at].1)
    }

    /// The verified code objects among the constants, in order.
    pub fn children(&self) -> impl DoubleEndedIterator<Item = &Verified<CodeObject>> {
        self.0.children.iter().map(|(_, child)| child)
    }
}
