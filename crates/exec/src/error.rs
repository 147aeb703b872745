//! How Rust code raises: [`PyResult`], [`Raised`], and the constructors of the everyday exceptions.

use crate::object::exception::{Exception, new_exception};
use crate::object::header::Ref;
use crate::object::type_::Type;
use crate::value::Value;
use crate::vm::Vm;

/// What everything that can run Python code returns.
pub type PyResult<T = Value> = Result<T, Raised>;

/// A Python exception on its way up.
#[derive(Debug)]
pub struct Raised(pub Ref<Exception>);

impl Raised {
    /// The exception.
    pub fn value(&self) -> &Value {
        self.0.as_value()
    }

    /// Whether the exception is an instance of `ty`.
    pub fn is(&self, vm: &Vm, ty: &Ref<Type>) -> bool {
        self.0.ty().is_subtype(vm, ty)
    }
}

impl Raised {
    /// Says that this one was raised while `first` was on its way, unless it says already what was.
    pub fn set_context_if_none(&self, first: &Raised) {
        if self.0.context.is_empty() && !self.value().is(first.value()) {
            self.0.context.set(Some(first.value().clone()));
        }
    }

    /// `raise self from cause`.
    pub fn set_cause(&self, cause: &Raised) {
        self.0.cause.set(Some(cause.value().clone()));
        self.0.context.set(Some(cause.value().clone()));
        self.0.suppress_context.set(true);
    }
}

impl Vm {
    /// Raises an exception object; a TypeError if it is none.
    #[cold]
    pub fn raise_value(&mut self, exception: Value) -> Raised {
        match exception.into_ref::<Exception>() {
            Ok(exception) => Raised(exception),
            Err(_) => self.type_error("exceptions must derive from BaseException"),
        }
    }

    /// An exception of class `ty` with one str argument.
    #[cold]
    pub fn error(&mut self, ty: &Ref<Type>, message: impl AsRef<str>) -> Raised {
        let message = self.new_str(message.as_ref());
        self.error_value(ty, message)
    }

    /// An exception of class `ty` with one argument.
    #[cold]
    pub fn error_value(&mut self, ty: &Ref<Type>, argument: Value) -> Raised {
        Raised(new_exception(self, ty, &[argument]))
    }

    /// A TypeError.
    #[cold]
    pub fn type_error(&mut self, message: impl AsRef<str>) -> Raised {
        self.error(&self.types.type_error.clone(), message)
    }

    /// A ValueError.
    #[cold]
    pub fn value_error(&mut self, message: impl AsRef<str>) -> Raised {
        self.error(&self.types.value_error.clone(), message)
    }

    /// An IndexError.
    #[cold]
    pub fn index_error(&mut self, message: impl AsRef<str>) -> Raised {
        self.error(&self.types.index_error.clone(), message)
    }

    /// A KeyError for `key`.
    #[cold]
    pub fn key_error(&mut self, key: Value) -> Raised {
        self.error_value(&self.types.key_error.clone(), key)
    }

    /// An OverflowError.
    #[cold]
    pub fn overflow_error(&mut self, message: impl AsRef<str>) -> Raised {
        self.error(&self.types.overflow_error.clone(), message)
    }

    /// A ZeroDivisionError.
    #[cold]
    pub fn zero_division_error(&mut self, message: impl AsRef<str>) -> Raised {
        self.error(&self.types.zero_division_error.clone(), message)
    }

    /// A RuntimeError.
    #[cold]
    pub fn runtime_error(&mut self, message: impl AsRef<str>) -> Raised {
        self.error(&self.types.runtime_error.clone(), message)
    }

    /// A MemoryError without arguments, as CPython raises it.
    #[cold]
    pub fn memory_error(&mut self) -> Raised {
        Raised(new_exception(self, &self.types.memory_error.clone(), &[]))
    }

    /// A NotImplementedError that names what pyco does not do yet.
    #[cold]
    pub fn not_implemented(&mut self, what: impl AsRef<str>) -> Raised {
        let message = format!("pyco does not implement {} yet", what.as_ref());
        self.error(&self.types.not_implemented_error.clone(), message)
    }

    /// A StopIteration with this value, whatever it is.
    #[cold]
    pub(crate) fn stop_iteration_exact(&mut self, value: Value) -> Raised {
        Raised(new_exception(
            self,
            &self.types.stop_iteration.clone(),
            &[value],
        ))
    }

    /// Adds a line to `__notes__`.
    pub(crate) fn add_note(&mut self, raised: &Raised, note: &str) {
        let key = self.intern("__notes__");
        let note = self.new_str(note);
        let dict = raised.0.make_dict(self);
        match dict
            .get_str(self, &key)
            .and_then(|notes| notes.into_ref::<crate::object::list::List>().ok())
        {
            Some(notes) => notes.items_mut(self).push(note),
            None => {
                let notes = self.new_list(vec![note]);
                dict.set_str(self, &key, notes);
            }
        }
    }

    /// A StopIteration with the value that a generator returned.
    #[cold]
    pub fn stop_iteration(&mut self, value: Option<Value>) -> Raised {
        let value = value.filter(|v| !v.is_none());
        Raised(new_exception(
            self,
            &self.types.stop_iteration.clone(),
            value.as_slice(),
        ))
    }
}
