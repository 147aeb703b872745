//! The gamma and error functions.
//!
//! Gamma is Lanczos' approximation in the rational form of Boost (`lanczos13m53`), as in CPython.

use std::f64::consts::PI;

use pyco_exec::object::native::NativeDef;
use pyco_exec::{PyResult, Value, Vm};

use super::{domain_error, float, libm, range_error};

pub(super) static FUNCTIONS: &[NativeDef] = &[
    NativeDef::one("erf", |vm, _, x| Ok(Value::float(libm::erf(float(vm, x)?))))
        .signature("($module, x, /)"),
    NativeDef::one("erfc", |vm, _, x| {
        Ok(Value::float(libm::erfc(float(vm, x)?)))
    })
    .signature("($module, x, /)"),
    NativeDef::one("gamma", |vm, _, x| apply(vm, x, gamma)).signature("($module, x, /)"),
    NativeDef::one("lgamma", |vm, _, x| apply(vm, x, lgamma)).signature("($module, x, /)"),
];

/// What C tells by `errno`.
enum Failure {
    Domain,
    Range,
}

fn apply(vm: &mut Vm, x: &Value, f: fn(f64) -> Result<f64, Failure>) -> PyResult {
    let x = float(vm, x)?;
    match f(x) {
        Ok(result) => Ok(Value::float(result)),
        Err(Failure::Range) => Err(range_error(vm)),
        Err(Failure::Domain) => {
            let expected = "expected a noninteger or positive integer";
            Err(domain_error(vm, expected, x))
        }
    }
}

const G: f64 = 6.024_680_040_776_73;
const G_MINUS_HALF: f64 = 5.524_680_040_776_73;
const LOG_PI: f64 = 1.144729885849400174143427351353058711647;

const NUMERATOR: [f64; 13] = [
    23_531_376_880.410_76,
    42_919_803_642.649_1,
    35_711_959_237.355_67,
    17_921_034_426.037_21,
    6_039_542_586.352_028,
    1_439_720_407.311_721_6,
    248_874_557.862_054_17,
    31_426_415.585_400_194,
    2_876_370.628_935_372_5,
    186_056.265_395_223_48,
    8_071.672_002_365_816,
    210.824_277_751_579_36,
    2.506_628_274_631_000_2,
];

const DENOMINATOR: [f64; 13] = [
    0.0,
    39916800.0,
    120543840.0,
    150917976.0,
    105258076.0,
    45995730.0,
    13339535.0,
    2637558.0,
    357423.0,
    32670.0,
    1925.0,
    66.0,
    1.0,
];

/// Lanczos' rational function at a positive `x`; for large ones in powers of `1 / x`, which do not overflow.
fn lanczos_sum(x: f64) -> f64 {
    let (mut numerator, mut denominator) = (0.0, 0.0);
    if x < 5.0 {
        for (n, d) in NUMERATOR.iter().zip(&DENOMINATOR).rev() {
            numerator = numerator * x + n;
            denominator = denominator * x + d;
        }
    } else {
        for (n, d) in NUMERATOR.iter().zip(&DENOMINATOR) {
            numerator = numerator / x + n;
            denominator = denominator / x + d;
        }
    }
    numerator / denominator
}

/// `sin(pi * x)`, exact where it should be.
fn sin_pi(x: f64) -> f64 {
    let y = x.abs() % 2.0;
    let result = match (2.0 * y).round() as i32 {
        0 => (PI * y).sin(),
        1 => (PI * (y - 0.5)).cos(),
        2 => (PI * (1.0 - y)).sin(),
        3 => -(PI * (y - 1.5)).cos(),
        _ => (PI * (y - 2.0)).sin(),
    };
    1f64.copysign(x) * result
}

/// The largest int whose gamma is looked up: up to it, the factorials are floats exactly.
const LARGEST_EXACT: f64 = 23.0;

fn gamma(x: f64) -> Result<f64, Failure> {
    if !x.is_finite() {
        return match x == f64::NEG_INFINITY {
            true => Err(Failure::Domain),
            false => Ok(x),
        };
    }
    if x == 0.0 {
        return Err(Failure::Domain);
    }
    if x == x.floor() {
        if x < 0.0 {
            return Err(Failure::Domain);
        }
        if x <= LARGEST_EXACT {
            return Ok((1..x as u64).map(|n| n as f64).product());
        }
    }
    let absolute = x.abs();
    if absolute < 1e-20 {
        let result = 1.0 / x;
        return finite(result);
    }
    if absolute > 200.0 {
        return match x < 0.0 {
            true => Ok(0.0 / sin_pi(x)),
            false => Err(Failure::Range),
        };
    }
    let y = absolute + G_MINUS_HALF;
    // The rounding error of that sum.
    let z = if absolute > G_MINUS_HALF {
        (y - absolute) - G_MINUS_HALF
    } else {
        (y - G_MINUS_HALF) - absolute
    };
    let z = z * G / y;
    let mut result;
    if x < 0.0 {
        result = -PI / sin_pi(absolute) / absolute * y.exp() / lanczos_sum(absolute);
        result -= z * result;
        if absolute < 140.0 {
            result /= y.powf(absolute - 0.5);
        } else {
            let root = y.powf(absolute / 2.0 - 0.25);
            result /= root;
            result /= root;
        }
    } else {
        result = lanczos_sum(absolute) / y.exp();
        result += z * result;
        if absolute < 140.0 {
            result *= y.powf(absolute - 0.5);
        } else {
            let root = y.powf(absolute / 2.0 - 0.25);
            result *= root;
            result *= root;
        }
    }
    finite(result)
}

fn finite(result: f64) -> Result<f64, Failure> {
    match result.is_infinite() {
        true => Err(Failure::Range),
        false => Ok(result),
    }
}

fn lgamma(x: f64) -> Result<f64, Failure> {
    if !x.is_finite() {
        return Ok(if x.is_nan() { x } else { f64::INFINITY });
    }
    if x == x.floor() && x <= 2.0 {
        return match x <= 0.0 {
            true => Err(Failure::Domain),
            false => Ok(0.0),
        };
    }
    let absolute = x.abs();
    if absolute < 1e-20 {
        return Ok(-absolute.ln());
    }
    let mut result = lanczos_sum(absolute).ln() - G;
    result += (absolute - 0.5) * ((absolute + G - 0.5).ln() - 1.0);
    if x < 0.0 {
        result = LOG_PI - sin_pi(absolute).abs().ln() - absolute.ln() - result;
    }
    finite(result)
}
