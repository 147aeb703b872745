//! The slots of str, its constructor, and the table of its methods; their bodies are in the other `str_….rs` files.

use crate::call::{Args, Params, check_count};
use crate::error::PyResult;
use crate::object::codec;
use crate::object::header::Ref;
use crate::object::native::NativeDef;
use crate::object::sequence::{is_index, place_of};
use crate::object::slice::Slice;
use crate::object::slots::{BinaryOp, CompareOp, UnaryOp};
use crate::object::str_::Str;
use crate::object::str_iter::StrIterator;
use crate::object::text_args::{text, too_large, unchanged};
use crate::object::type_::Type;
use crate::object::{str_case, str_format, str_percent, str_search, str_split, str_translate};
use crate::text;
use crate::value::Value;
use crate::vm::Vm;

fn repr(vm: &mut Vm, this: &Value) -> PyResult {
    let repr = text::repr(text(this), vm.unicode_version());
    Ok(vm.str_from_buf(repr))
}

fn str(vm: &mut Vm, this: &Value) -> PyResult {
    Ok(unchanged(vm, this))
}

fn hash(vm: &mut Vm, this: &Value) -> PyResult<i64> {
    Ok(this.downcast::<Str>().map_or(0, |text| text.hash(vm)))
}

fn compare(_vm: &mut Vm, a: &Value, b: &Value, op: CompareOp) -> PyResult {
    let (Some(a), Some(b)) = (a.downcast::<Str>(), b.downcast::<Str>()) else {
        return Ok(Value::NOT_IMPLEMENTED);
    };
    Ok(Value::bool(match op {
        CompareOp::Eq => **a == **b,
        CompareOp::Ne => **a != **b,
        _ => op.holds(a.view().cmp(&b.view())),
    }))
}

fn len(_vm: &mut Vm, this: &Value) -> PyResult<usize> {
    Ok(text(this).len())
}

fn get_item(vm: &mut Vm, this: &Value, key: &Value) -> PyResult {
    let view = text(this);
    if let Some(slice) = key.downcast::<Slice>() {
        let picked = vm.slice_indices(slice, view.len())?;
        if picked.len == view.len() && picked.step == 1 {
            return Ok(unchanged(vm, this));
        }
        let part = view.slice(
            picked.start.max(0) as usize,
            picked.step as isize,
            picked.len,
        );
        return Ok(vm.str_from_view(part.view()));
    }
    if !is_index(vm, key) {
        let found = vm.type_name(key);
        return Err(vm.type_error(format!("string indices must be integers, not '{found}'")));
    }
    let index = vm.index_for(key)?;
    match place_of(index, view.len()).and_then(|index| view.get(index)) {
        Some(c) => Ok(vm.character(c)),
        None => Err(vm.index_error("string index out of range")),
    }
}

fn contains(vm: &mut Vm, this: &Value, item: &Value) -> PyResult<bool> {
    match item.downcast::<Str>() {
        Some(item) => Ok(text(this).contains(item.view())),
        None => {
            let found = vm.type_name(item);
            Err(vm.type_error(format!(
                "'in <string>' requires string as left operand, not {found}"
            )))
        }
    }
}

fn concat(vm: &mut Vm, a: &Value, b: &Value) -> PyResult {
    let Some(right) = b.downcast::<Str>() else {
        let found = vm.type_name(b);
        return Err(vm.type_error(format!("can only concatenate str (not \"{found}\") to str")));
    };
    let left = text(a);
    if right.is_empty() {
        return Ok(unchanged(vm, a));
    }
    if left.is_empty() {
        return Ok(unchanged(vm, b));
    }
    let parts = [left, right.view()].into_iter();
    if let Some(sum) = Str::joined(&vm.types.str, parts, vm.max_size()) {
        return Ok(sum.into());
    }
    match left.concat(right.view(), vm.max_size()) {
        Ok(text) => Ok(vm.str_from_buf(text)),
        Err(error) => Err(too_large(vm, error, "strings are too large to concat")),
    }
}

fn repeat(vm: &mut Vm, this: &Value, count: &Value) -> PyResult {
    let count = vm.index_as_i64_for_repeat(count)?;
    if count == 1 {
        return Ok(unchanged(vm, this));
    }
    match text(this).repeat(count, vm.max_size()) {
        Ok(text) => Ok(vm.str_from_buf(text)),
        Err(error) => Err(too_large(vm, error, "repeated string is too long")),
    }
}

impl Vm {
    /// How often a sequence is to be repeated.
    pub(crate) fn index_as_i64_for_repeat(&mut self, count: &Value) -> PyResult<isize> {
        if let Some(n) = count.as_small_int() {
            return Ok(n as isize);
        }
        let found = self.type_name(count);
        let message = format!("cannot fit '{found}' into an index-sized integer");
        Ok(self.index_as_i64(count, &message)? as isize)
    }
}

fn iter(vm: &mut Vm, this: &Value) -> PyResult {
    match this.downcast::<Str>() {
        Some(text) => Ok(StrIterator::new(vm, text)),
        None => Ok(Value::NONE),
    }
}

static NEW: Params = Params::new(&["object", "encoding", "errors"], 0);

fn new(vm: &mut Vm, ty: &Ref<Type>, args: Args<'_>) -> PyResult {
    if let [object] = args.all_values()
        && !args.has_keywords()
        && ty.is(&vm.types.str)
    {
        return vm.str(object);
    }
    // Up to 3.12 `bind` has the words for too many.
    if !args.has_keywords() && vm.version_number() >= 13 {
        let given = args.positional();
        check_count(vm, "str", given.len(), 0, 3)?;
        for (argument, name) in given.iter().skip(1).zip(["encoding", "errors"]) {
            if argument.downcast::<Str>().is_none() {
                let found = vm.full_type_name(argument);
                let message = format!("str() argument '{name}' must be str, not {found}");
                return Err(vm.type_error(message));
            }
        }
    }
    let bound = args.bind(vm, "str", &NEW)?;
    let encoding = codec::name_argument(vm, bound.get(1), "str", "encoding")?;
    let errors = codec::name_argument(vm, bound.get(2), "str", "errors")?;
    let value = match (bound.get(0), &encoding, &errors) {
        (None, ..) => Value::from(&vm.names.empty),
        (Some(object), None, None) => vm.str(object)?,
        (Some(object), ..) => {
            codec::decode_object(vm, object, encoding.as_deref(), errors.as_deref())?
        }
    };
    if ty.is(&vm.types.str) {
        return Ok(value);
    }
    Ok(Value::from(Str::new(ty, text(&value))))
}

fn size_of(vm: &mut Vm, this: &Value) -> PyResult {
    // CPython's: a header, and one more unit, a zero; an instance of a subclass has its units apart.
    let view = text(this);
    let header = match this.downcast::<Str>() {
        Some(text) if !text.is_exact() => 64,
        _ if view.is_ascii() => 40,
        _ => 56,
    };
    let size = header + (view.len() + 1) * view.kind().unit_size();
    Ok(vm.int(size as i64))
}

fn get_new_args(vm: &mut Vm, this: &Value) -> PyResult {
    let copy = vm.str_from_view(text(this));
    Ok(vm.new_tuple(vec![copy]))
}

static METHODS: &[NativeDef] = &[
    NativeDef::no_args("__sizeof__", size_of),
    NativeDef::no_args("__getnewargs__", get_new_args),
];

/// Fills the slots.
pub(crate) fn ready_slots(vm: &mut Vm) {
    let slots = &vm.types.str.slots;
    slots.unary[UnaryOp::Repr as usize].set(Some(repr));
    slots.unary[UnaryOp::Str as usize].set(Some(str));
    slots.unary[UnaryOp::Iter as usize].set(Some(iter));
    slots.hash.set(Some(hash));
    slots.compare.set(Some(compare));
    slots.len.set(Some(len));
    slots.get_item.set(Some(get_item));
    slots.contains.set(Some(contains));
    slots.concat.set(Some(concat));
    slots.repeat.set(Some(repeat));
    slots.binary[BinaryOp::Remainder as usize].set(Some(str_percent::remainder));
    slots.new.set(Some(new));
}

/// Adds the methods.
pub(crate) fn ready(vm: &mut Vm) {
    let ty = vm.types.str.clone();
    for methods in [
        METHODS,
        codec::STR_METHODS,
        str_case::METHODS,
        str_format::METHODS,
        str_search::METHODS,
        str_split::METHODS,
        str_translate::METHODS,
    ] {
        vm.add_methods(&ty, methods);
    }
}
