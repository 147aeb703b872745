//! `re.Pattern`, and the scanner that `finditer` goes through.

use std::cell::Cell;

use pyco_exec::object::dict::Dict;
use pyco_exec::object::generic_alias::class_getitem;
use pyco_exec::object::header::{Payload, Ref};
use pyco_exec::object::list::List;
use pyco_exec::object::native::{GetSetDef, NativeDef};
use pyco_exec::object::native_class::ClassDef;
use pyco_exec::object::sequence::receiver;
use pyco_exec::object::slots::{CompareOp, Slots, UnaryOp};
use pyco_exec::object::str_::Str;
use pyco_exec::object::tuple::Tuple;
use pyco_exec::{Bound, Params, PyResult, Value, Vm};

use super::match_::{Match, group_slice};
use super::matcher::{Found, Question};
use super::program::Program;
use super::template::{Template, expand};
use super::text::Text;

/// A compiled pattern.
pub(super) struct Pattern {
    pub(super) program: Program,
    pub(super) words: Vec<u32>,
    pub(super) pattern: Value,
    pub(super) flags: i64,
    pub(super) groups: usize,
    pub(super) group_index: Ref<Dict>,
    /// The names of the groups by number.
    pub(super) index_group: Ref<Tuple>,
    /// Whether it is for bytes; nothing if it was compiled without its text.
    pub(super) is_bytes: Option<bool>,
}

impl Payload for Pattern {
    fn traverse(&self, visit: &mut dyn FnMut(&Value)) {
        visit(&self.pattern);
        visit(self.group_index.as_value());
        visit(self.index_group.as_value());
    }
}

pub(super) static PATTERN: ClassDef = ClassDef::new::<Pattern>("re.Pattern", slots)
    .no_instances()
    .methods(METHODS)
    .attributes(ATTRIBUTES);

fn slots(slots: &Slots, _minor: u8) {
    slots.set_unary(UnaryOp::Repr, repr);
    slots.compare.set(Some(compare));
    slots.hash.set(Some(hash));
}

static ATTRIBUTES: &[GetSetDef] = &[
    GetSetDef::get("pattern", |vm, t| {
        Ok(receiver::<Pattern>(vm, t)?.pattern.clone())
    })
    .member(),
    GetSetDef::get("flags", |vm, t| {
        let flags = receiver::<Pattern>(vm, t)?.flags;
        Ok(vm.int(flags))
    })
    .member(),
    GetSetDef::get("groups", |vm, t| {
        let groups = receiver::<Pattern>(vm, t)?.groups;
        Ok(vm.int(groups as i64))
    })
    .member(),
    GetSetDef::get("groupindex", |vm, t| {
        let index = receiver::<Pattern>(vm, t)?.group_index.clone();
        Ok(vm.new_mapping_proxy(Value::from(index)))
    }),
];

static PLACE: Params = Params::new(&["string", "pos", "endpos"], 1);
static SUB: Params = Params::new(&["repl", "string", "count"], 2);
static SPLIT: Params = Params::new(&["string", "maxsplit"], 1);

const PLACE_SIGNATURE: &str = "($self, /, string, pos=0, endpos=sys.maxsize)";
const SUB_SIGNATURE: &str = "($self, /, repl, string, count=0)";

static METHODS: &[NativeDef] = &[
    NativeDef::bound("match", &PLACE, |vm, t, args| {
        once(vm, t, args, true, false)
    })
    .signature(PLACE_SIGNATURE),
    NativeDef::bound("prefixmatch", &PLACE, |vm, t, args| {
        once(vm, t, args, true, false)
    })
    .signature(PLACE_SIGNATURE)
    .since(15),
    NativeDef::bound("fullmatch", &PLACE, |vm, t, args| {
        once(vm, t, args, true, true)
    })
    .signature(PLACE_SIGNATURE),
    NativeDef::bound("search", &PLACE, |vm, t, args| {
        once(vm, t, args, false, false)
    })
    .signature(PLACE_SIGNATURE),
    NativeDef::bound("findall", &PLACE, find_all).signature(PLACE_SIGNATURE),
    NativeDef::bound("finditer", &PLACE, find_iter).signature(PLACE_SIGNATURE),
    NativeDef::bound("scanner", &PLACE, scanner).signature(PLACE_SIGNATURE),
    NativeDef::bound("sub", &SUB, |vm, t, args| Ok(substitute(vm, t, args)?.0))
        .signature(SUB_SIGNATURE),
    NativeDef::bound("subn", &SUB, |vm, t, args| {
        let (text, count) = substitute(vm, t, args)?;
        let count = vm.int(count);
        Ok(vm.new_tuple(vec![text, count]))
    })
    .signature(SUB_SIGNATURE),
    NativeDef::bound("split", &SPLIT, split).signature("($self, /, string, maxsplit=0)"),
    NativeDef::no_args("__copy__", |_, this| Ok(this.clone())).signature("($self, /)"),
    NativeDef::one("__deepcopy__", |_, this, _| Ok(this.clone())).signature("($self, memo, /)"),
    NativeDef::one("__class_getitem__", class_getitem).class(),
];

/// Part of a text in which matches are looked for, one after another.
pub(super) struct Search {
    pub(super) pattern: Ref<Pattern>,
    pub(super) text: Text,
    /// Where the first may start, as asked for.
    pub(super) from: usize,
    start: Cell<usize>,
    pub(super) end: usize,
    must_advance: Cell<bool>,
    is_over: Cell<bool>,
}

impl Search {
    fn new(
        vm: &mut Vm,
        pattern: &Ref<Pattern>,
        text: &Value,
        start: Option<&Value>,
        end: Option<&Value>,
    ) -> PyResult<Search> {
        let text = Text::of(vm, pattern, text)?;
        let len = text.len();
        let clamp = |vm: &mut Vm, value: Option<&Value>, default: usize| match value {
            None => Ok(default),
            Some(value) => {
                let place = vm.index_clamped(value)?;
                Ok(usize::try_from(place).unwrap_or(0).min(len))
            }
        };
        let from = clamp(vm, start, 0)?;
        let end = clamp(vm, end, len)?;
        Ok(Search {
            pattern: pattern.clone(),
            text,
            from,
            start: Cell::new(from),
            end,
            must_advance: Cell::new(false),
            is_over: Cell::new(false),
        })
    }

    fn of_bound(vm: &mut Vm, this: &Value, args: &Bound<'_>) -> PyResult<Search> {
        let pattern = receiver::<Pattern>(vm, this)?.clone();
        let none = Value::NONE;
        Search::new(
            vm,
            &pattern,
            args.get(0).unwrap_or(&none),
            args.get(1),
            args.get(2),
        )
    }

    /// The next match.
    fn next(&self, vm: &mut Vm, is_anchored: bool, is_full: bool) -> PyResult<Option<Found>> {
        if self.is_over.get() || self.start.get() > self.end {
            return Ok(None);
        }
        let question = Question {
            start: self.start.get(),
            end: self.end,
            is_anchored,
            is_full,
            must_advance: self.must_advance.get(),
        };
        let found = self.text.find(vm, &self.pattern, question)?;
        match &found {
            Some(found) => {
                self.must_advance.set(found.start == found.end);
                self.start.set(found.end);
            }
            None => self.is_over.set(true),
        }
        Ok(found)
    }

    fn to_match(&self, vm: &mut Vm, found: Option<Found>) -> Value {
        match found {
            Some(found) => Match::make(vm, self, found),
            None => Value::NONE,
        }
    }
}

fn once(vm: &mut Vm, this: &Value, args: &Bound<'_>, is_anchored: bool, is_full: bool) -> PyResult {
    let search = Search::of_bound(vm, this, args)?;
    let found = search.next(vm, is_anchored, is_full)?;
    Ok(search.to_match(vm, found))
}

fn find_all(vm: &mut Vm, this: &Value, args: &Bound<'_>) -> PyResult {
    let search = Search::of_bound(vm, this, args)?;
    let groups = search.pattern.groups;
    let empty = search.text.slice(vm, 0, 0);
    let mut all = Vec::new();
    while let Some(found) = search.next(vm, false, false)? {
        let group = |vm: &mut Vm, group: usize| {
            group_slice(vm, &search.text, &found, group).unwrap_or_else(|| empty.clone())
        };
        let item = match groups {
            0 | 1 => group(vm, groups),
            _ => {
                let items = (1..=groups).map(|number| group(vm, number)).collect();
                vm.new_tuple(items)
            }
        };
        vm.check_growth(all.len() * size_of::<Value>())?;
        all.push(item);
    }
    Ok(vm.new_list(all))
}

fn find_iter(vm: &mut Vm, this: &Value, args: &Bound<'_>) -> PyResult {
    let scanner = scanner(vm, this, args)?;
    let search = vm.intern("search");
    let search = vm.get_attr(&scanner, &search)?;
    let (builtins, iter) = (vm.import("builtins")?, vm.intern("iter"));
    vm.call_method(&builtins, &iter, &[search, Value::NONE])
}

/// Splits at the matches.
fn split(vm: &mut Vm, this: &Value, args: &Bound<'_>) -> PyResult {
    let pattern = receiver::<Pattern>(vm, this)?.clone();
    let most = match args.get(1) {
        Some(most) => vm.index_for(most)?,
        None => 0,
    };
    let none = Value::NONE;
    let search = Search::new(vm, &pattern, args.get(0).unwrap_or(&none), None, None)?;
    let (mut parts, mut last, mut count) = (Vec::new(), 0, 0);
    while most == 0 || count < most {
        let Some(found) = search.next(vm, false, false)? else {
            break;
        };
        parts.push(search.text.slice(vm, last, found.start));
        for group in 1..=pattern.groups {
            parts.push(group_slice(vm, &search.text, &found, group).unwrap_or(Value::NONE));
        }
        vm.check_growth(parts.len() * size_of::<Value>())?;
        last = found.end;
        count += 1;
    }
    parts.push(search.text.slice(vm, last, search.end));
    Ok(vm.new_list(parts))
}

/// What matches are replaced with.
enum Replacement {
    Literal(Value),
    Template(Ref<Template>),
    Function(Value),
}

impl Replacement {
    fn of(vm: &mut Vm, pattern: &Ref<Pattern>, given: &Value) -> PyResult<Replacement> {
        if vm.is_callable(given) {
            return Ok(Replacement::Function(given.clone()));
        }
        let has_escape = match given.downcast::<Str>() {
            Some(text) => text.view().contains_char('\\' as u32),
            None => match pyco_exec::object::buffer::bytes_of(vm, given) {
                Some(bytes) => bytes.contains(&b'\\'),
                None => true,
            },
        };
        if !has_escape {
            return Ok(Replacement::Literal(given.clone()));
        }
        let re = vm.import("re")?;
        let name = match vm.version().minor() {
            ..12 => "_subx",
            _ => "_compile_template",
        };
        let name = vm.intern(name);
        let pattern = Value::from(pattern);
        let compiled = vm.call_method(&re, &name, &[pattern, given.clone()])?;
        if let Some(template) = compiled.downcast::<Template>() {
            return Ok(Replacement::Template(template.clone()));
        }
        match vm.is_callable(&compiled) {
            true => Ok(Replacement::Function(compiled)),
            false => Ok(Replacement::Literal(compiled)),
        }
    }
}

fn substitute(vm: &mut Vm, this: &Value, args: &Bound<'_>) -> PyResult<(Value, i64)> {
    let pattern = receiver::<Pattern>(vm, this)?.clone();
    let none = Value::NONE;
    let (given, text) = (args.get(0).unwrap_or(&none), args.get(1).unwrap_or(&none));
    let most = match args.get(2) {
        Some(most) => vm.index_for(most)?,
        None => 0,
    };
    let replacement = Replacement::of(vm, &pattern, given)?;
    let search = Search::new(vm, &pattern, text, None, None)?;
    let (mut parts, mut last, mut count) = (Vec::new(), 0, 0);
    while most == 0 || count < most {
        let Some(found) = search.next(vm, false, false)? else {
            break;
        };
        if last < found.start {
            parts.push(search.text.slice(vm, last, found.start));
        }
        last = found.end;
        count += 1;
        let new = match &replacement {
            Replacement::Literal(text) => text.clone(),
            Replacement::Template(template) => expand(vm, template, &search.text, &found)?,
            Replacement::Function(function) => {
                let found = Match::make(vm, &search, found);
                vm.call(function, &[found])?
            }
        };
        if !new.is_none() {
            parts.push(new);
        }
        vm.check_growth(parts.len() * size_of::<Value>())?;
    }
    if last < search.end {
        parts.push(search.text.slice(vm, last, search.end));
    }
    let joined = join(vm, &search.text, parts)?;
    Ok((joined, count))
}

/// Joins parts with nothing between, as str or bytes like the text.
pub(super) fn join(vm: &mut Vm, text: &Text, parts: Vec<Value>) -> PyResult {
    let empty = text.slice(vm, 0, 0);
    if parts.is_empty() {
        return Ok(empty);
    }
    let (join, parts) = (vm.intern("join"), vm.new_list(parts));
    vm.call_method(&empty, &join, &[parts])
}

const FLAG_NAMES: [(i64, &str); 8] = [
    (1, "re.TEMPLATE"),
    (2, "re.IGNORECASE"),
    (4, "re.LOCALE"),
    (8, "re.MULTILINE"),
    (16, "re.DOTALL"),
    (64, "re.VERBOSE"),
    (128, "re.DEBUG"),
    (256, "re.ASCII"),
];

fn repr(vm: &mut Vm, this: &Value) -> PyResult {
    const UNICODE: i64 = 32;
    const TYPES: i64 = 4 | UNICODE | 256;
    let pattern = receiver::<Pattern>(vm, this)?.clone();
    let mut flags = pattern.flags;
    // What a str pattern has without being told is not shown.
    if pattern.is_bytes == Some(false) && flags & TYPES == UNICODE {
        flags &= !UNICODE;
    }
    let mut names = Vec::new();
    for (flag, name) in FLAG_NAMES {
        if flags & flag != 0 && (flag != 1 || vm.version().minor() < 13) {
            names.push(name.to_owned());
            flags &= !flag;
        }
    }
    if flags != 0 {
        names.push(format!("{flags:#x}"));
    }
    let shown = vm.repr(&pattern.pattern)?;
    let shown = match shown.downcast::<Str>() {
        Some(text) if text.len() > 200 => {
            let text = vm.str_from_view(text.view().substr(0..200).view());
            vm.display(&text)
        }
        _ => vm.display(&shown),
    };
    let flags = match names.is_empty() {
        true => String::new(),
        false => format!(", {}", names.join("|")),
    };
    Ok(vm.new_str(&format!("re.compile({shown}{flags})")))
}

fn compare(vm: &mut Vm, a: &Value, b: &Value, op: CompareOp) -> PyResult {
    let (Some(left), Some(right)) = (a.downcast::<Pattern>(), b.downcast::<Pattern>()) else {
        return Ok(Value::NOT_IMPLEMENTED);
    };
    if !matches!(op, CompareOp::Eq | CompareOp::Ne) {
        return Ok(Value::NOT_IMPLEMENTED);
    }
    let same = left.flags == right.flags
        && left.is_bytes == right.is_bytes
        && left.words == right.words
        && vm.eq(&left.pattern.clone(), &right.pattern.clone())?;
    Ok(Value::bool(same == (op == CompareOp::Eq)))
}

fn hash(vm: &mut Vm, this: &Value) -> PyResult<i64> {
    let pattern = receiver::<Pattern>(vm, this)?.clone();
    let hash = vm.hash(&pattern.pattern)?;
    Ok(hash ^ pattern.flags.rotate_left(17) ^ pattern.words.len() as i64)
}

/// `_sre.SRE_Scanner`.
pub(super) struct Scanner(Search);

impl Payload for Scanner {
    fn traverse(&self, visit: &mut dyn FnMut(&Value)) {
        visit(self.0.pattern.as_value());
        visit(&self.0.text.value);
    }
}

pub(super) static SCANNER: ClassDef = ClassDef::new::<Scanner>("_sre.SRE_Scanner", |_, _| {})
    .no_instances()
    .methods(&[
        NativeDef::no_args("match", |vm, this| scan(vm, this, true)).signature("($self, /)"),
        NativeDef::no_args("search", |vm, this| scan(vm, this, false)).signature("($self, /)"),
    ])
    .attributes(&[GetSetDef::get("pattern", |vm, t| {
        Ok(Value::from(&receiver::<Scanner>(vm, t)?.0.pattern))
    })
    .member()]);

fn scanner(vm: &mut Vm, this: &Value, args: &Bound<'_>) -> PyResult {
    let search = Search::of_bound(vm, this, args)?;
    let class = vm.class(&SCANNER);
    Ok(Value::from(Ref::new(&class, Scanner(search))))
}

fn scan(vm: &mut Vm, this: &Value, is_anchored: bool) -> PyResult {
    let scanner = receiver::<Scanner>(vm, this)?.clone();
    let found = scanner.0.next(vm, is_anchored, false)?;
    Ok(scanner.0.to_match(vm, found))
}

/// The words of a list of ints, for `_sre.compile`.
pub(super) fn words_of(vm: &mut Vm, code: &Value) -> PyResult<Vec<u32>> {
    let mut words = Vec::new();
    if code.downcast::<List>().is_none() {
        let found = vm.type_name(code);
        return Err(vm.type_error(format!(
            "compile() argument 'code' must be list, not {found}"
        )));
    }
    for item in vm.collect(code)? {
        let Some(int) = item.as_int() else {
            let found = vm.type_name(&item);
            return Err(vm.type_error(format!(
                "'{found}' object cannot be interpreted as an integer"
            )));
        };
        match int.to_i64().map(u32::try_from) {
            Some(Ok(word)) => words.push(word),
            Some(Err(_)) if int.to_i64().is_some_and(|n| n < 0) => {
                return Err(vm.overflow_error("can't convert negative value to unsigned int"));
            }
            _ => return Err(vm.overflow_error("regular expression code size limit exceeded")),
        }
    }
    Ok(words)
}
