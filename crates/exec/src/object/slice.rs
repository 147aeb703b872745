//! slice: the object, and how a slice picks items from a sequence. The methods are in `object/slice_methods.rs`.

use crate::error::PyResult;
use crate::object::header::{Kind, Payload, Ref};
use crate::value::Value;
use crate::vm::Vm;

/// A slice's payload.
pub struct Slice {
    pub(crate) start: Value,
    pub(crate) stop: Value,
    pub(crate) step: Value,
}

impl Slice {
    /// Start, stop and step.
    #[must_use]
    pub fn parts(&self) -> [&Value; 3] {
        [&self.start, &self.stop, &self.step]
    }
}

impl Payload for Slice {
    const KIND: Kind = Kind::Slice;

    fn traverse(&self, visit: &mut dyn FnMut(&Value)) {
        visit(&self.start);
        visit(&self.stop);
        visit(&self.step);
    }
}

/// What a slice picks from a sequence of a certain length: `len` items from `start` on, `step` apart.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Indices {
    /// The first index; for an empty pick, where an insertion would go.
    pub start: i64,
    /// Where the slice stops, as `slice.indices` gives it.
    pub stop: i64,
    /// The distance, never zero.
    pub step: i64,
    /// The number of items.
    pub len: usize,
}

impl Indices {
    /// The indices, in order.
    pub fn iter(self) -> impl ExactSizeIterator<Item = usize> + DoubleEndedIterator {
        (0..self.len).map(move |i| (self.start + i as i64 * self.step) as usize)
    }

    /// The items picked from a sequence of the length that the indices were made for.
    #[inline]
    pub(crate) fn pick(self, items: &[Value]) -> Vec<Value> {
        if self.step == 1 {
            let at = self.start as usize;
            return items[at..at + self.len].to_vec();
        }
        if self.step == -1 && self.len > 0 {
            let end = self.start as usize + 1;
            return items[end - self.len..end].iter().rev().cloned().collect();
        }
        self.iter().map(|at| items[at].clone()).collect()
    }

    /// Cuts start and stop to a sequence of `length` items; as CPython's `PySlice_AdjustIndices`.
    #[inline]
    pub fn adjust(length: usize, start: Option<i64>, stop: Option<i64>, step: i64) -> Indices {
        let length = length as i64;
        let (low, high) = if step < 0 {
            (-1, length - 1)
        } else {
            (0, length)
        };
        let cut = |index: i64| {
            (if index < 0 {
                index.saturating_add(length)
            } else {
                index
            })
            .clamp(low, high)
        };
        let start = start.map_or(if step < 0 { high } else { low }, cut);
        let stop = stop.map_or(if step < 0 { low } else { high }, cut);
        let len = if step == 1 {
            // The commonest steps need no division.
            (stop - start).max(0)
        } else if step == -1 {
            (start - stop).max(0)
        } else if step < 0 {
            if stop < start {
                (start - stop - 1) / step.saturating_neg() + 1
            } else {
                0
            }
        } else if start < stop {
            (stop - start - 1) / step + 1
        } else {
            0
        };
        Indices {
            start,
            stop,
            step,
            len: len as usize,
        }
    }
}

impl Vm {
    /// A slice.
    pub fn new_slice(&self, start: Value, stop: Value, step: Value) -> Value {
        Value::from(Ref::new(&self.types.slice, Slice { start, stop, step }))
    }

    /// A slice's start, stop and step, cut to the range; `None` where the slice says nothing.
    pub fn unpack_slice(&mut self, slice: &Slice) -> PyResult<(Option<i64>, Option<i64>, i64)> {
        let step = match slice.step.is_none() {
            true => 1,
            false => self.slice_index(&slice.step)?.max(-i64::MAX),
        };
        if step == 0 {
            return Err(self.value_error("slice step cannot be zero"));
        }
        let start = if slice.start.is_none() {
            None
        } else {
            Some(self.slice_index(&slice.start)?)
        };
        let stop = if slice.stop.is_none() {
            None
        } else {
            Some(self.slice_index(&slice.stop)?)
        };
        Ok((start, stop, step))
    }

    /// What a slice picks from a sequence of `length` items.
    pub fn slice_indices(&mut self, slice: &Slice, length: usize) -> PyResult<Indices> {
        let (start, stop, step) = self.unpack_slice(slice)?;
        Ok(Indices::adjust(length, start, stop, step))
    }

    /// An optional bound of `index()` methods: like a slice's, but `None` is no int here.
    pub fn slice_bound(&mut self, part: &Value) -> PyResult<i64> {
        if !part.is_none() && crate::object::sequence::is_index(self, part) {
            return self.index_clamped(part);
        }
        Err(self.type_error("slice indices must be integers or have an __index__ method"))
    }

    /// One part of a slice as an int, cut to the range.
    pub(crate) fn slice_index(&mut self, part: &Value) -> PyResult<i64> {
        if let Some(n) = part.as_small_int() {
            return Ok(n);
        }
        if part.as_int().is_none()
            && self
                .type_of(part)
                .slots
                .unary(crate::object::slots::UnaryOp::Index)
                .is_none()
        {
            return Err(self
                .type_error("slice indices must be integers or None or have an __index__ method"));
        }
        self.index_clamped(part)
    }
}
