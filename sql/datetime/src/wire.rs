//! Values as bytes: PostgreSQL's binary forms.

use crate::error::{DateTimeResult, WireError};
use crate::value::{Date, Interval, Time, TimeTz, Timestamp, TimestampTz};

/// A zone is less than so many seconds away.
const ZONE_LIMIT: i32 = 16 * 3600;

/// A value that has a binary form of a fixed length.
pub trait Binary: Sized {
    /// Appends what PostgreSQL sends.
    fn send(&self, out: &mut Vec<u8>);

    /// Reads what a client sent.
    fn receive(bytes: &[u8]) -> DateTimeResult<Self>;
}

fn bytes<const N: usize>(bytes: &[u8]) -> DateTimeResult<[u8; N]> {
    bytes.try_into().map_err(|_| {
        let error = if bytes.len() < N { WireError::TooShort } else { WireError::TooLong };
        error.into()
    })
}

fn part<const N: usize>(bytes: &[u8], at: usize) -> [u8; N] {
    let mut part = [0; N];
    part.copy_from_slice(&bytes[at..at + N]);
    part
}

fn is_time(time: i64) -> bool {
    (0..=Time::MAX.0).contains(&time)
}

impl Binary for Date {
    fn send(&self, out: &mut Vec<u8>) {
        out.extend(self.0.to_be_bytes());
    }

    fn receive(input: &[u8]) -> DateTimeResult<Date> {
        let date = Date(i32::from_be_bytes(bytes(input)?));
        let is_valid = !date.is_finite() || (Date::MIN..=Date::MAX).contains(&date);
        if is_valid { Ok(date) } else { Err(WireError::Date.into()) }
    }
}

impl Binary for Time {
    fn send(&self, out: &mut Vec<u8>) {
        out.extend(self.0.to_be_bytes());
    }

    fn receive(input: &[u8]) -> DateTimeResult<Time> {
        let time = i64::from_be_bytes(bytes(input)?);
        if is_time(time) { Ok(Time(time)) } else { Err(WireError::Time.into()) }
    }
}

impl Binary for TimeTz {
    fn send(&self, out: &mut Vec<u8>) {
        out.extend(self.time.to_be_bytes());
        out.extend(self.zone.to_be_bytes());
    }

    fn receive(input: &[u8]) -> DateTimeResult<TimeTz> {
        let input: [u8; 12] = bytes(input)?;
        let value =
            TimeTz { time: i64::from_be_bytes(part(&input, 0)), zone: i32::from_be_bytes(part(&input, 8)) };
        if !is_time(value.time) {
            return Err(WireError::Time.into());
        }
        if value.zone <= -ZONE_LIMIT || value.zone >= ZONE_LIMIT {
            return Err(WireError::Zone.into());
        }
        Ok(value)
    }
}

macro_rules! timestamp {
    ($name:ident) => {
        impl Binary for $name {
            fn send(&self, out: &mut Vec<u8>) {
                out.extend(self.0.to_be_bytes());
            }

            fn receive(input: &[u8]) -> DateTimeResult<$name> {
                let value = $name(i64::from_be_bytes(bytes(input)?));
                let is_valid = !value.is_finite() || ($name::MIN..=$name::MAX).contains(&value);
                if is_valid { Ok(value) } else { Err(WireError::Timestamp.into()) }
            }
        }
    };
}

timestamp!(Timestamp);
timestamp!(TimestampTz);

impl Binary for Interval {
    fn send(&self, out: &mut Vec<u8>) {
        out.extend(self.microseconds.to_be_bytes());
        out.extend(self.days.to_be_bytes());
        out.extend(self.months.to_be_bytes());
    }

    fn receive(input: &[u8]) -> DateTimeResult<Interval> {
        let input: [u8; 16] = bytes(input)?;
        Ok(Interval {
            microseconds: i64::from_be_bytes(part(&input, 0)),
            days: i32::from_be_bytes(part(&input, 8)),
            months: i32::from_be_bytes(part(&input, 12)),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::Binary;
    use crate::value::{Date, Interval, Time, TimeTz, Timestamp};

    fn round_trip<T: Binary + PartialEq + std::fmt::Debug>(value: T) {
        let mut sent = Vec::new();
        value.send(&mut sent);
        assert_eq!(T::receive(&sent).unwrap(), value);
        assert!(T::receive(&sent[1..]).is_err());
        sent.push(0);
        assert!(T::receive(&sent).is_err());
    }

    #[test]
    fn what_is_sent_is_received() {
        round_trip(Date::INFINITY);
        round_trip(Date(-12));
        round_trip(Time(86_400_000_000));
        round_trip(TimeTz { time: 1, zone: -57_599 });
        round_trip(Timestamp(-5));
        round_trip(Interval::new(1, -2, 3));
        assert!(Date::receive(&(Date::MAX.0 + 1).to_be_bytes()).is_err());
        assert!(Time::receive(&86_400_000_001i64.to_be_bytes()).is_err());
        assert!(Timestamp::receive(&(i64::MAX - 1).to_be_bytes()).is_err());
    }
}
