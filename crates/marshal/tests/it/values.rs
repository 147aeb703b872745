//! Values built by hand: sharing, equality, and the two styles of writing.

use std::sync::Arc;

use pyco_marshal::{Bytes, Int, Items, Pairs, Slice, Str, Style, Value, Version, WriteOptions};

const NEWEST: WriteOptions = WriteOptions::new(Version::V3_15);

fn tuple(items: impl IntoIterator<Item = Value>) -> Value {
    Value::Tuple(items.into_iter().collect())
}

#[test]
fn equal_objects_are_written_once() {
    let separate = tuple([Value::from("some text"), Value::from("some text")]);
    let text = Value::from("some text");
    let shared = tuple([text.clone(), text]);
    let bytes = shared.to_marshal(&NEWEST).unwrap();
    assert_eq!(bytes, b")\x02\xfa\x09some textr\x00\x00\x00\x00");
    assert_eq!(separate.to_marshal(&NEWEST).unwrap(), bytes);
}

#[test]
fn empty_strings_are_one_object_in_cpython_too() {
    let style = NEWEST.with_style(Style::Cpython);
    let bytes = tuple([Value::from(b"".as_slice()), Value::from(b"".as_slice())]);
    let written = bytes.to_marshal(&style).unwrap();
    assert_eq!(written, b")\x02\xf3\0\0\0\0r\0\0\0\0");
    let text = tuple([Value::from(""), Value::from("")]);
    let written = text.to_marshal(&style).unwrap();
    assert_eq!(written, b")\x02\xfa\0r\0\0\0\0");
}

#[test]
fn parts_of_one_owner_are_told_apart_by_their_size() {
    let whole = Bytes::from(&[b'x'; 300]);
    let parts = [0..299, 0..300, 0..299].map(|range| Value::from(whole.slice(range)));
    assert_ne!(parts[0], parts[1]);
    let value = tuple(parts);
    for style in [Style::Canonical, Style::Cpython] {
        let bytes = value.to_marshal(&NEWEST.with_style(style)).unwrap();
        assert_eq!(Value::from_marshal(&bytes).unwrap(), value, "{style:?}");
    }
}

#[test]
fn lists_are_merged_only_if_they_are_the_same() {
    let list = || Value::List(Items::from_iter([Value::from(1)]));
    let separate = tuple([list(), list()]).to_marshal(&NEWEST).unwrap();
    let one = list();
    let shared = tuple([one.clone(), one]).to_marshal(&NEWEST).unwrap();
    assert!(separate.len() > shared.len());
    let back = Value::from_marshal(&separate).unwrap();
    let Value::Tuple(items) = back else { panic!() };
    assert!(!items[0].is_same(&items[1]));
}

#[test]
fn a_use_inside_merged_objects_counts_once() {
    let inner = || tuple([Value::from("some text")]);
    let bytes = tuple([inner(), inner()]).to_marshal(&NEWEST).unwrap();
    assert_eq!(bytes, b")\x02\xa9\x01z\x09some textr\x00\x00\x00\x00");
}

#[test]
fn sets_are_written_in_the_order_of_their_items_bytes() {
    let items = ["b", "c", "a"].map(Value::from);
    let bytes = Value::FrozenSet(Items::from_iter(items))
        .to_marshal(&NEWEST)
        .unwrap();
    assert_eq!(bytes, b">\x03\x00\x00\x00Z\x01aZ\x01bZ\x01c");
}

#[test]
fn equality_is_by_type_and_content() {
    assert_ne!(Value::from(1), Value::from(true));
    assert_ne!(Value::from(1), Value::from(1.0));
    assert_ne!(Value::from(0.0), Value::from(-0.0));
    assert_eq!(Value::from(f64::NAN), Value::from(f64::NAN));
    assert_ne!(tuple([]), Value::List(Items::default()));
    let pairs = |value: i64| Pairs::from_iter([(Value::from("k"), Value::from(value))]);
    assert_eq!(Value::Dict(pairs(1)), Value::Dict(pairs(1)));
    assert_ne!(Value::Dict(pairs(1)), Value::Dict(pairs(2)));
    assert_eq!(pairs(1).find(&Value::from("k")), Some(&Value::from(1)));
    let slice = |stop: i64| Value::Slice(Slice::new(Value::None, Value::from(stop), Value::None));
    assert_eq!(slice(3), slice(3));
    assert_ne!(slice(3), slice(4));
}

#[test]
fn every_kind_comes_back() {
    let lone = Str::from_code_points([0x61, 0xd800]);
    let items = [
        Value::None,
        Value::StopIteration,
        Value::Ellipsis,
        Value::from(false),
        Value::from(i64::MIN),
        Value::Int(Int::from_le_bytes(true, &[7; 40])),
        Value::from(2.5),
        Value::Complex(1.0, -0.0),
        Value::from(&b"bytes"[..]),
        Value::Str(lone.clone()),
        Value::Str(lone.with_interned(true)),
        Value::from("é".repeat(300).as_str()),
        Value::from("e".repeat(300).as_str()),
        tuple((0..300).map(Value::from)),
        Value::List(Items::default()),
        Value::Set(Items::from_iter([Value::None])),
        Value::FrozenSet(Items::default()),
        Value::Dict(Pairs::from_iter([(Value::from(1), Value::None)])),
        Value::FrozenDict(Pairs::default()),
        Value::Slice(Slice::new(Value::from(1), Value::None, Value::from("step"))),
    ];
    let value = tuple(items);
    for style in [Style::Canonical, Style::Cpython] {
        let bytes = value.to_marshal(&NEWEST.with_style(style)).unwrap();
        assert_eq!(Value::from_marshal(&bytes).unwrap(), value, "{style:?}");
    }
}

#[test]
fn values_cross_threads() {
    fn is_shared<T: Send + Sync>() {}
    is_shared::<Value>();
    is_shared::<Arc<pyco_marshal::RawCode>>();
    assert!(size_of::<Value>() <= 24);
}

/// Found by the fuzzer: the writer of one pass lost every second pair of a dict.
#[test]
fn dicts_of_several_pairs_are_written_whole() {
    for marshalled in [
        &b"{N.TNFNi\x01\0\0\0NSN0"[..],
        b"\xfd{0\xfd0\xfd00.\xb0\xfd00",
        b"{(\x01\0\0\0N.z\x01aT[\x01\0\0\0.F0",
    ] {
        pyco_marshal::properties::marshal(marshalled);
        let options = WriteOptions::new(Version::V3_15);
        let value = Value::from_marshal(marshalled).expect("a dict");
        let written = value.to_marshal(&options).expect("a dict can be written");
        assert_eq!(Value::from_marshal(&written), Ok(value));
    }
    let pairs = [
        b"2\r\r\n\0\0\0\0\0\0\0\0".as_slice(),
        b"{",
        b".SS.STSFSN".repeat(2).as_slice(),
        b"0",
    ]
    .concat();
    pyco_marshal::properties::pyc(&pairs);
}
