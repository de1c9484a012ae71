//! What a run is made of besides faults: what its clients do, and what must be found of it.
//!
//! The runner, its lives and its judges know workloads by this face only. The key-value transactions of this crate stand
//! behind it ([`super::KeyValue`]), and the statements of a language built on the engine, which bring a model of their own.

use super::script::Line;
use super::session::{Ended, Session, State};
use crate::model::{ModelCounts, Standard};
use crate::oracle::Trouble;
use crate::profile::Profile;
use crate::promise::Failure;
use crate::stage::Shared;
use crate::subject::{Database, Subject};
use std::sync::Arc;

/// What a comparison of everything went through.
pub struct Compared {
    /// Rows.
    pub rows: u64,
    /// Levels of pages of the shallower of the trees of rows, where they are counted.
    pub levels: u32,
    /// Makes what was found certain; answers how many commits had been acknowledged since the last time.
    pub settle: Settle,
}

/// See [`Compared::settle`].
pub type Settle = Box<dyn FnOnce(&Shared<State>) -> Result<usize, Failure>>;

/// A workload with its model, as it lives through one run.
pub trait Workload: Send + Sync {
    /// Holds all that an open database holds against the model. It is the run's own database, or one that was recovered from
    /// a copy of its files.
    ///
    /// # Errors
    /// The first difference, or what kept something from being read.
    fn compare(
        &self,
        state: &Shared<State>,
        database: &dyn Database,
        standard: Standard<'_>,
    ) -> Result<Compared, Trouble>;

    /// Whether what the clients need is certainly there.
    fn is_set_up(&self, session: &Session) -> bool;

    /// Makes what the clients need.
    ///
    /// # Errors
    /// When the engine refused.
    fn set_up(&self, session: &Session, task: &str) -> Result<(), Ended>;

    /// Begins what stands between the clients of a life and the database, if anything does.
    ///
    /// # Errors
    /// When it was refused.
    fn serve(&self, _: &Session) -> Result<Option<Box<dyn Service>>, Ended> {
        Ok(None)
    }

    /// Runs so many transactions of one of `count` clients.
    fn run_client(&self, session: &Session, number: u8, count: u8, transactions: u32);

    /// Does what a story says of one client.
    fn run_script(&self, session: &Session, name: &str, number: u8, lines: &[Line]);

    /// All tasks of a life are gone: what was under way is unknown from now on.
    fn tasks_are_gone(&self, state: &mut State);

    /// How many groups of the log at least are gone, once acknowledged commits were found missing.
    fn groups_missing(&self, state: &State) -> u64;

    /// What was counted.
    fn counts(&self, state: &State) -> ModelCounts;

    /// What each client of each life did, as the lines of a story, where there are words for it.
    fn told(&self) -> Vec<Vec<(String, Vec<String>)>> {
        Vec::new()
    }
}

/// What stands between the clients of a life and the database.
pub trait Service {
    /// All clients have gone: it ends.
    ///
    /// # Errors
    /// When it does not.
    fn stop(self: Box<Self>) -> Result<(), Failure>;
}

/// A language on top of an engine, whose statements are tortured as well.
pub trait Language: Send + Sync {
    /// The engine with the language on it.
    fn subject(&self) -> Arc<dyn Subject>;

    /// The workload of one run of a profile that has a language.
    fn workload(&self, profile: Profile) -> Arc<dyn Workload>;

    /// Bytes of stack that a client needs.
    fn stack_bytes(&self) -> usize;
}
