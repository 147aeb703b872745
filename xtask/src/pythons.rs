//! Finding installed CPythons.
//!
//! Looked for, first found wins per release: `--python 3.14=PATH`; the environment variable
//! `PYCO_PYTHONS` (executables or folders that hold `python3.X`, separated as in PATH); pyenv's
//! versions; PATH. Each candidate is asked for its version, so a wrong name cannot mislead.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fmt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::str::FromStr;

use anyhow::{Context, Result, bail};

use crate::sh;

/// A feature release of CPython, such as 3.13.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) struct Release {
    pub(crate) major: u8,
    pub(crate) minor: u8,
}

impl fmt::Display for Release {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)
    }
}

impl FromStr for Release {
    type Err = anyhow::Error;

    fn from_str(text: &str) -> Result<Self> {
        let (major, minor) = text
            .split_once('.')
            .with_context(|| format!("found {text:?}, expected a release such as 3.13"))?;
        Ok(Release {
            major: major.parse()?,
            minor: minor.parse()?,
        })
    }
}

/// An installed CPython.
#[derive(Clone, Debug)]
pub(crate) struct Python {
    pub(crate) release: Release,
    /// The full version, such as `3.13.0`.
    pub(crate) version: String,
    pub(crate) path: PathBuf,
    /// Folders of sources to look through besides its own library, where a chore can.
    pub(crate) more_sources: Vec<PathBuf>,
}

impl Python {
    /// A command that runs this interpreter from the workspace root, with nothing of the user's
    /// environment that changes what it prints, and without writing `.pyc` files by itself.
    pub(crate) fn command(&self) -> Command {
        let mut command = Command::new(&self.path);
        for (name, _) in std::env::vars_os() {
            if name.to_string_lossy().starts_with("PYTHON") {
                command.env_remove(name);
            }
        }
        command
            .env_remove("FORCE_COLOR")
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .env("PYTHONHASHSEED", "0")
            .env("PYTHON_COLORS", "0")
            .env("PYTHONIOENCODING", "utf-8")
            .env("PYTHONUTF8", "1")
            .env("NO_COLOR", "1")
            .env("LC_ALL", "C.UTF-8")
            .current_dir(sh::root());
        command
    }
}

/// An explicit `3.14=PATH` from the command line.
#[derive(Clone, Debug)]
pub(crate) struct Explicit {
    release: Release,
    path: PathBuf,
}

impl FromStr for Explicit {
    type Err = anyhow::Error;

    fn from_str(text: &str) -> Result<Self> {
        let (release, path) = text.split_once('=').with_context(|| {
            format!("found {text:?}, expected RELEASE=PATH such as 3.14=/usr/bin/python3.14")
        })?;
        Ok(Explicit {
            release: release.parse()?,
            path: path.into(),
        })
    }
}

/// The CPythons of `wanted` releases, oldest first, one each; those not installed are absent.
///
/// # Errors
/// When an explicitly given interpreter does not start or is of another release.
pub(crate) fn find(wanted: &[Release], explicit: &[Explicit]) -> Result<Vec<Python>> {
    let mut found = BTreeMap::new();
    for Explicit { release, path } in explicit {
        let python = probe(path)
            .with_context(|| format!("{} given for {release} does not start", path.display()))?;
        if python.release != *release {
            bail!(
                "{} given for {release} is {}",
                path.display(),
                python.version
            );
        }
        found.insert(*release, python);
    }
    for path in candidates(wanted) {
        let Some(python) = probe(&path) else { continue };
        found.entry(python.release).or_insert(python);
    }
    Ok(found
        .into_values()
        .filter(|python| wanted.contains(&python.release))
        .collect())
}

fn candidates(wanted: &[Release]) -> Vec<PathBuf> {
    let mut paths = Vec::new();
    let mut in_folder = |folder: &Path| {
        for release in wanted {
            let path = folder.join(format!("python{release}"));
            if path.is_file() {
                paths.push(path);
            }
        }
    };
    let configured = std::env::var_os("PYCO_PYTHONS").unwrap_or_default();
    let mut executables = Vec::new();
    for path in split(&configured) {
        if path.is_file() {
            executables.push(path);
        } else {
            in_folder(&path);
        }
    }
    let home = std::env::var_os("HOME").map(PathBuf::from);
    let pyenv = std::env::var_os("PYENV_ROOT")
        .map(PathBuf::from)
        .or(home.map(|h| h.join(".pyenv")));
    if let Some(versions) = pyenv.and_then(|root| std::fs::read_dir(root.join("versions")).ok()) {
        let mut folders: Vec<PathBuf> = versions.flatten().map(|v| v.path().join("bin")).collect();
        folders.sort();
        folders.iter().for_each(|folder| in_folder(folder));
    }
    split(&std::env::var_os("PATH").unwrap_or_default())
        .iter()
        .for_each(|f| in_folder(f));
    executables.extend(paths);
    executables
}

fn split(paths: &OsStr) -> Vec<PathBuf> {
    std::env::split_paths(paths)
        .filter(|path| !path.as_os_str().is_empty())
        .collect()
}

/// Asks the executable at `path` what it is; `None` if it does not run or is not CPython.
pub(crate) fn probe(path: &Path) -> Option<Python> {
    let ask = "import platform as p; print(p.python_implementation() + ' ' + p.python_version())";
    // 2.7 has no -I; -E is the part of it that matters here.
    let answer = |isolation| {
        Some(
            Command::new(path)
                .args([isolation, "-c", ask])
                .output()
                .ok()?
                .stdout,
        )
    };
    let text = String::from_utf8(
        answer("-I")
            .filter(|text| !text.is_empty())
            .or_else(|| answer("-E"))?,
    )
    .ok()?;
    let version = text.trim().strip_prefix("CPython ")?;
    let mut parts = version.split('.');
    let release = Release {
        major: parts.next()?.parse().ok()?,
        minor: parts.next()?.parse().ok()?,
    };
    Some(Python {
        release,
        version: version.to_owned(),
        path: path.to_path_buf(),
        more_sources: Vec::new(),
    })
}
