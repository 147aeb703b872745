//! str: other cases, padding and tabs.

use crate::call::{Bound, Params};
use crate::error::PyResult;
use crate::object::native::NativeDef;
use crate::object::str_::Str;
use crate::object::text_args::{c_int_or, size_argument, text, too_large, unchanged};
use crate::text::{Align, StrBuf, StrView, TooLarge};
use crate::value::Value;
use crate::vm::Vm;

fn or_unchanged(
    vm: &mut Vm,
    this: &Value,
    result: Result<Option<StrBuf>, TooLarge>,
    overflow: &str,
) -> PyResult {
    match result {
        Ok(Some(changed)) => Ok(vm.str_from_buf(changed)),
        Ok(None) => Ok(unchanged(vm, this)),
        Err(error) => Err(too_large(vm, error, overflow)),
    }
}

fn pad(vm: &mut Vm, this: &Value, args: &[Value], align: Align) -> PyResult {
    let width = size_argument(vm, &args[0])?;
    let fill = match args.get(1) {
        None => u32::from(b' '),
        Some(fill) => {
            let Some(fill) = fill.downcast::<Str>() else {
                let found = vm.type_name(fill);
                return Err(vm.type_error(format!(
                    "The fill character must be a unicode character, not {found}"
                )));
            };
            match (fill.view().get(0), fill.len()) {
                (Some(c), 1) => c,
                _ => {
                    let message = "The fill character must be exactly one character long";
                    return Err(vm.type_error(message));
                }
            }
        }
    };
    let padded = text(this).pad(width, align, fill, vm.max_size());
    or_unchanged(vm, this, padded, "padded string is too long")
}

fn zfill(vm: &mut Vm, this: &Value, width: &Value) -> PyResult {
    let width = size_argument(vm, width)?;
    let filled = text(this).zfill(width, vm.max_size());
    or_unchanged(vm, this, filled, "padded string is too long")
}

static EXPAND_TABS: Params = Params::new(&["tabsize"], 0);

fn expand_tabs(vm: &mut Vm, this: &Value, args: &Bound<'_>) -> PyResult {
    let tab_size = c_int_or(vm, args.get(0), 8)?;
    let expanded = text(this).expand_tabs(tab_size as isize, vm.max_size());
    or_unchanged(vm, this, expanded, "new string is too long")
}

const SELF: &str = "($self, /)";

/// A short ASCII text changed in place, without a buffer on the heap between the two strs.
fn ascii(vm: &Vm, this: &Value, change: impl Fn(&mut [u8])) -> Option<Value> {
    const MOST: usize = 64;
    let StrView::Ascii(units) = text(this) else {
        return None;
    };
    let mut buffer = [0; MOST];
    let copy = buffer.get_mut(..units.len())?;
    copy.copy_from_slice(units);
    change(copy);
    Some(vm.str_from_view(StrView::Ascii(copy)))
}

pub(super) static METHODS: &[NativeDef] = &[
    NativeDef::no_args("upper", |vm, this| {
        if let Some(upper) = ascii(vm, this, <[u8]>::make_ascii_uppercase) {
            return Ok(upper);
        }
        Ok(vm.str_from_buf(text(this).upper(vm.unicode_version())))
    })
    .signature(SELF),
    NativeDef::no_args("lower", |vm, this| {
        if let Some(lower) = ascii(vm, this, <[u8]>::make_ascii_lowercase) {
            return Ok(lower);
        }
        Ok(vm.str_from_buf(text(this).lower(vm.unicode_version())))
    })
    .signature(SELF),
    NativeDef::no_args("casefold", |vm, this| {
        Ok(vm.str_from_buf(text(this).casefold(vm.unicode_version())))
    })
    .signature(SELF),
    NativeDef::no_args("capitalize", |vm, this| {
        Ok(vm.str_from_buf(text(this).capitalize(vm.unicode_version())))
    })
    .signature(SELF),
    NativeDef::no_args("title", |vm, this| {
        Ok(vm.str_from_buf(text(this).title(vm.unicode_version())))
    })
    .signature(SELF),
    NativeDef::no_args("swapcase", |vm, this| {
        Ok(vm.str_from_buf(text(this).swapcase(vm.unicode_version())))
    })
    .signature(SELF),
    NativeDef::range("ljust", 1, 2, |vm, this, args| {
        pad(vm, this, args, Align::Left)
    })
    .signature("($self, width, fillchar=' ', /)"),
    NativeDef::range("rjust", 1, 2, |vm, this, args| {
        pad(vm, this, args, Align::Right)
    })
    .signature("($self, width, fillchar=' ', /)"),
    NativeDef::range("center", 1, 2, |vm, this, args| {
        pad(vm, this, args, Align::Center)
    })
    .signature("($self, width, fillchar=' ', /)"),
    NativeDef::one("zfill", zfill).signature("($self, width, /)"),
    NativeDef::bound("expandtabs", &EXPAND_TABS, expand_tabs).signature("($self, /, tabsize=8)"),
];
