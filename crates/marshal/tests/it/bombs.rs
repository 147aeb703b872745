//! Hand-made hostile inputs: deep nesting, sizes that lie, references that run in circles. Each is
//! read, compared, printed, written and dropped on a stack of 256 KiB, and its memory is measured.

use pyco_marshal::{
    Document, Error, ErrorKind, Limits, ReadOptions, Style, Value, Version, WriteOptions,
};

use crate::memory::{on_small_stack, peak_of};

/// Most bytes held for each byte of input, beside `SLACK`.
const DOCUMENT_MULTIPLE: usize = 64;
const VALUE_MULTIPLE: usize = 160;
const WRITE_MULTIPLE: usize = 400;
const SLACK: usize = 64 * 1024;
const DEEP: usize = 1_000_000;

fn unlimited() -> Limits {
    let mut limits = Limits::default();
    limits.max_depth = u32::MAX;
    limits
}

/// Does all that can be done with hostile bytes and returns what the document's reader said.
fn detonate(bytes: &[u8], options: ReadOptions) -> Result<(), Error> {
    let bound = |multiple: usize| multiple * bytes.len() + SLACK;
    let (peak, document) = peak_of(|| Document::decode_with(bytes, &options));
    assert!(
        peak <= bound(DOCUMENT_MULTIPLE),
        "document: {peak} bytes for {}",
        bytes.len()
    );
    let document = document?;
    assert!(document.encode() == bytes);
    let (peak, value) = peak_of(|| Value::from_marshal_with(bytes, &options));
    assert!(
        peak <= bound(VALUE_MULTIPLE),
        "value: {peak} bytes for {}",
        bytes.len()
    );
    if let Ok(value) = value {
        let (peak, twin) = peak_of(|| {
            let twin = Value::from_marshal_with(bytes, &options).expect("the same again");
            assert!(value == twin);
            let _ = format!("{value:?}").len();
            let _ = value.map_filenames(&mut |_| None);
            twin
        });
        assert!(
            peak <= bound(2 * VALUE_MULTIPLE),
            "compare: {peak} for {}",
            bytes.len()
        );
        let (peak, _) = peak_of(|| {
            for style in [Style::Canonical, Style::Cpython] {
                let write = WriteOptions::new(Version::V3_15).with_style(style);
                let write = write.with_max_depth(u32::MAX).with_max_bytes(1 << 26);
                let _ = twin.to_marshal(&write);
                let _ = twin.to_marshal(&write.with_marshal_version(2).with_max_bytes(1 << 16));
            }
        });
        assert!(
            peak <= bound(WRITE_MULTIPLE) + (2 << 20),
            "write: {peak} for {}",
            bytes.len()
        );
    }
    Ok(())
}

/// Read with CPython's depth and with any.
fn survive(bytes: Vec<u8>) {
    on_small_stack(move || {
        for version in [Version::V3_15, Version::V3_10, Version::V2_7] {
            let options = ReadOptions::new(version);
            let _ = detonate(&bytes, options);
            let _ = detonate(&bytes, options.with_limits(unlimited()));
        }
    });
}

/// Refused, whatever the limits, for this reason at this offset.
fn refused(bytes: Vec<u8>, kind: ErrorKind, offset: u64) {
    on_small_stack(move || {
        let options = ReadOptions::default().with_limits(unlimited());
        let error = detonate(&bytes, options).expect_err("bytes to be refused");
        assert_eq!((error.kind(), error.offset()), (kind, offset), "{error}");
        assert!(Value::from_marshal_with(&bytes, &options).is_err());
    });
}

/// `open` a million times, a None, `close` a million times; deep, but right.
fn nested(open: &[u8], close: &[u8]) {
    let levels = |count: usize| [&open.repeat(count)[..], b"N", &close.repeat(count)].concat();
    let (deepest, deep) = (levels(DEEP), levels(DEEP / 20));
    on_small_stack(move || {
        let options = ReadOptions::default();
        let error = Document::decode(&deepest).expect_err("too deep by default");
        assert_eq!(error.kind(), ErrorKind::TooDeep(2000));
        let options = options.with_limits(unlimited());
        let document = Document::decode_with(&deepest, &options).expect("only deep");
        assert!(document.encode() == deepest);
        let value = document.to_value().expect("only deep");
        assert!(value == value.clone() && format!("{value:?}").len() < 1000);
        drop(value);
        detonate(&deep, options).expect("only deep");
    });
}

/// A code object of 3.11 and later whose `consts` is `consts`.
fn code(consts: &[u8]) -> (Vec<u8>, Vec<u8>) {
    let before = [b"c".as_slice(), &[0; 20], b"s\0\0\0\0", consts].concat();
    let after = b")\0)\0s\0\0\0\0z\0z\0z\0\x01\0\0\0s\0\0\0\0s\0\0\0\0".to_vec();
    (before, after)
}

/// Objects each made of two of the one before, `levels` times: 2^levels paths.
fn doubling(levels: u32, pair: impl Fn(Vec<u8>, [u8; 5]) -> Vec<u8>) -> Vec<u8> {
    let mut bytes = b"\xa9\x01N".to_vec();
    // The outermost comes first in the reference table, so the innermost has the last index.
    for level in (0..levels).rev() {
        let mut reference = [b'r', 0, 0, 0, 0];
        reference[1..].copy_from_slice(&(level + 1).to_le_bytes());
        bytes = pair(bytes, reference);
    }
    bytes
}

#[test]
fn tuples_a_million_deep() {
    nested(b"(\x01\0\0\0", b"");
}

#[test]
fn small_tuples_a_million_deep() {
    nested(b")\x01", b"");
}

#[test]
fn flagged_tuples_a_million_deep() {
    nested(b"\xa9\x01", b"");
}

#[test]
fn lists_a_million_deep() {
    nested(b"[\x01\0\0\0", b"");
}

#[test]
fn sets_a_million_deep() {
    nested(b"<\x01\0\0\0", b"");
}

#[test]
fn frozensets_a_million_deep() {
    nested(b">\x01\0\0\0", b"");
}

#[test]
fn dict_values_a_million_deep() {
    nested(b"{N", b"0");
}

#[test]
fn dict_keys_a_million_deep() {
    nested(b"{", b"N0");
}

#[test]
fn frozendicts_a_million_deep() {
    nested(b"}N", b"0");
}

#[test]
fn slices_a_million_deep() {
    nested(b":NN", b"");
}

#[test]
fn slices_a_million_deep_at_their_start() {
    nested(b":", b"NN");
}

#[test]
fn code_objects_deep_in_their_constants() {
    let (before, after) = code(b")\x01");
    let levels = 20_000;
    let bytes = [before.repeat(levels), b"N".to_vec(), after.repeat(levels)].concat();
    on_small_stack(move || {
        let options = ReadOptions::default();
        detonate(&bytes, options).expect_err("too deep by default");
        detonate(&bytes, options.with_limits(unlimited())).expect("only deep");
    });
}

#[test]
fn unclosed_nesting_is_refused_at_its_end() {
    for open in [b")\x01".as_slice(), b"{", b"}N", b":", b"{N"] {
        let bytes = open.repeat(DEEP / 10);
        let offset = bytes.len() as u64;
        refused(bytes, ErrorKind::ExpectedObject, offset);
    }
}

#[test]
fn sizes_of_two_gigabytes_are_refused_before_allocating() {
    for code in *b"([<>sutaA" {
        let mut bytes = vec![code];
        bytes.extend(i32::MAX.to_le_bytes());
        bytes.extend([b'N'; 8]);
        let error = Document::decode(&bytes).unwrap_err();
        let is_refused = matches!(
            error.kind(),
            ErrorKind::SizeTooLarge {
                found: 0x7fff_ffff,
                left: 8,
                ..
            }
        );
        assert!(is_refused && error.offset() == 1, "{error}");
        survive(bytes);
    }
    refused(
        b"l\xff\xff\xff\x7f\x01\0".to_vec(),
        ErrorKind::SizeTooLarge {
            what: "digit count",
            found: 0x7fff_ffff,
            left: 2,
        },
        1,
    );
}

#[test]
fn negative_sizes_are_refused() {
    for code in *b"([<>sutaA" {
        let bytes = [&[code][..], &(-1i32).to_le_bytes(), b"NNNN"].concat();
        let error = Document::decode(&bytes).unwrap_err();
        let is_refused = matches!(error.kind(), ErrorKind::NegativeSize { found: -1, .. });
        assert!(is_refused && error.offset() == 1, "{error}");
        survive(bytes);
    }
    refused(
        b"l\0\0\0\x80".to_vec(),
        ErrorKind::LongSizeOutOfRange(i32::MIN),
        1,
    );
}

#[test]
fn self_references_are_kept_where_cpython_keeps_them() {
    for bytes in [
        b"\xa9\x01r\0\0\0\0".as_slice(),
        b"\xdb\x01\0\0\0r\0\0\0\0",
        b"\xfbNr\0\0\0\x000",
        b"\xbc\x01\0\0\0r\0\0\0\0",
    ] {
        let document = Document::decode(bytes).expect("CPython reads it too");
        assert_eq!(document.encode(), bytes);
        let error = document.to_value().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::RecursiveObject { index: 0 });
        survive(bytes.to_vec());
    }
}

#[test]
fn references_to_unfinished_objects_are_refused() {
    let unfinished = ErrorKind::UnfinishedReference { index: 0 };
    refused(b"\xbe\x01\0\0\0r\0\0\0\0".to_vec(), unfinished, 5);
    refused(b"\xbar\0\0\0\0NN".to_vec(), unfinished, 1);
    refused(b"\xfdNr\0\0\0\x000".to_vec(), unfinished, 2);
    let (mut before, after) = code(b"r\0\0\0\0");
    before[0] |= 0x80;
    refused([before, after].concat(), unfinished, 26);
}

#[test]
fn references_forward_and_out_of_range_are_refused() {
    let invalid = |index, known| ErrorKind::InvalidReference { index, known };
    refused(b")\x02r\0\0\0\0\xe9\0\0\0\0".to_vec(), invalid(0, 0), 2);
    refused(b"\xa9\x01r\x01\0\0\0".to_vec(), invalid(1, 1), 2);
    refused(b"r\xff\xff\xff\xff".to_vec(), invalid(-1, 0), 0);
    refused(b"r\xff\xff\xff\x7f".to_vec(), invalid(i32::MAX, 0), 0);
}

#[test]
fn doubling_tuples_take_linear_time() {
    let pair = |inner: Vec<u8>, reference: [u8; 5]| [b"\xa9\x02", &inner[..], &reference].concat();
    survive(doubling(300, pair));
    let deep = doubling(1000, pair);
    on_small_stack(move || {
        let value = Value::from_marshal(&deep).expect("half as deep as allowed");
        let bytes = value
            .to_marshal(&WriteOptions::new(Version::V3_15))
            .expect("small");
        assert!(bytes.len() <= deep.len());
        let bounded = WriteOptions::new(Version::V3_15)
            .with_marshal_version(2)
            .with_max_bytes(1 << 20);
        let error = value.to_marshal(&bounded).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::TooMuchMemory(1 << 20));
    });
}

#[test]
fn doubling_lists_take_linear_time() {
    survive(doubling(300, |inner, reference| {
        [b"\xdb\x02\0\0\0", &inner[..], &reference].concat()
    }));
}

#[test]
fn doubling_frozensets_take_linear_time() {
    let pair =
        |inner: Vec<u8>, reference: [u8; 5]| [b"\xbe\x02\0\0\0", &inner[..], &reference].concat();
    survive(doubling(300, pair));
}

#[test]
fn doubling_dicts_take_linear_time() {
    survive(doubling(300, |inner, reference| {
        [b"\xfb", &inner[..], &reference, b"0"].concat()
    }));
}

#[test]
fn doubling_slices_take_linear_time() {
    survive(doubling(300, |inner, reference| {
        [b"\xba", &inner[..], &reference, b"N"].concat()
    }));
}

#[test]
fn frozensets_of_two_nested_are_ordered_within_a_bound() {
    let open = b">\x02\0\0\0i\x07\0\0\0".as_slice();
    let bytes = [&open.repeat(20_000)[..], b"N"].concat();
    on_small_stack(move || {
        let options = ReadOptions::default().with_limits(unlimited());
        let value = Value::from_marshal_with(&bytes, &options).expect("only deep");
        let write = WriteOptions::new(Version::V3_15).with_max_depth(u32::MAX);
        let error = value
            .to_marshal(&write)
            .expect_err("the order costs the square of the depth");
        assert!(
            matches!(error.kind(), ErrorKind::TooMuchMemory(_)),
            "{error}"
        );
    });
}

#[test]
fn a_million_references_to_one_large_object_share_it() {
    let mut bytes = b"(\x41\x42\x0f\0\xf3\0\0\x10\0".to_vec();
    bytes.extend(b"x".repeat(1 << 20));
    bytes.extend(b"r\0\0\0\0".repeat(1_000_000));
    on_small_stack(move || detonate(&bytes, ReadOptions::default()).expect("legal"));
}

#[test]
fn the_smallest_objects_cost_no_more_than_the_multiple() {
    for unit in [
        b"N".as_slice(),
        b")\0",
        b"\xa9\0",
        b"\xda\0",
        b"\xfa\x01x",
        b")\x01N",
        b"\xa9\x01N",
        b"}0",
        b"\xfd0",
    ] {
        let count = 50_000u32;
        let bytes = [
            b"[".as_slice(),
            &count.to_le_bytes(),
            &unit.repeat(count as usize),
        ]
        .concat();
        on_small_stack(move || detonate(&bytes, ReadOptions::default()).expect("legal"));
    }
}

#[test]
fn bad_utf8_is_refused_where_it_is_bad() {
    refused(b"u\x03\0\0\0a\xffb".to_vec(), ErrorKind::InvalidUtf8, 6);
    refused(b"t\x02\0\0\0\xc0\x80".to_vec(), ErrorKind::InvalidUtf8, 5);
    refused(
        b"u\x04\0\0\0\xf4\x90\x80\x80".to_vec(),
        ErrorKind::InvalidUtf8,
        5,
    );
}

#[test]
fn bad_longs_are_refused() {
    refused(
        b"l\x01\0\0\0\0\x80".to_vec(),
        ErrorKind::DigitOutOfRange(0x8000),
        5,
    );
    refused(
        b"l\x02\0\0\0\x01\0\0\0".to_vec(),
        ErrorKind::UnnormalizedLong,
        7,
    );
}

#[test]
fn null_is_refused_outside_dicts() {
    for bytes in [
        b"0".as_slice(),
        b")\x010",
        b"[\x01\0\0\x000",
        b":NN0",
        b"<\x01\0\0\x000",
        b"{N)\x010",
    ] {
        refused(
            bytes.to_vec(),
            ErrorKind::UnexpectedNull,
            bytes.len() as u64 - 1,
        );
    }
}

#[test]
fn limits_hold() {
    let mut limits = Limits::default();
    limits.max_nodes = 10;
    let bytes = b"[\x0a\0\0\0NNNNNNNNNN";
    let options = ReadOptions::default().with_limits(limits);
    let error = Document::decode_with(bytes, &options).unwrap_err();
    assert_eq!(
        (error.kind(), error.offset()),
        (ErrorKind::TooManyNodes(10), 14)
    );
    let mut limits = Limits::default();
    limits.max_bytes = 500;
    let options = ReadOptions::default()
        .with_limits(limits)
        .with_base_offset(16);
    let error = Value::from_marshal_with(bytes, &options).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::TooMuchMemory(500));
    assert!(error.offset() > 16);
}

#[test]
fn fields_of_the_wrong_type_are_refused_as_values() {
    let (before, after) = code(b"N");
    let bytes = [before, after].concat();
    let error = Value::from_marshal(&bytes).unwrap_err();
    assert_eq!(
        error.to_string(),
        "co_consts is a NoneType, expected tuple at offset 0x1a"
    );
    let document = Document::decode(&bytes).expect("as bytes it is right");
    assert_eq!(document.encode(), bytes);
    let (mut before, after) = code(b")\0");
    before[1..5].copy_from_slice(&(-1i32).to_le_bytes());
    let error = Value::from_marshal(&[before, after].concat()).unwrap_err();
    assert_eq!(
        error.to_string(),
        "co_argcount is -1, expected 0 or more at offset 0x0"
    );
}

#[test]
fn the_depth_that_cpython_allows_is_allowed() {
    for (levels, is_allowed) in [(2000, true), (2001, false)] {
        let bytes = [b")\x01".repeat(levels - 1), b")\0".to_vec()].concat();
        assert_eq!(
            Document::decode(&bytes).is_ok(),
            is_allowed,
            "{levels} levels"
        );
    }
}
