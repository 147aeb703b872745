//! The questions that str answers about its characters.

use super::unicode::{Properties, UnicodeVersion, decimal_value, is_space, properties};
use super::unit::{Unit, with_units};
use super::view::StrView;

impl StrView<'_> {
    /// Whether there is a character and all have the property.
    fn all(self, version: UnicodeVersion, has: impl Fn(Properties) -> bool) -> bool {
        fn each<U: Unit>(
            units: &[U],
            version: UnicodeVersion,
            has: impl Fn(Properties) -> bool,
        ) -> bool {
            units
                .iter()
                .all(|&unit| has(properties(unit.into(), version)))
        }
        !self.is_empty() && with_units!(self, units => each(units, version, has))
    }

    /// `str.isalpha`.
    pub fn is_alpha(self, version: UnicodeVersion) -> bool {
        self.all(version, Properties::is_alpha)
    }

    /// `str.isdecimal`.
    pub fn is_decimal(self, version: UnicodeVersion) -> bool {
        self.all(version, Properties::is_decimal)
    }

    /// `str.isdigit`.
    pub fn is_digit(self, version: UnicodeVersion) -> bool {
        self.all(version, Properties::is_digit)
    }

    /// `str.isnumeric`.
    pub fn is_numeric(self, version: UnicodeVersion) -> bool {
        self.all(version, Properties::is_numeric)
    }

    /// `str.isalnum`.
    pub fn is_alnum(self, version: UnicodeVersion) -> bool {
        self.all(version, Properties::is_alnum)
    }

    /// `str.isprintable`.
    pub fn is_printable(self, version: UnicodeVersion) -> bool {
        self.is_empty() || self.all(version, Properties::is_printable)
    }

    /// `str.isspace`.
    pub fn is_space(self) -> bool {
        !self.is_empty() && self.chars().all(is_space)
    }

    /// `str.isidentifier`; keywords are identifiers too.
    pub fn is_identifier(self, version: UnicodeVersion) -> bool {
        let mut chars = self.chars();
        chars
            .next()
            .is_some_and(|c| properties(c, version).is_id_start())
            && chars.all(|c| properties(c, version).is_id_continue())
    }

    /// `str.isupper`.
    pub fn is_upper(self, version: UnicodeVersion) -> bool {
        let mut any = false;
        for c in self.chars() {
            let properties = properties(c, version);
            if properties.is_lower() || properties.is_title() {
                return false;
            }
            any |= properties.is_upper();
        }
        any
    }

    /// `str.islower`.
    pub fn is_lower(self, version: UnicodeVersion) -> bool {
        let mut any = false;
        for c in self.chars() {
            let properties = properties(c, version);
            if properties.is_upper() || properties.is_title() {
                return false;
            }
            any |= properties.is_lower();
        }
        any
    }

    /// `str.istitle`.
    pub fn is_title(self, version: UnicodeVersion) -> bool {
        let (mut any, mut in_word) = (false, false);
        for c in self.chars() {
            let properties = properties(c, version);
            let starts = properties.is_upper() || properties.is_title();
            let goes_on = properties.is_lower();
            if starts && in_word || goes_on && !in_word {
                return false;
            }
            in_word = starts || goes_on;
            any |= in_word;
        }
        any
    }

    /// The text as `int`, `float` and `complex` read it: whitespace as a blank, decimal digits of any script as ASCII digits;
    /// `?` stands for the first other character beyond ASCII, and ends it.
    pub fn to_ascii_digits(self, version: UnicodeVersion) -> String {
        let mut out = String::with_capacity(self.len());
        for c in self.chars() {
            match (c, decimal_value(c, version)) {
                (0..0x80, _) => out.push(char::from(c as u8)),
                (_, Some(digit)) => out.push(char::from(b'0' + digit)),
                _ if is_space(c) => out.push(' '),
                _ => {
                    out.push('?');
                    break;
                }
            }
        }
        out
    }
}
