//! A zone as a sign and digits: `-8`, `+05:30`, `-0330`, `+1:2:3`.

use super::Problem;
use super::number::integer32;

/// A displacement is less than so many hours.
const HOURS_MAX: i64 = 15;

/// Seconds *west* of Greenwich.
pub fn displacement(text: &str) -> Result<i64, Problem> {
    let negative = match text.bytes().next() {
        Some(b'-') => true,
        Some(b'+') => false,
        Some(_) | None => return Err(Problem::BadFormat),
    };
    let number = |text| integer32(text).ok_or(Problem::Displacement);
    let (mut hours, mut rest) = number(&text[1..])?;
    let (mut minutes, mut seconds) = (0, 0);
    if let Some(after) = rest.strip_prefix(':') {
        (minutes, rest) = number(after)?;
        if let Some(after) = rest.strip_prefix(':') {
            (seconds, rest) = number(after)?;
        }
    } else if rest.is_empty() && text.len() > 3 {
        (hours, minutes) = (hours / 100, hours % 100);
    }
    if !(0..=HOURS_MAX).contains(&hours) || !(0..60).contains(&minutes) || !(0..60).contains(&seconds) {
        return Err(Problem::Displacement);
    }
    if !rest.is_empty() {
        return Err(Problem::BadFormat);
    }
    let east = (hours * 60 + minutes) * 60 + seconds;
    Ok(if negative { east } else { -east })
}
