//! Who may do what.

use super::Oid;
use bincode::{Decode, Encode};

/// A set of privileges.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Encode, Decode)]
pub struct Privileges(pub u16);

impl Privileges {
    /// None.
    pub const NONE: Privileges = Privileges(0);
    /// INSERT.
    pub const INSERT: Privileges = Privileges(1);
    /// SELECT.
    pub const SELECT: Privileges = Privileges(1 << 1);
    /// UPDATE.
    pub const UPDATE: Privileges = Privileges(1 << 2);
    /// DELETE.
    pub const DELETE: Privileges = Privileges(1 << 3);
    /// TRUNCATE.
    pub const TRUNCATE: Privileges = Privileges(1 << 4);
    /// REFERENCES.
    pub const REFERENCES: Privileges = Privileges(1 << 5);
    /// TRIGGER.
    pub const TRIGGER: Privileges = Privileges(1 << 6);
    /// EXECUTE.
    pub const EXECUTE: Privileges = Privileges(1 << 7);
    /// USAGE.
    pub const USAGE: Privileges = Privileges(1 << 8);
    /// CREATE.
    pub const CREATE: Privileges = Privileges(1 << 9);
    /// TEMPORARY.
    pub const TEMPORARY: Privileges = Privileges(1 << 10);
    /// CONNECT.
    pub const CONNECT: Privileges = Privileges(1 << 11);

    /// All that a table has.
    pub const TABLE: Privileges = Privileges(0x7f);
    /// All that a column has.
    pub const COLUMN: Privileges = Privileges(0x27);
    /// All that a sequence has.
    pub const SEQUENCE: Privileges = Privileges(1 << 8 | 1 << 1 | 1 << 2);
    /// All that a schema has.
    pub const SCHEMA: Privileges = Privileges(1 << 8 | 1 << 9);
    /// All that a database has.
    pub const DATABASE: Privileges = Privileges(1 << 9 | 1 << 10 | 1 << 11);

    /// Each privilege with its letter and word, in the order in which ACLs show them.
    pub const ALL: [(Privileges, char, &'static str); 12] = [
        (Privileges::INSERT, 'a', "INSERT"),
        (Privileges::SELECT, 'r', "SELECT"),
        (Privileges::UPDATE, 'w', "UPDATE"),
        (Privileges::DELETE, 'd', "DELETE"),
        (Privileges::TRUNCATE, 'D', "TRUNCATE"),
        (Privileges::REFERENCES, 'x', "REFERENCES"),
        (Privileges::TRIGGER, 't', "TRIGGER"),
        (Privileges::EXECUTE, 'X', "EXECUTE"),
        (Privileges::USAGE, 'U', "USAGE"),
        (Privileges::CREATE, 'C', "CREATE"),
        (Privileges::TEMPORARY, 'T', "TEMPORARY"),
        (Privileges::CONNECT, 'c', "CONNECT"),
    ];

    /// Whether all of `other` are among them.
    pub fn contains(self, other: Privileges) -> bool {
        self.0 & other.0 == other.0
    }

    /// Those of either.
    pub fn with(self, other: Privileges) -> Privileges {
        Privileges(self.0 | other.0)
    }

    /// Those that are not of `other`.
    pub fn without(self, other: Privileges) -> Privileges {
        Privileges(self.0 & !other.0)
    }

    /// Whether there are none.
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }
}

/// What one role has given another.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct Grant {
    /// Who may; 0 for PUBLIC.
    pub grantee: Oid,
    /// Who said so.
    pub grantor: Oid,
    /// What.
    pub privileges: Privileges,
    /// What of it he may give on.
    pub grant_option: Privileges,
}

/// All grants on an object; `None` as long as nobody has granted or revoked anything, which means what the kind of object
/// begins with.
pub type Acl = Option<Vec<Grant>>;

/// Kinds of objects that default privileges are for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[allow(missing_docs)] // each is what it is called
pub enum DefaultKind {
    Table,
    Sequence,
    Function,
    Type,
    Schema,
}

impl DefaultKind {
    /// All, with their letters in `pg_default_acl`.
    pub const ALL: [(DefaultKind, u8); 5] = [
        (DefaultKind::Table, b'r'),
        (DefaultKind::Sequence, b'S'),
        (DefaultKind::Function, b'f'),
        (DefaultKind::Type, b'T'),
        (DefaultKind::Schema, b'n'),
    ];

    /// Its letter there.
    pub fn letter(self) -> u8 {
        match self {
            DefaultKind::Table => b'r',
            DefaultKind::Sequence => b'S',
            DefaultKind::Function => b'f',
            DefaultKind::Type => b'T',
            DefaultKind::Schema => b'n',
        }
    }

    /// All that such an object has.
    pub fn all(self) -> Privileges {
        match self {
            DefaultKind::Table => Privileges::TABLE,
            DefaultKind::Sequence => Privileges::SEQUENCE,
            DefaultKind::Function => Privileges::EXECUTE,
            DefaultKind::Type => Privileges::USAGE,
            DefaultKind::Schema => Privileges::SCHEMA,
        }
    }

    /// What such an object of `owner` begins with if nobody has said anything.
    pub fn grants(self, owner: Oid) -> Vec<Grant> {
        let public = match self {
            DefaultKind::Function => Privileges::EXECUTE,
            DefaultKind::Type => Privileges::USAGE,
            DefaultKind::Table | DefaultKind::Sequence | DefaultKind::Schema => Privileges::NONE,
        };
        crate::privilege::default_grants(owner, self.all(), public)
    }

    /// What messages call new ones.
    pub fn words(self) -> &'static str {
        match self {
            DefaultKind::Table => "relations",
            DefaultKind::Sequence => "sequences",
            DefaultKind::Function => "functions",
            DefaultKind::Type => "types",
            DefaultKind::Schema => "schemas",
        }
    }
}

/// For what new objects default privileges are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct DefaultFor {
    /// Who makes them.
    pub role: Oid,
    /// In which schema; 0 for all.
    pub schema: Oid,
    /// Of which kind.
    pub kind: DefaultKind,
}
