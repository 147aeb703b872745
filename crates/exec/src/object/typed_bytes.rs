//! Bytes that are a row of C values: what `array.array` holds, so that memoryviews and bytes-like arguments find them.
//!
//! Invariant: the bytes belong to this object alone, and their number is a multiple of `item_size`, which is not 0.

use crate::object::bytearray::ByteArray;
use crate::object::header::{Payload, Ref};
use crate::value::Value;

/// The payload.
pub struct TypedBytes {
    /// The bytes; while views show them, they do not change in number.
    pub bytes: Ref<ByteArray>,
    /// The format that a memoryview shows.
    pub format: &'static str,
    /// Which kind of items it is, for those who make such objects.
    pub tag: u8,
    /// How many bytes an item has.
    pub item_size: usize,
}

impl Payload for TypedBytes {
    fn traverse(&self, visit: &mut dyn FnMut(&Value)) {
        visit(self.bytes.as_value());
    }
}
