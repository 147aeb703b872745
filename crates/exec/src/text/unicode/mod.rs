//! What Unicode says of a code point, in the version that each CPython has.
//!
//! CPython 3.11 to 3.15 carry five Unicode versions (14.0, 15.0, 15.1, 16.0, 17.0); no library serves more than one, so the
//! tables are generated from the interpreters' own answers. They hold the facts of the newest and what was different before.
//! Invariant: surrogates and unassigned code points are ordinary code points without properties; nothing here panics.

mod case_map;
mod case_maps;
mod names;
mod properties;

pub use case_map::{Mapped, to_fold, to_lower, to_title, to_upper};
pub use names::{char_named, name_of};

/// A version of the Unicode database.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum UnicodeVersion {
    /// 14.0.0, CPython 3.11.
    V14,
    /// 15.0.0, CPython 3.12.
    V15,
    /// 15.1.0, CPython 3.13.
    V15_1,
    /// 16.0.0, CPython 3.14.
    V16,
    /// 17.0.0, CPython 3.15.
    V17,
}

impl UnicodeVersion {
    /// The version in CPython 3.`minor`; the nearest one for releases before 3.11 and after 3.15.
    pub const fn of_python3(minor: u8) -> UnicodeVersion {
        match minor {
            0..=11 => UnicodeVersion::V14,
            12 => UnicodeVersion::V15,
            13 => UnicodeVersion::V15_1,
            14 => UnicodeVersion::V16,
            _ => UnicodeVersion::V17,
        }
    }

    /// `unicodedata.unidata_version`.
    pub const fn name(self) -> &'static str {
        match self {
            UnicodeVersion::V14 => "14.0.0",
            UnicodeVersion::V15 => "15.0.0",
            UnicodeVersion::V15_1 => "15.1.0",
            UnicodeVersion::V16 => "16.0.0",
            UnicodeVersion::V17 => "17.0.0",
        }
    }
}

/// The properties of one code point, a set of the bits below.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Properties(u16);

const NONE: u16 = 0;
const ALPHA: u16 = 1 << 0;
const DECIMAL: u16 = 1 << 1;
const DIGIT: u16 = 1 << 2;
const NUMERIC: u16 = 1 << 3;
const UPPER: u16 = 1 << 4;
const LOWER: u16 = 1 << 5;
const TITLE: u16 = 1 << 6;
const PRINTABLE: u16 = 1 << 7;
const ID_START: u16 = 1 << 8;
const ID_CONTINUE: u16 = 1 << 9;
const CASE_IGNORABLE: u16 = 1 << 10;
/// An older version has other properties, which the table of exceptions tells.
const CHANGED: u16 = 1 << 11;

impl Properties {
    /// Whether any of these bits is set.
    const fn any(self, bits: u16) -> bool {
        self.0 & bits != 0
    }

    /// `str.isalpha` of this character.
    pub const fn is_alpha(self) -> bool {
        self.any(ALPHA)
    }

    /// `str.isdecimal` of this character.
    pub const fn is_decimal(self) -> bool {
        self.any(DECIMAL)
    }

    /// `str.isdigit` of this character.
    pub const fn is_digit(self) -> bool {
        self.any(DIGIT)
    }

    /// `str.isnumeric` of this character.
    pub const fn is_numeric(self) -> bool {
        self.any(NUMERIC)
    }

    /// `str.isalnum` of this character.
    pub const fn is_alnum(self) -> bool {
        self.any(ALPHA | DECIMAL | DIGIT | NUMERIC)
    }

    /// Whether the character is upper case (and not title case).
    pub const fn is_upper(self) -> bool {
        self.any(UPPER)
    }

    /// Whether the character is lower case.
    pub const fn is_lower(self) -> bool {
        self.any(LOWER)
    }

    /// Whether the character is one of title case, as the digraph U+01C5.
    pub const fn is_title(self) -> bool {
        self.any(TITLE)
    }

    /// Whether the character has case at all.
    pub const fn is_cased(self) -> bool {
        self.any(UPPER | LOWER | TITLE)
    }

    /// `str.isprintable` of this character.
    pub const fn is_printable(self) -> bool {
        self.any(PRINTABLE)
    }

    /// Whether an identifier can start so; includes the underscore.
    pub const fn is_id_start(self) -> bool {
        self.any(ID_START)
    }

    /// Whether an identifier can go on so.
    pub const fn is_id_continue(self) -> bool {
        self.any(ID_CONTINUE)
    }

    /// Whether the final sigma rule looks past the character.
    pub(crate) const fn is_case_ignorable(self) -> bool {
        self.any(CASE_IGNORABLE)
    }
}

/// Where a run of equal code points starts, since which version they are assigned, and their properties.
#[derive(Clone, Copy)]
struct Run {
    start: u32,
    age: UnicodeVersion,
    flags: u16,
}

const fn run(start: u32, age: UnicodeVersion, flags: u16) -> Run {
    Run { start, age, flags }
}

const PAGE_BITS: u32 = 7;
const PAGE_COUNT: usize = 0x11_0000 >> PAGE_BITS;

/// For each page of 128 code points the index of the run that its first one lies in, and the last run at the end.
static PAGES: [u16; PAGE_COUNT + 1] = page_starts();

const fn page_starts() -> [u16; PAGE_COUNT + 1] {
    const RUNS: &[Run] = &properties::RUNS;
    let mut pages = [0; PAGE_COUNT + 1];
    let mut run = 0;
    let mut page = 0;
    while page < PAGE_COUNT {
        while run + 1 < RUNS.len() && RUNS[run + 1].start <= (page as u32) << PAGE_BITS {
            run += 1;
        }
        pages[page] = run as u16;
        page += 1;
    }
    pages[PAGE_COUNT] = (RUNS.len() - 1) as u16;
    pages
}

/// The properties of Latin-1, which no version has changed.
static LATIN1: [Properties; 256] = latin1();

const fn latin1() -> [Properties; 256] {
    const RUNS: &[Run] = &properties::RUNS;
    let mut table = [Properties(NONE); 256];
    let mut run = 0;
    let mut c = 0;
    while c < 256 {
        if RUNS[run + 1].start == c as u32 {
            run += 1;
        }
        table[c] = Properties(RUNS[run].flags);
        c += 1;
    }
    table
}

fn run_of(c: u32) -> Run {
    let page = (c >> PAGE_BITS) as usize;
    if page >= PAGE_COUNT {
        return run(c, UnicodeVersion::V17, NONE);
    }
    let (first, last) = (usize::from(PAGES[page]), usize::from(PAGES[page + 1]));
    let runs = &properties::RUNS[first..=last];
    runs[runs.partition_point(|run| run.start <= c) - 1]
}

/// The properties of a code point; none beyond 0x10FFFF.
#[inline]
pub fn properties(c: u32, version: UnicodeVersion) -> Properties {
    if c < 0x100 {
        LATIN1[c as usize]
    } else {
        wide_properties(c, version)
    }
}

fn wide_properties(c: u32, version: UnicodeVersion) -> Properties {
    let run = run_of(c);
    if version < run.age {
        return Properties(NONE);
    }
    if run.flags & CHANGED != 0
        && let Ok(index) = properties::EXCEPTIONS.binary_search_by_key(&c, |(_, run)| run.start)
        && version <= properties::EXCEPTIONS[index].0
    {
        return Properties(properties::EXCEPTIONS[index].1.flags);
    }
    Properties(run.flags & !CHANGED)
}

/// `str.isspace` of this character, the same in all versions.
#[inline]
pub const fn is_space(c: u32) -> bool {
    match c {
        0..0x80 => matches!(c, 0x09..=0x0D | 0x1C..=0x20),
        0x80..0x1680 => c == 0x85 || c == 0xA0,
        _ => matches!(
            c,
            0x1680 | 0x2000..=0x200A | 0x2028 | 0x2029 | 0x202F | 0x205F | 0x3000
        ),
    }
}

/// Whether `str.splitlines` ends a line here, the same in all versions.
#[inline]
pub const fn is_line_break(c: u32) -> bool {
    matches!(c, 0x0A..=0x0D | 0x1C..=0x1E | 0x85 | 0x2028 | 0x2029)
}

/// The value of a decimal digit (`unicodedata.decimal`), as `int` takes digits of any script.
#[inline]
pub fn decimal_value(c: u32, version: UnicodeVersion) -> Option<u8> {
    if c < 0x80 {
        return if c.wrapping_sub(0x30) < 10 {
            Some((c - 0x30) as u8)
        } else {
            None
        };
    }
    if !properties(c, version).is_decimal() {
        return None;
    }
    let next = properties::DECIMAL_ZEROS.partition_point(|&zero| zero <= c);
    let value = c - properties::DECIMAL_ZEROS[next.checked_sub(1)?];
    (value < 10).then_some(value as u8)
}

/// The value of a digit, decimal or not (`unicodedata.digit`).
pub fn digit_value(c: u32, version: UnicodeVersion) -> Option<u8> {
    if !properties(c, version).is_digit() {
        return None;
    }
    let next = properties::DIGITS.partition_point(|&(first, ..)| first <= c);
    if let Some(&(first, last, value)) = next
        .checked_sub(1)
        .and_then(|index| properties::DIGITS.get(index))
        && c <= last
    {
        return Some(value + (c - first) as u8);
    }
    decimal_value(c, version)
}
