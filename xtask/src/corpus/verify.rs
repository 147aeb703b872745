//! `cargo xtask corpus verify`: the verifier accepts every code object of a CPython's standard library.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::process::Stdio;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use pyco_code::{Checks, CodeObject, Op, Verified, Version, verify};

use crate::pythons::Python;
use crate::sh;

/// How many refusals are printed.
const SHOWN: usize = 20;

pub(crate) fn compare(python: &Python) -> Result<usize> {
    let version = python.release.to_string().parse::<Version>()?;
    if !version.has_localsplus() {
        println!("  not verified: before 3.11");
        return Ok(0);
    }
    let script = sh::root().join("xtask/src/corpus/compile.py");
    let mut child = python
        .command()
        .arg(script)
        .stdout(Stdio::piped())
        .spawn()?;
    let stdout = child.stdout.take().context("no stdout")?;
    let mut run = Run::new(version);
    run.read(BufReader::with_capacity(1 << 20, stdout))?;
    let status = child.wait()?;
    if !status.success() {
        bail!("compile.py failed: {status}");
    }
    run.report();
    Ok(run.refusals)
}

/// What was counted.
struct Run {
    version: Version,
    path: String,
    files: usize,
    codes: usize,
    bytes: usize,
    instructions: usize,
    unreachable: usize,
    slack: usize,
    spent: Duration,
    refusals: usize,
    /// For each kind of check: how many instructions of each opcode need it.
    checks: BTreeMap<(&'static str, Op), usize>,
    loads: BTreeMap<Op, usize>,
}

impl Run {
    fn new(version: Version) -> Self {
        Run {
            version,
            path: String::new(),
            files: 0,
            codes: 0,
            bytes: 0,
            instructions: 0,
            unreachable: 0,
            slack: 0,
            spent: Duration::ZERO,
            refusals: 0,
            checks: BTreeMap::new(),
            loads: BTreeMap::new(),
        }
    }

    fn read(&mut self, mut stream: impl BufRead) -> Result<()> {
        let mut head = String::new();
        while stream.read_line(&mut head)? > 0 {
            let (name, len) = head.trim_end().split_once(' ').context("malformed frame")?;
            let mut data = vec![0; len.parse()?];
            stream.read_exact(&mut data)?;
            match name {
                "file" => self.path = String::from_utf8_lossy(&data).into_owned(),
                _ => self.verify(&data),
            }
            head.clear();
        }
        Ok(())
    }

    fn verify(&mut self, data: &[u8]) {
        self.files += 1;
        let code = match CodeObject::from_marshal(self.version, data, 0) {
            Ok(code) => code,
            Err(error) => return self.refuse(&error.to_string()),
        };
        let start = Instant::now();
        let verdict = verify(&code);
        self.spent += start.elapsed();
        match verdict {
            Ok(verified) => self.count(&verified),
            Err(error) => self.refuse(&error.to_string()),
        }
    }

    fn refuse(&mut self, message: &str) {
        self.refusals += 1;
        if self.refusals <= SHOWN {
            println!("  {}: {message}", self.path);
        }
    }

    fn count(&mut self, verified: &Verified<CodeObject>) {
        let mut pending = vec![verified];
        while let Some(code) = pending.pop() {
            pending.extend(code.children());
            self.codes += 1;
            self.bytes += code.code().len();
            self.slack += usize::from(code.facts().max_depth() < code.stacksize());
            for instruction in code.instructions().flatten() {
                let (op, unit) = (instruction.op(), instruction.unit().0);
                self.instructions += 1;
                self.unreachable += usize::from(!code.facts().is_reachable(unit));
                *self.loads.entry(op).or_default() += 1;
                let names = [
                    (Checks::BOUND, "bound"),
                    (Checks::BOUND_SECOND, "bound (second)"),
                    (Checks::CELL, "cell"),
                    (Checks::TYPE, "type"),
                ];
                for (check, name) in names {
                    if code.facts().checks(unit).contains(check) {
                        *self.checks.entry((name, op)).or_default() += 1;
                    }
                }
            }
        }
    }

    fn report(&self) {
        let Run {
            files,
            codes,
            bytes,
            instructions,
            unreachable,
            slack,
            spent,
            refusals,
            ..
        } = self;
        println!(
            "  {files} files, {codes} code objects, {bytes} bytes of bytecode: {refusals} files refused"
        );
        println!("  {instructions} instructions, {unreachable} unreachable");
        println!("  {slack} code objects never use all of co_stacksize");
        let rate = *bytes as f64 / spent.as_secs_f64() / 1e6;
        println!("  {spent:.2?}, {rate:.0} MB/s");
        for ((check, op), count) in &self.checks {
            let all = self.loads.get(op).copied().unwrap_or(0);
            println!("  {check} check: {op} {count} of {all}");
        }
    }
}
