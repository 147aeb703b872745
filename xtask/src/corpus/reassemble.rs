//! `cargo xtask corpus reassemble`: a CPython's standard library taken apart to text and put together again, and parts of
//! its own test suite run from that.
//!
//! Every module goes through `dis --asm` and `asm` without the section that keeps marshal's choices, so that all of a
//! file is written anew. The files made lie in the `__pycache__` folders of a copy of the library, marked as not to be
//! compared with the sources, so that names, sources and data that tests look at are as they always are. The interpreter
//! finds the copy in front of its path, goes without its frozen modules, and stops if it compiles any of the sources.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use pyco_code::{CodeObject, Version, asm};
use pyco_marshal::{Header, Source};

use super::dis;
use crate::pythons::Python;
use crate::sh;

/// The tests run.
const TESTS: &[&str] = &[
    "test.test_json",
    "test.test_re",
    "test.test_dataclasses",
    "test.test_asyncio.test_queues",
    "test.test_asyncio.test_locks",
];

pub(crate) fn compare(python: &Python) -> Result<usize> {
    let version = python.release.to_string().parse::<Version>()?;
    if version < Version::V3_11 {
        println!("  cannot be edited");
        return Ok(0);
    }
    let folder = format!("pyco-reassembled-{}-{version}", std::process::id());
    let folder = std::env::temp_dir().join(folder);
    let outcome = build(python, version, &folder).and_then(|()| test(python, &folder));
    fs::remove_dir_all(&folder).ok();
    outcome
}

/// Fills `folder` with the library.
fn build(python: &Python, version: Version, folder: &Path) -> Result<()> {
    // A file that says so is taken for the source beside it, whatever that is.
    let source = Source::Hash {
        hash: [0; 8],
        is_checked: false,
    };
    let header = Header::new(version.into(), source)?.to_bytes();
    let mut command = python.command();
    let ask = command.args(["-c", "import os; print(os.path.dirname(os.__file__))"]);
    let root = PathBuf::from(String::from_utf8(ask.output()?.stdout)?.trim());
    copy(&root, folder)?;
    let mut path = PathBuf::new();
    let mut count = 0;
    dis::frames(python, &["code"], |name, data| {
        match name {
            "file" => path = PathBuf::from(String::from_utf8(data)?),
            "code" => {
                let code = CodeObject::from_marshal(version, &data, 0)?;
                let again =
                    asm::parse(&asm::write(&code)?).with_context(|| path.display().to_string())?;
                let source = folder.join(path.strip_prefix(&root)?);
                let name = source.file_stem().unwrap_or_default().to_string_lossy();
                let tag = version.to_string().replace('.', "");
                let target = source.with_file_name(format!("__pycache__/{name}.cpython-{tag}.pyc"));
                fs::create_dir_all(target.parent().unwrap_or(folder))?;
                fs::write(target, [&header[..], &again.to_marshal()?].concat())?;
                count += 1;
            }
            _ => {}
        }
        Ok(())
    })?;
    println!("  {count} modules reassembled");
    Ok(())
}

/// Copies the library, but for what was compiled and what is not Python.
fn copy(root: &Path, folder: &Path) -> Result<()> {
    let skipped = [
        "__pycache__",
        "site-packages",
        "dist-packages",
        "lib-dynload",
    ];
    let mut folders = vec![PathBuf::new()];
    while let Some(inner) = folders.pop() {
        fs::create_dir_all(folder.join(&inner))?;
        for entry in fs::read_dir(root.join(&inner))? {
            let entry = entry?;
            let name = entry.file_name().to_string_lossy().into_owned();
            let path = inner.join(&name);
            if entry.file_type()?.is_dir() {
                // `config-3.14-…` holds what an embedding program is linked with.
                if !skipped.contains(&&*name) && !name.starts_with("config-") {
                    folders.push(path);
                }
            } else if entry.path().is_file() {
                fs::copy(entry.path(), folder.join(path))?;
            }
        }
    }
    Ok(())
}

/// Runs the tests. Returns how many fail that pass from the library as it is.
fn test(python: &Python, folder: &Path) -> Result<usize> {
    let script = sh::root().join("xtask/src/corpus/reassemble.py");
    let run = |path: &str| -> Result<String> {
        let mut command = python.command();
        command
            // Without `site`, which would look for packages that are not of the library.
            .args(["-S", "-X", "frozen_modules=off"])
            .arg(&script)
            .arg(path)
            .args(TESTS);
        if !path.is_empty() {
            command.env("PYTHONPATH", path);
        }
        let output = command.output()?;
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let errors = String::from_utf8_lossy(&output.stderr).into_owned();
        ensure!(output.status.success(), "the tests stopped: {errors}");
        Ok(text)
    };
    let before = run("")?;
    let after = run(&folder.to_string_lossy())?;
    let (failed_before, failed_after) = (failures(&before), failures(&after));
    println!("  as it is: {}", before.lines().last().unwrap_or_default());
    println!(
        "  reassembled: {}",
        after.lines().last().unwrap_or_default()
    );
    let new = failed_after
        .iter()
        .filter(|test| !failed_before.contains(test));
    let new = new.inspect(|test| println!("  fails only reassembled: {test}"));
    Ok(new.count())
}

/// The tests that failed, by name.
fn failures(text: &str) -> Vec<String> {
    let lines = text.lines().filter_map(|line| line.strip_prefix("failed "));
    lines.map(str::to_owned).collect()
}
