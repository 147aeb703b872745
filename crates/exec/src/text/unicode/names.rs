//! The names of characters, for `\N{…}`: those of the newest Unicode version, from a library, for characters that the asked
//! version has already.

use super::{UnicodeVersion, run_of};

/// Longer than any name.
const MAX_LEN: usize = 128;

/// `unicodedata.name` of a code point; nothing for control characters, surrogates and what is not assigned.
pub fn name_of(c: u32, version: UnicodeVersion) -> Option<String> {
    if version < run_of(c).age {
        return None;
    }
    let name = unicode_names2::name(char::from_u32(c)?)?;
    Some(name.to_string())
}

/// The code point with a name or an alias, in either case; nothing else may differ.
pub fn char_named(name: &str, version: UnicodeVersion) -> Option<u32> {
    let is_of_names = |c: u8| c.is_ascii_alphanumeric() || matches!(c, b' ' | b'-');
    if name.is_empty() || name.len() > MAX_LEN || !name.bytes().all(is_of_names) {
        return None;
    }
    // The library passes over spaces and hyphens, CPython does not.
    let c = unicode_names2::character(name)?;
    let is_exact = match unicode_names2::name(c) {
        Some(found) => found.to_string().eq_ignore_ascii_case(name) || is_alias(name, c),
        None => is_alias(name, c),
    };
    (is_exact && run_of(c.into()).age <= version).then_some(c.into())
}

/// Whether a name that leads to a character is not merely its proper one, differently spaced.
fn is_alias(name: &str, c: char) -> bool {
    let letters = |text: &str| -> String {
        let kept = text.chars().filter(char::is_ascii_alphanumeric);
        kept.map(|c| c.to_ascii_uppercase()).collect()
    };
    let is_spaced_well = !name.starts_with(' ') && !name.ends_with(' ') && !name.contains("  ");
    let proper = unicode_names2::name(c).map(|proper| proper.to_string());
    is_spaced_well && proper.is_none_or(|proper| letters(&proper) != letters(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lead_to_characters_and_back() {
        let version = UnicodeVersion::V17;
        for (name, c) in [
            ("EURO SIGN", 0x20AC),
            ("euro sign", 0x20AC),
            ("HYPHEN-MINUS", 0x2D),
            ("CJK UNIFIED IDEOGRAPH-4E00", 0x4E00),
            ("HANGUL SYLLABLE GA", 0xAC00),
            ("HANGUL JUNGSEONG O-E", 0x1180),
            ("LINE FEED", 0x0A),
        ] {
            assert_eq!(char_named(name, version), Some(c), "{name}");
        }
        for name in [
            "",
            "EUROSIGN",
            "EURO-SIGN",
            "EURO_SIGN",
            " EURO SIGN",
            "NO SUCH NAME",
        ] {
            assert_eq!(char_named(name, version), None, "{name}");
        }
        assert_eq!(name_of(0x20AC, version).as_deref(), Some("EURO SIGN"));
        assert_eq!(name_of(0x0A, version), None);
        assert_eq!(name_of(0xD800, version), None);
        // SHAKING FACE came with Unicode 15.
        assert_eq!(char_named("SHAKING FACE", UnicodeVersion::V14), None);
        assert_eq!(
            char_named("SHAKING FACE", UnicodeVersion::V15),
            Some(0x1FAE8)
        );
    }
}
