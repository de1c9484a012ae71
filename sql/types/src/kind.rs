//! How a value lies in memory. Many types share one kind: a date is an `Int32`, a text, an array, a row are `Bytes`.

/// The physical kinds. Matches over them are exhaustive everywhere, so that a new one is an error until it is handled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// `boolean`.
    Bool,
    /// `smallint`, and `"char"` as its unsigned byte.
    Int16,
    /// `integer`, `date`; `oid` and its relatives and the labels of enums as unsigned bits.
    Int32,
    /// `bigint`, `time`, `timestamp`, `timestamptz`, `money`; `xid8` as unsigned bits.
    Int64,
    /// `real`.
    Float32,
    /// `double precision`.
    Float64,
    /// `numeric`.
    Numeric,
    /// Whatever has no fixed length: text, `bytea`, json, arrays, rows, bit strings.
    Bytes,
    /// `interval`.
    Interval,
    /// `time with time zone`.
    TimeTz,
    /// `uuid`.
    Uuid,
}

impl Kind {
    /// Every kind, by its code.
    pub const ALL: [Kind; 11] = [
        Kind::Bool,
        Kind::Int16,
        Kind::Int32,
        Kind::Int64,
        Kind::Float32,
        Kind::Float64,
        Kind::Numeric,
        Kind::Bytes,
        Kind::Interval,
        Kind::TimeTz,
        Kind::Uuid,
    ];

    /// Whether values of two kinds of numbers have as many bits, so that those of one may be taken for values of the other.
    pub fn is_as_wide(self, other: Kind) -> bool {
        matches!(
            (self, other),
            (Kind::Int32, Kind::Float32)
                | (Kind::Float32, Kind::Int32)
                | (Kind::Int64, Kind::Float64)
                | (Kind::Float64, Kind::Int64)
        )
    }

    /// The number by which stored forms name it.
    pub fn code(self) -> u8 {
        self as u8
    }

    /// The kind with this number.
    pub fn from_code(code: u8) -> Option<Kind> {
        Kind::ALL.get(usize::from(code)).copied()
    }

    /// Bytes that a value takes where it is stored in a slot; `None` where the length is the value's own.
    pub fn stored_width(self) -> Option<usize> {
        match self {
            Kind::Bool => Some(1),
            Kind::Int16 => Some(2),
            Kind::Int32 | Kind::Float32 => Some(4),
            Kind::Int64 | Kind::Float64 => Some(8),
            Kind::TimeTz => Some(12),
            Kind::Interval | Kind::Uuid => Some(16),
            Kind::Numeric | Kind::Bytes => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Kind;

    #[test]
    fn codes_are_places_in_the_list() {
        for kind in Kind::ALL {
            assert_eq!(Kind::from_code(kind.code()), Some(kind));
        }
        assert_eq!(Kind::from_code(11), None);
    }
}
