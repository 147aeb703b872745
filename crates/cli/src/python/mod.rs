//! The compiler that `pyco run` grants: an installed CPython of the program's release, found and started at first need.
//!
//! Nothing happens before a source is to be compiled or the standard library is looked for. What was compiled once comes from
//! the cache afterwards, and no process is started for it.

mod cache;
mod find;
mod process;
mod protocol;
mod tokens;
mod tree;

use std::path::{Path, PathBuf};

use anyhow::{Result, anyhow, bail};
use pyco_code::Version;
use pyco_exec::Vm;
use pyco_exec::compiler::{Answer, Compiler, Source, TokenSource, Tokens};

use cache::{Cache, Key};
use find::Found;
use process::Process;
use protocol::{PROTOCOL, decode_answer, encode_request};

/// An installed CPython.
pub(crate) struct Python {
    version: Version,
    cache: Option<Cache>,
    /// The executable, or why there is none; nothing before it was looked for.
    found: Option<Result<Found, String>>,
    process: Option<Process>,
}

impl Python {
    /// A CPython of this version: the one that is named, else what is found when it is needed.
    ///
    /// # Errors
    /// If the one that is named is none of that version.
    pub(crate) fn of(version: Version, named: Option<&Path>) -> Result<Python> {
        let Some(path) = named else {
            return Ok(Python {
                version,
                cache: Cache::of_user(),
                found: None,
                process: None,
            });
        };
        let python = Python::named(path)?;
        if python.version != version {
            bail!(
                "{}: found CPython {}, expected {version}, which compiled the program",
                path.display(),
                python.version
            );
        }
        Ok(python)
    }

    /// The CPython that is named, else the newest that is installed, of the versions that can be run.
    ///
    /// # Errors
    /// If there is none.
    pub(crate) fn any(named: Option<&Path>) -> Result<Python> {
        if let Some(path) = named {
            return Python::named(path);
        }
        let cache = Cache::of_user();
        let runnable = Version::ALL
            .into_iter()
            .rev()
            .filter(|version| Vm::runs(*version));
        for version in runnable {
            if let Some(found) = find::find(version, cache.as_ref()) {
                return Ok(Python {
                    version,
                    cache,
                    found: Some(Ok(found)),
                    process: None,
                });
            }
        }
        bail!("{}", missing("of a version that can be run"))
    }

    fn named(path: &Path) -> Result<Python> {
        let cache = Cache::of_user();
        let found = find::look_at(path, cache.as_ref());
        let found = found.map_err(|reason| anyhow!("{}: {reason}", path.display()))?;
        if !Vm::runs(found.version) {
            bail!(
                "{}: found CPython {}, whose code `run` does not run",
                path.display(),
                found.version
            );
        }
        Ok(Python {
            version: found.version,
            cache,
            found: Some(Ok(found)),
            process: None,
        })
    }

    /// The version that it compiles for.
    pub(crate) fn version(&self) -> Version {
        self.version
    }

    fn found(&mut self) -> Result<&Found, String> {
        let (version, cache) = (self.version, self.cache.as_ref());
        let found = self.found.get_or_insert_with(|| {
            find::find(version, cache).ok_or_else(|| missing(&version.to_string()))
        });
        found.as_ref().map_err(Clone::clone)
    }

    fn ask(&mut self, request: &[u8]) -> Result<Vec<u8>, String> {
        let path = self.found()?.path.clone();
        let process = match &mut self.process {
            Some(process) => process,
            None => self
                .process
                .insert(Process::start(&path).map_err(|why| format!("{}: {why}", path.display()))?),
        };
        let answer = process.ask(request);
        if answer.is_err() {
            // A source can bring it down; the next one gets a new process.
            self.process = None;
        }
        answer
    }

    /// What the cache has of an answer, else the answer, which the cache keeps.
    fn ask_or_recall<T>(
        &mut self,
        request: &[u8],
        decode: fn(&[u8]) -> Result<T, String>,
    ) -> Result<T, String> {
        let release = self.found()?.greeting.release.clone();
        let key = Key::of(&[
            b"answer",
            &PROTOCOL.to_le_bytes(),
            release.as_bytes(),
            request,
        ]);
        if let Some(cache) = &self.cache
            && let Some(kept) = cache.get(&key)
            && let Ok(answer) = decode(&kept)
        {
            return Ok(answer);
        }
        let message = self.ask(request)?;
        let answer = decode(&message)?;
        if let Some(cache) = &self.cache {
            cache.put(&key, &message);
        }
        Ok(answer)
    }
}

fn missing(what: &str) -> String {
    format!(
        "no installed CPython {what} is found: install it, or name it with --python PATH or in PYCO_PYTHONS"
    )
}

impl Compiler for Python {
    fn compile(&mut self, source: &Source<'_>) -> Result<Answer, String> {
        self.ask_or_recall(&encode_request(source), decode_answer)
    }

    fn tokenize(&mut self, text: &TokenSource<'_>) -> Result<Tokens, String> {
        self.ask_or_recall(&tokens::encode_request(text), tokens::decode_answer)
    }

    fn library(&mut self) -> Result<Vec<PathBuf>, String> {
        Ok(self.found()?.greeting.library.clone())
    }
}
