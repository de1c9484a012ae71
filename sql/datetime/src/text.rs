//! Values to text, in every style.
//!
//! Each function appends to a buffer, so that writing a column allocates nothing per value.

use crate::calendar::{
    DAYS_SHORT, Fields, MICROSECONDS_PER_HOUR, MICROSECONDS_PER_MINUTE, MICROSECONDS_PER_SECOND,
    MONTHS_PER_YEAR, MONTHS_SHORT, UNIX_TO_EPOCH_SECONDS,
};
use crate::settings::{DateOrder, DateStyle, IntervalStyle, Settings};
use crate::value::{Date, Interval, Time, TimeTz, Timestamp, TimestampTz};

/// Longer names of zones are cut.
const ZONE_NAME_MAX: usize = 10;

/// Appends a number with at least so many digits.
pub(crate) fn push_number(out: &mut String, value: u64, width: usize) {
    if value < 100 && width == 2 {
        out.push(char::from(b'0' + (value / 10) as u8));
        out.push(char::from(b'0' + (value % 10) as u8));
        return;
    }
    let mut digits = [b'0'; 20];
    let mut rest = value;
    let mut start = digits.len();
    while rest > 0 || digits.len() - start < width.clamp(1, 20) {
        start -= 1;
        digits[start] = b'0' + (rest % 10) as u8;
        rest /= 10;
    }
    out.extend(digits[start..].iter().map(|digit| char::from(*digit)));
}

fn push(out: &mut String, value: i64, width: usize) {
    if value < 0 {
        out.push('-');
    }
    push_number(out, value.unsigned_abs(), width);
}

/// Appends seconds and what there is of their fraction.
fn push_seconds(out: &mut String, second: i64, microsecond: i64, width: usize) {
    push_number(out, second.unsigned_abs(), width);
    let mut fraction = microsecond.unsigned_abs();
    if fraction != 0 {
        let mut width = 6;
        while fraction.is_multiple_of(10) {
            fraction /= 10;
            width -= 1;
        }
        out.push('.');
        push_number(out, fraction, width);
    }
}

pub(crate) fn push_time(out: &mut String, fields: &Fields) {
    push(out, fields.hour, 2);
    out.push(':');
    push(out, fields.minute, 2);
    out.push(':');
    push_seconds(out, fields.second, fields.microsecond, 2);
}

/// Appends an offset, given in seconds *east*.
pub(crate) fn push_offset(out: &mut String, east: i32) {
    out.push(if east < 0 { '-' } else { '+' });
    let seconds = u64::from(east.unsigned_abs());
    push_number(out, seconds / 3600, 2);
    if seconds % 3600 != 0 {
        out.push(':');
        push_number(out, seconds / 60 % 60, 2);
    }
    if seconds % 60 != 0 {
        out.push(':');
        push_number(out, seconds % 60, 2);
    }
}

pub(crate) fn push_infinity(out: &mut String, is_positive: bool) {
    out.push_str(if is_positive { "infinity" } else { "-infinity" });
}

pub(crate) fn push_date(out: &mut String, fields: &Fields, style: DateStyle, order: DateOrder) {
    let (year, _) = fields.year_of_era();
    let (first, second) = match order {
        DateOrder::Dmy => (fields.day, fields.month),
        DateOrder::Mdy | DateOrder::Ymd => (fields.month, fields.day),
    };
    let (numbers, delimiter) = match style {
        DateStyle::Iso => ([(year, 4), (fields.month, 2), (fields.day, 2)], '-'),
        DateStyle::Sql => ([(first, 2), (second, 2), (year, 4)], '/'),
        DateStyle::Postgres => ([(first, 2), (second, 2), (year, 4)], '-'),
        DateStyle::German => ([(fields.day, 2), (fields.month, 2), (year, 4)], '.'),
    };
    for (index, (number, width)) in numbers.into_iter().enumerate() {
        if index > 0 {
            out.push(delimiter);
        }
        push(out, number, width);
    }
}

pub(crate) fn push_era(out: &mut String, fields: &Fields) {
    if fields.year <= 0 {
        out.push_str(" BC");
    }
}

/// Appends a date.
pub fn date(out: &mut String, value: Date, settings: &Settings) {
    if !value.is_finite() {
        return push_infinity(out, value == Date::INFINITY);
    }
    let fields = value.fields();
    push_date(out, &fields, settings.date_style, settings.date_order);
    push_era(out, &fields);
}

/// Appends a time.
pub fn time(out: &mut String, value: Time) {
    push_time(out, &value.fields());
}

/// Appends a time with its zone.
pub fn timetz(out: &mut String, value: TimeTz) {
    push_time(out, &Fields::of_time(value.time));
    push_offset(out, -value.zone);
}

/// The zone at the end of a timestamp: its offset east, and its name.
type Zone<'a> = Option<(i32, &'a str)>;

fn push_timestamp(out: &mut String, fields: &Fields, zone: Zone<'_>, settings: &Settings) {
    let style = settings.date_style;
    match style {
        DateStyle::Iso | DateStyle::Sql | DateStyle::German => {
            push_date(out, fields, style, settings.date_order);
            out.push(' ');
            push_time(out, fields);
        }
        DateStyle::Postgres => {
            out.push_str(DAYS_SHORT[fields.day_of_week() as usize]);
            out.push(' ');
            let month = MONTHS_SHORT[(fields.month - 1) as usize];
            match settings.date_order {
                DateOrder::Dmy => {
                    push(out, fields.day, 2);
                    out.push(' ');
                    out.push_str(month);
                }
                DateOrder::Mdy | DateOrder::Ymd => {
                    out.push_str(month);
                    out.push(' ');
                    push(out, fields.day, 2);
                }
            }
            out.push(' ');
            push_time(out, fields);
            out.push(' ');
            push(out, fields.year_of_era().0, 4);
        }
    }
    if let Some((east, name)) = zone {
        if style == DateStyle::Iso || name.is_empty() {
            push_offset(out, east);
        } else {
            out.push(' ');
            out.push_str(name.get(..ZONE_NAME_MAX).unwrap_or(name));
        }
    }
    push_era(out, fields);
}

/// Appends a timestamp.
pub fn timestamp(out: &mut String, value: Timestamp, settings: &Settings) {
    if !value.is_finite() {
        return push_infinity(out, value == Timestamp::INFINITY);
    }
    push_timestamp(out, &value.fields(), None, settings);
}

/// Appends a timestamp as the session's clocks show it.
pub fn timestamptz(out: &mut String, value: TimestampTz, settings: &Settings) {
    if !value.is_finite() {
        return push_infinity(out, value == TimestampTz::INFINITY);
    }
    let unix = value.0.div_euclid(MICROSECONDS_PER_SECOND) + UNIX_TO_EPOCH_SECONDS;
    let local = settings.zone.local_type(unix);
    let fields = Fields::of_local(value.0, local.offset);
    push_timestamp(out, &fields, Some((local.offset, local.abbreviation)), settings);
}

/// An interval in the fields that people write; all of one sign or 0 within months and within microseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct IntervalParts {
    pub year: i64,
    pub month: i64,
    pub day: i64,
    pub hour: i64,
    pub minute: i64,
    pub second: i64,
    pub microsecond: i64,
}

impl IntervalParts {
    pub(crate) fn of(interval: Interval) -> IntervalParts {
        let months = i64::from(interval.months);
        let time = interval.microseconds;
        IntervalParts {
            year: months / MONTHS_PER_YEAR,
            month: months % MONTHS_PER_YEAR,
            day: i64::from(interval.days),
            hour: time / MICROSECONDS_PER_HOUR,
            minute: time / MICROSECONDS_PER_MINUTE % 60,
            second: time / MICROSECONDS_PER_SECOND % 60,
            microsecond: time % MICROSECONDS_PER_SECOND,
        }
    }

    fn time_is_zero(&self) -> bool {
        self.hour == 0 && self.minute == 0 && self.second == 0 && self.microsecond == 0
    }

    fn time_is_negative(&self) -> bool {
        self.hour < 0 || self.minute < 0 || self.second < 0 || self.microsecond < 0
    }

    fn push_clock(&self, out: &mut String, hour_width: usize) {
        push_number(out, self.hour.unsigned_abs(), hour_width);
        out.push(':');
        push_number(out, self.minute.unsigned_abs(), 2);
        out.push(':');
        push_seconds(out, self.second, self.microsecond, 2);
    }
}

/// Appends an interval.
pub fn interval(out: &mut String, value: Interval, style: IntervalStyle) {
    let parts = IntervalParts::of(value);
    match style {
        IntervalStyle::Postgres => push_postgres(out, &parts),
        IntervalStyle::PostgresVerbose => push_verbose(out, &parts),
        IntervalStyle::SqlStandard => push_sql_standard(out, &parts),
        IntervalStyle::Iso8601 => push_iso(out, &parts),
    }
}

fn push_postgres(out: &mut String, parts: &IntervalParts) {
    let start = out.len();
    let mut after_negative = false;
    for (value, unit) in [(parts.year, "year"), (parts.month, "mon"), (parts.day, "day")] {
        if value == 0 {
            continue;
        }
        if out.len() > start {
            out.push(' ');
        }
        // A plus only where a minus before it could be misread.
        if after_negative && value > 0 {
            out.push('+');
        }
        push(out, value, 1);
        out.push(' ');
        out.push_str(unit);
        if value != 1 {
            out.push('s');
        }
        after_negative = value < 0;
    }
    if out.len() > start && parts.time_is_zero() {
        return;
    }
    if out.len() > start {
        out.push(' ');
    }
    if parts.time_is_negative() {
        out.push('-');
    } else if after_negative {
        out.push('+');
    }
    parts.push_clock(out, 2);
}

fn push_verbose(out: &mut String, parts: &IntervalParts) {
    out.push('@');
    let mut is_ago = None;
    let units = [
        (parts.year, "year"),
        (parts.month, "mon"),
        (parts.day, "day"),
        (parts.hour, "hour"),
        (parts.minute, "min"),
    ];
    for (value, unit) in units {
        if value == 0 {
            continue;
        }
        // The first field's sign is everything's, and the others are relative to it.
        let value = if *is_ago.get_or_insert(value < 0) { -value } else { value };
        out.push(' ');
        push(out, value, 1);
        out.push(' ');
        out.push_str(unit);
        if value != 1 {
            out.push('s');
        }
    }
    if parts.second != 0 || parts.microsecond != 0 {
        let is_negative = parts.second < 0 || parts.microsecond < 0;
        out.push(' ');
        if *is_ago.get_or_insert(is_negative) != is_negative {
            out.push('-');
        }
        push_seconds(out, parts.second, parts.microsecond, 1);
        out.push_str(if parts.second.abs() != 1 || parts.microsecond != 0 { " secs" } else { " sec" });
    }
    match is_ago {
        None => out.push_str(" 0"),
        Some(true) => out.push_str(" ago"),
        Some(false) => {}
    }
}

fn push_sql_standard(out: &mut String, parts: &IntervalParts) {
    let has_months = parts.year != 0 || parts.month != 0;
    let months_are_negative = parts.year < 0 || parts.month < 0;
    let has_time = !parts.time_is_zero();
    let is_negative = months_are_negative || parts.day < 0 || parts.time_is_negative();
    let is_positive =
        (has_months && !months_are_negative) || parts.day > 0 || (has_time && !parts.time_is_negative());
    if !is_negative && !is_positive {
        return out.push('0');
    }
    let is_mixed = (is_negative && is_positive) || (has_months && (parts.day != 0 || has_time));
    let sign = |negative: bool| if negative { '-' } else { '+' };
    if is_mixed {
        // What the standard has no form for: every sign is written.
        out.push(sign(months_are_negative));
    } else if is_negative {
        out.push('-');
    }
    if is_mixed || has_months {
        push_number(out, parts.year.unsigned_abs(), 1);
        out.push('-');
        push_number(out, parts.month.unsigned_abs(), 1);
        if !is_mixed {
            return;
        }
        out.push(' ');
        out.push(sign(parts.day < 0));
    }
    if is_mixed || parts.day != 0 {
        push_number(out, parts.day.unsigned_abs(), 1);
        out.push(' ');
    }
    if is_mixed {
        out.push(sign(parts.time_is_negative()));
    }
    parts.push_clock(out, 1);
}

fn push_iso(out: &mut String, parts: &IntervalParts) {
    let start = out.len();
    out.push('P');
    let push_all = |out: &mut String, units: &[(i64, char)]| {
        for (value, unit) in units.iter().filter(|unit| unit.0 != 0) {
            push(out, *value, 1);
            out.push(*unit);
        }
    };
    push_all(out, &[(parts.year, 'Y'), (parts.month, 'M'), (parts.day, 'D')]);
    if !parts.time_is_zero() {
        out.push('T');
        push_all(out, &[(parts.hour, 'H'), (parts.minute, 'M')]);
        if parts.second != 0 || parts.microsecond != 0 {
            if parts.second < 0 || parts.microsecond < 0 {
                out.push('-');
            }
            push_seconds(out, parts.second, parts.microsecond, 1);
            out.push('S');
        }
    } else if out.len() == start + 1 {
        out.push_str("T0S");
    }
}
