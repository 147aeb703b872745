//! What the functions of complex numbers give where a part is infinite or no number.
//!
//! Measured on CPython 3.15; before 3.14, the inverse hyperbolic cosine and the tangent of 0 and no number were not as C99 has them.

use std::f64::consts::{FRAC_PI_2 as P12, FRAC_PI_4 as P14, PI as P};

use pyco_exec::numeric::complex::Complex;

const I: f64 = f64::INFINITY;
const N: f64 = f64::NAN;
const P34: f64 = 3.0 * P14;

/// A value; none where CPython complains about the domain.
type Special = Option<(f64, f64)>;

/// By the real part, then by the imaginary part: minus infinity, a negative number, minus 0, 0, a positive number, infinity,
/// no number.
pub(super) type Table = [[Special; 7]; 7];

const fn s(real: f64, imag: f64) -> Special {
    Some((real, imag))
}

/// Both parts are finite: these are computed.
const X: Special = None;
/// A domain error.
const E: Special = None;

/// What `table` has for `z`, of which a part is not finite.
pub(super) fn look_up(table: &Table, z: Complex) -> Option<Complex> {
    table[row(z.real)][row(z.imag)].map(|(real, imag)| Complex { real, imag })
}

fn row(x: f64) -> usize {
    let is_negative = x.is_sign_negative();
    if x.is_nan() {
        6
    } else if x.is_infinite() {
        if is_negative { 0 } else { 5 }
    } else if x == 0.0 {
        if is_negative { 2 } else { 3 }
    } else if is_negative {
        1
    } else {
        4
    }
}

pub(super) static ACOS: Table = [
    [
        s(P34, I),
        s(P, I),
        s(P, I),
        s(P, -I),
        s(P, -I),
        s(P34, -I),
        s(N, I),
    ],
    [s(P12, I), X, X, X, X, s(P12, -I), s(N, N)],
    [s(P12, I), X, X, X, X, s(P12, -I), s(P12, N)],
    [s(P12, I), X, X, X, X, s(P12, -I), s(P12, N)],
    [s(P12, I), X, X, X, X, s(P12, -I), s(N, N)],
    [
        s(P14, I),
        s(0.0, I),
        s(0.0, I),
        s(0.0, -I),
        s(0.0, -I),
        s(P14, -I),
        s(N, I),
    ],
    [
        s(N, I),
        s(N, N),
        s(N, N),
        s(N, N),
        s(N, N),
        s(N, -I),
        s(N, N),
    ],
];

pub(super) static ACOSH: Table = [
    [
        s(I, -P34),
        s(I, -P),
        s(I, -P),
        s(I, P),
        s(I, P),
        s(I, P34),
        s(I, N),
    ],
    [s(I, -P12), X, X, X, X, s(I, P12), s(N, N)],
    [s(I, -P12), X, X, X, X, s(I, P12), s(N, P12)],
    [s(I, -P12), X, X, X, X, s(I, P12), s(N, P12)],
    [s(I, -P12), X, X, X, X, s(I, P12), s(N, N)],
    [
        s(I, -P14),
        s(I, -0.0),
        s(I, -0.0),
        s(I, 0.0),
        s(I, 0.0),
        s(I, P14),
        s(I, N),
    ],
    [
        s(I, N),
        s(N, N),
        s(N, N),
        s(N, N),
        s(N, N),
        s(I, N),
        s(N, N),
    ],
];

pub(super) static ASINH: Table = [
    [
        s(-I, -P14),
        s(-I, -0.0),
        s(-I, -0.0),
        s(-I, 0.0),
        s(-I, 0.0),
        s(-I, P14),
        s(-I, N),
    ],
    [s(-I, -P12), X, X, X, X, s(-I, P12), s(N, N)],
    [s(-I, -P12), X, X, X, X, s(-I, P12), s(N, N)],
    [s(I, -P12), X, X, X, X, s(I, P12), s(N, N)],
    [s(I, -P12), X, X, X, X, s(I, P12), s(N, N)],
    [
        s(I, -P14),
        s(I, -0.0),
        s(I, -0.0),
        s(I, 0.0),
        s(I, 0.0),
        s(I, P14),
        s(I, N),
    ],
    [
        s(I, N),
        s(N, N),
        s(N, -0.0),
        s(N, 0.0),
        s(N, N),
        s(I, N),
        s(N, N),
    ],
];

pub(super) static ATANH: Table = [
    [
        s(-0.0, -P12),
        s(-0.0, -P12),
        s(-0.0, -P12),
        s(-0.0, P12),
        s(-0.0, P12),
        s(-0.0, P12),
        s(-0.0, N),
    ],
    [s(-0.0, -P12), X, X, X, X, s(-0.0, P12), s(N, N)],
    [s(-0.0, -P12), X, X, X, X, s(-0.0, P12), s(-0.0, N)],
    [s(0.0, -P12), X, X, X, X, s(0.0, P12), s(0.0, N)],
    [s(0.0, -P12), X, X, X, X, s(0.0, P12), s(N, N)],
    [
        s(0.0, -P12),
        s(0.0, -P12),
        s(0.0, -P12),
        s(0.0, P12),
        s(0.0, P12),
        s(0.0, P12),
        s(0.0, N),
    ],
    [
        s(0.0, -P12),
        s(N, N),
        s(N, N),
        s(N, N),
        s(N, N),
        s(0.0, P12),
        s(N, N),
    ],
];

pub(super) static COSH: Table = [
    [E, s(I, I), s(I, 0.0), s(I, -0.0), s(I, -I), E, s(I, N)],
    [E, X, X, X, X, E, s(N, N)],
    [E, X, X, X, X, E, s(N, 0.0)],
    [E, X, X, X, X, E, s(N, 0.0)],
    [E, X, X, X, X, E, s(N, N)],
    [E, s(I, -I), s(I, -0.0), s(I, 0.0), s(I, I), E, s(I, N)],
    [
        s(N, N),
        s(N, N),
        s(N, 0.0),
        s(N, 0.0),
        s(N, N),
        s(N, N),
        s(N, N),
    ],
];

pub(super) static EXP: Table = [
    [
        s(0.0, 0.0),
        s(0.0, -0.0),
        s(0.0, -0.0),
        s(0.0, 0.0),
        s(0.0, 0.0),
        s(0.0, 0.0),
        s(0.0, 0.0),
    ],
    [E, X, X, X, X, E, s(N, N)],
    [E, X, X, X, X, E, s(N, N)],
    [E, X, X, X, X, E, s(N, N)],
    [E, X, X, X, X, E, s(N, N)],
    [E, s(I, -I), s(I, -0.0), s(I, 0.0), s(I, I), E, s(I, N)],
    [
        s(N, N),
        s(N, N),
        s(N, -0.0),
        s(N, 0.0),
        s(N, N),
        s(N, N),
        s(N, N),
    ],
];

pub(super) static LOG: Table = [
    [
        s(I, -P34),
        s(I, -P),
        s(I, -P),
        s(I, P),
        s(I, P),
        s(I, P34),
        s(I, N),
    ],
    [s(I, -P12), X, X, X, X, s(I, P12), s(N, N)],
    [s(I, -P12), X, X, X, X, s(I, P12), s(N, N)],
    [s(I, -P12), X, X, X, X, s(I, P12), s(N, N)],
    [s(I, -P12), X, X, X, X, s(I, P12), s(N, N)],
    [
        s(I, -P14),
        s(I, -0.0),
        s(I, -0.0),
        s(I, 0.0),
        s(I, 0.0),
        s(I, P14),
        s(I, N),
    ],
    [
        s(I, N),
        s(N, N),
        s(N, N),
        s(N, N),
        s(N, N),
        s(I, N),
        s(N, N),
    ],
];

pub(super) static SINH: Table = [
    [E, s(-I, -I), s(-I, -0.0), s(-I, 0.0), s(-I, I), E, s(I, N)],
    [E, X, X, X, X, E, s(N, N)],
    [E, X, X, X, X, E, s(0.0, N)],
    [E, X, X, X, X, E, s(0.0, N)],
    [E, X, X, X, X, E, s(N, N)],
    [E, s(I, -I), s(I, -0.0), s(I, 0.0), s(I, I), E, s(I, N)],
    [
        s(N, N),
        s(N, N),
        s(N, -0.0),
        s(N, 0.0),
        s(N, N),
        s(N, N),
        s(N, N),
    ],
];

pub(super) static SQRT: Table = [
    [
        s(I, -I),
        s(0.0, -I),
        s(0.0, -I),
        s(0.0, I),
        s(0.0, I),
        s(I, I),
        s(N, I),
    ],
    [s(I, -I), X, X, X, X, s(I, I), s(N, N)],
    [s(I, -I), X, X, X, X, s(I, I), s(N, N)],
    [s(I, -I), X, X, X, X, s(I, I), s(N, N)],
    [s(I, -I), X, X, X, X, s(I, I), s(N, N)],
    [
        s(I, -I),
        s(I, -0.0),
        s(I, -0.0),
        s(I, 0.0),
        s(I, 0.0),
        s(I, I),
        s(I, N),
    ],
    [
        s(I, -I),
        s(N, N),
        s(N, N),
        s(N, N),
        s(N, N),
        s(I, I),
        s(N, N),
    ],
];

pub(super) static TANH: Table = [
    [
        s(-1.0, 0.0),
        s(-1.0, -0.0),
        s(-1.0, -0.0),
        s(-1.0, 0.0),
        s(-1.0, 0.0),
        s(-1.0, 0.0),
        s(-1.0, 0.0),
    ],
    [E, X, X, X, X, E, s(N, N)],
    [E, X, X, X, X, E, s(-0.0, N)],
    [E, X, X, X, X, E, s(0.0, N)],
    [E, X, X, X, X, E, s(N, N)],
    [
        s(1.0, 0.0),
        s(1.0, -0.0),
        s(1.0, -0.0),
        s(1.0, 0.0),
        s(1.0, 0.0),
        s(1.0, 0.0),
        s(1.0, 0.0),
    ],
    [
        s(N, N),
        s(N, N),
        s(N, -0.0),
        s(N, 0.0),
        s(N, N),
        s(N, N),
        s(N, N),
    ],
];

pub(super) static RECT: Table = [
    [E, s(-I, I), s(-I, 0.0), s(-I, -0.0), s(-I, -I), E, s(I, N)],
    [E, X, X, X, X, E, s(N, N)],
    [s(0.0, 0.0), X, X, X, X, s(0.0, 0.0), s(0.0, 0.0)],
    [s(0.0, 0.0), X, X, X, X, s(0.0, 0.0), s(0.0, 0.0)],
    [E, X, X, X, X, E, s(N, N)],
    [E, s(I, -I), s(I, -0.0), s(I, 0.0), s(I, I), E, s(I, N)],
    [
        s(N, N),
        s(N, N),
        s(N, 0.0),
        s(N, 0.0),
        s(N, N),
        s(N, N),
        s(N, N),
    ],
];
