//! Source text becomes code: what a host grants for it ([`Compiler`]), and what the VM makes of the answers.
//!
//! Invariant: no answer is trusted. The code is read and verified like that of any file, and what does not pass raises.

use std::path::PathBuf;

use pyco_code::{CodeObject, Constant, Verified, verify};

use crate::error::{PyResult, Raised};
use crate::numeric::bigint::DEFAULT_MAX_DIGITS;
use crate::object::code::Code;
use crate::object::exception_types::exception_class;
use crate::object::header::Ref;
pub use crate::syntax_tree::form::{NodeClass, Step, Tree};
use crate::text::StrBuf;
use crate::value::Value;
use crate::vm::Vm;

/// Compiles source text for a program, and knows the standard library that goes with what it compiles.
///
/// It speaks for one version of Python, that of the [`Vm`] whose host grants it.
pub trait Compiler {
    /// Compiles one source.
    ///
    /// # Errors
    /// One line that says why there is no answer: no compiler found, or it broke off.
    fn compile(&mut self, source: &Source<'_>) -> Result<Answer, String>;

    /// Takes a text apart into tokens.
    ///
    /// # Errors
    /// One line that says why there is no answer.
    fn tokenize(&mut self, _text: &TokenSource<'_>) -> Result<Tokens, String> {
        Err("the one that the host grants does not tokenize".to_owned())
    }

    /// The folders of the standard library, in the order of `sys.path`.
    ///
    /// # Errors
    /// One line that says why there is none.
    fn library(&mut self) -> Result<Vec<PathBuf>, String>;
}

/// What a source is compiled as.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Mode {
    /// A module.
    Exec,
    /// An expression.
    Eval,
    /// One interactive statement, which shows its value.
    Single,
    /// The type of a function, `(int, str) -> bool`: only for a syntax tree.
    FuncType,
}

impl Mode {
    /// The name that `compile()` takes.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Mode::Exec => "exec",
            Mode::Eval => "eval",
            Mode::Single => "single",
            Mode::FuncType => "func_type",
        }
    }
}

/// What is compiled.
#[derive(Clone, Copy, Debug)]
pub enum Input<'a> {
    /// The text of a module, in the encoding that it declares, without NUL.
    Bytes(&'a [u8]),
    /// The text of a str, as UTF-8, without NUL: a coding cookie in it counts for nothing.
    Str(&'a [u8]),
    /// A syntax tree.
    Tree(&'a Tree),
}

/// One source and how to compile it: the arguments of `compile()`.
#[derive(Clone, Debug)]
pub struct Source<'a> {
    /// The text or the tree.
    pub input: Input<'a>,
    /// `co_filename`, as UTF-8 in which surrogates stand for themselves.
    pub filename: &'a [u8],
    /// What it is compiled as.
    pub mode: Mode,
    /// Flags of futures and of the compiler; with [`ONLY_AST`](Source::ONLY_AST) the answer is a tree.
    pub flags: u32,
    /// 0, 1 or 2.
    pub optimize: u8,
    /// The minor version whose grammar to take; -1 for its own.
    pub feature_version: i32,
    /// Whether a warning is to be an error.
    pub warnings_are_errors: bool,
    /// The most digits that an int may have; 0 for no limit, -1 for its own.
    pub int_max_str_digits: i32,
    /// The module that its warnings are about, for their filters; that of the file if there is none.
    pub module: Option<&'a Value>,
}

impl<'a> Source<'a> {
    /// The flag `PyCF_ONLY_AST`.
    pub const ONLY_AST: u32 = 0x400;

    /// The source of a module, in whatever encoding it declares.
    #[must_use]
    pub fn module(text: &'a [u8], filename: &'a [u8]) -> Source<'a> {
        Source {
            input: Input::Bytes(text),
            filename,
            mode: Mode::Exec,
            flags: 0,
            optimize: 0,
            feature_version: -1,
            warnings_are_errors: false,
            int_max_str_digits: -1,
            module: None,
        }
    }
}

/// What a compiler says of a source.
#[derive(Clone, Debug)]
pub struct Answer {
    /// What it made of it, or the exception.
    pub result: Result<Output, Refusal>,
    /// What it warned of, in order.
    pub warnings: Vec<Warning>,
}

/// What a compiler made of a source.
#[derive(Clone, Debug)]
pub enum Output {
    /// The marshalled code object.
    Code(Vec<u8>),
    /// The syntax tree that was asked for.
    Tree(Tree),
}

/// An exception of the compiler: mostly a `SyntaxError`.
#[derive(Clone, Debug)]
pub struct Refusal {
    /// The name of the built-in class.
    pub class: String,
    /// Its arguments.
    pub args: Vec<Constant>,
    /// Attributes that the arguments do not give, such as the place of some SyntaxErrors, by name.
    pub attributes: Vec<(String, Constant)>,
}

/// A warning of the compiler.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Warning {
    /// The name of the built-in class.
    pub category: String,
    /// The text.
    pub message: String,
    /// The line, from 1.
    pub line: u32,
}

/// A text to take apart into tokens: the arguments of `_tokenize.TokenizerIter`.
#[derive(Clone, Debug)]
pub struct TokenSource<'a> {
    /// The lines, each as UTF-8 (for 3.11 the whole text as one); bytes in the given encoding if there is one.
    pub lines: &'a [Vec<u8>],
    /// The encoding of the lines; `None` if they come from a str.
    pub encoding: Option<&'a str>,
    /// Whether comments, blank lines and exact operators are told, too.
    pub extra_tokens: bool,
    /// Whether there would be more lines, had reading them not failed.
    pub is_cut: bool,
}

/// What a compiler says of a text: its tokens, and what ended them if that is an error.
#[derive(Clone, Debug)]
pub struct Tokens {
    /// The tokens in order.
    pub tokens: Vec<Token>,
    /// The lines that tokens are in; a string of several lines is in one of several.
    pub lines: Vec<String>,
    /// The exception after the last of them.
    pub error: Option<Refusal>,
    /// What it warned of, each with the number of tokens before it.
    pub warnings: Vec<(usize, Warning)>,
}

/// A token.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Token {
    /// A number of the module `token`.
    pub kind: i64,
    /// Its own text.
    pub text: String,
    /// Line and column of its start.
    pub start: (i64, i64),
    /// Line and column after its end.
    pub end: (i64, i64),
    /// Which of the lines it is in.
    pub line: usize,
}

impl Vm {
    /// Compiles a source with the host's compiler.
    ///
    /// # Errors
    /// The compiler's exception; a NotImplementedError that says what is missing if there is no compiler.
    pub fn compile(&mut self, source: &Source<'_>) -> PyResult<Ref<Code>> {
        let answer = self.answer_to(source)?;
        self.code_of_answer(&answer)
    }

    /// What the host's compiler says of a source, its warnings given.
    pub(crate) fn answer_to(&mut self, source: &Source<'_>) -> PyResult<Answer> {
        // Mostly left as it is, and then it should not keep answers apart.
        let source = &Source {
            int_max_str_digits: match self.int_max_str_digits() {
                DEFAULT_MAX_DIGITS => -1,
                most => i32::try_from(most).unwrap_or(i32::MAX),
            },
            ..source.clone()
        };
        let answer = self.ask_compiler(source)?;
        if self.give_warnings(&answer, source)? {
            let strict = Source {
                warnings_are_errors: true,
                ..source.clone()
            };
            return self.ask_compiler(&strict);
        }
        Ok(answer)
    }

    fn ask_compiler(&mut self, source: &Source<'_>) -> PyResult<Answer> {
        let what = match source.input {
            Input::Bytes(text) | Input::Str(text) => {
                self.check_growth(text.len())?;
                "source text"
            }
            Input::Tree(_) => "a syntax tree",
        };
        self.ask_host(what, |compiler| compiler.compile(source))
    }

    /// Asks the host's compiler for something about `what`.
    fn ask_host<T>(
        &mut self,
        what: &str,
        ask: impl FnOnce(&mut dyn Compiler) -> Result<T, String>,
    ) -> PyResult<T> {
        let Some(compiler) = &mut self.host.compiler else {
            let message = "pyco has no compiler of its own, and the host grants none";
            return Err(self.error(&self.types.not_implemented_error.clone(), message));
        };
        ask(&mut **compiler).map_err(|reason| {
            let message = format!("{what} needs a compiler: {reason}");
            self.error(&self.types.not_implemented_error.clone(), message)
        })
    }

    /// Gives a warning of the compiler about a file.
    ///
    /// # Errors
    /// The warning itself where a filter makes it an error.
    pub fn give_warning(
        &mut self,
        warning: &Warning,
        file: &str,
        module: Option<&Value>,
    ) -> PyResult<()> {
        let Warning {
            category,
            message,
            line,
        } = warning;
        self.warn_explicit(category, message, file, *line, module)
    }

    /// Gives the compiler's warnings; whether one of them is to be an error, which only the compiler can word.
    fn give_warnings(&mut self, answer: &Answer, source: &Source<'_>) -> PyResult<bool> {
        let file = String::from_utf8_lossy(source.filename).into_owned();
        for warning in &answer.warnings {
            if let Err(raised) = self.give_warning(warning, &file, source.module) {
                let class = exception_class(self, &warning.category);
                if class.is_some_and(|class| raised.is(self, &class)) {
                    return Ok(true);
                }
                return Err(raised);
            }
        }
        Ok(false)
    }

    /// Takes a text apart with the host's compiler.
    ///
    /// # Errors
    /// A NotImplementedError that says what is missing if there is no compiler; what the tokens end with is in the answer.
    pub fn tokenize(&mut self, text: &TokenSource<'_>) -> PyResult<Tokens> {
        self.check_growth(text.lines.iter().map(Vec::len).sum())?;
        self.ask_host("tokenizing", |compiler| compiler.tokenize(text))
    }

    pub(crate) fn code_of_answer(&mut self, answer: &Answer) -> PyResult<Ref<Code>> {
        let marshalled = match &answer.result {
            Ok(Output::Code(marshalled)) => marshalled,
            Ok(Output::Tree(_)) => return Err(self.refused("code", "it is a syntax tree")),
            Err(refusal) => return Err(self.refusal(refusal)),
        };
        match self.verified(marshalled) {
            Ok(code) => self.new_code(code),
            Err(message) => Err(self.refused("code", &message)),
        }
    }

    /// That an answer of the compiler is not what it should be.
    #[cold]
    pub(crate) fn refused(&mut self, what: &str, why: &str) -> Raised {
        let message = format!("the compiler's {what} is refused: {why}");
        self.error(&self.types.system_error.clone(), message)
    }

    /// The code object that these bytes are, if it passes the verifier.
    pub(crate) fn verified(&self, marshalled: &[u8]) -> Result<Verified<CodeObject>, String> {
        let code = CodeObject::from_marshal(self.version, marshalled, 0);
        let code = code.map_err(|error| error.to_string())?;
        verify(&code).map_err(|error| error.to_string())
    }

    /// The exception that a compiler raised.
    #[cold]
    pub fn refusal(&mut self, refusal: &Refusal) -> Raised {
        let class = exception_class(self, &refusal.class);
        let class = class.unwrap_or_else(|| self.types.syntax_error.clone());
        let mut args = Vec::with_capacity(refusal.args.len());
        for arg in &refusal.args {
            match self.constant(arg) {
                Ok(arg) => args.push(arg),
                Err(raised) => return raised,
            }
        }
        match self.call(&Value::from(class), &args) {
            Ok(exception) => match self.set_attributes(&exception, &refusal.attributes) {
                Ok(()) => self.raise_value(exception),
                Err(raised) => raised,
            },
            Err(raised) => raised,
        }
    }

    fn set_attributes(
        &mut self,
        object: &Value,
        attributes: &[(String, Constant)],
    ) -> PyResult<()> {
        for (name, value) in attributes {
            let (name, value) = (self.intern(name), self.constant(value)?);
            self.set_attr(object, &name, Some(value))?;
        }
        Ok(())
    }

    /// The folders of the standard library, none if nobody knows one.
    pub(crate) fn library(&mut self) -> Result<Vec<PathBuf>, String> {
        match &mut self.host.compiler {
            Some(compiler) => compiler.library(),
            None => Ok(Vec::new()),
        }
    }

    /// The path that a file name, a `PathLike` or bytes stand for: a str.
    pub(crate) fn fs_path_str(&mut self, path: &Value) -> PyResult {
        let path = self.fs_path(path)?;
        match crate::object::buffer::bytes_of(self, &path) {
            Some(bytes) => {
                let text = StrBuf::from_utf8(bytes).ok();
                let text = text.unwrap_or_else(|| escaped(bytes));
                Ok(self.str_from_buf(text))
            }
            None => Ok(path),
        }
    }

    /// `os.fspath(path)`.
    pub(crate) fn fs_path(&mut self, path: &Value) -> PyResult {
        use crate::object::{bytes::Bytes, str_::Str};
        let is_path = |v: &Value| v.downcast::<Str>().is_some() || v.downcast::<Bytes>().is_some();
        if is_path(path) {
            return Ok(path.clone());
        }
        let name = self.intern("__fspath__");
        let found = match self.call_special_opt(path, &name, &[])? {
            Some(found) => found,
            None => {
                let found = self.type_name(path);
                return Err(self.type_error(format!(
                    "expected str, bytes or os.PathLike object, not {found}"
                )));
            }
        };
        if is_path(&found) {
            return Ok(found);
        }
        let (ty, found) = (self.type_name(path), self.type_name(&found));
        Err(self.type_error(format!(
            "expected {ty}.__fspath__() to return str or bytes, not {found}"
        )))
    }
}

/// Bytes that are no UTF-8, as the error handler `surrogateescape` decodes them.
fn escaped(bytes: &[u8]) -> StrBuf {
    let mut units = Vec::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        units.extend(chunk.valid().chars().map(u32::from));
        units.extend(chunk.invalid().iter().map(|b| 0xDC00 + u32::from(*b)));
    }
    StrBuf::from_ucs4(units)
}
