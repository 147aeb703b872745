//! `_io`: files, buffers and text, and `open`.
//!
//! A class a file: `base.rs` the abstract ones, `file.rs` FileIO, `memory.rs` BytesIO, `string.rs` StringIO, `buffered/` the buffered
//! ones, `newline.rs` IncrementalNewlineDecoder, `text/` TextIOWrapper. `streams.rs` makes `sys.stdin` and its like.
//!
//! Invariant: what is read from and written to a stream of a program's own class goes through its methods; a stream of ours is taken by
//! the hand only if its class is exactly that of `_io`.

mod base;
mod buffered;
mod file;
mod memory;
mod newline;
mod streams;
mod string;
mod text;

use pyco_exec::object::bytes::Bytes;
use pyco_exec::object::dict::Dict;
use pyco_exec::object::header::Ref;
use pyco_exec::object::module::Module;
use pyco_exec::object::native::NativeDef;
use pyco_exec::object::str_::Str;
use pyco_exec::object::text_args::{c_int_or, clinic_type, str_argument};
use pyco_exec::{Bound, Params, PyResult, Raised, Value, Vm};

pub(crate) use file::{offset_argument, seek_from};
pub(crate) use streams::standard_streams;

use base::{attribute, call, set_attribute};

/// What the module has once for a VM.
#[derive(Default)]
struct State {
    /// `UnsupportedOperation`, once the module is made.
    unsupported: Option<Value>,
    /// The built-in `open`, which the module has, too.
    open: Option<Value>,
}

/// Makes the module.
pub(crate) fn make(vm: &mut Vm) -> PyResult<Ref<Module>> {
    let module = vm.new_module(module_name(vm));
    vm.add_functions(&module, FUNCTIONS);
    if let Some(open) = vm.state::<State>().open.clone() {
        vm.set_global(module.dict(), "open", open);
    }
    let size = vm.int(default_buffer_size(vm) as i64);
    vm.set_global(module.dict(), "DEFAULT_BUFFER_SIZE", size);
    let class = unsupported_class(vm)?;
    vm.set_global(module.dict(), "UnsupportedOperation", class);
    let builtins = vm.import("builtins")?;
    let blocking = attribute(vm, &builtins, "BlockingIOError")?;
    vm.set_global(module.dict(), "BlockingIOError", blocking);
    for class in [
        &base::IO_BASE,
        &base::RAW_IO_BASE,
        &base::BUFFERED_IO_BASE,
        &base::TEXT_IO_BASE,
        &file::FILE_IO,
        &memory::BYTES_IO,
        &string::STRING_IO,
        &buffered::READER,
        &buffered::WRITER,
        &buffered::RANDOM,
        &buffered::pair::PAIR,
        &text::TEXT_IO_WRAPPER,
        &newline::INCREMENTAL_NEWLINE_DECODER,
    ] {
        vm.add_class(&module, class);
    }
    if vm.version_number() >= 13 {
        vm.add_class(&module, &memory::BYTES_IO_BUFFER);
    }
    Ok(module)
}

/// What the module is called, by itself and its functions.
fn module_name(vm: &Vm) -> &'static str {
    match vm.version_number() {
        ..12 => "io",
        _ => "_io",
    }
}

/// Makes `open` a built-in function, too.
pub(crate) fn install_open(vm: &mut Vm) {
    let open = vm.add_builtin(&FUNCTIONS[0], module_name(vm));
    vm.state::<State>().open = Some(open);
}

/// DEFAULT_BUFFER_SIZE.
pub(crate) fn default_buffer_size(vm: &Vm) -> usize {
    match vm.version_number() {
        ..14 => 8 << 10,
        _ => 128 << 10,
    }
}

/// `UnsupportedOperation`: both an OSError and a ValueError.
fn unsupported_class(vm: &mut Vm) -> PyResult {
    if let Some(class) = vm.state::<State>().unsupported.clone() {
        return Ok(class);
    }
    let name = vm.new_str("UnsupportedOperation");
    let bases = vec![
        Value::from(&vm.types.os_error),
        Value::from(&vm.types.value_error),
    ];
    let bases = vm.new_tuple(bases);
    let namespace = Dict::new(vm);
    let module = vm.new_str("io");
    vm.set_global(&namespace, "__module__", module);
    let meta = vm.types.type_.clone();
    let class = vm.call(meta.as_value(), &[name, bases, Value::from(namespace)])?;
    vm.state::<State>().unsupported = Some(class.clone());
    Ok(class)
}

/// An UnsupportedOperation.
#[cold]
fn unsupported(vm: &mut Vm, what: &str) -> Raised {
    let what = vm.new_str(what);
    let made = unsupported_class(vm).and_then(|class| vm.call(&class, &[what]));
    match made {
        Ok(error) => vm.raise_value(error),
        Err(raised) => raised,
    }
}

static OPEN: Params = Params::new(
    &[
        "file",
        "mode",
        "buffering",
        "encoding",
        "errors",
        "newline",
        "closefd",
        "opener",
    ],
    1,
);
static OPEN_CODE: Params = Params::new(&["path"], 1);

static FUNCTIONS: &[NativeDef] = &[
    NativeDef::bound("open", &OPEN, open).signature(
        "($module, /, file, mode='r', buffering=-1, encoding=None,\n     errors=None, newline=None, closefd=True, opener=None)",
    ),
    NativeDef::range("text_encoding", 1, 2, text_encoding)
        .signature("($module, encoding, stacklevel=2, /)"),
    NativeDef::bound("open_code", &OPEN_CODE, open_code).signature("($module, /, path)"),
];

/// Whether `sys.flags` tells of the UTF-8 mode, which is the rule from 3.15 on. Before, the locale's encoding is UTF-8, too.
pub(crate) fn is_utf8_mode(vm: &Vm) -> bool {
    vm.version_number() >= 15
}

/// `text_encoding(encoding)`.
fn text_encoding(vm: &mut Vm, _module: &Value, args: &[Value]) -> PyResult {
    c_int_or(vm, args.get(1), 2)?;
    match args.first().filter(|encoding| !encoding.is_none()) {
        Some(encoding) => Ok(encoding.clone()),
        None if is_utf8_mode(vm) => Ok(vm.new_str("utf-8")),
        None => Ok(vm.new_str("locale")),
    }
}

fn open_code(vm: &mut Vm, _module: &Value, args: &Bound<'_>) -> PyResult {
    let path = args.get(0).cloned().unwrap_or(Value::NONE);
    str_argument(vm, &path, "open_code() argument 'path'")?;
    let class = vm.class(&file::FILE_IO);
    let mode = vm.new_str("rb");
    let raw = vm.call(class.as_value(), &[path, mode])?;
    let class = vm.class(&buffered::READER);
    vm.call(class.as_value(), &[raw])
}

/// What the letters of a mode say.
#[derive(Default, Clone, Copy)]
struct Mode {
    creating: bool,
    reading: bool,
    writing: bool,
    appending: bool,
    updating: bool,
    text: bool,
    binary: bool,
}

impl Mode {
    fn parse(mode: &str) -> Option<Mode> {
        let mut found = Mode::default();
        for c in mode.chars() {
            let flag = match c {
                'x' => &mut found.creating,
                'r' => &mut found.reading,
                'w' => &mut found.writing,
                'a' => &mut found.appending,
                '+' => &mut found.updating,
                't' => &mut found.text,
                'b' => &mut found.binary,
                _ => return None,
            };
            if std::mem::replace(flag, true) {
                return None;
            }
        }
        Some(found)
    }

    /// The mode for FileIO.
    fn raw(self) -> String {
        let letters = [
            (self.creating, 'x'),
            (self.reading, 'r'),
            (self.writing, 'w'),
            (self.appending, 'a'),
            (self.updating, '+'),
        ];
        letters
            .into_iter()
            .filter_map(|(is_set, letter)| is_set.then_some(letter))
            .collect()
    }
}

/// A str argument of `open`, or nothing for None.
fn text_argument(vm: &mut Vm, args: &Bound<'_>, index: usize) -> PyResult<Option<Value>> {
    let Some(value) = args.not_none(index) else {
        return Ok(None);
    };
    if value.downcast::<Str>().is_none() {
        let (name, found) = (OPEN.names[index], vm.type_name(value));
        let message = format!("open() argument '{name}' must be str or None, not {found}");
        return Err(vm.type_error(message));
    }
    Ok(Some(value.clone()))
}

/// What names the file: a path, or a descriptor.
fn file_argument(vm: &mut Vm, file: &Value) -> PyResult {
    let is_number = pyco_exec::object::sequence::is_index(vm, file) || file.as_float().is_some();
    let file = match is_number {
        true if file.as_float().is_none() => file.clone(),
        _ => crate::path::require_fs_path(vm, file)?,
    };
    let is_path = file.downcast::<Str>().is_some() || file.downcast::<Bytes>().is_some();
    if !is_path && !is_number {
        let file = vm.repr_text(&file)?;
        return Err(vm.type_error(format!("invalid file: {file}")));
    }
    Ok(file)
}

fn open(vm: &mut Vm, _module: &Value, args: &Bound<'_>) -> PyResult {
    let file = args.get(0).cloned().unwrap_or(Value::NONE);
    let mode_value = match args.get(1) {
        Some(mode) => mode.clone(),
        None => vm.new_str("r"),
    };
    if mode_value.downcast::<Str>().is_none() {
        let found = clinic_type(vm, &mode_value);
        return Err(vm.type_error(format!("open() argument 'mode' must be str, not {found}")));
    }
    let buffering = c_int_or(vm, args.get(2), -1)?;
    let encoding = text_argument(vm, args, 3)?;
    let errors = text_argument(vm, args, 4)?;
    let newline = text_argument(vm, args, 5)?;
    let close_fd = match args.get(6) {
        Some(close_fd) => vm.truth(close_fd)?,
        None => true,
    };
    let opener = args.get(7).cloned().unwrap_or(Value::NONE);
    let file = file_argument(vm, &file)?;
    let text = vm.display(&mode_value);
    let Some(mode) = Mode::parse(&text) else {
        return Err(vm.value_error(format!("invalid mode: '{text}'")));
    };
    check_mode(vm, mode, [&encoding, &errors, &newline])?;
    if mode.binary && buffering == 1 {
        vm.warn(
            "RuntimeWarning",
            "line buffering (buffering=1) isn't supported in binary mode, the default buffer size \
             will be used",
        )?;
    }
    let class = vm.class(&file::FILE_IO);
    let raw_mode = vm.new_str(&mode.raw());
    let raw = [file, raw_mode, Value::bool(close_fd), opener];
    let raw = vm.call(class.as_value(), &raw)?;
    let opened = Opening {
        mode,
        mode_value,
        buffering,
        text: [encoding, errors, newline],
    };
    match wrap(vm, &raw, &opened) {
        Ok(stream) => Ok(stream),
        Err(raised) => {
            // What fails is told after the file is closed, whatever closing says.
            let _ = call(vm, &raw, "close", &[]);
            Err(raised)
        }
    }
}

fn check_mode(vm: &mut Vm, mode: Mode, text: [&Option<Value>; 3]) -> PyResult<()> {
    if mode.text && mode.binary {
        return Err(vm.value_error("can't have text and binary mode at once"));
    }
    let kinds = [mode.creating, mode.reading, mode.writing, mode.appending];
    match kinds.iter().filter(|is_set| **is_set).count() {
        1 => {}
        0 => {
            return Err(vm.value_error(
                "Must have exactly one of create/read/write/append mode and at most one plus",
            ));
        }
        _ => {
            return Err(vm.value_error("must have exactly one of create/read/write/append mode"));
        }
    }
    for (value, what) in text.iter().zip(["an encoding", "an errors", "a newline"]) {
        if mode.binary && value.is_some() {
            let message = format!("binary mode doesn't take {what} argument");
            return Err(vm.value_error(message));
        }
    }
    Ok(())
}

/// The arguments of `open` that say what goes around the raw file.
struct Opening {
    mode: Mode,
    mode_value: Value,
    buffering: i32,
    text: [Option<Value>; 3],
}

fn wrap(vm: &mut Vm, raw: &Value, opening: &Opening) -> PyResult {
    let (mode, mut buffering) = (opening.mode, i64::from(opening.buffering));
    let is_terminal = match buffering {
        ..0 => base::is_able(vm, raw, "isatty")?,
        _ => false,
    };
    let is_line_buffered = buffering == 1 && !mode.binary || is_terminal;
    if buffering < 0 || buffering == 1 || is_terminal {
        let block = attribute(vm, raw, "_blksize")?;
        let block = vm.index_for_size(&block)?;
        let default = default_buffer_size(vm) as i64;
        buffering = match vm.version_number() {
            ..14 => block,
            _ => block.min(8 << 20).max(default),
        };
    }
    if buffering < 0 {
        return Err(vm.value_error("invalid buffering size"));
    }
    if buffering == 0 {
        return match mode.binary {
            true => Ok(raw.clone()),
            false => Err(vm.value_error("can't have unbuffered text I/O")),
        };
    }
    let class = match mode {
        Mode { updating: true, .. } => &buffered::RANDOM,
        Mode { reading: true, .. } => &buffered::READER,
        _ => &buffered::WRITER,
    };
    let class = vm.class(class);
    let size = vm.int(buffering);
    let buffer = vm.call(class.as_value(), &[raw.clone(), size])?;
    if mode.binary {
        return Ok(buffer);
    }
    let class = vm.class(&text::TEXT_IO_WRAPPER);
    let mut arguments = vec![buffer];
    for argument in &opening.text {
        arguments.push(argument.clone().unwrap_or(Value::NONE));
    }
    arguments.push(Value::bool(is_line_buffered));
    let stream = vm.call(class.as_value(), &arguments)?;
    set_attribute(vm, &stream, "mode", opening.mode_value.clone())?;
    Ok(stream)
}
