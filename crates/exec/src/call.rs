//! Calls from Rust: [`Args`], and the ways to call a value.
//!
//! The convention is CPython's vectorcall: the positional arguments, then the values of the keyword arguments, in one
//! slice, and the keywords' names in a tuple.

use crate::error::{PyResult, Raised};
use crate::object::function::Function;
use crate::object::header::Ref;
use crate::object::module::Module;
use crate::object::str_::Str;
use crate::object::tuple::Tuple;
use crate::ops::attributes;
use crate::traceback::suggestions::closest_name;
use crate::value::Value;
use crate::vm::Vm;

/// The arguments of a call, borrowed from the caller.
#[derive(Clone, Copy)]
pub struct Args<'a> {
    values: &'a [Value],
    names: Option<&'a Ref<Tuple>>,
}

impl<'a> Args<'a> {
    /// No arguments.
    pub const NONE: Args<'static> = Args {
        values: &[],
        names: None,
    };

    /// Positional arguments only.
    #[inline(always)]
    pub fn positional_only(values: &'a [Value]) -> Args<'a> {
        Args {
            values,
            names: None,
        }
    }

    /// Positional arguments, then one value for each of `names`. There must be at least as many values as names.
    #[inline]
    pub fn new(values: &'a [Value], names: Option<&'a Ref<Tuple>>) -> Args<'a> {
        let names = names.filter(|names| !names.items().is_empty());
        debug_assert!(names.is_none_or(|names| names.items().len() <= values.len()));
        Args { values, names }
    }

    /// The positional arguments.
    #[inline(always)]
    pub fn positional(&self) -> &'a [Value] {
        match self.names {
            None => self.values,
            Some(names) => &self.values[..self.values.len() - names.items().len()],
        }
    }

    /// Whether there are keyword arguments.
    #[inline(always)]
    pub fn has_keywords(&self) -> bool {
        self.names.is_some()
    }

    /// The keyword arguments, in order; the names are exact strs.
    pub fn keywords(&self) -> impl Iterator<Item = (&'a Ref<Str>, &'a Value)> + use<'a> {
        let values = &self.values[self.positional().len()..];
        let names = self.names.map_or(&[][..], |names| names.items());
        names
            .iter()
            .filter_map(|name| name.downcast::<Str>())
            .zip(values)
    }

    /// The keywords' names.
    pub fn names(&self) -> Option<&'a Ref<Tuple>> {
        self.names
    }

    /// Positional and keyword values in one row.
    pub fn all_values(&self) -> &'a [Value] {
        self.values
    }

    /// The arguments without the first positional one.
    pub fn rest(&self) -> Args<'a> {
        Args {
            values: self.values.get(1..).unwrap_or(&[]),
            names: self.names,
        }
    }

    /// The keyword arguments alone.
    pub fn only_keywords(&self) -> Args<'a> {
        Args {
            values: self.values.get(self.positional().len()..).unwrap_or(&[]),
            names: self.names,
        }
    }

    /// Exactly `N` positional arguments and no keywords, for the function called `name`.
    pub fn exactly<const N: usize>(
        &self,
        vm: &mut Vm,
        name: &str,
    ) -> Result<&'a [Value; N], Raised> {
        if self.has_keywords() {
            return Err(vm.type_error(format!("{name}() takes no keyword arguments")));
        }
        match <&[Value; N]>::try_from(self.values) {
            Ok(values) => Ok(values),
            Err(_) => {
                let plural = if N == 1 { "" } else { "s" };
                let given = self.values.len();
                Err(vm.type_error(format!("{name} expected {N} argument{plural}, got {given}")))
            }
        }
    }

    /// From `min` to `max` positional arguments and no keywords.
    pub fn between(
        &self,
        vm: &mut Vm,
        name: &str,
        min: usize,
        max: usize,
    ) -> Result<&'a [Value], Raised> {
        if self.has_keywords() {
            return Err(vm.type_error(format!("{name}() takes no keyword arguments")));
        }
        check_count(vm, name, self.values.len(), min, max)?;
        Ok(self.values)
    }
}

/// CPython's complaint about a wrong number of positional arguments of a built-in.
pub fn check_count(vm: &mut Vm, name: &str, given: usize, min: usize, max: usize) -> PyResult<()> {
    if given >= min && given <= max {
        return Ok(());
    }
    let (bound, word) = match () {
        () if min == max => (min, ""),
        () if given < min => (min, "at least "),
        () => (max, "at most "),
    };
    let plural = if bound == 1 { "" } else { "s" };
    Err(vm.type_error(format!(
        "{name} expected {word}{bound} argument{plural}, got {given}"
    )))
}

/// The names and kinds of a native function's parameters, for those that take keywords.
#[derive(Clone, Copy)]
pub struct Params {
    /// All parameters, in order: positional-only, then those that can be either, then keyword-only.
    pub names: &'static [&'static str],
    /// How many are positional-only.
    pub positional_only: usize,
    /// How many may be given by position.
    pub positional: usize,
    /// How many of the positional ones must be given.
    pub required: usize,
    /// Whether any number of positional arguments goes before them, so that too many keywords are not counted.
    pub after_any: bool,
}

impl Params {
    /// Parameters that may all be given by position or keyword.
    pub const fn new(names: &'static [&'static str], required: usize) -> Params {
        Params {
            names,
            positional_only: 0,
            positional: names.len(),
            required,
            after_any: false,
        }
    }

    /// The same, behind any number of positional arguments.
    pub const fn after_any(self) -> Params {
        Params {
            after_any: true,
            ..self
        }
    }

    /// The same, the first `n` by position only.
    pub const fn positional_only(self, n: usize) -> Params {
        Params {
            positional_only: n,
            ..self
        }
    }

    /// The same, the last `n` by keyword only.
    pub const fn keyword_only(self, n: usize) -> Params {
        Params {
            positional: self.names.len() - n,
            ..self
        }
    }
}

/// Arguments matched with parameters: one entry a parameter.
pub struct Bound<'a> {
    values: [Option<&'a Value>; Bound::MAX],
}

impl<'a> Bound<'a> {
    /// The parameters that a native function may have at most.
    pub const MAX: usize = 14;

    /// The argument for a parameter.
    #[inline]
    pub fn get(&self, index: usize) -> Option<&'a Value> {
        self.values[index]
    }

    /// The argument for a parameter, unless it is missing or `None`.
    #[inline]
    pub fn not_none(&self, index: usize) -> Option<&'a Value> {
        self.values[index].filter(|v| !v.is_none())
    }
}

impl<'a> Args<'a> {
    /// Matches the arguments with `params`, for the function called `name`; empty where messages have no name.
    ///
    /// # Errors
    /// CPython's TypeErrors for too many, missing, repeated and unknown arguments, in the order in which it looks for them.
    pub fn bind(&self, vm: &mut Vm, name: &str, params: &Params) -> PyResult<Bound<'a>> {
        let mut bound = Bound {
            values: [None; Bound::MAX],
        };
        let positional = self.positional();
        if let Some(message) = params.wrong_count(positional.len(), self.values.len()) {
            let called = called(name);
            return Err(vm.type_error(format!("{called} {message}")));
        }
        for (slot, value) in bound.values.iter_mut().zip(positional) {
            *slot = Some(value);
        }
        let mut has_foreign = false;
        for (keyword, value) in self.keywords() {
            match params.index_of(keyword) {
                Some(index) if index >= positional.len() => bound.values[index] = Some(value),
                _ => has_foreign = true,
            }
        }
        if let Some(index) = (0..params.required).find(|index| bound.values[*index].is_none()) {
            return Err(vm.type_error(format!(
                "{name}() missing required argument '{}' (pos {})",
                params.names[index],
                index + 1
            )));
        }
        if has_foreign {
            return Err(self.foreign_keyword(vm, name, params));
        }
        Ok(bound)
    }

    /// The complaint about a keyword that is no parameter's name, or one whose argument is there by position too.
    #[cold]
    fn foreign_keyword(&self, vm: &mut Vm, name: &str, params: &Params) -> Raised {
        let given = self.positional().len();
        let repeated = self
            .keywords()
            .filter_map(|(keyword, _)| params.index_of(keyword));
        if let Some(index) = repeated.filter(|index| *index < given).min() {
            let called = called(name);
            return vm.type_error(format!(
                "argument for {called} given by name ('{}') and position ({})",
                params.names[index],
                index + 1
            ));
        }
        let unknown = self
            .keywords()
            .find(|(keyword, _)| params.index_of(keyword).is_none());
        let unknown = unknown.map_or_else(String::new, |(keyword, _)| keyword.to_string());
        let names = &params.names[params.positional_only..];
        let hint = match vm.version_number() {
            ..13 => None,
            _ => closest_name(vm.traceback_version(), names, &unknown),
        };
        let hint = hint.map_or_else(String::new, |hint| format!(". Did you mean '{hint}'?"));
        let this = match name {
            "" => "this function".to_owned(),
            _ => called(name),
        };
        let message = match vm.version_number() {
            ..13 => format!("'{unknown}' is an invalid keyword argument for {this}"),
            _ => format!("{this} got an unexpected keyword argument '{unknown}'{hint}"),
        };
        vm.type_error(message)
    }
}

/// A function in messages: CPython does not know the names of all.
fn called(name: &str) -> String {
    match name {
        "" => "function".to_owned(),
        _ => format!("{name}()"),
    }
}

impl Params {
    fn index_of(&self, keyword: &Ref<Str>) -> Option<usize> {
        (self.positional_only..self.names.len()).find(|index| keyword.eq_str(self.names[*index]))
    }

    /// What is wrong with so many arguments, so many of them by position.
    fn wrong_count(&self, positional: usize, given: usize) -> Option<String> {
        let plural = |n: usize| if n == 1 { "" } else { "s" };
        let most = self.names.len();
        if given > most && !self.after_any {
            let kind = if positional == 0 { "keyword " } else { "" };
            let plural = plural(most);
            return Some(format!(
                "takes at most {most} {kind}argument{plural} ({given} given)"
            ));
        }
        let (least, most) = (self.required.min(self.positional_only), self.positional);
        let (bound, word) = match () {
            () if (least..=most).contains(&positional) => return None,
            () if most == 0 => return Some("takes no positional arguments".to_owned()),
            () if positional > most => (
                most,
                if self.required < most {
                    "at most"
                } else {
                    "exactly"
                },
            ),
            () => (least, if least < most { "at least" } else { "exactly" }),
        };
        let plural = plural(bound);
        Some(format!(
            "takes {word} {bound} positional argument{plural} ({positional} given)"
        ))
    }
}

impl Vm {
    /// Calls `callable` with positional arguments.
    #[inline]
    pub fn call(&mut self, callable: &Value, arguments: &[Value]) -> PyResult {
        self.call_args(callable, Args::positional_only(arguments))
    }

    /// Calls `callable`.
    #[inline]
    pub fn call_args(&mut self, callable: &Value, args: Args<'_>) -> PyResult {
        match self.type_of(callable).slots.call.get() {
            Some(call) => call(self, callable, args),
            None => Err(self.not_callable(callable)),
        }
    }

    /// `callable(value)`.
    pub fn is_callable(&self, value: &Value) -> bool {
        self.type_of(value).slots.call.get().is_some()
    }

    /// Calls `callable` with `this` before the other arguments.
    pub fn call_with_self(&mut self, callable: &Value, this: &Value, args: Args<'_>) -> PyResult {
        if let Some(function) = callable.downcast::<Function>() {
            // The caller's value keeps the callable alive no longer than a class does.
            let function = function.clone();
            return self.call_function_with(&function, Some(this), args);
        }
        if let ([], None) = (args.all_values(), args.names()) {
            return self.call(callable, std::slice::from_ref(this));
        }
        if let ([one], None) = (args.all_values(), args.names()) {
            return self.call(callable, &[this.clone(), one.clone()]);
        }
        let mut values = Vec::with_capacity(args.all_values().len() + 1);
        values.push(this.clone());
        values.extend_from_slice(args.all_values());
        self.call_args(callable, Args::new(&values, args.names()))
    }

    /// Calls the method `name` of `this`.
    pub fn call_method(&mut self, this: &Value, name: &Ref<Str>, arguments: &[Value]) -> PyResult {
        let (method, instance) = attributes::load_method(self, this.clone(), name)?;
        match instance {
            Some(this) => self.call_with_self(&method, &this, Args::positional_only(arguments)),
            None => self.call(&method, arguments),
        }
    }

    /// The complaint about a value that cannot be called.
    #[cold]
    pub(crate) fn not_callable(&mut self, callable: &Value) -> Raised {
        let name = self.type_name(callable);
        let hint = self.callable_inside(callable);
        self.type_error(format!("'{name}' object is not callable{hint}"))
    }

    /// The hint for a module that was called in place of what it has under its own name.
    fn callable_inside(&mut self, callable: &Value) -> String {
        if self.version_number() < 12 {
            return String::new();
        }
        let Some(module) = callable.downcast::<Module>() else {
            return String::new();
        };
        let (dict, key) = (module.dict().clone(), self.names.__name__.clone());
        let name = dict.get_str(self, &key);
        let Some(name) = name.and_then(|name| name.into_ref::<Str>().ok()) else {
            return String::new();
        };
        match dict.get_str(self, &name) {
            Some(found) if self.type_of(&found).slots.call.get().is_some() => {
                format!(". Did you mean: '{name}.{name}(...)'?")
            }
            _ => String::new(),
        }
    }
}
