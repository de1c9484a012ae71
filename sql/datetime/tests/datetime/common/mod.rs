//! Answers of a PostgreSQL 15, and how they are compared with ours.
//!
//! A file of answers has lines of fields between tabs: an operation, its arguments, and what PostgreSQL answered (an
//! error as `!`, SQLSTATE and message, in which `{}` stands for the first argument). A line `#set` says
//! under which settings the following were asked.

use datetime::{
    DateOrder, DateStyle, DateTimeError, DateTimeResult, IntervalStyle, Settings, TimeZone, TimestampTz,
};
use diagnostic::Diagnostic;

fn unescape(text: &str) -> String {
    let mut out = String::new();
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        match (character, if character == '\\' { characters.next() } else { None }) {
            (_, Some('t')) => out.push('\t'),
            (_, Some('n')) => out.push('\n'),
            (_, Some(other)) => out.push(other),
            (character, None) => out.push(character),
        }
    }
    out
}

fn set(settings: &mut Settings, line: &str) {
    *settings = Settings::new(TimestampTz(0));
    for (name, value) in line.split(' ').filter_map(|pair| pair.split_once('=')) {
        match name {
            "now" => settings.now = TimestampTz(value.parse().unwrap()),
            "timezone" => settings.zone = TimeZone::find(value).unwrap(),
            "datestyle" => {
                let (style, order) = value.split_once(',').unwrap();
                settings.date_style = match style {
                    "ISO" => DateStyle::Iso,
                    "SQL" => DateStyle::Sql,
                    "Postgres" => DateStyle::Postgres,
                    "German" => DateStyle::German,
                    other => panic!("{other}"),
                };
                settings.date_order = match order {
                    "MDY" => DateOrder::Mdy,
                    "DMY" => DateOrder::Dmy,
                    "YMD" => DateOrder::Ymd,
                    other => panic!("{other}"),
                };
            }
            "intervalstyle" => {
                settings.interval_style = match value {
                    "postgres" => IntervalStyle::Postgres,
                    "postgres_verbose" => IntervalStyle::PostgresVerbose,
                    "sql_standard" => IntervalStyle::SqlStandard,
                    "iso_8601" => IntervalStyle::Iso8601,
                    other => panic!("{other}"),
                }
            }
            other => panic!("{other}"),
        }
    }
}

/// An error as the files write it.
pub fn told(error: &DateTimeError) -> String {
    let mut out = format!("!{} {error}", error.sqlstate().code());
    if let Some(detail) = error.detail() {
        out += &format!(" DETAIL {detail}");
    }
    if let Some(hint) = error.hint() {
        out += &format!(" HINT {hint}");
    }
    out
}

/// Compares every line of a file, and returns how many there were.
pub fn compare(answers: &str, run: impl Fn(&str, &[String], &Settings) -> DateTimeResult<String>) -> usize {
    let mut settings = Settings::new(TimestampTz(0));
    let (mut count, mut wrong, mut header) = (0, Vec::new(), "");
    for line in answers.lines() {
        if let Some(line) = line.strip_prefix("#set ") {
            set(&mut settings, line);
            header = line;
            continue;
        }
        let mut fields: Vec<String> = line.split('\t').map(unescape).collect();
        let expected = fields.pop().unwrap().replace("\"{}\"", &format!("\"{}\"", fields[1]));
        let found = match run(&fields[0], &fields[1..], &settings) {
            Ok(text) => text,
            Err(error) => told(&error),
        };
        count += 1;
        if found != expected {
            wrong.push(format!("[{header}] {fields:?}\n  expected {expected}\n  found    {found}"));
        }
    }
    let shown = std::env::var("SHOWN").ok().and_then(|shown| shown.parse().ok()).unwrap_or(40);
    assert!(
        wrong.is_empty(),
        "{} of {count} differ\n{}",
        wrong.len(),
        wrong.iter().take(shown).cloned().collect::<Vec<_>>().join("\n")
    );
    count
}
