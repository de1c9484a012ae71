//! Rows of what was counted: databases, statements; and of tables, indexes and functions what the catalog asks.

use super::live::{Emit, Live, NOT_SEEN, database_of, oid_item, row, text};
use crate::statistics::{Logged, Reader, milliseconds};
use catalog::object::{Index, Object, Table};
use catalog::{CatalogResult, Counted, FunctionFigures, IndexFigures, Oid, Scope, SystemTable, TableFigures};
use datetime::TimestampTz;
use store::DatabaseId;
use types::{Item, Numeric};

/// What was counted of a table.
pub(super) fn table(reader: &Reader<'_>, table: &Table, counted: Counted) -> TableFigures {
    let (entry, live) = match counted {
        Counted::ByAll => (reader.table(table.oid).unwrap_or_default(), Some(reader.live_rows(table.oid))),
        Counted::Lately => {
            let counts = reader.own_table(table.oid);
            (crate::statistics::TableEntry { counts, ..Default::default() }, None)
        }
    };
    TableFigures {
        live,
        scans: entry.counts.scans,
        rows_scanned: entry.counts.rows_scanned,
        rows_fetched: entry.counts.rows_fetched,
        inserted: entry.counts.inserted,
        updated: entry.counts.updated,
        deleted: entry.counts.deleted,
        dead: entry.dead,
        changed_since_analyze: entry.changed,
        inserted_since_vacuum: entry.inserted,
        analyzed: entry.analyzed.map(|at| at.0),
        analyses: entry.analyses,
        vacuumed: entry.vacuumed.map(|at| at.0),
        vacuums: entry.vacuums,
    }
}

/// The same of an index.
pub(super) fn index(reader: &Reader<'_>, index: &Index, counted: Counted) -> IndexFigures {
    let counts = match counted {
        Counted::ByAll => reader.index(index),
        Counted::Lately => reader.own_index(index),
    };
    IndexFigures { scans: counts.scans, entries: counts.entries, rows_fetched: counts.rows_fetched }
}

/// The same of a function, if it was called.
pub(super) fn function(reader: &Reader<'_>, function: Oid, counted: Counted) -> Option<FunctionFigures> {
    let counts = match counted {
        Counted::ByAll => reader.function(function),
        Counted::Lately => reader.own_function(function),
    }?;
    let (total, own) = (milliseconds(counts.total), milliseconds(counts.own));
    Some(FunctionFigures { calls: counts.calls, total, own })
}

fn count(number: u64) -> Item<'static> {
    Item::Int64(i64::try_from(number).unwrap_or(i64::MAX))
}

fn time(at: Option<TimestampTz>) -> Item<'static> {
    at.map_or(Item::Null, |at| Item::Int64(at.0))
}

/// `pg_stat_database`. How many pages were read, and how long anything took, nobody counts: that is null.
pub(super) fn databases(
    live: &Live<'_>,
    (reader, scope): (&Reader<'_>, &Scope),
    table: &SystemTable,
    emit: &mut Emit<'_>,
) -> CatalogResult<()> {
    for object in scope.shared_objects() {
        let Object::Database(database) = object else { continue };
        let branch = DatabaseId(database.branch);
        let (sessions, counts) = (&live.engine.sessions, reader.of_database(branch));
        row(table, emit, |column| match column {
            "datid" => oid_item(database.oid),
            "datname" => text(&database.name),
            "numbackends" => Item::Int32(i32::try_from(sessions.in_database(branch)).unwrap_or(i32::MAX)),
            "xact_commit" => count(counts.commits),
            "xact_rollback" => count(counts.rollbacks),
            "tup_returned" => count(counts.tables.rows_scanned + counts.indexes.entries),
            "tup_fetched" => count(counts.tables.rows_fetched + counts.indexes.rows_fetched),
            "tup_inserted" => count(counts.tables.inserted),
            "tup_updated" => count(counts.tables.updated),
            "tup_deleted" => count(counts.tables.deleted),
            "sessions" => count(counts.come),
            "deadlocks" => count(counts.deadlocks),
            "stats_reset" => time(counts.reset),
            // Nobody recovers beside those who write.
            "conflicts" => Item::Int64(0),
            _ => Item::Null,
        })?;
    }
    Ok(())
}

/// `pg_stat_database_conflicts`: nobody recovers beside those who write.
pub(super) fn conflicts(scope: &Scope, table: &SystemTable, emit: &mut Emit<'_>) -> CatalogResult<()> {
    for object in scope.shared_objects() {
        let Object::Database(database) = object else { continue };
        row(table, emit, |column| match column {
            "datid" => oid_item(database.oid),
            "datname" => text(&database.name),
            _ => Item::Int64(0),
        })?;
    }
    Ok(())
}

/// The parts of PostgreSQL's server that keep pages in a cache of few. All that there is of them is the queue of NOTIFY, which lies
/// in memory: how many pages it has begun to fill is counted, and the others do nothing.
const SLRUS: [&str; 8] =
    ["CommitTs", "MultiXactMember", "MultiXactOffset", "Notify", "Serial", "Subtrans", "Xact", "other"];

/// `pg_stat_slru`
pub(super) fn slrus(
    live: &Live<'_>,
    reader: &Reader<'_>,
    table: &SystemTable,
    emit: &mut Emit<'_>,
) -> CatalogResult<()> {
    let told = reader.told();
    let since = told.reset.unwrap_or(live.engine.opened);
    for name in SLRUS {
        row(table, emit, |column| match column {
            "name" => text(name),
            "blks_zeroed" if name == "Notify" => count(told.pages),
            "stats_reset" if name == "Notify" => time(Some(since)),
            "stats_reset" => time(Some(live.engine.opened)),
            _ => Item::Int64(0),
        })?;
    }
    Ok(())
}

/// Since when figures of the server as a whole are counted, and what the log had done before.
fn since(live: &Live<'_>, name: &'static str) -> (TimestampTz, Logged) {
    live.engine.statistics.shared_reset(name).unwrap_or((live.engine.opened, Logged::default()))
}

/// `pg_stat_archiver`: nothing is archived.
pub(super) fn archiver(live: &Live<'_>, table: &SystemTable, emit: &mut Emit<'_>) -> CatalogResult<()> {
    row(table, emit, |column| match column {
        "archived_count" | "failed_count" => Item::Int64(0),
        "stats_reset" => time(Some(since(live, "archiver").0)),
        _ => Item::Null,
    })
}

/// `pg_stat_bgwriter`: nobody counts how pages come into the file, which is null.
pub(super) fn writer(live: &Live<'_>, table: &SystemTable, emit: &mut Emit<'_>) -> CatalogResult<()> {
    row(table, emit, |column| match column {
        "stats_reset" => time(Some(since(live, "bgwriter").0)),
        _ => Item::Null,
    })
}

/// `pg_stat_wal`: no page is logged as a whole, and how long anything took nobody counts.
pub(super) fn log(live: &Live<'_>, table: &SystemTable, emit: &mut Emit<'_>) -> CatalogResult<()> {
    let (at, before) = since(live, "wal");
    let done = Logged::by(&live.engine.store).since(before);
    row(table, emit, |column| match column {
        "wal_records" => count(done.records),
        "wal_fpi" => Item::Int64(0),
        "wal_bytes" => Item::Numeric(Numeric::from(i64::try_from(done.bytes).unwrap_or(i64::MAX))),
        "wal_write" => count(done.writes),
        "wal_sync" => count(done.syncs),
        "stats_reset" => time(Some(at)),
        _ => Item::Null,
    })
}

/// `pg_stat_statements`. Plans, pages and the log are counted for no statement by itself: that is null. Texts of others only those see
/// who see what they do.
pub(super) fn statements(
    live: &Live<'_>,
    scope: &Scope,
    table: &SystemTable,
    emit: &mut Emit<'_>,
) -> CatalogResult<()> {
    let sees_role = live.sees(scope);
    for ((branch, role, number), figures) in live.engine.watched.all() {
        let sees = sees_role(role);
        row(table, emit, |column| match column {
            "userid" => oid_item(role),
            "dbid" => database_of(scope, branch).map_or(Item::Null, |(number, _)| oid_item(number)),
            "toplevel" => Item::Bool(true),
            "queryid" if sees => Item::Int64(number),
            "query" if sees => text(&figures.text),
            "query" => text(NOT_SEEN),
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
