//! `lazy_import` (3.15): what `lazy import` and `lazy from` bind, in place of what they will import at first use as a global.
//!
//! Invariant: a namespace never gives one away by a cached index: storing one makes the caches of the namespace forget.

use crate::cell::ValueCell;
use crate::error::{PyResult, Raised};
use crate::import::{import_from, import_module_level};
use crate::object::dict::Dict;
use crate::object::header::{Payload, Ref};
use crate::object::native::NativeDef;
use crate::object::sequence::receiver;
use crate::object::slots::UnaryOp;
use crate::object::str_::Str;
use crate::value::Value;
use crate::vm::Vm;

/// The payload.
pub struct LazyImport {
    /// The module, as the statement names it.
    name: Ref<Str>,
    /// What of it, if anything.
    attribute: Option<Ref<Str>>,
    from_list: Value,
    level: i64,
    globals: Ref<Dict>,
    /// What it has turned out to be.
    found: ValueCell,
}

impl Payload for LazyImport {
    fn traverse(&self, visit: &mut dyn FnMut(&Value)) {
        visit(&self.from_list);
        visit(self.globals.as_value());
        self.found.traverse(visit);
    }

    fn clear(&self) {
        self.found.set(None);
    }
}

impl LazyImport {
    /// The name with what is taken from the module.
    fn whole_name(&self) -> String {
        match &self.attribute {
            Some(attribute) => format!("{}.{attribute}", self.name),
            None => self.name.to_string(),
        }
    }
}

/// IMPORT_NAME of a statement that is to be lazy.
pub(crate) fn import_name(
    vm: &mut Vm,
    globals: &Ref<Dict>,
    name: &Ref<Str>,
    from_list: &Value,
    level: &Value,
) -> PyResult {
    let level = vm.index_as_i64(level, "import level is too large")?;
    let payload = LazyImport {
        name: name.clone(),
        attribute: None,
        from_list: from_list.clone(),
        level,
        globals: globals.clone(),
        found: ValueCell::new(None),
    };
    Ok(Value::from(Ref::new(&vm.types.lazy_import, payload)))
}

/// Whether a plain import statement is lazy after all: the module's `__lazy_modules__` names what it imports.
pub(crate) fn is_wanted(vm: &mut Vm, globals: &Ref<Dict>, name: &Ref<Str>) -> PyResult<bool> {
    let key = vm.intern("__lazy_modules__");
    match globals.get_str(vm, &key) {
        Some(names) => vm.contains(&names, name.as_value()),
        None => Ok(false),
    }
}

/// IMPORT_FROM of what is lazy: lazy as well, unless the module is there and has it; `None` if the module is not lazy.
pub(crate) fn attribute_of(
    vm: &mut Vm,
    module: &Value,
    name: &Ref<Str>,
) -> PyResult<Option<Value>> {
    let Some(module) = module.downcast::<LazyImport>().cloned() else {
        return Ok(None);
    };
    let key = Value::from(&module.name);
    if module.level == 0
        && !module.from_list.is_none()
        && let Some(loaded) = vm.modules.clone().get(vm, &key)?
        && let Some(found) = vm.get_attr_opt(&loaded, name)?
    {
        return Ok(Some(found));
    }
    let payload = LazyImport {
        name: module.name.clone(),
        attribute: Some(name.clone()),
        from_list: module.from_list.clone(),
        level: module.level,
        globals: module.globals.clone(),
        found: ValueCell::new(None),
    };
    Ok(Some(Value::from(Ref::new(&vm.types.lazy_import, payload))))
}

/// A global as a program sees it: what is lazy is imported and takes its own place.
#[inline]
pub(crate) fn of_global(
    vm: &mut Vm,
    globals: &Ref<Dict>,
    name: &Ref<Str>,
    value: Value,
) -> PyResult {
    if value.downcast::<LazyImport>().is_none() {
        return Ok(value);
    }
    let found = resolve(vm, &value)?;
    globals.set_str(vm, name, found.clone());
    Ok(found)
}

/// Imports what is lazy.
fn resolve(vm: &mut Vm, this: &Value) -> PyResult {
    let this = receiver::<LazyImport>(vm, this)?.clone();
    if let Some(found) = this.found.get() {
        return Ok(found);
    }
    let module = import_module_level(
        vm,
        &this.name.to_string(),
        Some(&this.globals),
        &this.from_list,
        this.level,
    );
    let found = match (module, &this.attribute) {
        (Ok(module), Some(attribute)) => import_from(vm, &module, attribute),
        (module, _) => module,
    };
    match found {
        Ok(found) => {
            this.found.set(Some(found.clone()));
            Ok(found)
        }
        Err(raised) => Err(failed(vm, &this, raised)),
    }
}

/// Says in the exception's cause which lazy import it came from.
fn failed(vm: &mut Vm, this: &LazyImport, raised: Raised) -> Raised {
    let name = this.whole_name();
    let message = format!("lazy import of '{name}' raised an exception during resolution");
    let cause = vm.error(&vm.types.import_error.clone(), message).0;
    raised.0.cause.set(Some(Value::from(cause)));
    raised.0.suppress_context.set(true);
    raised
}

fn repr(vm: &mut Vm, this: &Value) -> PyResult {
    let name = receiver::<LazyImport>(vm, this)?.whole_name();
    Ok(vm.new_str(&format!("<lazy_import '{name}'>")))
}

static METHODS: &[NativeDef] = &[NativeDef::no_args("resolve", resolve)];

/// Fills the slots.
pub(crate) fn ready_slots(vm: &mut Vm) {
    let slots = &vm.types.lazy_import.slots;
    slots.unary[UnaryOp::Repr as usize].set(Some(repr));
}

/// Adds the methods.
pub(crate) fn ready(vm: &mut Vm) {
    let ty = vm.types.lazy_import.clone();
    vm.add_methods(&ty, METHODS);
}
