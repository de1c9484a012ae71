//! `TimeZone`: a name, a number of hours, or an interval.

use datetime::zone::TimeZone;

/// The form in which a time zone is kept. The error is PostgreSQL's detail, where it gives one.
pub fn accept(value: &str) -> Result<String, Option<String>> {
    if let Ok(hours) = value.trim().parse::<f64>() {
        let out_of_range = || Some("UTC timezone offset is out of range.".to_owned());
        if !hours.is_finite() || hours.abs() > 168.0 {
            return Err(out_of_range());
        }
        let zone = TimeZone::fixed((hours * 3600.0) as i32); // at most a week
        return zone.map(|zone| zone.name().to_owned()).ok_or_else(out_of_range);
    }
    TimeZone::find(value).map(|zone| zone.name().to_owned()).ok_or(None)
}

/// What a kept value means. The names that [`accept`] keeps are found again; UTC stands for one that a newer list of
/// zones lacks.
pub fn read(kept: &str) -> TimeZone {
    TimeZone::find(kept).unwrap_or_else(TimeZone::utc)
}
