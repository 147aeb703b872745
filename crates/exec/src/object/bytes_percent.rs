//! `bytes % arguments` and `bytearray % arguments`.

use crate::error::PyResult;
use crate::numeric::format_spec::{Formatted, Piece};
use crate::numeric::percent::{CharArgument, Directive, Event, Format, Kind, layout};
use crate::object::buffer::{bytes_of, data, is_bytes_like, same_class};
use crate::object::bytearray::{ByteArray, hold};
use crate::object::bytes::Bytes;
use crate::object::bytes_methods;
use crate::object::header::Payload;
use crate::object::memoryview::MemoryView;
use crate::object::percent::{self, Operand};
use crate::object::str_::Str;
use crate::ops;
use crate::value::Value;
use crate::vm::Vm;

/// The slot: `format % operand`.
pub(crate) fn remainder<T: Payload>(vm: &mut Vm, format: &Value, operand: &Value) -> PyResult {
    let Some(template) = bytes_of(vm, format).filter(|_| format.downcast::<T>().is_some()) else {
        return Ok(Value::NOT_IMPLEMENTED);
    };
    // A bytearray could change while the arguments are converted.
    let template = template.to_vec();
    // A memoryview can be indexed and counts as a mapping.
    let is_text = operand.downcast::<Str>().is_some()
        || is_bytes_like(vm, operand) && operand.downcast::<MemoryView>().is_none();
    let mut operand = Operand::new(vm, operand, is_text);
    let mut out = Vec::with_capacity(template.len() + 16);
    hold(vm, format, |vm| run(vm, &template, &mut operand, &mut out))?;
    operand.finish(vm, Kind::Bytes)?;
    Ok(same_class(vm, format, out))
}

fn run(vm: &mut Vm, template: &[u8], operand: &mut Operand, out: &mut Vec<u8>) -> PyResult<()> {
    let type_name = operand.type_name(vm);
    let arguments = percent::arguments(operand, &type_name);
    let mut format = Format::new(template, Kind::Bytes, arguments, vm.release());
    loop {
        let event = format.next_event().map_err(|e| vm.numeric_error(e))?;
        match event {
            None => return Ok(()),
            Some(Event::Literal(range)) => out.extend_from_slice(&template[range]),
            Some(Event::Percent) => out.push(b'%'),
            Some(Event::Key(range)) => {
                let key = vm.new_bytes(template[range].to_vec());
                operand.use_key(vm, &key)?;
            }
            Some(Event::Width) => operand.star(vm, &mut format, true)?,
            Some(Event::Precision) => operand.star(vm, &mut format, false)?,
            Some(Event::Convert(directive)) => {
                let value = operand.next(vm)?;
                format
                    .check(&directive, |_| false)
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
    out: &mut Vec<u8>,
) -> PyResult<()> {
    let conversion = directive.conversion;
    let blame = operand.blame(vm);
    if percent::is_int_conversion(conversion) {
        let formatted = percent::int(vm, value, directive, &blame, Kind::Bytes)?;
        push(out, &formatted);
        return Ok(());
    }
    if percent::is_float_conversion(conversion) {
        let formatted = percent::float(vm, value, directive, &blame, Kind::Bytes)?;
        push(out, &formatted);
        return Ok(());
    }
    let shown = match char::from_u32(conversion) {
        Some('c') => vec![character(vm, value, operand)?],
        Some('a' | 'r') => {
            let text = ops::text::ascii(vm, value)?;
            let text = text.downcast::<Str>().and_then(|text| text.as_ascii());
            text.unwrap_or_default().as_bytes().to_vec()
        }
        _ => bytes_for(vm, value, operand)?,
    };
    let layout =
        layout(shown.len(), directive, &percent::context(vm)).map_err(|e| vm.numeric_error(e))?;
    let fill = layout.fill as u8;
    out.extend(std::iter::repeat_n(fill, layout.left));
    out.extend_from_slice(&shown[..layout.taken]);
    out.extend(std::iter::repeat_n(fill, layout.right));
    vm.check_growth(out.len())
}

/// The bytes that `%b` or `%s` shows.
fn bytes_for(vm: &mut Vm, value: &Value, operand: &Operand) -> PyResult<Vec<u8>> {
    if let Some(bytes) = value.downcast::<Bytes>().filter(|bytes| bytes.is_exact()) {
        return Ok(bytes.data().to_vec());
    }
    let name = vm.names.__bytes__.clone();
    if let Some(result) = vm.call_special_opt(value, &name, &[])? {
        let Some(bytes) = result.downcast::<Bytes>() else {
            return Err(bytes_methods::not_bytes(vm, value, &result));
        };
        return Ok(bytes.data().to_vec());
    }
    if is_bytes_like(vm, value) {
        return Ok(data(vm, value).to_vec());
    }
    let found = vm.type_name(value);
    let error = operand.blame(vm).bytes_required(&found);
    Err(vm.numeric_error(error))
}

/// The byte that `%c` shows.
fn character(vm: &mut Vm, value: &Value, operand: &Operand) -> PyResult<u8> {
    let blame = operand.blame(vm);
    let error = match bytes_of(vm, value) {
        Some(&[byte]) => return Ok(byte),
        Some(bytes) => {
            let given = match value.downcast::<ByteArray>() {
                Some(_) => CharArgument::BytearrayLen(bytes.len()),
                None => CharArgument::Len(bytes.len()),
            };
            blame.char_required(given, Kind::Bytes)
        }
        None => match percent::char_code(vm, value, Kind::Bytes)? {
            Some(c) => match u8::try_from(c) {
                Ok(byte) => return Ok(byte),
                Err(_) => blame.char_out_of_range(Kind::Bytes),
            },
            None => blame.char_required(
                CharArgument::Type(&percent::shown_type(vm, value, 14)),
                Kind::Bytes,
            ),
        },
    };
    Err(vm.numeric_error(error))
}

/// Appends a formatted number, which is ASCII.
fn push(out: &mut Vec<u8>, formatted: &Formatted) {
    for piece in formatted.pieces() {
        match piece {
            Piece::Fill(point, count) => out.extend(std::iter::repeat_n(point as u8, count)),
            Piece::Ascii(text) => out.extend_from_slice(text.as_bytes()),
            Piece::Point(point) => out.push(point as u8),
        }
    }
}
