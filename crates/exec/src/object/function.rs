//! Python functions, bound methods and the cells of closures.

use crate::cell::ValueCell;
use crate::error::PyResult;
use crate::object::code::Code;
use crate::object::dict::Dict;
use crate::object::header::{Kind, Payload, Ref};
use crate::object::tuple::Tuple;
use crate::value::Value;
use crate::vm::Vm;

/// A Python function: a code object with globals, defaults and closure.
pub struct Function {
    /// The code object; replaced codes are kept in `retired`, since frames that run them borrow them.
    pub(crate) code: ValueCell,
    retired: ValueCell,
    pub(crate) globals: Ref<Dict>,
    pub(crate) builtins: Ref<Dict>,
    pub(crate) name: ValueCell,
    pub(crate) qualname: ValueCell,
    pub(crate) module: ValueCell,
    pub(crate) doc: ValueCell,
    /// A tuple, or nothing.
    pub(crate) defaults: ValueCell,
    /// A dict, or nothing.
    pub(crate) kwdefaults: ValueCell,
    /// A tuple of cells, or nothing.
    pub(crate) closure: ValueCell,
    pub(crate) annotations: ValueCell,
    /// 3.14's `__annotate__`.
    pub(crate) annotate: ValueCell,
    pub(crate) type_params: ValueCell,
    pub(crate) dict: ValueCell,
}

impl Payload for Function {
    const KIND: Kind = Kind::Function;

    fn traverse(&self, visit: &mut dyn FnMut(&Value)) {
        visit(self.globals.as_value());
        visit(self.builtins.as_value());
        for cell in self.cells() {
            cell.traverse(visit);
        }
    }

    fn clear(&self) {
        // The code and the names stay: a frame may still run this function.
        for cell in [
            &self.defaults,
            &self.kwdefaults,
            &self.closure,
            &self.annotations,
            &self.annotate,
            &self.dict,
        ] {
            cell.set(None);
        }
    }
}

impl Function {
    /// A new function, as MAKE_FUNCTION makes it.
    #[allow(clippy::new_ret_no_self)]
    pub(crate) fn new(
        vm: &mut Vm,
        code: Ref<Code>,
        globals: Ref<Dict>,
        builtins: Ref<Dict>,
    ) -> Ref<Function> {
        let module = globals.get_str(vm, &vm.names.__name__);
        let (name, qualname, doc) = (code.name_value(), code.qualname_value(), code.docstring());
        let function = Function {
            code: ValueCell::new(Some(Value::from(code))),
            retired: ValueCell::new(None),
            globals,
            builtins,
            name: ValueCell::new(Some(name)),
            qualname: ValueCell::new(Some(qualname)),
            module: ValueCell::new(module),
            doc: ValueCell::new(doc),
            defaults: ValueCell::new(None),
            kwdefaults: ValueCell::new(None),
            closure: ValueCell::new(None),
            annotations: ValueCell::new(None),
            annotate: ValueCell::new(None),
            type_params: ValueCell::new(None),
            dict: ValueCell::new(None),
        };
        Ref::new(&vm.types.function, function)
    }

    fn cells(&self) -> [&ValueCell; 13] {
        [
            &self.code,
            &self.retired,
            &self.name,
            &self.qualname,
            &self.module,
            &self.doc,
            &self.defaults,
            &self.kwdefaults,
            &self.closure,
            &self.annotations,
            &self.annotate,
            &self.type_params,
            &self.dict,
        ]
    }

    /// The code object.
    #[inline(always)]
    pub(crate) fn code(&self) -> &Ref<Code> {
        // SAFETY: `set_code` is the only writer; it keeps the old code alive in `retired`, and the cell is never empty.
        unsafe {
            (*self.code.as_ptr())
                .as_ref()
                .and_then(|c| c.downcast())
                .unwrap_unchecked()
        }
    }

    /// Attaches another code object.
    pub(crate) fn set_code(&self, vm: &mut Vm, code: Ref<Code>) {
        let old = self.code.replace(Some(Value::from(code)));
        let kept: Vec<Value> = self.retired.take().into_iter().chain(old).collect();
        let kept = vm.new_tuple(kept);
        self.retired.set(Some(kept));
    }

    /// The `__dict__`, made at first need.
    pub(crate) fn make_dict(&self, vm: &mut Vm) -> Ref<Dict> {
        if let Some(dict) = self.dict.get().and_then(|d| d.into_ref().ok()) {
            return dict;
        }
        let dict = Dict::new(vm);
        self.dict.set(Some(Value::from(&dict)));
        dict
    }

    /// The default values of the last positional parameters.
    pub(crate) fn default_values(&self) -> Option<Ref<Tuple>> {
        self.defaults.get().and_then(|d| d.into_ref().ok())
    }

    /// The default values of keyword-only parameters.
    pub(crate) fn keyword_defaults(&self) -> Option<Ref<Dict>> {
        self.kwdefaults.get().and_then(|d| d.into_ref().ok())
    }
}

/// A function bound to its first argument.
pub struct Method {
    pub(crate) function: Value,
    pub(crate) this: Value,
}

impl Payload for Method {
    const KIND: Kind = Kind::Method;

    fn traverse(&self, visit: &mut dyn FnMut(&Value)) {
        visit(&self.function);
        visit(&self.this);
    }
}

impl Vm {
    /// A bound method.
    #[inline]
    pub fn new_method(&self, function: Value, this: Value) -> Value {
        Value::from(Ref::new(&self.types.method, Method { function, this }))
    }
}

/// `function.__get__`.
pub(crate) fn function_descr_get(
    vm: &mut Vm,
    this: &Value,
    instance: Option<&Value>,
    _owner: Option<&Value>,
) -> PyResult {
    match instance {
        Some(instance) => Ok(vm.new_method(this.clone(), instance.clone())),
        None => Ok(this.clone()),
    }
}

/// A variable that closures share.
pub struct Cell {
    pub(crate) value: ValueCell,
}

impl Payload for Cell {
    const KIND: Kind = Kind::Cell;

    fn traverse(&self, visit: &mut dyn FnMut(&Value)) {
        self.value.traverse(visit);
    }

    fn clear(&self) {
        self.value.set(None);
    }
}

impl Cell {
    /// A new cell.
    #[allow(clippy::new_ret_no_self)]
    pub(crate) fn new(vm: &Vm, value: Option<Value>) -> Ref<Cell> {
        Ref::new(
            &vm.types.cell,
            Cell {
                value: ValueCell::new(value),
            },
        )
    }
}
