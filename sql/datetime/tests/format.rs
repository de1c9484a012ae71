//! Formats, against what PostgreSQL answered.

#![allow(clippy::unwrap_used)] // a test that cannot read its own data fails

mod common;

use datetime::format::{Format, Standard, StandardFormat};
use datetime::{DateTimeResult, IntervalTypmod, Settings, TimeZone, TimestampTz, parse, text, zone};

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
    assert!(common::compare(include_str!("answers/format.tsv"), run) > 5_000);
}

/// A value as JSON writes it.
fn json(value: Standard) -> String {
    let settings = Settings::new(TimestampTz(0));
    let mut out = String::new();
    let minutes = |out: &mut String| {
        // JSON always has the minutes of a zone.
        if out.as_bytes()[out.len() - 3] != b':' {
            out.push_str(":00");
        }
    };
    match value {
        Standard::Date(value) => text::date(&mut out, value, &settings),
        Standard::Time(value) => text::time(&mut out, value),
        Standard::TimeTz(value) => {
            text::timetz(&mut out, value);
            minutes(&mut out);
        }
        Standard::Timestamp(value) => text::timestamp(&mut out, value, &settings),
        Standard::TimestampTz { value, offset } => {
            let zone = TimeZone::fixed(offset).unwrap();
            text::timestamptz(&mut out, value, &Settings { zone, ..settings });
            minutes(&mut out);
        }
    }
    out.replace(' ', "T")
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
    assert!(common::compare(include_str!("answers/standard.tsv"), run_standard) > 200);
    assert!(zone::listed_names(TimestampTz(0)).count() > 500);
}
