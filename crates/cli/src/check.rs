//! `pyco check`: whether every `.pyc` below some paths comes back byte for byte and verifies.
//!
//! A file passes if its header, its marshalled object, and each code object's location and exception tables,
//! taken apart and written anew, give the same bytes; and, from 3.11 on, if the verifier accepts it and each code
//! object, disassembled and assembled, is the same again. Files are spread over all cores, and reported in the order
//! of their names.

use std::collections::BTreeSet;
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow, bail, ensure};
use pyco_code::edit::Assembly;
use pyco_code::{CodeObject, Version, verify};
use pyco_linetable::{LineTable, LineTableBuilder, LocationTable, LocationTableBuilder};
use serde_json::json;

use crate::output::Output;
use crate::{batch, input};

#[derive(clap::Args)]
pub(crate) struct Args {
    /// The .pyc files, or folders to be searched for them
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// One JSON object a file: its name, how many code objects, and the error or null
    #[arg(long)]
    json: bool,
}

/// The count of code objects, or why the file failed.
type Outcome = Result<usize>;

/// Gives back whether all files passed.
pub(crate) fn run(args: &Args, out: &mut Output) -> Result<bool> {
    let files = batch::find(&args.paths);
    let outcomes = batch::map(&files, check);
    let code_objects = outcomes.iter().flatten().sum::<usize>();
    if args.json {
        for (file, outcome) in files.iter().zip(&outcomes) {
            let error = outcome.as_ref().err().map(|error| format!("{error:#}"));
            let count = outcome.as_ref().unwrap_or(&0);
            let name = file.to_string_lossy();
            writeln!(
                out,
                "{}",
                json!({"file": name, "code_objects": count, "error": error})
            )?;
        }
        return Ok(outcomes.iter().all(Result::is_ok));
    }
    let failed = batch::print_failures(&files, &outcomes, out)?;
    writeln!(
        out,
        "{} files: {} came back byte for byte with their {code_objects} code objects, {failed} failed",
        files.len(),
        files.len() - failed
    )?;
    Ok(failed == 0)
}

fn check(file: &Path) -> Outcome {
    let bytes = input::read(file)?;
    let (pyc, module) = input::code(&bytes)?;
    let header = pyc.header().to_bytes();
    ensure!(
        bytes.starts_with(&header),
        "the header comes back otherwise at offset 0x0"
    );
    let document = pyc.document()?;
    if let Some(offset) = first_difference(&document.encode(), pyc.marshalled()) {
        bail!(
            "marshal comes back otherwise at offset {:#x}",
            header.len() + offset
        );
    }
    if module.version() >= Version::V3_11 {
        verify(&module)?;
    }
    // A hostile file may refer to one code object from many places; each is checked once.
    let mut seen = BTreeSet::new();
    let mut pending = vec![&module];
    while let Some(code) = pending.pop() {
        if seen.insert(code.id()) {
            check_code(code).with_context(|| code.qualname().to_string_lossy().into_owned())?;
            pending.extend(code.children());
        }
    }
    Ok(seen.len())
}

fn check_code(code: &CodeObject) -> Result<()> {
    check_tables(code)?;
    if code.version() < Version::V3_11 {
        return Ok(());
    }
    let new = Assembly::of(code)?.assemble(code)?;
    let parts = [
        ("bytecode", new.code(), code.code()),
        ("location table", new.linetable(), code.linetable()),
        (
            "exception table",
            new.exceptiontable().as_bytes(),
            code.exceptiontable().as_bytes(),
        ),
    ];
    for (what, found, expected) in parts {
        if let Some(offset) = first_difference(found, expected) {
            bail!("the {what} is assembled otherwise at its byte {offset}");
        }
    }
    Ok(())
}

fn check_tables(code: &CodeObject) -> Result<()> {
    let same = |what: &str, found: &[u8], expected: &[u8]| match first_difference(found, expected) {
        None => Ok(()),
        Some(offset) => Err(anyhow!(
            "the {what} table comes back otherwise at its byte {offset}"
        )),
    };
    if let Some(table) = location_table(code)? {
        same("location", &table, code.linetable())?;
    }
    let mut table = Vec::new();
    for entry in code.exceptiontable() {
        entry?.encode(&mut table)?;
    }
    let stored = code.exceptiontable();
    same("exception", &table, stored.as_bytes())
}

/// The location table written anew from what it says; `None` up to 3.9, whose form is not settled by that.
fn location_table(code: &CodeObject) -> Result<Option<Vec<u8>>> {
    let (bytes, first_line) = (code.linetable(), code.firstlineno());
    if code.version() < Version::V3_10 {
        return Ok(None);
    }
    if code.version() == Version::V3_10 {
        let mut builder = LineTableBuilder::new(first_line);
        for range in LineTable::new(bytes, first_line).lines() {
            let range = range?;
            builder.push(range.end().0 - range.start().0, range.line())?;
        }
        return Ok(Some(builder.finish()?));
    }
    let rule = code.locations().format().lines_rule();
    let mut builder = LocationTableBuilder::new(first_line, rule);
    for entry in LocationTable::new(bytes, first_line).entries() {
        let entry = entry?;
        builder.push(u32::from(entry.unit_count), entry.location)?;
    }
    Ok(Some(builder.finish()?))
}

/// The first offset at which the two differ, the end of the shorter one included.
fn first_difference(a: &[u8], b: &[u8]) -> Option<usize> {
    if a == b {
        return None;
    }
    let shared = a.iter().zip(b).take_while(|(a, b)| a == b).count();
    Some(shared)
}

#[cfg(test)]
mod tests {
    use super::first_difference;

    #[test]
    fn the_first_difference_may_be_the_end() {
        assert_eq!(first_difference(b"abc", b"abc"), None);
        assert_eq!(first_difference(b"abc", b"axc"), Some(1));
        assert_eq!(first_difference(b"ab", b"abc"), Some(2));
    }
}
