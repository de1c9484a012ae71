//! Dates and times on jsonpaths, by the session's zone.

use datetime::format::{Standard, StandardFormat};
use datetime::{
    Date, DateTimeError, DateTimeResult, Settings, Time, TimeTz, Timestamp, TimestampTz, convert, iso,
};
use diagnostic::Diagnostic;
use json::JsonResult;
use json::error::PathError;
use json::path::{Datetimes, Moment, MomentKind};

/// What a path asks of dates and times, answered with the session's settings.
#[derive(Debug, Clone, Copy)]
pub struct PathMoments<'a> {
    /// The session's zone and the transaction's day, by which a time gets its zone.
    pub settings: &'a Settings,
}

fn told(error: &DateTimeError) -> PathError {
    PathError::Datetime {
        sqlstate: error.sqlstate(),
        message: error.to_string(),
        detail: error.detail(),
        hint: error.hint(),
    }
}

/// Days of a date, which are all that a moment of that kind has.
fn date_of(moment: Moment) -> Date {
    Date(i32::try_from(moment.value).unwrap_or(if moment.value < 0 { i32::MIN } else { i32::MAX }))
}

impl PathMoments<'_> {
    fn converted(&self, moment: Moment, kind: MomentKind) -> DateTimeResult<Moment> {
        let zone = &self.settings.zone;
        let of = |value: i64| Moment { kind, value, zone: 0 };
        Ok(match (moment.kind, kind) {
            (MomentKind::Date, MomentKind::Timestamp) => of(convert::date_to_timestamp(date_of(moment))?.0),
            (MomentKind::Date, MomentKind::TimestampTz) => {
                of(convert::date_to_timestamptz(date_of(moment), zone)?.0)
            }
            (MomentKind::Timestamp, MomentKind::TimestampTz) => {
                of(convert::timestamp_to_timestamptz(Timestamp(moment.value), zone)?.0)
            }
            (MomentKind::Time, MomentKind::TimeTz) => {
                let TimeTz { time, zone } = convert::time_to_timetz(Time(moment.value), self.settings);
                Moment { kind, value: time, zone }
            }
            // No other kinds are compared.
            (
                MomentKind::Date
                | MomentKind::Time
                | MomentKind::TimeTz
                | MomentKind::Timestamp
                | MomentKind::TimestampTz,
                _,
            ) => moment,
        })
    }
}

impl Datetimes for PathMoments<'_> {
    fn parse(&self, text: &str, template: &str) -> Result<Moment, PathError> {
        let read = StandardFormat::parse(template).and_then(|format| format.read(text));
        let of = |kind, value| Moment { kind, value, zone: 0 };
        Ok(match read.map_err(|error| told(&error))? {
            Standard::Date(date) => of(MomentKind::Date, i64::from(date.0)),
            Standard::Time(time) => of(MomentKind::Time, time.0),
            Standard::TimeTz(TimeTz { time, zone }) => Moment { kind: MomentKind::TimeTz, value: time, zone },
            Standard::Timestamp(moment) => of(MomentKind::Timestamp, moment.0),
            Standard::TimestampTz { value, offset } => {
                Moment { kind: MomentKind::TimestampTz, value: value.0, zone: -offset }
            }
        })
    }

    fn convert(&self, moment: Moment, kind: MomentKind) -> JsonResult<Moment> {
        Ok(self.converted(moment, kind).map_err(|error| told(&error))?)
    }

    fn write(&self, moment: Moment, out: &mut String) {
        match moment.kind {
            MomentKind::Date => iso::date(out, date_of(moment)),
            MomentKind::Time => iso::time(out, Time(moment.value)),
            MomentKind::TimeTz => iso::timetz(out, TimeTz { time: moment.value, zone: moment.zone }),
            MomentKind::Timestamp => iso::timestamp(out, Timestamp(moment.value)),
            MomentKind::TimestampTz => iso::timestamptz_at(out, TimestampTz(moment.value), -moment.zone),
        }
    }
}
