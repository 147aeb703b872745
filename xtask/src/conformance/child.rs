//! A process whose lines are waited for only so long.

use std::io::{BufRead, BufReader, Read};
use std::process::{Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use anyhow::{Context, Result};

/// Why there is no further line.
pub(super) enum Ending {
    /// It took too long; it has been killed.
    TimeOut,
    /// It ended: how, and the last that it wrote to stderr.
    Ended(String),
}

/// A running process.
pub(super) struct Child {
    process: std::process::Child,
    lines: Receiver<String>,
    errors: Option<JoinHandle<String>>,
}

impl Child {
    pub(super) fn start(mut command: Command) -> Result<Child> {
        command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut process = command.spawn().context("pyco does not start")?;
        let stdout = process.stdout.take().context("no pipe")?;
        let stderr = process.stderr.take().context("no pipe")?;
        let (sender, lines) = channel();
        thread::spawn(move || {
            let mut stdout = BufReader::new(stdout);
            let mut line = Vec::new();
            while stdout
                .read_until(b'\n', &mut line)
                .is_ok_and(|read| read > 0)
            {
                let text = String::from_utf8_lossy(&line);
                if sender.send(text.trim_end_matches('\n').to_owned()).is_err() {
                    break;
                }
                line.clear();
            }
        });
        let errors = thread::spawn(move || last_lines(stderr));
        Ok(Child {
            process,
            lines,
            errors: Some(errors),
        })
    }

    /// The next line.
    pub(super) fn line(&mut self, limit: Duration) -> Result<String, Ending> {
        match self.lines.recv_timeout(limit) {
            Ok(line) => Ok(line),
            Err(RecvTimeoutError::Timeout) => Err(Ending::TimeOut),
            Err(RecvTimeoutError::Disconnected) => {
                let status = self.process.wait();
                let status = status.map_or_else(|e| e.to_string(), |s| s.to_string());
                let errors = self.errors.take().and_then(|errors| errors.join().ok());
                Err(Ending::Ended(format!(
                    "{status}\n{}",
                    errors.unwrap_or_default()
                )))
            }
        }
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// The last lines of a stream, read to its end.
fn last_lines(mut stream: impl Read) -> String {
    const MOST: usize = 4000;
    let mut kept = Vec::new();
    let mut buffer = [0; 4096];
    while let Ok(read @ 1..) = stream.read(&mut buffer) {
        kept.extend(&buffer[..read]);
        let excess = kept.len().saturating_sub(MOST);
        kept.drain(..excess);
    }
    String::from_utf8_lossy(&kept).into_owned()
}
