//! Code objects as values: the verified code, and its executable form for this VM.

use std::cell::OnceCell;
use std::mem::ManuallyDrop;

use pyco_code::quicken::{Instr, Quickened, Unit};
use pyco_code::{CodeFlags, CodeObject, Constant, Verified};

use crate::error::PyResult;
use crate::eval::frame::FRAME_SLOTS;
use crate::numeric::bigint;
use crate::object::code_new::constant_of;
use crate::object::dict::Dict;
use crate::object::frozen_dict::FrozenDict;
use crate::object::header::{Kind, Payload, Ref};
use crate::object::set::Set;
use crate::object::str_::Str;
use crate::text::StrBuf;
use crate::value::Value;
use crate::vm::Vm;
use crate::watch::code::CodeWatch;

/// More arguments than a call can have.
const NEVER: u32 = u32::MAX;

/// A code object's payload.
pub struct Code {
    code: Verified<CodeObject>,
    name: Value,
    qualname: Value,
    filename: Value,
    consts: Box<[Value]>,
    names: Box<[Ref<Str>]>,
    local_names: Box<[Ref<Str>]>,
    /// The arguments of a call that needs nothing but to put them in place; [`NEVER`] if there are `*args`, `**kwargs` or keyword-only
    /// ones.
    exact_argcount: u32,
    quick: OnceCell<Box<Quick>>,
    /// What watching has to know, made at first need.
    watch: OnceCell<Box<CodeWatch>>,
}

/// One handler of the exception table.
#[derive(Clone, Copy)]
pub(crate) struct Handler {
    pub(crate) start: u32,
    pub(crate) end: u32,
    pub(crate) target: u32,
    pub(crate) depth: u32,
    pub(crate) lasti: bool,
}

/// The executable form: what frames run.
pub(crate) struct Quick {
    quickened: Quickened,
    /// The code object that owns this form: a copy of its reference that counts nothing.
    code: ManuallyDrop<Ref<Code>>,
    handlers: Box<[Handler]>,
    /// The first constant.
    consts: *const Value,
    /// The first name.
    names: *const Ref<Str>,
    locals_len: u32,
    frame_len: u32,
    /// The units of the RESUME that the code starts with, if it does.
    resume_len: u32,
}

impl Payload for Code {
    const KIND: Kind = Kind::Code;

    fn traverse(&self, visit: &mut dyn FnMut(&Value)) {
        self.consts.iter().for_each(visit);
    }
}

impl Quick {
    /// The units.
    #[inline(always)]
    pub(crate) fn units(&self) -> &[Unit] {
        self.quickened.units()
    }

    /// The code object that this is the executable form of.
    #[inline(always)]
    pub(crate) fn code(&self) -> &Ref<Code> {
        &self.code
    }

    /// A constant.
    ///
    /// # Safety
    /// The index is in range, as verified code's are.
    #[inline(always)]
    pub(crate) unsafe fn constant(&self, index: usize) -> &Value {
        // SAFETY: forwarded; the code object that owns this form holds the constants, and they do not move.
        unsafe { &*self.consts.add(index) }
    }

    /// A name.
    ///
    /// # Safety
    /// As for [`Quick::constant`].
    #[inline(always)]
    pub(crate) unsafe fn name(&self, index: usize) -> &Ref<Str> {
        // SAFETY: as above.
        unsafe { &*self.names.add(index) }
    }

    #[inline(always)]
    pub(crate) fn locals_len(&self) -> usize {
        self.locals_len as usize
    }

    /// Where a call starts that has looked itself at what RESUME looks at.
    #[inline(always)]
    pub(crate) fn start_behind_resume(&self) -> *const Unit {
        // SAFETY: the code does not end with its RESUME.
        unsafe { self.units().as_ptr().add(self.resume_len as usize) }
    }

    /// The slots of a whole frame.
    #[inline(always)]
    pub(crate) fn frame_len(&self) -> usize {
        self.frame_len as usize
    }

    /// The handler for an exception raised at a unit.
    pub(crate) fn handler_at(&self, unit: u32) -> Option<Handler> {
        let after = self.handlers.partition_point(|h| h.start <= unit);
        let handler = *self.handlers[..after].last()?;
        (unit < handler.end).then_some(handler)
    }
}

impl Code {
    /// The verified code object.
    pub fn code(&self) -> &Verified<CodeObject> {
        &self.code
    }

    pub(crate) fn flags(&self) -> CodeFlags {
        self.code.flags()
    }

    pub(crate) fn name_value(&self) -> Value {
        self.name.clone()
    }

    pub(crate) fn qualname_value(&self) -> Value {
        self.qualname.clone()
    }

    pub(crate) fn filename_value(&self) -> Value {
        self.filename.clone()
    }

    /// The constants.
    #[inline(always)]
    pub(crate) fn consts(&self) -> &[Value] {
        &self.consts
    }

    /// Whether a constant is of a kind that compiled code has not, so that its verified code has None in its place.
    pub fn has_foreign_constants(&self, vm: &mut Vm) -> bool {
        self.consts
            .iter()
            .any(|value| match value.downcast::<Code>() {
                Some(code) => code.has_foreign_constants(vm),
                None => constant_of(vm, value, 0).is_none(),
            })
    }

    /// The names.
    #[inline(always)]
    pub(crate) fn names(&self) -> &[Ref<Str>] {
        &self.names
    }

    /// The docstring of a function.
    pub(crate) fn docstring(&self) -> Option<Value> {
        self.code.docstring()?;
        self.consts.first().cloned()
    }

    /// The names of all locals, cells and free variables.
    pub(crate) fn local_names(&self) -> &[Ref<Str>] {
        &self.local_names
    }

    /// The arguments of a call that needs nothing but to put them in place.
    #[inline(always)]
    pub(crate) fn exact_argcount(&self) -> Option<u32> {
        Some(self.exact_argcount).filter(|count| *count != NEVER)
    }

    /// Whether a call with so many positional arguments needs nothing but to put them in place.
    #[inline(always)]
    pub(crate) fn takes_exactly(&self, count: usize) -> bool {
        self.exact_argcount as usize == count
    }

    /// Whether the constants that marshal could not write are the same objects in both.
    pub(crate) fn same_odd_constants(&self, other: &Code) -> bool {
        let constants = self
            .code
            .consts()
            .iter()
            .zip(self.consts.iter().zip(&other.consts));
        constants
            .filter(|(constant, _)| matches!(constant, Constant::None))
            .all(|(_, (a, b))| a.is(b))
    }

    /// What watching knows, if it ever asked.
    pub(crate) fn watch_if_any(&self) -> Option<&CodeWatch> {
        self.watch.get().map(|watch| &**watch)
    }

    /// What watching has to know.
    pub(crate) fn watch(&self) -> &CodeWatch {
        self.watch.get_or_init(Box::default)
    }

    /// The name of a local variable, cell or free variable.
    pub(crate) fn local_name(&self, index: usize) -> String {
        self.code
            .localsplusnames()
            .get(index)
            .map_or_else(String::new, |n| n.to_string_lossy().into_owned())
    }
}

impl Ref<Code> {
    /// The executable form, made at first need.
    ///
    /// # Errors
    /// NotImplementedError that names an opcode without an executable form.
    #[inline]
    pub(crate) fn quick(&self, vm: &mut Vm) -> PyResult<*const Quick> {
        match self.quick.get() {
            Some(quick) => Ok(&raw const **quick),
            None => self.quicken(vm),
        }
    }

    #[cold]
    fn quicken(&self, vm: &mut Vm) -> PyResult<*const Quick> {
        let code = &self.code;
        let quickened = match Quickened::new(code.clone()) {
            Ok(quickened) => quickened,
            Err(error) => {
                return Err(vm.error(&vm.types.not_implemented_error.clone(), error.to_string()));
            }
        };
        let mut handlers: Vec<Handler> = Vec::new();
        for entry in code.exceptiontable().entries().flatten() {
            handlers.push(Handler {
                start: entry.start.0,
                end: entry.end.0,
                target: entry.target.0,
                depth: entry.depth,
                lasti: entry.lasti,
            });
        }
        let locals_len = code.localsplusnames().len() as u32;
        let first = &quickened.units()[0];
        let resume_len = match first.instr() {
            Instr::Resume => first.len() as u32,
            _ => 0,
        };
        let quick = Quick {
            resume_len,
            quickened,
            // SAFETY: the form lives inside the code object, so the uncounted reference never outlives it.
            code: ManuallyDrop::new(unsafe { std::ptr::read(self) }),
            handlers: handlers.into_boxed_slice(),
            consts: self.consts.as_ptr(),
            names: self.names.as_ptr(),
            locals_len,
            frame_len: locals_len + FRAME_SLOTS as u32 + code.facts().max_depth(),
        };
        Ok(&raw const **self.quick.get_or_init(|| Box::new(quick)))
    }
}

impl Vm {
    /// A code object as a value.
    pub fn new_code(&mut self, code: Verified<CodeObject>) -> PyResult<Ref<Code>> {
        let consts = self.code_constants(&code)?;
        self.new_code_with(code, &consts)
    }

    /// A code object with these constants, which stand for those that it was verified with.
    pub(crate) fn new_code_with(
        &mut self,
        code: Verified<CodeObject>,
        consts: &[Value],
    ) -> PyResult<Ref<Code>> {
        let names = self.intern_all(code.names());
        let local_names = self.intern_all(code.localsplusnames());
        let variable = CodeFlags::VARARGS | CodeFlags::VARKEYWORDS;
        let is_simple = !code.flags().intersects(variable) && code.kwonlyargcount() == 0;
        let code = Code {
            name: self.str_from_wtf8(code.name().as_bytes()),
            qualname: self.str_from_wtf8(code.qualname().as_bytes()),
            filename: self.interned_text(code.filename()),
            consts: consts.into(),
            names,
            local_names,
            exact_argcount: if is_simple { code.argcount() } else { NEVER },
            quick: OnceCell::new(),
            watch: OnceCell::new(),
            code,
        };
        Ok(Ref::new(&self.types.code, code))
    }

    fn code_constants(&mut self, code: &Verified<CodeObject>) -> PyResult<Vec<Value>> {
        let mut consts = Vec::with_capacity(code.consts().len());
        for (index, constant) in code.consts().iter().enumerate() {
            let value = match code.child(index as u32) {
                Some(child) => Value::from(self.new_code(child.clone())?),
                None => self.constant(constant)?,
            };
            consts.push(value);
        }
        Ok(consts)
    }

    /// The name of a file, which the code objects of a file share.
    fn interned_text(&mut self, text: &pyco_code::Str) -> Value {
        let text = self.str_from_wtf8(text.as_bytes());
        match text.downcast::<Str>() {
            Some(text) => Value::from(self.intern_ref(text)),
            None => text,
        }
    }

    fn intern_all(&mut self, names: &[pyco_code::Str]) -> Box<[Ref<Str>]> {
        let mut interned = Vec::with_capacity(names.len());
        for name in names {
            let name = self.str_from_wtf8(name.as_bytes());
            if let Some(name) = name.downcast::<Str>() {
                interned.push(self.intern_ref(name));
            }
        }
        interned.into_boxed_slice()
    }

    /// A constant as a value. Identifier-like strings are interned, as CPython does it.
    pub fn constant(&mut self, constant: &Constant) -> PyResult {
        Ok(match constant {
            Constant::None => Value::NONE,
            Constant::Ellipsis => Value::ELLIPSIS,
            Constant::StopIteration => Value::from(&self.types.stop_iteration),
            Constant::Bool(b) => Value::bool(*b),
            Constant::Int(int) => match int.as_i64() {
                Some(n) => self.int(n),
                None => {
                    let digits: Vec<u16> = int.digits().collect();
                    self.int_from_big(bigint::from_marshal_digits(int.is_negative(), &digits))
                }
            },
            Constant::Float(x) => Value::float(*x),
            Constant::Complex(real, imag) => self.new_complex(*real, *imag),
            Constant::Str(text) => {
                let value = self.str_from_wtf8(text.as_bytes());
                match value.downcast::<Str>() {
                    Some(s) if is_identifier_like(s) => Value::from(self.intern_ref(s)),
                    _ => value,
                }
            }
            Constant::Bytes(data) => self.new_bytes(data.to_vec()),
            Constant::Tuple(items) => {
                let items = self.constants(items)?;
                self.new_tuple(items)
            }
            Constant::FrozenSet(items) => {
                let items = self.constants(items)?;
                Set::frozen(self, items)?
            }
            Constant::Slice(parts) => {
                let [start, stop, step] = &**parts;
                let start = self.constant(start)?;
                let stop = self.constant(stop)?;
                let step = self.constant(step)?;
                self.new_slice(start, stop, step)
            }
            Constant::List(items) => {
                let items = self.constants(items)?;
                self.new_list(items)
            }
            Constant::Set(items) => {
                let set = Set::new(self);
                for item in self.constants(items)? {
                    set.add(self, item)?;
                }
                Value::from(&set)
            }
            Constant::Dict(pairs) => Value::from(&self.constant_items(pairs)?),
            Constant::FrozenDict(pairs) => {
                let items = self.constant_items(pairs)?;
                FrozenDict::new(self, items)
            }
            other => {
                return Err(
                    self.not_implemented(format!("a constant of type {}", other.type_name()))
                );
            }
        })
    }

    fn constant_items(&mut self, pairs: &[(Constant, Constant)]) -> PyResult<Ref<Dict>> {
        let dict = Dict::new(self);
        for (key, value) in pairs {
            let (key, value) = (self.constant(key)?, self.constant(value)?);
            dict.set(self, key, value)?;
        }
        Ok(dict)
    }

    fn constants(&mut self, items: &[Constant]) -> PyResult<Vec<Value>> {
        items.iter().map(|item| self.constant(item)).collect()
    }

    /// The str that UTF-8 with lone surrogates stands for.
    pub fn str_from_wtf8(&self, text: &[u8]) -> Value {
        self.str_from_buf(StrBuf::from_wtf8(text).unwrap_or_default())
    }
}

/// Whether a constant str is interned: it is made of ASCII letters, digits and underscores.
fn is_identifier_like(text: &Str) -> bool {
    text.as_ascii()
        .is_some_and(|t| t.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_'))
}
