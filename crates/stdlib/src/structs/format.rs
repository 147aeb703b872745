//! Formats of structs: from text to where each item lies.
//!
//! Invariants:
//! - `size` and every item's end fit an `isize`;
//! - the items are in order and do not overlap.

/// What a format says.
pub(super) struct Format {
    pub(super) items: Vec<Item>,
    /// How many bytes a struct has.
    pub(super) size: usize,
    /// How many values a struct has.
    pub(super) value_len: usize,
    pub(super) order: Order,
}

/// Which byte of a number is first, and whether sizes and alignment are the machine's.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Order {
    /// `@`, or nothing.
    Native,
    /// `<`, or `=` where that is the machine's order.
    Little,
    /// `>`, `!`.
    Big,
}

impl Order {
    /// Whether the most significant byte is first.
    pub(super) fn is_big(self) -> bool {
        match self {
            Order::Native => cfg!(target_endian = "big"),
            Order::Little => false,
            Order::Big => true,
        }
    }
}

/// A row of values of one kind.
pub(super) struct Item {
    /// The format character.
    pub(super) code: u8,
    pub(super) kind: Kind,
    /// Where the first one starts.
    pub(super) offset: usize,
    /// How many bytes one has.
    pub(super) size: usize,
    pub(super) repeat: usize,
}

/// How a value becomes bytes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Kind {
    Pad,
    /// One byte.
    Char,
    /// So many bytes.
    Bytes,
    /// Bytes behind their number.
    Pascal,
    Bool,
    Signed,
    Unsigned,
    Pointer,
    Half,
    Single,
    Double,
    SingleComplex,
    DoubleComplex,
}

/// What is wrong with a format.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum FormatError {
    BadCharacter,
    CountAlone,
    TooLong,
    Null,
}

impl FormatError {
    /// CPython's words for it.
    pub(super) fn message(self) -> &'static str {
        match self {
            FormatError::BadCharacter => "bad char in struct format",
            FormatError::CountAlone => "repeat count given without format specifier",
            FormatError::TooLong => "total struct size too long",
            FormatError::Null => "embedded null character",
        }
    }
}

/// The kind, size and alignment of a format character.
fn kind_of(code: u8, order: Order, minor: u8) -> Option<(Kind, usize, usize)> {
    let is_native = order == Order::Native;
    let (kind, size, alignment) = match code {
        b'x' => (Kind::Pad, 1, 1),
        b'c' => (Kind::Char, 1, 1),
        b's' => (Kind::Bytes, 1, 1),
        b'p' => (Kind::Pascal, 1, 1),
        b'?' => (Kind::Bool, 1, 1),
        b'b' => (Kind::Signed, 1, 1),
        b'B' => (Kind::Unsigned, 1, 1),
        b'h' => (Kind::Signed, 2, 2),
        b'H' => (Kind::Unsigned, 2, 2),
        b'i' => (Kind::Signed, 4, 4),
        b'I' => (Kind::Unsigned, 4, 4),
        b'l' if !is_native => (Kind::Signed, 4, 4),
        b'L' if !is_native => (Kind::Unsigned, 4, 4),
        b'l' | b'q' => (Kind::Signed, 8, 8),
        b'L' | b'Q' => (Kind::Unsigned, 8, 8),
        b'n' if is_native => (Kind::Signed, 8, 8),
        b'N' if is_native => (Kind::Unsigned, 8, 8),
        b'P' if is_native => (Kind::Pointer, 8, 8),
        b'e' => (Kind::Half, 2, 2),
        b'f' => (Kind::Single, 4, 4),
        b'd' => (Kind::Double, 8, 8),
        b'F' if minor >= 14 => (Kind::SingleComplex, 8, 4),
        b'D' if minor >= 14 => (Kind::DoubleComplex, 16, 8),
        _ => return None,
    };
    Some((kind, size, if is_native { alignment } else { 1 }))
}

const MOST: usize = isize::MAX as usize;

impl Format {
    /// Reads a format as Python 3.`minor` does.
    pub(super) fn parse(text: &[u8], minor: u8) -> Result<Format, FormatError> {
        if text.contains(&0) {
            return Err(FormatError::Null);
        }
        let (order, text) = match text.split_first() {
            Some((b'@', rest)) => (Order::Native, rest),
            Some((b'<', rest)) => (Order::Little, rest),
            Some((b'>' | b'!', rest)) => (Order::Big, rest),
            Some((b'=', rest)) if cfg!(target_endian = "big") => (Order::Big, rest),
            Some((b'=', rest)) => (Order::Little, rest),
            _ => (Order::Native, text),
        };
        let mut format = Format {
            items: Vec::new(),
            size: 0,
            value_len: 0,
            order,
        };
        let mut rest = text.iter().copied();
        while let Some(first) = rest.next() {
            if matches!(first, b' ' | b'\t'..=b'\r') {
                continue;
            }
            let (mut code, mut count) = (first, 1);
            if first.is_ascii_digit() {
                count = 0;
                while code.is_ascii_digit() {
                    count = next_digit(count, code).ok_or(FormatError::TooLong)?;
                    code = rest.next().ok_or(FormatError::CountAlone)?;
                }
            }
            if code == b'Z' && minor >= 15 {
                code = match rest.next() {
                    Some(b'f') => b'F',
                    Some(b'd') => b'D',
                    _ => return Err(FormatError::BadCharacter),
                };
            }
            format.add(code, count, minor)?;
        }
        Ok(format)
    }

    fn add(&mut self, code: u8, count: usize, minor: u8) -> Result<(), FormatError> {
        let (kind, size, alignment) =
            kind_of(code, self.order, minor).ok_or(FormatError::BadCharacter)?;
        let offset = self.size.next_multiple_of(alignment);
        let end = count
            .checked_mul(size)
            .and_then(|len| len.checked_add(offset));
        match end {
            Some(end) if end <= MOST => self.size = end,
            _ => return Err(FormatError::TooLong),
        }
        let (size, repeat) = match kind {
            Kind::Pad => return Ok(()),
            Kind::Bytes | Kind::Pascal => (count, 1),
            _ => (size, count),
        };
        self.value_len += repeat;
        if repeat > 0 {
            self.items.push(Item {
                code,
                kind,
                offset,
                size,
                repeat,
            });
        }
        Ok(())
    }
}

fn next_digit(count: usize, digit: u8) -> Option<usize> {
    let count = count
        .checked_mul(10)?
        .checked_add(usize::from(digit - b'0'))?;
    (count <= MOST).then_some(count)
}

#[cfg(test)]
mod tests {
    use super::{Format, FormatError};

    #[test]
    fn items_lie_where_c_puts_them() {
        let format = Format::parse(b"b2h3xq0i", 13).ok();
        let places = format.map(|f| {
            let offsets: Vec<usize> = f.items.iter().map(|item| item.offset).collect();
            (offsets, f.size, f.value_len)
        });
        assert_eq!(places, Some((vec![0, 2, 16], 24, 4)));
    }

    #[test]
    fn what_is_no_format_is_told() {
        let error = |text| Format::parse(text, 13).err();
        assert_eq!(error(b"3 i"), Some(FormatError::BadCharacter));
        assert_eq!(error(b"3"), Some(FormatError::CountAlone));
        assert_eq!(error(b"9223372036854775808s"), Some(FormatError::TooLong));
        assert_eq!(error(b"9223372036854775807s"), None);
        assert_eq!(error(b"9223372036854775807b0i"), Some(FormatError::TooLong));
    }
}
