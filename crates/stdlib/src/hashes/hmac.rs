//! `_hmac`, of 3.14 and later: keyed hashes after RFC 2104.

use std::cell::RefCell;

use pyco_exec::object::buffer::data;
use pyco_exec::object::header::{Payload, Ref};
use pyco_exec::object::module::Module;
use pyco_exec::object::native::{GetSetDef, NativeDef};
use pyco_exec::object::native_class::ClassDef;
use pyco_exec::object::sequence::receiver;
use pyco_exec::object::slots::UnaryOp;
use pyco_exec::object::str_::Str;
use pyco_exec::{Params, PyResult, Raised, Value, Vm};

use super::algorithm::{Algorithm, State};
use super::fixed::add_gil_min_size;
use super::object::{hashable, hex_str};
use crate::errors::{ErrorDef, error, error_class};

/// Makes the module.
pub(crate) fn make(vm: &mut Vm) -> PyResult<Ref<Module>> {
    let module = vm.new_module("_hmac");
    vm.add_functions(&module, FUNCTIONS);
    vm.add_class(&module, &HMAC);
    let class = error_class(vm, &UNKNOWN_HASH)?;
    vm.set_global(module.dict(), "UnknownHashError", class);
    add_gil_min_size(vm, &module);
    Ok(module)
}

static UNKNOWN_HASH: ErrorDef = ErrorDef {
    name: "_hmac.UnknownHashError",
    base: |vm| vm.types.value_error.clone(),
};

/// The inner hash and the outer one, each after its key block.
#[derive(Clone)]
struct Keyed {
    inner: State,
    outer: State,
}

impl Keyed {
    fn new(algorithm: Algorithm, key: &[u8]) -> Keyed {
        let mut block = vec![0; algorithm.block_size()];
        if key.len() > block.len() {
            let mut hash = State::new(algorithm);
            hash.update(key);
            let digest = hash.digest(0);
            block[..digest.len()].copy_from_slice(&digest);
        } else {
            block[..key.len()].copy_from_slice(key);
        }
        let start = |pad: u8| {
            let mut state = State::new(algorithm);
            state.update(&block.iter().map(|byte| byte ^ pad).collect::<Vec<_>>());
            state
        };
        Keyed {
            inner: start(0x36),
            outer: start(0x5C),
        }
    }

    fn digest(&self) -> Vec<u8> {
        let mut outer = self.outer.clone();
        outer.update(&self.inner.digest(0));
        outer.digest(0)
    }
}

/// The payload. No Python code runs while the state is borrowed.
struct Hmac {
    algorithm: Algorithm,
    keyed: RefCell<Keyed>,
}

impl Payload for Hmac {
    fn traverse(&self, _visit: &mut dyn FnMut(&Value)) {}
}

static HMAC: ClassDef = ClassDef::new::<Hmac>("_hmac.HMAC", |slots, _| {
    slots.set_unary(UnaryOp::Repr, repr);
})
.no_instances()
.methods(METHODS)
.attributes(ATTRIBUTES);

static UPDATE: Params = Params::new(&["msg"], 1);

static METHODS: &[NativeDef] = &[
    NativeDef::any("copy", |vm, this, args| {
        if !args.all_values().is_empty() {
            return Err(vm.type_error("copy() takes no arguments"));
        }
        let hmac = receiver::<Hmac>(vm, this)?;
        let copy = Hmac {
            algorithm: hmac.algorithm,
            keyed: hmac.keyed.clone(),
        };
        let class = vm.class(&HMAC);
        Ok(Value::from(Ref::new(&class, copy)))
    })
    .signature("($self, /)"),
    NativeDef::bound("update", &UPDATE, |vm, this, arguments| {
        let hmac = receiver::<Hmac>(vm, this)?;
        let message = hashable(vm, arguments.get(0).unwrap_or(&Value::NONE))?;
        hmac.keyed.borrow_mut().inner.update(data(vm, &message));
        Ok(Value::NONE)
    })
    .signature("($self, /, msg)"),
    NativeDef::no_args("digest", |vm, this| {
        let digest = receiver::<Hmac>(vm, this)?.keyed.borrow().digest();
        Ok(vm.new_bytes(digest))
    })
    .signature("($self, /)"),
    NativeDef::no_args("hexdigest", |vm, this| {
        let digest = receiver::<Hmac>(vm, this)?.keyed.borrow().digest();
        Ok(hex_str(vm, &digest))
    })
    .signature("($self, /)"),
];

static ATTRIBUTES: &[GetSetDef] = &[
    GetSetDef::get("name", |vm, this| {
        let name = receiver::<Hmac>(vm, this)?.algorithm.name();
        Ok(vm.new_str(&format!("hmac-{name}")))
    }),
    GetSetDef::get("block_size", |vm, this| {
        let size = receiver::<Hmac>(vm, this)?.algorithm.block_size();
        Ok(vm.int(size as i64))
    }),
    GetSetDef::get("digest_size", |vm, this| {
        let size = receiver::<Hmac>(vm, this)?.algorithm.digest_size();
        Ok(vm.int(size as i64))
    }),
];

fn repr(vm: &mut Vm, this: &Value) -> PyResult {
    let name = receiver::<Hmac>(vm, this)?.algorithm.name();
    let text = format!("<{name} HMAC object @ {:#x}>", this.id());
    Ok(vm.new_str(&text))
}

/// The algorithms by the names that a digest goes by; upper and lower case are alike.
const NAMES: &[(&str, Algorithm)] = &[
    ("md5", Algorithm::Md5),
    ("sha1", Algorithm::Sha1),
    ("sha224", Algorithm::Sha224),
    ("sha256", Algorithm::Sha256),
    ("sha384", Algorithm::Sha384),
    ("sha512", Algorithm::Sha512),
    ("sha2_224", Algorithm::Sha224),
    ("sha2_256", Algorithm::Sha256),
    ("sha2_384", Algorithm::Sha384),
    ("sha2_512", Algorithm::Sha512),
    ("sha3_224", Algorithm::Sha3_224),
    ("sha3_256", Algorithm::Sha3_256),
    ("sha3_384", Algorithm::Sha3_384),
    ("sha3_512", Algorithm::Sha3_512),
    ("blake2s", Algorithm::Blake2s),
    ("blake2s_32", Algorithm::Blake2s),
    ("blake2b", Algorithm::Blake2b),
    ("blake2b_32", Algorithm::Blake2b),
];

/// The algorithm that a `digestmod` names.
fn algorithm_of(vm: &mut Vm, digest: &Value) -> PyResult<Algorithm> {
    let found = digest.downcast::<Str>().and_then(|name| {
        let name = name.as_ascii()?;
        NAMES.iter().find(|(n, _)| n.eq_ignore_ascii_case(name))
    });
    match found {
        Some((_, algorithm)) => Ok(*algorithm),
        None => Err(unknown(vm, digest)),
    }
}

#[cold]
fn unknown(vm: &mut Vm, digest: &Value) -> Raised {
    let message = match vm.version_number() {
        ..15 => vm
            .repr_text(digest)
            .map(|digest| format!("unsupported hash type: {digest}")),
        _ => vm
            .str_text(digest)
            .map(|digest| format!("unsupported hash algorithm {digest}")),
    };
    match message {
        Ok(message) => error(vm, &UNKNOWN_HASH, &message),
        Err(raised) => raised,
    }
}

fn key_state(vm: &mut Vm, algorithm: Algorithm, key: &Value) -> PyResult<Keyed> {
    let key = hashable(vm, key)?;
    Ok(Keyed::new(algorithm, data(vm, &key)))
}

static NEW: Params = Params::new(&["key", "msg", "digestmod"], 1);
static COMPUTE: Params = Params::new(&["key", "msg", "digest"], 3);
const KEY_AND_MESSAGE: &str = "($module, key, msg, /)";

/// The digest of one message.
fn compute(vm: &mut Vm, algorithm: Algorithm, key: &Value, message: &Value) -> PyResult {
    let mut keyed = key_state(vm, algorithm, key)?;
    let message = hashable(vm, message)?;
    keyed.inner.update(data(vm, &message));
    let digest = keyed.digest();
    Ok(vm.new_bytes(digest))
}

static FUNCTIONS: &[NativeDef] = &[
    NativeDef::bound("new", &NEW, |vm, _, arguments| {
        let none = Value::NONE;
        let key = arguments.get(0).unwrap_or(&none);
        let Some(digest) = arguments.get(2) else {
            return Err(vm.type_error("new() missing 1 required argument 'digestmod'"));
        };
        let algorithm = algorithm_of(vm, digest)?;
        let mut keyed = key_state(vm, algorithm, key)?;
        if let Some(message) = arguments.not_none(1) {
            let message = hashable(vm, message)?;
            keyed.inner.update(data(vm, &message));
        }
        let keyed = RefCell::new(keyed);
        let class = vm.class(&HMAC);
        Ok(Value::from(Ref::new(&class, Hmac { algorithm, keyed })))
    })
    .signature("($module, /, key, msg=None, digestmod=None)"),
    NativeDef::bound("compute_digest", &COMPUTE, |vm, _, arguments| {
        let none = Value::NONE;
        let algorithm = algorithm_of(vm, arguments.get(2).unwrap_or(&none))?;
        let key = arguments.get(0).unwrap_or(&none);
        compute(vm, algorithm, key, arguments.get(1).unwrap_or(&none))
    })
    .signature("($module, /, key, msg, digest)"),
    NativeDef::range("compute_md5", 2, 2, |vm, _, a| {
        compute(vm, Algorithm::Md5, &a[0], &a[1])
    })
    .signature(KEY_AND_MESSAGE),
    NativeDef::range("compute_sha1", 2, 2, |vm, _, a| {
        compute(vm, Algorithm::Sha1, &a[0], &a[1])
    })
    .signature(KEY_AND_MESSAGE),
    NativeDef::range("compute_sha224", 2, 2, |vm, _, a| {
        compute(vm, Algorithm::Sha224, &a[0], &a[1])
    })
    .signature(KEY_AND_MESSAGE),
    NativeDef::range("compute_sha256", 2, 2, |vm, _, a| {
        compute(vm, Algorithm::Sha256, &a[0], &a[1])
    })
    .signature(KEY_AND_MESSAGE),
    NativeDef::range("compute_sha384", 2, 2, |vm, _, a| {
        compute(vm, Algorithm::Sha384, &a[0], &a[1])
    })
    .signature(KEY_AND_MESSAGE),
    NativeDef::range("compute_sha512", 2, 2, |vm, _, a| {
        compute(vm, Algorithm::Sha512, &a[0], &a[1])
    })
    .signature(KEY_AND_MESSAGE),
    NativeDef::range("compute_sha3_224", 2, 2, |vm, _, a| {
        compute(vm, Algorithm::Sha3_224, &a[0], &a[1])
    })
    .signature(KEY_AND_MESSAGE),
    NativeDef::range("compute_sha3_256", 2, 2, |vm, _, a| {
        compute(vm, Algorithm::Sha3_256, &a[0], &a[1])
    })
    .signature(KEY_AND_MESSAGE),
    NativeDef::range("compute_sha3_384", 2, 2, |vm, _, a| {
        compute(vm, Algorithm::Sha3_384, &a[0], &a[1])
    })
    .signature(KEY_AND_MESSAGE),
    NativeDef::range("compute_sha3_512", 2, 2, |vm, _, a| {
        compute(vm, Algorithm::Sha3_512, &a[0], &a[1])
    })
    .signature(KEY_AND_MESSAGE),
    NativeDef::range("compute_blake2s_32", 2, 2, |vm, _, a| {
        compute(vm, Algorithm::Blake2s, &a[0], &a[1])
    })
    .signature(KEY_AND_MESSAGE),
    NativeDef::range("compute_blake2b_32", 2, 2, |vm, _, a| {
        compute(vm, Algorithm::Blake2b, &a[0], &a[1])
    })
    .signature(KEY_AND_MESSAGE),
];
