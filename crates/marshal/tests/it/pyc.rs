//! Whole files of every version.

use pyco_marshal::{Header, Kind, Limits, Locals, Magic, Pyc, Source, Value, Version, properties};

use crate::fixtures;

#[test]
fn files_of_every_version_come_back_byte_for_byte() {
    for (name, file) in fixtures::pycs() {
        let pyc = Pyc::read(&file).expect(&name);
        assert!(name.contains(&format!("-{}.pyc", pyc.version())), "{name}");
        assert!(pyc.header().magic().is_final());
        let document = pyc.document().expect(&name);
        let mut written = pyc.header().to_bytes();
        document.encode_to(&mut written);
        assert!(written == file, "{name}");
        assert_eq!(document.root().kind(), Kind::Code);
        assert_eq!(
            document.root().offset(),
            pyc.header().magic().header_size() as u64
        );
        properties::pyc(&file);
    }
}

#[test]
fn code_objects_have_the_fields_of_their_version() {
    for (name, file) in fixtures::pycs()
        .into_iter()
        .filter(|(name, _)| name.starts_with("shapes"))
    {
        let pyc = Pyc::read(&file).expect(&name);
        let module = pyc.code().expect(&name);
        assert_eq!(module.name, "<module>");
        assert_eq!(module.filename, "src/shapes.py");
        assert_eq!(module.qualname.is_some(), pyc.version() >= Version::V3_11);
        let codes: Vec<_> = module.consts.iter().filter_map(Value::as_code).collect();
        let function = codes
            .iter()
            .find(|code| code.name == "function")
            .expect(&name);
        assert_eq!(function.argcount, 2);
        assert_eq!(function.flags & 0x0c, 0x0c, "*args and **kwargs");
        let locals: Vec<_> = match &function.locals {
            Locals::Plus { names, kinds } => {
                assert_eq!(names.len(), kinds.len());
                names.iter().filter_map(Value::as_str).collect()
            }
            Locals::Separate {
                nlocals, varnames, ..
            } => {
                assert_eq!(*nlocals as usize, varnames.len());
                varnames.iter().filter_map(Value::as_str).collect()
            }
        };
        assert!(
            locals.starts_with(&["first", "second", "rest", "named"]),
            "{name} {locals:?}"
        );
        // Each offset leads to the bytes of its field.
        let at = function.offsets.code as usize;
        assert_eq!(file[at] & 0x7f, b's');
        assert!(file[at + 5..].starts_with(&function.code));
        let at = function.offsets.linetable as usize;
        assert!(file[at + 5..].starts_with(&function.linetable));
    }
}

#[test]
fn a_recurring_object_is_one_object() {
    for (name, file) in fixtures::pycs()
        .into_iter()
        .filter(|(name, _)| !name.contains("2.7"))
    {
        let module = Pyc::read(&file).and_then(|pyc| pyc.code()).expect(&name);
        for code in module.consts.iter().filter_map(Value::as_code) {
            assert!(code.filename.ptr_eq(&module.filename), "{name}");
        }
    }
}

#[test]
fn headers_say_what_they_were_recorded_with() {
    for (name, file) in fixtures::pycs() {
        let pyc = Pyc::read(&file).expect(&name);
        let source = fixtures::source(&name).expect("the source");
        match pyc.header().source() {
            Source::Timestamp { mtime, size } => {
                assert_eq!(mtime, 1_700_000_000, "{name}");
                let expected = (pyc.version() >= Version::V3_3).then_some(source.len() as u32);
                assert_eq!(size, expected, "{name}");
                assert_eq!(pyc.header().is_hash_of(&source), None);
            }
            Source::Hash { is_checked, .. } => {
                assert_eq!(is_checked, name.starts_with("modern"), "{name}");
                assert_eq!(pyc.header().is_hash_of(&source), Some(true), "{name}");
                assert_eq!(pyc.header().is_hash_of(b"other"), Some(false), "{name}");
            }
        }
    }
}

#[test]
fn every_header_kind_is_written_and_read_back() {
    for minor in 6..=15 {
        let version = Version::new(3, minor);
        let size = Some(7);
        let mut sources = vec![Source::Timestamp { mtime: 5, size }];
        if minor >= 7 {
            sources.extend([false, true].map(|is_checked| Source::Hash {
                hash: *b"8 bytes!",
                is_checked,
            }));
        }
        for source in sources {
            let header = Header::new(version, source).expect("a known version");
            let bytes = header.to_bytes();
            assert_eq!(bytes.len(), version.header_size());
            assert_eq!(Header::read(&bytes), Ok(header));
            assert_eq!(header.source(), source);
        }
    }
}

#[test]
fn refused_headers_say_why() {
    let refused = |file: &[u8]| Header::read(file).unwrap_err().to_string();
    let short = "file ends, expected a .pyc header of 16 bytes and found 3 at offset 0x3";
    assert_eq!(refused(b"abc"), short);
    let magic = Magic::of(Version::V3_13).expect("known").to_bytes();
    assert!(refused(&magic).contains("found 4"));
    assert!(refused(b"\x00\x00\x0d\x0a            ").contains("none of CPython's"));
    let mut file = magic.to_vec();
    file.extend([4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    assert_eq!(
        refused(&file),
        "invalid .pyc flags 0x4, expected 0, 1 or 3 at offset 0x4"
    );
    let old = Magic::from_number(3459).expect("known").to_bytes();
    let file = [&old[..], &[0; 12], b"N"].concat();
    let error = Pyc::read(&file).expect("a header").value().unwrap_err();
    assert!(error.to_string().contains("pre-release"), "{error}");
    assert!(
        Pyc::read(&file)
            .expect("a header")
            .document_within(Limits::default())
            .is_err()
    );
}

#[test]
fn flags_2_are_kept_and_mean_a_timestamp() {
    let mut file = Magic::of(Version::V3_13)
        .expect("known")
        .to_bytes()
        .to_vec();
    file.extend([2, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0]);
    let header = Header::read(&file).expect("legal flags");
    assert_eq!(
        header.source(),
        Source::Timestamp {
            mtime: 1,
            size: Some(2)
        }
    );
    assert_eq!(header.to_bytes(), file);
}

#[test]
fn errors_in_a_file_name_the_offset_in_the_file() {
    let (name, mut file) = fixtures::pycs().pop().expect("a file");
    let code = Pyc::read(&file).and_then(|pyc| pyc.code()).expect(&name);
    let at = code.offsets.linetable as usize;
    file[at] = b'?';
    let error = Pyc::read(&file).and_then(|pyc| pyc.value()).unwrap_err();
    assert_eq!(error.offset(), at as u64);
    assert_eq!(
        error.to_string(),
        format!("unknown type code 0x3f at offset {at:#x}")
    );
}
