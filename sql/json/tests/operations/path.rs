//! Operations on paths, and as much of a calendar as they need.

use super::{document, or_none, or_null, show, text_of};
use json::error::PathError;
use json::path::{Datetimes, Moment, MomentKind, Query};
use json::{JsonPath, JsonResult};

pub fn run(operation: &str, arguments: &[Option<String>]) -> JsonResult<String> {
    if operation == "in" {
        return Ok(JsonPath::parse(text_of(arguments, 0))?.to_string());
    }
    let target = document(arguments, 0)?;
    let path = JsonPath::parse(text_of(arguments, 1))?;
    let variables = document(arguments, 2)?;
    let query = Query {
        path: &path,
        target: target.value(),
        variables: or_none(variables.value()),
        silent: text_of(arguments, 3) == "true",
        zone_aware: operation.ends_with("_tz"),
        datetimes: &Calendar,
    };
    Ok(match operation.trim_end_matches("_tz") {
        "query" => {
            let all: Vec<String> = query.all()?.into_iter().map(show).collect();
            assert_eq!(show(query.array()?), format!("[{}]", all.join(", ")));
            if all.is_empty() { "<NULL>".to_owned() } else { all.join(";") }
        }
        "first" => or_null(query.first()?.map(show)),
        "exists" => or_null(query.exists()?.map(|found| found.to_string())),
        "match" => or_null(query.matches()?.map(|found| found.to_string())),
        _ => panic!("no operation {operation}"),
    })
}

/// Reads what the templates of `datetime()` read, written with two digits everywhere; UTC is its zone.
struct Calendar;

const DAY: i64 = 86_400_000_000;

fn number(text: &mut &str, digits: usize) -> Option<i64> {
    let value = text.get(..digits)?.parse().ok()?;
    *text = &text[digits..];
    Some(value)
}

fn skip(text: &mut &str, what: &str) -> Option<()> {
    *text = text.strip_prefix(what)?;
    Some(())
}

fn date(text: &mut &str) -> Option<i64> {
    let year = number(text, 4)?;
    skip(text, "-")?;
    let month = number(text, 2)?;
    skip(text, "-")?;
    let day = number(text, 2)?;
    let (year, month) = if month <= 2 { (year - 1, month + 9) } else { (year, month - 3) };
    let era_day = year * 365 + year / 4 - year / 100 + year / 400 + (month * 153 + 2) / 5 + day - 1;
    Some(era_day - 730_425)
}

fn time(text: &mut &str, fraction: bool) -> Option<i64> {
    let hour = number(text, 2)?;
    skip(text, ":")?;
    let minute = number(text, 2)?;
    skip(text, ":")?;
    let second = number(text, 2)?;
    let mut value = ((hour * 60 + minute) * 60 + second) * 1_000_000;
    if fraction {
        skip(text, ".")?;
        let digits = text.bytes().take_while(u8::is_ascii_digit).count();
        let shown: i64 = text.get(..digits)?.parse().ok()?;
        value += shown * 10i64.pow(6u32.checked_sub(digits as u32)?);
        *text = &text[digits..];
    }
    Some(value)
}

fn zone(text: &mut &str, minutes: bool) -> Option<i32> {
    let west = if skip(text, "-").is_some() { 1 } else { skip(text, "+").map(|()| -1)? };
    let mut seconds = number(text, 2)? as i32 * 3600;
    if minutes {
        skip(text, ":")?;
        seconds += number(text, 2)? as i32 * 60;
    }
    Some(west * seconds)
}

fn read(text: &str, template: &str) -> Option<Moment> {
    let mut rest = text;
    let day = if template.starts_with("yyyy") { Some(date(&mut rest)?) } else { None };
    if template.contains('T') && template.contains("\"T\"") {
        skip(&mut rest, "T")?;
    } else if template.contains(' ') {
        skip(&mut rest, " ")?;
    }
    let time =
        if template.contains("HH24") { Some(time(&mut rest, template.contains(".US"))?) } else { None };
    let zone = if template.contains("TZH") { Some(zone(&mut rest, template.contains("TZM"))?) } else { None };
    let (kind, value, west) = match (day, time, zone) {
        (Some(day), None, _) => (MomentKind::Date, day, 0),
        (None, Some(time), None) => (MomentKind::Time, time, 0),
        (None, Some(time), Some(zone)) => (MomentKind::TimeTz, time, zone),
        (Some(day), Some(time), None) => (MomentKind::Timestamp, day * DAY + time, 0),
        (Some(day), Some(time), Some(zone)) => {
            (MomentKind::TimestampTz, day * DAY + time + i64::from(zone) * 1_000_000, 0)
        }
        (None, None, _) => return None,
    };
    rest.is_empty().then_some(Moment { kind, value, zone: west })
}

impl Datetimes for Calendar {
    fn parse(&self, text: &str, template: &str) -> Result<Moment, PathError> {
        read(text, template).ok_or_else(|| PathError::DatetimeFormat(text.to_owned()))
    }

    fn convert(&self, moment: Moment, kind: MomentKind) -> JsonResult<Moment> {
        let value = if moment.kind == MomentKind::Date { moment.value * DAY } else { moment.value };
        Ok(Moment { kind, value, zone: 0 })
    }

    fn write(&self, moment: Moment, out: &mut String) {
        out.push_str(&format!("{moment:?}"));
    }
}
