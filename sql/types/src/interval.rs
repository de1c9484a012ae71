//! The physical form of `interval`. **Seam:** `sql/datetime`'s `Interval` takes this struct's place when it comes; what
//! the rest of the crate asks of it is here and nowhere else.

use std::cmp::Ordering;

const MICROSECONDS_PER_DAY: i128 = 86_400_000_000;
const DAYS_PER_MONTH: i128 = 30;

/// Months, days and microseconds, each with its own sign.
#[derive(Debug, Clone, Copy, Default)]
pub struct Interval {
    /// Months, years among them.
    pub months: i32,
    /// Days.
    pub days: i32,
    /// The rest.
    pub microseconds: i64,
}

impl Interval {
    /// What comparisons go by: a month is 30 days, a day 24 hours.
    pub fn comparison_value(self) -> i128 {
        let days = i128::from(self.months) * DAYS_PER_MONTH + i128::from(self.days);
        days * MICROSECONDS_PER_DAY + i128::from(self.microseconds)
    }

    /// As it lies on pages: microseconds, days, months, little end first.
    pub fn to_bytes(self) -> [u8; 16] {
        let mut bytes = [0; 16];
        bytes[..8].copy_from_slice(&self.microseconds.to_le_bytes());
        bytes[8..12].copy_from_slice(&self.days.to_le_bytes());
        bytes[12..].copy_from_slice(&self.months.to_le_bytes());
        bytes
    }

    /// The interval of these bytes; every sixteen bytes are one.
    pub fn from_bytes(bytes: [u8; 16]) -> Interval {
        let [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p] = bytes;
        Interval {
            microseconds: i64::from_le_bytes([a, b, c, d, e, f, g, h]),
            days: i32::from_le_bytes([i, j, k, l]),
            months: i32::from_le_bytes([m, n, o, p]),
        }
    }
}

impl PartialEq for Interval {
    fn eq(&self, other: &Interval) -> bool {
        self.comparison_value() == other.comparison_value()
    }
}

impl Eq for Interval {}

impl PartialOrd for Interval {
    fn partial_cmp(&self, other: &Interval) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Interval {
    fn cmp(&self, other: &Interval) -> Ordering {
        self.comparison_value().cmp(&other.comparison_value())
    }
}
