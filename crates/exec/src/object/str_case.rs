//! str: other cases, padding and tabs.

use crate::call::{Bound, Params};
use crate::error::PyResult;
use crate::object::native::NativeDef;
use crate::object::str_::Str;
use crate::object::text_args::{c_int_or, size_argument, text, too_large, unchanged};
use crate::text::{Align, Kind, StrBuf, StrView, TooLarge};
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
    if let (StrView::Ascii(units), Ok(fill @ 0..0x80)) = (text(this), u8::try_from(fill))
        && width > units.len() as isize
        && width as usize <= vm.max_size()
        && width > 1
    {
        let width = width as usize;
        let left = align.left(width - units.len(), width);
        let padded = Str::filled(&vm.types.str, Kind::Ascii, width, |padded| {
            padded[..left].fill(fill);
            padded[left..left + units.len()].copy_from_slice(units);
            padded[left + units.len()..].fill(fill);
        });
        return Ok(padded.into());
    }
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

/// An ASCII text with the letters from `first` on, which is `A` or `a`, in the other case; written once, where it stays.
fn other_case(vm: &Vm, this: &Value, first: u8) -> Option<Value> {
    const EACH: u64 = u64::from_ne_bytes([1; 8]);
    let StrView::Ascii(units) = text(this) else {
        return None;
    };
    if units.len() < 2 {
        // Those are the VM's own.
        let mut unit = units.first().copied()?;
        if (first..first + 26).contains(&unit) {
            unit ^= 0x20;
        }
        return Some(vm.character(unit.into()));
    }
    // Eight at once: the top bit of a sum says whether the letter is at least `first`, or beyond the last.
    let (at_least, beyond) = (0x80 - first, 0x80 - first - 26);
    let change = |eight: [u8; 8]| {
        let eight = u64::from_ne_bytes(eight);
        let is_letter = (eight + EACH * u64::from(at_least)) & !(eight + EACH * u64::from(beyond));
        (eight ^ ((is_letter & (EACH * 0x80)) >> 2)).to_ne_bytes()
    };
    let changed = Str::filled(&vm.types.str, Kind::Ascii, units.len(), |changed| {
        let (from, last) = units.as_chunks::<8>();
        let (to, last_to) = changed.as_chunks_mut::<8>();
        for (to, from) in to.iter_mut().zip(from) {
            *to = change(*from);
        }
        let mut eight = [0; 8];
        eight[..last.len()].copy_from_slice(last);
        last_to.copy_from_slice(&change(eight)[..last.len()]);
    });
    Some(changed.into())
}

pub(super) static METHODS: &[NativeDef] = &[
    NativeDef::no_args("upper", |vm, this| {
        if let Some(upper) = other_case(vm, this, b'a') {
            return Ok(upper);
        }
        Ok(vm.str_from_buf(text(this).upper(vm.unicode_version())))
    })
    .signature(SELF),
    NativeDef::no_args("lower", |vm, this| {
        if let Some(lower) = other_case(vm, this, b'A') {
            return Ok(lower);
        }
        Ok(vm.str_from_buf(text(this).lower(vm.unicode_version())))
    })
    .signature(SELF),
    NativeDef::no_args("casefold", |vm, this| {
        if let Some(folded) = other_case(vm, this, b'A') {
            return Ok(folded);
        }
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
