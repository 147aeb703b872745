//! The warnings that the interpreter itself gives.

use super::issue::Warning;
use super::place::{Place, StackLevel};
use crate::error::PyResult;
use crate::object::exception_types::exception_class;
use crate::object::generator::Generator;
use crate::object::header::Ref;
use crate::object::numbers::Conversion;
use crate::traceback::Ignored;
use crate::value::Value;
use crate::vm::Vm;

impl Vm {
    /// A built-in class of warnings, by its name; `Warning` for any other name.
    #[must_use]
    pub fn warning_class(&self, name: &str) -> Value {
        let class = exception_class(self, name);
        Value::from(&class.unwrap_or_else(|| self.types.warning.clone()))
    }

    /// Warns about what the running Python code does: `PyErr_WarnEx` with a stack level of 1.
    ///
    /// # Errors
    /// The warning itself where a filter makes it an error.
    #[cold]
    pub fn warn(&mut self, category: &str, message: &str) -> PyResult<()> {
        let place = self.warning_place(&StackLevel::default())?;
        self.warn_at(&place, category, message).map(drop)
    }

    /// Warns about a conversion of `owner` that should give an instance of a class itself and gives one of a subclass.
    #[cold]
    pub(crate) fn warn_strict_subclass(
        &mut self,
        owner: &Value,
        conversion: Conversion,
        found: &Value,
    ) -> PyResult<()> {
        let complaint = self.conversion_complaint(owner, conversion, found);
        let class = conversion.class;
        let message = format!(
            "{complaint}.  The ability to return an instance of a strict subclass of {class} is deprecated, \
             and may be removed in a future version of Python."
        );
        self.warn("DeprecationWarning", &message)
    }

    /// Warns about a line of source text that is not running: `PyErr_WarnExplicit`.
    #[cold]
    pub(crate) fn warn_explicit(
        &mut self,
        category: &str,
        message: &str,
        file: &str,
        line: u32,
        module: Option<&Value>,
    ) -> PyResult<()> {
        let place = Place {
            file: self.new_str(file),
            line: i64::from(line),
            module: match module {
                Some(module) => module.clone(),
                None => self.module_for(file),
            },
            registry: Value::NONE,
        };
        self.warn_at(&place, category, message).map(drop)
    }

    fn warn_at(&mut self, place: &Place, category: &str, message: &str) -> PyResult<bool> {
        let warning = Warning {
            category: self.warning_class(category),
            message: self.new_str(message),
            source_line: None,
            source: None,
        };
        self.issue_warning(warning, place)
    }

    /// Warns about a coroutine that is dropped before it has started.
    #[cold]
    pub(crate) fn warn_unawaited(&mut self, coroutine: &Ref<Generator>) {
        // Where it was made is for the module in Python to tell.
        if !coroutine.origin_or_finalizer.is_empty()
            && let Ok(module) = self.import("warnings")
        {
            let name = self.intern("_warn_unawaited_coroutine");
            let object = Value::from(coroutine);
            let told = match self.get_attr(&module, &name) {
                Ok(function) => self.call(&function, std::slice::from_ref(&object)),
                Err(raised) => Err(raised),
            };
            if let Err(raised) = told {
                self.unraisable(raised, Ignored::FinalizingCoroutine, &object);
            }
            return;
        }
        let name = coroutine.qualname.get();
        let name = name.map_or_else(String::new, |name| self.display(&name));
        let message = format!("coroutine '{name}' was never awaited");
        self.warn_never_awaited(&message, &Value::from(coroutine));
    }

    /// Warns about a step of an async generator that is dropped before it has started.
    #[cold]
    pub(crate) fn warn_unawaited_step(&mut self, generator: &Ref<Generator>, method: &str) {
        let name = generator.qualname.get();
        let name = name.map_or_else(String::new, |name| self.display(&name));
        let message = format!("coroutine method '{method}' of '{name}' was never awaited");
        self.warn_never_awaited(&message, &Value::from(generator));
    }

    fn warn_never_awaited(&mut self, message: &str, object: &Value) {
        let place = self.warning_place(&StackLevel::default());
        let given = place.and_then(|place| {
            let is_shown = self.warn_at(&place, "RuntimeWarning", message)?;
            Ok(is_shown && place.line > 0)
        });
        match given {
            Ok(true) => self.write_stderr(
                "RuntimeWarning: Enable tracemalloc to get the object allocation traceback\n",
            ),
            Ok(false) => {}
            Err(raised) => self.unraisable(raised, Ignored::FinalizingCoroutine, object),
        }
    }
}

impl Vm {
    /// What is known of the module where only a file is known: nothing from 3.15 on.
    #[must_use]
    pub fn module_for(&self, file: &str) -> Value {
        match self.version_number() {
            ..15 => self.new_str(module_of_file(file)),
            _ => Value::NONE,
        }
    }
}

/// The name that stands for the module where only a file is known.
#[must_use]
pub(super) fn module_of_file(file: &str) -> &str {
    match file {
        "" => "<unknown>",
        _ => file.strip_suffix(".py").unwrap_or(file),
    }
}
