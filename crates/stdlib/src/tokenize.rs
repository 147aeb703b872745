//! `_tokenize`: the tokens of a text, as the compiler that the host grants takes it apart.
//!
//! CPython asks for a line whenever it needs one; here all are asked for before the first token.

use std::cell::{Cell, RefCell};

use pyco_exec::compiler::{Token, TokenSource, Tokens};
use pyco_exec::object::buffer::bytes_of;
use pyco_exec::object::codec::encode_error;
use pyco_exec::object::header::{Payload, Ref};
use pyco_exec::object::iter::self_iter;
use pyco_exec::object::module::Module;
use pyco_exec::object::native_class::ClassDef;
use pyco_exec::object::sequence::receiver;
use pyco_exec::object::slots::{Slots, UnaryOp};
use pyco_exec::object::str_::Str;
use pyco_exec::object::text_args::clinic_type;
use pyco_exec::object::type_::Type;
use pyco_exec::{Args, Params, PyResult, Raised, Value, ValueCell, Vm};

/// Makes the module.
pub(crate) fn make(vm: &mut Vm) -> PyResult<Ref<Module>> {
    let module = vm.new_module("_tokenize");
    vm.add_class(&module, &TOKENIZER_ITER);
    Ok(module)
}

static TOKENIZER_ITER: ClassDef = ClassDef::new::<TokenizerIter>("_tokenize.TokenizerIter", slots);

static PARAMS: Params = Params::new(&["readline", "extra_tokens", "encoding"], 2)
    .positional_only(1)
    .keyword_only(2);

/// 3.11 takes a whole text.
static SOURCE: Params = Params::new(&["source"], 1);

struct TokenizerIter {
    /// `readline`; the text up to 3.11.
    source: Value,
    encoding: Option<String>,
    extra_tokens: bool,
    /// The tokens, once they are asked for.
    tokens: RefCell<Option<Tokens>>,
    next: Cell<usize>,
    /// What `readline` raised, until it is raised after the last token.
    failed: ValueCell,
    /// The line of the last token and its number: tokens of one line share the str.
    line: ValueCell,
    line_number: Cell<usize>,
}

impl Payload for TokenizerIter {
    fn traverse(&self, visit: &mut dyn FnMut(&Value)) {
        visit(&self.source);
        self.failed.traverse(visit);
        self.line.traverse(visit);
    }
}

fn slots(slots: &Slots, _minor: u8) {
    slots.new.set(Some(new));
    slots.set_unary(UnaryOp::Iter, self_iter);
    slots.next.set(Some(next));
}

fn new(vm: &mut Vm, class: &Ref<Type>, args: Args<'_>) -> PyResult {
    let is_of_text = vm.version().minor() < 12;
    let params = if is_of_text { &SOURCE } else { &PARAMS };
    let bound = args.bind(vm, "tokenizeriter", params)?;
    if let Some(source) = bound.get(0).filter(|_| is_of_text) {
        text_argument(vm, source, "source")?;
    }
    let extra_tokens = match bound.get(1) {
        Some(value) => vm.truth(value)?,
        None => false,
    };
    let encoding = match bound.get(2) {
        None => None,
        Some(encoding) => Some(text_argument(vm, encoding, "encoding")?),
    };
    let iterator = TokenizerIter {
        source: bound.get(0).cloned().unwrap_or(Value::NONE),
        encoding,
        extra_tokens,
        tokens: RefCell::new(None),
        next: Cell::new(0),
        failed: ValueCell::new(None),
        line: ValueCell::new(None),
        line_number: Cell::new(0),
    };
    Ok(Value::from(Ref::new(class, iterator)))
}

fn text_argument(vm: &mut Vm, value: &Value, name: &str) -> PyResult<String> {
    let Some(text) = value.downcast::<Str>() else {
        let found = clinic_type(vm, value);
        let message = format!("tokenizeriter() argument '{name}' must be str, not {found}");
        return Err(vm.type_error(message));
    };
    match text.view().to_utf8() {
        Ok(text) if text.contains('\0') => Err(vm.value_error("embedded null character")),
        Ok(text) => Ok(text),
        Err(error) => Err(encode_error(vm, value, &error)),
    }
}

fn next(vm: &mut Vm, this: &Value) -> PyResult<Option<Value>> {
    let this = receiver::<TokenizerIter>(vm, this)?.clone();
    if this.tokens.borrow().is_none() {
        let tokens = this.read(vm)?;
        *this.tokens.borrow_mut() = Some(tokens);
    }
    let index = this.next.get();
    this.next.set(index + 1);
    let warnings = this.warnings_before(index);
    for warning in &warnings {
        vm.give_warning(warning, "<string>", None)?;
    }
    let token = this.token(index);
    match token {
        Some((token, line)) => this.shown(vm, &token, line).map(Some),
        None => Err(this.end(vm)),
    }
}

impl TokenizerIter {
    /// Asks for all lines, or takes the text for one, then asks for the tokens.
    fn read(&self, vm: &mut Vm) -> PyResult<Tokens> {
        let mut lines = Vec::new();
        let is_of_text = vm.version().minor() < 12;
        let failed = loop {
            if is_of_text {
                lines.push(text_argument(vm, &self.source, "source")?.into_bytes());
                break None;
            }
            match self.read_line(vm) {
                Ok(Some(line)) => lines.push(line),
                Ok(None) => break None,
                Err(raised) => break Some(raised),
            }
            vm.check_growth(size_of::<Vec<u8>>())?;
        };
        let tokens = vm.tokenize(&TokenSource {
            lines: &lines,
            encoding: self.encoding.as_deref(),
            extra_tokens: self.extra_tokens,
            is_cut: failed.is_some(),
        });
        match (tokens, failed) {
            (Ok(tokens), failed) => {
                self.failed.set(failed.map(|raised| raised.value().clone()));
                Ok(tokens)
            }
            (Err(raised), _) => Err(raised),
        }
    }

    /// The next line; nothing at the end.
    fn read_line(&self, vm: &mut Vm) -> PyResult<Option<Vec<u8>>> {
        let line = match vm.call(&self.source, &[]) {
            Ok(line) => line,
            Err(raised) if raised.is(vm, &vm.types.stop_iteration) => return Ok(None),
            Err(raised) => return Err(raised),
        };
        let bytes = match (&self.encoding, line.downcast::<Str>(), bytes_of(vm, &line)) {
            (Some(_), _, Some(bytes)) => bytes.to_vec(),
            (None, Some(text), _) => match text.view().to_utf8() {
                Ok(text) => text.into_bytes(),
                Err(error) => return Err(encode_error(vm, &line, &error)),
            },
            (encoding, ..) => {
                let kind = if encoding.is_some() {
                    "bytes"
                } else {
                    "string"
                };
                let message = format!("readline() returned a non-{kind} object");
                return Err(vm.type_error(message));
            }
        };
        Ok(Some(bytes).filter(|bytes| !bytes.is_empty()))
    }

    fn warnings_before(&self, index: usize) -> Vec<pyco_exec::compiler::Warning> {
        let tokens = self.tokens.borrow();
        let warnings = tokens.iter().flat_map(|tokens| &tokens.warnings);
        let due = warnings.filter(|(before, _)| *before == index);
        due.map(|(_, warning)| warning.clone()).collect()
    }

    /// A token, and the text of its line unless that is the last one's.
    fn token(&self, index: usize) -> Option<(Token, Option<String>)> {
        let tokens = self.tokens.borrow();
        let tokens = tokens.as_ref()?;
        let token = tokens.tokens.get(index)?.clone();
        let is_same = index > 0 && token.line == self.line_number.get();
        self.line_number.set(token.line);
        let line = tokens.lines.get(token.line).filter(|_| !is_same).cloned();
        Some((token, line))
    }

    fn shown(&self, vm: &mut Vm, token: &Token, line: Option<String>) -> PyResult {
        if let Some(line) = line {
            self.line.set(Some(vm.new_str(&line)));
        }
        let place = |vm: &mut Vm, (line, column): (i64, i64)| {
            let parts = vec![vm.int(line), vm.int(column)];
            vm.new_tuple(parts)
        };
        if vm.version().minor() < 12 {
            let ((first, column), (last, end)) = (token.start, token.end);
            let text = vm.new_str(&token.text);
            let numbers = [token.kind, first, last, column, end].map(|number| vm.int(number));
            let line = self.line.get().unwrap_or(Value::NONE);
            return Ok(vm.new_tuple([&[text][..], &numbers[..], &[line][..]].concat()));
        }
        let parts = vec![
            vm.int(token.kind),
            vm.new_str(&token.text),
            place(vm, token.start),
            place(vm, token.end),
            self.line.get().unwrap_or(Value::NONE),
        ];
        Ok(vm.new_tuple(parts))
    }

    /// What comes after the last token: an error once, then the end.
    fn end(&self, vm: &mut Vm) -> Raised {
        let error = self
            .tokens
            .borrow_mut()
            .as_mut()
            .and_then(|t| t.error.take());
        match (error, self.failed.take()) {
            (Some(refusal), _) => vm.refusal(&refusal),
            (None, Some(failed)) => vm.raise_value(failed),
            (None, None) => {
                let class = vm.types.stop_iteration.clone();
                vm.error(&class, "EOF")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use pyco_code::{Constant, Version};
    use pyco_exec::compiler::{Answer, Compiler, Refusal, Source, Warning};
    use pyco_exec::object::native::NativeDef;
    use pyco_exec::{Host, Vm};

    use super::*;

    /// Knows one text, `x $`, whose second token it refuses.
    struct OneText;

    impl Compiler for OneText {
        fn compile(&mut self, _source: &Source<'_>) -> Result<Answer, String> {
            Err("it only tokenizes".to_owned())
        }

        fn tokenize(&mut self, text: &TokenSource<'_>) -> Result<Tokens, String> {
            assert_eq!(text.lines, [b"x $\n"]);
            assert_eq!((text.encoding, text.extra_tokens), (None, true));
            let token = |line| Token {
                kind: 1,
                text: "x".to_owned(),
                start: (1, 0),
                end: (1, 1),
                line,
            };
            let refusal = Refusal {
                class: "SyntaxError".to_owned(),
                args: vec![Constant::from("invalid character")],
                attributes: Vec::new(),
            };
            Ok(Tokens {
                // The second token is in a line that there is not.
                tokens: vec![token(0), token(7)],
                lines: vec!["x $\n".to_owned()],
                error: Some(refusal).filter(|_| !text.is_cut),
                warnings: vec![(
                    0,
                    Warning {
                        category: "SyntaxWarning".to_owned(),
                        message: "odd".to_owned(),
                        line: 1,
                    },
                )],
            })
        }

        fn library(&mut self) -> Result<Vec<PathBuf>, String> {
            Ok(Vec::new())
        }
    }

    /// Gives one line, then raises a ValueError.
    static BREAKS: NativeDef = NativeDef::no_args("breaks", |vm, _| {
        let calls = &mut vm.state::<Calls>().0;
        *calls += 1;
        match calls {
            1 => Ok(vm.new_str("x $\n")),
            _ => Err(vm.value_error("it breaks off")),
        }
    });

    #[derive(Default)]
    struct Calls(u32);

    /// The `repr` of each token of what `readline` gives, then the exception.
    fn shown(compiler: Option<Box<dyn Compiler>>, readline: fn(&mut Vm) -> Value) -> Vec<String> {
        let mut host = Host::new();
        host.compiler = compiler;
        let mut vm = Vm::new(Version::V3_13, host).expect("the thread's only machine");
        crate::install(&mut vm);
        let class = vm.class(&TOKENIZER_ITER);
        let arguments = [readline(&mut vm), Value::TRUE];
        let name = vm.new_str("extra_tokens");
        let names = vm.new_tuple(vec![name]).into_ref().expect("a tuple");
        let made = vm.call_args(class.as_value(), Args::new(&arguments, Some(&names)));
        let iterator = made.expect("an iterator");
        let next = vm.intern("__next__");
        let mut shown = Vec::new();
        loop {
            match vm.call_method(&iterator, &next, &[]) {
                Ok(token) => shown.push(vm.repr_text(&token).expect("its repr")),
                Err(raised) => {
                    shown.push(vm.repr_text(raised.value()).expect("its repr"));
                    return shown;
                }
            }
        }
    }

    fn one_line(vm: &mut Vm) -> Value {
        let line = vm.new_str("x $\n");
        let list = vm.new_list(vec![line]);
        let iterator = vm.iter(&list).expect("an iterator");
        let next = vm.intern("__next__");
        vm.get_attr(&iterator, &next).expect("the method")
    }

    #[test]
    fn tokens_come_before_what_ends_them() {
        let token = r"(1, 'x', (1, 0), (1, 1), 'x $\n')";
        let found = shown(Some(Box::new(OneText)), one_line);
        assert_eq!(found, [token, token, "SyntaxError('invalid character')"]);
    }

    #[test]
    fn what_readline_raises_comes_after_the_tokens() {
        let found = shown(Some(Box::new(OneText)), |vm| vm.native_function(&BREAKS));
        assert_eq!(found[2], "ValueError('it breaks off')");
    }

    #[test]
    fn without_a_compiler_an_error_says_what_is_missing() {
        let found = shown(None, one_line);
        let message =
            "NotImplementedError('pyco has no compiler of its own, and the host grants none')";
        assert_eq!(found, [message]);
    }
}
