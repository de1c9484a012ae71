//! Lock modes and which of them conflict: PostgreSQL's two tables.
//!
//! Invariants
//!
//! 1. Both tables are symmetric: if `a` conflicts with `b`, `b` conflicts with `a`.
//! 2. Row modes that are held form a chain: each conflicts with everything that the one before it conflicts with. Holding a mode is
//!    therefore as good as holding any before it, but that only some of them say that the row was written.
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

/// The modes in which a row (or a unique key) is locked, weakest first: the four of SQL, the stronger two of them told apart by
/// whether the row is written, and one that is only asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum RowMode {
    /// `FOR KEY SHARE`: the row may change, its key may not. Foreign-key checks take it.
    KeyShare = 0,
    /// `FOR SHARE`: the row may not change.
    Share = 1,
    /// `FOR NO KEY UPDATE`, which keeps the same from others as [`RowMode::NoKeyUpdate`].
    HoldNoKeyUpdate = 2,
    /// An `UPDATE` that leaves the key columns alone.
    NoKeyUpdate = 3,
    /// `FOR UPDATE`, which keeps the same from others as [`RowMode::Update`].
    HoldUpdate = 4,
    /// A `DELETE`, an `UPDATE` of key columns, an insertion into a unique index.
    Update = 5,
    /// That nobody else is writing the row, however it is held.
    Unwritten = 6,
}

impl RowMode {
    /// All modes in which rows are held, weakest first.
    pub const ALL: [RowMode; 6] = [
        RowMode::KeyShare,
        RowMode::Share,
        RowMode::HoldNoKeyUpdate,
        RowMode::NoKeyUpdate,
        RowMode::HoldUpdate,
        RowMode::Update,
    ];

    /// The mode in which a row is held that may be left as it is in the end, where it would be written in this one.
    pub const fn without_writing(self) -> RowMode {
        match self {
            RowMode::NoKeyUpdate => RowMode::HoldNoKeyUpdate,
            RowMode::Update => RowMode::HoldUpdate,
            RowMode::KeyShare
            | RowMode::Share
            | RowMode::HoldNoKeyUpdate
            | RowMode::HoldUpdate
            | RowMode::Unwritten => self,
        }
    }

    pub(super) const fn bit(self) -> u16 {
        1 << (self as u8)
    }

    const fn conflicts(self) -> u16 {
        match self {
            RowMode::KeyShare => 0b011_0000,
            RowMode::Share => 0b011_1100,
            RowMode::HoldNoKeyUpdate => 0b011_1110,
            RowMode::NoKeyUpdate => 0b111_1110,
            RowMode::HoldUpdate => 0b011_1111,
            RowMode::Update => 0b111_1111,
            RowMode::Unwritten => 0b010_1000,
        }
    }

    /// The modes that make this one superfluous to who holds them.
    const fn satisfied_by(self) -> u16 {
        match self {
            RowMode::KeyShare => 0b011_1111,
            RowMode::Share => 0b011_1110,
            RowMode::HoldNoKeyUpdate => 0b011_1100,
            RowMode::NoKeyUpdate => 0b010_1000,
            RowMode::HoldUpdate => 0b011_0000,
            RowMode::Update => 0b010_0000,
            RowMode::Unwritten => 0b111_1110,
        }
    }

    /// Whether who holds the row in this mode need not ask for the other.
    pub const fn is_as_good_as(self, other: RowMode) -> bool {
        other.satisfied_by() & self.bit() != 0
    }

    /// Whether two transactions cannot hold `self` and `other` on one row together.
    pub const fn conflicts_with(self, other: RowMode) -> bool {
        self.conflicts() & other.bit() != 0
    }

    /// The strongest mode of a mask.
    pub(super) fn strongest(mask: u16) -> Option<RowMode> {
        RowMode::ALL.into_iter().rev().find(|mode| mask & mode.bit() != 0)
    }

    /// The clause of SQL that asks for it.
    pub const fn name(self) -> &'static str {
        match self {
            RowMode::KeyShare => "For Key Share",
            RowMode::Share => "For Share",
            RowMode::HoldNoKeyUpdate | RowMode::NoKeyUpdate => "For No Key Update",
            RowMode::HoldUpdate | RowMode::Update => "For Update",
            RowMode::Unwritten => "Unwritten",
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
            LockMode::Row(mode) => mode.satisfied_by(),
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
        let row_modes = || RowMode::ALL.into_iter().chain([RowMode::Unwritten]);
        for a in row_modes() {
            for b in row_modes() {
                assert_eq!(a.conflicts_with(b), b.conflicts_with(a), "{a:?} {b:?}");
            }
        }
    }

    #[test]
    fn a_stronger_row_mode_conflicts_with_all_that_a_weaker_one_does() {
        // But for whoever asks whether the row is written.
        let conflicts = |mode: RowMode| mode.conflicts() & !RowMode::Unwritten.bit();
        for pair in RowMode::ALL.windows(2) {
            assert_eq!(conflicts(pair[0]) & !conflicts(pair[1]), 0);
            assert!(!pair[0].is_as_good_as(pair[1]), "{pair:?}");
        }
        for mode in RowMode::ALL {
            assert!(mode.is_as_good_as(mode));
            assert!(RowMode::Update.is_as_good_as(mode));
            // Who holds a row that he has not written has nothing of one who has.
            let writes = mode.conflicts_with(RowMode::Unwritten);
            assert!(
                RowMode::ALL.iter().all(|other| !other.is_as_good_as(mode)
                    || conflicts(*other) & conflicts(mode) == conflicts(mode))
            );
            assert!(
                !writes
                    || RowMode::ALL
                        .iter()
                        .all(|other| !other.is_as_good_as(mode) || other.conflicts_with(RowMode::Unwritten))
            );
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
