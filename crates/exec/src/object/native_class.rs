//! Classes of native modules: what a module writes down about a class, and the class that the VM makes of it.
//!
//! A [`ClassDef`] is a static table entry. [`Vm::class`] makes the class at first need and gives the same one from then on, so
//! Rust code that makes instances asks with the definition, and nothing has to be kept elsewhere:
//!
//! ```
//! use std::cell::Cell;
//!
//! use pyco_exec::object::header::{Payload, Ref};
//! use pyco_exec::object::iter::self_iter;
//! use pyco_exec::object::native::NativeDef;
//! use pyco_exec::object::native_class::ClassDef;
//! use pyco_exec::object::sequence::receiver;
//! use pyco_exec::object::slots::{Slots, UnaryOp};
//! use pyco_exec::object::type_::Type;
//! use pyco_exec::{Args, Host, PyResult, Value, Vm};
//!
//! /// What an instance holds. Fields change through `Cell`, `ValueCell` and `VmCell`.
//! struct Countdown {
//!     left: Cell<i64>,
//!     last: Value,
//! }
//!
//! impl Payload for Countdown {
//!     fn traverse(&self, visit: &mut dyn FnMut(&Value)) {
//!         visit(&self.last);
//!     }
//! }
//!
//! static COUNTDOWN: ClassDef = ClassDef::new::<Countdown>("rockets.Countdown", slots)
//!     .subclassable()
//!     .methods(&[NativeDef::no_args("abort", abort).signature("($self, /)")]);
//!
//! fn slots(slots: &Slots, _minor_version: u8) {
//!     slots.new.set(Some(new));
//!     slots.set_unary(UnaryOp::Iter, self_iter);
//!     slots.next.set(Some(next));
//! }
//!
//! fn new(vm: &mut Vm, class: &Ref<Type>, args: Args<'_>) -> PyResult {
//!     let [start, last] = args.exactly(vm, "Countdown")?;
//!     let left = Cell::new(vm.index_for(start)?);
//!     let last = last.clone();
//!     Ok(Value::from(Ref::new(class, Countdown { left, last })))
//! }
//!
//! fn next(vm: &mut Vm, this: &Value) -> PyResult<Option<Value>> {
//!     let this = receiver::<Countdown>(vm, this)?;
//!     let left = this.left.get();
//!     this.left.set(left - 1);
//!     Ok(match left {
//!         ..0 => None,
//!         0 => Some(this.last.clone()),
//!         _ => Some(vm.int(left)),
//!     })
//! }
//!
//! fn abort(vm: &mut Vm, this: &Value) -> PyResult {
//!     receiver::<Countdown>(vm, this)?.left.set(-1);
//!     Ok(Value::NONE)
//! }
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let mut vm = Vm::new(pyco_code::Version::V3_13, Host::new())?;
//! vm.add_native_module("rockets", |vm| {
//!     let module = vm.new_module("rockets");
//!     vm.add_class(&module, &COUNTDOWN);
//!     Ok(module)
//! });
//! let class = vm.class(&COUNTDOWN);
//! let arguments = [vm.int(2), vm.new_str("lift-off")];
//! let countdown = vm.call(class.as_value(), &arguments).expect("an instance");
//! let items = vm.collect(&countdown).expect("three items");
//! assert_eq!(items.len(), 3);
//! # Ok(())
//! # }
//! ```
//!
//! Invariants:
//! - Such a class cannot be changed by programs (but for [`ClassDef::changeable`]) and lives as long as the VM; its instances do not count as references to it.
//! - A class whose payload is a built-in's (`dict`, say) keeps more state in hidden slots, since the payload is the layout.

use std::ptr;

use hashbrown::HashMap;

use crate::cell::ValueCell;
use crate::error::PyResult;
use crate::object::dict::Dict;
use crate::object::header::{Payload, PayloadLayout, Ref};
use crate::object::module::Module;
use crate::object::native::{GetSetDef, NativeDef};
use crate::object::slots::Slots;
use crate::object::type_::{Type, TypeSpec, flags};
use crate::value::Value;
use crate::vm::Vm;

/// The classes made so far, by the address of their definition.
#[derive(Default)]
pub(crate) struct NativeClasses(HashMap<*const ClassDef, Ref<Type>>);

/// One class, as a table entry.
pub struct ClassDef {
    name: &'static str,
    layout: &'static PayloadLayout,
    base: fn(&mut Vm) -> Ref<Type>,
    flags: u32,
    hidden_slots: u32,
    skips_finalizer: bool,
    slots: fn(&Slots, u8),
    methods: &'static [NativeDef],
    attributes: &'static [GetSetDef],
}

impl ClassDef {
    /// A class with payload `T` that derives from `object` and that programs cannot derive from. The name comes with its module:
    /// `collections.deque`. `slots` fills the slots that the class has in the given minor version; without `new` in it the
    /// class needs [`ClassDef::no_instances`].
    pub const fn new<T: Payload>(name: &'static str, slots: fn(&Slots, u8)) -> ClassDef {
        ClassDef {
            name,
            layout: const { &PayloadLayout::of::<T>() },
            base: |vm| vm.types.object.clone(),
            flags: flags::BUILT_IN,
            hidden_slots: 0,
            skips_finalizer: false,
            slots,
            methods: &[],
            attributes: &[],
        }
    }

    const fn flag(self, flag: u32) -> ClassDef {
        ClassDef {
            flags: self.flags | flag,
            ..self
        }
    }

    /// The same with another base. Slots and methods of the base must bear this class's payload: they either downcast to it
    /// or take what they need through attributes.
    pub const fn base(self, base: fn(&mut Vm) -> Ref<Type>) -> ClassDef {
        ClassDef { base, ..self }
    }

    /// The same, open to derivation by programs.
    pub const fn subclassable(self) -> ClassDef {
        self.flag(flags::BASE_TYPE)
    }

    /// The same, whose attributes programs can change.
    pub const fn changeable(self) -> ClassDef {
        self.flag(flags::CHANGEABLE)
    }

    /// The same, where calling the class is a TypeError: only Rust code makes instances.
    pub const fn no_instances(self) -> ClassDef {
        self.flag(flags::NO_INSTANCES)
    }

    /// The same, where instances have a `__dict__`.
    pub const fn with_dict(self) -> ClassDef {
        self.flag(flags::HAS_DICT | flags::NATIVE_ROW)
    }

    /// The same, where instances have `count` slots that only Rust code sees, with [`Vm::hidden_slot`]; they follow those of the
    /// base.
    pub const fn hidden_slots(self, count: u32) -> ClassDef {
        ClassDef {
            hidden_slots: count,
            ..self.flag(flags::NATIVE_ROW)
        }
    }

    /// The same, where instances can be weakly referenced.
    pub const fn weakly_referenced(self) -> ClassDef {
        self.flag(flags::WEAKLY_REFERENCED)
    }

    /// The same, where `__del__`, one of its methods or a base's, runs before an instance goes. Needs [`ClassDef::with_dict`] or a
    /// base with it.
    pub const fn finalizer(self) -> ClassDef {
        self.flag(flags::HAS_FINALIZER)
    }

    /// The same, where the base has a finalizer that has nothing to do for an instance of just this class.
    pub const fn without_finalizer(self) -> ClassDef {
        ClassDef {
            skips_finalizer: true,
            ..self
        }
    }

    /// The same, where `case [...]` matches instances.
    pub const fn sequence(self) -> ClassDef {
        self.flag(flags::SEQUENCE)
    }

    /// The same, where `case {...}` matches instances.
    pub const fn mapping(self) -> ClassDef {
        self.flag(flags::MAPPING)
    }

    /// The same, where instances found in a class bind as functions do.
    pub const fn method_descriptor(self) -> ClassDef {
        self.flag(flags::METHOD_DESCRIPTOR)
    }

    /// The same with these methods.
    pub const fn methods(self, methods: &'static [NativeDef]) -> ClassDef {
        ClassDef { methods, ..self }
    }

    /// The same with these attributes.
    pub const fn attributes(self, attributes: &'static [GetSetDef]) -> ClassDef {
        ClassDef { attributes, ..self }
    }
}

impl Vm {
    /// The class that `def` describes.
    #[inline]
    pub fn class(&mut self, def: &'static ClassDef) -> Ref<Type> {
        if let Some(ty) = self.native_classes.0.get(&ptr::from_ref(def)) {
            return ty.clone();
        }
        self.make_class(def)
    }

    #[cold]
    fn make_class(&mut self, def: &'static ClassDef) -> Ref<Type> {
        let base = (def.base)(self);
        let inherited = [flags::HAS_DICT, flags::NATIVE_ROW, flags::WEAKLY_REFERENCED]
            .into_iter()
            .filter(|flag| base.has(*flag))
            .sum::<u32>();
        let spec = TypeSpec {
            name: def.name.into(),
            layout: def.layout,
            flags: def.flags | inherited,
            slot_count: base.slot_count() + def.hidden_slots,
            row_capacity: 0,
            base: Some(base),
        };
        let ty = Ref::new(&self.types.type_, Type::new(spec));
        (def.slots)(&ty.slots, self.version_number());
        ty.ready_built_in(self);
        if def.skips_finalizer {
            ty.set_flag(flags::HAS_FINALIZER, false);
        }
        self.add_methods(&ty, def.methods);
        self.add_attributes(&ty, def.attributes);
        if def.flags & flags::HAS_DICT != 0 {
            self.add_attributes(&ty, DICT);
        }
        if let Some((module, _)) = def.name.rsplit_once('.')
            && MODULE_IN_DICT
                .iter()
                .any(|(m, since)| *m == module && *since <= self.version_number())
        {
            let (dict, value) = (ty.dict(self), self.new_str(module));
            self.set_global(&dict, "__module__", value);
        }
        ty.modified();
        self.native_classes.0.insert(def, ty.clone());
        ty
    }

    /// Puts the class that `def` describes into a module, under its name.
    pub fn add_class(&mut self, module: &Ref<Module>, def: &'static ClassDef) -> Ref<Type> {
        let ty = self.class(def);
        let name = def.name.rsplit('.').next().unwrap_or(def.name);
        self.set_global(module.dict(), name, Value::from(&ty));
        ty
    }

    /// Whether an instance of a class with [`ClassDef::with_dict`] has attributes of its own, or its dict was asked for.
    pub fn has_instance_attributes(&self, this: &Value) -> bool {
        let attributes = this.header().and_then(|header| header.attributes());
        attributes.is_some_and(|a| a.shape().is_none_or(|shape| shape.len() > 0))
    }

    /// The hidden slot `index` of an instance, counted from those of the first base that has some; nothing if `this` has no
    /// such slot.
    #[inline]
    pub fn hidden_slot<'a>(&self, this: &'a Value, index: u32) -> Option<&'a ValueCell> {
        let header = this.header()?;
        if index >= header.ty().slot_count() {
            return None;
        }
        Some(header.attributes()?.slot(index))
    }
}

/// The modules whose classes CPython makes when they are imported, and since which version: such a class has its module's name
/// among its attributes, so that instances show it, too.
const MODULE_IN_DICT: &[(&str, u8)] = &[
    ("ast", 11),
    ("functools", 11),
    ("operator", 11),
    ("_thread", 11),
    ("_random", 11),
    ("_struct", 11),
    ("array", 11),
    ("_md5", 11),
    ("_sha1", 11),
    ("_sha256", 11),
    ("_sha512", 11),
    ("_sha2", 11),
    ("_sha3", 11),
    ("_blake2", 11),
    ("_hmac", 11),
    ("zlib", 11),
    ("_csv", 11),
    ("collections", 12),
    ("_io", 12),
    ("itertools", 12),
];

/// `__dict__` of a class with [`ClassDef::with_dict`].
static DICT: &[GetSetDef] = &[GetSetDef::get_set("__dict__", get_dict, set_dict)];

fn get_dict(vm: &mut Vm, this: &Value) -> PyResult {
    match vm.instance_dict(this) {
        Some(dict) => Ok(Value::from(dict)),
        None => Ok(Value::NONE),
    }
}

fn set_dict(vm: &mut Vm, this: &Value, new: Option<Value>) -> PyResult<()> {
    let Some(new) = new else {
        return Err(vm.type_error("cannot delete __dict__"));
    };
    match (
        new.into_ref::<Dict>(),
        this.header().and_then(|h| h.attributes()),
    ) {
        (Ok(dict), Some(attributes)) => {
            attributes.set_dict(dict);
            Ok(())
        }
        (Err(other), _) => {
            let found = vm.type_name(&other);
            let message = format!("__dict__ must be set to a dictionary, not a '{found}'");
            Err(vm.type_error(message))
        }
        (Ok(_), None) => Ok(()),
    }
}
