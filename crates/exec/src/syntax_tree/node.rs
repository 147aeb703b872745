//! `ast.AST`: what all nodes can do. A node has nothing but its `__dict__`; its class says what belongs into it.

use std::cmp::Ordering;

use crate::call::Args;
use crate::error::{PyResult, Raised};
use crate::object::dict::Dict;
use crate::object::generic_alias::GenericAlias;
use crate::object::header::{Payload, Ref};
use crate::object::native::NativeDef;
use crate::object::native_class::ClassDef;
use crate::object::set::Set;
use crate::object::slots::{Slots, UnaryOp};
use crate::object::str_::Str;
use crate::object::type_::Type;
use crate::object::union::Union;
use crate::syntax_tree::class::Classes;
use crate::syntax_tree::repr::repr;
use crate::value::Value;
use crate::vm::Vm;

/// A node's payload.
pub(super) struct Tree;

impl Payload for Tree {
    fn traverse(&self, _visit: &mut dyn FnMut(&Value)) {}
}

pub(super) static AST: ClassDef = ClassDef::new::<Tree>("ast.AST", slots)
    .subclassable()
    .changeable()
    .with_dict()
    .methods(&[
        NativeDef::no_args("__reduce__", reduce).until(12),
        NativeDef::no_args("__reduce__", reduce)
            .signature("($self, /)")
            .since(13),
        NativeDef::any("__replace__", replace)
            .signature("($self, /, **fields)")
            .since(14),
    ]);

fn slots(slots: &Slots, minor: u8) {
    slots.new.set(Some(|_, class, _| Ok(new(class))));
    slots.init.set(Some(init));
    if minor >= 14 {
        slots.set_unary(UnaryOp::Repr, repr);
    }
}

/// A node without attributes.
pub(super) fn new(class: &Ref<Type>) -> Value {
    Value::from(Ref::new(class, Tree))
}

/// What a class says of its nodes under this name; the AttributeError of `type` where it says nothing.
fn said(vm: &mut Vm, class: &Ref<Type>, name: &str) -> PyResult {
    let name = vm.intern(name);
    vm.get_attr(class.as_value(), &name)
}

fn said_opt(vm: &mut Vm, class: &Ref<Type>, name: &str) -> PyResult<Option<Value>> {
    let name = vm.intern(name);
    vm.get_attr_opt(class.as_value(), &name)
}

/// The item of a sequence at a place.
fn item(vm: &mut Vm, sequence: &Value, index: usize) -> PyResult {
    let index = vm.int(index as i64);
    vm.get_item(sequence, &index)
}

/// A class's name in messages of 3.15, its plain name in those before.
fn shown_name(vm: &mut Vm, this: &Value) -> String {
    match vm.version_number() {
        ..15 => vm.type_name(this).to_string(),
        _ => vm.full_type_name(this),
    }
}

/// `Node(*fields, **fields and attributes)`.
fn init(vm: &mut Vm, this: &Value, args: Args<'_>) -> PyResult<()> {
    let class = vm.type_of(this).clone();
    let minor = vm.version_number();
    if minor >= 15 && Classes::of(vm)?.is_abstract(&class) {
        let name = vm.full_type_name(this);
        let message = format!(
            "Instantiating abstract AST node class {name} is deprecated. This will become an error in Python 3.20"
        );
        vm.warn("DeprecationWarning", &message)?;
    }
    let fields = match minor {
        ..13 => said_opt(vm, &class, "_fields")?,
        _ => Some(said(vm, &class, "_fields")?),
    };
    let fields = fields.unwrap_or_else(|| vm.new_tuple(Vec::new()));
    let count = vm.len(&fields)?;
    let left = Set::new(vm);
    if minor >= 13 {
        let names = vm.collect(&fields)?;
        for name in names {
            left.add(vm, name)?;
        }
    }
    let given = args.positional();
    if given.len() > count {
        let (name, plural) = (vm.short_type_name(this), if count == 1 { "" } else { "s" });
        return Err(vm.type_error(format!(
            "{name} constructor takes at most {count} positional argument{plural}"
        )));
    }
    let mut taken = Vec::with_capacity(given.len());
    for (index, value) in given.iter().enumerate() {
        let name = item(vm, &fields, index)?;
        let attribute = vm.attribute_name(&name)?;
        vm.set_attr(this, &attribute, Some(value.clone()))?;
        if minor >= 13 {
            left.discard(vm, &name)?;
        } else {
            taken.push(name);
        }
    }
    let mut attributes = None;
    for (keyword, value) in args.keywords() {
        let is_field = vm.contains(&fields, keyword.as_value())?;
        let is_double = match minor {
            _ if !is_field => false,
            ..13 => is_among(vm, keyword, &taken)?,
            _ => !left.discard(vm, keyword.as_value())?,
        };
        if is_double {
            let name = shown_name(vm, this);
            let keyword = vm.repr_text(keyword.as_value())?;
            return Err(vm.type_error(format!("{name} got multiple values for argument {keyword}")));
        }
        if minor >= 13 && !is_field {
            let known = match &attributes {
                Some(known) => known,
                None => attributes.insert(said(vm, &class, "_attributes")?),
            };
            if !vm.contains(known, keyword.as_value())? {
                unexpected(vm, this, keyword)?;
            }
        }
        let name = vm.intern_ref(keyword);
        vm.set_attr(this, &name, Some(value.clone()))?;
    }
    fill(vm, this, &class, &fields, &left)
}

fn is_among(vm: &mut Vm, name: &Ref<Str>, names: &[Value]) -> PyResult<bool> {
    for other in names {
        if vm.eq(name.as_value(), other)? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// A keyword that is neither field nor attribute: deprecated, an error from 3.15 on.
fn unexpected(vm: &mut Vm, this: &Value, keyword: &Ref<Str>) -> PyResult<()> {
    let name = shown_name(vm, this);
    let keyword = vm.repr_text(keyword.as_value())?;
    let message = format!("{name}.__init__ got an unexpected keyword argument {keyword}");
    if vm.version_number() >= 15 {
        return Err(vm.type_error(message));
    }
    let message = format!(
        "{message}. Support for arbitrary keyword arguments is deprecated and will be removed in Python 3.15."
    );
    vm.warn("DeprecationWarning", &message)
}

/// What fields are that were not given, by their types: nothing where the class has a default, an empty list, `Load()` where a
/// context is asked for; the others are missing.
fn fill(
    vm: &mut Vm,
    this: &Value,
    class: &Ref<Type>,
    fields: &Value,
    left: &Ref<Set>,
) -> PyResult<()> {
    if left.len(vm) == 0 {
        return Ok(());
    }
    let Some(types) = said_opt(vm, class, "_field_types")? else {
        return Ok(());
    };
    let classes = Classes::of(vm)?;
    let minor = vm.version_number();
    let missing = Set::new(vm);
    for field in left.items(vm) {
        let kind = match types.downcast::<Dict>() {
            Some(types) => types.get(vm, &field)?,
            None => Some(vm.get_item(&types, &field)?),
        };
        let value = match &kind {
            None => {
                missing_type(vm, this, &field)?;
                continue;
            }
            Some(kind) if kind.downcast::<Union>().is_some() => continue,
            Some(kind) if kind.downcast::<GenericAlias>().is_some() => vm.new_list(Vec::new()),
            Some(kind)
                if classes
                    .get("expr_context")
                    .is_some_and(|c| kind.is(c.as_value())) =>
            {
                classes.only_instance("Load").unwrap_or(Value::NONE)
            }
            Some(_) if minor >= 15 => {
                missing.add(vm, field)?;
                continue;
            }
            Some(_) => {
                let (name, field) = (vm.type_name(this), vm.repr_text(&field)?);
                let message = format!(
                    "{name}.__init__ missing 1 required positional argument: {field}. This will become an error in Python 3.15."
                );
                vm.warn("DeprecationWarning", &message)?;
                continue;
            }
        };
        let name = vm.attribute_name(&field)?;
        vm.set_attr(this, &name, Some(value))?;
    }
    if missing.len(vm) > 0 {
        return Err(missing_fields(vm, this, fields, &missing));
    }
    Ok(())
}

/// A field whose type the class does not tell.
fn missing_type(vm: &mut Vm, this: &Value, field: &Value) -> PyResult<()> {
    let (name, field) = (shown_name(vm, this), vm.repr_text(field)?);
    let message = format!("Field {field} is missing from {name}._field_types");
    if vm.version_number() >= 15 {
        return Err(vm.type_error(message));
    }
    let message = format!("{message}. This will become an error in Python 3.15.");
    vm.warn("DeprecationWarning", &message)
}

/// The error about fields that were not given (3.15 on), in their order.
fn missing_fields(vm: &mut Vm, this: &Value, fields: &Value, missing: &Ref<Set>) -> Raised {
    let text = (|| {
        let mut names = Vec::new();
        for field in vm.collect(fields)? {
            if missing.contains(vm, &field)? {
                names.push(vm.repr_text(&field)?);
            }
        }
        let listed = match &names[..] {
            [] => String::new(),
            [one] => one.clone(),
            [one, other] => format!("{one} and {other}"),
            [rest @ .., last] => format!("{}, and {last}", rest.join(", ")),
        };
        let (name, count) = (vm.full_type_name(this), names.len());
        let plural = if count == 1 { "" } else { "s" };
        Ok(format!(
            "{name}.__init__ missing {count} required positional argument{plural}: {listed}"
        ))
    })();
    match text {
        Ok(text) => vm.type_error(text),
        Err(raised) => raised,
    }
}

fn reduce(vm: &mut Vm, this: &Value) -> PyResult {
    let name = vm.intern("__dict__");
    let dict = vm.get_attr_opt(this, &name)?;
    let class = Value::from(vm.type_of(this));
    let Some(dict) = dict else {
        let none = vm.new_tuple(Vec::new());
        return Ok(vm.new_tuple(vec![class, none]));
    };
    if vm.version_number() < 13 {
        let none = vm.new_tuple(Vec::new());
        return Ok(vm.new_tuple(vec![class, none, dict]));
    }
    // As many leading fields as are set become arguments, which the state then sets again: so there are no complaints on the way back.
    let fields = said(vm, &vm.type_of(this).clone(), "_fields")?;
    let mut arguments = Vec::new();
    for index in 0..vm.len(&fields)? {
        let name = item(vm, &fields, index)?;
        let is_set = match dict.downcast::<Dict>() {
            Some(dict) => dict.get(vm, &name)?.is_some(),
            None => false,
        };
        if !is_set {
            break;
        }
        arguments.push(Value::NONE);
    }
    let arguments = vm.new_tuple(arguments);
    Ok(vm.new_tuple(vec![class, arguments, dict]))
}

/// `node.__replace__(**changes)`: a new node of the fields and attributes, some of them changed.
fn replace(vm: &mut Vm, this: &Value, args: Args<'_>) -> PyResult {
    if !args.positional().is_empty() {
        return Err(vm.type_error("__replace__() takes no positional arguments"));
    }
    let class = vm.type_of(this).clone();
    let key = vm.intern("__dict__");
    let dict = vm.get_attr_opt(this, &key)?;
    let dict = dict.and_then(|dict| dict.into_ref::<Dict>().ok());
    let mut names = Vec::new();
    for list in ["_fields", "_attributes"] {
        if let Some(list) = said_opt(vm, &class, list)? {
            names.extend(vm.collect(&list)?);
        }
    }
    if vm.version_number() < 15 {
        check_replace(vm, this, args, &names, dict.as_ref())?;
    }
    let changes = Dict::new(vm);
    for name in names {
        let old = match &dict {
            Some(dict) => dict.get(vm, &name)?,
            None => None,
        };
        if let Some(old) = old {
            changes.set(vm, name, old)?;
        }
    }
    for (keyword, value) in args.keywords() {
        changes.set(vm, keyword.as_value().clone(), value.clone())?;
    }
    let (keys, mut values): (Vec<Value>, Vec<Value>) = changes.items(vm).into_iter().unzip();
    values.shrink_to_fit();
    let names = vm.new_tuple(keys);
    let names = names.into_ref().ok();
    vm.call_args(class.as_value(), Args::new(&values, names.as_ref()))
}

/// What 3.14 wants of the arguments of `__replace__`, before it calls the class.
fn check_replace(
    vm: &mut Vm,
    this: &Value,
    args: Args<'_>,
    names: &[Value],
    dict: Option<&Ref<Dict>>,
) -> PyResult<()> {
    let class = vm.type_of(this).clone();
    let expected = Set::new(vm);
    for name in names {
        expected.add(vm, name.clone())?;
    }
    for (keyword, _) in args.keywords() {
        if !expected.discard(vm, keyword.as_value())? {
            let (name, keyword) = (vm.type_name(this), vm.repr_text(keyword.as_value())?);
            return Err(vm.type_error(format!(
                "{name}.__replace__ got an unexpected keyword argument {keyword}."
            )));
        }
    }
    for (key, _) in dict.map_or_else(Vec::new, |dict| dict.items(vm)) {
        expected.discard(vm, &key)?;
    }
    if let Some(attributes) = said_opt(vm, &class, "_attributes")? {
        for name in vm.collect(&attributes)? {
            expected.discard(vm, &name)?;
        }
    }
    let types = said_opt(vm, &class, "_field_types")?;
    if let Some(types) = types.as_ref().and_then(|types| types.downcast::<Dict>()) {
        for (field, kind) in types.items(vm) {
            if kind.downcast::<Union>().is_some() {
                expected.discard(vm, &field)?;
            }
        }
    }
    let mut missing = Vec::new();
    for name in expected.items(vm) {
        missing.push(vm.repr_text(&name)?);
    }
    match missing.len().cmp(&1) {
        Ordering::Less => return Ok(()),
        Ordering::Equal | Ordering::Greater => missing.sort(),
    }
    let (name, count) = (vm.type_name(this), missing.len());
    let (plural, missing) = (if count == 1 { "" } else { "s" }, missing.join(", "));
    Err(vm.type_error(format!(
        "{name}.__replace__ missing {count} keyword argument{plural}: {missing}."
    )))
}
