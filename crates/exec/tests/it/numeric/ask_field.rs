//! Runs one recorded `str.format`, as the object model would around `numeric::field`.

use pyco_exec::numeric::field::{self, AutoNumber, Conversion, FieldName, First, Lookup, Pieces};
use pyco_exec::numeric::{Error, Release};

use super::encoding::*;

fn text(points: &[u32]) -> String {
    points
        .iter()
        .map(|&point| char::from_u32(point).expect("no surrogates here"))
        .collect()
}

fn ascii(points: &[u32]) -> String {
    let quote = if points.contains(&39) && !points.contains(&34) {
        '"'
    } else {
        '\''
    };
    format!("{quote}{}{quote}", show_points(points.iter().copied()))
}

/// What `_string.formatter_parser` and `_string.formatter_field_name_split` say.
fn split(template: &[u32], release: Release) -> Result<String, Error> {
    let mut out = Vec::new();
    for piece in Pieces::new(template) {
        let piece = piece?;
        out.push(format!("L{}", text(&template[piece.literal])));
        let Some(field) = piece.field else { continue };
        let name = &template[field.name];
        let parts = FieldName::parse(name, release)?;
        out.push(match &parts.first {
            First::Auto => "F''".to_owned(),
            First::Index(index) => format!("F{index}"),
            First::Name(range) => format!("F{}", ascii(&name[range.clone()])),
        });
        for lookup in parts {
            out.push(match lookup? {
                Lookup::Attribute(range) => format!("A{}", ascii(&name[range])),
                Lookup::Index(index) => format!("I{index}"),
                Lookup::Key(range) => format!("I{}", ascii(&name[range])),
            });
        }
        out.push(format!("S{}", text(&template[field.spec])));
        out.push(format!(
            "C{}",
            field
                .conversion
                .map_or(String::new(), |point| text(&[point]))
        ));
    }
    Ok(out.join("|"))
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

/// `template.format(...)` of objects that say what was done with them (`Probe` of the recorder).
fn format(
    template: &[u32],
    depth: usize,
    numbers: &mut AutoNumber,
    release: Release,
) -> Result<String, Failure> {
    if depth == 0 {
        return Err(field::too_deep().into());
    }
    let mut out = String::new();
    for piece in Pieces::new(template) {
        let piece = piece?;
        out.push_str(&text(&template[piece.literal]));
        let Some(field) = piece.field else { continue };
        let name = &template[field.name];
        let parts = FieldName::parse(name, release)?;
        let mut path = match numbers.resolve(parts.first.clone())? {
            First::Index(index) if index < 3 => index.to_string(),
            First::Index(index) => return Err(field::index_out_of_range(index).into()),
            First::Name(range) if ["a", "w"].contains(&text(&name[range.clone()]).as_str()) => {
                text(&name[range])
            }
            _ => return Err(Failure::Key),
        };
        for lookup in parts {
            path += &match lookup? {
                Lookup::Attribute(range) => format!(".{}", text(&name[range])),
                Lookup::Index(index) => format!("[{index}]"),
                Lookup::Key(range) => format!("[{}]", ascii(&name[range])),
            };
        }
        let converted = match field.conversion.map(Conversion::parse).transpose()? {
            None => None,
            Some(Conversion::Str) => Some(format!("str({path})")),
            Some(Conversion::Repr | Conversion::Ascii) => Some(format!("repr({path})")),
        };
        let spec = &template[field.spec];
        let spec = match field.spec_has_fields {
            true => format(spec, depth - 1, numbers, release)?,
            false => text(spec),
        };
        out += &match converted {
            None => format!("<{path}|{spec}>"),
            Some(text) if spec.is_empty() => text,
            Some(text) => format!("{text}|{spec}"),
        };
    }
    Ok(out)
}

pub(crate) fn ask(operation: &str, arguments: &[&str], release: Release) -> Option<String> {
    let template = points(arguments.first()?);
    Some(match operation {
        "field" => split(&template, release)
            .map_or_else(|error| show_error(&error), |text| show_str(&text)),
        "str_format" => match format(
            &template,
            field::MAX_DEPTH,
            &mut AutoNumber::default(),
            release,
        ) {
            Ok(text) => show_str(&text),
            Err(Failure::Error(error)) => show_error(&error),
            Err(Failure::Key) => "!KeyError:".to_owned(),
        },
        _ => return None,
    })
}
