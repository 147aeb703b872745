//! `input`.

use crate::error::PyResult;
use crate::object::native::NativeDef;
use crate::object::str_::Str;
use crate::value::Value;
use crate::vm::Vm;

pub(super) static FUNCTIONS: &[NativeDef] =
    &[NativeDef::range("input", 0, 1, input).signature("($module, prompt='', /)")];

fn input(vm: &mut Vm, _this: &Value, args: &[Value]) -> PyResult {
    let stdin = vm.sys_stream("stdin")?;
    if let Some(prompt) = args.first() {
        super::output::write_prompt(vm, prompt)?;
    }
    let line = match stdin {
        Some(stdin) if stdin.is_none() => return Err(vm.runtime_error("input(): lost sys.stdin")),
        Some(stdin) => line_of(vm, &stdin)?,
        None => {
            let line = vm.read_stdin_line()?;
            vm.str_from_buf(line)
        }
    };
    let Some(text) = line.downcast::<Str>() else {
        return Err(vm.type_error("object.readline() returned non-string"));
    };
    let text = text.view();
    match text.len().checked_sub(1) {
        None => {
            let ty = vm.types.eof_error.clone();
            Err(vm.error(&ty, "EOF when reading a line"))
        }
        Some(last) if text.get(last) == Some('\n' as u32) => {
            Ok(vm.str_from_view(text.substr(0..last).view()))
        }
        Some(_) => Ok(line),
    }
}

/// The next line of what the program made `sys.stdin`.
fn line_of(vm: &mut Vm, stdin: &Value) -> PyResult {
    let name = vm.intern("readline");
    vm.call_method(stdin, &name, &[])
}
