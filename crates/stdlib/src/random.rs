//! `_random`: the Mersenne Twister (MT19937) behind `random.Random`.

use std::cell::Cell;

use pyco_exec::numeric::bigint::{BigInt, ByteOrder, from_bytes, to_bytes};
use pyco_exec::object::header::{Payload, Ref};
use pyco_exec::object::module::Module;
use pyco_exec::object::native::NativeDef;
use pyco_exec::object::native_class::ClassDef;
use pyco_exec::object::sequence::receiver;
use pyco_exec::object::slots::Slots;
use pyco_exec::object::tuple::Tuple;
use pyco_exec::object::tuple_methods::uses_init_of;
use pyco_exec::object::type_::Type;
use pyco_exec::{Args, PyResult, Value, Vm, VmCell};

/// Makes the module.
pub(crate) fn make(vm: &mut Vm) -> PyResult<Ref<Module>> {
    let module = vm.new_module("_random");
    vm.add_class(&module, &RANDOM);
    Ok(module)
}

const WORDS: usize = 624;
const MIDDLE: usize = 397;

/// The state: the words, and how many of them were used.
struct Twister {
    words: Vec<u32>,
    used: usize,
}

impl Twister {
    fn from_number(seed: u32) -> Twister {
        let mut words = vec![seed; WORDS];
        for at in 1..WORDS {
            let last = words[at - 1];
            words[at] = (last ^ (last >> 30))
                .wrapping_mul(1_812_433_253)
                .wrapping_add(at as u32);
        }
        Twister { words, used: WORDS }
    }

    fn from_key(key: &[u32]) -> Twister {
        let mut twister = Twister::from_number(19_650_218);
        let words = &mut twister.words;
        let (mut at, mut in_key) = (1, 0);
        for _ in 0..WORDS.max(key.len()) {
            let last = words[at - 1];
            words[at] = (words[at] ^ (last ^ (last >> 30)).wrapping_mul(1_664_525))
                .wrapping_add(key[in_key])
                .wrapping_add(in_key as u32);
            at += 1;
            in_key += 1;
            if at >= WORDS {
                words[0] = words[WORDS - 1];
                at = 1;
            }
            if in_key >= key.len() {
                in_key = 0;
            }
        }
        for _ in 1..WORDS {
            let last = words[at - 1];
            words[at] = (words[at] ^ (last ^ (last >> 30)).wrapping_mul(1_566_083_941))
                .wrapping_sub(at as u32);
            at += 1;
            if at >= WORDS {
                words[0] = words[WORDS - 1];
                at = 1;
            }
        }
        words[0] = 0x8000_0000;
        twister
    }

    /// The next 32 random bits.
    fn next(&mut self) -> u32 {
        if self.used >= WORDS {
            for at in 0..WORDS {
                let joined =
                    (self.words[at] & 0x8000_0000) | (self.words[(at + 1) % WORDS] & 0x7FFF_FFFF);
                let odd = if joined & 1 == 1 { 0x9908_B0DF } else { 0 };
                self.words[at] = self.words[(at + MIDDLE) % WORDS] ^ (joined >> 1) ^ odd;
            }
            self.used = 0;
        }
        let mut bits = self.words[self.used];
        self.used += 1;
        bits ^= bits >> 11;
        bits ^= (bits << 7) & 0x9D2C_5680;
        bits ^= (bits << 15) & 0xEFC6_0000;
        bits ^ (bits >> 18)
    }
}

/// A generator; how often it was seeded without a seed makes those seeds differ.
struct Random {
    twister: VmCell<Twister>,
    seedings: Cell<u64>,
}

impl Payload for Random {
    fn traverse(&self, _visit: &mut dyn FnMut(&Value)) {}
}

static RANDOM: ClassDef = ClassDef::new::<Random>("_random.Random", slots)
    .subclassable()
    .methods(&[
        NativeDef::no_args("random", random).signature("($self, /)"),
        NativeDef::range("seed", 0, 1, seed).signature("($self, n=None, /)"),
        NativeDef::no_args("getstate", get_state).signature("($self, /)"),
        NativeDef::one("setstate", set_state).signature("($self, state, /)"),
        NativeDef::one("getrandbits", get_rand_bits).signature("($self, k, /)"),
    ]);

fn slots(slots: &Slots, _minor: u8) {
    slots.new.set(Some(new));
    slots.init.set(Some(init));
}

fn new(_vm: &mut Vm, ty: &Ref<Type>, _args: Args<'_>) -> PyResult {
    let payload = Random {
        twister: VmCell::new(Twister::from_number(5489)),
        seedings: Cell::new(0),
    };
    Ok(Value::from(Ref::new(ty, payload)))
}

fn init(vm: &mut Vm, this: &Value, args: Args<'_>) -> PyResult<()> {
    let (ty, base) = (vm.type_of(this).clone(), vm.class(&RANDOM));
    if args.has_keywords() && uses_init_of(&ty, &base) {
        return Err(vm.type_error("Random() takes no keyword arguments"));
    }
    if args.positional().len() > 1 && vm.version_number() < 14 {
        return Err(vm.type_error("Random() requires 0 or 1 argument"));
    }
    let given = Args::positional_only(args.positional()).between(vm, "Random", 0, 1)?;
    seed(vm, this, given).map(|_| ())
}

fn seed(vm: &mut Vm, this: &Value, arguments: &[Value]) -> PyResult {
    let generator = receiver::<Random>(vm, this)?;
    let number = match arguments.first().filter(|n| !n.is_none()) {
        None => {
            // What the host gave the VM for its hashes is all the chance that there is.
            let count = generator.seedings.get() + 1;
            generator.seedings.set(count);
            let text = vm.new_str(&format!("seed {count} of {}", this.id()));
            BigInt::from(vm.hash(&text)? as u64)
        }
        Some(number) => match number.as_int() {
            Some(number) => number.to_big().into_owned(),
            None => BigInt::from(vm.hash(number)? as u64),
        },
    };
    let magnitude = if number < BigInt::ZERO {
        -number
    } else {
        number
    };
    let len = pyco_exec::numeric::bigint::bit_length(&magnitude).div_ceil(32) as i64 * 4;
    let bytes = match to_bytes(&magnitude, len, ByteOrder::Little, false, vm.release()) {
        Ok(bytes) => bytes,
        Err(error) => return Err(vm.numeric_error(error)),
    };
    let mut key: Vec<u32> = bytes
        .chunks_exact(4)
        .map(|word| u32::from_le_bytes([word[0], word[1], word[2], word[3]]))
        .collect();
    if key.is_empty() {
        key.push(0);
    }
    *receiver::<Random>(vm, this)?.twister.get_mut(vm) = Twister::from_key(&key);
    Ok(Value::NONE)
}

fn random(vm: &mut Vm, this: &Value) -> PyResult {
    let twister = receiver::<Random>(vm, this)?.twister.get_mut(vm);
    let high = f64::from(twister.next() >> 5);
    let low = f64::from(twister.next() >> 6);
    Ok(Value::float(
        (high * 67_108_864.0 + low) * (1.0 / 9_007_199_254_740_992.0),
    ))
}

/// How many bits are wanted.
fn bit_count(vm: &mut Vm, count: &Value) -> PyResult<u32> {
    let is_long = vm.version_number() >= 14;
    let too_large = match is_long {
        true => "Python int too large for C uint64_t",
        false => "Python int too large to convert to C int",
    };
    let count = match is_long {
        true => vm.index_clamped(count)?,
        false => vm.index_as_i64(count, too_large)?,
    };
    match (u32::try_from(count), is_long) {
        (Ok(count), _) => Ok(count),
        (Err(_), true) if count < 0 => Err(vm.value_error("Cannot convert negative int")),
        (Err(_), false) if count < 0 => Err(vm.value_error("number of bits must be non-negative")),
        (Err(_), true) if count < i64::MAX => Err(vm.memory_error()),
        (Err(_), _) => Err(vm.overflow_error(too_large)),
    }
}

fn get_rand_bits(vm: &mut Vm, this: &Value, count: &Value) -> PyResult {
    let count = bit_count(vm, count)?;
    vm.check_growth(count as usize / 8)?;
    let twister = receiver::<Random>(vm, this)?.twister.get_mut(vm);
    if count <= 32 {
        let bits = match count {
            0 => 0,
            _ => twister.next() >> (32 - count),
        };
        return Ok(vm.int(i64::from(bits)));
    }
    let mut bytes = Vec::with_capacity(count as usize / 8 + 4);
    let mut left = count;
    while left > 0 {
        let mut word = twister.next();
        if left < 32 {
            word >>= 32 - left;
        }
        bytes.extend_from_slice(&word.to_le_bytes());
        left = left.saturating_sub(32);
    }
    Ok(vm.int_from_big(from_bytes(&bytes, ByteOrder::Little, false)))
}

fn get_state(vm: &mut Vm, this: &Value) -> PyResult {
    let twister = receiver::<Random>(vm, this)?.twister.get(vm);
    let words = twister.words.iter().map(|word| i64::from(*word));
    let state = words.chain([twister.used as i64]);
    Ok(vm.new_tuple(state.map(|n| vm.int(n)).collect()))
}

fn set_state(vm: &mut Vm, this: &Value, state: &Value) -> PyResult {
    let Some(state) = state.downcast::<Tuple>() else {
        return Err(vm.type_error("state vector must be a tuple"));
    };
    let Some((used, words)) = state
        .items()
        .split_last()
        .filter(|(_, words)| words.len() == WORDS)
    else {
        return Err(vm.value_error("state vector is the wrong size"));
    };
    let mut new = Vec::with_capacity(WORDS);
    for word in words {
        let word = vm.index_as_i64(word, "Python int too large to convert to C unsigned long")?;
        new.push(word as u32);
    }
    let used = vm.index_as_i64(used, "Python int too large to convert to C long")?;
    let Some(used) = usize::try_from(used).ok().filter(|used| *used <= WORDS) else {
        return Err(vm.value_error("invalid state"));
    };
    *receiver::<Random>(vm, this)?.twister.get_mut(vm) = Twister { words: new, used };
    Ok(Value::NONE)
}

#[cfg(test)]
mod tests {
    use super::Twister;

    #[test]
    fn the_twister_gives_the_published_numbers() {
        let mut twister = Twister::from_key(&[0x123, 0x234, 0x345, 0x456]);
        let expected = [
            1_067_595_299,
            955_945_823,
            477_289_528,
            4_107_218_783,
            4_228_976_476,
        ];
        assert_eq!(expected.map(|_| twister.next()), expected);
    }
}
