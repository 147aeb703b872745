//! What holds for every input, as functions that panic where it does not: called by the tests on
//! fixed inputs and by `fuzz/` on random ones.

use alloc::format;

use crate::{
    CodeLayout, Document, ErrorKind, Kind, Limits, Normalizer, Pyc, ReadOptions, Style, Value,
    Version, WriteOptions,
};

/// Bytes that may be a `.pyc`.
///
/// # Panics
/// If a property does not hold.
pub fn pyc(file: &[u8]) {
    let Ok(pyc) = Pyc::read(file) else {
        return;
    };
    let size = pyc.header().magic().header_size();
    if pyc.header().to_bytes() != file[..size] {
        panic!("the header comes back changed: {:?}", pyc.header());
    }
    let normalizer = Normalizer::new()
        .with_filename_prefix("src/", "lib/")
        .with_mtime(1);
    if let Ok(normal) = normalizer.normalize(file) {
        let again = normalizer
            .normalize(&normal)
            .expect("a normal file can be normalised");
        assert_eq!(normal, again, "normalising again changes something");
    }
    marshal_for(pyc.marshalled(), pyc.version(), &pyc.read_options());
}

/// Bytes that may be marshalled.
///
/// # Panics
/// If a property does not hold.
pub fn marshal(bytes: &[u8]) {
    for version in [Version::V2_7, Version::V3_7, Version::V3_10, Version::V3_15] {
        marshal_for(bytes, version, &ReadOptions::new(version));
    }
}

fn marshal_for(bytes: &[u8], version: Version, options: &ReadOptions) {
    let document = match Document::decode_with(bytes, options) {
        Ok(document) => document,
        Err(error) => {
            let as_value = Value::from_marshal_with(bytes, options);
            // The value may find something else wrong earlier in the bytes, but never later.
            let other = as_value.expect_err("what a document refuses, a value refuses");
            assert!(other.offset() <= error.offset() || other.kind() == error.kind());
            return;
        }
    };
    assert!(
        document.encode() == bytes,
        "the document comes back changed"
    );
    check_nodes(&document, bytes.len());
    match Value::from_marshal_with(bytes, options) {
        Ok(value) => check_value(&value, version),
        Err(error) => assert!(
            matches!(
                error.kind(),
                ErrorKind::RecursiveObject { .. }
                    | ErrorKind::FieldType { .. }
                    | ErrorKind::NegativeField { .. }
            ),
            "a document holds what a value refuses: {error}"
        ),
    }
}

fn check_nodes(document: &Document<'_>, len: usize) {
    let mut last = None;
    for node in document.nodes() {
        assert!(
            last < Some(node.offset()),
            "nodes are in the order of the bytes"
        );
        last = Some(node.offset());
        let target = node.resolve();
        assert!(target.offset() <= node.offset());
        assert!(!matches!(target.kind(), Kind::Ref { .. }));
        assert_eq!(
            node.code_ints().is_some(),
            node.code_firstlineno().is_some()
        );
    }
    assert!(document.node_count() <= len);
}

fn check_value(value: &Value, version: Version) {
    assert!(*value == value.clone());
    assert!(format!("{value:?}").len() < 64 << 20, "printing is bounded");
    // Deep, so that the reader's default depth is the only bound.
    let options = WriteOptions::new(version);
    let mimic = value.to_marshal(&options.with_style(Style::Cpython));
    let canonical = match value.to_marshal(&options) {
        Ok(canonical) => canonical,
        Err(error) => {
            assert!(
                mimic.is_err(),
                "one style refuses what the other writes: {error}"
            );
            return;
        }
    };
    let from_graph = value
        .to_marshal_from_graph(&options)
        .expect("both canonical writers write the same");
    assert!(canonical == from_graph, "the canonical writers disagree");
    let read = ReadOptions::with_layout(version.code_layout().or(Some(CodeLayout::LocalsPlus)));
    let limits = Limits::default();
    let back = Value::from_marshal_with(&canonical, &read.with_limits(limits))
        .expect("what is written can be read");
    let again = back
        .to_marshal(&options)
        .expect("what was read can be written");
    assert!(
        canonical == again,
        "canonical bytes change when written again"
    );
    if let Ok(mimic) = mimic {
        let mimicked =
            Value::from_marshal_with(&mimic, &read).expect("what is written can be read");
        let canonical_again = mimicked.to_marshal(&options).expect("it can be written");
        assert!(
            canonical == canonical_again,
            "the styles mean different values"
        );
    }
}
