//! `corpus marshal`: a whole standard library read, written back to the same bytes, and rewritten.
//!
//! The interpreter compiles and marshals each module (see `marshal.py`). Here it is decoded without loss and
//! encoded again, which must give the same bytes; its canonical form goes back to the interpreter, which loads it
//! and compares. What CPython's own writer makes of it is imitated and counted.

use std::io::{BufReader, BufWriter, Read, Write};
use std::process::Stdio;

use anyhow::{Context, Result, bail, ensure};
use pyco_marshal::{Document, ReadOptions, Style, Value, Version, WriteOptions};

use crate::pythons::Python;

/// How many differences of one interpreter are shown in full.
const SHOWN: usize = 10;

#[derive(Default)]
struct Counts {
    module_count: usize,
    byte_count: usize,
    node_count: usize,
    canonical_count: usize,
    imitated_count: usize,
    differences: Vec<String>,
}

pub(super) fn compare(python: &Python) -> Result<usize> {
    let mut child = python
        .command()
        .arg("xtask/src/corpus/marshal.py")
        .args(&python.more_sources)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()?;
    let mut stdin = BufWriter::new(child.stdin.take().context("no pipe")?);
    let mut stdout = BufReader::with_capacity(1 << 20, child.stdout.take().context("no pipe")?);
    let version = Version::new(python.release.major, python.release.minor);
    let mut counts = Counts::default();
    loop {
        let module = read_sized(&mut stdout)?;
        if module.is_empty() {
            break;
        }
        let settled = read_sized(&mut stdout)?;
        let canonical = check(version, &module, &settled, &mut counts).unwrap_or_else(|error| {
            counts.differences.push(error.to_string());
            Vec::new()
        });
        stdin.write_all(&u32::try_from(canonical.len())?.to_le_bytes())?;
        stdin.write_all(&canonical)?;
        stdin.flush()?;
        let mut verdict = [0];
        stdout.read_exact(&mut verdict)?;
        match &verdict {
            b"=" => counts.canonical_count += 1,
            b"-" => {}
            _ => counts
                .differences
                .push("the canonical form loads to another object".to_owned()),
        }
    }
    let refused = read_u32(&mut stdout)?;
    let status = child.wait()?;
    ensure!(status.success(), "the interpreter stopped: {status}");
    print(&counts, refused);
    Ok(counts.differences.len())
}

/// Checks one module and returns its canonical form, which is empty for Python 2.
fn check(version: Version, module: &[u8], settled: &[u8], counts: &mut Counts) -> Result<Vec<u8>> {
    let options = ReadOptions::new(version);
    for bytes in [module, settled] {
        let document = Document::decode_with(bytes, &options)?;
        ensure!(document.encode() == bytes, "a document comes back changed");
        counts.module_count += 1;
        counts.byte_count += bytes.len();
        counts.node_count += document.node_count();
    }
    let value = Value::from_marshal_with(module, &options)?;
    if version < Version::V3_0 {
        return Ok(Vec::new());
    }
    let write = WriteOptions::new(version);
    let canonical = value.to_marshal(&write)?;
    let settled_value = Value::from_marshal_with(settled, &options)?;
    let again = Value::from_marshal_with(&canonical, &options)?.to_marshal(&write)?;
    if canonical != settled_value.to_marshal(&write)? || canonical != again {
        bail!("the canonical form depends on who wrote it");
    }
    let imitated = settled_value.to_marshal(&write.with_style(Style::Cpython))?;
    counts.imitated_count += usize::from(imitated == settled);
    Ok(canonical)
}

fn read_u32(from: &mut impl Read) -> Result<u32> {
    let mut bytes = [0; 4];
    from.read_exact(&mut bytes)
        .context("the interpreter's output ends early")?;
    Ok(u32::from_le_bytes(bytes))
}

fn read_sized(from: &mut impl Read) -> Result<Vec<u8>> {
    let mut bytes = vec![0; read_u32(from)? as usize];
    from.read_exact(&mut bytes)
        .context("the interpreter's output ends early")?;
    Ok(bytes)
}

fn print(counts: &Counts, refused: u32) {
    for difference in counts.differences.iter().take(SHOWN) {
        println!("  {difference}");
    }
    println!(
        "  {} dumps, {} bytes, {} objects read and encoded again to the same bytes; {} canonical forms load to an \
         equal object; {} modules written exactly as CPython does; {} differences; {refused} files refused by the \
         interpreter",
        counts.module_count,
        counts.byte_count,
        counts.node_count,
        counts.canonical_count,
        counts.imitated_count,
        counts.differences.len(),
    );
}
