//! `_blake2`: BLAKE2b and BLAKE2s, with all that their parameter block has.

use pyco_exec::object::buffer::{as_bytes_like, data};
use pyco_exec::object::header::Ref;
use pyco_exec::object::module::Module;
use pyco_exec::object::native::{GetSetDef, NativeDef};
use pyco_exec::object::native_class::ClassDef;
use pyco_exec::object::text_args::c_int_or;
use pyco_exec::object::type_::Type;
use pyco_exec::{Args, Bound, Params, PyResult, Raised, Value, Vm};

use super::algorithm::{Algorithm, State};
use super::fixed::add_gil_min_size;
use super::object::{
    BLOCK_SIZE, COPY, DIGEST, DIGEST_SIZE, HEX_DIGEST, Hash, NAME, PLAIN_COPY, UPDATE, first_input,
    open,
};

/// Makes the module.
pub(crate) fn make(vm: &mut Vm) -> PyResult<Ref<Module>> {
    let module = vm.new_module("_blake2");
    for (def, prefix, limits) in [(&BLAKE2B, "BLAKE2B", &B), (&BLAKE2S, "BLAKE2S", &S)] {
        let class = vm.add_class(&module, def);
        for (name, size) in [
            ("SALT_SIZE", limits.salt),
            ("PERSON_SIZE", limits.salt),
            ("MAX_KEY_SIZE", limits.digest),
            ("MAX_DIGEST_SIZE", limits.digest),
        ] {
            let (dict, size) = (class.dict(vm), vm.int(size as i64));
            vm.set_global(&dict, name, size.clone());
            vm.set_global(module.dict(), &format!("{prefix}_{name}"), size);
        }
        class.modified();
    }
    add_gil_min_size(vm, &module);
    Ok(module)
}

/// What the two kinds differ in.
struct Limits {
    algorithm: Algorithm,
    name: &'static str,
    /// The name in some messages.
    title: &'static str,
    /// The most bytes of a digest, and of a key.
    digest: usize,
    /// The most bytes of a salt, and of a personalization.
    salt: usize,
    node_offset: u64,
}

static B: Limits = Limits {
    algorithm: Algorithm::Blake2b,
    name: "blake2b",
    title: "Blake2b",
    digest: 64,
    salt: 16,
    node_offset: u64::MAX,
};

static S: Limits = Limits {
    algorithm: Algorithm::Blake2s,
    name: "blake2s",
    title: "Blake2s",
    digest: 32,
    salt: 8,
    node_offset: (1 << 48) - 1,
};

static BLAKE2B: ClassDef = ClassDef::new::<Hash>("_blake2.blake2b", |slots, _| {
    slots.new.set(Some(|vm, ty, args| new(vm, ty, args, &B)));
})
.methods(METHODS)
.attributes(ATTRIBUTES);

static BLAKE2S: ClassDef = ClassDef::new::<Hash>("_blake2.blake2s", |slots, _| {
    slots.new.set(Some(|vm, ty, args| new(vm, ty, args, &S)));
})
.methods(METHODS)
.attributes(ATTRIBUTES);

static METHODS: &[NativeDef] = &[
    PLAIN_COPY.until(14),
    COPY.since(15),
    DIGEST,
    HEX_DIGEST,
    UPDATE.signature("($self, data, /)"),
];

static ATTRIBUTES: &[GetSetDef] = &[NAME, BLOCK_SIZE, DIGEST_SIZE];

const NAMES: &[&str] = &[
    "data",
    "digest_size",
    "key",
    "salt",
    "person",
    "fanout",
    "depth",
    "leaf_size",
    "node_offset",
    "node_depth",
    "inner_size",
    "last_node",
    "usedforsecurity",
    "string",
];

static OLD_PARAMS: Params = Params::new(NAMES.split_at(13).0, 0)
    .positional_only(1)
    .keyword_only(12);
static PARAMS: Params = Params::new(NAMES, 0).keyword_only(13);

/// The arguments as CPython's parser hands them over: of the right types, not yet looked at.
struct Arguments<'a> {
    input: Option<&'a Value>,
    digest_size: i32,
    key: Vec<u8>,
    salt: Vec<u8>,
    person: Vec<u8>,
    fanout: i32,
    depth: i32,
    leaf_size: Option<&'a Value>,
    node_offset: Option<&'a Value>,
    node_depth: i32,
    inner_size: i32,
    is_last_node: bool,
}

fn parse<'a>(vm: &mut Vm, bound: &Bound<'a>, limits: &Limits) -> PyResult<Arguments<'a>> {
    let arguments = Arguments {
        digest_size: c_int_or(vm, bound.get(1), limits.digest as i32)?,
        key: bytes_or_empty(vm, bound.get(2))?,
        salt: bytes_or_empty(vm, bound.get(3))?,
        person: bytes_or_empty(vm, bound.get(4))?,
        fanout: c_int_or(vm, bound.get(5), 1)?,
        depth: c_int_or(vm, bound.get(6), 1)?,
        leaf_size: bound.get(7),
        node_offset: bound.get(8),
        node_depth: c_int_or(vm, bound.get(9), 0)?,
        inner_size: c_int_or(vm, bound.get(10), 0)?,
        is_last_node: flag(vm, bound.get(11))?,
        input: bound.get(0),
    };
    flag(vm, bound.get(12))?;
    let input = first_input(vm, arguments.input, bound.get(13))?;
    Ok(Arguments { input, ..arguments })
}

fn bytes_or_empty(vm: &mut Vm, value: Option<&Value>) -> PyResult<Vec<u8>> {
    let Some(value) = value else {
        return Ok(Vec::new());
    };
    let bytes = as_bytes_like(vm, value)?;
    Ok(data(vm, &bytes).to_vec())
}

fn flag(vm: &mut Vm, value: Option<&Value>) -> PyResult<bool> {
    value.map_or(Ok(false), |value| vm.truth(value))
}

/// An argument that C takes as the named unsigned type of 64 bits.
pub(super) fn unsigned(vm: &mut Vm, value: &Value, c_type: &str) -> PyResult<u64> {
    let is_new = vm.version_number() >= 14;
    let number = match value.as_int() {
        None if !is_new => return Err(vm.type_error("an integer is required")),
        None => vm.index(value)?,
        Some(_) => value.clone(),
    };
    let Some(number) = number.as_int() else {
        return Err(vm.type_error("an integer is required"));
    };
    let number = number.to_big();
    if let Ok(number) = u64::try_from(&*number) {
        return Ok(number);
    }
    let is_negative = *number < pyco_exec::numeric::bigint::BigInt::ZERO;
    Err(match (is_negative, is_new) {
        (true, true) => vm.value_error("Cannot convert negative int"),
        (true, false) => vm.value_error("value must be positive"),
        (false, true) => vm.overflow_error(format!("Python int too large for C {c_type}")),
        (false, false) if c_type == "unsigned long long" => {
            vm.overflow_error("int too big to convert")
        }
        (false, false) => {
            vm.overflow_error(format!("Python int too large to convert to C {c_type}"))
        }
    })
}

fn new(vm: &mut Vm, class: &Ref<Type>, args: Args<'_>, limits: &'static Limits) -> PyResult {
    let params = match vm.version_number() {
        ..13 => &OLD_PARAMS,
        _ => &PARAMS,
    };
    let bound = args.bind(vm, limits.name, params)?;
    let arguments = parse(vm, &bound, limits)?;
    let state = match check(vm, &arguments, limits)? {
        (leaf_size, node_offset) if limits.algorithm == Algorithm::Blake2b => {
            State::Blake2b(state_b(&arguments, leaf_size, node_offset))
        }
        (leaf_size, node_offset) => State::Blake2s(state_s(&arguments, leaf_size, node_offset)),
    };
    let hash = Hash::new(limits.algorithm, arguments.digest_size as usize, state);
    open(vm, class, hash, arguments.input)
}

/// Refuses what the parameter block has no room for; gives the leaf size and the node offset.
fn check(vm: &mut Vm, arguments: &Arguments<'_>, limits: &Limits) -> PyResult<(u32, u64)> {
    let is_new = vm.version_number() >= 15;
    let most = limits.digest as i32;
    let (size, name, title) = (arguments.digest_size, limits.name, limits.title);
    if !(1..=most).contains(&size) {
        return Err(vm.value_error(match vm.version_number() {
            ..14 => format!("digest_size must be between 1 and {most} bytes"),
            14 => format!(
                "digest_size for {title} must be between 1 and {most} bytes, here it is {size}"
            ),
            _ => format!("digest_size for {name} must be between 1 and {most} bytes, got {size}"),
        }));
    }
    if is_new {
        check_length(vm, "key", &arguments.key, limits.digest)?;
    }
    check_length(vm, "salt", &arguments.salt, limits.salt)?;
    check_length(vm, "person", &arguments.person, limits.salt)?;
    check_range(vm, "fanout", arguments.fanout, 0, 255)?;
    check_range(vm, "depth", arguments.depth, 1, 255)?;
    let leaf_size = match arguments.leaf_size {
        None => 0,
        Some(size) => unsigned(vm, size, "unsigned long")?,
    };
    let Ok(leaf_size) = u32::try_from(leaf_size) else {
        return Err(too_large(vm, "leaf_size"));
    };
    let node_offset = match arguments.node_offset {
        None => 0,
        Some(offset) => unsigned(vm, offset, "unsigned long long")?,
    };
    if node_offset > limits.node_offset {
        return Err(too_large(vm, "node_offset"));
    }
    check_range(vm, "node_depth", arguments.node_depth, 0, 255)?;
    if !(0..=most).contains(&arguments.inner_size) {
        return Err(vm.value_error(match is_new {
            true => format!("'inner_size' must be between 0 and {most}"),
            false => format!("inner_size must be between 0 and is {most}"),
        }));
    }
    check_length(vm, "key", &arguments.key, limits.digest)?;
    Ok((leaf_size, node_offset))
}

fn check_length(vm: &mut Vm, what: &str, bytes: &[u8], most: usize) -> PyResult<()> {
    let len = bytes.len();
    if len <= most {
        return Ok(());
    }
    let got = match vm.version_number() {
        ..15 => String::new(),
        _ => format!(", got {len}"),
    };
    Err(vm.value_error(format!("maximum {what} length is {most} bytes{got}")))
}

fn check_range(vm: &mut Vm, what: &str, value: i32, least: i32, most: i32) -> PyResult<()> {
    if (least..=most).contains(&value) {
        return Ok(());
    }
    let what = quoted(vm, what);
    Err(vm.value_error(format!("{what} must be between {least} and {most}")))
}

#[cold]
fn too_large(vm: &mut Vm, what: &str) -> Raised {
    let what = quoted(vm, what);
    vm.overflow_error(format!("{what} is too large"))
}

/// A parameter's name as messages have it.
fn quoted(vm: &Vm, name: &str) -> String {
    match vm.version_number() {
        ..15 => name.to_owned(),
        _ => format!("'{name}'"),
    }
}

/// The state for arguments that passed [`check`].
fn state_b(arguments: &Arguments<'_>, leaf_size: u32, node_offset: u64) -> blake2b_simd::State {
    blake2b_simd::Params::new()
        .hash_length(arguments.digest_size as usize)
        .key(&arguments.key)
        .salt(&arguments.salt)
        .personal(&arguments.person)
        .fanout(arguments.fanout as u8)
        .max_depth(arguments.depth as u8)
        .max_leaf_length(leaf_size)
        .node_offset(node_offset)
        .node_depth(arguments.node_depth as u8)
        .inner_hash_length(arguments.inner_size as usize)
        .last_node(arguments.is_last_node)
        .to_state()
}

/// [`state_b`] for BLAKE2s.
fn state_s(arguments: &Arguments<'_>, leaf_size: u32, node_offset: u64) -> blake2s_simd::State {
    blake2s_simd::Params::new()
        .hash_length(arguments.digest_size as usize)
        .key(&arguments.key)
        .salt(&arguments.salt)
        .personal(&arguments.person)
        .fanout(arguments.fanout as u8)
        .max_depth(arguments.depth as u8)
        .max_leaf_length(leaf_size)
        .node_offset(node_offset)
        .node_depth(arguments.node_depth as u8)
        .inner_hash_length(arguments.inner_size as usize)
        .last_node(arguments.is_last_node)
        .to_state()
}
