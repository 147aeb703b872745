//! `zlib`: compressed bytes, and their checksums.
//!
//! The algorithms are zlib-rs's, so compressed bytes may differ from those of another zlib; what they decompress to does not. All output grows under
//! the VM's memory limit.

mod checksums;
mod compress;
mod decompress;
mod decompressor;
mod stream;

use pyco_exec::object::header::Ref;
use pyco_exec::object::module::Module;
use pyco_exec::object::native::NativeDef;
use pyco_exec::object::str_::Str;
use pyco_exec::object::text_args::c_int_or;
use pyco_exec::{Bound, Params, PyResult, Raised, Value, Vm};
use zlib_rs::{DeflateFlush, InflateFlush};

use crate::errors::{ErrorDef, error, error_class};
use stream::{Deflater, Inflater, input};

/// Makes the module.
pub(crate) fn make(vm: &mut Vm) -> PyResult<Ref<Module>> {
    let module = vm.new_module("zlib");
    vm.add_functions(&module, FUNCTIONS);
    vm.add_functions(&module, checksums::FUNCTIONS);
    for (name, number) in CONSTANTS {
        let number = vm.int(*number);
        vm.set_global(module.dict(), name, number);
    }
    for name in ["ZLIB_VERSION", "ZLIB_RUNTIME_VERSION"] {
        let version = vm.new_str(VERSION);
        vm.set_global(module.dict(), name, version);
    }
    match vm.version_number() {
        ..15 => {
            let version = vm.new_str(MODULE_VERSION);
            vm.set_global(module.dict(), "__version__", version);
        }
        _ => vm.add_functions(&module, OLD_ATTRIBUTES),
    }
    let class = error_class(vm, &ERROR)?;
    vm.set_global(module.dict(), "error", class);
    if vm.version_number() >= 12 {
        vm.add_class(&module, &decompressor::DECOMPRESSOR);
    }
    Ok(module)
}

/// The version of the zlib that zlib-rs behaves like.
const VERSION: &str = "1.3.0";

/// `zlib.__version__`, which never changed.
const MODULE_VERSION: &str = "1.0";

/// What 3.15 still finds when asked.
static OLD_ATTRIBUTES: &[NativeDef] = &[NativeDef::range("__getattr__", 1, 1, |vm, _, names| {
    let name = &names[0];
    if !name
        .downcast::<Str>()
        .is_some_and(|name| name.eq_str("__version__"))
    {
        let message = format!("module 'zlib' has no attribute {}", vm.repr_text(name)?);
        let class = vm.types.attribute_error.clone();
        return Err(vm.error(&class, message));
    }
    vm.warn(
        "DeprecationWarning",
        "'__version__' is deprecated and slated for removal in Python 3.20",
    )?;
    Ok(vm.new_str(MODULE_VERSION))
})];

static ERROR: ErrorDef = ErrorDef {
    name: "zlib.error",
    base: |vm| vm.types.exception.clone(),
};

const MAX_WBITS: i32 = 15;
const DEFLATED: i32 = 8;
const DEF_BUF_SIZE: i64 = 16 * 1024;
const DEF_MEM_LEVEL: i32 = 8;

const CONSTANTS: &[(&str, i64)] = &[
    ("MAX_WBITS", MAX_WBITS as i64),
    ("DEFLATED", DEFLATED as i64),
    ("DEF_MEM_LEVEL", DEF_MEM_LEVEL as i64),
    ("DEF_BUF_SIZE", DEF_BUF_SIZE),
    ("Z_NO_COMPRESSION", 0),
    ("Z_BEST_SPEED", 1),
    ("Z_BEST_COMPRESSION", 9),
    ("Z_DEFAULT_COMPRESSION", -1),
    ("Z_FILTERED", 1),
    ("Z_HUFFMAN_ONLY", 2),
    ("Z_RLE", 3),
    ("Z_FIXED", 4),
    ("Z_DEFAULT_STRATEGY", 0),
    ("Z_NO_FLUSH", 0),
    ("Z_PARTIAL_FLUSH", 1),
    ("Z_SYNC_FLUSH", 2),
    ("Z_FULL_FLUSH", 3),
    ("Z_FINISH", 4),
    ("Z_BLOCK", 5),
    ("Z_TREES", 6),
];

/// What the numbers of zlib's errors mean where the stream says no more.
fn default_detail(code: i32) -> Option<&'static str> {
    match code {
        -2 => Some("inconsistent stream state"),
        -3 => Some("invalid input data"),
        -5 => Some("incomplete or truncated stream"),
        _ => None,
    }
}

/// A `zlib.error`: zlib's number, what was going on, and what the stream says about it.
#[cold]
fn complain(vm: &mut Vm, code: i32, doing: &str, detail: Option<&str>) -> Raised {
    let message = match detail.or(default_detail(code)) {
        Some(detail) => format!("Error {code} {doing}: {detail}"),
        None => format!("Error {code} {doing}"),
    };
    error(vm, &ERROR, &message)
}

static COMPRESS: Params = Params::new(&["data", "level", "wbits"], 1).positional_only(1);
static DECOMPRESS: Params = Params::new(&["data", "wbits", "bufsize"], 1).positional_only(1);

static FUNCTIONS: &[NativeDef] = &[
    NativeDef::bound("compress", &COMPRESS, compress)
        .signature("($module, data, /, level=Z_DEFAULT_COMPRESSION, wbits=MAX_WBITS)"),
    NativeDef::bound("decompress", &DECOMPRESS, decompress)
        .signature("($module, data, /, wbits=MAX_WBITS, bufsize=DEF_BUF_SIZE)"),
    NativeDef::bound("compressobj", &compress::PARAMS, compress::open)
        .signature(
            "($module, /, level=Z_DEFAULT_COMPRESSION, method=DEFLATED,\n            \
             wbits=MAX_WBITS, memLevel=DEF_MEM_LEVEL,\n            \
             strategy=Z_DEFAULT_STRATEGY, zdict=None)",
        )
        .until(13),
    NativeDef::bound("compressobj", &compress::PARAMS, compress::open)
        .signature(
            "($module, /, level=Z_DEFAULT_COMPRESSION, method=DEFLATED,\n            \
             wbits=MAX_WBITS, memLevel=DEF_MEM_LEVEL,\n            \
             strategy=Z_DEFAULT_STRATEGY, zdict=<unrepresentable>)",
        )
        .since(14),
    NativeDef::bound("decompressobj", &decompress::PARAMS, decompress::open)
        .signature("($module, /, wbits=MAX_WBITS, zdict=b'')"),
];

fn compress(vm: &mut Vm, _module: &Value, arguments: &Bound<'_>) -> PyResult {
    let none = Value::NONE;
    let bytes = input(vm, arguments.get(0).unwrap_or(&none))?;
    let level = c_int_or(vm, arguments.get(1), -1)?;
    let wbits = c_int_or(vm, arguments.get(2), MAX_WBITS)?;
    let Some(mut deflater) = Deflater::new(level, DEFLATED, wbits, DEF_MEM_LEVEL, 0) else {
        return Err(error(vm, &ERROR, "Bad compression level"));
    };
    match deflater.run(vm, &bytes, DeflateFlush::Finish)? {
        Ok((compressed, _)) => Ok(vm.new_bytes(compressed)),
        Err(error) => Err(complain(vm, error as i32, "while compressing data", None)),
    }
}

fn decompress(vm: &mut Vm, _module: &Value, arguments: &Bound<'_>) -> PyResult {
    let none = Value::NONE;
    let bytes = input(vm, arguments.get(0).unwrap_or(&none))?;
    let wbits = c_int_or(vm, arguments.get(1), MAX_WBITS)?;
    let size = match arguments.get(2) {
        Some(size) => vm.index_as_i64(size, "Python int too large to convert to C ssize_t")?,
        None => DEF_BUF_SIZE,
    };
    let Ok(size) = usize::try_from(size) else {
        return Err(match vm.version_number() {
            ..15 => vm.value_error("bufsize must be non-negative"),
            _ => vm.value_error("bufsize cannot be negative"),
        });
    };
    // As much would be set aside at once; here the output grows as it comes.
    vm.check_growth(size)?;
    let Some(mut inflater) = Inflater::new(wbits) else {
        return Err(complain(vm, -2, "while preparing to decompress data", None));
    };
    let doing = "while decompressing data";
    let result = inflater.run(vm, &bytes, None, InflateFlush::Finish, None)?;
    match result.failure {
        Some(failure) => Err(failure.raise(vm, doing)),
        None if result.is_end => Ok(vm.new_bytes(result.output)),
        None => Err(complain(vm, -5, doing, None)),
    }
}
