//! The text of `dis.dis`, byte for byte.

use pyco_code::DisOptions;

use crate::support::fixtures;

#[test]
fn text_is_that_of_each_versions_dis() {
    let mut compared = 0;
    for fixture in fixtures() {
        for options in [
            "plain",
            "adaptive+show_caches",
            "adaptive+show_caches+show_offsets",
            "adaptive+show_caches+show_offsets+show_positions",
        ] {
            let path = fixture.path.with_extension(format!("{options}.txt"));
            let Ok(expected) = std::fs::read(&path) else {
                continue;
            };
            let has = |name: &str| options.split('+').any(|option| option == name);
            let options = DisOptions {
                show_caches: has("show_caches"),
                adaptive: has("adaptive"),
                show_offsets: has("show_offsets"),
                show_positions: has("show_positions"),
                without_nested: false,
            };
            let text = fixture.code.dis().with(options).to_string();
            let expected = String::from_utf8(expected).expect("UTF-8");
            for (number, (ours, theirs)) in text.split('\n').zip(expected.split('\n')).enumerate() {
                assert_eq!(ours, theirs, "{} line {}", path.display(), number + 1);
            }
            assert_eq!(text.len(), expected.len(), "{}", path.display());
            compared += 1;
        }
    }
    assert_eq!(compared, 41);
}
