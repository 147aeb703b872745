//! `_stat`: what the modes of files mean. Constants as Linux numbers them, asked from the interpreter: `vars(_stat)`.

use pyco_exec::object::header::Ref;
use pyco_exec::object::module::Module;
use pyco_exec::object::native::NativeDef;
use pyco_exec::{PyResult, Value, Vm};

static CONSTANTS: &[(&str, i64)] = &[
    ("SF_APPEND", 262144),
    ("SF_ARCHIVED", 65536),
    ("SF_DATALESS", 1073741824),
    ("SF_FIRMLINK", 8388608),
    ("SF_IMMUTABLE", 131072),
    ("SF_NOUNLINK", 1048576),
    ("SF_SETTABLE", 4294901760),
    ("SF_SNAPSHOT", 2097152),
    ("ST_ATIME", 7),
    ("ST_CTIME", 9),
    ("ST_DEV", 2),
    ("ST_GID", 5),
    ("ST_INO", 1),
    ("ST_MODE", 0),
    ("ST_MTIME", 8),
    ("ST_NLINK", 3),
    ("ST_SIZE", 6),
    ("ST_UID", 4),
    ("S_ENFMT", 1024),
    ("S_IEXEC", 64),
    ("S_IFBLK", 24576),
    ("S_IFCHR", 8192),
    ("S_IFDIR", 16384),
    ("S_IFDOOR", 0),
    ("S_IFIFO", 4096),
    ("S_IFLNK", 40960),
    ("S_IFPORT", 0),
    ("S_IFREG", 32768),
    ("S_IFSOCK", 49152),
    ("S_IFWHT", 0),
    ("S_IREAD", 256),
    ("S_IRGRP", 32),
    ("S_IROTH", 4),
    ("S_IRUSR", 256),
    ("S_IRWXG", 56),
    ("S_IRWXO", 7),
    ("S_IRWXU", 448),
    ("S_ISGID", 1024),
    ("S_ISUID", 2048),
    ("S_ISVTX", 512),
    ("S_IWGRP", 16),
    ("S_IWOTH", 2),
    ("S_IWRITE", 128),
    ("S_IWUSR", 128),
    ("S_IXGRP", 8),
    ("S_IXOTH", 1),
    ("S_IXUSR", 64),
    ("UF_APPEND", 4),
    ("UF_COMPRESSED", 32),
    ("UF_DATAVAULT", 128),
    ("UF_HIDDEN", 32768),
    ("UF_IMMUTABLE", 2),
    ("UF_NODUMP", 1),
    ("UF_NOUNLINK", 16),
    ("UF_OPAQUE", 8),
    ("UF_SETTABLE", 65535),
    ("UF_TRACKED", 64),
];

const KIND: u32 = 0o170_000;
const FOLDER: u32 = 0o040_000;
const CHARACTERS: u32 = 0o020_000;
const BLOCKS: u32 = 0o060_000;
const FILE: u32 = 0o100_000;
const PIPE: u32 = 0o010_000;
const LINK: u32 = 0o120_000;
const SOCKET: u32 = 0o140_000;

/// Makes the module.
pub(crate) fn make(vm: &mut Vm) -> PyResult<Ref<Module>> {
    let module = vm.new_module("_stat");
    vm.add_functions(&module, FUNCTIONS);
    for (name, value) in CONSTANTS {
        let value = vm.int(*value);
        vm.set_global(module.dict(), name, value);
    }
    Ok(module)
}

/// A mode as an argument.
fn mode(vm: &mut Vm, value: &Value) -> PyResult<u32> {
    const TOO_LARGE: &str = "mode out of range";
    if value.as_int().is_some_and(|n| n.to_i64().is_none()) {
        return Err(vm.overflow_error("Python int too large to convert to C unsigned long"));
    }
    let is_index = pyco_exec::object::sequence::is_index(vm, value);
    if vm.version_number() < 14 && !is_index {
        return Err(vm.type_error("an integer is required"));
    }
    let n = vm.index_as_i64(value, TOO_LARGE)?;
    match u32::try_from(n) {
        Ok(mode) => Ok(mode),
        Err(_) if n < 0 => Err(vm.overflow_error("can't convert negative value to unsigned int")),
        Err(_) => Err(vm.overflow_error(TOO_LARGE)),
    }
}

fn is_kind(vm: &mut Vm, value: &Value, kind: u32) -> PyResult {
    Ok(Value::bool(mode(vm, value)? & KIND == kind))
}

static FUNCTIONS: &[NativeDef] = &[
    NativeDef::one("S_ISDIR", |vm, _, m| is_kind(vm, m, FOLDER)),
    NativeDef::one("S_ISCHR", |vm, _, m| is_kind(vm, m, CHARACTERS)),
    NativeDef::one("S_ISBLK", |vm, _, m| is_kind(vm, m, BLOCKS)),
    NativeDef::one("S_ISREG", |vm, _, m| is_kind(vm, m, FILE)),
    NativeDef::one("S_ISFIFO", |vm, _, m| is_kind(vm, m, PIPE)),
    NativeDef::one("S_ISLNK", |vm, _, m| is_kind(vm, m, LINK)),
    NativeDef::one("S_ISSOCK", |vm, _, m| is_kind(vm, m, SOCKET)),
    // Linux has none of these.
    NativeDef::one("S_ISDOOR", |vm, _, m| mode(vm, m).map(|_| Value::FALSE)),
    NativeDef::one("S_ISPORT", |vm, _, m| mode(vm, m).map(|_| Value::FALSE)),
    NativeDef::one("S_ISWHT", |vm, _, m| mode(vm, m).map(|_| Value::FALSE)),
    NativeDef::one("S_IMODE", |vm, _, m| {
        let mode = mode(vm, m)?;
        Ok(vm.int((mode & 0o7777).into()))
    }),
    NativeDef::one("S_IFMT", |vm, _, m| {
        let mode = mode(vm, m)?;
        Ok(vm.int((mode & KIND).into()))
    }),
    NativeDef::one("filemode", file_mode),
];

/// `-rwxr-xr-x` and the like.
fn file_mode(vm: &mut Vm, _module: &Value, value: &Value) -> PyResult {
    let mode = mode(vm, value)?;
    let mut text = String::with_capacity(10);
    text.push(match mode & KIND {
        FILE => '-',
        FOLDER => 'd',
        LINK => 'l',
        BLOCKS => 'b',
        CHARACTERS => 'c',
        PIPE => 'p',
        SOCKET => 's',
        _ => '?',
    });
    for (shift, special, letter) in [(6, 0o4000, 's'), (3, 0o2000, 's'), (0, 0o1000, 't')] {
        let bits = mode >> shift;
        text.push(if bits & 4 != 0 { 'r' } else { '-' });
        text.push(if bits & 2 != 0 { 'w' } else { '-' });
        text.push(match (bits & 1 != 0, mode & special != 0) {
            (true, true) => letter,
            (true, false) => 'x',
            (false, true) => letter.to_ascii_uppercase(),
            (false, false) => '-',
        });
    }
    Ok(vm.new_str(&text))
}
