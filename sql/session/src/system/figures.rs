//! Rows of what was counted: databases, statements; and of tables and indexes what the catalog asks.

use super::live::{Emit, Live, database_of, oid_item, row, text};
use crate::counts::{self, Counts};
use catalog::object::{Index, Object, Table};
use catalog::{CatalogResult, IndexFigures, Scope, SystemTable, TableFigures};
use store::{Bounds, DatabaseId, TreeId};
use types::Item;

/// What was counted in a database, once somebody has asked.
#[derive(Default)]
pub struct Figures {
    counts: Option<Counts>,
}

impl Figures {
    fn counts(&mut self, live: &Live<'_>) -> &Counts {
        self.counts.get_or_insert_with(|| live.engine.sessions.counts(live.store.1))
    }

    /// Of a table.
    pub fn table(&mut self, live: &Live<'_>, table: &Table) -> TableFigures {
        let database = live.store.1;
        let counts = self.counts(live);
        let known = live.engine.sessions.with_past(|past| past.table(database, table.oid, counts));
        let rows = || {
            let view = live.engine.store.view(database).ok()?;
            view.tree(TreeId(table.tree)).ok()?.count(&Bounds::all()).ok()
        };
        TableFigures { live: if table.is_partitioned() { Some(0) } else { rows() }, ..known }
    }

    /// Of an index.
    pub fn index(&mut self, live: &Live<'_>, index: &Index) -> IndexFigures {
        counts::index(index.tree, self.counts(live))
    }
}

fn count(number: u64) -> Item<'static> {
    Item::Int64(i64::try_from(number).unwrap_or(i64::MAX))
}

/// `pg_stat_database`. How many pages were read, and how long anything took, nobody counts: that is null.
pub(super) fn databases(
    live: &Live<'_>,
    scope: &Scope,
    table: &SystemTable,
    emit: &mut Emit<'_>,
) -> CatalogResult<()> {
    for object in scope.shared_objects() {
        let Object::Database(database) = object else { continue };
        let branch = DatabaseId(database.branch);
        let sessions = &live.engine.sessions;
        let counts = sessions.counts(branch);
        let come = sessions.with_past(|past| past.come.get(&branch).copied().unwrap_or(0));
        let (tables, indexes) = (counts.totals.all_tables(), counts.totals.all_indexes());
        row(table, emit, |column| match column {
            "datid" => oid_item(database.oid),
            "datname" => text(&database.name),
            "numbackends" => Item::Int32(i32::try_from(sessions.in_database(branch)).unwrap_or(i32::MAX)),
            "xact_commit" => count(counts.commits),
            "xact_rollback" => count(counts.rollbacks),
            "tup_returned" => count(tables.rows_scanned + indexes.entries),
            "tup_fetched" => count(tables.rows_fetched + indexes.rows_fetched),
            "tup_inserted" => count(tables.inserted),
            "tup_updated" => count(tables.updated),
            "tup_deleted" => count(tables.deleted),
            "sessions" => count(come),
            // Nobody recovers beside those who write.
            "conflicts" => Item::Int64(0),
            _ => Item::Null,
        })?;
    }
    Ok(())
}

/// `pg_stat_statements`. Plans, pages and the log are counted for no statement by itself: that is null. Texts of other roles only a
/// superuser sees.
pub(super) fn statements(
    live: &Live<'_>,
    scope: &Scope,
    table: &SystemTable,
    emit: &mut Emit<'_>,
) -> CatalogResult<()> {
    let asks = live.role;
    for ((branch, role, number), figures) in live.engine.watched.all() {
        let sees = role == asks || scope.is_superuser(asks);
        row(table, emit, |column| match column {
            "userid" => oid_item(role),
            "dbid" => database_of(scope, branch).map_or(Item::Null, |(number, _)| oid_item(number)),
            "toplevel" => Item::Bool(true),
            "queryid" if sees => Item::Int64(number),
            "query" if sees => text(&figures.text),
            "query" => text("<insufficient privilege>"),
            "calls" => count(figures.calls),
            "rows" => count(figures.rows),
            "total_exec_time" => Item::Float64(figures.total),
            "min_exec_time" => Item::Float64(figures.least),
            "max_exec_time" => Item::Float64(figures.most),
            "mean_exec_time" => Item::Float64(figures.mean()),
            "stddev_exec_time" => Item::Float64(figures.deviation()),
            _ => Item::Null,
        })?;
    }
    Ok(())
}
