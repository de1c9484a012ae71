//! `DateStyle`: two settings in one, each of which may be left as it was.

use datetime::{DateOrder, DateStyle};

/// What a list of words makes of the setting that was `before`. The error is PostgreSQL's detail.
pub fn accept(value: &str, before: &str) -> Result<String, String> {
    let (mut style, mut order) = (None, None);
    let (old_style, old_order) = read(before);
    let conflict = || "Conflicting \"datestyle\" specifications.".to_owned();
    for word in value.split(',').map(str::trim) {
        let lower = word.to_ascii_lowercase();
        let (new_style, new_order) = match lower.as_str() {
            "iso" => (Some(DateStyle::Iso), None),
            "sql" => (Some(DateStyle::Sql), None),
            "german" => (Some(DateStyle::German), None),
            "default" => (None, None),
            "ymd" => (None, Some(DateOrder::Ymd)),
            "dmy" => (None, Some(DateOrder::Dmy)),
            "mdy" | "us" => (None, Some(DateOrder::Mdy)),
            _ if lower.starts_with("postgres") => (Some(DateStyle::Postgres), None),
            _ if lower.starts_with("euro") => (None, Some(DateOrder::Dmy)),
            _ if lower.starts_with("noneuro") => (None, Some(DateOrder::Mdy)),
            _ => return Err(format!("Unrecognized key word: \"{word}\".")),
        };
        if lower == "default" {
            style.get_or_insert(DateStyle::Iso);
            order.get_or_insert(DateOrder::Mdy);
        }
        style = one(style, new_style).ok_or_else(conflict)?;
        order = one(order, new_order).ok_or_else(conflict)?;
    }
    if style == Some(DateStyle::German) && order.is_none() {
        order = Some(DateOrder::Dmy);
    }
    Ok(show(style.unwrap_or(old_style), order.unwrap_or(old_order)))
}

/// What is said once; `None` if both say something and not the same.
fn one<T: PartialEq + Copy>(before: Option<T>, now: Option<T>) -> Option<Option<T>> {
    match (before, now) {
        (Some(before), Some(now)) if before != now => None,
        (before, now) => Some(now.or(before)),
    }
}

fn show(style: DateStyle, order: DateOrder) -> String {
    let style = match style {
        DateStyle::Iso => "ISO",
        DateStyle::Sql => "SQL",
        DateStyle::Postgres => "Postgres",
        DateStyle::German => "German",
    };
    let order = match order {
        DateOrder::Mdy => "MDY",
        DateOrder::Dmy => "DMY",
        DateOrder::Ymd => "YMD",
    };
    format!("{style}, {order}")
}

/// What a kept value means.
pub fn read(kept: &str) -> (DateStyle, DateOrder) {
    let (style, order) = kept.split_once(", ").unwrap_or((kept, ""));
    let style = match style {
        "SQL" => DateStyle::Sql,
        "Postgres" => DateStyle::Postgres,
        "German" => DateStyle::German,
        _ => DateStyle::Iso,
    };
    let order = match order {
        "DMY" => DateOrder::Dmy,
        "YMD" => DateOrder::Ymd,
        _ => DateOrder::Mdy,
    };
    (style, order)
}
