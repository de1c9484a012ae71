//! What happened to tables and indexes, as far as somebody looked: relations of the statistics collector.
//!
//! What was read and changed of users' tables the session knows, as sessions count it; of the system's, whose rows are made when
//! they are asked for, nobody counts anything: these columns are null, which is "not known". Dead rows are those that were written
//! anew or removed since the table was vacuumed: that they take room is not said. Nothing is looked after without being told.

use super::class::all_relations;
use super::emit::{Counted, Emit, IndexFigures, SystemContext, TableFigures, number, text};
use crate::error::CatalogResult;
use crate::object::{INFORMATION_SCHEMA, Object, Oid, PG_CATALOG, PG_TOAST, Table};
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
    tables(context, emit, (Whose::All, true, Counted::ByAll))
}

/// `pg_stat_sys_tables`.
pub(super) fn system_tables(context: &SystemContext<'_>, emit: &mut Emit) -> CatalogResult<()> {
    tables(context, emit, (Whose::System, true, Counted::ByAll))
}

/// `pg_stat_user_tables`.
pub(super) fn user_tables(context: &SystemContext<'_>, emit: &mut Emit) -> CatalogResult<()> {
    tables(context, emit, (Whose::Users, true, Counted::ByAll))
}

/// `pg_stat_xact_all_tables`.
pub(super) fn own_all_tables(context: &SystemContext<'_>, emit: &mut Emit) -> CatalogResult<()> {
    tables(context, emit, (Whose::All, true, Counted::Lately))
}

/// `pg_stat_xact_sys_tables`.
pub(super) fn own_system_tables(context: &SystemContext<'_>, emit: &mut Emit) -> CatalogResult<()> {
    tables(context, emit, (Whose::System, true, Counted::Lately))
}

/// `pg_stat_xact_user_tables`.
pub(super) fn own_user_tables(context: &SystemContext<'_>, emit: &mut Emit) -> CatalogResult<()> {
    tables(context, emit, (Whose::Users, true, Counted::Lately))
}

/// `pg_stat_user_functions`.
pub(super) fn user_functions(context: &SystemContext<'_>, emit: &mut Emit) -> CatalogResult<()> {
    functions(context, emit, Counted::ByAll)
}

/// `pg_stat_xact_user_functions`.
pub(super) fn own_user_functions(context: &SystemContext<'_>, emit: &mut Emit) -> CatalogResult<()> {
    functions(context, emit, Counted::Lately)
}

/// `pg_statio_all_tables`.
pub(super) fn all_table_pages(context: &SystemContext<'_>, emit: &mut Emit) -> CatalogResult<()> {
    tables(context, emit, (Whose::All, false, Counted::ByAll))
}

/// `pg_stat_all_indexes`, `pg_statio_all_indexes`.
pub(super) fn all_indexes(context: &SystemContext<'_>, emit: &mut Emit) -> CatalogResult<()> {
    indexes(context, emit, Whose::All)
}

/// `pg_statio_sys_tables`.
pub(super) fn system_table_pages(context: &SystemContext<'_>, emit: &mut Emit) -> CatalogResult<()> {
    tables(context, emit, (Whose::System, false, Counted::ByAll))
}

/// `pg_stat_sys_indexes`, `pg_statio_sys_indexes`.
pub(super) fn system_indexes(context: &SystemContext<'_>, emit: &mut Emit) -> CatalogResult<()> {
    indexes(context, emit, Whose::System)
}

/// `pg_statio_user_tables`.
pub(super) fn user_table_pages(context: &SystemContext<'_>, emit: &mut Emit) -> CatalogResult<()> {
    tables(context, emit, (Whose::Users, false, Counted::ByAll))
}

/// `pg_stat_user_indexes`, `pg_statio_user_indexes`.
pub(super) fn user_indexes(context: &SystemContext<'_>, emit: &mut Emit) -> CatalogResult<()> {
    indexes(context, emit, Whose::Users)
}

/// `pg_statio_all_sequences`.
pub(super) fn all_sequences(context: &SystemContext<'_>, emit: &mut Emit) -> CatalogResult<()> {
    sequences(context, emit, Whose::All)
}

/// `pg_statio_sys_sequences`.
pub(super) fn system_sequences(context: &SystemContext<'_>, emit: &mut Emit) -> CatalogResult<()> {
    sequences(context, emit, Whose::System)
}

/// `pg_statio_user_sequences`.
pub(super) fn user_sequences(context: &SystemContext<'_>, emit: &mut Emit) -> CatalogResult<()> {
    sequences(context, emit, Whose::Users)
}

fn schema_of(scope: &Scope, schema: Oid) -> Item<'_> {
    scope.schema(schema).map_or(Item::Null, |schema| text(&schema.name))
}

/// Tables, and those that are partitioned or not.
fn tables(
    context: &SystemContext<'_>,
    emit: &mut Emit,
    (whose, partitioned, counted): (Whose, bool, Counted),
) -> CatalogResult<()> {
    let scope = context.scope;
    for relation in all_relations(scope) {
        match &relation {
            Relation::Table(table) if table.is_partitioned() && !partitioned || table.is_foreign() => {
                continue;
            }
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
        let own = if let Relation::Table(table) = &relation { Some(table) } else { None };
        let known = own.and_then(|table| {
            let figures = context.session.table_figures(table, counted)?;
            Some((figures, indexes_of(context, table, counted)))
        });
        let rows = scope.table_statistics(relation.oid()).map(|known| known.rows as i64);
        emit.named(|column| match column {
            "relid" => number(relation.oid()),
            "schemaname" => schema_of(scope, relation.schema()),
            "relname" => text(relation.name()),
            column => match &known {
                Some((figures, indexes)) => table_figure(column, figures, indexes.as_ref()),
                None if column == "n_live_tup" => rows.map_or(Item::Null, Item::Int64),
                None => Item::Null,
            },
        })?;
    }
    Ok(())
}

/// The indexes of a table together; none if it has none.
fn indexes_of(context: &SystemContext<'_>, table: &Table, counted: Counted) -> Option<IndexFigures> {
    let mut all: Option<IndexFigures> = None;
    for index in context.scope.indexes_of(table.oid) {
        let figures = context.session.index_figures(index, counted).unwrap_or_default();
        let sum = all.get_or_insert_default();
        sum.scans += figures.scans;
        sum.entries += figures.entries;
        sum.rows_fetched += figures.rows_fetched;
    }
    all
}

fn count(number: u64) -> Item<'static> {
    Item::Int64(i64::try_from(number).unwrap_or(i64::MAX))
}

/// A column of a table's figures; null where there is no such thing.
fn table_figure(column: &str, figures: &TableFigures, indexes: Option<&IndexFigures>) -> Item<'static> {
    let time = |at: Option<i64>| at.map_or(Item::Null, Item::Int64);
    match column {
        "seq_scan" => count(figures.scans),
        "seq_tup_read" => count(figures.rows_scanned),
        "idx_scan" => indexes.map_or(Item::Null, |indexes| count(indexes.scans)),
        "idx_tup_fetch" => {
            indexes.map_or(Item::Null, |indexes| count(indexes.rows_fetched + figures.rows_fetched))
        }
        "n_tup_ins" => count(figures.inserted),
        "n_tup_upd" => count(figures.updated),
        "n_tup_del" => count(figures.deleted),
        "n_live_tup" => figures.live.map_or(Item::Null, count),
        "n_mod_since_analyze" => count(figures.changed_since_analyze),
        "n_ins_since_vacuum" => count(figures.inserted_since_vacuum),
        "n_dead_tup" => count(figures.dead),
        "last_vacuum" => time(figures.vacuumed),
        "last_analyze" => time(figures.analyzed),
        "vacuum_count" => count(figures.vacuums),
        "analyze_count" => count(figures.analyses),
        // There are no rows behind rows, and nothing is looked after by itself.
        "n_tup_hot_upd" | "autovacuum_count" | "autoanalyze_count" => Item::Int64(0),
        _ => Item::Null,
    }
}

/// Nobody counts where a sequence was read from.
fn sequences(context: &SystemContext<'_>, emit: &mut Emit, whose: Whose) -> CatalogResult<()> {
    for relation in all_relations(context.scope) {
        if !matches!(relation, Relation::Sequence(_)) || !whose.includes(relation.schema()) {
            continue;
        }
        emit.named(|column| match column {
            "relid" => number(relation.oid()),
            "schemaname" => schema_of(context.scope, relation.schema()),
            "relname" => text(relation.name()),
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
        let figures = context.session.index_figures(index, Counted::ByAll);
        emit.named(|column| match column {
            "relid" => number(table.oid),
            "indexrelid" => number(index.oid),
            "schemaname" => schema_of(scope, table.schema),
            "relname" => text(&table.name),
            "indexrelname" => text(&index.name),
            "idx_scan" => figures.map_or(Item::Null, |figures| count(figures.scans)),
            "idx_tup_read" => figures.map_or(Item::Null, |figures| count(figures.entries)),
            "idx_tup_fetch" => figures.map_or(Item::Null, |figures| count(figures.rows_fetched)),
            _ => Item::Null,
        })?;
    }
    Ok(())
}

/// Functions of users that were called.
fn functions(context: &SystemContext<'_>, emit: &mut Emit, counted: Counted) -> CatalogResult<()> {
    for object in context.scope.objects() {
        let Object::Function(function) = object else { continue };
        let Some(figures) = context.session.function_figures(function.oid, counted) else { continue };
        emit.named(|column| match column {
            "funcid" => number(function.oid),
            "schemaname" => schema_of(context.scope, function.schema),
            "funcname" => text(&function.name),
            "calls" => count(figures.calls),
            "total_time" => Item::Float64(figures.total),
            "self_time" => Item::Float64(figures.own),
            _ => Item::Null,
        })?;
    }
    Ok(())
}
