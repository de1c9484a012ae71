//! Objects as plain values.
//!
//! Expressions and queries are SQL text with every name resolved, as the binder writes them: the catalog does not read
//! them. Columns are counted from 0, in the order of `columns`, dropped ones included; `pg_attribute.attnum` is one more.

mod access;
mod aggregate;
mod collation;
mod conversion;
mod datum;
mod event_trigger;
mod extended;
mod extension;
mod foreign;
mod inheritance;
mod operator;
mod origin;
mod policy;
mod range;
mod relation;
mod replication;
mod rewrite;
mod role;
mod routine;
mod rule;
mod search;
mod statistics;
mod tablespace;
mod trigger;
mod typed;

pub use access::{Acl, DefaultFor, DefaultKind, Grant, Privileges};
pub use aggregate::{Aggregate, AggregateSteps, StateUse};
pub use collation::{Collation, FIXED_COLLATIONS, FixedCollation};
pub use conversion::{Conversion, FIXED_CONVERSIONS, FixedConversion};
pub use datum::Datum;
pub use event_trigger::{DefinitionEvent, Enabled, EventTrigger};
pub use extended::{Combined, CommonCombination, ExtendedKinds, ExtendedStatistics, GatheredExpression};
pub use extension::Extension;
pub use foreign::{Foreign, ForeignOption, ForeignServer, ForeignWrapper, UserMapping};
pub use inheritance::{
    Inheritance, PartitionBound, PartitionColumn, PartitionKey, PartitionStrategy, RangeEdge,
};
pub use operator::{FamilyMember, MemberKind, Operator, OperatorClass, OperatorFamily};
pub use origin::{ForeignTable, Materialized, Origin};
pub use policy::{Policy, PolicyCommand};
pub use range::{Cast, CastWay, CastWhen, Multirange, RangeType};
pub use relation::{
    CheckOption, Column, ColumnDetails, ColumnStorage, Expression, Index, IndexKey, IndexMethod,
    IndexedValue, Persistence, Replica, Schema, Sequence, Source, Table, View, ViewColumn, first_behind,
};
pub use replication::{
    Publication, PublishedActions, PublishedSchema, PublishedTable, Replication, RowFilter, Subscription,
};
pub use rewrite::{RewriteRule, RuleEvent, RuleState};
pub use role::{Database, Membership, Role, Setting, SettingsOf};
pub use routine::{Argument, ArgumentMode, Body, Function, FunctionKind, Parallel, UNTYPED_NULL, Volatility};
pub use rule::{Action, Constraint, KeyTriggers, Match, Rule};
pub(crate) use search::fixed_search;
pub use search::{
    DEFAULT_PARSER, PARSER_FUNCTIONS, Search, SearchConfiguration, SearchDictionary, SearchParser,
    SearchTemplate,
};
pub use statistics::{ColumnStatistics, INHERITED, TableStatistics};
pub(crate) use tablespace::fixed_tablespaces;
pub use tablespace::{DEFAULT_TABLESPACE, SHARED_TABLESPACE, Tablespace};
pub use trigger::{Trigger, TriggerConstraint, TriggerEvents, TriggerTiming};
pub use typed::{BaseShape, BaseType, Composite, CompositeColumn, Domain, EnumLabel, EnumType};

use bincode::{Decode, Encode};
use std::sync::Arc;

/// An object's number, as users see it.
pub type Oid = u32;

/// pg_catalog.
pub const PG_CATALOG: Oid = 11;
/// pg_toast: there for those who look for it.
pub const PG_TOAST: Oid = 99;
/// The role whose members may run `CHECKPOINT`.
pub const PG_CHECKPOINT: Oid = 4544;
/// The role whose members see all that is counted, and what others do.
pub const PG_READ_ALL_STATS: Oid = 3375;
/// The role whose members may end what others do.
pub const PG_SIGNAL_BACKEND: Oid = 4200;
/// The role whose members may read files of the server.
pub const PG_READ_SERVER_FILES: Oid = 4569;
/// The role whose members may write them.
pub const PG_WRITE_SERVER_FILES: Oid = 4570;
/// public.
pub const PUBLIC: Oid = 2200;
/// information_schema.
pub const INFORMATION_SCHEMA: Oid = 13207;
/// The role every database begins with.
pub const SUPERUSER: Oid = 10;
/// The first number that a user's object may have.
pub const FIRST_USER_OID: Oid = 16384;

/// Temporary objects have numbers from here on, which no other session knows; others have numbers below.
pub const FIRST_TEMPORARY_OID: Oid = 1 << 30;
/// A session's temporary schema, once it has one.
pub const TEMPORARY_SCHEMA: Oid = FIRST_TEMPORARY_OID;

/// Whether the number is that of an object of this session alone.
pub fn is_temporary(oid: Oid) -> bool {
    oid >= FIRST_TEMPORARY_OID
}

/// Any object that stands under a number of its own.
#[derive(Debug, Clone, PartialEq, Encode, Decode)]
#[allow(missing_docs)] // each is what its name says
pub enum Object {
    Schema(Arc<Schema>),
    Table(Arc<Table>),
    Index(Arc<Index>),
    Sequence(Arc<Sequence>),
    View(Arc<View>),
    Constraint(Arc<Constraint>),
    Enum(Arc<EnumType>),
    Domain(Arc<Domain>),
    Composite(Arc<Composite>),
    Function(Arc<Function>),
    Role(Arc<Role>),
    Database(Arc<Database>),
    Range(Arc<RangeType>),
    Multirange(Arc<Multirange>),
    Cast(Arc<Cast>),
    Collation(Arc<Collation>),
    Operator(Arc<Operator>),
    Rewrite(Arc<RewriteRule>),
    Trigger(Arc<Trigger>),
    Base(Arc<BaseType>),
    OperatorClass(Arc<OperatorClass>),
    OperatorFamily(Arc<OperatorFamily>),
    Statistics(Arc<ExtendedStatistics>),
    Policy(Arc<Policy>),
    Foreign(Arc<Foreign>),
    Extension(Arc<Extension>),
    Replication(Arc<Replication>),
    EventTrigger(Arc<EventTrigger>),
    Search(Arc<Search>),
    Tablespace(Arc<Tablespace>),
    Conversion(Arc<Conversion>),
}

impl Object {
    /// The relation that it belongs to, as an index, a constraint, a rule, a trigger or a policy does.
    pub fn relation(&self) -> Option<Oid> {
        match self {
            Object::Index(index) => Some(index.table),
            Object::Constraint(constraint) => Some(constraint.table),
            Object::Rewrite(rule) => Some(rule.relation),
            Object::Trigger(trigger) => Some(trigger.relation),
            Object::Policy(policy) => Some(policy.table),
            Object::Schema(_)
            | Object::Table(_)
            | Object::Sequence(_)
            | Object::View(_)
            | Object::Enum(_)
            | Object::Domain(_)
            | Object::Composite(_)
            | Object::Base(_)
            | Object::Range(_)
            | Object::Multirange(_)
            | Object::Cast(_)
            | Object::Collation(_)
            | Object::Conversion(_)
            | Object::EventTrigger(_)
            | Object::Extension(_)
            | Object::Operator(_)
            | Object::OperatorClass(_)
            | Object::OperatorFamily(_)
            | Object::Statistics(_)
            | Object::Foreign(_)
            | Object::Replication(_)
            | Object::Search(_)
            | Object::Function(_)
            | Object::Role(_)
            | Object::Tablespace(_)
            | Object::Database(_) => None,
        }
    }

    /// Its number.
    pub fn oid(&self) -> Oid {
        match self {
            Object::Schema(schema) => schema.oid,
            Object::Table(table) => table.oid,
            Object::Index(index) => index.oid,
            Object::Sequence(sequence) => sequence.oid,
            Object::View(view) => view.oid,
            Object::Constraint(constraint) => constraint.oid,
            Object::Enum(enumeration) => enumeration.oid,
            Object::Domain(domain) => domain.oid,
            Object::Composite(composite) => composite.oid,
            Object::Function(function) => function.oid,
            Object::Role(role) => role.oid,
            Object::Database(database) => database.oid,
            Object::Tablespace(tablespace) => tablespace.oid,
            Object::Range(range) => range.oid,
            Object::Base(base) => base.oid,
            Object::Multirange(multirange) => multirange.oid,
            Object::Cast(cast) => cast.oid,
            Object::Collation(collation) => collation.oid,
            Object::Conversion(conversion) => conversion.oid,
            Object::Operator(operator) => operator.oid,
            Object::OperatorClass(class) => class.oid,
            Object::OperatorFamily(family) => family.oid,
            Object::Statistics(statistics) => statistics.oid,
            Object::Rewrite(rule) => rule.oid,
            Object::Trigger(trigger) => trigger.oid,
            Object::Policy(policy) => policy.oid,
            Object::Foreign(foreign) => foreign.oid(),
            Object::Replication(replication) => replication.oid(),
            Object::Search(search) => search.oid(),
            Object::Extension(extension) => extension.oid,
            Object::EventTrigger(trigger) => trigger.oid,
        }
    }

    /// Its name; a cast and a mapping of users have none.
    pub fn name(&self) -> &str {
        match self {
            Object::Schema(schema) => &schema.name,
            Object::Table(table) => &table.name,
            Object::Index(index) => &index.name,
            Object::Sequence(sequence) => &sequence.name,
            Object::View(view) => &view.name,
            Object::Constraint(constraint) => &constraint.name,
            Object::Enum(enumeration) => &enumeration.name,
            Object::Domain(domain) => &domain.name,
            Object::Composite(composite) => &composite.name,
            Object::Function(function) => &function.name,
            Object::Role(role) => &role.name,
            Object::Database(database) => &database.name,
            Object::Tablespace(tablespace) => &tablespace.name,
            Object::Range(range) => &range.name,
            Object::Base(base) => &base.name,
            Object::Multirange(multirange) => &multirange.name,
            Object::Collation(collation) => &collation.name,
            Object::Conversion(conversion) => &conversion.name,
            Object::Operator(operator) => &operator.name,
            Object::OperatorClass(class) => &class.name,
            Object::OperatorFamily(family) => &family.name,
            Object::Statistics(statistics) => &statistics.name,
            Object::Rewrite(rule) => &rule.name,
            Object::Trigger(trigger) => &trigger.name,
            Object::Policy(policy) => &policy.name,
            Object::Foreign(foreign) => foreign.name(),
            Object::Replication(replication) => replication.name(),
            Object::Search(search) => search.name(),
            Object::Extension(extension) => &extension.name,
            Object::EventTrigger(trigger) => &trigger.name,
            Object::Cast(_) => "",
        }
    }

    /// The schema it is in, if it is in one. An extension is in none: it says where its members go.
    pub fn schema(&self) -> Option<Oid> {
        match self {
            Object::Table(table) => Some(table.schema),
            Object::Index(index) => Some(index.schema),
            Object::Sequence(sequence) => Some(sequence.schema),
            Object::View(view) => Some(view.schema),
            Object::Constraint(constraint) => Some(constraint.schema),
            Object::Enum(enumeration) => Some(enumeration.schema),
            Object::Domain(domain) => Some(domain.schema),
            Object::Composite(composite) => Some(composite.schema),
            Object::Function(function) => Some(function.schema),
            Object::Range(range) => Some(range.schema),
            Object::Base(base) => Some(base.schema),
            Object::Multirange(multirange) => Some(multirange.schema),
            Object::Collation(collation) => Some(collation.schema),
            Object::Conversion(conversion) => Some(conversion.schema),
            Object::Operator(operator) => Some(operator.schema),
            Object::OperatorClass(class) => Some(class.schema),
            Object::OperatorFamily(family) => Some(family.schema),
            Object::Statistics(statistics) => Some(statistics.schema),
            Object::Search(search) => Some(search.schema()),
            Object::Schema(_)
            | Object::Role(_)
            | Object::Tablespace(_)
            | Object::Database(_)
            | Object::Cast(_)
            | Object::Rewrite(_)
            | Object::Foreign(_)
            | Object::Replication(_)
            | Object::Policy(_)
            | Object::EventTrigger(_)
            | Object::Extension(_)
            | Object::Trigger(_) => None,
        }
    }

    /// The role that owns it. An index's, a constraint's, a rule's, a trigger's and a policy's is its relation's.
    pub fn owner(&self) -> Option<Oid> {
        match self {
            Object::Schema(schema) => Some(schema.owner),
            Object::Table(table) => Some(table.owner),
            Object::Sequence(sequence) => Some(sequence.owner),
            Object::View(view) => Some(view.owner),
            Object::Enum(enumeration) => Some(enumeration.owner),
            Object::Domain(domain) => Some(domain.owner),
            Object::Composite(composite) => Some(composite.owner),
            Object::Function(function) => Some(function.owner),
            Object::Database(database) => Some(database.owner),
            Object::Tablespace(tablespace) => Some(tablespace.owner),
            Object::Range(range) => Some(range.owner),
            Object::Base(base) => Some(base.owner),
            Object::Multirange(multirange) => Some(multirange.owner),
            Object::Collation(collation) => Some(collation.owner),
            Object::Conversion(conversion) => Some(conversion.owner),
            Object::Operator(operator) => Some(operator.owner),
            Object::OperatorClass(class) => Some(class.owner),
            Object::OperatorFamily(family) => Some(family.owner),
            Object::Statistics(statistics) => Some(statistics.owner),
            Object::Foreign(foreign) => foreign.owner(),
            Object::Replication(replication) => replication.owner(),
            Object::Search(search) => search.owner(),
            Object::Extension(extension) => Some(extension.owner),
            Object::EventTrigger(trigger) => Some(trigger.owner),
            Object::Index(_)
            | Object::Constraint(_)
            | Object::Role(_)
            | Object::Cast(_)
            | Object::Rewrite(_)
            | Object::Policy(_)
            | Object::Trigger(_) => None,
        }
    }

    /// The class (`pg_class.oid` of the catalog) that it is listed in.
    pub fn class(&self) -> Oid {
        match self {
            Object::Schema(_) => class::NAMESPACE,
            Object::Table(_) | Object::Index(_) | Object::Sequence(_) | Object::View(_) => class::RELATION,
            Object::Constraint(_) => class::CONSTRAINT,
            Object::Enum(_)
            | Object::Domain(_)
            | Object::Composite(_)
            | Object::Base(_)
            | Object::Range(_)
            | Object::Multirange(_) => class::TYPE,
            Object::Cast(_) => class::CAST,
            Object::Collation(_) => class::COLLATION,
            Object::Conversion(_) => class::CONVERSION,
            Object::Operator(_) => class::OPERATOR,
            Object::OperatorClass(_) => class::OPERATOR_CLASS,
            Object::OperatorFamily(_) => class::OPERATOR_FAMILY,
            Object::Statistics(_) => class::STATISTICS,
            Object::Rewrite(_) => class::REWRITE,
            Object::Trigger(_) => class::TRIGGER,
            Object::Policy(_) => class::POLICY,
            Object::Foreign(foreign) => foreign.class(),
            Object::Replication(replication) => replication.class(),
            Object::Search(search) => search.class(),
            Object::Extension(_) => class::EXTENSION,
            Object::EventTrigger(_) => class::EVENT_TRIGGER,
            Object::Function(_) => class::FUNCTION,
            Object::Role(_) => class::ROLE,
            Object::Database(_) => class::DATABASE,
            Object::Tablespace(_) => class::TABLESPACE,
        }
    }
}

/// Numbers of the catalogs that list objects: what `classoid` says.
pub mod class {
    use super::Oid;

    /// pg_class.
    pub const RELATION: Oid = 1259;
    /// pg_type.
    pub const TYPE: Oid = 1247;
    /// pg_proc.
    pub const FUNCTION: Oid = 1255;
    /// pg_namespace.
    pub const NAMESPACE: Oid = 2615;
    /// pg_cast.
    pub const CAST: Oid = 2605;
    /// pg_operator.
    pub const OPERATOR: Oid = 2617;
    /// pg_collation.
    pub const COLLATION: Oid = 3456;
    /// pg_constraint.
    pub const CONSTRAINT: Oid = 2606;
    /// pg_attrdef.
    pub const DEFAULT: Oid = 2604;
    /// pg_rewrite.
    pub const REWRITE: Oid = 2618;
    /// pg_trigger.
    pub const TRIGGER: Oid = 2620;
    /// pg_policy.
    pub const POLICY: Oid = 3256;
    /// pg_extension.
    pub const EXTENSION: Oid = 3079;
    /// pg_authid.
    pub const ROLE: Oid = 1260;
    /// pg_database.
    pub const DATABASE: Oid = 1262;
    /// pg_event_trigger.
    pub const EVENT_TRIGGER: Oid = 3466;
    /// pg_largeobject.
    pub const LARGE_OBJECT: Oid = 2613;
    /// pg_am.
    pub const ACCESS_METHOD: Oid = 2601;
    /// pg_language.
    pub const LANGUAGE: Oid = 2612;
    /// pg_opclass.
    pub const OPERATOR_CLASS: Oid = 2616;
    /// pg_opfamily.
    pub const OPERATOR_FAMILY: Oid = 2753;
    /// pg_statistic_ext.
    pub const STATISTICS: Oid = 3381;
    /// pg_foreign_data_wrapper.
    pub const FOREIGN_WRAPPER: Oid = 2328;
    /// pg_foreign_server.
    pub const FOREIGN_SERVER: Oid = 1417;
    /// pg_foreign_table, which lists no objects of its own.
    pub const FOREIGN_TABLE: Oid = 3118;
    /// pg_attribute, which lists parts.
    pub const ATTRIBUTE: Oid = 1249;
    /// pg_user_mapping.
    pub const USER_MAPPING: Oid = 1418;
    /// pg_publication.
    pub const PUBLICATION: Oid = 6104;
    /// pg_publication_rel.
    pub const PUBLISHED_TABLE: Oid = 6106;
    /// pg_publication_namespace.
    pub const PUBLISHED_SCHEMA: Oid = 6237;
    /// pg_subscription.
    pub const SUBSCRIPTION: Oid = 6100;
    /// pg_tablespace.
    pub const TABLESPACE: Oid = 1213;
    /// pg_ts_config.
    pub const SEARCH_CONFIGURATION: Oid = 3602;
    /// pg_ts_dict.
    pub const SEARCH_DICTIONARY: Oid = 3600;
    /// pg_ts_parser.
    pub const SEARCH_PARSER: Oid = 3601;
    /// pg_ts_template.
    pub const SEARCH_TEMPLATE: Oid = 3764;

    /// pg_default_acl.
    pub const DEFAULT_PRIVILEGES: Oid = 826;
    /// pg_amop.
    pub const FAMILY_OPERATOR: Oid = 2602;
    /// pg_amproc.
    pub const FAMILY_FUNCTION: Oid = 2603;
    /// pg_conversion.
    pub const CONVERSION: Oid = 2607;

    /// Those whose objects are made by someone who owns them.
    pub const HAVE_OWNERS: &[Oid] = &[
        RELATION, TYPE, FUNCTION, NAMESPACE, CONSTRAINT, ROLE, DATABASE, STATISTICS, COLLATION, OPERATOR,
        EXTENSION, CONVERSION,
    ];
}
