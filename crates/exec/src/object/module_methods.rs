//! The text and the names of a module.

use crate::error::PyResult;
use crate::import::machinery;
use crate::object::dict::Dict;
use crate::object::header::Ref;
use crate::object::module::Module;
use crate::object::native::NativeDef;
use crate::value::Value;
use crate::vm::Vm;

/// The attribute with this name, `None` where there is none.
fn attribute(vm: &mut Vm, object: &Value, name: &str) -> PyResult {
    let name = vm.intern(name);
    Ok(vm.get_attr_opt(object, &name)?.unwrap_or(Value::NONE))
}

/// `repr(module)`, as `importlib._bootstrap` words it.
pub(super) fn repr(vm: &mut Vm, this: &Value) -> PyResult {
    let spec = attribute(vm, this, "__spec__")?;
    let text = match vm.truth(&spec)? {
        true => repr_from_spec(vm, &spec)?,
        false => repr_without_spec(vm, this)?,
    };
    match text {
        Text::Own(text) => Ok(text),
        Text::Made(text) => Ok(vm.new_str(&text)),
    }
}

enum Text {
    /// What a loader says, up to 3.11.
    Own(Value),
    Made(String),
}

fn repr_without_spec(vm: &mut Vm, this: &Value) -> PyResult<Text> {
    let loader = attribute(vm, this, "__loader__")?;
    let own_repr = vm.intern("module_repr");
    if vm.version_number() < 12
        && let Some(method) = vm.get_attr_opt(&loader, &own_repr)?
        && let Ok(text) = vm.call(&method, std::slice::from_ref(this))
    {
        return Ok(Text::Own(text));
    }
    let (name_key, file_key) = (vm.names.__name__.clone(), vm.names.__file__.clone());
    let name = match vm.get_attr_opt(this, &name_key)? {
        Some(name) => vm.repr_text(&name)?,
        None => "'?'".to_owned(),
    };
    let is_native = |name: &str| {
        let name = name.trim_matches('\'');
        name == "builtins" || vm.native_modules.contains_key(name)
    };
    let is_native = is_native(&name);
    Ok(Text::Made(match vm.get_attr_opt(this, &file_key)? {
        Some(file) => format!("<module {name} from {}>", vm.repr_text(&file)?),
        None if loader.is_none() && is_native => format!("<module {name} (built-in)>"),
        None if loader.is_none() => format!("<module {name}>"),
        None => format!("<module {name} ({})>", vm.repr_text(&loader)?),
    }))
}

fn repr_from_spec(vm: &mut Vm, spec: &Value) -> PyResult<Text> {
    let (name, origin) = (vm.intern("name"), vm.intern("origin"));
    let name = vm.get_attr(spec, &name)?;
    let shown = match name.is_none() {
        true => "'?'".to_owned(),
        false => vm.repr_text(&name)?,
    };
    let origin = vm.get_attr(spec, &origin)?;
    if !origin.is_none() {
        let has_location = vm.intern("has_location");
        let has_location = vm.get_attr(spec, &has_location)?;
        return Ok(Text::Made(match vm.truth(&has_location)? {
            true => format!("<module {shown} from {}>", vm.repr_text(&origin)?),
            false => {
                let origin = vm.str(&origin)?;
                let (name, origin) = (vm.repr_text(&name)?, vm.display(&origin));
                format!("<module {name} ({origin})>")
            }
        }));
    }
    let loader = vm.intern("loader");
    let loader = vm.get_attr(spec, &loader)?;
    if loader.is_none() {
        return Ok(Text::Made(format!("<module {shown}>")));
    }
    let class = vm.short_type_name(&loader);
    let path = vm.intern("_path");
    if matches!(&*class, "NamespaceLoader" | "_NamespaceLoader")
        && let Some(path) = vm.get_attr_opt(&loader, &path)?
    {
        let path = vm.collect(&path)?;
        let path = vm.new_list(path);
        let path = vm.repr_text(&path)?;
        return Ok(Text::Made(format!(
            "<module {shown} (namespace) from {path}>"
        )));
    }
    let loader = vm.repr_text(&loader)?;
    Ok(Text::Made(format!("<module {shown} ({loader})>")))
}

/// `module.__dir__()`: what the module's own `__dir__` says, else the names in its dict.
fn dir(vm: &mut Vm, this: &Value) -> PyResult {
    let name = vm.names.__dict__.clone();
    let dict = vm.get_attr(this, &name)?;
    let Some(dict): Option<Ref<Dict>> = dict.into_ref().ok() else {
        return Err(vm.type_error("<module>.__dict__ is not a dictionary"));
    };
    let name = vm.names.__dir__.clone();
    if let Some(function) = dict.get_str(vm, &name) {
        return vm.call(&function, &[]);
    }
    let mut names: Vec<Value> = dict.items(vm).into_iter().map(|(key, _)| key).collect();
    if let Some(module) = this.downcast::<Module>().filter(|_| !names.is_empty())
        && machinery::lacks_spec(vm, module)
    {
        // They come when someone asks for them.
        names.extend(["__loader__", "__spec__"].map(|name| vm.new_str(name)));
    }
    Ok(vm.new_list(names))
}

pub(super) static METHODS: &[NativeDef] = &[NativeDef::no_args("__dir__", dir)];
