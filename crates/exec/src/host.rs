//! What the host grants to a program: nothing by default.

use std::ffi::OsString;
use std::io::{self, Read, Write};
use std::path::PathBuf;

use crate::compiler::Compiler;
use crate::text::HashKey;

/// The world as a program sees it.
///
/// ```
/// use pyco_exec::Host;
///
/// let mut host = Host::new();
/// host.stdout = Box::new(std::io::stdout());
/// host.module_path = vec!["lib".into()];
/// ```
pub struct Host {
    /// Where `print` writes; thrown away by default.
    pub stdout: Box<dyn Write>,
    /// Where tracebacks and warnings go; thrown away by default.
    pub stderr: Box<dyn Write>,
    /// Where `input` reads; empty by default.
    pub stdin: Box<dyn Read>,
    /// `sys.argv`.
    pub arguments: Vec<String>,
    /// Whether the program may open, list and change files, and use the descriptors of the standard streams; no by default.
    pub files: bool,
    /// `os.environ`; empty by default.
    pub environment: Vec<(OsString, OsString)>,
    /// Whether the program may ask for the time, and wait; no by default.
    pub clock: bool,
    /// Whether the program may learn of the process and the machine, handle signals and end the process; no by default.
    pub process: bool,
    /// Folders in which imports look for `.pyc` files, and with a compiler for `.py` files; none by default.
    pub module_path: Vec<PathBuf>,
    /// What compiles source text and knows a standard library; none by default.
    pub compiler: Option<Box<dyn Compiler>>,
    /// Whether source files may be read to show their lines in tracebacks.
    pub show_source: bool,
    /// The secret of string hashes.
    pub hash_key: HashKey,
    /// Backward jumps and calls left; `None` for no limit.
    pub fuel: Option<u64>,
    /// Bytes that the program may have allocated at once, the interpreter's own included; `None` for no limit.
    /// See [`memory`](crate::memory) for what is counted.
    pub memory: Option<usize>,
    /// `sys.getrecursionlimit()`.
    pub recursion_limit: u32,
}

impl Default for Host {
    fn default() -> Host {
        Host::new()
    }
}

impl Host {
    /// A host that grants nothing.
    #[must_use]
    pub fn new() -> Host {
        Host {
            stdout: Box::new(io::sink()),
            stderr: Box::new(io::sink()),
            stdin: Box::new(io::empty()),
            arguments: Vec::new(),
            files: false,
            environment: Vec::new(),
            clock: false,
            process: false,
            module_path: Vec::new(),
            compiler: None,
            show_source: false,
            hash_key: HashKey::from_seed(0),
            fuel: None,
            memory: None,
            recursion_limit: 1000,
        }
    }
}
