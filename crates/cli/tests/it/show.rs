//! `pyco show`: golden text.

use crate::support::{RELEASES, assert_same, programs, pyc, pyco_prints};

#[test]
fn show_prints_header_and_tree() {
    let expected = "\
fixtures/pyc/3.13/shapes.pyc
  written by    CPython 3.13 (magic number 3571)
  source        hash 45f6ed809657a57c, not checked on import
  compiled from fixtures/src/shapes.py
  size          3278 bytes: 16 of header, 3262 marshalled
  code objects  8, 1274 bytes of bytecode
<module>                                 line 1, 1036 bytes, stack 13
├── <genexpr>(.0)                        line 9, 84 bytes, stack 4, generator
├── local_import()                       line 12, 32 bytes, stack 2
├── <lambda>()                           line 30, 24 bytes, stack 3
├── <lambda>()                           line 32, 24 bytes, stack 3
├── <lambda>()                           line 33, 34 bytes, stack 1
├── <lambda>()                           line 34, 22 bytes, stack 2
└── exec_from_import()                   line 38, 18 bytes, stack 2
";
    let text = pyco_prints(&["show", &pyc("3.13", "shapes")]);
    assert_same("show", &text, expected);
}

#[test]
fn show_reads_every_version() {
    for release in RELEASES {
        for name in programs(release) {
            let text = pyco_prints(&["show", &pyc(release, &name)]);
            assert!(
                text.contains(&format!("written by    CPython {release} ")),
                "{text}"
            );
            let json = pyco_prints(&["show", "--json", &pyc(release, &name)]);
            assert!(
                json.contains(&format!("\"python\":\"{release}\"")),
                "{json}"
            );
        }
    }
}
