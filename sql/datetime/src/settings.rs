//! What text means and how it looks: the settings of a session that dates and times depend on.

use crate::value::TimestampTz;
use crate::zone::TimeZone;

/// How dates are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum DateStyle {
    /// `1997-12-17 07:37:16-08`.
    #[default]
    Iso,
    /// `12/17/1997 07:37:16.00 PST`.
    Sql,
    /// `Wed Dec 17 07:37:16 1997 PST`.
    Postgres,
    /// `17.12.1997 07:37:16.00 PST`.
    German,
}

/// In which order numbers of a date stand when nothing else tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum DateOrder {
    /// Month, day, year.
    #[default]
    Mdy,
    /// Day, month, year.
    Dmy,
    /// Year, month, day.
    Ymd,
}

/// How intervals are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum IntervalStyle {
    /// `1 year 2 mons 3 days 04:05:06`.
    #[default]
    Postgres,
    /// `@ 1 year 2 mons 3 days 4 hours 5 mins 6 secs`.
    PostgresVerbose,
    /// `+1-2 +3 +4:05:06`.
    SqlStandard,
    /// `P1Y2M3DT4H5M6S`.
    Iso8601,
}

/// All of them, with the transaction's time: this crate asks no clock.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The first half of `datestyle`.
    pub date_style: DateStyle,
    /// The second half of `datestyle`.
    pub date_order: DateOrder,
    /// `intervalstyle`.
    pub interval_style: IntervalStyle,
    /// `timezone`.
    pub zone: TimeZone,
    /// When the transaction began: what `now` and its like stand for.
    pub now: TimestampTz,
}

impl Settings {
    /// The defaults, in UTC.
    pub fn new(now: TimestampTz) -> Settings {
        Settings {
            date_style: DateStyle::default(),
            date_order: DateOrder::default(),
            interval_style: IntervalStyle::default(),
            zone: TimeZone::utc(),
            now,
        }
    }
}
