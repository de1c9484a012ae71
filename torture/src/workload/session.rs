//! What the clients of one life share: the open database, the model, the first failure.

use super::mix::Mix;
use super::work::Workload;
use crate::model::{Expected, Fate, Model};
use crate::oracle::Trouble;
use crate::oracle::copies::KeptBackup;
use crate::oracle::isolation::Chronicle;
use crate::promise::{Failure, Promise};
use crate::stage::{Shared, Stage};
use crate::subject::{Canceller, Database, Refusal, RefusalKind, Shape, Subject};
use faults::Chance;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Why a client stops what it is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// The transaction is over; the next one may begin.
    Transaction,
    /// The client is over: a promise is broken, or the store takes no more writes.
    Client,
}

/// How many transactions are tried in a life.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Transactions {
    /// So many by each client.
    Each(u32),
    /// As many as it takes until so many commits have been acknowledged, whoever made them.
    UntilAcknowledged(usize),
}

impl Transactions {
    /// What each client tries at most.
    pub fn of_each(self) -> u32 {
        match self {
            Transactions::Each(count) => count,
            Transactions::UntilAcknowledged(_) => TRIED_AT_MOST,
        }
    }
}

/// A client gives up after so many transactions, should nothing be acknowledged.
const TRIED_AT_MOST: u32 = 200;

/// How much a life does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Intensity {
    /// Transactions.
    pub transactions: Transactions,
    /// How often, in a million acknowledgements, the synced bytes alone are recovered from.
    pub accounting: u32,
}

/// What outlives the tasks of a life.
pub struct State {
    /// The reference model.
    pub model: Model,
    /// What the list-append transactions did.
    pub chronicle: Chronicle,
    /// What ends the waits of each client's latest transaction.
    pub cancellers: BTreeMap<u8, Canceller>,
    /// The first broken promise.
    pub failure: Option<Failure>,
    /// The store of this life takes no more writes.
    pub halted: bool,
    /// A fault has destroyed what nobody can do without.
    pub lost: bool,
    /// The last serial of each client.
    serials: Vec<u32>,
    /// The ids of transactions that were acknowledged.
    ids: BTreeSet<u64>,
    /// Transactions that the engine refused.
    pub refused: u64,
    /// Recoveries from synced bytes only.
    pub accountings: u64,
    /// Backups that must be there whatever happens.
    pub kept: Vec<KeptBackup>,
    /// Number of this life, for names that must be fresh.
    pub life: u32,
}

impl State {
    /// Before the first life.
    pub fn new(durable: bool) -> State {
        State::with_model(Model::new(durable))
    }

    /// With a model that knows something already.
    pub fn with_model(model: Model) -> State {
        State {
            model,
            chronicle: Chronicle::default(),
            cancellers: BTreeMap::new(),
            failure: None,
            halted: false,
            lost: false,
            serials: Vec::new(),
            ids: BTreeSet::new(),
            refused: 0,
            accountings: 0,
            kept: Vec::new(),
            life: 0,
        }
    }

    /// A full comparison found `expected`: it is certain from now on.
    ///
    /// # Errors
    /// As [`Model::settle`].
    pub fn settle(&mut self, expected: Expected) -> Result<(), Failure> {
        let durable = self.model.is_durable();
        self.chronicle.settle(self.model.attempts(), &expected.included, durable);
        self.model.settle(expected)
    }

    /// A transaction with this id was acknowledged. Without durability a crash takes ids back with their commits.
    ///
    /// # Errors
    /// When another one had it before.
    pub fn identified(&mut self, id: u64) -> Result<(), Failure> {
        if !self.model.is_durable() || self.ids.insert(id) {
            return Ok(());
        }
        let detail = format!("id {id} was given to a second transaction");
        Err(Failure::new(Promise::IdsNeverRepeat, detail))
    }

    /// The next serial of a client; never used twice in a run.
    pub fn next_serial(&mut self, client: u8) -> u32 {
        let client = usize::from(client);
        if self.serials.len() <= client {
            self.serials.resize(client + 1, 0);
        }
        self.serials[client] += 1;
        self.serials[client]
    }
}

/// What the clients of one life share.
pub struct Session {
    /// The world.
    pub stage: Arc<dyn Stage>,
    /// The engine, to open copies of the database with.
    pub subject: Arc<dyn Subject>,
    /// The open database.
    pub database: Arc<dyn Database>,
    /// Its settings.
    pub shape: Shape,
    /// Where it is.
    pub path: PathBuf,
    /// What outlives this life.
    pub state: Arc<Shared<State>>,
    /// How much is done.
    pub intensity: Intensity,
    /// How often each sort of transaction comes, and each sort of operation.
    pub mix: Arc<Mix>,
    /// What the clients do.
    pub workload: Arc<dyn Workload>,
}

/// What a judge needs who opens copies of the database, whether anybody has it open or not.
pub struct Scene<'a> {
    /// The world.
    pub stage: &'a dyn Stage,
    /// The engine.
    pub subject: &'a dyn Subject,
    /// Its settings.
    pub shape: &'a Shape,
    /// Where the database is.
    pub path: &'a Path,
    /// What outlives a life.
    pub state: &'a Shared<State>,
    /// What the clients do.
    pub workload: &'a dyn Workload,
}

impl Session {
    /// What of it a judge needs who opens copies.
    pub fn scene(&self) -> Scene<'_> {
        Scene {
            stage: &*self.stage,
            subject: &*self.subject,
            shape: &self.shape,
            path: &self.path,
            state: &self.state,
            workload: &*self.workload,
        }
    }

    /// Makes a choice.
    pub fn choose(&self, task: &str, label: &'static env::Label, options: u32) -> u32 {
        self.stage.choose(task, label, options, Chance::Even)
    }

    /// A promise is broken; the first one counts.
    pub fn broken(&self, failure: Failure) -> Ended {
        let step = self.stage.step();
        self.state.with(|state| {
            state.halted = true;
            let life = state.life;
            state.failure.get_or_insert(Failure { step, life, ..failure });
        });
        Ended::Client
    }

    /// A sequence has handed out a value again: the engine's fault, unless an injected fault has destroyed what it knew.
    pub fn repeated(&self, failure: Failure) -> Ended {
        if !self.stage.explains_repeated_value() {
            return self.broken(failure);
        }
        self.lost();
        Ended::Client
    }

    /// A fault has destroyed what nobody can do without.
    pub fn lost(&self) {
        self.state.with(|state| {
            state.halted = true;
            state.lost = true;
        });
    }

    /// The engine refused a call of `task`: legal if another transaction or an injected fault explains it.
    pub fn refused(&self, task: &str, refusal: &Refusal) -> Ended {
        self.state.with(|state| state.refused += 1);
        match refusal.kind {
            RefusalKind::Conflict | RefusalKind::Cancelled | RefusalKind::Missing => Ended::Transaction,
            RefusalKind::OutOfSpace | RefusalKind::Io | RefusalKind::Corrupt | RefusalKind::InUse => {
                if self.stage.explains(refusal, task) {
                    return Ended::Transaction;
                }
                self.broken(Failure::new(Promise::NoFalseAlarm, refusal.text.clone()))
            }
            RefusalKind::ReadOnly => {
                if !self.stage.explains(refusal, task) {
                    return self.broken(Failure::new(Promise::NoFalseAlarm, refusal.text.clone()));
                }
                // Whoever only reads goes on, and must not be told what contradicts the commits that are unknown.
                Ended::Transaction
            }
            RefusalKind::Other => self.broken(Failure::new(Promise::NoFalseAlarm, refusal.text.clone())),
        }
    }

    /// A judge did not approve.
    pub fn trouble(&self, task: &str, trouble: Trouble) -> Ended {
        match trouble {
            Trouble::Broken(failure) => self.broken(failure),
            Trouble::Refused(refusal) => self.refused(task, &refusal),
            Trouble::Lost => {
                self.lost();
                Ended::Client
            }
        }
    }

    /// Whether clients go on.
    pub fn goes_on(&self) -> bool {
        self.state.with(|state| !state.halted)
    }

    /// Whether this life's clients have done what they shall.
    pub fn has_enough(&self) -> bool {
        match self.intensity.transactions {
            Transactions::Each(_) => false,
            Transactions::UntilAcknowledged(commits) => {
                self.state.with(|state| state.model.acknowledged_since() >= commits)
            }
        }
    }

    /// The fate that a refusal of a commit means, after the books have heard of it.
    pub fn unknown(&self, task: &str, refusal: &Refusal) -> (Fate, Ended) {
        self.stage.outcome_unknown(task);
        if !self.stage.explains(refusal, task) {
            return (Fate::Unknown, self.broken(Failure::new(Promise::NoFalseAlarm, refusal.text.clone())));
        }
        (Fate::Unknown, Ended::Client)
    }
}
