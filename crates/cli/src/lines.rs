//! `pyco lines`: `co_lines` and `co_positions` of every code object.
//!
//! With `--json` one object a line in the form that docs promise; without, a table of the ranges of
//! bytecode that share one location.

use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use pyco_code::{CodeObject, Location};
use serde::Serialize;

use crate::output::Output;
use crate::{input, source};

#[derive(clap::Args)]
pub(crate) struct Args {
    /// The .pyc files
    #[arg(required = true, value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,
    /// One JSON object a code object: file, qualname, firstlineno, lines, positions
    #[arg(long)]
    json: bool,
}

/// One line of `--json`.
#[derive(Serialize)]
struct Record<'a> {
    file: &'a str,
    qualname: &'a str,
    firstlineno: i32,
    /// Start and end in bytes of bytecode, and the line.
    lines: Vec<(u32, u32, Option<u32>)>,
    /// Line, end line, column, end column, for each code unit; `null` for versions without.
    positions: Option<Vec<Position>>,
}

type Position = (Option<u32>, Option<u32>, Option<u32>, Option<u32>);

pub(crate) fn run(args: &Args, file: &Path, out: &mut Output) -> Result<()> {
    let bytes = input::read(file)?;
    let (_, module) = input::code(&bytes)?;
    for code in module.walk() {
        let name = code.qualname().to_string_lossy();
        if args.json {
            let record = record(&file.to_string_lossy(), &name, code).context(name.to_string())?;
            writeln!(out, "{record}")?;
        } else {
            write_table(&name, code, out)?;
        }
    }
    Ok(())
}

fn record(file: &str, qualname: &str, code: &CodeObject) -> Result<String> {
    let mut lines = Vec::new();
    for range in code.lines() {
        let range = range?;
        lines.push((range.start().0, range.end().0, range.line()));
    }
    let mut positions = None;
    if code.version().has_localsplus() {
        let parts = |at: Location| (at.line(), at.end_line(), at.column(), at.end_column());
        positions = Some(
            code.positions()
                .map(|at| at.map(parts))
                .collect::<Result<_, _>>()?,
        );
    }
    let firstlineno = code.firstlineno();
    Ok(serde_json::to_string(&Record {
        file,
        qualname,
        firstlineno,
        lines,
        positions,
    })?)
}

fn write_table(name: &str, code: &CodeObject, out: &mut Output) -> Result<()> {
    let filename = code.filename().to_string_lossy();
    writeln!(out, "{name} ({filename}:{})", code.firstlineno())?;
    if !code.version().has_localsplus() {
        for range in code.lines() {
            let range = range.with_context(|| name.to_owned())?;
            let line = range
                .line()
                .map_or("no line".into(), |line| format!("line {line}"));
            writeln!(out, "{:>7}..{:<7} {line}", range.start().0, range.end().0)?;
        }
        return Ok(());
    }
    // The start of the run in bytes, and its location.
    let mut run: Option<(u32, Location)> = None;
    let mut offset = 0;
    for location in code.positions() {
        let location = location.with_context(|| name.to_owned())?;
        match run {
            Some((_, same)) if same == location => {}
            _ => {
                write_run(run, offset, out)?;
                run = Some((offset, location));
            }
        }
        offset += 2;
    }
    write_run(run, offset, out)
}

fn write_run(run: Option<(u32, Location)>, end: u32, out: &mut Output) -> Result<()> {
    if let Some((start, location)) = run {
        let text = source::describe(location);
        writeln!(out, "{start:>7}..{end:<7} {text}")?;
    }
    Ok(())
}
