//! Text to values and back, against what PostgreSQL answered.

use datetime::{DateTimeResult, IntervalFields, IntervalTypmod, Settings, parse, text};

fn interval_typmod(name: &str) -> IntervalTypmod {
    let (name, precision) = match name.split_once('(') {
        Some((name, digits)) => (name.trim(), Some(digits.trim_end_matches(')').parse().unwrap())),
        None => (name, None),
    };
    let fields = match name {
        "" => None,
        "year" => Some(IntervalFields::Year),
        "month" => Some(IntervalFields::Month),
        "day" => Some(IntervalFields::Day),
        "hour" => Some(IntervalFields::Hour),
        "minute" => Some(IntervalFields::Minute),
        "second" => Some(IntervalFields::Second),
        "year to month" => Some(IntervalFields::YearToMonth),
        "day to hour" => Some(IntervalFields::DayToHour),
        "day to minute" => Some(IntervalFields::DayToMinute),
        "day to second" => Some(IntervalFields::DayToSecond),
        "hour to minute" => Some(IntervalFields::HourToMinute),
        "hour to second" => Some(IntervalFields::HourToSecond),
        "minute to second" => Some(IntervalFields::MinuteToSecond),
        other => panic!("{other}"),
    };
    IntervalTypmod { fields, precision }
}

fn read_and_write(operation: &str, arguments: &[String], settings: &Settings) -> DateTimeResult<String> {
    let input = arguments[0].as_str();
    let mut out = String::new();
    if let Some(typmod) = operation.strip_prefix("interval") {
        let value = parse::interval(input, interval_typmod(typmod.trim()), settings.interval_style)?;
        text::interval(&mut out, value, settings.interval_style);
        return Ok(out);
    }
    let (name, precision) = match operation.split_once('(') {
        Some((name, digits)) => (name, Some(digits.trim_end_matches(')').parse().unwrap())),
        None => (operation, None),
    };
    match name {
        "date" => text::date(&mut out, parse::date(input, settings)?, settings),
        "time" => text::time(&mut out, parse::time(input, precision, settings)?),
        "timetz" => text::timetz(&mut out, parse::timetz(input, precision, settings)?),
        "timestamp" => text::timestamp(&mut out, parse::timestamp(input, precision, settings)?, settings),
        "timestamptz" => {
            text::timestamptz(&mut out, parse::timestamptz(input, precision, settings)?, settings);
        }
        other => panic!("{other}"),
    }
    Ok(out)
}

#[test]
fn dates_and_times_as_postgres_reads_them() {
    assert!(
        super::common::compare(&answers::text(include_bytes!("../answers/input.tsv.zst")), read_and_write)
            > 10_000
    );
}

#[test]
fn intervals_as_postgres_reads_them() {
    assert!(
        super::common::compare(&answers::text(include_bytes!("../answers/interval.tsv.zst")), read_and_write)
            > 5_000
    );
}
