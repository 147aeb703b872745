//! `str % arguments`.

use crate::error::PyResult;
use crate::numeric::format_spec::{Formatted, Piece};
use crate::numeric::percent::{CharArgument, Directive, Event, Format, Kind, layout};
use crate::object::int_methods::decimal;
use crate::object::percent::{self, Operand};
use crate::object::str_::Str;
use crate::object::text_args::text;
use crate::object::tuple::Tuple;
use crate::ops;
use crate::ops::plain_format::Plain;
use crate::text::unit::{Unit, with_units};
use crate::text::{StrBuilder, StrView, properties};
use crate::value::Value;
use crate::vm::Vm;

/// The slot: `format % operand`.
pub(crate) fn remainder(vm: &mut Vm, format: &Value, operand: &Value) -> PyResult {
    let Some(template) = format.downcast::<Str>() else {
        return Ok(Value::NOT_IMPLEMENTED);
    };
    // What `__str__` or `__repr__` gives comes out as it is, of whatever class.
    let show: Option<fn(&mut Vm, &Value) -> PyResult> = match template.view() {
        StrView::Ascii(b"%s") => Some(Vm::str),
        StrView::Ascii(b"%r") => Some(Vm::repr),
        _ => None,
    };
    if let Some(show) = show {
        match operand.downcast::<Tuple>().map(|tuple| tuple.items()) {
            Some([only]) => return show(vm, only),
            Some(_) => {}
            None => return show(vm, operand),
        }
    }
    if let Some(text) = plain(vm, template, operand) {
        return Ok(text);
    }
    let is_text = operand.downcast::<Str>().is_some();
    let given = match operand.downcast::<Tuple>().map(|tuple| tuple.items()) {
        Some([only]) => Some(only.clone()),
        Some(_) => None,
        None => Some(operand.clone()),
    };
    let mut operand = Operand::new(vm, operand, is_text);
    let mut out = StrBuilder::with_capacity(template.len() + 16);
    with_units!(template.view(), units => run(vm, units, &mut operand, &mut out))?;
    operand.finish(vm, Kind::Str)?;
    if let Some(text) = given.filter(|text| is_one(template, text, out.len())) {
        return Ok(text);
    }
    if !template.is_empty() && !template.view().contains_char(u32::from(b'%')) {
        return Ok(format.clone());
    }
    Ok(vm.str_from_buf(out.finish()))
}

/// Whether a template is one `%s` and no more, for a text that came out as it is, `len` characters long.
fn is_one(template: &Str, given: &Value, len: usize) -> bool {
    let Some(text) = given.downcast::<Str>().filter(|text| text.is_exact()) else {
        return false;
    };
    let template = template.view();
    let last = template.len().saturating_sub(1);
    let percents = template.chars().filter(|c| *c == u32::from(b'%')).count();
    let middle = template.substr(1..last.max(1));
    let is_plain = middle
        .view()
        .chars()
        .all(|c| c == u32::from(b'.') || (0x30..0x3A).contains(&c));
    percents == 1
        && template.get(0) == Some(u32::from(b'%'))
        && template.get(last) == Some(u32::from(b's'))
        && is_plain
        && text.view().len() == len
}

/// `format % operand` for what most programs use: ASCII with `%s`, `%d`, `%f` and `%%` alone, for exact strs, small ints and floats.
/// Nothing where there is anything else, an error included.
fn plain(vm: &Vm, template: &Str, operand: &Value) -> Option<Value> {
    let StrView::Ascii(mut rest) = template.view() else {
        return None;
    };
    let items = match operand.downcast::<Tuple>() {
        Some(tuple) => tuple.items(),
        None => std::slice::from_ref(operand),
    };
    let (mut used, mut has_percent) = (0, false);
    let mut out = Vec::with_capacity(rest.len() + 16);
    while let Some(at) = rest.iter().position(|&unit| unit == b'%') {
        has_percent = true;
        out.extend_from_slice(&rest[..at]);
        let conversion = *rest.get(at + 1)?;
        let directive = &rest[at + 1..];
        rest = &directive[1..];
        if conversion == b'%' {
            out.push(b'%');
            continue;
        }
        let item = items.get(used)?;
        used += 1;
        match (conversion, item.as_small_int()) {
            (b's' | b'd', Some(n)) => out.extend_from_slice(decimal(&mut [0; 24], n)),
            (b's', None) => {
                let text = item.downcast::<Str>().filter(|text| text.is_exact())?;
                out.extend_from_slice(text.as_ascii()?.as_bytes());
            }
            _ => {
                let (plain, behind) = Plain::of_percent(directive)?;
                out.extend_from_slice(plain.text(item, &mut [0; _])?);
                rest = behind;
            }
        }
    }
    if used != items.len() || !has_percent || vm.host().memory.is_some() && out.len() > 1 << 16 {
        return None;
    }
    out.extend_from_slice(rest);
    if let [only] = items
        && is_one(template, only, out.len())
    {
        return Some(only.clone());
    }
    Some(vm.str_from_view(StrView::Ascii(&out)))
}

fn run<U: Unit>(
    vm: &mut Vm,
    units: &[U],
    operand: &mut Operand,
    out: &mut StrBuilder,
) -> PyResult<()> {
    let type_name = operand.type_name(vm);
    let arguments = percent::arguments(operand, &type_name);
    let mut format = Format::new(units, Kind::Str, arguments, vm.release());
    loop {
        let event = format.next_event().map_err(|e| vm.numeric_error(e))?;
        match event {
            None => return Ok(()),
            Some(Event::Literal(range)) => out.push_view(U::as_str(&units[range]).view()),
            Some(Event::Percent) => out.push(u32::from(b'%')),
            Some(Event::Key(range)) => {
                let key = vm.str_from_view(U::as_str(&units[range]).view());
                operand.use_key(vm, &key)?;
            }
            Some(Event::Width) => operand.star(vm, &mut format, true)?,
            Some(Event::Precision) => operand.star(vm, &mut format, false)?,
            Some(Event::Convert(directive)) => {
                let value = operand.next(vm)?;
                let version = vm.unicode_version();
                format
                    .check(&directive, |c| properties(c, version).is_printable())
                    .map_err(|e| vm.numeric_error(e))?;
                convert(vm, &value, &directive, operand, out)?;
            }
        }
    }
}

fn convert(
    vm: &mut Vm,
    value: &Value,
    directive: &Directive,
    operand: &Operand,
    out: &mut StrBuilder,
) -> PyResult<()> {
    let conversion = directive.conversion;
    let blame = operand.blame(vm);
    if percent::is_int_conversion(conversion) {
        push(out, &percent::int(vm, value, directive, &blame, Kind::Str)?);
        return Ok(());
    }
    if percent::is_float_conversion(conversion) {
        let formatted = percent::float(vm, value, directive, &blame, Kind::Str)?;
        push(out, &formatted);
        return Ok(());
    }
    let shown = match char::from_u32(conversion) {
        Some('s') => vm.str(value)?,
        Some('r') => vm.repr(value)?,
        Some('a') => ops::text::ascii(vm, value)?,
        _ => character(vm, value, operand)?,
    };
    let view = text(&shown);
    let layout =
        layout(view.len(), directive, &percent::context(vm)).map_err(|e| vm.numeric_error(e))?;
    out.push_repeated(layout.fill, layout.left);
    out.push_view(view.substr(0..layout.taken).view());
    out.push_repeated(layout.fill, layout.right);
    vm.check_growth(out.len())
}

/// The character that `%c` shows.
fn character(vm: &mut Vm, value: &Value, operand: &Operand) -> PyResult {
    let blame = operand.blame(vm);
    let error = if let Some(text) = value.downcast::<Str>() {
        if text.len() == 1 {
            return Ok(value.clone());
        }
        blame.char_required(CharArgument::Len(text.len()), Kind::Str)
    } else {
        match percent::char_code(vm, value, Kind::Str)? {
            Some(c) => match u32::try_from(c) {
                Ok(c) if c < 0x11_0000 => return Ok(vm.character(c)),
                _ => blame.char_out_of_range(Kind::Str),
            },
            None => blame.char_required(
                CharArgument::Type(&percent::shown_type(vm, value, 14)),
                Kind::Str,
            ),
        }
    };
    Err(vm.numeric_error(error))
}

/// Appends a formatted number.
fn push(out: &mut StrBuilder, formatted: &Formatted) {
    for piece in formatted.pieces() {
        match piece {
            Piece::Fill(point, count) => out.push_repeated(point, count),
            Piece::Ascii(text) => out.push_str(text),
            Piece::Point(point) => out.push(point),
        }
    }
}
