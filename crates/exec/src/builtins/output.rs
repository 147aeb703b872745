//! `print`, and the texts that go to `sys.stdout` and `sys.stderr`.

use crate::call::{Args, Params};
use crate::error::PyResult;
use crate::object::native::NativeDef;
use crate::object::str_::Str;
use crate::text::StrView;
use crate::value::Value;
use crate::vm::{Vm, WriteText};

pub(super) static FUNCTIONS: &[NativeDef] = &[NativeDef::any("print", print)
    .signature("($module, /, *args, sep=' ', end='\\n', file=None, flush=False)")];

static PRINT: Params = Params::new(&["sep", "end", "file", "flush"], 0)
    .keyword_only(4)
    .after_any();

/// Where text goes.
enum Target {
    /// The host's output, which nothing was put before.
    Host,
    /// A text stream of which nothing was overridden, and what writes to it.
    Output(Value, WriteText),
    /// An object with a `write` method.
    Object(Value),
}

fn print(vm: &mut Vm, _this: &Value, args: Args<'_>) -> PyResult {
    let positional = args.positional();
    let keywords = Args::new(&args.all_values()[positional.len()..], args.names());
    let bound = keywords.bind(vm, "print", &PRINT)?;
    let target = match bound.not_none(2) {
        Some(file) => target_of(vm, file.clone()),
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
            Target::Host => vm.flush_stdout()?,
            Target::Object(file) | Target::Output(file, _) => {
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
            vm.flush_stdout()
        }
        Some(Target::Output(file, _) | Target::Object(file)) => {
            let target = Target::Object(file.clone());
            write(vm, &target, Some(&text), "")?;
            let name = vm.names.flush.clone();
            // Whether what the program put there can be flushed is all the same.
            drop(vm.call_method(&file, &name, &[]));
            Ok(())
        }
        None => Err(vm.runtime_error("input(): lost sys.stdout")),
    }
}

/// `sys.stdout`; nothing if that is `None`.
fn standard_output(vm: &mut Vm) -> PyResult<Option<Target>> {
    Ok(match vm.sys_stream("stdout")? {
        None => Some(Target::Host),
        Some(stdout) if stdout.is_none() => None,
        Some(stdout) => Some(target_of(vm, stdout)),
    })
}

fn target_of(vm: &Vm, file: Value) -> Target {
    match &vm.output {
        Some((class, write))
            if vm.type_of(&file).is(class) && !vm.has_instance_attributes(&file) =>
        {
            Target::Output(file, *write)
        }
        _ => Target::Object(file),
    }
}

impl Vm {
    /// Writes a message to what the program made `sys.stderr`. That it cannot be written is nobody's to hear.
    pub fn write_stderr(&mut self, text: &str) {
        match self.sys_stream("stderr") {
            Ok(Some(stderr)) if stderr.is_none() => {}
            Ok(Some(stderr)) => {
                let name = self.names.write.clone();
                let text = self.new_str(text);
                let _ = self.call_method(&stderr, &name, &[text]);
            }
            _ => self.write_stderr_host(text),
        }
    }

    /// Writes to the host's stderr, after what was printed so far.
    pub(crate) fn write_stderr_host(&mut self, text: &str) {
        let _ = self.host.stdout.flush();
        let _ = self.host.stderr.write_all(text.as_bytes());
        let _ = self.host.stderr.flush();
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
            Some(text) => vm.write_stdout(text.view()),
            None => vm.write_stdout(StrView::Ascii(default.as_bytes())),
        },
        Target::Output(file, write) => match text.and_then(|t| t.downcast::<Str>()) {
            Some(text) => write(vm, file, text.view()),
            None => write(vm, file, StrView::Ascii(default.as_bytes())),
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
