//! Reads every `.pyc` given, or below a directory given, and checks that it comes back byte for
//! byte: `cargo run --release -p pyco-marshal --example check -- PATH…`.

use std::path::{Path, PathBuf};
use std::{env, fs};

use pyco_marshal::{Error, Pyc};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let (mut files, mut nodes, mut failures) = (0usize, 0usize, 0usize);
    let mut pending: Vec<PathBuf> = env::args_os().skip(1).map(PathBuf::from).collect();
    while let Some(path) = pending.pop() {
        if path.is_dir() {
            for entry in fs::read_dir(&path)? {
                pending.push(entry?.path());
            }
        } else if path.extension().is_some_and(|extension| extension == "pyc") {
            files += 1;
            match check(&path, &fs::read(&path)?) {
                Ok(count) => nodes += count,
                Err(message) => {
                    failures += 1;
                    eprintln!("{}: {message}", path.display());
                }
            }
        }
    }
    println!("{files} files, {nodes} objects, {failures} failures");
    Ok(())
}

/// The count of objects in the file.
fn check(_: &Path, file: &[u8]) -> Result<usize, String> {
    let text = |error: Error| error.to_string();
    let pyc = Pyc::read(file).map_err(text)?;
    let document = pyc.document().map_err(text)?;
    let mut written = pyc.header().to_bytes();
    document.encode_to(&mut written);
    if written != file {
        return Err("comes back changed".to_owned());
    }
    pyc.code().map_err(text)?;
    Ok(document.node_count())
}
