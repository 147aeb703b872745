//! Agreement with what each interpreter dumps, and with what it accepts.

use pyco_marshal::{Document, ReadOptions, Style, Value, Version, WriteOptions};

use crate::fixtures::{tables, unhex};

#[test]
fn dumps_of_every_marshal_version_come_back_and_are_written_alike() {
    for (python, rows) in tables("dumps") {
        for row in rows {
            let [text, marshal_version, digits] = &row[..] else {
                panic!("{row:?}")
            };
            let marshal_version: u8 = marshal_version.parse().expect("a number");
            if digits == "-" {
                continue;
            }
            let bytes = unhex(digits);
            let options = ReadOptions::new(python);
            let document = Document::decode_with(&bytes, &options).expect(text);
            assert_eq!(document.encode(), bytes, "{text}");
            let value = document.to_value().expect(text);
            // A larger version than the Python has behaves as its own.
            let version = marshal_version.min(python.marshal_version());
            let options = WriteOptions::new(python).with_marshal_version(version);
            let written = value
                .to_marshal(&options.with_style(Style::Cpython))
                .expect(text);
            assert_eq!(
                written, bytes,
                "{python} marshal {marshal_version} {text} {value:?}"
            );
            let canonical = value.to_marshal(&options).expect(text);
            let back = Value::from_marshal(&canonical).expect(text);
            assert_eq!(back.to_marshal(&options).expect(text), canonical, "{text}");
        }
    }
}

#[test]
fn what_a_marshal_version_cannot_hold_is_refused() {
    for (python, rows) in tables("dumps")
        .into_iter()
        .filter(|(v, _)| *v >= Version::V3_14)
    {
        let bytes_of = |text: &str| {
            let row = rows
                .iter()
                .rev()
                .find(|row| row[0] == text && row[2] != "-");
            row.map(|row| unhex(&row[2]))
        };
        for row in rows.iter().filter(|row| row[2] == "-") {
            let value = Value::from_marshal(&bytes_of(&row[0]).expect("a version that holds it"));
            let options = WriteOptions::new(python).with_marshal_version(row[1].parse().unwrap());
            let error = value.expect("a value").to_marshal(&options).unwrap_err();
            assert!(error.to_string().contains("cannot be written"), "{error}");
        }
    }
}

/// Inputs that we judge otherwise than the interpreter, with the reason.
fn differs_on_purpose(verdict: &str) -> bool {
    // Unhashable items and keys, and code that fails as CPython builds the object: these are
    // about the object, not about the bytes.
    verdict.contains("unhashable")
}

#[test]
fn bytes_are_accepted_as_the_interpreter_accepts_them() {
    for (python, rows) in tables("verdicts") {
        for row in rows {
            let [digits, verdict] = &row[..] else {
                panic!("{row:?}")
            };
            let bytes = unhex(digits);
            let ours = Document::decode_with(&bytes, &ReadOptions::new(python));
            // Type codes that came later are read for every version.
            let is_later = matches!(bytes.first().map(|byte| byte & 0x7f), Some(b':' | b'}'))
                && verdict.contains("unknown type code");
            if differs_on_purpose(verdict) || is_later {
                continue;
            }
            assert_eq!(
                ours.is_ok(),
                verdict == "ok",
                "{python} {digits}: {verdict}, {ours:?}"
            );
        }
    }
}
