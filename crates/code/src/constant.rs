//! [`Constant`]: what `co_consts` holds.
//!
//! Invariants: constants are immutable and shared, so that cloning is cheap; they never contain
//! themselves; they are nested no deeper than marshal's limit allowed, so that recursion over them is safe.

use alloc::sync::Arc;
use core::hash::{Hash, Hasher};

use crate::bigint::BigInt;
use crate::code_object::CodeObject;
use crate::text::Str;

/// A constant of a code object.
///
/// Equality is that of CPython's code objects: it knows types (`1`, `1.0` and `True` all differ) and the sign of
/// zero, and a NaN equals nothing.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Constant {
    /// `None`.
    None,
    /// `...`.
    Ellipsis,
    /// The class `StopIteration`; marshal can write it, the compiler never does.
    StopIteration,
    /// `False` or `True`.
    Bool(bool),
    /// An int that fits; a Python 2 `int`.
    Int(i64),
    /// An int that does not fit 64 bits; a Python 2 `long` of any size.
    BigInt(Arc<BigInt>),
    /// A float.
    Float(f64),
    /// A complex number: real and imaginary part.
    Complex(f64, f64),
    /// A str; a Python 2 `unicode`.
    Str(Str),
    /// Bytes; a Python 2 `str`.
    Bytes(Arc<[u8]>),
    /// A tuple.
    Tuple(Arc<[Constant]>),
    /// A frozenset, in the order of the file.
    FrozenSet(Arc<[Constant]>),
    /// A slice: start, stop and step (3.14 on).
    Slice(Arc<[Constant; 3]>),
    /// A code object.
    Code(CodeObject),
    /// A list; marshal can write it, the compiler never does.
    List(Arc<[Constant]>),
    /// A set; marshal can write it, the compiler never does.
    Set(Arc<[Constant]>),
    /// A dict; marshal can write it, the compiler never does.
    Dict(Arc<[(Constant, Constant)]>),
    /// A frozendict (3.15); marshal can write it, the compiler never does.
    FrozenDict(Arc<[(Constant, Constant)]>),
}

impl Constant {
    /// Python's name for the type.
    #[must_use]
    pub const fn type_name(&self) -> &'static str {
        match self {
            Constant::None => "NoneType",
            Constant::Ellipsis => "ellipsis",
            Constant::StopIteration => "type",
            Constant::Bool(_) => "bool",
            Constant::Int(_) | Constant::BigInt(_) => "int",
            Constant::Float(_) => "float",
            Constant::Complex(..) => "complex",
            Constant::Str(_) => "str",
            Constant::Bytes(_) => "bytes",
            Constant::Tuple(_) => "tuple",
            Constant::FrozenSet(_) => "frozenset",
            Constant::Slice(_) => "slice",
            Constant::Code(_) => "code",
            Constant::List(_) => "list",
            Constant::Set(_) => "set",
            Constant::Dict(_) => "dict",
            Constant::FrozenDict(_) => "frozendict",
        }
    }

    /// The code object, if the constant is one.
    #[must_use]
    pub const fn as_code(&self) -> Option<&CodeObject> {
        match self {
            Constant::Code(code) => Some(code),
            _ => None,
        }
    }
}

impl PartialEq for Constant {
    fn eq(&self, other: &Self) -> bool {
        use Constant as C;
        match (self, other) {
            (C::None, C::None) | (C::Ellipsis, C::Ellipsis) | (C::StopIteration, C::StopIteration) => true,
            (C::Bool(a), C::Bool(b)) => a == b,
            (C::Int(a), C::Int(b)) => a == b,
            (C::BigInt(a), C::BigInt(b)) => a == b,
            (C::Float(a), C::Float(b)) => same_float(*a, *b),
            (C::Complex(a, b), C::Complex(c, d)) => same_float(*a, *c) && same_float(*b, *d),
            (C::Str(a), C::Str(b)) => a == b,
            (C::Bytes(a), C::Bytes(b)) => a == b,
            (C::Tuple(a), C::Tuple(b)) | (C::List(a), C::List(b)) => Arc::ptr_eq(a, b) || a == b,
            (C::FrozenSet(a), C::FrozenSet(b)) | (C::Set(a), C::Set(b)) => {
                Arc::ptr_eq(a, b) || same_members(a, b)
            }
            (C::Slice(a), C::Slice(b)) => a == b,
            (C::Code(a), C::Code(b)) => a == b,
            (C::Dict(a), C::Dict(b)) | (C::FrozenDict(a), C::FrozenDict(b)) => {
                Arc::ptr_eq(a, b) || a == b
            }
            _ => false,
        }
    }
}

/// Equal, zeros of one sign only; a NaN is equal to none.
fn same_float(a: f64, b: f64) -> bool {
    a == b && a.to_bits() == b.to_bits()
}

/// Whether two sets, given as lists without repetition, have the same members.
fn same_members(a: &[Constant], b: &[Constant]) -> bool {
    // In the common case both come from one compiler and so in one order.
    a.len() == b.len() && (a == b || a.iter().all(|member| b.contains(member)))
}

impl Hash for Constant {
    fn hash<H: Hasher>(&self, state: &mut H) {
        core::mem::discriminant(self).hash(state);
        match self {
            Constant::None | Constant::Ellipsis | Constant::StopIteration => {}
            Constant::Bool(value) => value.hash(state),
            Constant::Int(value) => value.hash(state),
            Constant::BigInt(value) => value.hash(state),
            Constant::Float(value) => value.to_bits().hash(state),
            Constant::Complex(real, imaginary) => (real.to_bits(), imaginary.to_bits()).hash(state),
            Constant::Str(value) => value.hash(state),
            Constant::Bytes(value) => value.hash(state),
            Constant::Tuple(items) | Constant::List(items) => items.hash(state),
            // The order of a set is not part of its value.
            Constant::FrozenSet(items) | Constant::Set(items) => items.len().hash(state),
            Constant::Slice(parts) => parts.hash(state),
            Constant::Code(code) => code.hash(state),
            Constant::Dict(items) | Constant::FrozenDict(items) => items.len().hash(state),
        }
    }
}
