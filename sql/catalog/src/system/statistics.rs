//! What happened to tables and indexes, as far as somebody looked: relations of the statistics collector.
//!
//! Nobody counts here how often a relation is read or changed, so these columns are null, which is "not known". How many rows
//! a table has ANALYZE has found.

use super::class::all_relations;
use super::emit::{Emit, SystemContext, number, text};
use crate::error::CatalogResult;
use crate::object::{INFORMATION_SCHEMA, Oid, PG_CATALOG, PG_TOAST};
use crate::snapshot::{Relation, Scope};
use types::value::Item;

/// Which relations are shown.
#[derive(Clone, Copy)]
enum Whose {
    All,
    System,
    Users,
}

impl Whose {
    fn includes(self, schema: Oid) -> bool {
        let system = matches!(schema, PG_CATALOG | INFORMATION_SCHEMA | PG_TOAST);
        match self {
            Whose::All => true,
            Whose::System => system,
            Whose::Users => !system,
        }
    }
}

/// `pg_stat_all_tables`.
pub(super) fn all_tables(context: &SystemContext<'_>, emit: &mut Emit) -> CatalogResult<()> {
    tables(context, emit, (Whose::All, true))
}

/// `pg_stat_sys_tables`.
pub(super) fn system_tables(context: &SystemContext<'_>, emit: &mut Emit) -> CatalogResult<()> {
    tables(context, emit, (Whose::System, true))
}

/// `pg_stat_user_tables`.
pub(super) fn user_tables(context: &SystemContext<'_>, emit: &mut Emit) -> CatalogResult<()> {
    tables(context, emit, (Whose::Users, true))
}

/// `pg_statio_all_tables`.
pub(super) fn all_table_pages(context: &SystemContext<'_>, emit: &mut Emit) -> CatalogResult<()> {
    tables(context, emit, (Whose::All, false))
}

/// `pg_stat_all_indexes`, `pg_statio_all_indexes`.
pub(super) fn all_indexes(context: &SystemContext<'_>, emit: &mut Emit) -> CatalogResult<()> {
    indexes(context, emit, Whose::All)
}

/// `pg_statio_sys_tables`.
pub(super) fn system_table_pages(context: &SystemContext<'_>, emit: &mut Emit) -> CatalogResult<()> {
    tables(context, emit, (Whose::System, false))
}

/// `pg_stat_sys_indexes`, `pg_statio_sys_indexes`.
pub(super) fn system_indexes(context: &SystemContext<'_>, emit: &mut Emit) -> CatalogResult<()> {
    indexes(context, emit, Whose::System)
}

/// `pg_statio_user_tables`.
pub(super) fn user_table_pages(context: &SystemContext<'_>, emit: &mut Emit) -> CatalogResult<()> {
    tables(context, emit, (Whose::Users, false))
}

/// `pg_stat_user_indexes`, `pg_statio_user_indexes`.
pub(super) fn user_indexes(context: &SystemContext<'_>, emit: &mut Emit) -> CatalogResult<()> {
    indexes(context, emit, Whose::Users)
}

fn schema_of(scope: &Scope, schema: Oid) -> Item<'_> {
    scope.schema(schema).map_or(Item::Null, |schema| text(&schema.name))
}

/// Tables, and those that are partitioned or not.
fn tables(
    context: &SystemContext<'_>,
    emit: &mut Emit,
    (whose, partitioned): (Whose, bool),
) -> CatalogResult<()> {
    let scope = context.scope;
    for relation in all_relations(scope) {
        match &relation {
            Relation::Table(table) if table.is_partitioned() && !partitioned => continue,
            Relation::Table(_) => {}
            Relation::System(table) if !table.is_view => {}
            Relation::System(_)
            | Relation::View(_)
            | Relation::Index(_)
            | Relation::Sequence(_)
            | Relation::Composite(_) => continue,
        }
        if !whose.includes(relation.schema()) {
            continue;
        }
        let rows = scope.table_statistics(relation.oid()).map(|known| known.rows as i64);
        emit.named(|column| match column {
            "relid" => number(relation.oid()),
            "schemaname" => schema_of(scope, relation.schema()),
            "relname" => text(relation.name()),
            "n_live_tup" => rows.map_or(Item::Null, Item::Int64),
            _ => Item::Null,
        })?;
    }
    Ok(())
}

fn indexes(context: &SystemContext<'_>, emit: &mut Emit, whose: Whose) -> CatalogResult<()> {
    let scope = context.scope;
    for relation in all_relations(scope) {
        let Relation::Index(index) = &relation else { continue };
        let table = scope.table(index.table).filter(|table| !table.is_partitioned());
        let Some(table) = table.filter(|table| whose.includes(table.schema)) else { continue };
        emit.named(|column| match column {
            "relid" => number(table.oid),
            "indexrelid" => number(index.oid),
            "schemaname" => schema_of(scope, table.schema),
            "relname" => text(&table.name),
            "indexrelname" => text(&index.name),
            _ => Item::Null,
        })?;
    }
    Ok(())
}
