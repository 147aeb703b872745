//! Functions of ints: `comb`, `factorial`, `gcd`, `isqrt`, `lcm`, `perm`.

use pyco_exec::numeric::bigint::{self, BigInt};
use pyco_exec::object::native::NativeDef;
use pyco_exec::{Args, PyResult, Value, Vm};

pub(super) static FUNCTIONS: &[NativeDef] = &[
    NativeDef::range("comb", 2, 2, comb).signature("($module, n, k, /)"),
    NativeDef::one("factorial", |vm, _, n| factorial(vm, n)).signature("($module, n, /)"),
    NativeDef::any("gcd", gcd).signature("($module, /, *integers)"),
    NativeDef::one("isqrt", isqrt).signature("($module, n, /)"),
    NativeDef::any("lcm", lcm).signature("($module, /, *integers)"),
    NativeDef::range("perm", 1, 2, perm).signature("($module, n, k=None, /)"),
];

fn index(vm: &mut Vm, value: &Value) -> PyResult<BigInt> {
    let index = vm.index(value)?;
    Ok(index
        .as_int()
        .map(|n| n.to_big().into_owned())
        .unwrap_or_default())
}

/// A small int that is not negative.
fn small_count(value: &Value) -> Option<u64> {
    u64::try_from(value.as_small_int()?).ok()
}

fn isqrt(vm: &mut Vm, _module: &Value, n: &Value) -> PyResult {
    if let Some(n) = small_count(n) {
        return Ok(vm.int(n.isqrt() as i64));
    }
    let n = index(vm, n)?;
    match bigint::isqrt(&n) {
        Ok(root) => Ok(vm.int_from_big(root)),
        Err(error) => Err(vm.numeric_error(error)),
    }
}

fn no_keywords(vm: &mut Vm, name: &str, args: Args<'_>) -> PyResult<()> {
    match args.has_keywords() {
        true => Err(vm.type_error(format!("math.{name}() takes no keyword arguments"))),
        false => Ok(()),
    }
}

/// The absolute value.
fn magnitude(n: BigInt) -> BigInt {
    if n < BigInt::ZERO { -n } else { n }
}

fn gcd(vm: &mut Vm, _module: &Value, args: Args<'_>) -> PyResult {
    no_keywords(vm, "gcd", args)?;
    if let [a, b] = args.positional()
        && let (Some(a), Some(b)) = (a.as_small_int(), b.as_small_int())
    {
        let (mut a, mut b) = (a.unsigned_abs(), b.unsigned_abs());
        while b != 0 {
            (a, b) = (b, a % b);
        }
        return Ok(vm.int(a as i64));
    }
    let mut result = BigInt::ZERO;
    for number in args.positional() {
        let number = index(vm, number)?;
        result = bigint::gcd(&result, &number);
    }
    Ok(vm.int_from_big(magnitude(result)))
}

fn lcm(vm: &mut Vm, _module: &Value, args: Args<'_>) -> PyResult {
    no_keywords(vm, "lcm", args)?;
    let mut result = BigInt::from(1);
    for number in args.positional() {
        let number = index(vm, number)?;
        if result == BigInt::ZERO || number == BigInt::ZERO {
            result = BigInt::ZERO;
            continue;
        }
        let divisor = bigint::gcd(&result, &number);
        result = magnitude(result / divisor * number);
    }
    Ok(vm.int_from_big(result))
}

/// The product of the ints from `first` to `last`, by halves, so that the factors grow alike.
fn range_product(first: u64, last: u64) -> BigInt {
    match last.wrapping_sub(first) {
        _ if first > last => BigInt::from(1),
        // So many factors of so few bits fit a machine's number.
        0..8 if last < 1 << 16 => BigInt::from((first..=last).map(u128::from).product::<u128>()),
        0..8 => (first..=last).fold(BigInt::from(1), |product, n| product * BigInt::from(n)),
        span => {
            let middle = first + span / 2;
            range_product(first, middle) * range_product(middle + 1, last)
        }
    }
}

/// Refuses a product of `count` factors of so many bits each that would not fit.
fn check_size(vm: &mut Vm, count: u64, bits: u64) -> PyResult<()> {
    let bytes = (u128::from(count) * u128::from(bits)) / 8;
    match usize::try_from(bytes) {
        Ok(bytes) if bytes <= vm.max_size() && bytes < 1 << 33 => vm.check_growth(bytes),
        _ => Err(vm.memory_error()),
    }
}

fn factorial(vm: &mut Vm, n: &Value) -> PyResult {
    let n = index(vm, n)?;
    if n < BigInt::ZERO {
        return Err(vm.value_error("factorial() not defined for negative values"));
    }
    let Ok(n) = i64::try_from(&n) else {
        let message = format!("factorial() argument should not exceed {}", i64::MAX);
        return Err(vm.overflow_error(message));
    };
    let n = n.unsigned_abs();
    check_size(vm, n, u64::from(n.max(2).ilog2()))?;
    Ok(vm.int_from_big(range_product(2, n)))
}

/// `n` and `k` of `comb` and `perm`.
fn two_counts(vm: &mut Vm, n: &Value, k: &Value) -> PyResult<(BigInt, BigInt)> {
    let (n, k) = (index(vm, n)?, index(vm, k)?);
    for (name, number) in [("n", &n), ("k", &k)] {
        if *number < BigInt::ZERO {
            return Err(vm.value_error(format!("{name} must be a non-negative integer")));
        }
    }
    Ok((n, k))
}

/// `n * (n - 1) * … `, `k` factors.
fn falling(n: &BigInt, k: u64) -> BigInt {
    if let Ok(n) = u64::try_from(n) {
        return range_product(n - k + 1, n);
    }
    let mut product = BigInt::from(1);
    for step in 0..k {
        product *= n - BigInt::from(step);
    }
    product
}

fn perm(vm: &mut Vm, _module: &Value, arguments: &[Value]) -> PyResult {
    let [n, k] = arguments else {
        return factorial(vm, &arguments[0]);
    };
    if k.is_none() {
        return factorial(vm, n);
    }
    let (n, k) = two_counts(vm, n, k)?;
    if n < k {
        return Ok(vm.int(0));
    }
    let Ok(k) = i64::try_from(&k) else {
        return Err(vm.overflow_error(format!("k must not exceed {}", i64::MAX)));
    };
    let k = k.unsigned_abs();
    check_size(vm, k, bigint::bit_length(&n).saturating_sub(1).max(1))?;
    Ok(vm.int_from_big(falling(&n, k)))
}

/// `comb` where no step on the way to it exceeds a machine's number.
fn small_comb(n: u64, k: u64) -> Option<i64> {
    let k = k.min(n.checked_sub(k)?);
    let mut result = 1u64;
    for step in 1..=k {
        // What was so far is a number of combinations, too, so that the division leaves nothing.
        let product = u128::from(result) * u128::from(n - k + step);
        result = u64::try_from(product / u128::from(step)).ok()?;
    }
    i64::try_from(result).ok()
}

fn comb(vm: &mut Vm, _module: &Value, arguments: &[Value]) -> PyResult {
    if let (Some(n), Some(k)) = (small_count(&arguments[0]), small_count(&arguments[1]))
        && let Some(result) = small_comb(n, k)
    {
        return Ok(vm.int(result));
    }
    let (n, k) = two_counts(vm, &arguments[0], &arguments[1])?;
    if n < k {
        return Ok(vm.int(0));
    }
    let other = &n - &k;
    let k = if other < k { other } else { k };
    let Ok(k) = i64::try_from(&k) else {
        let message = format!("min(n - k, k) must not exceed {}", i64::MAX);
        return Err(vm.overflow_error(message));
    };
    let k = k.unsigned_abs();
    check_size(vm, k, bigint::bit_length(&n).saturating_sub(1).max(1))?;
    let result = falling(&n, k) / range_product(2, k);
    Ok(vm.int_from_big(result))
}
