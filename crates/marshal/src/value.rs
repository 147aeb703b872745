//! `Value`: an owned, shared Python object as marshal can express it.
//!
//! Immutable and `Send + Sync`; cloning is cheap. What the file shares, the values share: a back
//! reference gives the same `Arc`. Lists, dicts and sets are plain data here, nothing changes them.

use alloc::sync::Arc;

use crate::{Bytes, Int, Items, Pairs, RawCode, Slice, Str};

/// A Python object.
///
/// Equality is by type and content: `1`, `1.0` and `True` differ, floats compare by their bits,
/// sets and dicts by their order in the file. Dropping, comparing and printing never recurse
/// deeper than a fixed bound, and take linear time even if the same object recurs many times.
///
/// ```
/// use pyco_marshal::Value;
/// let value = Value::from_marshal(b"\xa9\x02\xda\x01xr\x01\x00\x00\x00")?;
/// let Value::Tuple(items) = &value else { unreachable!() };
/// assert_eq!(items[0].as_str(), Some("x"));
/// assert!(items[0].is_same(&items[1]));
/// # Ok::<(), pyco_marshal::Error>(())
/// ```
#[derive(Clone, Default)]
#[non_exhaustive]
pub enum Value {
    /// `None`.
    #[default]
    None,
    /// The class `StopIteration`.
    StopIteration,
    /// `Ellipsis`.
    Ellipsis,
    /// `False` or `True`.
    Bool(bool),
    /// An int.
    Int(Int),
    /// A float.
    Float(f64),
    /// A complex: real and imaginary part.
    Complex(f64, f64),
    /// Bytes; a `str` of Python 2.
    Bytes(Bytes),
    /// A str.
    Str(Str),
    /// A tuple.
    Tuple(Items),
    /// A list.
    List(Items),
    /// A dict, in the order of the file.
    Dict(Pairs),
    /// A set, in the order of the file.
    Set(Items),
    /// A frozenset, in the order of the file.
    FrozenSet(Items),
    /// A frozendict (3.15), in the order of the file.
    FrozenDict(Pairs),
    /// A slice (3.14).
    Slice(Slice),
    /// A code object.
    Code(Arc<RawCode>),
}

impl Value {
    /// The text of a str without surrogates.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::Str(text) => text.as_str(),
            _ => None,
        }
    }

    /// The code object.
    #[must_use]
    pub fn as_code(&self) -> Option<&Arc<RawCode>> {
        match self {
            Self::Code(code) => Some(code),
            _ => None,
        }
    }

    /// The name of the type, as Python has it.
    #[must_use]
    pub fn type_name(&self) -> &'static str {
        match self {
            Self::None => "NoneType",
            Self::StopIteration => "type",
            Self::Ellipsis => "ellipsis",
            Self::Bool(_) => "bool",
            Self::Int(_) => "int",
            Self::Float(_) => "float",
            Self::Complex(..) => "complex",
            Self::Bytes(_) => "bytes",
            Self::Str(_) => "str",
            Self::Tuple(_) => "tuple",
            Self::List(_) => "list",
            Self::Dict(_) => "dict",
            Self::Set(_) => "set",
            Self::FrozenSet(_) => "frozenset",
            Self::FrozenDict(_) => "frozendict",
            Self::Slice(_) => "slice",
            Self::Code(_) => "code",
        }
    }

    /// Python's `is`, as far as it can be told: shared objects by identity, the others (numbers
    /// and singletons, which are held in place) by equality.
    #[must_use]
    pub fn is_same(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Bytes(a), Self::Bytes(b)) => a.ptr_eq(b),
            (Self::Str(a), Self::Str(b)) => a.ptr_eq(b),
            (Self::Tuple(a), Self::Tuple(b))
            | (Self::List(a), Self::List(b))
            | (Self::Set(a), Self::Set(b))
            | (Self::FrozenSet(a), Self::FrozenSet(b)) => a.ptr_eq(b),
            (Self::Dict(a), Self::Dict(b)) | (Self::FrozenDict(a), Self::FrozenDict(b)) => {
                a.ptr_eq(b)
            }
            (Self::Slice(a), Self::Slice(b)) => a.parts().ptr_eq(b.parts()),
            (Self::Code(a), Self::Code(b)) => Arc::ptr_eq(a, b),
            _ => crate::compare::leaves_equal(self, other),
        }
    }
}

impl From<i64> for Value {
    fn from(number: i64) -> Self {
        Self::Int(number.into())
    }
}

impl From<bool> for Value {
    fn from(truth: bool) -> Self {
        Self::Bool(truth)
    }
}

impl From<f64> for Value {
    fn from(number: f64) -> Self {
        Self::Float(number)
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Str(text.into())
    }
}

impl From<&[u8]> for Value {
    fn from(bytes: &[u8]) -> Self {
        Self::Bytes(bytes.into())
    }
}

impl From<Bytes> for Value {
    fn from(bytes: Bytes) -> Self {
        Self::Bytes(bytes)
    }
}

impl From<RawCode> for Value {
    fn from(code: RawCode) -> Self {
        Self::Code(Arc::new(code))
    }
}

impl PartialEq for Value {
    fn eq(&self, other: &Self) -> bool {
        crate::compare::values_equal(self, other)
    }
}

impl core::fmt::Debug for Value {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        crate::debug::debug_value(self, f)
    }
}
