//! From marshal's bytes to objects.
//!
//! Every object of the bytes becomes one object, whatever refers to it, and what contains itself does so again. Nothing recurses. A code
//! object is cut out with all that it refers to, and passes the verifier before there is an object of it.

use std::collections::HashMap;

use pyco_code::{CodeObject, Constant, Int, verify};
use pyco_exec::object::dict::Dict;
use pyco_exec::object::frozen_dict::FrozenDict;
use pyco_exec::object::header::Ref;
use pyco_exec::object::list::List;
use pyco_exec::object::set::Set;
use pyco_exec::object::str_::Str;
use pyco_exec::text::StrView;
use pyco_exec::{PyResult, Raised, Value, Vm};
use pyco_marshal::typecode as tc;
use pyco_marshal::{
    Document, Error, ErrorKind, Kind, Node, ReadOptions, StrEncoding, Value as Read,
};

/// The first object of `bytes`.
pub(super) fn load(vm: &mut Vm, bytes: &[u8], allow_code: bool) -> PyResult {
    vm.check_growth(bytes.len())?;
    let options = ReadOptions::new(super::write::python(vm));
    let document = match Document::decode_with(bytes, &options) {
        Ok(document) => document,
        Err(error) => return Err(refused(vm, &error)),
    };
    Reader::new(&document, allow_code).run(vm)
}

/// The exception that CPython raises for such bytes.
fn refused(vm: &mut Vm, error: &Error) -> Raised {
    let eof = vm.types.eof_error.clone();
    let message = match error.kind() {
        ErrorKind::ExpectedObject => return vm.error(&eof, "EOF read where object expected"),
        ErrorKind::Truncated { .. } | ErrorKind::SizeTooLarge { .. } => {
            return vm.error(&eof, "marshal data too short");
        }
        ErrorKind::UnexpectedNull => {
            return vm.type_error("NULL object in marshal data for object");
        }
        ErrorKind::UnknownTypeCode(_) => "unknown type code".to_owned(),
        ErrorKind::InvalidReference { .. } | ErrorKind::UnfinishedReference { .. } => {
            "invalid reference".to_owned()
        }
        ErrorKind::NegativeSize { what, .. } => format!("{what} out of range"),
        ErrorKind::DigitOutOfRange(_) => "digit out of range in long".to_owned(),
        ErrorKind::UnnormalizedLong => "unnormalized long data".to_owned(),
        ErrorKind::LongSizeOutOfRange(_) => "long size out of range".to_owned(),
        ErrorKind::TooDeep(_) => return vm.value_error("recursion limit exceeded"),
        other => other.to_string(),
    };
    vm.value_error(format!("bad marshal data ({message})"))
}

/// A container whose parts are being read.
struct Open {
    code: u8,
    /// How many parts are to come, but for a dict, which NULL ends.
    len: usize,
    /// Values on the stack below its parts.
    below: usize,
    /// Its entry in the table of references.
    entry: Option<usize>,
    /// The object, if it is there before its parts.
    object: Option<Value>,
}

/// Where an object is to go once it is complete.
enum Place {
    Item(Ref<List>, usize),
    Key(Ref<Dict>, Value),
}

struct Reader<'d, 'a> {
    document: &'d Document<'a>,
    allow_code: bool,
    nodes: Vec<Node<'d, 'a>>,
    /// The nodes with an entry in the table of references, and the objects there so far.
    referable: Vec<u32>,
    known: Vec<Option<Value>>,
    values: Vec<Value>,
    open: Vec<Open>,
    /// Which values on the stack stand for an entry that is not complete.
    holes: Vec<(usize, usize)>,
    /// Where those entries are to go.
    places: HashMap<usize, Vec<Place>>,
}

impl<'d, 'a> Reader<'d, 'a> {
    fn new(document: &'d Document<'a>, allow_code: bool) -> Self {
        let referable: Vec<u32> = document.referable().map(Node::index).collect();
        Self {
            document,
            allow_code,
            nodes: document.nodes().collect(),
            known: vec![None; referable.len()],
            referable,
            values: Vec::new(),
            open: Vec::new(),
            holes: Vec::new(),
            places: HashMap::new(),
        }
    }

    fn run(mut self, vm: &mut Vm) -> PyResult {
        let mut behind = 0;
        for at in 0..self.nodes.len() {
            let node = self.nodes[at];
            if node.index() < behind {
                continue;
            }
            if node.type_code() == tc::CODE {
                behind = node.end();
            }
            self.node(vm, node)?;
            while self.open.last().is_some_and(|open| self.is_complete(open)) {
                self.close(vm)?;
            }
        }
        Ok(self.values.pop().unwrap_or(Value::NONE))
    }

    fn is_complete(&self, open: &Open) -> bool {
        let is_dict = matches!(open.code, tc::DICT | tc::FROZENDICT);
        !is_dict && self.values.len() - open.below == open.len
    }

    fn entry_of(&self, node: Node<'_, '_>) -> Option<usize> {
        if !node.is_flagged() {
            return None;
        }
        self.referable.binary_search(&node.index()).ok()
    }

    /// One object: a leaf whole, of a container the head.
    fn node(&mut self, vm: &mut Vm, node: Node<'d, 'a>) -> PyResult<()> {
        let entry = self.entry_of(node);
        let object = match node.type_code() {
            tc::LIST => Some(vm.new_list(Vec::new())),
            tc::SET => Some(Value::from(&Set::new(vm))),
            tc::DICT => Some(Value::from(&Dict::new(vm))),
            _ => None,
        };
        let value = match node.kind() {
            Kind::Null => {
                // A key without a value is dropped, as in CPython.
                let open = self.open.last();
                if open.is_some_and(|open| (self.values.len() - open.below) % 2 == 1) {
                    self.values.pop();
                }
                return self.close(vm);
            }
            Kind::Ref { index } => return self.reference(vm, index as usize),
            Kind::Code => self.code(vm, node)?,
            Kind::Tuple
            | Kind::List
            | Kind::Set
            | Kind::FrozenSet
            | Kind::Dict
            | Kind::FrozenDict
            | Kind::Slice => {
                if let Some(entry) = entry {
                    self.known[entry] = object.clone();
                }
                self.open.push(Open {
                    code: node.type_code(),
                    len: node.children().count(),
                    below: self.values.len(),
                    entry,
                    object,
                });
                return Ok(());
            }
            kind => leaf(vm, kind, node)?,
        };
        self.finish(vm, value, entry)
    }

    /// Puts an object on the stack, and where it is waited for.
    fn finish(&mut self, vm: &mut Vm, value: Value, entry: Option<usize>) -> PyResult<()> {
        if let Some(entry) = entry {
            self.known[entry] = Some(value.clone());
            for place in self.places.remove(&entry).unwrap_or_default() {
                match place {
                    Place::Item(list, index) => {
                        if let Some(item) = list.items_mut(vm).get_mut(index) {
                            *item = value.clone();
                        }
                    }
                    Place::Key(dict, key) => dict.set(vm, key, value.clone())?,
                }
            }
        }
        self.values.push(value);
        Ok(())
    }

    fn reference(&mut self, vm: &mut Vm, index: usize) -> PyResult<()> {
        if let Some(Some(value)) = self.known.get(index) {
            self.values.push(value.clone());
            return Ok(());
        }
        if self.open.iter().any(|open| open.entry == Some(index)) {
            self.holes.push((self.values.len(), index));
            self.values.push(Value::NONE);
            return Ok(());
        }
        // A part of a code object, of which there is no object yet.
        let Some(&target) = self.referable.get(index) else {
            return Ok(());
        };
        let target = self.node_at(target);
        let bytes = self.cut_out(vm, target)?;
        let value = load(vm, &bytes, self.allow_code)?;
        self.known[index] = Some(value.clone());
        self.values.push(value);
        Ok(())
    }

    /// Makes a container of its parts.
    fn close(&mut self, vm: &mut Vm) -> PyResult<()> {
        let Some(open) = self.open.pop() else {
            return Ok(());
        };
        let parts = self.values.split_off(open.below);
        let mut holes = Vec::new();
        while let Some((at, entry)) = self.holes.pop_if(|(at, _)| *at >= open.below) {
            holes.push((at - open.below, entry));
        }
        let value = match (open.code, open.object) {
            (tc::LIST, Some(object)) => {
                if let Some(list) = object.downcast::<List>() {
                    for (index, entry) in holes.drain(..) {
                        let place = Place::Item(list.clone(), index);
                        self.places.entry(entry).or_default().push(place);
                    }
                    *list.items_mut(vm) = parts;
                }
                object
            }
            (tc::SET, Some(object)) if holes.is_empty() => {
                if let Some(set) = object.downcast::<Set>() {
                    for item in parts {
                        set.add(vm, item)?;
                    }
                }
                object
            }
            (tc::DICT, Some(object)) => {
                if let Some(dict) = object.downcast::<Dict>() {
                    holes.retain(|&(index, entry)| {
                        let is_value = index % 2 == 1;
                        if is_value {
                            let place = Place::Key(dict.clone(), parts[index - 1].clone());
                            self.places.entry(entry).or_default().push(place);
                        }
                        !is_value
                    });
                    if holes.is_empty() {
                        fill(vm, dict, parts)?;
                    }
                }
                object
            }
            (tc::FROZENDICT, _) => {
                let items = Dict::new(vm);
                fill(vm, &items, parts)?;
                FrozenDict::new(vm, items)
            }
            (tc::FROZENSET, _) => Set::frozen(vm, parts)?,
            (tc::SLICE, _) => {
                let mut parts = parts.into_iter();
                let [start, stop, step] = [(); 3].map(|()| parts.next().unwrap_or(Value::NONE));
                vm.new_slice(start, stop, step)
            }
            _ => vm.new_tuple(parts),
        };
        if !holes.is_empty() {
            return Err(vm.value_error("bad marshal data (invalid reference)"));
        }
        self.finish(vm, value, open.entry)
    }

    fn code(&mut self, vm: &mut Vm, node: Node<'d, 'a>) -> PyResult {
        if !self.allow_code {
            return Err(vm.value_error("unmarshalling code objects is disallowed"));
        }
        let options = ReadOptions::new(super::write::python(vm));
        // The whole of the bytes is the most frequent, and cut out already.
        let read = match node.index() {
            0 => Read::from_marshal_with(self.document.input(), &options),
            _ => Read::from_marshal_with(&self.cut_out(vm, node)?, &options),
        };
        let raw = match read {
            Ok(Read::Code(raw)) => raw,
            Ok(_) => return Err(vm.value_error("bad marshal data (invalid reference)")),
            Err(error) => return Err(refused(vm, &error)),
        };
        let code = CodeObject::from_raw(vm.version(), &raw)
            .map_err(|error| vm.value_error(format!("bad marshal data ({error})")))?;
        let verified =
            verify(&code).map_err(|error| vm.value_error(format!("bad marshal data ({error})")))?;
        Ok(Value::from(&vm.new_code(verified)?))
    }

    /// The bytes of an object for themselves: what it refers to outside stands where it is first referred to.
    fn cut_out(&self, vm: &mut Vm, root: Node<'d, 'a>) -> PyResult<Vec<u8>> {
        enum Todo {
            Nodes(usize, usize),
            Bytes(usize, usize),
        }
        let input = self.document.input();
        let span = |node: Node<'d, 'a>| {
            let place = |index| self.nodes.partition_point(|node| node.index() < index);
            Todo::Nodes(place(node.index()), place(node.end()))
        };
        let mut out = Vec::new();
        let mut numbers: HashMap<usize, u32> = HashMap::new();
        let mut todo = vec![span(root)];
        while let Some(next) = todo.pop() {
            let (at, end) = match next {
                Todo::Bytes(start, end) => {
                    out.extend(&input[start..end]);
                    continue;
                }
                Todo::Nodes(at, end) => (at, end),
            };
            let Some(&node) = self.nodes.get(at).filter(|_| at < end) else {
                continue;
            };
            todo.push(Todo::Nodes(at + 1, end));
            let start = node.offset() as usize;
            let stop = match self.nodes.get(at + 1) {
                Some(next) => next.offset() as usize,
                None => input.len() - self.document.trailing().len(),
            };
            let Kind::Ref { index } = node.kind() else {
                if let Some(entry) = self.entry_of(node) {
                    numbers.insert(entry, numbers.len() as u32);
                }
                out.extend(&input[start..stop]);
                continue;
            };
            // The line number of a code object may follow.
            todo.push(Todo::Bytes(start + REFERENCE_LEN, stop));
            if let Some(number) = numbers.get(&(index as usize)) {
                out.push(tc::REF);
                out.extend(number.to_le_bytes());
                continue;
            }
            vm.check_growth(out.len())?;
            match self
                .referable
                .get(index as usize)
                .map(|&index| self.node_at(index))
            {
                Some(target) if !(target.index()..target.end()).contains(&root.index()) => {
                    match str_len(target) {
                        // The line number of its own code object may follow that, too.
                        Some(len) => {
                            numbers.insert(index as usize, numbers.len() as u32);
                            let start = target.offset() as usize;
                            todo.push(Todo::Bytes(start, start + len));
                        }
                        None => todo.push(span(target)),
                    }
                }
                _ => return Err(vm.value_error("bad marshal data (invalid reference)")),
            }
        }
        Ok(out)
    }

    fn node_at(&self, index: u32) -> Node<'d, 'a> {
        self.nodes[self.nodes.partition_point(|node| node.index() < index)]
    }
}

/// A type code and a number.
const REFERENCE_LEN: usize = 5;

/// The bytes that a str takes, its head included; nothing for what is none.
fn str_len(node: Node<'_, '_>) -> Option<usize> {
    let Kind::Str(text, _) = node.kind() else {
        return None;
    };
    let head = match node.type_code() {
        tc::SHORT_ASCII | tc::SHORT_ASCII_INTERNED => 2,
        _ => 5,
    };
    Some(head + text.len())
}

fn fill(vm: &mut Vm, dict: &Ref<Dict>, parts: Vec<Value>) -> PyResult<()> {
    let mut parts = parts.into_iter();
    while let (Some(key), Some(value)) = (parts.next(), parts.next()) {
        dict.set(vm, key, value)?;
    }
    Ok(())
}

/// An object without parts.
fn leaf(vm: &mut Vm, kind: Kind<'_>, node: Node<'_, '_>) -> PyResult {
    let constant = match kind {
        Kind::Bool(truth) => Constant::Bool(truth),
        Kind::StopIteration => Constant::StopIteration,
        Kind::Ellipsis => Constant::Ellipsis,
        Kind::Int(number) => return Ok(vm.int(number)),
        Kind::Long(long) => Constant::Int(Int::from_digits(long.is_negative, long.digits())),
        Kind::Float(x) => return Ok(Value::float(x)),
        Kind::Complex(real, imag) => return Ok(vm.new_complex(real, imag)),
        Kind::Bytes(bytes) => return Ok(vm.new_bytes(bytes.to_vec())),
        Kind::Str(bytes, encoding) => {
            let text = match encoding {
                StrEncoding::Utf8 => vm.str_from_wtf8(bytes),
                StrEncoding::Latin1 => vm.str_from_view(StrView::from_latin1(bytes)),
            };
            return Ok(match text.downcast::<Str>() {
                Some(text) if node.is_interned() => Value::from(vm.intern_ref(text)),
                _ => text,
            });
        }
        _ => Constant::None,
    };
    vm.constant(&constant)
}
