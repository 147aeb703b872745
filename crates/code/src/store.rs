//! From code objects back to marshal: `CodeObject::to_marshal` and `to_raw`, the inverse of `load`.
//!
//! Invariants: nothing recurses; what the code objects share, the values share; a code object that was read and not
//! changed is written with the bytes that were read.

use alloc::collections::BTreeMap;
use alloc::sync::Arc;
use alloc::vec::Vec;

use pyco_marshal::{
    CodeOffsets, Items, Locals, Pairs, RawCode, Slice, Str, Style, Value, WriteOptions,
};

use crate::code_object::CodeObject;
use crate::constant::Constant;
use crate::error::Error;
use crate::localsplus::{LocalKind, LocalNames};

impl CodeObject {
    /// The marshalled code object: what follows the header in a `.pyc`.
    ///
    /// One that [`CodeObject::from_marshal`] returned is written with the bytes that were read. Any other is written
    /// as `marshal.dumps` of its version would.
    ///
    /// # Errors
    /// Where marshal refuses: a changed code object of 2.7, which it does not write; a constant of a type that the version cannot write, or too much of something.
    pub fn to_marshal(&self) -> Result<Vec<u8>, Error> {
        if let Some(bytes) = &self.fields().origin {
            return Ok(bytes.to_vec());
        }
        let options = WriteOptions::new(self.version().into()).with_style(Style::Cpython);
        self.to_value().to_marshal(&options).map_err(Error::marshal)
    }

    /// The code object, with all below it, as marshal's value.
    #[must_use]
    pub fn to_value(&self) -> Value {
        let mut builder = Builder {
            tasks: Vec::new(),
            made: Vec::new(),
            memo: BTreeMap::new(),
        };
        builder.visit_code(self);
        builder.run();
        builder.made.pop().unwrap_or_default()
    }
}

/// What is to be done next; a `Build` comes after its parts.
enum Task<'a> {
    Visit(&'a Constant),
    BuildItems(&'a [Constant], fn(Items) -> Value),
    BuildPairs(&'a [(Constant, Constant)], fn(Pairs) -> Value),
    BuildSlice(&'a [Constant; 3]),
    BuildCode(&'a CodeObject),
}

struct Builder<'a> {
    tasks: Vec<Task<'a>>,
    /// Values that wait for what they are part of.
    made: Vec<Value>,
    /// What was made of a shared constant, by its address.
    memo: BTreeMap<usize, Value>,
}

impl<'a> Builder<'a> {
    fn run(&mut self) {
        while let Some(task) = self.tasks.pop() {
            match task {
                Task::Visit(constant) => self.visit(constant),
                Task::BuildItems(items, wrap) => {
                    let value = wrap(self.take(items.len()).collect());
                    self.finish(items.as_ptr() as usize, value);
                }
                Task::BuildPairs(pairs, wrap) => {
                    let mut parts = self.take(2 * pairs.len());
                    let next = || Some((parts.next()?, parts.next()?));
                    let value = wrap(core::iter::from_fn(next).collect());
                    self.finish(pairs.as_ptr() as usize, value);
                }
                Task::BuildSlice(parts) => {
                    let mut made = self.take(3);
                    let [start, stop, step] = [(); 3].map(|()| made.next().unwrap_or_default());
                    let value = Value::Slice(Slice::new(start, stop, step));
                    self.finish(parts.as_ptr() as usize, value);
                }
                Task::BuildCode(code) => {
                    let consts = self.take(code.consts().len()).collect();
                    let value = Value::Code(Arc::new(raw_code(code, consts)));
                    self.finish(code.id(), value);
                }
            }
        }
    }

    /// The last `count` values made, in order.
    fn take(&mut self, count: usize) -> alloc::vec::IntoIter<Value> {
        let start = self.made.len().saturating_sub(count);
        self.made.split_off(start).into_iter()
    }

    fn finish(&mut self, address: usize, value: Value) {
        self.memo.insert(address, value.clone());
        self.made.push(value);
    }

    fn visit(&mut self, constant: &'a Constant) {
        let leaf = match constant {
            Constant::None => Value::None,
            Constant::StopIteration => Value::StopIteration,
            Constant::Ellipsis => Value::Ellipsis,
            Constant::Bool(truth) => Value::Bool(*truth),
            Constant::Int(number) => Value::Int(number.clone()),
            Constant::Float(number) => Value::Float(*number),
            Constant::Complex(real, imaginary) => Value::Complex(*real, *imaginary),
            Constant::Bytes(bytes) => Value::Bytes(bytes.clone()),
            Constant::Str(text) => Value::Str(text.clone()),
            Constant::Tuple(items) => return self.visit_items(items, Value::Tuple),
            Constant::List(items) => return self.visit_items(items, Value::List),
            Constant::Set(items) => return self.visit_items(items, Value::Set),
            Constant::FrozenSet(items) => return self.visit_items(items, Value::FrozenSet),
            Constant::Dict(pairs) => return self.visit_pairs(pairs, Value::Dict),
            Constant::FrozenDict(pairs) => return self.visit_pairs(pairs, Value::FrozenDict),
            Constant::Slice(parts) => {
                if !self.known(parts.as_ptr() as usize) {
                    self.tasks.push(Task::BuildSlice(parts));
                    self.tasks.extend(parts.iter().rev().map(Task::Visit));
                }
                return;
            }
            Constant::Code(code) => return self.visit_code(code),
        };
        self.made.push(leaf);
    }

    /// Whether the constant was converted before; if so, it is made again by sharing it.
    fn known(&mut self, address: usize) -> bool {
        match self.memo.get(&address) {
            Some(value) => {
                self.made.push(value.clone());
                true
            }
            None => false,
        }
    }

    fn visit_items(&mut self, items: &'a [Constant], wrap: fn(Items) -> Value) {
        // Empty containers of all types may lie in one place.
        if items.is_empty() {
            self.made.push(wrap(Items::default()));
        } else if !self.known(items.as_ptr() as usize) {
            self.tasks.push(Task::BuildItems(items, wrap));
            self.tasks.extend(items.iter().rev().map(Task::Visit));
        }
    }

    fn visit_pairs(&mut self, pairs: &'a [(Constant, Constant)], wrap: fn(Pairs) -> Value) {
        if pairs.is_empty() {
            self.made.push(wrap(Pairs::default()));
        } else if !self.known(pairs.as_ptr() as usize) {
            self.tasks.push(Task::BuildPairs(pairs, wrap));
            let parts = pairs.iter().rev();
            self.tasks
                .extend(parts.flat_map(|(key, value)| [Task::Visit(value), Task::Visit(key)]));
        }
    }

    fn visit_code(&mut self, code: &'a CodeObject) {
        if !self.known(code.id()) {
            self.tasks.push(Task::BuildCode(code));
            self.tasks
                .extend(code.consts().iter().rev().map(Task::Visit));
        }
    }
}

fn raw_code(code: &CodeObject, consts: Items) -> RawCode {
    let fields = code.fields();
    let locals = if fields.version.has_localsplus() {
        Locals::Plus {
            names: strs(fields.localsplusnames.iter()),
            kinds: fields.localspluskinds.clone(),
        }
    } else {
        let names = |kind| {
            strs(LocalNames::new(
                &fields.localsplusnames,
                &fields.localspluskinds,
                kind,
            ))
        };
        Locals::Separate {
            nlocals: fields.nlocals as i32,
            varnames: names(LocalKind::LOCAL),
            freevars: names(LocalKind::FREE),
            cellvars: names(LocalKind::CELL),
        }
    };
    RawCode {
        argcount: fields.argcount as i32,
        posonlyargcount: fields.posonlyargcount as i32,
        kwonlyargcount: fields.kwonlyargcount as i32,
        stacksize: fields.stacksize as i32,
        flags: fields.flags.bits() as i32,
        code: fields.code.clone(),
        consts,
        names: strs(fields.names.iter()),
        locals,
        filename: fields.filename.clone(),
        name: fields.name.clone(),
        qualname: fields
            .version
            .has_localsplus()
            .then(|| fields.qualname.clone()),
        firstlineno: fields.firstlineno,
        linetable: fields.linetable.clone(),
        exceptiontable: fields.exceptiontable.clone(),
        offsets: CodeOffsets::default(),
    }
}

fn strs<'a>(names: impl Iterator<Item = &'a Str>) -> Items {
    names.cloned().map(Value::Str).collect()
}
