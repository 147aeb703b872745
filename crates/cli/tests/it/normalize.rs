//! `pyco normalize`: the same bytes whoever wrote the file, and nothing lost on the way.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::{Duration, UNIX_EPOCH};

use pyco_marshal::{Header, Pyc, Source, Style, Value, Version, WriteOptions};

use crate::support::{RELEASES, pyc, root};

/// An empty folder of this test's own.
fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("normalize-{name}"));
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).expect("the target folder can be written");
    folder
}

fn fixture(release: &str) -> Vec<u8> {
    fs::read(root().join(pyc(release, "queens"))).expect("fixtures are recorded")
}

/// Runs `pyco normalize` in `folder`.
fn normalize(folder: &Path, args: &[&str], epoch: Option<&str>) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_pyco"));
    command.arg("normalize").args(args).current_dir(folder);
    command.env_remove("SOURCE_DATE_EPOCH");
    if let Some(epoch) = epoch {
        command.env("SOURCE_DATE_EPOCH", epoch);
    }
    command.output().expect("pyco starts")
}

fn stdout(output: &Output) -> String {
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && stderr.is_empty(), "{stderr}");
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn value(file: &[u8]) -> Value {
    let pyc = Pyc::read(file).expect("a header");
    pyc.value().expect("a marshalled object")
}

#[test]
fn every_release_is_rewritten_once_and_means_the_same() {
    let folder = folder("releases");
    for release in RELEASES {
        fs::write(folder.join(format!("{release}.pyc")), fixture(release)).expect("a file");
    }
    let first = stdout(&normalize(&folder, &["."], None));
    assert_eq!(
        first,
        "10 files: 10 rewritten, 0 in normal form already, 0 failed\n"
    );
    for release in RELEASES {
        let normal = fs::read(folder.join(format!("{release}.pyc"))).expect("a file");
        assert!(value(&normal) == value(&fixture(release)), "{release}");
    }
    let second = stdout(&normalize(&folder, &["."], None));
    assert_eq!(
        second,
        "10 files: 0 rewritten, 10 in normal form already, 0 failed\n"
    );
    assert_eq!(fs::read_dir(&folder).expect("a folder").count(), 10);
}

#[test]
fn what_the_writer_shared_makes_no_difference() {
    let folder = folder("writers");
    let file = fixture("3.13");
    let pyc = Pyc::read(&file).expect("a header");
    // Marshal version 2 knows no references, so that every object is written each time it occurs.
    let options = WriteOptions::new(Version::V3_13);
    let others = [
        options.with_style(Style::Cpython),
        options.with_marshal_version(2),
    ];
    let mut names = vec!["0.pyc".to_owned()];
    fs::write(folder.join("0.pyc"), &file).expect("a file");
    for (index, options) in others.iter().enumerate() {
        let mut other = pyc.header().to_bytes();
        other.extend(value(&file).to_marshal(options).expect("it fits"));
        assert!(other != file);
        names.push(format!("{}.pyc", index + 1));
        fs::write(folder.join(&names[index + 1]), other).expect("a file");
    }
    stdout(&normalize(&folder, &["."], None));
    let normal = |name: &String| fs::read(folder.join(name)).expect("a file");
    let normal = names.iter().map(normal).collect::<Vec<_>>();
    assert!(normal[0] == normal[1]);
    // Version 2 does not say which names are interned, which a reader may look at.
    assert!(value(&normal[0]) == value(&normal[2]));
}

#[test]
fn filenames_change_in_nested_code_too() {
    let folder = folder("prefix");
    let file = fixture("3.14");
    fs::write(folder.join("a.pyc"), &file).expect("a file");
    let old = Pyc::read(&file).and_then(|pyc| pyc.code()).expect("code");
    let name = old.filename.as_str().expect("plain text");
    let (start, rest) = name.split_at(3);
    let prefixes = [
        "--filename-prefix=no such thing=x".to_owned(),
        format!("--filename-prefix={start}=/usr/"),
    ];
    stdout(&normalize(
        &folder,
        &["a.pyc", &prefixes[0], &prefixes[1]],
        None,
    ));
    let normal = fs::read(folder.join("a.pyc")).expect("a file");
    let new = Pyc::read(&normal).and_then(|pyc| pyc.code()).expect("code");
    let mut pending = vec![new];
    let mut count = 0;
    while let Some(code) = pending.pop() {
        assert_eq!(code.filename, format!("/usr/{rest}").as_str());
        count += 1;
        pending.extend(code.consts.iter().filter_map(Value::as_code).cloned());
    }
    assert!(count > 3, "{count} code objects");
}

/// A package of one module whose `.pyc` says that its source is of `mtime`.
fn package(name: &str, mtime: u32) -> (PathBuf, PathBuf) {
    let folder = folder(name);
    let source = folder.join("spam.py");
    fs::write(&source, "x = 1\n").expect("a file");
    let file = File::options().write(true).open(&source).expect("a file");
    let modified = UNIX_EPOCH + Duration::from_secs(1_700_000_000);
    file.set_modified(modified).expect("a time can be set");
    fs::create_dir(folder.join("__pycache__")).expect("a folder");
    let old = fixture("3.12");
    let stamp = Source::Timestamp {
        mtime,
        size: Some(6),
    };
    let header = Header::new(Version::V3_12, stamp).expect("3.12 is known");
    let pyc = folder.join("__pycache__/spam.cpython-312.pyc");
    fs::write(&pyc, [&header.to_bytes(), &old[16..]].concat()).expect("a file");
    (folder, pyc)
}

fn source_of(file: &Path) -> Source {
    let bytes = fs::read(file).expect("a file");
    Pyc::read(&bytes).expect("a header").header().source()
}

#[test]
fn timestamps_become_hashes_or_the_epoch() {
    let (folder, pyc) = package("stamps", 1_700_000_000);
    let mode = |mode| {
        normalize(
            &folder,
            &[".", "--invalidation-mode", mode],
            Some("315532800"),
        )
    };
    stdout(&mode("timestamp"));
    let stamp = Source::Timestamp {
        mtime: 315_532_800,
        size: Some(6),
    };
    assert_eq!(source_of(&pyc), stamp);
    let (folder, pyc) = package("hashes", 1_700_000_000);
    let mode = |mode| normalize(&folder, &[".", "--invalidation-mode", mode], None);
    for (name, expected) in [("checked-hash", true), ("unchecked-hash", false)] {
        stdout(&mode(name));
        let bytes = fs::read(&pyc).expect("a file");
        let read = Pyc::read(&bytes).expect("a header");
        assert_eq!(read.header().is_hash_of(b"x = 1\n"), Some(true));
        assert!(matches!(
            read.header().source(),
            Source::Hash { is_checked, .. } if is_checked == expected
        ));
    }
}

#[test]
fn an_outdated_file_gets_no_hash() {
    let (folder, pyc) = package("outdated", 1_600_000_000);
    let before = fs::read(&pyc).expect("a file");
    let args = [".", "--invalidation-mode", "unchecked-hash"];
    let output = normalize(&folder, &args, None);
    assert_eq!(output.status.code(), Some(1));
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(
        text.contains("spam.cpython-312.pyc: found time 1600000000, but its source ./spam.py is of 1700000000 at offset 0x8"),
        "{text}"
    );
    assert!(fs::read(&pyc).expect("a file") == before);
    fs::write(folder.join("spam.py"), "x = 10\n").expect("a file");
    let pyc = pyc.to_string_lossy();
    let args = [&pyc, "--invalidation-mode=checked-hash", "--source=spam.py"];
    let output = normalize(&folder, &args, None);
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(
        text.contains("found source size 6, but its source spam.py has 7 bytes at offset 0xc"),
        "{text}"
    );
}

#[test]
fn a_damaged_file_is_named_and_left_alone() {
    let folder = folder("damaged");
    let good = fixture("3.13");
    fs::write(folder.join("a.pyc"), &good[..200]).expect("a file");
    fs::write(folder.join("b.pyc"), &good).expect("a file");
    let output = normalize(&folder, &["a.pyc", "b.pyc", "c.pyc"], None);
    assert_eq!(output.status.code(), Some(1));
    let text = String::from_utf8_lossy(&output.stdout);
    let lines = text.lines().collect::<Vec<_>>();
    assert!(
        lines[0].starts_with("a.pyc: ") && lines[0].contains(" at offset 0x"),
        "{text}"
    );
    assert_eq!(lines[1], "c.pyc: no such file");
    assert_eq!(
        lines[2],
        "3 files: 1 rewritten, 0 in normal form already, 2 failed"
    );
    assert!(fs::read(folder.join("a.pyc")).expect("a file") == good[..200]);
    let json = normalize(&folder, &["a.pyc", "b.pyc", "--json"], None);
    let text = String::from_utf8_lossy(&json.stdout);
    let lines = text.lines().collect::<Vec<_>>();
    assert!(
        lines[0].contains(r#""file":"a.pyc","is_changed":false"#),
        "{text}"
    );
    assert!(
        lines[1].contains(r#""error":null,"file":"b.pyc""#),
        "{text}"
    );
}

#[test]
fn the_normal_form_goes_where_it_is_told() {
    let folder = folder("output");
    let old = fixture("3.11");
    fs::write(folder.join("a.pyc"), &old).expect("a file");
    let printed = normalize(&folder, &["a.pyc", "-o", "-"], None);
    stdout(&normalize(&folder, &["a.pyc", "-o", "b.pyc"], None));
    assert!(fs::read(folder.join("a.pyc")).expect("a file") == old);
    let new = fs::read(folder.join("b.pyc")).expect("a file");
    assert!(printed.stdout == new && new != old);
    let checked = normalize(&folder, &["--check", "a.pyc", "b.pyc"], None);
    assert_eq!(checked.status.code(), Some(1));
    let text = String::from_utf8_lossy(&checked.stdout);
    assert_eq!(
        text,
        "a.pyc: not in its normal form\n\
         2 files: 1 to be rewritten, 1 in normal form already, 0 failed\n"
    );
    assert!(fs::read(folder.join("a.pyc")).expect("a file") == old);
}

#[test]
fn wrong_usage_is_told_before_anything_is_written() {
    let folder = folder("usage");
    fs::write(folder.join("a.pyc"), fixture("3.13")).expect("a file");
    for (args, epoch, expected) in [
        (
            vec!["a.pyc", "b.pyc", "-o", "c"],
            None,
            "-o needs exactly one FILE",
        ),
        (
            vec![".", "--source", "c"],
            None,
            "--source needs exactly one FILE",
        ),
        (
            vec!["a.pyc", "--invalidation-mode", "timestamp"],
            None,
            "SOURCE_DATE_EPOCH is not set, expected the seconds since 1970",
        ),
        (
            vec!["a.pyc", "--invalidation-mode", "timestamp"],
            Some("soon"),
            "SOURCE_DATE_EPOCH is \"soon\", expected the seconds since 1970",
        ),
        (
            vec!["a.pyc", "--filename-prefix", "x"],
            None,
            "expected OLD=NEW",
        ),
    ] {
        let output = normalize(&folder, &args, epoch);
        assert_eq!(output.status.code(), Some(2), "{args:?}");
        let text = String::from_utf8_lossy(&output.stderr);
        assert!(text.contains(expected), "{text}");
    }
    assert!(fs::read(folder.join("a.pyc")).expect("a file") == fixture("3.13"));
}

#[cfg(unix)]
#[test]
fn links_and_permissions_stay() {
    use std::os::unix::fs::{PermissionsExt, symlink};
    let folder = folder("links");
    fs::write(folder.join("a.pyc"), fixture("3.13")).expect("a file");
    let mode = fs::Permissions::from_mode(0o640);
    fs::set_permissions(folder.join("a.pyc"), mode).expect("permissions");
    symlink("a.pyc", folder.join("b.pyc")).expect("a link");
    stdout(&normalize(&folder, &["b.pyc"], None));
    assert!(folder.join("b.pyc").is_symlink());
    let target = fs::metadata(folder.join("a.pyc")).expect("a file");
    assert_eq!(target.permissions().mode() & 0o777, 0o640);
    assert!(fs::read(folder.join("a.pyc")).expect("a file") != fixture("3.13"));
}
