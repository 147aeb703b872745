//! Binding the arguments of a call to a Python function's parameters, with CPython's errors.

use pyco_code::CodeFlags;
use pyco_code::quicken::{Instr, Unit};

use crate::error::{PyResult, Raised};
use crate::object::dict::Dict;
use crate::object::function::Function;
use crate::object::header::Ref;
use crate::object::str_::Str;
use crate::object::tuple::Tuple;
use crate::value::{Slot, Value};
use crate::vm::Vm;

/// The arguments of a call, as they come.
#[derive(Clone, Copy)]
pub(crate) struct Given<'a> {
    /// What goes before the others: a method's instance.
    this: Option<&'a Value>,
    positional: &'a [Value],
    keywords: Keywords<'a>,
}

/// Keyword arguments.
#[derive(Clone, Copy)]
pub(crate) enum Keywords<'a> {
    /// Names, and as many values.
    Row(&'a [Value], &'a [Value]),
    /// What `**` gives.
    Items(&'a [(Value, Value)]),
}

impl<'a> Given<'a> {
    pub(crate) fn new(
        this: Option<&'a Value>,
        positional: &'a [Value],
        keywords: Keywords<'a>,
    ) -> Given<'a> {
        Given {
            this,
            positional,
            keywords,
        }
    }

    /// Arguments the last of which have these names.
    #[inline(always)]
    pub(crate) fn named(
        this: Option<&'a Value>,
        values: &'a [Value],
        names: Option<&'a Ref<Tuple>>,
    ) -> Given<'a> {
        let names = names.map_or(&[][..], |names| names.items());
        let (positional, named) = values.split_at(values.len() - names.len());
        Given::new(this, positional, Keywords::Row(names, named))
    }

    /// How many arguments have no name, if all have none.
    #[inline(always)]
    pub(crate) fn only_positional(&self) -> Option<usize> {
        (self.keywords.len() == 0).then(|| self.count())
    }

    #[inline(always)]
    fn count(&self) -> usize {
        self.positional.len() + usize::from(self.this.is_some())
    }

    /// The arguments without a name.
    #[inline(always)]
    pub(crate) fn unnamed(&self) -> impl Iterator<Item = &'a Value> + use<'a> {
        self.this.into_iter().chain(self.positional)
    }
}

impl<'a> Keywords<'a> {
    #[inline(always)]
    fn len(self) -> usize {
        match self {
            Keywords::Row(names, _) => names.len(),
            Keywords::Items(items) => items.len(),
        }
    }

    fn names(self) -> impl Iterator<Item = &'a Value> {
        (0..self.len()).map(move |index| match self {
            Keywords::Row(names, _) => &names[index],
            Keywords::Items(items) => &items[index].0,
        })
    }
}

/// Fills `locals`, all empty, from the arguments. Free variables are left to COPY_FREE_VARS.
pub(crate) fn bind(
    vm: &mut Vm,
    function: &Ref<Function>,
    given: Given<'_>,
    locals: &mut [Slot],
) -> PyResult<()> {
    let code = function.code();
    let object = code.code();
    let argcount = object.argcount() as usize;
    let total = argcount + object.kwonlyargcount() as usize;
    let varargs = object.flags().contains(CodeFlags::VARARGS);
    let varkeywords = object.flags().contains(CodeFlags::VARKEYWORDS);

    let extra = varkeywords.then(|| Dict::new(vm));
    if let Some(dict) = &extra {
        locals[total + varargs as usize] = Some(Value::from(dict));
    }
    for (local, value) in locals[..argcount].iter_mut().zip(given.unnamed()) {
        *local = Some(value.clone());
    }
    if varargs {
        locals[total] = Some(rest(vm, given, argcount));
    }
    let first = object.posonlyargcount() as usize;
    let parameters = &code.local_names()[first..total];
    let mut put = |locals: &mut [Slot], name: &Value, value: &Value| {
        // Names are interned as a rule, so a parameter is known by its address.
        let place = parameters.iter().position(|p| p.as_value().is(name));
        let local = place.map(|place| &mut locals[first + place]);
        match local {
            Some(local) if local.is_none() => {
                *local = Some(value.clone());
                Ok(())
            }
            _ => bind_keyword(vm, function, given, (name, value), extra.as_ref(), locals),
        }
    };
    match given.keywords {
        Keywords::Row(names, values) => {
            for (name, value) in names.iter().zip(values) {
                put(locals, name, value)?;
            }
        }
        Keywords::Items(items) => {
            for (name, value) in items {
                put(locals, name, value)?;
            }
        }
    }
    let count = given.count();
    if count > argcount && !varargs {
        return Err(too_many_positional(vm, function, count, locals));
    }
    if count < argcount {
        let defaults = function.default_values();
        let defaults = defaults.as_ref().map_or(&[][..], |d| d.items());
        let required = argcount.saturating_sub(defaults.len());
        if count < required && locals[count..required].iter().any(Option::is_none) {
            let missing: Vec<usize> = (count..required).filter(|i| locals[*i].is_none()).collect();
            return Err(missing_arguments(vm, function, "positional", &missing));
        }
        let first = required.max(count);
        for (index, local) in locals.iter_mut().enumerate().take(argcount).skip(first) {
            if local.is_none() {
                // With more defaults than parameters, the last ones count.
                *local = defaults.get(defaults.len() - (argcount - index)).cloned();
            }
        }
    }
    if locals[argcount..total].iter().any(Option::is_none) {
        bind_keyword_defaults(vm, function, argcount, total, locals)?;
    }
    Ok(())
}

/// The most parameters behind the positional arguments that [`named`] fills.
const NAMED: usize = 8;

/// The locals behind `given` positional arguments of a function without stars, and how many they are: keyword arguments, moved from
/// `values`, and defaults. Nothing is moved where that is not all there is to do.
///
/// # Safety
/// At `values` is a filled slot for each name.
pub(super) unsafe fn named(
    vm: &mut Vm,
    function: &Ref<Function>,
    given: usize,
    names: &[Value],
    values: *mut Slot,
) -> Option<([Slot; NAMED], usize)> {
    let code = function.code();
    let object = code.code();
    let stars = CodeFlags::VARARGS | CodeFlags::VARKEYWORDS;
    let argcount = object.argcount() as usize;
    let total = argcount + object.kwonlyargcount() as usize;
    let count = total.checked_sub(given)?;
    if count > NAMED || names.len() > count || given > argcount || object.flags().intersects(stars)
    {
        return None;
    }
    let first = given.max(object.posonlyargcount() as usize);
    let parameters = &code.local_names()[first..total];
    let (mut places, mut taken) = ([0; NAMED], 0_u32);
    for (name, place) in names.iter().zip(&mut places) {
        // Both are interned as a rule, so a parameter is known by its address.
        let parameter = parameters.iter().position(|p| p.as_value().is(name))?;
        *place = first - given + parameter;
        if taken & 1 << *place != 0 {
            return None;
        }
        taken |= 1 << *place;
    }
    let mut locals = [const { None }; NAMED];
    if names.len() < count {
        let defaults = function.default_values();
        let defaults = defaults.as_ref().map_or(&[][..], |d| d.items());
        let by_name = function.keyword_defaults();
        for (at, local) in locals[..count].iter_mut().enumerate() {
            let index = given + at;
            if taken & 1 << at != 0 {
                continue;
            }
            *local = Some(if index < argcount {
                // With more defaults than parameters, the last ones count.
                let place = (index + defaults.len()).checked_sub(argcount)?;
                defaults.get(place)?.clone()
            } else {
                by_name.as_ref()?.get_str(vm, &code.local_names()[index])?
            });
        }
    }
    for (at, place) in places[..names.len()].iter().enumerate() {
        // SAFETY: forwarded; each is moved once.
        locals[*place] = unsafe { values.add(at).read() };
    }
    Some((locals, count))
}

/// The tuple of what `*args` takes.
fn rest(vm: &Vm, given: Given<'_>, argcount: usize) -> Value {
    match argcount.checked_sub(usize::from(given.this.is_some())) {
        Some(taken) => vm.tuple_from(given.positional.get(taken..).unwrap_or(&[])),
        None => vm.new_tuple(given.unnamed().cloned().collect()),
    }
}

/// A keyword argument whose parameter is not known by its address, or has its value.
#[inline(never)]
fn bind_keyword(
    vm: &mut Vm,
    function: &Ref<Function>,
    given: Given<'_>,
    (name, value): (&Value, &Value),
    extra: Option<&Ref<Dict>>,
    locals: &mut [Slot],
) -> PyResult<()> {
    let code = function.code();
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
    let position = match position {
        Some(position) => Some(position),
        None => equal_name(vm, &names[posonly..total], name)?,
    };
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
        let mut given = given.keywords.names().filter_map(|n| n.downcast::<Str>());
        given.any(|given| **given == **name)
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

/// The parameter whose name equals that of an argument, which may be a str with an `__eq__` of its own.
fn equal_name(vm: &mut Vm, parameters: &[Ref<Str>], name: &Value) -> PyResult<Option<usize>> {
    for (index, parameter) in parameters.iter().enumerate() {
        if vm.eq(parameter.as_value(), name)? {
            return Ok(Some(index));
        }
    }
    Ok(None)
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
    let code = function.code();
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

/// The local in `f(…, **local)`, for the dict that BUILD_MAP and DICT_MERGE make of it: the call behind them takes nothing but its items,
/// so that a dict whose keys are strs may as well be handed on itself.
///
/// # Safety
/// `pc` is a BUILD_MAP of the frame whose locals these are.
#[inline(always)]
pub(super) unsafe fn handed_on(vm: &Vm, locals: *const Slot, pc: *const Unit) -> Option<Value> {
    // SAFETY: code does not end with any of the three before the call, so each has one behind it; a load's argument is the number of a
    // local.
    unsafe {
        if (*pc).arg() != 0 || vm.is_watched {
            return None;
        }
        let load = pc.add(1);
        if !matches!((*load).instr(), Instr::LoadFast | Instr::LoadFastBorrow) {
            return None;
        }
        let merge = pc.add(2);
        if ((*merge).instr(), (*merge).arg()) != (Instr::DictMerge, 1)
            || (*pc.add(3)).instr() != Instr::CallFunctionEx
        {
            return None;
        }
        let keywords = (*locals.add((*load).arg() as usize)).as_ref()?;
        let dict = keywords.downcast::<Dict>().filter(|d| d.is_exact())?;
        dict.has_only_strs(vm).then(|| keywords.clone())
    }
}
