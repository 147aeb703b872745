//! What is to happen to a warning: the filters, and the registries of what was shown.

use crate::error::PyResult;
use crate::object::dict::Dict;
use crate::object::header::Ref;
use crate::object::list::List;
use crate::object::str_::Str;
use crate::object::tuple::Tuple;
use crate::value::Value;
use crate::vm::Vm;
use crate::warnings::interpreter::module_of_file;
use crate::warnings::place::Place;

/// What `_warnings` holds.
#[derive(Default)]
pub struct WarningState {
    made: Option<Made>,
    /// Raised when the filters change: a registry of another version is out of date.
    pub filters_version: i64,
    /// `_warnings_context` (3.14 and later): the context variable whose value has filters of its own.
    pub context: Option<Value>,
}

struct Made {
    filters: Value,
    once_registry: Value,
    default_action: Value,
}

/// The filters that a program starts with: action, category, module.
const DEFAULT_FILTERS: &[(&str, &str, Option<&str>)] = &[
    ("default", "DeprecationWarning", Some("__main__")),
    ("ignore", "DeprecationWarning", None),
    ("ignore", "PendingDeprecationWarning", None),
    ("ignore", "ImportWarning", None),
    ("ignore", "ResourceWarning", None),
];

impl Vm {
    fn warning_state(&mut self) -> &Made {
        if self.state::<WarningState>().made.is_none() {
            let mut filters = Vec::new();
            for (action, category, module) in DEFAULT_FILTERS {
                let filter = vec![
                    Value::from(&self.intern(action)),
                    Value::NONE,
                    self.warning_class(category),
                    module.map_or(Value::NONE, |module| Value::from(&self.intern(module))),
                    self.int(0),
                ];
                filters.push(self.new_tuple(filter));
            }
            let made = Made {
                filters: self.new_list(filters),
                once_registry: Value::from(&Dict::new(self)),
                default_action: Value::from(&self.intern("default")),
            };
            self.state::<WarningState>().made = Some(made);
        }
        let made = &self.state::<WarningState>().made;
        made.as_ref().expect("it was made just now")
    }

    /// `_warnings.filters`, `_onceregistry` and `_defaultaction` as the program starts with them.
    pub fn first_warning_state(&mut self) -> (Value, Value, Value) {
        let made = self.warning_state();
        let Made {
            filters,
            once_registry,
            default_action,
        } = made;
        (
            filters.clone(),
            once_registry.clone(),
            default_action.clone(),
        )
    }

    /// An attribute of the `warnings` module, if the program has imported it and it has that.
    pub(super) fn warnings_attribute(&mut self, name: &str) -> PyResult<Option<Value>> {
        let key = self.intern("warnings");
        let Some(module) = self.modules.clone().get_str(self, &key) else {
            return Ok(None);
        };
        let name = self.intern(name);
        self.get_attr_opt(&module, &name)
    }

    /// Keeps what the `warnings` module has, for when it has it no more.
    fn remember(&mut self, found: Value, place: fn(&mut Made) -> &mut Value) -> Value {
        self.warning_state();
        if let Some(made) = &mut self.state::<WarningState>().made {
            *place(made) = found.clone();
        }
        found
    }

    pub(super) fn once_registry(&mut self) -> PyResult<Ref<Dict>> {
        let found = match self.warnings_attribute("onceregistry")? {
            Some(found) => self.remember(found, |made| &mut made.once_registry),
            None => self.warning_state().once_registry.clone(),
        };
        match found.downcast::<Dict>() {
            Some(dict) => Ok(dict.clone()),
            None => {
                let found = self.type_name(&found);
                Err(self.type_error(format!(
                    "_warnings.onceregistry must be a dict, not '{found}'"
                )))
            }
        }
    }

    fn default_action(&mut self) -> PyResult<Ref<Str>> {
        let found = match self.warnings_attribute("defaultaction")? {
            Some(found) => self.remember(found, |made| &mut made.default_action),
            None => self.warning_state().default_action.clone(),
        };
        self.action_text("_warnings.defaultaction", &found)
    }

    fn action_text(&mut self, what: &str, found: &Value) -> PyResult<Ref<Str>> {
        match found.downcast::<Str>() {
            Some(text) => Ok(text.clone()),
            None => {
                let found = self.type_name(found);
                Err(self.type_error(format!("{what} must be a string, not '{found}'")))
            }
        }
    }

    /// The lists of filters to look through, in order: from 3.14 on first that of the context.
    fn filter_lists(&mut self) -> PyResult<Vec<Value>> {
        let mut lists = Vec::new();
        if let Some(variable) = self.state::<WarningState>().context.clone() {
            let name = self.intern("get");
            let context = self.call_method(&variable, &name, &[Value::NONE])?;
            if !context.is_none() {
                let name = self.intern("_filters");
                lists.push(self.get_attr(&context, &name)?);
            }
        }
        match self.warnings_attribute("filters")? {
            Some(filters) => lists.push(self.remember(filters, |made| &mut made.filters)),
            None => lists.push(self.warning_state().filters.clone()),
        }
        Ok(lists)
    }

    /// The action of the first filter that fits, and the filter; the default action if none does.
    pub(super) fn warning_action(
        &mut self,
        category: &Value,
        text: &Value,
        place: &Place,
    ) -> PyResult<(Ref<Str>, Value)> {
        for filters in self.filter_lists()? {
            let Some(list) = filters.downcast::<List>().cloned() else {
                return Err(self.value_error("_warnings.filters must be a list"));
            };
            let mut index = 0;
            // A filter's own comparison may change the list.
            while let Some(filter) = list.items(self).get(index).cloned() {
                let parts = filter.downcast::<Tuple>().map(|tuple| tuple.items());
                let Some([action, message, class, module, number]) = parts else {
                    return Err(
                        self.value_error(format!("_warnings.filters item {index} isn't a 5-tuple"))
                    );
                };
                let action = self.action_text("action", action)?;
                let number =
                    self.index_as_i64(number, "Python int too large to convert to C ssize_t")?;
                if self.filter_matches(message, text)?
                    && self.is_subclass(category, class)?
                    && self.module_matches(module, place)?
                    && (number == 0 || number == place.line)
                {
                    return Ok((action, filter));
                }
                index += 1;
            }
        }
        Ok((self.default_action()?, Value::NONE))
    }

    /// Whether a filter is for the module of a place: where no module is known, 3.15 looks for one that the file may be.
    fn module_matches(&mut self, pattern: &Value, place: &Place) -> PyResult<bool> {
        if !place.module.is_none() || pattern.is_none() {
            return self.filter_matches(pattern, &place.module);
        }
        if pattern.downcast::<Str>().is_some_and(|s| s.is_exact()) {
            return Ok(false);
        }
        let file = self.display(&place.file);
        let is_made_up = file.starts_with('<') && file.ends_with('>');
        let module = self.new_str(module_of_file(&file));
        let is_whole = self.filter_matches(pattern, &module)?;
        if is_whole || is_made_up || file.is_empty() {
            return Ok(is_whole);
        }
        let name = module_of_file(&file);
        let name = match name.len() < file.len() {
            true => name.strip_suffix("/__init__").unwrap_or(name),
            false => name,
        };
        let dotted = name.replace('/', ".");
        let (text, method) = (self.new_str(&dotted), self.intern("match"));
        let starts = dotted.match_indices('.').map(|(dot, _)| dot + 1);
        for start in [0].into_iter().chain(starts) {
            let start = self.int(dotted[..start].chars().count() as i64);
            let found = self.call_method(pattern, &method, &[text.clone(), start])?;
            if self.truth(&found)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Whether a part of a filter fits: `None` always, a str as it is, anything else by its `match`.
    fn filter_matches(&mut self, pattern: &Value, text: &Value) -> PyResult<bool> {
        if pattern.is_none() {
            return Ok(true);
        }
        if pattern.downcast::<Str>().is_some_and(|s| s.is_exact()) {
            return self.eq(pattern, text);
        }
        let name = self.intern("match");
        let found = self.call_method(pattern, &name, std::slice::from_ref(text))?;
        self.truth(&found)
    }

    /// Whether a registry knows of a warning already; if not and `add` says so, it does from now on.
    pub(super) fn already_warned(
        &mut self,
        registry: &Ref<Dict>,
        key: &Value,
        add: bool,
    ) -> PyResult<bool> {
        let version_key = self.intern("version");
        let current = self.state::<WarningState>().filters_version;
        let known = registry.get_str(self, &version_key);
        if known.and_then(|version| version.as_small_int()) != Some(current) {
            registry.clear_items(self);
            let current = self.int(current);
            registry.set_str(self, &version_key, current);
        } else if let Some(found) = registry.get(self, key)?
            && self.truth(&found)?
        {
            return Ok(true);
        }
        if add {
            registry.set(self, key.clone(), Value::TRUE)?;
        }
        Ok(false)
    }
}
