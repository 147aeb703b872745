//! The host's streams, for programs that never made text streams of them: those that do not import `sys`.

use std::io::{self, Read};

use crate::error::{PyResult, Raised};
use crate::object::codec::{decode_error, encode_error};
use crate::text::{StrBuf, StrView};
use crate::value::Value;
use crate::vm::Vm;

/// Bytes as text, with every line's end a `\n`.
fn decode(vm: &mut Vm, bytes: Vec<u8>) -> PyResult<StrBuf> {
    let bytes = match bytes.contains(&b'\r') {
        true => one_line_end(&bytes),
        false => bytes,
    };
    match StrBuf::from_utf8(&bytes) {
        Ok(text) => Ok(text),
        Err(error) => Err(decode_error(vm, bytes, &error)),
    }
}

fn one_line_end(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len());
    let mut rest = bytes.iter().copied().peekable();
    while let Some(byte) = rest.next() {
        if byte == b'\r' {
            rest.next_if_eq(&b'\n');
        }
        out.push(if byte == b'\r' { b'\n' } else { byte });
    }
    out
}

impl Vm {
    /// The stream that `sys` has under this name: `None` if `sys` was never imported.
    pub(crate) fn sys_stream(&mut self, name: &str) -> PyResult<Option<Value>> {
        let key = self.intern("sys");
        let modules = self.modules.clone();
        let Some(sys) = modules.get_str(self, &key) else {
            return Ok(None);
        };
        let key = self.intern(name);
        match self.get_attr_opt(&sys, &key)? {
            Some(stream) => Ok(Some(stream)),
            None => Err(self.runtime_error(format!("lost sys.{name}"))),
        }
    }

    /// Writes to the host's output as UTF-8.
    pub(crate) fn write_stdout(&mut self, text: StrView<'_>) -> PyResult<()> {
        let written = match text {
            StrView::Ascii(bytes) => self.host.stdout.write_all(bytes),
            _ => match text.to_utf8() {
                Ok(utf8) => self.host.stdout.write_all(utf8.as_bytes()),
                Err(error) => {
                    let text = self.str_from_view(text);
                    return Err(encode_error(self, &text, &error));
                }
            },
        };
        written.map_err(|error| self.os_error_from(&error))
    }

    pub(crate) fn flush_stdout(&mut self) -> PyResult<()> {
        let flushed = self.host.stdout.flush();
        flushed.map_err(|error| self.os_error_from(&error))
    }

    #[cold]
    pub(crate) fn os_error_from(&mut self, error: &io::Error) -> Raised {
        let ty = self.types.os_error.clone();
        self.error(&ty, error.to_string())
    }

    fn read_stdin_byte(&mut self) -> PyResult<Option<u8>> {
        let mut byte = [0];
        loop {
            match self.host.stdin.read(&mut byte) {
                Ok(0) => return Ok(None),
                Ok(_) => return Ok(Some(byte[0])),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(self.os_error_from(&error)),
            }
        }
    }

    /// The next line of the host's input with its `\n`; empty at the end.
    pub(crate) fn read_stdin_line(&mut self) -> PyResult<StrBuf> {
        let mut line = Vec::new();
        while let Some(byte) = self.read_stdin_byte()? {
            line.push(byte);
            if byte == b'\n' {
                break;
            }
            self.check_growth(line.len())?;
        }
        decode(self, line)
    }
}
