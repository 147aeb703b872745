//! What int, float and complex share: from `crate::numeric`'s errors and texts to Python's, and conversions of any value
//! to a number.

use crate::error::{PyResult, Raised};
use crate::numeric::format_spec::{Context, Formatted, Piece};
use crate::numeric::{Error, ErrorKind, Release, bigint};
use crate::object::buffer::bytes_of;
use crate::object::int::{Int, IntRef};
use crate::object::slots::UnaryOp;
use crate::object::str_::Str;
use crate::object::text_args::clinic_type;
use crate::text::{StrBuf, StrBuilder};
use crate::value::Value;
use crate::vm::Vm;

/// Ints with more bits than this (4 GiB) are refused with a MemoryError before any work is done.
const MAX_INT_BITS: u64 = 1 << 35;

/// A method that converts to a built-in class of numbers.
#[derive(Clone, Copy)]
pub(crate) struct Conversion {
    pub(crate) method: &'static str,
    pub(crate) class: &'static str,
}

pub(crate) const INDEX: Conversion = Conversion {
    method: "__index__",
    class: "int",
};
pub(crate) const INT: Conversion = Conversion {
    method: "__int__",
    class: "int",
};
pub(crate) const FLOAT: Conversion = Conversion {
    method: "__float__",
    class: "float",
};
pub(crate) const COMPLEX: Conversion = Conversion {
    method: "__complex__",
    class: "complex",
};

impl Vm {
    /// What is said of a conversion method of `owner` that returned `found`.
    #[cold]
    pub(crate) fn conversion_complaint(
        &mut self,
        owner: &Value,
        Conversion { method, class }: Conversion,
        found: &Value,
    ) -> String {
        let wanted = match class {
            "int" => "an int",
            "float" => "a float",
            _ => "a complex",
        };
        let name = self.type_name(owner);
        self.wrong_result(owner, method, wanted, found, |found| match class {
            "float" => format!("{name}.{method} returned non-float (type {found})"),
            _ => format!("{method} returned non-{class} (type {found})"),
        })
    }

    /// What is said of a method of `owner` that returned `found` in place of what is `wanted`; before 3.15 each had its own words.
    #[cold]
    pub(crate) fn wrong_result(
        &mut self,
        owner: &Value,
        method: &str,
        wanted: &str,
        found: &Value,
        before: impl FnOnce(&str) -> String,
    ) -> String {
        if self.version_number() < 15 {
            return before(&self.type_name(found));
        }
        let (owner, found) = (self.full_type_name(owner), self.full_type_name(found));
        format!("{owner}.{method}() must return {wanted}, not {found}")
    }

    /// The release whose arithmetic and messages apply.
    pub fn release(&self) -> Release {
        Release::from_minor(self.version_number()).unwrap_or(Release::V3_13)
    }

    /// The exception that an error of `crate::numeric` stands for.
    #[cold]
    pub fn numeric_error(&mut self, error: Error) -> Raised {
        let ty = match error.kind() {
            ErrorKind::Type => &self.types.type_error,
            ErrorKind::Overflow | ErrorKind::Range => &self.types.overflow_error,
            ErrorKind::ZeroDivision => &self.types.zero_division_error,
            ErrorKind::Index => &self.types.index_error,
            ErrorKind::Memory | ErrorKind::TooLarge { .. } => return self.memory_error(),
            _ => &self.types.value_error,
        };
        let ty = ty.clone();
        let message = self.str_from_buf(StrBuf::from_ucs4(error.message().code_points()));
        if error.kind() != ErrorKind::Range {
            return self.error_value(&ty, message);
        }
        let arguments = [self.int(34), message];
        Raised(crate::object::exception::new_exception(
            self, &ty, &arguments,
        ))
    }

    /// Refuses to make an int of so many bits, if that is too much.
    #[inline]
    pub(crate) fn check_int_bits(&mut self, bits: u64) -> PyResult<()> {
        if bits > MAX_INT_BITS {
            return Err(self.memory_error());
        }
        self.check_growth((bits / 8) as usize)
    }

    /// `float(value)` for C code: what `PyFloat_AsDouble` takes.
    ///
    /// # Errors
    /// TypeError for what is no real number.
    pub fn to_f64(&mut self, value: &Value) -> PyResult<f64> {
        if let Some(x) = value.as_any_float() {
            return Ok(x);
        }
        match self.float_by_slots(value)? {
            Some(x) => Ok(x),
            None => {
                let name = self.type_name(value);
                Err(self.type_error(format!("must be real number, not {name}")))
            }
        }
    }

    /// What `__float__` or else `__index__` gives.
    pub(crate) fn float_by_slots(&mut self, value: &Value) -> PyResult<Option<f64>> {
        if let Some(int) = value.as_int()
            && self.type_of(value).is_built_in()
        {
            return self.int_to_f64(int).map(Some);
        }
        if let Some(float) = self.type_of(value).slots.unary(UnaryOp::Float) {
            let result = float(self, value)?;
            if let Some(x) = result.as_any_float() {
                if result.as_float().is_none() {
                    self.warn_strict_subclass(value, FLOAT, &result)?;
                }
                return Ok(Some(x));
            }
            let complaint = self.conversion_complaint(value, FLOAT, &result);
            return Err(self.type_error(complaint));
        }
        if self.type_of(value).slots.unary(UnaryOp::Index).is_none() {
            return Ok(None);
        }
        let index = self.index(value)?;
        match index.as_int() {
            Some(int) => self.int_to_f64(int).map(Some),
            None => Ok(None),
        }
    }

    /// An int as the nearest float.
    pub(crate) fn int_to_f64(&mut self, int: IntRef<'_>) -> PyResult<f64> {
        match int {
            IntRef::Small(n) => Ok(n as f64),
            IntRef::Big(n) => bigint::to_f64_or_overflow(n).map_err(|e| self.numeric_error(e)),
        }
    }

    /// `int(value)` for a value that is no text: CPython's `PyNumber_Long` without its last step. An exact int, or `None`.
    pub(crate) fn int_by_slots(&mut self, value: &Value) -> PyResult<Option<Value>> {
        if is_exact_int(value) {
            return Ok(Some(value.clone()));
        }
        let slots = &self.type_of(value).slots;
        if let Some(int) = slots.unary(UnaryOp::Int) {
            let result = int(self, value)?;
            if is_exact_int(&result) {
                return Ok(Some(result));
            }
            if result.as_int().is_some() {
                self.warn_strict_subclass(value, INT, &result)?;
                return self.index(&result).map(Some);
            }
            let complaint = self.conversion_complaint(value, INT, &result);
            return Err(self.type_error(complaint));
        }
        if slots.unary(UnaryOp::Index).is_some() {
            return self.index(value).map(Some);
        }
        if self.version_number() >= 14 {
            return Ok(None);
        }
        let name = self.intern("__trunc__");
        if self.special_method(value, &name)?.is_none() {
            return Ok(None);
        }
        self.warn(
            "DeprecationWarning",
            "The delegation of int() to __trunc__ is deprecated.",
        )?;
        let result = self.call_special(value, &name, &[])?;
        if result.as_int().is_some() || self.type_of(&result).slots.unary(UnaryOp::Index).is_some()
        {
            return self.index(&result).map(Some);
        }
        let found = self.type_name(&result);
        Err(self.type_error(format!("__trunc__ returned non-Integral (type {found})")))
    }

    /// The ASCII form of a text that is to be read as a number: of a str or of what is bytes-like.
    pub(crate) fn number_text(&mut self, value: &Value) -> Option<Vec<u8>> {
        if let Some(text) = value.downcast::<Str>() {
            let release = self.release();
            return Some(match text.as_ascii() {
                Some(ascii) => ascii.as_bytes().to_vec(),
                None => crate::numeric::parse::to_ascii(text.view().chars(), release),
            });
        }
        bytes_of(self, value).map(<[u8]>::to_vec)
    }
}

/// Whether a value is of class int itself.
pub(crate) fn is_exact_int(value: &Value) -> bool {
    value.as_small_int().is_some() || value.downcast::<Int>().is_some_and(|n| n.is_exact())
}

/// The text of a format spec, for `__format__` methods.
pub(crate) fn spec_text<'a>(vm: &mut Vm, spec: &'a Value) -> PyResult<&'a Str> {
    match spec.downcast::<Str>() {
        Some(text) => Ok(text),
        None => {
            let found = clinic_type(vm, spec);
            Err(vm.type_error(format!("__format__() argument must be str, not {found}")))
        }
    }
}

impl Vm {
    /// What `__format__` methods go by.
    pub(crate) fn format_context<'a>(&self, type_name: &'a str) -> Context<'a> {
        Context {
            release: self.release(),
            type_name,
            size_limit: self.max_size(),
            max_digits: self.int_max_str_digits,
        }
    }

    /// The str of a formatted number.
    pub(crate) fn formatted(&mut self, formatted: Result<Formatted, Error>) -> PyResult {
        let formatted = formatted.map_err(|e| self.numeric_error(e))?;
        self.check_growth(formatted.len())?;
        let mut text = StrBuilder::with_capacity(formatted.len());
        for piece in formatted.pieces() {
            match piece {
                Piece::Fill(point, count) => text.push_repeated(point, count),
                Piece::Ascii(ascii) => text.push_str(ascii),
                Piece::Point(point) => text.push(point),
            }
        }
        Ok(self.str_from_buf(text.finish()))
    }

    /// `operator.index(value)` as a size: an OverflowError beyond.
    pub fn index_for_size(&mut self, value: &Value) -> PyResult<i64> {
        self.index_as_i64(value, "Python int too large to convert to C ssize_t")
    }
}
