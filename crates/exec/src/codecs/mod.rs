//! The codec registry, the error handlers as functions, and how a codec asks one.
//!
//! `registry.rs` is what `codecs.register` and `codecs.lookup` change and read, `handlers.rs` the handlers that come with Python,
//! `drive.rs` runs a codec of [`crate::text`] with a handler by name, a program's own included.

pub mod drive;
pub mod handlers;
pub mod registry;

pub use drive::{DecodeError, EncodeError, Failure, decode_bytes, encode_text};
pub use registry::Registry;
