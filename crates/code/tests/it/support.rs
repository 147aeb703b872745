//! The recorded fixtures.

use std::path::{Path, PathBuf};

use pyco_code::{CodeObject, Version};

/// A marshalled code object of some version, and where what was recorded about it lies.
pub(crate) struct Fixture {
    pub(crate) version: Version,
    pub(crate) path: PathBuf,
    pub(crate) bytes: Vec<u8>,
    pub(crate) code: CodeObject,
}

impl Fixture {
    pub(crate) fn name(&self) -> String {
        self.path.display().to_string()
    }
}

pub(crate) fn fixtures() -> Vec<Fixture> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures");
    let mut fixtures = Vec::new();
    for version in Version::ALL {
        for name in ["common", "later", "newest"] {
            let path = folder.join(format!("{version}/{name}.marshal"));
            let Ok(bytes) = std::fs::read(&path) else {
                continue;
            };
            let code = CodeObject::from_marshal(version, &bytes, 0).expect("a code object");
            fixtures.push(Fixture {
                version,
                path,
                bytes,
                code,
            });
        }
    }
    assert_eq!(fixtures.len(), 26, "fixtures are missing");
    fixtures
}
