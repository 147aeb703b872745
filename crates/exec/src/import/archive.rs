//! Modules in zip files: an entry of `sys.path`, or part of one, may lie in an archive.
//!
//! Invariant: an archive is read once, and nothing larger than `MOST` is unpacked, whatever its headers say.

use std::collections::HashMap;
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use flate2::read::DeflateDecoder;
use rawzip::{CompressionMethod, ZipArchive, ZipArchiveEntryWayfinder, ZipSliceArchive};

/// More than any archive of modules, or any module, has.
const MOST: u64 = 1 << 28;

/// The archives that were looked into, by path; nothing for a file that is none.
#[derive(Default)]
pub struct Archives(HashMap<PathBuf, Option<Rc<Archive>>>);

/// An archive.
pub struct Archive {
    path: PathBuf,
    zip: ZipSliceArchive<Vec<u8>>,
    files: HashMap<String, (ZipArchiveEntryWayfinder, CompressionMethod)>,
}

impl Archives {
    /// The archive that a path leads into: itself, or what lies above.
    pub fn of(&mut self, path: &Path) -> Option<Rc<Archive>> {
        let file = path.ancestors().find(|above| above.is_file())?;
        if let Some(known) = self.0.get(file) {
            return known.clone();
        }
        let archive = Archive::open(file).map(Rc::new);
        self.0.insert(file.to_owned(), archive.clone());
        archive
    }
}

impl Archive {
    fn open(path: &Path) -> Option<Archive> {
        if fs::metadata(path).ok()?.len() > MOST {
            return None;
        }
        let zip = ZipArchive::from_slice(fs::read(path).ok()?).ok()?;
        let mut files = HashMap::new();
        for entry in zip.entries() {
            let entry = entry.ok()?;
            if let Ok(name) = entry.file_path().try_normalize()
                && !entry.is_dir()
            {
                let place = (entry.wayfinder(), entry.compression_method());
                files.insert(name.as_str().to_owned(), place);
            }
        }
        Some(Archive {
            path: path.to_owned(),
            zip,
            files,
        })
    }

    /// The name inside of what lies at a path.
    fn name(&self, path: &Path) -> Option<String> {
        let inside = path.strip_prefix(&self.path).ok()?;
        let parts = inside.iter().map(|part| part.to_str());
        Some(parts.collect::<Option<Vec<_>>>()?.join("/"))
    }

    /// Whether there is a file at this path.
    pub fn is_file(&self, path: &Path) -> bool {
        self.name(path)
            .is_some_and(|name| self.files.contains_key(&name))
    }

    /// Whether there are files below this path.
    pub fn is_folder(&self, path: &Path) -> bool {
        let Some(name) = self.name(path) else {
            return false;
        };
        let start = name + "/";
        self.files.keys().any(|file| file.starts_with(&start))
    }

    /// The bytes of a file.
    ///
    /// # Errors
    /// Why it cannot be read.
    pub fn read(&self, path: &Path) -> Result<Vec<u8>, String> {
        let found = self
            .name(path)
            .and_then(|name| self.files.get(&name).copied());
        let (place, method) = found.ok_or("no such file in the archive")?;
        let entry = self
            .zip
            .get_entry(place)
            .map_err(|error| error.to_string())?;
        let mut bytes = Vec::new();
        let read = match method {
            CompressionMethod::STORE => entry
                .verifying_reader(entry.data())
                .take(MOST)
                .read_to_end(&mut bytes),
            CompressionMethod::DEFLATE => {
                let unpacked = DeflateDecoder::new(entry.data());
                entry
                    .verifying_reader(unpacked)
                    .take(MOST)
                    .read_to_end(&mut bytes)
            }
            _ => return Err("compressed by a method that is not supported".to_owned()),
        };
        read.map_err(|error| error.to_string())?;
        Ok(bytes)
    }
}
