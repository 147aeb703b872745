//! Values through serde: flat, shared as before, and safe however deep.

use pyco_marshal::{Limits, Pyc, ReadOptions, Value};

use crate::fixtures;
use crate::memory::on_small_stack;

fn round_trip(value: &Value) -> Value {
    let text = serde_json::to_string(value).expect("it can be written");
    serde_json::from_str(&text).expect("what was written can be read")
}

#[test]
fn every_file_comes_back_equal() {
    for (name, file) in fixtures::pycs() {
        let value = Pyc::read(&file).and_then(|pyc| pyc.value()).expect(&name);
        let back = round_trip(&value);
        assert!(back == value, "{name}");
        let (Value::Code(old), Value::Code(new)) = (&value, &back) else {
            panic!("{name}")
        };
        let nested = |code: &pyco_marshal::RawCode| {
            code.consts
                .iter()
                .find_map(Value::as_code)
                .map(|code| code.filename.clone())
        };
        let is_shared = nested(new).is_some_and(|name| name.ptr_eq(&new.filename));
        // Python 2 writes the filename of each code object anew.
        assert!(is_shared || name.contains("2.7"), "{name}");
        assert_eq!(old.filename, new.filename);
    }
}

#[test]
fn depth_does_not_matter() {
    on_small_stack(|| {
        let bytes = [b")\x01".repeat(20_000), b"N".to_vec()].concat();
        let mut limits = Limits::default();
        limits.max_depth = u32::MAX;
        let options = ReadOptions::default().with_limits(limits);
        let value = Value::from_marshal_with(&bytes, &options).expect("only deep");
        assert!(round_trip(&value) == value);
    });
}

#[test]
fn broken_lists_are_refused_with_a_reason() {
    for (text, reason) in [
        ("[]", "no object found"),
        (r#"[{"tuple":[0]}]"#, "object 0 refers to object 0"),
        (r#"["none",{"dict":[0]}]"#, "a key without a value"),
        (
            r#"[{"surrogates":{"utf8":[255],"is_interned":false}}]"#,
            "not UTF-8",
        ),
    ] {
        let error = serde_json::from_str::<Value>(text).unwrap_err().to_string();
        assert!(error.contains(reason), "{text}: {error}");
    }
}
