//! Whatever they are given, the functions neither panic nor make more than they are allowed to.

use pyco_exec::numeric::complex::Complex;
use pyco_exec::numeric::field::{FieldName, Pieces};
use pyco_exec::numeric::format_spec::{
    Context, Formatted, format_complex, format_float, format_int, format_str,
};
use pyco_exec::numeric::percent::{self, Arguments, Event, Format, Kind};
use pyco_exec::numeric::{BigInt, Error, ErrorKind, Release, bigint, float, parse};

/// A small generator of the same numbers every time.
struct Numbers(u64);

impl Numbers {
    fn next(&mut self, below: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 16) as usize % below
    }

    fn text(&mut self, alphabet: &[u32]) -> Vec<u32> {
        let len = self.next(14);
        (0..len)
            .map(|_| alphabet[self.next(alphabet.len())])
            .collect()
    }
}

fn alphabet(ascii: &str) -> Vec<u32> {
    ascii
        .chars()
        .map(u32::from)
        .chain([0xd800, 0xe9, 0x663, 0x1f600, 0x10ffff, 0])
        .collect()
}

const LIMIT: usize = 500;

fn check(formatted: Result<Formatted, Error>) {
    match formatted {
        Ok(formatted) => assert!(formatted.len() <= LIMIT),
        Err(error) => {
            if let ErrorKind::TooLarge { needed } = error.kind() {
                assert!(needed > LIMIT);
            }
        }
    }
}

#[test]
fn format_specs_honour_the_limit() {
    let (mut numbers, alphabet) = (
        Numbers(99),
        alphabet("<>=^+- z#0123456789999,_..bcdeEfFgGnosxX%"),
    );
    for round in 0..20_000 {
        let spec = numbers.text(&alphabet);
        let release = Release::from_minor(11 + (round % 5) as u8).expect("a release");
        let context = Context {
            release,
            type_name: "x",
            size_limit: LIMIT,
            max_digits: 4300,
        };
        let number = f64::from_bits((numbers.next(1 << 40) as u64) << 24);
        check(format_int(&BigInt::from(round - 300), &spec, &context));
        check(format_float(number, &spec, &context));
        check(format_complex(Complex::new(number, 1.0), &spec, &context));
        if let Ok(layout) = format_str(30, &spec, &context) {
            assert!(layout.len() <= LIMIT);
        }
    }
}

#[test]
fn percent_formats_honour_the_limit() {
    let (mut numbers, alphabet) = (
        Numbers(7),
        alphabet("%%%%%()-+ #0123456789..*hlLdioxXeEfFgGcrsab"),
    );
    for round in 0..20_000 {
        let format = numbers.text(&alphabet);
        let release = Release::from_minor(11 + (round % 5) as u8).expect("a release");
        let context = Context {
            release,
            type_name: "x",
            size_limit: LIMIT,
            max_digits: 4300,
        };
        let arguments = Arguments {
            is_mapping: round % 2 == 0,
            type_name: "x",
        };
        let kind = if round % 3 == 0 {
            Kind::Bytes
        } else {
            Kind::Str
        };
        let mut parser = Format::new(&format, kind, arguments, release);
        let star = BigInt::from(numbers.next(5_000_000)) - 1000;
        while let Ok(Some(event)) = parser.next_event() {
            let set = match event {
                Event::Width => parser.set_width(&star, percent::Argument::Only),
                Event::Precision => parser.set_precision(&star, percent::Argument::Only),
                Event::Convert(directive) => {
                    check(percent::format_int(&star, &directive, &context));
                    check(percent::format_float(1.5, &directive, &context));
                    parser.check(&directive, |_| true)
                }
                _ => Ok(()),
            };
            if set.is_err() {
                break;
            }
        }
    }
}

#[test]
fn templates_and_numbers_never_panic() {
    let (mut numbers, alphabet) = (
        Numbers(5),
        alphabet("{{{}}}[].!:0123456789ar+-_exXpPjJnaif() "),
    );
    for _ in 0..20_000 {
        let text = numbers.text(&alphabet);
        for piece in Pieces::new(&text).flatten() {
            let Some(field) = piece.field else { continue };
            if let Ok(name) = FieldName::parse(&text[field.name], Release::V3_14) {
                name.for_each(drop);
            }
        }
        let ascii = parse::to_ascii(text.iter().copied(), Release::V3_15);
        let base = numbers.next(40) as i64 - 1;
        let _ = parse::int(&ascii, base, 4300);
        let _ = parse::float(&ascii);
        let _ = parse::complex(&ascii);
        let _ = float::from_hex(&ascii);
    }
}

#[test]
fn estimates_come_before_the_work() {
    let huge = BigInt::ONE << 100;
    assert_eq!(bigint::pow_result_bits(&BigInt::from(10), &huge), u64::MAX);
    assert_eq!(bigint::pow_result_bits(&BigInt::from(-1), &huge), 1);
    assert_eq!(
        bigint::pow(&BigInt::from(-1), &(huge.clone() + 1)),
        Ok(BigInt::from(-1))
    );
    assert_eq!(
        bigint::pow(&BigInt::from(10), &huge).map_err(|e| e.kind()),
        Err(ErrorKind::Memory)
    );
    assert_eq!(
        bigint::shl_result_bits(&BigInt::from(5), &BigInt::from(1000)),
        1003
    );
    assert_eq!(bigint::shl_result_bits(&BigInt::ZERO, &huge), 0);
    let shl_error = |count: usize, release| {
        bigint::shl(&BigInt::ONE, &(BigInt::ONE << count), release).map_err(|e| e.kind())
    };
    assert_eq!(shl_error(65, Release::V3_13), Err(ErrorKind::Memory));
    assert_eq!(shl_error(66, Release::V3_13), Err(ErrorKind::Overflow));
    assert_eq!(shl_error(62, Release::V3_14), Err(ErrorKind::Memory));
    assert_eq!(shl_error(63, Release::V3_14), Err(ErrorKind::Overflow));
    assert_eq!(bigint::round(&BigInt::from(5), &-huge), BigInt::ZERO);
}
