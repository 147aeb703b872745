//! `isinstance` and `issubclass`: of classes, of tuples and unions of them, and of whatever has `__bases__`.

use crate::error::{PyResult, Raised};
use crate::object::header::Ref;
use crate::object::str_::Str;
use crate::object::tuple::Tuple;
use crate::object::type_::Type;
use crate::object::union::Union;
use crate::ops::attributes::is_generic;
use crate::value::Value;
use crate::vm::Vm;

const NO_CLASS: &str = "issubclass() arg 1 must be a class";
const NO_INSTANCE_CLASS: &str = "isinstance() arg 2 must be a type, a tuple of types, or a union";
const NO_SUBCLASS_CLASS: &str =
    "issubclass() arg 2 must be a class, a tuple of classes, or a union";

/// How far one follows what says of itself that it has a single base, which nothing keeps from being itself.
const LONGEST_CHAIN: usize = 1 << 20;

impl Vm {
    /// Whether a class has an attribute from `object`.
    fn is_of_object(&mut self, class: &Ref<Type>, name: &Ref<Str>) -> bool {
        let object = self.types.object.clone();
        match (class.lookup(self, name), object.lookup(self, name)) {
            (Some(found), Some(own)) => found.is(&own),
            _ => false,
        }
    }

    /// `isinstance(value, class)`.
    pub fn is_instance(&mut self, value: &Value, class: &Value) -> PyResult<bool> {
        if let Some(ty) = class.downcast::<Type>() {
            if self.type_of(value).is(ty) {
                return Ok(true);
            }
            if ty.ty().is(&self.types.type_) {
                return self.is_instance_of(value, ty);
            }
        }
        self.class_check(value, class, true)
    }

    /// `issubclass(sub, class)`.
    pub fn is_subclass(&mut self, sub: &Value, class: &Value) -> PyResult<bool> {
        if let (Some(sub), Some(ty)) = (sub.downcast::<Type>(), class.downcast::<Type>())
            && ty.ty().is(&self.types.type_)
        {
            return Ok(sub.is_subtype(self, ty));
        }
        self.class_check(sub, class, false)
    }

    fn class_check(&mut self, value: &Value, class: &Value, instance: bool) -> PyResult<bool> {
        let place = match instance {
            true => " in __instancecheck__",
            false => " in __subclasscheck__",
        };
        let is_union = |class: &Value| class.downcast::<Union>().map(|u| u.members.clone());
        let classes = class.downcast::<Tuple>().cloned();
        if let Some(classes) = classes.or_else(|| is_union(class)) {
            self.enter(place)?;
            let mut result = Ok(false);
            for class in classes.items() {
                result = match instance {
                    true => self.is_instance(value, class),
                    false => self.is_subclass(value, class),
                };
                if !matches!(result, Ok(false)) {
                    break;
                }
            }
            self.leave();
            return result;
        }
        let name = self.intern(match instance {
            true => "__instancecheck__",
            false => "__subclasscheck__",
        });
        self.enter(place)?;
        let result = self.call_special_opt(class, &name, std::slice::from_ref(value));
        self.leave();
        match (result?, instance) {
            (Some(result), _) => self.truth(&result),
            (None, true) => self.is_plain_instance(value, class),
            (None, false) => self.is_plain_subclass(value, class),
        }
    }

    /// `isinstance` without asking the class.
    pub(crate) fn is_plain_instance(&mut self, value: &Value, class: &Value) -> PyResult<bool> {
        if let Some(ty) = class.downcast::<Type>() {
            return self.is_instance_of(value, ty);
        }
        self.check_has_bases(class, NO_INSTANCE_CLASS)?;
        let name = self.names.__class__.clone();
        match self.get_attr_opt(value, &name)? {
            Some(own) => self.is_below(&own, class),
            None => Ok(false),
        }
    }

    /// `issubclass` without asking the class.
    pub(crate) fn is_plain_subclass(&mut self, sub: &Value, class: &Value) -> PyResult<bool> {
        if let (Some(sub), Some(ty)) = (sub.downcast::<Type>(), class.downcast::<Type>()) {
            return Ok(sub.is_subtype(self, ty));
        }
        self.check_has_bases(sub, NO_CLASS)?;
        self.check_has_bases(class, NO_SUBCLASS_CLASS)?;
        self.is_below(sub, class)
    }

    /// What something says that its bases are: a tuple, or nothing that counts.
    fn abstract_bases(&mut self, class: &Value) -> PyResult<Option<Ref<Tuple>>> {
        let name = self.intern("__bases__");
        let bases = self.get_attr_opt(class, &name)?;
        Ok(bases.and_then(|bases| bases.into_ref::<Tuple>().ok()))
    }

    fn check_has_bases(&mut self, class: &Value, message: &str) -> PyResult<()> {
        match self.abstract_bases(class)? {
            Some(_) => Ok(()),
            None => Err(self.type_error(message)),
        }
    }

    /// Whether `class` is `derived` or among what that says its bases are.
    fn is_below(&mut self, derived: &Value, class: &Value) -> PyResult<bool> {
        let mut derived = derived.clone();
        for _ in 0..LONGEST_CHAIN {
            if derived.is(class) {
                return Ok(true);
            }
            let Some(bases) = self.abstract_bases(&derived)? else {
                return Ok(false);
            };
            match bases.items() {
                [] => return Ok(false),
                [only] => derived = only.clone(),
                bases => return self.is_any_below(bases, class),
            }
        }
        Err(self.endless())
    }

    fn is_any_below(&mut self, bases: &[Value], class: &Value) -> PyResult<bool> {
        self.enter(" in __issubclass__")?;
        let mut result = Ok(false);
        for base in bases {
            result = self.is_below(base, class);
            if !matches!(result, Ok(false)) {
                break;
            }
        }
        self.leave();
        result
    }

    #[cold]
    fn endless(&mut self) -> Raised {
        self.recursion_error(" in __issubclass__")
    }

    /// Whether a value's class, or what its `__class__` says, derives from `ty`.
    pub(crate) fn is_instance_of(&mut self, value: &Value, ty: &Ref<Type>) -> PyResult<bool> {
        if self.type_of(value).is_subtype(self, ty) {
            return Ok(true);
        }
        // Only a class with an attribute hook or a property can say something else than the truth here.
        let name = self.names.__class__.clone();
        let own = self.type_of(value).clone();
        if is_generic(&own) && (own.is_built_in() || self.is_of_object(&own, &name)) {
            return Ok(false);
        }
        let class = self.get_attr_opt(value, &name)?;
        Ok(match class.as_ref().and_then(|c| c.downcast::<Type>()) {
            Some(class) if !class.is(self.type_of(value)) => class.is_subtype(self, ty),
            _ => false,
        })
    }
}
