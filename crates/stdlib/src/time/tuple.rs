//! `struct_time`, and the functions that make and take it.

use pyco_exec::object::native::NativeDef;
use pyco_exec::object::sequence_class::SequenceDef;
use pyco_exec::object::tuple::Tuple;
use pyco_exec::{Args, PyResult, Value, Vm};

use super::calendar::{self, Broken};
use super::clock::seconds_or_now;
use super::zone::{self, Zone};

pub(super) static STRUCT_TIME: SequenceDef = SequenceDef {
    name: "time.struct_time",
    fields: &[
        "tm_year",
        "tm_mon",
        "tm_mday",
        "tm_hour",
        "tm_min",
        "tm_sec",
        "tm_wday",
        "tm_yday",
        "tm_isdst",
        "tm_zone",
        "tm_gmtoff",
    ],
    visible: 9,
    complete: None,
};

pub(super) static FUNCTIONS: &[NativeDef] = &[
    NativeDef::any("gmtime", |vm, _, args| {
        let args = at_most(vm, args, "gmtime", 1)?;
        let seconds = seconds_or_now(vm, args.first())?;
        check_seconds(vm, seconds)?;
        let time = calendar::from_seconds(seconds);
        Ok(value(vm, &time, "GMT", 0))
    }),
    NativeDef::any("localtime", |vm, _, args| {
        let args = at_most(vm, args, "localtime", 1)?;
        let seconds = seconds_or_now(vm, args.first())?;
        let (time, zone) = local(vm, seconds)?;
        Ok(value(vm, &time, &zone.name, zone.offset))
    }),
    NativeDef::one("mktime", mktime),
];

/// The positional arguments of a function that takes no keywords and no more than these.
pub(super) fn at_most<'a>(
    vm: &mut Vm,
    args: Args<'a>,
    function: &str,
    most: usize,
) -> PyResult<&'a [Value]> {
    if args.has_keywords() {
        let message = format!("time.{function}() takes no keyword arguments");
        return Err(vm.type_error(message));
    }
    let given = args.positional().len();
    if given > most {
        let plural = if most == 1 { "" } else { "s" };
        let message = format!("{function}() takes at most {most} argument{plural} ({given} given)");
        return Err(vm.type_error(message));
    }
    Ok(args.positional())
}

/// Years that do not fit C's int are refused.
fn check_seconds(vm: &mut Vm, seconds: i64) -> PyResult<()> {
    const MOST: i64 = 67_768_036_191_676_799;
    match (-67_768_040_609_740_800..=MOST).contains(&seconds) {
        true => Ok(()),
        false => Err(crate::descriptor::os_error(
            vm,
            rustix::io::Errno::OVERFLOW,
            &[],
        )),
    }
}

/// The local time, and its zone.
pub(super) fn local(vm: &mut Vm, seconds: i64) -> PyResult<(Broken, Zone)> {
    check_seconds(vm, seconds)?;
    let zone = zone::at(vm, seconds);
    let mut time = calendar::from_seconds(seconds + zone.offset);
    time.is_dst = zone.is_dst.into();
    Ok((time, zone))
}

fn value(vm: &mut Vm, time: &Broken, zone: &str, offset: i64) -> Value {
    let numbers = [
        time.year,
        time.month,
        time.day,
        time.hour,
        time.minute,
        time.second,
        time.week_day,
        time.year_day,
        time.is_dst,
    ];
    let mut values: Vec<Value> = numbers.iter().map(|n| vm.int(*n)).collect();
    values.extend([vm.new_str(zone), vm.int(offset)]);
    vm.new_sequence(&STRUCT_TIME, values)
}

/// An item of a time tuple, in the words of the format by which CPython takes it apart.
fn c_int(vm: &mut Vm, value: &Value) -> PyResult<i64> {
    let number = vm.index_as_i64(value, "Python int too large to convert to C long")?;
    match i32::try_from(number) {
        Ok(number) => Ok(number.into()),
        Err(_) if number > 0 => Err(vm.overflow_error("signed integer is greater than maximum")),
        Err(_) => Err(vm.overflow_error("signed integer is less than minimum")),
    }
}

/// A time tuple as an argument of `function`.
pub(super) fn argument(vm: &mut Vm, value: &Value, function: &str) -> PyResult<Broken> {
    let Some(items) = value
        .downcast::<Tuple>()
        .map(|tuple| tuple.items().to_vec())
    else {
        return Err(vm.type_error("Tuple or struct_time argument required"));
    };
    if items.len() != 9 {
        let message = format!("{function}(): illegal time tuple argument");
        return Err(vm.type_error(message));
    }
    let mut numbers = [0; 9];
    for (number, item) in numbers.iter_mut().zip(&items) {
        *number = c_int(vm, item)?;
    }
    // The system's functions count years from 1900, in a C int.
    if numbers[0] < i64::from(i32::MIN) + 1900 {
        return Err(vm.overflow_error("year out of range"));
    }
    Ok(Broken {
        year: numbers[0],
        month: numbers[1],
        day: numbers[2],
        hour: numbers[3],
        minute: numbers[4],
        second: numbers[5],
        week_day: numbers[6],
        year_day: numbers[7],
        is_dst: numbers[8],
    })
}

/// The same, checked: zeros stand for the first month, day, and day of the year.
pub(super) fn checked(vm: &mut Vm, value: &Value, function: &str) -> PyResult<Broken> {
    let mut time = argument(vm, value, function)?;
    time.month = time.month.max(i64::from(time.month == 0));
    time.day = time.day.max(i64::from(time.day == 0));
    time.year_day = time.year_day.max(i64::from(time.year_day == 0));
    let wrong = match () {
        () if !(1..=12).contains(&time.month) => "month out of range",
        () if !(1..=31).contains(&time.day) => "day of month out of range",
        () if !(0..24).contains(&time.hour) => "hour out of range",
        () if !(0..60).contains(&time.minute) => "minute out of range",
        () if !(0..62).contains(&time.second) => "seconds out of range",
        () if time.week_day < -1 => "day of week out of range",
        () if !(1..=366).contains(&time.year_day) => "day of year out of range",
        () => {
            time.week_day = (time.week_day + 7) % 7;
            return Ok(time);
        }
    };
    Err(vm.value_error(wrong))
}

fn mktime(vm: &mut Vm, _module: &Value, value: &Value) -> PyResult {
    let time = argument(vm, value, "mktime")?;
    let utc = calendar::to_seconds(&time);
    // The offset depends on the time itself: a first guess, then the one that holds there.
    let mut seconds = utc - zone::at(vm, utc).offset;
    let there = zone::at(vm, seconds);
    seconds = utc - there.offset;
    if time.is_dst >= 0 {
        let wanted = time.is_dst > 0;
        let found = zone::at(vm, seconds);
        if found.is_dst != wanted
            && let Some(offset) = zone::other_offset(vm, seconds, wanted)
        {
            seconds = utc - offset;
        }
    }
    Ok(Value::float(seconds as f64))
}
