//! Dates and times on jsonpaths are found as in PostgreSQL 15 (`data/paths.txt`: timezone, whether the function is one
//! with `_tz`, document, path, the array of what is found).

#![allow(clippy::unwrap_used)] // a test, its helpers too

use crate::common;

use common::answers::{refusal, rows};
use types::PathMoments;
use types::datetime::{Settings, TimeZone, TimestampTz};
use types::json::path::Query;
use types::json::{JsonPath, JsonResult, jsonb};

fn found(row: &[String]) -> JsonResult<String> {
    let settings = Settings { zone: TimeZone::find(&row[0]).unwrap(), ..Settings::new(TimestampTz(0)) };
    let (document, path) = (jsonb::parse(&row[2])?, JsonPath::parse(&row[3])?);
    let query = Query {
        path: &path,
        target: document.value(),
        variables: None,
        silent: false,
        zone_aware: row[1] == "true",
        datetimes: &PathMoments { settings: &settings },
    };
    Ok(format!("={}", query.array()?.value()))
}

#[test]
fn dates_on_paths_are_those_of_postgresql() {
    let (mut count, mut wrong) = (0, Vec::new());
    for row in rows(include_str!("data/paths.txt")) {
        let told = found(&row).unwrap_or_else(|error| refusal(&error));
        if told != row[4] {
            wrong.push(format!("{row:?}\n  told {told}"));
        }
        count += 1;
    }
    assert!(wrong.is_empty(), "{} of {count}:\n{}", wrong.len(), wrong[..wrong.len().min(30)].join("\n"));
    assert!(count > 300, "{count}");
}
