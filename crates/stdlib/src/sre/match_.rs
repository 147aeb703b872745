//! `re.Match`.

use pyco_exec::object::dict::Dict;
use pyco_exec::object::generic_alias::class_getitem;
use pyco_exec::object::header::{Payload, Ref};
use pyco_exec::object::native::{GetSetDef, NativeDef};
use pyco_exec::object::native_class::ClassDef;
use pyco_exec::object::sequence::receiver;
use pyco_exec::object::slots::{Slots, UnaryOp};
use pyco_exec::{Args, Bound, Params, PyResult, Value, Vm};

use super::matcher::{Found, NOWHERE};
use super::pattern::{Pattern, Search};
use super::template::{Template, expand};
use super::text::Text;

/// A match.
pub(super) struct Match {
    pattern: Ref<Pattern>,
    string: Value,
    found: Found,
    from: usize,
    end: usize,
}

impl Payload for Match {
    fn traverse(&self, visit: &mut dyn FnMut(&Value)) {
        visit(self.pattern.as_value());
        visit(&self.string);
    }
}

impl Match {
    pub(super) fn make(vm: &mut Vm, search: &Search, found: Found) -> Value {
        let class = vm.class(&MATCH);
        let made = Match {
            pattern: search.pattern.clone(),
            string: search.text.value.clone(),
            found,
            from: search.from,
            end: search.end,
        };
        Value::from(Ref::new(&class, made))
    }

    fn text(&self, vm: &mut Vm) -> PyResult<Text> {
        Text::of(vm, &self.pattern, &self.string)
    }
}

/// Where a group has matched; group 0 is all.
fn span_of(found: &Found, group: usize) -> Option<(usize, usize)> {
    match group.checked_sub(1) {
        None => Some((found.start, found.end)),
        Some(index) => {
            let (from, to) = (
                *found.marks.get(2 * index)?,
                *found.marks.get(2 * index + 1)?,
            );
            (from != NOWHERE && to != NOWHERE).then_some((from, to))
        }
    }
}

/// What a group has matched.
pub(super) fn group_slice(vm: &mut Vm, text: &Text, found: &Found, group: usize) -> Option<Value> {
    let (from, to) = span_of(found, group)?;
    Some(text.slice(vm, from, to))
}

/// The number of a group, by number or name.
fn index_of(vm: &mut Vm, this: &Match, group: &Value) -> PyResult<usize> {
    let number = match vm.type_of(group).slots.unary(UnaryOp::Index) {
        Some(_) => Some(vm.index_clamped(group)?),
        None => match this.pattern.group_index.clone().get(vm, group) {
            Ok(Some(number)) => Some(vm.index_clamped(&number)?),
            Ok(None) => None,
            Err(raised) if raised.is(vm, &vm.types.type_error) => None,
            Err(raised) => return Err(raised),
        },
    };
    match number.and_then(|number| usize::try_from(number).ok()) {
        Some(number) if number <= this.pattern.groups => Ok(number),
        _ => Err(vm.index_error("no such group")),
    }
}

fn item(vm: &mut Vm, this: &Match, group: &Value, default: &Value) -> PyResult {
    let index = index_of(vm, this, group)?;
    let text = this.text(vm)?;
    Ok(group_slice(vm, &text, &this.found, index).unwrap_or_else(|| default.clone()))
}

fn group(vm: &mut Vm, this: &Value, args: Args<'_>) -> PyResult {
    let this = receiver::<Match>(vm, this)?.clone();
    if args.has_keywords() {
        return Err(vm.type_error("Match.group() takes no keyword arguments"));
    }
    match args.positional() {
        [] => {
            let zero = vm.int(0);
            item(vm, &this, &zero, &Value::NONE)
        }
        [only] => item(vm, &this, only, &Value::NONE),
        several => {
            let mut items = Vec::new();
            for group in several {
                items.push(item(vm, &this, group, &Value::NONE)?);
            }
            Ok(vm.new_tuple(items))
        }
    }
}

fn groups(vm: &mut Vm, this: &Value, args: &Bound<'_>) -> PyResult {
    let this = receiver::<Match>(vm, this)?.clone();
    let text = this.text(vm)?;
    let default = args.get(0).cloned().unwrap_or(Value::NONE);
    let mut items = Vec::new();
    for group in 1..=this.pattern.groups {
        items.push(group_slice(vm, &text, &this.found, group).unwrap_or_else(|| default.clone()));
    }
    Ok(vm.new_tuple(items))
}

fn group_dict(vm: &mut Vm, this: &Value, args: &Bound<'_>) -> PyResult {
    let this = receiver::<Match>(vm, this)?.clone();
    let default = args.get(0).cloned().unwrap_or(Value::NONE);
    let dict = Dict::new(vm);
    for (name, _) in this.pattern.group_index.items(vm) {
        let value = item(vm, &this, &name, &default)?;
        dict.set(vm, name, value)?;
    }
    Ok(Value::from(dict))
}

/// Start and end of the group that is given, -1 for one that has not matched.
fn span(vm: &mut Vm, this: &Value, group: &[Value]) -> PyResult<(i64, i64)> {
    let this = receiver::<Match>(vm, this)?.clone();
    let index = match group.first() {
        Some(group) => index_of(vm, &this, group)?,
        None => 0,
    };
    let span = span_of(&this.found, index);
    Ok(span.map_or((-1, -1), |(from, to)| (from as i64, to as i64)))
}

fn pair(vm: &mut Vm, (from, to): (i64, i64)) -> Value {
    let pair = vec![vm.int(from), vm.int(to)];
    vm.new_tuple(pair)
}

fn expand_text(vm: &mut Vm, this: &Value, args: &Bound<'_>) -> PyResult {
    let object = receiver::<Match>(vm, this)?.clone();
    let none = Value::NONE;
    let given = args.get(0).unwrap_or(&none);
    let (re, pattern) = (vm.import("re")?, Value::from(&object.pattern));
    if vm.version().minor() < 12 {
        let name = vm.intern("_expand");
        return vm.call_method(&re, &name, &[pattern, this.clone(), given.clone()]);
    }
    let name = vm.intern("_compile_template");
    let template = vm.call_method(&re, &name, &[pattern, given.clone()])?;
    let Some(template) = template.downcast::<Template>().cloned() else {
        return Ok(template);
    };
    let text = object.text(vm)?;
    expand(vm, &template, &text, &object.found)
}

fn repr(vm: &mut Vm, this: &Value) -> PyResult {
    let this = receiver::<Match>(vm, this)?.clone();
    let text = this.text(vm)?;
    let all = text.slice(vm, this.found.start, this.found.end);
    let shown = vm.repr_text(&all)?;
    let (from, to) = (this.found.start, this.found.end);
    Ok(vm.new_str(&format!(
        "<re.Match object; span=({from}, {to}), match={shown}>"
    )))
}

fn get_item(vm: &mut Vm, this: &Value, key: &Value) -> PyResult {
    let this = receiver::<Match>(vm, this)?.clone();
    item(vm, &this, key, &Value::NONE)
}

pub(super) static MATCH: ClassDef = ClassDef::new::<Match>("re.Match", slots)
    .no_instances()
    .methods(METHODS)
    .attributes(ATTRIBUTES);

fn slots(slots: &Slots, _minor: u8) {
    slots.set_unary(UnaryOp::Repr, repr);
    slots.get_item.set(Some(get_item));
}

static DEFAULT: Params = Params::new(&["default"], 0);
static TEMPLATE: Params = Params::new(&["template"], 1);

static METHODS: &[NativeDef] = &[
    NativeDef::any("group", group),
    NativeDef::bound("groups", &DEFAULT, groups).signature("($self, /, default=None)"),
    NativeDef::bound("groupdict", &DEFAULT, group_dict).signature("($self, /, default=None)"),
    NativeDef::range("start", 0, 1, |vm, this, group| {
        let (from, _) = span(vm, this, group)?;
        Ok(vm.int(from))
    })
    .signature("($self, group=0, /)"),
    NativeDef::range("end", 0, 1, |vm, this, group| {
        let (_, to) = span(vm, this, group)?;
        Ok(vm.int(to))
    })
    .signature("($self, group=0, /)"),
    NativeDef::range("span", 0, 1, |vm, this, group| {
        let span = span(vm, this, group)?;
        Ok(pair(vm, span))
    })
    .signature("($self, group=0, /)"),
    NativeDef::bound("expand", &TEMPLATE, expand_text).signature("($self, /, template)"),
    NativeDef::no_args("__copy__", |_, this| Ok(this.clone())).signature("($self, /)"),
    NativeDef::one("__deepcopy__", |_, this, _| Ok(this.clone())).signature("($self, memo, /)"),
    NativeDef::one("__class_getitem__", class_getitem).class(),
];

fn number(vm: &mut Vm, this: &Value, get: fn(&Match) -> Option<usize>) -> PyResult {
    let number = get(receiver::<Match>(vm, this)?);
    Ok(number.map_or(Value::NONE, |number| vm.int(number as i64)))
}

static ATTRIBUTES: &[GetSetDef] = &[
    GetSetDef::get("string", |vm, t| {
        Ok(receiver::<Match>(vm, t)?.string.clone())
    })
    .member(),
    GetSetDef::get("re", |vm, t| {
        Ok(Value::from(&receiver::<Match>(vm, t)?.pattern))
    })
    .member(),
    GetSetDef::get("pos", |vm, t| number(vm, t, |m| Some(m.from))).member(),
    GetSetDef::get("endpos", |vm, t| number(vm, t, |m| Some(m.end))).member(),
    GetSetDef::get("lastindex", |vm, t| {
        number(vm, t, |m| Some(m.found.last_group).filter(|last| *last > 0))
    }),
    GetSetDef::get("lastgroup", |vm, t| {
        let this = receiver::<Match>(vm, t)?;
        let name = this.pattern.index_group.items().get(this.found.last_group);
        Ok(name.cloned().unwrap_or(Value::NONE))
    }),
    GetSetDef::get("regs", |vm, t| {
        let this = receiver::<Match>(vm, t)?.clone();
        let mut spans = Vec::new();
        for group in 0..=this.pattern.groups {
            let span = span_of(&this.found, group);
            let span = span.map_or((-1, -1), |(from, to)| (from as i64, to as i64));
            spans.push(pair(vm, span));
        }
        Ok(vm.new_tuple(spans))
    }),
];
