//! From marshal's bytes to objects.

use std::collections::HashMap;

use pyco_code::{CodeObject, Constant, verify};
use pyco_exec::object::dict::Dict;
use pyco_exec::object::header::Ref;
use pyco_exec::object::set::Set;
use pyco_exec::{PyResult, Raised, Value, Vm};
use pyco_marshal::{Document, Error, ErrorKind, ReadOptions};

/// The first object of `bytes`, and how many bytes it takes.
pub(super) fn load(vm: &mut Vm, bytes: &[u8], allow_code: bool) -> PyResult<(Value, usize)> {
    vm.check_growth(bytes.len())?;
    let options = ReadOptions::new(super::write::python(vm));
    let document = match Document::decode_with(bytes, &options) {
        Ok(document) => document,
        Err(error) => return Err(refused(vm, &error)),
    };
    let used = bytes.len() - document.trailing().len();
    let value = match document.to_value() {
        Ok(value) => value,
        Err(error) => return Err(refused(vm, &error)),
    };
    let mut reader = Reader {
        allow_code,
        made: HashMap::new(),
    };
    Ok((reader.object(vm, &value)?, used))
}

/// The exception that CPython raises for such bytes.
fn refused(vm: &mut Vm, error: &Error) -> Raised {
    let eof = vm.types.eof_error.clone();
    let message = match error.kind() {
        ErrorKind::ExpectedObject => return vm.error(&eof, "EOF read where object expected"),
        ErrorKind::Truncated { .. } | ErrorKind::SizeTooLarge { .. } => {
            return vm.error(&eof, "marshal data too short");
        }
        ErrorKind::UnexpectedNull => {
            return vm.type_error("NULL object in marshal data for object");
        }
        ErrorKind::UnknownTypeCode(_) => "unknown type code".to_owned(),
        ErrorKind::InvalidReference { .. } | ErrorKind::UnfinishedReference { .. } => {
            "invalid reference".to_owned()
        }
        ErrorKind::NegativeSize { what, .. } => format!("{what} out of range"),
        ErrorKind::DigitOutOfRange(_) => "digit out of range in long".to_owned(),
        ErrorKind::UnnormalizedLong => "unnormalized long data".to_owned(),
        ErrorKind::LongSizeOutOfRange(_) => "long size out of range".to_owned(),
        ErrorKind::TooDeep(_) => return vm.value_error("recursion limit exceeded"),
        other => other.to_string(),
    };
    vm.value_error(format!("bad marshal data ({message})"))
}

struct Reader {
    allow_code: bool,
    /// What several places of the bytes refer to is one object, by the address of its items.
    made: HashMap<usize, Value>,
}

impl Reader {
    fn object(&mut self, vm: &mut Vm, value: &pyco_marshal::Value) -> PyResult {
        use pyco_marshal::Value as Read;
        let address = match value {
            Read::Tuple(items) | Read::List(items) | Read::Set(items) | Read::FrozenSet(items)
                if !items.is_empty() =>
            {
                items.as_ptr() as usize
            }
            Read::Dict(pairs) | Read::FrozenDict(pairs) if !pairs.is_empty() => {
                pairs.as_ptr() as usize
            }
            Read::Code(raw) => std::sync::Arc::as_ptr(raw) as usize,
            _ => 0,
        };
        if let Some(made) = self.made.get(&address) {
            return Ok(made.clone());
        }
        vm.enter(" while unmarshalling an object")?;
        let made = self.new_object(vm, value);
        vm.leave();
        let made = made?;
        if address != 0 {
            self.made.insert(address, made.clone());
        }
        Ok(made)
    }

    fn new_object(&mut self, vm: &mut Vm, value: &pyco_marshal::Value) -> PyResult {
        use pyco_marshal::Value as Read;
        let leaf = match value {
            Read::None => Constant::None,
            Read::StopIteration => Constant::StopIteration,
            Read::Ellipsis => Constant::Ellipsis,
            Read::Bool(truth) => Constant::Bool(*truth),
            Read::Int(int) => Constant::Int(int.clone()),
            Read::Float(x) => Constant::Float(*x),
            Read::Complex(real, imag) => Constant::Complex(*real, *imag),
            Read::Bytes(bytes) => Constant::Bytes(bytes.clone()),
            Read::Str(text) => Constant::Str(text.clone()),
            Read::Tuple(items) => {
                let items = self.objects(vm, items)?;
                return Ok(vm.new_tuple(items));
            }
            Read::List(items) => {
                let items = self.objects(vm, items)?;
                return Ok(vm.new_list(items));
            }
            Read::Set(items) => {
                let items = self.objects(vm, items)?;
                let set = Set::new(vm);
                for item in items {
                    set.add(vm, item)?;
                }
                return Ok(Value::from(&set));
            }
            Read::FrozenSet(items) => {
                let items = self.objects(vm, items)?;
                return Set::frozen(vm, items);
            }
            Read::Dict(pairs) => {
                let dict: Ref<Dict> = Dict::new(vm);
                for (key, item) in pairs.iter() {
                    let (key, item) = (self.object(vm, key)?, self.object(vm, item)?);
                    dict.set(vm, key, item)?;
                }
                return Ok(Value::from(&dict));
            }
            Read::Slice(slice) => {
                let start = self.object(vm, slice.start())?;
                let stop = self.object(vm, slice.stop())?;
                let step = self.object(vm, slice.step())?;
                return Ok(vm.new_slice(start, stop, step));
            }
            Read::Code(raw) => return self.code(vm, raw),
            other => {
                let what = format!("marshal of a {}", other.type_name());
                return Err(vm.not_implemented(what));
            }
        };
        vm.constant(&leaf)
    }

    fn objects(&mut self, vm: &mut Vm, items: &[pyco_marshal::Value]) -> PyResult<Vec<Value>> {
        items.iter().map(|item| self.object(vm, item)).collect()
    }

    fn code(&mut self, vm: &mut Vm, raw: &std::sync::Arc<pyco_marshal::RawCode>) -> PyResult {
        if !self.allow_code {
            return Err(vm.value_error("unmarshalling code objects is disallowed"));
        }
        let code = CodeObject::from_raw(vm.version(), raw)
            .map_err(|error| vm.value_error(format!("bad marshal data ({error})")))?;
        let verified =
            verify(&code).map_err(|error| vm.value_error(format!("bad marshal data ({error})")))?;
        Ok(Value::from(&vm.new_code(verified)?))
    }
}
