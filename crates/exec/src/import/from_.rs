//! `from module import name` and `from module import *`, and why a module may lack a name.

use std::path::Path;

use super::{IMPORT_NAME_FIELD, IMPORT_NAME_FROM_FIELD, IMPORT_PATH_FIELD, find_loaded};
use crate::error::PyResult;
use crate::eval::frame::Frame;
use crate::object::header::Ref;
use crate::object::lazy_import;
use crate::object::str_::Str;
use crate::traceback::suggestions;
use crate::value::Value;
use crate::vm::Vm;

/// IMPORT_FROM.
pub(crate) fn import_from(vm: &mut Vm, module: &Value, name: &Ref<Str>) -> PyResult {
    if let Some(lazy) = lazy_import::attribute_of(vm, module, name)? {
        return Ok(lazy);
    }
    if let Some(value) = vm.get_attr_opt(module, name)? {
        return Ok(value);
    }
    let (name_key, file_key) = (vm.names.__name__.clone(), vm.names.__file__.clone());
    let module_name = vm.get_attr_opt(module, &name_key)?;
    let module_name = module_name.and_then(|n| n.downcast::<Str>().map(|n| n.to_string()));
    if let Some(module_name) = &module_name
        && let Some(found) = find_loaded(vm, &format!("{module_name}.{name}"))?
    {
        return Ok(found);
    }
    let shown = module_name
        .clone()
        .unwrap_or_else(|| "<unknown module name>".to_owned());
    let file = vm
        .get_attr_opt(module, &file_key)?
        .and_then(|f| f.downcast::<Str>().map(|f| f.to_string()));
    let location = file.as_deref().unwrap_or("unknown location");
    let message = match why_incomplete(vm, module, &shown, file.as_deref()) {
        Some(Incomplete::ShadowsStandard(advice)) => {
            format!("cannot import name '{name}' from '{shown}' ({advice})")
        }
        Some(Incomplete::MayShadow(advice)) => {
            format!("cannot import name '{name}' from '{shown}' ({advice})")
        }
        Some(Incomplete::Circular) => format!(
            "cannot import name '{name}' from partially initialized module '{shown}' \
             (most likely due to a circular import) ({location})"
        ),
        None => format!("cannot import name '{name}' from '{shown}' ({location})"),
    };
    let raised = vm.error(&vm.types.import_error.clone(), message);
    if let Some(module_name) = module_name {
        let value = vm.new_str(&module_name);
        raised.0.set_field(vm, IMPORT_NAME_FIELD, Some(value));
    }
    if let Some(file) = file {
        let value = vm.new_str(&file);
        raised.0.set_field(vm, IMPORT_PATH_FIELD, Some(value));
    }
    if vm.version_number() >= 12 {
        raised
            .0
            .set_field(vm, IMPORT_NAME_FROM_FIELD, Some(Value::from(name)));
    }
    Err(raised)
}

/// Why a module may lack an attribute that it seems to have; the text is advice.
pub(crate) enum Incomplete {
    /// Its file hides a module of the standard library.
    ShadowsStandard(String),
    /// It is being imported, from the program's own folder.
    MayShadow(String),
    /// It is being imported.
    Circular,
}

/// Why the module `name`, loaded from `file`, may lack an attribute.
pub(crate) fn why_incomplete(
    vm: &mut Vm,
    module: &Value,
    name: &str,
    file: Option<&str>,
) -> Option<Incomplete> {
    let has_advice = vm.version_number() >= 13;
    let is_own = |vm: &Vm, file: &str| {
        let folder = vm.host.module_path.first();
        folder.is_some_and(|folder| Path::new(file).parent() == Some(folder))
    };
    let own_file = file.filter(|file| has_advice && is_own(vm, file));
    if let Some(file) = own_file
        && suggestions::is_stdlib_module(vm.traceback_version(), name)
    {
        return Some(Incomplete::ShadowsStandard(format!(
            "consider renaming '{file}' since it has the same name as the standard library module \
             named '{name}' and prevents importing that standard library module"
        )));
    }
    if !vm.loading.iter().any(|l| l.as_value().is(module)) {
        return None;
    }
    Some(match own_file {
        Some(file) => Incomplete::MayShadow(format!(
            "consider renaming '{file}' if it has the same name as a library you intended to import"
        )),
        None => Incomplete::Circular,
    })
}

/// `from module import *`.
pub(crate) fn import_star(vm: &mut Vm, frame: &Frame, module: &Value) -> PyResult<()> {
    let Some(namespace) = frame.names() else {
        return Err(vm.error(
            &vm.types.system_error.clone(),
            "no locals found during 'import *'",
        ));
    };
    let all_key = vm.names.__all__.clone();
    let all = vm.get_attr_opt(module, &all_key)?;
    let skip_private = all.is_none();
    let names = match all {
        Some(all) => vm.collect(&all)?,
        None => {
            let dict_key = vm.names.__dict__.clone();
            match vm.get_attr_opt(module, &dict_key)? {
                Some(dict) => vm.collect(&dict)?,
                None => {
                    let message = "from-import-* object has no __dict__ and no __all__";
                    return Err(vm.error(&vm.types.import_error.clone(), message));
                }
            }
        }
    };
    for name in names {
        let Some(text) = name.downcast::<Str>().cloned() else {
            let found = vm.type_name(&name);
            return Err(vm.type_error(format!("Item in __all__ must be str, not {found}")));
        };
        if skip_private && text.view().get(0) == Some('_' as u32) {
            continue;
        }
        let key = vm.intern_ref(&text);
        let value = vm.get_attr(module, &key)?;
        vm.set_item(&namespace, &name, value)?;
    }
    Ok(())
}
