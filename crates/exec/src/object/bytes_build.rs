//! bytes and bytearray: other cases, padding, replacing, translating, hexadecimal text.

use crate::call::{Bound, Params};
use crate::error::{PyResult, Raised};
use crate::object::buffer::{as_bytes_like, bytes_of, data, same_class, unchanged};
use crate::object::bytearray::{hold, hold_always};
use crate::object::bytes::Bytes;
use crate::object::memoryview_methods;
use crate::object::native::NativeDef;
use crate::object::str_::Str;
use crate::object::text_args::{
    c_int_or, clinic_type, size_argument, size_or, str_argument, too_large,
};
use crate::object::type_::Type;
use crate::text::{Align, StrBuf, TooLarge, bytes, from_hex, hex};
use crate::value::Value;
use crate::vm::Vm;

fn or_unchanged(
    vm: &mut Vm,
    this: &Value,
    result: Result<Option<Vec<u8>>, TooLarge>,
    overflow: &str,
) -> PyResult {
    match result {
        Ok(Some(changed)) => Ok(same_class(vm, this, changed)),
        Ok(None) => Ok(unchanged(vm, this)),
        Err(error) => Err(too_large(vm, error, overflow)),
    }
}

fn pad(vm: &mut Vm, this: &Value, args: &[Value], name: &str, align: Align) -> PyResult {
    let width = size_argument(vm, &args[0])?;
    let fill = match args.get(1) {
        None => b' ',
        Some(fill) => match bytes_of(vm, fill) {
            Some(&[byte]) => byte,
            _ => {
                let found = clinic_type(vm, fill);
                return Err(vm.type_error(format!(
                    "{name}() argument 2 must be a byte string of length 1, not {found}"
                )));
            }
        },
    };
    let padded = bytes::pad(data(vm, this), width, align, fill, vm.max_size());
    or_unchanged(vm, this, padded, "padded string is too long")
}

fn zfill(vm: &mut Vm, this: &Value, width: &Value) -> PyResult {
    let width = size_argument(vm, width)?;
    let filled = bytes::zfill(data(vm, this), width, vm.max_size());
    or_unchanged(vm, this, filled, "padded string is too long")
}

static EXPAND_TABS: Params = Params::new(&["tabsize"], 0);

fn expand_tabs(vm: &mut Vm, this: &Value, args: &Bound<'_>) -> PyResult {
    let tab_size = c_int_or(vm, args.get(0), 8)?;
    let expanded = bytes::expand_tabs(data(vm, this), tab_size as isize, vm.max_size());
    or_unchanged(vm, this, expanded, "result too long")
}

static REPLACE: Params = Params::new(&["old", "new", "count"], 2).positional_only(2);

/// From 3.15 on `count` has a name.
fn replace_named(vm: &mut Vm, this: &Value, args: &Bound<'_>) -> PyResult {
    let given: Vec<Value> = (0..3)
        .filter_map(|index| args.get(index).cloned())
        .collect();
    replace(vm, this, &given)
}

fn replace(vm: &mut Vm, this: &Value, args: &[Value]) -> PyResult {
    let (old, new) = hold_always(vm, this, |vm| {
        Ok((as_bytes_like(vm, &args[0])?, as_bytes_like(vm, &args[1])?))
    })?;
    let (old, new) = (&old, &new);
    let count = size_or(vm, args.get(2), -1)?;
    let replaced = bytes::replace(
        data(vm, this),
        data(vm, old),
        data(vm, new),
        count,
        vm.max_size(),
    );
    or_unchanged(vm, this, replaced, "replace bytes is too long")
}

static TRANSLATE: Params = Params::new(&["table", "delete"], 1).positional_only(1);

fn translate(vm: &mut Vm, this: &Value, args: &Bound<'_>) -> PyResult {
    let given = match args.not_none(0) {
        Some(table) => Some(as_bytes_like(vm, table)?),
        None => None,
    };
    let table = given.as_ref();
    if let Some(table) = table
        && data(vm, table).len() != 256
    {
        let message = "translation table must be 256 characters long";
        return Err(vm.value_error(message));
    }
    let delete = match args.get(1) {
        Some(delete) => Some(as_bytes_like(vm, delete)?),
        None => None,
    };
    let table = table.and_then(|table| <&[u8; 256]>::try_from(data(vm, table)).ok());
    let delete = delete.as_ref().map_or(&[][..], |delete| data(vm, delete));
    let translated = bytes::translate(data(vm, this), table, delete);
    if translated == data(vm, this) {
        return Ok(unchanged(vm, this));
    }
    Ok(same_class(vm, this, translated))
}

fn make_table(vm: &mut Vm, _this: &Value, args: &[Value]) -> PyResult {
    let (from, to) = (as_bytes_like(vm, &args[0])?, as_bytes_like(vm, &args[1])?);
    match bytes::make_table(data(vm, &from), data(vm, &to)) {
        Some(table) => Ok(vm.new_bytes(table.to_vec())),
        None => Err(vm.value_error("maketrans arguments must have same length")),
    }
}

pub(super) static HEX: Params = Params::new(&["sep", "bytes_per_sep"], 0);

fn separator_not_ascii(vm: &mut Vm) -> Raised {
    vm.value_error("sep must be ASCII.")
}

/// `bytes.hex` and the like.
pub(super) fn hex_of(vm: &mut Vm, this: &Value, args: &Bound<'_>) -> PyResult {
    let group = group_of(vm, args)?;
    hold(vm, this, |vm| hex_in_groups(vm, this, args.get(0), group))
}

/// How many bytes `hex` puts between separators.
pub(super) fn group_of(vm: &mut Vm, args: &Bound<'_>) -> PyResult<i64> {
    match args.get(1) {
        Some(group) if vm.version_number() >= 15 => {
            vm.index_as_i64(group, "Python int too large to convert to C ssize_t")
        }
        group => c_int_or(vm, group, 1).map(i64::from),
    }
}

pub(super) fn hex_in_groups(
    vm: &mut Vm,
    this: &Value,
    separator: Option<&Value>,
    group: i64,
) -> PyResult {
    let separator = match separator {
        None => None,
        Some(separator) => {
            if vm.len(separator)? != 1 {
                return Err(vm.value_error("sep must be length 1."));
            }
            let byte = if let Some(text) = separator.downcast::<Str>() {
                text.view().get(0)
            } else if let Some(bytes) = separator.downcast::<Bytes>() {
                bytes.data().first().map(|&byte| byte.into())
            } else {
                return Err(vm.type_error("sep must be str or bytes."));
            };
            match byte.and_then(|byte| u8::try_from(byte).ok()) {
                Some(byte) if byte.is_ascii() => Some(byte),
                _ => return Err(separator_not_ascii(vm)),
            }
        }
    };
    match hex(data(vm, this), separator, group as isize, vm.max_size()) {
        Ok(text) => Ok(vm.str_from_buf(StrBuf::Ascii(text))),
        Err(error) => Err(too_large(vm, error, "hex() result is too long")),
    }
}

/// `bytes.fromhex` and `bytearray.fromhex`; a subclass is called with the bytes.
fn from_hex_method(vm: &mut Vm, class: &Value, text: &Value) -> PyResult {
    let found = if vm.version_number() >= 14 && text.downcast::<Str>().is_none() {
        let Some(bytes) = vm.memory_view(text)? else {
            let found = clinic_type(vm, text);
            let message = format!("fromhex() argument must be str or bytes-like, not {found}");
            return Err(vm.type_error(message));
        };
        let copy = bytes.to_vec(vm, true);
        memoryview_methods::release(vm, bytes.as_value())?;
        from_hex(StrBuf::from_latin1(copy).view())
    } else {
        from_hex(str_argument(vm, text, "fromhex() argument")?)
    };
    let bytes = match found {
        Ok(bytes) => bytes,
        Err(error) => {
            let message = error.message(vm.version_number());
            return Err(vm.value_error(message));
        }
    };
    let Some(ty) = class.downcast::<Type>() else {
        return Ok(vm.new_bytes(bytes));
    };
    if ty.is(&vm.types.bytes) {
        return Ok(vm.new_bytes(bytes));
    }
    let bytes = vm.new_bytes(bytes);
    vm.call(class, &[bytes])
}

const SELF: &str = "($self, /)";
const PAD: &str = "($self, width, fillchar=b' ', /)";

/// A method that maps the bytes one by one.
fn mapped(vm: &mut Vm, this: &Value, map: fn(&[u8]) -> Vec<u8>) -> PyResult {
    Ok(same_class(vm, this, map(data(vm, this))))
}

pub(super) static METHODS: &[NativeDef] = &[
    NativeDef::no_args("upper", |vm, this| mapped(vm, this, bytes::upper)).signature(SELF),
    NativeDef::no_args("lower", |vm, this| mapped(vm, this, bytes::lower)).signature(SELF),
    NativeDef::no_args("capitalize", |vm, this| mapped(vm, this, bytes::capitalize))
        .signature(SELF),
    NativeDef::no_args("title", |vm, this| mapped(vm, this, bytes::title)).signature(SELF),
    NativeDef::no_args("swapcase", |vm, this| mapped(vm, this, bytes::swapcase)).signature(SELF),
    NativeDef::range("ljust", 1, 2, |vm, this, args| {
        pad(vm, this, args, "ljust", Align::Left)
    })
    .signature(PAD),
    NativeDef::range("rjust", 1, 2, |vm, this, args| {
        pad(vm, this, args, "rjust", Align::Right)
    })
    .signature(PAD),
    NativeDef::range("center", 1, 2, |vm, this, args| {
        pad(vm, this, args, "center", Align::Center)
    })
    .signature(PAD),
    NativeDef::one("zfill", zfill).signature("($self, width, /)"),
    NativeDef::bound("expandtabs", &EXPAND_TABS, expand_tabs).signature("($self, /, tabsize=8)"),
    NativeDef::range("replace", 2, 3, replace)
        .signature("($self, old, new, count=-1, /)")
        .until(14),
    NativeDef::bound("replace", &REPLACE, replace_named)
        .signature("($self, old, new, /, count=-1)")
        .since(15),
    NativeDef::bound("translate", &TRANSLATE, translate).signature("($self, table, /, delete=b'')"),
    NativeDef::range("maketrans", 2, 2, make_table)
        .static_()
        .signature("(frm, to, /)"),
    NativeDef::bound("hex", &HEX, hex_of)
        .signature("($self, /, sep=<unrepresentable>, bytes_per_sep=1)"),
    NativeDef::one("fromhex", from_hex_method)
        .class()
        .signature("($type, string, /)"),
];
