//! `pyco show`: the header of a `.pyc` and the tree of its code objects.

use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::Result;
use pyco_code::{CodeFlags, CodeObject, Version};
use pyco_marshal::{Header, Pyc, Source};
use serde_json::{Value, json};

use crate::input;
use crate::output::Output;

/// A hostile file may refer to one code object from many places, so the tree needs an end.
const MAX_SHOWN: usize = 100_000;

#[derive(clap::Args, Default)]
pub(crate) struct Args {
    /// The .pyc files
    #[arg(required = true, value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,
    /// One JSON object a file
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(args: &Args, file: &Path, out: &mut Output) -> Result<()> {
    let bytes = input::read(file)?;
    let (pyc, module) = input::code(&bytes)?;
    if args.json {
        writeln!(out, "{}", as_json(file, &pyc, &module))?;
        return Ok(());
    }
    write_header(file, &pyc, &module, bytes.len(), out)?;
    write_tree(&module, out)
}

fn write_header(
    file: &Path,
    pyc: &Pyc<'_>,
    module: &CodeObject,
    size: usize,
    out: &mut Output,
) -> Result<()> {
    let magic = pyc.header().magic();
    let marshalled = pyc.marshalled().len();
    writeln!(out, "{}", file.display())?;
    writeln!(
        out,
        "  written by    CPython {} (magic number {})",
        pyc.version(),
        magic.number()
    )?;
    writeln!(out, "  source        {}", describe_source(pyc.header()))?;
    writeln!(
        out,
        "  compiled from {}",
        module.filename().to_string_lossy()
    )?;
    writeln!(
        out,
        "  size          {size} bytes: {} of header, {marshalled} marshalled",
        size - marshalled
    )?;
    let (mut count, mut code_len) = (0, 0);
    for code in module.walk().take(MAX_SHOWN) {
        count += 1;
        code_len += code.code().len();
    }
    writeln!(out, "  code objects  {count}, {code_len} bytes of bytecode")?;
    Ok(())
}

fn describe_source(header: &Header) -> String {
    match header.source() {
        Source::Timestamp { mtime, size } => {
            let size = size.map_or(String::new(), |size| format!(", {size} bytes"));
            format!("modified {}{size}", utc(mtime))
        }
        Source::Hash { hash, is_checked } => {
            let hash = hex(hash);
            let checked = if is_checked { "checked" } else { "not checked" };
            format!("hash {hash}, {checked} on import")
        }
    }
}

fn hex(bytes: [u8; 8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A time stamp as UTC, by the proleptic Gregorian calendar.
fn utc(seconds: u32) -> String {
    let (days, rest) = (seconds / 86_400, seconds % 86_400);
    // Days since 0000-03-01, in eras of 400 years (Howard Hinnant's civil_from_days).
    let day = days + 719_468;
    let (era, of_era) = (day / 146_097, day % 146_097);
    let year = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let shifted = (5 * of_year + 2) / 153;
    let day = of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 {
        shifted + 3
    } else {
        shifted - 9
    };
    let year = year + era * 400 + u32::from(month <= 2);
    let (hour, minute, second) = (rest / 3600, rest / 60 % 60, rest % 60);
    format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02} UTC")
}

fn write_tree(module: &CodeObject, out: &mut Output) -> Result<()> {
    // Each with what stands before it and before what is below it.
    let mut pending = vec![(module, String::new(), String::new())];
    let mut shown = 0;
    while let Some((code, before, before_children)) = pending.pop() {
        if shown == MAX_SHOWN {
            writeln!(out, "… more than {MAX_SHOWN} code objects")?;
            break;
        }
        shown += 1;
        let title = format!(
            "{before}{}{}",
            code.name().to_string_lossy(),
            signature(code)
        );
        writeln!(out, "{title:<40} {}", details(code))?;
        let children = code.children().collect::<Vec<_>>();
        for (index, child) in children.iter().enumerate().rev() {
            let is_last = index + 1 == children.len();
            let (branch, trunk) = if is_last {
                ("└── ", "    ")
            } else {
                ("├── ", "│   ")
            };
            let branch = format!("{before_children}{branch}");
            pending.push((child, branch, format!("{before_children}{trunk}")));
        }
    }
    Ok(())
}

/// The parameters of a function, as in its `def`; nothing for modules and class bodies.
fn signature(code: &CodeObject) -> String {
    let flags = code.flags();
    if !flags.contains(CodeFlags::OPTIMIZED) {
        return String::new();
    }
    let names = code.varnames().map(|name| name.to_string_lossy());
    let mut names = names
        .take(code.total_args() as usize)
        .collect::<Vec<_>>()
        .into_iter();
    let (argcount, posonly) = (code.argcount() as usize, code.posonlyargcount() as usize);
    let mut parts = Vec::new();
    for (index, name) in names.by_ref().take(argcount).enumerate() {
        parts.push(name.into_owned());
        if index + 1 == posonly {
            parts.push("/".into());
        }
    }
    let keyword_only = names
        .by_ref()
        .take(code.kwonlyargcount() as usize)
        .collect::<Vec<_>>();
    let mut star = || names.next().unwrap_or_default();
    if flags.contains(CodeFlags::VARARGS) {
        parts.push(format!("*{}", star()));
    } else if !keyword_only.is_empty() {
        parts.push("*".into());
    }
    parts.extend(keyword_only.into_iter().map(std::borrow::Cow::into_owned));
    if flags.contains(CodeFlags::VARKEYWORDS) {
        parts.push(format!("**{}", star()));
    }
    format!("({})", parts.join(", "))
}

fn details(code: &CodeObject) -> String {
    let kinds = [
        (CodeFlags::ASYNC_GENERATOR, ", async generator"),
        (CodeFlags::COROUTINE, ", coroutine"),
        (CodeFlags::GENERATOR, ", generator"),
    ];
    let kind = kinds.iter().find(|(flag, _)| code.flags().contains(*flag));
    let kind = kind.map_or("", |(_, kind)| kind);
    let mut text = format!(
        "line {}, {} bytes, stack {}{kind}",
        code.firstlineno(),
        code.code().len(),
        code.stacksize()
    );
    let free = code
        .freevars()
        .map(|name| name.to_string_lossy())
        .collect::<Vec<_>>();
    if !free.is_empty() {
        text.push_str(&format!(", free {}", free.join(" ")));
    }
    text
}

fn as_json(file: &Path, pyc: &Pyc<'_>, module: &CodeObject) -> Value {
    let source = match pyc.header().source() {
        Source::Timestamp { mtime, size } => json!({"mtime": mtime, "size": size}),
        Source::Hash { hash, is_checked } => {
            json!({"hash": hex(hash), "is_checked": is_checked})
        }
    };
    let objects = module
        .walk()
        .take(MAX_SHOWN)
        .map(|code| code_as_json(module.version(), code));
    json!({
        "file": file.to_string_lossy(),
        "python": pyc.version().to_string(),
        "magic": pyc.header().magic().number(),
        "source": source,
        "code_objects": objects.collect::<Vec<_>>(),
    })
}

fn code_as_json(version: Version, code: &CodeObject) -> Value {
    let names = |names: pyco_code::LocalNames<'_>| {
        names
            .map(|name| name.to_string_lossy().into_owned())
            .collect::<Vec<_>>()
    };
    json!({
        "qualname": code.qualname().to_string_lossy(),
        "filename": code.filename().to_string_lossy(),
        "firstlineno": code.firstlineno(),
        "argcount": code.argcount(),
        "posonlyargcount": code.posonlyargcount(),
        "kwonlyargcount": code.kwonlyargcount(),
        "nlocals": code.nlocals(),
        "stacksize": code.stacksize(),
        "flags": code.flags().bits(),
        "flag_names": code.flags().named(version).collect::<Vec<_>>(),
        "code_size": code.code().len(),
        "varnames": names(code.varnames()),
        "cellvars": names(code.cellvars()),
        "freevars": names(code.freevars()),
        "children": code.children().count(),
    })
}

#[cfg(test)]
mod tests {
    use super::utc;

    #[test]
    fn time_stamps_are_shown_in_utc() {
        assert_eq!(utc(0), "1970-01-01 00:00:00 UTC");
        assert_eq!(utc(951_827_696), "2000-02-29 12:34:56 UTC");
        assert_eq!(utc(u32::MAX), "2106-02-07 06:28:15 UTC");
    }
}
