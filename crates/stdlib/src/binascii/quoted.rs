//! Quoted-printable text.

use super::hex::digit;

/// How to encode.
pub(super) struct Style {
    pub(super) quotes_tabs: bool,
    /// Whether line ends are those of text.
    pub(super) is_text: bool,
    /// Whether an underscore stands for a space.
    pub(super) is_header: bool,
}

/// Text to bytes.
pub(super) fn decode(text: &[u8], is_header: bool) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut at = 0;
    while let Some(byte) = text.get(at) {
        at += 1;
        match (byte, text.get(at..).unwrap_or(&[])) {
            (b'=', []) => break,
            (b'=', [b'\n', ..]) => at += 1,
            (b'=', rest @ [b'\r', ..]) => {
                let end = memchr::memchr(b'\n', rest);
                at = end.map_or(text.len(), |end| at + end + 1);
            }
            (b'=', [b'=', ..]) => {
                bytes.push(b'=');
                at += 1;
            }
            (b'=', [high, low, ..])
                if let (Some(high), Some(low)) = (digit(*high), digit(*low)) =>
            {
                bytes.push(high << 4 | low);
                at += 2;
            }
            (b'_', _) if is_header => bytes.push(b' '),
            _ => bytes.push(*byte),
        }
    }
    bytes
}

/// The longest line, its `=` included.
const MOST: usize = 76;

/// Bytes to text.
pub(super) fn encode(data: &[u8], style: &Style) -> Vec<u8> {
    let first_end = memchr::memchr(b'\n', data);
    let has_returns = first_end.is_some_and(|end| end > 0 && data[end - 1] == b'\r');
    let line_end: &[u8] = if has_returns { b"\r\n" } else { b"\n" };
    let mut text = Vec::with_capacity(data.len() + data.len() / 8);
    let (mut at, mut line_len) = (0, 0);
    while let Some(byte) = data.get(at).copied() {
        let next = data.get(at + 1).copied();
        let is_end = style.is_text && (byte == b'\n' || byte == b'\r' && next == Some(b'\n'));
        if needs_quotes(byte, next, line_len, style) {
            if line_len + 3 >= MOST {
                text.push(b'=');
                text.extend_from_slice(line_end);
                line_len = 0;
            }
            push_quoted(&mut text, byte);
            line_len += 3;
        } else if is_end {
            line_len = 0;
            if let Some(space @ (b' ' | b'\t')) = text.last().copied() {
                text.pop();
                push_quoted(&mut text, space);
            }
            text.extend_from_slice(line_end);
            at += usize::from(byte == b'\r');
        } else {
            if next.is_some_and(|next| next != b'\n') && line_len + 1 >= MOST {
                text.push(b'=');
                text.extend_from_slice(line_end);
                line_len = 0;
            }
            line_len += 1;
            text.push(match byte {
                b' ' if style.is_header => b'_',
                _ => byte,
            });
        }
        at += 1;
    }
    text
}

fn needs_quotes(byte: u8, next: Option<u8>, line_len: usize, style: &Style) -> bool {
    match byte {
        127.. | b'=' => true,
        b'_' => style.is_header,
        // A dot alone in a line ends a message.
        b'.' => line_len == 0 && matches!(next, None | Some(b'\n' | b'\r' | 0)),
        b'\r' | b'\n' => !style.is_text,
        b'\t' | b' ' => next.is_none() || style.quotes_tabs && byte < 33,
        _ => byte < 33,
    }
}

fn push_quoted(text: &mut Vec<u8>, byte: u8) {
    const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
    text.push(b'=');
    text.push(DIGITS[usize::from(byte >> 4)]);
    text.push(DIGITS[usize::from(byte & 15)]);
}
