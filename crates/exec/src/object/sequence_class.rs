//! Struct sequences with a class that programs can call: `os.stat_result`, `time.struct_time` and the like.
//!
//! Invariant: an instance is a tuple of the visible fields; the others lie in hidden slots behind it, in order.

use std::collections::HashMap;
use std::ptr;

use crate::call::{Args, Params};
use crate::error::PyResult;
use crate::object::dict::Dict;
use crate::object::header::{PayloadLayout, Ref};
use crate::object::native::NativeDef;
use crate::object::sequence::receiver;
use crate::object::slots::UnaryOp;
use crate::object::struct_sequence::TupleField;
use crate::object::tuple::Tuple;
use crate::object::type_::{Type, TypeSpec, flags};
use crate::value::Value;
use crate::vm::Vm;

/// One class, as a table entry.
pub struct SequenceDef {
    /// The name with its module.
    pub name: &'static str,
    /// The fields in order; one without a name is empty.
    pub fields: &'static [&'static str],
    /// How many of them are items of the tuple.
    pub visible: usize,
    /// What fills hidden fields that were not given, from those that were.
    pub complete: Option<fn(&mut [Value])>,
}

#[derive(Default)]
struct Made(HashMap<*const SequenceDef, (Ref<Type>, &'static SequenceDef)>);

impl Vm {
    /// The class that `def` describes, made at first need.
    pub fn sequence_class(&mut self, def: &'static SequenceDef) -> Ref<Type> {
        if let Some((class, _)) = self.state::<Made>().0.get(&ptr::from_ref(def)) {
            return class.clone();
        }
        let hidden = def.fields.len() - def.visible;
        let row = if hidden > 0 { flags::NATIVE_ROW } else { 0 };
        let spec = TypeSpec {
            name: def.name.into(),
            base: Some(self.types.tuple.clone()),
            layout: const { &PayloadLayout::of::<Tuple>() },
            flags: flags::BUILT_IN | flags::DERIVED | flags::SEQUENCE | row,
            slot_count: hidden as u32,
            row_capacity: 0,
        };
        let class = Ref::new(&self.types.type_, Type::new(spec));
        class.slots.set_unary(UnaryOp::Repr, repr);
        class.slots.new.set(Some(new));
        class.ready_built_in(self);
        self.add_methods(&class, METHODS);
        let dict = class.dict(self);
        let mut names = Vec::new();
        for (index, name) in def.fields.iter().enumerate() {
            if name.is_empty() {
                continue;
            }
            let name = self.intern(name);
            let field = Ref::new(&self.types.tuple_field, TupleField { index });
            dict.set_str(self, &name, Value::from(field));
            if index < def.visible {
                names.push(Value::from(name));
            }
        }
        let unnamed = def.fields.iter().filter(|name| name.is_empty()).count();
        for (name, count) in [
            ("n_fields", def.fields.len()),
            ("n_sequence_fields", def.visible),
            ("n_unnamed_fields", unnamed),
        ] {
            let count = self.int(count as i64);
            self.set_global(&dict, name, count);
        }
        let key = self.names.__match_args__.clone();
        let names = self.new_tuple(names);
        dict.set_str(self, &key, names);
        class.modified();
        let made = self.state::<Made>();
        made.0.insert(def, (class.clone(), def));
        class
    }

    /// An instance with a value for every field.
    pub fn new_sequence(&mut self, def: &'static SequenceDef, mut values: Vec<Value>) -> Value {
        let class = self.sequence_class(def);
        let hidden = values.split_off(def.visible.min(values.len()));
        let made = Value::from(Tuple::of_type(&class, values));
        for (index, value) in hidden.into_iter().enumerate() {
            if let Some(slot) = self.hidden_slot(&made, index as u32) {
                slot.set(Some(value));
            }
        }
        made
    }
}

/// The definition of a class, or of the one that it derives from.
fn definition(vm: &mut Vm, class: &Ref<Type>) -> PyResult<&'static SequenceDef> {
    let found = vm.state::<Made>().0.values().find(|(c, _)| c.is(class));
    match found.map(|(_, def)| *def) {
        Some(def) => Ok(def),
        None => Err(vm.type_error("no struct sequence")),
    }
}

static NEW: Params = Params::new(&["sequence", "dict"], 1);

fn new(vm: &mut Vm, class: &Ref<Type>, args: Args<'_>) -> PyResult {
    let def = definition(vm, class)?;
    let name = def.name;
    let short = name.rsplit('.').next().unwrap_or(name);
    let args = args.bind(vm, short, &NEW)?;
    let sequence = args.get(0).cloned().unwrap_or(Value::NONE);
    let mut values = match vm.collect(&sequence) {
        Ok(values) => values,
        Err(raised) if raised.is(vm, &vm.types.type_error) => {
            return Err(vm.type_error("constructor requires a sequence"));
        }
        Err(raised) => return Err(raised),
    };
    let dict = match args.get(1) {
        Some(dict) => match dict.downcast::<Dict>() {
            Some(dict) => Some(dict.clone()),
            None => {
                let message = format!("{name}() takes a dict as second arg, if any");
                return Err(vm.type_error(message));
            }
        },
        None => None,
    };
    let (least, most, given) = (def.visible, def.fields.len(), values.len());
    if !(least..=most).contains(&given) {
        let expected = match () {
            () if least == most => format!("a {least}"),
            () if given < least => format!("an at least {least}"),
            () => format!("an at most {most}"),
        };
        return Err(vm.type_error(format!(
            "{name}() takes {expected}-sequence ({given}-sequence given)"
        )));
    }
    let mut used = 0;
    for name in &def.fields[given..] {
        let key = vm.new_str(name);
        let value = match &dict {
            Some(dict) => dict.get(vm, &key)?,
            None => None,
        };
        used += usize::from(value.is_some());
        values.push(value.unwrap_or(Value::NONE));
    }
    if vm.version_number() >= 13 && dict.is_some_and(|dict| dict.len(vm) > used) {
        let message = format!("{name}() got duplicate or unexpected field name(s)");
        return Err(vm.type_error(message));
    }
    if let Some(complete) = def.complete {
        complete(&mut values);
    }
    Ok(vm.new_sequence(def, values))
}

fn repr(vm: &mut Vm, this: &Value) -> PyResult {
    let class = vm.type_of(this).clone();
    let def = definition(vm, &class)?;
    let items = receiver::<Tuple>(vm, this)?.items().to_vec();
    // As in C: those without a name take the next that there is.
    let names = def.fields.iter().filter(|name| !name.is_empty());
    let mut parts = Vec::new();
    for (name, item) in names.zip(&items) {
        parts.push(format!("{name}={}", vm.repr_text(item)?));
    }
    Ok(vm.new_str(&format!("{}({})", def.name, parts.join(", "))))
}

fn reduce(vm: &mut Vm, this: &Value) -> PyResult {
    let class = vm.type_of(this).clone();
    let def = definition(vm, &class)?;
    let items = receiver::<Tuple>(vm, this)?.items().to_vec();
    let hidden = Dict::new(vm);
    for (index, name) in def.fields[def.visible..].iter().enumerate() {
        let value = vm
            .hidden_slot(this, index as u32)
            .and_then(|slot| slot.get());
        vm.set_global(&hidden, name, value.unwrap_or(Value::NONE));
    }
    let arguments = vec![vm.new_tuple(items), Value::from(hidden)];
    let parts = vec![Value::from(class), vm.new_tuple(arguments)];
    Ok(vm.new_tuple(parts))
}

/// `__replace__(**changes)`.
fn replace(vm: &mut Vm, this: &Value, args: Args<'_>) -> PyResult {
    let class = vm.type_of(this).clone();
    let def = definition(vm, &class)?;
    if !args.positional().is_empty() {
        let given = args.positional().len();
        let message = format!("__replace__() takes 0 positional arguments but {given} were given");
        return Err(vm.type_error(message));
    }
    if def.fields.iter().any(|name| name.is_empty()) {
        let message = format!(
            "__replace__() is not supported for {} because it has unnamed field(s)",
            def.name
        );
        return Err(vm.type_error(message));
    }
    let mut values = receiver::<Tuple>(vm, this)?.items().to_vec();
    for index in 0..def.fields.len() - def.visible {
        let value = vm
            .hidden_slot(this, index as u32)
            .and_then(|slot| slot.get());
        values.push(value.unwrap_or(Value::NONE));
    }
    let mut unknown = Vec::new();
    for (name, value) in args.keywords() {
        match def.fields.iter().position(|field| name.eq_str(field)) {
            Some(index) => values[index] = value.clone(),
            None => unknown.push(Value::from(name)),
        }
    }
    if !unknown.is_empty() {
        let unknown = vm.new_list(unknown);
        let unknown = vm.repr_text(&unknown)?;
        return Err(vm.type_error(format!("Got unexpected field name(s): {unknown}")));
    }
    Ok(vm.new_sequence(def, values))
}

static METHODS: &[NativeDef] = &[
    NativeDef::no_args("__reduce__", reduce),
    NativeDef::any("__replace__", replace).since(13),
];
