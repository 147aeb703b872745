//! Properties that hold for any bytes at all; tests run them on fixed inputs, the fuzzer on random ones.

use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt::{self, Write};

use pyco_marshal::{Bytes, CodeOffsets, Items, Locals, RawCode, Value};

use crate::edit::Assembly;
use crate::quicken::Quickened;
use crate::{CodeObject, DisOptions, ExceptionTable, Instructions, Version, asm};

pub use crate::verify::properties::{any_verdict, verdict};

/// Takes so many bytes of text and then refuses.
struct Sink(usize);

impl Write for Sink {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.0 = self.0.checked_sub(text.len()).ok_or(fmt::Error)?;
        Ok(())
    }
}

/// The first byte chooses a version.
fn split_version(data: &[u8]) -> Option<(Version, &[u8])> {
    let (first, rest) = data.split_first()?;
    Some((Version::ALL[usize::from(*first) % Version::ALL.len()], rest))
}

/// Whatever marshal takes for a code object can be shown, walked, and written back as it was.
pub fn any_marshalled(data: &[u8]) {
    let Some((version, bytes)) = split_version(data) else {
        return;
    };
    let Ok(code) = CodeObject::from_marshal(version, bytes, 0) else {
        return;
    };
    assert_eq!(code.to_marshal().as_deref(), Ok(bytes));
    let _ = code.dis().write(&mut Sink(1 << 20));
    for code in code.walk().take(100) {
        any_code_object(code);
    }
}

/// Whatever stands in the bytecode and the tables of a code object, it can be shown.
pub fn any_bytecode(data: &[u8]) {
    let Some((version, data)) = split_version(data) else {
        return;
    };
    let third = (data.len() / 3) & !1;
    let (code, rest) = data.split_at(third);
    let (lines, exceptions) = rest.split_at(third);
    if let Some(code) = with_tables(version, code, lines, exceptions) {
        any_code_object(&code);
    }
}

/// Whatever stands in the bytecode and the tables, what can be taken apart for editing is put together as it was, but
/// for tables that say the same in other bytes; and its quickened form gives the bytecode back.
pub fn any_edit(data: &[u8]) {
    let Some((version, data)) = split_version(data) else {
        return;
    };
    let third = (data.len() / 3) & !1;
    let (code, rest) = data.split_at(third);
    let (lines, exceptions) = rest.split_at(third);
    let Some(code) = with_tables(version, code, lines, exceptions) else {
        return;
    };
    if let Ok(assembly) = Assembly::of(&code)
        && let Ok(again) = assembly.assemble(&code)
    {
        let once_more = Assembly::of(&again).and_then(|assembly| assembly.assemble(&again));
        assert_eq!(once_more.as_ref(), Ok(&again));
        let ops = |code: &CodeObject| {
            let instructions = code.instructions().map_while(Result::ok);
            instructions.map(|i| i.op()).collect::<Vec<_>>()
        };
        assert_eq!(ops(&again), ops(&code));
    }
    any_text_of(&code);
    if let Ok(verified) = crate::verify(&code)
        && let Ok(quickened) = Quickened::new(verified)
    {
        assert_eq!(quickened.deopt(), code.code());
    }
}

/// Any text at all is a code object or an error; of a code object the text is settled after one writing.
pub fn any_text(data: &[u8]) {
    let Ok(text) = core::str::from_utf8(data) else {
        return;
    };
    let _ = asm::to_pyc(text);
    if let Ok(code) = asm::parse(text) {
        any_text_of(&code);
    }
}

/// A code object is in its text, whole.
fn any_text_of(code: &CodeObject) {
    let Ok(text) = asm::write(code) else {
        return;
    };
    match asm::parse(&text) {
        Ok(again) => assert_eq!(asm::write(&again), Ok(text)),
        Err(error) => panic!("{error} in a text that was written:\n{text}"),
    }
}

/// A function of that version with two names and two constants around some bytecode and tables.
fn with_tables(
    version: Version,
    code: &[u8],
    lines: &[u8],
    exceptions: &[u8],
) -> Option<CodeObject> {
    let names = || Items::from_iter([Value::from("a"), Value::from("b")]);
    let new = version.has_localsplus();
    let raw = RawCode {
        argcount: 1,
        posonlyargcount: 0,
        kwonlyargcount: 0,
        stacksize: 9,
        flags: 3,
        code: code.into(),
        consts: Items::from_iter([Value::None, Value::from(7)]),
        names: names(),
        locals: if new {
            Locals::Plus {
                names: names(),
                kinds: [0x20, 0x40].into(),
            }
        } else {
            Locals::Separate {
                nlocals: 2,
                varnames: names(),
                freevars: Items::default(),
                cellvars: Items::default(),
            }
        },
        filename: "f".into(),
        name: "n".into(),
        qualname: new.then(|| "n".into()),
        firstlineno: 1,
        linetable: lines.into(),
        exceptiontable: if new {
            exceptions.into()
        } else {
            Bytes::default()
        },
        offsets: CodeOffsets::default(),
    };
    CodeObject::from_raw(version, &Arc::new(raw)).ok()
}

/// The properties of one code object.
fn any_code_object(code: &CodeObject) {
    let options = DisOptions {
        show_caches: true,
        adaptive: true,
        show_offsets: true,
        show_positions: true,
        without_nested: true,
    };
    for options in [DisOptions::default(), options] {
        let _ = code.dis().with(options).write(&mut Sink(1 << 20));
    }
    let mut end = 0;
    for instruction in Instructions::new(code.version(), code.code()).map_while(Result::ok) {
        assert_eq!(instruction.start.0, end);
        assert!(instruction.start <= instruction.offset && instruction.offset < instruction.end);
        end = instruction.end.0;
        assert!(end as usize <= code.code().len());
        let _ = instruction.jump_target();
    }
    exception_table_round_trips(code.exceptiontable().as_bytes());
}

/// What decodes to its end encodes to the same bytes, and each entry is found from where it starts.
fn exception_table_round_trips(bytes: &[u8]) {
    let table = ExceptionTable::new(bytes);
    let Ok(entries) = table.entries().collect::<Result<Vec<_>, _>>() else {
        let _ = table.lookup(crate::UnitOffset(1));
        return;
    };
    let mut encoded = Vec::new();
    for entry in &entries {
        assert_eq!(entry.encode(&mut encoded), Ok(()));
    }
    assert_eq!(encoded, bytes);
    let is_sorted = entries.windows(2).all(|pair| pair[0].end <= pair[1].start);
    for entry in entries
        .iter()
        .filter(|entry| is_sorted && entry.start < entry.end)
    {
        assert_eq!(table.lookup(entry.start), Ok(Some(*entry)));
    }
}
