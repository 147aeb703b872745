//! Codecs and error handlers.

use pyco_exec::text::{
    Codec, CodecError, DecodeFailure, EncodeReplacement, ErrorHandler, StrBuf, decode_with, encode,
    encode_with,
};

use super::cases::{Value, check};

fn error(error: &CodecError, message: StrBuf) -> Value {
    let fields = vec![
        error.encoding.into(),
        error.start.into(),
        error.end.into(),
        error.reason.into(),
        Value::Str(message),
    ];
    Value::Error(Box::new(Value::List(fields)))
}

fn answer(name: &str, args: &[Value]) -> Value {
    let codec = Codec::from_name(&args[1].str().to_utf8_lossy()).expect("a codec");
    let handler = ErrorHandler::from_name(&args[2].str().to_utf8_lossy()).expect("a handler");
    if name == "encode" {
        let text = args[0].str();
        return match encode(text, codec, handler) {
            Ok(data) => data.into(),
            Err(e) => error(&e, e.encode_message(text)),
        };
    }
    let data = args[0].bytes();
    match decode_with(data, codec, name == "decode", &mut |e| {
        handler.on_decode(data, e)
    }) {
        Ok(decoded) if name == "decode" => decoded.text.into(),
        Ok(decoded) => Value::List(vec![decoded.text.into(), decoded.consumed.into()]),
        Err(DecodeFailure::Codec(e)) => error(&e, e.decode_message(data).as_str().into()),
        Err(DecodeFailure::CannotHandle) => Value::Error(Box::new(
            "don't know how to handle UnicodeDecodeError in error callback".into(),
        )),
    }
}

#[test]
fn codecs_and_handlers_answer_as_cpython_does() {
    check("codecs.txt", answer);
}

#[test]
fn a_replacement_must_be_encodable_itself() {
    let text: StrBuf = [0x61, 0xD800, 0xD800, 0x62].into_iter().collect();
    let with = |codec: &str, replacement: EncodeReplacement| {
        let codec = Codec::from_name(codec).expect("a codec");
        encode_with::<CodecError>(text.view(), codec, &mut |error| {
            Ok((replacement.clone(), error.end))
        })
        .map_err(|error| (error.encoding, error.start, error.end))
    };
    let as_text = |text: &str| EncodeReplacement::Text(text.into());
    let as_bytes = |bytes: &[u8]| EncodeReplacement::Bytes(bytes.to_vec());
    assert_eq!(with("utf-8", as_text("é")), Err(("utf-8", 1, 3)));
    assert_eq!(with("ascii", as_text("é")), Err(("ascii", 1, 3)));
    assert_eq!(with("latin-1", as_text("é")), Ok(b"a\xE9b".to_vec()));
    assert_eq!(with("latin-1", as_text("€")), Err(("latin-1", 1, 3)));
    assert_eq!(with("utf-16-le", as_text("é")), Err(("utf-16-le", 1, 2)));
    assert_eq!(with("utf-8", as_bytes(b"\xFF")), Ok(b"a\xFFb".to_vec()));
    assert_eq!(with("utf-16-le", as_bytes(b"\0")), Err(("utf-16-le", 1, 2)));
    assert_eq!(
        with("utf-16-le", as_bytes(b"abcd")),
        Ok(b"a\0abcdabcdb\0".to_vec())
    );
    assert_eq!(
        with("utf-32-be", as_text("x")),
        Ok(b"\0\0\0a\0\0\0x\0\0\0x\0\0\0b".to_vec())
    );
}

#[test]
fn a_handler_that_answers_beyond_the_end_ends_the_work() {
    let text: StrBuf = [0xD800, 0x62].into_iter().collect();
    for codec in ["utf-8", "ascii", "utf-16", "utf-32"] {
        let codec = Codec::from_name(codec).expect("a codec");
        let encoded = encode_with::<CodecError>(text.view(), codec, &mut |_| {
            Ok((EncodeReplacement::Text(StrBuf::new()), usize::MAX))
        });
        assert!(encoded.is_ok_and(|bytes| !bytes.contains(&b'b')));
        let decoded = decode_with::<CodecError>(b"\xFFb\xFF\xFF\xFF", codec, true, &mut |_| {
            Ok((StrBuf::new(), usize::MAX))
        });
        assert!(decoded.is_ok());
    }
}

#[test]
fn namereplace_takes_names_from_the_caller() {
    let handler = ErrorHandler::NameReplace(|c| (c == 0x20AC).then(|| "EURO SIGN".to_owned()));
    let text = StrBuf::from("1€ā");
    assert_eq!(
        encode(text.view(), Codec::Ascii, handler),
        Ok(br"1\N{EURO SIGN}\u0101".to_vec())
    );
}

#[test]
fn utf8_and_wtf8_round_trip() {
    let text: StrBuf = [0x61, 0xE9, 0x20AC, 0x1F600].into_iter().collect();
    assert_eq!(text.view().to_utf8().as_deref(), Ok("aé€😀"));
    assert_eq!(StrBuf::from_utf8("aé€😀".as_bytes()), Ok(text));
    let pair: StrBuf = [0xD83D, 0xDE00, 0x61].into_iter().collect();
    assert_eq!(pair.view().to_wtf8(), b"\xED\xA0\xBD\xED\xB8\x80a");
    assert_eq!(StrBuf::from_wtf8(&pair.view().to_wtf8()), Ok(pair.clone()));
    assert_eq!(
        pair.view()
            .to_utf8()
            .map_err(|error| (error.start, error.end)),
        Err((0, 2))
    );
    assert_eq!(
        StrBuf::from_wtf8(b"a\xED\xA0").map_err(|error| (error.start, error.end)),
        Err((1, 2))
    );
}

/// Bytes that look now like text, now like anything.
fn arbitrary_bytes(seed: u64) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state
    };
    let len = next() % 24;
    (0..len)
        .map(|_| {
            if next() % 3 == 0 {
                b"az \n\xC3\xA9\xED\xA0\x80\xF0"[(next() % 10) as usize]
            } else {
                next() as u8
            }
        })
        .collect()
}

const NAMES: [&str; 9] = [
    "utf-8",
    "ascii",
    "latin-1",
    "utf-16",
    "utf-16-le",
    "utf-16-be",
    "utf-32",
    "utf-32-le",
    "utf-32-be",
];

#[test]
fn arbitrary_bytes_decode_to_something_that_encodes_again() {
    let handlers = [
        "strict",
        "ignore",
        "replace",
        "surrogateescape",
        "surrogatepass",
        "backslashreplace",
    ];
    for seed in 0..3000 {
        let data = arbitrary_bytes(seed);
        for name in NAMES {
            let codec = Codec::from_name(name).expect("a codec");
            for handler in handlers
                .iter()
                .filter_map(|name| ErrorHandler::from_name(name))
            {
                for is_final in [false, true] {
                    let decoded =
                        decode_with(&data, codec, is_final, &mut |e| handler.on_decode(&data, e));
                    let Ok(decoded) = decoded else { continue };
                    assert!(decoded.consumed <= data.len());
                    assert_eq!(
                        decoded.text,
                        decoded.text.view().chars().collect(),
                        "narrowest kind"
                    );
                    assert_eq!(
                        StrBuf::from_wtf8(&decoded.text.view().to_wtf8()).as_ref(),
                        Ok(&decoded.text)
                    );
                }
            }
        }
        for name in ["utf-8", "ascii", "latin-1"] {
            let codec = Codec::from_name(name).expect("a codec");
            let handler = ErrorHandler::SurrogateEscape;
            let text =
                pyco_exec::text::decode(&data, codec, handler).expect("all bytes can be escaped");
            assert_eq!(
                encode(text.view(), codec, handler).as_deref(),
                Ok(&data[..]),
                "{name}"
            );
        }
    }
}
