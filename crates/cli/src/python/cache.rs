//! Answers of compilers, kept in files of the user's cache folder: `$XDG_CACHE_HOME/pyco`, else `~/.cache/pyco`.
//!
//! A file is named by the SHA-256 of all that the answer depends on, and starts with the SHA-256 of the answer.
//!
//! Invariants: a file is written beside its place and renamed, so that nobody sees half of one; what is damaged counts as absent; a
//! cache that cannot be read or written never ends a program.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use sha2::{Digest, Sha256};

/// So many answers a run writes at most: a program that makes up sources without end is not to fill the disk.
const MOST_WRITES: u32 = 4096;

/// A folder of answers.
pub(crate) struct Cache {
    folder: PathBuf,
    writes: AtomicU32,
}

impl Cache {
    /// The user's cache; `None` where the environment names no place for it.
    pub(crate) fn of_user() -> Option<Cache> {
        let set = |name: &str| {
            env::var_os(name)
                .map(PathBuf::from)
                .filter(|p| p.is_absolute())
        };
        let base = set("XDG_CACHE_HOME").or_else(|| Some(set("HOME")?.join(".cache")))?;
        Some(Cache::at(base.join("pyco")))
    }

    /// The cache in this folder, which is made at first need.
    pub(crate) fn at(folder: PathBuf) -> Cache {
        Cache {
            folder,
            writes: AtomicU32::new(0),
        }
    }

    fn path(&self, key: &Key) -> PathBuf {
        let (start, rest) = key.0.split_at(2);
        self.folder.join(start).join(rest)
    }

    /// What was put under a key.
    pub(crate) fn get(&self, key: &Key) -> Option<Vec<u8>> {
        let bytes = fs::read(self.path(key)).ok()?;
        let (digest, answer) = bytes.split_at_checked(DIGEST_LEN)?;
        (digest == &Sha256::digest(answer)[..]).then(|| answer.to_vec())
    }

    /// Keeps an answer.
    pub(crate) fn put(&self, key: &Key, answer: &[u8]) {
        if self.writes.fetch_add(1, Ordering::Relaxed) >= MOST_WRITES {
            return;
        }
        // Without a cache the next run asks again, which is all that a failure costs.
        let _ = self.write(&self.path(key), answer);
    }

    fn write(&self, path: &Path, answer: &[u8]) -> std::io::Result<()> {
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        let number = self.writes.load(Ordering::Relaxed);
        let beside = path.with_extension(format!("{}-{number}.new", std::process::id()));
        let content = [&Sha256::digest(answer)[..], answer].concat();
        let written = fs::write(&beside, content).and_then(|()| fs::rename(&beside, path));
        if written.is_err() {
            let _ = fs::remove_file(&beside);
        }
        written
    }
}

const DIGEST_LEN: usize = 32;

/// What an answer depends on, as a name.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Key(String);

impl Key {
    /// The key of these parts, in this order.
    pub(crate) fn of(parts: &[&[u8]]) -> Key {
        let mut hasher = Sha256::new();
        for part in parts {
            hasher.update((part.len() as u64).to_le_bytes());
            hasher.update(part);
        }
        let digest = hasher.finalize();
        Key(digest.iter().map(|byte| format!("{byte:02x}")).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A folder of this test's own, gone with the value.
    struct Scratch(PathBuf);

    impl Scratch {
        fn new(name: &str) -> Scratch {
            let folder = env::temp_dir().join(format!("pyco-cache-{}-{name}", std::process::id()));
            Scratch(folder)
        }
    }

    impl Drop for Scratch {
        fn drop(&mut self) {
            let _ = fs::remove_dir_all(&self.0);
        }
    }

    #[test]
    fn what_was_put_comes_back() {
        let scratch = Scratch::new("put");
        let key = Key::of(&[b"source", b"name"]);
        let cache = Cache::at(scratch.0.clone());
        assert_eq!(cache.get(&key), None);
        cache.put(&key, b"answer");
        assert_eq!(
            Cache::at(scratch.0.clone()).get(&key).as_deref(),
            Some(&b"answer"[..])
        );
        let leftovers = fs::read_dir(cache.path(&key).parent().expect("a folder"));
        assert_eq!(leftovers.expect("the folder").count(), 1);
    }

    #[test]
    fn damaged_files_count_as_absent() {
        let scratch = Scratch::new("damaged");
        let cache = Cache::at(scratch.0.clone());
        let key = Key::of(&[b"source"]);
        cache.put(&key, b"answer");
        let path = cache.path(&key);
        let whole = fs::read(&path).expect("the file");
        for len in 0..whole.len() {
            fs::write(&path, &whole[..len]).expect("written");
            assert_eq!(cache.get(&key), None, "cut to {len}");
        }
        let mut flipped = whole.clone();
        *flipped.last_mut().expect("bytes") ^= 1;
        fs::write(&path, flipped).expect("written");
        assert_eq!(cache.get(&key), None);
        cache.put(&key, b"answer");
        assert_eq!(cache.get(&key).as_deref(), Some(&b"answer"[..]));
    }

    #[test]
    fn a_cache_that_cannot_be_written_is_no_error() {
        let scratch = Scratch::new("file");
        fs::write(&scratch.0, b"a file where the folder should be").expect("written");
        let cache = Cache::at(scratch.0.clone());
        let key = Key::of(&[b"source"]);
        cache.put(&key, b"answer");
        assert_eq!(cache.get(&key), None);
        fs::remove_file(&scratch.0).expect("removed");
    }

    #[test]
    fn keys_tell_where_a_part_ends() {
        assert_ne!(Key::of(&[b"ab", b"c"]), Key::of(&[b"a", b"bc"]));
        assert_ne!(Key::of(&[b"a"]), Key::of(&[b"a", b""]));
        assert_eq!(Key::of(&[b"a"]).0.len(), 64);
    }
}
