//! The text form: what it keeps, and what it says of what is wrong.

use pyco_code::{CodeObject, Constant, ErrorKind, Int, Str, Version, asm};

use crate::support::fixtures;

/// A module of one code object with these lines.
fn module(lines: &str) -> Result<CodeObject, String> {
    asm::parse(&format!(".version 3.14\n.code main\n{lines}")).map_err(|error| error.to_string())
}

#[test]
fn every_fixture_comes_back() {
    for fixture in fixtures() {
        let text = match asm::write(&fixture.code) {
            Ok(text) => text,
            Err(error) if fixture.version < Version::V3_11 => {
                assert_eq!(*error.kind(), ErrorKind::NotEditable(fixture.version));
                continue;
            }
            Err(error) => panic!("{}: {error}", fixture.name()),
        };
        let again = asm::parse(&text).unwrap_or_else(|error| panic!("{}:{error}", fixture.name()));
        let pairs = fixture.code.walk().zip(again.walk());
        for (before, after) in pairs {
            assert_eq!(before, after, "{}", fixture.name());
            assert_eq!(before.qualname(), after.qualname());
            assert_eq!(before.filename(), after.filename());
            assert_eq!(before.stacksize(), after.stacksize());
            assert_eq!(before.localspluskinds(), after.localspluskinds());
        }
        assert_eq!(asm::write(&again).as_ref(), Ok(&text), "{}", fixture.name());
    }
}

#[test]
fn a_file_comes_back_byte_for_byte() {
    for fixture in fixtures() {
        if fixture.version < Version::V3_11 {
            continue;
        }
        let magic = fixture.version.magic().to_le_bytes();
        let header = [
            &magic[..],
            b"\r\n\x03\0\0\0\x01\x02\x03\x04\x05\x06\x07\x08",
        ]
        .concat();
        let file = [&header[..], &fixture.bytes, b"more"].concat();
        let text = asm::from_pyc(&file).expect("a text");
        assert_eq!(asm::to_pyc(&text).as_ref(), Ok(&file), "{}", fixture.name());
        // A text that was changed is written too, in the way that marshal would.
        let changed = text.replacen(".name \"", ".name \"other", 1);
        let changed = asm::to_pyc(&changed).expect("a file");
        let code = CodeObject::from_pyc(&changed).expect("a code object");
        assert!(code.name().to_string_lossy().starts_with("other"));
    }
}

#[test]
fn a_file_that_marshal_would_write_alike_comes_back() {
    for fixture in fixtures() {
        if fixture.version < Version::V3_11 {
            continue;
        }
        // What of this is interned and shared, the text's own code objects need not know.
        let fresh = fixture.code.replace().build().expect("valid");
        let magic = fixture.version.magic().to_le_bytes();
        let body = fresh.to_marshal().expect("writable");
        let file = [&magic[..], b"\r\n", &[0; 12], &body].concat();
        let text = asm::from_pyc(&file).expect("a text");
        assert_eq!(asm::to_pyc(&text).as_ref(), Ok(&file), "{}", fixture.name());
    }
}

#[test]
fn constants_keep_every_bit() {
    let lone = Str::from_code_points([0xd800, 0x61, 0xdc00, 0x0a, 0x22, 0x5c, 0x1f600]);
    let constants = vec![
        Constant::Str(lone),
        Constant::Bytes((0..=255).collect::<Vec<u8>>().into()),
        Constant::Float(f64::from_bits(0x7ff0_0000_0000_0001)),
        Constant::Float(f64::from_bits(0xfff8_0000_0000_0000)),
        Constant::Float(f64::NAN),
        Constant::Float(-0.0),
        Constant::Float(f64::NEG_INFINITY),
        Constant::Float(5e-324),
        Constant::Float(1e300),
        Constant::Complex(-0.0, f64::INFINITY),
        Constant::Int(i64::MIN.into()),
        Constant::Int(Int::from_le_bytes(true, &[0, 0, 0, 0, 0, 0, 0, 0x80, 7])),
        Constant::Int(Int::from_le_bytes(false, &[0xff; 40])),
        Constant::Tuple([].into()),
        Constant::Tuple([Constant::Tuple([Constant::Ellipsis].into())].into()),
        Constant::FrozenSet([Constant::from(2), Constant::from(1)].into()),
        Constant::Slice(std::sync::Arc::new([
            Constant::None,
            Constant::Bool(true),
            3.into(),
        ])),
        Constant::Dict([(Constant::from("a"), Constant::List([1.into()].into()))].into()),
        Constant::FrozenDict([].into()),
        Constant::Set([Constant::StopIteration].into()),
    ];
    let code = module("RESUME 0").expect("a code object");
    let code = code
        .replace()
        .consts(constants)
        .build()
        .expect("a code object");
    let text = asm::write(&code).expect("a text");
    let again = asm::parse(&text).expect("a code object");
    // A NaN differs from itself, so the texts are compared.
    assert_eq!(asm::write(&again), Ok(text));
    for (before, after) in code.consts().iter().zip(again.consts()) {
        if let (Constant::Float(before), Constant::Float(after)) = (before, after) {
            assert_eq!(before.to_bits(), after.to_bits());
        } else {
            assert_eq!(before, after);
        }
    }
}

#[test]
fn names_and_constants_can_be_given_by_value() {
    let lines = ".localsplus \"x\" LOCAL\nRESUME 0 @ 1\nLOAD_GLOBAL = \"print\" + 1\nLOAD_CONST = (1, \"a\")\n\
                 CALL 1\nPOP_TOP\nLOAD_FAST = \"x\"\nRETURN_VALUE";
    let code = module(lines).expect("a code object");
    assert_eq!(code.names()[0], *"print");
    assert_eq!(
        code.consts(),
        [Constant::Tuple([1.into(), "a".into()].into())]
    );
    assert_eq!(code.stacksize(), 3);
}

#[test]
fn what_is_wrong_is_said_with_its_place() {
    let cases = [
        (
            "LOAD_CONT 0",
            "3:1: found LOAD_CONT, expected an instruction of CPython 3.14",
        ),
        ("JUMP_FORWARD L9", "3:14: found no label L9"),
        ("L1:\nNOP\nL1:", "5:1: found label L1 a second time"),
        (
            "L1:\nJUMP_FORWARD L1",
            "4:1: JUMP_FORWARD leads into the direction in which it cannot jump",
        ),
        (
            "  .consts 1: 2",
            "3:11: found 1, expected 0, the next index, or none",
        ),
        (".consts (1)", "3:12: expected a comma in a tuple of one"),
        (
            ".consts \"\\q\"",
            "3:11: expected one of n r t \\ \" x u U after a backslash",
        ),
        (
            ".consts 99999999999999999999",
            "3:9: expected a number; an int beyond 64 bits is written in hexadecimal, after 0x",
        ),
        (
            ".consts code C9",
            "3:14: found no code object \"C9\" further down; what refers to one stands above it",
        ),
        (
            ".flags NONSENSE",
            "3:8: found NONSENSE, expected the name of a flag, or bits after 0x",
        ),
        (
            "NOP @ 1:x",
            "3:9: found x, expected a number up to 4294967295",
        ),
        ("NOP 1 2", "3:7: found 2, expected the end of the line"),
        (
            ".argcount 1",
            "2:7: co_varnames is refused: expected a name for each argument",
        ),
        (
            ".code C1\nNOP",
            "3:7: no constant above refers to this code object",
        ),
        (
            ".unknown 1",
            "3:1: found .unknown, expected a field of a code object",
        ),
    ];
    for (lines, expected) in cases {
        assert_eq!(module(lines).err().as_deref(), Some(expected), "{lines}");
    }
}

#[test]
fn deep_nesting_is_refused_not_fatal() {
    for open in ["(", "[", "set{", "slice("] {
        let error = module(&format!(".consts {}", open.repeat(200_000))).expect_err("too deep");
        assert!(error.contains("more than 2000 deep"), "{error}");
    }
    let mut text = String::from(".version 3.14\n");
    for at in 0..5000 {
        text.push_str(&format!(".code C{at}\n.consts code C{}\n", at + 1));
    }
    text.push_str(".code C5000\n");
    assert!(asm::parse(&text).is_err());
}
