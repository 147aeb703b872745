//! Many files at once: found below folders, spread over all cores, with a progress bar on a terminal.
//!
//! Outcomes come in the order of the files, whichever core was faster.

use std::collections::BTreeSet;
use std::fs;
use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use anyhow::Result;

use crate::output::Output;

/// How many failures are shown to people.
const SHOWN: usize = 20;
/// Shorter work shows no progress, and no bar is drawn more often.
const DRAW_EVERY: Duration = Duration::from_millis(100);
/// The length of the progress bar, in characters.
const BAR: usize = 30;

/// The files named, and every `.pyc` below the folders named, each once, in order. What is missing or cannot
/// be opened stays in the list, to fail when it is read.
pub(crate) fn find(paths: &[PathBuf]) -> Vec<PathBuf> {
    let mut files = BTreeSet::new();
    let mut pending = paths.to_vec();
    let named = paths.len();
    let mut index = 0;
    while let Some(path) = pending.get(index).cloned() {
        let is_named = index < named;
        index += 1;
        // Links below a folder are not followed: they may lead in a circle.
        let is_folder = if is_named {
            path.is_dir()
        } else {
            !path.is_symlink() && path.is_dir()
        };
        match fs::read_dir(&path) {
            Ok(entries) if is_folder => pending.extend(entries.flatten().map(|entry| entry.path())),
            _ => {
                if is_named || path.extension().is_some_and(|extension| extension == "pyc") {
                    files.insert(path);
                }
            }
        }
    }
    files.into_iter().collect()
}

/// What `action` makes of each file, in the order of the files.
pub(crate) fn map<T: Send>(files: &[PathBuf], action: impl Fn(&Path) -> T + Sync) -> Vec<T> {
    let next = AtomicUsize::new(0);
    let shared = Mutex::new((Vec::with_capacity(files.len()), Progress::new(files.len())));
    let worker = || {
        loop {
            let index = next.fetch_add(1, Ordering::Relaxed);
            let Some(file) = files.get(index) else { break };
            let outcome = action(file);
            if let Ok(mut shared) = shared.lock() {
                let (outcomes, progress) = &mut *shared;
                outcomes.push((index, outcome));
                progress.show(outcomes.len());
            }
        }
    };
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..threads.min(files.len()) {
            scope.spawn(worker);
        }
    });
    let (mut outcomes, progress) = match shared.into_inner() {
        Ok(shared) => shared,
        Err(poisoned) => poisoned.into_inner(),
    };
    progress.clear();
    outcomes.sort_unstable_by_key(|(index, _)| *index);
    outcomes.into_iter().map(|(_, outcome)| outcome).collect()
}

/// Prints the first failures, a line each. Gives back how many there are.
pub(crate) fn print_failures<T>(
    files: &[PathBuf],
    outcomes: &[Result<T>],
    out: &mut Output,
) -> Result<usize> {
    let failures = || {
        let pairs = files.iter().zip(outcomes);
        pairs.filter_map(|(file, outcome)| outcome.as_ref().err().map(|error| (file, error)))
    };
    for (file, error) in failures().take(SHOWN) {
        writeln!(out, "{}: {error:#}", file.display())?;
    }
    let count = failures().count();
    if count > SHOWN {
        writeln!(out, "… and {} more", count - SHOWN)?;
    }
    Ok(count)
}

/// A line on a terminal's standard error that says how far the work is; nothing elsewhere.
struct Progress {
    total: usize,
    is_terminal: bool,
    drawn: Instant,
    is_drawn: bool,
}

impl Progress {
    fn new(total: usize) -> Self {
        Progress {
            total,
            is_terminal: std::io::stderr().is_terminal(),
            drawn: Instant::now(),
            is_drawn: false,
        }
    }

    fn show(&mut self, done: usize) {
        if !self.is_terminal || self.drawn.elapsed() < DRAW_EVERY {
            return;
        }
        (self.drawn, self.is_drawn) = (Instant::now(), true);
        eprint!("\r{}", bar(done, self.total));
    }

    fn clear(&self) {
        if self.is_drawn {
            eprint!("\r\x1b[K");
        }
    }
}

fn bar(done: usize, total: usize) -> String {
    let full = BAR * done / total.max(1);
    format!(
        "[{}{}] {done}/{total} files",
        "#".repeat(full),
        " ".repeat(BAR - full)
    )
}

#[cfg(test)]
mod tests {
    use super::{bar, map};
    use std::path::{Path, PathBuf};

    #[test]
    fn outcomes_keep_the_order_of_the_files() {
        let files = (0..100)
            .map(|n| PathBuf::from(n.to_string()))
            .collect::<Vec<_>>();
        let names = map(&files, Path::to_path_buf);
        assert_eq!(names, files);
    }

    #[test]
    fn the_bar_fills_up() {
        assert_eq!(bar(0, 2), format!("[{}] 0/2 files", " ".repeat(30)));
        assert_eq!(bar(2, 2), format!("[{}] 2/2 files", "#".repeat(30)));
    }
}
