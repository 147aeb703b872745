//! `TypeVar(…)`, `ParamSpec(…)`, `TypeVarTuple(…)` and `TypeAliasType(…)` called by name, and what such objects leave to the module
//! `typing`: checks, substitution, `Generic`.

use crate::call::{Args, Params};
use crate::error::{PyResult, Raised};
use crate::object::header::Ref;
use crate::object::list::List;
use crate::object::native::NativeDef;
use crate::object::sequence::receiver;
use crate::object::str_::Str;
use crate::object::text_args::clinic_type;
use crate::object::tuple::Tuple;
use crate::object::type_::Type;
use crate::object::type_params::{NoDefault, ParamKind, TypeParam, no_default};
use crate::value::Value;
use crate::vm::Vm;

impl Vm {
    /// A function of the module `typing`, which is imported for it, as CPython does; nothing where there is no such module.
    pub(crate) fn typing_function(&mut self, name: &str) -> PyResult<Option<Value>> {
        let key = self.intern("typing");
        let typing = match self.modules.clone().get_str(self, &key) {
            Some(typing) => typing,
            None if self.host.compiler.is_none() => return Ok(None),
            None => match self.import("typing") {
                Ok(typing) => typing,
                Err(raised) if raised.is(self, &self.types.import_error) => return Ok(None),
                Err(raised) => return Err(raised),
            },
        };
        let name = self.intern(name);
        self.get_attr_opt(&typing, &name)
    }

    fn call_typing(&mut self, name: &str, arguments: &[Value]) -> PyResult {
        match self.typing_function(name)? {
            Some(function) => self.call(&function, arguments),
            None => {
                let message = format!("typing.{name} is needed, and there is no module 'typing'");
                Err(self.error(&self.types.import_error.clone(), message))
            }
        }
    }
}

/// The arguments of one of the constructors.
struct Given {
    function: &'static str,
    name: Value,
    /// Positional arguments after the name.
    rest: Vec<Value>,
    keywords: Vec<(String, Value)>,
}

impl Given {
    fn of(vm: &mut Vm, function: &'static str, args: Args<'_>, known: &[&str]) -> PyResult<Given> {
        let mut positional = args.positional().iter().cloned();
        let mut name = positional.next();
        let mut keywords = Vec::new();
        let (given, most) = (args.all_values().len(), known.len() + 1);
        if args.positional().len() < 2 && given > most {
            let s = if most == 1 { "" } else { "s" };
            let message = format!("{function}() takes at most {most} argument{s} ({given} given)");
            return Err(vm.type_error(message));
        }
        for (keyword, value) in args.keywords() {
            let keyword = keyword.to_string();
            match keyword.as_str() {
                "name" if name.is_none() => name = Some(value.clone()),
                known_one if known.contains(&known_one) => keywords.push((keyword, value.clone())),
                _ => {
                    let message = match vm.version_number() {
                        ..13 => {
                            format!("'{keyword}' is an invalid keyword argument for {function}()")
                        }
                        _ => format!("{function}() got an unexpected keyword argument '{keyword}'"),
                    };
                    return Err(vm.type_error(message));
                }
            }
        }
        let Some(name) = name else {
            let message = format!("{function}() missing required argument 'name' (pos 1)");
            return Err(vm.type_error(message));
        };
        if name.downcast::<Str>().is_none() {
            let found = clinic_type(vm, &name);
            let message = format!("{function}() argument 'name' must be str, not {found}");
            return Err(vm.type_error(message));
        }
        Ok(Given {
            function,
            name,
            rest: positional.collect(),
            keywords,
        })
    }

    fn get(&self, keyword: &str) -> Option<Value> {
        let found = self.keywords.iter().find(|(name, _)| name == keyword);
        found.map(|(_, value)| value.clone())
    }

    fn is_set(&self, vm: &mut Vm, keyword: &str) -> PyResult<bool> {
        match self.get(keyword) {
            Some(value) => vm.truth(&value),
            None => Ok(false),
        }
    }

    /// Whether it is covariant, contravariant, or is to find out.
    fn variance(&self, vm: &mut Vm) -> PyResult<[bool; 3]> {
        let variance = [
            self.is_set(vm, "covariant")?,
            self.is_set(vm, "contravariant")?,
            self.is_set(vm, "infer_variance")?,
        ];
        match variance {
            [true, true, _] => Err(vm.value_error("Bivariant types are not supported.")),
            [true, _, true] | [_, true, true] => {
                Err(vm.value_error("Variance cannot be specified with infer_variance."))
            }
            _ => Ok(variance),
        }
    }

    /// The bound, which must be a type where `is_checked`.
    fn bound(&self, vm: &mut Vm, is_checked: bool) -> PyResult<Option<Value>> {
        match self.get("bound").filter(|bound| !bound.is_none()) {
            Some(bound) if is_checked => {
                let message = vm.new_str("Bound must be a type.");
                Ok(Some(vm.call_typing("_type_check", &[bound, message])?))
            }
            bound => Ok(bound),
        }
    }

    fn default(&self) -> Option<Value> {
        self.get("default")
            .filter(|value| value.downcast::<NoDefault>().is_none())
    }

    fn only_name(&self, vm: &mut Vm) -> PyResult<()> {
        match self.rest.len() {
            0 => Ok(()),
            more => {
                let (function, given) = (self.function, more + 1);
                Err(vm.type_error(format!(
                    "{function}() takes exactly 1 positional argument ({given} given)"
                )))
            }
        }
    }
}

fn known(vm: &Vm, names: &[&'static str]) -> Vec<&'static str> {
    let has_default = vm.version_number() >= 13;
    let names = names.iter().copied();
    names
        .filter(|name| has_default || *name != "default")
        .collect()
}

const VARIANCE: [&str; 5] = [
    "bound",
    "default",
    "covariant",
    "contravariant",
    "infer_variance",
];

fn new_type_var(vm: &mut Vm, _ty: &Ref<Type>, args: Args<'_>) -> PyResult {
    let names = known(vm, &VARIANCE);
    let given = Given::of(vm, "typevar", args, &names)?;
    let variance = given.variance(vm)?;
    let bound = given.bound(vm, true)?;
    let constraints = match given.rest.len() {
        0 => None,
        1 => return Err(vm.type_error("A single constraint is not allowed")),
        _ if bound.is_some() => {
            return Err(vm.type_error("Constraints cannot be combined with bound=..."));
        }
        _ => Some(vm.new_tuple(given.rest.clone())),
    };
    let made = vm.type_param(ParamKind::TypeVar, given.name.clone(), None, None);
    finish(vm, made, variance, bound, constraints, given.default())
}

fn new_param_spec(vm: &mut Vm, _ty: &Ref<Type>, args: Args<'_>) -> PyResult {
    let names = known(vm, &VARIANCE);
    let given = Given::of(vm, "paramspec", args, &names)?;
    given.only_name(vm)?;
    let variance = given.variance(vm)?;
    let is_checked = vm.version_number() < 13;
    let bound = given.bound(vm, is_checked)?;
    let made = vm.type_param(ParamKind::ParamSpec, given.name.clone(), None, None);
    finish(vm, made, variance, bound, None, given.default())
}

fn new_type_var_tuple(vm: &mut Vm, _ty: &Ref<Type>, args: Args<'_>) -> PyResult {
    let names = match vm.version_number() {
        ..15 => known(vm, &["default"]),
        _ => known(vm, &VARIANCE),
    };
    let given = Given::of(vm, "typevartuple", args, &names)?;
    given.only_name(vm)?;
    let variance = given.variance(vm)?;
    let bound = given.bound(vm, false)?;
    let made = vm.type_param(ParamKind::TypeVarTuple, given.name.clone(), None, None);
    finish(vm, made, variance, bound, None, given.default())
}

/// Sets what the call has given, and `__module__`, which is the caller's.
fn finish(
    vm: &mut Vm,
    made: Value,
    variance: [bool; 3],
    bound: Option<Value>,
    constraints: Option<Value>,
    default: Option<Value>,
) -> PyResult {
    if let Some(param) = made.downcast::<TypeParam>() {
        param.variance.set(variance);
        param.is_called.set(true);
        param.bound.set(bound);
        param.constraints.set(constraints);
        param.default.set(default);
    }
    let module = caller(vm);
    let name = vm.names.__module__.clone();
    vm.set_attr(&made, &name, Some(module))?;
    Ok(made)
}

/// The name of the module whose code is running.
fn caller(vm: &mut Vm) -> Value {
    let key = vm.names.__name__.clone();
    let globals = vm.current_globals();
    let module = globals.and_then(|globals| globals.get_str(vm, &key));
    module.unwrap_or(Value::NONE)
}

/// How `repr` marks the variance.
pub(crate) fn mark(vm: &Vm, param: &TypeParam) -> &'static str {
    match (param.kind, param.variance.get()) {
        (ParamKind::TypeVarTuple, _) if vm.version_number() < 15 => "",
        (_, [_, _, true]) => "",
        (_, [true, ..]) => "+",
        (_, [_, true, _]) => "-",
        _ => "~",
    }
}

fn substitute(vm: &mut Vm, this: &Value, arg: &Value) -> PyResult {
    let kind = receiver::<TypeParam>(vm, this)?.kind;
    let name = match kind {
        ParamKind::TypeVar => "_typevar_subst",
        ParamKind::ParamSpec => "_paramspec_subst",
        ParamKind::TypeVarTuple => {
            return Err(vm.type_error("Substitution of bare TypeVarTuple is not supported"));
        }
    };
    match vm.typing_function(name)? {
        Some(function) => vm.call(&function, &[this.clone(), arg.clone()]),
        None => Ok(without_typing(vm, kind, arg)),
    }
}

/// What a parameter's argument becomes where there is no `typing` to check it.
fn without_typing(vm: &mut Vm, kind: ParamKind, arg: &Value) -> Value {
    match arg.downcast::<List>() {
        Some(list) if kind == ParamKind::ParamSpec => {
            let items = list.items(vm).to_vec();
            vm.new_tuple(items)
        }
        _ if arg.is_none() => Value::from(&vm.types.none),
        _ => arg.clone(),
    }
}

/// `__typing_prepare_subst__`: the arguments with this parameter's default put in, or taken together.
fn prepare(vm: &mut Vm, this: &Value, args: &[Value]) -> PyResult {
    let param = receiver::<TypeParam>(vm, this)?.clone();
    let name = match param.kind {
        ParamKind::ParamSpec => "_paramspec_prepare_subst",
        ParamKind::TypeVarTuple => "_typevartuple_prepare_subst",
        ParamKind::TypeVar => return prepare_type_var(vm, &param, this, args),
    };
    let [alias, args] = args else {
        return Err(wrong_count(vm, args.len()));
    };
    match vm.typing_function(name)? {
        Some(function) => vm.call(&function, &[this.clone(), alias.clone(), args.clone()]),
        None => prepare_without_typing(vm, this, param.kind, alias, args),
    }
}

#[cold]
fn wrong_count(vm: &mut Vm, given: usize) -> Raised {
    vm.type_error(format!(
        "__typing_prepare_subst__ expected 2 arguments, got {given}"
    ))
}

/// What `typing` does for a ParamSpec or TypeVarTuple: arguments that belong together become one.
fn prepare_without_typing(
    vm: &mut Vm,
    this: &Value,
    kind: ParamKind,
    alias: &Value,
    args: &Value,
) -> PyResult {
    let name = vm.intern("__parameters__");
    let parameters = vm.get_attr(alias, &name)?;
    let parameters = vm.collect(&parameters)?;
    let mut given = vm.collect(args)?;
    let place = parameters.iter().position(|p| p.is(this));
    let Some(at) = place.filter(|at| parameters.len() - 1 <= given.len() || *at < given.len())
    else {
        let alias = vm.str_text(alias)?;
        return Err(vm.type_error(format!("Too few arguments for {alias}")));
    };
    if kind == ParamKind::TypeVarTuple {
        let after = parameters.len() - at - 1;
        let rest = given.drain(at..given.len() - after).collect();
        given.insert(at, vm.new_tuple(rest));
    } else {
        let is_list = |value: &Value| value.downcast::<List>().is_some() || value.is_ellipsis();
        let is_alone = parameters.len() == 1 && !given.first().is_some_and(is_list);
        if is_alone {
            let all = vm.new_tuple(given);
            given = vec![all];
        }
    }
    Ok(vm.new_tuple(given))
}

fn prepare_type_var(vm: &mut Vm, param: &Ref<TypeParam>, this: &Value, args: &[Value]) -> PyResult {
    let [alias, args] = args else {
        return Err(wrong_count(vm, args.len()));
    };
    let name = vm.intern("__parameters__");
    let parameters = vm.get_attr(alias, &name)?;
    let parameters = vm.collect(&parameters)?;
    let given = vm.collect(args)?;
    let index = parameters.iter().position(|p| p.is(this));
    if index != Some(given.len()) {
        return Ok(args.clone());
    }
    match param.default.get(vm)? {
        Some(default) => {
            let all = given.into_iter().chain([default]).collect();
            Ok(vm.new_tuple(all))
        }
        None => {
            let alias = vm.str_text(alias)?;
            let (actual, expected) = (given.len(), given.len() + 1);
            Err(vm.type_error(format!(
                "Too few arguments for {alias}; actual {actual}, expected at least {expected}"
            )))
        }
    }
}

static SUBSTITUTION: &[NativeDef] = &[
    NativeDef::one("__typing_subst__", substitute),
    NativeDef::range("__typing_prepare_subst__", 2, 2, prepare),
];

static OF_TYPE_VAR: &[NativeDef] = &[
    NativeDef::one("__typing_subst__", substitute),
    NativeDef::range("__typing_prepare_subst__", 2, 2, prepare).since(13),
];

/// What is found where the arguments of a type alias are wrong.
#[cold]
fn wrong_alias(vm: &mut Vm, message: &str) -> Raised {
    vm.type_error(message)
}

/// The parameters of an alias: of these kinds only, and behind one with a default only those that have one.
fn check_alias_params(vm: &mut Vm, params: &Value) -> PyResult<()> {
    let mut has_default = false;
    for param in vm.collect(params)? {
        let Some(found) = param.downcast::<TypeParam>() else {
            let text = vm.repr_text(&param)?;
            return Err(vm.type_error(format!("Expected a type param, got {text}")));
        };
        if found.default.is_given() {
            has_default = true;
        } else if has_default {
            let text = vm.repr_text(&param)?;
            return Err(vm.type_error(format!(
                "non-default type parameter '{text}' follows default type parameter"
            )));
        }
    }
    Ok(())
}

/// `TypeAliasType(name, value, *, type_params=())`.
fn new_alias(vm: &mut Vm, _ty: &Ref<Type>, args: Args<'_>) -> PyResult {
    static ALIAS: Params =
        Params::new(&["name", "value", "type_params", "qualname"], 2).keyword_only(2);
    static OLD_ALIAS: Params = Params::new(&["name", "value", "type_params"], 2).keyword_only(1);
    let params = match vm.version_number() {
        ..15 => &OLD_ALIAS,
        _ => &ALIAS,
    };
    let bound = args.bind(vm, "typealias", params)?;
    let get = |index: usize| bound.get(index).cloned().unwrap_or(Value::NONE);
    let (name, value) = (get(0), get(1));
    if name.downcast::<Str>().is_none() {
        let found = clinic_type(vm, &name);
        let message = format!("typealias() argument 'name' must be str, not {found}");
        return Err(vm.type_error(message));
    }
    let params = match bound.get(2) {
        None => vm.new_tuple(Vec::new()),
        Some(params) if params.downcast::<Tuple>().is_some() => params.clone(),
        Some(_) => return Err(wrong_alias(vm, "type_params must be a tuple")),
    };
    if vm.version_number() >= 14 {
        check_alias_params(vm, &params)?;
    }
    let qualname = match bound.get(3) {
        None => name.clone(),
        Some(qualname) if qualname.is_none() => name.clone(),
        Some(qualname) if qualname.downcast::<Str>().is_some() => qualname.clone(),
        Some(_) => return Err(wrong_alias(vm, "qualname must be a string")),
    };
    let module = caller(vm);
    Ok(crate::object::type_alias::with_value(
        vm,
        [name, qualname],
        params,
        value,
        module,
    ))
}

/// Lets programs make what until 3.11 is written in Python.
pub(crate) fn ready_slots(vm: &mut Vm) {
    let types = &vm.types;
    types.type_var.slots.new.set(Some(new_type_var));
    types.param_spec.slots.new.set(Some(new_param_spec));
    types.type_var_tuple.slots.new.set(Some(new_type_var_tuple));
    types.type_alias.slots.new.set(Some(new_alias));
    let only = |vm: &mut Vm, _: &Ref<Type>, args: Args<'_>| match args.all_values() {
        [] => Ok(no_default(vm)),
        _ => Err(vm.type_error("NoDefaultType takes no arguments")),
    };
    types.no_default.slots.new.set(Some(only));
}

/// Adds methods and attributes.
pub(crate) fn ready(vm: &mut Vm) {
    let types = &vm.types;
    let (var, spec) = (types.type_var.clone(), types.param_spec.clone());
    let tuple = types.type_var_tuple.clone();
    vm.add_methods(&var, OF_TYPE_VAR);
    for ty in [&spec, &tuple] {
        vm.add_methods(ty, SUBSTITUTION);
    }
}
