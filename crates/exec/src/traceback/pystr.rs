//! The few `str` and `textwrap` operations whose exact rules show in traceback text.
//!
//! Offsets here are in characters unless a name says bytes. Python's idea of a line break and of a space is wider
//! than Rust's; that matters for source with form feeds or information separators in it.

/// `str.isspace` for one character.
pub(super) fn is_space(c: char) -> bool {
    c.is_whitespace() || ('\x1c'..='\x1f').contains(&c)
}

fn is_line_break(c: char) -> bool {
    matches!(
        c,
        '\n' | '\r' | '\x0b' | '\x0c' | '\x1c'..='\x1e' | '\u{85}' | '\u{2028}' | '\u{2029}'
    )
}

/// `str.splitlines(keepends=True)`.
pub(super) fn lines_with_ends(text: &str) -> Vec<&str> {
    let mut lines = Vec::new();
    let mut rest = text;
    while let Some((at, c)) = rest.char_indices().find(|(_, c)| is_line_break(*c)) {
        let mut end = at + c.len_utf8();
        if c == '\r' && rest[end..].starts_with('\n') {
            end += 1;
        }
        lines.push(&rest[..end]);
        rest = &rest[end..];
    }
    if !rest.is_empty() {
        lines.push(rest);
    }
    lines
}

/// `str.splitlines()`.
pub(super) fn lines(text: &str) -> Vec<&str> {
    let without_end = |line: &'_ str| {
        let stripped = line.strip_suffix("\r\n");
        stripped
            .unwrap_or_else(|| line.strip_suffix(is_line_break).unwrap_or(line))
            .len()
    };
    let lines = lines_with_ends(text);
    lines
        .into_iter()
        .map(|line| &line[..without_end(line)])
        .collect()
}

/// `str.strip()`.
pub(super) fn strip(text: &str) -> &str {
    text.trim_matches(is_space)
}

/// `str.rstrip()`.
pub(super) fn strip_end(text: &str) -> &str {
    text.trim_end_matches(is_space)
}

/// How many characters `str.lstrip()` takes off.
pub(super) fn leading_space_count(text: &str) -> usize {
    text.chars().take_while(|c| is_space(*c)).count()
}

/// `textwrap.dedent`: takes off the spaces and tabs common to all lines that are not blank.
pub(super) fn dedent(text: &str) -> String {
    let is_blank = |line: &str| line.chars().all(is_space);
    let mut margin: Option<&str> = None;
    for line in text.split('\n').filter(|line| !is_blank(line)) {
        let indent = &line[..line.len() - line.trim_start_matches([' ', '\t']).len()];
        margin = Some(match margin {
            None => indent,
            Some(margin) => common_prefix(margin, indent),
        });
    }
    let margin = margin.map_or(0, str::len);
    let dedented: Vec<&str> = text
        .split('\n')
        .map(|line| if is_blank(line) { "" } else { &line[margin..] })
        .collect();
    dedented.join("\n")
}

fn common_prefix<'a>(a: &'a str, b: &str) -> &'a str {
    let length = a.bytes().zip(b.bytes()).take_while(|(x, y)| x == y).count();
    &a[..length]
}

/// `textwrap.indent` with every line indented, blank ones too.
pub(super) fn indent(text: &str, prefix: &str) -> String {
    let mut indented = String::with_capacity(text.len() + prefix.len());
    for line in lines_with_ends(text) {
        indented.push_str(prefix);
        indented.push_str(line);
    }
    indented
}

/// The number of characters.
pub(super) fn length(text: &str) -> usize {
    text.chars().count()
}

/// Where the character with this index starts, in bytes; the end of the text if there is none.
pub(super) fn byte_index(text: &str, character: usize) -> usize {
    text.char_indices()
        .nth(character)
        .map_or(text.len(), |(at, _)| at)
}

/// `text[start:end]` in characters.
pub(super) fn slice(text: &str, start: usize, end: usize) -> &str {
    if start >= end {
        return "";
    }
    let from = byte_index(text, start);
    let rest = &text[from..];
    &rest[..byte_index(rest, end - start)]
}

/// How many characters the first `bytes` bytes decode to, a character cut in two counting as one.
pub(super) fn characters_in_bytes(text: &str, bytes: usize) -> usize {
    text.char_indices()
        .take_while(|(at, _)| *at < bytes)
        .count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_break_where_python_breaks_them() {
        assert_eq!(lines("a\r\nb\rc\x0cd\n\ne"), ["a", "b", "c", "d", "", "e"]);
        assert_eq!(lines_with_ends("a\r\nb\n"), ["a\r\n", "b\n"]);
        assert!(lines("").is_empty());
    }

    #[test]
    fn dedent_keeps_relative_indentation_and_empties_blank_lines() {
        assert_eq!(dedent("  a\n    b\n \n"), "a\n  b\n\n");
        assert_eq!(dedent("\ta\n  b"), "\ta\n  b");
    }

    #[test]
    fn a_character_cut_in_two_counts_as_one() {
        assert_eq!(characters_in_bytes("é中x", 0), 0);
        assert_eq!(characters_in_bytes("é中x", 1), 1);
        assert_eq!(characters_in_bytes("é中x", 4), 2);
        assert_eq!(characters_in_bytes("é中x", 99), 3);
    }
}
