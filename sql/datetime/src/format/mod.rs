//! `to_char`, `to_timestamp(text, text)` and `to_date`: dates and times by a format.
//!
//! A format is parsed once into nodes ([`pattern`]) and used for many values: [`write`] shows by it, [`read`] reads.

mod pattern;
mod read;
mod standard;
mod write;

pub use standard::{Standard, StandardFormat};

use crate::arithmetic::timestamp_out_of_range;
use crate::calendar::{EPOCH_JULIAN, Fields, is_valid_julian};
use crate::convert::{fields_to_timestamptz, unix_seconds};
use crate::error::{DateTimeError, DateTimeResult};
use crate::text::IntervalParts;
use crate::typmod::round_microseconds;
use crate::value::{Date, Interval, Timestamp, TimestampTz};
use crate::zone::TimeZone;
use write::Shown;

/// A format, ready for use.
#[derive(Debug, Clone)]
pub struct Format {
    nodes: Vec<pattern::Node>,
}

impl Format {
    /// Parses a format; every text is one.
    pub fn parse(text: &str) -> Format {
        Format { nodes: pattern::parse(text) }
    }

    fn shows_nothing(&self) -> bool {
        self.nodes.is_empty()
    }

    /// `to_char(timestamp, text)`; NULL for an empty format and for infinities.
    pub fn timestamp(&self, value: Timestamp) -> DateTimeResult<Option<String>> {
        if self.shows_nothing() || !value.is_finite() {
            return Ok(None);
        }
        write::write(&self.nodes, &Shown::of_fields(&value.fields(), None)).map(Some)
    }

    /// `to_char(timestamptz, text)`, as the zone's clocks show it.
    pub fn timestamptz(&self, value: TimestampTz, zone: &TimeZone) -> DateTimeResult<Option<String>> {
        if self.shows_nothing() || !value.is_finite() {
            return Ok(None);
        }
        let local = zone.local_type(unix_seconds(value.0));
        let fields = Fields::of_local(value.0, local.offset);
        write::write(&self.nodes, &Shown::of_fields(&fields, Some(local))).map(Some)
    }

    /// `to_char(interval, text)`; NULL for an empty format. A `time` is shown as an interval.
    pub fn interval(&self, value: Interval) -> DateTimeResult<Option<String>> {
        if self.shows_nothing() {
            return Ok(None);
        }
        write::write(&self.nodes, &Shown::of_interval(&IntervalParts::of(value))).map(Some)
    }

    /// `to_timestamp(text, text)`: by the zone's clocks where the text says no zone.
    pub fn to_timestamptz(&self, text: &str, zone: &TimeZone) -> DateTimeResult<TimestampTz> {
        let found = read::read(&self.nodes, text, false)?;
        let offset = found.offset.unwrap_or_else(|| zone.offset_of_local(&found.fields));
        let value = fields_to_timestamptz(&found.fields, offset).ok_or_else(timestamp_out_of_range)?;
        Ok(TimestampTz(round_microseconds(value.0, found.precision)))
    }

    /// `to_date(text, text)`.
    pub fn to_date(&self, text: &str) -> DateTimeResult<Date> {
        let fields = read::read(&self.nodes, text, false)?.fields;
        let date = if is_valid_julian(fields.year, fields.month) {
            Date::from_days(fields.julian() - EPOCH_JULIAN)
        } else {
            None
        };
        date.ok_or_else(|| DateTimeError::TextOutOfRange { what: "date", text: text.to_owned() })
    }
}
