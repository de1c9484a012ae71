//! What depends on what.

use crate::object::Oid;

/// An object, or a column of one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Address {
    /// Its number.
    pub oid: Oid,
    /// 0 for the object as a whole, or a column counted from 1, as `objsubid` says it.
    pub part: u16,
}

impl Address {
    /// An object as a whole.
    pub const fn of(oid: Oid) -> Address {
        Address { oid, part: 0 }
    }

    /// A column, counted from 0.
    pub const fn column(oid: Oid, column: u16) -> Address {
        Address { oid, part: column.saturating_add(1) }
    }
}

/// How one object depends on another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum DependencyKind {
    /// It stands in the way of RESTRICT.
    Normal,
    /// It goes along.
    Auto,
    /// It is a part: it goes along, and does not go alone.
    Internal,
    /// It is a member of an extension: it goes along, and does not go alone.
    Extension,
}

impl DependencyKind {
    /// `pg_depend.deptype`.
    pub fn letter(self) -> u8 {
        match self {
            DependencyKind::Normal => b'n',
            DependencyKind::Auto => b'a',
            DependencyKind::Internal => b'i',
            DependencyKind::Extension => b'e',
        }
    }

    /// Whether it goes with what it depends on only.
    pub(crate) fn is_of_a_whole(self) -> bool {
        match self {
            DependencyKind::Normal | DependencyKind::Auto => false,
            DependencyKind::Internal | DependencyKind::Extension => true,
        }
    }

    pub(crate) fn from_bytes(bytes: &[u8]) -> Option<DependencyKind> {
        match bytes {
            b"n" => Some(DependencyKind::Normal),
            b"a" => Some(DependencyKind::Auto),
            b"i" => Some(DependencyKind::Internal),
            b"e" => Some(DependencyKind::Extension),
            _ => None,
        }
    }
}

/// That something depends on something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Dependency {
    /// What depends.
    pub dependent: Address,
    /// On what.
    pub on: Address,
    /// How.
    pub kind: DependencyKind,
}
