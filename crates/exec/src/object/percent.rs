//! What `%` formatting of str and of bytes share: taking arguments from the right operand, and the numeric conversions.

use crate::error::{PyResult, Raised};
use crate::numeric::bigint::BigInt;
use crate::numeric::format_spec::{Context, Formatted};
use crate::numeric::percent::{
    Argument, Arguments, Blame, Directive, Format, Kind, format_float, format_int,
    not_all_converted, not_enough,
};
use crate::object::header::Ref;
use crate::object::slots::UnaryOp;
use crate::object::tuple::Tuple;
use crate::text::unit::Unit;
use crate::value::Value;
use crate::vm::Vm;

/// The right operand, being used up.
pub(crate) struct Operand {
    whole: Value,
    tuple: Option<Ref<Tuple>>,
    used: usize,
    /// The value of the key that the running conversion names.
    keyed: Option<Value>,
    /// Its `repr`, for messages (3.15 on).
    key: Option<String>,
    pub(crate) is_mapping: bool,
}

/// How messages name a value's class: with its module `from` this version on.
pub(crate) fn shown_type(vm: &mut Vm, value: &Value, from: u8) -> String {
    match vm.version_number() {
        version if version < from => vm.type_name(value).to_string(),
        _ => vm.full_type_name(value),
    }
}

/// What the parser must know of the operand.
pub(crate) fn arguments<'a>(operand: &Operand, type_name: &'a str) -> Arguments<'a> {
    Arguments {
        is_mapping: operand.is_mapping,
        type_name,
    }
}

impl Operand {
    /// The right operand; `is_text` tells whether it is of a class that is subscriptable but no mapping here.
    pub(crate) fn new(vm: &Vm, whole: &Value, is_text: bool) -> Operand {
        let tuple = whole.downcast::<Tuple>().cloned();
        let is_mapping =
            tuple.is_none() && !is_text && vm.type_of(whole).slots.get_item.get().is_some();
        Operand {
            whole: whole.clone(),
            tuple,
            used: 0,
            keyed: None,
            key: None,
            is_mapping,
        }
    }

    /// Looks up the key that the next conversion takes.
    pub(crate) fn use_key(&mut self, vm: &mut Vm, key: &Value) -> PyResult<()> {
        self.keyed = Some(vm.get_item(&self.whole, key)?);
        if vm.version_number() >= 15 {
            self.key = Some(vm.repr_text(key)?);
        }
        Ok(())
    }

    /// The next argument.
    pub(crate) fn next(&mut self, vm: &mut Vm) -> PyResult {
        if let Some(value) = self.keyed.take() {
            return Ok(value);
        }
        let value = match &self.tuple {
            Some(tuple) => tuple.items().get(self.used).cloned(),
            None if self.used == 0 => Some(self.whole.clone()),
            None => None,
        };
        match value {
            Some(value) => {
                self.used += 1;
                Ok(value)
            }
            None => {
                let error = not_enough(self.given(), vm.release());
                Err(vm.numeric_error(error))
            }
        }
    }

    /// The type of the whole operand, for messages.
    pub(crate) fn type_name(&self, vm: &Vm) -> std::rc::Rc<str> {
        vm.type_name(&self.whole)
    }

    fn given(&self) -> usize {
        self.tuple.as_ref().map_or(1, |tuple| tuple.items().len())
    }

    /// What messages call the argument taken last.
    pub(crate) fn blame(&self, vm: &Vm) -> Blame<'_> {
        Blame {
            release: vm.release(),
            argument: match (&self.key, &self.tuple) {
                (Some(key), _) => Argument::Key(key),
                (None, Some(_)) => Argument::Position(self.used),
                (None, None) => Argument::Only,
            },
        }
    }

    /// Complains about arguments left over.
    pub(crate) fn finish(&self, vm: &mut Vm, kind: Kind) -> PyResult<()> {
        let given = self.given();
        if self.is_mapping || self.used >= given {
            return Ok(());
        }
        let error = not_all_converted(self.used, given, kind, vm.release());
        Err(vm.numeric_error(error))
    }

    /// Takes the argument of a `*`, for the width or the precision.
    pub(crate) fn star<T: Unit>(
        &mut self,
        vm: &mut Vm,
        format: &mut Format<'_, T>,
        is_width: bool,
    ) -> PyResult<()> {
        let value = self.next(vm)?;
        let blame = self.blame(vm);
        let Some(n) = value.as_int() else {
            let found = shown_type(vm, &value, 15);
            let error = blame.star_required(&found);
            return Err(vm.numeric_error(error));
        };
        let n = n.to_big();
        let set = if is_width {
            format.set_width(&n, blame.argument)
        } else {
            format.set_precision(&n, blame.argument)
        };
        set.map_err(|e| vm.numeric_error(e))
    }
}

/// The context of conversions.
pub(crate) fn context(vm: &Vm) -> Context<'static> {
    Context {
        release: vm.release(),
        type_name: "",
        size_limit: vm.max_size(),
        max_digits: vm.int_max_str_digits,
    }
}

/// Whether the conversion makes an int of its argument.
pub(crate) fn is_int_conversion(conversion: u32) -> bool {
    matches!(
        char::from_u32(conversion),
        Some('d' | 'i' | 'u' | 'o' | 'x' | 'X')
    )
}

/// Whether the conversion makes a float of its argument.
pub(crate) fn is_float_conversion(conversion: u32) -> bool {
    matches!(
        char::from_u32(conversion),
        Some('e' | 'E' | 'f' | 'F' | 'g' | 'G')
    )
}

/// A value by `%d` and its like.
pub(crate) fn int(
    vm: &mut Vm,
    value: &Value,
    directive: &Directive,
    blame: &Blame<'_>,
    kind: Kind,
) -> PyResult<Formatted> {
    let wants_index = matches!(char::from_u32(directive.conversion), Some('o' | 'x' | 'X'));
    let Some(n) = to_int(vm, value, wants_index)? else {
        let found = shown_type(vm, value, 15);
        let error = blame.number_required(directive.conversion, &found, kind);
        return Err(vm.numeric_error(error));
    };
    format_int(&n, directive, &context(vm)).map_err(|e| vm.numeric_error(e))
}

/// The int that a value is or converts to; `None` where that is a TypeError.
fn to_int(vm: &mut Vm, value: &Value, wants_index: bool) -> PyResult<Option<BigInt>> {
    if let Some(n) = value.as_int() {
        return Ok(Some(n.to_big().into_owned()));
    }
    let converted = if wants_index {
        vm.index(value).map(Some)
    } else {
        vm.int_by_slots(value)
    };
    match converted {
        Ok(n) => Ok(n.and_then(|n| n.as_int().map(|n| n.to_big().into_owned()))),
        Err(raised) if raised.is(vm, &vm.types.type_error) => Ok(None),
        Err(raised) => Err(raised),
    }
}

/// A value by `%f` and its like.
pub(crate) fn float(
    vm: &mut Vm,
    value: &Value,
    directive: &Directive,
    blame: &Blame<'_>,
    kind: Kind,
) -> PyResult<Formatted> {
    let x = match vm.to_f64(value) {
        Ok(x) => x,
        Err(raised) if !is_hidden(vm, value, &raised, kind) => return Err(raised),
        _ => {
            let found = shown_type(vm, value, 15);
            let error = blame.number_required(directive.conversion, &found, kind);
            return Err(vm.numeric_error(error));
        }
    };
    format_float(x, directive, &context(vm)).map_err(|e| vm.numeric_error(e))
}

/// Whether the general complaint takes the place of what a conversion to a float said.
fn is_hidden(vm: &Vm, value: &Value, raised: &Raised, kind: Kind) -> bool {
    if vm.version_number() >= 15 {
        return raised.is(vm, &vm.types.type_error);
    }
    // bytes had one message for whatever went wrong, strs for what has nothing that makes a float of it.
    let slots = &vm.type_of(value).slots;
    kind == Kind::Bytes
        || slots.unary(UnaryOp::Float).is_none() && slots.unary(UnaryOp::Index).is_none()
}

/// The int that `%c` is given: `None` if the value is no int; out of i64's range, -1.
pub(crate) fn char_code(vm: &mut Vm, value: &Value, kind: Kind) -> PyResult<Option<i64>> {
    if value.as_int().is_none() && vm.type_of(value).slots.unary(UnaryOp::Index).is_none() {
        return Ok(None);
    }
    match vm.index(value) {
        Ok(index) => Ok(Some(index.as_int().and_then(|n| n.to_i64()).unwrap_or(-1))),
        Err(raised) if kind == Kind::Bytes && vm.version_number() >= 14 => Err(raised),
        Err(raised) if raised.is(vm, &vm.types.type_error) => Ok(None),
        Err(raised) => Err(raised),
    }
}
