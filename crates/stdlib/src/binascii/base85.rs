//! Base85, and Ascii85 with its short forms and frame.

use super::Decoded;

pub(super) const ALPHABET: &[u8; 85] =
    b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz!#$%&()*+-;<=>?@^_`{|}~";

pub(super) const ASCII85_ALPHABET: &[u8; 85] =
    b"!\"#$%&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`abcdefghijklmnopqrstu";

const SPACES: u32 = 0x2020_2020;

fn wrong(message: &str) -> Decoded {
    Err(message.to_owned())
}

/// Digits on their way to bytes, five for four.
struct Group {
    bytes: Vec<u8>,
    value: u64,
    place: usize,
}

/// What a whole group is.
enum Whole {
    Word(u32),
    Overflow,
}

impl Group {
    fn new(len: usize) -> Group {
        Group {
            bytes: Vec::with_capacity(len / 5 * 4 + 4),
            value: 0,
            place: 0,
        }
    }

    /// Takes a digit, and gives the group when that makes it whole.
    fn push(&mut self, digit: u8) -> Option<Whole> {
        self.value = self.value * 85 + u64::from(digit);
        self.place += 1;
        if self.place < 5 {
            return None;
        }
        let value = std::mem::take(&mut self.value);
        self.place = 0;
        Some(u32::try_from(value).map_or(Whole::Overflow, Whole::Word))
    }

    /// Ends the text: a last group that is not whole goes on with the largest digit.
    fn finish(mut self, name: &str, is_canonical: bool, overflow: &str) -> Decoded {
        let digit_len = self.place;
        if digit_len == 0 {
            return Ok(self.bytes);
        }
        let given = self.value;
        let word = loop {
            match self.push(84) {
                None => {}
                Some(Whole::Word(word)) => break word,
                Some(Whole::Overflow) => return wrong(overflow),
            }
        };
        if digit_len == 1 {
            return Err(format!("Incomplete {name} group"));
        }
        let bytes = &word.to_be_bytes()[..digit_len - 1];
        if is_canonical {
            let mut zeros = [0; 4];
            zeros[..bytes.len()].copy_from_slice(bytes);
            let unit = 85_u64.pow(5 - digit_len as u32);
            if u64::from(u32::from_be_bytes(zeros)) / unit != given {
                return wrong("Non-zero padding bits");
            }
        }
        self.bytes.extend_from_slice(bytes);
        Ok(self.bytes)
    }
}

/// Digits to bytes.
pub(super) fn decode(
    text: &[u8],
    digits: &[u8; 256],
    ignored: Option<&[bool; 256]>,
    is_canonical: bool,
) -> Decoded {
    let overflow = |at: usize| {
        let start = at / 5 * 5;
        format!("Base85 overflow in hunk starting at byte {start}")
    };
    let mut group = Group::new(text.len());
    for (at, byte) in text.iter().enumerate() {
        let digit = digits[usize::from(*byte)];
        if digit == 255 {
            if ignored.is_some_and(|ignored| ignored[usize::from(*byte)]) {
                continue;
            }
            return Err(format!("bad Base85 character at position {at}"));
        }
        match group.push(digit) {
            None => {}
            Some(Whole::Word(word)) => group.bytes.extend(word.to_be_bytes()),
            Some(Whole::Overflow) => return Err(overflow(at)),
        }
    }
    // The digits that are missing count as if they were there.
    let end = overflow(text.len() + 4 - group.place.min(4));
    group.finish("Base85", is_canonical, &end)
}

/// Digits to bytes, with `z` for four zeros and perhaps `y` for four spaces, perhaps between `<~` and `~>`.
pub(super) fn decode_ascii85(
    text: &[u8],
    folds_spaces: bool,
    is_framed: bool,
    ignored: Option<&[bool; 256]>,
    is_canonical: bool,
) -> Decoded {
    let mut text = text;
    if is_framed {
        match text.strip_suffix(b"~>") {
            Some(inner) => text = inner.strip_prefix(b"<~").unwrap_or(inner),
            None => return wrong("Ascii85 encoded byte sequences must end with b'~>'"),
        }
    }
    let mut group = Group::new(text.len());
    for byte in text {
        let short = match byte {
            b'z' => Some(0),
            b'y' if folds_spaces => Some(SPACES),
            _ => None,
        };
        if let Some(word) = short {
            if group.place > 0 {
                let byte = char::from(*byte);
                return Err(format!("'{byte}' inside Ascii85 5-tuple"));
            }
            group.bytes.extend(word.to_be_bytes());
            continue;
        }
        if !(b'!'..=b'u').contains(byte) {
            if ignored.is_some_and(|ignored| ignored[usize::from(*byte)]) {
                continue;
            }
            return Err(format!("Non-Ascii85 digit found: {}", char::from(*byte)));
        }
        match group.push(byte - b'!') {
            None => {}
            Some(Whole::Word(0)) if is_canonical => {
                return wrong("Non-canonical encoding, use 'z' for all-zero groups");
            }
            Some(Whole::Word(word)) => group.bytes.extend(word.to_be_bytes()),
            Some(Whole::Overflow) => return wrong("Ascii85 overflow"),
        }
    }
    group.finish("Ascii85", is_canonical, "Ascii85 overflow")
}

fn digits_of(word: u32, alphabet: &[u8]) -> [u8; 5] {
    let mut rest = word as usize;
    let mut digits = [0; 5];
    for digit in digits.iter_mut().rev() {
        *digit = alphabet[rest % 85];
        rest /= 85;
    }
    digits
}

/// The four bytes of a group, zeros after what there is.
fn word_of(part: &[u8]) -> u32 {
    let mut bytes = [0; 4];
    bytes[..part.len()].copy_from_slice(part);
    u32::from_be_bytes(bytes)
}

/// Bytes to digits; `pads` if the last group is whole.
pub(super) fn encode(data: &[u8], alphabet: &[u8], pads: bool) -> Vec<u8> {
    let mut text = Vec::with_capacity(data.len().div_ceil(4) * 5);
    for part in data.chunks(4) {
        let len = if pads { 5 } else { part.len() + 1 };
        text.extend_from_slice(&digits_of(word_of(part), alphabet)[..len]);
    }
    text
}

/// Bytes to digits with short forms, perhaps in a frame, in lines of `width`.
pub(super) fn encode_ascii85(
    data: &[u8],
    folds_spaces: bool,
    width: Option<usize>,
    pads: bool,
    is_framed: bool,
) -> Vec<u8> {
    let mut text = Vec::with_capacity(data.len().div_ceil(4) * 5 + 4);
    if is_framed {
        text.extend(b"<~");
    }
    for part in data.chunks(4) {
        let is_whole = pads || part.len() == 4;
        match word_of(part) {
            0 if is_whole => text.push(b'z'),
            SPACES if is_whole && folds_spaces => text.push(b'y'),
            word => {
                let len = if pads { 5 } else { part.len() + 1 };
                text.extend_from_slice(&digits_of(word, ASCII85_ALPHABET)[..len]);
            }
        }
    }
    // Each half of the frame stays in one line.
    let width = width.map(|width| if is_framed { width.max(2) } else { width });
    let mut lines = super::wrap(text, width);
    if is_framed {
        let last = lines
            .rsplit(|byte| *byte == b'\n')
            .next()
            .map_or(0, <[u8]>::len);
        if width.is_some_and(|width| last + 2 > width) {
            lines.push(b'\n');
        }
        lines.extend(b"~>");
    }
    lines
}
