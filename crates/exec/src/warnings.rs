//! Warnings that the interpreter itself gives, under the filters that a program starts with.
//!
//! Shown once for each text and line; a DeprecationWarning only if `__main__` is to blame.

use crate::display::Source;
use crate::error::PyResult;
use crate::object::frame::FrameObject;
use crate::object::generator::Generator;
use crate::object::header::Ref;
use crate::object::str_::Str;
use crate::traceback::format_warning;
use crate::value::Value;
use crate::vm::Vm;

/// What the registry of shown warnings tells apart: file, line and text.
pub(crate) type Shown = (String, u32, String);

/// Where the blame falls.
struct Place {
    file: String,
    line: u32,
    module: String,
}

impl Vm {
    /// Warns about what the running Python code does.
    #[cold]
    pub fn warn(&mut self, category: &str, message: &str) {
        let place = self.place_to_blame();
        self.warn_at(&place, category, message);
    }

    /// Warns about a method that should give an int and gives an instance of a subclass.
    #[cold]
    pub(crate) fn warn_strict_subclass(&mut self, method: &str, found: &Value) {
        let found = self.type_name(found);
        let message = format!(
            "{method} returned non-int (type {found}).  The ability to return an instance of a strict \
             subclass of int is deprecated, and may be removed in a future version of Python."
        );
        self.warn("DeprecationWarning", &message);
    }

    /// Warns about a line of source text that is not running: `PyErr_WarnExplicit` without a module.
    #[cold]
    pub(crate) fn warn_explicit(
        &mut self,
        category: &str,
        message: &str,
        file: &str,
        line: u32,
    ) -> PyResult<()> {
        let module = match file {
            "" => "<unknown>",
            _ => file.strip_suffix(".py").unwrap_or(file),
        };
        let place = Place {
            file: file.to_owned(),
            line,
            module: module.to_owned(),
        };
        self.warn_at(&place, category, message);
        Ok(())
    }

    fn warn_at(&mut self, place: &Place, category: &str, message: &str) -> bool {
        if category == "DeprecationWarning" && place.module != "__main__" {
            return false;
        }
        let shown = (place.file.clone(), place.line, message.to_owned());
        if !self.shown_warnings.insert(shown) {
            return false;
        }
        let source = Source::new(self.host.show_source);
        let line = source.line(&place.file, place.line);
        let number = i64::from(place.line);
        let text = format_warning(&place.file, number, category, message, line.as_deref());
        self.write_stderr(&text);
        true
    }

    fn place_to_blame(&mut self) -> Place {
        let frame = self.current_frame_object();
        let Some(frame): Option<Ref<FrameObject>> = frame else {
            return Place {
                file: "<sys>".to_owned(),
                line: 0,
                module: "sys".to_owned(),
            };
        };
        let name = self.names.__name__.clone();
        let module = frame.globals.get_str(self, &name);
        let module = module.as_ref().and_then(|m| m.downcast::<Str>());
        Place {
            file: frame.code.code().filename().to_string_lossy().into_owned(),
            line: frame.line().unwrap_or(0),
            module: module.map_or_else(String::new, |m| m.to_string()),
        }
    }

    /// Warns about a coroutine that is dropped before it has started.
    #[cold]
    pub(crate) fn warn_unawaited(&mut self, coroutine: &Ref<Generator>) {
        let name = coroutine.qualname.get();
        let name = name.map_or_else(String::new, |name| self.display(&name));
        self.warn_never_awaited(&format!("coroutine '{name}' was never awaited"));
    }

    /// Warns about a step of an async generator that is dropped before it has started.
    #[cold]
    pub(crate) fn warn_unawaited_step(&mut self, generator: &Ref<Generator>, method: &str) {
        let name = generator.qualname.get();
        let name = name.map_or_else(String::new, |name| self.display(&name));
        self.warn_never_awaited(&format!(
            "coroutine method '{method}' of '{name}' was never awaited"
        ));
    }

    fn warn_never_awaited(&mut self, message: &str) {
        let place = self.place_to_blame();
        let is_shown = self.warn_at(&place, "RuntimeWarning", message);
        if is_shown && place.line > 0 {
            self.write_stderr(
                "RuntimeWarning: Enable tracemalloc to get the object allocation traceback\n",
            );
        }
    }
}
