//! The files that real interpreters wrote; see `tests/fixtures/record.py`.

use std::path::PathBuf;
use std::{fs, io};

use pyco_marshal::Version;

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures")
}

/// Name and bytes of every recorded `.pyc`, sorted by name.
pub(crate) fn pycs() -> Vec<(String, Vec<u8>)> {
    let mut files: Vec<_> = fs::read_dir(folder())
        .expect("the folder of fixtures")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "pyc"))
        .map(|path| {
            let name = path
                .file_name()
                .expect("a name")
                .to_string_lossy()
                .into_owned();
            (name, fs::read(&path).expect("a file"))
        })
        .collect();
    files.sort();
    files
}

/// The source that `NAME-X.Y.pyc` was compiled from.
pub(crate) fn source(pyc: &str) -> io::Result<Vec<u8>> {
    let name = pyc.split('-').next().unwrap_or(pyc);
    fs::read(folder().join("src").join(name).with_extension("py"))
}

/// The lines of `NAME-X.Y.txt` for each version recorded, split at tabs.
pub(crate) fn tables(name: &str) -> Vec<(Version, Vec<Vec<String>>)> {
    [
        Version::V3_10,
        Version::V3_11,
        Version::V3_13,
        Version::V3_14,
        Version::V3_15,
    ]
    .into_iter()
    .map(|version| {
        let path = folder().join(format!("{name}-{version}.txt"));
        let text = fs::read_to_string(path).expect("a table");
        let rows = text
            .lines()
            .map(|line| line.split('\t').map(str::to_owned).collect());
        (version, rows.collect())
    })
    .collect()
}

/// Bytes from hexadecimal digits.
pub(crate) fn unhex(digits: &str) -> Vec<u8> {
    (0..digits.len() / 2)
        .map(|i| u8::from_str_radix(&digits[2 * i..2 * i + 2], 16).expect("hex digits"))
        .collect()
}
