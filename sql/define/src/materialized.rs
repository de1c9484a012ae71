//! Materialized views: tables that keep the query which their rows come from.
//!
//! While rows are put in, by whoever can run queries, it is a plain table: [`create_table_as`](crate::table::create_table_as)
//! or [`begin_refresh`] come before, [`finish`] makes it a materialized view. All is in one transaction, so that nobody
//! else sees the half.

use crate::definer::Definer;
use crate::error::{DefineError, DefineResult};
use catalog::object::{Materialized, Oid, Origin, is_temporary};
use catalog::{Address, DependencyKind, Relation};
use diagnostic::SqlState;
use store::locks::RelationMode;
use syntax::tree::Query;
use syntax::tree::alter::AlterActionKind;
use syntax::tree::schema::RefreshView;

/// The query of a materialized view that is being made, and on what it depends.
#[derive(Debug, Clone)]
pub struct KeptQuery {
    text: String,
    references: Vec<(Address, DependencyKind)>,
}

/// A materialized view whose rows are to be made anew.
#[derive(Debug, Clone)]
pub struct Refresh {
    /// Its number.
    pub table: Oid,
    /// Its schema and its name.
    pub name: (String, String),
    /// The role that owns it, as which its query is run.
    pub owner: Oid,
    /// Its query.
    pub query: String,
    /// Whether another row may be the same as one of it, as far as `CONCURRENTLY` goes.
    pub concurrently: bool,
}

fn plain<T>(state: SqlState, message: String, hint: Option<&str>) -> DefineResult<T> {
    let hint = hint.map(str::to_owned);
    Err(DefineError::Plain { state, message, detail: None, hint, position: None })
}

impl KeptQuery {
    /// Reads the query of a materialized view whose columns are called `names`.
    ///
    /// # Errors
    /// When it changes rows, or reads what only the session sees.
    pub(crate) fn read(
        definer: &Definer<'_>,
        query: &Query<'_>,
        names: &[String],
    ) -> DefineResult<KeptQuery> {
        let none = bind::Parameters::None;
        let (bound, shapes) = bind::definition::shaped_query(definer.binding(), query, none)?;
        if bound.common_tables.iter().any(|table| table.changes) {
            let message = "materialized views must not use data-modifying statements in WITH";
            return plain(SqlState::FeatureNotSupported, message.into(), None);
        }
        let references = definer.used_by(&bound, &shapes);
        if references.iter().any(|(on, _)| is_temporary(on.oid)) {
            let message = "materialized views must not use temporary tables or views";
            return plain(SqlState::FeatureNotSupported, message.into(), None);
        }
        match definer.query_text(&shapes, names) {
            Some(text) => Ok(KeptQuery { text, references }),
            None => definer.unsupported("such a query of a materialized view", None),
        }
    }
}

/// Refuses one that a crash might empty.
pub(crate) fn refuse_unlogged<T>() -> DefineResult<T> {
    plain(SqlState::FeatureNotSupported, "materialized views cannot be unlogged".into(), None)
}

/// Makes a table the materialized view of a query.
///
/// # Errors
/// When something that the query names is gone.
pub fn create(definer: &mut Definer<'_>, table: Oid, kept: &KeptQuery, populated: bool) -> DefineResult<()> {
    definer.depend(table, &kept.references)?;
    finish(definer, table, kept.text.clone(), populated)
}

/// Its rows are there, or are not to be.
///
/// # Errors
/// When it is gone.
pub fn finish(definer: &mut Definer<'_>, table: Oid, query: String, populated: bool) -> DefineResult<()> {
    definer
        .alter_table(table, |table| table.origin = Origin::Materialized(Materialized { query, populated }))?;
    definer.refresh()
}

/// `REFRESH MATERIALIZED VIEW`: empties it. Nobody reads it meanwhile, unless it is done `CONCURRENTLY`.
///
/// # Errors
/// PostgreSQL's.
pub fn begin_refresh(definer: &mut Definer<'_>, statement: &RefreshView<'_>) -> DefineResult<Refresh> {
    if statement.concurrently && !statement.with_data {
        let message = "CONCURRENTLY and WITH NO DATA options cannot be used together";
        return plain(SqlState::SyntaxError, message.into(), None);
    }
    let (schema, name) = crate::names::split_name(&definer.scope, &statement.name)?;
    let found = definer.scope.find_relation(schema, name)?;
    let not_one = format!("\"{}\" is not a materialized view", found.name());
    let Relation::Table(table) = found else { return plain(SqlState::FeatureNotSupported, not_one, None) };
    definer.require_owner(table.oid)?;
    let mode = if statement.concurrently { RelationMode::Exclusive } else { RelationMode::AccessExclusive };
    let table = definer.lock_table(&table, mode)?;
    let Some(view) = table.materialized() else {
        return plain(SqlState::FeatureNotSupported, not_one, None);
    };
    if statement.concurrently {
        if !view.populated {
            let message = "CONCURRENTLY cannot be used when the materialized view is not populated";
            return plain(SqlState::FeatureNotSupported, message.into(), None);
        }
        let tells_apart = definer
            .scope
            .indexes_of(table.oid)
            .any(|index| index.unique && index.predicate.is_none() && index.keys.iter().all(is_column));
        if !tells_apart {
            let schema = definer.scope.schema(table.schema).map_or("", |schema| schema.name.as_str());
            let name = catalog::name::qualified(schema, &table.name);
            return plain(
                SqlState::ObjectNotInPrerequisiteState,
                format!("cannot refresh materialized view \"{name}\" concurrently"),
                Some(
                    "Create a unique index with no WHERE clause on one or more columns of the materialized view.",
                ),
            );
        }
    }
    let schema = definer.scope.schema(table.schema).map_or_else(String::new, |schema| schema.name.clone());
    let refresh = Refresh {
        table: table.oid,
        name: (schema, table.name.clone()),
        owner: table.owner,
        query: view.query.clone(),
        concurrently: statement.concurrently,
    };
    crate::truncate::empty(definer, &table)?;
    definer.rows.emptied(table.oid, 0);
    definer.alter_table(refresh.table, |table| table.origin = Origin::Own)?;
    definer.refresh()?;
    Ok(refresh)
}

fn is_column(key: &catalog::object::IndexKey) -> bool {
    matches!(key.value, catalog::object::IndexedValue::Column(_))
}

/// Refuses what `ALTER TABLE` cannot do with a materialized view.
pub(crate) fn refuse_action(name: &str, action: &AlterActionKind<'_>) -> DefineResult<()> {
    match words_of(action) {
        None => Ok(()),
        Some(words) => Err(refused_action(name, words, "materialized views")),
    }
}

/// That an action is none for a kind of relations.
pub(crate) fn refused_action(name: &str, words: &str, kinds: &str) -> DefineError {
    DefineError::Plain {
        state: SqlState::WrongObjectType,
        message: format!("ALTER action {words} cannot be performed on relation \"{name}\""),
        detail: Some(format!("This operation is not supported for {kinds}.")),
        hint: None,
        position: None,
    }
}

/// What messages call an action; nothing for those that a materialized view takes.
pub(crate) fn words_of(action: &AlterActionKind<'_>) -> Option<&'static str> {
    use syntax::tree::alter::ColumnAction;
    Some(match action {
        AlterActionKind::Owner(_)
        | AlterActionKind::SetOptions(_)
        | AlterActionKind::ResetOptions(_)
        | AlterActionKind::SetTablespace(_)
        | AlterActionKind::SetAccessMethod(_)
        | AlterActionKind::ClusterOn(_)
        | AlterActionKind::WithoutCluster
        | AlterActionKind::WithoutOids
        | AlterActionKind::Column(
            _,
            ColumnAction::Statistics(_)
            | ColumnAction::Storage(_)
            | ColumnAction::Compression(_)
            | ColumnAction::SetOptions(_)
            | ColumnAction::ResetOptions(_),
        ) => return None,
        AlterActionKind::AddColumn { .. } => "ADD COLUMN",
        AlterActionKind::DropColumn { .. } => "DROP COLUMN",
        AlterActionKind::AddConstraint(_) => "ADD CONSTRAINT",
        AlterActionKind::AlterConstraint { .. } => "ALTER CONSTRAINT",
        AlterActionKind::ValidateConstraint(_) => "VALIDATE CONSTRAINT",
        AlterActionKind::DropConstraint { .. } => "DROP CONSTRAINT",
        AlterActionKind::SetLogged(true) => "SET LOGGED",
        AlterActionKind::SetLogged(false) => "SET UNLOGGED",
        AlterActionKind::Inherit(_, true) => "INHERIT",
        AlterActionKind::Inherit(_, false) => "NO INHERIT",
        AlterActionKind::Of(_) => "OF",
        AlterActionKind::NotOf => "NOT OF",
        AlterActionKind::ReplicaIdentity(_) => "REPLICA IDENTITY",
        AlterActionKind::Switch(_) => "ENABLE TRIGGER",
        AlterActionKind::RowSecurity(security) => crate::policy::words(*security),
        AlterActionKind::AttachPartition(..) => "ATTACH PARTITION",
        AlterActionKind::DetachPartition(..) => "DETACH PARTITION",
        AlterActionKind::ForeignOptions(_) => "OPTIONS",
        AlterActionKind::Column(_, change) => match change {
            ColumnAction::SetDefault(_) | ColumnAction::DropDefault => "ALTER COLUMN ... SET DEFAULT",
            ColumnAction::SetNotNull => "ALTER COLUMN ... SET NOT NULL",
            ColumnAction::DropNotNull => "ALTER COLUMN ... DROP NOT NULL",
            ColumnAction::DropExpression(_) => "ALTER COLUMN ... DROP EXPRESSION",
            ColumnAction::Type { .. } => "ALTER COLUMN ... SET DATA TYPE",
            ColumnAction::AddIdentity { .. } => "ALTER COLUMN ... ADD IDENTITY",
            ColumnAction::SetIdentity(_) => "ALTER COLUMN ... SET",
            ColumnAction::DropIdentity(_) => "ALTER COLUMN ... DROP IDENTITY",
            ColumnAction::ForeignOptions(_) => "ALTER COLUMN ... OPTIONS",
            _ => "ALTER COLUMN", // the others were let through above
        },
    })
}

/// What messages call an action that tables take, and views do not.
pub(crate) fn words_for_view(action: &AlterActionKind<'_>) -> &'static str {
    use syntax::tree::alter::ColumnAction;
    match action {
        AlterActionKind::SetTablespace(_) => "SET TABLESPACE",
        AlterActionKind::SetAccessMethod(_) => "SET ACCESS METHOD",
        AlterActionKind::ClusterOn(_) => "CLUSTER ON",
        AlterActionKind::WithoutCluster => "SET WITHOUT CLUSTER",
        AlterActionKind::WithoutOids => "SET WITHOUT OIDS",
        AlterActionKind::Column(_, ColumnAction::Statistics(_)) => "ALTER COLUMN ... SET STATISTICS",
        AlterActionKind::Column(_, ColumnAction::Storage(_)) => "ALTER COLUMN ... SET STORAGE",
        AlterActionKind::Column(_, ColumnAction::Compression(_)) => "ALTER COLUMN ... SET COMPRESSION",
        AlterActionKind::Column(_, ColumnAction::SetOptions(_)) => "ALTER COLUMN ... SET",
        AlterActionKind::Column(_, ColumnAction::ResetOptions(_)) => "ALTER COLUMN ... RESET",
        other => words_of(other).unwrap_or("ALTER"), // all that it leaves out stands above, or views take it
    }
}
