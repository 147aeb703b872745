//! `pyco run`: runs a program.

use std::collections::hash_map::RandomState;
use std::env;
use std::fs::File;
use std::hash::{BuildHasher, Hasher};
use std::io::{self, BufWriter, Read, Write};
use std::mem;
use std::path::{Path, PathBuf};
use std::thread;

use anyhow::{Context, Result, anyhow, bail};
use pyco_code::{CodeObject, Verified, verify};
use pyco_exec::archive::Archives;
use pyco_exec::text::HashKey;
use pyco_exec::{Compiler, Host, Outcome, SpecializationCount, Vm};

use crate::arena;
use crate::input;
use crate::python::Python;

/// What the command does, for its help.
pub(crate) const ABOUT: &str = "Run a program: one that CPython 3.11 to 3.15 has compiled, or a source where a CPython is found to compile it";

/// Python's recursion limit, not the machine's stack, is to end a recursion.
const STACK: usize = 512 << 20;

#[derive(clap::Args)]
pub(crate) struct Args {
    /// Look for imported modules here, too, after the program's own folder; may be repeated
    #[arg(long = "path", value_name = "DIR")]
    path: Vec<PathBuf>,
    /// Stop after so many calls and backward jumps
    #[arg(long, value_name = "N")]
    fuel: Option<u64>,
    /// Stop when more bytes are in use at once
    #[arg(long, value_name = "BYTES")]
    memory: Option<usize>,
    /// Allow so many Python frames on the stack
    #[arg(long, value_name = "N", default_value_t = 1000)]
    max_depth: u32,
    /// Take away files, environment, clock, process, imports from folders, source lines in tracebacks and standard input
    #[arg(long)]
    no_io: bool,
    /// Say afterwards what was specialised
    #[arg(long)]
    stats: bool,
    /// The CPython that compiles sources and whose standard library is used; else it is looked for in PYCO_PYTHONS,
    /// PATH and pyenv
    #[arg(long, value_name = "PATH")]
    python: Option<PathBuf>,
    /// The .pyc file, the .py file, or a folder or zip file with __main__.pyc or __main__.py
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
    /// The program's own arguments
    #[arg(
        value_name = "ARG",
        trailing_var_arg = true,
        allow_hyphen_values = true
    )]
    args: Vec<String>,
}

/// Runs the program; gives its exit code.
pub(crate) fn run(args: &Args) -> Result<u8> {
    let (file, folder) = locate(&args.file)?;
    let shown = file.display().to_string();
    let program = load(&file).map_err(|error| anyhow!("{shown}: {error:#}"))?;
    let python = python(args, &program).map_err(|error| match program {
        Program::Source { .. } => anyhow!("{shown}: a source has to be compiled: {error:#}"),
        Program::Bytecode(_) => error,
    })?;
    let options = Options {
        module_path: if args.no_io {
            Vec::new()
        } else {
            std::iter::once(std::path::absolute(&folder).unwrap_or(folder))
                .chain(args.path.iter().cloned())
                .collect()
        },
        arguments: std::iter::once(args.file.display().to_string())
            .chain(args.args.iter().cloned())
            .collect(),
        fuel: args.fuel,
        memory: args.memory,
        max_depth: args.max_depth,
        io: !args.no_io,
        stats: args.stats,
        python,
    };
    execute(program, options).map_err(|error| error.context(shown))
}

/// The CPython that compiles for the program.
fn python(args: &Args, program: &Program) -> Result<Option<Python>> {
    match program {
        Program::Source { .. } => Ok(Some(Python::any(args.python.as_deref())?)),
        Program::Bytecode(_) if args.no_io => Ok(None),
        Program::Bytecode(code) => Ok(Some(Python::of(code.version(), args.python.as_deref())?)),
    }
}

/// The program's file, and the folder where its imports are looked for first.
fn locate(file: &Path) -> Result<(PathBuf, PathBuf)> {
    if file.is_dir() {
        let mains = ["__main__.py", "__main__.pyc"].map(|name| file.join(name));
        let Some(main) = mains.into_iter().find(|main| main.is_file()) else {
            bail!(
                "{}: found a directory without __main__.py or __main__.pyc, expected a program",
                file.display()
            );
        };
        return Ok((main, file.to_owned()));
    }
    if let Some(main) = main_in_archive(file)? {
        return Ok((main, file.to_owned()));
    }
    let absolute = std::path::absolute(file).unwrap_or_else(|_| file.to_owned());
    let folder = absolute.parent().unwrap_or(Path::new("."));
    // What CPython compiled beside a source belongs to the folder of the source.
    let folder = match folder.file_name() {
        Some(name) if name == "__pycache__" => folder.parent().unwrap_or(folder),
        _ => folder,
    };
    Ok((file.to_owned(), folder.to_owned()))
}

/// The main program of a zip file, if the file is one.
fn main_in_archive(file: &Path) -> Result<Option<PathBuf>> {
    let is_named_so = file.extension().is_some_and(|e| e == "zip" || e == "pyz");
    let mut start = [0; 2];
    let starts = File::open(file).is_ok_and(|mut file| file.read_exact(&mut start).is_ok());
    // What has a shebang in front may be a zip file, too.
    if !starts || !is_named_so && start != *b"PK" && start != *b"#!" {
        return Ok(None);
    }
    let Some(archive) = Archives::default().of(file) else {
        return Ok(None);
    };
    let mains = ["__main__.py", "__main__.pyc"].map(|name| file.join(name));
    match mains.into_iter().find(|main| archive.is_file(main)) {
        Some(main) => Ok(Some(main)),
        None => bail!(
            "{}: found a zip file without __main__.py or __main__.pyc, expected a program",
            file.display()
        ),
    }
}

/// The bytes of the program, which may lie in a zip file.
fn read(file: &Path) -> Result<Vec<u8>> {
    if !file.is_file()
        && let Some(archive) = Archives::default().of(file)
    {
        return archive.read(file).map_err(|reason| anyhow!("{reason}"));
    }
    input::read_text(file)
}

/// What is to be run.
pub(crate) enum Program {
    /// Code that the verifier has accepted.
    Bytecode(Verified<CodeObject>),
    /// A source, and the name that its code is to have.
    Source {
        /// The bytes of the file.
        text: Vec<u8>,
        /// The absolute path.
        filename: String,
    },
}

/// The program in a file: verified code of a `.pyc`, or the text of what is named `.py`.
fn load(file: &Path) -> Result<Program> {
    if file.extension().is_some_and(|extension| extension == "py") {
        let filename = std::path::absolute(file).unwrap_or_else(|_| file.to_owned());
        return Ok(Program::Source {
            text: read(file)?,
            filename: filename.display().to_string(),
        });
    }
    let bytes = read(file)?;
    if bytes.is_empty() {
        bail!("the file is empty, expected a .pyc header at offset 0x0");
    }
    let (_, code) = input::code(&bytes)?;
    if !Vm::runs(code.version()) {
        bail!(
            "compiled by CPython {}, which `run` does not support: it runs 3.11 to 3.15",
            code.version()
        );
    }
    Ok(Program::Bytecode(verify(&code)?))
}

/// What a program is run with.
pub(crate) struct Options {
    pub(crate) module_path: Vec<PathBuf>,
    pub(crate) arguments: Vec<String>,
    pub(crate) fuel: Option<u64>,
    pub(crate) memory: Option<usize>,
    pub(crate) max_depth: u32,
    pub(crate) io: bool,
    pub(crate) stats: bool,
    /// What compiles source text for the program, and has the standard library.
    pub(crate) python: Option<Python>,
}

/// Runs the main program on a thread with room for deep recursion; gives its exit code.
pub(crate) fn execute(program: Program, options: Options) -> Result<u8> {
    arena::share();
    let thread = thread::Builder::new()
        .stack_size(STACK)
        .spawn(move || on_thread(program, options));
    let joined = thread.context("no thread for the program")?.join();
    joined.map_err(|_| anyhow!("the interpreter failed; please report the file"))?
}

fn on_thread(program: Program, options: Options) -> Result<u8> {
    let mut host = Host::new();
    host.stdout = Box::new(BufWriter::with_capacity(1 << 16, io::stdout()));
    host.stderr = Box::new(io::stderr());
    if options.io {
        host.stdin = Box::new(io::stdin());
    }
    host.arguments = options.arguments;
    host.files = options.io;
    host.clock = options.io;
    host.process = options.io;
    if options.io {
        host.environment = env::vars_os().collect();
    }
    host.module_path = options.module_path;
    host.show_source = options.io;
    host.fuel = options.fuel;
    host.memory = options.memory;
    host.recursion_limit = options.max_depth;
    host.hash_key = hash_key()?;
    let version = match (&program, &options.python) {
        (Program::Bytecode(code), _) => code.version(),
        (Program::Source { .. }, Some(python)) => python.version(),
        (Program::Source { .. }, None) => bail!("nothing compiles it"),
    };
    host.compiler = options
        .python
        .map(|python| Box::new(python) as Box<dyn Compiler>);
    let mut vm = Vm::new(version, host)?;
    pyco_stdlib::install(&mut vm);
    if options.stats {
        vm.count_executions();
    }
    let outcome = match program {
        Program::Bytecode(code) => vm.run_program(code),
        Program::Source { text, filename } => vm.run_source(&text, &filename),
    };
    if options.stats {
        write_stats(&vm.specializations(), &mut io::stderr())?;
    }
    // The process ends here, so what is left of the program need not be taken apart; only the compiler's process is to end, too.
    drop(vm.host_mut().compiler.take());
    mem::forget(vm);
    match outcome {
        Outcome::Exit(code) => Ok(code),
        Outcome::Limit(message) => Err(anyhow!("stopped: {message}")),
    }
}

/// The secret of string hashes: what PYTHONHASHSEED says, else random.
fn hash_key() -> Result<HashKey> {
    match env::var("PYTHONHASHSEED") {
        Ok(seed) if !seed.is_empty() && seed != "random" => {
            let seed = seed.parse::<u32>();
            let seed = seed.map_err(|_| {
                anyhow!("PYTHONHASHSEED must be \"random\" or an integer in range [0; 4294967295]")
            })?;
            Ok(HashKey::from_seed(seed))
        }
        _ => {
            let random = || RandomState::new().build_hasher().finish();
            Ok(HashKey::new(random(), random()))
        }
    }
}

/// A table of what was specialised, and a list of what was not.
pub(crate) fn write_stats(counts: &[SpecializationCount], out: &mut dyn Write) -> io::Result<()> {
    let executed: u64 = counts.iter().map(|count| count.executed).sum();
    writeln!(out, "{executed} instructions executed")?;
    writeln!(
        out,
        "{:<52} {:>12} {:>7} {:>10} {:>8} {:>8}",
        "instruction", "hits", "share", "put", "misses", "not fit"
    )?;
    let mut by_hits: Vec<&SpecializationCount> = counts.iter().collect();
    by_hits.sort_by_key(|count| std::cmp::Reverse(count.executed));
    for count in by_hits {
        let hits = count.executed.saturating_sub(count.missed);
        let share = 100.0 * count.executed as f64 / executed.max(1) as f64;
        writeln!(
            out,
            "{:<52} {hits:>12} {share:>6.1}% {:>10} {:>8} {:>8}",
            count.instruction, count.specialized, count.missed, count.failed
        )?;
    }
    if counts.iter().all(|count| count.unfit.is_empty()) {
        return Ok(());
    }
    writeln!(
        out,
        "\nWhat had no specialised form, by the types of the operands:"
    )?;
    for count in counts {
        for (types, times) in count.unfit.iter().take(8) {
            writeln!(out, "{:<28} {times:>8} {types}", count.instruction)?;
        }
    }
    Ok(())
}
