//! The values: integers, and the order among them.
//!
//! Invariants
//!
//! 1. A [`Date`] is `i32::MIN`, `i32::MAX` (the infinities) or within [`Date::MIN`] and [`Date::MAX`]; a timestamp likewise.
//! 2. A [`Time`] is from 0 up to and with 24 hours. A [`TimeTz`]'s zone is less than 16 hours either way.
//! 3. Order and equality of [`Interval`] and [`TimeTz`] are SQL's, by what they amount to: the fields may differ.

use crate::calendar::{DAYS_PER_MONTH, EPOCH_JULIAN, Fields, MICROSECONDS_PER_DAY, MICROSECONDS_PER_SECOND};
use std::cmp::Ordering;
use std::hash::{Hash, Hasher};

/// `date`: days since 2000-01-01.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
#[repr(transparent)]
pub struct Date(pub i32);

/// `time`: microseconds since midnight, 24:00 included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
#[repr(transparent)]
pub struct Time(pub i64);

/// `timetz`: a time and its zone.
#[derive(Debug, Clone, Copy, Default)]
pub struct TimeTz {
    /// Microseconds since midnight, as the clock on the wall shows it.
    pub time: i64,
    /// Seconds *west* of Greenwich, as PostgreSQL keeps and sends it.
    pub zone: i32,
}

/// `timestamp`: microseconds since 2000-01-01 00:00, of no zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
#[repr(transparent)]
pub struct Timestamp(pub i64);

/// `timestamptz`: microseconds since 2000-01-01 00:00 UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
#[repr(transparent)]
pub struct TimestampTz(pub i64);

/// `interval`: months, days and microseconds, none of which turns into another by itself.
#[derive(Debug, Clone, Copy, Default)]
pub struct Interval {
    /// Months; twelve are a year.
    pub months: i32,
    /// Days, however long each is.
    pub days: i32,
    /// Microseconds; may be more than a day.
    pub microseconds: i64,
}

impl Date {
    /// `-infinity`.
    pub const NEGATIVE_INFINITY: Date = Date(i32::MIN);
    /// `infinity`.
    pub const INFINITY: Date = Date(i32::MAX);
    /// 4714-11-24 BC.
    pub const MIN: Date = Date(-(EPOCH_JULIAN as i32));
    /// 5874897-12-31.
    pub const MAX: Date = Date((2_147_483_493 - EPOCH_JULIAN) as i32);

    /// Whether it is no infinity.
    pub fn is_finite(self) -> bool {
        self != Date::NEGATIVE_INFINITY && self != Date::INFINITY
    }

    /// The finite date of a number of days, if there is one.
    pub fn from_days(days: i64) -> Option<Date> {
        let date = Date(i32::try_from(days).ok()?);
        (Date::MIN..=Date::MAX).contains(&date).then_some(date)
    }

    /// Year, month and day; those of the integer for an infinity.
    pub fn fields(self) -> Fields {
        Fields::of_days(i64::from(self.0))
    }
}

impl Time {
    /// `24:00:00`.
    pub const MAX: Time = Time(MICROSECONDS_PER_DAY);

    /// Hour, minute, second.
    pub fn fields(self) -> Fields {
        Fields::of_time(self.0)
    }
}

impl TimeTz {
    /// Microseconds since midnight UTC: what order goes by first.
    pub fn utc(self) -> i64 {
        self.time.saturating_add(i64::from(self.zone) * MICROSECONDS_PER_SECOND)
    }
}

macro_rules! timestamp {
    ($name:ident) => {
        impl $name {
            /// `-infinity`.
            pub const NEGATIVE_INFINITY: $name = $name(i64::MIN);
            /// `infinity`.
            pub const INFINITY: $name = $name(i64::MAX);
            /// 4714-11-24 00:00:00 BC.
            pub const MIN: $name = $name(-211_813_488_000_000_000);
            /// The last microsecond of the year 294276.
            pub const MAX: $name = $name(9_223_371_331_199_999_999);

            /// Whether it is no infinity.
            pub fn is_finite(self) -> bool {
                self != $name::NEGATIVE_INFINITY && self != $name::INFINITY
            }

            /// The finite value of a number of microseconds, if there is one.
            pub fn from_microseconds(microseconds: i128) -> Option<$name> {
                let value = $name(i64::try_from(microseconds).ok()?);
                ($name::MIN..=$name::MAX).contains(&value).then_some(value)
            }
        }
    };
}

timestamp!(Timestamp);
timestamp!(TimestampTz);

impl Timestamp {
    /// Its fields; those of the integer for an infinity.
    pub fn fields(self) -> Fields {
        Fields::of_microseconds(self.0)
    }
}

impl Interval {
    /// Nothing.
    pub const ZERO: Interval = Interval { months: 0, days: 0, microseconds: 0 };

    /// An interval of its three parts.
    pub const fn new(months: i32, days: i32, microseconds: i64) -> Interval {
        Interval { months, days, microseconds }
    }

    /// What it amounts to in microseconds, with months of 30 days and days of 24 hours: what order goes by.
    pub fn span(self) -> i128 {
        (i128::from(self.months) * i128::from(DAYS_PER_MONTH) + i128::from(self.days))
            * i128::from(MICROSECONDS_PER_DAY)
            + i128::from(self.microseconds)
    }

    /// Whether all three parts are the same, which is more than equality.
    pub fn is_identical(self, other: Interval) -> bool {
        (self.months, self.days, self.microseconds) == (other.months, other.days, other.microseconds)
    }
}

impl PartialEq for Interval {
    fn eq(&self, other: &Interval) -> bool {
        self.span() == other.span()
    }
}

impl Eq for Interval {}

impl PartialOrd for Interval {
    fn partial_cmp(&self, other: &Interval) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Interval {
    fn cmp(&self, other: &Interval) -> Ordering {
        self.span().cmp(&other.span())
    }
}

impl Hash for Interval {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.span().hash(state);
    }
}

impl PartialEq for TimeTz {
    fn eq(&self, other: &TimeTz) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for TimeTz {}

impl PartialOrd for TimeTz {
    fn partial_cmp(&self, other: &TimeTz) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for TimeTz {
    /// By the moment in UTC, then by the zone, so that only identical values are equal.
    fn cmp(&self, other: &TimeTz) -> Ordering {
        self.utc().cmp(&other.utc()).then(self.zone.cmp(&other.zone))
    }
}

impl Hash for TimeTz {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.time.hash(state);
        self.zone.hash(state);
    }
}
