//! `compile()`, and the source texts that `eval` and `exec` are given.

use crate::call::{Bound, Params};
use crate::compiler::{Input, Mode, Output, Source};
use crate::error::{PyResult, Raised};
use crate::object::buffer::bytes_of;
use crate::object::code::Code;
use crate::object::codec::encode_error;
use crate::object::dict::Dict;
use crate::object::header::Ref;
use crate::object::native::NativeDef;
use crate::object::str_::Str;
use crate::object::text_args::clinic_type;
use crate::syntax_tree::write::Written;
use crate::value::Value;
use crate::vm::Vm;

pub(super) static FUNCTIONS: &[NativeDef] = &[
    NativeDef::bound("compile", &COMPILE, compile)
        .signature(
            "($module, /, source, filename, mode, flags=0,\n        dont_inherit=False, optimize=-1, *, _feature_version=-1)",
        )
        .until(15),
    NativeDef::bound("compile", &COMPILE_MODULE, compile_for_module)
        .signature(
            "($module, /, source, filename, mode, flags=0,\n        dont_inherit=False, optimize=-1, *, module=None,\n        _feature_version=-1)",
        )
        .since(15),
];

/// The parameters of `compile`; the last came with 3.15.
static NAMES: [&str; 8] = [
    "source",
    "filename",
    "mode",
    "flags",
    "dont_inherit",
    "optimize",
    "_feature_version",
    "module",
];

static COMPILE: Params = Params::new(NAMES.split_at(7).0, 3).keyword_only(1);

static COMPILE_MODULE: Params = Params::new(&NAMES, 3).keyword_only(2);

/// The flags of the futures: what code objects carry and `from __future__` sets.
const FUTURES: i64 = 0x01FE_0000;
/// A flag that once had a meaning.
const NESTED: i64 = 0x10;
const DONT_IMPLY_DEDENT: i64 = 0x200;
const ONLY_AST: i64 = 0x400;
const TYPE_COMMENTS: i64 = 0x1000;
const ALLOW_TOP_LEVEL_AWAIT: i64 = 0x2000;
const ALLOW_INCOMPLETE_INPUT: i64 = 0x4000;
/// A syntax tree after the compiler's own simplifications (3.13).
const OPTIMIZED_AST: i64 = 0x8000;

fn known_flags(vm: &Vm) -> i64 {
    let optimized = if vm.version_number() >= 13 {
        OPTIMIZED_AST
    } else {
        0
    };
    FUTURES
        | NESTED
        | DONT_IMPLY_DEDENT
        | ONLY_AST
        | TYPE_COMMENTS
        | ALLOW_TOP_LEVEL_AWAIT
        | ALLOW_INCOMPLETE_INPUT
        | optimized
}

fn int_argument(vm: &mut Vm, value: Option<&Value>, default: i64) -> PyResult<i64> {
    let Some(value) = value else {
        return Ok(default);
    };
    let too_large = "Python int too large to convert to C int";
    let number = vm.index_as_i64(value, too_large)?;
    match i32::try_from(number) {
        Ok(_) => Ok(number),
        Err(_) => Err(vm.overflow_error(too_large)),
    }
}

/// From 3.15 on: warnings may be told to come from a module other than the file's.
fn compile_for_module(vm: &mut Vm, this: &Value, args: &Bound<'_>) -> PyResult {
    if let Some(module) = args.not_none(7)
        && module.downcast::<Str>().is_none()
    {
        let found = clinic_type(vm, module);
        let message = format!("compile() argument 'module' must be str or None, not {found}");
        return Err(vm.type_error(message));
    }
    compile(vm, this, args)
}

fn compile(vm: &mut Vm, _this: &Value, args: &Bound<'_>) -> PyResult {
    let [Some(source), Some(filename), Some(mode)] = [args.get(0), args.get(1), args.get(2)] else {
        return Err(vm.type_error("compile() needs a source, a filename and a mode"));
    };
    let filename = vm.fs_path_str(filename)?;
    let filename = match filename.downcast::<Str>() {
        Some(name) if name.view().contains_char(0) => {
            return Err(vm.value_error("embedded null character"));
        }
        Some(name) => name.view().to_wtf8(),
        None => Vec::new(),
    };
    let Some(mode) = mode.downcast::<Str>().cloned() else {
        let found = clinic_type(vm, mode);
        let message = format!("compile() argument 'mode' must be str, not {found}");
        return Err(vm.type_error(message));
    };
    if mode.view().contains_char(0) {
        return Err(vm.value_error("embedded null character"));
    }
    let mut flags = int_argument(vm, args.get(3), 0)?;
    let dont_inherit = match args.get(4) {
        Some(value) => vm.truth(value)?,
        None => false,
    };
    let optimize = int_argument(vm, args.get(5), -1)?;
    let feature_version = int_argument(vm, args.get(6), -1)?;
    if flags & !known_flags(vm) != 0 {
        return Err(vm.value_error("compile(): unrecognised flags"));
    }
    let Ok(optimize @ -1..=2) = i8::try_from(optimize) else {
        return Err(vm.value_error("compile(): invalid optimize value"));
    };
    if !dont_inherit {
        flags |= vm.inherited_flags();
    }
    let is_tree = flags & ONLY_AST != 0;
    let mode = mode_of(vm, &mode, is_tree)?;
    let mut request = Source {
        flags: flags as u32,
        mode,
        optimize: optimize.max(0) as u8,
        feature_version: feature_version as i32,
        module: args.not_none(7),
        ..Source::module(b"", &filename)
    };
    if vm.is_node(source) {
        // From 3.14 on it is checked and made anew.
        let is_kept = vm.version_number() < 14 && flags & OPTIMIZED_AST == 0;
        if is_tree && is_kept {
            return Ok(source.clone());
        }
        if let Some(written) = vm.write_tree(source)? {
            request.input = Input::Tree(&written.tree);
            return compiled(vm, &request, Some(&written));
        }
    }
    let Some(text) = SourceText::of(vm, source)? else {
        return Err(vm.type_error("compile() arg 1 must be a string, bytes or AST object"));
    };
    request.input = text.input();
    compiled(vm, &request, None)
}

/// What the compiler makes of a text, or of a tree that was written down.
fn compiled(vm: &mut Vm, source: &Source<'_>, written: Option<&Written>) -> PyResult {
    let is_tree = source.flags & Source::ONLY_AST != 0;
    let answer = vm.answer_to(source)?;
    match (&answer.result, written) {
        (Ok(Output::Tree(tree)), _) if is_tree => vm.build_tree(tree),
        (Ok(Output::Code(_)), _) if is_tree => Err(vm.refused("syntax tree", "it is code")),
        (Err(refusal), Some(written)) => {
            let refusal = written.resolved(vm, refusal)?;
            Err(vm.refusal(&refusal))
        }
        _ => Ok(Value::from(vm.code_of_answer(&answer)?)),
    }
}

fn mode_of(vm: &mut Vm, mode: &Ref<Str>, is_tree: bool) -> PyResult<Mode> {
    let modes = [Mode::Exec, Mode::Eval, Mode::Single];
    if let Some(mode) = modes.into_iter().find(|m| mode.eq_str(m.name())) {
        return Ok(mode);
    }
    if mode.eq_str(Mode::FuncType.name()) {
        return match is_tree {
            true => Ok(Mode::FuncType),
            false => Err(vm.value_error("compile() mode 'func_type' requires flag PyCF_ONLY_AST")),
        };
    }
    Err(vm.value_error(match is_tree {
        true => "compile() mode must be 'exec', 'eval', 'single' or 'func_type'",
        false => "compile() mode must be 'exec', 'eval' or 'single'",
    }))
}

/// A source as the compiler wants it.
struct SourceText {
    bytes: Vec<u8>,
    is_str: bool,
}

impl SourceText {
    fn input(&self) -> Input<'_> {
        match self.is_str {
            true => Input::Str(&self.bytes),
            false => Input::Bytes(&self.bytes),
        }
    }

    /// The text of a str or of anything bytes-like; `None` for other objects.
    fn of(vm: &mut Vm, source: &Value) -> PyResult<Option<SourceText>> {
        let text = if let Some(text) = source.downcast::<Str>() {
            match text.view().to_utf8() {
                Ok(text) => SourceText {
                    bytes: text.into_bytes(),
                    is_str: true,
                },
                Err(error) => return Err(encode_error(vm, source, &error)),
            }
        } else if let Some(bytes) = bytes_of(vm, source) {
            SourceText {
                bytes: bytes.to_vec(),
                is_str: false,
            }
        } else {
            return Ok(None);
        };
        if text.bytes.contains(&0) {
            return Err(null_bytes(vm));
        }
        Ok(Some(text))
    }
}

#[cold]
fn null_bytes(vm: &mut Vm) -> Raised {
    let class = vm.types.syntax_error.clone();
    let message = vm.new_str("source code string cannot contain null bytes");
    match vm.call(&Value::from(class), &[message]) {
        Ok(exception) => vm.raise_value(exception),
        Err(raised) => raised,
    }
}

/// The code that `eval` or `exec` was given as text; `None` if it is no text.
pub(super) fn compile_argument(
    vm: &mut Vm,
    source: &Value,
    mode: Mode,
    globals: &Ref<Dict>,
) -> PyResult<Option<Ref<Code>>> {
    let Some(mut text) = SourceText::of(vm, source)? else {
        return Ok(None);
    };
    if mode == Mode::Eval {
        let start = text
            .bytes
            .iter()
            .position(|byte| !matches!(byte, b' ' | b'\t'));
        text.bytes.drain(..start.unwrap_or(text.bytes.len()));
    }
    let flags = vm.inherited_flags();
    // From 3.15 on, its warnings are about the module that it runs in.
    let module = match vm.version_number() {
        ..15 => None,
        _ => globals.get_str(vm, &vm.names.__name__.clone()),
    };
    let code = vm.compile(&Source {
        module: module.as_ref(),
        input: text.input(),
        mode,
        flags: flags as u32,
        ..Source::module(b"", b"<string>")
    })?;
    Ok(Some(code))
}

impl Vm {
    /// The futures of the running code, which what it compiles inherits.
    fn inherited_flags(&self) -> i64 {
        let frame = self.current_frame_object();
        frame.map_or(0, |frame| i64::from(frame.code.flags().bits()) & FUTURES)
    }
}
