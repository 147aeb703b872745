//! `_md5`, `_sha1`, `_sha2`, and the `_sha256` and `_sha512` of 3.11: functions that open hash objects.

use pyco_exec::object::header::Ref;
use pyco_exec::object::module::Module;
use pyco_exec::object::native::{GetSetDef, NativeDef};
use pyco_exec::object::native_class::ClassDef;
use pyco_exec::{Bound, Params, PyResult, Value, Vm};

use super::algorithm::{Algorithm, State};
use super::object::{
    BLOCK_SIZE, COPY, DIGEST, DIGEST_SIZE, HEX_DIGEST, Hash, NAME, UPDATE, first_input, open,
};

static METHODS: &[NativeDef] = &[
    COPY,
    DIGEST,
    HEX_DIGEST,
    UPDATE.signature("($self, obj, /)"),
];

static ATTRIBUTES: &[GetSetDef] = &[BLOCK_SIZE, NAME, DIGEST_SIZE];

/// Of the classes whose instances know their digest's size as a field.
static WITH_MEMBER: &[GetSetDef] = &[DIGEST_SIZE.member(), BLOCK_SIZE, NAME];

const fn class(name: &'static str, attributes: &'static [GetSetDef]) -> ClassDef {
    ClassDef::new::<Hash>(name, |_, _| {})
        .no_instances()
        .methods(METHODS)
        .attributes(attributes)
}

static MD5: ClassDef = class("_md5.md5", ATTRIBUTES);
static SHA1: ClassDef = class("_sha1.sha1", ATTRIBUTES);
static SHA224: ClassDef = class("_sha2.SHA224Type", ATTRIBUTES);
static SHA256: ClassDef = class("_sha2.SHA256Type", ATTRIBUTES);
static SHA384: ClassDef = class("_sha2.SHA384Type", ATTRIBUTES);
static SHA512: ClassDef = class("_sha2.SHA512Type", ATTRIBUTES);
static OLD_SHA224: ClassDef = class("_sha256.sha224", WITH_MEMBER);
static OLD_SHA256: ClassDef = class("_sha256.sha256", WITH_MEMBER);
static OLD_SHA384: ClassDef = class("_sha512.sha384", WITH_MEMBER);
static OLD_SHA512: ClassDef = class("_sha512.sha512", WITH_MEMBER);

static OLD_PARAMS: Params = Params::new(&["string", "usedforsecurity"], 0).keyword_only(1);
static PARAMS: Params = Params::new(&["data", "usedforsecurity", "string"], 0).keyword_only(2);

type Function = fn(&mut Vm, &Value, &Bound<'_>) -> PyResult;

/// Up to 3.12.
const fn old_function(name: &'static str, call: Function) -> NativeDef {
    NativeDef::bound(name, &OLD_PARAMS, call)
        .signature("($module, /, string=b'', *, usedforsecurity=True)")
        .until(12)
}

const fn function(name: &'static str, call: Function) -> NativeDef {
    NativeDef::bound(name, &PARAMS, call)
        .signature("($module, /, data=b'', *, usedforsecurity=True, string=None)")
        .since(13)
}

fn start(
    vm: &mut Vm,
    arguments: &Bound<'_>,
    algorithm: Algorithm,
    class: &'static ClassDef,
) -> PyResult {
    if let Some(used) = arguments.get(1) {
        vm.truth(used)?;
    }
    let input = match vm.version_number() {
        ..13 => arguments.get(0),
        _ => first_input(vm, arguments.get(0), arguments.get(2))?,
    };
    let class = vm.class(class);
    let hash = Hash::new(algorithm, algorithm.digest_size(), State::new(algorithm));
    open(vm, &class, hash, input)
}

fn md5(vm: &mut Vm, _module: &Value, arguments: &Bound<'_>) -> PyResult {
    start(vm, arguments, Algorithm::Md5, &MD5)
}

fn sha1(vm: &mut Vm, _module: &Value, arguments: &Bound<'_>) -> PyResult {
    start(vm, arguments, Algorithm::Sha1, &SHA1)
}

/// The class of the SHA-2 of this version.
fn of_version(vm: &Vm, old: &'static ClassDef, new: &'static ClassDef) -> &'static ClassDef {
    match vm.version_number() {
        ..12 => old,
        _ => new,
    }
}

fn sha224(vm: &mut Vm, _module: &Value, arguments: &Bound<'_>) -> PyResult {
    let class = of_version(vm, &OLD_SHA224, &SHA224);
    start(vm, arguments, Algorithm::Sha224, class)
}

fn sha256(vm: &mut Vm, _module: &Value, arguments: &Bound<'_>) -> PyResult {
    let class = of_version(vm, &OLD_SHA256, &SHA256);
    start(vm, arguments, Algorithm::Sha256, class)
}

fn sha384(vm: &mut Vm, _module: &Value, arguments: &Bound<'_>) -> PyResult {
    let class = of_version(vm, &OLD_SHA384, &SHA384);
    start(vm, arguments, Algorithm::Sha384, class)
}

fn sha512(vm: &mut Vm, _module: &Value, arguments: &Bound<'_>) -> PyResult {
    let class = of_version(vm, &OLD_SHA512, &SHA512);
    start(vm, arguments, Algorithm::Sha512, class)
}

static MD5_FUNCTIONS: &[NativeDef] = &[old_function("md5", md5), function("md5", md5)];
static SHA1_FUNCTIONS: &[NativeDef] = &[old_function("sha1", sha1), function("sha1", sha1)];
static SMALL_SHA2_FUNCTIONS: &[NativeDef] = &[
    old_function("sha224", sha224),
    old_function("sha256", sha256),
    function("sha224", sha224),
    function("sha256", sha256),
];
static LARGE_SHA2_FUNCTIONS: &[NativeDef] = &[
    old_function("sha384", sha384),
    old_function("sha512", sha512),
    function("sha384", sha384),
    function("sha512", sha512),
];

/// A module with these functions, and its classes under their names in it.
fn make(
    vm: &mut Vm,
    name: &str,
    functions: &[&'static [NativeDef]],
    classes: &[(&str, &'static ClassDef)],
) -> PyResult<Ref<Module>> {
    let module = vm.new_module(name);
    for functions in functions {
        vm.add_functions(&module, functions);
    }
    for (name, class) in classes {
        let class = Value::from(vm.class(class));
        vm.set_global(module.dict(), name, class);
    }
    add_gil_min_size(vm, &module);
    Ok(module)
}

/// From how many bytes on CPython lets other threads run while it hashes; its tests ask.
pub(super) fn add_gil_min_size(vm: &mut Vm, module: &Ref<Module>) {
    if vm.version_number() >= 14 {
        let size = vm.int(2048);
        vm.set_global(module.dict(), "_GIL_MINSIZE", size);
    }
}

/// Makes `_md5`.
pub(crate) fn make_md5(vm: &mut Vm) -> PyResult<Ref<Module>> {
    make(vm, "_md5", &[MD5_FUNCTIONS], &[("MD5Type", &MD5)])
}

/// Makes `_sha1`.
pub(crate) fn make_sha1(vm: &mut Vm) -> PyResult<Ref<Module>> {
    make(vm, "_sha1", &[SHA1_FUNCTIONS], &[("SHA1Type", &SHA1)])
}

/// Makes `_sha2`, of 3.12 and later.
pub(crate) fn make_sha2(vm: &mut Vm) -> PyResult<Ref<Module>> {
    let functions = [SMALL_SHA2_FUNCTIONS, LARGE_SHA2_FUNCTIONS];
    let classes = [
        ("SHA224Type", &SHA224),
        ("SHA256Type", &SHA256),
        ("SHA384Type", &SHA384),
        ("SHA512Type", &SHA512),
    ];
    make(vm, "_sha2", &functions, &classes)
}

/// Makes `_sha256`, of 3.11.
pub(crate) fn make_sha256(vm: &mut Vm) -> PyResult<Ref<Module>> {
    let classes = [("SHA224Type", &OLD_SHA224), ("SHA256Type", &OLD_SHA256)];
    make(vm, "_sha256", &[SMALL_SHA2_FUNCTIONS], &classes)
}

/// Makes `_sha512`, of 3.11, where both classes go under one name and the second stays.
pub(crate) fn make_sha512(vm: &mut Vm) -> PyResult<Ref<Module>> {
    let classes = [("SHA384Type", &OLD_SHA384), ("SHA384Type", &OLD_SHA512)];
    make(vm, "_sha512", &[LARGE_SHA2_FUNCTIONS], &classes)
}
