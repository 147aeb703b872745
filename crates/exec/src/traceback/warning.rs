//! The text of a warning, the same in all versions.

use super::pystr;

/// What `warnings.showwarning` writes: `file:line: Category: message` and the source line, if there is one.
///
/// `category` is `__name__`, not `__qualname__`; `line` is the line's text as far as it is known.
///
/// ```
/// use pyco_exec::traceback::format_warning;
/// let text = format_warning("a.py", 3, "DeprecationWarning", "old", Some("    f()\n"));
/// assert_eq!(text, "a.py:3: DeprecationWarning: old\n  f()\n");
/// ```
pub fn format_warning(
    filename: &str,
    lineno: i64,
    category: &str,
    message: &str,
    line: Option<&str>,
) -> String {
    let mut text = format!("{filename}:{lineno}: {category}: {message}\n");
    let line = pystr::strip(line.unwrap_or(""));
    if !line.is_empty() {
        text.push_str("  ");
        text.push_str(line);
        text.push('\n');
    }
    text
}
