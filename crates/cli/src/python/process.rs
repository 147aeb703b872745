//! The compiling CPython: a process that is started at first need, isolated from the user's settings, and ends with its pipe.

use std::env;
use std::io::BufReader;
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use super::protocol::{receive, send};

/// What runs in it.
const HELPER: &str = include_str!("helper.py");

/// A running compiler.
pub(crate) struct Process {
    child: Child,
    requests: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
    greeting: Vec<u8>,
}

impl Process {
    /// Starts the executable and waits for its greeting.
    pub(crate) fn start(python: &Path) -> Result<Process, String> {
        let mut command = Command::new(python);
        for (name, _) in env::vars_os() {
            if name.as_encoded_bytes().starts_with(b"PYTHON") {
                command.env_remove(name);
            }
        }
        command
            .args(["-I", "-S", "-c", HELPER])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null());
        let mut child = command
            .spawn()
            .map_err(|error| format!("it does not start: {error}"))?;
        let (Some(requests), Some(answers)) = (child.stdin.take(), child.stdout.take()) else {
            return Err("it has no pipes".to_owned());
        };
        let mut process = Process {
            child,
            requests: Some(requests),
            answers: BufReader::new(answers),
            greeting: Vec::new(),
        };
        process.greeting = receive(&mut process.answers)
            .map_err(|_| "it does not introduce itself as asked".to_owned())?;
        Ok(process)
    }

    /// How it introduced itself.
    pub(crate) fn greeting(&self) -> &[u8] {
        &self.greeting
    }

    /// Sends a request and waits for the answer.
    pub(crate) fn ask(&mut self, request: &[u8]) -> Result<Vec<u8>, String> {
        match &mut self.requests {
            Some(requests) => send(requests, request)?,
            None => return Err("the compiler has ended".to_owned()),
        }
        receive(&mut self.answers)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // Without its pipe it ends by itself, unless it hangs in a source.
        drop(self.requests.take());
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
