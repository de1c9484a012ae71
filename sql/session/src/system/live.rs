//! Rows about what goes on now: sessions, locks, cursors, prepared statements, zones and their clocks.

use crate::cursor::Cursors;
use crate::definition::databases::Presence;
use crate::engine::{Engine, now};
use crate::prepared::PreparedStatements;
use crate::procedural::Lent;
use crate::sequence::sets::Sets;
use crate::services::activity::{Activity, State};
use crate::statistics::Reader;
use catalog::object::{Object, PG_READ_ALL_STATS};
use catalog::{Actor, CatalogResult, Oid, Scope, SystemTable};
use datetime::Interval;
use datetime::zone::{Listed, listed_abbreviations, listed_names};
use execute::Tally;
use std::cell::RefCell;
use std::collections::BTreeMap;
use store::locks::{AdvisoryKey, LockMode, LockView, Span, ViewTarget};
use store::{DatabaseId, Session as StoreSession, TreeId};
use types::array::{ArrayBuilder, Dimension};
use types::catalog::oid;
use types::{Item, Type, Value};

/// Takes rows.
pub(super) type Emit<'e> = dyn FnMut(&[Item<'_>]) -> CatalogResult<()> + 'e;

/// Where that is found.
#[derive(Clone, Copy)]
pub struct Live<'l> {
    /// What sessions share.
    pub engine: &'l Engine,
    /// Who asks, and of which database.
    pub store: (&'l StoreSession, DatabaseId),
    /// As which role.
    pub role: Oid,
    /// Sequences that it has set.
    pub sets: &'l RefCell<Sets>,
    /// Cursors of the session.
    pub cursors: &'l RefCell<Cursors>,
    /// Its prepared statements.
    pub prepared: &'l RefCell<PreparedStatements>,
    /// What the session counts.
    pub tally: &'l RefCell<Tally>,
    /// What is lent to functions that run statements, where they may be run.
    pub lent: Option<&'l Lent<'l>>,
}

/// What stands for the text of a statement that whoever asks does not see.
pub(super) const NOT_SEEN: &str = "<insufficient privilege>";

/// The values of a row by the names of their columns; null where there is none.
pub(super) fn row<'v>(
    table: &SystemTable,
    emit: &mut Emit<'_>,
    value: impl Fn(&str) -> Item<'v>,
) -> CatalogResult<()> {
    let row: Vec<Item<'v>> = table.columns.iter().map(|column| value(column.name)).collect();
    emit(&row)
}

pub(super) fn text(text: &str) -> Item<'_> {
    Item::Bytes(text.as_bytes())
}

pub(super) fn oid_item(number: Oid) -> Item<'static> {
    Item::Int32(number.cast_signed())
}

fn pid(session: u64) -> Item<'static> {
    Item::Int32(i32::try_from(session).unwrap_or(i32::MAX))
}

impl Live<'_> {
    /// Whether whoever asks sees what this role does.
    pub(super) fn sees<'s>(&self, scope: &'s Scope) -> impl Fn(Oid) -> bool + use<'s> {
        let actor = Actor::new(scope, self.role, self.store.1.0);
        let all = actor.has_rights_of(PG_READ_ALL_STATS);
        move |role| all || actor.has_rights_of(role)
    }

    /// The rows of a table, if it is one of these.
    pub(super) fn rows(
        &self,
        reader: &Reader<'_>,
        scope: &Scope,
        table: &SystemTable,
        emit: &mut Emit<'_>,
    ) -> CatalogResult<()> {
        let moment = now(&*self.engine.env);
        match table.name {
            "pg_cursors" => self.cursor_rows(table, emit),
            "pg_prepared_statements" => self.prepared_rows(table, emit),
            "pg_locks" => self.lock_rows(scope, table, emit),
            "pg_stat_database" => super::figures::databases(self, (reader, scope), table, emit),
            "pg_stat_database_conflicts" => super::figures::conflicts(scope, table, emit),
            "pg_stat_slru" => super::figures::slrus(self, reader, table, emit),
            "pg_stat_wal" => super::figures::log(self, table, emit),
            "pg_stat_bgwriter" => super::figures::writer(self, table, emit),
            "pg_stat_archiver" => super::figures::archiver(self, table, emit),
            "pg_stat_statements" => super::figures::statements(self, scope, table, emit),
            "pg_stat_activity" => self.activity_rows(scope, table, emit),
            "pg_stat_gssapi" => self.ticket_rows(table, emit),
            "pg_timezone_names" => zone_rows(listed_names(moment), table, emit),
            "pg_timezone_abbrevs" => zone_rows(listed_abbreviations(moment), table, emit),
            _ => Ok(()),
        }
    }

    fn cursor_rows(&self, table: &SystemTable, emit: &mut Emit<'_>) -> CatalogResult<()> {
        for (name, cursor) in self.cursors.borrow().told() {
            row(table, emit, |column| match column {
                "name" => text(name),
                "statement" => text(&cursor.statement),
                "is_holdable" => Item::Bool(cursor.hold),
                "is_binary" => Item::Bool(cursor.binary),
                "is_scrollable" => Item::Bool(cursor.scroll),
                "creation_time" => Item::Int64(cursor.declared.0),
                _ => Item::Null,
            })?;
        }
        Ok(())
    }

    fn prepared_rows(&self, table: &SystemTable, emit: &mut Emit<'_>) -> CatalogResult<()> {
        for (name, prepared, runs) in self.prepared.borrow().told() {
            let mut types = ArrayBuilder::new(oid::REGTYPE, types::Kind::Int32);
            let parameters = prepared.statement.parameters();
            parameters.iter().for_each(|parameter| types.push(&oid_item(parameter.oid)));
            let length = i32::try_from(parameters.len()).unwrap_or(i32::MAX);
            let dimension = Dimension { length, lower: 1 };
            let dimensions = if parameters.is_empty() { &[][..] } else { std::slice::from_ref(&dimension) };
            let types = types.finish(dimensions);
            row(table, emit, |column| match column {
                "name" => text(name),
                "statement" => text(&prepared.preparation.text),
                "prepare_time" => Item::Int64(prepared.preparation.at.0),
                "parameter_types" => Item::Bytes(&types),
                "from_sql" => Item::Bool(prepared.preparation.from_sql),
                "generic_plans" => Item::Int64(i64::try_from(runs.generic_runs).unwrap_or(i64::MAX)),
                "custom_plans" => Item::Int64(i64::try_from(runs.custom_runs).unwrap_or(i64::MAX)),
                _ => Item::Null,
            })?;
        }
        Ok(())
    }

    fn activity_rows(&self, scope: &Scope, table: &SystemTable, emit: &mut Emit<'_>) -> CatalogResult<()> {
        let waiting: BTreeMap<u64, &'static str> = self
            .engine
            .store
            .locks()
            .into_iter()
            .filter(|line| !line.granted)
            .map(|line| (line.holder.session.0, kind_of(&line)))
            .collect();
        let sees = self.sees(scope);
        for presence in self.engine.sessions.all() {
            let activity = presence.activity.lock().clone();
            let waits = waiting.get(&presence.pid).copied();
            let is_seen = sees(activity.role);
            activity_row(scope, table, emit, (&presence, &activity, waits, is_seen))?;
        }
        Ok(())
    }

    /// Nobody proves who he is by GSSAPI, and no connection is encrypted by it.
    fn ticket_rows(&self, table: &SystemTable, emit: &mut Emit<'_>) -> CatalogResult<()> {
        for presence in self.engine.sessions.all() {
            row(table, emit, |column| match column {
                "pid" => pid(presence.pid),
                "gss_authenticated" | "encrypted" => Item::Bool(false),
                _ => Item::Null,
            })?;
        }
        Ok(())
    }

    fn lock_rows(&self, scope: &Scope, table: &SystemTable, emit: &mut Emit<'_>) -> CatalogResult<()> {
        for line in self.engine.store.locks() {
            lock_row(scope, table, emit, &line)?;
        }
        // Each transaction holds the name that it has before it has a number.
        for presence in self.engine.sessions.all() {
            if presence.activity.lock().transaction_began.is_some() {
                virtual_row(table, emit, presence.pid)?;
            }
        }
        Ok(())
    }
}

fn activity_row(
    scope: &Scope,
    table: &SystemTable,
    emit: &mut Emit<'_>,
    (presence, activity, waits, is_seen): (&Presence, &Activity, Option<&'static str>, bool),
) -> CatalogResult<()> {
    let database = database_of(scope, presence.database);
    let role = scope.role(activity.role);
    let address = activity.address.as_deref().and_then(inet);
    let time = |moment: Option<datetime::TimestampTz>| moment.map_or(Item::Null, |at| Item::Int64(at.0));
    row(table, emit, |column| match column {
        "datid" => database.map_or(Item::Null, |(number, _)| oid_item(number)),
        "datname" => database.map_or(Item::Null, |(_, name)| text(name)),
        "pid" => pid(presence.pid),
        "usesysid" => oid_item(activity.role),
        "usename" => role.map_or(Item::Null, |role| text(&role.name)),
        "application_name" => text(&activity.application),
        "query" if !is_seen => text(NOT_SEEN),
        _ if !is_seen => Item::Null,
        "client_addr" => address.as_ref().map_or(Item::Null, |address| Item::Bytes(address)),
        "client_port" => activity.port.map_or(Item::Null, Item::Int32),
        "backend_start" => Item::Int64(activity.began.0),
        "xact_start" => time(activity.transaction_began),
        "query_start" => time(activity.query_began),
        "state_change" => Item::Int64(activity.changed.0),
        "wait_event_type" => match (waits, activity.state) {
            (Some(_), _) => text("Lock"),
            (None, State::Resting(_)) => text("Client"),
            (None, State::Active) => Item::Null,
        },
        "wait_event" => match (waits, activity.state) {
            (Some(kind), _) => text(kind),
            (None, State::Resting(_)) => text("ClientRead"),
            (None, State::Active) => Item::Null,
        },
        "state" => text(activity.state.name()),
        "query" => text(&activity.query),
        "backend_type" => text("client backend"),
        _ => Item::Null,
    })
}

/// An address as a value of type `inet`.
pub(crate) fn inet(address: &str) -> Option<Box<[u8]>> {
    let settings = types::text::TextSettings::default();
    let value =
        types::text::input(&types::catalog::BuiltinTypes, Type::of(oid::INET), address, &settings).ok()?;
    if let Value::Bytes(bytes) = value { Some(bytes.to_vec().into()) } else { None }
}

/// The number and the name of the database that is this branch.
pub(super) fn database_of(scope: &Scope, branch: DatabaseId) -> Option<(Oid, &str)> {
    scope.shared_objects().find_map(|object| match object {
        Object::Database(database) if database.branch == branch.0 => {
            Some((database.oid, database.name.as_str()))
        }
        _ => None,
    })
}

/// The relation that is locked by the number of this tree.
fn relation_of(scope: &Scope, lock: u64) -> Option<Oid> {
    scope.objects().find_map(|object| match object {
        Object::Table(table) if table.lock == lock => Some(table.oid),
        Object::View(view) if view.lock == lock => Some(view.oid),
        _ => None,
    })
}

/// `pg_locks.locktype`: rows are waited for by waiting for the transaction that holds them.
fn kind_of(line: &LockView) -> &'static str {
    match &line.target {
        ViewTarget::Relation(_) => "relation",
        ViewTarget::Advisory(_) => "advisory",
        ViewTarget::Transaction(running) => match running.span {
            Span::Transaction if line.granted => "transactionid",
            Span::Transaction => "virtualxid",
            Span::Insertion => "spectoken",
        },
        ViewTarget::Rows { .. } | ViewTarget::Key { .. } | ViewTarget::Written => "transactionid",
    }
}

/// A transaction by the name that it has before it has a number.
fn virtual_name(session: u64) -> String {
    format!("{session}/1")
}

fn virtual_row(table: &SystemTable, emit: &mut Emit<'_>, session: u64) -> CatalogResult<()> {
    let name = virtual_name(session);
    row(table, emit, |column| match column {
        "locktype" => text("virtualxid"),
        "virtualxid" | "virtualtransaction" => text(&name),
        "pid" => pid(session),
        "mode" => text("ExclusiveLock"),
        "granted" | "fastpath" => Item::Bool(true),
        _ => Item::Null,
    })
}

fn lock_row(scope: &Scope, table: &SystemTable, emit: &mut Emit<'_>, line: &LockView) -> CatalogResult<()> {
    let (branch, relation) = match &line.target {
        ViewTarget::Relation(relation) => {
            let (branch, tree) = store::named_by(TreeId(relation.0));
            (Some(branch), relation_of(scope, tree.0))
        }
        ViewTarget::Advisory(AdvisoryKey::One(branch, _) | AdvisoryKey::Two(branch, _, _)) => {
            (Some(*branch), None)
        }
        // Rows that are held are not listed one by one, as PostgreSQL does not.
        ViewTarget::Rows { .. } | ViewTarget::Key { .. } | ViewTarget::Written if line.granted => {
            return Ok(());
        }
        ViewTarget::Transaction(_)
        | ViewTarget::Rows { .. }
        | ViewTarget::Key { .. }
        | ViewTarget::Written => (None, None),
    };
    let key = match &line.target {
        ViewTarget::Advisory(AdvisoryKey::One(_, number)) => {
            Some(((number >> 32) as u32, *number as u32, 1i16))
        }
        ViewTarget::Advisory(AdvisoryKey::Two(_, high, low)) => {
            Some((high.cast_unsigned(), low.cast_unsigned(), 2i16))
        }
        ViewTarget::Relation(_)
        | ViewTarget::Transaction(_)
        | ViewTarget::Rows { .. }
        | ViewTarget::Key { .. }
        | ViewTarget::Written => None,
    };
    let waited_for = match (kind_of(line), &line.target) {
        ("virtualxid", ViewTarget::Transaction(running)) => Some(virtual_name(running.session.0)),
        _ => None,
    };
    // Whoever holds the number of a transaction is that one.
    let numbered = if line.granted { Some(&line.holder) } else { line.blocked_by.first() };
    let number = numbered.and_then(|holder| holder.transaction);
    let virtual_transaction = virtual_name(line.holder.session.0);
    let mode = match line.mode {
        LockMode::Relation(mode) => format!("{mode:?}Lock"),
        LockMode::Row(_) => "ShareLock".to_owned(),
    };
    let database = branch.and_then(|branch| database_of(scope, branch));
    row(table, emit, |column| match column {
        "locktype" => text(kind_of(line)),
        "database" => database.map_or(Item::Null, |(number, _)| oid_item(number)),
        "relation" => relation.map_or(Item::Null, oid_item),
        "virtualxid" => waited_for.as_deref().map_or(Item::Null, text),
        "transactionid" if branch.is_none() && waited_for.is_none() => {
            number.map_or(Item::Null, |transaction| Item::Int32(transaction.0 as i32))
        }
        "classid" => key.map_or(Item::Null, |(class, _, _)| oid_item(class)),
        "objid" => key.map_or(Item::Null, |(_, object, _)| oid_item(object)),
        "objsubid" => key.map_or(Item::Null, |(_, _, kind)| Item::Int16(kind)),
        "virtualtransaction" => text(&virtual_transaction),
        "pid" => pid(line.holder.session.0),
        "mode" => text(&mode),
        "granted" => Item::Bool(line.granted),
        "fastpath" => Item::Bool(false),
        _ => Item::Null,
    })
}

fn zone_rows(
    zones: impl Iterator<Item = Listed>,
    table: &SystemTable,
    emit: &mut Emit<'_>,
) -> CatalogResult<()> {
    for zone in zones {
        let offset = Interval { months: 0, days: 0, microseconds: i64::from(zone.offset) * 1_000_000 };
        row(table, emit, |column| match column {
            "name" => text(zone.name),
            "abbrev" => text(&zone.abbreviation),
            "utc_offset" => Item::Interval(offset),
            "is_dst" => Item::Bool(zone.is_daylight),
            _ => Item::Null,
        })?;
    }
    Ok(())
}
