//! Runs one recorded `%` formatting, as the object model would around `numeric::percent`.

use pyco_exec::numeric::bigint::{self, BigInt};
use pyco_exec::numeric::float as floats;
use pyco_exec::numeric::format_spec::{Context, Formatted};
use pyco_exec::numeric::percent::{
    self, Argument, Arguments, Blame, CharArgument, Directive, Event, Format, Kind,
    not_all_converted, not_enough,
};
use pyco_exec::numeric::{Error, Release};

use super::encoding::*;

#[derive(Clone)]
enum Value {
    Int(BigInt),
    Float(f64),
    Str(Vec<u32>),
    Bytes(Vec<u32>),
    /// A dict of this int under the key `k`.
    Dict(BigInt),
}

impl Value {
    fn type_name(&self) -> &'static str {
        match self {
            Value::Int(_) => "int",
            Value::Float(_) => "float",
            Value::Str(_) => "str",
            Value::Bytes(_) => "bytes",
            Value::Dict(_) => "dict",
        }
    }

    /// `str`, or for `r` and `a` the repr.
    fn text(&self, conversion: char) -> Vec<u32> {
        let points = |text: String| text.chars().map(u32::from).collect();
        match self {
            Value::Int(value) => points(value.to_string()),
            Value::Float(value) => points(floats::repr(*value)),
            Value::Str(text) if conversion == 's' => text.clone(),
            Value::Str(text) if conversion == 'r' => {
                let mut out = vec![39];
                out.extend(text);
                out.push(39);
                out
            }
            Value::Str(text) => points(format!("'{}'", show_points(text.iter().copied()))),
            Value::Dict(value) => points(format!("{{'k': {value}}}")),
            Value::Bytes(bytes) => points(format!("b'{}'", show_points(bytes.iter().copied()))),
        }
    }
}

enum Failure {
    Error(Error),
    Key,
}

impl From<Error> for Failure {
    fn from(error: Error) -> Failure {
        Failure::Error(error)
    }
}

struct Run {
    kind: Kind,
    release: Release,
    values: Vec<Value>,
    used: usize,
    out: Vec<u32>,
}

impl Run {
    fn context(&self) -> Context<'static> {
        Context {
            release: self.release,
            type_name: "",
            size_limit: 1 << 20,
            max_digits: 4300,
        }
    }

    fn take(&mut self) -> Result<(Value, usize), Error> {
        let value = self.values.get(self.used).cloned();
        self.used += 1;
        Ok((
            value.ok_or_else(|| not_enough(self.values.len(), self.release))?,
            self.used,
        ))
    }

    fn star(&mut self, keyed: Option<Value>) -> Result<(BigInt, usize), Error> {
        match keyed.map_or_else(|| self.take(), |value| Ok((value, 1)))? {
            (Value::Int(value), position) => Ok((value, position)),
            (other, position) => {
                let argument = match &other {
                    Value::Dict(_) => Argument::Only,
                    _ => Argument::Position(position),
                };
                let blame = Blame {
                    release: self.release,
                    argument,
                };
                Err(blame.star_required(other.type_name()))
            }
        }
    }

    fn convert(
        &mut self,
        value: &Value,
        directive: &Directive,
        argument: Argument<'_>,
    ) -> Result<(), Error> {
        let conversion = char::from_u32(directive.conversion).expect("a checked conversion");
        let blame = Blame {
            release: self.release,
            argument,
        };
        let refused =
            || Err(blame.number_required(directive.conversion, value.type_name(), self.kind));
        let formatted = match (conversion, value) {
            ('s' | 'r' | 'a' | 'b' | 'c', _) => {
                let text = match conversion {
                    'c' => vec![self.character(value, blame)?],
                    's' | 'b' if self.kind == Kind::Bytes => match value {
                        Value::Bytes(bytes) => bytes.clone(),
                        _ => return Err(blame.bytes_required(value.type_name())),
                    },
                    'r' if self.kind == Kind::Bytes => value.text('a'),
                    _ => value.text(conversion),
                };
                return self.push_text(&text, directive);
            }
            ('d' | 'i' | 'u', Value::Float(value)) => {
                percent::format_int(&bigint::from_f64(*value)?, directive, &self.context())?
            }
            ('d' | 'i' | 'u' | 'o' | 'x' | 'X', Value::Int(value)) => {
                percent::format_int(value, directive, &self.context())?
            }
            ('d' | 'i' | 'u' | 'o' | 'x' | 'X', _) => return refused(),
            (_, Value::Int(value)) => percent::format_float(
                bigint::to_f64_or_overflow(value)?,
                directive,
                &self.context(),
            )?,
            (_, Value::Float(value)) => percent::format_float(*value, directive, &self.context())?,
            _ => return refused(),
        };
        self.push(formatted);
        Ok(())
    }

    fn character(&self, value: &Value, blame: Blame<'_>) -> Result<u32, Error> {
        let limit = if self.kind == Kind::Str {
            0x11_0000
        } else {
            256
        };
        match (value, self.kind) {
            (Value::Int(value), _) => u32::try_from(value)
                .ok()
                .filter(|&point| point < limit)
                .ok_or_else(|| blame.char_out_of_range(self.kind)),
            (Value::Str(text), Kind::Str) | (Value::Bytes(text), Kind::Bytes) => match text[..] {
                [point] => Ok(point),
                _ => Err(blame.char_required(CharArgument::Len(text.len()), self.kind)),
            },
            _ => Err(blame.char_required(CharArgument::Type(value.type_name()), self.kind)),
        }
    }

    fn push_text(&mut self, text: &[u32], directive: &Directive) -> Result<(), Error> {
        let layout = percent::layout(text.len(), directive, &self.context())?;
        self.out
            .extend(std::iter::repeat_n(layout.fill, layout.left));
        self.out.extend(&text[..layout.taken]);
        self.out
            .extend(std::iter::repeat_n(layout.fill, layout.right));
        Ok(())
    }

    fn push(&mut self, formatted: Formatted) {
        self.out.extend(formatted.code_points());
    }
}

/// `format % values`, or if `keyed`, `format % {"k": values[0]}`.
fn run(format: &[u32], keyed: bool, run: &mut Run) -> Result<(), Failure> {
    let (kind, release) = (run.kind, run.release);
    let arguments = Arguments {
        is_mapping: keyed,
        type_name: "tuple",
    };
    let mut parser = Format::new(format, kind, arguments, release);
    let mut keyed_value = None;
    while let Some(event) = parser.next_event()? {
        match event {
            Event::Literal(range) => run.out.extend(&format[range]),
            Event::Percent => run.out.push(u32::from('%')),
            Event::Key(range) if format[range.clone()] == [u32::from('k')] => {
                let Some(Value::Dict(value)) = run.values.first() else {
                    panic!("a key without a dict")
                };
                keyed_value = Some(Value::Int(value.clone()));
            }
            Event::Key(_) => return Err(Failure::Key),
            Event::Width => {
                let (value, position) = run.star(keyed_value.take())?;
                parser.set_width(&value, Argument::Position(position))?;
            }
            Event::Precision => {
                let (value, position) = run.star(keyed_value.take())?;
                parser.set_precision(&value, Argument::Position(position))?;
            }
            Event::Convert(directive) => {
                let (value, argument) = match keyed_value.take() {
                    Some(value) => (value, Argument::Key("'k'")),
                    None if keyed => (run.take()?.0, Argument::Only),
                    None => {
                        let (value, position) = run.take()?;
                        (value, Argument::Position(position))
                    }
                };
                parser.check(&directive, |point| {
                    point > 0xa0 && char::from_u32(point).is_some()
                })?;
                run.convert(&value, &directive, argument)?;
            }
        }
    }
    if !keyed && run.used < run.values.len() {
        return Err(not_all_converted(run.used, run.values.len(), kind, release).into());
    }
    Ok(())
}

pub(crate) fn ask(operation: &str, arguments: &[&str], release: Release) -> Option<String> {
    let kind = if operation.starts_with("percent_bytes") {
        Kind::Bytes
    } else {
        Kind::Str
    };
    let wide = |bytes: Vec<u8>| bytes.into_iter().map(u32::from).collect::<Vec<u32>>();
    let values = match operation {
        "percent_int_key" => vec![Value::Dict(int(arguments[1]))],
        "percent_int" | "percent_bytes_int" => {
            vec![Value::Int(int(arguments[1]))]
        }
        "percent_float" => vec![Value::Float(float(arguments[1]))],
        "percent_str" => vec![Value::Str(points(arguments[1]))],
        "percent_bytes_bytes" => vec![Value::Bytes(wide(bytes(arguments[1])))],
        "percent_star" => arguments[1..]
            .iter()
            .map(|text| Value::Int(int(text)))
            .collect(),
        _ => return None,
    };
    let format = if kind == Kind::Str {
        points(arguments[0])
    } else {
        wide(bytes(arguments[0]))
    };
    let mut state = Run {
        kind,
        release,
        values,
        used: 0,
        out: Vec::new(),
    };
    Some(
        match run(&format, operation == "percent_int_key", &mut state) {
            Ok(()) if kind == Kind::Str => show_points(state.out),
            Ok(()) => show_bytes(
                &state
                    .out
                    .iter()
                    .map(|&byte| byte as u8)
                    .collect::<Vec<u8>>(),
            ),
            Err(Failure::Error(error)) => show_error(&error),
            Err(Failure::Key) => "!KeyError:".to_owned(),
        },
    )
}
