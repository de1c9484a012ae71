//! Names of types as SQL writes them: `character varying(10)`, `timestamp(3) with time zone[]`.

use super::modifier::{character_length, numeric_shape};
use super::{Form, Types, oid};
use datetime::IntervalTypmod;
use std::fmt::Write;

/// The name of a type as `format_type` tells it; `modifier` is `None` where none is asked for, which is not the same as
/// a type that has none: `character` alone means `character(1)`, so one of unknown length is `bpchar`.
pub fn type_name(types: &(impl Types + ?Sized), type_oid: u32, modifier: Option<i32>) -> String {
    if type_oid == 0 {
        return "-".to_owned();
    }
    let Some(entry) = types.entry(type_oid) else { return "???".to_owned() };
    if entry.form == Form::Array || type_oid == oid::RECORD_ARRAY {
        // Arrays of arrays do not exist, so this goes no deeper.
        let Some(element) = types.entry(entry.element) else { return "???[]".to_owned() };
        return format!("{}[]", scalar_name(element.oid, element.displayed, modifier));
    }
    scalar_name(type_oid, entry.displayed, modifier)
}

fn scalar_name(type_oid: u32, displayed: &str, modifier: Option<i32>) -> String {
    let given = modifier.filter(|modifier| *modifier >= 0);
    let with_length = |name: &str, length: Option<usize>| match length {
        Some(length) => format!("{name}({length})"),
        None => name.to_owned(),
    };
    let fraction = |name: &str, zone: &str| match given {
        Some(digits) => format!("{name}({digits}) {zone}"),
        None => format!("{name} {zone}"),
    };
    match type_oid {
        oid::BOOL => "boolean".to_owned(),
        oid::INT2 => "smallint".to_owned(),
        oid::INT4 => "integer".to_owned(),
        oid::INT8 => "bigint".to_owned(),
        oid::FLOAT4 => "real".to_owned(),
        oid::FLOAT8 => "double precision".to_owned(),
        oid::BPCHAR if modifier == Some(-1) => "bpchar".to_owned(),
        oid::BPCHAR => {
            with_length("character", given.and_then(character_length).filter(|length| *length > 0))
        }
        oid::VARCHAR => {
            with_length("character varying", given.and_then(character_length).filter(|length| *length > 0))
        }
        oid::BIT if modifier == Some(-1) => "\"bit\"".to_owned(),
        oid::BIT => with_length("bit", given.map(|bits| bits as usize)),
        oid::VARBIT => with_length("bit varying", given.map(|bits| bits as usize)),
        oid::NUMERIC => match given.and_then(numeric_shape) {
            Some((precision, scale)) => format!("numeric({precision},{scale})"),
            None => "numeric".to_owned(),
        },
        oid::TIME => fraction("time", "without time zone"),
        oid::TIMETZ => fraction("time", "with time zone"),
        oid::TIMESTAMP => fraction("timestamp", "without time zone"),
        oid::TIMESTAMPTZ => fraction("timestamp", "with time zone"),
        oid::INTERVAL => interval_name(given.unwrap_or(-1)),
        _ => {
            // Names that are keywords of SQL's own types stand in quotes.
            let name = match type_oid {
                oid::CHAR => "\"char\"",
                oid::ANY => "\"any\"",
                _ => displayed,
            };
            with_length(name, given.map(|modifier| modifier as usize))
        }
    }
}

fn interval_name(modifier: i32) -> String {
    let modifier = IntervalTypmod::unpacked(modifier);
    let mut name = "interval".to_owned();
    // Writing to a string cannot fail.
    if let Some(fields) = modifier.fields {
        let _ = write!(name, " {fields}");
    }
    if let Some(digits) = modifier.precision {
        let _ = write!(name, "({digits})");
    }
    name
}
