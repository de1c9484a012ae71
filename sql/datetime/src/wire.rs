//! Values as bytes: PostgreSQL's binary forms, keys that sort as values do, and hashes.

use crate::error::{DateTimeResult, WireError};
use crate::value::{Date, Interval, Time, TimeTz, Timestamp, TimestampTz};

/// A zone is less than so many seconds away.
const ZONE_LIMIT: i32 = 16 * 3600;

/// A value that has a binary form of a fixed length and a key that sorts bytewise.
pub trait Binary: Sized {
    /// Appends what PostgreSQL sends.
    fn send(&self, out: &mut Vec<u8>);

    /// Reads what a client sent.
    fn receive(bytes: &[u8]) -> DateTimeResult<Self>;

    /// Appends a key: keys sort as values do, and equal values have the same key.
    fn key(&self, out: &mut Vec<u8>);

    /// A hash that equal values share and that never changes, so that it may be stored.
    fn hash64(&self) -> u64;
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

/// Spreads the bits of an integer (the finaliser of MurmurHash3).
fn mix(value: u64) -> u64 {
    let value = (value ^ (value >> 33)).wrapping_mul(0xff51_afd7_ed55_8ccd);
    let value = (value ^ (value >> 33)).wrapping_mul(0xc4ce_b9fe_1a85_ec53);
    value ^ (value >> 33)
}

/// An integer whose bytes sort as it does.
fn ordered(value: i64) -> [u8; 8] {
    (value ^ i64::MIN).to_be_bytes()
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

    fn key(&self, out: &mut Vec<u8>) {
        out.extend((self.0 ^ i32::MIN).to_be_bytes());
    }

    fn hash64(&self) -> u64 {
        mix(i64::from(self.0) as u64)
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

    fn key(&self, out: &mut Vec<u8>) {
        out.extend(ordered(self.0));
    }

    fn hash64(&self) -> u64 {
        mix(self.0 as u64)
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

    fn key(&self, out: &mut Vec<u8>) {
        out.extend(ordered(self.utc()));
        out.extend((self.zone ^ i32::MIN).to_be_bytes());
    }

    fn hash64(&self) -> u64 {
        mix(mix(self.time as u64) ^ i64::from(self.zone) as u64)
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

            fn key(&self, out: &mut Vec<u8>) {
                out.extend(ordered(self.0));
            }

            fn hash64(&self) -> u64 {
                mix(self.0 as u64)
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

    /// Sixteen bytes: what the interval amounts to. The parts are not in it, as they do not decide equality.
    fn key(&self, out: &mut Vec<u8>) {
        out.extend((self.span() ^ i128::MIN).to_be_bytes());
    }

    fn hash64(&self) -> u64 {
        // Spans of up to 292,000 years differ in the lower half alone, as PostgreSQL's hash has it.
        mix(self.span() as u64)
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

    fn key<T: Binary>(value: &T) -> Vec<u8> {
        let mut key = Vec::new();
        value.key(&mut key);
        key
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

    #[test]
    fn keys_sort_as_values_do() {
        let intervals = [
            Interval::new(i32::MIN, i32::MIN, i64::MIN),
            Interval::new(0, -1, 0),
            Interval::new(0, 0, -1),
            Interval::ZERO,
            Interval::new(1, -30, 1),
            Interval::new(0, 29, 0),
            Interval::new(1, 0, 0),
            Interval::new(i32::MAX, i32::MAX, i64::MAX),
        ];
        assert!(intervals.is_sorted_by(|a, b| a < b && key(a) < key(b)));
        assert_eq!(key(&Interval::new(0, 30, 0)), key(&Interval::new(1, 0, 0)));
        assert_eq!(Interval::new(0, 30, 0).hash64(), Interval::new(1, 0, 0).hash64());
        let dates = [Date::NEGATIVE_INFINITY, Date::MIN, Date(-1), Date(0), Date::MAX, Date::INFINITY];
        assert!(dates.is_sorted_by(|a, b| key(a) < key(b)));
        let times =
            [TimeTz { time: 0, zone: -1 }, TimeTz { time: 1_000_000, zone: -1 }, TimeTz { time: 0, zone: 0 }];
        assert!(times.is_sorted_by(|a, b| key(a) < key(b)));
    }
}
