//! From columns in UTF-8 bytes, which tables hold, to columns in characters, which people count.
//!
//! Invariant: any column is answered, also one past the line or inside a character.

/// How many characters (Unicode scalar values) of `line` start before byte `column`, both counted from 0: the
/// column in characters.
///
/// A column inside a character counts that character, one past the end gives the length of the line: what
/// CPython's `traceback` does before it places its carets.
///
/// ```
/// use pyco_linetable::column_to_chars;
///
/// let line = "naïve = (α + 1)";
/// assert_eq!(column_to_chars(line, 7), 6);
/// assert_eq!(line.chars().nth(6), Some('='));
/// assert_eq!(column_to_chars(line, 3), 3); // inside the ï
/// assert_eq!(column_to_chars(line, 99), 15);
/// ```
#[must_use]
pub fn column_to_chars(line: &str, column: u32) -> usize {
    let column = usize::try_from(column).map_or(line.len(), |column| column.min(line.len()));
    // Every byte but a continuation byte, 0b10xxxxxx, starts a character.
    line.as_bytes()[..column]
        .iter()
        .filter(|byte| **byte & 0xc0 != 0x80)
        .count()
}
