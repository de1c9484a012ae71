//! Texts by the session's settings are PostgreSQL 15's (`data/settings.txt`: timezone, datestyle, intervalstyle,
//! extra_float_digits, bytea_output, type, text, answer), value by value and as vectors.

#![allow(clippy::unwrap_used)] // a test, its helpers too

use crate::common;

use common::answers::{refusal, rows};
use types::catalog::{builtin_named, oid};
use types::datetime::{DateOrder, DateStyle, IntervalStyle, TimeZone, TimestampTz};
use types::text::{InputError, TextReader, TextSettings, input, input_vector, output, output_vector};
use types::vector::VectorBuilder;
use types::{BuiltinTypes, Item, Kind, Type, Value, Vector};

fn settings(row: &[String]) -> TextSettings {
    let mut settings = TextSettings::default();
    settings.datetime.zone = TimeZone::find(&row[0]).unwrap();
    let (style, order) = row[1].split_once(", ").unwrap();
    settings.datetime.date_style = match style {
        "ISO" => DateStyle::Iso,
        "SQL" => DateStyle::Sql,
        "Postgres" => DateStyle::Postgres,
        "German" => DateStyle::German,
        other => panic!("{other}"),
    };
    settings.datetime.date_order = match order {
        "MDY" => DateOrder::Mdy,
        "DMY" => DateOrder::Dmy,
        "YMD" => DateOrder::Ymd,
        other => panic!("{other}"),
    };
    settings.datetime.interval_style = match row[2].as_str() {
        "postgres" => IntervalStyle::Postgres,
        "postgres_verbose" => IntervalStyle::PostgresVerbose,
        "sql_standard" => IntervalStyle::SqlStandard,
        "iso_8601" => IntervalStyle::Iso8601,
        other => panic!("{other}"),
    };
    settings.extra_float_digits = row[3].parse().unwrap();
    settings.bytea_escaped = row[4] == "escape";
    settings
}

fn texts(texts: &[Option<&str>]) -> Vector {
    let mut builder = VectorBuilder::new(Kind::Bytes, texts.len());
    for text in texts {
        match text {
            Some(text) => builder.push_bytes(text.as_bytes()).unwrap(),
            None => builder.push_null(),
        }
    }
    builder.finish()
}

fn there_and_back(of: Type, text: &str, settings: &TextSettings) -> Result<String, InputError> {
    let value = input(&BuiltinTypes, of, text, settings)?;
    let mut shown = String::new();
    output(&BuiltinTypes, of, &Item::from(&value), settings, &mut shown)?;
    let vector = input_vector(&BuiltinTypes, of, &texts(&[Some(text), None, Some(text)]), settings).unwrap();
    assert_eq!((vector.value(0), vector.value(1), vector.value(2)), (value.clone(), Value::Null, value));
    let back = output_vector(&BuiltinTypes, of, &vector, settings).unwrap();
    assert_eq!((back.value(2), back.value(1)), (Value::text(&shown), Value::Null));
    Ok(shown)
}

#[test]
fn settings_decide_how_values_look() {
    let (mut count, mut wrong) = (0, Vec::new());
    for row in rows(include_str!("data/settings.txt")) {
        let of = Type::of(builtin_named(&row[5]).unwrap().oid);
        let told = match there_and_back(of, &row[6], &settings(&row)) {
            Ok(text) => format!("={text}"),
            Err(error) => refusal(&error),
        };
        if told != row[7] {
            wrong.push(format!("{row:?}\n  told {told}"));
        }
        count += 1;
    }
    assert!(wrong.is_empty(), "{} of {count}:\n{}", wrong.len(), wrong.join("\n"));
    assert!(count > 190, "{count}");
}

#[test]
fn the_clock_is_the_transactions() {
    // 2023-11-14 22:13:20.5 in UTC, another day in Tokyo.
    let mut settings = TextSettings::new(TimestampTz(753_315_200_500_000));
    settings.datetime.zone = TimeZone::find("Asia/Tokyo").unwrap();
    let shown = |of, text: &str| there_and_back(Type { oid: of, modifier: -1 }, text, &settings).unwrap();
    assert_eq!(shown(oid::TIMESTAMPTZ, "now"), "2023-11-15 07:13:20.5+09");
    assert_eq!(shown(oid::TIMESTAMP, "today"), "2023-11-15 00:00:00");
    assert_eq!(shown(oid::DATE, "yesterday"), "2023-11-14");
    assert_eq!(shown(oid::TIMETZ, "now"), "07:13:20.5+09");
    let rounded = there_and_back(Type { oid: oid::TIMESTAMPTZ, modifier: 0 }, "now", &settings);
    assert_eq!(rounded.unwrap(), "2023-11-15 07:13:21+09");
}

#[test]
fn a_wrong_text_among_many_is_told_by_its_row() {
    let settings = TextSettings::default();
    let of = Type::of(oid::DATE);
    let wrong = input_vector(&BuiltinTypes, of, &texts(&[Some("2000-01-01"), None, Some("x")]), &settings);
    let error = wrong.unwrap_err();
    assert_eq!(
        (error.row, refusal(&error.error)),
        (2, refusal(&input(&BuiltinTypes, of, "x", &settings).unwrap_err()))
    );
    let mut reader = TextReader::new(&BuiltinTypes, of, &settings).unwrap();
    let mut builder = VectorBuilder::new(reader.kind(), 2);
    assert!(reader.read("x", &mut builder).is_err());
    reader.read("2000-01-02", &mut builder).unwrap();
    assert_eq!(builder.finish().value(0), Value::Int32(1));
}

#[test]
fn constants_are_read_and_shown_once() {
    let settings = TextSettings::default();
    let of = Type::of(oid::INT4);
    let many = Vector::constant(Kind::Bytes, &Value::text("12"), 1000).unwrap();
    let read = input_vector(&BuiltinTypes, of, &many, &settings).unwrap();
    assert!(read.is_constant() && read.len() == 1000);
    let shown = output_vector(&BuiltinTypes, of, &read, &settings).unwrap();
    assert!(shown.is_constant() && shown.value(999) == Value::text("12"));
    let nulls = Vector::constant(Kind::Int32, &Value::Null, 5).unwrap();
    let shown = output_vector(&BuiltinTypes, of, &nulls, &settings).unwrap();
    assert_eq!((shown.len(), shown.value(4)), (5, Value::Null));
    let none = output_vector(&BuiltinTypes, of, &many.slice(0, 0), &settings).unwrap();
    assert_eq!(none.len(), 0);
}
