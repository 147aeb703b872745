//! `complex(…)`.

use crate::call::{Args, Params};
use crate::error::PyResult;
use crate::numeric::complex::Complex as Number;
use crate::numeric::parse;
use crate::object::complex::Complex;
use crate::object::complex_methods::value_of;
use crate::object::header::Ref;
use crate::object::native::NativeDef;
use crate::object::numbers::COMPLEX;
use crate::object::str_::Str;
use crate::object::type_::Type;
use crate::value::Value;
use crate::vm::Vm;

pub(super) static METHODS_3_14: &[NativeDef] = &[NativeDef::one("from_number", from_number)
    .class()
    .signature("($type, number, /)")];

static PARAMS: Params = Params::new(&["real", "imag"], 0);

/// A part of a complex: a real number, or a complex that brings a part of its own.
#[derive(Clone, Copy)]
struct Part {
    value: Number,
    is_complex: bool,
}

/// `complex.__new__`.
pub(crate) fn new(vm: &mut Vm, ty: &Ref<Type>, args: Args<'_>) -> PyResult {
    let bound = args.bind(vm, "complex", &PARAMS)?;
    let (real, imag) = (bound.get(0), bound.get(1));
    if imag.is_none()
        && ty.is(&vm.types.complex)
        && let Some(real) = real.filter(|r| r.downcast::<Complex>().is_some_and(|z| z.is_exact()))
    {
        return Ok(real.clone());
    }
    let z = match (real, imag) {
        (Some(text), None) if text.downcast::<Str>().is_some() => from_text(vm, text)?,
        (Some(text), Some(_)) if text.downcast::<Str>().is_some() => {
            return Err(match vm.version_number() {
                ..14 => vm.type_error("complex() can't take second arg if first is a string"),
                _ => vm.type_error("complex() argument 'real' must be a real number, not str"),
            });
        }
        (real, imag) => from_parts(vm, real, imag)?,
    };
    Ok(in_class(vm, ty, z))
}

fn in_class(vm: &Vm, ty: &Ref<Type>, z: Number) -> Value {
    if ty.is(&vm.types.complex) {
        return vm.new_complex(z.real, z.imag);
    }
    Value::from(Ref::new(
        ty,
        Complex {
            real: z.real,
            imag: z.imag,
        },
    ))
}

fn from_text(vm: &mut Vm, text: &Value) -> PyResult<Number> {
    let ascii = vm.number_text(text).unwrap_or_default();
    match parse::complex(&ascii) {
        Ok((real, imag)) => Ok(Number::new(real, imag)),
        Err(error) => {
            let repr = vm.repr_text(text)?;
            Err(vm.numeric_error(error.into_error(|| repr)))
        }
    }
}

fn from_parts(vm: &mut Vm, real: Option<&Value>, imag: Option<&Value>) -> PyResult<Number> {
    if imag.is_some_and(|i| i.downcast::<Str>().is_some()) {
        return Err(match vm.version_number() {
            ..14 => vm.type_error("complex() second arg can't be a string"),
            _ => vm.type_error("complex() argument 'imag' must be a real number, not str"),
        });
    }
    let alone = imag.is_none();
    let first = match real {
        Some(value) => first_part(vm, value, alone)?,
        None => Part::real(0.0),
    };
    let Some(second) = imag else {
        return Ok(first.value);
    };
    let second = second_part(vm, second)?;
    // A complex imaginary part turns by a right angle and adds up.
    let mut real = first.value.real;
    if second.is_complex {
        real -= second.value.imag;
    }
    let mut imag = second.value.real;
    if first.is_complex {
        imag += first.value.imag;
    }
    Ok(Number::new(real, imag))
}

impl Part {
    fn real(x: f64) -> Part {
        Part {
            value: Number::new(x, 0.0),
            is_complex: false,
        }
    }
}

/// What `__complex__` gives, or a complex itself.
fn as_complex(vm: &mut Vm, value: &Value) -> PyResult<Option<Number>> {
    if value.downcast::<Complex>().is_some_and(|z| z.is_exact()) {
        return Ok(Some(value_of(value)));
    }
    let name = vm.names.__complex__.clone();
    if let Some(result) = vm.call_special_opt(value, &name, &[])? {
        if let Some(z) = result.downcast::<Complex>() {
            if !z.is_exact() {
                vm.warn_strict_subclass(value, COMPLEX, &result)?;
            }
            return Ok(Some(value_of(&result)));
        }
        let complaint = vm.conversion_complaint(value, COMPLEX, &result);
        return Err(vm.type_error(complaint));
    }
    Ok(value
        .downcast::<Complex>()
        .is_some()
        .then(|| value_of(value)))
}

impl Vm {
    /// The parts of a number as CPython's C code takes a complex: a complex, or what `__complex__`, `__float__` or `__index__` gives.
    pub fn to_complex(&mut self, value: &Value) -> PyResult<(f64, f64)> {
        match as_complex(self, value)? {
            Some(z) => Ok((z.real, z.imag)),
            None => self.to_f64(value).map(|real| (real, 0.0)),
        }
    }
}

fn first_part(vm: &mut Vm, value: &Value, alone: bool) -> PyResult<Part> {
    if let Some(z) = as_complex(vm, value)? {
        return Ok(Part {
            value: z,
            is_complex: true,
        });
    }
    if let Some(x) = real_number(vm, value)? {
        return Ok(Part::real(x));
    }
    let found = vm.type_name(value);
    Err(vm.type_error(match (vm.version_number(), alone) {
        (..14, _) => {
            format!("complex() first argument must be a string or a number, not '{found}'")
        }
        (_, true) => format!("complex() argument must be a string or a number, not {found}"),
        (_, false) => format!("complex() argument 'real' must be a real number, not {found}"),
    }))
}

fn second_part(vm: &mut Vm, value: &Value) -> PyResult<Part> {
    if value.downcast::<Complex>().is_some() {
        return Ok(Part {
            value: value_of(value),
            is_complex: true,
        });
    }
    if let Some(x) = real_number(vm, value)? {
        return Ok(Part::real(x));
    }
    let found = vm.type_name(value);
    Err(vm.type_error(match vm.version_number() {
        ..14 => format!("complex() second argument must be a number, not '{found}'"),
        _ => format!("complex() argument 'imag' must be a real number, not {found}"),
    }))
}

fn real_number(vm: &mut Vm, value: &Value) -> PyResult<Option<f64>> {
    match value.as_any_float() {
        Some(x) => Ok(Some(x)),
        None => vm.float_by_slots(value),
    }
}

fn from_number(vm: &mut Vm, this: &Value, number: &Value) -> PyResult {
    let z = match as_complex(vm, number)? {
        Some(z) => z,
        None => Number::new(vm.to_f64(number)?, 0.0),
    };
    let exact = vm.new_complex(z.real, z.imag);
    match this.downcast::<Type>() {
        Some(ty) if !ty.is(&vm.types.complex) => vm.call(this, &[exact]),
        _ => Ok(exact),
    }
}
