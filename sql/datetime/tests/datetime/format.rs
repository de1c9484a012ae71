//! Formats, against what PostgreSQL answered.

use datetime::format::{Format, Standard, StandardFormat};
use datetime::{DateTimeResult, IntervalTypmod, Settings, TimeZone, TimestampTz, iso, parse, text, zone};

fn run(name: &str, arguments: &[String], settings: &Settings) -> DateTimeResult<String> {
    let (first, second) = (arguments[0].as_str(), arguments[1].as_str());
    let shown = |text: Option<String>| text.unwrap_or("<NULL>".to_owned());
    let mut out = String::new();
    match name {
        "to_char timestamp" => {
            Format::parse(first).timestamp(parse::timestamp(second, None, settings)?).map(shown)
        }
        "to_char timestamptz" => Format::parse(first)
            .timestamptz(parse::timestamptz(second, None, settings)?, &settings.zone)
            .map(shown),
        "to_char interval" => Format::parse(first)
            .interval(parse::interval(second, IntervalTypmod::default(), settings.interval_style)?)
            .map(shown),
        "to_timestamp format" => {
            text::timestamptz(
                &mut out,
                Format::parse(second).to_timestamptz(first, &settings.zone)?,
                settings,
            );
            Ok(out)
        }
        "to_date format" => {
            text::date(&mut out, Format::parse(second).to_date(first)?, settings);
            Ok(out)
        }
        other => panic!("{other}"),
    }
}

#[test]
fn formats_as_postgres_has_them() {
    assert!(super::common::compare(&answers::text(include_bytes!("../answers/format.tsv.zst")), run) > 5_000);
}

/// A value as JSON writes it.
fn json(value: Standard) -> String {
    let mut out = String::new();
    match value {
        Standard::Date(value) => iso::date(&mut out, value),
        Standard::Time(value) => iso::time(&mut out, value),
        Standard::TimeTz(value) => iso::timetz(&mut out, value),
        Standard::Timestamp(value) => iso::timestamp(&mut out, value),
        Standard::TimestampTz { value, offset } => iso::timestamptz_at(&mut out, value, offset),
    }
    out
}

#[test]
fn json_has_zones_with_minutes_and_eras_at_the_end() {
    let settings =
        Settings { zone: TimeZone::find("Europe/Berlin").unwrap(), ..Settings::new(TimestampTz(0)) };
    let shown = |text: &str| {
        let mut out = String::new();
        let value = parse::timestamptz(text, None, &settings).unwrap();
        iso::timestamptz(&mut out, value, &settings.zone);
        out
    };
    assert_eq!(shown("1800-01-01"), "1800-01-01T00:00:00+00:53:28");
    assert_eq!(shown("2001-07-01 12:00:00.25"), "2001-07-01T12:00:00.25+02:00");
    assert_eq!(shown("0001-01-01 00:00 BC"), "0001-01-01T00:00:00+00:53:28 BC");
    assert_eq!(shown("-infinity"), "-infinity");
}

fn run_standard(name: &str, arguments: &[String], settings: &Settings) -> DateTimeResult<String> {
    match name {
        "standard" => StandardFormat::parse(&arguments[1])?.read(&arguments[0]).map(json),
        "abbreviation offset" => {
            let found = zone::listed_abbreviations(settings.now)
                .find(|listed| listed.abbreviation == arguments[0])
                .unwrap();
            Ok(format!("{} {}", found.offset, found.is_daylight))
        }
        other => panic!("{other}"),
    }
}

#[test]
fn the_standards_formats_and_abbreviations_as_postgres_has_them() {
    assert!(super::common::compare(include_str!("../answers/standard.tsv"), run_standard) > 200);
    assert!(zone::listed_names(TimestampTz(0)).count() > 500);
}
