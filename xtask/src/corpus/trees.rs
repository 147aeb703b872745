//! `cargo xtask corpus trees`: `ast` and `tokenize` over a CPython's standard library, run by pyco and by that CPython.
//!
//! Tokens, the dump of each tree with its places, its unparsed text, and the code that the tree compiles to.

use std::io::{BufRead, BufReader, Lines};
use std::process::{Child, ChildStdout, Command, Stdio};

use anyhow::{Context, Result, ensure};

use crate::pythons::{Python, Release};
use crate::sh;

/// How many disagreements are printed.
const SHOWN: usize = 10;

const FIRST: Release = Release {
    major: 3,
    minor: 11,
};

pub(crate) fn compare(python: &Python) -> Result<usize> {
    if python.release < FIRST {
        println!("  is not run by pyco");
        return Ok(0);
    }
    sh::run(Command::new("cargo").args(["build", "-q", "-p", "pyco"]))?;
    let script = sh::root().join("xtask/src/corpus/trees.py");
    let mut theirs = python.command();
    theirs.args(["-W", "ignore"]).arg(&script);
    let mut ours = Command::new(sh::root().join("target/debug/pyco"));
    ours.args(["run", "--python"])
        .arg(&python.path)
        .arg(&script);
    // Trees of a whole library are not worth the room in anyone's cache.
    ours.env("XDG_CACHE_HOME", "/dev/null");
    let (mut theirs, mut ours) = (Run::start(theirs)?, Run::start(ours)?);
    let (mut files, mut disagreements) = (0, 0);
    loop {
        let (their, our) = (theirs.line()?, ours.line()?);
        if their.is_none() && our.is_none() {
            break;
        }
        files += 1;
        if their != our {
            disagreements += 1;
            if disagreements <= SHOWN {
                println!("  CPython {their:?}, pyco {our:?}");
            }
        }
    }
    ensure!(files > 0, "neither of them found a file");
    println!("  {files} files, {disagreements} differ");
    Ok(disagreements)
}

/// A process that writes a line for each file.
struct Run {
    child: Child,
    lines: Lines<BufReader<ChildStdout>>,
}

impl Run {
    fn start(mut command: Command) -> Result<Run> {
        command
            .env("PYTHONHASHSEED", "0")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null());
        let mut child = command.spawn().context("it does not start")?;
        let stdout = child.stdout.take().context("it has no pipe")?;
        let lines = BufReader::new(stdout).lines();
        Ok(Run { child, lines })
    }

    /// The next line; nothing when all files are done.
    fn line(&mut self) -> Result<Option<String>> {
        if let Some(line) = self.lines.next() {
            return Ok(Some(line?));
        }
        let status = self.child.wait()?;
        ensure!(status.success(), "a process broke off: {status}");
        Ok(None)
    }
}
