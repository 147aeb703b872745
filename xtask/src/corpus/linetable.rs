//! `corpus linetable`: every location table of a standard library against the interpreter's own reading of it.
//!
//! The interpreter writes records to a pipe (see `linetable.py`), which are compared as they come.

use std::io::{BufRead, BufReader};
use std::process::Stdio;

use anyhow::{Context, Result, bail, ensure};
use pyco_linetable::Format;
use pyco_linetable::properties::oracle::{self, Counts};

use crate::pythons::Python;

/// How many differences of one interpreter are shown in full.
const SHOWN: usize = 10;

pub(super) fn compare(python: &Python) -> Result<usize> {
    let release = python.release;
    let format = Format::of_release(release.major, release.minor)
        .with_context(|| format!("no format known for {release}"))?;
    let mut child = python
        .command()
        .arg("xtask/src/corpus/linetable.py")
        .stdout(Stdio::piped())
        .spawn()?;
    let mut counts = Counts::default();
    let mut difference_count = 0;
    let mut record = String::new();
    let mut refused = None;
    let stdout = child.stdout.take().context("no pipe")?;
    for line in BufReader::with_capacity(1 << 20, stdout).lines() {
        let line = line?;
        if let Some(count) = line.strip_prefix("refused ") {
            refused = Some(count.to_owned());
            continue;
        }
        record.push_str(&line);
        record.push('\n');
        if line == "end" {
            for parsed in oracle::records(&record) {
                let compared =
                    parsed.and_then(|parsed| oracle::compare(&parsed, format, &mut counts));
                if let Err(difference) = compared {
                    difference_count += 1;
                    if difference_count <= SHOWN {
                        println!("  {difference}");
                    }
                }
            }
            record.clear();
        }
    }
    let status = child.wait()?;
    ensure!(status.success(), "the interpreter stopped: {status}");
    let Some(refused) = refused else {
        bail!("the interpreter's output ends early")
    };
    print(&counts, difference_count, &refused);
    Ok(difference_count)
}

fn print(counts: &Counts, difference_count: usize, refused: &str) {
    println!(
        "  {} code objects, {} table bytes: {} positions, {} line ranges, {} line starts, {} look-ups compared; \
         {} tables encoded again to the same bytes; {difference_count} differences; {refused} files refused by the \
         interpreter",
        counts.code_count,
        counts.table_byte_count,
        counts.unit_count,
        counts.range_count,
        counts.start_count,
        counts.lookup_count,
        counts.reencoded_count,
    );
}
