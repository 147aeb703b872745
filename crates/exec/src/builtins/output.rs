//! `print`.

use crate::call::{Args, Params};
use crate::error::PyResult;
use crate::object::codec::encode_error;
use crate::object::native::NativeDef;
use crate::object::str_::Str;
use crate::text::StrView;
use crate::value::Value;
use crate::vm::Vm;

pub(super) static FUNCTIONS: &[NativeDef] = &[NativeDef::any("print", print)
    .signature("($module, /, *args, sep=' ', end='\\n', file=None, flush=False)")];

static PRINT: Params = Params::new(&["sep", "end", "file", "flush"], 0).keyword_only(4);

/// Where text goes.
enum Target {
    /// The host's output, while no `sys.stdout` stands before it.
    Host,
    /// An object with a `write` method.
    Object(Value),
}

fn print(vm: &mut Vm, _this: &Value, args: Args<'_>) -> PyResult {
    let positional = args.positional();
    let keywords = Args::new(&args.all_values()[positional.len()..], args.names());
    let bound = keywords.bind(vm, "print", &PRINT)?;
    let target = match bound.not_none(2) {
        Some(file) => Target::Object(file.clone()),
        None => match standard_output(vm)? {
            Some(target) => target,
            None => return Ok(Value::NONE),
        },
    };
    let sep = separator(vm, bound.not_none(0), "sep")?;
    let end = separator(vm, bound.not_none(1), "end")?;
    for (index, value) in positional.iter().enumerate() {
        if index > 0 {
            write(vm, &target, sep.as_ref(), " ")?;
        }
        let text = vm.str(value)?;
        write(vm, &target, Some(&text), "")?;
    }
    write(vm, &target, end.as_ref(), "\n")?;
    let flush = match bound.get(3) {
        Some(flush) => vm.truth(flush)?,
        None => false,
    };
    if flush {
        match target {
            Target::Host => {
                if let Err(error) = vm.host.stdout.flush() {
                    return Err(os_error(vm, &error));
                }
            }
            Target::Object(file) => {
                let name = vm.names.flush.clone();
                vm.call_method(&file, &name, &[])?;
            }
        }
    }
    Ok(Value::NONE)
}

/// Writes the prompt of `input` where `print` writes.
pub(super) fn write_prompt(vm: &mut Vm, prompt: &Value) -> PyResult<()> {
    let text = vm.str(prompt)?;
    match standard_output(vm)? {
        Some(Target::Host) => {
            write(vm, &Target::Host, Some(&text), "")?;
            vm.host.stdout.flush().map_err(|error| os_error(vm, &error))
        }
        Some(target) => write(vm, &target, Some(&text), ""),
        None => Err(vm.runtime_error("input(): lost sys.stdout")),
    }
}

/// `sys.stdout`; nothing if that is `None`.
fn standard_output(vm: &mut Vm) -> PyResult<Option<Target>> {
    let key = vm.intern("sys");
    let modules = vm.modules.clone();
    let Some(sys) = modules.get_str(vm, &key) else {
        return Ok(Some(Target::Host));
    };
    let key = vm.intern("stdout");
    match vm.get_attr_opt(&sys, &key)? {
        Some(stdout) if stdout.is_none() => Ok(None),
        Some(stdout) => Ok(Some(Target::Object(stdout))),
        None => Err(vm.runtime_error("lost sys.stdout")),
    }
}

fn separator(vm: &mut Vm, value: Option<&Value>, name: &str) -> PyResult<Option<Value>> {
    match value {
        Some(value) if value.downcast::<Str>().is_none() => {
            let found = vm.type_name(value);
            Err(vm.type_error(format!("{name} must be None or a string, not {found}")))
        }
        value => Ok(value.cloned()),
    }
}

/// Writes a str, or where there is none the text that stands for it.
fn write(vm: &mut Vm, target: &Target, text: Option<&Value>, default: &str) -> PyResult<()> {
    match target {
        Target::Host => match text.and_then(|t| t.downcast::<Str>()) {
            Some(text) => write_to_host(vm, text.view()),
            None => write_to_host(vm, StrView::Ascii(default.as_bytes())),
        },
        Target::Object(file) => {
            let name = vm.names.write.clone();
            let text = match text {
                Some(text) => text.clone(),
                None => vm.new_str(default),
            };
            vm.call_method(file, &name, &[text])?;
            Ok(())
        }
    }
}

/// Writes to the host's output as UTF-8.
fn write_to_host(vm: &mut Vm, text: StrView<'_>) -> PyResult<()> {
    let written = match text {
        StrView::Ascii(bytes) => vm.host.stdout.write_all(bytes),
        _ => match text.to_utf8() {
            Ok(utf8) => vm.host.stdout.write_all(utf8.as_bytes()),
            Err(error) => {
                let text = vm.str_from_view(text);
                return Err(encode_error(vm, &text, &error));
            }
        },
    };
    written.map_err(|error| os_error(vm, &error))
}

#[cold]
pub(super) fn os_error(vm: &mut Vm, error: &std::io::Error) -> crate::error::Raised {
    let ty = vm.types.os_error.clone();
    vm.error(&ty, error.to_string())
}
