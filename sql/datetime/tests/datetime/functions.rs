//! Operators, casts and functions, against what PostgreSQL answered.

use datetime::make::{Amounts, Numbers};
use datetime::series::Frame;
use datetime::{
    Date, DateTimeResult, Interval, IntervalTypmod, Settings, Time, TimeTz, Timestamp, TimestampTz, UnitName,
    ZoneSpec,
};
use datetime::{arithmetic, convert, extract, make, parse, series, text, truncate};
use std::cmp::Ordering;

/// Arguments by number, read as the type that is wanted.
struct Arguments<'a>(&'a [String], &'a Settings);

impl Arguments<'_> {
    fn text(&self, index: usize) -> &str {
        &self.0[index]
    }
    fn integer(&self, index: usize) -> i32 {
        self.0[index].parse().unwrap()
    }
    fn float(&self, index: usize) -> f64 {
        self.0[index].parse().unwrap()
    }
    fn date(&self, index: usize) -> DateTimeResult<Date> {
        parse::date(&self.0[index], self.1)
    }
    fn time(&self, index: usize) -> DateTimeResult<Time> {
        parse::time(&self.0[index], None, self.1)
    }
    fn timetz(&self, index: usize) -> DateTimeResult<TimeTz> {
        parse::timetz(&self.0[index], None, self.1)
    }
    fn timestamp(&self, index: usize) -> DateTimeResult<Timestamp> {
        parse::timestamp(&self.0[index], None, self.1)
    }
    fn timestamptz(&self, index: usize) -> DateTimeResult<TimestampTz> {
        parse::timestamptz(&self.0[index], None, self.1)
    }
    fn interval(&self, index: usize) -> DateTimeResult<Interval> {
        parse::interval(&self.0[index], IntervalTypmod::default(), self.1.interval_style)
    }
    fn numbers(&self) -> Numbers {
        Numbers {
            year: self.integer(0),
            month: self.integer(1),
            day: self.integer(2),
            hour: self.integer(3),
            minute: self.integer(4),
            second: self.float(5),
        }
    }
    fn frame(&self) -> DateTimeResult<Frame> {
        let offset = self.interval(2)?;
        Ok(Frame { offset, is_preceding: self.text(3) == "true", is_upper: self.text(4) == "true" })
    }
}

/// What an answer is written as.
trait Shown {
    fn show(&self, settings: &Settings) -> String;
}

macro_rules! shown {
    ($($type:ty: $value:ident, $settings:ident, $out:ident => $write:expr;)*) => {
        $(impl Shown for $type {
            fn show(&self, $settings: &Settings) -> String {
                let $value = *self;
                let mut $out = String::new();
                let _ = $settings;
                $write;
                $out
            }
        })*
    };
}

shown! {
    Date: value, settings, out => text::date(&mut out, value, settings);
    Time: value, settings, out => text::time(&mut out, value);
    TimeTz: value, settings, out => text::timetz(&mut out, value);
    Timestamp: value, settings, out => text::timestamp(&mut out, value, settings);
    TimestampTz: value, settings, out => text::timestamptz(&mut out, value, settings);
    Interval: value, settings, out => text::interval(&mut out, value, settings.interval_style);
    i32: value, settings, out => out += &value.to_string();
    bool: value, settings, out => out += if value { "true" } else { "false" };
    Ordering: value, settings, out => out += &(value as i32).to_string();
    extract::Part: value, settings, out => {
        out += if value == extract::Part::Null { "<NULL>" } else { "" };
        out += &value.text();
    };
    f64: value, settings, out => out += &float(value);
}

/// A double as PostgreSQL writes it: the shortest that reads back.
fn float(value: f64) -> String {
    if value.is_infinite() {
        return if value > 0.0 { "Infinity" } else { "-Infinity" }.to_owned();
    }
    let scientific = format!("{value:e}");
    let (mantissa, exponent) = scientific.split_once('e').unwrap();
    let exponent: i32 = exponent.parse().unwrap();
    if (-4..15).contains(&exponent) {
        return format!("{value}");
    }
    format!("{mantissa}e{}{:02}", if exponent < 0 { '-' } else { '+' }, exponent.abs())
}

impl<T: Shown> Shown for Option<T> {
    fn show(&self, settings: &Settings) -> String {
        self.as_ref().map_or("<NULL>".to_owned(), |value| value.show(settings))
    }
}

fn operators(name: &str, a: &Arguments<'_>) -> DateTimeResult<Option<String>> {
    use arithmetic::*;
    let zone = &a.1.zone;
    let s = a.1;
    Ok(Some(match name {
        "date + int" => date_add_days(a.date(0)?, a.integer(1))?.show(s),
        "date - int" => date_subtract_days(a.date(0)?, a.integer(1))?.show(s),
        "date - date" => date_difference(a.date(0)?, a.date(1)?)?.show(s),
        "date + interval" => date_add_interval(a.date(0)?, a.interval(1)?)?.show(s),
        "date - interval" => date_subtract_interval(a.date(0)?, a.interval(1)?)?.show(s),
        "date + time" => date_add_time(a.date(0)?, a.time(1)?)?.show(s),
        "date + timetz" => date_add_timetz(a.date(0)?, a.timetz(1)?)?.show(s),
        "timestamp + interval" => timestamp_add_interval(a.timestamp(0)?, a.interval(1)?)?.show(s),
        "timestamp - interval" => timestamp_subtract_interval(a.timestamp(0)?, a.interval(1)?)?.show(s),
        "timestamptz + interval" => {
            timestamptz_add_interval(a.timestamptz(0)?, a.interval(1)?, zone)?.show(s)
        }
        "timestamptz - interval" => {
            timestamptz_subtract_interval(a.timestamptz(0)?, a.interval(1)?, zone)?.show(s)
        }
        "timestamp - timestamp" => timestamp_difference(a.timestamp(0)?, a.timestamp(1)?)?.show(s),
        "age" => age(a.timestamp(0)?, a.timestamp(1)?)?.show(s),
        "age tz" => age_tz(a.timestamptz(0)?, a.timestamptz(1)?, zone)?.show(s),
        "time + interval" => time_add_interval(a.time(0)?, a.interval(1)?).show(s),
        "time - interval" => time_subtract_interval(a.time(0)?, a.interval(1)?).show(s),
        "timetz + interval" => timetz_add_interval(a.timetz(0)?, a.interval(1)?).show(s),
        "timetz - interval" => timetz_subtract_interval(a.timetz(0)?, a.interval(1)?).show(s),
        "time - time" => time_difference(a.time(0)?, a.time(1)?).show(s),
        "interval + interval" => interval_add(a.interval(0)?, a.interval(1)?)?.show(s),
        "interval - interval" => interval_subtract(a.interval(0)?, a.interval(1)?)?.show(s),
        "- interval" => interval_negate(a.interval(0)?)?.show(s),
        "interval * float" => interval_multiply(a.interval(0)?, a.float(1))?.show(s),
        "interval / float" => interval_divide(a.interval(0)?, a.float(1))?.show(s),
        "justify_hours" => justify_hours(a.interval(0)?)?.show(s),
        "justify_days" => justify_days(a.interval(0)?)?.show(s),
        "justify_interval" => justify_interval(a.interval(0)?)?.show(s),
        "overlaps" => {
            let get = |index: usize| match a.text(index) {
                "" => Ok(None),
                _ => a.timestamp(index).map(Some),
            };
            overlaps((get(0)?, get(1)?), (get(2)?, get(3)?)).show(s)
        }
        _ => return Ok(None),
    }))
}

fn conversions(name: &str, a: &Arguments<'_>) -> DateTimeResult<Option<String>> {
    use convert::*;
    let zone = &a.1.zone;
    let s = a.1;
    Ok(Some(match name {
        "date to timestamp" => date_to_timestamp(a.date(0)?)?.show(s),
        "date to timestamptz" => date_to_timestamptz(a.date(0)?, zone)?.show(s),
        "timestamp to date" => timestamp_to_date(a.timestamp(0)?).show(s),
        "timestamptz to date" => timestamptz_to_date(a.timestamptz(0)?, zone).show(s),
        "timestamp to time" => timestamp_to_time(a.timestamp(0)?).show(s),
        "timestamptz to time" => timestamptz_to_time(a.timestamptz(0)?, zone).show(s),
        "timestamptz to timetz" => timestamptz_to_timetz(a.timestamptz(0)?, zone).show(s),
        "timestamp to timestamptz" => timestamp_to_timestamptz(a.timestamp(0)?, zone)?.show(s),
        "timestamptz to timestamp" => timestamptz_to_timestamp(a.timestamptz(0)?, zone)?.show(s),
        "interval to time" => interval_to_time(a.interval(0)?).show(s),
        "time to interval" => time_to_interval(a.time(0)?).show(s),
        "time to timetz" => time_to_timetz(a.time(0)?, s).show(s),
        "timetz to time" => timetz_to_time(a.timetz(0)?).show(s),
        "compare date date" => a.date(0)?.cmp(&a.date(1)?).show(s),
        "compare time time" => a.time(0)?.cmp(&a.time(1)?).show(s),
        "compare timetz timetz" => a.timetz(0)?.cmp(&a.timetz(1)?).show(s),
        "compare timestamp timestamp" => a.timestamp(0)?.cmp(&a.timestamp(1)?).show(s),
        "compare interval interval" => a.interval(0)?.cmp(&a.interval(1)?).show(s),
        "compare date timestamp" => compare_date_timestamp(a.date(0)?, a.timestamp(1)?).show(s),
        "compare date timestamptz" => compare_date_timestamptz(a.date(0)?, a.timestamptz(1)?, zone).show(s),
        "compare timestamp timestamptz" => {
            compare_timestamp_timestamptz(a.timestamp(0)?, a.timestamptz(1)?, zone).show(s)
        }
        "timestamp at zone" => timestamp_at_name(a.timestamp(0)?, a.text(1))?.show(s),
        "timestamptz at zone" => timestamptz_at_name(a.timestamptz(0)?, a.text(1))?.show(s),
        "timetz at zone" => timetz_at_zone(a.timetz(0)?, &ZoneSpec::find(a.text(1))?, s).show(s),
        "timestamp at interval" => {
            timestamp_at_interval(a.timestamp(0)?, a.interval(1)?, s.interval_style)?.show(s)
        }
        "timestamptz at interval" => {
            timestamptz_at_interval(a.timestamptz(0)?, a.interval(1)?, s.interval_style)?.show(s)
        }
        "timetz at interval" => {
            let zone = ZoneSpec::Fixed(interval_zone(a.interval(1)?, s.interval_style)?);
            timetz_at_zone(a.timetz(0)?, &zone, s).show(s)
        }
        _ => return Ok(None),
    }))
}

fn parts(name: &str, a: &Arguments<'_>) -> DateTimeResult<Option<String>> {
    let zone = &a.1.zone;
    let (s, unit) = (a.1, &UnitName::new(a.text(0)));
    Ok(Some(match name {
        "date_trunc timestamp" => truncate::timestamp(unit, a.timestamp(1)?)?.show(s),
        "date_trunc timestamptz" => truncate::timestamptz(unit, a.timestamptz(1)?, zone)?.show(s),
        "date_trunc interval" => truncate::interval(unit, a.interval(1)?)?.show(s),
        "date_trunc zone" => truncate::timestamptz_at_name(unit, a.timestamptz(1)?, a.text(2))?.show(s),
        "date_bin" => truncate::bin(a.interval(0)?, a.timestamp(1)?, a.timestamp(2)?)?.show(s),
        "extract date" => extract::date(unit, a.date(1)?)?.show(s),
        "extract time" => extract::time(unit, a.time(1)?)?.show(s),
        "extract timetz" => extract::timetz(unit, a.timetz(1)?)?.show(s),
        "extract timestamp" => extract::timestamp(unit, a.timestamp(1)?)?.show(s),
        "extract timestamptz" => extract::timestamptz(unit, a.timestamptz(1)?, zone)?.show(s),
        "extract interval" => extract::interval(unit, a.interval(1)?)?.show(s),
        "date_part time" => extract::time_double(unit, a.time(1)?)?.show(s),
        "date_part timetz" => extract::timetz_double(unit, a.timetz(1)?)?.show(s),
        "date_part timestamp" => extract::timestamp_double(unit, a.timestamp(1)?)?.show(s),
        "date_part timestamptz" => extract::timestamptz_double(unit, a.timestamptz(1)?, zone)?.show(s),
        "date_part interval" => extract::interval_double(unit, a.interval(1)?)?.show(s),
        _ => return Ok(None),
    }))
}

fn makers(name: &str, a: &Arguments<'_>) -> DateTimeResult<Option<String>> {
    let zone = &a.1.zone;
    let s = a.1;
    Ok(Some(match name {
        "make_date" => make::date(a.integer(0), a.integer(1), a.integer(2))?.show(s),
        "make_time" => make::time(a.integer(0), a.integer(1), a.float(2))?.show(s),
        "make_timestamp" => make::timestamp(a.numbers())?.show(s),
        "make_timestamptz" => make::timestamptz(a.numbers(), zone)?.show(s),
        "make_timestamptz zone" => make::timestamptz_in_zone(a.numbers(), a.text(6))?.show(s),
        "make_interval" => make::interval(Amounts {
            years: a.integer(0),
            months: a.integer(1),
            weeks: a.integer(2),
            days: a.integer(3),
            hours: a.integer(4),
            minutes: a.integer(5),
            seconds: a.float(6),
        })?
        .show(s),
        "to_timestamp" => make::timestamptz_of_seconds(a.float(0))?.show(s),
        "in_range timestamp" => a.frame()?.timestamp(a.timestamp(0)?, a.timestamp(1)?)?.show(s),
        "in_range timestamptz" => a.frame()?.timestamptz(a.timestamptz(0)?, a.timestamptz(1)?, zone)?.show(s),
        "in_range date" => a.frame()?.date(a.date(0)?, a.date(1)?)?.show(s),
        "in_range interval" => a.frame()?.interval(a.interval(0)?, a.interval(1)?)?.show(s),
        "in_range time" => a.frame()?.time(a.time(0)?, a.time(1)?)?.show(s),
        "in_range timetz" => a.frame()?.timetz(a.timetz(0)?, a.timetz(1)?)?.show(s),
        _ => return Ok(None),
    }))
}

fn listed<T: Shown>(
    items: impl Iterator<Item = DateTimeResult<T>>,
    settings: &Settings,
) -> DateTimeResult<Option<String>> {
    let items = items.take(20).map(|item| Ok(item?.show(settings))).collect::<DateTimeResult<Vec<_>>>()?;
    Ok(Some(if items.is_empty() { "<NULL>".to_owned() } else { items.join(",") }))
}

fn run(name: &str, arguments: &[String], settings: &Settings) -> DateTimeResult<String> {
    let a = Arguments(arguments, settings);
    match name {
        "series" => {
            let items = series::timestamps(a.timestamp(0)?, a.timestamp(1)?, a.interval(2)?)?;
            return Ok(listed(items, settings)?.unwrap());
        }
        "series tz" => {
            let items =
                series::timestamptzs(a.timestamptz(0)?, a.timestamptz(1)?, a.interval(2)?, &settings.zone)?;
            return Ok(listed(items, settings)?.unwrap());
        }
        _ => {}
    }
    for group in [operators, conversions, parts, makers] {
        if let Some(found) = group(name, &a)? {
            return Ok(found);
        }
    }
    panic!("{name} is not known");
}

#[test]
fn functions_as_postgres_has_them() {
    assert!(
        super::common::compare(&answers::text(include_bytes!("../answers/functions.tsv.zst")), run) > 10_000
    );
}

#[test]
fn zones_as_postgres_has_them() {
    assert!(super::common::compare(&answers::text(include_bytes!("../answers/zones.tsv.zst")), run) > 5_000);
}
