//! Lock modes and which of them conflict: PostgreSQL's two tables.
//!
//! Invariants
//!
//! 1. Both tables are symmetric: if `a` conflicts with `b`, `b` conflicts with `a`.
//! 2. Row modes form a chain: each conflicts with everything that the one before it conflicts with. Holding a mode is
//!    therefore as good as holding any before it.
//! 3. A mode is one bit; sets of modes are masks, so that "does it conflict with any of those" is one `and`.

use std::fmt;

/// The eight modes in which a relation is locked, weakest first. Advisory locks use `Share` and `Exclusive` of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum RelationMode {
    /// `SELECT`.
    AccessShare = 1,
    /// `SELECT FOR UPDATE` and its kin.
    RowShare = 2,
    /// `INSERT`, `UPDATE`, `DELETE`.
    RowExclusive = 3,
    /// `VACUUM`, `ANALYZE`, `CREATE INDEX CONCURRENTLY`.
    ShareUpdateExclusive = 4,
    /// `CREATE INDEX`.
    Share = 5,
    /// `CREATE TRIGGER`, some `ALTER TABLE`.
    ShareRowExclusive = 6,
    /// `REFRESH MATERIALIZED VIEW CONCURRENTLY`: lets readers in, nobody else.
    Exclusive = 7,
    /// `DROP`, `TRUNCATE`, most `ALTER TABLE`: alone.
    AccessExclusive = 8,
}

impl RelationMode {
    /// All modes, weakest first.
    pub const ALL: [RelationMode; 8] = [
        RelationMode::AccessShare,
        RelationMode::RowShare,
        RelationMode::RowExclusive,
        RelationMode::ShareUpdateExclusive,
        RelationMode::Share,
        RelationMode::ShareRowExclusive,
        RelationMode::Exclusive,
        RelationMode::AccessExclusive,
    ];

    const fn bit(self) -> u16 {
        1 << (self as u8)
    }

    const fn conflicts(self) -> u16 {
        // Bit n is mode n; the rows are PostgreSQL's LockConflicts.
        match self {
            RelationMode::AccessShare => 0b1_0000_0000,
            RelationMode::RowShare => 0b1_1000_0000,
            RelationMode::RowExclusive => 0b1_1110_0000,
            RelationMode::ShareUpdateExclusive => 0b1_1111_0000,
            RelationMode::Share => 0b1_1101_1000,
            RelationMode::ShareRowExclusive => 0b1_1111_1000,
            RelationMode::Exclusive => 0b1_1111_1100,
            RelationMode::AccessExclusive => 0b1_1111_1110,
        }
    }

    /// Whether two transactions cannot hold `self` and `other` on one relation together.
    pub const fn conflicts_with(self, other: RelationMode) -> bool {
        self.conflicts() & other.bit() != 0
    }

    /// The name that `pg_locks` shows.
    pub const fn name(self) -> &'static str {
        match self {
            RelationMode::AccessShare => "AccessShareLock",
            RelationMode::RowShare => "RowShareLock",
            RelationMode::RowExclusive => "RowExclusiveLock",
            RelationMode::ShareUpdateExclusive => "ShareUpdateExclusiveLock",
            RelationMode::Share => "ShareLock",
            RelationMode::ShareRowExclusive => "ShareRowExclusiveLock",
            RelationMode::Exclusive => "ExclusiveLock",
            RelationMode::AccessExclusive => "AccessExclusiveLock",
        }
    }
}

/// The four modes in which a row (or a unique key) is locked, weakest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum RowMode {
    /// `FOR KEY SHARE`: the row may change, its key may not. Foreign-key checks take it.
    KeyShare = 0,
    /// `FOR SHARE`: the row may not change.
    Share = 1,
    /// `FOR NO KEY UPDATE`: an `UPDATE` that leaves the key columns alone.
    NoKeyUpdate = 2,
    /// `FOR UPDATE`: a `DELETE`, an `UPDATE` of key columns, an insertion into a unique index.
    Update = 3,
}

impl RowMode {
    /// All modes, weakest first.
    pub const ALL: [RowMode; 4] = [RowMode::KeyShare, RowMode::Share, RowMode::NoKeyUpdate, RowMode::Update];

    pub(super) const fn bit(self) -> u16 {
        1 << (self as u8)
    }

    const fn conflicts(self) -> u16 {
        match self {
            RowMode::KeyShare => 0b1000,
            RowMode::Share => 0b1100,
            RowMode::NoKeyUpdate => 0b1110,
            RowMode::Update => 0b1111,
        }
    }

    /// Whether two transactions cannot hold `self` and `other` on one row together.
    pub const fn conflicts_with(self, other: RowMode) -> bool {
        self.conflicts() & other.bit() != 0
    }

    /// The strongest mode of a mask.
    pub(super) const fn strongest(mask: u16) -> Option<RowMode> {
        match mask {
            0 => None,
            1 => Some(RowMode::KeyShare),
            2..=3 => Some(RowMode::Share),
            4..=7 => Some(RowMode::NoKeyUpdate),
            _ => Some(RowMode::Update),
        }
    }

    /// The clause of SQL that asks for it.
    pub const fn name(self) -> &'static str {
        match self {
            RowMode::KeyShare => "For Key Share",
            RowMode::Share => "For Share",
            RowMode::NoKeyUpdate => "For No Key Update",
            RowMode::Update => "For Update",
        }
    }
}

/// A mode of either table. Requests on one target are always of one kind, so their bits never meet.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LockMode {
    /// Of a relation or an advisory lock.
    Relation(RelationMode),
    /// Of a row or a unique key.
    Row(RowMode),
}

impl LockMode {
    pub(super) const fn bit(self) -> u16 {
        match self {
            LockMode::Relation(mode) => mode.bit(),
            LockMode::Row(mode) => mode.bit(),
        }
    }

    pub(super) const fn conflicts(self) -> u16 {
        match self {
            LockMode::Relation(mode) => mode.conflicts(),
            LockMode::Row(mode) => mode.conflicts(),
        }
    }

    /// The modes that, when held by the requester itself, make this request superfluous (invariant 2; relation modes
    /// stand for themselves only, because `pg_locks` shows each that was asked for).
    pub(super) const fn satisfied_by(self) -> u16 {
        match self {
            LockMode::Relation(mode) => mode.bit(),
            LockMode::Row(mode) => 0b1111 & !(mode.bit() - 1),
        }
    }

    /// The name that `pg_locks` or the SQL clause uses.
    pub const fn name(self) -> &'static str {
        match self {
            LockMode::Relation(mode) => mode.name(),
            LockMode::Row(mode) => mode.name(),
        }
    }
}

impl fmt::Debug for LockMode {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

impl fmt::Display for LockMode {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_tables_are_symmetric() {
        for a in RelationMode::ALL {
            for b in RelationMode::ALL {
                assert_eq!(a.conflicts_with(b), b.conflicts_with(a), "{a:?} {b:?}");
            }
        }
        for a in RowMode::ALL {
            for b in RowMode::ALL {
                assert_eq!(a.conflicts_with(b), b.conflicts_with(a), "{a:?} {b:?}");
            }
        }
    }

    #[test]
    fn a_stronger_row_mode_conflicts_with_all_that_a_weaker_one_does() {
        for pair in RowMode::ALL.windows(2) {
            assert_eq!(pair[0].conflicts() & !pair[1].conflicts(), 0);
            assert_ne!(LockMode::Row(pair[0]).satisfied_by() & pair[1].bit(), 0);
            assert_eq!(LockMode::Row(pair[1]).satisfied_by() & pair[0].bit(), 0);
        }
    }

    #[test]
    fn the_strongest_mode_of_a_mask_is_its_highest_bit() {
        assert_eq!(RowMode::strongest(0), None);
        for mode in RowMode::ALL {
            assert_eq!(RowMode::strongest(mode.bit() | 1), Some(mode));
        }
    }

    /// The conflict table of PostgreSQL's manual, chapter 13.3, row by row.
    #[test]
    fn relation_conflicts_are_those_of_the_manual() {
        let table = [
            "AccessShare          |.......X",
            "RowShare             |......XX",
            "RowExclusive         |....XXXX",
            "ShareUpdateExclusive |...XXXXX",
            "Share                |..XX.XXX",
            "ShareRowExclusive    |..XXXXXX",
            "Exclusive            |.XXXXXXX",
            "AccessExclusive      |XXXXXXXX",
        ];
        for (mode, row) in RelationMode::ALL.into_iter().zip(table) {
            let cells = row.split('|').nth(1).expect("each row has a bar");
            for (other, cell) in RelationMode::ALL.into_iter().zip(cells.chars()) {
                assert_eq!(mode.conflicts_with(other), cell == 'X', "{mode:?} against {other:?}");
            }
        }
    }
}
