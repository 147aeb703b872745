//! Arrays in pickles: the bytes with a code for their form, so that another machine can read them.

use pyco_exec::numeric::bigint::{ByteOrder, from_bytes};
use pyco_exec::numeric::float::{half_to_f64, single_to_f64};
use pyco_exec::object::bytes::Bytes;
use pyco_exec::object::sequence::receiver;
use pyco_exec::object::text_args::c_int_or;
use pyco_exec::object::type_::Type;
use pyco_exec::object::typed_bytes::TypedBytes;
use pyco_exec::text::StrBuilder;
use pyco_exec::{Args, Bound, Params, PyResult, Value, Vm};

use super::class::{ARRAY, code_argument, kind_of, new};
use super::kinds::{self, Class, KINDS};
use super::methods;

/// A form of items: their class and size. Its code is twice its place in [`FORMS`], and one more where the most significant byte is first.
type Form = (Class, usize);

/// The bytes of one byte each have no order: theirs are the codes 0 (unsigned) and 1 (signed).
static FORMS: &[Form] = &[
    (Class::Unsigned, 1),
    (Class::Unsigned, 2),
    (Class::Signed, 2),
    (Class::Unsigned, 4),
    (Class::Signed, 4),
    (Class::Unsigned, 8),
    (Class::Signed, 8),
    (Class::Float, 4),
    (Class::Float, 8),
    (Class::Text, 2),
    (Class::Text, 4),
    (Class::Complex, 8),
    (Class::Complex, 16),
    (Class::Float, 2),
];

fn form_of(code: usize) -> Form {
    match code {
        1 => (Class::Signed, 1),
        _ => FORMS[code / 2],
    }
}

/// The code of what this machine has.
fn code_of(form: Form) -> usize {
    if form == (Class::Signed, 1) {
        return 1;
    }
    let place = FORMS.iter().position(|other| *other == form).unwrap_or(0);
    let is_big = cfg!(target_endian = "big") && form.1 > 1;
    place * 2 + usize::from(is_big)
}

pub(super) static REDUCE: Params = Params::new(&["value"], 1).positional_only(1);

/// `__reduce_ex__(protocol)`.
pub(super) fn reduce(vm: &mut Vm, this: &Value, args: &Bound<'_>) -> PyResult {
    let protocol = args.get(0).unwrap_or(this);
    let array = receiver::<TypedBytes>(vm, this)?;
    if protocol.as_int().is_none() {
        return Err(vm.type_error("__reduce_ex__ argument should be an integer"));
    }
    let protocol = vm.index_as_i64(protocol, "Python int too large to convert to C long")?;
    let dict_name = vm.intern("__dict__");
    let dict = vm.get_attr_opt(this, &dict_name)?.unwrap_or(Value::NONE);
    let (class, kind) = (Value::from(vm.type_of(this)), kind_of(array));
    let code = vm.new_str(kind.code);
    if protocol < 3 {
        let list = methods::to_list(vm, this)?;
        let arguments = vm.tuple_of([code, list]);
        return Ok(vm.tuple_of([class, arguments, dict]));
    }
    let module = vm.import("array")?;
    let name = vm.intern("_array_reconstructor");
    let function = vm.get_attr(&module, &name)?;
    let form = vm.int(code_of((kind.class, kind.size)) as i64);
    let bytes = methods::to_bytes(vm, this)?;
    let arguments = vm.tuple_of([class, code, form, bytes]);
    Ok(vm.tuple_of([function, arguments, dict]))
}

/// `_array_reconstructor(arraytype, typecode, mformat_code, items)`.
pub(super) fn reconstruct(vm: &mut Vm, _module: &Value, arguments: &[Value]) -> PyResult {
    let [class, code, form_code, items] = arguments else {
        return Ok(Value::NONE);
    };
    let code = code_argument(vm, code, "_array_reconstructor() argument 2")?;
    let form_code = c_int_or(vm, Some(form_code), 0)?;
    let Some(class) = class.downcast::<Type>() else {
        let found = vm.type_name(class);
        return Err(vm.type_error(format!("first argument must be a type object, not {found}")));
    };
    let base = vm.class(&ARRAY);
    if !class.is_subtype(vm, &base) {
        let (found, base) = (class.name(), base.name());
        return Err(vm.type_error(format!("{found} is not a subtype of {base}")));
    }
    let Some(kind) = kinds::find(vm, &code) else {
        return Err(vm.value_error("second argument must be a valid type code"));
    };
    let most = match vm.version_number() {
        ..15 => 21,
        _ => 27,
    };
    let Some(form_code) = usize::try_from(form_code).ok().filter(|code| *code <= most) else {
        return Err(vm.value_error("third argument must be a valid machine format code."));
    };
    let Some(bytes) = items.downcast::<Bytes>() else {
        let found = vm.type_name(items);
        return Err(vm.type_error(format!("fourth argument should be bytes, not {found}")));
    };
    let form = form_of(form_code);
    if code_of((kind.class, kind.size)) == form_code {
        let arguments = [vm.new_str(kind.code), items.clone()];
        return new(vm, class, Args::positional_only(&arguments));
    }
    let is_big = form_code % 2 == 1 && form.1 > 1;
    let (code, items) = decode(vm, kind.code, form, is_big, bytes.data())?;
    let arguments = [vm.new_str(code), items];
    new(vm, class, Args::positional_only(&arguments))
}

/// What an array of another form is made of, and its type code: ints get one that holds them.
fn decode(
    vm: &mut Vm,
    code: &'static str,
    (class, size): Form,
    is_big: bool,
    bytes: &[u8],
) -> PyResult<(&'static str, Value)> {
    // CPython takes characters to be twice as long here as they are.
    let unit = if class == Class::Text { 2 * size } else { size };
    if !bytes.len().is_multiple_of(unit) {
        return Err(vm.value_error("string length not a multiple of item size"));
    }
    vm.check_growth(bytes.len().saturating_mul(8))?;
    let order = if is_big {
        ByteOrder::Big
    } else {
        ByteOrder::Little
    };
    let number = |part: &[u8]| {
        let mut whole = [0; 8];
        whole[..part.len()].copy_from_slice(part);
        if is_big {
            whole[..part.len()].reverse();
        }
        u64::from_le_bytes(whole)
    };
    if class == Class::Text {
        let mut text = StrBuilder::new();
        let units = bytes.chunks(size).map(|part| number(part) as u32);
        if size == 4 {
            units.for_each(|unit| text.push(unit.min(0x10_FFFF)));
        } else {
            for unit in char::decode_utf16(units.map(|unit| unit as u16)) {
                text.push(unit.map_or_else(|lone| lone.unpaired_surrogate().into(), u32::from));
            }
        }
        return Ok((code, vm.str_from_buf(text.finish())));
    }
    let release = vm.release();
    let float = |part: &[u8]| match part.len() {
        2 => half_to_f64(number(part) as u16, release),
        4 => single_to_f64(number(part) as u32, true),
        _ => f64::from_bits(number(part)),
    };
    let items = bytes.chunks(size).map(|part| match class {
        Class::Float => Value::float(float(part)),
        Class::Complex => {
            let (real, imag) = part.split_at(size / 2);
            vm.new_complex(float(real), float(imag))
        }
        _ => vm.int_from_big(from_bytes(part, order, class == Class::Signed)),
    });
    let items = items.collect();
    let items = vm.new_list(items);
    let wide = KINDS
        .iter()
        .rfind(|kind| (kind.class, kind.size) == (class, size));
    let code = match class {
        Class::Signed | Class::Unsigned => wide.map_or(code, |kind| kind.code),
        _ => code,
    };
    Ok((code, items))
}
