//! `TypeVar(…)`, `ParamSpec(…)`, `TypeVarTuple(…)` and `TypeAliasType(…)` called by name, and what such objects leave to the module
//! `typing`: checks, substitution, `Generic`.

use crate::call::Args;
use crate::error::{PyResult, Raised};
use crate::object::header::Ref;
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

    fn bound(&self, vm: &mut Vm) -> PyResult<Option<Value>> {
        match self.get("bound").filter(|bound| !bound.is_none()) {
            Some(bound) => {
                let message = vm.new_str("Bound must be a type.");
                Ok(Some(vm.call_typing("_type_check", &[bound, message])?))
            }
            None => Ok(None),
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
    let bound = given.bound(vm)?;
    let constraints = match given.rest.len() {
        0 => None,
        1 => return Err(vm.type_error("A single constraint is not allowed")),
        _ if bound.is_some() => {
            return Err(vm.type_error("Constraints cannot be combined with bound=..."));
        }
        _ => Some(vm.new_tuple(given.rest.clone())),
    };
    let made = vm.type_param(ParamKind::TypeVar, given.name.clone(), None, None);
    finish(&made, variance, bound, constraints, given.default());
    Ok(made)
}

fn new_param_spec(vm: &mut Vm, _ty: &Ref<Type>, args: Args<'_>) -> PyResult {
    let names = known(vm, &VARIANCE);
    let given = Given::of(vm, "paramspec", args, &names)?;
    given.only_name(vm)?;
    let variance = given.variance(vm)?;
    let bound = given.bound(vm)?;
    let made = vm.type_param(ParamKind::ParamSpec, given.name.clone(), None, None);
    finish(&made, variance, bound, None, given.default());
    Ok(made)
}

fn new_type_var_tuple(vm: &mut Vm, _ty: &Ref<Type>, args: Args<'_>) -> PyResult {
    let names = known(vm, &["default"]);
    let given = Given::of(vm, "typevartuple", args, &names)?;
    given.only_name(vm)?;
    let made = vm.type_param(ParamKind::TypeVarTuple, given.name.clone(), None, None);
    finish(&made, [false; 3], None, None, given.default());
    Ok(made)
}

fn finish(
    made: &Value,
    variance: [bool; 3],
    bound: Option<Value>,
    constraints: Option<Value>,
    default: Option<Value>,
) {
    if let Some(param) = made.downcast::<TypeParam>() {
        param.variance.set(variance);
        param.bound.set(bound);
        param.constraints.set(constraints);
        param.default.set(default);
    }
}

/// How `repr` marks the variance.
pub(crate) fn mark(param: &TypeParam) -> &'static str {
    match (param.kind, param.variance.get()) {
        (ParamKind::TypeVarTuple, _) | (_, [_, _, true]) => "",
        (_, [true, ..]) => "+",
        (_, [_, true, _]) => "-",
        _ => "~",
    }
}

fn substitute(vm: &mut Vm, this: &Value, arg: &Value) -> PyResult {
    let name = match receiver::<TypeParam>(vm, this)?.kind {
        ParamKind::TypeVar => "_typevar_subst",
        ParamKind::ParamSpec => "_paramspec_subst",
        ParamKind::TypeVarTuple => {
            return Err(vm.type_error("Substitution of bare TypeVarTuple is not supported"));
        }
    };
    vm.call_typing(name, &[this.clone(), arg.clone()])
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
        return Err(vm.type_error("__typing_prepare_subst__ expected 2 arguments"));
    };
    vm.call_typing(name, &[this.clone(), alias.clone(), args.clone()])
}

fn prepare_type_var(vm: &mut Vm, param: &Ref<TypeParam>, this: &Value, args: &[Value]) -> PyResult {
    let [alias, args] = args else {
        return Err(vm.type_error("__typing_prepare_subst__ expected 2 arguments"));
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
            Err(vm.type_error(format!("Too few arguments for {alias}")))
        }
    }
}

static SUBSTITUTION: &[NativeDef] = &[
    NativeDef::one("__typing_subst__", substitute),
    NativeDef::range("__typing_prepare_subst__", 2, 2, prepare),
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
    static ALIAS: crate::call::Params =
        crate::call::Params::new(&["name", "value", "type_params"], 2).keyword_only(1);
    let bound = args.bind(vm, "typealias", &ALIAS)?;
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
    let key = vm.names.__name__.clone();
    let module = vm
        .current_globals()
        .and_then(|globals| globals.get_str(vm, &key));
    let module = module.unwrap_or(Value::NONE);
    Ok(crate::object::type_alias::with_value(
        vm, name, params, value, module,
    ))
}

/// Lets programs make what until 3.11 is written in Python.
pub(crate) fn ready_slots(vm: &mut Vm) {
    let types = &vm.types;
    types.type_var.slots.new.set(Some(new_type_var));
    types.param_spec.slots.new.set(Some(new_param_spec));
    types.type_var_tuple.slots.new.set(Some(new_type_var_tuple));
    types.type_alias.slots.new.set(Some(new_alias));
    let only = |vm: &mut Vm, _: &Ref<Type>, _: Args<'_>| Ok(no_default(vm));
    types.no_default.slots.new.set(Some(only));
}

/// Adds methods and attributes.
pub(crate) fn ready(vm: &mut Vm) {
    let types = &vm.types;
    let (var, spec) = (types.type_var.clone(), types.param_spec.clone());
    let tuple = types.type_var_tuple.clone();
    for ty in [&var, &spec, &tuple] {
        vm.add_methods(ty, SUBSTITUTION);
    }
}
