//! Objects of every kind as statements name them: `DROP`, `COMMENT`, `RENAME`, `OWNER TO`, `SET SCHEMA`.

use super::expression::Operator;
use super::option::{DropBehavior, RoleName};
use super::routine::Parameter;
use super::{Name, QualifiedName, TypeName};

/// Kinds of objects.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)] // each is what it is called
pub enum ObjectKind {
    AccessMethod,
    Aggregate,
    Cast,
    Collation,
    Column,
    Constraint,
    Conversion,
    Database,
    Domain,
    DomainConstraint,
    EventTrigger,
    Extension,
    ForeignDataWrapper,
    ForeignTable,
    Function,
    Index,
    Language,
    LargeObject,
    MaterializedView,
    Operator,
    OperatorClass,
    OperatorFamily,
    Policy,
    Procedure,
    Publication,
    Role,
    Routine,
    Rule,
    Schema,
    Sequence,
    Server,
    Statistics,
    Subscription,
    Table,
    Tablespace,
    TextSearchConfiguration,
    TextSearchDictionary,
    TextSearchParser,
    TextSearchTemplate,
    Transform,
    Trigger,
    Type,
    View,
}

/// An object, named as its kind is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum ObjectName<'a> {
    /// By its name, perhaps in a schema; a column with its table's name before it.
    Named(QualifiedName<'a>),
    /// A type or a domain.
    Type(TypeName<'a>),
    /// A routine or an aggregate.
    Routine(Signature<'a>),
    /// An operator with the types of its operands, of which one may be missing.
    Operator(Operator<'a>, [Option<TypeName<'a>>; 2]),
    /// Something of a relation: a constraint, a trigger, a rule, a policy.
    Of(Name<'a>, QualifiedName<'a>),
    /// A constraint of a domain.
    OfDomain(Name<'a>, TypeName<'a>),
    /// A cast.
    Cast(TypeName<'a>, TypeName<'a>),
    /// Something with an access method or a language behind it.
    Using(QualifiedName<'a>, Name<'a>),
    /// A transform: of a type, for a language.
    Transform(TypeName<'a>, Name<'a>),
    /// A large object, by its number.
    Number(super::Expression<'a>),
}

/// A routine by its name and, if they are written, its parameters.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Signature<'a> {
    /// Its name.
    pub name: QualifiedName<'a>,
    /// Its parameters; `None` if no parentheses are written.
    pub parameters: Option<&'a [Parameter<'a>]>,
}

/// `DROP …`
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Drop<'a> {
    /// What.
    pub kind: ObjectKind,
    /// `IF EXISTS`
    pub if_exists: bool,
    /// `CONCURRENTLY`, of indexes.
    pub concurrently: bool,
    /// Which: at least one.
    pub objects: &'a [ObjectName<'a>],
    /// `CASCADE`
    pub behavior: DropBehavior,
    /// `WITH (FORCE)`, of databases.
    pub force: bool,
}

/// `COMMENT ON … IS …`
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Comment<'a> {
    /// Of which kind.
    pub kind: ObjectKind,
    /// Which.
    pub object: ObjectName<'a>,
    /// The text; `None` drops it.
    pub text: Option<&'a str>,
}

/// `CREATE EXTENSION …`
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CreateExtension<'a> {
    /// `IF NOT EXISTS`
    pub if_not_exists: bool,
    /// Which.
    pub name: Name<'a>,
    /// `SCHEMA …`
    pub schema: Option<Name<'a>>,
    /// `VERSION …`
    pub version: Option<Name<'a>>,
    /// `CASCADE`
    pub cascade: bool,
    /// Where an option stands that stood there before.
    pub twice: Option<u32>,
}

/// `ALTER EXTENSION …`, but for its schema.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct AlterExtension<'a> {
    /// Which.
    pub name: Name<'a>,
    /// What is done.
    pub action: ExtensionAction<'a>,
}

/// What is done with an extension.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum ExtensionAction<'a> {
    /// `UPDATE [TO …]`; the version, and where one stands that stood there before.
    Update(Option<Name<'a>>, Option<u32>),
    /// `ADD …`
    Add,
    /// `DROP …`
    Drop,
}

/// `ALTER … RENAME TO …`
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rename<'a> {
    /// Of which kind.
    pub kind: ObjectKind,
    /// For a column or a constraint: the kind of what it belongs to.
    pub of: Option<ObjectKind>,
    /// `IF EXISTS`
    pub if_exists: bool,
    /// `ONLY`: not in what inherits from it.
    pub only: bool,
    /// Which; for a column, a constraint and their like what it belongs to.
    pub object: ObjectName<'a>,
    /// Its name within that.
    pub part: Option<Name<'a>>,
    /// The new name.
    pub to: Name<'a>,
    /// `CASCADE`, of attributes.
    pub behavior: DropBehavior,
}

/// `ALTER … OWNER TO …` of what is no table.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SetOwner<'a> {
    /// Of which kind.
    pub kind: ObjectKind,
    /// Which.
    pub object: ObjectName<'a>,
    /// The new owner.
    pub owner: RoleName<'a>,
}

/// `ALTER … SET SCHEMA …`
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SetSchema<'a> {
    /// Of which kind.
    pub kind: ObjectKind,
    /// `IF EXISTS`
    pub if_exists: bool,
    /// Which.
    pub object: ObjectName<'a>,
    /// The new schema.
    pub schema: Name<'a>,
}
