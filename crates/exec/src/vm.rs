//! The virtual machine: one Python version on one thread.
//!
//! Invariants:
//! - A thread has at most one `Vm` at a time; objects never leave their thread. So whoever holds `&mut Vm` is the only one that
//!   can run Python code or change an object.
//! - Interned strings live as long as the VM.

use std::cell::UnsafeCell;
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use hashbrown::HashTable;
use pyco_code::Version;
use pyco_code::quicken::COMMON_CONSTANTS;

use crate::collector::Collector;
use crate::error::{PyResult, Raised};
use crate::eval::frame::Frame;
use crate::eval::stack::Stack;
use crate::heap;
use crate::host::Host;
use crate::names::Names;
use crate::object::bytes::Bytes;
use crate::object::dict::Dict;
use crate::object::generator::Handled;
use crate::object::header::{Ref, flags};
use crate::object::late::Late;
use crate::object::list::List;
use crate::object::module::Module;
use crate::object::native::NativeDef;
use crate::object::native_class::NativeClasses;
use crate::object::str_::Str;
use crate::object::tuple::Tuple;
use crate::object::type_::{Type, TypeCache};
use crate::object::types::Types;
use crate::specialize::{AttributeTable, SuperTable};
use crate::stats::{SpecializationCount, Stats};
use crate::teardown::Classes;
use crate::text::{HashKey, StrBuf, StrView, UnicodeVersion};
use crate::value::Value;

/// What makes a native module.
pub type MakeModule = fn(&mut Vm) -> PyResult<Ref<Module>>;

/// An attribute of a module that is made when someone asks for it.
pub(crate) struct LazyAttribute {
    module: Ref<Module>,
    name: &'static str,
    make: fn(&mut Vm) -> PyResult,
}

/// Does what was announced by the flag of [`Vm::interrupt_flag`]; what it raises goes to the running program.
pub type Deliver = fn(&mut Vm) -> PyResult<()>;

/// Writes text to an object without looking up its `write`.
pub type WriteText = fn(&mut Vm, &Value, StrView<'_>) -> PyResult<()>;

/// A virtual machine.
pub struct Vm {
    /// The built-in classes.
    pub types: Types,
    pub(crate) names: Names,
    pub(crate) characters: Box<[Ref<Str>]>,
    /// The bytes of one byte each, then the empty ones.
    pub(crate) short_bytes: Box<[Ref<Bytes>]>,
    pub(crate) empty_tuple: Ref<Tuple>,
    pub(crate) hash_key: HashKey,
    interned: HashTable<Ref<Str>>,
    pub(crate) type_cache: TypeCache,
    pub(crate) attribute_table: AttributeTable,
    pub(crate) super_table: SuperTable,
    pub(crate) version: Version,
    pub(crate) stack: Stack,
    pub(crate) modules: Ref<Dict>,
    pub(crate) builtins: Ref<Dict>,
    pub(crate) host: Host,
    pub(crate) stats: Stats,
    /// What LOAD_COMMON_CONSTANT pushes.
    pub(crate) common_constants: [Value; COMMON_CONSTANTS.len()],
    /// The exception classes of the version.
    pub(crate) exception_classes: Vec<Ref<Type>>,
    /// The running frame.
    pub(crate) frame: *mut Frame,
    /// Python frames on the stack.
    pub(crate) depth: u32,
    /// The innermost entry of exceptions being handled.
    pub(crate) handled: *mut Handled,
    /// Only kept: the end of the chain that `handled` starts.
    _base_handled: Box<UnsafeCell<Handled>>,
    /// What makes each native module.
    pub(crate) native_modules: HashMap<&'static str, MakeModule>,
    /// `importlib._bootstrap`, once someone needs it.
    pub(crate) machinery: crate::import::machinery::State,
    /// The zip files that imports looked into.
    pub(crate) archives: crate::import::archive::Archives,
    /// What the dicts of built-in classes are to hold that nobody has asked for yet.
    pub(crate) late: Vec<(Ref<Type>, Late)>,
    /// Attributes of modules that are made when someone asks for them.
    pub(crate) lazy_attributes: Vec<LazyAttribute>,
    /// How deep native functions call each other through the VM, for RecursionError in time.
    native_depth: u32,
    /// The containers whose `repr` is being made, by identity.
    pub(crate) in_repr: Vec<u64>,
    pub(crate) recursion_limit: u32,
    /// `sys.get_int_max_str_digits()`; 0 is no limit.
    pub(crate) int_max_str_digits: usize,
    /// The classes of struct sequences: instances of built-in classes do not keep their class alive.
    pub(crate) struct_classes: Vec<Ref<Type>>,
    /// The classes of native modules that were asked for, by their definitions.
    pub(crate) native_classes: NativeClasses,
    /// The modules whose code is being run for an import, innermost last.
    pub(crate) loading: Vec<Ref<Module>>,
    /// How many backward jumps and calls are left until the host's limits are looked at; their fuel is taken. Without limits, more than
    /// a program can make.
    slice: u64,
    /// Set from outside, by a signal: something is to be done before the next call or backward jump.
    interrupt: Arc<AtomicBool>,
    /// What does it.
    deliver: Option<Deliver>,
    /// What native modules keep.
    pub(crate) extensions: crate::extension::Extensions,
    /// The class of text streams, and what writes to an instance of it that has no attributes of its own.
    pub(crate) output: Option<(Ref<Type>, WriteText)>,
    /// Codecs and error handlers by name.
    pub(crate) codecs: crate::codecs::Registry,
    /// What `gc` shows and sets.
    pub(crate) collector: Collector,
    /// `sys.get_asyncgen_hooks()`: what is called with an async generator at its first step, and instead of its end.
    pub async_generator_hooks: [Option<Value>; 2],
    /// `sys.get_coroutine_origin_tracking_depth()`.
    pub coroutine_origin_depth: usize,
    /// Whether anything is being watched.
    pub(crate) is_watched: bool,
    /// Who watches what.
    pub(crate) watch: Box<crate::watch::Watch>,
    /// The built-in classes, until everything else is gone.
    classes: Classes,
    _claim: Claim,
}

impl Drop for Vm {
    fn drop(&mut self) {
        heap::announce_nothing();
        self.classes.keep();
    }
}

/// The thread's claim to its one VM, given back when the VM goes.
struct Claim;

impl Drop for Claim {
    fn drop(&mut self) {
        heap::release();
    }
}

/// Why a VM could not be made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum VmError {
    /// The thread has a VM already.
    #[error(
        "this thread has a virtual machine already; objects belong to one, so a thread can have only one at a time"
    )]
    ThreadHasVm,
    /// The version cannot be run.
    #[error("pyco runs code of CPython 3.11 to 3.15, not of {0}")]
    UnsupportedVersion(Version),
}

/// So many tables of methods and attributes the built-in classes have, with some to spare.
const LATE: usize = 512;

/// So many names are interned before a program starts, with some to spare.
const INTERNED: usize = 800;

/// How deep native recursion may go before RecursionError: each level takes some hundred bytes to a few KiB of stack.
const MAX_NATIVE_DEPTH: u32 = 2000;

impl Vm {
    /// A virtual machine for one version, with this host.
    ///
    /// # Errors
    /// If the thread has a VM already, or the version is not supported.
    pub fn new(version: Version, host: Host) -> Result<Vm, VmError> {
        if !Vm::runs(version) {
            return Err(VmError::UnsupportedVersion(version));
        }
        if !heap::claim() {
            return Err(VmError::ThreadHasVm);
        }
        let claim = Claim;
        let types = Types::new();
        let hash_key = host.hash_key;
        let recursion_limit = host.recursion_limit;
        if host.memory.is_some() {
            crate::memory::start_counting();
        }
        let interrupt = Arc::<AtomicBool>::default();
        heap::announce_by(&interrupt);
        let base_handled = Box::new(UnsafeCell::new(Handled::new()));
        let characters = (0..=255u8)
            .map(|c| Str::new(&types.str, StrView::from_latin1(&[c])))
            .collect();
        let short_bytes = (0..=255u8)
            .map(|byte| vec![byte])
            .chain([Vec::new()])
            .map(|data| Bytes::of_type(&types.bytes, data))
            .collect();
        let empty_tuple = Tuple::of_type(&types.tuple, Vec::new());
        let first_threshold = if version.minor() >= 13 { 2000 } else { 700 };
        let collector = {
            let list = || Value::from(List::of_type(&types.list, Vec::new()));
            Collector::new(first_threshold, list(), list())
        };
        let mut interned = HashTable::with_capacity(INTERNED);
        let names = Names::new(|name| {
            intern_text(&mut interned, hash_key, &types.str, StrView::ascii(name))
        });
        let mut vm = Vm {
            modules: Dict::of_type(&types.dict),
            builtins: Dict::of_type(&types.dict),
            types,
            names,
            characters,
            short_bytes,
            empty_tuple,
            hash_key,
            interned,
            type_cache: TypeCache::new(),
            attribute_table: AttributeTable::new(),
            super_table: SuperTable::new(),
            version,
            stack: Stack::new(),
            host,
            stats: Stats::new(),
            common_constants: [const { Value::NONE }; COMMON_CONSTANTS.len()],
            exception_classes: Vec::new(),
            frame: std::ptr::null_mut(),
            depth: 0,
            handled: base_handled.get(),
            _base_handled: base_handled,
            native_modules: HashMap::new(),
            machinery: crate::import::machinery::State::default(),
            archives: crate::import::archive::Archives::default(),
            late: Vec::with_capacity(LATE),
            lazy_attributes: Vec::new(),
            native_depth: 0,
            in_repr: Vec::new(),
            recursion_limit,
            struct_classes: Vec::new(),
            native_classes: NativeClasses::default(),
            loading: Vec::new(),
            slice: 0,
            interrupt,
            deliver: None,
            extensions: crate::extension::Extensions::default(),
            output: None,
            codecs: crate::codecs::Registry::default(),
            int_max_str_digits: crate::numeric::bigint::DEFAULT_MAX_DIGITS,
            collector,
            async_generator_hooks: [None, None],
            coroutine_origin_depth: 0,
            is_watched: false,
            watch: Box::new(crate::watch::Watch::new()),
            classes: Classes::default(),
            _claim: claim,
        };
        for character in &vm.characters {
            character.header().set(flags::INTERNED, true);
        }
        crate::object::ready_all(&mut vm);
        crate::builtins::ready(&mut vm);
        vm.common_constants = COMMON_CONSTANTS.map(|name| vm.common_constant(name));
        Ok(vm)
    }

    /// Whether code of this version can be run.
    #[must_use]
    pub fn runs(version: Version) -> bool {
        version >= Version::V3_11
    }

    /// One of [`COMMON_CONSTANTS`].
    fn common_constant(&mut self, name: &str) -> Value {
        match name {
            "None" => Value::NONE,
            "True" => Value::TRUE,
            "False" => Value::FALSE,
            "-1" => self.int(-1),
            "''" => Value::from(&self.names.empty),
            _ => {
                let name = self.intern(name);
                let builtin = self.builtins.clone().get_str(self, &name);
                builtin.unwrap_or(Value::NONE)
            }
        }
    }

    /// What the host grants. How much fuel is left in all, [`Vm::fuel`] says.
    #[must_use]
    pub fn host(&self) -> &Host {
        &self.host
    }

    /// What the host grants, to be used.
    pub fn host_mut(&mut self) -> &mut Host {
        // The limits may be changed there.
        self.end_slice();
        &mut self.host
    }

    /// Says what the class of text streams is, so that `print` can write to one without looking up its `write`.
    pub fn set_output(&mut self, class: Ref<Type>, write: WriteText) {
        self.output = Some((class, write));
    }

    /// Makes a native module importable under this name.
    pub fn add_native_module(
        &mut self,
        name: &'static str,
        make: fn(&mut Vm) -> PyResult<Ref<Module>>,
    ) {
        self.native_modules.insert(name, make);
    }

    /// `sys.get_int_max_str_digits()`; 0 is no limit.
    #[must_use]
    pub fn int_max_str_digits(&self) -> usize {
        self.int_max_str_digits
    }

    /// Sets how many digits an int may have that becomes a str or comes from one; 0 is no limit.
    pub fn set_int_max_str_digits(&mut self, most: usize) {
        self.int_max_str_digits = most;
    }

    /// How many objects are alive.
    #[must_use]
    pub fn live_object_count(&self) -> usize {
        heap::object_count()
    }

    /// How many strs are interned.
    #[must_use]
    pub fn interned_count(&self) -> usize {
        self.interned.len() + self.characters.len()
    }

    /// Whether a str is interned.
    #[must_use]
    pub fn is_interned(&self, text: &Ref<Str>) -> bool {
        text.header().has(flags::INTERNED)
    }

    /// `sys.stdlib_module_names` of the VM's version.
    #[must_use]
    pub fn stdlib_module_names(&self) -> Vec<&'static str> {
        crate::traceback::suggestions::stdlib_module_names(self.traceback_version()).collect()
    }

    /// Whether a native module has this name.
    #[must_use]
    pub fn has_native_module(&self, name: &str) -> bool {
        self.native_modules.contains_key(name)
    }

    /// The names of the native modules, in no order.
    #[must_use]
    pub fn native_module_names(&self) -> Vec<String> {
        self.native_modules
            .keys()
            .map(|name| (*name).to_owned())
            .collect()
    }

    /// The classes of `typing` that the interpreter has itself.
    pub fn typing_classes(&mut self) -> Vec<(&'static str, Value)> {
        let types = &self.types;
        let mut classes = vec![
            ("Generic", Value::from(&types.generic)),
            ("ParamSpec", Value::from(&types.param_spec)),
            ("TypeAliasType", Value::from(&types.type_alias)),
            ("TypeVar", Value::from(&types.type_var)),
            ("TypeVarTuple", Value::from(&types.type_var_tuple)),
        ];
        for (name, def) in [
            ("ParamSpecArgs", &crate::object::param_spec_args::ARGS),
            ("ParamSpecKwargs", &crate::object::param_spec_args::KWARGS),
        ] {
            classes.push((name, Value::from(self.class(def))));
        }
        if self.version_number() >= 13 {
            let no_default = crate::object::type_params::no_default(self);
            classes.push(("NoDefault", no_default));
        }
        classes
    }

    /// Adds native functions to a module.
    pub fn add_functions(&mut self, module: &Ref<Module>, functions: &'static [NativeDef]) {
        let key = self.names.__name__.clone();
        let name = module.dict.get_str(self, &key);
        let minor = self.version_number();
        for def in functions.iter().filter(|def| def.versions.contains(minor)) {
            let function = self.new_native(def, Value::from(module), name.clone());
            self.set_global(&module.dict, def.name, function);
        }
    }

    /// Lets an attribute of a module be made when someone first asks for it.
    pub fn add_lazy_attribute(
        &mut self,
        module: &Ref<Module>,
        name: &'static str,
        make: fn(&mut Vm) -> PyResult,
    ) {
        self.lazy_attributes.push(LazyAttribute {
            module: module.clone(),
            name,
            make,
        });
    }

    /// Makes an attribute that a module lacks, if it is one of those that come late.
    pub(crate) fn make_lazy_attribute(
        &mut self,
        module: &Ref<Module>,
        name: &Ref<Str>,
    ) -> PyResult<Option<Value>> {
        let mut late = self.lazy_attributes.iter();
        let Some(index) = late.position(|l| l.module.is(module) && name.eq_str(l.name)) else {
            return Ok(None);
        };
        // Made once: who deletes it finds it gone.
        let late = self.lazy_attributes.swap_remove(index);
        let value = (late.make)(self)?;
        let name = self.intern(late.name);
        if let Some(value) = module.dict.get_str(self, &name) {
            return Ok(Some(value));
        }
        module.dict.set_str(self, &name, value.clone());
        Ok(Some(value))
    }

    /// `sys.path`, as a program first finds it: the host's folders, then those of the standard library.
    ///
    /// # Errors
    /// None today.
    pub fn sys_path(&mut self) -> PyResult {
        crate::import::sys_path(self)
    }

    /// Lets `sys` have `path`, `meta_path`, `path_hooks` and `path_importer_cache` when someone asks for them.
    pub fn add_import_attributes(&mut self, sys: &Ref<Module>) {
        self.add_lazy_attribute(sys, "path", Vm::sys_path);
        crate::import::machinery::add_late_attributes(self, sys);
    }

    /// The bytes of a module's file, which may lie in a zip file.
    ///
    /// # Errors
    /// Why it cannot be read, without its path.
    pub fn read_module_file(&mut self, path: &std::path::Path) -> Result<Vec<u8>, String> {
        crate::import::read(self, path)
    }

    /// Sets a name in a namespace.
    pub fn set_global(&mut self, namespace: &Ref<Dict>, name: &str, value: Value) {
        let name = self.intern(name);
        namespace.set_str(self, &name, value);
    }

    /// `sys.modules`.
    #[must_use]
    pub fn modules(&self) -> Value {
        Value::from(&self.modules)
    }

    /// How many Python frames may be on the stack.
    #[must_use]
    pub fn recursion_limit(&self) -> u32 {
        self.recursion_limit
    }

    /// Sets how many Python frames may be on the stack.
    pub fn set_recursion_limit(&mut self, limit: u32) {
        self.recursion_limit = limit;
    }

    /// What was specialised so far, by instruction.
    #[must_use]
    pub fn specializations(&self) -> Vec<SpecializationCount> {
        self.stats.to_vec()
    }

    /// The version whose code this VM runs.
    pub fn version(&self) -> Version {
        self.version
    }

    /// The minor version, for rules that changed: 13 for 3.13.
    #[inline]
    pub fn version_number(&self) -> u8 {
        self.version.minor()
    }

    /// The one str object with this text that attribute names and the like use.
    pub fn intern(&mut self, name: &str) -> Ref<Str> {
        if name.is_ascii() {
            return self.intern_view(StrView::Ascii(name.as_bytes()));
        }
        let text = StrBuf::from(name);
        self.intern_view(text.view())
    }

    fn intern_view(&mut self, text: StrView<'_>) -> Ref<Str> {
        match self.single_character(text) {
            Some(character) => character.clone(),
            None => intern_text(&mut self.interned, self.hash_key, &self.types.str, text),
        }
    }

    /// The one str of a single character below U+0100; interned without being in the table.
    #[inline]
    fn single_character(&self, text: StrView<'_>) -> Option<&Ref<Str>> {
        match text {
            StrView::Ascii(&[unit]) | StrView::Latin1(&[unit]) => {
                Some(&self.characters[unit as usize])
            }
            _ => None,
        }
    }

    /// The interned str with the text of `name`.
    #[inline]
    pub fn intern_ref(&mut self, name: &Ref<Str>) -> Ref<Str> {
        if name.header().has(flags::INTERNED) {
            return name.clone();
        }
        if let Some(character) = self.single_character(name.view()) {
            return character.clone();
        }
        if name.is_exact() {
            return intern_in(&mut self.interned, self.hash_key, name.clone());
        }
        let text = name.view().to_buf();
        self.intern_view(text.view())
    }

    /// Goes one level deeper in native recursion.
    ///
    /// # Errors
    /// RecursionError when it is too deep; `leave` is not to be called then.
    #[inline]
    pub fn enter(&mut self, place: &str) -> PyResult<()> {
        if self.native_depth >= MAX_NATIVE_DEPTH || self.exceeds_common_limit(place) {
            return Err(self.recursion_error(place));
        }
        self.native_depth += 1;
        Ok(())
    }

    /// Up to 3.11 recursion in C that has a name counted together with that of Python code.
    #[inline]
    fn exceeds_common_limit(&self, place: &str) -> bool {
        self.version_number() < 12
            && !place.is_empty()
            && self.native_depth as usize + self.depth as usize >= self.recursion_limit as usize
    }

    /// Comes back from [`Vm::enter`].
    #[inline]
    pub fn leave(&mut self) {
        self.native_depth -= 1;
    }

    #[cold]
    pub(crate) fn recursion_error(&mut self, place: &str) -> Raised {
        let message = format!("maximum recursion depth exceeded{place}");
        self.error(&self.types.recursion_error.clone(), message)
    }

    /// Honours the host's memory limit while a native function builds something of `len` bytes or more.
    #[inline]
    pub fn check_growth(&mut self, len: usize) -> PyResult<()> {
        if len > MOST_BYTES {
            return Err(self.memory_error());
        }
        if self.host.memory.is_some() {
            return self.check_memory(len);
        }
        Ok(())
    }

    /// The largest object that may be made, in bytes.
    #[inline]
    pub fn max_size(&self) -> usize {
        self.memory_left()
            .map_or(MOST_BYTES, |left| left.min(MOST_BYTES))
    }

    /// Whether the loop should stop at a backward jump or at a function's start; counts it.
    #[inline(always)]
    pub(crate) fn interrupted(&mut self) -> bool {
        match self.slice.checked_sub(1) {
            Some(left) => self.slice = left,
            None => return true,
        }
        self.interrupt.load(Ordering::Relaxed)
    }

    /// Does what waits outside, and looks at the limits at the end of a slice.
    #[cold]
    pub(crate) fn handle_interrupt(&mut self) -> PyResult<()> {
        if self.interrupt.swap(false, Ordering::Relaxed)
            && let Some(deliver) = self.deliver
        {
            deliver(self)?;
        }
        // Where nothing is let go, nobody looks whether a collection is due.
        self.run_pending();
        match self.slice {
            0 => self.next_slice(),
            _ => Ok(()),
        }
    }

    /// Takes the fuel for the jumps and calls until the limits are looked at again, of which this is one.
    fn next_slice(&mut self) -> PyResult<()> {
        /// Short, as what is allocated meanwhile is not looked at.
        const SLICE: u64 = 256;
        match &mut self.host.fuel {
            Some(0) => {
                let raised = self.error(&self.types.system_error.clone(), "out of fuel");
                raised.0.is_abort.set(true);
                return Err(raised);
            }
            Some(fuel) => {
                let slice = SLICE.min(*fuel);
                *fuel -= slice;
                self.slice = slice - 1;
            }
            None if self.host.memory.is_some() => self.slice = SLICE - 1,
            None => self.slice = u64::MAX,
        }
        if self.memory_left() == Some(0) {
            // Cycles that nobody can reach any more do not count.
            self.collect_garbage();
        }
        self.check_memory(0)
    }

    /// Gives back what is left of the fuel of the slice, so that the limits are looked at next time.
    pub(crate) fn end_slice(&mut self) {
        if let Some(fuel) = &mut self.host.fuel {
            *fuel = fuel.saturating_add(self.slice);
        }
        self.slice = 0;
    }

    /// The fuel left, that of the running slice included.
    pub(crate) fn fuel_left(&self) -> Option<u64> {
        let fuel = self.host.fuel?;
        Some(fuel.saturating_add(self.slice))
    }

    /// Honours the host's limits while a native function takes long: so many steps are as many backward jumps.
    ///
    /// # Errors
    /// What ends the run when a limit is hit.
    pub fn spend(&mut self, steps: u64) -> PyResult<()> {
        if self.host.fuel.is_some() || self.host.memory.is_some() {
            self.end_slice();
        }
        if let Some(fuel) = &mut self.host.fuel {
            *fuel = fuel.saturating_sub(steps.saturating_sub(1));
        }
        if self.interrupted() {
            return self.handle_interrupt();
        }
        Ok(())
    }

    /// A flag that anyone may set, a signal's handler for one: the VM then calls `deliver` before the next call or backward jump
    /// of the program.
    pub fn interrupt_flag(&mut self, deliver: Deliver) -> Arc<AtomicBool> {
        self.deliver = Some(deliver);
        self.interrupt.clone()
    }

    /// Has the loop stop at the next backward jump or function's start.
    pub(crate) fn interrupt(&self) {
        self.interrupt.store(true, Ordering::Relaxed);
    }

    /// Does what waits since the flag was set, in a native function that takes long.
    pub fn check_interrupt(&mut self) -> PyResult<()> {
        match self.interrupt.load(Ordering::Relaxed) {
            true => self.handle_interrupt(),
            false => Ok(()),
        }
    }

    /// The Unicode database of the VM's version.
    pub fn unicode_version(&self) -> UnicodeVersion {
        UnicodeVersion::of_python3(self.version_number())
    }

    /// Runs the finalizers of the objects that wait for theirs.
    #[inline]
    pub(crate) fn run_pending(&mut self) {
        if heap::needs_attention() {
            crate::gc::attend(self);
        }
    }
}

/// No machine gives a program more at once.
const MOST_BYTES: usize = 1 << 40;

fn intern_in(table: &mut HashTable<Ref<Str>>, key: HashKey, name: Ref<Str>) -> Ref<Str> {
    let hash = |s: &Ref<Str>| s.hash_by(key) as u64;
    let found = table
        .entry(hash(&name), |other| **other == *name, hash)
        .or_insert(name);
    let name = found.get().clone();
    name.header().set(flags::INTERNED, true);
    name
}

/// The interned str with this text, made if there is none.
fn intern_text(
    table: &mut HashTable<Ref<Str>>,
    key: HashKey,
    str_type: &Ref<Type>,
    text: StrView<'_>,
) -> Ref<Str> {
    let hash = key.hash_str(text);
    let rehash = |s: &Ref<Str>| s.hash_by(key) as u64;
    let found = table
        .entry(hash as u64, |other| other.view() == text, rehash)
        .or_insert_with(|| {
            let name = Str::new(str_type, text);
            name.set_hash(hash);
            name.header().set(flags::INTERNED, true);
            name
        });
    found.get().clone()
}
