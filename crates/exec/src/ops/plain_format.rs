//! `format(value, spec)` and `%` for what most programs write: a small int, a float or an ASCII str, and a spec of alignment, width,
//! precision and code at most. What is anything else is left to the general formatters, errors included.

use crate::numeric::float::{FIXED_LEN, fixed, shortest};
use crate::object::int_methods::{decimal, in_radix};
use crate::object::str_::Str;
use crate::text::StrView;
use crate::value::Value;
use crate::vm::Vm;

/// The longest result.
const LONGEST: usize = 64;

/// Where the padding goes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Pad {
    Left,
    Right,
    Both,
    /// Zeros behind the sign.
    Zeros,
}

/// A spec.
pub(crate) struct Plain {
    /// Nothing where the kind of value decides.
    pad: Option<Pad>,
    width: usize,
    /// Whether there is a comma between groups of three digits.
    is_grouped: bool,
    precision: Option<usize>,
    /// 0 if there is none.
    code: u8,
}

impl Plain {
    /// Reads `[align|0][width][,][.precision][code]`.
    fn of_format(spec: &[u8]) -> Option<Plain> {
        let (pad, rest) = match spec {
            [b'>', rest @ ..] => (Some(Pad::Left), rest),
            [b'<', rest @ ..] => (Some(Pad::Right), rest),
            [b'^', rest @ ..] => (Some(Pad::Both), rest),
            [b'0', rest @ ..] => (Some(Pad::Zeros), rest),
            rest => (None, rest),
        };
        match Plain::read(pad, rest)? {
            (plain, []) => Some(plain),
            _ => None,
        }
    }

    /// Reads what follows `%`, and gives what follows that: `[-|0][width][.precision]code`.
    pub(crate) fn of_percent(directive: &[u8]) -> Option<(Plain, &[u8])> {
        let (pad, rest) = match directive {
            [b'-', rest @ ..] => (Pad::Right, rest),
            [b'0', rest @ ..] => (Pad::Zeros, rest),
            rest => (Pad::Left, rest),
        };
        // `,` and `b` are `format`'s alone.
        Plain::read(Some(pad), rest)
            .filter(|(plain, _)| b"dsfxXo".contains(&plain.code) && !plain.is_grouped)
    }

    fn read(pad: Option<Pad>, rest: &[u8]) -> Option<(Plain, &[u8])> {
        // A zero besides an alignment, or two, mean something else.
        if rest.first() == Some(&b'0') {
            return None;
        }
        let (width, rest) = number(rest)?;
        let (is_grouped, rest) = match rest {
            [b',', rest @ ..] => (true, rest),
            rest => (false, rest),
        };
        let (precision, rest) = match rest {
            [b'.', digits @ ..] if digits.first().is_some_and(u8::is_ascii_digit) => {
                let (precision, rest) = number(digits)?;
                (Some(precision), rest)
            }
            rest => (None, rest),
        };
        let (code, rest) = match rest {
            [code, rest @ ..] => (*code, rest),
            [] => (0, rest),
        };
        let plain = Plain {
            pad,
            width,
            is_grouped,
            precision,
            code,
        };
        Some((plain, rest))
    }

    /// The text of `value` by this spec.
    #[inline]
    pub(crate) fn text<'a>(&self, value: &Value, room: &'a mut [u8; LONGEST]) -> Option<&'a [u8]> {
        let mut digits = [0; FIXED_LEN];
        let mut buffer = ryu::Buffer::new();
        let mut long = [0; LONGEST];
        let is_text = value.downcast::<Str>().is_some();
        let text = match (self.code, value.as_small_int(), value.as_float()) {
            (0 | b'd', Some(n), _) if self.precision.is_none() => decimal(&mut digits, n),
            (b'x' | b'X' | b'o' | b'b', Some(n), _)
                if self.precision.is_none() && !self.is_grouped =>
            {
                in_radix(&mut long, n, self.code)
            }
            (b's', Some(n), _) if self.precision.is_none() && self.pad != Some(Pad::Zeros) => {
                decimal(&mut digits, n)
            }
            // Small ints are floats without loss.
            (b'f', Some(n), _) => fixed(n as f64, self.precision.unwrap_or(6), &mut digits)?,
            (b'f', None, Some(x)) => fixed(x, self.precision.unwrap_or(6), &mut digits)?,
            (0, None, Some(x)) if self.precision.is_none() => shortest(x, &mut buffer)?.as_bytes(),
            (0 | b's', None, None) if is_text && self.pad != Some(Pad::Zeros) => {
                let text = value.downcast::<Str>().filter(|text| text.is_exact())?;
                let text = text.as_ascii()?.as_bytes();
                &text[..text.len().min(self.precision.unwrap_or(usize::MAX))]
            }
            _ => return None,
        };
        let mut grouped_text = [0; LONGEST];
        let text = match self.is_grouped {
            true if is_text || self.pad == Some(Pad::Zeros) => return None,
            true => grouped(text, &mut grouped_text),
            false => text,
        };
        let len = text.len().max(self.width);
        let room = room.get_mut(..len)?;
        let missing = len - text.len();
        let pad = self.pad.unwrap_or(match is_text {
            true => Pad::Right,
            false => Pad::Left,
        });
        let before = match pad {
            Pad::Left => missing,
            Pad::Right => 0,
            Pad::Both => missing / 2,
            Pad::Zeros => {
                let (sign, digits) = text.split_at(usize::from(text.starts_with(b"-")));
                let (to_sign, rest) = room.split_at_mut(sign.len());
                let (zeros, to_digits) = rest.split_at_mut(missing);
                to_sign.copy_from_slice(sign);
                zeros.fill(b'0');
                to_digits.copy_from_slice(digits);
                return Some(room);
            }
        };
        if missing > 0 {
            room.fill(b' ');
        }
        room[before..before + text.len()].copy_from_slice(text);
        Some(room)
    }
}

/// A number of at most [`FIXED_LEN`] characters with commas between groups of three digits before the point.
fn grouped<'a>(text: &[u8], room: &'a mut [u8; LONGEST]) -> &'a [u8] {
    let sign_len = usize::from(text.starts_with(b"-"));
    let is_point = |byte: &u8| *byte == b'.';
    let end = text.iter().position(is_point).unwrap_or(text.len());
    let mut at = 0;
    for (index, byte) in text.iter().enumerate() {
        if index > sign_len && index < end && (end - index).is_multiple_of(3) {
            room[at] = b',';
            at += 1;
        }
        room[at] = *byte;
        at += 1;
    }
    &room[..at]
}

/// The digits that a text starts with as a number, 0 if there is none, and the rest; nothing for what is too large here.
fn number(text: &[u8]) -> Option<(usize, &[u8])> {
    let (mut n, mut rest) = (0, text);
    while let [digit @ b'0'..=b'9', tail @ ..] = rest {
        n = n * 10 + usize::from(digit - b'0');
        rest = tail;
        if n > LONGEST {
            return None;
        }
    }
    Some((n, rest))
}

/// `format(value, spec)`.
pub(crate) fn format(vm: &Vm, value: &Value, spec: &Str) -> Option<Value> {
    let plain = Plain::of_format(spec.as_ascii()?.as_bytes())?;
    if plain.code == b's' && value.as_small_int().is_some() {
        return None;
    }
    let mut room = [0; LONGEST];
    let text = plain.text(value, &mut room)?;
    if value
        .downcast::<Str>()
        .is_some_and(|str| str.view() == StrView::Ascii(text))
    {
        return Some(value.clone());
    }
    Some(vm.str_from_view(StrView::Ascii(text)))
}
