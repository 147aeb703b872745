//! `listdir`, and `scandir` with its entries.

use std::cell::Cell;
use std::ffi::OsString;
use std::os::unix::fs::DirEntryExt;
use std::path::PathBuf;

use pyco_exec::cell::{ValueCell, VmCell};
use pyco_exec::object::generic_alias::class_getitem;
use pyco_exec::object::header::{Payload, Ref};
use pyco_exec::object::iter::self_iter;
use pyco_exec::object::native::{GetSetDef, NativeDef};
use pyco_exec::object::native_class::ClassDef;
use pyco_exec::object::sequence::receiver;
use pyco_exec::object::slots::{Slots, UnaryOp};
use pyco_exec::{Args, Bound, Params, PyResult, Value, Vm};
use rustix::fs::FileType;
use rustix::io::Errno;

use super::arguments::{flag, path};
use super::stat::{result, stat_path};
use crate::descriptor::{self, os_error};
use crate::path::{self, Allow, Path};

const PATH: &Params = &Params::new(&["path"], 0);

pub(super) static FUNCTIONS: &[NativeDef] = &[
    NativeDef::bound("listdir", PATH, list_dir).signature("($module, /, path=None)"),
    NativeDef::bound("scandir", PATH, scan_dir).signature("($module, /, path=None)"),
];

/// The path of a folder to be read.
fn folder(vm: &mut Vm, args: &Bound<'_>, function: &str) -> PyResult<Path> {
    let allow = Allow {
        fd: true,
        none: true,
    };
    if args.get(0).is_none() {
        crate::descriptor::require_files(vm, &[])?;
        return path::argument(vm, &Value::NONE, (function, "path"), allow);
    }
    path(vm, args, 0, (function, "path"), allow)
}

/// What one entry tells of itself.
struct Found {
    name: OsString,
    kind: FileType,
    inode: u64,
}

/// All entries, in the system's order.
fn entries(vm: &mut Vm, path: &Path) -> PyResult<Vec<Found>> {
    let read = match path.fd {
        Some(fd) => descriptor::with(vm, fd, |fd| {
            let mut found = Vec::new();
            for entry in rustix::fs::Dir::read_from(fd)? {
                let entry = entry?;
                let name = entry.file_name().to_bytes();
                if name != b"." && name != b".." {
                    found.push(Found {
                        name: std::os::unix::ffi::OsStringExt::from_vec(name.to_vec()),
                        kind: entry.file_type(),
                        inode: entry.ino(),
                    });
                }
            }
            Ok(found)
        }),
        None => read_path(path),
    };
    let given = match path.value.is_none() {
        true => vm.new_str("."),
        false => path.value.clone(),
    };
    read.map_err(|error| os_error(vm, error, &[&given]))
}

fn read_path(path: &Path) -> Result<Vec<Found>, Errno> {
    let errno = |error: std::io::Error| {
        Errno::from_raw_os_error(error.raw_os_error().unwrap_or(Errno::IO.raw_os_error()))
    };
    let mut found = Vec::new();
    for entry in std::fs::read_dir(path.path()).map_err(errno)? {
        let entry = entry.map_err(errno)?;
        let kind = match entry.file_type() {
            Ok(kind) if kind.is_dir() => FileType::Directory,
            Ok(kind) if kind.is_symlink() => FileType::Symlink,
            Ok(kind) if kind.is_file() => FileType::RegularFile,
            _ => FileType::Unknown,
        };
        found.push(Found {
            name: entry.file_name(),
            kind,
            inode: entry.ino(),
        });
    }
    Ok(found)
}

fn list_dir(vm: &mut Vm, _module: &Value, args: &Bound<'_>) -> PyResult {
    let path = folder(vm, args, "listdir")?;
    let mut names = Vec::new();
    for entry in entries(vm, &path)? {
        names.push(path::name(vm, &entry.name, path.is_bytes)?);
        vm.check_growth(names.len())?;
    }
    Ok(vm.new_list(names))
}

/// The payload of what `scandir` gives.
pub(super) struct Scan {
    /// What is left, last first; nothing once closed.
    left: VmCell<Vec<Found>>,
    folder: PathBuf,
    shown: ValueCell,
    fd: Option<i32>,
    is_bytes: bool,
}

impl Payload for Scan {
    fn traverse(&self, visit: &mut dyn FnMut(&Value)) {
        self.shown.traverse(visit);
    }
}

/// The payload of `DirEntry`.
pub(super) struct DirEntry {
    name: ValueCell,
    path: ValueCell,
    full: Path,
    dir: Option<i32>,
    kind: Cell<FileType>,
    inode: u64,
    stat: ValueCell,
    link_stat: ValueCell,
}

impl Payload for DirEntry {
    fn traverse(&self, visit: &mut dyn FnMut(&Value)) {
        for cell in [&self.name, &self.path, &self.stat, &self.link_stat] {
            cell.traverse(visit);
        }
        visit(&self.full.value);
    }
}

static SCAN: ClassDef = ClassDef::new::<Scan>("posix.ScandirIterator", |slots, _| {
    slots.set_unary(UnaryOp::Iter, self_iter);
    slots.next.set(Some(next));
})
.no_instances()
.methods(&[
    NativeDef::no_args("__enter__", |_, this| Ok(this.clone())),
    NativeDef::any("__exit__", |vm, this, _: Args<'_>| close(vm, this)),
    NativeDef::no_args("close", close),
]);

pub(super) static DIR_ENTRY: ClassDef = ClassDef::new::<DirEntry>("os.DirEntry", entry_slots)
    .no_instances()
    .methods(ENTRY_METHODS)
    .attributes(&[
        GetSetDef::get("name", |vm, this| {
            Ok(receiver::<DirEntry>(vm, this)?
                .name
                .get()
                .unwrap_or(Value::NONE))
        })
        .member(),
        GetSetDef::get("path", |vm, this| {
            Ok(receiver::<DirEntry>(vm, this)?
                .path
                .get()
                .unwrap_or(Value::NONE))
        })
        .member(),
    ]);

fn entry_slots(slots: &Slots, _minor_version: u8) {
    slots.set_unary(UnaryOp::Repr, |vm, this| {
        let name = receiver::<DirEntry>(vm, this)?.name.get();
        let name = vm.repr_text(&name.unwrap_or(Value::NONE))?;
        Ok(vm.new_str(&format!("<DirEntry {name}>")))
    });
}

fn scan_dir(vm: &mut Vm, _module: &Value, args: &Bound<'_>) -> PyResult {
    let path = folder(vm, args, "scandir")?;
    let mut left = entries(vm, &path)?;
    left.reverse();
    let class = vm.class(&SCAN);
    let scan = Scan {
        left: VmCell::new(left),
        folder: PathBuf::from(&path.text),
        shown: ValueCell::new(Some(path.value.clone())),
        fd: path.fd,
        is_bytes: path.is_bytes,
    };
    Ok(Value::from(Ref::new(&class, scan)))
}

fn close(vm: &mut Vm, this: &Value) -> PyResult {
    receiver::<Scan>(vm, this)?.clone().left.get_mut(vm).clear();
    Ok(Value::NONE)
}

fn next(vm: &mut Vm, this: &Value) -> PyResult<Option<Value>> {
    let scan = receiver::<Scan>(vm, this)?.clone();
    let Some(found) = scan.left.get_mut(vm).pop() else {
        return Ok(None);
    };
    let name = path::name(vm, &found.name, scan.is_bytes)?;
    let full = match scan.fd {
        Some(_) => PathBuf::from(&found.name),
        None => scan.folder.join(&found.name),
    };
    let shown = match scan.fd {
        Some(_) => name.clone(),
        None => {
            // `None` stands for the current folder, which shows.
            path::name(vm, full.as_os_str(), scan.is_bytes)?
        }
    };
    let entry = DirEntry {
        name: ValueCell::new(Some(name)),
        path: ValueCell::new(Some(shown.clone())),
        full: Path {
            text: full.into_os_string(),
            value: shown,
            fd: None,
            is_bytes: scan.is_bytes,
        },
        dir: scan.fd,
        kind: Cell::new(found.kind),
        inode: found.inode,
        stat: ValueCell::new(None),
        link_stat: ValueCell::new(None),
    };
    let class = vm.class(&DIR_ENTRY);
    Ok(Some(Value::from(Ref::new(&class, entry))))
}

const FOLLOW: &Params = &Params::new(&["follow_symlinks"], 0).keyword_only(1);

fn stat(vm: &mut Vm, this: &Value, args: &Bound<'_>) -> PyResult {
    let follow = flag(vm, args.get(0), true)?;
    let entry = receiver::<DirEntry>(vm, this)?.clone();
    let is_link = entry.kind.get() == FileType::Symlink;
    let cell = match follow && is_link {
        true => &entry.stat,
        false => &entry.link_stat,
    };
    if let Some(stat) = cell.get() {
        return Ok(stat);
    }
    let stat = stat_path(vm, &entry.full, entry.dir, follow)?;
    let stat = result(vm, &stat);
    cell.set(Some(stat.clone()));
    Ok(stat)
}

/// Whether an entry is of a kind; one that is not there is of none.
fn is_kind(vm: &mut Vm, this: &Value, args: &Bound<'_>, wanted: FileType) -> PyResult {
    let follow = flag(vm, args.get(0), true)?;
    let entry = receiver::<DirEntry>(vm, this)?.clone();
    let kind = match entry.kind.get() {
        FileType::Unknown => None,
        FileType::Symlink if follow => None,
        kind => Some(kind),
    };
    if let Some(kind) = kind {
        return Ok(Value::bool(kind == wanted));
    }
    match stat_path(vm, &entry.full, entry.dir, follow) {
        Ok(stat) => {
            let kind = FileType::from_raw_mode(stat.st_mode);
            Ok(Value::bool(kind == wanted))
        }
        Err(raised) if &*vm.type_name(raised.value()) == "FileNotFoundError" => Ok(Value::FALSE),
        Err(raised) => Err(raised),
    }
}

static ENTRY_METHODS: &[NativeDef] = &[
    NativeDef::bound("is_dir", FOLLOW, |vm, this, args| {
        is_kind(vm, this, args, FileType::Directory)
    })
    .signature("($self, /, *, follow_symlinks=True)"),
    NativeDef::bound("is_file", FOLLOW, |vm, this, args| {
        is_kind(vm, this, args, FileType::RegularFile)
    })
    .signature("($self, /, *, follow_symlinks=True)"),
    NativeDef::no_args("is_symlink", |vm, this| {
        let kind = receiver::<DirEntry>(vm, this)?.kind.get();
        Ok(Value::bool(kind == FileType::Symlink))
    })
    .signature("($self, /)"),
    NativeDef::no_args("is_junction", |_, _| Ok(Value::FALSE))
        .signature("($self, /)")
        .since(12),
    NativeDef::bound("stat", FOLLOW, stat).signature("($self, /, *, follow_symlinks=True)"),
    NativeDef::no_args("inode", |vm, this| {
        let inode = receiver::<DirEntry>(vm, this)?.inode;
        Ok(vm.int(inode as i64))
    })
    .signature("($self, /)"),
    NativeDef::no_args("__fspath__", |vm, this| {
        Ok(receiver::<DirEntry>(vm, this)?
            .path
            .get()
            .unwrap_or(Value::NONE))
    })
    .signature("($self, /)"),
    NativeDef::one("__class_getitem__", class_getitem).class(),
];
