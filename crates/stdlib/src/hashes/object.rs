//! Hash objects: an algorithm at work, and the methods that those of every module share.

use std::cell::RefCell;

use pyco_exec::object::buffer::{bytes_like, data};
use pyco_exec::object::header::{Payload, Ref};
use pyco_exec::object::native::{GetSetDef, NativeDef};
use pyco_exec::object::sequence::receiver;
use pyco_exec::object::str_::Str;
use pyco_exec::object::type_::Type;
use pyco_exec::text::hex;
use pyco_exec::{PyResult, Value, Vm};

use super::algorithm::{Algorithm, State};

/// The payload. No Python code runs while the state is borrowed.
pub(super) struct Hash {
    pub(super) algorithm: Algorithm,
    pub(super) digest_size: usize,
    state: RefCell<State>,
}

impl Payload for Hash {
    fn traverse(&self, _visit: &mut dyn FnMut(&Value)) {}
}

impl Hash {
    pub(super) fn new(algorithm: Algorithm, digest_size: usize, state: State) -> Hash {
        Hash {
            algorithm,
            digest_size,
            state: RefCell::new(state),
        }
    }

    /// The digest, of so many bytes where the algorithm does not fix their number.
    pub(super) fn digest(&self, len: usize) -> Vec<u8> {
        self.state.borrow().digest(len)
    }
}

/// What is to be hashed: something bytes-like.
pub(super) fn hashable(vm: &mut Vm, value: &Value) -> PyResult {
    if value.downcast::<Str>().is_some() {
        return Err(vm.type_error("Strings must be encoded before hashing"));
    }
    match bytes_like(vm, value)? {
        Some(bytes) => Ok(bytes),
        None => Err(vm.type_error("object supporting the buffer API required")),
    }
}

/// The first input of a hash object: `data`, or `string` under its old name.
pub(super) fn first_input<'a>(
    vm: &mut Vm,
    data: Option<&'a Value>,
    string: Option<&'a Value>,
) -> PyResult<Option<&'a Value>> {
    match (data, string) {
        (Some(_), Some(_)) => Err(vm.type_error(
            "'data' and 'string' are mutually exclusive and support for 'string' keyword parameter is slated for \
             removal in a future version.",
        )),
        (None, Some(_)) if vm.version_number() >= 15 => {
            vm.warn(
                "DeprecationWarning",
                "the 'string' keyword parameter is deprecated since Python 3.15 and slated for removal in Python 3.19; \
                 use the 'data' keyword parameter or pass the data to hash as a positional argument instead",
            )?;
            Ok(string)
        }
        _ => Ok(data.or(string)),
    }
}

/// A new hash object of `class`.
pub(super) fn open(vm: &mut Vm, class: &Ref<Type>, hash: Hash, input: Option<&Value>) -> PyResult {
    if let Some(input) = input {
        let input = hashable(vm, input)?;
        hash.state.borrow_mut().update(data(vm, &input));
    }
    Ok(Value::from(Ref::new(class, hash)))
}

fn update(vm: &mut Vm, this: &Value, input: &Value) -> PyResult {
    let hash = receiver::<Hash>(vm, this)?;
    let input = hashable(vm, input)?;
    hash.state.borrow_mut().update(data(vm, &input));
    Ok(Value::NONE)
}

fn copy(vm: &mut Vm, this: &Value) -> PyResult {
    let hash = receiver::<Hash>(vm, this)?;
    let state = hash.state.borrow().clone();
    let copy = Hash::new(hash.algorithm, hash.digest_size, state);
    let class = vm.type_of(this).clone();
    Ok(Value::from(Ref::new(&class, copy)))
}

fn digest(vm: &mut Vm, this: &Value) -> PyResult {
    let digest = receiver::<Hash>(vm, this)?.digest(0);
    Ok(vm.new_bytes(digest))
}

fn hex_digest(vm: &mut Vm, this: &Value) -> PyResult {
    let digest = receiver::<Hash>(vm, this)?.digest(0);
    Ok(hex_str(vm, &digest))
}

/// A digest in hexadecimal digits.
pub(super) fn hex_str(vm: &mut Vm, digest: &[u8]) -> Value {
    let digits = hex(digest, None, 0, usize::MAX).unwrap_or_default();
    vm.new_str(&String::from_utf8_lossy(&digits))
}

/// `copy`, where CPython counts the arguments before it looks for the class; up to 3.12 it does not look at those by name.
pub(super) const COPY: NativeDef = NativeDef::any("copy", |vm, this, args| {
    let has_none = match vm.version_number() {
        ..13 => args.positional().is_empty(),
        _ => args.all_values().is_empty(),
    };
    if has_none {
        return copy(vm, this);
    }
    Err(vm.type_error("copy() takes no arguments"))
})
.signature("($self, /)");

/// `copy`, where it is a method like any other.
pub(super) const PLAIN_COPY: NativeDef = NativeDef::no_args("copy", copy).signature("($self, /)");

pub(super) const DIGEST: NativeDef = NativeDef::no_args("digest", digest).signature("($self, /)");

pub(super) const HEX_DIGEST: NativeDef =
    NativeDef::no_args("hexdigest", hex_digest).signature("($self, /)");

pub(super) const UPDATE: NativeDef = NativeDef::one("update", update);

pub(super) const NAME: GetSetDef = GetSetDef::get("name", |vm, this| {
    let name = receiver::<Hash>(vm, this)?.algorithm.name();
    Ok(vm.new_str(name))
});

pub(super) const BLOCK_SIZE: GetSetDef = GetSetDef::get("block_size", |vm, this| {
    let size = receiver::<Hash>(vm, this)?.algorithm.block_size();
    Ok(vm.int(size as i64))
});

pub(super) const DIGEST_SIZE: GetSetDef = GetSetDef::get("digest_size", |vm, this| {
    let size = receiver::<Hash>(vm, this)?.digest_size;
    Ok(vm.int(size as i64))
});
