//! Snapshots that sessions share: `pg_export_snapshot` and `SET TRANSACTION SNAPSHOT`, by which several connections of one
//! `pg_dump` see the same rows.
//!
//! Invariants
//!
//! 1. What is exported is kept as long as the transaction that exported it goes on, with what it keeps from being reused; its
//!    name alone keeps nothing.
//! 2. A transaction that takes one over has begun in the store with it, before it has read anything.

use crate::engine::Engine;
use crate::error::SessionError;
use crate::labels::EXPORTED_LOCK;
use crate::services::Services;
use crate::session::Session;
use diagnostic::{Diagnostic, SqlState};
use env::sync::Mutex;
use functions::{FunctionError, FunctionResult, SessionFunction};
use std::collections::BTreeMap;
use std::sync::{Arc, Weak};
use store::View;
use types::Value;

/// Why a snapshot cannot be shared.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SnapshotError {
    /// In a subtransaction.
    #[error("cannot export a snapshot from a subtransaction")]
    Subtransaction,
    /// Something has been read.
    #[error("SET TRANSACTION SNAPSHOT must be called before any query")]
    AfterQuery,
    /// At READ COMMITTED.
    #[error("a snapshot-importing transaction must have isolation level SERIALIZABLE or REPEATABLE READ")]
    Level,
    /// There is none of that name.
    #[error("invalid snapshot identifier: \"{name}\"")]
    Name {
        /// The name.
        name: String,
    },
    /// It is of another database.
    #[error("cannot import a snapshot from a different database")]
    Database,
}

impl Diagnostic for SnapshotError {
    fn sqlstate(&self) -> SqlState {
        match self {
            SnapshotError::Subtransaction | SnapshotError::AfterQuery => SqlState::ActiveSqlTransaction,
            SnapshotError::Name { .. } => SqlState::InvalidParameterValue,
            SnapshotError::Level | SnapshotError::Database => SqlState::FeatureNotSupported,
        }
    }
}

/// A snapshot that others may take over.
pub(crate) struct Exported(View);

impl std::fmt::Debug for Exported {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Exported").field(&self.0.commit()).finish()
    }
}

/// Those of all sessions.
pub(crate) struct Exports(Mutex<Names>);

#[derive(Default)]
struct Names {
    by_name: BTreeMap<String, Weak<Exported>>,
    /// How many transactions have exported one.
    transactions: u32,
}

impl Default for Exports {
    fn default() -> Exports {
        Exports(Mutex::new(&EXPORTED_LOCK, Names::default()))
    }
}

impl Exports {
    fn find(&self, name: &str) -> Option<Arc<Exported>> {
        self.0.lock().by_name.get(name)?.upgrade()
    }
}

/// What a transaction has exported.
#[derive(Debug, Default)]
pub(crate) struct OwnExports {
    /// The transaction's number among those that have.
    transaction: u32,
    exported: Vec<Arc<Exported>>,
}

impl OwnExports {
    fn add(&mut self, engine: &Engine, session: u64, view: View) -> String {
        let exported = Arc::new(Exported(view));
        let mut names = engine.exports.0.lock();
        if self.exported.is_empty() {
            // Once a transaction: it may export many.
            names.by_name.retain(|_, exported| exported.strong_count() > 0);
            names.transactions = names.transactions.wrapping_add(1);
            self.transaction = names.transactions;
        }
        let (transaction, number) = (self.transaction, self.exported.len() + 1);
        let name = format!("{session:08X}-{transaction:08X}-{number}");
        names.by_name.insert(name.clone(), Arc::downgrade(&exported));
        self.exported.push(exported);
        name
    }
}

impl Services<'_> {
    /// The answer, if the function is one of these.
    pub(crate) fn of_snapshots(&mut self, function: SessionFunction) -> FunctionResult<Option<Value>> {
        if function != SessionFunction::ExportSnapshot {
            return Ok(None);
        }
        if self.live.tally.borrow().level() > 0 {
            let error = SnapshotError::Subtransaction;
            return Err(FunctionError::plain(error.sqlstate(), error.to_string()));
        }
        let Some(view) = self.view.clone() else { return Ok(None) };
        let name = self.kept.exports.add(self.engine, self.store.id().0, view);
        Ok(Some(Value::text(&name)))
    }
}

impl Session {
    /// `SET TRANSACTION SNAPSHOT`
    ///
    /// # Errors
    /// PostgreSQL's. At SERIALIZABLE the store has no transactions of this kind.
    pub(crate) fn take_over_snapshot(&mut self, name: &str) -> Result<(), SessionError> {
        self.block.may_take_snapshot()?;
        let invalid = || SnapshotError::Name { name: name.to_owned() };
        let exported = self.engine.exports.find(name).ok_or_else(invalid)?;
        if exported.0.database() != self.database {
            return Err(SnapshotError::Database.into());
        }
        let wait = self.wait();
        self.block.begin_on(&self.store, wait, &exported.0)
    }
}
