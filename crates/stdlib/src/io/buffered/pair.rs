//! `BufferedRWPair`: a reader and a writer as one stream.

use pyco_exec::cell::ValueCell;
use pyco_exec::object::header::{Payload, Ref};
use pyco_exec::object::native::{GetSetDef, NativeDef};
use pyco_exec::object::native_class::ClassDef;
use pyco_exec::object::sequence::receiver;
use pyco_exec::object::slots::Slots;
use pyco_exec::object::type_::Type;
use pyco_exec::{Args, PyResult, Value, Vm};

use super::{READER, WRITER, first_error};
use crate::io::base::{BUFFERED_IO_BASE, attribute, call, check_able};

/// The payload.
pub(in crate::io) struct Pair {
    reader: ValueCell,
    writer: ValueCell,
}

impl Payload for Pair {
    fn traverse(&self, visit: &mut dyn FnMut(&Value)) {
        self.reader.traverse(visit);
        self.writer.traverse(visit);
    }
}

pub(in crate::io) static PAIR: ClassDef = ClassDef::new::<Pair>("_io.BufferedRWPair", slots)
    .base(|vm| vm.class(&BUFFERED_IO_BASE))
    .subclassable()
    .methods(METHODS)
    .attributes(&[GetSetDef::get("closed", |vm, this| {
        let pair = receiver::<Pair>(vm, this)?;
        match pair.writer.get() {
            Some(writer) => attribute(vm, &writer, "closed"),
            None => Err(vm.runtime_error("the BufferedRWPair object is being garbage-collected")),
        }
    })]);

fn slots(slots: &Slots, _minor_version: u8) {
    slots.new.set(Some(new));
    slots.init.set(Some(init));
}

fn new(_vm: &mut Vm, class: &Ref<Type>, _args: Args<'_>) -> PyResult {
    let pair = Pair {
        reader: ValueCell::new(None),
        writer: ValueCell::new(None),
    };
    Ok(Value::from(Ref::new(class, pair)))
}

fn init(vm: &mut Vm, this: &Value, args: Args<'_>) -> PyResult<()> {
    let pair = receiver::<Pair>(vm, this)?.clone();
    let args = args.between(vm, "BufferedRWPair", 2, 3)?;
    check_able(vm, &args[0], "readable")?;
    check_able(vm, &args[1], "writable")?;
    let half = |vm: &mut Vm, class, raw: &Value| {
        let class = vm.class(class);
        let mut arguments = vec![raw.clone()];
        arguments.extend(args.get(2).cloned());
        vm.call(class.as_value(), &arguments)
    };
    let reader = half(vm, &READER, &args[0])?;
    let writer = half(vm, &WRITER, &args[1])?;
    pair.reader.set(Some(reader));
    pair.writer.set(Some(writer));
    Ok(())
}

/// Calls a method of one half.
fn forward(vm: &mut Vm, this: &Value, reads: bool, name: &str, args: &[Value]) -> PyResult {
    let pair = receiver::<Pair>(vm, this)?;
    let half = if reads { &pair.reader } else { &pair.writer };
    match half.get() {
        Some(half) => call(vm, &half, name, args),
        None => Err(vm.value_error("I/O operation on uninitialized object")),
    }
}

fn close(vm: &mut Vm, this: &Value) -> PyResult {
    let written = forward(vm, this, false, "close", &[]);
    let read = forward(vm, this, true, "close", &[]);
    first_error(vm, written, read)
}

fn is_terminal(vm: &mut Vm, this: &Value) -> PyResult {
    let found = forward(vm, this, false, "isatty", &[])?;
    match found.is(&Value::FALSE) {
        true => forward(vm, this, true, "isatty", &[]),
        false => Ok(found),
    }
}

static METHODS: &[NativeDef] = &[
    NativeDef::any("read", |vm, this, args| {
        forward(vm, this, true, "read", args.positional())
    }),
    NativeDef::any("peek", |vm, this, args| {
        forward(vm, this, true, "peek", args.positional())
    }),
    NativeDef::any("read1", |vm, this, args| {
        forward(vm, this, true, "read1", args.positional())
    }),
    NativeDef::any("readinto", |vm, this, args| {
        forward(vm, this, true, "readinto", args.positional())
    }),
    NativeDef::any("readinto1", |vm, this, args| {
        forward(vm, this, true, "readinto1", args.positional())
    }),
    NativeDef::any("write", |vm, this, args| {
        forward(vm, this, false, "write", args.positional())
    }),
    NativeDef::no_args("flush", |vm, this| forward(vm, this, false, "flush", &[])),
    NativeDef::no_args("readable", |vm, this| {
        forward(vm, this, true, "readable", &[])
    }),
    NativeDef::no_args("writable", |vm, this| {
        forward(vm, this, false, "writable", &[])
    }),
    NativeDef::no_args("close", close),
    NativeDef::no_args("isatty", is_terminal),
];
