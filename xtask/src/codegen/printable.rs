//! Which characters `repr` leaves as they are: `str.isprintable()` of each version.
//!
//! Unicode only ever adds printable characters (checked when asking), so that one table says for each
//! range since which version it is printable.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::PathBuf;

use anyhow::{Context, Result, ensure};

use super::File;
use super::opcodes::VERSIONS;
use crate::pythons;
use crate::sh;

fn facts_path() -> PathBuf {
    sh::root().join("xtask/facts/printable.txt")
}

/// Asks each installed CPython 3; does nothing unless all are there, because the table is about all.
pub(super) fn renew() -> Result<()> {
    let wanted = VERSIONS[1..]
        .iter()
        .map(|v| v.parse())
        .collect::<Result<Vec<_>>>()?;
    let pythons = pythons::find(&wanted, &[])?;
    if pythons.len() != wanted.len() {
        println!("kept printable.txt: it takes every version");
        return Ok(());
    }
    let mut since = BTreeMap::new();
    for python in pythons {
        let mut command = python.command();
        command.arg(sh::root().join("xtask/src/codegen/printable.py"));
        let answer = String::from_utf8(sh::output(&mut command)?)?;
        let mut count = 0;
        for line in answer.lines() {
            let (first, last) = pair(line)?;
            for point in first..=last {
                since
                    .entry(point)
                    .or_insert_with(|| python.release.to_string());
                count += 1;
            }
        }
        ensure!(
            count == since.len(),
            "CPython {} finds fewer characters printable",
            python.version
        );
    }
    std::fs::write(facts_path(), ranges(&since)?)?;
    Ok(())
}

/// One line a range: first, last, since.
fn ranges(since: &BTreeMap<u32, String>) -> Result<String> {
    let mut text = String::new();
    let mut points = since.iter().peekable();
    while let Some((first, version)) = points.next() {
        let mut last = *first;
        while let Some((next, _)) = points.next_if(|(p, v)| **p == last + 1 && *v == version) {
            last = *next;
        }
        writeln!(text, "{first:x} {last:x} {version}")?;
    }
    Ok(text)
}

fn pair(line: &str) -> Result<(u32, u32)> {
    let mut words = line.split(' ');
    let mut word = || {
        words
            .next()
            .with_context(|| format!("found {line:?}, expected two numbers"))
    };
    Ok((
        u32::from_str_radix(word()?, 16)?,
        u32::from_str_radix(word()?, 16)?,
    ))
}

pub(super) fn generate() -> Result<Vec<File>> {
    let facts = std::fs::read_to_string(facts_path()).context("xtask/facts/printable.txt")?;
    let mut text = format!(
        "//! Characters that `repr` leaves as they are: written by `cargo xtask codegen`, do not edit.\n\n\
         /// Ranges of printable code points: first, last, and the minor version of the first CPython 3\n\
         /// that finds them printable. Sorted, without overlap.\n\
         #[rustfmt::skip]\npub(crate) static PRINTABLE: [(u32, u32, u8); {}] = [\n",
        facts.lines().count()
    );
    for line in facts.lines() {
        let (first, last) = pair(line)?;
        let minor = line.rsplit('.').next().context("no version")?;
        writeln!(text, "    ({first:#x}, {last:#x}, {minor}),")?;
    }
    text.push_str("];\n");
    Ok(vec![File {
        path: "crates/code/src/generated/printable.rs".into(),
        text,
    }])
}
