//! `cargo xtask corpus dis`: every disassembly of a CPython's standard library, beside pyco's.

use std::fmt::Write as _;
use std::io::{BufRead, BufReader, Read};
use std::process::Stdio;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use pyco_code::{CodeObject, DisOptions, Version};

use crate::pythons::Python;
use crate::sh;

/// How many disagreements are printed.
const SHOWN: usize = 10;

pub(crate) fn compare(python: &Python) -> Result<usize> {
    let version = python.release.to_string().parse::<Version>()?;
    let mut run = Run {
        version,
        ..Run::default()
    };
    frames(python, &[], |name, data| run.frame(name, data))?;
    let Run {
        files,
        texts,
        bytes,
        spent,
        theirs,
        disagreements,
        ..
    } = run;
    println!("  {files} files, {texts} texts, {bytes} bytes compared, {disagreements} differ");
    let ratio = theirs / spent.as_secs_f64();
    println!("  plain text: {spent:.2?}, CPython {theirs:.2} s, {ratio:.0} times as long");
    Ok(disagreements)
}

/// Runs the script with `args` and hands on every frame that it writes: a name and some bytes.
pub(super) fn frames(
    python: &Python,
    args: &[&str],
    mut receive: impl FnMut(&str, Vec<u8>) -> Result<()>,
) -> Result<()> {
    let script = sh::root().join("xtask/src/corpus/disassemble.py");
    let mut command = python.command();
    let mut child = command
        .arg(script)
        .args(args)
        .stdout(Stdio::piped())
        .spawn()?;
    let stdout = child.stdout.take().context("no stdout")?;
    let mut stream = BufReader::with_capacity(1 << 20, stdout);
    let mut head = String::new();
    while stream.read_line(&mut head)? > 0 {
        let (name, len) = head.trim_end().split_once(' ').context("malformed frame")?;
        let mut data = vec![0; len.parse()?];
        stream.read_exact(&mut data)?;
        receive(name, data)?;
        head.clear();
    }
    let status = child.wait()?;
    if !status.success() {
        bail!("disassemble.py failed: {status}");
    }
    Ok(())
}

struct Run {
    version: Version,
    path: String,
    code: Option<CodeObject>,
    files: usize,
    texts: usize,
    bytes: usize,
    spent: Duration,
    theirs: f64,
    disagreements: usize,
}

impl Default for Run {
    fn default() -> Self {
        Run {
            version: Version::V3_13,
            path: String::new(),
            code: None,
            files: 0,
            texts: 0,
            bytes: 0,
            spent: Duration::ZERO,
            theirs: 0.0,
            disagreements: 0,
        }
    }
}

impl Run {
    fn frame(&mut self, name: &str, data: Vec<u8>) -> Result<()> {
        match name {
            "file" => {
                self.path = String::from_utf8_lossy(&data).into_owned();
                self.files += 1;
            }
            "code" => {
                self.code = match CodeObject::from_marshal(self.version, &data, 0) {
                    Ok(code) => Some(code),
                    Err(error) => {
                        self.disagree(&error.to_string());
                        None
                    }
                };
            }
            "seconds" => self.theirs = std::str::from_utf8(&data)?.parse()?,
            options => self.compare_text(options, &data),
        }
        Ok(())
    }

    fn compare_text(&mut self, options: &str, theirs: &[u8]) {
        let Some(code) = &self.code else {
            return;
        };
        let has = |name: &str| options.split('+').any(|option| option == name);
        let dis = code.dis().with(DisOptions {
            show_caches: has("show_caches"),
            adaptive: has("adaptive"),
            show_offsets: has("show_offsets"),
            show_positions: has("show_positions"),
            without_nested: false,
        });
        let start = Instant::now();
        let mut ours = String::new();
        // Writing to a String cannot fail.
        let _ = dis.write(&mut ours);
        if options == "plain" {
            self.spent += start.elapsed();
        }
        self.texts += 1;
        self.bytes += ours.len();
        if ours.as_bytes() == theirs {
            return;
        }
        let theirs = String::from_utf8_lossy(theirs);
        if let Some(message) = first_difference(self.version, &ours, &theirs) {
            self.disagree(&format!("{options}\n{message}"));
        }
    }

    fn disagree(&mut self, message: &str) {
        self.disagreements += 1;
        if self.disagreements <= SHOWN {
            println!("  {}: {message}", self.path);
        }
    }
}

/// The first line that differs, and not only in the order of a set, which files and interpreters choose as they like.
fn first_difference(version: Version, ours: &str, theirs: &str) -> Option<String> {
    // Constants may hold what other languages take for a line's end, so only this one counts.
    let (mut our_lines, mut their_lines) = (ours.split('\n'), theirs.split('\n'));
    for number in 1.. {
        let (our, their) = (our_lines.next(), their_lines.next());
        if our.is_none() && their.is_none() {
            break;
        }
        let (our, their) = (our.unwrap_or("(end)"), their.unwrap_or("(end)"));
        if our != their
            && !same_but_for_order(our, their)
            && !(version == Version::V2_7 && same_but_for_long(our, their))
        {
            let mut message = String::new();
            let _ = write!(
                message,
                "    line {number}\n    pyco    {our:?}\n    CPython {their:?}"
            );
            return Some(message);
        }
    }
    None
}

/// Whether two lines about a frozenset consist of the same items in another order.
fn same_but_for_order(ours: &str, theirs: &str) -> bool {
    let items = |line: &str| {
        let mut items = line
            .split([',', '{', '}', '(', ')'])
            .map(|item| item.trim().to_owned())
            .collect::<Vec<_>>();
        items.sort();
        items
    };
    ours.contains("frozenset(") && items(ours) == items(theirs)
}

/// Whether their line shows longs of Python 2 where ours, for which an int is an int, shows ints.
fn same_but_for_long(ours: &str, theirs: &str) -> bool {
    let ints = |line: &str| line.replace("L)", ")").replace("L,", ",");
    ints(ours) == ints(theirs)
}
