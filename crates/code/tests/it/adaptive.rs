//! The interpreter's own view of bytecode, against `_co_code_adaptive` (`tests/record_adaptive.py`).

use std::path::Path;

use pyco_code::quicken::{AdaptiveCode, Counter};
use pyco_code::{CodeFlags, CodeObject, Op, UnitOffset, Version};

use crate::support::fixtures;

fn recorded(version: Version) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/adaptive");
    std::fs::read_to_string(folder.join(format!("{version}.txt"))).expect("a record")
}

fn versions() -> impl Iterator<Item = Version> {
    Version::ALL
        .into_iter()
        .filter(|version| *version >= Version::V3_11)
}

/// Some code object of that version.
fn template(version: Version) -> CodeObject {
    let mut fixtures = fixtures().into_iter();
    let fixture = fixtures.find(|fixture| fixture.version == version);
    fixture.expect("a fixture").code
}

fn bytes(hex: &str) -> Vec<u8> {
    let byte = |at: usize| u8::from_str_radix(&hex[at..at + 2], 16).expect("hex");
    (0..hex.len()).step_by(2).map(byte).collect()
}

#[test]
fn bytecode_is_quickened_on_creation_as_cpython_does() {
    for version in versions() {
        let template = template(version);
        for line in recorded(version).lines().filter(|l| l.starts_with("code ")) {
            let words = line.split(' ').collect::<Vec<_>>();
            let flags = u32::from_str_radix(words[1], 16).expect("flags");
            let code = template
                .replace()
                .flags(CodeFlags::from_bits_retain(flags))
                .code(bytes(words[2]))
                .build()
                .expect("a code object");
            let adaptive = AdaptiveCode::fresh(&code).expect("3.11 on");
            assert_eq!(adaptive.as_bytes(), bytes(words[3]), "{version} {line}");
            assert_eq!(adaptive.deopt(), Some(bytes(words[4])), "{version} {line}");
        }
    }
}

#[test]
fn what_compilers_write_comes_back() {
    for fixture in fixtures() {
        for code in fixture.code.walk() {
            let Some(adaptive) = AdaptiveCode::fresh(code) else {
                assert!(code.version() < Version::V3_11);
                continue;
            };
            assert_eq!(adaptive.deopt().as_deref(), Some(code.code()));
            let again = AdaptiveCode::from_bytes(code.version(), adaptive.as_bytes().to_vec());
            assert_eq!(again.as_ref(), Some(&adaptive));
            for (at, cache) in adaptive.caches() {
                let cached = adaptive.cache(at).expect("the same");
                assert_eq!(cached.as_bytes(), cache.as_bytes());
                let unit_count = cache.as_bytes().len() / 2;
                assert!(cache.fields().count() <= unit_count);
                assert!(cache.field("counter").is_some(), "{:?}", cache.op());
            }
        }
    }
}

/// One execution: what is due fails first, and then the general instruction counts itself.
fn executed(counter: Counter) -> Counter {
    if counter.is_due() {
        counter.failed().counted()
    } else {
        counter.counted()
    }
}

#[test]
fn counters_count_as_the_interpreter_does() {
    for version in versions() {
        let table = version.table();
        let text = recorded(version);
        let mut compared = 0;
        for line in text.lines().filter(|l| l.starts_with("count ")) {
            let mut units = line.split(' ').skip(2).map(|unit| {
                let (raw, counter) = unit.split_once(':').expect("two numbers");
                let op = table.op(bytes(raw)[0]).expect("an opcode");
                let bits = u16::from_str_radix(counter, 16).expect("hex");
                (op, bits)
            });
            let (mut op, bits) = units.next().expect("a unit");
            let mut counter = Counter::of(version, op, bits).expect("a counter");
            if line.starts_with("count misses") {
                let base = table.info_of(op).expect("known").base;
                let general = Counter::of(version, table.family(base)[0], 0).expect("a counter");
                assert_eq!(general.specialized().bits(), bits, "{version}");
            }
            for (next_op, bits) in units {
                let was_due = counter.is_due();
                let mut next = executed(counter);
                if version == Version::V3_11 && next.value() == 0 && counter.backoff() == 0 {
                    // 3.11 gives up a specialised form with the last miss, not at the next.
                    next = next.failed();
                }
                assert_eq!(next.bits(), bits, "{version} {op} after {counter:?}");
                assert!(op == next_op || was_due || version == Version::V3_11);
                counter = Counter::of(version, next_op, bits).expect("a counter");
                op = next_op;
                compared += 1;
            }
        }
        assert_eq!(compared, 820, "{version}");
    }
}

#[test]
fn caches_are_read_and_written_by_name() {
    // LOAD_GLOBAL with index 7 in 3.12 and 3.13: the interpreter keeps the index last from 3.13 on.
    for (version, cache) in [
        (Version::V3_12, [0x11, 7, 5, 6]),
        (Version::V3_13, [0x11, 5, 6, 7]),
    ] {
        let raw = version.table().raw(Op::LoadGlobal).expect("an opcode");
        let mut code = vec![raw, 0];
        code.extend(cache.iter().flat_map(|unit: &u16| unit.to_le_bytes()));
        let mut adaptive = AdaptiveCode::from_bytes(version, code).expect("whole units");
        let at = UnitOffset(0);
        let names = ["index", "module_keys_version", "builtin_keys_version"];
        let found = names.map(|name| adaptive.cache(at).and_then(|cache| cache.field(name)));
        assert_eq!(found, [Some(7), Some(5), Some(6)], "{version}");
        assert!(adaptive.set_field(at, "index", 0xfffe));
        assert!(!adaptive.set_field(at, "index", 0x10000));
        assert!(!adaptive.set_field(at, "descr", 0));
        assert!(!adaptive.specialize(at, Op::BinaryOpAddInt));
        assert!(adaptive.specialize(at, Op::LoadGlobalModule));
        let cache = adaptive.cache(at).expect("a cache");
        assert_eq!(
            (cache.op(), cache.base()),
            (Op::LoadGlobalModule, Op::LoadGlobal)
        );
        assert_eq!(cache.field("index"), Some(0xfffe));
        assert_eq!(cache.field("module_keys_version"), Some(5));
        let plain = adaptive.deopt().expect("known opcodes");
        assert_eq!(plain, [raw, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
        assert!(adaptive.cache(UnitOffset(u32::MAX)).is_none());
    }
}

#[test]
fn what_is_no_adaptive_code_is_refused() {
    assert!(AdaptiveCode::from_bytes(Version::V3_10, vec![9, 0]).is_none());
    assert!(AdaptiveCode::from_bytes(Version::V3_13, vec![9]).is_none());
    let cut = AdaptiveCode::from_bytes(Version::V3_13, vec![0x5b, 0]).expect("whole units");
    assert!(cut.cache(UnitOffset(0)).is_none());
    assert_eq!((cut.caches().count(), cut.deopt()), (0, None));
    let unknown = AdaptiveCode::from_bytes(Version::V3_13, vec![0xfe, 0]).expect("whole units");
    assert_eq!(unknown.deopt(), None);
}
