//! `_sha3`: SHA-3 of four sizes, and the SHAKEs, whose digests are as long as one likes.

use pyco_exec::object::header::Ref;
use pyco_exec::object::module::Module;
use pyco_exec::object::native::{GetSetDef, NativeDef};
use pyco_exec::object::native_class::ClassDef;
use pyco_exec::object::sequence::receiver;
use pyco_exec::object::slots::Slots;
use pyco_exec::object::type_::Type;
use pyco_exec::{Args, Params, PyResult, Value, Vm};

use super::algorithm::{Algorithm, State};
use super::fixed::add_gil_min_size;
use super::object::{
    BLOCK_SIZE, COPY, DIGEST, DIGEST_SIZE, HEX_DIGEST, Hash, NAME, PLAIN_COPY, UPDATE, first_input,
    hex_str, open,
};

/// Makes the module.
pub(crate) fn make(vm: &mut Vm) -> PyResult<Ref<Module>> {
    let module = vm.new_module("_sha3");
    for class in [
        &SHA3_224, &SHA3_256, &SHA3_384, &SHA3_512, &SHAKE_128, &SHAKE_256,
    ] {
        vm.add_class(&module, class);
    }
    if vm.version_number() < 12 {
        let optimization = vm.int(0);
        vm.set_global(module.dict(), "keccakopt", optimization);
    }
    let implementation = match vm.version_number() {
        ..12 => "tiny_sha3",
        _ => "HACL",
    };
    let implementation = vm.new_str(implementation);
    vm.set_global(module.dict(), "implementation", implementation);
    add_gil_min_size(vm, &module);
    Ok(module)
}

const fn class(name: &'static str, slots: fn(&Slots, u8)) -> ClassDef {
    ClassDef::new::<Hash>(name, slots)
        .methods(METHODS)
        .attributes(ATTRIBUTES)
}

static SHA3_224: ClassDef = class("_sha3.sha3_224", |slots, _| {
    slots
        .new
        .set(Some(|vm, ty, args| new(vm, ty, args, Algorithm::Sha3_224)));
});
static SHA3_256: ClassDef = class("_sha3.sha3_256", |slots, _| {
    slots
        .new
        .set(Some(|vm, ty, args| new(vm, ty, args, Algorithm::Sha3_256)));
});
static SHA3_384: ClassDef = class("_sha3.sha3_384", |slots, _| {
    slots
        .new
        .set(Some(|vm, ty, args| new(vm, ty, args, Algorithm::Sha3_384)));
});
static SHA3_512: ClassDef = class("_sha3.sha3_512", |slots, _| {
    slots
        .new
        .set(Some(|vm, ty, args| new(vm, ty, args, Algorithm::Sha3_512)));
});
static SHAKE_128: ClassDef = class("_sha3.shake_128", |slots, _| {
    slots
        .new
        .set(Some(|vm, ty, args| new(vm, ty, args, Algorithm::Shake128)));
})
.methods(SHAKE_METHODS);
static SHAKE_256: ClassDef = class("_sha3.shake_256", |slots, _| {
    slots
        .new
        .set(Some(|vm, ty, args| new(vm, ty, args, Algorithm::Shake256)));
})
.methods(SHAKE_METHODS);

static OLD_PARAMS: Params = Params::new(&["data", "usedforsecurity"], 0)
    .positional_only(1)
    .keyword_only(1);
static PARAMS: Params = Params::new(&["data", "usedforsecurity", "string"], 0).keyword_only(2);

fn new(vm: &mut Vm, class: &Ref<Type>, args: Args<'_>, algorithm: Algorithm) -> PyResult {
    let params = match vm.version_number() {
        ..13 => &OLD_PARAMS,
        _ => &PARAMS,
    };
    // All six classes are made by one function, which goes by the name of the first.
    let arguments = args.bind(vm, "sha3_224", params)?;
    if let Some(used) = arguments.get(1) {
        vm.truth(used)?;
    }
    let input = first_input(vm, arguments.get(0), arguments.get(2))?;
    let hash = Hash::new(algorithm, algorithm.digest_size(), State::new(algorithm));
    open(vm, class, hash, input)
}

static METHODS: &[NativeDef] = &[
    PLAIN_COPY.until(14),
    COPY.since(15),
    DIGEST,
    HEX_DIGEST,
    UPDATE.signature("($self, data, /)"),
];

const OLD_LENGTH: &str = "($self, length, /)";
static LENGTH: Params = Params::new(&["length"], 1);

static SHAKE_METHODS: &[NativeDef] = &[
    PLAIN_COPY.until(14),
    COPY.since(15),
    NativeDef::one("digest", digest)
        .signature(OLD_LENGTH)
        .until(12),
    NativeDef::one("hexdigest", hex_digest)
        .signature(OLD_LENGTH)
        .until(12),
    NativeDef::bound("digest", &LENGTH, |vm, this, arguments| {
        digest(vm, this, arguments.get(0).unwrap_or(&Value::NONE))
    })
    .signature("($self, /, length)")
    .since(13),
    NativeDef::bound("hexdigest", &LENGTH, |vm, this, arguments| {
        hex_digest(vm, this, arguments.get(0).unwrap_or(&Value::NONE))
    })
    .signature("($self, /, length)")
    .since(13),
    UPDATE.signature("($self, data, /)"),
];

static ATTRIBUTES: &[GetSetDef] = &[
    BLOCK_SIZE,
    NAME,
    DIGEST_SIZE,
    GetSetDef::get("_capacity_bits", |vm, this| {
        let rate = rate_bits(vm, this)?;
        Ok(vm.int(1600 - rate))
    }),
    GetSetDef::get("_rate_bits", |vm, this| {
        let rate = rate_bits(vm, this)?;
        Ok(vm.int(rate))
    }),
    GetSetDef::get("_suffix", |vm, this| {
        let suffix = match receiver::<Hash>(vm, this)?.algorithm {
            Algorithm::Shake128 | Algorithm::Shake256 => 0x1F,
            _ => 0x06,
        };
        Ok(vm.new_bytes(vec![suffix]))
    }),
];

fn rate_bits(vm: &mut Vm, this: &Value) -> PyResult<i64> {
    Ok(receiver::<Hash>(vm, this)?.algorithm.block_size() as i64 * 8)
}

/// From this length on a digest is refused.
const TOO_LONG: u64 = 1 << 29;

/// The digest of so many bytes, `each` times as many in what is made of it.
fn squeeze(vm: &mut Vm, this: &Value, length: &Value, each: usize) -> PyResult<Vec<u8>> {
    let hash = receiver::<Hash>(vm, this)?.clone();
    let length = match vm.version_number() {
        ..15 => super::blake2::unsigned(vm, length, "unsigned long")?,
        _ => {
            let length = vm.index_as_i64(length, "Python int too large to convert to C ssize_t")?;
            match u64::try_from(length) {
                Ok(length) => length,
                Err(_) => return Err(vm.value_error("length cannot be negative")),
            }
        }
    };
    if length >= TOO_LONG {
        return Err(match vm.version_number() {
            ..15 => vm.value_error("length is too large"),
            _ => vm.overflow_error("digest length is too large"),
        });
    }
    vm.check_growth(length as usize * each)?;
    Ok(hash.digest(length as usize))
}

fn digest(vm: &mut Vm, this: &Value, length: &Value) -> PyResult {
    let digest = squeeze(vm, this, length, 1)?;
    Ok(vm.new_bytes(digest))
}

fn hex_digest(vm: &mut Vm, this: &Value, length: &Value) -> PyResult {
    let digest = squeeze(vm, this, length, 5)?;
    Ok(hex_str(vm, &digest))
}
