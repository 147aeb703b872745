//! `input`.

use crate::error::PyResult;
use crate::object::codec::decode_error;
use crate::object::native::NativeDef;
use crate::text::StrBuf;
use crate::value::Value;
use crate::vm::Vm;

pub(super) static FUNCTIONS: &[NativeDef] =
    &[NativeDef::range("input", 0, 1, input).signature("($module, prompt='', /)")];

fn input(vm: &mut Vm, _this: &Value, args: &[Value]) -> PyResult {
    if let Some(prompt) = args.first() {
        super::output::write_prompt(vm, prompt)?;
    }
    let mut line = Vec::new();
    let mut byte = [0];
    loop {
        match vm.host.stdin.read(&mut byte) {
            Ok(0) if line.is_empty() => {
                let ty = vm.types.eof_error.clone();
                return Err(vm.error(&ty, "EOF when reading a line"));
            }
            Ok(0) => break,
            Ok(_) if byte[0] == b'\n' => break,
            Ok(_) => line.push(byte[0]),
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(error) => return Err(super::output::os_error(vm, &error)),
        }
        vm.check_growth(line.len())?;
    }
    if line.last() == Some(&b'\r') {
        line.pop();
    }
    match StrBuf::from_utf8(&line) {
        Ok(text) => Ok(vm.str_from_buf(text)),
        Err(error) => Err(decode_error(vm, line, &error)),
    }
}
