//! range: the object. The methods are in `object/range_methods.rs`.

use crate::object::header::{Kind, Payload, Ref};
use crate::value::Value;
use crate::vm::Vm;

/// A range's payload: ints of any size.
pub struct Range {
    pub(crate) start: Value,
    pub(crate) stop: Value,
    pub(crate) step: Value,
    /// The number of items, an int.
    pub(crate) length: Value,
}

impl Payload for Range {
    const KIND: Kind = Kind::Range;

    fn traverse(&self, _visit: &mut dyn FnMut(&Value)) {}
}

impl Range {
    /// Start, step and length, if all fit.
    #[inline]
    pub(crate) fn small(&self) -> Option<(i64, i64, i64)> {
        Some((
            self.start.as_small_int()?,
            self.step.as_small_int()?,
            self.length.as_small_int()?,
        ))
    }
}

impl Vm {
    /// A range whose length the caller has computed.
    pub(crate) fn new_range(&self, start: Value, stop: Value, step: Value, length: Value) -> Value {
        Value::from(Ref::new(
            &self.types.range,
            Range {
                start,
                stop,
                step,
                length,
            },
        ))
    }
}
