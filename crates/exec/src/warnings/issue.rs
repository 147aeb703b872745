//! One warning, from the filters to the screen.

use crate::display::Source;
use crate::error::PyResult;
use crate::object::dict::Dict;
use crate::traceback::format_warning;
use crate::value::Value;
use crate::vm::Vm;

use super::place::Place;

/// A warning to give.
pub struct Warning {
    /// The class, a subclass of `Warning`; not looked at where the message is an instance.
    pub category: Value,
    /// The text, or an instance of a warning class.
    pub message: Value,
    /// The text of the line, where the caller knows it.
    pub source_line: Option<Value>,
    /// What is said to be at fault, for ResourceWarning.
    pub source: Option<Value>,
}

impl Vm {
    /// Gives a warning: shown, raised, or passed over as the filters say. Whether it was shown.
    ///
    /// # Errors
    /// The warning itself where a filter says `error`, and those of what the program has put in place of filters and streams.
    pub fn issue_warning(&mut self, warning: Warning, place: &Place) -> PyResult<bool> {
        let base = Value::from(&self.types.warning);
        let Warning {
            mut category,
            mut message,
            ..
        } = warning;
        let text = if self.is_instance(&message, &base)? {
            category = Value::from(self.type_of(&message));
            self.str(&message)?
        } else {
            let text = message.clone();
            message = self.call(&category, std::slice::from_ref(&message))?;
            text
        };
        let line = self.int(place.line);
        let key = self.new_tuple(vec![text.clone(), category.clone(), line]);
        let registry = place.registry.downcast::<Dict>().cloned();
        if let Some(registry) = &registry
            && self.already_warned(registry, &key, false)?
        {
            return Ok(false);
        }
        let (action, filter) = self.warning_action(&category, &text, place)?;
        let action = action.to_string();
        match action.as_str() {
            "error" => return Err(self.raise_value(message)),
            "ignore" => return Ok(false),
            "always" | "all" => {}
            _ => {
                if let Some(registry) = &registry {
                    registry.set(self, key, Value::TRUE)?;
                }
            }
        }
        let is_known = match action.as_str() {
            "once" | "module" => {
                let registry = match (&registry, action.as_str()) {
                    (None, "once") => Some(self.once_registry()?),
                    _ => registry,
                };
                let key = self.new_tuple(vec![text.clone(), category.clone()]);
                match registry {
                    Some(registry) => self.already_warned(&registry, &key, true)?,
                    None => false,
                }
            }
            "always" | "all" | "default" => false,
            _ => {
                let (action, filter) = (self.new_str(&action), self.repr_text(&filter)?);
                let action = self.repr_text(&action)?;
                return Err(self.runtime_error(format!(
                    "Unrecognized action ({action}) in warnings.filters:\n {filter}"
                )));
            }
        };
        if is_known {
            return Ok(false);
        }
        let warning = Warning {
            category,
            message,
            ..warning
        };
        self.show_warning(warning, &text, place)?;
        Ok(true)
    }

    /// By `warnings._showwarnmsg` where the program has imported that, else as CPython's own code shows it.
    fn show_warning(&mut self, warning: Warning, text: &Value, place: &Place) -> PyResult<()> {
        let Some(show) = self.warnings_attribute("_showwarnmsg")? else {
            return self.write_warning(&warning, text, place);
        };
        if !self.is_callable(&show) {
            return Err(self.type_error("warnings._showwarnmsg() must be set to a callable"));
        }
        let class = self.warnings_attribute("WarningMessage")?;
        let Some(class) = class else {
            return Err(self.runtime_error("unable to get warnings.WarningMessage"));
        };
        let line = self.int(place.line);
        let none = Value::NONE;
        // What the loader gave is handed on from 3.13 on, the module from 3.15 on.
        let version = self.version_number();
        let text = warning.source_line.filter(|_| version >= 13);
        let mut message = vec![
            warning.message,
            warning.category,
            place.file.clone(),
            line,
            none.clone(),
            text.unwrap_or_else(|| none.clone()),
            warning.source.unwrap_or(none),
        ];
        if version >= 15 {
            message.push(place.module.clone());
        }
        let message = self.call(&class, &message)?;
        self.call(&show, &[message]).map(drop)
    }

    fn write_warning(&mut self, warning: &Warning, text: &Value, place: &Place) -> PyResult<()> {
        let file = self.display(&place.file);
        let name = self.names.__name__.clone();
        let category = self.get_attr(&warning.category, &name)?;
        let category = self.display(&category);
        let text = self.str_text(text)?;
        let line = match &warning.source_line {
            Some(line) => Some(self.str_text(line)?),
            None => {
                let source = Source::new(self.host.show_source);
                source.line(&file, u32::try_from(place.line).unwrap_or(0))
            }
        };
        let shown = format_warning(&file, place.line, &category, &text, line.as_deref());
        self.write_stderr(&shown);
        Ok(())
    }
}
