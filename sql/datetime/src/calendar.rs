//! Days, months and years: the proleptic Gregorian calendar over Julian day numbers, and a moment's fields.
//!
//! A year is astronomical inside: 0 is 1 BC, -1 is 2 BC. Days are Julian day numbers (0 is 24 November 4714 BC); the day
//! that values count from, 1 January 2000, is [`EPOCH_JULIAN`].

/// Julian day number of 2000-01-01, from which dates and timestamps count.
pub const EPOCH_JULIAN: i64 = 2_451_545;
/// Julian day number of 1970-01-01, from which time zones count.
pub const UNIX_EPOCH_JULIAN: i64 = 2_440_588;
/// Microseconds in a second.
pub const MICROSECONDS_PER_SECOND: i64 = 1_000_000;
/// Microseconds in a minute.
pub const MICROSECONDS_PER_MINUTE: i64 = 60 * MICROSECONDS_PER_SECOND;
/// Microseconds in an hour.
pub const MICROSECONDS_PER_HOUR: i64 = 60 * MICROSECONDS_PER_MINUTE;
/// Microseconds in a day of 24 hours.
pub const MICROSECONDS_PER_DAY: i64 = 24 * MICROSECONDS_PER_HOUR;
/// Seconds in a day of 24 hours.
pub const SECONDS_PER_DAY: i64 = 86_400;
/// What an interval takes a month to be where days are asked for.
pub const DAYS_PER_MONTH: i64 = 30;
/// Months in a year.
pub const MONTHS_PER_YEAR: i64 = 12;
/// Seconds between the epochs of Unix and of timestamps.
pub const UNIX_TO_EPOCH_SECONDS: i64 = (EPOCH_JULIAN - UNIX_EPOCH_JULIAN) * SECONDS_PER_DAY;

/// Short names of the months.
pub const MONTHS_SHORT: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
/// Names of the months.
pub const MONTHS_LONG: [&str; 12] = [
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
/// Short names of the days of the week, from Sunday.
pub const DAYS_SHORT: [&str; 7] = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];
/// Names of the days of the week, from Sunday.
pub const DAYS_LONG: [&str; 7] =
    ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];

/// Whether a year has 366 days.
pub fn is_leap(year: i64) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

/// How many days a month has; 31 for what is no month.
pub fn days_in_month(year: i64, month: i64) -> i64 {
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if is_leap(year) => 29,
        2 => 28,
        _ => 31,
    }
}

/// The Julian day number of a date. Month and day may lie outside their ranges by as much as an `i32` holds.
pub fn to_julian(year: i64, month: i64, day: i64) -> i64 {
    // Years begin in March here, so that the day that comes and goes is a year's last.
    let month_index = month - 3;
    let year = year + month_index.div_euclid(12);
    let month_index = month_index.rem_euclid(12);
    let day_of_year = (153 * month_index + 2) / 5 + day - 1;
    365 * year + year.div_euclid(4) - year.div_euclid(100)
        + year.div_euclid(400)
        + day_of_year
        + FIRST_MARCH_JULIAN
}

/// The Julian day number of the first of March of the year 0: years that begin with March have their leap day at their end.
const FIRST_MARCH_JULIAN: i64 = 1_721_120;

/// The year, month and day of a Julian day number.
pub fn from_julian(julian: i64) -> (i64, i64, i64) {
    let days = julian - FIRST_MARCH_JULIAN;
    match u32::try_from(days) {
        Ok(days) if days < DAYS_BY_WORDS => from_days_by_words(days),
        Ok(_) | Err(_) => from_days(days),
    }
}

/// From so many days after March of the year 0 on they are told by longer numbers.
const DAYS_BY_WORDS: u32 = u32::MAX / 8;

/// Divisions become multiplications and shifts of words (C. Neri, L. Schneider: Euclidean affine functions and their application to
/// calendar algorithms, 2022).
fn from_days_by_words(days: u32) -> (i64, i64, i64) {
    let quarters = 4 * days + 3;
    let (century, of_century) = (quarters / 146_097, quarters % 146_097 / 4);
    // A year is 1,461 quarters of days: 2,939,745 is the 1,461st part of 2^32, rounded up.
    let product = 2_939_745 * u64::from(4 * of_century + 3);
    let (year, day_of_year) = (100 * century + (product >> 32) as u32, product as u32 / 2_939_745 / 4);
    let months = 2_141 * day_of_year + 197_913;
    let (month, day) = (months >> 16, (months & 0xffff) / 2_141 + 1);
    let is_next_year = day_of_year >= 306;
    let month = if is_next_year { month - 12 } else { month };
    ((year + u32::from(is_next_year)).into(), month.into(), day.into())
}

/// The same of any number of days since March of the year 0.
fn from_days(days: i64) -> (i64, i64, i64) {
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_index = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_index + 2) / 5 + 1;
    let month = if month_index < 10 { month_index + 3 } else { month_index - 9 };
    (era * 400 + year_of_era + i64::from(month <= 2), month, day)
}

/// The day of the week of a Julian day number; 0 is Sunday.
pub fn day_of_week(julian: i64) -> i64 {
    (julian + 1).rem_euclid(7)
}

/// Whether a date is near enough to the valid ones for a Julian day number to be worth computing.
pub fn is_valid_julian(year: i64, month: i64) -> bool {
    (year > -4713 || (year == -4713 && month >= 11)) && (year < 5_874_898 || (year == 5_874_898 && month < 6))
}

/// Julian day number of the Monday of the first ISO week of a year.
fn first_iso_monday(year: i64) -> i64 {
    let fourth = to_julian(year, 1, 4);
    fourth - (day_of_week(fourth) + 6) % 7
}

/// Julian day number of the Monday of an ISO week.
pub fn iso_week_to_julian(year: i64, week: i64) -> i64 {
    first_iso_monday(year) + (week - 1) * 7
}

/// ISO year and week of a date.
pub fn iso_year_week(year: i64, month: i64, day: i64) -> (i64, i64) {
    let julian = to_julian(year, month, day);
    let mut iso_year = year;
    if julian < first_iso_monday(year) {
        iso_year -= 1;
    } else if julian >= first_iso_monday(year + 1) {
        iso_year += 1;
    }
    (iso_year, (julian - first_iso_monday(iso_year)) / 7 + 1)
}

/// The number of the day within its year, from 1.
pub fn day_of_year(year: i64, month: i64, day: i64) -> i64 {
    to_julian(year, month, day) - to_julian(year, 1, 1) + 1
}

/// A moment in the fields that people write.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Fields {
    /// Astronomical year.
    pub year: i64,
    /// 1 to 12.
    pub month: i64,
    /// 1 to 31.
    pub day: i64,
    /// 0 to 24.
    pub hour: i64,
    /// 0 to 59.
    pub minute: i64,
    /// 0 to 60.
    pub second: i64,
    /// Microseconds of the second.
    pub microsecond: i64,
}

impl Fields {
    /// The fields of microseconds since 2000-01-01, of any size.
    pub fn of_microseconds(microseconds: i64) -> Fields {
        Fields::of_local(microseconds, 0)
    }

    /// The fields of microseconds since 2000-01-01 UTC, by clocks so many seconds east.
    pub fn of_local(microseconds: i64, east: i32) -> Fields {
        let time = microseconds.rem_euclid(MICROSECONDS_PER_DAY) + i64::from(east) * MICROSECONDS_PER_SECOND;
        let day = microseconds.div_euclid(MICROSECONDS_PER_DAY) + time.div_euclid(MICROSECONDS_PER_DAY);
        let mut fields = Fields::of_time(time.rem_euclid(MICROSECONDS_PER_DAY));
        (fields.year, fields.month, fields.day) = from_julian(day + EPOCH_JULIAN);
        fields
    }

    /// The fields of a time of day; no date.
    pub fn of_time(time: i64) -> Fields {
        Fields {
            hour: time / MICROSECONDS_PER_HOUR,
            minute: time / MICROSECONDS_PER_MINUTE % 60,
            second: time / MICROSECONDS_PER_SECOND % 60,
            microsecond: time % MICROSECONDS_PER_SECOND,
            ..Fields::default()
        }
    }

    /// The fields of a date, at midnight.
    pub fn of_days(days: i64) -> Fields {
        let (year, month, day) = from_julian(days + EPOCH_JULIAN);
        Fields { year, month, day, ..Fields::default() }
    }

    /// The time of day that the fields say; more than 24 hours if they do.
    pub fn time(&self) -> i128 {
        ((i128::from(self.hour) * 60 + i128::from(self.minute)) * 60 + i128::from(self.second))
            * i128::from(MICROSECONDS_PER_SECOND)
            + i128::from(self.microsecond)
    }

    /// The Julian day number of the date.
    pub fn julian(&self) -> i64 {
        to_julian(self.year, self.month, self.day)
    }

    /// Seconds since 1970-01-01 00:00 by the clock on the wall; fractions are dropped.
    pub fn unix_seconds(&self) -> i64 {
        (self.julian() - UNIX_EPOCH_JULIAN) * SECONDS_PER_DAY
            + self.hour * 3600
            + self.minute * 60
            + self.second
    }

    /// Microseconds since 2000-01-01, unless the date is nowhere near the valid ones.
    pub fn microseconds(&self) -> Option<i128> {
        is_valid_julian(self.year, self.month).then(|| {
            i128::from(self.julian() - EPOCH_JULIAN) * i128::from(MICROSECONDS_PER_DAY) + self.time()
        })
    }

    /// The year as BC and AD count it: never 0, with whether it is before Christ.
    pub fn year_of_era(&self) -> (i64, bool) {
        if self.year > 0 { (self.year, false) } else { (1 - self.year, true) }
    }

    /// The day of the week; 0 is Sunday.
    pub fn day_of_week(&self) -> i64 {
        day_of_week(self.julian())
    }

    /// The number of the day within its year.
    pub fn day_of_year(&self) -> i64 {
        day_of_year(self.year, self.month, self.day)
    }
}

#[cfg(test)]
mod tests {
    use super::{
        DAYS_BY_WORDS, day_of_week, from_days, from_days_by_words, from_julian, iso_year_week, to_julian,
    };

    #[test]
    fn days_and_dates_are_inverse() {
        let anchors = [
            (0, (-4713, 11, 24)),
            (1_721_426, (1, 1, 1)),
            (2_451_545, (2000, 1, 1)),
            (2_440_588, (1970, 1, 1)),
            (2_147_483_493, (5_874_897, 12, 31)),
        ];
        for (julian, (year, month, day)) in anchors {
            assert_eq!(to_julian(year, month, day), julian);
            assert_eq!(from_julian(julian), (year, month, day));
        }
        for julian in (-400_000..3_000_000).step_by(13) {
            let (year, month, day) = from_julian(julian);
            assert_eq!(to_julian(year, month, day), julian);
        }
    }

    #[test]
    fn weeks() {
        assert_eq!(day_of_week(2_451_545), 6);
        assert_eq!(iso_year_week(2005, 1, 1), (2004, 53));
        assert_eq!(iso_year_week(2006, 1, 1), (2005, 52));
        assert_eq!(iso_year_week(2008, 12, 29), (2009, 1));
        assert_eq!(iso_year_week(0, 12, 31), (0, 52));
    }

    #[test]
    fn words_tell_the_same_days() {
        let last = DAYS_BY_WORDS - 800..DAYS_BY_WORDS;
        let all = (0..1_200_000).chain((0..DAYS_BY_WORDS).step_by(9_973)).chain(last);
        for days in all {
            assert_eq!(from_days_by_words(days), from_days(days.into()), "{days} days");
        }
    }

    #[test]
    fn days_are_told_on_both_sides_of_the_words() {
        for julian in (-300_000..3_000_000).chain(538_500_000..539_000_000) {
            let (year, month, day) = from_julian(julian);
            assert_eq!(to_julian(year, month, day), julian);
        }
    }
}
