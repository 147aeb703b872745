//! Template strings (3.14 on): `string.templatelib.Template`, `Interpolation`, and the iterator over a template.
//!
//! Invariant: a template has one string more than it has interpolations.

use std::cell::Cell;

use crate::call::{Args, Params};
use crate::error::PyResult;
use crate::object::generic_alias::class_getitem;
use crate::object::header::{Payload, Ref};
use crate::object::iter::self_iter;
use crate::object::late::Late;
use crate::object::native::{GetSetDef, NativeDef};
use crate::object::sequence::receiver;
use crate::object::slots::{BinaryOp, UnaryOp};
use crate::object::str_::Str;
use crate::object::tuple::Tuple;
use crate::object::type_::Type;
use crate::text::StrBuilder;
use crate::value::Value;
use crate::vm::Vm;

/// A template's payload.
pub struct Template {
    strings: Ref<Tuple>,
    interpolations: Ref<Tuple>,
}

impl Payload for Template {
    fn traverse(&self, visit: &mut dyn FnMut(&Value)) {
        visit(self.strings.as_value());
        visit(self.interpolations.as_value());
    }
}

/// An interpolation's payload.
pub struct Interpolation {
    value: Value,
    expression: Value,
    /// `"s"`, `"r"`, `"a"` or `None`.
    conversion: Value,
    format_spec: Value,
}

impl Interpolation {
    fn parts(&self) -> [&Value; 4] {
        [
            &self.value,
            &self.expression,
            &self.conversion,
            &self.format_spec,
        ]
    }
}

impl Payload for Interpolation {
    fn traverse(&self, visit: &mut dyn FnMut(&Value)) {
        self.parts().into_iter().for_each(visit);
    }
}

/// The payload of the iterator: strings, unless empty, and interpolations in turn.
pub struct TemplateIterator {
    template: Ref<Template>,
    /// Counts strings and interpolations, those left out too.
    at: Cell<usize>,
}

impl Payload for TemplateIterator {
    fn traverse(&self, visit: &mut dyn FnMut(&Value)) {
        visit(self.template.as_value());
    }
}

impl Vm {
    /// BUILD_TEMPLATE.
    pub(crate) fn build_template(&mut self, strings: &Value, interpolations: &Value) -> PyResult {
        let (Some(strings), Some(interpolations)) = (
            strings.downcast::<Tuple>().cloned(),
            interpolations.downcast::<Tuple>().cloned(),
        ) else {
            let ty = self.types.system_error.clone();
            return Err(self.error(&ty, "BUILD_TEMPLATE found no tuples"));
        };
        let fits = strings.items().len() == interpolations.items().len() + 1
            && strings
                .items()
                .iter()
                .all(|s| s.downcast::<Str>().is_some());
        if !fits {
            let ty = self.types.system_error.clone();
            return Err(self.error(&ty, "BUILD_TEMPLATE found parts that do not fit"));
        }
        Ok(self.new_template(strings, interpolations))
    }

    fn new_template(&mut self, strings: Ref<Tuple>, interpolations: Ref<Tuple>) -> Value {
        let payload = Template {
            strings,
            interpolations,
        };
        Value::from(Ref::new(&self.types.template, payload))
    }

    /// A template of such parts, strings that follow each other joined.
    fn template_of(&mut self, parts: &[Value]) -> Value {
        let mut strings = Vec::new();
        let mut interpolations = Vec::new();
        let mut text = StrBuilder::with_capacity(0);
        for part in parts {
            match part.downcast::<Str>() {
                Some(part) => text.push_view(part.view()),
                None => {
                    let done = std::mem::replace(&mut text, StrBuilder::with_capacity(0));
                    strings.push(self.str_from_buf(done.finish()));
                    interpolations.push(part.clone());
                }
            }
        }
        strings.push(self.str_from_buf(text.finish()));
        let strings = Tuple::of_type(&self.types.tuple, strings);
        let interpolations = Tuple::of_type(&self.types.tuple, interpolations);
        self.new_template(strings, interpolations)
    }

    /// BUILD_INTERPOLATION: 0 no conversion, 1 str, 2 repr, 3 ascii.
    pub(crate) fn build_interpolation(
        &mut self,
        value: Value,
        expression: Value,
        conversion: usize,
        format_spec: Option<Value>,
    ) -> Value {
        let conversion = match conversion {
            0 => Value::NONE,
            1 => Value::from(self.intern("s")),
            2 => Value::from(self.intern("r")),
            _ => Value::from(self.intern("a")),
        };
        let payload = Interpolation {
            value,
            expression,
            conversion,
            format_spec: format_spec.unwrap_or_else(|| Value::from(&self.names.empty)),
        };
        Value::from(Ref::new(&self.types.interpolation, payload))
    }
}

fn new_template(vm: &mut Vm, _ty: &Ref<Type>, args: Args<'_>) -> PyResult {
    if args.has_keywords() {
        return Err(vm.type_error("Template.__new__ only accepts *args arguments"));
    }
    for part in args.positional() {
        if part.downcast::<Str>().is_none() && part.downcast::<Interpolation>().is_none() {
            let found = vm.full_type_name(part);
            return Err(vm.type_error(format!(
                "Template.__new__ *args need to be of type 'str' or 'Interpolation', got {found}"
            )));
        }
    }
    Ok(vm.template_of(args.positional()))
}

fn repr_template(vm: &mut Vm, this: &Value) -> PyResult {
    let template = receiver::<Template>(vm, this)?.clone();
    let strings = vm.repr_text(template.strings.as_value())?;
    let interpolations = vm.repr_text(template.interpolations.as_value())?;
    Ok(vm.new_str(&format!(
        "Template(strings={strings}, interpolations={interpolations})"
    )))
}

fn add(vm: &mut Vm, a: &Value, b: &Value) -> PyResult {
    let (Some(left), Some(right)) = (a.downcast::<Template>(), b.downcast::<Template>()) else {
        if a.downcast::<Template>().is_none() {
            return Ok(Value::NOT_IMPLEMENTED);
        }
        let found = vm.full_type_name(b);
        return Err(vm.type_error(format!(
            "can only concatenate string.templatelib.Template (not \"{found}\") to string.templatelib.Template"
        )));
    };
    let mut parts = Vec::new();
    for template in [left, right] {
        let (strings, interpolations) = (template.strings.items(), template.interpolations.items());
        vm.check_growth((strings.len() + interpolations.len()) * size_of::<Value>())?;
        parts.push(strings[0].clone());
        for (interpolation, string) in interpolations.iter().zip(&strings[1..]) {
            parts.push(interpolation.clone());
            parts.push(string.clone());
        }
    }
    Ok(vm.template_of(&parts))
}

fn iter(vm: &mut Vm, this: &Value) -> PyResult {
    let payload = TemplateIterator {
        template: receiver::<Template>(vm, this)?.clone(),
        at: Cell::new(0),
    };
    Ok(Value::from(Ref::new(&vm.types.template_iterator, payload)))
}

fn next(vm: &mut Vm, this: &Value) -> PyResult<Option<Value>> {
    let iterator = receiver::<TemplateIterator>(vm, this)?;
    loop {
        let at = iterator.at.get();
        let template = &iterator.template;
        let part = match at % 2 {
            0 => template.strings.items().get(at / 2),
            _ => template.interpolations.items().get(at / 2),
        };
        let Some(part) = part else { return Ok(None) };
        iterator.at.set(at + 1);
        if part.downcast::<Str>().is_some_and(|text| text.is_empty()) {
            continue;
        }
        return Ok(Some(part.clone()));
    }
}

fn values(vm: &mut Vm, this: &Value) -> PyResult {
    let template = receiver::<Template>(vm, this)?.clone();
    let interpolations = template.interpolations.items().iter();
    let values = interpolations
        .filter_map(|part| part.downcast::<Interpolation>())
        .map(|part| part.value.clone())
        .collect();
    Ok(vm.new_tuple(values))
}

static NEW: Params = Params::new(&["value", "expression", "conversion", "format_spec"], 1);

fn new_interpolation(vm: &mut Vm, ty: &Ref<Type>, args: Args<'_>) -> PyResult {
    let bound = args.bind(vm, "Interpolation", &NEW)?;
    let empty = Value::from(&vm.names.empty);
    let expression = bound.get(1).unwrap_or(&empty);
    require_str(vm, expression, "expression")?;
    let none = Value::NONE;
    let conversion = bound.get(2).unwrap_or(&none);
    if !conversion.is_none() {
        require_str(vm, conversion, "conversion")?;
        let is_known = conversion
            .downcast::<Str>()
            .is_some_and(|c| ["s", "a", "r"].iter().any(|known| c.eq_str(known)));
        if !is_known {
            let message = "Interpolation() argument 'conversion' must be one of 's', 'a' or 'r'";
            return Err(vm.value_error(message));
        }
    }
    let format_spec = bound.get(3).unwrap_or(&empty);
    require_str(vm, format_spec, "format_spec")?;
    let payload = Interpolation {
        value: bound.get(0).cloned().unwrap_or(Value::NONE),
        expression: expression.clone(),
        conversion: conversion.clone(),
        format_spec: format_spec.clone(),
    };
    Ok(Value::from(Ref::new(ty, payload)))
}

fn require_str(vm: &mut Vm, value: &Value, name: &str) -> PyResult<()> {
    if value.downcast::<Str>().is_some() {
        return Ok(());
    }
    let found = vm.type_name(value);
    Err(vm.type_error(format!(
        "Interpolation() argument '{name}' must be str, not {found}"
    )))
}

fn repr_interpolation(vm: &mut Vm, this: &Value) -> PyResult {
    vm.enter(" while getting the repr of an object")?;
    let text = interpolation_text(vm, this);
    vm.leave();
    Ok(vm.new_str(&text?))
}

fn interpolation_text(vm: &mut Vm, this: &Value) -> PyResult<String> {
    let this = receiver::<Interpolation>(vm, this)?.clone();
    let mut texts = Vec::new();
    for part in this.parts() {
        texts.push(vm.repr_text(part)?);
    }
    Ok(format!("Interpolation({})", texts.join(", ")))
}

fn reduce_template(vm: &mut Vm, this: &Value) -> PyResult {
    let template = receiver::<Template>(vm, this)?.clone();
    // CPython's own way to put one together again.
    let module = crate::import::import_module(vm, "string.templatelib")?;
    let name = vm.intern("_template_unpickle");
    let function = vm.get_attr(&module, &name)?;
    let args = vm.new_tuple(vec![
        Value::from(&template.strings),
        Value::from(&template.interpolations),
    ]);
    Ok(vm.new_tuple(vec![function, args]))
}

fn reduce_interpolation(vm: &mut Vm, this: &Value) -> PyResult {
    let parts = receiver::<Interpolation>(vm, this)?
        .parts()
        .map(Value::clone);
    let class = Value::from(&vm.types.interpolation);
    let args = vm.new_tuple(parts.to_vec());
    Ok(vm.new_tuple(vec![class, args]))
}

static TEMPLATE: &[GetSetDef] = &[
    GetSetDef::get("strings", |vm, this| {
        Ok(Value::from(&receiver::<Template>(vm, this)?.strings))
    })
    .member(),
    GetSetDef::get("interpolations", |vm, this| {
        Ok(Value::from(&receiver::<Template>(vm, this)?.interpolations))
    })
    .member(),
    GetSetDef::get("values", values),
];

static INTERPOLATION: &[GetSetDef] = &[
    GetSetDef::get("value", |vm, this| {
        Ok(receiver::<Interpolation>(vm, this)?.value.clone())
    })
    .member(),
    GetSetDef::get("expression", |vm, this| {
        Ok(receiver::<Interpolation>(vm, this)?.expression.clone())
    })
    .member(),
    GetSetDef::get("conversion", |vm, this| {
        Ok(receiver::<Interpolation>(vm, this)?.conversion.clone())
    })
    .member(),
    GetSetDef::get("format_spec", |vm, this| {
        Ok(receiver::<Interpolation>(vm, this)?.format_spec.clone())
    })
    .member(),
];

static TEMPLATE_METHODS: &[NativeDef] = &[
    NativeDef::one("__class_getitem__", class_getitem).class(),
    NativeDef::no_args("__reduce__", reduce_template),
];

static INTERPOLATION_METHODS: &[NativeDef] = &[
    NativeDef::one("__class_getitem__", class_getitem).class(),
    NativeDef::no_args("__reduce__", reduce_interpolation),
];

/// Fills the slots.
pub(crate) fn ready_slots(vm: &mut Vm) {
    let slots = &vm.types.template.slots;
    slots.new.set(Some(new_template));
    slots.unary[UnaryOp::Repr as usize].set(Some(repr_template));
    slots.unary[UnaryOp::Iter as usize].set(Some(iter));
    slots.binary[BinaryOp::Add as usize].set(Some(add));
    let slots = &vm.types.interpolation.slots;
    slots.new.set(Some(new_interpolation));
    slots.unary[UnaryOp::Repr as usize].set(Some(repr_interpolation));
    let slots = &vm.types.template_iterator.slots;
    slots.unary[UnaryOp::Iter as usize].set(Some(self_iter));
    slots.next.set(Some(next));
}

/// Adds the methods and attributes.
pub(crate) fn ready(vm: &mut Vm) {
    let (template, interpolation) = (vm.types.template.clone(), vm.types.interpolation.clone());
    vm.add_methods(&template, TEMPLATE_METHODS);
    vm.add_attributes(&template, TEMPLATE);
    vm.add_methods(&interpolation, INTERPOLATION_METHODS);
    vm.add_attributes(&interpolation, INTERPOLATION);
    vm.add_late(&interpolation, Late::Other(add_match_args));
}

fn add_match_args(vm: &mut Vm, ty: &Ref<Type>) {
    let names = NEW.names.iter().map(|name| vm.new_str(name)).collect();
    let names = vm.new_tuple(names);
    let key = vm.names.__match_args__.clone();
    ty.dict(vm).set_str(vm, &key, names);
}
