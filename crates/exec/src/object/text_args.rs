//! What the methods of str, bytes and bytearray share: taking arguments apart as CPython's argument clinic does, and turning the
//! errors of [`crate::text`] into exceptions.

use std::ops::Range;

use crate::error::{PyResult, Raised};
use crate::object::sequence::is_index;
use crate::object::str_::Str;
use crate::text::{StrView, TooLarge};
use crate::value::Value;
use crate::vm::Vm;

/// The text of a value that is known to be a str.
#[inline]
pub fn text(value: &Value) -> StrView<'_> {
    match value.downcast::<Str>() {
        Some(text) => text.view(),
        None => StrView::EMPTY,
    }
}

/// How argument clinic names a value's type: `None` for None.
pub fn clinic_type(vm: &Vm, value: &Value) -> String {
    if value.is_none() {
        "None".to_owned()
    } else {
        vm.type_name(value).to_string()
    }
}

/// An argument that must be a str; `what` is as in `find() argument 1`.
#[inline]
pub fn str_argument<'a>(vm: &mut Vm, value: &'a Value, what: &str) -> PyResult<StrView<'a>> {
    match value.downcast::<Str>() {
        Some(text) => Ok(text.view()),
        None => {
            let found = clinic_type(vm, value);
            Err(vm.type_error(format!("{what} must be str, not {found}")))
        }
    }
}

/// An argument that is C's `Py_ssize_t`.
pub fn size_argument(vm: &mut Vm, value: &Value) -> PyResult<isize> {
    let n = vm.index_as_i64(value, "Python int too large to convert to C ssize_t")?;
    Ok(n as isize)
}

/// An iterator's place in `__setstate__`: an int, and nothing else that has `__index__`.
pub fn place_argument(vm: &mut Vm, value: &Value) -> PyResult<isize> {
    if value.as_int().is_none() {
        return Err(vm.type_error("an integer is required"));
    }
    size_argument(vm, value)
}

/// An argument that is true or false, false by default; before 3.12 it had to be an int.
pub(crate) fn flag_argument(vm: &mut Vm, value: Option<&Value>) -> PyResult<bool> {
    match value {
        None => Ok(false),
        Some(value) if vm.version_number() >= 12 => vm.truth(value),
        Some(value) => {
            let n = vm.index_as_i64(value, "Python int too large to convert to C int")?;
            Ok(n != 0)
        }
    }
}

/// [`size_argument`] with a default.
pub fn size_or(vm: &mut Vm, value: Option<&Value>, default: isize) -> PyResult<isize> {
    value.map_or(Ok(default), |value| size_argument(vm, value))
}

/// An argument that is C's `int`.
pub fn c_int_or(vm: &mut Vm, value: Option<&Value>, default: i32) -> PyResult<i32> {
    const MESSAGE: &str = "Python int too large to convert to C int";
    let Some(value) = value else {
        return Ok(default);
    };
    let n = vm.index_as_i64(value, MESSAGE)?;
    i32::try_from(n).map_err(|_| vm.overflow_error(MESSAGE))
}

/// The start and end of a search, from the arguments at `first` and after.
pub fn range_arguments(vm: &mut Vm, args: &[Value], first: usize) -> PyResult<(isize, isize)> {
    let mut bound = |index: usize, default: isize| match args.get(index) {
        Some(value) if !value.is_none() => match is_index(vm, value) {
            false if vm.version_number() >= 15 => {
                Err(vm.type_error("slice indices must be integers or have an __index__ method"))
            }
            _ => Ok(vm.slice_index(value)? as isize),
        },
        _ => Ok(default),
    };
    Ok((bound(first, 0)?, bound(first + 1, isize::MAX)?))
}

/// What CPython raises for a result that is too large: an OverflowError where the size itself overflows, else a MemoryError.
#[cold]
pub fn too_large(vm: &mut Vm, error: TooLarge, overflow: &str) -> Raised {
    if error.bytes > isize::MAX as u128 {
        vm.overflow_error(overflow)
    } else {
        vm.memory_error()
    }
}

/// The str that a method gives if it changes nothing: the object itself, unless it is of a subclass.
#[inline]
pub fn unchanged(vm: &Vm, this: &Value) -> Value {
    match this.downcast::<Str>() {
        Some(text) if !text.is_exact() => vm.str_from_view(text.view()),
        _ => this.clone(),
    }
}

/// Part of a str as a str.
#[inline]
pub fn part(vm: &Vm, this: &Value, range: Range<usize>) -> Value {
    let text = text(this);
    if range.len() == text.len() {
        return unchanged(vm, this);
    }
    match text {
        StrView::Ascii(units) => vm.str_from_view(StrView::Ascii(&units[range])),
        _ => vm.str_from_view(text.substr(range).view()),
    }
}
