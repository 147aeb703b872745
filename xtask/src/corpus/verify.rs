//! `cargo xtask corpus verify`: the verifier accepts every code object of a CPython's standard library, quickening gives its
//! bytecode back; and what the verifier makes of those with one byte changed.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::process::Stdio;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use pyco_code::quicken::Quickened;
use pyco_code::{Checks, CodeObject, Op, Verified, Version, properties, verify};

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
    /// By what was changed: how many single bytes, and how many of those changes were refused.
    mutations: BTreeMap<&'static str, (usize, usize)>,
    noise: Noise,
}

/// How many bytes of each code object are changed, one at a time.
const MUTATIONS: usize = 3;

/// Numbers that look random and are the same each time.
struct Noise(u64);

impl Noise {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % bound as u64) as usize
    }
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
            mutations: BTreeMap::new(),
            noise: Noise(0x9e37_79b9_7f4a_7c15),
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
            self.mutate(code);
            self.quicken(code);
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
                    (Checks::NULL_FIRST, "NULL first"),
                ];
                for (check, name) in names {
                    if code.facts().checks(unit).contains(check) {
                        *self.checks.entry((name, op)).or_default() += 1;
                    }
                }
            }
        }
    }

    /// Quickening takes the code, and gives its bytecode back.
    fn quicken(&mut self, code: &Verified<CodeObject>) {
        let message = match Quickened::new(code.clone()) {
            Ok(quickened) if quickened.deopt() == code.code() => return,
            Ok(_) => "deopt gives other bytecode".to_owned(),
            Err(error) => error.to_string(),
        };
        let qualname = code.qualname().to_string_lossy();
        self.refuse(&format!("{qualname}, quickened: {message}"));
    }

    /// Changes single bytes of the bytecode or the exception table.
    fn mutate(&mut self, code: &CodeObject) {
        for _ in 0..MUTATIONS {
            let mut bytes = code.code().to_vec();
            let mut table = code.exceptiontable().as_bytes().to_vec();
            let at = self.noise.below(bytes.len() + table.len());
            let what = part(code, at);
            let byte = match at.checked_sub(bytes.len()) {
                None => &mut bytes[at],
                Some(at) => &mut table[at],
            };
            *byte ^= 1 + self.noise.below(255) as u8;
            let changed = code.replace().code(bytes).exceptiontable(table).build();
            let Ok(changed) = changed else { continue };
            // Panics where an accepted one does what was ruled out.
            let is_accepted = properties::verdict(&changed, at as u64);
            let (tried, refused) = self.mutations.entry(what).or_default();
            *tried += 1;
            *refused += usize::from(!is_accepted);
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
        let (mut all_tried, mut all_refused) = (0, 0);
        for (what, (tried, refused)) in &self.mutations {
            (all_tried, all_refused) = (all_tried + tried, all_refused + refused);
            println!(
                "  {} of {what} changed: {} refused",
                tried,
                percent(*refused, *tried)
            );
        }
        println!(
            "  {all_tried} bytes changed: {} refused",
            percent(all_refused, all_tried)
        );
        for ((check, op), count) in &self.checks {
            let all = self.loads.get(op).copied().unwrap_or(0);
            println!("  {check} check: {op} {count} of {all}");
        }
    }
}

/// What a byte of the bytecode, and of the exception table behind it, is part of.
fn part(code: &CodeObject, at: usize) -> &'static str {
    if at >= code.code().len() {
        return "the exception table";
    }
    let covers = |end: u32| at < end as usize;
    match code
        .instructions()
        .flatten()
        .find(|instruction| covers(instruction.end.0))
    {
        Some(instruction) if at >= instruction.cache_start().0 as usize => "inline caches",
        _ if at.is_multiple_of(2) => "opcodes",
        Some(instruction) if !instruction.info.has_arg() => "arguments that mean nothing",
        _ => "arguments",
    }
}

fn percent(part: usize, all: usize) -> String {
    format!("{:.1} %", 100.0 * part as f64 / all as f64)
}
