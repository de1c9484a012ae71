//! Statements: one variant each, their contents in the file of their theme.

use super::alter::{AlterDomain, AlterTable};
use super::cast::CreateCast;
use super::collation::CreateCollation;
use super::conversion::CreateConversion;
use super::copy::CopyStatement;
use super::event_trigger::{AlterEventTrigger, CreateEventTrigger};
use super::foreign::ForeignStatement;
use super::index::CreateIndex;
use super::modify::{Delete, Insert, Merge, Update};
use super::name::{Name, QualifiedName};
use super::object::{AlterExtension, Comment, CreateExtension, Drop, Rename, SetOwner, SetSchema};
use super::operator::{
    AlterOperator, AlterOperatorFamily, CreateOperator, CreateOperatorClass, CreateOperatorFamily,
};
use super::policy::{AlterPolicy, CreatePolicy};
use super::replication::ReplicationStatement;
use super::role::{
    AlterRole, CreateRole, DatabaseOptions, DatabaseSetting, DefaultPrivileges, DropRole, Grant, GrantRole,
    Owned,
};
use super::routine::{AlterRoutine, CreateAggregate, CreateRoutine};
use super::rule::CreateRule;
use super::schema::{
    AlterBaseType, AlterEnum, CreateDomain, CreateSchema, CreateType, CreateView, RefreshView,
};
use super::search::SearchStatement;
use super::select::Query;
use super::sequence::{AlterSequence, CreateSequence};
use super::session::{
    CallProcedure, Cluster, DeclareCursor, Discard, Do, Execute, Explain, Fetch, Lock, Notify, Prepare,
    Reindex, SetConstraints, SetVariable, Show, Transaction, Vacuum,
};
use super::statistics::{AlterStatistics, CreateStatistics};
use super::table::{CreateTable, CreateTableAs, Truncate};
use super::tablespace::TablespaceStatement;
use super::trigger::CreateTrigger;

/// A statement and where it stands.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Statement<'a> {
    /// What it is.
    pub kind: StatementKind<'a>,
    /// Where it begins.
    pub start: u32,
    /// Where it ends: the offset behind its last token.
    pub end: u32,
}

/// Every statement of PostgreSQL 15's grammar. A name, where one is all there is to say, stands alone.
#[derive(Debug, Clone, Copy, PartialEq)]
#[allow(missing_docs)] // each is what it is called; the contents say the rest
pub enum StatementKind<'a> {
    /// `SELECT`, `VALUES`, `TABLE`, `WITH … SELECT`
    Query(&'a Query<'a>),
    Insert(&'a Insert<'a>),
    Update(&'a Update<'a>),
    Delete(&'a Delete<'a>),
    Merge(&'a Merge<'a>),
    Truncate(&'a Truncate<'a>),
    Copy(&'a CopyStatement<'a>),
    CreateTable(&'a CreateTable<'a>),
    CreateTableAs(&'a CreateTableAs<'a>),
    AlterTable(&'a AlterTable<'a>),
    CreateIndex(&'a CreateIndex<'a>),
    CreateView(&'a CreateView<'a>),
    CreateRule(&'a CreateRule<'a>),
    CreateEventTrigger(&'a CreateEventTrigger<'a>),
    AlterEventTrigger(&'a AlterEventTrigger<'a>),
    CreatePolicy(&'a CreatePolicy<'a>),
    AlterPolicy(&'a AlterPolicy<'a>),
    CreateTrigger(&'a CreateTrigger<'a>),
    RefreshView(&'a RefreshView<'a>),
    CreateSequence(&'a CreateSequence<'a>),
    AlterSequence(&'a AlterSequence<'a>),
    CreateSchema(&'a CreateSchema<'a>),
    CreateType(&'a CreateType<'a>),
    AlterEnum(&'a AlterEnum<'a>),
    AlterBaseType(&'a AlterBaseType<'a>),
    CreateDomain(&'a CreateDomain<'a>),
    AlterDomain(&'a AlterDomain<'a>),
    CreateRoutine(&'a CreateRoutine<'a>),
    CreateAggregate(&'a CreateAggregate<'a>),
    AlterRoutine(&'a AlterRoutine<'a>),
    Drop(&'a Drop<'a>),
    Comment(&'a Comment<'a>),
    Rename(&'a Rename<'a>),
    SetOwner(&'a SetOwner<'a>),
    SetSchema(&'a SetSchema<'a>),
    CreateRole(&'a CreateRole<'a>),
    AlterRole(&'a AlterRole<'a>),
    DropRole(&'a DropRole<'a>),
    Grant(&'a Grant<'a>),
    GrantRole(&'a GrantRole<'a>),
    DefaultPrivileges(&'a DefaultPrivileges<'a>),
    Owned(&'a Owned<'a>),
    CreateExtension(&'a CreateExtension<'a>),
    AlterExtension(&'a AlterExtension<'a>),
    CreateCast(&'a CreateCast<'a>),
    CreateCollation(&'a CreateCollation<'a>),
    CreateConversion(&'a CreateConversion<'a>),
    /// `CREATE STATISTICS`
    CreateStatistics(&'a CreateStatistics<'a>),
    /// `ALTER STATISTICS … SET STATISTICS`
    AlterStatistics(&'a AlterStatistics<'a>),
    CreateOperator(&'a CreateOperator<'a>),
    AlterOperator(&'a AlterOperator<'a>),
    /// `CREATE OPERATOR CLASS`
    CreateOperatorClass(&'a CreateOperatorClass<'a>),
    /// `CREATE OPERATOR FAMILY`
    CreateOperatorFamily(&'a CreateOperatorFamily<'a>),
    /// `ALTER OPERATOR FAMILY … ADD`, `… DROP`
    AlterOperatorFamily(&'a AlterOperatorFamily<'a>),
    /// `ALTER COLLATION … REFRESH VERSION`
    RefreshCollation(QualifiedName<'a>),
    CreateDatabase(&'a DatabaseOptions<'a>),
    AlterDatabase(&'a DatabaseOptions<'a>),
    SetDatabase(&'a DatabaseSetting<'a>),
    Transaction(Transaction<'a>),
    Set(&'a SetVariable<'a>),
    Show(Show<'a>),
    SetConstraints(&'a SetConstraints<'a>),
    Discard(Discard),
    Prepare(&'a Prepare<'a>),
    Execute(&'a Execute<'a>),
    /// `None` for `ALL`.
    Deallocate(Option<Name<'a>>),
    DeclareCursor(&'a DeclareCursor<'a>),
    Fetch(&'a Fetch<'a>),
    /// `None` for `ALL`.
    Close(Option<Name<'a>>),
    Explain(&'a Explain<'a>),
    Vacuum(&'a Vacuum<'a>),
    Cluster(&'a Cluster<'a>),
    Reindex(&'a Reindex<'a>),
    Checkpoint,
    Lock(&'a Lock<'a>),
    Call(&'a CallProcedure<'a>),
    Do(&'a Do<'a>),
    Listen(Name<'a>),
    /// `None` for `*`.
    Unlisten(Option<Name<'a>>),
    Notify(&'a Notify<'a>),
    Load(&'a str),
    Foreign(&'a ForeignStatement<'a>),
    Replication(&'a ReplicationStatement<'a>),
    /// `CREATE TEXT SEARCH …`, `ALTER TEXT SEARCH …`
    Search(&'a SearchStatement<'a>),
    /// `CREATE TABLESPACE …`, `ALTER TABLESPACE …`, `ALTER … ALL IN TABLESPACE …`
    Tablespace(&'a TablespaceStatement<'a>),
    /// `SECURITY LABEL …`, of which only the provider counts: there is none that could keep a label.
    SecurityLabel(Option<Name<'a>>),
    /// A statement that is read whole only to be refused by its name, which is PostgreSQL's command tag.
    Unsupported(&'static str),
}
