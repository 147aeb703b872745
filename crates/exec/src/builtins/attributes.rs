//! Attributes and namespaces: `getattr` and its like, `dir`, `vars`, `globals`, `locals`.

use pyco_code::LocalKind;

use crate::error::{PyResult, Raised};
use crate::object::dict::Dict;
use crate::object::frame_locals;
use crate::object::native::NativeDef;
use crate::object::stand_in;
use crate::value::Value;
use crate::vm::Vm;

pub(super) static FUNCTIONS: &[NativeDef] = &[
    NativeDef::range("delattr", 2, 2, del_attr).signature("($module, obj, name, /)"),
    NativeDef::range("dir", 0, 1, dir),
    NativeDef::range("getattr", 2, 3, get_attr),
    NativeDef::no_args("globals", globals).signature("($module, /)"),
    NativeDef::range("hasattr", 2, 2, has_attr).signature("($module, obj, name, /)"),
    NativeDef::no_args("locals", |vm, _| vm.current_locals()).signature("($module, /)"),
    NativeDef::range("setattr", 3, 3, set_attr).signature("($module, obj, name, value, /)"),
    NativeDef::range("vars", 0, 1, vars),
];

fn get_attr(vm: &mut Vm, _this: &Value, args: &[Value]) -> PyResult {
    let name = vm.attribute_name(&args[1])?;
    match args.get(2) {
        None => vm.get_attr(&args[0], &name),
        Some(default) => Ok(vm
            .get_attr_opt(&args[0], &name)?
            .unwrap_or_else(|| default.clone())),
    }
}

fn has_attr(vm: &mut Vm, _this: &Value, args: &[Value]) -> PyResult {
    let name = vm.attribute_name(&args[1])?;
    Ok(Value::bool(vm.get_attr_opt(&args[0], &name)?.is_some()))
}

fn set_attr(vm: &mut Vm, _this: &Value, args: &[Value]) -> PyResult {
    let name = vm.attribute_name(&args[1])?;
    vm.set_attr(&args[0], &name, Some(args[2].clone()))?;
    Ok(Value::NONE)
}

fn del_attr(vm: &mut Vm, _this: &Value, args: &[Value]) -> PyResult {
    let name = vm.attribute_name(&args[1])?;
    vm.set_attr(&args[0], &name, None)?;
    Ok(Value::NONE)
}

fn dir(vm: &mut Vm, _this: &Value, args: &[Value]) -> PyResult {
    let names = match args.first() {
        None => {
            let locals = vm.current_locals()?;
            let keys = vm.names.keys.clone();
            vm.call_method(&locals, &keys, &[])?
        }
        Some(object) => {
            let name = vm.names.__dir__.clone();
            match vm.call_special_opt(object, &name, &[])? {
                Some(names) => names,
                None => return Err(vm.type_error("object does not provide __dir__")),
            }
        }
    };
    let names = vm.collect(&names)?;
    let names = vm.new_list(names);
    let sort = vm.intern("sort");
    vm.call_method(&names, &sort, &[])?;
    Ok(names)
}

fn vars(vm: &mut Vm, _this: &Value, args: &[Value]) -> PyResult {
    let Some(object) = args.first() else {
        return vm.current_locals();
    };
    let name = vm.names.__dict__.clone();
    match vm.get_attr_opt(object, &name)? {
        Some(dict) => Ok(dict),
        None => Err(vm.type_error("vars() argument must have __dict__ attribute")),
    }
}

fn globals(vm: &mut Vm, _this: &Value) -> PyResult {
    match vm.current_globals() {
        Some(globals) => Ok(stand_in::real(vm, &globals)),
        None => Err(no_frame(vm, "globals")),
    }
}

#[cold]
fn no_frame(vm: &mut Vm, what: &str) -> Raised {
    let ty = vm.types.system_error.clone();
    vm.error(&ty, format!("{what} do not exist"))
}

impl Vm {
    /// `locals()`: a class body's or module's own namespace, or a snapshot of a function's variables.
    pub(crate) fn current_locals(&mut self) -> PyResult {
        let Some(frame) = self.current_frame_object() else {
            return Err(no_frame(self, "locals"));
        };
        let namespace = frame.namespace.get();
        match namespace {
            Some(namespace) if !frame.has_hidden_locals(self) => return Ok(namespace),
            Some(namespace) if self.version_number() == 12 => {
                let dict = self.types.dict.clone();
                let dict = self.call(dict.as_value(), &[namespace])?;
                if let Some(dict) = dict.downcast::<Dict>() {
                    for (key, value) in frame_locals::snapshot(self, &frame).items(self) {
                        dict.set(self, key, value)?;
                    }
                }
                return Ok(dict);
            }
            _ if self.version_number() >= 13 => {
                return Ok(Value::from(frame_locals::snapshot(self, &frame)));
            }
            _ => {}
        }
        let values = frame.local_values(self);
        let code = frame.code.clone();
        let dict = Dict::new(self);
        for (index, (name, value)) in code.local_names().iter().zip(values).enumerate() {
            let is_hidden = code.code().local_kind(index).contains(LocalKind::HIDDEN);
            if let Some(value) = value.filter(|_| !is_hidden) {
                dict.set_str(self, name, value);
            }
        }
        Ok(Value::from(dict))
    }
}
