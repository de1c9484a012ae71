//! The engine with SQL on it, behind the face that is tortured.

use crate::server::{Transfers, marks};
use crate::workload::Statements;
use env::{Env, Label};
use session::Session;
use std::any::Any;
use std::path::Path;
use std::sync::Arc;
use torture::engine::{Engine, open, refusal};
use torture::profile::Profile;
use torture::subject::{
    BranchId, Database, Evidence, Finding, Opening, Outcome, Refusal, RefusalKind, Shape, Start, Subject,
    Transaction,
};
use torture::workload::{Language, Workload};

/// Bytes of stack of a simulated task that runs statements.
const STACK_BYTES: usize = 8 << 20;

/// The engine as the runner takes it, with its language: key-value transactions run on the bare one.
pub struct SqlEngine;

impl SqlEngine {
    /// The engine, as the runner takes it.
    pub fn subject() -> Arc<dyn Subject> {
        Arc::new(SqlEngine)
    }
}

impl Subject for SqlEngine {
    fn open(
        &self,
        env: Arc<dyn Env>,
        path: &Path,
        shape: &Shape,
        opening: Opening,
    ) -> Result<Arc<dyn Database>, Refusal> {
        Engine.open(env, path, shape, opening)
    }

    fn labels(&self) -> Vec<&'static Label> {
        let mut labels = Engine.labels();
        labels.extend(marks::ALL);
        labels
    }

    fn spare_roots(&self, file: &[u8]) -> Vec<std::ops::Range<u64>> {
        Engine.spare_roots(file)
    }

    fn language(&self) -> Option<Arc<dyn Language>> {
        Some(Arc::new(Sql))
    }

    fn bears_broken_off_tasks(&self) -> bool {
        Engine.bears_broken_off_tasks()
    }
}

/// SQL.
struct Sql;

impl Language for Sql {
    fn subject(&self) -> Arc<dyn Subject> {
        Arc::new(WithSql)
    }

    fn workload(&self, profile: Profile) -> Arc<dyn Workload> {
        match profile {
            Profile::Server => Arc::new(Transfers::new()),
            Profile::Sql | Profile::Faults(_) | Profile::Accounting | Profile::Restless | Profile::Cycles => {
                Arc::new(Statements::new())
            }
        }
    }

    fn stack_bytes(&self) -> usize {
        STACK_BYTES
    }
}

/// The engine whose open databases have SQL on them.
struct WithSql;

impl Subject for WithSql {
    fn open(
        &self,
        env: Arc<dyn Env>,
        path: &Path,
        shape: &Shape,
        opening: Opening,
    ) -> Result<Arc<dyn Database>, Refusal> {
        let (store, inner) = open(env.clone(), path, shape, opening)?;
        let engine = session::Engine::new(env, store).map_err(|error| of_session(&error))?;
        Ok(Arc::new(SqlDatabase { inner, engine }))
    }

    fn labels(&self) -> Vec<&'static Label> {
        Engine.labels()
    }

    fn spare_roots(&self, file: &[u8]) -> Vec<std::ops::Range<u64>> {
        Engine.spare_roots(file)
    }
}

fn of_session(error: &session::SessionError) -> Refusal {
    match error.store_failure() {
        Some(failure) => refusal(failure.error()),
        None => Refusal { kind: RefusalKind::Other, text: error.to_string(), evidence: Evidence::None },
    }
}

/// An open database with SQL on it.
pub struct SqlDatabase {
    inner: Arc<dyn Database>,
    engine: session::Engine,
}

impl SqlDatabase {
    /// What is behind the face of a database that was opened with SQL on it.
    pub fn of(database: &dyn Database) -> Option<&SqlDatabase> {
        (database as &dyn Any).downcast_ref()
    }

    /// A new session.
    ///
    /// # Errors
    /// When the catalog cannot be read.
    pub fn session(&self) -> Result<Session, Refusal> {
        Session::new(&self.engine).map_err(|error| of_session(&error))
    }

    /// The engine, for a server on it.
    pub fn engine(&self) -> &session::Engine {
        &self.engine
    }

    /// The store below.
    pub fn store(&self) -> &store::Store {
        self.engine.store()
    }
}

impl Database for SqlDatabase {
    fn begin(&self, start: &Start) -> Result<Box<dyn Transaction>, Refusal> {
        self.inner.begin(start)
    }

    fn branches(&self) -> Result<Vec<BranchId>, Refusal> {
        self.inner.branches()
    }

    fn branch(&self, from: BranchId) -> Outcome<BranchId> {
        self.inner.branch(from)
    }

    fn drop_branch(&self, branch: BranchId) -> Outcome<()> {
        self.inner.drop_branch(branch)
    }

    fn create_sequence(&self) -> Result<u64, Refusal> {
        self.inner.create_sequence()
    }

    fn next_value(&self, sequence: u64) -> Result<i64, Refusal> {
        self.inner.next_value(sequence)
    }

    fn writable(&self) -> Result<(), Refusal> {
        self.inner.writable()
    }

    fn set_cache_bytes(&self, bytes: usize) {
        self.inner.set_cache_bytes(bytes);
    }

    fn checkpoint(&self) -> Result<(), Refusal> {
        self.inner.checkpoint()
    }

    fn check(&self) -> Result<Vec<Finding>, Refusal> {
        self.inner.check()
    }

    fn vacuum(&self) -> Result<(), Refusal> {
        self.inner.vacuum()
    }

    fn backup(&self, to: &Path) -> Result<Option<u64>, Refusal> {
        self.inner.backup(to)
    }

    fn close(&self) -> Result<(), Refusal> {
        self.inner.close()
    }
}
