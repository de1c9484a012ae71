//! The physical form of `time with time zone`. **Seam:** `sql/datetime`'s `TimeTz` takes this struct's place when it
//! comes; what the rest of the crate asks of it is here and nowhere else.

use std::cmp::Ordering;

/// A time of day and where it is told.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct TimeTz {
    /// Microseconds since the local midnight.
    pub microseconds: i64,
    /// Seconds west of Greenwich, as PostgreSQL stores it.
    pub zone: i32,
}

impl TimeTz {
    /// The same moment in Greenwich, which comparisons look at first.
    pub fn universal(self) -> i64 {
        self.microseconds.saturating_add(i64::from(self.zone) * 1_000_000)
    }

    /// As it lies on pages: microseconds, zone, little end first.
    pub fn to_bytes(self) -> [u8; 12] {
        let mut bytes = [0; 12];
        bytes[..8].copy_from_slice(&self.microseconds.to_le_bytes());
        bytes[8..].copy_from_slice(&self.zone.to_le_bytes());
        bytes
    }

    /// The value of these bytes; every twelve bytes are one.
    pub fn from_bytes(bytes: [u8; 12]) -> TimeTz {
        let [a, b, c, d, e, f, g, h, i, j, k, l] = bytes;
        TimeTz {
            microseconds: i64::from_le_bytes([a, b, c, d, e, f, g, h]),
            zone: i32::from_le_bytes([i, j, k, l]),
        }
    }
}

impl PartialOrd for TimeTz {
    fn partial_cmp(&self, other: &TimeTz) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for TimeTz {
    /// The moment decides; of equal moments the one told further east comes first.
    fn cmp(&self, other: &TimeTz) -> Ordering {
        self.universal().cmp(&other.universal()).then(self.zone.cmp(&other.zone))
    }
}
