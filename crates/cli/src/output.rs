//! Standard output: buffered, usable from both `io::Write` and `fmt::Write`.
//!
//! Invariant: an error of the system is kept and comes out of the call that met it or of the next
//! `flush`, although `fmt::Write` has no room for it.

use std::fmt;
use std::io::{self, BufWriter, StdoutLock, Write};

/// Buffered standard output.
pub(crate) struct Output {
    inner: BufWriter<StdoutLock<'static>>,
    error: Option<io::Error>,
}

impl Output {
    pub(crate) fn stdout() -> Self {
        Output {
            inner: BufWriter::with_capacity(1 << 16, io::stdout().lock()),
            error: None,
        }
    }

    /// What went wrong inside a `fmt::Write`, or what a `fmt::Error` without cause stands for.
    pub(crate) fn take_error(&mut self) -> io::Error {
        self.error
            .take()
            .unwrap_or_else(|| io::Error::other("formatting failed"))
    }
}

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.inner.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        match self.error.take() {
            Some(error) => Err(error),
            None => self.inner.flush(),
        }
    }
}

impl fmt::Write for Output {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.inner.write_all(text.as_bytes()).map_err(|error| {
            self.error = Some(error);
            fmt::Error
        })
    }
}
