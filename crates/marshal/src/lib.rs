//! CPython's marshal format and the .pyc header, lossless and safe on hostile bytes.
//!
//! | you want | take |
//! |---|---|
//! | a `.pyc` file, whoever wrote it | [`Pyc::read`], then [`Pyc::value`] or [`Pyc::document`] |
//! | the constants and code objects in it, owned and shared | [`Value`], [`RawCode`] |
//! | every byte accounted for, to write it back exactly | [`Document`], [`Document::encode`] |
//! | one pass without keeping anything | [`walk`] and a [`Visitor`] |
//! | the same bytes whatever machine or run wrote the file | [`Normalizer`] |
//! | marshalled bytes from a value, for any version | [`Value::to_marshal`], [`WriteOptions`] |
//! | which Python wrote a magic number | [`Magic`] |
//!
//! # Code objects, for those who build on them
//!
//! [`Pyc::code`] gives the module's [`RawCode`], whose fields are all there is in the file, typed
//! but not interpreted. Nested code objects are [`Value::Code`] in [`RawCode::consts`]. What the
//! file shares is one `Arc` here. [`RawCode::offsets`] says where the parts stand in the file. This
//! interface is stable: `Value` and the error kind may grow variants, `RawCode` keeps its fields.
#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;

mod address;
mod build;
mod bytes;
mod compare;
mod debug;
mod document;
mod encode;
mod error;
mod filenames;
mod int;
mod items;
mod limits;
mod magic;
mod node;
mod normalize;
#[doc(hidden)]
pub mod properties;
mod pyc;
mod raw_code;
#[cfg(feature = "serde")]
mod serde_flat;
mod source_hash;
#[doc(hidden)]
pub mod stack;
mod text;
pub mod typecode;
mod value;
mod version;
mod visitor;
mod walk;
mod write;

pub use bytes::Bytes;
pub use document::Document;
pub use error::{Error, ErrorKind};
pub use int::Int;
pub use items::{Items, Pairs, Slice};
pub use limits::{Limits, ReadOptions};
pub use magic::Magic;
pub use node::{Children, Kind, Node};
pub use normalize::Normalizer;
pub use pyc::{Header, Pyc, Source};
pub use raw_code::{CodeOffsets, Locals, RawCode};
pub use source_hash::source_hash;
pub use text::Str;
pub use value::Value;
pub use version::{CodeLayout, Version};
pub use visitor::{CodeInts, Container, Head, Leaf, Long, StrEncoding, Visitor};
pub use walk::{Walked, walk};
pub use write::{Style, WriteOptions};

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
