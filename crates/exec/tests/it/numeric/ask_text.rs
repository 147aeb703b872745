//! Runs one recorded operation that formats.

use pyco_exec::numeric::Release;
use pyco_exec::numeric::complex::Complex;
use pyco_exec::numeric::format_spec::{
    Context, Formatted, format_complex, format_float, format_int, format_str,
};

use super::ask::result;
use super::encoding::*;

fn context(type_name: &str, release: Release) -> Context<'_> {
    Context {
        release,
        type_name,
        size_limit: 1 << 20,
        max_digits: 4300,
    }
}

fn show_formatted(formatted: Formatted) -> String {
    let points = formatted.code_points();
    assert_eq!(points.len(), formatted.len());
    let ascii = formatted.into_ascii();
    assert!(ascii.is_none_or(|text| text.chars().map(u32::from).eq(points.iter().copied())));
    show_points(points)
}

pub(crate) fn ask(operation: &str, arguments: &[&str], release: Release) -> Option<String> {
    let spec = || points(arguments[1]);
    Some(match operation {
        "format_int" => result(
            format_int(&int(arguments[0]), &spec(), &context("int", release)),
            show_formatted,
        ),
        "format_float" => result(
            format_float(float(arguments[0]), &spec(), &context("float", release)),
            show_formatted,
        ),
        "format_complex" => {
            let (real, imag) = pair(arguments[0]);
            let answer = format_complex(
                Complex::new(real, imag),
                &spec(),
                &context("complex", release),
            );
            result(answer, show_formatted)
        }
        "format_str" => {
            let text = points(arguments[0]);
            result(
                format_str(text.len(), &spec(), &context("str", release)),
                |layout| {
                    let fill = |count| std::iter::repeat_n(layout.fill, count);
                    let shown = text[..layout.taken].iter().copied();
                    show_points(fill(layout.left).chain(shown).chain(fill(layout.right)))
                },
            )
        }
        _ => return None,
    })
}
