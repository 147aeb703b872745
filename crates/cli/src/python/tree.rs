//! Syntax trees in the messages: `(classes, steps, values)`.
//!
//! A class is `(base, name, attributes)`. A step is a byte: `v` pushes the next of the values, `l` makes a list of as many as the
//! next of the values says (`t` a tuple, `f` a frozenset), `n` a node of the class whose number that is; `o` pushes what stands for an object, which is `(class
//! name, int or None)` among the values.

use pyco_exec::compiler::{NodeClass, Step, Tree};
use pyco_marshal::{Int, Items, Style, Value, Version, WriteOptions};

use super::protocol::{constant, number, text};

fn value_of(constant: &pyco_code::Constant) -> Value {
    use pyco_code::Constant;
    let all = |items: &[Constant]| items.iter().map(value_of).collect::<Items>();
    match constant {
        Constant::Ellipsis => Value::Ellipsis,
        Constant::Bool(is) => Value::Bool(*is),
        Constant::Int(int) => Value::Int(int.clone()),
        Constant::Float(x) => Value::Float(*x),
        Constant::Complex(real, imag) => Value::Complex(*real, *imag),
        Constant::Str(text) => Value::Str(text.clone()),
        Constant::Bytes(bytes) => Value::Bytes(bytes.clone()),
        Constant::Tuple(items) => Value::Tuple(all(items)),
        Constant::FrozenSet(items) => Value::FrozenSet(all(items)),
        _ => Value::None,
    }
}

fn int(number: usize) -> Value {
    Value::Int(Int::from(number as i64))
}

fn str(text: &str) -> Value {
    Value::Str(text.into())
}

fn tuple(items: impl IntoIterator<Item = Value>) -> Value {
    Value::Tuple(items.into_iter().collect())
}

/// A tree as marshal's bytes.
pub(super) fn encode(tree: &Tree) -> Vec<u8> {
    let classes = tree.classes.iter().map(|class| {
        let attributes = tuple(class.attributes.iter().map(|name| str(name)));
        tuple([str(&class.base), str(&class.name), attributes])
    });
    let mut steps = Vec::with_capacity(tree.steps.len());
    let mut values = Vec::with_capacity(tree.steps.len());
    for step in &tree.steps {
        let (code, value) = match step {
            Step::Value(constant) => (b'v', value_of(constant)),
            Step::List(len) => (b'l', int(*len)),
            Step::Tuple(len) => (b't', int(*len)),
            Step::FrozenSet(len) => (b'f', int(*len)),
            Step::Node(class) => (b'n', int(*class)),
            Step::Other { name, int } => {
                let int = int.as_ref().map_or(Value::None, value_of);
                (b'o', tuple([str(name), int]))
            }
        };
        steps.push(code);
        values.push(value);
    }
    marshalled(&tuple([
        tuple(classes),
        Value::Bytes(steps.into()),
        tuple(values),
    ]))
}

/// The bytes of a value, which every Python 3 reads.
pub(super) fn marshalled(value: &Value) -> Vec<u8> {
    let options = WriteOptions::new(Version::new(3, 11))
        .with_style(Style::Cpython)
        .with_marshal_version(2);
    // What is put together here, marshal can write.
    value.to_marshal(&options).unwrap_or_default()
}

/// Reads a tree; nothing if it is of another form.
pub(super) fn decode(tree: &Value) -> Option<Tree> {
    let Value::Tuple(parts) = tree else {
        return None;
    };
    let [
        Value::Tuple(classes),
        Value::Bytes(steps),
        Value::Tuple(values),
    ] = &parts[..]
    else {
        return None;
    };
    if steps.as_slice().len() != values.len() {
        return None;
    }
    let steps = steps.as_slice().iter().zip(values.iter());
    let step = |(code, value): (&u8, &Value)| {
        let count = || usize::try_from(number(value)?).ok();
        Some(match code {
            b'v' => Step::Value(constant(value, 0)?),
            b'l' => Step::List(count()?),
            b'n' => Step::Node(count()?),
            _ => return None,
        })
    };
    Some(Tree {
        classes: classes.iter().map(class).collect::<Option<_>>()?,
        steps: steps.map(step).collect::<Option<_>>()?,
    })
}

fn class(class: &Value) -> Option<NodeClass> {
    let Value::Tuple(parts) = class else {
        return None;
    };
    let [base, name, Value::Tuple(attributes)] = &parts[..] else {
        return None;
    };
    Some(NodeClass {
        base: text(base)?,
        name: text(name)?,
        attributes: attributes.iter().map(text).collect::<Option<_>>()?,
    })
}

#[cfg(test)]
mod tests {
    use pyco_code::Constant;

    use super::*;

    fn tree() -> Tree {
        Tree {
            classes: vec![NodeClass {
                base: "Expression".to_owned(),
                name: "Derived".to_owned(),
                attributes: vec!["body".to_owned()],
            }],
            steps: vec![
                Step::Value(Constant::from("x")),
                Step::Value(Constant::Float(1.5)),
                Step::List(2),
                Step::Node(0),
            ],
        }
    }

    #[test]
    fn what_is_written_is_read_again() {
        let value = Value::from_marshal(&encode(&tree())).expect("marshal");
        assert_eq!(decode(&value), Some(tree()));
    }

    #[test]
    fn what_only_programs_have_is_written_but_not_read() {
        let steps = [
            Step::Tuple(0),
            Step::FrozenSet(0),
            Step::Other {
                name: "Thing".to_owned(),
                int: Some(Constant::from(3)),
            },
        ];
        for step in steps {
            let tree = Tree {
                classes: Vec::new(),
                steps: vec![step],
            };
            let value = Value::from_marshal(&encode(&tree)).expect("marshal");
            assert_eq!(decode(&value), None);
        }
    }

    #[test]
    fn trees_of_another_form_are_refused() {
        let bytes = |bytes: &[u8]| Value::Bytes(bytes.into());
        let wrong = [
            Value::None,
            tuple([]),
            tuple([tuple([]), bytes(b"v"), tuple([])]),
            tuple([tuple([]), bytes(b"?"), tuple([Value::None])]),
            tuple([tuple([]), bytes(b"l"), tuple([Value::Int(Int::from(-1))])]),
            tuple([tuple([]), bytes(b"l"), tuple([Value::None])]),
            tuple([
                tuple([]),
                bytes(b"v"),
                tuple([Value::List(Items::default())]),
            ]),
            tuple([tuple([str("Name")]), bytes(b""), tuple([])]),
            tuple([
                tuple([tuple([str("Name"), str("Name"), tuple([Value::None])])]),
                bytes(b""),
                tuple([]),
            ]),
        ];
        for value in wrong {
            assert_eq!(decode(&value), None, "{value:?}");
        }
    }
}
