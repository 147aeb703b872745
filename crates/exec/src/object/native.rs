//! Functions and methods written in Rust, and their descriptors.

use crate::call::{Args, Bound, Params, check_count};
use crate::cell::ValueCell;
use crate::error::PyResult;
use crate::object::header::{Kind, Payload, Ref};
use crate::object::module::Module;
use crate::object::native_attributes;
use crate::object::str_::Str;
use crate::object::type_::Type;
use crate::value::Value;
use crate::vm::Vm;

/// How a native function takes its arguments. The first is always `self`: the instance, the class, or the module.
#[derive(Clone, Copy)]
#[allow(missing_docs)]
pub enum NativeCall {
    /// No argument.
    NoArgs(fn(&mut Vm, &Value) -> PyResult),
    /// Exactly one.
    One(fn(&mut Vm, &Value, &Value) -> PyResult),
    /// From `min` to `max` positional ones.
    Range(usize, usize, fn(&mut Vm, &Value, &[Value]) -> PyResult),
    /// Named parameters.
    Bound(&'static Params, fn(&mut Vm, &Value, &Bound<'_>) -> PyResult),
    /// Whatever comes.
    Any(fn(&mut Vm, &Value, Args<'_>) -> PyResult),
}

/// What the first argument of a method is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[allow(missing_docs)]
pub enum Binding {
    Instance,
    Class,
    Static,
}

/// One native function or method, as a table entry.
pub struct NativeDef {
    /// The name.
    pub name: &'static str,
    /// The signature as `__text_signature__` has it, without the name: `($self, x, /)`; empty if there is none.
    pub signature: &'static str,
    /// The function.
    pub call: NativeCall,
    /// What it is bound to.
    pub binding: Binding,
    /// The Python versions that have it.
    pub versions: Versions,
    /// Up to which minor version CPython took its arguments apart with a format, and so has other words for their number.
    pub parsed_until: u8,
}

/// The versions of Python 3, by minor number, that have something: from the first to the last, both included.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Versions {
    first: u8,
    last: u8,
}

impl Versions {
    /// Every version.
    pub const ALL: Versions = Versions {
        first: 0,
        last: u8::MAX,
    };

    /// Whether 3.`minor` is among them.
    pub const fn contains(self, minor: u8) -> bool {
        self.first <= minor && minor <= self.last
    }

    /// Those from 3.`minor` on.
    pub const fn since(self, minor: u8) -> Versions {
        Versions {
            first: minor,
            ..self
        }
    }

    /// Those up to 3.`minor`.
    pub const fn until(self, minor: u8) -> Versions {
        Versions {
            last: minor,
            ..self
        }
    }
}

impl NativeDef {
    const fn new(name: &'static str, call: NativeCall) -> NativeDef {
        NativeDef {
            name,
            signature: "",
            call,
            binding: Binding::Instance,
            versions: Versions::ALL,
            parsed_until: 0,
        }
    }

    /// The same, in 3.`minor` and later only.
    pub const fn since(self, minor: u8) -> NativeDef {
        NativeDef {
            versions: self.versions.since(minor),
            ..self
        }
    }

    /// The same, in 3.`minor` and earlier only.
    pub const fn until(self, minor: u8) -> NativeDef {
        NativeDef {
            versions: self.versions.until(minor),
            ..self
        }
    }

    /// A function of `self` alone.
    pub const fn no_args(name: &'static str, f: fn(&mut Vm, &Value) -> PyResult) -> NativeDef {
        NativeDef::new(name, NativeCall::NoArgs(f))
    }

    /// A function of one argument.
    pub const fn one(name: &'static str, f: fn(&mut Vm, &Value, &Value) -> PyResult) -> NativeDef {
        NativeDef::new(name, NativeCall::One(f))
    }

    /// A function of `min` to `max` positional arguments.
    pub const fn range(
        name: &'static str,
        min: usize,
        max: usize,
        f: fn(&mut Vm, &Value, &[Value]) -> PyResult,
    ) -> NativeDef {
        NativeDef::new(name, NativeCall::Range(min, max, f))
    }

    /// A function with named parameters.
    pub const fn bound(
        name: &'static str,
        params: &'static Params,
        f: fn(&mut Vm, &Value, &Bound<'_>) -> PyResult,
    ) -> NativeDef {
        NativeDef::new(name, NativeCall::Bound(params, f))
    }

    /// A function that takes its arguments apart itself.
    pub const fn any(
        name: &'static str,
        f: fn(&mut Vm, &Value, Args<'_>) -> PyResult,
    ) -> NativeDef {
        NativeDef::new(name, NativeCall::Any(f))
    }

    /// The same, its arguments taken apart with a format up to 3.`minor`.
    pub const fn parsed_until(self, minor: u8) -> NativeDef {
        NativeDef {
            parsed_until: minor,
            ..self
        }
    }

    /// The same as a class method.
    pub const fn class(self) -> NativeDef {
        NativeDef {
            binding: Binding::Class,
            ..self
        }
    }

    /// The same as a static method.
    pub const fn static_(self) -> NativeDef {
        NativeDef {
            binding: Binding::Static,
            ..self
        }
    }

    /// The same with a text signature.
    pub const fn signature(self, signature: &'static str) -> NativeDef {
        NativeDef { signature, ..self }
    }

    /// Calls the function.
    #[inline]
    pub(crate) fn invoke(&self, vm: &mut Vm, this: &Value, args: Args<'_>) -> PyResult {
        match self.call {
            NativeCall::Any(f) => f(vm, this, args),
            NativeCall::Bound(params, f) => {
                let bound = args.bind(vm, self.name, params)?;
                f(vm, this, &bound)
            }
            _ if args.has_keywords() => {
                let name = self.name_in_messages(vm, this);
                Err(vm.type_error(format!("{name}() takes no keyword arguments")))
            }
            _ => self.invoke_positional(vm, this, args.positional()),
        }
    }

    /// Calls the function with positional arguments.
    #[inline]
    pub(crate) fn invoke_positional(
        &self,
        vm: &mut Vm,
        this: &Value,
        values: &[Value],
    ) -> PyResult {
        match (self.call, values) {
            (NativeCall::NoArgs(f), []) => f(vm, this),
            (NativeCall::One(f), [value]) => f(vm, this, value),
            (NativeCall::Range(min, max, f), _) if (min..=max).contains(&values.len()) => {
                f(vm, this, values)
            }
            (NativeCall::Any(f), _) => f(vm, this, Args::positional_only(values)),
            (NativeCall::Bound(..), _) => self.invoke(vm, this, Args::positional_only(values)),
            (NativeCall::Range(min, max, _), _) if vm.version_number() <= self.parsed_until => {
                let (bound, word) = match values.len() < min {
                    true => (min, "least"),
                    false => (max, "most"),
                };
                let (plural, given) = (if bound == 1 { "" } else { "s" }, values.len());
                let name = self.name;
                Err(vm.type_error(format!(
                    "{name}() takes at {word} {bound} argument{plural} ({given} given)"
                )))
            }
            (NativeCall::Range(min, max, _), _) => {
                check_count(vm, self.name, values.len(), min, max)?;
                Ok(Value::NONE)
            }
            (NativeCall::NoArgs(_), _) => {
                self.wrong_count(vm, this, "takes no arguments", values.len())
            }
            (NativeCall::One(_), _) => {
                self.wrong_count(vm, this, "takes exactly one argument", values.len())
            }
        }
    }

    #[cold]
    fn wrong_count(&self, vm: &mut Vm, this: &Value, what: &str, given: usize) -> PyResult {
        let name = self.name_in_messages(vm, this);
        Err(vm.type_error(format!("{name}() {what} ({given} given)")))
    }

    /// The name of the class that has this method, among those of `this`.
    fn owner(&self, vm: &mut Vm, this: &Value) -> Option<std::rc::Rc<str>> {
        let classes = vm.type_of(this).mro(vm).to_vec();
        let name = vm.intern(self.name);
        let owner = classes.iter().find(|class| {
            let found = class.dict(vm).get_str(vm, &name);
            found.is_some_and(|found| {
                let method = found.downcast::<MethodDescriptor>();
                method.is_some_and(|method| std::ptr::eq(method.def, self))
            })
        });
        owner.map(|class| class.name())
    }

    /// The name, with the class of a method.
    fn name_in_messages(&self, vm: &mut Vm, this: &Value) -> String {
        if let (Binding::Class, Some(class)) = (self.binding, this.downcast::<Type>()) {
            return format!("{}.{}", unqualified(&class.name()), self.name);
        }
        if let Some(module) = this.downcast::<Module>() {
            let key = vm.names.__name__.clone();
            let module = module.dict.get_str(vm, &key);
            return match module.as_ref().and_then(|name| name.downcast::<Str>()) {
                Some(module) if !module.eq_str("builtins") => format!("{module}.{}", self.name),
                _ => self.name.to_owned(),
            };
        }
        match self
            .owner(vm, this)
            .or_else(|| vm.built_in_class_name(this))
        {
            Some(owner) => format!("{}.{}", unqualified(&owner), self.name),
            None => self.name.to_owned(),
        }
    }
}

/// The name of a class without its module.
fn unqualified(name: &str) -> &str {
    name.rsplit('.').next().unwrap_or(name)
}

/// A native function: of a module, or a method bound to its instance or class.
pub struct NativeFunction {
    pub(crate) def: &'static NativeDef,
    /// The instance, class or module; `None` (Python's) if there is none.
    pub(crate) this: Value,
    /// The module's name, for `__module__`.
    pub(crate) module: ValueCell,
}

impl NativeFunction {
    /// Calls the function. Of a bound method, what is wrong with the arguments names the class of the instance, which
    /// the method need not be of.
    #[inline]
    pub(crate) fn invoke(function: &Ref<Self>, vm: &mut Vm, args: Args<'_>) -> PyResult {
        let what = match function.def.call {
            NativeCall::NoArgs(_) | NativeCall::One(_) | NativeCall::Range(..)
                if args.has_keywords() =>
            {
                "takes no keyword arguments"
            }
            NativeCall::NoArgs(_) if !args.positional().is_empty() => "takes no arguments",
            NativeCall::One(_) if args.positional().len() != 1 => "takes exactly one argument",
            _ => return function.def.invoke(vm, &function.this, args),
        };
        Self::refuse(function, vm, args, what)
    }

    #[cold]
    fn refuse(function: &Ref<Self>, vm: &mut Vm, args: Args<'_>, what: &str) -> PyResult {
        let def = function.def;
        let name = if vm.version_number() <= def.parsed_until {
            def.name.to_owned()
        } else if def.binding == Binding::Instance
            && vm.built_in_class_name(&function.this).is_some()
        {
            let name = native_attributes::qualname(vm, function.as_value())?;
            vm.display(&name)
        } else {
            return def.invoke(vm, &function.this, args);
        };
        let given = match args.has_keywords() {
            true => String::new(),
            false => format!(" ({} given)", args.positional().len()),
        };
        Err(vm.type_error(format!("{name}() {what}{given}")))
    }
}

impl Payload for NativeFunction {
    const KIND: Kind = Kind::NativeFunction;

    fn traverse(&self, visit: &mut dyn FnMut(&Value)) {
        visit(&self.this);
        self.module.traverse(visit);
    }
}

/// A native method in a class's dict, not yet bound.
pub struct MethodDescriptor {
    pub(crate) def: &'static NativeDef,
    pub(crate) owner: Ref<Type>,
}

impl Payload for MethodDescriptor {
    const KIND: Kind = Kind::MethodDescriptor;

    fn traverse(&self, visit: &mut dyn FnMut(&Value)) {
        visit(self.owner.as_value());
    }
}

/// The getter of a native attribute.
pub type Getter = fn(&mut Vm, &Value) -> PyResult;
/// The setter of a native attribute; no value means deletion.
pub type Setter = fn(&mut Vm, &Value, Option<Value>) -> PyResult<()>;

/// One native attribute, as a table entry.
pub struct GetSetDef {
    /// The name.
    pub name: &'static str,
    /// Reads it.
    pub get: Getter,
    /// Writes it; `None` if it is read-only.
    pub set: Option<Setter>,
    /// Whether it shows as a member descriptor rather than a getset descriptor.
    pub member: bool,
    /// The Python versions that have it.
    pub versions: Versions,
}

impl GetSetDef {
    /// A read-only attribute.
    pub const fn get(name: &'static str, get: Getter) -> GetSetDef {
        GetSetDef {
            name,
            get,
            set: None,
            member: false,
            versions: Versions::ALL,
        }
    }

    /// An attribute that can be set.
    pub const fn get_set(name: &'static str, get: Getter, set: Setter) -> GetSetDef {
        GetSetDef {
            name,
            get,
            set: Some(set),
            member: false,
            versions: Versions::ALL,
        }
    }

    /// The same, in 3.`minor` and later only.
    pub const fn since(self, minor: u8) -> GetSetDef {
        GetSetDef {
            versions: self.versions.since(minor),
            ..self
        }
    }

    /// The same, in 3.`minor` and earlier only.
    pub const fn until(self, minor: u8) -> GetSetDef {
        GetSetDef {
            versions: self.versions.until(minor),
            ..self
        }
    }

    /// The same as a member.
    pub const fn member(self) -> GetSetDef {
        GetSetDef {
            member: true,
            ..self
        }
    }
}

/// A native attribute in a class's dict.
pub struct GetSetDescriptor {
    pub(crate) def: &'static GetSetDef,
    pub(crate) owner: Ref<Type>,
}

impl Payload for GetSetDescriptor {
    fn traverse(&self, visit: &mut dyn FnMut(&Value)) {
        visit(self.owner.as_value());
    }
}
