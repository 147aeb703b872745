//! The methods of `object`.

use crate::call::Args;
use crate::error::PyResult;
use crate::object::dict::Dict;
use crate::object::header::Ref;
use crate::object::module_methods;
use crate::object::native::{GetSetDef, NativeDef};
use crate::object::str_::Str;
use crate::object::text_args::clinic_type;
use crate::object::type_::Type;
use crate::object::type_bases;
use crate::value::Value;
use crate::vm::Vm;

fn get_class(vm: &mut Vm, this: &Value) -> PyResult {
    Ok(Value::from(vm.type_of(this)))
}

fn set_class(vm: &mut Vm, this: &Value, value: Option<Value>) -> PyResult<()> {
    let Some(value) = value else {
        return Err(vm.type_error("can't delete __class__ attribute"));
    };
    let Some(class) = value.downcast::<Type>().cloned() else {
        let found = vm.type_name(&value);
        let message = format!("__class__ must be set to a class, not '{found}' object");
        return Err(vm.type_error(message));
    };
    let old = vm.type_of(this).clone();
    let are_modules = type_bases::both_modules(vm, &old, &class);
    if (class.is_built_in() || old.is_built_in()) && !are_modules {
        let message =
            "__class__ assignment only supported for mutable types or ModuleType subclasses";
        return Err(vm.type_error(message));
    }
    type_bases::check_layouts(vm, &old, &class, "__class__")?;
    if let Some(header) = this.header() {
        // Shapes belong to a class, so the attributes leave their row.
        vm.instance_dict(this);
        header.set_type(class);
    }
    Ok(())
}

static ATTRIBUTES: &[GetSetDef] = &[GetSetDef::get_set("__class__", get_class, set_class)];

fn init_subclass(vm: &mut Vm, this: &Value, args: Args<'_>) -> PyResult {
    if args.all_values().is_empty() {
        return Ok(Value::NONE);
    }
    let name = this
        .downcast::<Type>()
        .map_or_else(|| "object".into(), |ty| ty.name());
    if args.has_keywords() {
        return Err(vm.type_error(format!(
            "{name}.__init_subclass__() takes no keyword arguments"
        )));
    }
    let given = args.positional().len();
    Err(vm.type_error(format!(
        "{name}.__init_subclass__() takes no arguments ({given} given)"
    )))
}

fn subclass_hook(_vm: &mut Vm, _this: &Value, _args: Args<'_>) -> PyResult {
    Ok(Value::NOT_IMPLEMENTED)
}

fn format(vm: &mut Vm, this: &Value, spec: &Value) -> PyResult {
    match spec.downcast::<Str>() {
        Some(spec) if spec.is_empty() => vm.str(this),
        Some(_) => {
            let name = vm.type_name(this);
            Err(vm.type_error(format!(
                "unsupported format string passed to {name}.__format__"
            )))
        }
        None => {
            let found = clinic_type(vm, spec);
            Err(vm.type_error(format!("__format__() argument must be str, not {found}")))
        }
    }
}

fn dir(vm: &mut Vm, this: &Value) -> PyResult {
    let mut names: Vec<Value> = Vec::new();
    let (dict_key, class_key) = (vm.names.__dict__.clone(), vm.names.__class__.clone());
    let dict = vm.get_attr_opt(this, &dict_key)?;
    if let Some(dict) = dict.as_ref().and_then(|dict| dict.downcast::<Dict>()) {
        names.extend(dict.items(vm).into_iter().map(|(key, _)| key));
    }
    if let Some(class) = vm.get_attr_opt(this, &class_key)? {
        match class.downcast::<Type>() {
            Some(class) => class_names(vm, class, &mut names),
            None => names_of_no_type(vm, &class, &mut names)?,
        }
    }
    unique(vm, names)
}

/// The names in the dict and the bases that something has which only looks like a class.
fn names_of_no_type(vm: &mut Vm, class: &Value, names: &mut Vec<Value>) -> PyResult<()> {
    let (dict_key, bases_key) = (vm.names.__dict__.clone(), vm.intern("__bases__"));
    if let Some(dict) = vm.get_attr_opt(class, &dict_key)? {
        let keys = vm.names.keys.clone();
        let keys = vm.call_method(&dict, &keys, &[])?;
        names.extend(vm.collect(&keys)?);
    }
    let Some(bases) = vm.get_attr_opt(class, &bases_key)? else {
        return Ok(());
    };
    vm.enter(" in __dir__")?;
    let mut result = Ok(());
    for base in vm.collect(&bases)? {
        result = match base.downcast::<Type>() {
            Some(base) => {
                class_names(vm, base, names);
                Ok(())
            }
            None => names_of_no_type(vm, &base, names),
        };
        if result.is_err() {
            break;
        }
    }
    vm.leave();
    result
}

/// The names in a class's dict and its bases'.
fn class_names(vm: &mut Vm, class: &Ref<Type>, names: &mut Vec<Value>) {
    for ty in class.mro(vm).to_vec() {
        names.extend(ty.dict(vm).items(vm).into_iter().map(|(key, _)| key));
    }
}

fn unique(vm: &mut Vm, names: Vec<Value>) -> PyResult {
    let dict = crate::object::dict::Dict::new(vm);
    for name in names {
        dict.set(vm, name, Value::NONE)?;
    }
    let names = dict.items(vm).into_iter().map(|(key, _)| key).collect();
    Ok(vm.new_list(names))
}

fn class_dir(vm: &mut Vm, this: &Value) -> PyResult {
    let mut names = Vec::new();
    if let Some(class) = this.downcast::<Type>() {
        class_names(vm, class, &mut names);
    }
    unique(vm, names)
}

fn size_of(vm: &mut Vm, this: &Value) -> PyResult {
    Ok(vm.int(this.header().map_or(0, |_| 16)))
}

static METHODS: &[NativeDef] = &[
    NativeDef::any("__init_subclass__", init_subclass).class(),
    NativeDef::any("__subclasshook__", subclass_hook).class(),
    NativeDef::one("__format__", format).signature("($self, format_spec, /)"),
    NativeDef::no_args("__dir__", dir).signature("($self, /)"),
    NativeDef::no_args("__sizeof__", size_of).signature("($self, /)"),
];

static TYPE_METHODS: &[NativeDef] =
    &[NativeDef::no_args("__dir__", class_dir).signature("($self, /)")];

/// Adds methods and attributes.
pub(crate) fn ready(vm: &mut Vm) {
    let object = vm.types.object.clone();
    vm.add_methods(&object, METHODS);
    vm.add_methods(&object, super::object_reduce::METHODS);
    vm.add_attributes(&object, ATTRIBUTES);
    let ty = vm.types.type_.clone();
    vm.add_methods(&ty, TYPE_METHODS);
    let module = vm.types.module.clone();
    vm.add_methods(&module, module_methods::METHODS);
}
