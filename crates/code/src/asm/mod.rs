//! Code objects as text that a person can edit, and back: `pyco dis --asm` and `pyco asm` (3.11 to 3.15).
//!
//! | you want | take |
//! |---|---|
//! | the text of a code object and all below it | [`write()`] |
//! | the code object of a text | [`parse`] |
//! | the text of a `.pyc`, its header and marshal's choices included | [`from_pyc`] |
//! | the `.pyc` of a text | [`to_pyc`] |
//!
//! The language is described in `docs/asm.md`. Invariants: `to_pyc(from_pyc(file))` is `file` byte for byte, whoever
//! wrote it; what the assembler would not make again stands in the text as bytes; nothing recurses over what
//! a file or a text holds; no text makes anything here panic.

mod body;
mod error;
mod layout;
mod lex;
mod literal;
mod location;
mod operand;
mod parse;
mod print;
mod same;

use alloc::string::String;
use alloc::vec::Vec;

use pyco_marshal::{Header, Pyc, Source};

use crate::code_object::CodeObject;
use crate::error::{Error as CodeError, ErrorKind, Place};
use crate::version::Version;

pub use error::Error;

/// The text of a code object and all below it.
///
/// ```
/// use pyco_code::{CodeObject, Version, asm};
/// # let marshalled = b"c\0\0\0\0\0\0\0\0\0\0\0\0\x01\0\0\0\0\0\0\0\xf3\x04\0\0\0\x95\0g\0)\x01N\
/// #     \xa9\0r\x01\0\0\0\xf3\0\0\0\0\xda\x08empty.py\xda\x08<module>r\x04\0\0\0\x01\0\0\0\
/// #     s\x05\0\0\0\xf1\x03\x01\x01\x01r\x02\0\0\0";
/// let code = CodeObject::from_marshal(Version::V3_13, marshalled, 0)?;
/// let text = asm::write(&code)?;
/// assert!(text.contains("    RESUME"));
/// assert_eq!(asm::parse(&text)?, code);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// [`ErrorKind::NotEditable`] for versions before 3.11; [`ErrorKind::TooLarge`] where a small file refers to
/// its parts so often that the text would not fit any memory.
pub fn write(code: &CodeObject) -> Result<String, CodeError> {
    let mut out = String::new();
    print::version(code.version(), &mut out)?;
    print::tree(code, &mut out)?;
    Ok(out)
}

/// The code object of a text.
///
/// # Errors
/// Where the text is not what [`write()`] writes, or says what no code object can be: the line, the column and the reason.
pub fn parse(text: &str) -> Result<CodeObject, Error> {
    parse::parse(text).map(|file| file.code)
}

/// The text of a `.pyc`.
///
/// # Errors
/// Those of [`CodeObject::from_pyc`] and of [`write()`].
pub fn from_pyc(file: &[u8]) -> Result<String, CodeError> {
    let code = CodeObject::from_pyc(file)?;
    let pyc = Pyc::read(file).map_err(CodeError::marshal)?;
    let mut out = String::new();
    print::version(code.version(), &mut out)?;
    print::source(pyc.header(), &mut out);
    print::tree(&code, &mut out)?;
    print::marshal_section(&code, &pyc, &mut out)?;
    Ok(out)
}

/// The `.pyc` of a text.
///
/// A text without `.source` gets a header that says of the source: changed never, size 0.
///
/// # Errors
/// Those of [`parse`].
///
/// ```
/// use pyco_code::asm;
///
/// let text = "
/// .version 3.13
/// .code main
///     .consts \"hello\"
///     RESUME 0 @ 1
///     LOAD_NAME = \"print\"
///     PUSH_NULL
///     LOAD_CONST 0
///     CALL 1
///     RETURN_VALUE
/// ";
/// let file = asm::to_pyc(text)?;
/// let code = pyco_code::CodeObject::from_pyc(&file)?;
/// assert_eq!((code.names().len(), code.stacksize()), (1, 3));
///
/// let error = asm::to_pyc(".version 3.13\n.code main\n    LOAD_CONT 0").unwrap_err();
/// assert_eq!(error.to_string(), "3:5: found LOAD_CONT, expected an instruction of CPython 3.13");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn to_pyc(text: &str) -> Result<Vec<u8>, Error> {
    let file = parse::parse(text)?;
    let version = file.code.version();
    let source = file.source.unwrap_or(Source::Timestamp {
        mtime: 0,
        size: Some(0),
    });
    let header = Header::new(version.into(), source).map_err(|error| file.refused(&error))?;
    let mut bytes = header.to_bytes();
    let as_read = file
        .layout
        .as_ref()
        .and_then(|layout| layout.emit(&file.code));
    match (as_read, file.unchanged()) {
        (Some(body), _) => bytes.extend(body),
        (None, Some(body)) => bytes.extend_from_slice(body),
        (None, None) => {
            let body = file.code.to_marshal();
            bytes.extend(body.map_err(|error| file.refused(&error))?);
        }
    }
    bytes.extend_from_slice(&file.trailing);
    Ok(bytes)
}

fn require_editable(version: Version) -> Result<(), CodeError> {
    if version.has_localsplus() {
        Ok(())
    } else {
        let kind = ErrorKind::NotEditable(version);
        Err(CodeError::new(kind, Place::Unknown))
    }
}
