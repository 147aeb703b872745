//! The codec registry: search functions, what they found, and error handlers by name.
//!
//! Invariant: `encodings`, which registers the search function of the standard library, is imported before the first search; that it
//! cannot be imported is no error.

use std::collections::HashMap;

use crate::codecs::handlers;
use crate::error::{PyResult, Raised};
use crate::object::tuple::Tuple;
use crate::value::Value;
use crate::vm::Vm;

/// What a VM knows of codecs.
#[derive(Default)]
pub struct Registry {
    search: Vec<Value>,
    found: HashMap<String, Value>,
    handlers: HashMap<String, Value>,
    has_encodings: bool,
}

/// A name of an encoding as search functions get it: before 3.15 cut to ASCII letters and digits, with `_` for what is between.
fn normalize(name: &str, minor_version: u8) -> String {
    if minor_version >= 15 {
        return name.to_ascii_lowercase().replace(' ', "-");
    }
    let mut normal = String::new();
    let mut has_gap = false;
    for c in name.chars() {
        if c.is_ascii_alphanumeric() || c == '.' {
            if has_gap && !normal.is_empty() {
                normal.push('_');
            }
            has_gap = false;
            normal.push(c.to_ascii_lowercase());
        } else {
            has_gap = true;
        }
    }
    normal
}

#[cold]
fn unknown_encoding(vm: &mut Vm, name: &str) -> Raised {
    let class = vm.types.lookup_error.clone();
    vm.error(&class, format!("unknown encoding: {name}"))
}

impl Vm {
    /// `codecs.register(search)`.
    pub fn register_codec_search(&mut self, search: &Value) -> PyResult<()> {
        if self.type_of(search).slots.call.get().is_none() {
            return Err(self.type_error("argument must be callable"));
        }
        self.import_encodings()?;
        self.codecs.search.push(search.clone());
        Ok(())
    }

    /// `codecs.unregister(search)`.
    pub fn unregister_codec_search(&mut self, search: &Value) {
        if let Some(at) = self.codecs.search.iter().position(|s| s.is(search)) {
            self.codecs.search.remove(at);
            self.codecs.found.clear();
        }
    }

    /// Lets the standard library register its search function.
    fn import_encodings(&mut self) -> PyResult<()> {
        if std::mem::replace(&mut self.codecs.has_encodings, true) {
            return Ok(());
        }
        match self.import("encodings") {
            Err(raised) if !raised.is(self, &self.types.import_error) => Err(raised),
            _ => Ok(()),
        }
    }

    /// `codecs.lookup(name)`: a tuple of four.
    pub fn lookup_codec(&mut self, name: &str) -> PyResult {
        let normal = normalize(name, self.version_number());
        if let Some(found) = self.codecs.found.get(&normal) {
            return Ok(found.clone());
        }
        self.import_encodings()?;
        if self.codecs.search.is_empty() {
            let class = self.types.lookup_error.clone();
            let message =
                format!("no codec search functions registered: can't find encoding {name}");
            return Err(match name.is_empty() {
                true => self.error(&class, message),
                false => unknown_encoding(self, name),
            });
        }
        let argument = self.new_str(&normal);
        for search in self.codecs.search.clone() {
            let found = self.call(&search, std::slice::from_ref(&argument))?;
            if found.is_none() {
                continue;
            }
            match found.downcast::<Tuple>() {
                Some(tuple) if tuple.items().len() == 4 => {
                    self.codecs.found.insert(normal, found.clone());
                    return Ok(found);
                }
                _ => return Err(self.type_error("codec search functions must return 4-tuples")),
            }
        }
        Err(unknown_encoding(self, name))
    }

    /// `codecs.register_error(name, handler)`.
    pub fn register_error_handler(&mut self, name: &str, handler: &Value) -> PyResult<()> {
        if self.type_of(handler).slots.call.get().is_none() {
            return Err(self.type_error("handler must be callable"));
        }
        self.codecs
            .handlers
            .insert(name.to_owned(), handler.clone());
        Ok(())
    }

    /// Forgets a handler that a program registered; whether there was one.
    pub fn unregister_error_handler(&mut self, name: &str) -> bool {
        self.codecs.handlers.remove(name).is_some()
    }

    /// Whether a program has registered a handler under this name.
    pub(crate) fn own_error_handler(&self, name: &str) -> Option<Value> {
        self.codecs.handlers.get(name).cloned()
    }

    /// `codecs.lookup_error(name)`.
    pub fn lookup_error_handler(&mut self, name: &str) -> PyResult {
        if let Some(found) = self.codecs.handlers.get(name) {
            return Ok(found.clone());
        }
        match handlers::function(name) {
            Some(def) => {
                let handler = self.new_native(def, Value::NONE, None);
                self.codecs
                    .handlers
                    .insert(name.to_owned(), handler.clone());
                Ok(handler)
            }
            None => Err(unknown_handler(self, name)),
        }
    }
}

/// The complaint about an error handler that nobody registered.
#[cold]
pub(crate) fn unknown_handler(vm: &mut Vm, name: &str) -> Raised {
    let class = vm.types.lookup_error.clone();
    vm.error(&class, format!("unknown error handler name '{name}'"))
}
