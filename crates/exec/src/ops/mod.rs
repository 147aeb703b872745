//! The bodies of instructions, by topic. They take values, not the loop's registers.

pub(crate) mod arithmetic;
pub(crate) mod attributes;
pub(crate) mod calls;
pub(crate) mod classes;
pub(crate) mod containers;
pub(crate) mod exceptions;
pub(crate) mod generators;
pub(crate) mod inline;
pub(crate) mod intrinsics;
pub(crate) mod matching;
pub(crate) mod names;
pub(crate) mod plain_format;
pub(crate) mod text;
