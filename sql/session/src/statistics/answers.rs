//! The functions by which statistics are asked for and let begin anew.

use super::shared::Key;
use super::{Logged, Reader, TableEntry};
use crate::engine::now;
use crate::services::{Services, number, text};
use catalog::object::Object;
use catalog::{Actor, Oid};
use datetime::TimestampTz;
use diagnostic::SqlState;
use execute::{FunctionCounts, TableCounts};
use functions::{FunctionError, FunctionResult, SessionFunction, Site};
use store::DatabaseId;
use types::{Item, Value};

/// What is let begin anew as a whole, and is told by a view of its own.
pub(crate) const SHARED: [&str; 4] = ["archiver", "bgwriter", "recovery_prefetch", "wal"];
/// Kinds of statistics of which the server has one, always.
const SINGLE: [&str; 5] = ["archiver", "bgwriter", "checkpointer", "slru", "wal"];
/// Kinds of which there may be several; of the last two there are none here.
const SEVERAL: [&str; 5] = ["database", "relation", "function", "replslot", "subscription"];

fn count(number: u64) -> Value {
    Value::Int64(i64::try_from(number).unwrap_or(i64::MAX))
}

fn time(at: Option<TimestampTz>) -> Value {
    at.map_or(Value::Null, |at| Value::Int64(at.0))
}

impl Services<'_> {
    fn reader(&self) -> Reader<'_> {
        Reader::new(self.live, self.scope, self.settings.typed().fetch)
    }

    /// What is asked about one relation, function, or database.
    pub(crate) fn statistic(&mut self, site: &Site, arguments: &[Item<'_>]) -> FunctionResult<Value> {
        let asked = arguments.first().map_or(0, number);
        let name = site.function.name.strip_prefix("pg_stat_get_").unwrap_or_default();
        let reader = self.reader();
        let own = name.strip_prefix("xact_");
        let found = match (own, name.strip_prefix("db_")) {
            (Some(name), _) => match name.strip_prefix("function_") {
                Some(name) => of_function(name, reader.own_function(asked)),
                None => {
                    let counts = match self.scope.index(asked) {
                        Some(index) => {
                            let counts = reader.own_index(index);
                            TableCounts {
                                scans: counts.scans,
                                rows_scanned: counts.entries,
                                rows_fetched: counts.rows_fetched,
                                ..TableCounts::default()
                            }
                        }
                        None => reader.own_table(asked),
                    };
                    of_counts(name, &counts)
                }
            },
            (None, Some(name)) => self.of_database_statistic(&reader, name, asked),
            (None, None) => match name.strip_prefix("function_") {
                Some(name) => of_function(name, reader.function(asked)),
                None => self.of_relation_statistic(&reader, name, asked),
            },
        };
        found.ok_or_else(|| FunctionError::Unsupported(format!("function {}", site.function.name)))
    }

    fn of_relation_statistic(&self, reader: &Reader<'_>, name: &str, asked: Oid) -> Option<Value> {
        if let Some(index) = self.scope.index(asked) {
            let counts = reader.index(index);
            return Some(match name {
                "numscans" => count(counts.scans),
                "tuples_returned" => count(counts.entries),
                "tuples_fetched" => count(counts.rows_fetched),
                name => of_table(name, &TableEntry::default())?,
            });
        }
        if name == "live_tuples" {
            return Some(count(reader.live_rows(asked)));
        }
        of_table(name, &reader.table(asked).unwrap_or_default())
    }

    fn branch_of(&self, database: Oid) -> Option<DatabaseId> {
        self.scope.shared_objects().find_map(|object| match object {
            Object::Database(found) if found.oid == database => Some(DatabaseId(found.branch)),
            _ => None,
        })
    }

    fn of_database_statistic(&self, reader: &Reader<'_>, name: &str, asked: Oid) -> Option<Value> {
        let branch = self.branch_of(asked);
        let entry = branch.map(|branch| reader.of_database(branch)).unwrap_or_default();
        Some(match name {
            "numbackends" => {
                let there = branch.map_or(0, |branch| self.engine.sessions.in_database(branch));
                Value::Int32(i32::try_from(there).unwrap_or(i32::MAX))
            }
            "xact_commit" => count(entry.commits),
            "xact_rollback" => count(entry.rollbacks),
            "tuples_returned" => count(entry.tables.rows_scanned + entry.indexes.entries),
            "tuples_fetched" => count(entry.tables.rows_fetched + entry.indexes.rows_fetched),
            "tuples_inserted" => count(entry.tables.inserted),
            "tuples_updated" => count(entry.tables.updated),
            "tuples_deleted" => count(entry.tables.deleted),
            "sessions" => count(entry.come),
            "deadlocks" => count(entry.deadlocks),
            "stat_reset_time" => time(entry.reset),
            // Nobody recovers beside those who write.
            "conflict_all"
            | "conflict_tablespace"
            | "conflict_lock"
            | "conflict_snapshot"
            | "conflict_bufferpin"
            | "conflict_startup_deadlock" => Value::Int64(0),
            _ => return None,
        })
    }

    /// Does what one of these functions does, if whoever asks may have it done.
    pub(crate) fn of_counts(
        &mut self,
        function: SessionFunction,
        arguments: &[Item<'_>],
    ) -> FunctionResult<Option<Value>> {
        use SessionFunction as F;
        let nothing = || Ok(Some(Value::Bytes([].into())));
        let at = now(&*self.engine.env);
        let asked = arguments.first().map_or(0, number);
        match function {
            F::FlushStatistics => {
                self.kept.hands_on = true;
                nothing()
            }
            F::ClearStatisticsSnapshot => {
                self.reader().clear();
                nothing()
            }
            F::StatisticsSnapshotTime => Ok(Some(time(self.reader().taken()))),
            F::HaveStatistics => {
                self.may_call(6230)?;
                Ok(Some(Value::Bool(self.has_statistics(arguments)?)))
            }
            F::ResetStatistics => {
                self.may_call(2274)?;
                self.engine.statistics.reset(self.database, at);
                nothing()
            }
            F::ResetStatementStatistics => {
                self.may_call(13_993)?;
                self.engine.watched.reset();
                nothing()
            }
            F::ResetRelationStatistics => {
                self.may_call(3776)?;
                let key = self.reader().key_of(asked);
                self.engine.statistics.reset_one(self.database, key, at);
                nothing()
            }
            F::ResetFunctionStatistics => {
                self.may_call(3777)?;
                let key = self.reader().key_of_function(asked);
                self.engine.statistics.reset_one(self.database, key, at);
                nothing()
            }
            F::ResetSharedStatistics => {
                self.may_call(3775)?;
                self.reset_shared(arguments.first().map_or("", text), at)?;
                nothing()
            }
            F::ResetSlruStatistics => {
                self.may_call(2307)?;
                // Whatever is not called otherwise belongs to the others, of which nothing is counted.
                if matches!(arguments.first(), None | Some(Item::Null))
                    || arguments.first().map(text) == Some("Notify")
                {
                    self.engine.statistics.reset_told(at);
                }
                nothing()
            }
            _ => Ok(None), // all others are answered elsewhere
        }
    }

    /// # Errors
    /// When whoever asks may not call a function of the program's, which goes by this number.
    pub(crate) fn may_call(&self, function: Oid) -> FunctionResult<()> {
        let actor = Actor::new(self.scope, self.roles.0, self.database.0);
        if crate::privileges::may_call_builtin(&actor, function) {
            return Ok(());
        }
        let name = functions::table::function(function).map_or("", |entry| entry.name);
        let message = format!("permission denied for function {name}");
        Err(FunctionError::plain(SqlState::InsufficientPrivilege, message))
    }

    fn reset_shared(&self, target: &str, at: TimestampTz) -> FunctionResult<()> {
        let Some(name) = SHARED.into_iter().find(|name| *name == target) else {
            return Err(FunctionError::Plain {
                state: SqlState::InvalidParameterValue,
                message: format!("unrecognized reset target: \"{target}\""),
                detail: None,
                hint: Some(
                    "Target must be \"archiver\", \"bgwriter\", \"recovery_prefetch\", or \"wal\"."
                        .to_owned(),
                ),
            });
        };
        self.engine.statistics.reset_shared(name, (at, Logged::by(&self.engine.store)));
        Ok(())
    }

    fn has_statistics(&self, arguments: &[Item<'_>]) -> FunctionResult<bool> {
        let kind = arguments.first().map_or("", text).to_ascii_lowercase();
        if SINGLE.contains(&kind.as_str()) {
            return Ok(true);
        }
        if !SEVERAL.contains(&kind.as_str()) {
            let message = format!("invalid statistics kind: \"{kind}\"");
            return Err(FunctionError::plain(SqlState::InvalidParameterValue, message));
        }
        let [_, database, object] = arguments else { return Ok(false) };
        let Some(branch) = self.branch_of(number(database)) else { return Ok(false) };
        let (reader, object) = (self.reader(), number(object));
        let key = match kind.as_str() {
            "database" if object == 0 => Key::Database,
            "relation" => reader.key_of(object),
            "function" => reader.key_of_function(object),
            _ => return Ok(false),
        };
        Ok(reader.newest(branch, key).is_some())
    }
}

/// What a function's calls were; null if there was none.
fn of_function(name: &str, counts: Option<FunctionCounts>) -> Option<Value> {
    let told = match name {
        "calls" => counts.map(|counts| count(counts.calls)),
        "total_time" => counts.map(|counts| Value::Float64(milliseconds(counts.total))),
        "self_time" => counts.map(|counts| Value::Float64(milliseconds(counts.own))),
        _ => return None,
    };
    Some(told.unwrap_or(Value::Null))
}

/// A time as statistics tell it.
pub(crate) fn milliseconds(time: std::time::Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

/// What was read and changed.
fn of_counts(name: &str, counts: &TableCounts) -> Option<Value> {
    Some(match name {
        "numscans" => count(counts.scans),
        "tuples_returned" => count(counts.rows_scanned),
        "tuples_fetched" => count(counts.rows_fetched),
        "tuples_inserted" => count(counts.inserted),
        "tuples_updated" => count(counts.updated),
        "tuples_deleted" => count(counts.deleted),
        // There are no rows behind rows.
        "tuples_hot_updated" => Value::Int64(0),
        _ => return None,
    })
}

fn of_table(name: &str, entry: &TableEntry) -> Option<Value> {
    Some(match name {
        "dead_tuples" => count(entry.dead),
        "mod_since_analyze" => count(entry.changed),
        "ins_since_vacuum" => count(entry.inserted),
        "vacuum_count" => count(entry.vacuums),
        "analyze_count" => count(entry.analyses),
        "last_vacuum_time" => time(entry.vacuumed),
        "last_analyze_time" => time(entry.analyzed),
        "live_tuples" => count(entry.live.unwrap_or(0)),
        // Nothing is looked after by itself.
        "autovacuum_count" | "autoanalyze_count" => Value::Int64(0),
        "last_autovacuum_time" | "last_autoanalyze_time" => Value::Null,
        name => return of_counts(name, &entry.counts),
    })
}
