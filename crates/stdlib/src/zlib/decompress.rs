//! `decompressobj`: decompression bit by bit.

use std::cell::{Cell, RefCell};

use pyco_exec::cell::ValueCell;
use pyco_exec::object::buffer::{bytes_like, data};
use pyco_exec::object::bytes::Bytes;
use pyco_exec::object::header::{Payload, Ref};
use pyco_exec::object::native::{GetSetDef, NativeDef};
use pyco_exec::object::native_class::ClassDef;
use pyco_exec::object::sequence::receiver;
use pyco_exec::object::text_args::c_int_or;
use pyco_exec::{Bound, Params, PyResult, Value, Vm};
use zlib_rs::InflateFlush;

use super::compress::{MEMO, no_arguments};
use super::stream::{Inflater, input};
use super::{DEF_BUF_SIZE, MAX_WBITS, complain};

/// The payload. No Python code runs while the stream is borrowed.
struct Decompress {
    /// Nothing once it was flushed to its end.
    stream: RefCell<Option<Inflater>>,
    dictionary: Option<Vec<u8>>,
    /// What came after the end: bytes.
    unused_data: ValueCell,
    /// The input that did not fit into the output: bytes.
    unconsumed_tail: ValueCell,
    eof: Cell<bool>,
}

impl Payload for Decompress {
    fn traverse(&self, visit: &mut dyn FnMut(&Value)) {
        self.unused_data.traverse(visit);
        self.unconsumed_tail.traverse(visit);
    }
}

static DECOMPRESS: ClassDef = ClassDef::new::<Decompress>("zlib.Decompress", |_, _| {})
    .no_instances()
    .methods(METHODS)
    .attributes(ATTRIBUTES);

pub(super) static PARAMS: Params = Params::new(&["wbits", "zdict"], 0);

/// The bytes of a dictionary, unless there is none.
fn dictionary(vm: &mut Vm, value: Option<&Value>) -> PyResult<Option<Vec<u8>>> {
    let Some(value) = value else {
        return Ok(None);
    };
    let Some(bytes) = bytes_like(vm, value)? else {
        return Err(vm.type_error("zdict argument must support the buffer protocol"));
    };
    Ok(Some(data(vm, &bytes).to_vec()))
}

/// A stream that has its dictionary already if it is one that cannot ask for it.
pub(super) fn start(vm: &mut Vm, wbits: i32, dictionary: Option<&Vec<u8>>) -> PyResult<Inflater> {
    let Some(mut inflater) = Inflater::new(wbits) else {
        return Err(vm.value_error("Invalid initialization option"));
    };
    if let Some(dictionary) = dictionary
        && wbits < 0
        && let Err(failure) = inflater.set_first_dictionary(dictionary.clone())
    {
        return Err(failure.raise(vm, "while setting zdict"));
    }
    Ok(inflater)
}

/// `decompressobj(...)`.
pub(super) fn open(vm: &mut Vm, _module: &Value, arguments: &Bound<'_>) -> PyResult {
    let wbits = c_int_or(vm, arguments.get(0), MAX_WBITS)?;
    let dictionary = dictionary(vm, arguments.get(1))?;
    let inflater = start(vm, wbits, dictionary.as_ref())?;
    let empty = vm.new_bytes(Vec::new());
    let payload = Decompress {
        stream: RefCell::new(Some(inflater)),
        dictionary,
        unused_data: ValueCell::new(Some(empty.clone())),
        unconsumed_tail: ValueCell::new(Some(empty)),
        eof: Cell::new(false),
    };
    let class = vm.class(&DECOMPRESS);
    Ok(Value::from(Ref::new(&class, payload)))
}

static DATA: Params = Params::new(&["data", "max_length"], 1).positional_only(1);
static LENGTH: Params = Params::new(&["length"], 0).positional_only(1);

static METHODS: &[NativeDef] = &[
    NativeDef::bound("decompress", &DATA, decompress).signature("($self, data, /, max_length=0)"),
    NativeDef::bound("flush", &LENGTH, flush).signature("($self, length=zlib.DEF_BUF_SIZE, /)"),
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

const UNUSED_DATA: GetSetDef = GetSetDef::get("unused_data", |vm, this| {
    let bytes = receiver::<Decompress>(vm, this)?.unused_data.get();
    Ok(bytes.unwrap_or(Value::NONE))
});

const UNCONSUMED_TAIL: GetSetDef = GetSetDef::get("unconsumed_tail", |vm, this| {
    let bytes = receiver::<Decompress>(vm, this)?.unconsumed_tail.get();
    Ok(bytes.unwrap_or(Value::NONE))
});

static ATTRIBUTES: &[GetSetDef] = &[
    UNUSED_DATA.member().until(14),
    UNUSED_DATA.since(15),
    UNCONSUMED_TAIL.member().until(14),
    UNCONSUMED_TAIL.since(15),
    GetSetDef::get("eof", |vm, this| {
        Ok(Value::bool(receiver::<Decompress>(vm, this)?.eof.get()))
    })
    .member(),
];

const DOING: &str = "while decompressing data";

/// An argument that C takes as a `Py_ssize_t`.
pub(super) fn length(vm: &mut Vm, value: Option<&Value>, default: i64) -> PyResult<i64> {
    match value {
        Some(value) => crate::arguments::ssize(vm, value),
        None => Ok(default),
    }
}

fn decompress(vm: &mut Vm, this: &Value, arguments: &Bound<'_>) -> PyResult {
    let none = Value::NONE;
    let bytes = input(vm, arguments.get(0).unwrap_or(&none))?;
    let limit = length(vm, arguments.get(1), 0)?;
    let Ok(limit) = usize::try_from(limit) else {
        return Err(match vm.version_number() {
            ..15 => vm.value_error("max_length must be non-negative"),
            _ => vm.value_error("max_length cannot be negative"),
        });
    };
    let limit = Some(limit).filter(|limit| *limit > 0);
    let this = receiver::<Decompress>(vm, this)?;
    let mut stream = this.stream.borrow_mut();
    let Some(inflater) = &mut *stream else {
        keep_rest(vm, this, &bytes, false)?;
        return Err(complain(vm, -2, DOING, None));
    };
    let dictionary = this.dictionary.as_deref();
    let result = inflater.run(vm, &bytes, limit, InflateFlush::SyncFlush, dictionary)?;
    if let Some(failure) = result.failure.as_ref().filter(|f| f.is_dictionary()) {
        return Err(failure.raise(vm, DOING));
    }
    keep_rest(vm, this, &bytes[result.consumed..], result.is_end)?;
    match result.failure {
        Some(failure) => Err(failure.raise(vm, DOING)),
        None => {
            if result.is_end {
                this.eof.set(true);
            }
            Ok(vm.new_bytes(result.output))
        }
    }
}

/// Files what is left of the input: behind the stream's end, or to be given again.
fn keep_rest(vm: &mut Vm, this: &Decompress, rest: &[u8], is_end: bool) -> PyResult<()> {
    let mut rest = rest;
    if is_end && !rest.is_empty() {
        let mut unused = bytes_in(&this.unused_data);
        vm.check_growth(unused.len() + rest.len())?;
        unused.extend_from_slice(rest);
        this.unused_data.set(Some(vm.new_bytes(unused)));
        rest = &[];
    }
    if !rest.is_empty() || !bytes_in(&this.unconsumed_tail).is_empty() {
        vm.check_growth(rest.len())?;
        this.unconsumed_tail.set(Some(vm.new_bytes(rest.to_vec())));
    }
    Ok(())
}

fn bytes_in(cell: &ValueCell) -> Vec<u8> {
    let value = cell.get();
    let bytes = value.as_ref().and_then(|value| value.downcast::<Bytes>());
    bytes.map_or_else(Vec::new, |bytes| bytes.data().to_vec())
}

fn flush(vm: &mut Vm, this: &Value, arguments: &Bound<'_>) -> PyResult {
    if length(vm, arguments.get(0), DEF_BUF_SIZE)? <= 0 {
        return Err(vm.value_error("length must be greater than zero"));
    }
    let this = receiver::<Decompress>(vm, this)?;
    let mut stream = this.stream.borrow_mut();
    let Some(inflater) = &mut *stream else {
        return Ok(vm.new_bytes(Vec::new()));
    };
    let tail = bytes_in(&this.unconsumed_tail);
    let dictionary = this.dictionary.as_deref();
    let result = inflater.run(vm, &tail, None, InflateFlush::Finish, dictionary)?;
    keep_rest(vm, this, &tail[result.consumed..], result.is_end)?;
    // Up to 3.12 what came out before the error was the result.
    if let Some(failure) = result.failure
        && (failure.is_dictionary() || vm.version_number() >= 13)
    {
        return Err(failure.raise(vm, DOING));
    }
    if result.is_end {
        this.eof.set(true);
        *stream = None;
    }
    Ok(vm.new_bytes(result.output))
}

fn copy(vm: &mut Vm, this: &Value) -> PyResult {
    let this = receiver::<Decompress>(vm, this)?;
    let stream = this.stream.borrow();
    let Some(inflater) = &*stream else {
        return Err(vm.value_error("Inconsistent stream state"));
    };
    let copy = Decompress {
        stream: RefCell::new(Some(inflater.copy(vm)?)),
        dictionary: this.dictionary.clone(),
        unused_data: ValueCell::new(this.unused_data.get()),
        unconsumed_tail: ValueCell::new(this.unconsumed_tail.get()),
        eof: Cell::new(this.eof.get()),
    };
    let class = vm.class(&DECOMPRESS);
    Ok(Value::from(Ref::new(&class, copy)))
}
