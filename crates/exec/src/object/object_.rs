//! `object`: attribute access as every class has it by default, creation, and the everyday slots.

use crate::call::Args;
use crate::error::{PyResult, Raised};
use crate::object::dict::Dict;
use crate::object::exception::Exception;
use crate::object::function::Function;
use crate::object::header::{Kind, Ref};
use crate::object::instance::new_instance;
use crate::object::module::Module;
use crate::object::slots::{CompareOp, InitFn, NewFn, UnaryOp};
use crate::object::str_::Str;
use crate::object::type_::{self, Type};
use crate::object::wrapper::SlotWrapper;
use crate::value::Value;
use crate::vm::Vm;

/// What a name found on a class or an instance turned out to be.
pub(crate) enum Attribute {
    /// The attribute's value.
    Value(Value),
    /// A method that wants the instance as its first argument.
    Method(Value),
    /// No such attribute.
    Missing,
}

impl Vm {
    /// The class of a value.
    #[inline(always)]
    pub fn type_of<'a>(&'a self, value: &'a Value) -> &'a Ref<Type> {
        match value.header() {
            Some(header) => header.ty(),
            None => self.type_of_inline(value),
        }
    }

    #[inline]
    fn type_of_inline(&self, value: &Value) -> &Ref<Type> {
        if value.as_small_int().is_some() {
            &self.types.int
        } else if value.as_float().is_some() {
            &self.types.float
        } else if value.as_bool().is_some() {
            &self.types.bool
        } else if value.is_none() {
            &self.types.none
        } else if value.is_ellipsis() {
            &self.types.ellipsis
        } else {
            &self.types.not_implemented
        }
    }

    /// The `__name__` of a value's class, for messages.
    pub fn type_name(&self, value: &Value) -> std::rc::Rc<str> {
        self.type_of(value).name()
    }

    /// The `__name__` of a value's class without its module, as the `repr` of built-ins has it.
    pub fn short_type_name(&self, value: &Value) -> String {
        let name = self.type_name(value);
        name.rsplit('.').next().unwrap_or_default().to_owned()
    }

    /// The name of a value's class with its module, unless that is `builtins` or `__main__`.
    pub fn full_type_name(&mut self, value: &Value) -> String {
        let name = self.type_of(value).clone().name_with_module(self);
        match name.strip_prefix("__main__.") {
            Some(name) => name.to_owned(),
            None => name,
        }
    }

    /// The name of the nearest built-in class of an instance or class; none for modules.
    pub(crate) fn built_in_class_name(&self, this: &Value) -> Option<std::rc::Rc<str>> {
        if this.is_none() || this.downcast::<Module>().is_some() {
            return None;
        }
        let ty = this
            .downcast::<Type>()
            .unwrap_or_else(|| self.type_of(this));
        ty.mro(self)
            .iter()
            .find(|ty| ty.is_built_in())
            .map(|ty| ty.name())
    }

    /// The dict of an instance that has one outside its attributes row.
    fn own_dict(&mut self, this: &Value) -> Option<Ref<Dict>> {
        match this.kind()? {
            Kind::Module => this.downcast::<Module>().map(|m| m.dict.clone()),
            Kind::Exception => this.downcast::<Exception>().and_then(|e| e.dict()),
            Kind::Function => this
                .downcast::<Function>()
                .and_then(|f| f.dict.get())
                .and_then(|d| d.into_ref().ok()),
            _ => None,
        }
    }

    /// The instance attribute `name`, without asking the class.
    pub(crate) fn instance_attribute(&mut self, this: &Value, name: &Ref<Str>) -> Option<Value> {
        let header = this.header()?;
        let ty = header.ty();
        if ty.has(type_::flags::OWN_DICT) {
            return self.own_dict(this)?.get_str(self, name);
        }
        if !ty.has(type_::flags::HAS_DICT) {
            return None;
        }
        header.attributes()?.get(self, name)
    }

    /// The `__dict__` of an instance, made at first need; `None` if instances of its class have none.
    pub fn instance_dict(&mut self, this: &Value) -> Option<Ref<Dict>> {
        let header = this.header()?;
        let ty = header.ty();
        if ty.has(type_::flags::OWN_DICT) {
            if let Some(exception) = this.downcast::<Exception>() {
                return Some(exception.make_dict(self));
            }
            if let Some(function) = this.downcast::<Function>() {
                return Some(function.make_dict(self));
            }
            return self.own_dict(this);
        }
        if !ty.has(type_::flags::HAS_DICT) {
            return None;
        }
        Some(header.attributes()?.make_dict(self))
    }

    /// Looks `name` up as `object.__getattribute__` does.
    #[inline]
    pub(crate) fn find_attribute(&mut self, this: &Value, name: &Ref<Str>) -> PyResult<Attribute> {
        let ty = self.type_of(this).clone();
        let found = ty.lookup(self, name);
        let mut get = None;
        let mut is_method = false;
        if let Some(descriptor) = &found {
            let descriptor_type = self.type_of(descriptor);
            get = descriptor_type.slots.descr_get.get();
            is_method = descriptor_type.has(type_::flags::METHOD_DESCRIPTOR);
            if descriptor_type.slots.descr_set.get().is_some()
                && let Some(get) = get
            {
                return get(self, descriptor, Some(this), Some(ty.as_value()))
                    .map(Attribute::Value);
            }
        }
        if let Some(value) = self.instance_attribute(this, name) {
            return Ok(Attribute::Value(value));
        }
        match (found, get) {
            (Some(method), _) if is_method => Ok(Attribute::Method(method)),
            (Some(descriptor), Some(get)) => {
                get(self, &descriptor, Some(this), Some(ty.as_value())).map(Attribute::Value)
            }
            (Some(value), None) => Ok(Attribute::Value(value)),
            (None, _) => match self.odd_attribute(this, name)? {
                Some(value) => Ok(Attribute::Value(value)),
                None => Ok(Attribute::Missing),
            },
        }
    }

    /// The last resort: a key of the instance's dict that is no str may be equal to the name.
    #[cold]
    fn odd_attribute(&mut self, this: &Value, name: &Ref<Str>) -> PyResult<Option<Value>> {
        let Some(header) = this.header() else {
            return Ok(None);
        };
        let dict = match header.ty() {
            ty if ty.has(type_::flags::OWN_DICT) => self.own_dict(this),
            ty if ty.has(type_::flags::HAS_DICT) => header.attributes().and_then(|a| a.dict()),
            _ => None,
        };
        match dict.filter(|dict| dict.len(self) > 0) {
            Some(dict) => dict.get(self, name.as_value()),
            None => Ok(None),
        }
    }

    /// `object.__getattribute__`.
    pub(crate) fn generic_get_attr(&mut self, this: &Value, name: &Ref<Str>) -> PyResult {
        match self.find_attribute(this, name)? {
            Attribute::Value(value) => Ok(value),
            Attribute::Method(method) => self.bind(&method, this),
            Attribute::Missing => Err(self.no_attribute(this, name)),
        }
    }

    /// A method bound to its instance.
    pub(crate) fn bind(&mut self, method: &Value, this: &Value) -> PyResult {
        let ty = self.type_of(this).clone();
        match self.type_of(method).slots.descr_get.get() {
            Some(get) => get(self, method, Some(this), Some(ty.as_value())),
            None => Ok(method.clone()),
        }
    }

    /// `object.__setattr__` and `object.__delattr__`.
    pub(crate) fn generic_set_attr(
        &mut self,
        this: &Value,
        name: &Ref<Str>,
        value: Option<Value>,
    ) -> PyResult<()> {
        let ty = self.type_of(this).clone();
        let found = ty.lookup(self, name);
        if let Some(descriptor) = &found
            && let Some(set) = self.type_of(descriptor).slots.descr_set.get()
        {
            return set(self, descriptor, this, value);
        }
        let interned = self.intern_ref(name);
        if let Some(header) = this.header()
            && ty.has(type_::flags::HAS_DICT)
            && !ty.has(type_::flags::OWN_DICT)
            && let Some(attributes) = header.attributes()
        {
            match value {
                Some(value) => attributes.set(self, &interned, value),
                None if attributes.delete(self, &interned) => {}
                None => return Err(self.no_attribute(this, name)),
            }
            return Ok(());
        }
        if let Some(dict) = self.instance_dict(this) {
            match value {
                Some(value) => dict.set_str(self, &interned, value),
                None if dict.remove_str(self, &interned).is_some() => {}
                None => return Err(self.no_attribute(this, name)),
            }
            return Ok(());
        }
        let ty_name = ty.name();
        let message = match found {
            Some(_) => format!("'{ty_name}' object attribute '{name}' is read-only"),
            None => match self.version_number() {
                ..13 => format!("'{ty_name}' object has no attribute '{name}'"),
                _ => format!(
                    "'{ty_name}' object has no attribute '{name}' and no __dict__ for setting new attributes"
                ),
            },
        };
        Err(self.attribute_error(message, this, name))
    }

    /// The complaint about a missing attribute.
    #[cold]
    pub fn no_attribute(&mut self, this: &Value, name: &Ref<Str>) -> Raised {
        let message = format!(
            "'{}' object has no attribute '{name}'",
            self.type_name(this)
        );
        self.attribute_error(message, this, name)
    }

    /// An AttributeError that knows its object and name, for suggestions.
    #[cold]
    pub(crate) fn attribute_error(
        &mut self,
        message: String,
        this: &Value,
        name: &Ref<Str>,
    ) -> Raised {
        let raised = self.error(&self.types.attribute_error.clone(), message);
        raised
            .0
            .set_name_and_object(self, Value::from(name), this.clone());
        raised
    }

    /// Whether `method` is `object.__getattribute__` itself.
    pub(crate) fn is_object_getattribute(&self, method: &Value) -> bool {
        method
            .downcast::<SlotWrapper>()
            .is_some_and(|w| w.dunder.name == "__getattribute__" && w.owner.is(&self.types.object))
    }
}

/// Fills the slots of `object`.
pub(crate) fn ready(vm: &mut Vm) {
    let slots = &vm.types.object.slots;
    slots.get_attr.set(Some(Vm::generic_get_attr));
    slots.set_attr.set(Some(Vm::generic_set_attr));
    slots.unary[UnaryOp::Repr as usize].set(Some(repr));
    slots.unary[UnaryOp::Str as usize].set(Some(|vm, this| vm.repr(this)));
    slots.hash.set(Some(|_, this| Ok(identity_hash(this))));
    slots.compare.set(Some(compare));
    slots.new.set(Some(new));
    slots.init.set(Some(init));
}

/// The hash of an object that is equal only to itself.
pub(crate) fn identity_hash(this: &Value) -> i64 {
    match this.id().rotate_right(4) as i64 {
        -1 => -2,
        hash => hash,
    }
}

fn repr(vm: &mut Vm, this: &Value) -> PyResult {
    let ty = vm.type_of(this).clone();
    let name = ty.name_with_module(vm);
    Ok(vm.new_str(&format!("<{name} object at {:#x}>", this.id())))
}

fn compare(vm: &mut Vm, a: &Value, b: &Value, op: CompareOp) -> PyResult {
    match op {
        CompareOp::Eq if a.is(b) => Ok(Value::TRUE),
        CompareOp::Ne => {
            // `!=` is the opposite of whatever `==` says, unless a class says otherwise.
            let Some(compare) = vm.type_of(a).slots.compare.get() else {
                return Ok(match a.is(b) {
                    true => Value::FALSE,
                    false => Value::NOT_IMPLEMENTED,
                });
            };
            let equal = compare(vm, a, b, CompareOp::Eq)?;
            if equal.is_not_implemented() {
                return Ok(equal);
            }
            Ok(Value::bool(!vm.truth(&equal)?))
        }
        _ => Ok(Value::NOT_IMPLEMENTED),
    }
}

/// Whether a class makes or sets up its instances otherwise than `object` does.
fn overrides(ty: &Ref<Type>) -> (bool, bool) {
    let own_new = ty.slots.new.get();
    let own_init = ty.slots.init.get();
    (
        own_new.is_some_and(|f| !std::ptr::fn_addr_eq(f, new as NewFn)),
        own_init.is_some_and(|f| !std::ptr::fn_addr_eq(f, init as InitFn)),
    )
}

fn new(vm: &mut Vm, ty: &Ref<Type>, args: Args<'_>) -> PyResult {
    if !args.all_values().is_empty() {
        let (new, init) = overrides(ty);
        if new {
            return Err(vm.type_error(
                "object.__new__() takes exactly one argument (the type to instantiate)",
            ));
        }
        if !init {
            let name = ty.name();
            return Err(vm.type_error(format!("{name}() takes no arguments")));
        }
    }
    if ty.has(type_::flags::ABSTRACT) {
        return Err(abstract_error(vm, ty));
    }
    Ok(Value::from(new_instance(ty)))
}

#[cold]
fn abstract_error(vm: &mut Vm, ty: &Ref<Type>) -> Raised {
    let name = ty.name();
    let attribute = vm.intern("__abstractmethods__");
    let mut names: Vec<String> = Vec::new();
    if let Some(methods) = ty.dict(vm).get_str(vm, &attribute) {
        match vm.collect(&methods) {
            Ok(methods) => {
                names.extend(methods.iter().filter_map(|m| m.downcast::<Str>()).map(|m| {
                    match vm.version_number() {
                        ..12 => m.to_string(),
                        _ => format!("'{m}'"),
                    }
                }))
            }
            Err(raised) => return raised,
        }
    }
    names.sort();
    let plural = if names.len() == 1 { "" } else { "s" };
    let list = names.join(", ");
    let with = match vm.version_number() {
        ..12 => "with",
        _ => "without an implementation for",
    };
    vm.type_error(format!(
        "Can't instantiate abstract class {name} {with} abstract method{plural} {list}"
    ))
}

pub(crate) fn init(vm: &mut Vm, this: &Value, args: Args<'_>) -> PyResult<()> {
    if args.all_values().is_empty() {
        return Ok(());
    }
    let ty = vm.type_of(this).clone();
    let (new, init) = overrides(&ty);
    if init {
        return Err(vm.type_error(
            "object.__init__() takes exactly one argument (the instance to initialize)",
        ));
    }
    // A class whose instances only Rust code makes has no `__new__` that the arguments could be for.
    if !new && !ty.has(type_::flags::NO_INSTANCES) {
        let name = ty.name();
        return Err(vm.type_error(format!(
            "{name}.__init__() takes exactly one argument (the instance to initialize)"
        )));
    }
    Ok(())
}

impl Ref<Type> {
    /// The name with its module, but for built-ins: what `repr` shows.
    pub fn name_with_module(&self, vm: &mut Vm) -> String {
        let qualname = match self.qualname.get() {
            Some(name) => vm.display(&name),
            None => {
                let name = self.name();
                let key = vm.names.__module__.clone();
                let module = self.dict(vm).get_str(vm, &key);
                let has_module = module.is_some_and(|m| m.downcast::<Str>().is_some());
                match name.rsplit_once('.') {
                    Some((_, last)) if has_module => last.to_owned(),
                    _ => name.to_string(),
                }
            }
        };
        let key = vm.names.__module__.clone();
        match self.dict(vm).get_str(vm, &key) {
            Some(module) => match module.downcast::<Str>() {
                Some(module) if !module.eq_str("builtins") => format!("{module}.{qualname}"),
                _ => qualname,
            },
            None => qualname,
        }
    }
}
