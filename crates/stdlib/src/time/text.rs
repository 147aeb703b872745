//! Times as text, in the C locale.

use pyco_exec::object::native::NativeDef;
use pyco_exec::object::str_::Str;
use pyco_exec::text::{StrBuf, StrBuilder};
use pyco_exec::{PyResult, Value, Vm};

use super::calendar::{self, Broken, iso_week};
use super::clock::{now, seconds_or_now};
use super::tuple::{self, checked};
use super::zone;

/// The days of the week, from Monday.
pub(crate) const DAYS: [&str; 7] = [
    "Monday",
    "Tuesday",
    "Wednesday",
    "Thursday",
    "Friday",
    "Saturday",
    "Sunday",
];

pub(crate) const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

pub(super) static FUNCTIONS: &[NativeDef] = &[
    NativeDef::any("strftime", |vm, module, args| {
        let args = tuple::at_most(vm, args, "strftime", 2)?;
        match args {
            [] => Err(vm.type_error("strftime() takes at least 1 argument (0 given)")),
            args => strftime(vm, module, args),
        }
    }),
    NativeDef::any("strptime", |vm, module, args| {
        strptime(vm, module, args.positional())
    }),
    NativeDef::range("asctime", 0, 1, |vm, _, args| {
        let time = match args.first() {
            Some(value) => checked(vm, value, "asctime")?,
            None => {
                let seconds = now(vm)?;
                tuple::local(vm, seconds)?.0
            }
        };
        Ok(vm.new_str(&as_c_does(&time)))
    }),
    NativeDef::any("ctime", |vm, _, args| {
        let args = tuple::at_most(vm, args, "ctime", 1)?;
        let seconds = seconds_or_now(vm, args.first())?;
        let (time, _) = tuple::local(vm, seconds)?;
        Ok(vm.new_str(&as_c_does(&time)))
    }),
];

fn name<'a>(names: &[&'a str], index: i64) -> &'a str {
    usize::try_from(index)
        .ok()
        .and_then(|index| names.get(index).copied())
        .unwrap_or("?")
}

fn short(name: &str) -> &str {
    name.get(..3).unwrap_or(name)
}

fn as_c_does(time: &Broken) -> String {
    format!(
        "{} {}{:>3} {:02}:{:02}:{:02} {}",
        short(name(&DAYS, time.week_day)),
        short(name(&MONTHS, time.month - 1)),
        time.day,
        time.hour,
        time.minute,
        time.second,
        time.year
    )
}

/// `strptime`: Python code of the standard library does it.
fn strptime(vm: &mut Vm, _module: &Value, args: &[Value]) -> PyResult {
    let module = vm.import("_strptime")?;
    let name = vm.intern("_strptime_time");
    vm.call_method(&module, &name, args)
}

fn strftime(vm: &mut Vm, _module: &Value, args: &[Value]) -> PyResult {
    let format = args.first().cloned().unwrap_or(Value::NONE);
    let Some(format) = format.downcast::<Str>().cloned() else {
        let found = pyco_exec::object::text_args::clinic_type(vm, &format);
        let message = format!("strftime() argument 1 must be str, not {found}");
        return Err(vm.type_error(message));
    };
    let (time, name, offset) = match args.get(1) {
        Some(value) => {
            let time = checked(vm, value, "strftime")?;
            let field = |vm: &mut Vm, field: &str| {
                let field = vm.intern(field);
                vm.get_attr_opt(value, &field)
            };
            // A plain tuple says nothing of its zone: the local one is meant.
            let name = field(vm, "tm_zone")?.filter(|name| name.downcast::<Str>().is_some());
            let offset = field(vm, "tm_gmtoff")?.and_then(|offset| offset.as_small_int());
            let local = zone::at(vm, calendar::to_seconds(&time));
            let name = match name {
                Some(name) => vm.display(&name),
                None => zone::name_for(vm, time.is_dst > 0, &local),
            };
            (time, name, offset.unwrap_or(local.offset))
        }
        None => {
            let seconds = now(vm)?;
            let (time, zone) = tuple::local(vm, seconds)?;
            (time, zone.name, zone.offset)
        }
    };
    let text = formatted(&format, &time, &name, offset);
    vm.check_growth(text.len())?;
    Ok(vm.str_from_buf(text))
}

fn formatted(format: &Str, time: &Broken, zone: &str, offset: i64) -> StrBuf {
    let mut out = StrBuilder::new();
    let mut chars = format.view().chars();
    while let Some(c) = chars.next() {
        if c != '%' as u32 {
            out.push(c);
            continue;
        }
        let Some(letter) = chars.next() else {
            out.push('%' as u32);
            break;
        };
        // What a locale could write otherwise, this one does not.
        let letter = match char::from_u32(letter) {
            Some('E' | 'O') => chars.next().unwrap_or(letter),
            _ => letter,
        };
        match char::from_u32(letter).and_then(|letter| field(letter, time, zone, offset)) {
            Some(text) => out.push_str(&text),
            None => {
                out.push('%' as u32);
                out.push(letter);
            }
        }
    }
    out.finish()
}

/// What stands for `%` and a letter; nothing for those that mean nothing.
fn field(letter: char, time: &Broken, zone: &str, offset: i64) -> Option<String> {
    let all = |letters: &str, between: &str| {
        let parts: Vec<String> = letters
            .chars()
            .filter_map(|letter| field(letter, time, zone, offset))
            .collect();
        parts.join(between)
    };
    let hour12 = (time.hour + 11) % 12 + 1;
    Some(match letter {
        'a' => short(name(&DAYS, time.week_day)).to_owned(),
        'A' => name(&DAYS, time.week_day).to_owned(),
        'b' | 'h' => short(name(&MONTHS, time.month - 1)).to_owned(),
        'B' => name(&MONTHS, time.month - 1).to_owned(),
        'c' => format!("{} {}", all("abeT", " "), time.year),
        'C' => time.year.div_euclid(100).to_string(),
        'd' => format!("{:02}", time.day),
        'D' | 'x' => all("mdy", "/"),
        'e' => format!("{:>2}", time.day),
        'F' => format!("{}-{:02}-{:02}", time.year, time.month, time.day),
        'g' => format!("{:02}", iso_week(time).0.rem_euclid(100)),
        'G' => iso_week(time).0.to_string(),
        'H' => format!("{:02}", time.hour),
        'I' => format!("{hour12:02}"),
        'j' => format!("{:03}", time.year_day),
        'k' => format!("{:>2}", time.hour),
        'l' => format!("{hour12:>2}"),
        'm' => format!("{:02}", time.month),
        'M' => format!("{:02}", time.minute),
        'n' => "\n".to_owned(),
        'p' => if time.hour < 12 { "AM" } else { "PM" }.to_owned(),
        'P' => if time.hour < 12 { "am" } else { "pm" }.to_owned(),
        'r' => format!("{} {}", all("IMS", ":"), all("p", "")),
        'R' => all("HM", ":"),
        's' => (calendar::to_seconds(time) - offset).to_string(),
        'S' => format!("{:02}", time.second),
        't' => "\t".to_owned(),
        'T' | 'X' => all("HMS", ":"),
        'u' => (time.week_day + 1).to_string(),
        'U' => format!("{:02}", (time.year_day + 6 - (time.week_day + 1) % 7) / 7),
        'V' => format!("{:02}", iso_week(time).1),
        'w' => ((time.week_day + 1) % 7).to_string(),
        'W' => format!("{:02}", (time.year_day + 6 - time.week_day) / 7),
        'y' => format!("{:02}", time.year.rem_euclid(100)),
        'Y' => time.year.to_string(),
        'z' => {
            let sign = if offset < 0 { '-' } else { '+' };
            let minutes = offset.abs() / 60;
            format!("{sign}{:02}{:02}", minutes / 60, minutes % 60)
        }
        'Z' => zone.to_owned(),
        '%' => "%".to_owned(),
        _ => return None,
    })
}
