//! From objects to marshal's bytes.

use std::collections::HashMap;

use pyco_code::Constant;
use pyco_exec::object::buffer::data;
use pyco_exec::object::code::Code;
use pyco_exec::object::code_new::constant_of;
use pyco_exec::object::dict::Dict;
use pyco_exec::object::list::List;
use pyco_exec::object::set::Set;
use pyco_exec::object::slice::Slice;
use pyco_exec::object::tuple::Tuple;
use pyco_exec::{PyResult, Raised, Value, Vm};
use pyco_marshal::{Style, Value as Written, Version, WriteOptions};

/// The Python whose format is written and read.
pub(super) fn python(vm: &Vm) -> Version {
    Version::new(3, vm.version().minor())
}

/// The bytes of a value, as this Python's `marshal` flags them.
pub(super) fn dump(
    vm: &mut Vm,
    value: &Value,
    version: i64,
    allow_code: bool,
) -> PyResult<Vec<u8>> {
    let mut writer = Writer {
        allow_code,
        version,
        made: HashMap::new(),
    };
    let written = writer.object(vm, value, 0)?;
    let python = python(vm);
    let newest = python.marshal_version();
    let version = u8::try_from(version.max(0)).map_or(newest, |version| version.min(newest));
    let options = WriteOptions::new(python)
        .with_style(Style::Cpython)
        .with_marshal_version(version);
    written.to_marshal(&options).map_err(|_| unmarshallable(vm))
}

fn unmarshallable(vm: &mut Vm) -> Raised {
    vm.value_error("unmarshallable object")
}

/// As deep as CPython writes.
const MAX_DEPTH: u32 = 2000;

struct Writer {
    allow_code: bool,
    version: i64,
    /// What is met again is the same object in the bytes, by its identity.
    made: HashMap<u64, Written>,
}

impl Writer {
    fn object(&mut self, vm: &mut Vm, value: &Value, depth: u32) -> PyResult<Written> {
        if depth > MAX_DEPTH {
            return Err(vm.value_error("object too deeply nested to marshal"));
        }
        // Numbers that lie in the value have no identity; equal ones are not one object.
        let is_inline = value.as_small_int().is_some() || value.as_float().is_some();
        if is_inline {
            return self.new_object(vm, value, depth);
        }
        if let Some(made) = self.made.get(&value.id()) {
            return Ok(made.clone());
        }
        let made = self.new_object(vm, value, depth)?;
        self.made.insert(value.id(), made.clone());
        Ok(made)
    }

    fn new_object(&mut self, vm: &mut Vm, value: &Value, depth: u32) -> PyResult<Written> {
        if let Some(code) = value.downcast::<Code>() {
            if !self.allow_code {
                return Err(vm.value_error("marshalling code objects is disallowed"));
            }
            return Ok(code.code().code_object().to_value());
        }
        if let Some(list) = value.downcast::<List>().filter(|list| list.is_exact()) {
            let items = list.items(vm).to_vec();
            return Ok(Written::List(self.objects(vm, &items, depth)?.into()));
        }
        if let Some(tuple) = value.downcast::<Tuple>().filter(|tuple| tuple.is_exact()) {
            let items = tuple.items().to_vec();
            return Ok(Written::Tuple(self.objects(vm, &items, depth)?.into()));
        }
        if let Some(dict) = value.downcast::<Dict>().filter(|dict| dict.is_exact()) {
            let mut pairs = Vec::new();
            for (key, item) in dict.items(vm) {
                let key = self.object(vm, &key, depth + 1)?;
                pairs.push((key, self.object(vm, &item, depth + 1)?));
            }
            return Ok(Written::Dict(pairs.into_iter().collect()));
        }
        if let Some(set) = value.downcast::<Set>().filter(|set| set.is_exact()) {
            let name = vm.type_name(value);
            let items = set.items(vm);
            let items = self.objects(vm, &items, depth)?.into();
            return Ok(match name.as_ref() {
                "set" => Written::Set(items),
                _ => Written::FrozenSet(items),
            });
        }
        if let Some(slice) = value.downcast::<Slice>() {
            if self.version < 5 {
                return Err(unmarshallable(vm));
            }
            let [start, stop, step] = slice.parts().map(Clone::clone);
            let start = self.object(vm, &start, depth + 1)?;
            let stop = self.object(vm, &stop, depth + 1)?;
            let step = self.object(vm, &step, depth + 1)?;
            return Ok(Written::Slice(pyco_marshal::Slice::new(start, stop, step)));
        }
        if value.is(vm.types.stop_iteration.as_value()) {
            return Ok(Written::StopIteration);
        }
        Ok(match constant_of(vm, value, 0) {
            Some(Constant::None) => Written::None,
            Some(Constant::Ellipsis) => Written::Ellipsis,
            Some(Constant::Bool(truth)) => Written::Bool(truth),
            Some(Constant::Int(int)) => Written::Int(int),
            Some(Constant::Float(x)) => Written::Float(x),
            Some(Constant::Complex(real, imag)) => Written::Complex(real, imag),
            Some(Constant::Str(text)) => Written::Str(text),
            Some(Constant::Bytes(bytes)) => Written::Bytes(bytes),
            _ if pyco_exec::object::buffer::is_bytes_like(vm, value) => {
                Written::Bytes(data(vm, value).to_vec().into())
            }
            _ => return Err(unmarshallable(vm)),
        })
    }

    fn objects(&mut self, vm: &mut Vm, items: &[Value], depth: u32) -> PyResult<Vec<Written>> {
        let objects = items.iter().map(|item| self.object(vm, item, depth + 1));
        objects.collect()
    }
}
