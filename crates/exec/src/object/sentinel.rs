//! sentinel: a unique object with a name, new in Python 3.15.

use crate::call::{Args, Params};
use crate::cell::ValueCell;
use crate::error::PyResult;
use crate::object::header::{Payload, Ref};
use crate::object::native::{GetSetDef, NativeDef};
use crate::object::native_class::ClassDef;
use crate::object::sequence::receiver;
use crate::object::slots::{BinaryOp, Slots, UnaryOp};
use crate::object::str_::Str;
use crate::object::type_::Type;
use crate::value::Value;
use crate::vm::Vm;

/// A sentinel's payload.
pub(crate) struct Sentinel {
    name: Value,
    /// What `repr` shows, if not the name.
    shown: Option<Value>,
    /// `__module__`: where it was made, until a program says otherwise.
    module: ValueCell,
}

impl Payload for Sentinel {
    fn traverse(&self, visit: &mut dyn FnMut(&Value)) {
        visit(&self.name);
        self.shown.iter().for_each(&mut *visit);
        self.module.traverse(visit);
    }

    fn clear(&self) {
        self.module.set(None);
    }
}

pub(crate) static SENTINEL: ClassDef = ClassDef::new::<Sentinel>("sentinel", slots)
    .methods(&[
        NativeDef::no_args("__copy__", |_, this| Ok(this.clone())),
        NativeDef::one("__deepcopy__", |_, this, _memo| Ok(this.clone())),
        NativeDef::no_args("__reduce__", |vm, this| {
            Ok(receiver::<Sentinel>(vm, this)?.name.clone())
        }),
    ])
    .attributes(&[
        GetSetDef::get("__name__", |vm, this| {
            Ok(receiver::<Sentinel>(vm, this)?.name.clone())
        })
        .member(),
        GetSetDef::get_set("__module__", module, set_module).member(),
    ]);

fn slots(slots: &Slots, _minor_version: u8) {
    slots.new.set(Some(new));
    slots.set_unary(UnaryOp::Repr, |vm, this| {
        let sentinel = receiver::<Sentinel>(vm, this)?;
        Ok(sentinel.shown.as_ref().unwrap_or(&sentinel.name).clone())
    });
    slots.binary[BinaryOp::Or as usize].set(Some(super::union::or));
}

static NEW: Params = Params::new(&["name", "repr"], 1)
    .positional_only(1)
    .keyword_only(1);

/// `sentinel(name, /, *, repr=None)`.
fn new(vm: &mut Vm, class: &Ref<Type>, args: Args<'_>) -> PyResult {
    let given = args.positional().len();
    if given != 1 {
        return Err(vm.type_error(format!(
            "sentinel() takes exactly 1 positional argument ({given} given)"
        )));
    }
    let bound = args.bind(vm, "sentinel", &NEW)?;
    let name = bound.get(0).cloned().unwrap_or(Value::NONE);
    if name.downcast::<Str>().is_none() {
        let found = vm.type_name(&name);
        return Err(vm.type_error(format!("sentinel() argument 1 must be str, not {found}")));
    }
    let shown = bound.not_none(1).cloned();
    if let Some(shown) = &shown
        && shown.downcast::<Str>().is_none()
    {
        let found = vm.type_name(shown);
        return Err(vm.type_error(format!(
            "sentinel() argument 'repr' must be str or None, not {found}"
        )));
    }
    let key = vm.names.__name__.clone();
    let module = match vm.current_frame_object() {
        Some(frame) => frame.globals.get_str(vm, &key),
        None => None,
    };
    let cell = ValueCell::new(module);
    let made = Sentinel {
        name,
        shown,
        module: cell,
    };
    Ok(Value::from(Ref::new(class, made)))
}

fn module(vm: &mut Vm, this: &Value) -> PyResult {
    match receiver::<Sentinel>(vm, this)?.module.get() {
        Some(module) => Ok(module),
        None => {
            let name = vm.names.__module__.clone();
            Err(vm.no_attribute(this, &name))
        }
    }
}

fn set_module(vm: &mut Vm, this: &Value, module: Option<Value>) -> PyResult<()> {
    let sentinel = receiver::<Sentinel>(vm, this)?;
    if module.is_none() && sentinel.module.get().is_none() {
        let ty = vm.types.attribute_error.clone();
        return Err(vm.error(&ty, "__module__"));
    }
    sentinel.module.set(module);
    Ok(())
}
