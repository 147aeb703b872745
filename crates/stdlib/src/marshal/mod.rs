//! `marshal`: objects of programs to the bytes of `.pyc` files, and back.
//!
//! Reading is safe on any bytes; code that is read passes the verifier before there is an object of it.

mod pull;
mod read;
mod write;

use pyco_exec::object::buffer::{bytes_like, data, not_bytes_like};
use pyco_exec::object::bytes::Bytes;
use pyco_exec::object::header::Ref;
use pyco_exec::object::module::Module;
use pyco_exec::object::native::NativeDef;
use pyco_exec::{Args, Bound, Params, PyResult, Value, Vm};

/// Makes the module.
pub(crate) fn make(vm: &mut Vm) -> PyResult<Ref<Module>> {
    let module = vm.new_module("marshal");
    vm.add_functions(&module, FUNCTIONS);
    let version = vm.int(i64::from(format_version(vm)));
    vm.set_global(module.dict(), "version", version);
    Ok(module)
}

/// The version of the format that this Python writes.
fn format_version(vm: &Vm) -> u8 {
    write::python(vm).marshal_version()
}

static FUNCTIONS: &[NativeDef] = &[
    NativeDef::any("dump", |vm, _, args| {
        let bound = bind(vm, args, "dump", [&DUMP, &DUMP_CODE])?;
        let bytes = dump(vm, &bound, [0, 2, 3])?;
        let Some(file) = bound.get(1) else {
            return Ok(Value::NONE);
        };
        let name = vm.intern("write");
        let bytes = vm.new_bytes(bytes);
        vm.call_method(file, &name, &[bytes])
    }),
    NativeDef::any("dumps", |vm, _, args| {
        let bound = bind(vm, args, "dumps", [&DUMPS, &DUMPS_CODE])?;
        let bytes = dump(vm, &bound, [0, 1, 2])?;
        Ok(vm.new_bytes(bytes))
    }),
    NativeDef::any("load", load),
    NativeDef::any("loads", |vm, _, args| {
        let bound = bind(vm, args, "loads", [&LOADS, &LOADS_CODE])?;
        let bytes = bound.get(0).cloned().unwrap_or(Value::NONE);
        let Some(bytes) = bytes_like(vm, &bytes)? else {
            return Err(not_bytes_like(vm, &bytes));
        };
        let bytes = data(vm, &bytes).to_vec();
        let allow_code = allows_code(vm, &bound, 1)?;
        read::load(vm, &bytes, allow_code)
    }),
];

static DUMP: Params = Params::new(&["value", "file", "version"], 2).positional_only(3);
static DUMP_CODE: Params = Params::new(&["value", "file", "version", "allow_code"], 2)
    .positional_only(3)
    .keyword_only(1);
static DUMPS: Params = Params::new(&["value", "version"], 1).positional_only(2);
static DUMPS_CODE: Params = Params::new(&["value", "version", "allow_code"], 1)
    .positional_only(2)
    .keyword_only(1);
static LOADS: Params = Params::new(&["bytes"], 1).positional_only(1);
static LOADS_CODE: Params = Params::new(&["bytes", "allow_code"], 1)
    .positional_only(1)
    .keyword_only(1);

/// The arguments: from 3.13 on with `allow_code`.
fn bind<'a>(
    vm: &mut Vm,
    args: Args<'a>,
    name: &str,
    params: [&'static Params; 2],
) -> PyResult<Bound<'a>> {
    let has_allow_code = vm.version().minor() >= 13;
    args.bind(vm, name, params[usize::from(has_allow_code)])
}

fn allows_code(vm: &mut Vm, bound: &Bound<'_>, index: usize) -> PyResult<bool> {
    match vm.version().minor() {
        ..13 => Ok(true),
        _ => match bound.get(index) {
            Some(allow) => vm.truth(allow),
            None => Ok(true),
        },
    }
}

/// What `dump` and `dumps` write; `places` are those of value, version and `allow_code`.
fn dump(vm: &mut Vm, bound: &Bound<'_>, places: [usize; 3]) -> PyResult<Vec<u8>> {
    let value = bound.get(places[0]).cloned().unwrap_or(Value::NONE);
    let version = match bound.get(places[1]) {
        Some(version) => vm.index_as_i64(version, "Python int too large to convert to C int")?,
        None => i64::from(format_version(vm)),
    };
    let allow_code = allows_code(vm, bound, places[2])?;
    write::dump(vm, &value, version, allow_code)
}

/// `load(file)`: asks the file for no more bytes than the object has.
fn load(vm: &mut Vm, _module: &Value, args: Args<'_>) -> PyResult {
    let bound = bind(vm, args, "load", [&LOADS, &LOADS_CODE])?;
    let file = bound.get(0).cloned().unwrap_or(Value::NONE);
    let allow_code = allows_code(vm, &bound, 1)?;
    let read = vm.intern("read");
    let none = vm.int(0);
    let found = vm.call_method(&file, &read, &[none])?;
    if found.downcast::<Bytes>().is_none() {
        let found = vm.type_name(&found);
        return Err(vm.type_error(format!("file.read() returned not bytes but {found}")));
    }
    let bytes = pull::object(vm, &file)?;
    read::load(vm, &bytes, allow_code)
}
