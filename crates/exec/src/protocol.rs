//! What one can do with any value: the operations behind Python's operators and built-in functions.
//!
//! Each follows the abstract layer of CPython's object protocol, its order of attempts and its error messages.

use std::cmp::Ordering;
use std::ops::ControlFlow;

use crate::call::Args;
use crate::error::{PyResult, Raised};
use crate::numeric::bigint;
use crate::object::dict_views::dict_items;
use crate::object::header::{Kind, Ref, flags};
use crate::object::int::{Int, IntRef};
use crate::object::int_methods::decimal;
use crate::object::iter::SequenceIterator;
use crate::object::known_eq::known_eq;
use crate::object::list::List;
use crate::object::list_iter::ListIterator;
use crate::object::numbers::INDEX;
use crate::object::object_::Attribute;
use crate::object::range_methods;
use crate::object::slots::{BinaryOp, CompareOp, UnaryOp};
use crate::object::str_::Str;
use crate::object::tuple::Tuple;
use crate::object::tuple_iter::TupleIterator;
use crate::object::type_::Type;
use crate::object::type_alias::TypeAlias;
use crate::object::union::Union;
use crate::ops::attributes::is_generic;
use crate::text::StrView;
use crate::value::Value;
use crate::vm::Vm;

/// Attributes.
/// What a value is hashed for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum HashRole {
    Key,
    FrozenKey,
    Element,
}

impl Vm {
    /// `value.name`, for an interned name.
    #[inline]
    pub fn get_attr(&mut self, value: &Value, name: &Ref<Str>) -> PyResult {
        match self.type_of(value).slots.get_attr.get() {
            Some(get) => match get(self, value, name) {
                Err(raised) => Err(self.tell_attribute(raised, value, name)),
                found => found,
            },
            None => Err(self.no_attribute(value, name)),
        }
    }

    /// `value.name`, or nothing where that would raise AttributeError.
    pub fn get_attr_opt(&mut self, value: &Value, name: &Ref<Str>) -> PyResult<Option<Value>> {
        if is_generic(self.type_of(value)) {
            // What is not there needs no exception to say so.
            match self.find_attribute(value, name) {
                Ok(Attribute::Value(value)) => return Ok(Some(value)),
                Ok(Attribute::Method(method)) => return self.bind(&method, value).map(Some),
                Ok(Attribute::Missing) => return Ok(None),
                Err(raised) if raised.is(self, &self.types.attribute_error) => return Ok(None),
                Err(raised) => return Err(raised),
            }
        }
        match self.get_attr(value, name) {
            Ok(value) => Ok(Some(value)),
            Err(raised) if raised.is(self, &self.types.attribute_error) => Ok(None),
            Err(raised) => Err(raised),
        }
    }

    /// `value.name = new`, or `del value.name`.
    #[inline]
    pub fn set_attr(&mut self, value: &Value, name: &Ref<Str>, new: Option<Value>) -> PyResult<()> {
        match self.type_of(value).slots.set_attr.get() {
            Some(set) => set(self, value, name, new),
            None => {
                let ty = self.type_name(value);
                let verb = if new.is_some() { "assign to" } else { "del" };
                Err(self.type_error(format!("'{ty}' object has no attributes ({verb} .{name})")))
            }
        }
    }

    /// The attribute name that a value stands for, interned.
    pub fn attribute_name(&mut self, name: &Value) -> PyResult<Ref<Str>> {
        match name.downcast::<Str>() {
            Some(name) => Ok(self.intern_ref(name)),
            None => {
                let found = self.type_name(name);
                Err(self.type_error(format!("attribute name must be string, not '{found}'")))
            }
        }
    }

    /// The method `name` of a value's class, and the instance if it is to be the first argument.
    pub(crate) fn special_method(
        &mut self,
        this: &Value,
        name: &Ref<Str>,
    ) -> PyResult<Option<(Value, bool)>> {
        let ty = self.type_of(this).clone();
        let Some(method) = ty.lookup(self, name) else {
            return Ok(None);
        };
        let method_type = self.type_of(&method);
        if method_type.has(crate::object::type_::flags::METHOD_DESCRIPTOR) {
            return Ok(Some((method, true)));
        }
        match method_type.slots.descr_get.get() {
            Some(get) => Ok(Some((
                get(self, &method, Some(this), Some(ty.as_value()))?,
                false,
            ))),
            None => Ok(Some((method, false))),
        }
    }

    /// Whether a value's class says, by None, that it has no method `name`.
    pub fn is_blocked(&mut self, this: &Value, name: &Ref<Str>) -> bool {
        let ty = self.type_of(this).clone();
        ty.lookup(self, name).is_some_and(|found| found.is_none())
    }

    /// Calls the method `name` of a value's class, if there is one.
    pub fn call_special_opt(
        &mut self,
        this: &Value,
        name: &Ref<Str>,
        arguments: &[Value],
    ) -> PyResult<Option<Value>> {
        match self.special_method(this, name)? {
            Some((method, true)) => self
                .call_with_self(&method, this, Args::positional_only(arguments))
                .map(Some),
            Some((method, false)) => self.call(&method, arguments).map(Some),
            None => Ok(None),
        }
    }

    /// Calls the method `name` of a value's class.
    pub fn call_special(&mut self, this: &Value, name: &Ref<Str>, arguments: &[Value]) -> PyResult {
        self.call_special_args(this, name, Args::positional_only(arguments))
    }

    /// Calls the method `name` of a value's class.
    pub fn call_special_args(&mut self, this: &Value, name: &Ref<Str>, args: Args<'_>) -> PyResult {
        match self.special_method(this, name)? {
            Some((method, true)) => self.call_with_self(&method, this, args),
            Some((method, false)) => self.call_args(&method, args),
            None => Err(self.no_attribute(this, name)),
        }
    }

    /// The same for the methods of descriptors, whose absence shows as an AttributeError with the bare name.
    pub(crate) fn call_special_or_attribute_error(
        &mut self,
        this: &Value,
        name: &Ref<Str>,
        arguments: &[Value],
    ) -> PyResult {
        match self.call_special_opt(this, name, arguments)? {
            Some(value) => Ok(value),
            None => Err(self.error(&self.types.attribute_error.clone(), name.to_string())),
        }
    }
}

/// Truth, identity, hashing, comparison.
impl Vm {
    /// `bool(value)`.
    #[inline]
    pub fn truth(&mut self, value: &Value) -> PyResult<bool> {
        if let Some(b) = value.as_bool() {
            return Ok(b);
        }
        if let Some(n) = value.as_small_int() {
            return Ok(n != 0);
        }
        if value.is_none() {
            return Ok(false);
        }
        let slots = &self.type_of(value).slots;
        if let Some(truth) = slots.bool.get() {
            return truth(self, value);
        }
        if let Some(len) = slots.len.get() {
            return Ok(len(self, value)? != 0);
        }
        Ok(true)
    }

    /// `hash(value)`.
    #[inline]
    pub fn hash(&mut self, value: &Value) -> PyResult<i64> {
        if let Some(text) = value.downcast::<Str>()
            && text.is_exact()
        {
            return Ok(text.hash(self));
        }
        if let Some(n) = value.as_small_int() {
            return Ok(if n == -1 { -2 } else { n });
        }
        match self.type_of(value).slots.hash.get() {
            Some(hash) => hash(self, value),
            None => crate::object::slot_functions::not_hashable(self, value),
        }
    }

    /// The hash of a dict's key or a set's element. From 3.14 on the complaint says which of them it was to be.
    #[inline]
    pub(crate) fn hash_as(&mut self, value: &Value, role: HashRole) -> PyResult<i64> {
        match self.hash(value) {
            Ok(hash) => Ok(hash),
            Err(raised) => Err(self.unhashable_as(value, role, raised)),
        }
    }

    #[cold]
    fn unhashable_as(&mut self, value: &Value, role: HashRole, raised: Raised) -> Raised {
        if self.version_number() < 14 || !raised.0.ty().is(&self.types.type_error) {
            return raised;
        }
        let reason = match self.str_text(&Value::from(raised.0)) {
            Ok(reason) => reason,
            Err(raised) => return raised,
        };
        let found = self.full_type_name(value);
        let role = match role {
            HashRole::Key => "a dict key",
            HashRole::FrozenKey => "a frozendict key",
            HashRole::Element => "a set element",
        };
        self.type_error(format!("cannot use '{found}' as {role} ({reason})"))
    }

    /// The hash that an int from `__hash__` stands for.
    pub(crate) fn hash_from_int(&self, value: &Value) -> Option<i64> {
        match value.as_int()? {
            IntRef::Small(n) => Some(n),
            IntRef::Big(n) => Some(bigint::to_i64(n).unwrap_or_else(|| bigint::hash(n))),
        }
    }

    /// `a OP b`, as CPython's `PyObject_RichCompare`.
    #[inline]
    pub fn compare(&mut self, a: &Value, b: &Value, op: CompareOp) -> PyResult {
        if let Some((a, b)) = Value::small_ints(a, b) {
            return Ok(Value::bool(op.holds(a.cmp(&b))));
        }
        self.compare_objects(a, b, op)
    }

    #[inline(never)]
    fn compare_objects(&mut self, a: &Value, b: &Value, op: CompareOp) -> PyResult {
        self.enter(" in comparison")?;
        let result = self.compare_unguarded(a, b, op);
        self.leave();
        result
    }

    fn compare_unguarded(&mut self, a: &Value, b: &Value, op: CompareOp) -> PyResult {
        let (a_type, b_type) = (self.type_of(a).clone(), self.type_of(b).clone());
        let mut swapped_done = false;
        if !a_type.is(&b_type)
            && b_type.is_subtype(self, &a_type)
            && let Some(compare) = b_type.slots.compare.get()
        {
            swapped_done = true;
            let result = compare(self, b, a, op.swapped())?;
            if !result.is_not_implemented() {
                return Ok(result);
            }
        }
        if let Some(compare) = a_type.slots.compare.get() {
            let result = compare(self, a, b, op)?;
            if !result.is_not_implemented() {
                return Ok(result);
            }
        }
        if swapped_done {
            return self.compare_identity(a, b, op);
        }
        self.compare_reflected(a, b, op)
    }

    /// `a OP b`, when `a` has nothing to say about it.
    pub(crate) fn compare_reflected(&mut self, a: &Value, b: &Value, op: CompareOp) -> PyResult {
        if let Some(compare) = self.type_of(b).slots.compare.get() {
            let result = compare(self, b, a, op.swapped())?;
            if !result.is_not_implemented() {
                return Ok(result);
            }
        }
        self.compare_identity(a, b, op)
    }

    /// `a OP b`, when neither has anything to say about it.
    fn compare_identity(&mut self, a: &Value, b: &Value, op: CompareOp) -> PyResult {
        match op {
            CompareOp::Eq => Ok(Value::bool(a.is(b))),
            CompareOp::Ne => Ok(Value::bool(!a.is(b))),
            _ => {
                let (a, b) = (self.type_of(a).name(), self.type_of(b).name());
                let symbol = op.symbol();
                Err(self.type_error(format!(
                    "'{symbol}' not supported between instances of '{a}' and '{b}'"
                )))
            }
        }
    }

    /// The truth of `a OP b`, where an object is equal to itself, as containers compare.
    #[inline]
    pub fn compare_bool(&mut self, a: &Value, b: &Value, op: CompareOp) -> PyResult<bool> {
        if a.is(b) {
            match op {
                CompareOp::Eq => return Ok(true),
                CompareOp::Ne => return Ok(false),
                _ => {}
            }
        }
        let result = self.compare(a, b, op)?;
        self.truth(&result)
    }

    /// Whether two values are equal, as containers compare.
    #[inline]
    pub fn eq(&mut self, a: &Value, b: &Value) -> PyResult<bool> {
        match known_eq(a, b) {
            Some(equal) => Ok(equal),
            None => self.compare_bool(a, b, CompareOp::Eq),
        }
    }

    /// The order of two values by `<` and `==`, for code that needs one answer.
    pub fn order(&mut self, a: &Value, b: &Value) -> PyResult<Ordering> {
        if self.eq(a, b)? {
            return Ok(Ordering::Equal);
        }
        Ok(if self.compare_bool(a, b, CompareOp::Lt)? {
            Ordering::Less
        } else {
            Ordering::Greater
        })
    }
}

/// Text.
impl Vm {
    /// `repr(value)`.
    pub fn repr(&mut self, value: &Value) -> PyResult<Value> {
        let Some(repr) = self.type_of(value).slots.unary(UnaryOp::Repr) else {
            let name = self.type_name(value);
            return Ok(self.new_str(&format!("<{name} object at {:#x}>", value.id())));
        };
        self.enter(" while getting the repr of an object")?;
        let result = repr(self, value);
        self.leave();
        self.require_str(value, result?, "__repr__")
    }

    /// `str(value)`.
    pub fn str(&mut self, value: &Value) -> PyResult<Value> {
        if value.downcast::<Str>().is_some_and(|s| s.is_exact()) {
            return Ok(value.clone());
        }
        if let Some(n) = value.as_small_int() {
            let mut digits = [0; 24];
            return Ok(self.str_from_view(StrView::Ascii(decimal(&mut digits, n))));
        }
        let Some(str) = self.type_of(value).slots.unary(UnaryOp::Str) else {
            return self.repr(value);
        };
        self.enter(" while getting the str of an object")?;
        let result = str(self, value);
        self.leave();
        self.require_str(value, result?, "__str__")
    }

    fn require_str(&mut self, owner: &Value, text: Value, method: &str) -> PyResult {
        if text.downcast::<Str>().is_some() {
            return Ok(text);
        }
        let message = self.wrong_result(owner, method, "a str", &text, |found| {
            format!("{method} returned non-string (type {found})")
        });
        Err(self.type_error(message))
    }

    /// The text of a str value, lossily; of anything else, its debug form. For messages.
    pub fn display(&self, value: &Value) -> String {
        match value.downcast::<Str>() {
            Some(text) => text.to_string(),
            None => format!("{value:?}"),
        }
    }

    /// `repr(value)` as Rust text, for messages.
    pub fn repr_text(&mut self, value: &Value) -> PyResult<String> {
        let repr = self.repr(value)?;
        Ok(self.display(&repr))
    }

    /// `str(value)` as Rust text, for messages.
    pub fn str_text(&mut self, value: &Value) -> PyResult<String> {
        let text = self.str(value)?;
        Ok(self.display(&text))
    }
}

/// Iteration.
impl Vm {
    /// The complaint about what an `__iter__` returned.
    #[cold]
    fn not_an_iterator(&mut self, value: &Value, found: &Value) -> Raised {
        let message = self.wrong_result(value, "__iter__", "an iterator", found, |found| {
            format!("iter() returned non-iterator of type '{found}'")
        });
        self.type_error(message)
    }

    /// `iter(value)`.
    #[inline]
    pub fn iter(&mut self, value: &Value) -> PyResult {
        if let Some(iterator) = self.iter_of_built_in(value) {
            return Ok(iterator);
        }
        let slots = &self.type_of(value).slots;
        let Some(iter) = slots.unary(UnaryOp::Iter) else {
            if slots.get_item.get().is_some() && self.is_sequence(value) {
                return Ok(SequenceIterator::new(self, value.clone()));
            }
            let name = self.type_name(value);
            return Err(self.type_error(format!("'{name}' object is not iterable")));
        };
        let iterator = iter(self, value)?;
        if self.type_of(&iterator).slots.next.get().is_none() {
            return Err(self.not_an_iterator(value, &iterator));
        }
        Ok(iterator)
    }

    /// The iterator of what programs iterate over most.
    #[inline]
    fn iter_of_built_in(&mut self, value: &Value) -> Option<Value> {
        let header = value.header().filter(|h| h.has(flags::EXACT))?;
        Some(match header.kind() {
            Kind::List => ListIterator::new(self, value.downcast()?),
            Kind::Tuple => TupleIterator::new(self, value.downcast()?),
            Kind::Range => range_methods::iter(self, value).ok()?,
            Kind::Generator if header.ty().is(&self.types.generator) => value.clone(),
            _ => return None,
        })
    }

    /// Whether a value can be indexed like a sequence: it has `__getitem__` and is no dict.
    pub fn is_sequence(&self, value: &Value) -> bool {
        self.type_of(value).slots.get_item.get().is_some()
            && value.downcast::<crate::object::dict::Dict>().is_none()
            && value.downcast::<Type>().is_none()
            && value.downcast::<Union>().is_none()
            && value.downcast::<TypeAlias>().is_none()
    }

    /// The next item of an iterator, or nothing at its end.
    #[inline]
    pub fn next(&mut self, iterator: &Value) -> PyResult<Option<Value>> {
        if let Some(iterator) = iterator.downcast::<ListIterator>() {
            return Ok(iterator.next_item(self));
        }
        self.next_by_slot(iterator)
    }

    fn next_by_slot(&mut self, iterator: &Value) -> PyResult<Option<Value>> {
        match self.type_of(iterator).slots.next.get() {
            Some(next) => match next(self, iterator) {
                // The value of a StopIteration, as of a generator that returned one, is for `next()` and `yield from` only.
                Err(raised) if raised.is(self, &self.types.stop_iteration) => Ok(None),
                item => item,
            },
            None => {
                let name = self.type_name(iterator);
                Err(self.type_error(format!("'{name}' object is not an iterator")))
            }
        }
    }

    /// All items of an iterable.
    pub fn collect(&mut self, iterable: &Value) -> PyResult<Vec<Value>> {
        if let Some(tuple) = iterable.downcast::<Tuple>().filter(|t| t.is_exact()) {
            return Ok(tuple.items().to_vec());
        }
        if let Some(list) = iterable.downcast::<List>().filter(|l| l.is_exact()) {
            return Ok(list.items(self).to_vec());
        }
        if let Some(items) = dict_items(self, iterable) {
            self.check_growth(items.len() * size_of::<Value>())?;
            return Ok(items);
        }
        let iterator = self.iter(iterable)?;
        self.ask_length(iterable)?;
        self.collect_rest(&iterator)
    }

    /// The items that an iterator has left.
    pub(crate) fn collect_rest(&mut self, iterator: &Value) -> PyResult<Vec<Value>> {
        let mut items = Vec::new();
        self.drain(iterator, |vm, item| {
            items.push(item);
            vm.check_growth(items.len())?;
            Ok(ControlFlow::Continue(()))
        })?;
        Ok(items)
    }

    /// Asks a program's own class how long its instance is, as CPython does before it builds a list: only an error matters here.
    pub(crate) fn ask_length(&mut self, iterable: &Value) -> PyResult<()> {
        let ty = self.type_of(iterable);
        if ty.is_built_in() {
            return Ok(());
        }
        if let Some(len) = ty.slots.len.get() {
            match len(self, iterable) {
                Ok(_) => return Ok(()),
                Err(raised) if !raised.is(self, &self.types.type_error) => return Err(raised),
                Err(_) => {}
            }
        }
        let name = self.intern("__length_hint__");
        let hint = match self.call_special_opt(iterable, &name, &[]) {
            Ok(hint) => hint.filter(|hint| !hint.is_not_implemented()),
            Err(raised) if raised.is(self, &self.types.type_error) => None,
            Err(raised) => return Err(raised),
        };
        match hint {
            Some(hint) if hint.as_int().is_none() => {
                let found = self.type_name(&hint);
                Err(self.type_error(match self.version_number() {
                    ..15 => format!("__length_hint__ must be an integer, not {found}"),
                    _ => {
                        let class = self.type_name(iterable);
                        format!("{class}.__length_hint__() must return an int, not {found}")
                    }
                }))
            }
            Some(hint) => {
                let message = "Python int too large to convert to C ssize_t";
                match self.index_as_i64(&hint, message)? {
                    ..0 => Err(self.value_error(match self.version_number() {
                        ..15 => "__length_hint__() should return >= 0".to_owned(),
                        _ => {
                            let class = self.type_name(iterable);
                            format!("{class}.__length_hint__() must return a non-negative int")
                        }
                    })),
                    _ => Ok(()),
                }
            }
            None => Ok(()),
        }
    }

    /// Calls `f` with each item of an iterable.
    pub fn for_each(
        &mut self,
        iterable: &Value,
        mut f: impl FnMut(&mut Vm, Value) -> PyResult<()>,
    ) -> PyResult<()> {
        let iterator = self.iter(iterable)?;
        self.drain(&iterator, |vm, item| {
            f(vm, item)?;
            Ok(ControlFlow::Continue(()))
        })
    }
}

/// Containers.
impl Vm {
    /// `len(value)`.
    #[inline]
    pub fn len(&mut self, value: &Value) -> PyResult<usize> {
        match self.type_of(value).slots.len.get() {
            Some(len) => len(self, value),
            None => {
                let name = self.type_name(value);
                Err(self.type_error(format!("object of type '{name}' has no len()")))
            }
        }
    }

    /// `container[key]`.
    #[inline]
    pub fn get_item(&mut self, container: &Value, key: &Value) -> PyResult {
        match self.type_of(container).slots.get_item.get() {
            Some(get) => get(self, container, key),
            None => self.class_get_item(container, key),
        }
    }

    /// `Class[key]`, through `__class_getitem__`.
    #[cold]
    fn class_get_item(&mut self, container: &Value, key: &Value) -> PyResult {
        if container.is(self.types.type_.as_value()) {
            return Ok(self.generic_alias(container.clone(), key));
        }
        let name = self.type_name(container);
        let Some(class) = container.downcast::<Type>() else {
            return Err(self.type_error(format!("'{name}' object is not subscriptable")));
        };
        let method_name = self.intern("__class_getitem__");
        match self.get_attr_opt(container, &method_name)? {
            Some(method) if !method.is_none() => self.call(&method, std::slice::from_ref(key)),
            _ => {
                let name = class.name();
                Err(self.type_error(format!("type '{name}' is not subscriptable")))
            }
        }
    }

    /// `container[key] = value`.
    #[inline]
    pub fn set_item(&mut self, container: &Value, key: &Value, value: Value) -> PyResult<()> {
        match self.type_of(container).slots.set_item.get() {
            Some(set) => set(self, container, key, Some(value)),
            None => {
                let name = self.type_name(container);
                Err(self.type_error(format!("'{name}' object does not support item assignment")))
            }
        }
    }

    /// `del container[key]`.
    pub fn delete_item(&mut self, container: &Value, key: &Value) -> PyResult<()> {
        match self.type_of(container).slots.set_item.get() {
            Some(set) => set(self, container, key, None),
            None => {
                let name = self.type_name(container);
                // What CPython says of a sequence; instances of Python classes can always be one.
                let is_sequence = !self.type_of(container).is_built_in()
                    || container.downcast::<Tuple>().is_some()
                    || container.downcast::<crate::object::str_::Str>().is_some()
                    || container
                        .downcast::<crate::object::bytes::Bytes>()
                        .is_some()
                    || container
                        .downcast::<crate::object::range::Range>()
                        .is_some();
                let is_index = self.type_of(key).slots.unary(UnaryOp::Index).is_some();
                let does_not = if is_sequence && is_index {
                    "doesn't"
                } else {
                    "does not"
                };
                Err(self.type_error(format!("'{name}' object {does_not} support item deletion")))
            }
        }
    }

    /// `item in container`.
    pub fn contains(&mut self, container: &Value, item: &Value) -> PyResult<bool> {
        match self.type_of(container).slots.contains.get() {
            Some(contains) => contains(self, container, item),
            None => self.contains_by_iteration(container, item),
        }
    }

    #[cold]
    fn not_a_container(&mut self, container: &Value) -> Raised {
        let name = self.type_name(container);
        let message = match self.version_number() {
            ..14 => format!("argument of type '{name}' is not iterable"),
            _ => format!("argument of type '{name}' is not a container or iterable"),
        };
        self.type_error(message)
    }

    /// `item in container`, by looking at each item.
    pub(crate) fn contains_by_iteration(
        &mut self,
        container: &Value,
        item: &Value,
    ) -> PyResult<bool> {
        let iterator = match self.iter(container) {
            Ok(iterator) => iterator,
            Err(raised) if raised.is(self, &self.types.type_error) => {
                return Err(self.not_a_container(container));
            }
            Err(raised) => return Err(raised),
        };
        while let Some(other) = self.next(&iterator)? {
            if self.eq(&other, item)? {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

/// Arithmetic.
impl Vm {
    /// Tries both operands' slots for `op`.
    fn binary_slots(&mut self, a: &Value, b: &Value, op: BinaryOp) -> PyResult {
        let (a_type, b_type) = (self.type_of(a), self.type_of(b));
        let a_slot = a_type.slots.binary(op);
        let mut b_slot = b_type.slots.binary(op);
        if let (Some(f), Some(g)) = (a_slot, b_slot) {
            if a_type.is(b_type) || std::ptr::fn_addr_eq(f, g) {
                b_slot = None;
            }
        } else if a_type.is(b_type) {
            b_slot = None;
        }
        if let Some(f) = a_slot {
            if let Some(g) = b_slot
                && b_type.is_subtype(self, a_type)
            {
                let result = g(self, a, b)?;
                if !result.is_not_implemented() {
                    return Ok(result);
                }
                b_slot = None;
            }
            let result = f(self, a, b)?;
            if !result.is_not_implemented() {
                return Ok(result);
            }
        }
        if let Some(g) = b_slot {
            let result = g(self, a, b)?;
            if !result.is_not_implemented() {
                return Ok(result);
            }
        }
        Ok(Value::NOT_IMPLEMENTED)
    }

    /// `a OP b`.
    pub fn binary(&mut self, a: &Value, b: &Value, op: BinaryOp) -> PyResult {
        let result = self.binary_slots(a, b, op)?;
        if !result.is_not_implemented() {
            return Ok(result);
        }
        if let Some(result) = self.sequence_operator(a, b, op, false)? {
            return Ok(result);
        }
        Err(self.binary_type_error(a, b, op, ""))
    }

    /// `a OP b`, when the method that the class of `a` has in Python has nothing to say about it.
    pub(crate) fn binary_reflected(
        &mut self,
        a: &Value,
        b: &Value,
        op: BinaryOp,
        in_place: bool,
    ) -> PyResult {
        let (a_type, b_type) = (self.type_of(a), self.type_of(b));
        if !a_type.is(b_type)
            && let Some(reflected) = b_type.slots.binary(op)
        {
            let result = reflected(self, a, b)?;
            if !result.is_not_implemented() {
                return Ok(result);
            }
        }
        if let Some(result) = self.sequence_operator(a, b, op, in_place)? {
            return Ok(result);
        }
        Err(self.binary_type_error(a, b, op, if in_place { "=" } else { "" }))
    }

    /// `a OP= b`: the new value of `a`.
    pub fn in_place(&mut self, a: &Value, b: &Value, op: BinaryOp) -> PyResult {
        if let Some(f) = self
            .type_of(a)
            .slots
            .in_place
            .get(op as usize)
            .and_then(|f| f.get())
        {
            let result = f(self, a, b)?;
            if !result.is_not_implemented() {
                return Ok(result);
            }
        }
        let result = self.binary_slots(a, b, op)?;
        if !result.is_not_implemented() {
            return Ok(result);
        }
        if let Some(result) = self.sequence_operator(a, b, op, true)? {
            return Ok(result);
        }
        Err(self.binary_type_error(a, b, op, "="))
    }

    /// `+` and `*` of sequences.
    fn sequence_operator(
        &mut self,
        a: &Value,
        b: &Value,
        op: BinaryOp,
        in_place: bool,
    ) -> PyResult<Option<Value>> {
        let (a_slots, b_slots) = (&self.type_of(a).slots, &self.type_of(b).slots);
        match op {
            BinaryOp::Add => {
                let f = if in_place {
                    a_slots.in_place_concat.get()
                } else {
                    None
                }
                .or(a_slots.concat.get());
                f.map(|f| f(self, a, b)).transpose()
            }
            BinaryOp::Multiply => {
                let f = if in_place {
                    a_slots.in_place_repeat.get()
                } else {
                    None
                }
                .or(a_slots.repeat.get());
                if let Some(f) = f {
                    return self.sequence_repeat(f, a, b).map(Some);
                }
                match b_slots.repeat.get() {
                    Some(f) => self.sequence_repeat(f, b, a).map(Some),
                    None => Ok(None),
                }
            }
            _ => Ok(None),
        }
    }

    fn sequence_repeat(
        &mut self,
        f: crate::object::slots::BinaryFn,
        sequence: &Value,
        count: &Value,
    ) -> PyResult {
        if self.type_of(count).slots.unary(UnaryOp::Index).is_none() {
            let name = self.type_name(count);
            return Err(self.type_error(format!(
                "can't multiply sequence by non-int of type '{name}'"
            )));
        }
        f(self, sequence, count)
    }

    #[cold]
    fn binary_type_error(&mut self, a: &Value, b: &Value, op: BinaryOp, suffix: &str) -> Raised {
        let (a_name, b_name) = (self.type_name(a), self.type_name(b));
        let symbol = match (op, suffix) {
            (BinaryOp::Power, "=") => "**",
            _ => op.symbol(),
        };
        if op == BinaryOp::RShift && suffix.is_empty() && self.is_print(a) {
            return self.type_error(format!(
                "unsupported operand type(s) for {symbol}: '{a_name}' and '{b_name}'. Did you mean \"print(<message>, file=<output_stream>)\"?"
            ));
        }
        self.type_error(format!(
            "unsupported operand type(s) for {symbol}{suffix}: '{a_name}' and '{b_name}'"
        ))
    }

    fn is_print(&self, value: &Value) -> bool {
        value
            .downcast::<crate::object::native::NativeFunction>()
            .is_some_and(|f| f.def.name == "print")
    }

    /// `-value`, `+value`, `~value`.
    pub fn unary(&mut self, value: &Value, op: UnaryOp) -> PyResult {
        if let Some(f) = self.type_of(value).slots.unary(op) {
            return f(self, value);
        }
        let name = self.type_name(value);
        let what = match op {
            UnaryOp::Negative => "unary -",
            UnaryOp::Positive => "unary +",
            UnaryOp::Invert => "unary ~",
            _ => "abs()",
        };
        Err(self.type_error(format!("bad operand type for {what}: '{name}'")))
    }

    /// `operator.index(value)`: an exact int.
    pub fn index(&mut self, value: &Value) -> PyResult {
        if value.as_small_int().is_some() {
            return Ok(value.clone());
        }
        if let Some(int) = value.as_int() {
            return Ok(match int {
                IntRef::Small(n) => self.int(n),
                IntRef::Big(n) => {
                    let n = n.clone();
                    self.int_from_big(n)
                }
            });
        }
        let Some(index) = self.type_of(value).slots.unary(UnaryOp::Index) else {
            let name = self.type_name(value);
            return Err(self.type_error(format!(
                "'{name}' object cannot be interpreted as an integer"
            )));
        };
        let result = index(self, value)?;
        if result.as_small_int().is_some() || result.downcast::<Int>().is_some_and(|n| n.is_exact())
        {
            return Ok(result);
        }
        match result.as_int() {
            Some(_) => {
                self.warn_strict_subclass(value, INDEX, &result)?;
                self.index(&result)
            }
            None => {
                let complaint = self.conversion_complaint(value, INDEX, &result);
                Err(self.type_error(complaint))
            }
        }
    }

    /// `operator.index(value)` as an i64; an OverflowError with this message beyond.
    #[inline]
    pub fn index_as_i64(&mut self, value: &Value, overflow: &str) -> PyResult<i64> {
        match value.as_small_int() {
            Some(n) => Ok(n),
            None => self.other_index_as_i64(value, overflow),
        }
    }

    #[cold]
    fn other_index_as_i64(&mut self, value: &Value, overflow: &str) -> PyResult<i64> {
        let index = self.index(value)?;
        match index.as_int().and_then(|n| n.to_i64()) {
            Some(n) => Ok(n),
            None => Err(self.overflow_error(overflow)),
        }
    }

    /// `operator.index(value)` as an i64, as an index into a sequence: an IndexError beyond.
    pub fn index_for(&mut self, value: &Value) -> PyResult<i64> {
        if let Some(n) = value.as_small_int() {
            return Ok(n);
        }
        let index = self.index(value)?;
        match index.as_int().and_then(|n| n.to_i64()) {
            Some(n) => Ok(n),
            None => {
                let name = self.type_name(value);
                Err(self.index_error(format!("cannot fit '{name}' into an index-sized integer")))
            }
        }
    }

    /// `operator.index(value)` as an i64, cut to the range.
    pub fn index_clamped(&mut self, value: &Value) -> PyResult<i64> {
        let index = self.index(value)?;
        Ok(match index.as_int() {
            Some(IntRef::Small(n)) => n,
            Some(IntRef::Big(n)) => bigint::to_i64(n).unwrap_or(if *n < bigint::BigInt::ZERO {
                i64::MIN
            } else {
                i64::MAX
            }),
            None => 0,
        })
    }
}
