//! What goes over the pipe to the compiling CPython, and what its cached answers look like: requests, the greeting, answers.
//!
//! Both directions: four bytes of length, little-endian, then so many bytes. A request to compile is twenty bytes (what the input
//! is, mode, optimization, whether a warning is an error; flags; feature version; most digits of an int; length of the file name), the file name, the
//! text or tree; one for tokens is in `tokens`. Answers are marshalled tuples: `("code", bytes, warnings)`, `("tree", tree, warnings)` or
//! `("raised", class, args, attributes, warnings)`, the attributes as pairs of name and value. What trees look like is in `tree`.
//!
//! Invariant: nothing that the other side says is believed without a look: a wrong answer is an error of one line.

use std::io::{Read, Write};
use std::path::PathBuf;

use pyco_code::Constant;
use pyco_exec::compiler::{Answer, Input, Mode, Output, Refusal, Source, Warning};
use pyco_marshal::{Int, Value};

use super::tree;

/// Longer answers are not read.
const MAX_ANSWER: u32 = 1 << 30;

/// The version of this protocol, which the greeting repeats and the cache's keys contain.
pub(crate) const PROTOCOL: i64 = 4;

/// How a CPython introduces itself.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Greeting {
    /// `cpython`, if it is one.
    pub(crate) implementation: String,
    /// The full version: `3.13.2`.
    pub(crate) release: String,
    /// The magic number of its `.pyc` files.
    pub(crate) magic: u16,
    /// `sys.executable`.
    pub(crate) executable: PathBuf,
    /// `sys.path` without site: where its standard library is.
    pub(crate) library: Vec<PathBuf>,
}

/// The bytes of a request, without their length.
pub(crate) fn encode_request(source: &Source<'_>) -> Vec<u8> {
    let mode = match source.mode {
        Mode::Exec => 0,
        Mode::Eval => 1,
        Mode::Single => 2,
        Mode::FuncType => 3,
    };
    let tree;
    let (input, bytes) = match source.input {
        Input::Bytes(text) => (0, text),
        Input::Str(text) => (1, text),
        Input::Tree(written) => {
            tree = tree::encode(written);
            (2, &tree[..])
        }
    };
    let mut request = vec![
        input,
        mode,
        source.optimize,
        u8::from(source.warnings_are_errors),
    ];
    request.extend(source.flags.to_le_bytes());
    request.extend(source.feature_version.to_le_bytes());
    request.extend(source.int_max_str_digits.to_le_bytes());
    request.extend((source.filename.len() as u32).to_le_bytes());
    request.extend(source.filename);
    request.extend(bytes);
    request
}

/// Writes a message with its length.
pub(crate) fn send(out: &mut dyn Write, message: &[u8]) -> Result<(), String> {
    let Ok(len) = u32::try_from(message.len()) else {
        return Err("the source has more than 4 GiB".to_owned());
    };
    let sent = out
        .write_all(&len.to_le_bytes())
        .and_then(|()| out.write_all(message))
        .and_then(|()| out.flush());
    sent.map_err(|error| format!("the compiler does not listen: {error}"))
}

/// Reads a message with its length.
pub(crate) fn receive(from: &mut dyn Read) -> Result<Vec<u8>, String> {
    let mut len = [0; 4];
    from.read_exact(&mut len)
        .map_err(|_| "the compiler ended without an answer".to_owned())?;
    let len = u32::from_le_bytes(len);
    if len > MAX_ANSWER {
        return Err(format!("the compiler answers with {len} bytes"));
    }
    let mut message = Vec::new();
    match from.take(u64::from(len)).read_to_end(&mut message) {
        Ok(read) if read == len as usize => Ok(message),
        _ => Err("the compiler ended in the middle of an answer".to_owned()),
    }
}

pub(super) fn tuple(message: &[u8]) -> Result<Vec<Value>, String> {
    match Value::from_marshal(message) {
        Ok(Value::Tuple(items)) => Ok(items.to_vec()),
        Ok(other) => Err(format!("found {}, expected a tuple", other.type_name())),
        Err(error) => Err(error.to_string()),
    }
}

pub(super) fn text(value: &Value) -> Option<String> {
    match value {
        Value::Str(text) => Some(text.to_string_lossy().into_owned()),
        _ => None,
    }
}

pub(super) fn number(value: &Value) -> Option<i64> {
    match value {
        Value::Int(int) => Int::as_i64(int),
        _ => None,
    }
}

/// Reads the greeting.
pub(crate) fn decode_greeting(message: &[u8]) -> Result<Greeting, String> {
    let wrong = || "it does not introduce itself as asked".to_owned();
    let items = tuple(message).map_err(|_| wrong())?;
    let [
        name,
        protocol,
        implementation,
        release,
        magic,
        executable,
        library,
    ] = &items[..]
    else {
        return Err(wrong());
    };
    if name.as_str() != Some("pyco") || number(protocol) != Some(PROTOCOL) {
        return Err(wrong());
    }
    let Value::Tuple(library) = library else {
        return Err(wrong());
    };
    Ok(Greeting {
        implementation: text(implementation).ok_or_else(wrong)?,
        release: text(release).ok_or_else(wrong)?,
        magic: number(magic)
            .and_then(|magic| u16::try_from(magic).ok())
            .ok_or_else(wrong)?,
        executable: text(executable).ok_or_else(wrong)?.into(),
        library: library.iter().filter_map(text).map(PathBuf::from).collect(),
    })
}

/// Reads an answer.
pub(crate) fn decode_answer(message: &[u8]) -> Result<Answer, String> {
    let wrong = |what: &str| format!("the compiler's answer is not understood: {what}");
    let items = tuple(message).map_err(|error| wrong(&error))?;
    let kind = items.first().and_then(Value::as_str).unwrap_or_default();
    let (result, warnings) = match (kind, &items[..]) {
        ("code", [_, Value::Bytes(code), warnings]) => (Ok(Output::Code(code.to_vec())), warnings),
        ("tree", [_, tree, warnings]) => {
            let tree = tree::decode(tree).ok_or_else(|| wrong("a tree of another form"))?;
            (Ok(Output::Tree(tree)), warnings)
        }
        ("raised", [_, refused @ .., warnings]) => {
            let refusal = refusal(refused).ok_or_else(|| wrong("an exception of another form"))?;
            (Err(refusal), warnings)
        }
        _ => return Err(wrong("neither code nor a tree nor an exception")),
    };
    let Value::Tuple(warnings) = warnings else {
        return Err(wrong("no warnings"));
    };
    let warnings = warnings.iter().map(warning).collect::<Option<Vec<_>>>();
    Ok(Answer {
        result,
        warnings: warnings.ok_or_else(|| wrong("a warning without text and line"))?,
    })
}

/// An exception: its class, arguments and attributes.
pub(super) fn refusal(parts: &[Value]) -> Option<Refusal> {
    let [class, Value::Tuple(args), Value::Tuple(attributes)] = parts else {
        return None;
    };
    Some(Refusal {
        class: text(class)?,
        args: args.iter().map(argument).collect(),
        attributes: attributes.iter().map(attribute).collect::<Option<_>>()?,
    })
}

fn attribute(value: &Value) -> Option<(String, Constant)> {
    let Value::Tuple(parts) = value else {
        return None;
    };
    let [name, value] = &parts[..] else {
        return None;
    };
    Some((text(name)?, argument(value)))
}

pub(super) fn warning(value: &Value) -> Option<Warning> {
    let Value::Tuple(parts) = value else {
        return None;
    };
    let [category, message, line] = &parts[..] else {
        return None;
    };
    Some(Warning {
        category: text(category)?,
        message: text(message)?,
        line: u32::try_from(number(line)?).ok()?,
    })
}

/// An argument of an exception; what has no place there is `None`.
fn argument(value: &Value) -> Constant {
    constant(value, 0).unwrap_or_default()
}

/// A plain value; nothing if it is something else, or deeper than the VM takes constants.
pub(super) fn constant(value: &Value, depth: u32) -> Option<Constant> {
    const DEEPEST: u32 = 100;
    if depth > DEEPEST {
        return None;
    }
    let all = |items: &[Value]| {
        let items = items.iter().map(|item| constant(item, depth + 1));
        items.collect::<Option<Vec<_>>>()
    };
    Some(match value {
        Value::None => Constant::None,
        Value::Ellipsis => Constant::Ellipsis,
        Value::Int(int) => Constant::Int(int.clone()),
        Value::Bool(is) => Constant::Bool(*is),
        Value::Float(x) => Constant::Float(*x),
        Value::Complex(real, imag) => Constant::Complex(*real, *imag),
        Value::Str(text) => Constant::Str(text.clone()),
        Value::Bytes(bytes) => Constant::Bytes(bytes.clone()),
        Value::Tuple(items) => Constant::Tuple(all(items)?.into()),
        Value::FrozenSet(items) => Constant::FrozenSet(all(items)?.into()),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A marshalled short str, and a tuple of what is marshalled already.
    fn str(text: &str) -> Vec<u8> {
        [b"z", &[text.len() as u8][..], text.as_bytes()].concat()
    }

    fn int(n: i32) -> Vec<u8> {
        [b"i", &n.to_le_bytes()[..]].concat()
    }

    fn tuple_of(items: &[Vec<u8>]) -> Vec<u8> {
        [&[b')', items.len() as u8][..], &items.concat()].concat()
    }

    #[test]
    fn an_exception_arrives_with_its_arguments() {
        let place = tuple_of(&[
            str("<string>"),
            int(3),
            int(7),
            str("x = (\n"),
            int(3),
            int(0),
        ]);
        let args = tuple_of(&[str("'(' was never closed"), place]);
        let warned = tuple_of(&[str("SyntaxWarning"), str("invalid escape"), int(2)]);
        let line = tuple_of(&[str("lineno"), int(3)]);
        let message = tuple_of(&[
            str("raised"),
            str("SyntaxError"),
            args,
            tuple_of(&[line]),
            tuple_of(&[warned]),
        ]);
        let answer = decode_answer(&message).expect("an answer");
        let refusal = answer.result.expect_err("an exception");
        assert_eq!(refusal.class, "SyntaxError");
        assert_eq!(refusal.args.len(), 2);
        assert_eq!(refusal.args[0].as_str(), Some("'(' was never closed"));
        assert!(matches!(&refusal.args[1], Constant::Tuple(place) if place.len() == 6));
        assert_eq!(refusal.attributes.len(), 1);
        assert_eq!(refusal.attributes[0].0, "lineno");
        let expected = Warning {
            category: "SyntaxWarning".into(),
            message: "invalid escape".into(),
            line: 2,
        };
        assert_eq!(answer.warnings, [expected]);
    }

    #[test]
    fn answers_of_another_shape_are_refused() {
        let wrong = [
            b"".to_vec(),
            b"N".to_vec(),
            tuple_of(&[]),
            tuple_of(&[str("code"), int(1), tuple_of(&[])]),
            tuple_of(&[str("raised"), int(1), tuple_of(&[]), tuple_of(&[])]),
            tuple_of(&[
                str("raised"),
                str("SyntaxError"),
                tuple_of(&[]),
                tuple_of(&[int(1)]),
                tuple_of(&[]),
            ]),
            tuple_of(&[
                str("raised"),
                str("SyntaxError"),
                tuple_of(&[]),
                tuple_of(&[]),
                int(1),
            ]),
            tuple_of(&[str("code"), b"s\x01\0\0\0N".to_vec(), tuple_of(&[int(1)])]),
        ];
        for message in wrong {
            let error = decode_answer(&message).expect_err("no answer");
            assert!(
                error.starts_with("the compiler's answer is not understood"),
                "{error}"
            );
        }
    }

    #[test]
    fn lengths_are_not_believed() {
        let mut short: &[u8] = &[9, 0, 0, 0, 1];
        let error = receive(&mut short).expect_err("too short");
        assert_eq!(error, "the compiler ended in the middle of an answer");
        let mut huge: &[u8] = &[0xFF; 8];
        let error = receive(&mut huge).expect_err("too long");
        assert_eq!(error, "the compiler answers with 4294967295 bytes");
        let mut none: &[u8] = &[];
        assert_eq!(
            receive(&mut none).expect_err("nothing"),
            "the compiler ended without an answer"
        );
    }

    #[test]
    fn a_greeting_names_the_library() {
        let message = tuple_of(&[
            str("pyco"),
            int(PROTOCOL as i32),
            str("cpython"),
            str("3.13.2"),
            int(3571),
            str("/usr/bin/python3.13"),
            tuple_of(&[str("/usr/lib/python3.13")]),
        ]);
        let greeting = decode_greeting(&message).expect("a greeting");
        assert_eq!(greeting.magic, 3571);
        assert_eq!(greeting.library, [PathBuf::from("/usr/lib/python3.13")]);
        assert!(decode_greeting(&tuple_of(&[str("hello")])).is_err());
    }

    #[test]
    fn a_request_carries_every_argument() {
        let source = Source {
            flags: 0x0100_0000,
            ..Source::module(b"x = 1", b"m.py")
        };
        let request = encode_request(&source);
        assert_eq!(request[..4], [0, 0, 0, 0]);
        assert_eq!(request[4..12], [0, 0, 0, 1, 255, 255, 255, 255]);
        assert_eq!(request[12..20], [255, 255, 255, 255, 4, 0, 0, 0]);
        assert_eq!(&request[20..], b"m.pyx = 1");
    }
}
