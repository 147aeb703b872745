//! [`Constant`]: what `co_consts` holds.
//!
//! Invariants: constants are immutable and shared, so that cloning is cheap; they never contain themselves.
//! Comparing and hashing do not recurse, and take linear time however often the parts are shared.

use alloc::collections::BTreeSet;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::hash::{Hash, Hasher};

use pyco_marshal::{Bytes, Int, Str};

use crate::code_object::CodeObject;

/// A constant of a code object.
///
/// Equality is that of CPython's code objects: it knows types (`1`, `1.0` and `True` all differ) and the sign of
/// zero, and a NaN equals nothing.
///
/// ```
/// use pyco_code::Constant;
///
/// assert_eq!(Constant::from(1), Constant::from(1));
/// assert_ne!(Constant::from(1), Constant::Float(1.0));
/// assert_ne!(Constant::Float(0.0), Constant::Float(-0.0));
/// ```
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub enum Constant {
    /// `None`.
    #[default]
    None,
    /// `...`.
    Ellipsis,
    /// The class `StopIteration`; marshal can write it, the compiler never does.
    StopIteration,
    /// `False` or `True`.
    Bool(bool),
    /// An int; a Python 2 `int` or `long`.
    Int(Int),
    /// A float.
    Float(f64),
    /// A complex number: real and imaginary part.
    Complex(f64, f64),
    /// A str; a Python 2 `unicode`.
    Str(Str),
    /// Bytes; a Python 2 `str`.
    Bytes(Bytes),
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
            Constant::Int(_) => "int",
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

    /// The text, if the constant is a str without surrogates.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Constant::Str(text) => text.as_str(),
            _ => None,
        }
    }
}

impl From<i64> for Constant {
    fn from(number: i64) -> Self {
        Constant::Int(number.into())
    }
}

impl From<&str> for Constant {
    fn from(text: &str) -> Self {
        Constant::Str(text.into())
    }
}

impl From<CodeObject> for Constant {
    fn from(code: CodeObject) -> Self {
        Constant::Code(code)
    }
}

impl PartialEq for Constant {
    fn eq(&self, other: &Self) -> bool {
        Comparison::default().equal(self, other)
    }
}

/// A comparison in progress: what is still to be compared, and which pairs of containers were found.
#[derive(Default)]
pub(crate) struct Comparison<'a> {
    pending: Vec<(&'a Constant, &'a Constant)>,
    seen: BTreeSet<(usize, usize)>,
}

impl<'a> Comparison<'a> {
    /// Whether two constants are equal; two code objects, with `code_equal`'s help.
    fn equal(mut self, a: &'a Constant, b: &'a Constant) -> bool {
        self.pending.push((a, b));
        self.run()
    }

    /// Whether all pending pairs are equal.
    pub(crate) fn run(&mut self) -> bool {
        while let Some((a, b)) = self.pending.pop() {
            if !self.step(a, b) {
                return false;
            }
        }
        true
    }

    /// Adds the pairs of two lists; false if they differ in length.
    pub(crate) fn add_all(&mut self, a: &'a [Constant], b: &'a [Constant]) -> bool {
        self.pending.extend(a.iter().zip(b));
        a.len() == b.len()
    }

    /// Whether a pair was met for the first time: if not, it is compared already, or will be.
    fn is_new<T: ?Sized>(&mut self, a: &Arc<T>, b: &Arc<T>) -> bool {
        let address = |arc: &Arc<T>| Arc::as_ptr(arc).cast::<u8>() as usize;
        self.seen.insert((address(a), address(b)))
    }

    fn step(&mut self, a: &'a Constant, b: &'a Constant) -> bool {
        use Constant as C;
        match (a, b) {
            (C::None, C::None) | (C::Ellipsis, C::Ellipsis) => true,
            (C::StopIteration, C::StopIteration) => true,
            (C::Bool(a), C::Bool(b)) => a == b,
            (C::Int(a), C::Int(b)) => a == b,
            (C::Float(a), C::Float(b)) => same_float(*a, *b),
            (C::Complex(a, b), C::Complex(c, d)) => same_float(*a, *c) && same_float(*b, *d),
            (C::Str(a), C::Str(b)) => a == b,
            (C::Bytes(a), C::Bytes(b)) => a == b,
            (C::Tuple(a), C::Tuple(b)) | (C::List(a), C::List(b)) => {
                Arc::ptr_eq(a, b) || !self.is_new(a, b) || self.add_all(a, b)
            }
            (C::FrozenSet(a), C::FrozenSet(b)) | (C::Set(a), C::Set(b)) => {
                Arc::ptr_eq(a, b) || !self.is_new(a, b) || same_members(a, b)
            }
            (C::Slice(a), C::Slice(b)) => {
                Arc::ptr_eq(a, b) || !self.is_new(a, b) || self.add_all(&**a, &**b)
            }
            (C::Code(a), C::Code(b)) => {
                a.is(b) || !self.seen.insert((a.id(), b.id())) || a.compare(b, self)
            }
            (C::Dict(a), C::Dict(b)) | (C::FrozenDict(a), C::FrozenDict(b)) => {
                if !Arc::ptr_eq(a, b) && self.is_new(a, b) {
                    for ((key, value), (other_key, other_value)) in a.iter().zip(b.iter()) {
                        self.pending.push((key, other_key));
                        self.pending.push((value, other_value));
                    }
                }
                a.len() == b.len()
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
    // The compiler writes sets of plain constants and of tuples of them, in an order that may vary.
    let flat = |set: &[Constant]| {
        let mut keys = set.iter().map(member_key).collect::<Vec<_>>();
        keys.sort();
        keys
    };
    a.len() == b.len() && flat(a) == flat(b)
}

/// A text that two members of a set share if and only if they are equal, by type and value.
fn member_key(member: &Constant) -> alloc::string::String {
    alloc::format!(
        "{} {}",
        member.type_name(),
        crate::repr::Repr::new(member, crate::Version::V3_15)
    )
}

impl Hash for Constant {
    /// Hashes what lies on the surface: equal constants have equal hashes, and it takes no recursion.
    fn hash<H: Hasher>(&self, state: &mut H) {
        core::mem::discriminant(self).hash(state);
        match self {
            Constant::None | Constant::Ellipsis | Constant::StopIteration => {}
            Constant::Bool(value) => value.hash(state),
            Constant::Int(value) => value.hash(state),
            Constant::Float(value) => value.to_bits().hash(state),
            Constant::Complex(real, imaginary) => (real.to_bits(), imaginary.to_bits()).hash(state),
            Constant::Str(value) => value.hash(state),
            Constant::Bytes(value) => value.hash(state),
            Constant::Tuple(items) | Constant::List(items) => {
                items.len().hash(state);
                items.iter().for_each(|item| item.hash_leaf(state));
            }
            Constant::FrozenSet(items) | Constant::Set(items) => items.len().hash(state),
            Constant::Slice(parts) => parts.iter().for_each(|part| part.hash_leaf(state)),
            Constant::Code(code) => code.name().hash(state),
            Constant::Dict(items) | Constant::FrozenDict(items) => items.len().hash(state),
        }
    }
}

impl Constant {
    /// Hashes a constant that has no parts; of another, its kind.
    fn hash_leaf<H: Hasher>(&self, state: &mut H) {
        match self {
            Constant::Tuple(_) | Constant::List(_) | Constant::Slice(_) => {
                self.type_name().hash(state)
            }
            _ => self.hash(state),
        }
    }
}
