//! What the methods of str, bytes and bytearray share: taking arguments apart as CPython's argument clinic does, and turning the
//! errors of [`crate::text`] and [`crate::numeric`] into exceptions.

use std::ops::Range;

use crate::error::{PyResult, Raised};
use crate::numeric::{self, ErrorKind, Release};
use crate::object::slots::UnaryOp;
use crate::object::str_::Str;
use crate::text::{StrBuf, StrBuilder, StrCow, StrView, TooLarge};
use crate::value::Value;
use crate::vm::Vm;

/// The text of a value that is known to be a str.
#[inline]
pub(crate) fn text(value: &Value) -> StrView<'_> {
    match value.downcast::<Str>() {
        Some(text) => text.view(),
        None => StrView::EMPTY,
    }
}

/// The release whose behaviour [`crate::numeric`] is asked for.
pub(crate) fn release(vm: &Vm) -> Release {
    Release::from_minor(vm.version_number()).unwrap_or(Release::V3_13)
}

/// How argument clinic names a value's type: `None` for None.
pub(crate) fn clinic_type(vm: &Vm, value: &Value) -> String {
    if value.is_none() {
        "None".to_owned()
    } else {
        vm.type_name(value).to_string()
    }
}

/// An argument that must be a str; `what` is as in `find() argument 1`.
#[inline]
pub(crate) fn str_argument<'a>(vm: &mut Vm, value: &'a Value, what: &str) -> PyResult<StrView<'a>> {
    match value.downcast::<Str>() {
        Some(text) => Ok(text.view()),
        None => {
            let found = clinic_type(vm, value);
            Err(vm.type_error(format!("{what} must be str, not {found}")))
        }
    }
}

/// An argument that is C's `Py_ssize_t`.
pub(crate) fn size_argument(vm: &mut Vm, value: &Value) -> PyResult<isize> {
    let n = vm.index_as_i64(value, "Python int too large to convert to C ssize_t")?;
    Ok(n as isize)
}

/// [`size_argument`] with a default.
pub(crate) fn size_or(vm: &mut Vm, value: Option<&Value>, default: isize) -> PyResult<isize> {
    value.map_or(Ok(default), |value| size_argument(vm, value))
}

/// An argument that is C's `int`.
pub(crate) fn c_int_or(vm: &mut Vm, value: Option<&Value>, default: i32) -> PyResult<i32> {
    const MESSAGE: &str = "Python int too large to convert to C int";
    let Some(value) = value else {
        return Ok(default);
    };
    let n = vm.index_as_i64(value, MESSAGE)?;
    i32::try_from(n).map_err(|_| vm.overflow_error(MESSAGE))
}

/// The start and end of a search, from the arguments at `first` and after.
pub(crate) fn range_arguments(
    vm: &mut Vm,
    args: &[Value],
    first: usize,
) -> PyResult<(isize, isize)> {
    let mut bound = |index: usize, default: isize| match args.get(index) {
        Some(value) if !value.is_none() => Ok(vm.slice_index(value)? as isize),
        _ => Ok(default),
    };
    Ok((bound(first, 0)?, bound(first + 1, isize::MAX)?))
}

/// Whether a value can stand where an index is asked for.
#[inline]
pub(crate) fn is_index(vm: &Vm, value: &Value) -> bool {
    value.as_int().is_some() || vm.type_of(value).slots.unary(UnaryOp::Index).is_some()
}

/// The position that an index means in a sequence of `len` items.
#[inline]
pub(crate) fn position(index: i64, len: usize) -> Option<usize> {
    let index = if index < 0 {
        index.checked_add(len as i64)?
    } else {
        index
    };
    usize::try_from(index).ok().filter(|&index| index < len)
}

/// What CPython raises for a result that is too large: an OverflowError where the size itself overflows, else a MemoryError.
#[cold]
pub(crate) fn too_large(vm: &mut Vm, error: TooLarge, overflow: &str) -> Raised {
    if error.bytes > isize::MAX as u128 {
        vm.overflow_error(overflow)
    } else {
        vm.memory_error()
    }
}

/// An exception of [`crate::numeric`].
#[cold]
pub(crate) fn numeric_error(vm: &mut Vm, error: &numeric::Error) -> Raised {
    let ty = match error.kind() {
        ErrorKind::Value => &vm.types.value_error,
        ErrorKind::Type => &vm.types.type_error,
        ErrorKind::ZeroDivision => &vm.types.zero_division_error,
        ErrorKind::Index => &vm.types.index_error,
        ErrorKind::Memory | ErrorKind::TooLarge { .. } => return vm.memory_error(),
        _ => &vm.types.overflow_error,
    }
    .clone();
    let message = StrBuf::from_ucs4(error.message().code_points());
    let message = vm.str_from_buf(message);
    vm.error_value(&ty, message)
}

/// The str that a method gives if it changes nothing: the object itself, unless it is of a subclass.
#[inline]
pub(crate) fn unchanged(vm: &Vm, this: &Value) -> Value {
    match this.downcast::<Str>() {
        Some(text) if !text.is_exact() => vm.str_from_view(text.view()),
        _ => this.clone(),
    }
}

/// Part of a str as a str.
#[inline]
pub(crate) fn part(vm: &Vm, this: &Value, range: Range<usize>) -> Value {
    let text = text(this);
    if range == (0..text.len()) {
        return unchanged(vm, this);
    }
    vm.str_from_view(text.substr(range).view())
}

/// The str object of what a function of [`crate::text`] gave.
#[inline]
pub(crate) fn str_from_cow(vm: &Vm, text: &StrCow<'_>) -> Value {
    vm.str_from_view(text.view())
}

/// A message in which text of the program stands, lone surrogates included.
pub(crate) fn quoting(vm: &Vm, before: &str, quoted: StrView<'_>, after: &str) -> Value {
    let mut message = StrBuilder::new();
    message.push_str(before);
    message.push_view(quoted);
    message.push_str(after);
    vm.str_from_buf(message.finish())
}
