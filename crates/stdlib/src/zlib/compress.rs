//! `compressobj`: compression bit by bit.

use std::cell::RefCell;

use pyco_exec::object::header::{Payload, Ref};
use pyco_exec::object::native::NativeDef;
use pyco_exec::object::native_class::ClassDef;
use pyco_exec::object::sequence::receiver;
use pyco_exec::object::text_args::c_int_or;
use pyco_exec::{Args, Bound, Params, PyResult, Value, Vm};
use zlib_rs::{DeflateError, DeflateFlush};

use super::stream::{Deflater, input};
use super::{DEF_MEM_LEVEL, DEFLATED, MAX_WBITS, complain};

/// The payload: the stream, until it is finished. No Python code runs while it is borrowed.
struct Compress(RefCell<Option<Deflater>>);

impl Payload for Compress {
    fn traverse(&self, _visit: &mut dyn FnMut(&Value)) {}
}

static COMPRESS: ClassDef = ClassDef::new::<Compress>("zlib.Compress", |_, _| {})
    .no_instances()
    .methods(METHODS);

pub(super) static PARAMS: Params = Params::new(
    &["level", "method", "wbits", "memLevel", "strategy", "zdict"],
    0,
);

/// `compressobj(...)`.
pub(super) fn open(vm: &mut Vm, _module: &Value, arguments: &Bound<'_>) -> PyResult {
    let level = c_int_or(vm, arguments.get(0), -1)?;
    let method = c_int_or(vm, arguments.get(1), DEFLATED)?;
    let wbits = c_int_or(vm, arguments.get(2), MAX_WBITS)?;
    let mem_level = c_int_or(vm, arguments.get(3), DEF_MEM_LEVEL)?;
    let strategy = c_int_or(vm, arguments.get(4), 0)?;
    let dictionary = match arguments.get(5) {
        Some(dictionary) => Some(input(vm, dictionary)?.into_owned()),
        None => None,
    };
    let Some(mut deflater) = Deflater::new(level, method, wbits, mem_level, strategy) else {
        return Err(vm.value_error("Invalid initialization option"));
    };
    if let Some(dictionary) = dictionary
        && deflater.set_dictionary(dictionary).is_err()
    {
        return Err(vm.value_error("Invalid dictionary"));
    }
    let class = vm.class(&COMPRESS);
    let stream = Compress(RefCell::new(Some(deflater)));
    Ok(Value::from(Ref::new(&class, stream)))
}

static DATA: Params = Params::new(&["data"], 1).positional_only(1);
static MODE: Params = Params::new(&["mode"], 0).positional_only(1);
pub(super) static MEMO: Params = Params::new(&["memo"], 1).positional_only(1);

static METHODS: &[NativeDef] = &[
    NativeDef::bound("compress", &DATA, compress).signature("($self, data, /)"),
    NativeDef::bound("flush", &MODE, flush).signature("($self, mode=zlib.Z_FINISH, /)"),
    NativeDef::any("copy", |vm, this, args| {
        no_arguments(vm, "copy", args)?;
        copy(vm, this)
    })
    .signature("($self, /)"),
    NativeDef::any("__copy__", |vm, this, args| {
        no_arguments(vm, "__copy__", args)?;
        copy(vm, this)
    })
    .signature("($self, /)"),
    NativeDef::bound("__deepcopy__", &MEMO, |vm, this, _| copy(vm, this))
        .signature("($self, memo, /)"),
];

/// What CPython's methods without arguments that get their class say of others; up to 3.12 not of those by name.
pub(super) fn no_arguments(vm: &mut Vm, name: &str, args: Args<'_>) -> PyResult<()> {
    let has_none = match vm.version_number() {
        ..13 => args.positional().is_empty(),
        _ => args.all_values().is_empty(),
    };
    match has_none {
        true => Ok(()),
        false => Err(vm.type_error(format!("{name}() takes no arguments"))),
    }
}

fn compress(vm: &mut Vm, this: &Value, arguments: &Bound<'_>) -> PyResult {
    let none = Value::NONE;
    let bytes = input(vm, arguments.get(0).unwrap_or(&none))?;
    run(
        vm,
        this,
        &bytes,
        DeflateFlush::NoFlush,
        "while compressing data",
    )
}

fn flush(vm: &mut Vm, this: &Value, arguments: &Bound<'_>) -> PyResult {
    let mode = match c_int_or(vm, arguments.get(0), 4)? {
        0 => return Ok(vm.new_bytes(Vec::new())),
        1 => DeflateFlush::PartialFlush,
        2 => DeflateFlush::SyncFlush,
        3 => DeflateFlush::FullFlush,
        4 => DeflateFlush::Finish,
        5 => DeflateFlush::Block,
        _ => return Err(complain(vm, -2, "while flushing", None)),
    };
    run(vm, this, &[], mode, "while flushing")
}

fn run(vm: &mut Vm, this: &Value, input: &[u8], flush: DeflateFlush, doing: &str) -> PyResult {
    let mut stream = receiver::<Compress>(vm, this)?.0.borrow_mut();
    let result = match &mut *stream {
        Some(deflater) => deflater.run(vm, input, flush)?,
        None => Err(DeflateError::StreamError),
    };
    match result {
        Ok((output, is_end)) => {
            if is_end {
                *stream = None;
            }
            Ok(vm.new_bytes(output))
        }
        Err(error) => Err(complain(vm, error as i32, doing, None)),
    }
}

fn copy(vm: &mut Vm, this: &Value) -> PyResult {
    let stream = receiver::<Compress>(vm, this)?.0.borrow();
    let Some(deflater) = &*stream else {
        return Err(vm.value_error("Inconsistent stream state"));
    };
    let copy = Compress(RefCell::new(Some(deflater.copy(vm)?)));
    let class = vm.class(&COMPRESS);
    Ok(Value::from(Ref::new(&class, copy)))
}
