//! Line ends: what decoders make of `\r` and `\r\n`, and the class `IncrementalNewlineDecoder`.

use std::cell::Cell;

use pyco_exec::cell::{ValueCell, VmCell};
use pyco_exec::object::buffer::data;
use pyco_exec::object::header::{Payload, Ref};
use pyco_exec::object::native::{GetSetDef, NativeDef};
use pyco_exec::object::native_class::ClassDef;
use pyco_exec::object::sequence::receiver;
use pyco_exec::object::slots::Slots;
use pyco_exec::object::str_::Str;
use pyco_exec::object::tuple::Tuple;
use pyco_exec::object::type_::Type;
use pyco_exec::text::{StrBuf, StrBuilder, StrView};
use pyco_exec::{Args, Bound, Params, PyResult, Raised, Value, Vm};

use super::base::call;

const CR: u32 = '\r' as u32;
const LF: u32 = '\n' as u32;

/// The kinds of line ends seen, as bits.
pub(super) const SEEN_CR: u8 = 1;
pub(super) const SEEN_LF: u8 = 2;
pub(super) const SEEN_CRLF: u8 = 4;

/// A reader of line ends: whether each becomes `\n`, and what was seen.
#[derive(Clone, Default)]
pub(super) struct Newlines {
    pub(super) translate: bool,
    /// A `\r` at the end of the input so far, which waits for a `\n`.
    pub(super) pending_cr: bool,
    pub(super) seen: u8,
}

/// Whether a text has a character below 0x80.
pub(super) fn find(text: StrView<'_>, wanted: u8, from: usize) -> Option<usize> {
    match text {
        StrView::Ascii(units) | StrView::Latin1(units) => {
            memchr::memchr(wanted, units.get(from..)?).map(|at| at + from)
        }
        StrView::Ucs2(units) => {
            let rest = units.get(from..)?;
            let at = rest.iter().position(|unit| *unit == u16::from(wanted));
            at.map(|at| at + from)
        }
        StrView::Ucs4(units) => {
            let rest = units.get(from..)?;
            let at = rest.iter().position(|unit| *unit == u32::from(wanted));
            at.map(|at| at + from)
        }
    }
}

impl Newlines {
    /// The text with what the last one held back, its line ends noted and perhaps translated.
    pub(super) fn apply(&mut self, text: StrBuf, is_final: bool) -> StrBuf {
        if !self.pending_cr && find(text.view(), b'\r', 0).is_none() {
            if self.seen & SEEN_LF == 0 && find(text.view(), b'\n', 0).is_some() {
                self.seen |= SEEN_LF;
            }
            return text;
        }
        let mut chars = text.view().chars().peekable();
        let mut out = StrBuilder::with_capacity(text.len() + 1);
        let mut held = self.pending_cr && (chars.peek().is_some() || is_final);
        if !held && self.pending_cr {
            return text;
        }
        self.pending_cr = false;
        loop {
            let c = match std::mem::take(&mut held) {
                true => CR,
                false => match chars.next() {
                    Some(c) => c,
                    None => break,
                },
            };
            match c {
                CR if chars.peek() == Some(&LF) => {
                    chars.next();
                    self.seen |= SEEN_CRLF;
                    if !self.translate {
                        out.push(CR);
                    }
                    out.push(LF);
                }
                CR if chars.peek().is_none() && !is_final => self.pending_cr = true,
                CR => {
                    self.seen |= SEEN_CR;
                    out.push(if self.translate { LF } else { CR });
                }
                LF => {
                    self.seen |= SEEN_LF;
                    out.push(LF);
                }
                c => out.push(c),
            }
        }
        out.finish()
    }

    /// What `newlines` says.
    pub(super) fn value(&self, vm: &mut Vm) -> Value {
        let kinds = [(SEEN_CR, "\r"), (SEEN_LF, "\n"), (SEEN_CRLF, "\r\n")];
        let seen = kinds.into_iter().filter(|(bit, _)| self.seen & bit != 0);
        let mut seen: Vec<Value> = seen.map(|(_, text)| vm.new_str(text)).collect();
        match seen.len() {
            0 => Value::NONE,
            1 => seen.remove(0),
            _ => vm.new_tuple(seen),
        }
    }
}

/// The payload of `IncrementalNewlineDecoder`.
pub(super) struct NewlineDecoder {
    /// The decoder below; None if text comes in.
    decoder: ValueCell,
    is_ready: Cell<bool>,
    newlines: VmCell<Newlines>,
}

impl Payload for NewlineDecoder {
    fn traverse(&self, visit: &mut dyn FnMut(&Value)) {
        self.decoder.traverse(visit);
    }
}

pub(super) static INCREMENTAL_NEWLINE_DECODER: ClassDef =
    ClassDef::new::<NewlineDecoder>("_io.IncrementalNewlineDecoder", slots)
        .subclassable()
        .methods(METHODS)
        .attributes(&[GetSetDef::get("newlines", |vm, this| {
            let decoder = ready(vm, this)?.clone();
            let newlines = decoder.newlines.get(vm).clone();
            Ok(newlines.value(vm))
        })]);

fn slots(slots: &Slots, _minor_version: u8) {
    slots.new.set(Some(new));
    slots.init.set(Some(init));
}

fn new(_vm: &mut Vm, class: &Ref<Type>, _args: Args<'_>) -> PyResult {
    let decoder = NewlineDecoder {
        decoder: ValueCell::new(None),
        is_ready: Cell::new(false),
        newlines: VmCell::new(Newlines::default()),
    };
    Ok(Value::from(Ref::new(class, decoder)))
}

static INIT: Params = Params::new(&["decoder", "translate", "errors"], 2);

fn init(vm: &mut Vm, this: &Value, args: Args<'_>) -> PyResult<()> {
    let this = receiver::<NewlineDecoder>(vm, this)?.clone();
    let args = args.bind(vm, "IncrementalNewlineDecoder", &INIT)?;
    let translate = vm.truth(args.get(1).unwrap_or(&Value::FALSE))?;
    this.decoder
        .set(args.get(0).filter(|decoder| !decoder.is_none()).cloned());
    *this.newlines.get_mut(vm) = Newlines {
        translate,
        ..Newlines::default()
    };
    this.is_ready.set(true);
    Ok(())
}

#[cold]
fn uninitialized(vm: &mut Vm) -> Raised {
    vm.value_error("IncrementalNewlineDecoder.__init__() not called")
}

fn ready<'a>(vm: &mut Vm, this: &'a Value) -> PyResult<&'a Ref<NewlineDecoder>> {
    let decoder = receiver::<NewlineDecoder>(vm, this)?;
    match decoder.is_ready.get() {
        true => Ok(decoder),
        false => Err(uninitialized(vm)),
    }
}

static DECODE: Params = Params::new(&["input", "final"], 1);

fn decode(vm: &mut Vm, this: &Value, args: &Bound<'_>) -> PyResult {
    let this = ready(vm, this)?.clone();
    let input = args.get(0).cloned().unwrap_or(Value::NONE);
    let is_final = vm.truth(args.get(1).unwrap_or(&Value::FALSE))?;
    let text = match this.decoder.get() {
        Some(decoder) => call(vm, &decoder, "decode", &[input, Value::bool(is_final)])?,
        None => input,
    };
    let Some(text) = text.downcast::<Str>() else {
        let found = vm.type_name(&text);
        let message = format!("decoder should return a string result, not '{found}'");
        return Err(vm.type_error(message));
    };
    let text = text.view().to_buf();
    let text = this.newlines.get_mut(vm).apply(text, is_final);
    Ok(vm.str_from_buf(text))
}

fn get_state(vm: &mut Vm, this: &Value) -> PyResult {
    let this = ready(vm, this)?.clone();
    let (buffer, flag) = match this.decoder.get() {
        Some(decoder) => {
            let state = call(vm, &decoder, "getstate", &[])?;
            let Some([buffer, flag]) = state.downcast::<Tuple>().map(|state| state.items()) else {
                return Err(vm.type_error("illegal decoder state"));
            };
            let flag =
                vm.index_as_i64(flag, "Python int too large to convert to C unsigned long")?;
            (buffer.clone(), flag)
        }
        None => (vm.new_bytes(Vec::new()), 0),
    };
    let pending = this.newlines.get(vm).pending_cr;
    let flag = vm.int(flag << 1 | i64::from(pending));
    Ok(vm.new_tuple(vec![buffer, flag]))
}

fn set_state(vm: &mut Vm, this: &Value, state: &Value) -> PyResult {
    let this = ready(vm, this)?.clone();
    let Some([buffer, flag]) = state.downcast::<Tuple>().map(|state| state.items()) else {
        return Err(vm.type_error("state argument must be a tuple"));
    };
    let flag = vm.index_as_i64(flag, "Python int too large to convert to C unsigned long")?;
    this.newlines.get_mut(vm).pending_cr = flag & 1 != 0;
    if let Some(decoder) = this.decoder.get() {
        let state = vec![buffer.clone(), vm.int(flag >> 1)];
        let state = vm.new_tuple(state);
        return call(vm, &decoder, "setstate", &[state]);
    }
    let _ = data(vm, buffer);
    Ok(Value::NONE)
}

fn reset(vm: &mut Vm, this: &Value) -> PyResult {
    let this = ready(vm, this)?.clone();
    let newlines = this.newlines.get_mut(vm);
    newlines.seen = 0;
    newlines.pending_cr = false;
    match this.decoder.get() {
        Some(decoder) => call(vm, &decoder, "reset", &[]),
        None => Ok(Value::NONE),
    }
}

static METHODS: &[NativeDef] = &[
    NativeDef::bound("decode", &DECODE, decode).signature("($self, /, input, final=False)"),
    NativeDef::no_args("getstate", get_state).signature("($self, /)"),
    NativeDef::one("setstate", set_state).signature("($self, state, /)"),
    NativeDef::no_args("reset", reset).signature("($self, /)"),
];
