//! What a Rust program uses that runs Python code inside itself: a builder, evaluation in namespaces of its own, values both ways.
//! See `docs/embedding.md`.
//!
//! A Python exception is an ordinary `Err(`[`Raised`]`)`. A limit of the host that was hit comes the same way, tells itself apart by
//! [`Raised::limit`], and cannot be caught by the program; the host carries on, with more fuel if it likes ([`Vm::set_fuel`]).

use std::io::{Read, Write};
use std::path::PathBuf;

use pyco_code::{CodeObject, Verified, Version};

use crate::error::{PyResult, Raised};
use crate::host::Host;
use crate::numeric::Release;
use crate::numeric::bigint::{BigInt, ByteOrder, bit_length, from_bytes, to_bytes};
use crate::object::code::Code;
use crate::object::dict::Dict;
use crate::object::function::Function;
use crate::object::header::Ref;
use crate::object::list::List;
use crate::object::native::NativeDef;
use crate::object::stand_in;
use crate::object::str_::Str;
use crate::object::tuple::Tuple;
use crate::text::HashKey;
use crate::value::Value;
use crate::vm::{MakeModule, Vm, VmError};

/// Makes a [`Vm`]: what it grants, its limits, its native modules.
///
/// ```
/// use pyco_exec::{Outcome, Vm};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let pyc = include_bytes!("../../../fixtures/pyc/3.13/queens.pyc");
/// let code = pyco_code::verify(&pyco_code::CodeObject::from_pyc(pyc)?)?;
/// let mut vm = Vm::builder(code.version()).fuel(1_000).recursion_limit(200).build()?;
/// assert_eq!(vm.run_program(code), Outcome::Limit("out of fuel".into()));
/// # Ok(())
/// # }
/// ```
pub struct Builder {
    version: Version,
    host: Host,
    modules: Vec<(&'static str, MakeModule)>,
}

impl Builder {
    /// Where `print` writes.
    #[must_use]
    pub fn stdout(mut self, stdout: impl Write + 'static) -> Builder {
        self.host.stdout = Box::new(stdout);
        self
    }

    /// Where tracebacks and warnings go.
    #[must_use]
    pub fn stderr(mut self, stderr: impl Write + 'static) -> Builder {
        self.host.stderr = Box::new(stderr);
        self
    }

    /// Where `input` reads.
    #[must_use]
    pub fn stdin(mut self, stdin: impl Read + 'static) -> Builder {
        self.host.stdin = Box::new(stdin);
        self
    }

    /// `sys.argv`.
    #[must_use]
    pub fn arguments(mut self, arguments: Vec<String>) -> Builder {
        self.host.arguments = arguments;
        self
    }

    /// One more folder in which imports look for `.pyc` files.
    #[must_use]
    pub fn module_folder(mut self, folder: impl Into<PathBuf>) -> Builder {
        self.host.module_path.push(folder.into());
        self
    }

    /// A native module: `make` is called when the program imports it.
    #[must_use]
    pub fn module(mut self, name: &'static str, make: MakeModule) -> Builder {
        self.modules.push((name, make));
        self
    }

    /// How many backward jumps and calls the code may make.
    #[must_use]
    pub fn fuel(mut self, fuel: u64) -> Builder {
        self.host.fuel = Some(fuel);
        self
    }

    /// How many bytes the code may have allocated at once; see [`memory`](crate::memory).
    #[must_use]
    pub fn memory(mut self, bytes: usize) -> Builder {
        self.host.memory = Some(bytes);
        self
    }

    /// How many Python frames may be on the stack.
    #[must_use]
    pub fn recursion_limit(mut self, frames: u32) -> Builder {
        self.host.recursion_limit = frames;
        self
    }

    /// The secret of string hashes, for those who hash what strangers send.
    #[must_use]
    pub fn hash_key(mut self, key: HashKey) -> Builder {
        self.host.hash_key = key;
        self
    }

    /// Everything else that a [`Host`] has.
    #[must_use]
    pub fn host(mut self, change: impl FnOnce(&mut Host)) -> Builder {
        change(&mut self.host);
        self
    }

    /// The virtual machine.
    ///
    /// # Errors
    /// If the thread has one already, or the version is not supported.
    pub fn build(self) -> Result<Vm, VmError> {
        let mut vm = Vm::new(self.version, self.host)?;
        for (name, make) in self.modules {
            vm.add_native_module(name, make);
        }
        Ok(vm)
    }
}

impl Raised {
    /// Whether a limit of the host ended the run, not an exception of the program.
    #[must_use]
    pub fn is_limit(&self) -> bool {
        self.0.is_abort.get()
    }

    /// Which limit ended the run, if one did: `out of fuel` or the like.
    #[must_use]
    pub fn limit(&self, vm: &mut Vm) -> Option<String> {
        match self.is_limit() {
            true => Some(vm.str_text(self.value()).unwrap_or_default()),
            false => None,
        }
    }
}

impl Vm {
    /// Starts to make a virtual machine that runs code of this version.
    #[must_use]
    pub fn builder(version: Version) -> Builder {
        Builder {
            version,
            host: Host::new(),
            modules: Vec::new(),
        }
    }

    /// Evaluates a code object as `PyEval_EvalCode` does: names are looked up in `locals` (by default the globals), then in `globals`, then
    /// in the built-ins; `__builtins__` is added to the globals.
    ///
    /// ```
    /// use pyco_exec::Vm;
    /// use pyco_exec::object::dict::Dict;
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let pyc = include_bytes!("../../../fixtures/pyc/3.13/json_text.pyc");
    /// let code = pyco_code::verify(&pyco_code::CodeObject::from_pyc(pyc)?)?;
    /// let mut vm = Vm::builder(code.version()).build()?;
    /// let globals = Dict::new(&vm);
    /// // The program ends in an exception of its own; what it defined until then is there.
    /// let raised = vm.evaluate(code, &globals, None).expect_err("its last line");
    /// assert_eq!(vm.exception_class_name(&raised), "JSONError");
    ///
    /// let loads = vm.global(&globals, "loads").expect("the module defines it");
    /// let text = vm.new_str("[1, 2.5, null]");
    /// let list = vm.call(&loads, &[text]).expect("this is JSON");
    /// assert_eq!(vm.repr_text(&list).expect("a list"), "[1, 2.5, None]");
    ///
    /// let text = vm.new_str("[1,");
    /// let raised = vm.call(&loads, &[text]).expect_err("this is not");
    /// assert_eq!(vm.exception_class_name(&raised), "JSONError");
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// The exception that the code did not catch, or a limit of the host ([`Raised::limit`]).
    pub fn evaluate(
        &mut self,
        code: Verified<CodeObject>,
        globals: &Ref<Dict>,
        locals: Option<&Value>,
    ) -> PyResult {
        let code = self.new_code(code)?;
        let result = self.evaluate_object(code, globals, locals);
        self.run_pending();
        result
    }

    fn evaluate_object(
        &mut self,
        code: Ref<Code>,
        globals: &Ref<Dict>,
        locals: Option<&Value>,
    ) -> PyResult {
        let key = self.names.__builtins__.clone();
        if !globals.contains_str(self, &key) {
            let builtins = Value::from(&self.builtins);
            globals.set_str(self, &key, builtins);
        }
        let builtins = stand_in::builtins_of(self, globals)?;
        let function = Function::new(self, code, globals.clone(), builtins);
        let locals = locals.cloned().unwrap_or_else(|| Value::from(globals));
        self.eval_code(&function, Some(locals))
    }

    /// The value of a name in a namespace.
    #[must_use]
    pub fn global(&mut self, namespace: &Ref<Dict>, name: &str) -> Option<Value> {
        let name = self.intern(name);
        namespace.get_str(self, &name)
    }

    /// A native function for a program to call; what it keeps between calls it keeps in [`Vm::state`].
    #[must_use]
    pub fn native_function(&self, def: &'static NativeDef) -> Value {
        self.new_native(def, Value::NONE, None)
    }

    /// Gives the code that runs from now on so much fuel; `None` for no limit.
    pub fn set_fuel(&mut self, fuel: Option<u64>) {
        self.end_slice();
        self.host.fuel = fuel;
    }

    /// The fuel left, if it is limited.
    #[must_use]
    pub fn fuel(&self) -> Option<u64> {
        self.fuel_left()
    }

    /// Sets how many bytes may be allocated at once; `None` for no limit.
    pub fn set_memory_limit(&mut self, bytes: Option<usize>) {
        if bytes.is_some() {
            crate::memory::start_counting();
        }
        self.end_slice();
        self.host.memory = bytes;
    }

    /// The name of the class of what was raised.
    #[must_use]
    pub fn exception_class_name(&self, raised: &Raised) -> String {
        let name = raised.0.ty().name();
        name.rsplit('.').next().unwrap_or_default().to_owned()
    }

    /// An int of any size from its two's complement bytes, the lowest first.
    #[must_use]
    pub fn int_from_le_bytes(&self, bytes: &[u8]) -> Value {
        self.int_from_big(from_bytes(bytes, ByteOrder::Little, true))
    }

    /// A dict with str keys.
    #[must_use]
    pub fn new_dict(&mut self, items: &[(&str, Value)]) -> Ref<Dict> {
        let dict = Dict::new(self);
        for (key, value) in items {
            self.set_global(&dict, key, value.clone());
        }
        dict
    }

    /// The items of a list or tuple.
    #[must_use]
    pub fn items_of(&self, value: &Value) -> Option<Vec<Value>> {
        match value.downcast::<List>() {
            Some(list) => Some(list.items(self).to_vec()),
            None => Some(value.downcast::<Tuple>()?.items().to_vec()),
        }
    }
}

impl Value {
    /// The int, if this is one that fits: a bool is an int, too.
    #[must_use]
    pub fn to_i64(&self) -> Option<i64> {
        self.as_int()?.to_i64()
    }

    /// The two's complement bytes of an int, the lowest first.
    #[must_use]
    pub fn to_le_bytes(&self) -> Option<Vec<u8>> {
        let int = self.as_int()?;
        let big: &BigInt = &int.to_big();
        // One bit more than the magnitude has, for the sign.
        let len = bit_length(big) / 8 + 1;
        to_bytes(big, len as i64, ByteOrder::Little, true, Release::V3_13).ok()
    }

    /// The text of a str; `None` also if it has lone surrogates, which no Rust `String` holds.
    #[must_use]
    pub fn to_text(&self) -> Option<String> {
        let text = self.downcast::<Str>()?;
        text.view().to_utf8().ok()
    }
}
