//! Changes of tables and their like.

use super::expression::{Expression, Operand};
use super::foreign::ForeignOption;
use super::object::ObjectKind;
use super::option::{Definition, DropBehavior, RoleName};
use super::select::Relation;
use super::sequence::SequenceOption;
use super::table::{ColumnSpecification, PartitionBound, TableConstraint};
use super::{Name, QualifiedName, TypeName};

/// `ALTER TABLE …`, `ALTER INDEX …`, `ALTER SEQUENCE …`, `ALTER VIEW …`, `ALTER TYPE …` of a composite type.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct AlterTable<'a> {
    /// What it says that it alters.
    pub kind: ObjectKind,
    /// `IF EXISTS`
    pub if_exists: bool,
    /// Which.
    pub table: Relation<'a>,
    /// What is changed, in order.
    pub actions: &'a [AlterAction<'a>],
}

/// A change, and where it stands.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct AlterAction<'a> {
    /// Which.
    pub kind: AlterActionKind<'a>,
    /// Where it begins.
    pub position: u32,
}

/// A change of a table.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum AlterActionKind<'a> {
    /// `ADD COLUMN …`
    AddColumn {
        /// `IF NOT EXISTS`
        if_not_exists: bool,
        /// The column.
        column: &'a ColumnSpecification<'a>,
        /// Of a composite type: what becomes of its tables.
        behavior: DropBehavior,
    },
    /// `DROP COLUMN …`
    DropColumn {
        /// `IF EXISTS`
        if_exists: bool,
        /// Its name.
        name: Name<'a>,
        /// `CASCADE`
        behavior: DropBehavior,
    },
    /// `ALTER COLUMN …`
    Column(ColumnReference<'a>, ColumnAction<'a>),
    /// `ADD CONSTRAINT …`
    AddConstraint(&'a TableConstraint<'a>),
    /// `ALTER CONSTRAINT …`
    AlterConstraint {
        /// Its name.
        name: Name<'a>,
        /// `DEFERRABLE`
        deferrable: bool,
        /// `INITIALLY DEFERRED`
        initially_deferred: bool,
    },
    /// `VALIDATE CONSTRAINT …`
    ValidateConstraint(Name<'a>),
    /// `DROP CONSTRAINT …`
    DropConstraint {
        /// `IF EXISTS`
        if_exists: bool,
        /// Its name.
        name: Name<'a>,
        /// `CASCADE`
        behavior: DropBehavior,
    },
    /// `OWNER TO …`
    Owner(RoleName<'a>),
    /// `SET (…)`
    SetOptions(&'a [Definition<'a>]),
    /// `RESET (…)`
    ResetOptions(&'a [Definition<'a>]),
    /// `SET LOGGED`, `SET UNLOGGED`
    SetLogged(bool),
    /// `SET TABLESPACE …`
    SetTablespace(Name<'a>),
    /// `SET ACCESS METHOD …`
    SetAccessMethod(Name<'a>),
    /// `SET WITHOUT CLUSTER`
    WithoutCluster,
    /// `SET WITHOUT OIDS`, which does nothing.
    WithoutOids,
    /// `CLUSTER ON index`
    ClusterOn(Name<'a>),
    /// `INHERIT parent`, `NO INHERIT parent`
    Inherit(QualifiedName<'a>, bool),
    /// `OF type`
    Of(QualifiedName<'a>),
    /// `NOT OF`
    NotOf,
    /// `REPLICA IDENTITY …`
    ReplicaIdentity(ReplicaIdentity<'a>),
    /// `ENABLE TRIGGER …`, `DISABLE RULE …`
    Switch(Switch<'a>),
    /// `ENABLE ROW LEVEL SECURITY` and its like.
    RowSecurity(RowSecurity),
    /// `ATTACH PARTITION …`; of an index without a bound.
    AttachPartition(QualifiedName<'a>, Option<PartitionBound<'a>>),
    /// `DETACH PARTITION …`
    DetachPartition(QualifiedName<'a>, Detach),
    /// `OPTIONS (…)` of a foreign table.
    ForeignOptions(&'a [ForeignOption<'a>]),
}

/// A column of a table, by its name, or an index's by its number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ColumnReference<'a> {
    /// By name.
    Name(Name<'a>),
    /// By number.
    Number(i32, u32),
}

/// A change of a column.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum ColumnAction<'a> {
    /// `SET DEFAULT …`
    SetDefault(Operand<'a>),
    /// `DROP DEFAULT`
    DropDefault,
    /// `SET NOT NULL`
    SetNotNull,
    /// `DROP NOT NULL`
    DropNotNull,
    /// `DROP EXPRESSION [IF EXISTS]`
    DropExpression(bool),
    /// `TYPE … COLLATE … USING …`
    Type {
        /// The new type.
        type_name: TypeName<'a>,
        /// `COLLATE …`
        collation: Option<QualifiedName<'a>>,
        /// `USING …`
        using: Option<Operand<'a>>,
        /// Of a composite type: what becomes of its tables.
        behavior: DropBehavior,
    },
    /// `SET STATISTICS n`
    Statistics(i32),
    /// `SET (…)`
    SetOptions(&'a [Definition<'a>]),
    /// `RESET (…)`
    ResetOptions(&'a [Definition<'a>]),
    /// `SET STORAGE …`
    Storage(Name<'a>),
    /// `SET COMPRESSION …`
    Compression(Name<'a>),
    /// `ADD GENERATED … AS IDENTITY (…)`
    AddIdentity {
        /// `ALWAYS`, not `BY DEFAULT`.
        always: bool,
        /// Options of its sequence.
        options: &'a [SequenceOption<'a>],
    },
    /// `SET GENERATED …`, `RESTART`, `SET sequence option`
    SetIdentity(&'a [IdentityChange<'a>]),
    /// `DROP IDENTITY [IF EXISTS]`
    DropIdentity(bool),
    /// `OPTIONS (…)` of a foreign table's column.
    ForeignOptions(&'a [ForeignOption<'a>]),
}

/// A change of an identity column.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum IdentityChange<'a> {
    /// `SET GENERATED ALWAYS`, `BY DEFAULT`
    Always(bool),
    /// An option of its sequence.
    Sequence(SequenceOption<'a>),
}

/// What tells a row in a replica.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)] // each is what it is called
pub enum ReplicaIdentity<'a> {
    Nothing,
    Full,
    Default,
    Index(Name<'a>),
}

/// `ENABLE [ALWAYS | REPLICA] TRIGGER name`
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Switch<'a> {
    /// On or off.
    pub state: SwitchState,
    /// Whether it is about rules, not triggers.
    pub rule: bool,
    /// Which.
    pub target: SwitchTarget<'a>,
}

/// Whether a trigger fires.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)] // each is what it is called
pub enum SwitchState {
    Enabled,
    Always,
    Replica,
    Disabled,
}

/// Which triggers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)] // each is what it is called
pub enum SwitchTarget<'a> {
    Named(Name<'a>),
    All,
    User,
}

/// Row-level security of a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)] // each is what it is called
pub enum RowSecurity {
    Enable,
    Disable,
    Force,
    NoForce,
}

/// How a partition is detached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)] // each is what it is called
pub enum Detach {
    Now,
    Concurrently,
    Finalize,
}

/// `ALTER DOMAIN …`
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct AlterDomain<'a> {
    /// Which.
    pub name: QualifiedName<'a>,
    /// What is changed.
    pub action: DomainAction<'a>,
}

/// A change of a domain.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum DomainAction<'a> {
    /// `SET DEFAULT …`
    SetDefault(Expression<'a>),
    /// `DROP DEFAULT`
    DropDefault,
    /// `SET NOT NULL`
    SetNotNull,
    /// `DROP NOT NULL`
    DropNotNull,
    /// `ADD CONSTRAINT …`
    AddConstraint(&'a TableConstraint<'a>),
    /// `DROP CONSTRAINT …`
    DropConstraint {
        /// `IF EXISTS`
        if_exists: bool,
        /// Its name.
        name: Name<'a>,
        /// `CASCADE`
        behavior: DropBehavior,
    },
    /// `VALIDATE CONSTRAINT …`
    ValidateConstraint(Name<'a>),
}
