//! What the built-in containers share: indices and slices, comparison item by item, `repr` with its guard against recursion.
//!
//! Invariant: each step reads the container anew, as Python code may have changed it meanwhile.

use crate::error::{PyResult, Raised};
use crate::object::header::{Payload, Ref};
use crate::object::slice::Slice;
use crate::object::slots::{CompareOp, UnaryOp};
use crate::object::stand_in;
use crate::object::str_::Str;
use crate::text::StrBuilder;
use crate::value::Value;
use crate::vm::Vm;

/// What stands between the brackets of `sequence[key]`.
pub enum Key {
    /// An index, negative from the end.
    Index(i64),
    /// A slice's start, stop and step.
    Slice(Option<i64>, Option<i64>, i64),
}

/// Takes a key apart, for messages about a `what`.
pub fn key_of(vm: &mut Vm, key: &Value, what: &str) -> PyResult<Key> {
    if let Some(index) = key.as_small_int() {
        return Ok(Key::Index(index));
    }
    if let Some(slice) = key.downcast::<Slice>() {
        let (start, stop, step) = vm.unpack_slice(slice)?;
        return Ok(Key::Slice(start, stop, step));
    }
    if is_index(vm, key) {
        return Ok(Key::Index(vm.index_for(key)?));
    }
    let found = vm.type_name(key);
    Err(vm.type_error(format!(
        "{what} indices must be integers or slices, not {found}"
    )))
}

/// Whether a value has `__index__`.
pub fn is_index(vm: &Vm, value: &Value) -> bool {
    value.as_int().is_some() || vm.type_of(value).slots.unary(UnaryOp::Index).is_some()
}

/// The place that an index means in a sequence of `len` items, if there is one.
#[inline]
pub fn place_of(index: i64, len: usize) -> Option<usize> {
    let index = if index < 0 { index + len as i64 } else { index };
    usize::try_from(index).ok().filter(|index| *index < len)
}

/// An index cut to `0..=len`, negative from the end.
pub fn cut(index: i64, len: usize) -> usize {
    let index = if index < 0 { index + len as i64 } else { index };
    index.clamp(0, len as i64) as usize
}

/// The receiver of a method; the method's descriptor has checked its class.
#[inline]
pub fn receiver<'a, T: Payload>(vm: &mut Vm, this: &'a Value) -> PyResult<&'a Ref<T>> {
    match this.downcast::<T>() {
        Some(object) => Ok(object),
        None => Err(wrong_receiver(vm, this)),
    }
}

#[cold]
fn wrong_receiver(vm: &mut Vm, this: &Value) -> Raised {
    let found = vm.type_name(this);
    vm.type_error(format!("descriptor doesn't apply to a '{found}' object"))
}

/// How many copies `sequence * count` makes.
pub fn repeat_count(vm: &mut Vm, count: &Value) -> PyResult<usize> {
    if let Some(count) = count.as_small_int() {
        return Ok(usize::try_from(count).unwrap_or(0));
    }
    let name = vm.type_name(count);
    let message = format!("cannot fit '{name}' into an index-sized integer");
    let count = vm.index_as_i64(count, &message)?;
    Ok(usize::try_from(count).unwrap_or(0))
}

/// `items * count`, within the VM's limits.
pub fn repeat(vm: &mut Vm, items: &[Value], count: usize) -> PyResult<Vec<Value>> {
    let len = match items.len().checked_mul(count) {
        Some(len) if len <= vm.max_size() / size_of::<Value>() => len,
        _ => return Err(vm.memory_error()),
    };
    let mut repeated = with_capacity(vm, len)?;
    if let [item] = items {
        repeated.resize(len, item.clone());
    } else {
        for _ in 0..if items.is_empty() { 0 } else { count } {
            repeated.extend_from_slice(items);
        }
    }
    Ok(repeated)
}

/// Room for `len` items.
pub fn with_capacity(vm: &mut Vm, len: usize) -> PyResult<Vec<Value>> {
    vm.check_growth(len.saturating_mul(size_of::<Value>()))?;
    let mut items = Vec::new();
    match items.try_reserve_exact(len) {
        Ok(()) => Ok(items),
        Err(_) => Err(vm.memory_error()),
    }
}

/// Compares two sequences by their first pair of items that differ.
pub fn compare(
    vm: &mut Vm,
    op: CompareOp,
    item: impl Fn(&Vm, usize) -> (Option<Value>, Option<Value>),
    lens: impl Fn(&Vm) -> (usize, usize),
) -> PyResult {
    let mut at = 0;
    loop {
        let (Some(a), Some(b)) = item(vm, at) else {
            let (a, b) = lens(vm);
            return Ok(Value::bool(op.holds(a.cmp(&b))));
        };
        if vm.eq(&a, &b)? {
            at += 1;
            continue;
        }
        let (Some(a), Some(b)) = item(vm, at) else {
            // The comparison made one shorter: their lengths decide.
            continue;
        };
        return match op {
            CompareOp::Eq => Ok(Value::FALSE),
            CompareOp::Ne => Ok(Value::TRUE),
            _ => vm.compare(&a, &b, op),
        };
    }
}

/// The `repr` of a container between two marks, the items one by one from `next`; `recursive` if it is inside itself.
pub fn repr_items(
    vm: &mut Vm,
    this: &Value,
    marks: (&str, &str),
    recursive: &str,
    mut next: impl FnMut(&mut Vm, &mut StrBuilder) -> PyResult<bool>,
) -> PyResult {
    let Some(guard) = vm.enter_repr(this) else {
        return Ok(vm.new_str(recursive));
    };
    let mut text = StrBuilder::new();
    text.push_str(marks.0);
    let mut is_first = true;
    let mut write = |vm: &mut Vm| -> PyResult<()> {
        loop {
            let mut item = StrBuilder::new();
            if !next(vm, &mut item)? {
                return Ok(());
            }
            if !std::mem::replace(&mut is_first, false) {
                text.push_str(", ");
            }
            text.push_view(item.view());
            vm.check_growth(text.len())?;
        }
    };
    let result = write(vm);
    vm.leave_repr(guard);
    result?;
    text.push_str(marks.1);
    Ok(vm.str_from_buf(text.finish()))
}

/// Adds the `repr` of a value to a text.
pub fn push_repr(vm: &mut Vm, text: &mut StrBuilder, value: &Value) -> PyResult<()> {
    let repr = vm.repr(value)?;
    if let Some(repr) = repr.downcast::<Str>() {
        text.push_view(repr.view());
    }
    Ok(())
}

/// That a container's `repr` is being made, until it is given to [`Vm::leave_repr`].
pub struct ReprGuard(u64);

impl Vm {
    /// Notes that the `repr` of `value` is being made; nothing if it is already.
    pub fn enter_repr(&mut self, value: &Value) -> Option<ReprGuard> {
        let id = value.id();
        if self.in_repr.contains(&id) {
            return None;
        }
        self.in_repr.push(id);
        Some(ReprGuard(id))
    }

    /// Notes that a `repr` is made.
    pub fn leave_repr(&mut self, guard: ReprGuard) {
        if let Some(at) = self.in_repr.iter().rposition(|id| *id == guard.0) {
            self.in_repr.remove(at);
        }
    }

    /// What `__reduce__` of an iterator gives: how to make it anew, and where it stands.
    pub(crate) fn reduce_iterator(
        &mut self,
        function: &str,
        of: Value,
        state: Option<Value>,
    ) -> PyResult {
        self.reduce_iterator_with(function, |_| (of, state))
    }

    /// The same for what is to be looked at only when the function has been found: finding it may run code.
    pub(crate) fn reduce_iterator_with(
        &mut self,
        function: &str,
        parts: impl FnOnce(&mut Vm) -> (Value, Option<Value>),
    ) -> PyResult {
        let function = self.builtin_function(function)?;
        let (of, state) = parts(self);
        let mut parts = vec![function, self.new_tuple(vec![of])];
        parts.extend(state);
        Ok(self.new_tuple(parts))
    }

    /// What stands under this name in `builtins`, where a program may have put a key with an `__eq__` of its own.
    pub(crate) fn builtin_function(&mut self, name: &str) -> PyResult {
        let name = self.intern(name);
        let builtins = self.current_builtins();
        match stand_in::builtin(self, &builtins, &name)? {
            Some(function) => Ok(function),
            None => Err(self.error(&self.types.attribute_error.clone(), name.to_string())),
        }
    }
}
