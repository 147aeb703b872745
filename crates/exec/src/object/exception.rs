//! Exceptions: the one payload that all exception classes share. The classes, with their own attributes and `__str__`, are in
//! `object/exception_types.rs`.

use std::cell::Cell;

use crate::cell::{ValueCell, VmCell};
use crate::error::Raised;
use crate::object::dict::Dict;
use crate::object::header::{Kind, Payload, Ref};
use crate::object::str_::Str;
use crate::object::type_::Type;
use crate::value::Value;
use crate::vm::Vm;

/// An exception's payload.
pub struct Exception {
    /// `args`, a tuple.
    pub(crate) args: ValueCell,
    pub(crate) cause: ValueCell,
    pub(crate) context: ValueCell,
    pub(crate) suppress_context: Cell<bool>,
    pub(crate) traceback: ValueCell,
    /// The attributes that the class adds (`OSError.errno`, `StopIteration.value`, …), by the class's own numbering.
    pub(crate) fields: VmCell<Vec<Option<Value>>>,
    dict: ValueCell,
    /// Set if no Python handler may catch it: a limit of the host was hit.
    pub(crate) is_abort: Cell<bool>,
}

impl Payload for Exception {
    const KIND: Kind = Kind::Exception;

    fn traverse(&self, visit: &mut dyn FnMut(&Value)) {
        for cell in [
            &self.args,
            &self.cause,
            &self.context,
            &self.traceback,
            &self.dict,
        ] {
            cell.traverse(visit);
        }
        // SAFETY: the collector holds the VM, and visiting changes nothing.
        unsafe { self.fields.peek() }
            .iter()
            .flatten()
            .for_each(visit);
    }

    fn clear(&self) {
        for cell in [&self.cause, &self.context, &self.traceback, &self.dict] {
            cell.set(None);
        }
    }
}

impl Exception {
    /// An exception of class `ty` before `__init__`, with these `args`.
    pub(crate) fn of_type(vm: &Vm, ty: &Ref<Type>, args: &[Value]) -> Ref<Exception> {
        let exception = Exception {
            args: ValueCell::new(Some(vm.tuple_from(args))),
            cause: ValueCell::new(None),
            context: ValueCell::new(None),
            suppress_context: Cell::new(false),
            traceback: ValueCell::new(None),
            fields: VmCell::new(Vec::new()),
            dict: ValueCell::new(None),
            is_abort: Cell::new(false),
        };
        Ref::new(ty, exception)
    }

    /// The field with this number.
    pub(crate) fn field(&self, vm: &Vm, index: usize) -> Option<Value> {
        self.fields.get(vm).get(index).cloned().flatten()
    }

    /// Sets the field with this number.
    pub(crate) fn set_field(&self, vm: &mut Vm, index: usize, value: Option<Value>) {
        let fields = self.fields.get_mut(vm);
        if fields.len() <= index {
            fields.resize_with(index + 1, || None);
        }
        fields[index] = value;
    }

    /// The `__dict__`, if it was made.
    pub(crate) fn dict(&self) -> Option<Ref<Dict>> {
        self.dict.get().and_then(|dict| dict.into_ref().ok())
    }

    /// The `__dict__`, made at first need.
    pub(crate) fn make_dict(&self, vm: &mut Vm) -> Ref<Dict> {
        if let Some(dict) = self.dict() {
            return dict;
        }
        let dict = Dict::new(vm);
        self.dict.set(Some(Value::from(&dict)));
        dict
    }

    /// Replaces the `__dict__`.
    pub(crate) fn set_dict(&self, dict: Option<Ref<Dict>>) {
        self.dict.set(dict.map(Value::from));
    }
}

/// The fields of NameError and AttributeError.
pub(crate) const FIELD_NAME: usize = 0;
/// AttributeError's `obj`.
pub(crate) const FIELD_OBJ: usize = 1;

impl Ref<Exception> {
    /// Tells a NameError or AttributeError what was looked for, and where.
    pub(crate) fn set_name_and_object(&self, vm: &mut Vm, name: Value, object: Value) {
        self.set_field(vm, FIELD_NAME, Some(name));
        self.set_field(vm, FIELD_OBJ, Some(object));
    }
}

impl Vm {
    /// Tells an AttributeError that a program raised what was looked for, unless it says so itself.
    #[cold]
    pub(crate) fn tell_attribute(
        &mut self,
        raised: Raised,
        owner: &Value,
        name: &Ref<Str>,
    ) -> Raised {
        let fields = [FIELD_NAME, FIELD_OBJ];
        if raised.is(self, &self.types.attribute_error)
            && fields
                .iter()
                .all(|field| raised.0.field(self, *field).is_none())
        {
            raised
                .0
                .set_name_and_object(self, Value::from(name), owner.clone());
        }
        raised
    }
}

/// A new exception of a built-in class, without running `__init__`: as CPython's C code raises.
pub(crate) fn new_exception(vm: &mut Vm, ty: &Ref<Type>, args: &[Value]) -> Ref<Exception> {
    let first = args.first().cloned();
    let exception = Exception::of_type(vm, ty, args);
    if ty.is_subtype(vm, &vm.types.stop_iteration) || ty.is_subtype(vm, &vm.types.system_exit) {
        exception.set_field(vm, 0, Some(first.unwrap_or(Value::NONE)));
    }
    exception
}

/// The exception that a descriptor of an exception class was given.
pub(crate) fn exception_of(vm: &mut Vm, this: &Value) -> crate::error::PyResult<Ref<Exception>> {
    match this.downcast::<Exception>() {
        Some(exception) => Ok(exception.clone()),
        None => {
            let found = vm.type_name(this);
            Err(vm.type_error(format!(
                "descriptor requires a 'BaseException' object but received a '{found}'"
            )))
        }
    }
}
