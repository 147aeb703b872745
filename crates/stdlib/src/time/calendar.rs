//! Days and dates of the proleptic Gregorian calendar.

/// A point of time, taken apart. The month counts from 1, the day of the week from Monday, the day of the year from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Broken {
    pub(super) year: i64,
    pub(super) month: i64,
    pub(super) day: i64,
    pub(super) hour: i64,
    pub(super) minute: i64,
    pub(super) second: i64,
    pub(super) week_day: i64,
    pub(super) year_day: i64,
    pub(super) is_dst: i64,
}

const DAY: i64 = 86_400;

/// Days from 1970-01-01 to a date; months beyond the year carry over.
pub(super) fn days_from_date(year: i64, month: i64, day: i64) -> i64 {
    let year = year + (month - 1).div_euclid(12);
    let month = (month - 1).rem_euclid(12) + 1;
    // Years that begin in March, so that the leap day comes last.
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let month_from_march = (month + 9) % 12;
    let day_of_year = (153 * month_from_march + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

/// The date so many days after 1970-01-01.
fn date_from_days(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 {
        month_from_march + 3
    } else {
        month_from_march - 9
    };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (year, month, day)
}

/// Takes seconds since 1970 apart.
pub(super) fn from_seconds(seconds: i64) -> Broken {
    let (days, rest) = (seconds.div_euclid(DAY), seconds.rem_euclid(DAY));
    let (year, month, day) = date_from_days(days);
    Broken {
        year,
        month,
        day,
        hour: rest / 3600,
        minute: rest / 60 % 60,
        second: rest % 60,
        week_day: (days + 3).rem_euclid(7),
        year_day: days - days_from_date(year, 1, 1) + 1,
        is_dst: 0,
    }
}

/// Seconds since 1970; fields out of range carry over.
pub(super) fn to_seconds(time: &Broken) -> i64 {
    days_from_date(time.year, time.month, time.day) * DAY
        + time.hour * 3600
        + time.minute * 60
        + time.second
}

/// ISO year and week of a date.
pub(super) fn iso_week(time: &Broken) -> (i64, i64) {
    let thursday = time.year_day - time.week_day + 3;
    let year_len = |year: i64| days_from_date(year + 1, 1, 1) - days_from_date(year, 1, 1);
    if thursday < 1 {
        let year = time.year - 1;
        return (year, (thursday + year_len(year) - 1) / 7 + 1);
    }
    if thursday > year_len(time.year) {
        return (time.year + 1, 1);
    }
    (time.year, (thursday - 1) / 7 + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_come_back() {
        for seconds in [
            0,
            1,
            -1,
            951_782_400,
            1_700_000_000,
            -62_135_596_800,
            253_402_300_799,
        ] {
            assert_eq!(to_seconds(&from_seconds(seconds)), seconds);
        }
        let leap_day = from_seconds(951_782_400);
        assert_eq!((leap_day.year, leap_day.month, leap_day.day), (2000, 2, 29));
        assert_eq!((leap_day.week_day, leap_day.year_day), (1, 60));
    }

    #[test]
    fn weeks_belong_to_the_year_of_their_thursday() {
        let of = |year, month, day| iso_week(&from_seconds(days_from_date(year, month, day) * DAY));
        assert_eq!(of(2021, 1, 3), (2020, 53));
        assert_eq!(of(2021, 1, 4), (2021, 1));
        assert_eq!(of(2018, 12, 31), (2019, 1));
    }
}
