//! What may name a zone after AT TIME ZONE: an abbreviation first, then a zone.

use crate::calendar::{Fields, UNIX_TO_EPOCH_SECONDS};
use crate::error::{DateTimeError, DateTimeResult};
use crate::zone::abbreviation::{self, Meaning};
use crate::zone::{NAME_MAX, TimeZone};

/// Names are cut to this many bytes before they are looked up as abbreviations, as identifiers are.
const IDENTIFIER_MAX: usize = 63;

/// The beginning of a text, of at most so many bytes.
fn cut(text: &str, length: usize) -> &str {
    let mut end = text.len().min(length);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

/// A zone for a calculation.
#[derive(Debug, Clone)]
pub enum ZoneSpec {
    /// Seconds east.
    Fixed(i32),
    /// An abbreviation, in capitals, whose meaning is that zone's at the time in question.
    Abbreviation(TimeZone, String),
    /// A zone.
    Zone(TimeZone),
}

impl ZoneSpec {
    /// What a name stands for.
    pub fn find(name: &str) -> DateTimeResult<ZoneSpec> {
        let name = cut(name, NAME_MAX);
        let not_recognized = || DateTimeError::ZoneNotRecognized { name: name.to_owned() };
        let lower = cut(name, IDENTIFIER_MAX).to_ascii_lowercase();
        match abbreviation::find(&lower) {
            Some(Meaning::Standard(offset) | Meaning::Daylight(offset)) => Ok(ZoneSpec::Fixed(offset)),
            Some(Meaning::Dynamic(zone)) => {
                let zone = TimeZone::find(zone).ok_or_else(not_recognized)?;
                Ok(ZoneSpec::Abbreviation(zone, lower.to_ascii_uppercase()))
            }
            None => TimeZone::find(name).map(ZoneSpec::Zone).ok_or_else(not_recognized),
        }
    }

    /// Seconds east at a moment, in microseconds since 2000-01-01 UTC.
    pub fn offset_at(&self, microseconds: i64) -> i32 {
        let unix = microseconds.div_euclid(1_000_000) + UNIX_TO_EPOCH_SECONDS;
        match self {
            ZoneSpec::Fixed(offset) => *offset,
            ZoneSpec::Abbreviation(zone, name) => {
                zone.named(name, unix).unwrap_or_else(|| zone.local_type(unix)).offset
            }
            ZoneSpec::Zone(zone) => zone.local_type(unix).offset,
        }
    }

    /// Seconds east when clocks show these fields.
    pub fn offset_of_local(&self, local: &Fields) -> i32 {
        match self {
            ZoneSpec::Fixed(offset) => *offset,
            ZoneSpec::Abbreviation(zone, name) => {
                let offset = zone.offset_of_local(local);
                let unix = local.unix_seconds() - i64::from(offset);
                zone.named(name, unix).map_or(offset, |found| found.offset)
            }
            ZoneSpec::Zone(zone) => zone.offset_of_local(local),
        }
    }
}
