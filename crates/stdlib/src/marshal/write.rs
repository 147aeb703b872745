//! From objects to marshal's bytes, as this Python's own `marshal.dumps` writes them.
//!
//! An object is flagged, and may be referred to, if something else holds it, too: its count of references decides, as in CPython.
//! Numbers lie in the values that hold them and have no count; they are flagged where an equal one follows.
//! Nothing recurses over what is written, but for sets in sets, each of which is put in order once.

use std::collections::{HashMap, HashSet};

use pyco_code::Constant;
use pyco_exec::object::buffer::{bytes_like, data};
use pyco_exec::object::code::Code;
use pyco_exec::object::code_new::constant_of;
use pyco_exec::object::dict::Dict;
use pyco_exec::object::frozen_dict::FrozenDict;
use pyco_exec::object::list::List;
use pyco_exec::object::set::Set;
use pyco_exec::object::slice::Slice;
use pyco_exec::object::str_::Str;
use pyco_exec::object::tuple::Tuple;
use pyco_exec::{PyResult, Raised, Value, Vm};
use pyco_marshal::typecode as tc;
use pyco_marshal::{Document, Kind, ReadOptions, Style, Value as Written, Version, WriteOptions};

/// The Python whose format is written and read.
pub(super) fn python(vm: &Vm) -> Version {
    Version::new(3, vm.version().minor())
}

/// The bytes of a value, as this Python's `marshal` flags them.
pub(super) fn dump(
    vm: &mut Vm,
    value: &Value,
    version: i64,
    allow_code: bool,
) -> PyResult<Vec<u8>> {
    let newest = python(vm).marshal_version();
    let format = u8::try_from(version.max(0)).map_or(newest, |version| version.min(newest));
    let mut shared = Shared {
        allow_code,
        version,
        format,
        options: WriteOptions::new(python(vm))
            .with_style(Style::Cpython)
            .with_marshal_version(format),
        repeated: repeated_numbers(vm, value),
        in_order: HashMap::new(),
    };
    // The caller holds the value, too.
    shared.run(vm, value, 1, 0)
}

fn unmarshallable(vm: &mut Vm) -> Raised {
    vm.value_error("unmarshallable object")
}

/// A type code and a number of four bytes.
const REFERENCE_LEN: usize = 5;

/// As deep as CPython writes.
const MAX_DEPTH: usize = 2000;

/// What all runs over parts of one value have in common.
struct Shared {
    allow_code: bool,
    /// The version asked for, and the one of those that this Python knows.
    version: i64,
    format: u8,
    options: WriteOptions,
    /// The numbers without a count of references that occur more than once.
    repeated: HashSet<u64>,
    /// The items of sets that are in their order already, by the sets' identity. Holding them keeps the identities true.
    in_order: HashMap<u64, (Value, Vec<Value>)>,
}

/// An object with parts that are still to be written.
struct Open {
    parts: std::vec::IntoIter<Value>,
    /// Whether NULL ends it.
    is_dict: bool,
    /// What must be whole before anything refers to it.
    whole: Option<Value>,
}

/// One run: bytes with a table of references of their own.
#[derive(Default)]
struct Run {
    out: Vec<u8>,
    open: Vec<Open>,
    /// What was flagged: its number, by its identity; held, so that the identity stays its own.
    known: HashMap<u64, (u32, Value)>,
    /// The interned strs among them, by their text, for the names in code objects.
    names: HashMap<Vec<u8>, u32>,
    flagged: u32,
}

impl Shared {
    /// Writes a value that lies `depth` levels deep, and which `held` references here hold that CPython does not have.
    fn run(&mut self, vm: &mut Vm, value: &Value, held: u32, depth: usize) -> PyResult<Vec<u8>> {
        let mut run = Run::default();
        self.object(vm, &mut run, value, held, depth)?;
        while let Some(open) = run.open.last_mut() {
            if let Some(part) = open.parts.next() {
                let depth = depth + run.open.len();
                self.object(vm, &mut run, &part, 1, depth)?;
                continue;
            }
            if open.is_dict {
                run.out.push(tc::NULL);
            }
            run.open.pop();
        }
        Ok(run.out)
    }

    /// Writes a reference, a whole object without parts, or the head of one with parts, which it opens.
    fn object(
        &mut self,
        vm: &mut Vm,
        run: &mut Run,
        value: &Value,
        held: u32,
        depth: usize,
    ) -> PyResult<()> {
        if depth >= MAX_DEPTH {
            return Err(vm.value_error("object too deeply nested to marshal"));
        }
        vm.check_growth(run.out.len())?;
        let has_references = self.format > 2;
        if has_references && let Some((number, _)) = run.known.get(&value.id()) {
            let number = *number;
            let is_whole_only =
                value.downcast::<Slice>().is_some() || value.downcast::<FrozenDict>().is_some();
            let is_open = |open: &Open| open.whole.as_ref().is_some_and(|whole| whole.is(value));
            if is_whole_only && run.open.iter().any(is_open) {
                return Err(unmarshallable(vm));
            }
            run.reference(number);
            return Ok(());
        }
        if let Some(text) = value.downcast::<Str>().filter(|text| vm.is_interned(text))
            && !run.names.is_empty()
            && let Some(number) = run.names.get(&text.view().to_wtf8())
        {
            run.reference(*number);
            return Ok(());
        }
        let is_shared = has_references && value.reference_count() > 1 + held;
        let start = run.out.len();
        if let Some(code) = value.downcast::<Code>() {
            if !self.allow_code {
                return Err(vm.value_error("marshalling code objects is disallowed"));
            }
            if code.has_foreign_constants(vm) {
                return Err(unmarshallable(vm));
            }
            let written = code.code().code_object().to_value();
            let Ok(bytes) = written.to_marshal(&self.options) else {
                return Err(unmarshallable(vm));
            };
            // The code object comes before its parts in the table.
            if is_shared {
                run.remember(vm, value);
            }
            run.splice(vm, &bytes)?;
            if let Some(byte) = run.out.get_mut(start).filter(|_| is_shared) {
                *byte |= tc::FLAG_REF;
            }
            return Ok(());
        }
        // Opening it makes more references.
        if self.container(vm, run, value)? {
            // Tuples without items are one object, which much else holds.
            if is_shared || has_references && is_empty_tuple(value) {
                run.flag(vm, start, value);
            }
            return Ok(());
        }
        let is_one_object = self.leaf(vm, run, value)?;
        let is_flagged = run
            .out
            .get(start)
            .is_some_and(|byte| byte & tc::FLAG_REF != 0);
        let is_shared = is_shared || has_references && self.repeated.contains(&value.id());
        if is_flagged || is_one_object && is_shared {
            run.flag(vm, start, value);
        }
        Ok(())
    }

    /// Writes the head of an object with parts and opens it; false if it is of another kind.
    fn container(&mut self, vm: &mut Vm, run: &mut Run, value: &Value) -> PyResult<bool> {
        let mut whole = None;
        let mut is_dict = false;
        let parts = if let Some(list) = value.downcast::<List>().filter(|it| it.is_exact()) {
            let items = list.items(vm).to_vec();
            run.sized(vm, tc::LIST, items.len())?;
            items
        } else if let Some(tuple) = value.downcast::<Tuple>().filter(|it| it.is_exact()) {
            let items = tuple.items().to_vec();
            match u8::try_from(items.len()) {
                Ok(count) if self.format > 3 => {
                    run.out.extend([tc::SMALL_TUPLE, count]);
                }
                _ => run.sized(vm, tc::TUPLE, items.len())?,
            }
            items
        } else if let Some(items) = exact_dict(value) {
            is_dict = true;
            run.out.push(tc::DICT);
            items
                .items(vm)
                .into_iter()
                .flat_map(<[Value; 2]>::from)
                .collect()
        } else if let Some(frozen) = value.downcast::<FrozenDict>().filter(|it| it.is_exact()) {
            if self.version < 6 {
                return Err(unmarshallable(vm));
            }
            is_dict = true;
            whole = Some(value.clone());
            run.out.push(tc::FROZENDICT);
            let pairs = frozen.items().items(vm);
            pairs.into_iter().flat_map(<[Value; 2]>::from).collect()
        } else if let Some(items) = value.downcast::<Set>().filter(|it| it.is_exact()) {
            let len = items.len(vm);
            let is_set = vm.type_name(value).as_ref() == "set";
            run.sized(vm, if is_set { tc::SET } else { tc::FROZENSET }, len)?;
            self.in_order(vm, value, items.items(vm), run.open.len())?
        } else if let Some(slice) = value.downcast::<Slice>() {
            if self.version < 5 {
                return Err(unmarshallable(vm));
            }
            whole = Some(value.clone());
            run.out.push(tc::SLICE);
            slice.parts().map(Clone::clone).to_vec()
        } else {
            return Ok(false);
        };
        run.open.push(Open {
            parts: parts.into_iter(),
            is_dict,
            whole,
        });
        Ok(true)
    }

    /// The items of a set in the order of the bytes that each makes for itself.
    fn in_order(
        &mut self,
        vm: &mut Vm,
        set: &Value,
        items: Vec<Value>,
        depth: usize,
    ) -> PyResult<Vec<Value>> {
        if let Some((_, items)) = self.in_order.get(&set.id()) {
            return Ok(items.clone());
        }
        // The list that CPython sorts holds the items, as this one does. What its loop looks at it holds only from 3.13 on.
        let held = u32::from(vm.version().minor() < 13);
        let count = items.len();
        let mut keyed = Vec::with_capacity(count);
        vm.enter(" while marshalling a set")?;
        for item in items {
            let key = self.run(vm, &item, held, depth + 1);
            let key = match key {
                Ok(key) => key,
                Err(raised) => {
                    vm.leave();
                    return Err(raised);
                }
            };
            keyed.push((key, item));
        }
        vm.leave();
        if set
            .downcast::<Set>()
            .is_some_and(|set| set.len(vm) != count)
        {
            let ty = vm.types.runtime_error.clone();
            return Err(vm.error(&ty, "set changed size during iteration"));
        }
        keyed.sort_by(|(a, _), (b, _)| a.cmp(b));
        let items: Vec<Value> = keyed.into_iter().map(|(_, item)| item).collect();
        self.in_order.insert(set.id(), (set.clone(), items.clone()));
        Ok(items)
    }

    /// Writes an object without parts, and says whether it is an object of its own, which something may refer to.
    fn leaf(&self, vm: &mut Vm, run: &mut Run, value: &Value) -> PyResult<bool> {
        let mut is_one_object = true;
        let written = if value.is(vm.types.stop_iteration.as_value()) {
            is_one_object = false;
            Written::StopIteration
        } else {
            match constant_of(vm, value, 0) {
                Some(Constant::None) => Written::None,
                Some(Constant::Ellipsis) => Written::Ellipsis,
                Some(Constant::Bool(truth)) => Written::Bool(truth),
                Some(Constant::Int(int)) => Written::Int(int),
                Some(Constant::Float(x)) => Written::Float(x),
                Some(Constant::Complex(real, imag)) => Written::Complex(real, imag),
                Some(Constant::Bytes(bytes)) => Written::Bytes(bytes),
                Some(Constant::Str(text)) => {
                    let is_interned = value
                        .downcast::<Str>()
                        .is_some_and(|text| vm.is_interned(text));
                    Written::Str(text.with_interned(is_interned))
                }
                _ => match bytes_like(vm, value)? {
                    Some(bytes) => Written::Bytes(data(vm, &bytes).to_vec().into()),
                    None => return Err(unmarshallable(vm)),
                },
            }
        };
        if matches!(
            written,
            Written::None | Written::Ellipsis | Written::Bool(_)
        ) {
            is_one_object = false;
        }
        match written.to_marshal(&self.options) {
            Ok(bytes) => run.out.extend(bytes),
            Err(_) => return Err(unmarshallable(vm)),
        }
        Ok(is_one_object)
    }
}

impl Run {
    fn reference(&mut self, number: u32) {
        self.out.push(tc::REF);
        self.out.extend(number.to_le_bytes());
    }

    /// A type code and a size of four bytes.
    fn sized(&mut self, vm: &mut Vm, code: u8, len: usize) -> PyResult<()> {
        let Ok(len) = i32::try_from(len) else {
            return Err(unmarshallable(vm));
        };
        self.out.push(code);
        self.out.extend(len.to_le_bytes());
        Ok(())
    }

    /// Flags what begins at `start` and gives it its number.
    fn flag(&mut self, vm: &Vm, start: usize, value: &Value) {
        if let Some(byte) = self.out.get_mut(start) {
            *byte |= tc::FLAG_REF;
        }
        self.remember(vm, value);
    }

    fn remember(&mut self, vm: &Vm, value: &Value) {
        let number = self.flagged;
        self.flagged += 1;
        if let Some(text) = value.downcast::<Str>().filter(|it| vm.is_interned(it)) {
            self.names.insert(text.view().to_wtf8(), number);
        }
        self.known.insert(value.id(), (number, value.clone()));
    }

    /// Appends the bytes of a code object, which have a table of references of their own. A name that is known here becomes a reference.
    fn splice(&mut self, vm: &mut Vm, bytes: &[u8]) -> PyResult<()> {
        let Ok(document) = Document::decode_with(bytes, &ReadOptions::new(python(vm))) else {
            return Err(unmarshallable(vm));
        };
        let mut numbers = vec![0; document.referable().len()];
        let mut next = 0;
        let mut nodes = document.nodes().peekable();
        while let Some(node) = nodes.next() {
            let start = node.offset() as usize;
            let end = nodes
                .peek()
                .map_or(bytes.len(), |node| node.offset() as usize);
            if let Kind::Ref { index } = node.kind() {
                self.reference(numbers.get(index as usize).copied().unwrap_or_default());
                // The line number of a code object may follow.
                self.out.extend(&bytes[start + REFERENCE_LEN..end]);
                continue;
            }
            if node.is_flagged() {
                let number = numbers.get_mut(next);
                next += 1;
                if node.is_interned()
                    && let Kind::Str(text, _) = node.kind()
                {
                    let known = *self.names.entry(text.to_vec()).or_insert(self.flagged);
                    if let Some(number) = number {
                        *number = known;
                    }
                    if known != self.flagged {
                        self.reference(known);
                        let head = match node.type_code() {
                            tc::SHORT_ASCII_INTERNED => 2,
                            _ => REFERENCE_LEN,
                        };
                        self.out.extend(&bytes[start + head + text.len()..end]);
                        continue;
                    }
                } else if let Some(number) = number {
                    *number = self.flagged;
                }
                self.flagged += 1;
            }
            self.out.extend(&bytes[start..end]);
        }
        Ok(())
    }
}

fn exact_dict(value: &Value) -> Option<&Dict> {
    let dict = value.downcast::<Dict>()?;
    dict.is_exact().then_some(&**dict)
}

fn is_empty_tuple(value: &Value) -> bool {
    value
        .downcast::<Tuple>()
        .is_some_and(|tuple| tuple.items().is_empty())
}

/// The numbers that lie in the values which hold them and occur more than once in `root`.
fn repeated_numbers(vm: &Vm, root: &Value) -> HashSet<u64> {
    let mut repeated = HashSet::new();
    let mut seen = HashSet::new();
    let mut todo = vec![root.clone()];
    while let Some(value) = todo.pop() {
        let is_number = value.as_small_int().is_some() || value.as_float().is_some();
        if !seen.insert(value.id()) {
            if is_number {
                repeated.insert(value.id());
            }
            continue;
        }
        if let Some(list) = value.downcast::<List>() {
            todo.extend(list.items(vm).iter().cloned());
        } else if let Some(tuple) = value.downcast::<Tuple>() {
            todo.extend(tuple.items().iter().cloned());
        } else if let Some(set) = value.downcast::<Set>() {
            todo.extend(set.items(vm));
        } else if let Some(items) = pyco_exec::object::frozen_dict::items_of(&value) {
            todo.extend(items.items(vm).into_iter().flat_map(<[Value; 2]>::from));
        }
    }
    repeated
}
