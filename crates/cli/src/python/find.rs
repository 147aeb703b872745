//! Finding an installed CPython of one release: `PYCO_PYTHONS` (executables or folders, separated as in PATH), PATH, pyenv's versions.
//!
//! A candidate is asked what it is, once: the answer is cached under its path, size and time of change.

use std::env;
use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use pyco_code::Version;

use super::cache::{Cache, Key};
use super::process::Process;
use super::protocol::{Greeting, PROTOCOL, decode_greeting};

/// A CPython that can compile for a version.
pub(crate) struct Found {
    pub(crate) path: PathBuf,
    pub(crate) version: Version,
    pub(crate) greeting: Greeting,
}

/// Looks at the executable that the user names.
///
/// # Errors
/// Why it is of no use, in one line without its path.
pub(crate) fn look_at(path: &Path, cache: Option<&Cache>) -> Result<Found, String> {
    let greeting = greeting(path, cache)?;
    let implementation = &greeting.implementation;
    if implementation != "cpython" {
        return Err(format!("found {implementation}, expected CPython"));
    }
    let release = &greeting.release;
    let mut numbers = release.split('.');
    let minor = format!(
        "{}.{}",
        numbers.next().unwrap_or(""),
        numbers.next().unwrap_or("")
    );
    let version = minor.parse::<Version>();
    match version {
        Ok(version) if version.magic() == greeting.magic => Ok(Found {
            path: path.to_owned(),
            version,
            greeting,
        }),
        Ok(_) => Err(format!(
            "CPython {release} writes magic number {}, whose bytecode no release has",
            greeting.magic
        )),
        Err(_) => Err(format!("found CPython {release}, expected 3.11 to 3.15")),
    }
}

/// The first CPython of this version.
pub(crate) fn find(version: Version, cache: Option<&Cache>) -> Option<Found> {
    let mut found = candidates(version)
        .into_iter()
        .filter_map(|path| look_at(&path, cache).ok());
    found.find(|found| found.version == version)
}

/// Executables that may be of this version, in the order in which they are tried.
fn candidates(version: Version) -> Vec<PathBuf> {
    let name = format!("python{version}{}", env::consts::EXE_SUFFIX);
    let mut paths = Vec::new();
    let variable = |name: &str| env::var_os(name).unwrap_or_default();
    for path in split(&variable("PYCO_PYTHONS")) {
        match path.is_dir() {
            true => paths.push(path.join(&name)),
            false => paths.push(path),
        }
    }
    paths.extend(
        split(&variable("PATH"))
            .into_iter()
            .map(|folder| folder.join(&name)),
    );
    let root = env::var_os("PYENV_ROOT").map(PathBuf::from);
    let root = root.or_else(|| env::var_os("HOME").map(|home| Path::new(&home).join(".pyenv")));
    if let Some(root) = root
        && let Ok(versions) = fs::read_dir(root.join("versions"))
    {
        let mut folders: Vec<PathBuf> = versions.flatten().map(|v| v.path()).collect();
        folders.sort();
        paths.extend(
            folders
                .into_iter()
                .map(|folder| folder.join("bin").join(&name)),
        );
    }
    paths.retain(|path| path.is_file());
    // What a script starts depends on the folder and the environment, and takes long to tell.
    paths.sort_by_key(|path| is_script(path));
    paths
}

fn split(paths: &OsStr) -> Vec<PathBuf> {
    env::split_paths(paths)
        .filter(|path| !path.as_os_str().is_empty())
        .collect()
}

fn is_script(path: &Path) -> bool {
    let mut start = [0; 2];
    File::open(path).is_ok_and(|mut file| file.read_exact(&mut start).is_ok() && &start == b"#!")
}

/// How the executable introduces itself, from the cache where that is certain.
fn greeting(path: &Path, cache: Option<&Cache>) -> Result<Greeting, String> {
    let key = key(path);
    if let (Some(cache), Some(key)) = (cache, &key)
        && let Some(kept) = cache.get(key)
        && let Ok(greeting) = decode_greeting(&kept)
    {
        return Ok(greeting);
    }
    let process = Process::start(path)?;
    if let (Some(cache), Some(key)) = (cache, &key) {
        cache.put(key, process.greeting());
    }
    decode_greeting(process.greeting())
}

fn key(path: &Path) -> Option<Key> {
    if is_script(path) {
        return None;
    }
    let absolute = std::path::absolute(path).ok()?;
    let data = fs::metadata(path).ok()?;
    let time = data.modified().ok()?.duration_since(UNIX_EPOCH).ok()?;
    Some(Key::of(&[
        b"python",
        &PROTOCOL.to_le_bytes(),
        absolute.as_os_str().as_encoded_bytes(),
        &data.len().to_le_bytes(),
        &time.as_nanos().to_le_bytes(),
    ]))
}
