//! `_ZlibDecompressor`, of 3.12 and later: decompression bit by bit that keeps its own input.

use std::cell::{Cell, RefCell};

use pyco_exec::cell::ValueCell;
use pyco_exec::object::header::{Payload, Ref};
use pyco_exec::object::native::{GetSetDef, NativeDef};
use pyco_exec::object::native_class::ClassDef;
use pyco_exec::object::sequence::receiver;
use pyco_exec::object::slots::Slots;
use pyco_exec::object::text_args::c_int_or;
use pyco_exec::object::type_::Type;
use pyco_exec::{Args, Bound, Params, PyResult, Value, Vm};
use zlib_rs::InflateFlush;

use super::MAX_WBITS;
use super::decompress::{length, start};
use super::stream::{Inflater, input};

/// The payload. No Python code runs while the state is borrowed.
struct Decompressor {
    state: RefCell<State>,
    unused_data: ValueCell,
    eof: Cell<bool>,
    needs_input: Cell<bool>,
}

struct State {
    stream: Inflater,
    /// Input that was given and not used yet.
    pending: Vec<u8>,
}

impl Payload for Decompressor {
    fn traverse(&self, visit: &mut dyn FnMut(&Value)) {
        self.unused_data.traverse(visit);
    }
}

pub(super) static DECOMPRESSOR: ClassDef =
    ClassDef::new::<Decompressor>("zlib._ZlibDecompressor", slots)
        .methods(METHODS)
        .attributes(ATTRIBUTES);

fn slots(slots: &Slots, _minor_version: u8) {
    slots.new.set(Some(new));
}

static NEW: Params = Params::new(&["wbits", "zdict"], 0);

fn new(vm: &mut Vm, class: &Ref<Type>, args: Args<'_>) -> PyResult {
    let arguments = args.bind(vm, "_ZlibDecompressor", &NEW)?;
    let wbits = c_int_or(vm, arguments.get(0), MAX_WBITS)?;
    // Where the stream asks for it, it is not given, so it is not looked at, either.
    let dictionary = match arguments.get(1) {
        Some(dictionary) if wbits < 0 => Some(input(vm, dictionary)?.into_owned()),
        _ => None,
    };
    let stream = start(vm, wbits, dictionary.as_ref())?;
    let payload = Decompressor {
        state: RefCell::new(State {
            stream,
            pending: Vec::new(),
        }),
        unused_data: ValueCell::new(Some(vm.new_bytes(Vec::new()))),
        eof: Cell::new(false),
        needs_input: Cell::new(true),
    };
    Ok(Value::from(Ref::new(class, payload)))
}

static DATA: Params = Params::new(&["data", "max_length"], 1);

static METHODS: &[NativeDef] =
    &[NativeDef::bound("decompress", &DATA, decompress)
        .signature("($self, /, data, max_length=-1)")];

const UNUSED_DATA: GetSetDef = GetSetDef::get("unused_data", |vm, this| {
    let bytes = receiver::<Decompressor>(vm, this)?.unused_data.get();
    Ok(bytes.unwrap_or(Value::NONE))
});

static ATTRIBUTES: &[GetSetDef] = &[
    GetSetDef::get("eof", |vm, this| {
        Ok(Value::bool(receiver::<Decompressor>(vm, this)?.eof.get()))
    })
    .member(),
    UNUSED_DATA.member().until(14),
    UNUSED_DATA.since(15),
    GetSetDef::get("needs_input", |vm, this| {
        let needs_input = receiver::<Decompressor>(vm, this)?.needs_input.get();
        Ok(Value::bool(needs_input))
    })
    .member(),
];

fn decompress(vm: &mut Vm, this: &Value, arguments: &Bound<'_>) -> PyResult {
    let none = Value::NONE;
    let bytes = input(vm, arguments.get(0).unwrap_or(&none))?;
    let limit = length(vm, arguments.get(1), -1)?;
    let this = receiver::<Decompressor>(vm, this)?;
    if this.eof.get() {
        let class = vm.types.eof_error.clone();
        return Err(vm.error(&class, "End of stream already reached"));
    }
    let mut state = this.state.borrow_mut();
    let State { stream, pending } = &mut *state;
    let joined;
    let bytes = match pending.is_empty() {
        true => &*bytes,
        false => {
            vm.check_growth(pending.len() + bytes.len())?;
            pending.extend_from_slice(&bytes);
            joined = std::mem::take(pending);
            &joined
        }
    };
    let limit = usize::try_from(limit).ok();
    if limit == Some(0) {
        *pending = bytes.to_vec();
        this.needs_input.set(pending.is_empty());
        return Ok(vm.new_bytes(Vec::new()));
    }
    let result = stream.run(vm, bytes, limit, InflateFlush::SyncFlush, None)?;
    if let Some(failure) = result.failure {
        // CPython's own slip: no exception is set where a dictionary is asked for.
        return Err(match failure.needs_dictionary() {
            true => {
                let class = vm.types.system_error.clone();
                vm.error(&class, "error return without exception set")
            }
            false => failure.raise(vm, "while decompressing data"),
        });
    }
    let rest = &bytes[result.consumed..];
    if result.is_end {
        this.eof.set(true);
        this.needs_input.set(false);
        if !rest.is_empty() {
            this.unused_data.set(Some(vm.new_bytes(rest.to_vec())));
        }
    } else {
        this.needs_input.set(rest.is_empty());
        *pending = rest.to_vec();
    }
    Ok(vm.new_bytes(result.output))
}
