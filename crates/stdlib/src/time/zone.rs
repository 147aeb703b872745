//! The local time zone: what `TZ` of the program's environment says, else the system's where the host grants a clock.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use pyco_exec::object::native::NativeDef;
use pyco_exec::{PyResult, Value, Vm};

use super::calendar::days_from_date;

/// What holds at one moment.
#[derive(Clone)]
pub(super) struct Zone {
    pub(super) name: String,
    /// Seconds east of UTC.
    pub(super) offset: i64,
    pub(super) is_dst: bool,
}

/// The zone in use, once it was asked for.
#[derive(Default)]
struct Local(Option<TimeZone>);

pub(super) static FUNCTIONS: &[NativeDef] = &[NativeDef::no_args("tzset", |vm, module| {
    vm.state::<Local>().0 = None;
    set_names(vm, module)?;
    Ok(Value::NONE)
})];

fn zone(vm: &mut Vm) -> TimeZone {
    if let Some(zone) = &vm.state::<Local>().0 {
        return zone.clone();
    }
    let environment = &vm.host().environment;
    let given = environment.iter().find(|(name, _)| name == "TZ");
    let given = given.map(|(_, value)| value.to_string_lossy().into_owned());
    let is_granted = vm.host().clock;
    let zone = match given.as_deref() {
        Some(text) => named(text.trim_start_matches(':'), vm.host().files),
        None if is_granted => TimeZone::try_system().unwrap_or(TimeZone::UTC),
        None => TimeZone::UTC,
    };
    vm.state::<Local>().0 = Some(zone.clone());
    zone
}

/// A zone by its name in the system's database, or by its rules. One that nobody knows is UTC.
fn named(text: &str, has_files: bool) -> TimeZone {
    let by_name = match has_files {
        true => TimeZone::get(text).ok(),
        false => None,
    };
    by_name
        .or_else(|| TimeZone::posix(text).ok())
        .unwrap_or(TimeZone::UTC)
}

/// What holds at a moment.
pub(super) fn at(vm: &mut Vm, seconds: i64) -> Zone {
    let zone = zone(vm);
    let bounded = seconds.clamp(
        Timestamp::MIN.as_second() + 1,
        Timestamp::MAX.as_second() - 1,
    );
    let moment = Timestamp::from_second(bounded).unwrap_or(Timestamp::UNIX_EPOCH);
    let info = zone.to_offset_info(moment);
    Zone {
        name: info.abbreviation().to_owned(),
        offset: info.offset().seconds().into(),
        is_dst: info.dst().is_dst(),
    }
}

/// What holds in January and July of the year of 1970-01-01 plus `seconds`, or now.
fn both(vm: &mut Vm, year: i64) -> [Zone; 2] {
    let january = days_from_date(year, 1, 1) * 86_400;
    let july = days_from_date(year, 7, 1) * 86_400;
    [at(vm, january), at(vm, july)]
}

/// The offset that holds in the same year when daylight saving does, or does not.
pub(super) fn other_offset(vm: &mut Vm, seconds: i64, wanted: bool) -> Option<i64> {
    let year = super::calendar::from_seconds(seconds).year;
    let zones = both(vm, year);
    zones
        .iter()
        .find(|zone| zone.is_dst == wanted)
        .map(|zone| zone.offset)
}

/// The name for a time that says itself whether daylight saving holds.
pub(super) fn name_for(vm: &mut Vm, is_dst: bool, here: &Zone) -> String {
    if here.is_dst == is_dst {
        return here.name.clone();
    }
    let year = this_year(vm);
    let zones = both(vm, year);
    let found = zones.into_iter().find(|zone| zone.is_dst == is_dst);
    found.map_or_else(|| here.name.clone(), |zone| zone.name)
}

/// The year now, where there is a clock.
fn this_year(vm: &mut Vm) -> i64 {
    match vm.host().clock {
        true => {
            let now = rustix::time::clock_gettime(rustix::time::ClockId::Realtime);
            super::calendar::from_seconds(now.tv_sec as i64).year
        }
        false => 1970,
    }
}

/// Sets `tzname`, `timezone`, `altzone` and `daylight`.
pub(super) fn set_names(vm: &mut Vm, module: &Value) -> PyResult<()> {
    let year = this_year(vm);
    let [january, july] = both(vm, year);
    // Where the seasons are the other way round, July is the standard.
    let (standard, summer) = match january.offset <= july.offset {
        true => (january, july),
        false => (july, january),
    };
    let has_summer = standard.offset != summer.offset;
    let names = vec![vm.new_str(&standard.name), vm.new_str(&summer.name)];
    let values = [
        ("tzname", vm.new_tuple(names)),
        ("timezone", vm.int(-standard.offset)),
        ("altzone", vm.int(-summer.offset)),
        ("daylight", vm.int(has_summer.into())),
    ];
    for (name, value) in values {
        let name = vm.intern(name);
        vm.set_attr(module, &name, Some(value))?;
    }
    Ok(())
}
