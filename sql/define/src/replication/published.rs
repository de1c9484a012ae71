//! The tables and schemas in a publication: what statements list, how they come into it and leave it, and what may not be done
//! with them meanwhile.

use crate::definer::Definer;
use crate::error::{DefineError, DefineResult, detailed, plain};
use bind::definition::{PolicyCondition, row_filter};
use catalog::object::{
    Column, INFORMATION_SCHEMA, Object, Oid, PG_CATALOG, PG_TOAST, Persistence, Publication, PublishedSchema,
    PublishedTable, Replication, RowFilter, Source, Table, is_temporary,
};
use catalog::{Address, CatalogError, DependencyKind, Relation, Snapshot};
use diagnostic::SqlState;
use std::sync::Arc;
use store::locks::RelationMode;
use syntax::tree::option::DropBehavior;
use syntax::tree::replication::{PublishedObject, PublishedTable as Written};

/// What a statement lists.
pub(super) struct Listed<'s> {
    pub tables: Vec<&'s Written<'s>>,
    pub schemas: Vec<Oid>,
}

impl<'s> Listed<'s> {
    /// Sorts it by kind. Schemas are looked up.
    pub(super) fn read(
        definer: &Definer<'_>,
        written: &'s [PublishedObject<'s>],
    ) -> DefineResult<Listed<'s>> {
        let mut found = Listed { tables: Vec::new(), schemas: Vec::new() };
        for each in written {
            let schema = match each {
                PublishedObject::Table(table) => {
                    found.tables.push(table);
                    continue;
                }
                PublishedObject::Schema(name) => {
                    let found = definer.scope.schema_named(name.text);
                    let missing = || CatalogError::UndefinedSchema { name: name.text.to_owned() };
                    found.ok_or_else(missing)?
                }
                PublishedObject::CurrentSchema => {
                    // The first of the path, whether anything may be made there or not.
                    let first = definer.scope.path().schemas().find(|schema| !is_implied(*schema));
                    let message = "no schema has been selected for CURRENT_SCHEMA";
                    first.ok_or_else(|| plain(SqlState::InvalidSchemaName, message))?
                }
            };
            if !found.schemas.contains(&schema) {
                found.schemas.push(schema);
            }
        }
        Ok(found)
    }
}

/// Whether a schema is on the path without having been put there.
fn is_implied(schema: Oid) -> bool {
    schema == PG_CATALOG || is_temporary(schema)
}

/// A table that a statement lists, or one that inherits from it.
pub(super) struct Opened<'s> {
    relation: Relation,
    written: &'s Written<'s>,
}

impl Opened<'_> {
    fn name(&self) -> &str {
        self.relation.name()
    }

    fn table(&self) -> Option<&Arc<Table>> {
        match &self.relation {
            Relation::Table(table) => Some(table),
            Relation::View(_)
            | Relation::Index(_)
            | Relation::Sequence(_)
            | Relation::Composite(_)
            | Relation::System(_) => None,
        }
    }
}

/// Finds the tables and those that inherit from them, each once, and locks them.
pub(super) fn open<'s>(
    definer: &mut Definer<'_>,
    written: &[&'s Written<'s>],
) -> DefineResult<Vec<Opened<'s>>> {
    let mut found: Vec<Opened<'s>> = Vec::new();
    for each in written.iter().copied() {
        let (schema, name) = crate::names::split_relation(&definer.scope, &each.relation.name)?;
        if let Some(schema) = schema {
            definer.scope.find_schema(schema)?;
        }
        let mut relation = definer.scope.find_relation(schema, name)?;
        let wrong = |what| Err(plain(SqlState::WrongObjectType, format!("\"{name}\" is {what}")));
        match &relation {
            Relation::Index(_) => return wrong("an index"),
            Relation::Composite(_) => return wrong("a composite type"),
            Relation::Table(table) => {
                relation = Relation::Table(definer.lock_table(table, RelationMode::ShareUpdateExclusive)?);
            }
            Relation::View(_) | Relation::Sequence(_) | Relation::System(_) => {}
        }
        if is_again(&found, relation.oid(), each, name)? {
            continue;
        }
        let below = match &relation {
            Relation::Table(table) if !each.relation.only && !table.is_partitioned() => {
                crate::family::family(definer, table).split_off(1)
            }
            _ => Vec::new(),
        };
        found.push(Opened { relation, written: each });
        for child in below {
            let child = definer.lock_table(&child, RelationMode::ShareUpdateExclusive)?;
            if !is_again(&found, child.oid, each, name)? {
                found.push(Opened { relation: Relation::Table(child), written: each });
            }
        }
    }
    Ok(found)
}

/// Whether a table is listed already; then nothing may be said of it, here or there.
fn is_again(found: &[Opened<'_>], oid: Oid, written: &Written<'_>, name: &str) -> DefineResult<bool> {
    let Some(known) = found.iter().find(|known| known.relation.oid() == oid) else { return Ok(false) };
    let what = if written.condition.is_some() || known.written.condition.is_some() {
        "WHERE clauses"
    } else if written.columns.is_some() || known.written.columns.is_some() {
        "column lists"
    } else {
        return Ok(true);
    };
    let message = format!("conflicting or redundant {what} for table \"{name}\"");
    Err(plain(SqlState::DuplicateObject, message))
}

/// A table with its condition bound.
pub(super) struct Transformed<'s> {
    opened: Opened<'s>,
    filter: Option<PolicyCondition>,
}

/// Binds the conditions of tables, and looks whether columns may be listed.
pub(super) fn transformed<'s>(
    definer: &Definer<'_>,
    publication: &Publication,
    tables: Vec<Opened<'s>>,
    with_schemas: bool,
) -> DefineResult<Vec<Transformed<'s>>> {
    let below = |opened: &Opened<'_>| {
        !publication.via_root && opened.table().is_some_and(|table| table.is_partitioned())
    };
    let mut found = Vec::with_capacity(tables.len());
    for opened in tables {
        let mut filter = None;
        if let Some(condition) = &opened.written.condition {
            if below(&opened) {
                return Err(detailed(
                    SqlState::InvalidParameterValue,
                    format!("cannot use publication WHERE clause for relation \"{}\"", opened.name()),
                    "WHERE clause cannot be used for a partitioned table when publish_via_partition_root is false.",
                ));
            }
            if let Some(table) = opened.table() {
                filter = Some(row_filter(definer.binding(), table.oid, condition)?);
            }
        }
        found.push(Transformed { opened, filter });
    }
    for Transformed { opened, .. } in &found {
        if opened.written.columns.is_none() {
            continue;
        }
        let detail = if with_schemas {
            "Column lists cannot be specified in publications containing FOR TABLES IN SCHEMA elements."
        } else if below(opened) {
            "Column lists cannot be specified for partitioned tables when publish_via_partition_root is false."
        } else {
            continue;
        };
        let schema = opened.table().and_then(|table| definer.scope.schema(table.schema));
        let (schema, table) = (schema.map_or("pg_catalog", |schema| &schema.name), opened.name());
        let name = &publication.name;
        return Err(detailed(
            SqlState::InvalidParameterValue,
            format!("cannot use column list for relation \"{schema}.{table}\" in publication \"{name}\""),
            detail,
        ));
    }
    Ok(found)
}

/// Puts tables into a publication. Those that are in it already are passed over, if they may be.
pub(super) fn add_tables(
    definer: &mut Definer<'_>,
    publication: &Publication,
    tables: Vec<Transformed<'_>>,
    may_be_there: bool,
) -> DefineResult<()> {
    for Transformed { opened, filter } in tables {
        require_relation(definer, &opened.relation)?;
        let oid = opened.relation.oid();
        if definer.scope.table_in_publication(publication.oid, oid).is_some() {
            if may_be_there {
                continue;
            }
            let (table, publication) = (opened.name(), &publication.name);
            let message = format!("relation \"{table}\" is already member of publication \"{publication}\"");
            return Err(plain(SqlState::DuplicateObject, message));
        }
        let table = publishable(&opened)?.clone();
        let columns = opened.written.columns.map(|names| columns_of(&table, names)).transpose()?;
        let mut references = vec![
            (Address::of(publication.oid), DependencyKind::Auto),
            (Address::of(table.oid), DependencyKind::Auto),
        ];
        let column = |place: &u16| (Address::column(table.oid, *place), DependencyKind::Normal);
        references.extend(columns.iter().flatten().map(column));
        let filter = match filter {
            Some(filter) => {
                references.extend(crate::policy::used_by(definer, &table, &filter));
                Some(kept_filter(definer, &table, &filter)?)
            }
            None => None,
        };
        let entry = PublishedTable {
            oid: definer.new_oid()?,
            publication: publication.oid,
            table: table.oid,
            columns,
            filter,
        };
        definer.create(&Object::Replication(Arc::new(Replication::Table(entry))), &references)?;
        definer.refresh()?;
    }
    Ok(())
}

/// That the role owns a relation; nobody but superusers owns those of the system.
fn require_relation(definer: &Definer<'_>, relation: &Relation) -> DefineResult<()> {
    match relation {
        Relation::System(table) if !definer.scope.is_superuser(definer.role) => {
            let name = table.name.to_owned();
            Err(catalog::AccessError::NotOwner { kind: "table", name }.into())
        }
        relation => definer.require_owner(relation.oid()),
    }
}

/// The table, if its changes can be published.
fn publishable<'o>(opened: &'o Opened<'_>) -> DefineResult<&'o Arc<Table>> {
    let what = match &opened.relation {
        Relation::Table(table) if Snapshot::is_publishable(table) => return Ok(table),
        Relation::Table(table) if table.materialized().is_some() => "materialized views",
        Relation::Table(table) if table.is_foreign() => "foreign tables",
        Relation::Table(table) => match table.persistence {
            Persistence::Temporary => "temporary tables",
            Persistence::Unlogged => "unlogged tables",
            Persistence::Permanent => "system tables",
        },
        Relation::View(_) => "views",
        Relation::Sequence(_) => "sequences",
        Relation::Index(_) => "indexes",
        Relation::Composite(_) => "composite types",
        Relation::System(table) if table.is_view => "views",
        Relation::System(_) => "system tables",
    };
    Err(detailed(
        SqlState::InvalidParameterValue,
        format!("cannot add relation \"{}\" to publication", opened.name()),
        format!("This operation is not supported for {what}."),
    ))
}

/// The places of listed columns, in their order.
fn columns_of(table: &Table, names: &[syntax::tree::Name<'_>]) -> DefineResult<Vec<u16>> {
    let refused = |what: &str, name: &str| {
        let message = format!("cannot use {what} column \"{name}\" in publication column list");
        Err(plain(SqlState::InvalidColumnReference, message))
    };
    let mut places = Vec::with_capacity(names.len());
    for name in names {
        let name = name.text;
        let Some((place, column)) = table.column(name) else {
            if crate::table::column::refuse_system_column(name).is_err() {
                return refused("system", name);
            }
            let (column, relation) = (name.to_owned(), table.name.clone());
            return Err(DefineError::NoColumn { column, relation });
        };
        if matches!(column.source, Source::Generated(_)) {
            return refused("generated", name);
        }
        let place = place as u16;
        if places.contains(&place) {
            let message = format!("duplicate column \"{name}\" in publication column list");
            return Err(plain(SqlState::DuplicateObject, message));
        }
        places.push(place);
    }
    places.sort_unstable();
    Ok(places)
}

/// A condition as it is kept.
fn kept_filter(definer: &Definer<'_>, table: &Table, filter: &PolicyCondition) -> DefineResult<RowFilter> {
    let text = crate::policy::condition_text(definer, filter)?;
    let used = crate::policy::used_by(definer, table, filter);
    let own = used.iter().filter(|(on, _)| on.oid == table.oid && on.part > 0);
    let mut columns: Vec<u16> = own.map(|(on, _)| on.part - 1).collect();
    columns.sort_unstable();
    columns.dedup();
    Ok(RowFilter { text, columns })
}

/// Takes tables out of a publication.
pub(super) fn drop_tables(
    definer: &mut Definer<'_>,
    publication: &Publication,
    tables: &[Opened<'_>],
) -> DefineResult<()> {
    let mut gone = Vec::new();
    for opened in tables {
        if opened.written.columns.is_some() {
            let message = "column list must not be specified in ALTER PUBLICATION ... DROP";
            return Err(plain(SqlState::SyntaxError, message));
        }
        let Some(entry) = definer.scope.table_in_publication(publication.oid, opened.relation.oid()) else {
            let message = format!("relation \"{}\" is not part of the publication", opened.name());
            return Err(plain(SqlState::UndefinedObject, message));
        };
        if opened.written.condition.is_some() {
            let message = "cannot use a WHERE clause when removing a table from a publication";
            return Err(plain(SqlState::SyntaxError, message));
        }
        gone.push(Address::of(entry.oid));
    }
    remove(definer, &gone)
}

fn remove(definer: &mut Definer<'_>, entries: &[Address]) -> DefineResult<()> {
    if entries.is_empty() {
        return Ok(());
    }
    crate::drop::remove(definer, entries, DropBehavior::Cascade)?;
    definer.refresh()
}

/// Takes all tables out of a publication but those that are listed as they are in it.
pub(super) fn keep_tables(
    definer: &mut Definer<'_>,
    publication: &Publication,
    tables: &[Transformed<'_>],
) -> DefineResult<()> {
    let mut gone = Vec::new();
    for entry in definer.scope.in_publication(publication.oid) {
        let Replication::Table(entry) = &**entry else { continue };
        let mut stays = false;
        for Transformed { opened, filter } in tables {
            let Some(table) = opened.table().filter(|table| table.oid == entry.table) else { continue };
            let columns = opened.written.columns.map(|names| columns_of(table, names)).transpose()?;
            let filter = filter.as_ref().map(|filter| kept_filter(definer, table, filter)).transpose()?;
            stays |= columns == entry.columns && filter == entry.filter;
        }
        if !stays {
            gone.push(Address::of(entry.oid));
        }
    }
    remove(definer, &gone)
}

/// Puts schemas into a publication. Those that are in it already are passed over, if they may be.
pub(super) fn add_schemas(
    definer: &mut Definer<'_>,
    publication: &Publication,
    schemas: &[Oid],
    may_be_there: bool,
) -> DefineResult<()> {
    for schema in schemas.iter().copied() {
        let name = definer.scope.schema(schema).map_or("", |schema| schema.name.as_str()).to_owned();
        if definer.scope.schema_in_publication(publication.oid, schema).is_some() {
            if may_be_there {
                continue;
            }
            let message =
                format!("schema \"{name}\" is already member of publication \"{}\"", publication.name);
            return Err(plain(SqlState::DuplicateObject, message));
        }
        let refused = |detail: &str| {
            let message = format!("cannot add schema \"{name}\" to publication");
            Err(detailed(SqlState::InvalidParameterValue, message, detail))
        };
        if matches!(schema, PG_CATALOG | PG_TOAST) {
            return refused("This operation is not supported for system schemas.");
        }
        if is_temporary(schema) {
            return refused("Temporary schemas cannot be replicated.");
        }
        let references = [
            (Address::of(publication.oid), DependencyKind::Auto),
            (Address::of(schema), DependencyKind::Auto),
        ];
        let references = if schema == INFORMATION_SCHEMA { &references[..1] } else { &references[..] };
        let entry = PublishedSchema { oid: definer.new_oid()?, publication: publication.oid, schema };
        definer.create(&Object::Replication(Arc::new(Replication::Schema(entry))), references)?;
        definer.refresh()?;
    }
    Ok(())
}

/// Takes schemas out of a publication.
pub(super) fn drop_schemas(
    definer: &mut Definer<'_>,
    publication: &Publication,
    schemas: &[Oid],
) -> DefineResult<()> {
    let mut gone = Vec::new();
    for schema in schemas {
        let Some(entry) = definer.scope.schema_in_publication(publication.oid, *schema) else {
            let name = definer.scope.schema(*schema).map_or("", |schema| schema.name.as_str());
            let message = format!("tables from schema \"{name}\" are not part of the publication");
            return Err(plain(SqlState::UndefinedObject, message));
        };
        gone.push(Address::of(entry.oid));
    }
    remove(definer, &gone)
}

/// Takes all schemas out of a publication but those that are listed.
pub(super) fn keep_schemas(
    definer: &mut Definer<'_>,
    publication: &Publication,
    schemas: &[Oid],
) -> DefineResult<()> {
    let gone: Vec<Address> = definer
        .scope
        .in_publication(publication.oid)
        .filter_map(|entry| match &**entry {
            Replication::Schema(entry) if !schemas.contains(&entry.schema) => Some(Address::of(entry.oid)),
            Replication::Schema(_)
            | Replication::Table(_)
            | Replication::Publication(_)
            | Replication::Subscription(_) => None,
        })
        .collect();
    remove(definer, &gone)
}

/// Refuses to add schemas to a publication in which there are tables whose columns are listed.
pub(super) fn refuse_columns_beside(definer: &Definer<'_>, publication: &Publication) -> DefineResult<()> {
    let lists = |entry: &Arc<Replication>| match &**entry {
        Replication::Table(entry) => entry.columns.is_some(),
        Replication::Schema(_) | Replication::Publication(_) | Replication::Subscription(_) => false,
    };
    if !definer.scope.in_publication(publication.oid).any(lists) {
        return Ok(());
    }
    Err(detailed(
        SqlState::InvalidParameterValue,
        format!("cannot add schema to publication \"{}\"", publication.name),
        "Schemas cannot be added if any tables that specify a column list are already part of the publication.",
    ))
}

/// Refuses to keep a table out of the log that is in a publication by itself.
pub(crate) fn refuse_unlogged(definer: &Definer<'_>, table: &Table) -> DefineResult<()> {
    if definer.scope.publications_of_table(table.oid).next().is_none() {
        return Ok(());
    }
    Err(detailed(
        SqlState::ObjectNotInPrerequisiteState,
        format!("cannot change table \"{}\" to unlogged because it is part of a publication", table.name),
        "Unlogged relations cannot be replicated.",
    ))
}

/// Refuses to give a column another type that says which rows are published, or is listed among those that are.
pub(crate) fn refuse_retyped(
    definer: &Definer<'_>,
    table: &Table,
    (place, column): (u16, &Column),
) -> DefineResult<()> {
    for entry in definer.scope.publications_of_table(table.oid) {
        // Of listed columns PostgreSQL says the same.
        let places =
            entry.filter.iter().flat_map(|filter| &filter.columns).chain(entry.columns.iter().flatten());
        if places.into_iter().any(|used| *used == place) {
            let words =
                definer.scope.describe(&Object::Replication(Arc::new(Replication::Table(entry.clone()))));
            return Err(detailed(
                SqlState::FeatureNotSupported,
                "cannot alter type of a column used by a publication WHERE clause",
                format!("{words} depends on column \"{}\"", column.name),
            ));
        }
    }
    Ok(())
}
