//! Dates and times on a path: what this crate must know of them, and whom it asks for the rest.
//!
//! [`Datetimes`] is what whoever knows calendars, templates and zones gives to a query. Which kinds compare and when a
//! zone is needed for it is decided here.

use super::tree::Comparison;
use crate::error::{JsonResult, PathError};
use std::cmp::Ordering;

/// Kinds of points in time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum MomentKind {
    Date,
    Time,
    TimeTz,
    Timestamp,
    TimestampTz,
}

impl MomentKind {
    /// What `.type()` calls it.
    pub fn type_name(self) -> &'static str {
        match self {
            MomentKind::Date => "date",
            MomentKind::Time => "time without time zone",
            MomentKind::TimeTz => "time with time zone",
            MomentKind::Timestamp => "timestamp without time zone",
            MomentKind::TimestampTz => "timestamp with time zone",
        }
    }

    /// What an error calls it.
    fn short_name(self) -> &'static str {
        match self {
            MomentKind::Date => "date",
            MomentKind::Time => "time",
            MomentKind::TimeTz => "timetz",
            MomentKind::Timestamp => "timestamp",
            MomentKind::TimestampTz => "timestamptz",
        }
    }
}

/// A point in time, as SQL's types hold it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moment {
    /// What it is.
    pub kind: MomentKind,
    /// Days of a date, microseconds of all others; since 2000-01-01, or midnight.
    pub value: i64,
    /// Of what has a zone: seconds west of UTC. Of a timestamp it only shows in its text.
    pub zone: i32,
}

/// What a query asks about dates and times.
pub trait Datetimes {
    /// Reads `text` by a template (as `to_timestamp` has them, but with everything matching), whose fields decide the
    /// kind. Errors are suppressed where a path's are.
    fn parse(&self, text: &str, template: &str) -> Result<Moment, PathError>;

    /// A date as timestamp; a date or timestamp as timestamp with time zone; a time as time with time zone: in the
    /// session's zone where one is needed.
    fn convert(&self, moment: Moment, kind: MomentKind) -> JsonResult<Moment>;

    /// Appends its text in ISO 8601, as JSON has it.
    fn write(&self, moment: Moment, out: &mut String);
}

/// Templates of `datetime()` without one, in the order in which they are tried.
const TEMPLATES: &[&str] = &[
    "yyyy-mm-dd",
    "HH24:MI:SS.USTZH:TZM",
    "HH24:MI:SS.USTZH",
    "HH24:MI:SS.US",
    "HH24:MI:SSTZH:TZM",
    "HH24:MI:SSTZH",
    "HH24:MI:SS",
    "yyyy-mm-dd HH24:MI:SS.USTZH:TZM",
    "yyyy-mm-dd HH24:MI:SS.USTZH",
    "yyyy-mm-dd HH24:MI:SS.US",
    "yyyy-mm-dd HH24:MI:SSTZH:TZM",
    "yyyy-mm-dd HH24:MI:SSTZH",
    "yyyy-mm-dd HH24:MI:SS",
    "yyyy-mm-dd\"T\"HH24:MI:SS.USTZH:TZM",
    "yyyy-mm-dd\"T\"HH24:MI:SS.USTZH",
    "yyyy-mm-dd\"T\"HH24:MI:SS.US",
    "yyyy-mm-dd\"T\"HH24:MI:SSTZH:TZM",
    "yyyy-mm-dd\"T\"HH24:MI:SSTZH",
    "yyyy-mm-dd\"T\"HH24:MI:SS",
];

/// `datetime()` and `datetime(template)`.
pub(super) fn parse(
    datetimes: &dyn Datetimes,
    text: &str,
    template: Option<&str>,
) -> Result<Moment, PathError> {
    match template {
        Some(template) => datetimes.parse(text, template),
        None => TEMPLATES
            .iter()
            .find_map(|template| datetimes.parse(text, template).ok())
            .ok_or_else(|| PathError::DatetimeFormat(text.to_owned())),
    }
}

/// Whether a comparison holds; `None` where the kinds do not compare.
pub(super) fn compare(
    datetimes: &dyn Datetimes,
    comparison: Comparison,
    moments: (Moment, Moment),
    zone_aware: bool,
) -> JsonResult<Option<bool>> {
    use MomentKind::{Date, Time, TimeTz, Timestamp, TimestampTz};
    let (one, two) = moments;
    let common = match (one.kind, two.kind) {
        (one, two) if one == two => one,
        (Date, Timestamp) | (Timestamp, Date) => Timestamp,
        (Date | Timestamp, TimestampTz) | (TimestampTz, Date | Timestamp) => TimestampTz,
        (Time, TimeTz) | (TimeTz, Time) => TimeTz,
        (Date | Timestamp | TimestampTz, Time | TimeTz) | (Time | TimeTz, Date | Timestamp | TimestampTz) => {
            return Ok(None);
        }
        // Equal kinds are behind us.
        (Date, Date)
        | (Time, Time)
        | (TimeTz, TimeTz)
        | (Timestamp, Timestamp)
        | (TimestampTz, TimestampTz) => one.kind,
    };
    let converted = |moment: Moment| {
        if moment.kind == common {
            return Ok(moment);
        }
        if !zone_aware && matches!(common, TimeTz | TimestampTz) {
            let (from, to) = (moment.kind.short_name(), common.short_name());
            return Err(PathError::ZoneNeeded { from, to }.into());
        }
        datetimes.convert(moment, common)
    };
    Ok(Some(comparison.holds(order(converted(one)?, converted(two)?))))
}

/// The order of two of one kind.
fn order(one: Moment, two: Moment) -> Ordering {
    let place = |moment: Moment| match moment.kind {
        MomentKind::TimeTz => (moment.value.saturating_add(i64::from(moment.zone) * 1_000_000), moment.zone),
        MomentKind::Date | MomentKind::Time | MomentKind::Timestamp | MomentKind::TimestampTz => {
            (moment.value, 0)
        }
    };
    place(one).cmp(&place(two))
}
