//! `sys.stdin`, `sys.stdout` and `sys.stderr`: text streams over descriptors 0 to 2, which lead to the host's streams.

use pyco_exec::{PyResult, Value, Vm};

use super::base::{call, set_attribute};
use super::{buffered, default_buffer_size, file, text};

/// The three streams.
#[derive(Default)]
struct Streams(Option<[Value; 3]>);

/// `sys.stdin`, `sys.stdout`, `sys.stderr`, made at first need.
pub(crate) fn standard_streams(vm: &mut Vm) -> PyResult<[Value; 3]> {
    if let Some(streams) = &vm.state::<Streams>().0 {
        return Ok(streams.clone());
    }
    let streams = [stream(vm, 0)?, stream(vm, 1)?, stream(vm, 2)?];
    vm.state::<Streams>().0 = Some(streams.clone());
    let class = vm.class(&text::TEXT_IO_WRAPPER);
    vm.set_output(class, text::write_view);
    Ok(streams)
}

fn stream(vm: &mut Vm, fd: i64) -> PyResult {
    let is_input = fd == 0;
    let mode = vm.new_str(if is_input { "rb" } else { "wb" });
    let class = vm.class(&file::FILE_IO);
    let arguments = [vm.int(fd), mode, Value::FALSE];
    let raw = vm.call(class.as_value(), &arguments)?;
    let name = vm.new_str(["<stdin>", "<stdout>", "<stderr>"][fd as usize]);
    set_attribute(vm, &raw, "name", name)?;
    let terminal = call(vm, &raw, "isatty", &[])?;
    let class = match is_input {
        true => vm.class(&buffered::READER),
        false => vm.class(&buffered::WRITER),
    };
    let size = vm.int(default_buffer_size(vm) as i64);
    let buffer = vm.call(class.as_value(), &[raw, size])?;
    let errors = match fd {
        2 => "backslashreplace",
        _ => "strict",
    };
    let newline = match is_input {
        true => Value::NONE,
        false => vm.new_str("\n"),
    };
    let class = vm.class(&text::TEXT_IO_WRAPPER);
    let line_buffering = Value::bool(fd == 2 || terminal.as_bool() == Some(true));
    let arguments = [
        buffer,
        vm.new_str("utf-8"),
        vm.new_str(errors),
        newline,
        line_buffering,
    ];
    let stream = vm.call(class.as_value(), &arguments)?;
    let mode = vm.new_str(if is_input { "r" } else { "w" });
    set_attribute(vm, &stream, "mode", mode)?;
    Ok(stream)
}
