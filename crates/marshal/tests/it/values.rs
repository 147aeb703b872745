//! Values built by hand: sharing, equality, and the two styles of writing.

use std::sync::Arc;

use pyco_marshal::{
    Bytes, Int, Items, Pairs, ReadOptions, Slice, Str, Style, Value, Version, WriteOptions,
};

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

/// What the compiler makes of `a[300:400]`, `b = 300, 1.5`, `a[300:500]`, `a[5:600]` twice, `a[2.5:1.5]` and `a[1.5:]`.
const SLICES: [(Version, &str); 2] = [
    (
        Version::V3_14,
        "630000000000000000000000000200000000000000f37600000080005d0052002c1a000000000000000000001f\
         00520674015d0052012c1a000000000000000000001f005d0052022c1a000000000000000000001f005d005202\
         2c1a000000000000000000001f005d0052032c1a000000000000000000001f005d0052042c1a00000000000000\
         0000001f005205230029073a692c01000069900100004e3a692c01000069f40100004e3ae90500000069580200\
         004e3a67000000000000044067000000000000f83f4e3a67000000000000f83f4e4e4e2902692c010000670000\
         00000000f83f2902da0161da0162a900f300000000da0178da083c6d6f64756c653e7207000000010000007336\
         000000f003010101d800018027860ad8040c8001d800018027860ad8000180258608d8000180258608d8000180\
         27860ad800018024870780077205000000",
    ),
    (
        Version::V3_15,
        "630000000000000000000000000200000000000000f378000000800000005c0051002a1a000000000000000000\
         001d00510573015c0051012a1a000000000000000000001d005c0051022a1a000000000000000000001d005c00\
         51022a1a000000000000000000001d005c0051032a1a000000000000000000001d005c0051042a1a0000000000\
         00000000001d005007210029063ae92c010000e9900100004e3a7201000000e9f40100004e3ae905000000e958\
         0200004e3a67000000000000044067000000000000f83f4e3a67000000000000f83f4e4e290272010000006700\
         0000000000f83f2902da0161da0162a900f300000000da0178da083c6d6f64756c653e720b0000000100000073\
         36000000f103010101d800018027860ad8040c8001d800018027860ad8000180258608d8000180258608d80001\
         8027860ad800018024870780077209000000",
    ),
];

#[test]
fn numbers_in_slices_are_objects_of_their_own_as_in_cpython() {
    for (version, hex) in SLICES {
        let byte = |at| u8::from_str_radix(&hex[at..at + 2], 16).expect("hex");
        let bytes: Vec<u8> = (0..hex.len()).step_by(2).map(byte).collect();
        let value = Value::from_marshal_with(&bytes, &ReadOptions::new(version)).unwrap();
        let options = WriteOptions::new(version).with_style(Style::Cpython);
        assert_eq!(value.to_marshal(&options).unwrap(), bytes, "{version}");
    }
}
