//! Binding the arguments of a call to a Python function's parameters, with CPython's errors.

use pyco_code::CodeFlags;

use crate::error::{PyResult, Raised};
use crate::object::code::Code;
use crate::object::dict::Dict;
use crate::object::function::Function;
use crate::object::header::Ref;
use crate::object::str_::Str;
use crate::object::tuple::Tuple;
use crate::value::{Slot, Value};
use crate::vm::Vm;

/// Fills `locals`, all empty, from the arguments: `names` are those of the last values. Free variables are left to COPY_FREE_VARS.
pub(crate) fn bind(
    vm: &mut Vm,
    function: &Ref<Function>,
    values: &[Value],
    names: Option<&Ref<Tuple>>,
    locals: &mut [Slot],
) -> PyResult<()> {
    let code = function.code().clone();
    let object = code.code();
    let (argcount, kwonly) = (object.argcount() as usize, object.kwonlyargcount() as usize);
    let total = argcount + kwonly;
    let varargs = object.flags().contains(CodeFlags::VARARGS);
    let varkeywords = object.flags().contains(CodeFlags::VARKEYWORDS);
    let names = names.map_or(&[][..], |names| names.items());
    let (positional, keywords) = values.split_at(values.len() - names.len());

    let extra_keywords = varkeywords.then(|| Dict::new(vm));
    if let Some(dict) = &extra_keywords {
        locals[total + varargs as usize] = Some(Value::from(dict));
    }
    for (local, value) in locals.iter_mut().zip(positional.iter().take(argcount)) {
        *local = Some(value.clone());
    }
    if varargs {
        let rest = positional.get(argcount..).unwrap_or(&[]).to_vec();
        locals[total] = Some(vm.new_tuple(rest));
    }
    for (name, value) in names.iter().zip(keywords) {
        let extra = extra_keywords.as_ref();
        bind_keyword(vm, function, (name, names), value, extra, locals)?;
    }
    if positional.len() > argcount && !varargs {
        return Err(too_many_positional(vm, function, positional.len(), locals));
    }
    if positional.len() < argcount {
        let defaults = function.default_values();
        let defaults = defaults.as_ref().map_or(&[][..], |d| d.items());
        let required = argcount.saturating_sub(defaults.len());
        let missing: Vec<usize> = (positional.len()..required)
            .filter(|i| locals[*i].is_none())
            .collect();
        if !missing.is_empty() {
            return Err(missing_arguments(vm, function, "positional", &missing));
        }
        let first = required.max(positional.len());
        for (index, local) in locals.iter_mut().enumerate().take(argcount).skip(first) {
            if local.is_none() {
                // With more defaults than parameters, the last ones count.
                *local = defaults.get(defaults.len() - (argcount - index)).cloned();
            }
        }
    }
    if kwonly > 0 {
        bind_keyword_defaults(vm, function, argcount, total, locals)?;
    }
    Ok(())
}

fn bind_keyword(
    vm: &mut Vm,
    function: &Ref<Function>,
    (name, all): (&Value, &[Value]),
    value: &Value,
    extra: Option<&Ref<Dict>>,
    locals: &mut [Slot],
) -> PyResult<()> {
    let code = function.code().clone();
    let object = code.code();
    let (posonly, total) = (
        object.posonlyargcount() as usize,
        (object.argcount() + object.kwonlyargcount()) as usize,
    );
    let Some(keyword) = name.downcast::<Str>() else {
        let function = vm.function_name(function);
        return Err(vm.type_error(format!("{function}() keywords must be strings")));
    };
    let names = code.local_names();
    let position = names[posonly..total].iter().position(|n| n.is(keyword));
    let position = position.or_else(|| names[posonly..total].iter().position(|n| **n == **keyword));
    if let Some(position) = position {
        let local = &mut locals[posonly + position];
        if local.is_some() {
            let function = vm.function_name(function);
            return Err(vm.type_error(format!(
                "{function}() got multiple values for argument '{keyword}'"
            )));
        }
        *local = Some(value.clone());
        return Ok(());
    }
    if let Some(extra) = extra {
        let hash = keyword.hash(vm);
        return extra.set_hashed(vm, name.clone(), hash, value.clone());
    }
    let is_given = |name: &Ref<Str>| {
        let given = all.iter().filter_map(|n| n.downcast::<Str>());
        given.into_iter().any(|given| **given == **name)
    };
    let positional_only: Vec<String> = names[..posonly]
        .iter()
        .filter(|name| is_given(name))
        .map(|n| n.to_string())
        .collect();
    let function_name = vm.function_name(function);
    if !positional_only.is_empty() {
        let list = positional_only.join(", ");
        return Err(vm.type_error(format!(
            "{function_name}() got some positional-only arguments passed as keyword arguments: '{list}'"
        )));
    }
    let candidates: Vec<String> = names[posonly..total]
        .iter()
        .map(|name| name.to_string())
        .collect();
    let candidates: Vec<&str> = candidates.iter().map(String::as_str).collect();
    let suggestion = keyword_suggestion(vm, &candidates, &keyword.to_string());
    Err(vm.type_error(format!(
        "{function_name}() got an unexpected keyword argument '{keyword}'{suggestion}"
    )))
}

/// 3.13 suggests the parameter that was probably meant.
pub(crate) fn keyword_suggestion(vm: &Vm, candidates: &[&str], keyword: &str) -> String {
    if vm.version_number() < 13 {
        return String::new();
    }
    match crate::traceback::suggestions::closest_name(vm.traceback_version(), candidates, keyword) {
        Some(name) => format!(". Did you mean '{name}'?"),
        None => String::new(),
    }
}

fn bind_keyword_defaults(
    vm: &mut Vm,
    function: &Ref<Function>,
    first: usize,
    end: usize,
    locals: &mut [Slot],
) -> PyResult<()> {
    let code = function.code().clone();
    let defaults = function.keyword_defaults();
    let mut missing = Vec::new();
    for (index, local) in locals.iter_mut().enumerate().take(end).skip(first) {
        if local.is_some() {
            continue;
        }
        let name = &code.local_names()[index];
        match defaults.as_ref().and_then(|d| d.get_str(vm, name)) {
            Some(value) => *local = Some(value),
            None => missing.push(index),
        }
    }
    if missing.is_empty() {
        Ok(())
    } else {
        Err(missing_arguments(vm, function, "keyword-only", &missing))
    }
}

#[cold]
fn missing_arguments(
    vm: &mut Vm,
    function: &Ref<Function>,
    kind: &str,
    missing: &[usize],
) -> Raised {
    let code = function.code().clone();
    let names: Vec<String> = missing
        .iter()
        .map(|i| format!("'{}'", code.local_name(*i)))
        .collect();
    let list = match &names[..] {
        [one] => one.clone(),
        [one, two] => format!("{one} and {two}"),
        [first @ .., last] => format!("{}, and {last}", first.join(", ")),
        [] => String::new(),
    };
    let plural = if names.len() == 1 { "" } else { "s" };
    let function = vm.function_name(function);
    vm.type_error(format!(
        "{function}() missing {} required {kind} argument{plural}: {list}",
        names.len()
    ))
}

#[cold]
fn too_many_positional(
    vm: &mut Vm,
    function: &Ref<Function>,
    given: usize,
    locals: &[Slot],
) -> Raised {
    let code = function.code().clone();
    let object = code.code();
    let (argcount, total) = (
        object.argcount() as usize,
        (object.argcount() + object.kwonlyargcount()) as usize,
    );
    let defaults = function.default_values().map_or(0, |d| d.items().len());
    let keyword_only = locals[argcount..total]
        .iter()
        .filter(|l| l.is_some())
        .count();
    let (takes, plural) = if defaults > 0 {
        (
            format!("from {} to {argcount}", argcount.saturating_sub(defaults)),
            true,
        )
    } else {
        (argcount.to_string(), argcount != 1)
    };
    let plural = if plural { "s" } else { "" };
    let also = if keyword_only > 0 {
        let given_plural = if given == 1 { "" } else { "s" };
        let keyword_plural = if keyword_only == 1 { "" } else { "s" };
        format!(
            " positional argument{given_plural} (and {keyword_only} keyword-only argument{keyword_plural})"
        )
    } else {
        String::new()
    };
    let verb = if given == 1 && keyword_only == 0 {
        "was"
    } else {
        "were"
    };
    let function = vm.function_name(function);
    vm.type_error(format!(
        "{function}() takes {takes} positional argument{plural} but {given}{also} {verb} given"
    ))
}

impl Vm {
    /// A function's `__qualname__`, for messages.
    pub(crate) fn function_name(&self, function: &Ref<Function>) -> String {
        function
            .qualname
            .get()
            .map_or_else(String::new, |name| self.display(&name))
    }
}

/// Fills `locals`, all empty, where there are no `*args`, no keyword-only parameters and nothing to complain about; else gives false and
/// leaves them alone.
pub(super) fn bind_simply(
    function: &Ref<Function>,
    this: Option<&Value>,
    values: &[Value],
    names: Option<&Ref<Tuple>>,
    locals: &mut [Slot],
) -> bool {
    let code = function.code();
    let Some(wanted) = code.exact_argcount() else {
        return false;
    };
    let names = names.map_or(&[][..], |names| names.items());
    let (positional, named) = values.split_at(values.len() - names.len());
    let given = positional.len() + usize::from(this.is_some());
    let Some(parameters) = locals.get_mut(..wanted as usize) else {
        return false;
    };
    if given > parameters.len() {
        return false;
    }
    let all = this.into_iter().chain(positional);
    for (local, value) in parameters.iter_mut().zip(all) {
        *local = Some(value.clone());
    }
    if bind_names(code, names, named, parameters) && bind_defaults(function, given, parameters) {
        return true;
    }
    for local in parameters {
        drop(local.take());
    }
    false
}

/// Keyword arguments whose names are just those of parameters. Both are interned as a rule, so a name is known by its address.
#[inline(always)]
fn bind_names(
    code: &Ref<Code>,
    names: &[Value],
    values: &[Value],
    parameters: &mut [Slot],
) -> bool {
    if names.is_empty() {
        return true;
    }
    let first = code.code().posonlyargcount() as usize;
    for (name, value) in names.iter().zip(values) {
        let known = code.local_names().iter().take(parameters.len()).skip(first);
        let Some(index) = known
            .into_iter()
            .position(|known| known.as_value().is(name))
        else {
            return false;
        };
        let parameter = &mut parameters[first + index];
        if parameter.is_some() {
            return false;
        }
        *parameter = Some(value.clone());
    }
    true
}

/// Defaults for what is still missing.
#[inline(always)]
fn bind_defaults(function: &Ref<Function>, given: usize, parameters: &mut [Slot]) -> bool {
    if given == parameters.len() {
        return true;
    }
    let defaults = function.default_values();
    let defaults = defaults.as_ref().map_or(&[][..], |d| d.items());
    let wanted = parameters.len();
    for (index, parameter) in parameters.iter_mut().enumerate().skip(given) {
        if parameter.is_none() {
            // With more defaults than parameters, the last ones count.
            let place = (index + defaults.len()).checked_sub(wanted);
            let Some(value) = place.and_then(|place| defaults.get(place)) else {
                return false;
            };
            *parameter = Some(value.clone());
        }
    }
    true
}
