//! The name of a type as it was written, for messages about one that is not there.

use catalog::name::append_identifier;
use std::fmt::Write;
use syntax::tree::type_name::{IntervalFields, TypeNameKind};
use syntax::tree::{QualifiedName, TypeName};

/// The name of a type as it is written, without its modifiers.
pub fn type_name(of: &TypeName<'_>) -> String {
    let mut text = String::new();
    append_type(of, &mut text);
    text
}

/// The same with the names that the grammar has for its words, as notices list them: `pg_catalog.int4`.
pub fn listed_type(of: &TypeName<'_>) -> String {
    match &of.kind {
        TypeNameKind::Named(name) => {
            let parts: Vec<&str> = name.parts.iter().map(|part| part.text).collect();
            format!("{}{}", parts.join("."), "[]".repeat(of.dimensions.len()))
        }
        TypeNameKind::Interval(_) => "pg_catalog.interval".to_owned(),
        TypeNameKind::OfColumn(_) => type_name(of),
    }
}

fn names(of: &QualifiedName<'_>, text: &mut String) {
    for (place, part) in of.parts.iter().enumerate() {
        if place > 0 {
            text.push('.');
        }
        append_identifier(part.text, text);
    }
}

fn append_type(of: &TypeName<'_>, text: &mut String) {
    match &of.kind {
        TypeNameKind::Named(name) => names(name, text),
        TypeNameKind::Interval(fields) => {
            text.push_str("interval");
            text.push_str(interval_fields(*fields));
        }
        TypeNameKind::OfColumn(name) => {
            names(name, text);
            text.push_str("%TYPE");
        }
    }
    for dimension in of.dimensions {
        let _ = match dimension {
            Some(length) => write!(text, "[{length}]"),
            None => write!(text, "[]"),
        };
    }
}

fn interval_fields(fields: IntervalFields) -> &'static str {
    match fields {
        IntervalFields::Year => " year",
        IntervalFields::Month => " month",
        IntervalFields::Day => " day",
        IntervalFields::Hour => " hour",
        IntervalFields::Minute => " minute",
        IntervalFields::Second => " second",
        IntervalFields::YearToMonth => " year to month",
        IntervalFields::DayToHour => " day to hour",
        IntervalFields::DayToMinute => " day to minute",
        IntervalFields::DayToSecond => " day to second",
        IntervalFields::HourToMinute => " hour to minute",
        IntervalFields::HourToSecond => " hour to second",
        IntervalFields::MinuteToSecond => " minute to second",
    }
}
