//! The rules about dependencies: layers point one way only, licences are permissive.

use anyhow::{Context, Result};
use serde_json::Value;

use crate::sh;

/// What each crate of ours may name as a dependency, among crates of ours.
///
/// `xtask`, `benches` and the fuzz workspace stand outside the layers and may use any of them.
const LAYERS: &[(&str, &[&str])] = &[
    ("pyco-varint", &[]),
    ("pyco-linetable", &["pyco-varint"]),
    ("pyco-marshal", &[]),
    (
        "pyco-code",
        &["pyco-varint", "pyco-linetable", "pyco-marshal"],
    ),
    (
        "pyco-exec",
        &["pyco-varint", "pyco-linetable", "pyco-marshal", "pyco-code"],
    ),
    (
        "pyco-stdlib",
        &[
            "pyco-varint",
            "pyco-linetable",
            "pyco-marshal",
            "pyco-code",
            "pyco-exec",
        ],
    ),
];

/// Licences that a dependency may have: permissive, and compatible with MIT OR Apache-2.0.
const LICENCES: &[&str] = &[
    "0BSD",
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSL-1.0",
    "CC0-1.0",
    "ISC",
    "MIT",
    "MIT-0",
    "Unicode-3.0",
    "Unicode-DFS-2016",
    "Unlicense",
    "Zlib",
];

pub(super) fn check() -> Result<Vec<String>> {
    let metadata = sh::output(&mut sh::cargo([
        "metadata",
        "--format-version=1",
        "--locked",
    ]))?;
    let metadata: Value = serde_json::from_slice(&metadata)?;
    let packages = metadata["packages"]
        .as_array()
        .context("cargo metadata names no packages")?;
    let mut complaints = Vec::new();
    for package in packages {
        let name = package["name"].as_str().unwrap_or_default();
        if let Some((_, below)) = LAYERS.iter().find(|(layer, _)| *layer == name) {
            complaints.extend(layer_complaints(name, package, below));
        }
        let licence = package["license"].as_str().unwrap_or("none stated");
        if !is_permissive(licence) {
            complaints.push(format!(
                "{name}: found licence {licence}, expected a permissive one"
            ));
        }
    }
    Ok(complaints)
}

fn layer_complaints(name: &str, package: &Value, below: &[&str]) -> Vec<String> {
    let dependencies = package["dependencies"]
        .as_array()
        .map_or(&[][..], Vec::as_slice);
    let mut complaints = Vec::new();
    for dependency in dependencies {
        let other = dependency["name"].as_str().unwrap_or_default();
        // Tests may use any crate that does not lead back; cargo itself refuses none of those.
        let is_for_tests = dependency["kind"] == "dev";
        let is_ours = LAYERS.iter().any(|(layer, _)| *layer == other) || other == "pyco";
        if is_ours && !is_for_tests && !below.contains(&other) {
            complaints.push(format!("{name} depends on {other}, which is not below it"));
        }
        if name == "pyco-varint" && !is_for_tests {
            complaints.push(format!("{name} depends on {other}; it depends on nothing"));
        }
    }
    complaints
}

/// Whether the SPDX expression `licence` can be met with permissive licences alone.
///
/// Parentheses are ignored and OR is taken to bind weakest, which is right for every expression that
/// crates use so far; the old `MIT/Apache-2.0` form counts as OR.
fn is_permissive(licence: &str) -> bool {
    let plain = licence.replace(['(', ')'], "").replace('/', " OR ");
    plain.split(" OR ").any(|choice| {
        choice
            .split(" AND ")
            .all(|licence| LICENCES.contains(&licence.trim()))
    })
}

#[cfg(test)]
mod tests {
    use super::is_permissive;

    #[test]
    fn licences_are_judged_by_their_best_choice() {
        assert!(is_permissive("MIT OR Apache-2.0"));
        assert!(is_permissive("MIT/Apache-2.0"));
        assert!(is_permissive("(MIT OR Apache-2.0) AND Unicode-3.0"));
        assert!(is_permissive("GPL-3.0 OR MIT"));
        assert!(!is_permissive("GPL-3.0-only"));
        assert!(!is_permissive("MIT AND LGPL-3.0"));
    }
}
