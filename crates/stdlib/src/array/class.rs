//! `array.array`: the class, how an array is made and compared.

use pyco_exec::object::buffer::{bytes_like, data};
use pyco_exec::object::bytearray::ByteArray;
use pyco_exec::object::bytes::Bytes;
use pyco_exec::object::generic_alias::class_getitem;
use pyco_exec::object::header::Ref;
use pyco_exec::object::memoryview_methods::{buffer, release_buffer};
use pyco_exec::object::native::{GetSetDef, NativeDef};
use pyco_exec::object::native_class::ClassDef;
use pyco_exec::object::sequence::receiver;
use pyco_exec::object::slots::{CompareOp, Slots, UnaryOp};
use pyco_exec::object::str_::Str;
use pyco_exec::object::tuple_methods::uses_init_of;
use pyco_exec::object::type_::Type;
use pyco_exec::object::typed_bytes::TypedBytes;
use pyco_exec::{Args, PyResult, Raised, Value, Vm};

use super::kinds::{self, Class, KINDS, Kind};
use super::{items, iter, methods, pickle};

pub(super) static ARRAY: ClassDef = ClassDef::new::<TypedBytes>("array.array", slots)
    .subclassable()
    .weakly_referenced()
    .sequence()
    .methods(&[
        NativeDef::one("append", methods::append).signature("($self, v, /)"),
        NativeDef::no_args("buffer_info", methods::buffer_info).signature("($self, /)"),
        NativeDef::no_args("byteswap", methods::byteswap).signature("($self, /)"),
        NativeDef::no_args("clear", methods::clear)
            .signature("($self, /)")
            .since(13),
        NativeDef::one("count", methods::count).signature("($self, v, /)"),
        NativeDef::one("extend", methods::extend).signature("($self, bb, /)"),
        NativeDef::one("frombytes", methods::from_bytes).signature("($self, buffer, /)"),
        NativeDef::range("fromfile", 2, 2, methods::from_file).signature("($self, f, n, /)"),
        NativeDef::one("fromlist", methods::from_list).signature("($self, list, /)"),
        NativeDef::one("fromunicode", methods::from_unicode).signature("($self, ustr, /)"),
        NativeDef::range("index", 1, 3, methods::index)
            .signature("($self, v, start=0, stop=sys.maxsize, /)"),
        NativeDef::range("insert", 2, 2, methods::insert).signature("($self, i, v, /)"),
        NativeDef::range("pop", 0, 1, methods::pop).signature("($self, i=-1, /)"),
        NativeDef::one("remove", methods::remove).signature("($self, v, /)"),
        NativeDef::no_args("reverse", methods::reverse).signature("($self, /)"),
        NativeDef::no_args("tobytes", methods::to_bytes).signature("($self, /)"),
        NativeDef::one("tofile", methods::to_file).signature("($self, f, /)"),
        NativeDef::no_args("tolist", methods::to_list).signature("($self, /)"),
        NativeDef::no_args("tounicode", methods::to_unicode).signature("($self, /)"),
        NativeDef::no_args("__copy__", methods::copy).signature("($self, /)"),
        NativeDef::one("__deepcopy__", |vm, this, _| methods::copy(vm, this))
            .signature("($self, unused, /)"),
        NativeDef::bound("__reduce_ex__", &pickle::REDUCE, pickle::reduce)
            .signature("($self, value, /)"),
        NativeDef::no_args("__sizeof__", methods::size_of_array).signature("($self, /)"),
        NativeDef::one("__class_getitem__", class_getitem)
            .class()
            .since(12)
            .until(12),
        NativeDef::one("__class_getitem__", class_getitem)
            .class()
            .signature("($type, object, /)")
            .since(13),
        NativeDef::one("__buffer__", buffer)
            .signature("($self, flags, /)")
            .since(12),
        NativeDef::one("__release_buffer__", release_buffer)
            .signature("($self, buffer, /)")
            .since(12),
    ])
    .attributes(&[
        GetSetDef::get("typecode", |vm, this| {
            let array = receiver::<TypedBytes>(vm, this)?;
            Ok(vm.new_str(kind_of(array).code))
        }),
        GetSetDef::get("itemsize", |vm, this| {
            let size = receiver::<TypedBytes>(vm, this)?.item_size;
            Ok(vm.int(size as i64))
        }),
    ]);

fn slots(slots: &Slots, _minor: u8) {
    slots.new.set(Some(new));
    slots.set_unary(UnaryOp::Repr, repr);
    slots.set_unary(UnaryOp::Iter, iter::iter);
    slots.compare.set(Some(compare_arrays));
    slots.len.set(Some(|vm, this| {
        let array = receiver::<TypedBytes>(vm, this)?;
        Ok(len(vm, array))
    }));
    slots.contains.set(Some(methods::contains));
    slots.get_item.set(Some(items::get_item));
    slots.set_item.set(Some(items::set_item));
    slots.concat.set(Some(items::concat));
    slots.repeat.set(Some(items::repeat));
    slots.in_place_concat.set(Some(items::in_place_concat));
    slots.in_place_repeat.set(Some(items::in_place_repeat));
}

/// The kind of an array's items.
pub(super) fn kind_of(array: &TypedBytes) -> &'static Kind {
    KINDS.get(usize::from(array.tag)).unwrap_or(&KINDS[0])
}

/// The number of items.
pub(super) fn len(vm: &Vm, array: &TypedBytes) -> usize {
    array.bytes.data.get(vm).len() / array.item_size
}

/// The bytes of an item that is there.
pub(super) fn bytes_at<'a>(vm: &'a Vm, array: &'a TypedBytes, at: usize) -> Option<&'a [u8]> {
    let size = array.item_size;
    array.bytes.data.get(vm).get(at * size..(at + 1) * size)
}

/// The item at a place.
pub(super) fn item(vm: &mut Vm, array: &TypedBytes, at: usize) -> PyResult {
    let kind = kind_of(array);
    let Some(bytes) = bytes_at(vm, array, at) else {
        return Err(vm.index_error("array index out of range"));
    };
    match kinds::unpack(vm, kind, bytes) {
        Some(value) => Ok(value),
        None => {
            let bytes = bytes.to_vec();
            Err(kinds::no_character(vm, kind, &bytes))
        }
    }
}

/// An array of a class derived from this one.
pub(super) fn array_of(vm: &Vm, class: &Ref<Type>, kind: &'static Kind, bytes: Vec<u8>) -> Value {
    let Ok(bytes) = vm.new_bytearray(bytes).into_ref::<ByteArray>() else {
        return Value::NONE;
    };
    let tag = KINDS.iter().position(|other| std::ptr::eq(other, kind));
    let payload = TypedBytes {
        bytes,
        tag: tag.unwrap_or(0) as u8,
        format: kind.format,
        item_size: kind.size,
    };
    Value::from(Ref::new(class, payload))
}

/// An array of the class itself.
pub(super) fn plain_array(vm: &mut Vm, kind: &'static Kind, bytes: Vec<u8>) -> Value {
    let class = vm.class(&ARRAY);
    array_of(vm, &class, kind, bytes)
}

/// Refuses to change the number of bytes while views show them.
pub(super) fn check_exports(vm: &mut Vm, array: &TypedBytes) -> PyResult<()> {
    if array.bytes.exports.get() == 0 {
        return Ok(());
    }
    let class = vm.types.buffer_error.clone();
    Err(vm.error(&class, "cannot resize an array that is exporting buffers"))
}

/// The text of a type code; `function` complains.
pub(super) fn code_argument(vm: &mut Vm, value: &Value, function: &str) -> PyResult<String> {
    let text = value.downcast::<Str>();
    let minor = vm.version_number();
    if let Some(text) = text
        && (minor >= 15 || text.len() == 1)
    {
        return Ok(text.to_string());
    }
    let found = match text.map(|text| text.len()) {
        Some(len) if minor >= 14 => format!("a string of length {len}"),
        _ => pyco_exec::object::text_args::clinic_type(vm, value),
    };
    let what = if minor >= 15 {
        "str"
    } else {
        "a unicode character"
    };
    Err(vm.type_error(format!("{function} must be {what}, not {found}")))
}

#[cold]
fn bad_code(vm: &mut Vm) -> Raised {
    let minor = vm.version_number();
    let codes: Vec<&str> = KINDS
        .iter()
        .filter(|kind| kind.since <= minor)
        .map(|kind| kind.code)
        .collect();
    let (last, others) = codes.split_last().unwrap_or((&"", &[]));
    let others = others.join(", ");
    vm.value_error(format!("bad typecode (must be {others} or {last})"))
}

/// `array(typecode, initializer)`.
pub(super) fn new(vm: &mut Vm, class: &Ref<Type>, args: Args<'_>) -> PyResult {
    let base = vm.class(&ARRAY);
    if args.has_keywords() && uses_init_of(class, &base) {
        return Err(vm.type_error("array.array() takes no keyword arguments"));
    }
    let given = args.positional();
    if given.is_empty() || given.len() > 2 {
        let (word, count) = if given.is_empty() {
            ("least", 1)
        } else {
            ("most", 2)
        };
        let (plural, given) = (if count == 1 { "" } else { "s" }, given.len());
        return Err(vm.type_error(format!(
            "array() takes at {word} {count} argument{plural} ({given} given)"
        )));
    }
    let code = code_argument(vm, &given[0], "array() argument 1")?;
    let initial = given.get(1);
    if let Some(initial) = initial {
        let is_text_code = code == "u" || code == "w" && vm.version_number() >= 13;
        if !is_text_code {
            let is_text_array = initial
                .downcast::<TypedBytes>()
                .is_some_and(|array| kind_of(array).class == Class::Text);
            let what = match is_text_array {
                _ if initial.downcast::<Str>().is_some() => "str",
                true => "unicode array",
                false => "",
            };
            if !what.is_empty() {
                return Err(vm.type_error(format!(
                    "cannot use a {what} to initialize an array with typecode '{code}'"
                )));
            }
        }
    }
    let Some(kind) = kinds::find(vm, &code) else {
        return Err(bad_code(vm));
    };
    if kind.code == "u" && vm.version_number() >= 13 {
        vm.warn(
            "DeprecationWarning",
            "The 'u' type code is deprecated and will be removed in Python 3.16",
        )?;
    }
    let made = array_of(vm, class, kind, Vec::new());
    if let Some(initial) = initial {
        fill(vm, &made, kind, initial)?;
    }
    Ok(made)
}

/// Puts into a new array what it is made of.
fn fill(vm: &mut Vm, made: &Value, kind: &'static Kind, initial: &Value) -> PyResult<()> {
    let array = receiver::<TypedBytes>(vm, made)?;
    if kind.class == Class::Text && initial.downcast::<Str>().is_some() {
        return methods::from_unicode(vm, made, initial).map(drop);
    }
    if let Some(other) = initial.downcast::<TypedBytes>() {
        let other_kind = kind_of(other);
        let are_texts = kind.class == Class::Text && other_kind.class == Class::Text;
        if other_kind.code == kind.code || are_texts {
            let bytes = other.bytes.data.get(vm).clone();
            vm.check_growth(bytes.len())?;
            *array.bytes.data.get_mut(vm) = bytes;
            return Ok(());
        }
        let mut at = 0;
        while at < len(vm, other) {
            let value = item(vm, other, at)?;
            methods::append(vm, made, &value)?;
            at += 1;
        }
        return Ok(());
    }
    if (initial.downcast::<Bytes>().is_some() || initial.downcast::<ByteArray>().is_some())
        && let Some(bytes) = bytes_like(vm, initial)?
    {
        let bytes = data(vm, &bytes).to_vec();
        return methods::push_bytes(vm, array, &bytes);
    }
    vm.for_each(initial, |vm, value| {
        methods::append(vm, made, &value).map(drop)
    })
}

fn repr(vm: &mut Vm, this: &Value) -> PyResult {
    let array = receiver::<TypedBytes>(vm, this)?;
    let (name, kind) = (vm.short_type_name(this), kind_of(array));
    let code = kind.code;
    if len(vm, array) == 0 {
        return Ok(vm.new_str(&format!("{name}('{code}')")));
    }
    let items = match kind.class {
        Class::Text => methods::to_unicode(vm, this)?,
        _ => methods::to_list(vm, this)?,
    };
    let mut text = pyco_exec::text::StrBuilder::new();
    text.push_str(&format!("{name}('{code}', "));
    pyco_exec::object::sequence::push_repr(vm, &mut text, &items)?;
    text.push_str(")");
    Ok(vm.str_from_buf(text.finish()))
}

fn compare_arrays(vm: &mut Vm, a: &Value, b: &Value, op: CompareOp) -> PyResult {
    let (Some(a), Some(b)) = (a.downcast::<TypedBytes>(), b.downcast::<TypedBytes>()) else {
        return Ok(Value::NOT_IMPLEMENTED);
    };
    if len(vm, a) != len(vm, b) && matches!(op, CompareOp::Eq | CompareOp::Ne) {
        return Ok(Value::bool(op == CompareOp::Ne));
    }
    let mut at = 0;
    while at < len(vm, a) && at < len(vm, b) {
        let (left, right) = (item(vm, a, at)?, item(vm, b, at)?);
        if !equal(vm, &left, &right)? {
            return match op {
                CompareOp::Eq => Ok(Value::FALSE),
                CompareOp::Ne => Ok(Value::TRUE),
                _ => vm.compare(&left, &right, op),
            };
        }
        at += 1;
    }
    Ok(Value::bool(op.holds(len(vm, a).cmp(&len(vm, b)))))
}

/// Whether an item equals a value; a NaN does not, as each item is an object of its own.
pub(super) fn equal(vm: &mut Vm, item: &Value, value: &Value) -> PyResult<bool> {
    let equal = vm.compare(item, value, CompareOp::Eq)?;
    vm.truth(&equal)
}
