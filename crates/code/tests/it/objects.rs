//! Code objects as values: attributes, equality, replacing, writing back.

use pyco_code::{CodeFlags, CodeObject, Constant, LocalKind, Str, Version};

use crate::support::fixtures;

#[test]
fn what_was_read_is_written_back_byte_for_byte() {
    for fixture in fixtures() {
        let written = fixture.code.to_marshal().expect("writable");
        assert!(written == fixture.bytes, "{}", fixture.name());
    }
}

#[test]
fn what_was_changed_is_equal_when_read_again() {
    for fixture in fixtures() {
        // Marshal writes no Python 2.
        if fixture.version == Version::V2_7 {
            continue;
        }
        let other = fixture
            .code
            .replace()
            .filename("elsewhere")
            .build()
            .expect("valid");
        let bytes = other.to_marshal().expect("writable");
        let read = CodeObject::from_marshal(fixture.version, &bytes, 0).expect("readable");
        assert_eq!(read, fixture.code, "{}", fixture.name());
        assert_eq!(read.walk().count(), fixture.code.walk().count());
        for (ours, theirs) in read.walk().zip(fixture.code.walk()) {
            assert_eq!(ours.qualname(), theirs.qualname());
            assert_eq!(ours.stacksize(), theirs.stacksize());
            assert_eq!(ours.localspluskinds(), theirs.localspluskinds());
        }
    }
}

fn texts<'a>(names: impl Iterator<Item = &'a Str>) -> Vec<String> {
    names.map(ToString::to_string).collect()
}

#[test]
fn attributes_are_those_that_cpython_shows() {
    for fixture in fixtures() {
        let Some(code) = fixture.code.walk().find(|code| *code.name() == "closure") else {
            continue;
        };
        assert_eq!(
            (
                code.argcount(),
                code.kwonlyargcount(),
                code.posonlyargcount()
            ),
            (2, 0, 0)
        );
        assert_eq!(code.total_args(), 3);
        assert!(
            code.flags()
                .contains(CodeFlags::OPTIMIZED | CodeFlags::VARARGS)
        );
        let locals = texts(code.varnames());
        assert_eq!(locals[..3], ["a", "b", "rest"], "{}", fixture.name());
        let mut cells = texts(code.cellvars());
        // Comprehensions are functions of their own up to 3.11.
        cells.retain(|name| name != "rest");
        assert_eq!(cells, ["a", "total"], "{}", fixture.name());
        assert_eq!(texts(code.freevars()), [""; 0]);
        assert_eq!(code.nlocals() as usize, locals.len());
        let add = code
            .children()
            .find(|child| *child.name() == "add")
            .expect("nested");
        assert_eq!(texts(add.freevars()), ["a", "total"]);
        let qualname = if fixture.version.has_localsplus() {
            "closure.<locals>.add"
        } else {
            "add"
        };
        assert_eq!(
            fixture.code.find(qualname).map(CodeObject::id),
            Some(add.id())
        );
        assert_eq!(add.docstring(), None);
    }
}

#[test]
fn equality_ignores_what_cpython_ignores() {
    for fixture in fixtures() {
        let code = &fixture.code;
        let same = [
            code.replace().filename("x").build(),
            code.replace().stacksize(99).build(),
        ];
        for other in same {
            assert_eq!(other.as_ref(), Ok(code), "{}", fixture.name());
        }
        let different = [
            code.replace().name("x").build(),
            code.replace()
                .flags(code.flags() ^ CodeFlags::NESTED)
                .build(),
            code.replace().firstlineno(99).build(),
            code.replace().consts([Constant::None]).build(),
            code.replace().names(["x"]).build(),
            code.replace()
                .localsplus([("x".into(), LocalKind::LOCAL)])
                .build(),
        ];
        for other in different {
            assert_ne!(other.as_ref(), Ok(code), "{}", fixture.name());
        }
        let line_table = code.replace().linetable([]).build();
        assert_eq!(
            line_table.as_ref() == Ok(code),
            fixture.version < Version::V3_11
        );
    }
}

#[test]
fn nan_makes_a_code_object_equal_to_itself_only() {
    let code = &fixtures()[0].code;
    let with = |constant| code.replace().consts([constant]).build().expect("valid");
    let nan = with(Constant::Float(f64::NAN));
    assert_eq!(nan, nan.clone());
    assert_ne!(nan, with(Constant::Float(f64::NAN)));
    assert_ne!(with(Constant::from(1)), with(Constant::Bool(true)));
    assert_ne!(with(Constant::from(1)), with(Constant::Float(1.0)));
}

#[test]
fn sets_are_equal_whatever_their_order() {
    let set = |items: [i64; 3]| Constant::FrozenSet(items.map(Constant::from).into());
    assert_eq!(set([1, 2, 3]), set([3, 1, 2]));
    assert_ne!(set([1, 2, 3]), set([1, 2, 4]));
}

#[test]
fn replacing_names_the_field_that_does_not_fit() {
    for fixture in fixtures() {
        let code = &fixture.code;
        let refused = [
            (code.replace().argcount(9).build(), "co_varnames"),
            (
                code.replace().posonlyargcount(9).build(),
                "co_posonlyargcount",
            ),
            (code.replace().firstlineno(-1).build(), "co_firstlineno"),
            (
                code.replace()
                    .flags(CodeFlags::from_bits_retain(1 << 31))
                    .build(),
                "co_flags",
            ),
        ];
        for (result, field) in refused {
            let message = result.expect_err("refused").to_string();
            assert!(message.starts_with(field), "{message}");
        }
        if fixture.version.has_units() {
            let message = code
                .replace()
                .code([0])
                .build()
                .expect_err("refused")
                .to_string();
            assert!(message.starts_with("co_code"), "{message}");
        }
    }
}

#[test]
fn transform_reaches_every_code_object_and_shares_what_stays() {
    for fixture in fixtures() {
        let mut seen = 0;
        let same = fixture.code.transform(|code| {
            seen += 1;
            Ok::<_, ()>(code)
        });
        assert_eq!(seen, fixture.code.walk().count());
        assert!(same.is_ok_and(|same| same.is(&fixture.code)));
        let renamed = fixture
            .code
            .transform(|code| code.replace().filename("moved").build())
            .expect("valid");
        assert!(renamed.walk().all(|code| *code.filename() == "moved"));
        assert_eq!(renamed, fixture.code);
    }
}

#[test]
fn a_pyc_is_read_whoever_wrote_it() {
    for fixture in fixtures() {
        let magic = fixture.version.magic().to_le_bytes();
        let header = match fixture.version {
            Version::V2_7 => 8,
            Version::V3_6 => 12,
            _ => 16,
        };
        let mut file = vec![0; header];
        file[..4].copy_from_slice(&[magic[0], magic[1], b'\r', b'\n']);
        file.extend(&fixture.bytes);
        let code = CodeObject::from_pyc(&file).expect("readable");
        assert_eq!(code, fixture.code);
        assert_eq!(code.file_offset(), Some(header as u64));
    }
    let error = CodeObject::from_pyc(b"\x9e\x0c\r\n\0\0\0\0\0\0\0\0").expect_err("3.3");
    assert!(error.to_string().contains("3.3"), "{error}");
    let beta = 3494u16.to_le_bytes();
    let mut file = vec![beta[0], beta[1], b'\r', b'\n'];
    file.resize(16, 0);
    let error = CodeObject::from_pyc(&file)
        .expect_err("an alpha")
        .to_string();
    assert!(error.contains("3494 of CPython 3.11a7"), "{error}");
}

#[test]
fn branches_are_those_that_cpython_yields() {
    let mut count = 0;
    for fixture in fixtures() {
        if fixture.version < Version::V3_14 {
            assert_eq!(
                fixture.code.walk().flat_map(CodeObject::branches).count(),
                0
            );
            continue;
        }
        let recorded = std::fs::read_to_string(fixture.path.with_extension("branches.txt"));
        let recorded = recorded.expect("a recorded answer");
        assert_eq!(recorded.lines().count(), fixture.code.walk().count());
        for (code, recorded) in fixture.code.walk().zip(recorded.lines()) {
            let branches = code.branches();
            let ours = branches.map(|b| format!(" {},{},{}", b.source.0, b.left.0, b.right.0));
            let ours = ours.collect::<Vec<_>>();
            count += ours.len();
            assert_eq!(format!("{}{}", code.qualname(), ours.concat()), recorded);
        }
    }
    assert!(count > 100, "{count} branches");
}

#[test]
fn lnotab_is_that_of_each_version() {
    // What the interpreters answer for the code object with the longest one in `common`.
    let expected = [
        (
            Version::V2_7,
            "errors",
            "0002030003010f011b0115010f010d010b020b0109010e01",
        ),
        (
            Version::V3_6,
            "<module>",
            "04010c010a01100220011203100e0a11081008091601",
        ),
        (
            Version::V3_7,
            "<module>",
            "04010c010c01100220011203100e0a11081008091601",
        ),
        (
            Version::V3_8,
            "<module>",
            "04010c010c011002200102000200020002000200020002ff0404100e0a11081008091601",
        ),
        (
            Version::V3_9,
            "errors",
            "000204010a01200608fa160112011c010c010a02140104010e01",
        ),
        (
            Version::V3_10,
            "errors",
            "000204010a010eff12070af91402120110010c0106ff0403140104010cff0402",
        ),
        (
            Version::V3_11,
            "errors",
            "02020201200136ff180720f91a0220012601120106ff08034801040114ff0402",
        ),
        (
            Version::V3_12,
            "errors",
            "02020201180124ff120718f91c021c011e01100106ff0803380104010aff0602",
        ),
        (
            Version::V3_13,
            "errors",
            "02020201180124ff120718f924021e011e01120106ff080338010e010aff1202",
        ),
        (
            Version::V3_14,
            "<module>",
            "00ff020204010c010c0110022a010eff0404160e0a110610060946010eff",
        ),
    ];
    let mut compared = 0;
    for fixture in fixtures()
        .iter()
        .filter(|fixture| fixture.path.ends_with("common.marshal"))
    {
        let mut codes = fixture.code.walk();
        let known = expected.iter().find(|known| known.0 == fixture.version);
        let Some((_, name, expected)) = known else {
            assert_eq!(fixture.version, Version::V3_15);
            assert!(codes.all(|code| code.lnotab().is_none()));
            continue;
        };
        let code = codes
            .find(|code| *code.name() == **name)
            .expect("a code object");
        let pairs = code
            .lnotab()
            .expect("there is one")
            .collect::<Result<Vec<_>, _>>();
        let bytes = pairs.expect("a valid table").concat();
        let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(hex, *expected, "{}", fixture.version);
        compared += 1;
    }
    assert_eq!(compared, expected.len());
}
