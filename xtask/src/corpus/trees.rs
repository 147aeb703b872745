//! `cargo xtask corpus trees`: `ast` and `tokenize` over a CPython's standard library, run by pyco and by that CPython.
//!
//! Tokens, the dump of each tree with its places, its unparsed text, and the code that the tree compiles to.

use std::io::{BufRead, BufReader};
use std::process::{ChildStdout, Command, Stdio};

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
    let (mut theirs, mut ours) = (lines(&mut theirs)?, lines(&mut ours)?);
    let (mut files, mut disagreements) = (0, 0);
    loop {
        let (their, our) = (theirs.next().transpose()?, ours.next().transpose()?);
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

fn lines(command: &mut Command) -> Result<std::io::Lines<BufReader<ChildStdout>>> {
    command
        .env("PYTHONHASHSEED", "0")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null());
    let mut child = command.spawn().context("it does not start")?;
    let stdout = child.stdout.take().context("it has no pipe")?;
    Ok(BufReader::new(stdout).lines())
}
