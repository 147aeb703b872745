//! Normal forms of real files.

use pyco_marshal::{Normalizer, Pyc, Source, Str, Style, Value, Version, WriteOptions};

use crate::fixtures;

fn python3() -> impl Iterator<Item = (String, Vec<u8>)> {
    fixtures::pycs()
        .into_iter()
        .filter(|(name, _)| !name.contains("2.7"))
}

fn filenames(value: &Value, found: &mut Vec<Str>) {
    if let Value::Code(code) = value {
        found.push(code.filename.clone());
        code.consts.iter().for_each(|value| filenames(value, found));
    }
}

/// Equality in which the order of sets does not matter.
fn is_same_but_for_order(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Code(a), Value::Code(b)) => {
            let mut twin = pyco_marshal::RawCode::clone(a);
            twin.consts = b.consts.clone();
            let consts = (
                Value::Tuple(a.consts.clone()),
                Value::Tuple(b.consts.clone()),
            );
            twin == **b && is_same_but_for_order(&consts.0, &consts.1)
        }
        (Value::Tuple(a), Value::Tuple(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| is_same_but_for_order(a, b))
        }
        (Value::FrozenSet(a), Value::FrozenSet(b)) => {
            a.len() == b.len() && a.iter().all(|item| b.contains(item))
        }
        _ => a == b,
    }
}

#[test]
fn a_normal_form_is_equal_code_and_stays() {
    let normalizer = Normalizer::new();
    for (name, file) in python3() {
        let normal = normalizer.normalize(&file).expect(&name);
        assert_eq!(
            normalizer.normalize(&normal).expect(&name),
            normal,
            "{name}"
        );
        let before = Pyc::read(&file).and_then(|pyc| pyc.value()).expect(&name);
        let after = Pyc::read(&normal).and_then(|pyc| pyc.value()).expect(&name);
        assert!(is_same_but_for_order(&before, &after), "{name}");
    }
}

#[test]
fn flags_and_sharing_of_the_writer_leave_no_trace() {
    let normalizer = Normalizer::new();
    for (name, file) in python3() {
        let pyc = Pyc::read(&file).expect(&name);
        let value = pyc.value().expect(&name);
        // The same code, as CPython's writer would flag it, and without any reference.
        let options = WriteOptions::new(pyc.version()).with_style(Style::Cpython);
        let mut other = pyc.header().to_bytes();
        other.extend(value.to_marshal(&options).expect(&name));
        assert_eq!(
            normalizer.normalize(&other),
            normalizer.normalize(&file),
            "{name}"
        );
    }
}

#[test]
fn prefixes_of_filenames_change_in_nested_code_too() {
    let normalizer = Normalizer::new().with_filename_prefix("src/", "/usr/lib/é/");
    for (name, file) in python3() {
        let normal = normalizer.normalize(&file).expect(&name);
        let value = Pyc::read(&normal).and_then(|pyc| pyc.value()).expect(&name);
        let mut found = Vec::new();
        filenames(&value, &mut found);
        assert!(found.len() > 3, "{name}");
        for filename in found {
            let text = filename.as_str().expect("UTF-8");
            assert!(text.starts_with("/usr/lib/é/"), "{name} {text}");
        }
    }
}

#[test]
fn times_and_hashes_are_replaced() {
    let source = b"x = 1\n";
    for (name, file) in python3() {
        let before = Pyc::read(&file).expect(&name).header().source();
        let epoch = Normalizer::new()
            .with_mtime((1 << 32) + 7)
            .normalize(&file)
            .expect(&name);
        match (before, Pyc::read(&epoch).expect(&name).header().source()) {
            (Source::Timestamp { size, .. }, after) => {
                assert_eq!(after, Source::Timestamp { mtime: 7, size }, "{name}");
            }
            (hash, after) => assert_eq!(hash, after, "{name}"),
        }
        let hashed = Normalizer::new()
            .with_hash_of(source, false)
            .normalize(&file)
            .expect(&name);
        let pyc = Pyc::read(&hashed).expect(&name);
        let expected = (pyc.version() >= Version::V3_7).then_some(true);
        assert_eq!(pyc.header().is_hash_of(source), expected, "{name}");
    }
}

#[test]
fn python_2_is_refused_with_a_reason() {
    let (name, file) = fixtures::pycs()
        .into_iter()
        .find(|(name, _)| name.contains("2.7"))
        .unwrap();
    let error = Normalizer::new().normalize(&file).unwrap_err();
    assert!(error.to_string().contains("Python 2.7"), "{name} {error}");
}
