//! `cargo xtask corpus asm`: every module of a CPython's standard library as text that can be edited, and back to the
//! bytes of its `.pyc`.

use std::time::{Duration, Instant};

use anyhow::Result;
use pyco_code::{Version, asm};
use pyco_marshal::{Header, Source};

use super::dis;
use crate::pythons::Python;

/// How many disagreements are printed.
const SHOWN: usize = 10;

#[derive(Default)]
struct Run {
    path: String,
    files: usize,
    bytes: usize,
    text_bytes: usize,
    disagreements: usize,
    /// How many texts had to give the marshalled object as bytes.
    as_bytes: usize,
    /// How many give a code object's tables as bytes.
    with_tables: usize,
    writing: Duration,
    reading: Duration,
}

pub(crate) fn compare(python: &Python) -> Result<usize> {
    let version = python.release.to_string().parse::<Version>()?;
    if version < Version::V3_11 {
        println!("  cannot be edited");
        return Ok(0);
    }
    let source = Source::Timestamp {
        mtime: 1_700_000_000,
        size: Some(1234),
    };
    let header = Header::new(version.into(), source)?;
    let mut run = Run::default();
    dis::frames(python, &["code"], |name, data| {
        match name {
            "file" => run.path = String::from_utf8_lossy(&data).into_owned(),
            "code" => run.file(&[header.to_bytes(), data].concat()),
            _ => {}
        }
        Ok(())
    })?;
    let Run {
        files,
        bytes,
        text_bytes,
        disagreements,
        as_bytes,
        with_tables,
        writing,
        reading,
        ..
    } = run;
    println!("  {files} files, {bytes} bytes, {text_bytes} bytes of text, {disagreements} differ");
    println!(
        "  {as_bytes} with the marshalled object as bytes, {with_tables} with tables as bytes"
    );
    println!("  dis --asm {writing:.2?}, asm {reading:.2?}");
    Ok(disagreements)
}

impl Run {
    fn file(&mut self, file: &[u8]) {
        self.files += 1;
        self.bytes += file.len();
        let start = Instant::now();
        let text = match asm::from_pyc(file) {
            Ok(text) => text,
            Err(error) => return self.disagree(&error.to_string()),
        };
        self.writing += start.elapsed();
        self.text_bytes += text.len();
        self.as_bytes += usize::from(text.contains("\n.marshalled "));
        let tables = ["code_bytes", "linetable", "exceptiontable"];
        let has_table = |field: &&str| text.contains(&format!("\n    .{field} "));
        self.with_tables += usize::from(tables.iter().any(|field| has_table(field)));
        let start = Instant::now();
        match asm::to_pyc(&text) {
            Ok(again) if again == file => {}
            Ok(_) => self.disagree("comes back otherwise"),
            Err(error) => self.disagree(&error.to_string()),
        }
        self.reading += start.elapsed();
    }

    fn disagree(&mut self, message: &str) {
        self.disagreements += 1;
        if self.disagreements <= SHOWN {
            println!("  {}: {message}", self.path);
        }
    }
}
