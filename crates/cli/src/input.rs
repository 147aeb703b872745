//! Reading the files that people name: what is not a `.pyc` is told apart and said in one line.
//!
//! Errors carry no file name; the caller adds it, once, in front.

use std::fs::File;
use std::io::{Error, ErrorKind, Read};
use std::path::Path;

use anyhow::{Result, anyhow, bail};
use pyco_code::{CodeObject, Version};
use pyco_marshal::{Magic, Pyc};

/// More than any `.pyc` has: what is larger is a device, or named by mistake.
const MAX_SIZE: u64 = 1 << 28;

/// The bytes of a file that is more than empty.
pub(crate) fn read(path: &Path) -> Result<Vec<u8>> {
    let bytes = read_text(path)?;
    if bytes.is_empty() {
        bail!("the file is empty, expected a .pyc header at offset 0x0");
    }
    Ok(bytes)
}

/// The bytes of a file, which may have none.
pub(crate) fn read_text(path: &Path) -> Result<Vec<u8>> {
    if path.is_dir() {
        bail!("found a directory, expected a .pyc file");
    }
    // As text, because an `io::Error` stands for trouble with standard output.
    let explain = |error: Error| match error.kind() {
        ErrorKind::NotFound => anyhow!("no such file"),
        ErrorKind::PermissionDenied => anyhow!("permission denied"),
        _ => anyhow!("{error}"),
    };
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(explain)?;
    file.take(MAX_SIZE + 1)
        .read_to_end(&mut bytes)
        .map_err(explain)?;
    if bytes.len() as u64 > MAX_SIZE {
        bail!("found more than {MAX_SIZE} bytes, expected a .pyc file");
    }
    Ok(bytes)
}

/// The header of a `.pyc`, of whatever Python.
pub(crate) fn pyc(bytes: &[u8]) -> Result<Pyc<'_>> {
    Pyc::read(bytes).map_err(|error| explain_header(bytes, error))
}

/// The header of a `.pyc`, and the version of CPython that wrote it.
pub(crate) fn header(bytes: &[u8]) -> Result<(Pyc<'_>, Version)> {
    let pyc = pyc(bytes)?;
    let magic = pyc.header().magic();
    let number = magic.number();
    match Version::from_magic(number) {
        Some(version) => Ok((pyc, version)),
        None if Version::try_from(pyc.version()).is_ok() => bail!(
            "magic number {number} is of the pre-release {}, whose bytecode no release has, \
             expected that of a release at offset 0x0",
            magic.first_release()
        ),
        None => bail!(
            "magic number {number} is of Python {}, expected 2.7 or 3.6 to 3.15 at offset 0x0",
            pyc.version()
        ),
    }
}

/// The header and the module's code object.
pub(crate) fn code(bytes: &[u8]) -> Result<(Pyc<'_>, CodeObject)> {
    let (pyc, version) = header(bytes)?;
    let start = bytes.len() - pyc.marshalled().len();
    let code = CodeObject::from_marshal(version, pyc.marshalled(), start)?;
    Ok((pyc, code))
}

/// Why a file has no header, in the words of someone who may have named the wrong file.
fn explain_header(bytes: &[u8], error: pyco_marshal::Error) -> anyhow::Error {
    if is_text(bytes) {
        return anyhow!("found a text file, expected a .pyc magic number at offset 0x0");
    }
    let Some(&[low, high, b'\r', b'\n']) = bytes.first_chunk() else {
        return error.into();
    };
    let number = u16::from_le_bytes([low, high]);
    match (Magic::from_number(number), foreign(number)) {
        (None, Some(writer)) => anyhow!(
            "magic number {number} is of {writer}, expected 2.7 or 3.6 to 3.15 at offset 0x0"
        ),
        _ => error.into(),
    }
}

/// Which Python has a magic number that is none of those that pyco knows, where the number tells.
fn foreign(number: u16) -> Option<String> {
    // From 3.11 on, the numbers of 3.n start at 2900 + 50 n (CPython's own rule for the future).
    const FIRST_UNKNOWN: u16 = 3700;
    const LAST_RULED: u16 = 3999;
    let release = match number {
        FIRST_UNKNOWN..=LAST_RULED => return Some(format!("Python 3.{}", (number - 2900) / 50)),
        20121 => "1.5",
        50428 => "1.6",
        50823 => "2.0",
        60202 => "2.1",
        60717 => "2.2",
        62011 | 62021 => "2.3",
        62041 | 62051 | 62061 => "2.4",
        62071 | 62081 | 62091 | 62092 | 62101 | 62111 | 62121 | 62131 => "2.5",
        62151 | 62161 => "2.6",
        _ => return None,
    };
    Some(format!("Python {release}"))
}

/// Whether this looks like text: no control characters but white space, and valid UTF-8 so far.
fn is_text(bytes: &[u8]) -> bool {
    let start = &bytes[..bytes.len().min(512)];
    let is_utf8 = match std::str::from_utf8(start) {
        Ok(_) => true,
        // The cut may have gone through a character.
        Err(error) => error.error_len().is_none(),
    };
    let is_control = |byte: &u8| *byte < 0x20 && !matches!(byte, b'\t' | b'\n' | b'\r' | 0x0c);
    is_utf8 && !start.iter().any(is_control)
}

#[cfg(test)]
mod tests {
    use super::{foreign, is_text};

    #[test]
    fn text_is_told_from_bytes() {
        assert!(is_text(b"import sys\r\n"));
        assert!(is_text("größe".as_bytes()));
        assert!(is_text(&"é".repeat(400).as_bytes()[1..].to_vec()[1..]));
        assert!(!is_text(b"\xf3\x0d\x0d\x0a\0\0\0\0"));
    }

    #[test]
    fn magic_numbers_tell_their_python() {
        assert_eq!(foreign(3700).as_deref(), Some("Python 3.16"));
        assert_eq!(foreign(3751).as_deref(), Some("Python 3.17"));
        assert_eq!(foreign(62161).as_deref(), Some("Python 2.6"));
        assert_eq!(foreign(44510), None);
        assert_eq!(foreign(10), None);
    }
}
